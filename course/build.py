"""Build the course: `python -m course.build` makes the learners' notebooks.

`--check` says which of them are stale, `--run 02` runs a lesson in full (unsolved, each foreseen mistake, solved),
`--figures 02` measures its figures of real homes and keeps them, `--execute` writes the solved notebooks with what they
show into a folder, `--book` makes the book of them, `--prose` says which words nobody knows and which links are dead.
Without numbers all lessons are meant. Exit code 0: well; 1: something is wrong, in words.
"""

import argparse
import sys
from pathlib import Path

from case_heating.errors import HeatingError
from case_heating.kept import EMBEDDED
from case_heating.workspace import write_text
from course.desk import open_utility, real_files
from course.figures import keep_figures, read_figures, stale_figures
from course.lesson import Lesson, find_lesson, lesson_paths, read_lesson
from course.notebooks import NOTEBOOKS, learners_notebook, notebook_path
from course.place import course_folder
from course.prose import prose_faults
from course.run import LessonRun, run_lesson
from course.solved import SOLVED, is_solved, keep_solved
from course.syllabus import read_syllabus

_SLOWEST = 3


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask for and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m course.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which notebooks are stale")
    parser.add_argument("--run", action="store_true", help="run the lessons")
    parser.add_argument("--figures", action="store_true", help="run them on real homes too and keep their figures")
    parser.add_argument("--execute", action="store_true", help="run them and write the solved notebooks")
    parser.add_argument(
        "--book", action="store_true", help="make the book of the solved notebooks, running what is due"
    )
    parser.add_argument("--prose", action="store_true", help="say which words nobody knows and which links are dead")
    parser.add_argument("--folder", type=Path, default=SOLVED, help="where solved notebooks go (build/course)")
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="lessons, such as 02; all if none is given")
    asked = parser.parse_args(arguments)
    try:
        lessons = [find_lesson(number) for number in asked.numbers] or [read_lesson(path) for path in lesson_paths()]
        if asked.run or asked.figures or asked.execute:
            found = [
                _run(lesson, keep=asked.figures, folder=asked.folder if asked.execute else None) for lesson in lessons
            ]
            return int(any(found))
        if asked.book:
            return _make_book(lessons, asked.folder)
        if asked.prose:
            faults = [fault for lesson in lessons for fault in prose_faults(lesson)]
            print("\n".join(faults) or f"the prose of {len(lessons)} lessons is sound")
            return int(bool(faults))
        stale = stale_notebooks(lessons)
        if asked.check:
            print("\n".join(stale) or f"{len(lessons)} notebooks are current")
            return int(bool(stale))
        make_notebooks(lessons)
        print(f"{len(lessons)} notebooks: {len(stale)} made, the others were current")
        return 0
    except HeatingError as error:
        print(error, file=sys.stderr)
        return 1


def make_notebooks(lessons: list[Lesson], folder: Path = NOTEBOOKS) -> None:
    """Write the learners' notebooks of lessons."""
    figures = read_figures()
    for lesson in lessons:
        path = notebook_path(lesson, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, learners_notebook(lesson, figures.get(lesson.number, {})))


def stale_notebooks(lessons: list[Lesson], folder: Path = NOTEBOOKS) -> list[str]:
    """Say which notebooks are not what their lesson's source makes, and which have no source any more."""
    figures = read_figures()
    faults = []
    for lesson in lessons:
        path = notebook_path(lesson, folder)
        made = learners_notebook(lesson, figures.get(lesson.number, {}))
        if not path.exists() or path.read_text(encoding="utf-8") != made:
            faults.append(f"{path.name} is not what {lesson.path.name} makes; run 'python -m course.build'")
    known = {path.stem for path in lesson_paths()}
    faults += [f"{path.name} has no lesson" for path in sorted(folder.glob("*/*.ipynb")) if path.stem not in known]
    return faults


def _run(lesson: Lesson, *, keep: bool, folder: Path | None) -> list[str]:
    """Run a lesson, say how it went, keep what was asked for, and give its faults."""
    has_real = bool(real_files())
    run = run_lesson(lesson, with_figures=has_real)
    if keep and not run.faults:
        keep_figures(lesson.number, run.figures)
    kept = read_figures().get(lesson.number, {})
    if has_real:
        run.faults += stale_figures(kept, run.figures)
    if folder is not None and not run.faults:
        keep_solved(run, kept, folder)
    print(_in_words(run))
    return run.faults


def _make_book(lessons: list[Lesson], folder: Path) -> int:
    """Make the book of all lessons, after those were run whose solved notebook is not there or out of date."""
    from course.make_book import bind, lay_pages

    figures = read_figures()
    due = [lesson for lesson in lessons if not is_solved(lesson, figures.get(lesson.number, {}), folder)]
    faults = [fault for lesson in due for fault in _run(lesson, keep=False, folder=folder)]
    if faults:
        return 1
    report = open_utility().settings.workspace / "6_report" / EMBEDDED
    pages, book = folder.parent / "pages", folder.parent / "book"
    lay_pages(folder, read_syllabus(course_folder()), report, pages)
    bind(pages, book)
    print(f"the book: {book / 'index.html'}")
    return 0


def _in_words(run: LessonRun) -> str:
    told = [
        f"{run.lesson.number} {run.lesson.title}: {sum(run.seconds.values()):.1f} s of processor time, "
        f"{len(run.lesson.exercises)} exercises, {run.planted} mistakes planted, {len(run.figures)} figures, "
        f"{len(run.faults)} faults"
    ]
    slow = sorted(run.seconds.items(), key=lambda one: -one[1])[:_SLOWEST]
    told.append("  slowest: " + ", ".join(f"line {line} {seconds:.1f} s" for line, seconds in slow))
    return "\n".join([*told, *(f"  {fault}" for fault in run.faults)])


if __name__ == "__main__":
    sys.exit(main())
