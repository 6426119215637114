"""How far a learner has come: which answers are right, and in how many tries; kept in the workspace alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from case_heating.errors import WorkspaceError
from case_heating.workspace import plain_words, write_text
from course.lesson import Lesson

_FILE = "progress.json"

Answers = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True)
class Standing:
    """Where a learner stands in one lesson.

    Attributes
    ----------
    right, asked : int
        Exercises answered right, and exercises there are.
    tries : int
        Answers given in all.
    """

    right: int
    asked: int
    tries: int

    @property
    def words(self) -> str:
        """Say it."""
        if self.asked and self.right == self.asked:
            return "done"
        return f"{self.right} of {self.asked} right" if self.tries else "not begun"


def note_answer(folder: Path, lesson: str, name: str, *, right: bool) -> None:
    """Note an answer; once right stays right, whatever is tried afterwards."""
    told = read_answers(folder)
    before = told.setdefault(lesson, {}).get(name, {"right": 0, "tries": 0})
    told[lesson][name] = {"right": int(right or before["right"]), "tries": before["tries"] + 1}
    with plain_words(folder):
        write_text(folder / _FILE, json.dumps(told, indent=1, sort_keys=True) + "\n")


def forget(folder: Path, lesson: str) -> None:
    """Forget the answers of one lesson."""
    told = read_answers(folder)
    if told.pop(lesson, None) is not None:
        write_text(folder / _FILE, json.dumps(told, indent=1, sort_keys=True) + "\n")


def read_answers(folder: Path) -> Answers:
    """Read what was answered, by lesson and exercise.

    Raises
    ------
    WorkspaceError
        If the file is no progress of this course.
    """
    path = folder / _FILE
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {
            lesson: {name: {"right": int(one["right"]), "tries": int(one["tries"])} for name, one in answers.items()}
            for lesson, answers in told.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(f"{path} cannot be read ({error}); delete it to begin the course anew") from error


def standing(answers: Answers, lesson: Lesson) -> Standing:
    """Say where a learner stands in a lesson; answers to exercises that are gone do not count."""
    return _standing(answers.get(lesson.number, {}), lesson.exercises)


def _standing(answers: dict[str, dict[str, int]], exercises: Sequence[str]) -> Standing:
    given = [answers[name] for name in exercises if name in answers]
    return Standing(sum(one["right"] for one in given), len(exercises), sum(one["tries"] for one in given))
