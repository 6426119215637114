"""Retrain, repair, ask, roll back or leave it: what a row of watch reports leads to, with its reasons.

A drift that is a fault of the data asks for repair: a model trained on Wh learns Wh. A drift of the world leads to
retraining once it was seen in k of the last n windows, the latest among them, and once there are labels to learn the
new world from; without them people are asked to look at some homes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, Self

from case_heating.errors import HeatingError
from case_heating.watch.monitor import WatchReport
from case_heating.watch.signals import Limits, Signal

Action = Literal["none", "retrain", "repair", "ask", "roll_back"]
Choice = Literal["roll_back", "retrain", "change_limit", "ignore_until"]
CHOICES: tuple[Choice, ...] = ("roll_back", "retrain", "change_limit", "ignore_until")


@dataclass(frozen=True)
class RetrainPolicy:
    """When a drift leads to retraining.

    Attributes
    ----------
    k, n : int
        A drift counts when seen in k of the last n windows of this champion, the latest among them.
    min_recent_labels : int
        Labels of recent events without which retraining would learn the old world again; with fewer, people are asked.
    """

    k: int = 2
    n: int = 3
    min_recent_labels: int = 50

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.n:
            raise HeatingError(
                f"a drift must be seen in k of the last n windows, 1 ≤ k ≤ n; k is {self.k}, n is {self.n}"
            )


USUAL_POLICY = RetrainPolicy()


@dataclass(frozen=True)
class Override:
    """What a person chose instead of the policy, on record.

    Attributes
    ----------
    choice : str
        ``roll_back`` or ``retrain`` (the champion named, once), ``change_limit`` (``limit`` to ``value``), or
        ``ignore_until`` (the signal named, or all, up to and including ``until``).
    by, why : str
        Who chose and for what reason.
    made_on : date
        From this day it holds.
    until : date, optional
        Last day on which it holds; needed to ignore.
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
            "it does not say until which day to ignore": self.choice == "ignore_until" and self.until is None,
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


@dataclass(frozen=True)
class RetrainDecision:
    """What to do, and why.

    Attributes
    ----------
    retrain : bool
        Whether to train a candidate now; the gate judges it.
    action : {"none", "retrain", "repair", "ask", "roll_back"}
        What to do; ``ask`` has people look at a sample of homes.
    reasons : tuple of str
        In plain words.
    """

    as_of: date
    retrain: bool
    action: Action
    reasons: tuple[str, ...]


def decide_retraining(
    reports: Sequence[WatchReport], policy: RetrainPolicy = RetrainPolicy(), *, overrides: Iterable[Override] = ()
) -> RetrainDecision:
    """Decide what the latest windows lead to.

    Parameters
    ----------
    reports : sequence of WatchReport
        Oldest first; windows of earlier champions do not count.
    policy : RetrainPolicy
        When a drift counts.
    overrides : iterable of Override
        What people chose; those in force on the day of the latest report are honoured.

    Raises
    ------
    HeatingError
        If there is no report.
    """
    if not reports:
        raise HeatingError("there is no watch report to decide from; run the watch first")
    latest = reports[-1]
    held = [override for override in overrides if override.holds_on(latest.as_of)]
    for override in held:
        if override.choice in ("roll_back", "retrain") and override.champion == latest.champion:
            action: Action = "roll_back" if override.choice == "roll_back" else "retrain"
            return _decided(latest, action, [f"{override.by} chose to {action.replace('_', ' ')}: {override.why}"])
    told = [f"{o.by} has {o.signal or 'all signals'} ignored until {o.until}: {o.why}" for o in held if _ignores(o)]
    own = [report for report in reports if report.champion == latest.champion][-policy.n :]
    counted = [_counted(report, overrides) for report in own]
    faults = [signal for signal in counted[-1] if signal.fault]
    if faults:
        why = [f"the data are wrong, and a model trained on them would learn it: {signal.words}" for signal in faults]
        return _decided(latest, "repair", [*why, *told])
    alarms = counted[-1]
    if not alarms:
        return _decided(latest, "none", [*_quiet_words(latest), *told])
    seen = sum(bool(signals) and not any(signal.fault for signal in signals) for signals in counted)
    words = [signal.words for signal in alarms]
    if latest.n_recent_labels < policy.min_recent_labels:
        few = (
            f"only {latest.n_recent_labels} labels speak of recent months and {policy.min_recent_labels} are needed to "
            "learn from: have people look at a random sample of homes"
        )
        return _decided(latest, "ask", [*words, few, *told])
    if seen < policy.k:
        wait = f"seen in {seen} of the last {len(own)} windows; a retraining needs {policy.k} of {policy.n}"
        return _decided(latest, "none", [*words, wait, *told])
    if all(signal.kind == "fairness" for signal in alarms):
        return _decided(
            latest, "ask", [*words, "whether a new model would be fairer is not known: people must look", *told]
        )
    seen_words = f"seen in {seen} of the last {len(own)} windows; {latest.n_recent_labels} recent labels to learn from"
    return _decided(latest, "retrain", [*words, seen_words, *told])


def limits_with(limits: Limits, overrides: Iterable[Override], *, as_of: date) -> Limits:
    """Limits as people have changed them; of two changes of the same limit, the later one holds."""
    changes = [o for o in overrides if o.choice == "change_limit" and o.holds_on(as_of)]
    changed = {str(o.limit): o.value for o in sorted(changes, key=lambda o: o.made_on)}
    kinds = {field.name: type(getattr(limits, field.name)) for field in fields(Limits)}
    return replace(limits, **{name: kinds[name](value) for name, value in changed.items() if value is not None})


def _ignores(override: Override) -> bool:
    return override.choice == "ignore_until"


def _counted(report: WatchReport, overrides: Iterable[Override]) -> tuple[Signal, ...]:
    """Alarms of a window, less those that people ignored at that time."""
    ignored = [o.signal for o in overrides if _ignores(o) and o.holds_on(report.as_of)]
    return tuple(s for s in report.alarms if None not in ignored and s.name not in ignored)


def _quiet_words(report: WatchReport) -> list[str]:
    """Say that nothing counts, and what moved all the same."""
    moved = [signal.words for signal in report.signals if signal.raised and signal.role == "information"]
    if not moved:
        return ["nothing moved beyond its limit"]
    return ["nothing that counts moved beyond its limit", *(f"for information: {words}" for words in moved)]


def _decided(report: WatchReport, action: Action, reasons: list[str]) -> RetrainDecision:
    return RetrainDecision(report.as_of, action == "retrain", action, tuple(reasons))
