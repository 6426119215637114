"""Notebooks made from a lesson: the learner's, without solutions and outputs, and the executed one of the book."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.cells import Output
from course.checks import Exercise
from course.figures import Figure, fill
from course.lesson import Cell, Lesson, task_and_starter
from course.quizzes import inline, plain_quiz
from course.run import LessonRun

NOTEBOOKS = Path(__file__).parent / "notebooks"

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_OPTION = re.compile(r"(?<=\S)(?: ·)?(?: +|\n)(?=(?:[A-E]:|\*\*[A-E]:?\*\*:?) )")
_SET_UP = "from course.desk import check, quiz  # they mark your answers"


def notebook_path(lesson: Lesson, folder: Path = NOTEBOOKS) -> Path:
    """Where the learner's notebook of a lesson lies."""
    return folder / f"{lesson.place}.ipynb"


def learners_notebook(lesson: Lesson, figures: Mapping[str, Figure]) -> str:
    """Make the notebook a learner works in; the same lesson gives the same characters.

    Raises
    ------
    LessonError
        If the prose quotes a figure that was not measured.
    """
    cells: list[dict[str, Any]] = []
    n_exercise = n_quiz = 0
    for cell in lesson.cells:
        if cell.kind in ("markdown", "predict"):
            cells.append(_prose(_said(lesson, cell, figures)))
        elif cell.kind == "code":
            cells.append(_code(cell.text))
        elif cell.kind == "exercise":
            n_exercise += 1
            cells += _exercise(cell, n_exercise)
        elif cell.kind == "check":
            cells.append(_code(f'check("{lesson.number}", "{cell.name}")'))
        elif cell.kind == "quiz":
            n_quiz += 1
            plain = plain_quiz(lesson, n_quiz)
            cells.append(_prose(plain.html()) if plain else _code(f'quiz("{lesson.number}", {n_quiz})'))
    first_code = next((i for i, cell in enumerate(cells) if cell["cell_type"] == "code"), len(cells))
    cells.insert(first_code, _code(_SET_UP))
    return _written(lesson, cells)


def executed_notebook(run: LessonRun, figures: Mapping[str, Figure]) -> str:
    """Make the solved notebook with what its cells showed, each exercise with its solution and the hints it gives."""
    lesson = run.lesson
    cells: list[dict[str, Any]] = []
    n_exercise = n_quiz = 0
    for number, cell in enumerate(lesson.cells):
        if cell.kind in ("markdown", "predict"):
            cells.append(_prose(_said(lesson, cell, figures)))
        elif cell.kind == "code":
            cells.append(_code(cell.text, run.outputs.get(number, [])))
        elif cell.kind == "exercise":
            n_exercise += 1
            cells += _exercise(cell, n_exercise)
        elif cell.kind == "solution":
            cells.append(_code(cell.text, run.outputs.get(number, []), tags=["hide-input"]))
        elif cell.kind == "check":
            cells.append(_prose(_hints(run.exercises[cell.name])))
        elif cell.kind == "quiz":
            n_quiz += 1
            cells.append(_prose(run.quizzes[n_quiz].html()))
    return _written(lesson, cells)


def _exercise(cell: Cell, number: int) -> list[dict[str, Any]]:
    """Give what is asked, as prose where it stands in the cell's own comment, and the code to change."""
    asked, starter = task_and_starter(cell)
    prose = [_prose(f"**Exercise {number}.** {asked}")] if asked else []
    return [*prose, _code(f"# Exercise {number}: {cell.name}\n{starter}")]


def _hints(exercise: Exercise) -> str:
    """Tell what each foreseen mistake is told."""
    told = "".join(f"<li>{inline(hint)}</li>" for hint in exercise.wrong)
    return f"<details><summary>If you got something else</summary>\n<ul>{told}</ul></details>"


def _said(lesson: Lesson, cell: Cell, figures: Mapping[str, Figure]) -> str:
    words = fill(lesson, cell.text, figures, cell.line)
    if cell.kind == "predict":
        words = _OPTION.sub("\\\n", words)  # each option on a line of its own
        return f"**What do you expect?** {words}\n\n*Your guess, before you go on:* …"
    return words


def _prose(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(text: str, outputs: list[Output] | None = None, *, tags: list[str] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": tags} if tags else {},
        "outputs": outputs or [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _written(lesson: Lesson, cells: list[dict[str, Any]]) -> str:
    numbered = [cell | {"id": f"lesson-{lesson.number}-{number:03}"} for number, cell in enumerate(cells)]
    whole = {"cells": numbered, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
