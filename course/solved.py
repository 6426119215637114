"""Solved notebooks: kept in a folder with the key of all they were made from, so that only what is due is run again."""

import json
from collections.abc import Mapping
from pathlib import Path

from case_heating.workspace import fingerprint, write_text
from course.figures import Figure
from course.lesson import Lesson
from course.notebooks import executed_notebook, notebook_path
from course.run import LessonRun

ROOT = Path(__file__).parent.parent
SOLVED = ROOT / "build" / "course"


def keep_solved(run: LessonRun, figures: Mapping[str, Figure], folder: Path = SOLVED) -> None:
    """Write the solved notebook of a lesson that was run, and what it was made from."""
    path = notebook_path(run.lesson, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, executed_notebook(run, figures))
    write_text(_key_beside(path), json.dumps({"key": solved_key(run.lesson, figures)}))


def is_solved(lesson: Lesson, figures: Mapping[str, Figure], folder: Path = SOLVED) -> bool:
    """Say whether the solved notebook is there and was made from the lesson and the code as they are."""
    path = notebook_path(lesson, folder)
    try:
        made_from = json.loads(_key_beside(path).read_text(encoding="utf-8"))["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return False  # never made, or damaged: either way it is run again
    return path.exists() and bool(made_from == solved_key(lesson, figures))


def solved_key(lesson: Lesson, figures: Mapping[str, Figure]) -> str:
    """Digest of all that decides what a solved notebook shows."""
    code = [path for room in ("case_heating", "course") for path in sorted((ROOT / room).rglob("*.py"))]
    own = [path for path in code if "lessons" not in path.parts]
    return fingerprint(lesson.path, {name: str(figure) for name, figure in figures.items()}, *own)


def _key_beside(path: Path) -> Path:
    return path.with_suffix(".key.json")
