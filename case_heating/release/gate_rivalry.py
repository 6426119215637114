"""The gate's checks of a candidate against its rival: on the same homes, now, pair by pair.

The rival is the champion, or the neighbours' majority where there is no champion yet. A limit that the rival breaks as
well, and by no less, refuses nothing: refusing would keep the worse of two.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control, norm

from case_heating.model.fuel import PROBABILITY_FLOOR, fit_calibration
from case_heating.model.split import region_of
from case_heating.release.gate_checks import Check
from case_heating.release.gate_limits import GateLimits

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SLICES = ("state", "district", "dwelling_type", "area_type")
"""Columns of ``homes`` by which slices are cut, beside the region and who saw the fuel."""


@dataclass(frozen=True)
class Scored:
    """Two answers to the same homes.

    Attributes
    ----------
    is_gas : ndarray of bool, shape (n_homes,)
        What is true.
    candidate, rival : ndarray, shape (n_homes,)
        Probability of gas.
    rival_name : str
        Who the rival is.
    slices : DataFrame of str, shape (n_homes, n_columns)
        Which slices each home belongs to.
    """

    is_gas: Bools
    candidate: Floats
    rival: Floats
    rival_name: str
    slices: pd.DataFrame

    @property
    def gained(self) -> Floats:
        """By home: 1 where only the candidate is right, -1 where only the rival is, 0 otherwise."""
        candidate, rival = ((p >= 0.5) == self.is_gas for p in (self.candidate, self.rival))
        return candidate.astype(float) - rival.astype(float)


def slices_of(homes: pd.DataFrame, source: pd.Series) -> pd.DataFrame:
    """Give the slices of each home: region, place, dwelling, surroundings, and who saw the fuel."""
    named = {name: homes[name] for name in SLICES if name in homes}
    return (
        pd.DataFrame({"region": region_of(homes), **named, "label source": source})
        .astype("str")
        .where(lambda told: told != "nan")
    )


def check_right(scored: Scored, limits: GateLimits, *, margin: float, rounds: int, seed: int) -> Check:
    """Ask whether it is right as often as the rival, but for a margin [share]."""
    gain, low = _gain(scored.gained, limits, rounds, seed)
    words = (
        f"{100 * gain:+.1f} of 100 homes right against {scored.rival_name} on the same {len(scored.is_gas):,} homes, "
        f"at least {100 * low:+.1f} ({100 * limits.confidence:g} % sure); {-100 * margin:+.1f} is allowed"
    )
    return Check("right as often", low >= -margin, words, low, -margin)


def check_surprise(scored: Scored, limits: GateLimits, *, margin: float, rounds: int, seed: int) -> Check:
    """Ask whether the truth surprises it no more than the rival, but for a margin [nats of log loss]."""
    gain, low = _gain(
        _surprise(scored.rival, scored.is_gas) - _surprise(scored.candidate, scored.is_gas), limits, rounds, seed
    )
    words = (
        f"log loss {gain:+.3f} nats better than that of {scored.rival_name}, at least {low:+.3f} "
        f"({100 * limits.confidence:g} % sure); {-margin:+.3f} is allowed"
    )
    return Check("no more surprised", low >= -margin, words, low, -margin)


def check_naive(scored: Scored, limits: GateLimits, *, rounds: int, seed: int) -> Check:
    """Ask whether it is better than the neighbours' majority: a floor that many small losses cannot sink below."""
    gain, low = _gain(scored.gained, limits, rounds, seed)
    words = (
        f"{100 * gain:+.1f} of 100 homes right against {scored.rival_name}, at least {100 * low:+.1f} "
        f"({100 * limits.confidence:g} % sure); it must be above 0"
    )
    return Check("better than naive", low > 0, words, low, 0.0)


def _gain(gained: Floats, limits: GateLimits, rounds: int, seed: int) -> tuple[float, float]:
    """Mean gain by home, and its lower bound by paired bootstrap."""
    drawn = draw_homes(len(gained), rounds, seed) @ gained
    return float(gained.mean()), float(np.quantile(drawn, 1 - limits.confidence))


def check_slices(scored: Scored, limits: GateLimits, *, rounds: int, seed: int) -> Check:
    """Ask whether it is worse in any slice of enough homes: a region, a dwelling type, a source of labels.

    A slice refuses if the candidate may well be worse there by more than the margin, or if it is worse by more than a
    little and chance, corrected for the number of slices by Benjamini and Hochberg, does not explain it.
    """
    table = slice_table(scored, limits, rounds=rounds, seed=seed)
    if table.empty:
        return Check("every slice", None, f"no slice has {limits.min_slice_homes} homes to judge by")
    bad = table[(table["low"] < -limits.max_slice_loss) | (table["harmed"])]
    worst = table.loc[table["low"].idxmin()]
    if bad.empty:
        words = (
            f"none of {len(table)} slices of {limits.min_slice_homes} homes or more is worse; the least sure is "
            f"{worst['slice']} with {100 * worst['gain']:+.1f} of 100, at least {100 * worst['low']:+.1f}"
        )
    else:
        told = [
            f"{row['slice']} ({row['n_homes']:,} homes): {100 * row['gain']:+.1f} of 100, "
            f"at least {100 * row['low']:+.1f}"
            for _, row in bad.sort_values("gain").iterrows()
        ]
        words = (
            f"worse than {scored.rival_name} in {len(bad)} of {len(table)} slices: {'; '.join(told)}; "
            f"{-100 * limits.max_slice_loss:+g} of 100 is allowed"
        )
    return Check("every slice", bad.empty, words, float(worst["low"]), -limits.max_slice_loss)


def slice_table(scored: Scored, limits: GateLimits, *, rounds: int, seed: int) -> pd.DataFrame:
    """Compare both by slice.

    Returns
    -------
    DataFrame, one row per slice of enough homes
        ``slice``, ``n_homes``, ``gain`` and its lower bound ``low`` [share right], ``p_adjusted``, ``harmed``.
    """
    members = {
        f"{column} {value}": (scored.slices[column] == value).to_numpy()
        for column in scored.slices
        for value in sorted(scored.slices[column].dropna().unique())
    }
    members = {name: inside for name, inside in members.items() if inside.sum() >= limits.min_slice_homes}
    if not members:
        return pd.DataFrame()
    inside = np.column_stack(list(members.values())).astype(float)
    counts = draw_homes(len(inside), rounds, seed)
    drawn = (counts @ (inside * scored.gained[:, None])) / np.maximum(counts @ inside, 1e-12)
    gain = scored.gained @ inside / inside.sum(axis=0)
    spread = drawn.std(axis=0)
    # Where both answer alike on every home there is no spread and no harm.
    p_value = norm.cdf(np.divide(gain, spread, out=np.zeros_like(gain), where=spread > 0))
    adjusted = false_discovery_control(p_value, method="bh")
    return pd.DataFrame(
        {
            "slice": list(members),
            "n_homes": inside.sum(axis=0).astype(int),
            "gain": gain,
            "low": np.quantile(drawn, 1 - limits.confidence, axis=0),
            "p_adjusted": adjusted,
            "harmed": (gain < -limits.max_slice_harm) & (adjusted <= 1 - limits.confidence),
        }
    )


@dataclass(frozen=True)
class CalibrationLine:
    """How what was said goes with what came true: slope over the logit, and the mean gap, with standard errors."""

    slope: float
    slope_se: float
    gap: float
    gap_se: float

    def off(self, limits: GateLimits) -> float:
        """How far beyond the limits it surely lies; 0: chance may explain it."""
        low, high = limits.slope
        slope_off = max(low - (self.slope + 1.96 * self.slope_se), (self.slope - 1.96 * self.slope_se) - high, 0.0)
        return slope_off + max(abs(self.gap) - 1.96 * self.gap_se - limits.max_mean_gap, 0.0)


def calibration_line(is_gas: Bools, probability: Floats) -> CalibrationLine:
    """Fit the truth to the logit said.

    References
    ----------
    .. [1] D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958).
    """
    said = np.clip(probability, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    logit = np.log(said / (1 - said))
    line = fit_calibration(logit, is_gas)
    fitted = line(logit)
    weight = fitted * (1 - fitted)
    design = np.column_stack([np.ones_like(logit), logit])
    covariance = np.linalg.pinv(design.T @ (design * weight[:, None]))
    gap = said - is_gas
    return CalibrationLine(
        line.slope, float(np.sqrt(covariance[1, 1])), float(gap.mean()), float(gap.std() / np.sqrt(len(gap)))
    )


def check_calibration(scored: Scored, limits: GateLimits) -> Check:
    """Ask whether its probabilities come true; where the rival's do no better, a miss is told and refuses nothing."""
    line, other = (calibration_line(scored.is_gas, p) for p in (scored.candidate, scored.rival))
    low, high = limits.slope
    words = (
        f"it says {100 * abs(line.gap):.1f} of 100 {'more' if line.gap >= 0 else 'less'} gas than came true "
        f"(± {196 * line.gap_se:.1f}, {100 * limits.max_mean_gap:g} allowed); slope {line.slope:.2f} "
        f"± {1.96 * line.slope_se:.2f} ({low:g} to {high:g} allowed)"
    )
    off, other_off = line.off(limits), other.off(limits)
    if not off and (not low <= line.slope <= high or abs(line.gap) > limits.max_mean_gap):
        words += ". It lies beyond a limit by no more than chance may explain, which refuses nothing"
    if off and off <= other_off:
        other_words = f"{scored.rival_name} is no nearer: {100 * other.gap:+.1f} of 100, slope {other.slope:.2f}"
        return Check("probabilities come true", None, f"{words}; {other_words}", line.gap, limits.max_mean_gap)
    return Check("probabilities come true", off == 0, words, line.gap, limits.max_mean_gap)


def draw_homes(n_homes: int, rounds: int, seed: int) -> Floats:
    """Bootstrap draws as shares of each home, shape (rounds, n_homes); the same for every figure."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n_homes, size=(rounds, n_homes))
    return np.stack([np.bincount(row, minlength=n_homes) for row in drawn]) / n_homes


def _surprise(probability: Floats, is_gas: Bools) -> Floats:
    said = np.clip(probability, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    return -np.log(np.where(is_gas, said, 1 - said))
