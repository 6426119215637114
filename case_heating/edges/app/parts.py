"""Pieces that every page is made of: its head, a figure with its unit, what to show when there is nothing to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from case_heating.edges.app.charts import plain
from case_heating.errors import HeatingError, NothingMadeError

__all__ = ["figure", "guarded", "link_to", "nothing_yet", "page_head", "plain"]


def page_head(title: str, what_for: str, *, lesson: str, code: str) -> None:
    """Open a page: its title, what it is for in a sentence, and where to learn how it is done.

    Parameters
    ----------
    title, what_for : str
        Plain words.
    lesson : str
        Number of the lesson that teaches it, such as ``03``.
    code : str
        The module that does it, such as ``case_heating/model/ladder.py``.
    """
    st.title(title, anchor=False)
    st.markdown(plain(what_for))
    with st.expander("How does this work?", icon=":material/school:"):
        st.markdown(f"Taught in lesson {lesson} of the course; done in `{code}`.")
        link_to("learn", f"Lesson {lesson} on the course's map", lesson=lesson)


def link_to(page: str, label: str, **query: str) -> None:
    """Lead to another page, named by its path: ``home``, ``portfolio``, ``your-data`` …, with query parameters."""
    pages = st.session_state.get("pages", {})
    if page in pages:
        st.page_link(pages[page], label=label, query_params=query or None)
    else:  # a page that is run alone, in a test
        st.caption(f"{plain(label)} ({page})")


def nothing_yet(what: str, *, remedy: str, command: str | None = None) -> None:
    """Say that there is nothing to show, what to do, and the command that does it."""
    st.info(f"**{plain(what)}** {plain(remedy)}", icon=":material/inbox:")
    if command is not None:
        st.code(command, language=None)  # the colours of a shell are too pale to read


@contextmanager
def guarded() -> Iterator[None]:
    """Show what a person can mend in words, with its remedy; the rest of the page goes on."""
    try:
        yield
    except NothingMadeError as error:
        nothing_yet("Nothing has been made yet.", remedy=f"{_sentence(error)}.", command="heating run")
    except HeatingError as error:
        st.error(plain(f"{_sentence(error)}."), icon=":material/error:")


def figure(
    label: str,
    value: str,
    *,
    unit: str = "",
    note: str = "",
    about: str | None = None,
    height: Literal["stretch", "content"] = "stretch",
) -> None:
    """Show one number with its unit and a few words under it; ``about`` is told to who points at it.

    Figures side by side are equally tall; ``height="content"`` is for one beside something tall.
    """
    with st.container(border=True, height=height):
        st.metric(label, f"{value} {unit}".strip(), help=about)
        if note:
            st.caption(plain(note))


def _sentence(error: Exception) -> str:
    said = str(error).rstrip(".")
    return said[:1].upper() + said[1:]
