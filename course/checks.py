"""An exercise's check: what is right, which mistakes are foreseen with a hint for each, and what fits any other."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from course.answers import in_figures, is_number, is_sequence, same, same_calls
from course.lesson import Lesson, LessonError, task_and_starter

MISSING = object()
LEAST_FORESEEN = 2
"""Typical wrong answers that every exercise must foresee."""


@dataclass(frozen=True)
class Exercise:
    """What an answer is judged by.

    Attributes
    ----------
    right
        The right answer, computed; a function if one is asked for.
    wrong : mapping
        Hint → the answer that whoever needs this hint gives.
    otherwise : str
        The hint for any other wrong answer.
    within : float
        How far off numbers may be.
    on : sequence
        Examples that functions are compared on: a tuple of arguments, or one argument.
    then : str
        A sentence that follows "Right.": what to take along.
    """

    name: str
    right: Any
    wrong: Mapping[str, Any]
    otherwise: str
    within: float = 0.0
    on: Sequence[Any] = field(default=())
    then: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and what is said about it; never the solution."""

    right: bool
    words: str


NOT_BEGUN = Verdict(False, "Not begun: its cell is as you were given it.")


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Judge an answer: right, or the hint that fits the mistake."""
    if answer is MISSING:
        return Verdict(False, f"There is no `{exercise.name}` yet: run the cell in which you make it.")
    if answer is Ellipsis:
        return Verdict(False, f"`{exercise.name}` is still `...`: put your answer in its place. {exercise.otherwise}")
    if callable(exercise.right):
        return _judge_function(exercise, answer)
    if same(answer, exercise.right, exercise.within):
        value = f": {in_figures(answer)}" if is_number(answer) else ""
        return Verdict(True, f"Right{value}. {exercise.then}".strip())
    for hint, foreseen in exercise.wrong.items():
        if same(answer, foreseen, exercise.within):
            return Verdict(False, hint)
    return Verdict(False, _kind_of_mistake(answer, exercise) or exercise.otherwise)


def exercise_of(lesson: Lesson, name: str, namespace: Mapping[str, Any]) -> Exercise:
    """Run an exercise's check cell over a copy of the names at hand.

    Raises
    ------
    LessonError
        If the lesson asks for nothing of that name, or its check cell does not call ``exercise`` once.
    """
    cell = lesson.cell("check", name)
    made: list[Exercise] = []

    def exercise(**given: Any) -> None:
        made.append(Exercise(name, **given))

    source = "\n" * (cell.line - 1) + cell.text  # so that a traceback names the line of the lesson's source
    code = compile(source, str(lesson.path), "exec")
    exec(code, {**namespace, "exercise": exercise})  # noqa: S102 - a cell of the course's own source
    where = f"{lesson.path.name}:{cell.line}"
    if len(made) != 1:
        raise LessonError(f"{where}: the check of {name} calls exercise {len(made)} times; it must call it once")
    if len(made[0].wrong) < LEAST_FORESEEN:
        raise LessonError(f"{where}: the check of {name} foresees {len(made[0].wrong)} wrong answers; two are needed")
    if callable(made[0].right) and not made[0].on:
        raise LessonError(f"{where}: {name} is a function; say with on=[…] what it is called with")
    return made[0]


def is_as_given(lesson: Lesson, name: str, codes: Iterable[str]) -> bool:
    """Say whether an exercise's cell, the last one where there are several, holds what the learner was given.

    Parameters
    ----------
    lesson : Lesson
    name : str
        What the exercise asks for.
    codes : iterable of str
        The notebook's cells of code; an exercise's own begins with the line that names it.
    """
    headed = re.compile(rf"# Exercise \d+: {re.escape(name)}\s*\n")
    own = [code for code in codes if headed.match(code)]
    return bool(own) and headed.sub("", own[-1]).strip() == task_and_starter(lesson.cell("exercise", name))[1].strip()


def _judge_function(exercise: Exercise, answer: Any) -> Verdict:
    if not callable(answer):
        return Verdict(False, f"`{exercise.name}` should be a function, and yours is {_kind(answer)}.")
    try:
        if same_calls(answer, exercise.right, exercise.on, exercise.within):
            return Verdict(True, f"Right. {exercise.then}".strip())
    except Exception as error:  # noqa: BLE001 - whatever the learner's function raises is told to the learner
        return Verdict(False, f"Your function stops with {type(error).__name__}: {error}. {exercise.otherwise}")
    for hint, foreseen in exercise.wrong.items():
        if _agree(answer, foreseen, exercise):
            return Verdict(False, hint)
    return Verdict(False, exercise.otherwise)


def _agree(answer: Callable[..., Any], foreseen: Any, exercise: Exercise) -> bool:
    return callable(foreseen) and same_calls(answer, foreseen, exercise.on, exercise.within)


def _kind_of_mistake(answer: Any, exercise: Exercise) -> str:
    """Say what is wrong with an answer of another kind than the right one, or a hundred times off."""
    right = exercise.right
    if is_number(right) and is_number(answer):
        if same(answer / 100, right, exercise.within):
            return "You give a percentage, and a share between 0 and 1 is asked for."
        if same(answer * 100, right, exercise.within):
            return "You give a share between 0 and 1, and a percentage is asked for."
        return ""
    if _kind(answer) != _kind(right):
        return f"`{exercise.name}` should be {_kind(right)}, and yours is {_kind(answer)}. {exercise.otherwise}"
    if is_sequence(right) and len(answer) != len(right):
        return f"`{exercise.name}` should have {len(right):,} entries, and yours has {len(answer):,}. " + (
            exercise.otherwise
        )
    return ""


def _kind(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return "a table"
    if isinstance(value, str):
        return "a text"
    if value is None:
        return "nothing (None)"
    if isinstance(value, Mapping):
        return "a dictionary"
    if is_sequence(value):
        return "a list or a column"
    if is_number(value):
        return "one number"
    if callable(value):
        return "a function"
    return f"of the kind {type(value).__name__}"
