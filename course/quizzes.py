"""A quiz question: its options, each with what is to be said about it, and which one is right."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from course.lesson import Cell, Lesson, LessonError

_LEAST_OPTIONS = 2


@dataclass(frozen=True)
class Quiz:
    """One question.

    Attributes
    ----------
    question : str
    options : mapping
        Option → what is said to whoever chooses it.
    right : str
        The right option.
    """

    question: str
    options: Mapping[str, str]
    right: str

    def html(self) -> str:
        """Give the question as HTML that needs nothing else: each option opens and says why."""
        told = [f"<p><strong>{inline(self.question)}</strong></p>"]
        for option, why in self.options.items():
            sign = "✔ " if option == self.right else "✘ "
            told.append(f"<details><summary>{inline(option)}</summary>\n<p>{escape(sign)}{inline(why)}</p></details>")
        return "\n".join(told)

    def _repr_html_(self) -> str:
        return self.html()


def quiz_cells(lesson: Lesson) -> list[Cell]:
    """List the cells that ask a question."""
    return [cell for cell in lesson.cells if cell.kind == "quiz"]


def quiz_of(lesson: Lesson, number: int, namespace: Mapping[str, Any]) -> Quiz:
    """Run a quiz cell over a copy of the names at hand; questions are counted from 1.

    Raises
    ------
    LessonError
        If the lesson has fewer questions, or the cell does not call ``quiz`` once with a right option.
    """
    cells = quiz_cells(lesson)
    if not 1 <= number <= len(cells):
        raise LessonError(f"lesson {lesson.number} has {len(cells)} quiz questions; there is no number {number}")
    cell = cells[number - 1]
    made: list[Quiz] = []

    def quiz(question: str, options: Mapping[str, str], *, right: str | int) -> None:
        made.append(_quiz(lesson, cell, question, options, right))

    code = compile("\n" * (cell.line - 1) + cell.text, str(lesson.path), "exec")
    exec(code, {**namespace, "quiz": quiz})  # noqa: S102 - a cell of the course's own source
    if len(made) != 1:
        raise LessonError(
            f"{lesson.path.name}:{cell.line}: the cell calls quiz {len(made)} times; it must call it once"
        )
    return made[0]


def plain_quiz(lesson: Lesson, number: int) -> Quiz | None:
    """Give a question whose text and options are written out; nothing if some are computed."""
    cell = quiz_cells(lesson)[number - 1]
    tree = ast.parse(cell.text)
    is_computed = any(isinstance(node, (ast.JoinedStr, ast.Subscript, ast.Attribute)) for node in ast.walk(tree))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return None if is_computed or names != {"quiz"} else quiz_of(lesson, number, {})


def _quiz(lesson: Lesson, cell: Cell, question: str, options: Mapping[str, str], right: str | int) -> Quiz:
    where = f"{lesson.path.name}:{cell.line}"
    if len(options) < _LEAST_OPTIONS:
        raise LessonError(f"{where}: a question needs two options or more")
    if isinstance(right, int):
        if not 0 <= right < len(options):
            raise LessonError(f"{where}: right is {right}, and the options are counted from 0 to {len(options) - 1}")
        right = list(options)[right]
    if right not in options:
        raise LessonError(f"{where}: right is {right!r}, which is none of the options")
    return Quiz(
        question, {option: options[option] for option in sorted(options, key=partial(_place_of, question))}, right
    )


def _place_of(question: str, option: str) -> str:
    """Give what options are put in order by: the same each time, and whoever wrote them has no say in it."""
    return sha256(f"{question}\n{option}".encode()).hexdigest()


def inline(text: str) -> str:
    """Turn a line of Markdown into HTML."""
    return str(MarkdownIt().renderInline(text))
