"""The weather a forecast is made with: a normal year's months at each place, how they depart, and what really came.

A year's temperature is a wave with days spread around it. Wave and spread are read off the days known at the place;
mean and height of the wave are then set so that the year's degree days are the published normals, because one to four
known years say little about thirty. Months depart from normal together: places are alike, and a mild January is more
often followed by a mild February.

References
----------
.. [1] C. W. Richardson, "Stochastic simulation of daily precipitation, temperature, and solar radiation", Water
   Resources Research 17 (1981) 182-190: daily temperature as a seasonal wave plus autoregressive days.
.. [2] D. Gibb et al., "Coming in from the cold: Heat pump efficiency at low temperatures", Joule 7 (2023) 1939-1942:
   field studies near 2.7 in mild cold, 1.5 to 2 in extreme cold.
.. [3] NEEP, Cold Climate Air-Source Heat Pump Specification: at least 1.75 at 5 °F.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.features.degree_days import BASES_F, day_numbers
from case_heating.schema import BASE_TEMPERATURE_F

DAYS_PER_YEAR = 365.25
MIN_WEATHER_DAYS = 270
"""Three quarters of a year: with fewer days the wave of a whole season would be guessed. [day]"""

COP_AT_5F, COP_AT_47F = 1.75, 3.0
"""Heat per unit of electricity of a heat pump on a line through these: 2.6 at freezing [2]_ [3]_."""
MIN_COP, MAX_COP = 1.2, 3.6

MONTH_SD = 0.5
"""Expected departure of a month's mean, in standard deviations of its days: with 0.7 from a day to the next, a usual
value [1]_, thirty days are worth five."""
PLACES_ALIKE = 0.6  # expected correlation of a month's departures between places
PERSISTENCE = 0.2  # expected correlation of a month's departure with the next month's
EXPECTED_MONTHS = 24  # how many known months these expectations are worth

_BASES = np.array(BASES_F)
_SLICES = ndtri((np.arange(25) + 0.5) / 25)  # middles of twenty-five equally likely slices of a normal distribution
_NODES = _SLICES / _SLICES.std()  # the slices' spread lacks the tails'
_LEAST_SD_F = 2.0
_FLAT_OR_STEEP = (0.2, 3.0)  # times the height of the wave within which the normals must be met


@dataclass(frozen=True)
class Climatology:
    """Normal weather of each place, and how months depart from it.

    Attributes
    ----------
    places : Index of text, shape (n_places,)
    wave_f : ndarray, shape (n_places, 3)
        Mean, cosine and sine of the year's temperature. [°F]
    variance_f2 : ndarray, shape (n_places, 3)
        The same of the variance of days around the wave. [°F²]
    covariance : ndarray, shape (n_places, n_places)
        Of months' departures between places, in standard deviations of the days of the month.
    persistence : float
        Correlation of a month's departure with the next month's.
    years : float
        Years of weather that covariance and persistence are worth, what is usual included.
    """

    places: pd.Index
    wave_f: Floats
    variance_f2: Floats
    covariance: Floats
    persistence: float
    years: float


@dataclass(frozen=True)
class MonthWeather:
    """Degree days of some months, each of shape (n_places, n_bases, n_months), bases as in ``BASES_F``. [°F·day].

    ``pump_hdd`` are heating degree days divided by a heat pump's efficiency at the day's temperature.
    """

    hdd: Floats
    cdd: Floats
    pump_hdd: Floats


def heat_pump_cop(temp_f: Floats) -> Floats:
    """Heat delivered per unit of electricity, falling as it gets colder.

    Examples
    --------
    >>> heat_pump_cop(np.array([47.0, 5.0, -40.0])).tolist()
    [3.0, 1.75, 1.2]
    """
    slope = (COP_AT_47F - COP_AT_5F) / (47.0 - 5.0)
    return (COP_AT_5F + slope * (temp_f - 5.0)).clip(MIN_COP, MAX_COP)


def next_months(as_of: date, n: int = 12) -> tuple[date, ...]:
    """First days of the calendar months that begin on or after a day.

    >>> next_months(date(2024, 11, 15), 2)
    (datetime.date(2024, 12, 1), datetime.date(2025, 1, 1))
    """
    first = pd.Timestamp(as_of).to_period("M") + (0 if as_of.day == 1 else 1)
    return tuple((first + step).start_time.date() for step in range(n))


def months_before(month: date, n: int = 12) -> tuple[date, ...]:
    """First days of the calendar months just before a month."""
    last = pd.Timestamp(month).to_period("M")
    return tuple((last - step).start_time.date() for step in range(n, 0, -1))


def month_edges(months: Sequence[date]) -> Whole:
    """Day numbers on which consecutive months begin, and on which the last one ends, shape (n_months + 1,)."""
    after = (pd.Timestamp(months[-1]).to_period("M") + 1).start_time
    return day_numbers([*map(pd.Timestamp, months), after])


def season(day: Whole | Floats) -> Floats:
    """Winter +1, summer -1: the cosine of the year with its top in the middle of January, by day number."""
    return np.cos(2 * np.pi * (np.asarray(day) - 14) / DAYS_PER_YEAR)


def learn_climatology(weather: pd.DataFrame, homes: pd.DataFrame, *, as_of: date) -> Climatology:
    """Learn normal weather from the days before a moment and the published normals of the homes' places.

    Parameters
    ----------
    weather : DataFrame
        The canonical ``weather``; later days do not exist.
    homes : DataFrame
        ``place_id`` and, if known, ``hdd_normal`` and ``cdd_normal``.
    as_of : date
        The moment.

    Raises
    ------
    NotEnoughDataError
        If a place of the homes has weather of less than three quarters of a year.
    """
    places = pd.Index(sorted(homes["place_id"].unique()), name="place_id")
    first, temp_f = _days_of(weather, places, before=int(day_numbers([pd.Timestamp(as_of)])[0]))
    observed = np.isfinite(temp_f)
    short = places[observed.sum(axis=1) < MIN_WEATHER_DAYS]
    if len(short):
        raise NotEnoughDataError(
            f"weather: {len(short):,} of {len(places):,} places have fewer than {MIN_WEATHER_DAYS} days of daily "
            f"temperatures before {as_of} (first: {short[0]}); bring a year of daily weather of every place, or speak "
            "for a later day"
        )
    waves = _waves(first + np.arange(temp_f.shape[1]))
    wave_f, variance = np.empty((len(places), 3)), np.empty((len(places), 3))
    for place in range(len(places)):
        known = observed[place]
        wave_f[place] = np.linalg.lstsq(waves[known], temp_f[place, known])[0]
        rest = temp_f[place, known] - waves[known] @ wave_f[place]
        variance[place] = np.linalg.lstsq(waves[known], rest**2)[0]
    normals = homes.groupby("place_id")[[c for c in ("hdd_normal", "cdd_normal") if c in homes]].median()
    if {"hdd_normal", "cdd_normal"} <= set(normals):
        for place, (hdd, cdd) in enumerate(normals.reindex(places)[["hdd_normal", "cdd_normal"]].to_numpy()):
            if np.isfinite(hdd) and np.isfinite(cdd):
                wave_f[place] = _anchored(wave_f[place], variance[place], hdd, cdd)
    return Climatology(places, wave_f, variance, *_departures(temp_f, first, wave_f, variance))


def normal_weather(climatology: Climatology, months: Sequence[date], departure_f: Floats | float = 0.0) -> MonthWeather:
    """Degree days to be expected of some months, the mean temperature of each ``departure_f`` away from normal."""
    edges = month_edges(months)
    days = np.arange(edges[0], edges[-1])
    away = np.repeat(np.broadcast_to(departure_f, len(months)), np.diff(edges))
    mean, sd = _day_by_day(climatology.wave_f, climatology.variance_f2, _waves(days))
    return _totals((mean + away)[:, :, None] + sd[:, :, None] * _NODES, edges)


def actual_weather(weather: pd.DataFrame, climatology: Climatology, months: Sequence[date]) -> MonthWeather:
    """Degree days that some months really had; days nobody observed count as normal ones."""
    edges = month_edges(months)
    first, temp_f = _days_of(weather, climatology.places, before=int(edges[-1]))
    days = np.arange(edges[0], edges[-1])
    mean, sd = _day_by_day(climatology.wave_f, climatology.variance_f2, _waves(days))
    position = days - first
    there = (position >= 0) & (position < temp_f.shape[1])
    seen = np.full((len(temp_f), len(days)), np.nan)
    seen[:, there] = temp_f[:, position[there]]
    expected = mean[:, :, None] + sd[:, :, None] * _NODES
    return _totals(np.where(np.isfinite(seen)[:, :, None], seen[:, :, None], expected), edges)


def month_spread_f(climatology: Climatology, months: Sequence[date]) -> Floats:
    """Give the standard deviation of the days of each month, shape (n_places, n_months). [°F]."""
    edges = month_edges(months)
    _, sd = _day_by_day(climatology.wave_f, climatology.variance_f2, _waves((edges[:-1] + edges[1:]) / 2))
    return sd


def _days_of(weather: pd.DataFrame, places: pd.Index, *, before: int) -> tuple[int, Floats]:
    """First day and mean temperature of every place and day, missing where not observed."""
    day = day_numbers(weather["date"])
    place = places.get_indexer(weather["place_id"])
    kept = (place >= 0) & (day < before)
    first = int(day[kept].min(initial=before))
    temp_f = np.full((len(places), before - first), np.nan)
    temp_f[place[kept], day[kept] - first] = weather["mean_temp_f"].to_numpy(float)[kept]
    return first, temp_f


def _waves(day: Whole | Floats) -> Floats:
    angle = 2 * np.pi * np.asarray(day) / DAYS_PER_YEAR
    return np.column_stack([np.ones(len(angle)), np.cos(angle), np.sin(angle)])


def _day_by_day(wave_f: Floats, variance: Floats, waves: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each day, shape (n_places, n_days). [°F]."""
    return wave_f @ waves.T, np.sqrt(np.maximum(variance @ waves.T, _LEAST_SD_F**2))


def _anchored(wave_f: Floats, variance: Floats, hdd_normal: float, cdd_normal: float) -> Floats:
    """Set mean and height of a wave so that its year has the normal degree days.

    Heating less cooling degree days are the year's degrees below the base, which fixes the mean; the height follows
    from the heating degree days, of which a steeper year has more.
    """
    mean_f = BASE_TEMPERATURE_F - (hdd_normal - cdd_normal) / DAYS_PER_YEAR
    waves = _waves(np.arange(4 * DAYS_PER_YEAR))  # whole waves, leap day included
    days = len(waves)

    def too_many(height: float) -> float:
        mean, sd = _day_by_day(wave_f[None] * [0, height, height] + [mean_f, 0, 0], variance[None], waves)
        z = (BASE_TEMPERATURE_F - mean) / sd
        hdd = sd * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))
        return float(hdd.sum() * DAYS_PER_YEAR / days - hdd_normal)

    low, high = _FLAT_OR_STEEP
    met = too_many(low) * too_many(high) < 0  # else no wave of this kind has these normals: the days' height stays
    height = float(brentq(too_many, low, high, xtol=1e-6)) if met else 1.0
    return np.array([mean_f, height * wave_f[1], height * wave_f[2]])


def _departures(temp_f: Floats, first: int, wave_f: Floats, variance: Floats) -> tuple[Floats, float, float]:
    """Covariance between places of known months' departures, their persistence, and how many years both are worth."""
    days = first + np.arange(temp_f.shape[1])
    mean, sd = _day_by_day(wave_f, variance, _waves(days))
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.diff(month, prepend=month[0] - 1))
    away = (temp_f - mean) / sd
    counted = np.add.reduceat(np.isfinite(away), starts, axis=1)
    summed = np.add.reduceat(np.nan_to_num(away), starts, axis=1)
    whole = (counted >= 25).all(axis=0)  # months nearly all of whose days every place observed
    known = summed[:, whole] / counted[:, whole]
    n, n_places = known.shape[1], len(temp_f)
    usual = MONTH_SD**2 * np.where(np.eye(n_places, dtype=bool), 1.0, PLACES_ALIKE)
    covariance = (known @ known.T + EXPECTED_MONTHS * usual) / (n + EXPECTED_MONTHS)
    next_to = (known[:, 1:] * known[:, :-1]).sum() / max((known[:, 1:] ** 2).sum(), 1e-9)
    persistence = (n * np.clip(next_to, 0.0, 0.8) + EXPECTED_MONTHS * PERSISTENCE) / (n + EXPECTED_MONTHS)
    return covariance, float(persistence), (n + EXPECTED_MONTHS) / 12


def _totals(temp_f: Floats, edges: Whole) -> MonthWeather:
    """Degree days of each month from equally likely temperatures of each day, shape (n_places, n_days, n_nodes)."""
    starts = edges[:-1] - edges[0]
    cop = heat_pump_cop(temp_f)
    hdd, cdd, pump = (np.empty((len(temp_f), len(_BASES), len(starts))) for _ in range(3))
    for number, base in enumerate(_BASES):
        below = np.maximum(base - temp_f, 0.0)
        hdd[:, number] = np.add.reduceat(below.mean(axis=2), starts, axis=1)
        pump[:, number] = np.add.reduceat((below / cop).mean(axis=2), starts, axis=1)
        cdd[:, number] = np.add.reduceat(np.maximum(temp_f - base, 0.0).mean(axis=2), starts, axis=1)
    return MonthWeather(hdd, cdd, pump)
