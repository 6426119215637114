"""Retrain, repair, ask, roll back or leave it: what a row of watch reports leads to, with its reasons.

A drift that is a fault of the data asks for repair: a model trained on Wh learns Wh. A drift of the world leads to
retraining once it was seen in k of the last n windows, the latest among them, and once there are labels to learn the
new world from; without them people are asked to look at some homes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from case_heating.errors import HeatingError
from case_heating.watch.monitor import WatchReport
from case_heating.watch.overrides import Override, pause_on, pause_words
from case_heating.watch.signals import Signal

Action = Literal["none", "retrain", "repair", "ask", "roll_back"]


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

NEW_LABELS_PER_1000_HOMES = 25
"""New labels that are reason enough to train again: a seventh of what the first champion of the replay learned from."""


def enough_new_labels(n_homes: int) -> int:
    """Say how many labels since the last training are reason enough to train again, drift or none.

    >>> enough_new_labels(20_000)
    500
    """
    return max(1, round(NEW_LABELS_PER_1000_HOMES * n_homes / 1000))


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
        What people chose, the earliest first; those in force on the day of the latest report are honoured. While
        retraining is paused nothing is trained, save what a person chose after the pause.

    Raises
    ------
    HeatingError
        If there is no report.
    """
    if not reports:
        raise HeatingError("there is no watch report to decide from; run the watch first")
    latest, overrides = reports[-1], tuple(overrides)
    held = [override for override in overrides if override.holds_on(latest.as_of)]
    pause = pause_on(overrides, latest.as_of)
    for override in held:
        if pause and override.choice == "retrain" and held.index(override) < held.index(pause):
            continue  # who paused knew of it
        if override.choice in ("roll_back", "retrain") and override.champion == latest.champion:
            action: Action = "roll_back" if override.choice == "roll_back" else "retrain"
            return _decided(latest, action, [f"{override.by} chose to {action.replace('_', ' ')}: {override.why}"])
    told = [f"{o.by} has {o.signal or 'all signals'} ignored until {o.until}: {o.why}" for o in held if _ignores(o)]
    if pause:
        told.append(pause_words(pause))
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
            "learn from: have people look at a random sample of homes ('heating review sample' draws one)"
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
    return _decided(latest, "none" if pause else "retrain", [*words, seen_words, *told])


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
