"""How good an answer is: figures with intervals, the calibration curve, and accuracy against homes answered.

Probabilities are those of gas. An answer is "gas" from 0.5 on. Every figure is computed with weights: survey
weights where a home stands for many, and the counts of a bootstrap draw for its interval, so that the figure and
its interval come from the same lines of code.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

METRICS: dict[str, str] = {
    "accuracy": "share of homes answered right",
    "auc": "chance that a gas home scores above an electric one",
    "pr_auc": "average precision of the answer gas",
    "recall_gas": "share of gas homes called gas",
    "recall_electricity": "share of electric homes called electric",
    "brier": "mean squared error of the probability; 0 is perfect, 0.25 a coin",
    "log_loss": "mean surprise of the probability; 0 is perfect, 0.69 a coin",
}
INTERVAL = (2.5, 97.5)
_MAX_DRAWN = 10_000_000  # numbers of bootstrap counts held in memory at once: 80 MB


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def is_above_zero(self) -> bool:
        """Whether the whole interval lies above zero, for differences."""
        return self.low > 0


@dataclass(frozen=True)
class Quality:
    """All figures of one set of answers on one set of homes."""

    n_homes: int
    figures: dict[str, Figure]

    def __getitem__(self, metric: str) -> Figure:
        return self.figures[metric]


@dataclass(frozen=True)
class Comparison:
    """Two sets of answers on the same homes.

    ``gain`` is model less rival, figure by figure; for ``brier`` and ``log_loss`` a negative gain is the good one.
    """

    model: Quality
    rival: Quality
    gain: dict[str, Figure]


def judge(
    is_gas: Bools, probability: Floats, *, weight: Floats | None = None, rounds: int = 500, seed: int = 0
) -> Quality:
    """Judge probabilities by the answers.

    Parameters
    ----------
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    probability : ndarray, shape (n_homes,)
        Probability of gas; homes where it is missing are left out.
    weight : ndarray, shape (n_homes,), optional
        Homes each home stands for.
    rounds : int
        Bootstrap draws behind each interval.
    seed : int
        Seed of the draws; the same seed draws the same homes, so that figures can be compared pair by pair.

    Raises
    ------
    NotEnoughDataError
        If no home is left, or all heat with the same fuel.
    """
    draws = _draw(is_gas, [probability], weight, rounds, seed)
    return Quality(draws.n_homes, _with_interval(draws.metrics[0]))


def compare(
    is_gas: Bools,
    probability: Floats,
    rival: Floats,
    *,
    weight: Floats | None = None,
    rounds: int = 500,
    seed: int = 0,
) -> Comparison:
    """Judge two sets of probabilities on the same homes and the same draws.

    Homes that either has no answer for are left out of both. Parameters and errors as in :func:`judge`.
    """
    draws = _draw(is_gas, [probability, rival], weight, rounds, seed)
    ours, theirs = draws.metrics
    return Comparison(
        model=Quality(draws.n_homes, _with_interval(ours)),
        rival=Quality(draws.n_homes, _with_interval(theirs)),
        gain=_with_interval({name: ours[name] - theirs[name] for name in METRICS}),
    )


def calibration_curve(is_gas: Bools, probability: Floats, *, bins: int = 10) -> pd.DataFrame:
    """Compare the probability said with the share that came true, in bins of equally many homes.

    Returns
    -------
    DataFrame, one row per bin
        ``said`` (mean probability of gas), ``came_true`` (share of gas), ``n_homes``.
    """
    known = ~np.isnan(probability)
    frame = pd.DataFrame({"said": probability[known], "came_true": is_gas[known].astype(float)})
    order = frame["said"].rank(method="first").to_numpy()
    number = np.minimum((order - 1) * bins // max(len(frame), 1), bins - 1).astype(int)
    curve = frame.groupby(number).mean()
    return curve.assign(n_homes=frame.groupby(number).size()).reset_index(drop=True)


def answered_curve(is_gas: Bools, probability: Floats, *, steps: int = 20) -> pd.DataFrame:
    """Accuracy if only the surest homes are answered by machine.

    Returns
    -------
    DataFrame, one row per share
        ``answered`` (share of homes), ``accuracy`` among them, ``least_sure`` (confidence of the last one answered).
    """
    known = ~np.isnan(probability)
    answer, truth = probability[known], is_gas[known]
    confidence = np.maximum(answer, 1 - answer)
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum((answer >= 0.5)[order] == truth[order])
    counts = np.unique(np.maximum(1, np.round(np.linspace(0, 1, steps + 1)[1:] * len(truth)).astype(int)))
    return pd.DataFrame(
        {
            "answered": counts / len(truth),
            "accuracy": right[counts - 1] / counts,
            "least_sure": confidence[order][counts - 1],
        }
    )


@dataclass(frozen=True)
class _Draws:
    """Metrics of each set of probabilities: the first value of each array is of the homes themselves."""

    n_homes: int
    metrics: list[dict[str, Floats]]


def _draw(is_gas: Bools, probabilities: list[Floats], weight: Floats | None, rounds: int, seed: int) -> _Draws:
    known = ~np.isnan(np.column_stack(probabilities)).any(axis=1)
    truth = is_gas[known]
    if not truth.any() or truth.all():
        n_gas = int(truth.sum())
        raise NotEnoughDataError(
            f"of {len(truth):,} homes to judge by, {n_gas:,} heat with gas and {len(truth) - n_gas:,} with "
            "electricity; both are needed: bring labels of both fuels"
        )
    base = np.ones(len(truth)) if weight is None else weight[known]
    rng = np.random.default_rng(seed)
    per_chunk = max(1, _MAX_DRAWN // len(truth))
    parts: list[list[dict[str, Floats]]] = [[_metrics(truth, p[known], base[None, :]) for p in probabilities]]
    for start in range(0, rounds, per_chunk):
        size = min(per_chunk, rounds - start)
        drawn = rng.integers(0, len(truth), size=(size, len(truth)))
        counts = np.stack([np.bincount(row, minlength=len(truth)) for row in drawn]) * base
        parts.append([_metrics(truth, p[known], counts) for p in probabilities])
    joined = [
        {name: np.concatenate([part[i][name] for part in parts]) for name in METRICS} for i in range(len(probabilities))
    ]
    return _Draws(len(truth), joined)


def _metrics(truth: Bools, probability: Floats, weights: Floats) -> dict[str, Floats]:
    """Every metric for each row of weights, shape (n_draws, n_homes)."""
    gas = truth.astype(float)
    right = ((probability >= 0.5) == truth).astype(float)
    surprise = -np.log(np.clip(np.where(truth, probability, 1 - probability), 1e-15, None))
    linear = np.column_stack(
        [np.ones_like(gas), right, gas, gas * right, (1 - gas) * right, (probability - gas) ** 2, surprise]
    )
    total, n_right, n_gas, gas_right, electric_right, squares, surprises = (weights @ linear).T
    n_electric = total - n_gas
    order = np.argsort(-probability, kind="stable")
    ends = np.flatnonzero(np.diff(probability[order], append=np.inf))  # homes with the same score count together
    gas_up_to = np.cumsum(weights[:, order] * gas[order], axis=1)[:, ends]
    all_up_to = np.cumsum(weights[:, order], axis=1)[:, ends]
    gas_steps = np.diff(gas_up_to, axis=1, prepend=0.0)
    electric_up_to = all_up_to - gas_up_to
    electric_steps = np.diff(electric_up_to, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):  # a draw without one fuel has no such figure
        below = n_electric[:, None] - electric_up_to + electric_steps / 2
        return {
            "accuracy": n_right / total,
            "auc": (gas_steps * below).sum(axis=1) / (n_gas * n_electric),
            "pr_auc": (gas_steps * np.nan_to_num(gas_up_to / all_up_to)).sum(axis=1) / n_gas,
            "recall_gas": gas_right / n_gas,
            "recall_electricity": electric_right / n_electric,
            "brier": squares / total,
            "log_loss": surprises / total,
        }


def _with_interval(metrics: dict[str, Floats]) -> dict[str, Figure]:
    figures = {}
    for name, values in metrics.items():
        drawn = values[1:][~np.isnan(values[1:])]
        low, high = np.percentile(drawn, INTERVAL) if len(drawn) else (values[0], values[0])
        figures[name] = Figure(float(values[0]), float(low), float(high))
    return figures
