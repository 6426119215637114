"""When each policy of a replay trains: never, every month, or when the watch or enough new labels ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from case_heating.release.candidate import TrainedModel
from case_heating.release.gate_limits import GateLimits
from case_heating.schema import Tables
from case_heating.watch.deliveries import Delivery
from case_heating.watch.history import Month
from case_heating.watch.monitor import Quarantine, Reference, WatchReport, watch_month
from case_heating.watch.retrain import RetrainPolicy, decide_retraining
from case_heating.watch.signals import Limits, Signal

NEVER, ALWAYS, POLICY = "never", "always", "policy"
POLICIES: dict[str, str] = {
    NEVER: "never trained again",
    ALWAYS: "trained every month",
    POLICY: "trained when asked for",
}


@dataclass(frozen=True)
class Rules:
    """How the policy watches and decides, and what the gate asks of every candidate, whoever wanted it.

    ``enough_new_labels`` since the last training are reason enough to train again, drift or none; ``None``: never.
    """

    limits: Limits = field(default_factory=Limits)
    retrain: RetrainPolicy = field(default_factory=RetrainPolicy)
    gate: GateLimits = field(default_factory=GateLimits)
    enough_new_labels: int | None = None


@dataclass(frozen=True)
class Lane:
    """One policy at one moment: the model in service, what it is watched against, and what was reported of it.

    ``trained_on`` is the day of the last training, whatever the gate said of it.
    """

    name: str
    champion: TrainedModel
    reference: Reference
    trained_on: date
    reports: tuple[WatchReport, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What a policy wants this month: to train or not, and what it tells, as (kind, reasons)."""

    retrain: bool
    told: tuple[tuple[str, tuple[str, ...]], ...] = ()


def new_lane(name: str, champion: TrainedModel, past: Sequence[Month]) -> Lane:
    """Put a champion into service under a policy; it is watched against what it was trained on."""
    cutoff = champion.lineage.cutoff
    then = [month for month in past if month.as_of <= cutoff][-1]
    probability = champion.model.probability_of_gas(then.features)
    reference = Reference(then.as_of, then.features, probability, champion=f"{champion.lineage.as_of:%Y-%m}")
    return Lane(name, champion, reference, champion.lineage.as_of)


def wish_of(lane: Lane, month: Month, tables: Tables, delivery: Delivery, rules: Rules) -> tuple[Lane, Wish]:
    """Ask a policy what it wants.

    Parameters
    ----------
    lane : Lane
        The policy and its champion.
    month : Month
        What is known.
    tables : Tables
        Trusted tables, of which the watch looks at what was known.
    delivery : Delivery
        The month's delivery.
    rules : Rules
        How the policy watches and decides.

    Returns
    -------
    Lane
        With the month's report, where the policy watches.
    Wish
        What it wants.
    """
    if lane.name != POLICY:
        return lane, Wish(retrain=lane.name == ALWAYS)
    report = watch_month(
        tables,
        month.features,
        lane.champion.model.probability_of_gas(month.features),
        as_of=month.as_of,
        reference=lane.reference,
        limits=rules.limits,
        quarantine=Quarantine(delivery.n_rows, delivery.n_refused),
    )
    if delivery.faults:
        report = replace(report, signals=(*report.signals, _fault_of(delivery)))
    watched = replace(lane, reports=(*lane.reports, report))
    decision = decide_retraining(watched.reports, rules.retrain)
    told = []
    if report.alarms:
        told.append(("alarm", tuple(signal.words for signal in report.alarms)))
    if decision.action in ("repair", "ask"):
        told.append(({"repair": "repair", "ask": "asked"}[decision.action], decision.reasons))
    wanted = decision.retrain
    n_new = int((month.labels["known_at"] > pd.Timestamp(lane.trained_on)).sum())
    if rules.enough_new_labels and n_new >= rules.enough_new_labels and decision.action in ("none", "ask"):
        told.append(("labels", (f"{n_new:,} labels became known since {lane.trained_on}",)))
        wanted = True
    return watched, Wish(wanted, tuple(told))


def _fault_of(delivery: Delivery) -> Signal:
    """Tell of what the check of the delivery stopped at."""
    words = "; ".join(delivery.faults)
    return Signal("data", "delivery", float(len(delivery.faults)), 1.0, "alarm", raised=True, fault=True, words=words)
