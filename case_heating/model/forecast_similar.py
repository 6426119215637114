"""What similar homes use: the prior that a home's own bills are weighed against.

Homes of one kind of heating form a population whose use parameters spread around the mean of their cell, dwelling type
by place. Mean and spread are found by expectation maximisation [1]_ from the homes with enough bills, so that what is
noise in single homes is not taken for a difference between homes.

References
----------
.. [1] N. M. Laird, J. H. Ware, "Random-effects models for longitudinal data", Biometrics 38 (1982) 963-974.
"""

from dataclasses import dataclass

import numpy as np

from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_bills import BillSums

CELL_HOMES = 10.0
"""How many homes of its own a cell's mean needs to count as much as that of the dwelling type at all places."""

NOISE_BILLS = 6.0
"""How many bills of its own a home's noise needs to count as much as that of other homes."""

_ROUNDS = 12  # of expectation maximisation: the means move by less than a thousandth after ten
_USUAL_NOISE = 0.15  # of the use, where no home shows it
_START_SPREAD = np.array([0.6, 0.15, 0.6, 0.6])  # of the pooled parameter: only where the search begins
_LEAST_SPREAD = 1e-4  # of the pooled base load: no parameter is taken as the same in all homes


@dataclass(frozen=True)
class Similar:
    """Population of one kind of heating and one fuel.

    Attributes
    ----------
    mean : ndarray, shape (n_cells, 4)
        Base load, its season, heating and cooling slope of a home of each cell. [kWh or therm per day, per °F·day]
    spread : ndarray, shape (4, 4)
        Covariance between homes of a cell.
    noise : float
        Standard deviation of a bill's use per day, as a share of the home's use.
    """

    mean: Floats
    spread: Floats
    noise: float


@dataclass(frozen=True)
class Posterior:
    """What bills and similar homes together say: means (n_homes, 4), covariances (n_homes, 4, 4), log evidence."""

    mean: Floats
    covariance: Floats
    log_evidence: Floats


def weigh(mean: Floats, spread: Floats, sums: BillSums, noise_variance: Floats) -> Posterior:
    """Weigh each home's bills against the homes similar to it; without bills the similar homes' mean is the answer.

    Parameters
    ----------
    mean : ndarray, shape (n_homes, 4)
        Of the home's cell.
    spread : ndarray, shape (4, 4)
        Between homes of a cell.
    noise_variance : ndarray, shape (n_homes,)
        Of a bill's use per day.

    Examples
    --------
    One bill of 30 a day with noise as large as the spread between homes, whose mean is 10: halfway.

    >>> x = np.zeros((1, 4, 4)); x[0, 0, 0] = 1.0
    >>> bill = BillSums(x, np.array([[30.0, 0, 0, 0]]), np.array([900.0]), np.ones(1), np.ones(1), np.array([False]))
    >>> weigh(np.array([[10.0, 0, 0, 0]]), np.eye(4) * 4.0, bill, np.array([4.0])).mean[0].tolist()
    [20.0, 0.0, 0.0, 0.0]
    """
    precision = np.linalg.inv(spread) + sums.xx / noise_variance[:, None, None]
    covariance = np.linalg.inv(precision).astype(float)
    missed = (sums.xy - np.einsum("nij,nj->ni", sums.xx, mean)) / noise_variance[:, None]
    moved = np.einsum("nij,nj->ni", covariance, missed)
    squares = sums.yy - (mean * (sums.xy + missed * noise_variance[:, None])).sum(axis=1)
    volume = np.linalg.slogdet(spread)[1] + np.linalg.slogdet(precision)[1]
    log_evidence = -0.5 * (volume + squares / noise_variance - (moved * missed).sum(axis=1))
    return Posterior(mean + moved, covariance, log_evidence)


def learn_similar(sums: BillSums, cell: Whole, wider: Whole, taken: np.ndarray, used: np.ndarray) -> Similar:
    """Learn a population from its homes with enough bills.

    Parameters
    ----------
    sums : BillSums
        Of all homes.
    cell : ndarray of int, shape (n_homes,)
        Cell of each home.
    wider : ndarray of int, shape (n_cells,)
        Which cells share a dwelling type: where a cell has few homes, these stand in.
    taken : ndarray of bool, shape (n_homes,)
        Homes of this population with enough bills.
    used : ndarray of bool, shape (4,)
        Parameters this fuel has: gas does not cool. The others are 0 in every home.
    """
    off = np.where(used, 0.0, 1e-18)
    if not taken.any():
        return Similar(np.zeros((len(wider), 4)), np.diag(np.where(used, 1e-6, 1e-18)), _USUAL_NOISE)
    own = _only(sums, taken)
    pooled = _solve(own.xx.sum(axis=0), own.xy.sum(axis=0), used)
    least = _LEAST_SPREAD * max(abs(pooled[0]), 1e-3)
    spread = np.diag(np.where(used, (_START_SPREAD * np.abs(pooled)) ** 2 + (20 * least) ** 2, 0.0) + off)
    mean = np.tile(pooled, (len(wider), 1))
    noise_variance = np.maximum((_USUAL_NOISE * level(own)) ** 2, least**2)
    noise = _USUAL_NOISE
    for _ in range(_ROUNDS):
        found = weigh(mean[cell[taken]], spread, own, noise_variance)
        mean = _cell_means(found.mean, cell[taken], wider)
        away = found.mean - mean[cell[taken]]
        spread = (found.covariance + away[:, :, None] * away[:, None, :]).mean(axis=0)
        spread += np.diag(np.where(used, least**2, 0.0) + off)
        squares = own.yy - 2 * (found.mean * own.xy).sum(axis=1)
        squares += np.einsum("ni,nij,nj->n", found.mean, own.xx, found.mean)
        squares += np.einsum("nij,nji->n", own.xx, found.covariance)
        share = squares.clip(min=0.0) / own.weight / np.maximum(level(own) ** 2, least**2)
        noise = float(np.sqrt(np.median(share)))
        noise_variance = (NOISE_BILLS * noise**2 + own.weight * share) / (NOISE_BILLS + own.weight)
        noise_variance *= np.maximum(level(own) ** 2, least**2)
    return Similar(np.where(used, mean, 0.0), spread, noise)


def level(sums: BillSums) -> Floats:
    """Root mean square of each home's use per day, 0 without bills: a solar home's mean may be nothing."""
    return np.sqrt(np.divide(sums.yy, sums.weight, out=np.zeros(len(sums.yy)), where=sums.weight > 0))


def own_noise(sums: BillSums, found: Posterior, similar: Similar, expected_level: Floats) -> Floats:
    """Variance of a bill's use per day around each home's own parameters, drawn towards that of similar homes."""
    squares = sums.yy - 2 * (found.mean * sums.xy).sum(axis=1)
    squares += np.einsum("ni,nij,nj->n", found.mean, sums.xx, found.mean)
    usual = (similar.noise * np.where(sums.weight > 0, level(sums), expected_level)) ** 2
    return (NOISE_BILLS * usual + squares.clip(min=0.0)) / (NOISE_BILLS + sums.weight)


def _cell_means(values: Floats, cell: Whole, wider: Whole) -> Floats:
    """Mean of each cell, drawn towards that of its dwelling type, and that towards all, shape (n_cells, 4)."""
    all_homes = values.mean(axis=0)
    by_type = _drawn_means(values, wider[cell], np.tile(all_homes, (int(wider.max()) + 1, 1)))
    return _drawn_means(values, cell, by_type[wider])


def _drawn_means(values: Floats, group: Whole, towards: Floats) -> Floats:
    sums = np.column_stack([np.bincount(group, column, len(towards)) for column in values.T])
    n = np.bincount(group, minlength=len(towards))[:, None]
    return (sums + CELL_HOMES * towards) / (n + CELL_HOMES)


def _only(sums: BillSums, taken: np.ndarray) -> BillSums:
    return BillSums(*(getattr(sums, name)[taken] for name in sums.__dataclass_fields__))


def _solve(xx: Floats, xy: Floats, used: np.ndarray) -> Floats:
    """Pooled regression on the columns that are used and that the weather tells apart."""
    pooled = np.zeros(4)
    pooled[used] = np.linalg.lstsq(xx[np.ix_(used, used)], xy[used], rcond=1e-10)[0]
    return pooled
