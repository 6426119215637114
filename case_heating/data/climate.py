"""Daily weather of the utility's places: a yearly wave, wandering days, and winters that differ by script.

References
----------
.. [1] Richardson (1981), Stochastic simulation of daily precipitation, temperature, and solar radiation: daily
   temperature as a seasonal wave plus first-order autoregressive noise.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from case_heating.schema import BASE_TEMPERATURE_F

FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2026, 1, 1)  # the last day is not part of the record
NORMAL_YEARS = 30  # climate normals are means of thirty years
DAY_TO_DAY = 0.72  # autocorrelation of daily temperature [1]_
SHARED = 0.85  # correlation of the wandering between places of one region
COLDEST_DAY = 20  # of the year; northern mid-latitudes lag the sun by a month
USUAL_WINTER_SD_F = 1.2  # of a winter's mean around its normal
# Winters (named by the year of their January) that people remember: departure of December to March in °F.
SCRIPTED_WINTERS_F = {2023: -5.0, 2024: 5.0}  # a severe one, then a warm one
COLD_SNAP = (date(2022, 12, 20), date(2022, 12, 30), -10.0)  # on top of the severe winter
HOT_SUMMER = (date(2024, 6, 15), date(2024, 9, 1), 3.0)
BASES_F = np.arange(48.0, 82.0)  # balance points a home may have, one degree apart

# Heat pump efficiency on a line, assumed; seven field studies put it near 2.7 in mild cold and at 1.5 to 2 below
# 14 °F (Regulatory Assistance Project and Oxford University, 2023).
COP_AT_17F, COP_AT_47F = 2.0, 3.1
MIN_COP, MAX_COP = 1.2, 3.6


@dataclass(frozen=True)
class Climate:
    """Weather of all places, and degree days summed up so that any period is a difference of two entries.

    Attributes
    ----------
    places : DataFrame
        One row per place, with ``hdd_normal`` and ``cdd_normal`` [°F·day a year].
    mean_temp_f : ndarray, shape (n_places, n_days)
    hdd, heat_pump_hdd, cdd : ndarray, shape (n_places, n_bases, n_days + 1)
        Degree days from the first day up to each day; those of the heat pump are divided by its efficiency.
    normal_hdd, normal_heat_pump_hdd, normal_cdd : ndarray, shape (n_places, n_bases)
        The same of a normal year.
    """

    places: pd.DataFrame
    mean_temp_f: np.ndarray
    hdd: np.ndarray
    heat_pump_hdd: np.ndarray
    cdd: np.ndarray
    normal_hdd: np.ndarray
    normal_heat_pump_hdd: np.ndarray
    normal_cdd: np.ndarray


def heat_pump_cop(temp_f: np.ndarray) -> np.ndarray:
    """Heat delivered per unit of electricity, falling as it gets colder.

    Examples
    --------
    >>> heat_pump_cop(np.array([47.0, 17.0, -20.0])).round(2).tolist()
    [3.1, 2.0, 1.2]
    """
    slope = (COP_AT_47F - COP_AT_17F) / (47.0 - 17.0)
    return (COP_AT_17F + slope * (temp_f - 17.0)).clip(MIN_COP, MAX_COP)


def draw_climate(places: pd.DataFrame, rng: np.random.Generator) -> Climate:
    """Draw four years of daily weather, and thirty more for the normals.

    Parameters
    ----------
    places : DataFrame, shape (n_places, n_columns)
        ``region``, ``january_f``, ``july_f``, ``winter_sd_f`` and ``summer_sd_f``.
    """
    usual = _wandering(places, _days(date(1992, 1, 1), date(1992 + NORMAL_YEARS, 1, 1)), rng)
    days = _days(FIRST_DAY, LAST_DAY)
    temperature = (_wandering(places, days, rng) + _departures(places, days, rng)).round(1)
    heat, cool, pump = _degree_days(usual)
    normals = [each.sum(axis=2) / NORMAL_YEARS for each in (heat, cool, pump)]
    base = int(np.flatnonzero(BASES_F == BASE_TEMPERATURE_F)[0])
    known = places.assign(hdd_normal=normals[0][:, base].round(), cdd_normal=normals[1][:, base].round())
    sums = [np.pad(each.cumsum(axis=2), ((0, 0), (0, 0), (1, 0))) for each in _degree_days(temperature)]
    return Climate(known, temperature, sums[0], sums[2], sums[1], normals[0], normals[2], normals[1])


def weather_table(climate: Climate) -> pd.DataFrame:
    """Say the daily weather as rows of the ``weather`` table."""
    days = _days(FIRST_DAY, LAST_DAY)
    return pd.DataFrame(
        {
            "place_id": np.repeat(climate.places["place_id"].to_numpy(dtype=object), len(days)),
            "date": np.tile(days.to_numpy(), len(climate.places)),
            "mean_temp_f": climate.mean_temp_f.ravel(),
        }
    )


def _days(first: date, after: date) -> pd.DatetimeIndex:
    return pd.date_range(first, after, inclusive="left")


def _wandering(places: pd.DataFrame, days: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Seasonal wave plus autoregressive days, places of a region alike. [°F], shape (n_places, n_days)."""
    wave = np.cos(2 * np.pi * (days.day_of_year.to_numpy() - COLDEST_DAY) / 365.25)[None, :]
    of = {name: places[name].to_numpy()[:, None] for name in ("january_f", "july_f", "winter_sd_f", "summer_sd_f")}
    mean = (of["january_f"] + of["july_f"]) / 2 + (of["january_f"] - of["july_f"]) / 2 * wave
    spread = (of["winter_sd_f"] + of["summer_sd_f"]) / 2 + (of["winter_sd_f"] - of["summer_sd_f"]) / 2 * wave
    region = pd.factorize(places["region"])[0]
    shocks = np.sqrt(SHARED) * rng.standard_normal((region.max() + 1, len(days)))[region]
    shocks += np.sqrt(1 - SHARED) * rng.standard_normal((len(places), len(days)))
    state = np.empty_like(shocks)
    state[:, 0] = shocks[:, 0]
    for day in range(1, len(days)):
        state[:, day] = DAY_TO_DAY * state[:, day - 1] + np.sqrt(1 - DAY_TO_DAY**2) * shocks[:, day]
    return mean + spread * state


def _departures(places: pd.DataFrame, days: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """How far each winter and scripted spell lies from normal; places with calm winters depart less. [°F]."""
    scale = (places["winter_sd_f"] / places["winter_sd_f"].mean()).to_numpy()[:, None]
    winter = np.where(days.month == 12, days.year + 1, days.year)
    cold_months = np.isin(days.month, [12, 1, 2, 3])
    drawn = {year: rng.normal(0.0, USUAL_WINTER_SD_F) for year in range(2022, 2027)} | SCRIPTED_WINTERS_F
    departure = np.where(cold_months, pd.Series(winter).map(drawn).to_numpy(), 0.0)
    for first, after, degrees in (COLD_SNAP, HOT_SUMMER):
        departure = departure + degrees * ((days >= pd.Timestamp(first)) & (days < pd.Timestamp(after)))
    return scale * departure[None, :]


def _degree_days(temp_f: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heating, cooling and heat pump degree days, each of shape (n_places, n_bases, n_days)."""
    above = temp_f[:, None, :] - BASES_F[None, :, None]
    heat, cool = (-above).clip(min=0.0), above.clip(min=0.0)
    return heat, cool, heat / heat_pump_cop(temp_f)[:, None, :]
