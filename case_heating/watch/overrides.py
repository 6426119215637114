"""What people choose instead of the policy: roll back, retrain, another limit, ignore a signal, pause retraining.

A choice is put on record with who made it and why, and holds on days of the utility: those for which data came in. A
replayed or simulated utility's day is not today.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, Self

from case_heating.errors import HeatingError
from case_heating.watch.signals import Limits

Choice = Literal["roll_back", "retrain", "change_limit", "ignore_until", "pause", "resume"]
CHOICES: tuple[Choice, ...] = ("roll_back", "retrain", "change_limit", "ignore_until", "pause", "resume")


@dataclass(frozen=True)
class Override:
    """What a person chose instead of the policy, on record.

    Attributes
    ----------
    choice : str
        ``roll_back`` or ``retrain`` (the champion named, once), ``change_limit`` (``limit`` to ``value``),
        ``ignore_until`` (the signal named, or all, up to and including ``until``), ``pause`` (nothing is trained by
        itself up to and including ``until``) or ``resume`` (what was paused goes on).
    by, why : str
        Who chose and for what reason.
    made_on : date
        From this day it holds.
    until : date, optional
        Last day on which it holds; needed to ignore and to pause, so that nothing stays off because it was forgotten.
    """

    choice: Choice
    by: str
    why: str
    made_on: date
    until: date | None = None
    champion: str | None = None
    signal: str | None = None
    limit: str | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        known = {field.name for field in fields(Limits)}
        faults = {
            f"the choice is {self.choice!r}; there are {', '.join(CHOICES)}": self.choice not in CHOICES,
            "it does not say who chose and why": not (self.by.strip() and self.why.strip()),
            f"it does not say until which day to {self.choice.partition('_')[0]}": self.choice
            in ("ignore_until", "pause")
            and self.until is None,
            f"it ends on {self.until}, before it begins on {self.made_on}": self.until is not None
            and self.until < self.made_on,
            "it does not name the champion to replace": self.choice in ("roll_back", "retrain") and not self.champion,
            f"it names the limit {self.limit!r}; there are {', '.join(sorted(known))}": self.choice == "change_limit"
            and self.limit not in known,
            "it does not say the limit's new value": self.choice == "change_limit" and self.value is None,
        }
        if told := [fault for fault, is_so in faults.items() if is_so]:
            raise HeatingError("this override cannot hold: " + "; ".join(told))

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.made_on <= day and (self.until is None or day <= self.until)

    def to_json(self) -> str:
        """Write it as JSON, for the record."""
        return json.dumps(asdict(self), default=date.isoformat, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        HeatingError
            If the text is no override.
        """
        try:
            told: dict[str, Any] = json.loads(text)
            for name in ("made_on", "until"):
                told[name] = told.get(name) and date.fromisoformat(told[name])
            return cls(**told)
        except (ValueError, TypeError, AttributeError) as error:
            raise HeatingError(f"this is no override ({error}): {text[:80]}") from error


def limits_with(limits: Limits, overrides: Iterable[Override], *, as_of: date) -> Limits:
    """Limits as people have changed them; of two changes of the same limit, the later one holds."""
    changes = [o for o in overrides if o.choice == "change_limit" and o.holds_on(as_of)]
    changed = {str(o.limit): o.value for o in sorted(changes, key=lambda o: o.made_on)}
    kinds = {field.name: type(getattr(limits, field.name)) for field in fields(Limits)}
    return replace(limits, **{name: kinds[name](value) for name, value in changed.items() if value is not None})


def pause_on(overrides: Iterable[Override], day: date) -> Override | None:
    """Give the pause of retraining in force on a day; of pauses and resumptions the one recorded last counts."""
    told = [one for one in overrides if one.choice in ("pause", "resume") and one.made_on <= day]
    return told[-1] if told and told[-1].choice == "pause" and told[-1].holds_on(day) else None


def pause_words(pause: Override) -> str:
    """Say who paused retraining, until when and why."""
    return f"{pause.by} has paused retraining until {pause.until}: {pause.why}"


def override_words(override: Override) -> str:
    """Say what a person chose, in a sentence without its end."""
    until = f" until {override.until}" if override.until else ""
    chose = {
        "roll_back": f"chose to roll {override.champion} back",
        "retrain": f"chose to retrain {override.champion}",
        "change_limit": f"changed the limit {override.limit} to {override.value}{until}",
        "ignore_until": f"has {override.signal or 'all signals'} ignored{until}",
        "pause": f"paused retraining{until}",
        "resume": "let retraining go on",
    }[override.choice]
    return f"{override.made_on}: {override.by} {chose}: {override.why}"
