"""What a year may cost when the heating fuel is not sure: conditional quantiles mixed by the fuel's probability.

A home that heats with gas with probability 0.6 is, as far as its cost is concerned, 0.6 of a gas home and 0.4 of an
electric one. The mixture's quantiles, not those of the likelier fuel, say what it may cost: where the two differ, the
interval is wide and honest. Costs are handled as ``log(1 + USD)``, because errors grow with the bill.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from case_heating.schema import BILLS

Floats = npt.NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
"""Levels at which the quantiles of each fuel are fitted; between and beyond them the cost is taken as log-normal."""

LARGEST_LOG_COST = float(np.log1p(BILLS.column("cost_usd").maximum or 0.0))
"""No quantile lies beyond the largest amount the schema lets a bill have."""

_NARROWEST = 1e-6  # of log cost: quantiles that fall together still make a rising distribution function
_HALVINGS = 40  # of the bracket 0 … 11.5: leaves an error of 1e-11, far below a cent
_Z = ndtri(LEVELS)


def position_in_quantiles(quantiles: Floats, log_cost: Floats) -> Floats:
    """Distribution function given by fitted quantiles, normal in log cost between and beyond them.

    Parameters
    ----------
    quantiles : ndarray, shape (n_homes, 5)
        Log costs at :data:`LEVELS`, rising in each row.
    log_cost : ndarray, shape (n_homes,)
        Where to read it.

    Returns
    -------
    ndarray, shape (n_homes,)
        Probability that the cost is no larger, 0 to 1.

    Examples
    --------
    >>> rows = np.array([[5.0, 6.0, 7.0, 8.0, 9.0]] * 2)
    >>> position_in_quantiles(rows, np.array([7.0, 9.0])).round(4).tolist()
    [0.5, 0.95]
    """
    piece = ((quantiles[:, 1:-1] <= log_cost[:, None]).sum(axis=1))[:, None]
    low, high = (np.take_along_axis(quantiles, piece + step, axis=1)[:, 0] for step in (0, 1))
    z_low, z_high = _Z[piece[:, 0]], _Z[piece[:, 0] + 1]
    return ndtr(z_low + (log_cost - low) / np.maximum(high - low, _NARROWEST) * (z_high - z_low))


def mixture_position(quantiles: Mapping[str, Floats], shares: Mapping[str, Floats], log_cost: Floats) -> Floats:
    """Distribution function of the mixture over fuels at given costs, shape (n_homes,).

    Parameters
    ----------
    quantiles : mapping of fuel to ndarray, shape (n_homes, 5)
        Conditional log costs.
    shares : mapping of fuel to ndarray, shape (n_homes,)
        Probability of each fuel; they add up to 1 in every home.
    log_cost : ndarray, shape (n_homes,)
        Where to read it.
    """
    position = np.zeros(len(log_cost))
    for fuel, rows in quantiles.items():
        position += shares[fuel] * position_in_quantiles(rows, log_cost)
    return position


def mixture_quantile(quantiles: Mapping[str, Floats], shares: Mapping[str, Floats], level: Floats | float) -> Floats:
    """Cost below which the mixture lies with a given probability.

    Parameters
    ----------
    quantiles, shares : mapping
        As for :func:`mixture_position`.
    level : float or ndarray, shape (n_homes,)
        The probability.

    Returns
    -------
    ndarray, shape (n_homes,)
        [USD], between 0 and the largest amount the schema allows.

    Examples
    --------
    Half a home of about 150 USD and half one of about 3,000: the interval spans both.

    >>> gas, electric = np.log1p([[140, 145, 150, 155, 160]]), np.log1p([[2800, 2900, 3000, 3100, 3200]])
    >>> even = {"gas": np.array([0.5]), "electricity": np.array([0.5])}
    >>> [round(mixture_quantile({"gas": gas, "electricity": electric}, even, at)[0]) for at in (0.05, 0.95)]
    [142, 3162]
    """
    n_homes = len(next(iter(quantiles.values())))
    low, high = np.zeros(n_homes), np.full(n_homes, LARGEST_LOG_COST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = mixture_position(quantiles, shares, middle) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.expm1((low + high) / 2)
