"""Learn: the course's map, how far the learner is, and from each lesson the way to the page that shows it at work."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import figure, guarded, link_to, nothing_yet, page_head

if TYPE_CHECKING:
    from course.syllabus import Entry

LESSON = "lesson"
"""Query parameter: the number of the lesson to open."""

LEVELS = {
    0: ("Level 0, by hand", "From a CSV and 80 of 100 right to an answer one can argue for."),
    1: (
        "Level 1, continuous training",
        "The same code runs, checks and promotes by itself; people stay in charge.",
    ),
    2: ("Level 2, CI/CD for models", "A push ships. These lessons come with the code they teach."),
}
SHOWN_ON = {
    "03": ("ladder", "The ladder"),
    "05": ("home", "Home"),
    "06": ("fairness", "Fairness"),
    "07": ("portfolio", "Portfolio"),
    "09": ("your-data", "Your data"),
    "13": ("health", "Health"),
    "14": ("health", "Health"),
    "15": ("health", "Health"),
    "16": ("review", "Review"),
}
"""Lessons whose subject can be seen at work on a page of this app."""

FOLDER = "course"  # of the workspace, where a learner's answers are kept


def show() -> None:
    """Show the page."""
    page_head(
        "Learn",
        "The course teaches what this app does on the code that runs it: where you are, and what comes next.",
        lesson="00",
        code="course/README.md",
    )
    if not _course_is_there():
        nothing_yet(
            "The course is not installed.",
            remedy="It comes with the project's sources: in a clone of the repository, install it with",
            command="pip install -c constraints.txt -e '.[course]'",
        )
        return
    with guarded():
        _show_course()


def _course_is_there() -> bool:
    try:
        return find_spec("course.syllabus") is not None
    except ModuleNotFoundError:
        return False


def _show_course() -> None:
    from course.syllabus import read_syllabus

    entries = read_syllabus(settings().workspace / FOLDER)
    asked = st.query_params.get(LESSON)
    chosen = None if asked is None else next((one for one in entries if one.number == asked.strip().zfill(2)), None)
    if asked is not None and chosen is None:
        numbers = ", ".join(entry.number for entry in entries)
        st.warning(plain(f"There is no lesson {asked[:20]!r}; there are {numbers}."), icon=":material/search_off:")
    if chosen is not None:
        with st.container(border=True):
            st.subheader(plain(f"{chosen.number} · {chosen.title}"), anchor=False)
            _show_lesson(chosen)
    else:
        _show_next(entries)
    for level, (title, about) in LEVELS.items():
        own = [entry for entry in entries if entry.level == level]
        if own:
            st.subheader(title, anchor=False)
            st.markdown(about)
        for entry in own:
            label = f"{plain(f'{entry.number} · {entry.title}')} · {entry.minutes} min · {plain(entry.words)}"
            with st.expander(label, icon=_sign(entry)):
                _show_lesson(entry)


def _show_next(entries: "list[Entry]") -> None:
    """Say how far the learner is, and which lesson comes next."""
    there = [entry for entry in entries if entry.standing is not None]
    done = [entry for entry in there if entry.words == "done"]
    hours, gone = (sum(entry.minutes for entry in some) / 60 for some in (there, done))
    left, right = st.columns([1, 2])
    with left:
        figure("Your way", f"{len(done)} of {len(there)}", unit="lessons", note=f"{gone:.0f} of {hours:.0f} hours")
    todo = [entry for entry in there if entry not in done]
    with right, st.container(border=True):
        if not todo:
            st.markdown("**All lessons that are there are done.** The capstone is yours: bring your own utility.")
            return
        entry = todo[0]
        begun = "Go on with" if entry.standing is not None and entry.standing.tries else "Next"
        st.markdown(f"**{begun}: {plain(f'{entry.number} · {entry.title}')}**, {entry.minutes} minutes")
        st.code(f"heating course open {entry.number}", language=None)


def _show_lesson(entry: "Entry") -> None:
    st.markdown(f"{entry.minutes} minutes · {plain(entry.words)}")
    if entry.objectives:
        st.markdown("You will be able to\n" + "\n".join(f"- {one}" for one in entry.objectives))
    if entry.is_planned:
        st.caption("Planned: it comes with the code it teaches.")
        return
    if entry.teaches:
        files = [f"`{module.replace('.', '/')}.py`" for module in entry.teaches]
        st.markdown(f"Teaches {', '.join(files)}")
    st.code(f"heating course open {entry.number}", language=None)
    if entry.number in SHOWN_ON:
        page, title = SHOWN_ON[entry.number]
        link_to(page, f"See it at work: {title}")


def _sign(entry: "Entry") -> str:
    if entry.is_planned:
        return ":material/schedule:"
    if entry.words == "done":
        return ":material/check_circle:"
    return ":material/pending:" if entry.standing is not None and entry.standing.tries else ":material/circle:"
