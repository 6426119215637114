"""All lessons in order: those that are there, from their own headers, and those that are planned, from a list."""

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course.lesson import lesson_paths, read_lesson
from course.progress import Standing, read_answers, standing

PLANNED = Path(__file__).parent / "syllabus.toml"


@dataclass(frozen=True)
class Entry:
    """One line of the syllabus.

    Attributes
    ----------
    minutes : int
        How long a learner takes. [min]
    standing : Standing or None
        How far the learner is; nothing if the lesson is only planned.
    objectives : tuple of str
        What a learner will be able to do.
    teaches : tuple of str
        Modules of the package that the lesson teaches; none of a planned one.
    """

    number: str
    title: str
    level: int
    minutes: int
    standing: Standing | None = None
    objectives: tuple[str, ...] = field(default=())
    teaches: tuple[str, ...] = field(default=())

    @property
    def is_planned(self) -> bool:
        """Whether the lesson is not there yet."""
        return self.standing is None

    @property
    def words(self) -> str:
        """Say how far the learner is."""
        return "planned" if self.standing is None else self.standing.words

    def in_numbers(self) -> dict[str, Any]:
        """Give it for JSON."""
        return asdict(self) | {"state": self.words}


def read_syllabus(folder: Path) -> list[Entry]:
    """Read the syllabus, with how far a learner is.

    Parameters
    ----------
    folder : Path
        The course's folder in the workspace.
    """
    answers = read_answers(folder)
    lessons = [read_lesson(path) for path in lesson_paths()]
    there = [
        Entry(one.number, one.title, one.level, one.minutes, standing(answers, one), one.objectives, one.teaches)
        for one in lessons
    ]
    numbers = {entry.number for entry in there}
    return sorted(there + [one for one in planned_lessons() if one.number not in numbers], key=lambda one: one.number)


def planned_lessons(path: Path = PLANNED) -> list[Entry]:
    """Read the lessons that are planned."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))["planned"]
    return [Entry(**(one | {"objectives": tuple(one["objectives"])})) for one in told]
