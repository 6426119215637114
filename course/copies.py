"""A learner's own copy of a notebook: taken into the workspace, put back to how it was, and marked as it stands."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from case_heating.errors import NothingMadeError, WorkspaceError
from case_heating.workspace import plain_words, write_text
from course.cells import execute
from course.checks import MISSING, NOT_BEGUN, Verdict, exercise_of, is_as_given, judge
from course.lesson import Lesson
from course.notebooks import notebook_path
from course.progress import forget, note_answer

ROOT = Path(__file__).parent.parent

_CHECK = re.compile(r"""check\(["'](?P<lesson>\d\d)["'], ["'](?P<name>\w+)["']\)""")
_UP = "](../../../"  # how a notebook of the course links to the project's files


@dataclass
class Marked:
    """A learner's notebook, run and marked.

    Attributes
    ----------
    verdicts : dict
        What is said about each exercise, in order.
    stopped : list of str
        Cells that stopped with an error, in words.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)

    @property
    def all_right(self) -> bool:
        """Whether every exercise is answered right."""
        return all(verdict.right for verdict in self.verdicts.values())


def copy_path(lesson: Lesson, folder: Path) -> Path:
    """Where a learner's copy lies in the course's folder."""
    return folder / "notebooks" / f"{lesson.path.stem}.ipynb"


def take_copy(lesson: Lesson, folder: Path) -> Path:
    """Give the learner's copy of a notebook, making it if there is none; its links lead to the project's files."""
    copy = copy_path(lesson, folder)
    if not copy.exists():
        with plain_words(folder):
            copy.parent.mkdir(parents=True, exist_ok=True)
            way = _way_to_the_project(copy.parent)
            write_text(copy, notebook_path(lesson).read_text(encoding="utf-8").replace(_UP, f"]({way}/"))
    return copy


def _way_to_the_project(folder: Path) -> str:
    """Name the project's files from a folder: by a link beside the copies, since JupyterLab opens nothing above it."""
    link = folder / "project"
    try:
        if not link.exists():
            link.unlink(missing_ok=True)  # it may have led to a project that was moved
            link.symlink_to(ROOT, target_is_directory=True)
        return link.name
    except OSError:  # Windows lets few people make such links; other notebook programs find the way without
        return Path(os.path.relpath(ROOT, folder.resolve())).as_posix()


def put_back(lesson: Lesson, folder: Path) -> Path | None:
    """Begin a lesson anew: a fresh copy and no answers noted; a former copy is kept beside it, under the name given."""
    copy = copy_path(lesson, folder)
    former = _free_name(copy) if copy.exists() else None
    if former is not None:
        copy.rename(former)
    forget(folder, lesson.number)
    take_copy(lesson, folder)
    return former


def _free_name(copy: Path) -> Path:
    names = (copy.with_name(f"{copy.stem}.former_{number}.ipynb") for number in count(1))
    return next(path for path in names if not path.exists())


def mark_copy(lesson: Lesson, folder: Path) -> Marked:
    """Run a learner's copy from top to bottom, mark every exercise where its check stands, and note the answers.

    An exercise whose cell is as it was given is not begun: it gets no hint, and no answer is noted.

    Raises
    ------
    NothingMadeError
        If there is no copy yet.
    WorkspaceError
        If the file is no notebook.
    """
    copy = copy_path(lesson, folder)
    if not copy.exists():
        raise NothingMadeError(
            f"{copy} is not there yet: 'heating course open {lesson.number}' makes it and starts JupyterLab there"
        )
    marked, names = Marked(), {"__name__": f"copy_of_{lesson.number}"}
    here, codes = Path.cwd(), list(_code_of(copy))
    try:
        os.chdir(copy.parent)  # where a kernel would run it
        for number, code in enumerate(codes, start=1):
            if found := _CHECK.search(code):
                _mark(lesson, found["name"], names, marked)
            elif not code.startswith("quiz("):  # nothing to mark
                _run(code, number, names, marked)
        for name in lesson.exercises:
            if name not in marked.verdicts:  # its check was taken out of the notebook
                _mark(lesson, name, names, marked)
    finally:
        os.chdir(here)
    for name, verdict in marked.verdicts.items():
        if not verdict.right and is_as_given(lesson, name, codes):
            marked.verdicts[name] = NOT_BEGUN
            continue
        note_answer(folder, lesson.number, name, right=verdict.right)
    return marked


def _code_of(copy: Path) -> Iterator[str]:
    try:
        cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{copy} is no notebook ({error}); 'heating course reset' makes a fresh one and keeps this beside it"
        ) from error
    for code in codes:
        yield "\n".join(line for line in code.splitlines() if not line.startswith(("%", "!")))  # a kernel's own words


def _mark(lesson: Lesson, name: str, names: dict[str, Any], marked: Marked) -> None:
    try:
        marked.verdicts[name] = judge(exercise_of(lesson, name, names), names.get(name, MISSING))
    except NameError as error:
        marked.verdicts[name] = Verdict(False, f"It cannot be marked: {error}. A cell above stopped or is gone.")


def _run(code: str, number: int, names: dict[str, Any], marked: Marked) -> None:
    try:
        execute(code, names, file=f"cell {number}")
    except Exception as error:  # noqa: BLE001 - whatever the learner's cell raises is told to the learner
        marked.stopped.append(f"code cell {number} stops with {type(error).__name__}: {error}")
