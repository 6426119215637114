"""Degree days: how cold and how hot a period was for a building.

Degree days of daily mean temperatures at any base, and :class:`DegreeDays`, which answers for millions of
(place, start, end) rows at once, from daily weather or from the period figures that surveys and utilities publish.
Periods are half open: ``start`` belongs to them, ``end`` does not.
"""

from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import pandas as pd

from case_heating.errors import TableError, UnitError
from case_heating.features.degree_day_records import DailyWeather, Floats, PublishedPeriods, Whole
from case_heating.schema import BASE_TEMPERATURE_F, WEATHER

BASES_F = tuple(float(base) for base in np.arange(50.0, 75.1, 2.5))
"""Base temperatures offered from daily weather. [°F] CalTRACK 2.0 (3.2.3) allows gaps of up to 3 °F."""

_NO_DAY = np.iinfo(np.int64).min  # what NumPy turns a missing date into
_NEVER = 1 << 40  # later than any day; the least day of no days


def heating_degree_days(mean_temp_f: pd.Series, *, base_f: float) -> pd.Series:
    """Heating degree days of each day.

    Parameters
    ----------
    mean_temp_f : Series of float, shape (n_days,)
        Daily mean outdoor air temperature. [°F]
    base_f : float
        Outdoor temperature below which the home needs heat. [°F]

    Returns
    -------
    Series of float, shape (n_days,)
        Degrees below the base; missing stays missing. [°F·day]

    Raises
    ------
    UnitError
        If a temperature lies outside [-80, 140] °F.

    References
    ----------
    .. [1] ASHRAE Handbook of Fundamentals, chapter on energy estimating.

    Examples
    --------
    >>> heating_degree_days(pd.Series([55.0, 70.0]), base_f=65.0).tolist()
    [10.0, 0.0]
    """
    _check_fahrenheit(mean_temp_f)
    return (base_f - mean_temp_f).clip(lower=0.0)


def cooling_degree_days(mean_temp_f: pd.Series, *, base_f: float) -> pd.Series:
    """Cooling degree days of each day.

    Parameters
    ----------
    mean_temp_f : Series of float, shape (n_days,)
        Daily mean outdoor air temperature. [°F]
    base_f : float
        Outdoor temperature above which the home needs cooling. [°F]

    Returns
    -------
    Series of float, shape (n_days,)
        Degrees above the base; missing stays missing. [°F·day]

    Raises
    ------
    UnitError
        If a temperature lies outside [-80, 140] °F.

    Examples
    --------
    >>> cooling_degree_days(pd.Series([55.0, 70.0]), base_f=65.0).tolist()
    [0.0, 5.0]
    """
    _check_fahrenheit(mean_temp_f)
    return (mean_temp_f - base_f).clip(lower=0.0)


@dataclass(frozen=True)
class DegreeDays:
    """Degree days of any place and period; make one with :meth:`from_weather` or :meth:`from_periods`.

    Attributes
    ----------
    bases_f
        Base temperatures it answers for, rising. [°F]
    """

    bases_f: tuple[float, ...]
    _record: DailyWeather | PublishedPeriods

    @classmethod
    def from_weather(cls, weather: pd.DataFrame, bases_f: tuple[float, ...] = BASES_F) -> Self:
        """Answer from daily mean temperatures.

        A period with at least nine tenths of its days observed is scaled up to all its days; with fewer it is missing.

        Parameters
        ----------
        weather : DataFrame
            ``place_id``, ``date`` and ``mean_temp_f`` of ``schema.WEATHER``, in any order.
        bases_f : tuple of float
            Base temperatures to answer for. [°F]

        Raises
        ------
        UnitError
            If a temperature lies outside [-80, 140] °F.
        TableError
            If a place has two temperatures for one day.
        """
        weather = weather.dropna(subset=["place_id", "date"])
        _check_fahrenheit(weather["mean_temp_f"])
        _refuse_repeats(weather[["place_id", "date"]], "weather")
        place, places = pd.factorize(weather["place_id"])
        day = day_numbers(weather["date"])
        first_day = int(day.min(initial=_NEVER))
        n_days = int((day - first_day).max(initial=-1)) + 1
        mean_temp_f = np.full((len(places), n_days), np.nan)
        mean_temp_f[place, day - first_day] = weather["mean_temp_f"]
        return cls(tuple(sorted(bases_f)), DailyWeather(pd.Index(places), first_day, mean_temp_f))

    @classmethod
    def from_periods(cls, degree_days: pd.DataFrame) -> Self:
        """Answer from published figures, for exactly the periods and bases that were published.

        Parameters
        ----------
        degree_days : DataFrame
            ``place_id``, ``start``, ``end``, ``base_f``, ``hdd`` and ``cdd`` of ``schema.DEGREE_DAYS``.

        Raises
        ------
        TableError
            If a place, period and base stands in two rows.
        """
        _refuse_repeats(degree_days[["place_id", "start", "end", "base_f"]], "degree_days")
        base, bases_f = pd.factorize(degree_days["base_f"], sort=True)
        period, periods = pd.MultiIndex.from_arrays(
            [degree_days["place_id"], day_numbers(degree_days["start"]), day_numbers(degree_days["end"])]
        ).factorize()
        hdd, cdd = (np.full((len(bases_f), len(periods) + 1), np.nan) for _ in range(2))
        hdd[base, period] = degree_days["hdd"]
        cdd[base, period] = degree_days["cdd"]
        bases = tuple(float(base) for base in bases_f)
        return cls(bases, PublishedPeriods(cast(pd.MultiIndex, periods), bases, hdd, cdd))

    def of(self, place_id: Any, start: Any, end: Any, base_f: float | None = None) -> tuple[Floats, Floats]:
        """Heating and cooling degree days of many periods.

        Parameters
        ----------
        place_id : array-like of text, shape (n_periods,)
            Where.
        start, end : array-like of date, shape (n_periods,)
            First day of each period and the day after its last. Equal periods are worked out once.
        base_f : float, optional
            One of ``bases_f``; all of them if not given. [°F]

        Returns
        -------
        hdd, cdd : ndarray of float, shape (n_periods,) for one base, (n_bases, n_periods) for all
            Missing where the place is unknown, the period is empty, or it was not observed. [°F·day]

        Raises
        ------
        TableError
            If ``base_f`` is not one of ``bases_f``.

        Examples
        --------
        >>> weather = pd.DataFrame({"place_id": "here", "date": pd.date_range("2024-01-01", periods=3),
        ...                         "mean_temp_f": [30.0, 40.0, 75.0]})
        >>> hdd, cdd = DegreeDays.from_weather(weather).of(["here"], ["2024-01-01"], ["2024-01-04"], 65.0)
        >>> hdd.tolist(), cdd.tolist()
        ([60.0], [10.0])
        """
        bases_f = self.bases_f if base_f is None else (self._known(base_f),)
        code, places = pd.factorize(pd.Index(place_id))
        row, place, start_day, end_day = unique_periods(code, day_numbers(start), day_numbers(end))
        names = np.array([*places, None], dtype=object)[place]  # place -1 is the None at the end
        hdd, cdd = self._record.totals(names, start_day, end_day, bases_f)
        return (hdd[:, row], cdd[:, row]) if base_f is None else (hdd[0, row], cdd[0, row])

    def trailing(self, as_of: Any, *, days: int = 365, base_f: float = BASE_TEMPERATURE_F) -> pd.DataFrame:
        """Degree days of every place over the ``days`` days before ``as_of``.

        Published periods, which may overlap, are spread evenly over their days.

        Returns
        -------
        DataFrame, shape (n_places, 2)
            ``hdd`` and ``cdd``, indexed by ``place_id``; scaled up from at least nine tenths of the days, missing with
            fewer. [°F·day]

        Raises
        ------
        TableError
            If ``base_f`` is not one of ``bases_f``.
        """
        end_day = int(day_numbers([as_of])[0])
        return self._record.trailing(end_day - days, end_day, self._known(base_f))

    def _known(self, base_f: float) -> float:
        if base_f not in self.bases_f:
            there = ", ".join(f"{base:g}" for base in self.bases_f) or "none"
            raise TableError(f"there are no degree days at base {base_f:g} °F; there are {there}")
        return base_f


def day_numbers(dates: Any) -> Whole:
    """Days since 1970-01-01, the smallest integer where the date is missing.

    >>> day_numbers(["1970-01-02", "1970-02-01"]).tolist()
    [1, 31]
    """
    values = pd.to_datetime(pd.Series(dates)).to_numpy()
    return values.astype("datetime64[D]").astype(np.int64)


def unique_periods(place: Whole, start_day: Whole, end_day: Whole) -> tuple[Whole, Whole, Whole, Whole]:
    """Find the distinct (place, start, end) among many rows: homes of a place share their billing cycles.

    Parameters
    ----------
    place : ndarray of int, shape (n_rows,)
        Code of the place, -1 where it is not known.
    start_day, end_day : ndarray of int, shape (n_rows,)
        Day numbers.

    Returns
    -------
    row : ndarray of int, shape (n_rows,)
        Which distinct period each row is.
    place, start_day, end_day : ndarray of int, shape (n_periods,)
        The distinct periods, with place -1 for all rows of which a part is missing.
    """
    known = (place >= 0) & (start_day != _NO_DAY) & (end_day != _NO_DAY)
    if not known.all():  # missing dates would stretch the span beyond what one integer holds
        place, start_day, end_day = (np.where(known, value, -1) for value in (place, start_day, end_day))
    first = min(start_day.min(initial=_NEVER), end_day.min(initial=_NEVER))
    span = max(start_day.max(initial=0), end_day.max(initial=0)) - first + 1
    # One integer a row: factorising it is many times faster than factorising three columns.
    row, distinct = pd.factorize(((place + 1) * span + (start_day - first)) * span + (end_day - first))
    place_and_start, end_offset = np.divmod(distinct, span)
    place_code, start_offset = np.divmod(place_and_start, span)
    return row, place_code - 1, start_offset + first, end_offset + first


def _check_fahrenheit(mean_temp_f: pd.Series) -> None:
    column = WEATHER.column("mean_temp_f")
    low, high = cast(tuple[float, float], (column.minimum, column.maximum))
    outside = mean_temp_f.notna() & ~mean_temp_f.between(low, high)
    if outside.any():
        raise UnitError(
            f"mean_temp_f: {outside.sum():,} of {len(outside):,} temperatures lie outside [{low:g}, {high:g}] °F "
            f"(first: {mean_temp_f[outside].iloc[0]:g}); give daily means in °F, or name their unit in the mapping"
        )


def _refuse_repeats(key: pd.DataFrame, table: str) -> None:
    repeated = key.duplicated()
    if repeated.any():
        first = ", ".join(str(value) for value in key[repeated].iloc[0])
        raise TableError(
            f"{table}: {repeated.sum():,} of {len(key):,} rows repeat their {', '.join(key.columns)} (first: {first}); "
            "keep one row of each"
        )
