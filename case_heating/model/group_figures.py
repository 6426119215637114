"""Figures of groups of homes: fairlearn's value of each, and its bootstrap draws.

Every measure is a ratio of two sums over homes, so that one product of draw counts and parts gives all of them at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equal_opportunity_difference,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
)
from scipy.stats import norm
from sklearn.metrics import accuracy_score

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

MEASURES: dict[str, str] = {
    "selection_rate": "share of homes called gas",
    "accuracy": "share of homes answered right",
    "gas_called_electric": "share of gas homes called electric",
    "electric_called_gas": "share of electric homes called gas",
    "calibration_gap": "mean probability of gas said minus share that came true; 0 is calibrated",
    "sent_to_people": "share of homes too unsure for the machine alone",
    "cost_error_usd": "mean absolute error of the yearly cost [USD]",
    "cost_error_share": "error of the yearly cost as a share of that cost; all homes of the group together",
}
FIGURE_COLUMNS = tuple("trait group n_homes measure n value low high gap gap_low gap_high p_value".split())
INTERVAL = (2.5, 97.5)
_MAX_DRAWN = 10_000_000  # counts held in memory at once: 80 MB


@dataclass(frozen=True)
class Answers:
    """Held-out answers, row for row, and what is measured on them.

    Attributes
    ----------
    is_gas, said_gas : ndarray of bool, shape (n_homes,)
        What is true and what was said.
    probability : ndarray, shape (n_homes,)
        Probability of gas.
    sent : ndarray of bool or None
        Homes sent to people.
    cost_error_usd, cost_usd : ndarray or None
        Error of the yearly cost, its sign of no account, and the cost itself; may be missing. [USD]
    """

    is_gas: Bools
    said_gas: Bools
    probability: Floats
    sent: Bools | None = None
    cost_error_usd: Floats | None = None
    cost_usd: Floats | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that can be taken, in the order of :data:`MEASURES`."""
        no_cost = self.cost_error_usd is None or self.cost_usd is None
        lacking = {"sent_to_people": self.sent is None, "cost_error_usd": no_cost, "cost_error_share": no_cost}
        return tuple(name for name in MEASURES if not lacking.get(name, False))

    @property
    def ratio_parts(self) -> tuple[Floats, Floats]:
        """Numerator and denominator of each measure, two arrays of shape (n_homes, n_measures)."""
        every = np.ones(len(self.is_gas))
        parts: dict[str, tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]] = {
            "selection_rate": (self.said_gas, every),
            "accuracy": (self.said_gas == self.is_gas, every),
            "gas_called_electric": (self.is_gas & ~self.said_gas, self.is_gas),
            "electric_called_gas": (~self.is_gas & self.said_gas, ~self.is_gas),
            "calibration_gap": (self.probability - self.is_gas, every),
        }
        if self.sent is not None:
            parts["sent_to_people"] = (self.sent, every)
        if self.cost_error_usd is not None and self.cost_usd is not None:
            size, known = np.nan_to_num(np.abs(self.cost_error_usd)), ~np.isnan(self.cost_error_usd)
            parts["cost_error_usd"] = (size, known)
            parts["cost_error_share"] = (size, np.where(known, self.cost_usd, 0.0))
        numerator, denominator = zip(*(parts[name] for name in self.measures), strict=True)
        return np.column_stack(numerator).astype(float), np.column_stack(denominator).astype(float)


def metric_frame(answers: Answers, group: pd.Series) -> pd.DataFrame:
    """Take every measure in every group with fairlearn.

    Parameters
    ----------
    answers : Answers
        Of ``n_homes`` homes.
    group : Series of str, shape (n_homes,)
        Homes whose group is missing are left out.

    Returns
    -------
    DataFrame, shape (n_groups, n_measures)
        An error of a kind is 0 where no home of that fuel is there: see the number of homes behind it.
    """
    known = group.notna().to_numpy()
    metrics: dict[str, Callable[..., float]] = {
        "selection_rate": selection_rate,
        "accuracy": accuracy_score,
        "gas_called_electric": partial(false_negative_rate, pos_label=1),
        "electric_called_gas": partial(false_positive_rate, pos_label=1),
        "calibration_gap": _calibration_gap,
        "sent_to_people": _mean_of,
        "cost_error_usd": _mean_of,
        "cost_error_share": _share_of,
    }
    handed: dict[str, dict[str, Floats]] = {"calibration_gap": {"probability": answers.probability[known]}}
    if answers.sent is not None:
        handed["sent_to_people"] = {"values": answers.sent[known].astype(float)}
    if answers.cost_error_usd is not None and answers.cost_usd is not None:
        size = np.abs(answers.cost_error_usd[known])
        handed["cost_error_usd"] = {"values": size}
        handed["cost_error_share"] = {"values": size, "of": answers.cost_usd[known]}
    frame = MetricFrame(
        metrics={name: metrics[name] for name in answers.measures},
        y_true=answers.is_gas[known].astype(int),
        y_pred=answers.said_gas[known].astype(int),
        sensitive_features=group[known].to_numpy(dtype=object),
        sample_params=handed,
    )
    return frame.by_group.astype(float)


def draw_sums(parts: Floats, members: Sequence[Rows], *, rounds: int, seed: int) -> Floats:
    """Sum the parts of each set of homes over bootstrap draws of all homes.

    Parameters
    ----------
    parts : ndarray, shape (n_homes, n_parts)
        What is summed.
    members : sequence of arrays of row numbers
        The sets of homes.
    rounds, seed : int
        Draws, the same homes drawn for all sets.

    Returns
    -------
    ndarray, shape (rounds, n_sets, n_parts)
    """
    n_homes = len(parts)
    rng = np.random.default_rng(seed)
    own = [parts[rows] for rows in members]
    sums = np.empty((rounds, len(members), parts.shape[1]))
    per_chunk = max(1, _MAX_DRAWN // max(n_homes, 1))
    for start in range(0, rounds, per_chunk):
        size = min(per_chunk, rounds - start)
        drawn = rng.integers(0, n_homes, size=(size, n_homes))
        counts = np.stack([np.bincount(row, minlength=n_homes) for row in drawn]).astype(float)
        for number, rows in enumerate(members):
            sums[start : start + size, number] = counts[:, rows] @ own[number]
    return sums


def measure_groups(
    answers: Answers, groupings: Sequence[pd.Series], *, min_homes: int, rounds: int, seed: int
) -> pd.DataFrame:
    """Take every measure of every group that is large enough to show, with its gap to all other homes.

    Parameters
    ----------
    answers : Answers
        Of ``n_homes`` homes.
    groupings : sequence of Series of str, shape (n_homes,)
        Group of each home by one trait or by several; the other homes of a group are those whose group is known.
    min_homes : int
        Fewest homes behind a figure that is shown.
    rounds, seed : int
        Bootstrap draws.

    Returns
    -------
    DataFrame, one row per group and measure
        Columns :data:`FIGURE_COLUMNS`; missing where fewer homes than ``min_homes`` stand behind the figure.
    """
    numerator, denominator = answers.ratio_parts
    half = len(answers.measures)
    members, labels = [np.arange(0)], []  # one set per trait with all its known homes, then one per group
    for joined in groupings:
        sizes = joined.value_counts()
        shown = sorted(sizes.index[sizes >= min_homes])
        if not shown:
            continue
        whole = len(members)
        members.append(np.flatnonzero(joined.notna()))
        values = metric_frame(answers, joined)
        for group in shown:
            labels.append((joined.name, group, whole, len(members), values.loc[group].to_numpy()))
            members.append(np.flatnonzero((joined == group).to_numpy(dtype=bool, na_value=False)))
    parts = np.hstack([numerator, denominator])
    drawn = draw_sums(parts, members, rounds=rounds, seed=seed)
    found = [pd.DataFrame(columns=FIGURE_COLUMNS)]
    for trait, group, whole, own, values in labels:
        sums = parts[members[own]].sum(axis=0)
        others = parts[members[whole]].sum(axis=0) - sums
        n = sums[half:]
        drawn_value = ratio(drawn[:, own, :half], drawn[:, own, half:])
        rest = drawn[:, whole] - drawn[:, own]
        drawn_gap = drawn_value - ratio(rest[:, :half], rest[:, half:])
        gap = values - ratio(others[:half], others[half:])
        low, high = interval(drawn_value)
        gap_low, gap_high = interval(drawn_gap)
        table = pd.DataFrame(
            {"value": values, "low": low, "high": high, "gap": gap, "gap_low": gap_low, "gap_high": gap_high}
            | {"p_value": _p_value(gap, drawn_gap)}
        )
        table.loc[n < min_homes] = np.nan  # too few gas homes say nothing of errors on gas homes
        table.insert(0, "n", n.astype(int))
        table.insert(0, "measure", answers.measures)
        table.insert(0, "n_homes", len(members[own]))
        table.insert(0, "group", group)
        table.insert(0, "trait", trait)
        found.append(table)
    return pd.concat(found[1:] or found, ignore_index=True)


def spread_of_groups(answers: Answers, group: pd.Series, *, rounds: int, seed: int) -> dict[str, float]:
    """Take fairlearn's two differences among groups, with intervals and with what chance alone would give.

    A largest value less a smallest one is never below 0, and some difference arises by chance: beside each stands the
    95th percentile of the difference when the groups are dealt out to the homes at random.

    Parameters
    ----------
    answers : Answers
        Of ``n_homes`` homes.
    group : Series of str, shape (n_homes,)
        Missing for homes to leave out.
    rounds, seed : int
        Draws.

    Returns
    -------
    dict of float
        ``demographic_parity``, ``demographic_parity_low``, ``_high``, ``_by_chance``; ``equal_opportunity`` likewise.
    """
    known = group.notna().to_numpy()
    own, truth, said = group[known].to_numpy(dtype=object), answers.is_gas[known], answers.said_gas[known]
    codes, names = pd.factorize(own)
    members = [np.flatnonzero(codes == number) for number in range(len(names))]
    parts = np.column_stack([said, np.ones(len(said)), truth & said, truth]).astype(float)
    bootstrap = draw_sums(parts, members, rounds=rounds, seed=seed)
    rng = np.random.default_rng(seed)
    shuffled = np.stack(
        [
            np.stack([np.bincount(dealt, part, minlength=len(names)) for part in parts.T], axis=1)
            for dealt in (rng.permutation(codes) for _ in range(rounds))
        ]
    ).astype(float)
    handed = {"y_true": truth.astype(int), "y_pred": said.astype(int), "sensitive_features": own}
    found: dict[str, float] = {}
    for name, difference, first in (
        ("demographic_parity", demographic_parity_difference, 0),
        ("equal_opportunity", equal_opportunity_difference, 2),
    ):
        rates, by_chance = (ratio(sums[..., first], sums[..., first + 1]) for sums in (bootstrap, shuffled))
        low, high = np.nanpercentile(np.ptp(rates, axis=1), INTERVAL)
        found[name] = float(difference(**handed))
        found |= {f"{name}_low": float(low), f"{name}_high": float(high)}
        found[f"{name}_by_chance"] = float(np.nanpercentile(np.ptp(by_chance, axis=1), 95))
    return found


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, missing where nothing is there to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def interval(drawn: Floats) -> tuple[Floats, Floats]:
    """Give the 95 % percentile interval of draws along the first axis; missing where no draw has a value."""
    known = ~np.isnan(drawn).all(axis=0)
    bounds = np.full((2, *drawn.shape[1:]), np.nan)
    if len(drawn):
        bounds[:, known] = np.nanpercentile(drawn[:, known], INTERVAL, axis=0)
    return bounds[0], bounds[1]


def _calibration_gap(y_true: Floats, y_pred: Floats, *, probability: Floats) -> float:  # noqa: ARG001
    return float(np.mean(probability) - np.mean(y_true))


def _mean_of(y_true: Floats, y_pred: Floats, *, values: Floats) -> float:  # noqa: ARG001
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _share_of(y_true: Floats, y_pred: Floats, *, values: Floats, of: Floats) -> float:  # noqa: ARG001
    known = ~np.isnan(values)
    return float(values[known].sum() / of[known].sum()) if known.any() else np.nan


def _p_value(gap: Floats, drawn: Floats) -> Floats:
    """Give the chance of so large a gap, either way, if there were none: normal, with the draws' spread."""
    measured = ~np.isnan(drawn).all(axis=0)
    spread = np.full(len(gap), np.nan)
    spread[measured] = np.nanstd(drawn[:, measured], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # no spread and no gap: a figure all homes share
        distance = np.where(gap == 0, 0.0, np.abs(gap) / spread)
    return np.asarray(2 * norm.sf(distance))
