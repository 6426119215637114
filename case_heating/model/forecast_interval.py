"""How far off a forecast may be, in parts: what homes share does not average out, what is their own does.

Three parts, independent of each other. **Weather** is shared by the homes of a place, and largely by places too: it
adds up over homes before it is squared. Its spread is known from few years, which widens sums as Student's t does. The
**model** may be wrong for all homes alike, by a share of the total. Each home's **own** noise (parameters known from
few bills, habits, empty weeks) adds up in squares. Prices are no part of it: another price is a scenario.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_weather import Climatology

LEVEL = 0.90
Z = float(ndtri((1 + LEVEL) / 2))
"""Half width of a 90 % interval in standard deviations."""

HABIT_SD = 0.06
"""Standard deviation of a year's use around a home's usual one beyond weather and single months, as a share."""

USUAL_MODEL_SD = 0.015
"""Error that all homes share with the true weather put in, as a share of the total: expected before a look-back."""
LOOK_BACK_WORTH = 10.0  # of how many places' look-backs this expectation is worth

_FLAT = 0.3  # share of a month's noise that does not grow with its use


@dataclass(frozen=True)
class Spread:
    """What a look-back over the last twelve months found, by fuel, each of shape (n_fuels,).

    ``year`` and ``month`` stretch homes' own standard deviations so that 90 % intervals hold nine in ten;
    ``model_sd`` is the error that homes share. Without a year to look back on they are what is usual.
    """

    year: Floats
    month: Floats
    model_sd: Floats
    looked_back: bool


USUAL_SPREAD = Spread(np.array([1.1, 1.1]), np.array([1.2, 1.2]), np.full(2, USUAL_MODEL_SD), looked_back=False)


def own_month_variance(x: Floats, covariance: Floats, noise: Floats, usage: Floats, days: Floats) -> Floats:
    """Variance of each home's use in each month around its forecast, shape (n_homes, n_months).

    Parameters
    ----------
    x : ndarray, shape (n_homes, n_months, 4)
        Days, season, heating and cooling degree days that the parameters are multiplied with.
    covariance : ndarray, shape (n_homes, 4, 4)
        Of the parameters.
    noise : ndarray, shape (n_homes,)
        Standard deviation of a month's use per day.
    """
    uncertain = ((x @ covariance) * x).sum(axis=2)
    return uncertain + _month_noise(noise, usage, days) + (HABIT_SD * usage) ** 2


def own_year_variance(
    x: Floats, covariance: Floats, noise: Floats, usage: Floats, days: Floats, unit: Floats
) -> Floats:
    """Variance of each home's yearly cost around its forecast, shape (n_homes,). [USD²].

    ``unit`` is the price of each month, shape (n_homes, n_months); what a home's parameters miss, all months miss.
    """
    whole = (x * unit[:, :, None]).sum(axis=1)
    uncertain = ((whole[:, None, :] @ covariance)[:, 0] * whole).sum(axis=1)
    noises = (_month_noise(noise, usage, days) * unit**2).sum(axis=1)
    return uncertain + noises + (HABIT_SD * (usage * unit).sum(axis=1)) ** 2


def weather_variance(per_degree: Floats, spread_f: Floats, climatology: Climatology) -> tuple[Floats, Floats]:
    """Variance that the weather gives to groups of homes, by month and of all months together.

    Parameters
    ----------
    per_degree : ndarray, shape (n_groups, n_places, n_months)
        Change of the group's cost at each place with each degree that a month is warmer. [USD/°F]
    spread_f : ndarray, shape (n_places, n_months)
        Spread of the days of each month. [°F]
    climatology : Climatology
        How months depart together.

    Returns
    -------
    by_month, together : ndarray, shape (n_groups, n_months), (n_groups,)
        [USD²]
    """
    effect = per_degree * spread_f
    shared = np.einsum("gpm,pq->gqm", effect, climatology.covariance)
    by_month = (shared * effect).sum(axis=1)
    together = np.einsum("gqm,gqk,mk->g", shared, effect, _between_months(climatology, effect.shape[2]), optimize=True)
    return doubt(climatology.years) ** 2 * by_month, doubt(climatology.years) ** 2 * together


def home_weather_variance(
    per_degree: Floats, place: Whole, spread_f: Floats, climatology: Climatology
) -> tuple[Floats, Floats]:
    """Variance that the weather gives to single homes: as :func:`weather_variance`, each home at its one place.

    Without :func:`doubt`: a portfolio's interval holds a year or does not, homes' intervals hold nine in ten of them
    over the years, and with the doubt they held more (95 in 100 for gas).

    ``per_degree`` has shape (n_homes, n_months) and ``place`` (n_homes,).
    """
    effect = per_degree * spread_f[place] * np.sqrt(np.diag(climatology.covariance))[place, None]
    together = ((effect @ _between_months(climatology, effect.shape[1])) * effect).sum(axis=1)
    return effect**2, together


def doubt(years: float) -> float:
    """Give the factor by which an interval is wider because the spread of weather is itself known from few years.

    Examples
    --------
    One known year and two that are usual: Student's t with three degrees of freedom.

    >>> round(doubt(3.0), 2)
    1.43
    """
    return float(stdtrit(years, (1 + LEVEL) / 2)) / Z


def _between_months(climatology: Climatology, n_months: int) -> Floats:
    month = np.arange(n_months)
    return climatology.persistence ** np.abs(month[:, None] - month)


def _month_noise(noise: Floats, usage: Floats, days: Floats) -> Floats:
    """Noise of single months, larger where more is used."""
    per_day = np.abs(usage) / days
    usual = per_day.mean(axis=1, keepdims=True)
    relative = np.divide(per_day, usual, out=np.ones_like(per_day), where=usual > 0)
    return (days * noise[:, None] * (_FLAT + (1 - _FLAT) * relative)) ** 2
