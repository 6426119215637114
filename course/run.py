"""One pass through a lesson: each exercise unsolved, then with each foreseen mistake, then solved.

Cells run in this process, without a kernel, so that a fault's traceback names the line of the lesson's source. What
they show is kept, and becomes the executed notebook of the book.
"""

import sys
import time
import traceback
import types
import warnings
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from case_heating.errors import HeatingError
from course.answers import same
from course.cells import Output, answer_shown, execute
from course.checks import Exercise, exercise_of, judge
from course.figures import Figure
from course.lesson import Cell, Lesson
from course.offline import offline
from course.quizzes import Quiz, quiz_cells, quiz_of
from course.quoted import missing_names
from course.visible import leaning_cells, lost_pictures, telling_hints


@dataclass
class LessonRun:
    """What a pass through a lesson came to.

    Attributes
    ----------
    faults : list of str
        What is wrong, each with file and line; empty if the lesson is as it should be.
    outputs : dict
        Number of the cell, from 0 → what it showed.
    figures : dict
        Figures of real homes that it measured.
    exercises, quizzes : dict
        What was asked, by name and by number.
    planted : int
        Foreseen wrong answers that were given.
    seconds : dict
        Line of the cell → processor time it took, whatever else the machine was doing. [s]
    """

    lesson: Lesson
    faults: list[str] = field(default_factory=list)
    outputs: dict[int, list[Output]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)
    quizzes: dict[int, Quiz] = field(default_factory=dict)
    planted: int = 0
    seconds: dict[int, float] = field(default_factory=dict)


class _StoppedError(Exception):
    """A cell stopped, and those after it would only stumble over that."""


def run_lesson(lesson: Lesson, *, with_figures: bool) -> LessonRun:
    """Run a lesson, solving each exercise only after the unsolved one and each foreseen mistake failed their check.

    Parameters
    ----------
    lesson : Lesson
    with_figures : bool
        Run the cells that measure real homes as well.

    Returns
    -------
    LessonRun
        With every fault; a cell that stops ends the pass.
    """
    run = LessonRun(lesson, faults=[*leaning_cells(lesson), *lost_pictures(lesson), *telling_hints(lesson)])
    module = types.ModuleType(f"lesson_{lesson.number}")  # a dataclass made in a cell looks up its module
    sys.modules[module.__name__] = module
    names = module.__dict__
    asked: Exercise | None = None
    n_quiz = 0
    try:
        with offline(), warnings.catch_warnings():
            warnings.simplefilter("error")
            for number, cell in enumerate(lesson.cells):
                began = time.process_time()
                if cell.kind in ("code", "exercise"):
                    run.outputs[number] = _execute(run, cell, names)
                elif cell.kind == "solution":
                    asked = _try_wrong_answers(run, cell, names)
                    run.outputs[number] = _execute(run, cell, names) or answer_shown(cell.name, names.get(cell.name))
                elif cell.kind == "check" and asked is not None:
                    _check_solution(run, cell, names, asked)
                elif cell.kind == "quiz":
                    n_quiz += 1
                    run.quizzes[n_quiz] = _guarded(run, cell, partial(quiz_of, lesson, n_quiz, names))
                elif cell.kind == "figures" and with_figures:
                    names["figure"] = lambda name, *, value, **told: run.figures.update(
                        {name: Figure(float(value), **told)}
                    )
                    _execute(run, cell, names)
                run.seconds[cell.line] = time.process_time() - began
        run.faults += missing_names(lesson, names)
    except _StoppedError:
        pass
    finally:
        sys.modules.pop(module.__name__, None)
    if not quiz_cells(lesson):
        run.faults.append(f"{lesson.path.name}: there is no quiz")
    return run


def _try_wrong_answers(run: LessonRun, cell: Cell, names: dict[str, Any]) -> Exercise:
    """Judge what the starter left and each foreseen mistake; none may pass, and each mistake gets its own hint."""
    exercise = _guarded(run, cell, lambda: exercise_of(run.lesson, cell.name, names))
    run.exercises[cell.name] = exercise
    where = f"{run.lesson.path.name}:{cell.line}: {cell.name}"
    if cell.name not in names:
        run.faults.append(f"{where}: the starter does not make it")
    elif judge(exercise, names[cell.name]).right:
        run.faults.append(f"{where}: what the learner is given passes as it is")
    for hint, answer in exercise.wrong.items():
        run.planted += 1
        verdict = judge(exercise, answer)
        if verdict.right:
            run.faults.append(f"{where}: the foreseen mistake passes as right; its hint is: {hint}")
        elif verdict.words != hint:
            run.faults.append(f"{where}: a foreseen mistake should get the hint '{hint}' and gets '{verdict.words}'")
    return exercise


def _check_solution(run: LessonRun, cell: Cell, names: dict[str, Any], before: Exercise) -> None:
    after = _guarded(run, cell, lambda: exercise_of(run.lesson, cell.name, names))
    where = f"{run.lesson.path.name}:{cell.line}: {cell.name}"
    verdict = judge(after, names.get(cell.name))
    if not verdict.right:
        run.faults.append(f"{where}: the solution does not pass its check, which says: {verdict.words}")
    if not callable(after.right) and not same(after.right, before.right, after.within):
        run.faults.append(f"{where}: what is right depends on the learner's answer; compute it from something else")


def _guarded(run: LessonRun, cell: Cell, do: Any) -> Any:
    try:
        return do()
    except Exception as error:
        run.faults.append(_told(run, cell, error))
        raise _StoppedError from error


def _execute(run: LessonRun, cell: Cell, names: dict[str, Any]) -> list[Output]:
    return list(_guarded(run, cell, lambda: execute(cell.text, names, file=str(run.lesson.path), line=cell.line)))


def _told(run: LessonRun, cell: Cell, error: Exception) -> str:
    """Say where in the lesson an error arose, and how it came about."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(run.lesson.path)]
    line = frames[-1].lineno if frames else cell.line
    if isinstance(error, SyntaxError) and error.lineno:
        line = error.lineno
    words = f"{run.lesson.path.name}:{line}: {type(error).__name__}: {error}"
    if isinstance(error, HeatingError):
        return words
    return words + "\n" + "".join(traceback.format_exception(error)).rstrip()
