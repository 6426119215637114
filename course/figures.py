"""Figures of real homes that prose quotes: measured by lessons, kept in ``figures.json``, filled in for ``{name}``."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from case_heating.workspace import write_text
from course.lesson import Lesson, LessonError

KEPT = Path(__file__).parent / "figures.json"

_NAMED = re.compile(r"`[^`]*`|\$[^$\n]+\$|\{([a-z][a-z0-9_]*)\}")  # code and formulas have braces of their own
_USUAL_SHARE = 0.02


@dataclass(frozen=True)
class Figure:
    """A measured number.

    Attributes
    ----------
    value : float
        As it was measured.
    unit : str
        What follows the number in prose, such as ``of 100``; may be empty.
    digits : int
        Decimals in prose.
    within : float
        How far another machine's may be off: the larger of two of 100 and one of the last decimal, if not said.
    """

    value: float
    unit: str = ""
    digits: int = 0
    within: float = 0.0

    def __str__(self) -> str:
        """Say it as prose does.

        >>> str(Figure(83.24, "of 100")), str(Figure(1234.5, "USD", digits=1))
        ('83 of 100', '1,234.5 USD')
        """
        return f"{self.value:,.{self.digits}f} {self.unit}".strip()

    def is_still(self, measured: float) -> bool:
        """Say whether a measurement is this figure still."""
        margin = self.within or max(_USUAL_SHARE * abs(self.value), 10.0**-self.digits)
        return abs(measured - self.value) <= margin


def read_figures(path: Path = KEPT) -> dict[str, dict[str, Figure]]:
    """Read the figures of each lesson by its number."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {number: {name: Figure(**one) for name, one in of_lesson.items()} for number, of_lesson in kept.items()}


def keep_figures(number: str, measured: Mapping[str, Figure], path: Path = KEPT) -> None:
    """Replace the figures of one lesson."""
    kept = read_figures(path) | {number: dict(measured)}
    told = {key: {name: asdict(one) for name, one in sorted(kept[key].items())} for key in sorted(kept) if kept[key]}
    write_text(path, json.dumps(told, indent=1) + "\n")


def stale_figures(kept: Mapping[str, Figure], measured: Mapping[str, Figure]) -> list[str]:
    """Say which kept figures are no longer what is measured."""
    faults = [f"{name} is measured and not kept" for name in sorted(set(measured) - set(kept))]
    faults += [f"{name} is kept and no longer measured" for name in sorted(set(kept) - set(measured))]
    for name in sorted(set(kept) & set(measured)):
        if not kept[name].is_still(measured[name].value):
            faults.append(f"{name} is kept as {kept[name].value:g} and measured as {measured[name].value:g}")
        elif (kept[name].unit, kept[name].digits) != (measured[name].unit, measured[name].digits):
            faults.append(f"{name} is kept as '{kept[name]}' and now told as '{measured[name]}'")
    return faults


def fill(lesson: Lesson, text: str, figures: Mapping[str, Figure], line: int) -> str:
    """Put figures into prose where their names stand in braces.

    Raises
    ------
    LessonError
        If a name is not among the lesson's figures.
    """

    def told(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        if name not in figures:
            where = f"{lesson.path.name}:{line + text[: found.start()].count(chr(10))}"
            raise LessonError(
                f"{where}: the prose quotes {{{name}}}, and figures.json has no such figure of lesson {lesson.number}; "
                "measure it in a [figures] cell and run 'python -m course.build --figures " + lesson.number + "'"
            )
        return str(figures[name])

    return _NAMED.sub(told, text)
