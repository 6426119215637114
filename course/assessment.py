"""Where an organisation stands: a questionnaire that scores itself, level by level, and names the next step.

A level stands if four fifths of it hold and nothing it cannot do without is missing. The organisation stands on the
highest level whose levels below all stand too: what is missing below is not made good by what shines above.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from case_heating.errors import SourceError

QUESTIONNAIRE = Path(__file__).parent / "assessment.toml"

ANSWERS = {"yes": 1.0, "partly": 0.5, "no": 0.0}
ROLES = ("domain expert", "data scientist", "data engineer", "ML engineer")
STANDS_FROM = 0.8
"""Part of a level's statements that must hold: four fifths leaves room for what does not matter at one's own place."""


@dataclass(frozen=True)
class Statement:
    """One statement of the questionnaire; ``assessment.toml`` says what each field is."""

    id: str
    level: int
    who: str
    must: bool
    text: str
    shown_by: str
    step: str
    lesson: str


@dataclass(frozen=True)
class LevelScore:
    """How far one level holds.

    Attributes
    ----------
    score : float
        Part of its statements that hold, 0 to 1; ``partly`` counts half.
    missing : tuple of str
        Statements it cannot do without and that were answered no.
    stands : bool
    """

    level: int
    score: float
    missing: tuple[str, ...]
    stands: bool


@dataclass(frozen=True)
class Assessment:
    """What the answers come to.

    Attributes
    ----------
    reached : int or None
        The level it stands on; nothing if not even level 0 stands.
    levels : tuple of LevelScore
    next_steps : tuple of Statement
        What does not hold yet on the lowest level that does not stand, what matters most first; empty at the top.
    by_role : dict
        Part of the statements that hold, by the role that answers for them.
    """

    reached: int | None
    levels: tuple[LevelScore, ...]
    next_steps: tuple[Statement, ...]
    by_role: dict[str, float]

    def in_words(self) -> str:
        """Say where it stands, why, and what to do next."""
        told = ["No level stands yet." if self.reached is None else f"You stand on level {self.reached}."]
        for one in self.levels:
            told.append(f"  level {one.level}: {one.score:.0%} holds, {self._standing(one)}")
        weakest = min(self.by_role, key=lambda role: self.by_role[role])
        if self.by_role[weakest] < 1:
            told.append(f"Least holds of what the {weakest} answers for: {self.by_role[weakest]:.0%}.")
        if self.next_steps:
            first = self.next_steps[0]
            told += [f"The next step, for the {first.who}: {first.step}", f"  Lesson {first.lesson} teaches it."]
        else:
            told.append("Nothing is missing. Ask somebody from outside to look at what shows it.")
        return "\n".join(told)

    def _standing(self, one: LevelScore) -> str:
        if not one.stands:
            return "it does not stand" + (f"; it cannot do without: {', '.join(one.missing)}" if one.missing else "")
        is_carried = self.reached is not None and one.level <= self.reached
        return "it stands" if is_carried else "it would stand, were the ones below mended"

    def in_numbers(self) -> dict[str, Any]:
        """Give it for JSON."""
        return {
            "reached": self.reached,
            "levels": [vars(one) for one in self.levels],
            "by_role": self.by_role,
            "next_steps": [
                {"id": one.id, "who": one.who, "step": one.step, "lesson": one.lesson} for one in self.next_steps
            ],
        }


def read_statements(path: Path = QUESTIONNAIRE) -> tuple[Statement, ...]:
    """Read the questionnaire, the lowest level first."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))["statement"]
    return tuple(sorted((Statement(**one) for one in told), key=lambda one: one.level))


def read_replies(path: Path) -> dict[str, str]:
    """Read answers from a TOML file that :func:`blank_replies` began.

    Raises
    ------
    SourceError
        If the file is not there or not TOML.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read ({error}); 'heating course assess --blank {path}' begins one"
        ) from error
    return {name: str(reply) for name, reply in told.items()}


def blank_replies(statements: tuple[Statement, ...]) -> str:
    """Give a file to fill in: each statement with what would show it, answered no until somebody can show it."""
    told = ["# Answer yes, partly or no. Say yes only where you could show it.", ""]
    for one in statements:
        told += [f"# Level {one.level}, {one.who}: {one.text}", f"# Shown by {one.shown_by}.", f'{one.id} = "no"', ""]
    return "\n".join(told)


def assess(replies: Mapping[str, str], statements: tuple[Statement, ...] | None = None) -> Assessment:
    """Score answers.

    Parameters
    ----------
    replies : mapping
        Statement's id → ``yes``, ``partly`` or ``no``; what is not answered counts as no.
    statements : tuple of Statement, optional
        The questionnaire; the course's own if not given.

    Raises
    ------
    SourceError
        If a statement is not known or an answer is none of the three.
    """
    asked = read_statements() if statements is None else statements
    known = {one.id for one in asked}
    if unknown := sorted(set(replies) - known):
        raise SourceError(f"there is no statement {unknown[0]!r}; there are {', '.join(sorted(known))}")
    if odd := sorted(name for name, reply in replies.items() if reply not in ANSWERS):
        raise SourceError(f"{odd[0]} is answered {replies[odd[0]]!r}; answer {', '.join(ANSWERS)}")
    held = {one.id: ANSWERS[replies.get(one.id, "no")] for one in asked}
    levels = tuple(_score(level, asked, held) for level in sorted({one.level for one in asked}))
    reached = None
    for one in levels:
        if not one.stands:
            break
        reached = one.level
    open_level = next((one.level for one in levels if not one.stands), None)
    lacking = [one for one in asked if held[one.id] < 1 and open_level in (None, one.level)]
    steps = tuple(sorted(lacking, key=lambda one: (held[one.id] > 0, not one.must)))
    return Assessment(reached, levels, steps, {role: _share(held, asked, who=role) for role in ROLES})


def _score(level: int, asked: tuple[Statement, ...], held: Mapping[str, float]) -> LevelScore:
    own = [one for one in asked if one.level == level]
    score = sum(held[one.id] for one in own) / len(own)
    missing = tuple(one.id for one in own if one.must and held[one.id] == 0)
    return LevelScore(level, score, missing, score >= STANDS_FROM and not missing)


def _share(held: Mapping[str, float], asked: tuple[Statement, ...], *, who: str) -> float:
    own = [held[one.id] for one in asked if one.who == who]
    return sum(own) / len(own) if own else 1.0
