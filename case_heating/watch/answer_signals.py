"""Signals about the answers: what the champion says, how sure it is, and how right it was once labels arrive."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest, false_discovery_control, fisher_exact, norm

from case_heating.features.known import TARGETED_SOURCES
from case_heating.model.fairness import traits_of
from case_heating.schema import Tables
from case_heating.watch.drift import share_psi
from case_heating.watch.signals import Limits, Signal, percent

Floats = npt.NDArray[np.float64]

LABEL_AGE_DAYS = 365
"""A label of an event longer ago is not held against today's answer: the home may have changed since."""

_MIN_OF_A_SOURCE = 20
_PREDICTION_BINS = np.linspace(0, 1, 11)


@dataclass(frozen=True)
class Measured:
    """Accuracy on homes labelled since the champion was trained, with its 95 % interval (Clopper and Pearson).

    ``promised`` is the champion's mean confidence on the same homes: what the accuracy should be.
    """

    n_homes: int
    value: float
    low: float
    high: float
    promised: float


def confidence(probability: Floats) -> Floats:
    """Probability of the fuel answered; its mean estimates the accuracy as long as the calibration holds."""
    return np.maximum(probability, 1 - probability)


def prediction_signals(then: Floats, now: Floats, limits: Limits) -> list[Signal]:
    """Compare what the champion said of all homes when it was trained and says now.

    Parameters
    ----------
    then, now : ndarray, shape (n_homes_then,), (n_homes_now,)
        Calibrated probabilities of gas.
    """
    shares = [np.histogram(side, _PREDICTION_BINS)[0] / max(len(side), 1) for side in (then, now)]
    psi = share_psi(*shares)
    gas_then, gas_now = (float((side >= 0.5).mean()) for side in (then, now))
    estimated_then, estimated_now = (float(confidence(side).mean()) for side in (then, now))
    drop = estimated_then - estimated_now
    return [
        Signal(
            "prediction",
            "probabilities",
            psi,
            limits.prediction_psi,
            "alarm",
            psi >= limits.prediction_psi,
            False,
            f"probabilities moved by a PSI of {psi:.3f}; {percent(gas_now)} of homes are called gas, "
            f"{percent(gas_then)} when the champion was trained",
        ),
        Signal(
            "concept",
            "estimated accuracy",
            drop,
            limits.estimated_drop,
            "alarm",
            drop >= limits.estimated_drop,
            False,
            f"by its own confidence the champion is right for {percent(estimated_now)} of homes, "
            f"{percent(estimated_then)} when it was trained",
        ),
    ]


def arrived_labels(labels: pd.DataFrame, *, since: date, as_of: date) -> pd.DataFrame:
    """Labels that became known in a window, gas and electricity only, from sources that pick no fuel.

    Returns
    -------
    DataFrame, indexed by home_id
        ``is_gas``, ``event_time``, ``known_at`` and ``source`` of the latest event of each home.
    """
    moment = pd.Timestamp(as_of)
    arrived = labels[
        (labels["known_at"] > pd.Timestamp(since))
        & (labels["known_at"] <= moment)
        & (labels["event_time"] <= moment)
        & labels["heating_fuel"].isin(["gas", "electricity"])
        & ~labels["source"].isin(TARGETED_SOURCES)
    ]
    latest = arrived.sort_values(["event_time", "known_at"], kind="stable").drop_duplicates("home_id", keep="last")
    return latest.set_index("home_id").assign(is_gas=lambda rows: rows["heating_fuel"] == "gas")[
        ["is_gas", "event_time", "known_at", "source"]
    ]


def judged_labels(labels: pd.DataFrame, *, trained_at: date, since: date, as_of: date) -> pd.DataFrame:
    """Labels a champion can be judged by: arrived in the window, of recent events, of homes it was not trained on."""
    arrived = arrived_labels(labels, since=max(since, trained_at), as_of=as_of)
    trained_on = labels.loc[labels["known_at"] <= pd.Timestamp(trained_at), "home_id"]
    recent = arrived["event_time"] > pd.Timestamp(as_of) - pd.Timedelta(days=LABEL_AGE_DAYS)
    return arrived[recent & ~arrived.index.isin(trained_on)]


def measure(judged: pd.DataFrame, probability: pd.Series) -> Measured | None:
    """Measure the accuracy on labelled homes; nothing where there are none."""
    said = probability.reindex(judged.index).dropna()
    if said.empty:
        return None
    right = int(((said >= 0.5) == judged["is_gas"].reindex(said.index)).sum())
    interval = binomtest(right, len(said)).proportion_ci(0.95, method="exact")
    promised = float(confidence(said.to_numpy()).mean())
    return Measured(len(said), right / len(said), float(interval.low), float(interval.high), promised)


def measured_signal(judged: pd.DataFrame, probability: pd.Series, limits: Limits) -> Signal | None:
    """Look whether fewer answers are right than the champion's confidence on the same homes says.

    Each home counts with its own confidence, so that easy and hard homes among the labelled make no difference.
    """
    found = measure(judged, probability)
    if found is None:
        return None
    sure = confidence(probability.reindex(judged.index).dropna().to_numpy())
    gap = found.promised - found.value
    spread = float(np.sqrt((sure * (1 - sure)).sum()))
    by_chance = float(norm.sf(found.n_homes * gap / spread)) if spread > 0 else 1.0
    enough = found.n_homes >= limits.min_labels
    raised = enough and gap >= limits.accuracy_gap and by_chance <= limits.by_chance
    words = (
        f"{percent(found.value)} of {found.n_homes} newly labelled homes were answered right "
        f"(95 % interval {percent(found.low)} to {percent(found.high)}); {percent(found.promised)} were promised"
    )
    if not enough:
        words += f"; fewer than {limits.min_labels} homes, so nothing is concluded"
    return Signal("concept", "measured accuracy", gap, limits.accuracy_gap, "alarm", raised, False, words)


def label_signal(then: pd.DataFrame, now: pd.DataFrame, limits: Limits) -> Signal | None:
    """Look whether labels of one fuel became more frequent than they were in the year before the champion was trained.

    Each source is compared with itself: those who answer a survey are others than those drawn for an audit.
    """
    before = then.groupby("source")["is_gas"].agg(["size", "mean"])
    before = before[before["size"] >= _MIN_OF_A_SOURCE]
    now = now[now["source"].isin(before.index)]
    if len(now) < limits.min_labels:
        return None
    since = now.groupby("source")["is_gas"].agg(["size", "sum"])
    n_then, share = before.loc[since.index, "size"], before.loc[since.index, "mean"]
    expected = float((since["size"] * share).sum() / len(now))
    found = float(since["sum"].sum() / len(now))
    spread = np.sqrt(float((since["size"] * share * (1 - share) * (1 + since["size"] / n_then)).sum())) / len(now)
    change = abs(found - expected)
    by_chance = float(2 * norm.sf(change / spread)) if spread > 0 else float(change == 0)
    raised = change >= limits.label_change and by_chance <= limits.by_chance
    words = (
        f"{percent(found)} of {len(now):,} new labels are gas; by the same sources in the year before the champion was "
        f"trained it would be {percent(expected)}"
    )
    return Signal("label", "share of gas", change, limits.label_change, "alarm", raised, False, words)


def fairness_signals(tables: Tables, judged: pd.DataFrame, probability: pd.Series, limits: Limits) -> list[Signal]:
    """Look for groups whose homes are answered right less often than others, among homes labelled since training."""
    said = probability.reindex(judged.index).dropna()
    right = (said >= 0.5) == judged["is_gas"].reindex(said.index)
    groups = traits_of(tables, said.index).groups
    found = []
    for trait in groups:
        known = groups[trait].notna()
        for group in sorted(groups.loc[known, trait].unique()):
            own, others = right[known & (groups[trait] == group)], right[known & (groups[trait] != group)]
            if min(len(own), len(others)) >= limits.min_group_homes:
                table = [[int(side.sum()), int((~side).sum())] for side in (own, others)]
                p_value = float(fisher_exact(table, alternative="less").pvalue)
                found.append((trait, group, len(own), float(others.mean() - own.mean()), float(own.mean()), p_value))
    if not found:
        return []
    p_adjusted = false_discovery_control([row[-1] for row in found])
    worst = max(range(len(found)), key=lambda number: found[number][3])
    trait, group, n_homes, gap, accuracy, _ = found[worst]
    raised = gap >= limits.fairness_gap and bool(p_adjusted[worst] <= limits.false_discovery_rate)
    words = (
        f"of {len(found)} groups {group} ({trait}) is served worst: {percent(accuracy)} of {n_homes} labelled homes "
        f"answered right, {percent(gap)} below other homes"
    )
    return [Signal("fairness", "worst group", gap, limits.fairness_gap, "alarm", raised, False, words)]
