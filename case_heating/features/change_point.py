"""Change-point models of many homes at once: base load, plus heating below and cooling above a balance point.

The sums of squares and products of every candidate column are one batched matrix product over homes; from them the
fit at every pair of balance points is a closed formula. No loop over homes, and nothing is kept of a home but its
answer.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from case_heating.features.degree_day_records import Floats, Whole

MIN_BILLS = 9
"""Three quarters of a year of monthly bills; the largest model has five parameters."""

MIN_DAYS = 270
"""Three quarters of a year: with fewer days a whole season may be unseen. [day]"""

MIN_SPREAD_F = 0.18
"""Standard deviation of degree days per day over a home's bills, below which a slope would be read off noise: that of
the 20 degree days a year CalTRACK 2.0 (3.2.2.2) asks for, all of them in one of twelve bills. [°F]"""

MIN_TOLERANCE = 0.01
"""Share of one degree-day column's variance that the other must leave unexplained, else their slopes trade off."""

CHUNK_BILLS = 1 << 15
"""Bills fitted at a time by one thread: 16 columns of them take 4 MB, which stays near the processor."""

SIGNATURE_COLUMNS = (
    "base_load_per_day",
    "heating_slope",
    "cooling_slope",
    "heating_balance_f",
    "cooling_balance_f",
    "heating_share",
    "cooling_share",
    "r2",
    "heating_slope_se",
    "n_bills",
    "enough_bills",
)

_EXACT = 1e-12  # a model that leaves less of the variance than this fits exactly: the rest is rounding
_TIE = 1 + 1e-9  # criteria closer than this factor are equal: rounding must not choose between balance points


class BillMatrix(NamedTuple):
    """Bills of some homes, each array of shape (n_homes, n_bills); where there is no bill, ``days`` is 0."""

    usage_per_day: Floats
    days: Floats
    period: Whole
    weight: Floats


@dataclass(frozen=True)
class DegreeDayRates:
    """Degree days per day of every period, at the balance points to be tried.

    Attributes
    ----------
    heating_balance_f, cooling_balance_f : ndarray of float, shape (n_heating,), (n_cooling,)
        The balance points, rising; either may be empty. [°F]
    hdd_per_day, cdd_per_day : ndarray of float, shape (n_heating, n_periods), (n_cooling, n_periods)
        Heating and cooling degree days per day. A period in which one is missing does not count. [°F]
    """

    heating_balance_f: Floats
    cooling_balance_f: Floats
    hdd_per_day: Floats
    cdd_per_day: Floats


def fit_signature_arrays(
    usage_per_day: Floats,
    days: Floats,
    period: Whole,
    rates: DegreeDayRates,
    *,
    weight: Floats | None = None,
    threads: int = 2,
    chunk_bills: int = CHUNK_BILLS,
) -> pd.DataFrame:
    """Fit the bill signature of homes whose bills lie in arrays.

    Per home the model is chosen among base load alone, with heating, with cooling, and with both, at every pair of
    balance points (cooling not below heating), by the highest adjusted R² (CalTRACK 2.0, 3.4.3.3), with a balance
    point counted as a parameter: a stricter criterion misses too much of the small heating this project looks for.
    Models with a slope that is not positive, or that the bills cannot tell from another, are out; of balance points
    that fit equally well the lowest is taken.

    Parameters
    ----------
    usage_per_day : ndarray of float, shape (n_homes, n_bills)
        Usage of each bill divided by its days; missing where there is no bill; may be negative. [kWh/day or therm/day]
    days : ndarray of float, shape (n_homes, n_bills)
        Days of each bill, 0 where there is none. [day]
    period : ndarray of int, shape (n_homes, n_bills)
        Which column of ``rates`` each bill's place and period is; anything valid where there is no bill.
    rates : DegreeDayRates
        Degree days per day: homes of one place and billing cycle share them.
    weight : ndarray of float, shape (n_homes, n_bills), optional
        Weight of each bill; its days if not given.
    threads : int
        Chunks of homes fitted at the same time.
    chunk_bills : int
        Bills fitted at a time by one thread; bounds the memory and changes no result.

    Returns
    -------
    DataFrame, shape (n_homes, 11)
        ``base_load_per_day`` [kWh/day or therm/day]; ``heating_slope``, ``cooling_slope`` [kWh/(°F·day) or
        therm/(°F·day)], 0 where none was found; ``heating_balance_f``, ``cooling_balance_f`` [°F] and
        ``heating_slope_se``, the standard error at that balance point, missing where the slope is 0; ``heating_share``,
        ``cooling_share`` of the fitted use, a negative base load taken as 0, so that 0 means none and 1 all of it;
        ``r2``, the share of the variance that is explained; ``n_bills`` that counted; ``enough_bills``: at least 9
        over 270 days with some change of weather. Without enough, all but the last two are missing.

    Examples
    --------
    A home that uses 10 kWh a day and 2 kWh more for every degree below 65 °F:

    >>> hdd = np.array([[30.0, 25, 20, 10, 5, 0, 0, 0, 5, 10, 20, 25]])
    >>> rates = DegreeDayRates(np.array([65.0]), np.array([]), hdd, np.zeros((0, 12)))
    >>> home = fit_signature_arrays(10 + 2 * hdd, np.full((1, 12), 30.0), np.arange(12)[None, :], rates)
    >>> home[["base_load_per_day", "heating_slope", "heating_share"]].iloc[0].round(6).tolist()
    [10.0, 2.0, 0.714286]
    """
    weights = days if weight is None else weight
    n_homes, n_bills = usage_per_day.shape
    return fit_in_chunks(
        lambda homes: BillMatrix(usage_per_day[homes], days[homes], period[homes], weights[homes]),
        n_homes,
        rates,
        chunk_homes=max(1, chunk_bills // max(1, n_bills)),
        threads=threads,
    )


def fit_in_chunks(
    bills_of: Callable[[slice], BillMatrix], n_homes: int, rates: DegreeDayRates, *, chunk_homes: int, threads: int
) -> pd.DataFrame:
    """Fit homes chunk by chunk, ``threads`` chunks at a time; ``bills_of`` gives the bills of a range of homes.

    Returns
    -------
    DataFrame, shape (n_homes, 11)
        As :func:`fit_signature_arrays`.
    """
    n_periods = rates.hdd_per_day.shape[1]
    columns = np.vstack([rates.hdd_per_day, np.ones(n_periods), rates.cdd_per_day, np.zeros(n_periods)]).T
    # A bill's row of the design matrix is one row of this table; its last column is room for the usage.
    table = np.where(np.isfinite(columns).all(axis=1, keepdims=True), columns, 0.0)
    signature = np.empty((n_homes, len(SIGNATURE_COLUMNS)))

    def fit(first: int) -> None:
        homes = slice(first, min(first + chunk_homes, n_homes))
        signature[homes] = _fit(bills_of(homes), table, rates.heating_balance_f, rates.cooling_balance_f)

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(fit, range(0, n_homes, chunk_homes)):
            pass
    frame = pd.DataFrame(signature, columns=list(SIGNATURE_COLUMNS))
    return frame.astype({"n_bills": "int64", "enough_bills": "bool"})


class _Moments(NamedTuple):
    """Weighted moments of some homes' bills: heating ``h``, cooling ``c`` and usage per day ``y``.

    The last candidate of ``h`` and the first of ``c`` are the column of ones: no heating, no cooling. It goes with
    nothing, so that its slope is exactly 0 and one formula serves all four models.
    """

    h_mean: Floats  # (n_homes, n_heating + 1) [°F]
    c_mean: Floats  # (n_homes, 1 + n_cooling) [°F]
    y_mean: Floats  # (n_homes,) [kWh/day or therm/day]
    h_per_sd: Floats  # one by the standard deviation; 0 where a slope could not be told
    c_per_sd: Floats
    y_sd: Floats
    hc: Floats  # correlations, (n_homes, n_heating + 1, 1 + n_cooling)
    hy: Floats  # (n_homes, n_heating + 1, 1)
    cy: Floats  # (n_homes, 1, 1 + n_cooling)


def _moments(design: Floats, usage: Floats, weight: Floats, n_heating: int) -> _Moments:
    """Sum up each home's bills; ``design`` holds heating, ones, cooling and room for the usage, and is written to."""
    total = weight.sum(axis=1)
    total = np.where(total > 0, total, 1.0)
    y_mean = (weight * usage).sum(axis=1) / total
    design[:, :, -1] = usage - y_mean[:, None]  # a large base load must not drown a small slope in rounding
    products = (design * weight[:, :, None]).swapaxes(1, 2) @ design / total[:, None, None]
    mean = products[:, n_heating, :]
    sd = np.sqrt(np.maximum(np.einsum("nii->ni", products) - mean**2, 0.0))
    told = sd >= MIN_SPREAD_F
    told[:, -1] = sd[:, -1] > _EXACT * np.abs(y_mean)  # usage that never changes varies by rounding only
    per_sd = np.divide(1.0, sd, out=np.zeros_like(sd), where=told)
    correlation = (products - mean[:, :, None] * mean[:, None, :]) * per_sd[:, :, None] * per_sd[:, None, :]
    h, c = slice(0, n_heating + 1), slice(n_heating, -1)
    return _Moments(
        h_mean=mean[:, h],
        c_mean=mean[:, c],
        y_mean=y_mean,
        h_per_sd=per_sd[:, h],
        c_per_sd=per_sd[:, c],
        y_sd=sd[:, -1],
        hc=correlation[:, h, c],
        hy=correlation[:, h, -1:],
        cy=correlation[:, -1:, c],
    )


class _Model(NamedTuple):
    """The model chosen for each home: positions of its balance points, slopes in standard deviations, what is left."""

    h: Whole
    c: Whole
    heating_beta: Floats
    cooling_beta: Floats
    heating_beta_se: Floats
    unexplained: Floats  # share of the variance of usage per day


def _choose_model(m: _Moments, n_bills: Whole, heating_f: Floats, cooling_f: Floats) -> _Model:
    """Fit every pair of balance points by least squares and keep each home's best; no balance point is missing."""
    tolerance = 1.0 - m.hc**2
    divisor = np.maximum(tolerance, _EXACT)  # only never zero: what is not told apart is ruled out below
    heating_beta = (m.hy - m.hc * m.cy) / divisor
    cooling_beta = (m.cy - m.hc * m.hy) / divisor
    unexplained = np.maximum(1.0 - heating_beta * m.hy - cooling_beta * m.cy, 0.0)

    heats, cools = np.isfinite(heating_f)[:, None], np.isfinite(cooling_f)
    crossed = heating_f[:, None] > cooling_f
    allowed = ~crossed & (tolerance >= MIN_TOLERANCE) & ((heating_beta > 0) | ~heats) & ((cooling_beta > 0) | ~cools)
    n_parameters = 1 + 2 * heats + 2 * cools
    freedom = np.maximum(n_bills[:, None, None] - n_parameters, 1)
    # The highest adjusted R² leaves the least variance per degree of freedom.
    left = np.where(allowed, np.maximum(unexplained, _EXACT) / freedom, np.inf).reshape(len(n_bills), -1)
    chosen = (left <= left.min(axis=1, keepdims=True) * _TIE).argmax(axis=1)

    h, c = np.divmod(chosen, cools.size)
    best = (np.arange(len(chosen)), h, c)
    beta_se = np.sqrt(unexplained[best] / (freedom[best] * divisor[best]))
    return _Model(h, c, heating_beta[best], cooling_beta[best], beta_se, unexplained[best])


def _fit(bills: BillMatrix, table: Floats, heating_balance_f: Floats, cooling_balance_f: Floats) -> Floats:
    """Fit some homes; one column for each of ``SIGNATURE_COLUMNS``."""
    n_heating = len(heating_balance_f)
    design = table.take(bills.period, axis=0)
    counts = np.isfinite(bills.usage_per_day) & (bills.days > 0) & (design[:, :, n_heating] > 0)
    usage, weight, days = (np.where(counts, part, 0.0) for part in (bills.usage_per_day, bills.weight, bills.days))
    n_bills = counts.sum(axis=1)
    m = _moments(design, usage, weight, n_heating)
    heating_f, cooling_f = np.append(heating_balance_f, np.nan), np.append(np.nan, cooling_balance_f)
    model = _choose_model(m, n_bills, heating_f, cooling_f)

    home = np.arange(len(n_bills))
    heating_unit = m.y_sd * m.h_per_sd[home, model.h]
    heating_slope = model.heating_beta * heating_unit
    cooling_slope = model.cooling_beta * m.y_sd * m.c_per_sd[home, model.c]
    heating, cooling = heating_slope * m.h_mean[home, model.h], cooling_slope * m.c_mean[home, model.c]
    base_load = m.y_mean - heating - cooling
    use = heating + cooling + np.maximum(base_load, 0.0)
    use = np.where(use > 0, use, np.nan)  # a home that uses nothing has no shares
    answer = np.column_stack(
        [
            base_load,
            heating_slope,
            cooling_slope,
            heating_f[model.h],
            cooling_f[model.c],
            heating / use,
            cooling / use,
            1.0 - model.unexplained,
            np.where(model.h < n_heating, model.heating_beta_se * heating_unit, np.nan),
        ]
    )
    weather_changed = (m.h_per_sd > 0).any(axis=1) | (m.c_per_sd > 0).any(axis=1)
    enough = (n_bills >= MIN_BILLS) & (days.sum(axis=1) >= MIN_DAYS) & weather_changed
    answer[~enough] = np.nan
    return np.column_stack([answer, n_bills, enough])
