"""The two records degree days are read from: daily weather, and the figures that somebody published by period.

Both answer the same two questions, for :class:`case_heating.features.degree_days.DegreeDays`: the totals of many
periods, and of every place over one window. Days are numbered from 1970-01-01.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MIN_COVERAGE = 0.9
"""Share of a period's days that must have weather, else its degree days are missing: CalTRACK 2.0 (2.2.3.2)."""


@dataclass(frozen=True)
class DailyWeather:
    """Daily mean temperatures, one row per place, one column per day, missing where not observed."""

    places: pd.Index
    first_day: int
    mean_temp_f: Floats

    def totals(
        self, place_id: Any, start_day: Whole, end_day: Whole, bases_f: tuple[float, ...]
    ) -> tuple[Floats, Floats]:
        """Heating and cooling degree days, shape (n_bases, n_periods); missing where they cannot be told."""
        place = self.places.get_indexer(pd.Index(place_id))
        n_places, n_days = self.mean_temp_f.shape
        begin, stop = (np.clip(day - self.first_day, 0, n_days) for day in (start_day, end_day))
        observed = ~np.isnan(self.mean_temp_f)

        def total(daily: npt.NDArray[Any]) -> Floats:
            up_to = np.zeros((n_places + 1, n_days + 1))  # the last row, -1, answers for unknown places
            np.cumsum(daily, axis=1, out=up_to[:-1, 1:])
            return up_to[place, stop] - up_to[place, begin]

        days = np.maximum(end_day - start_day, 0)
        # np.fmax counts the degrees of a missing day as 0; the scale makes up for them.
        scale = _scale_up(days, total(observed))
        hdd = [total(np.fmax(base - self.mean_temp_f, 0.0)) * scale for base in bases_f]
        cdd = [total(np.fmax(self.mean_temp_f - base, 0.0)) * scale for base in bases_f]
        return np.array(hdd), np.array(cdd)

    def trailing(self, start_day: int, end_day: int, base_f: float) -> pd.DataFrame:
        """Heating and cooling degree days of every place over one window, indexed by ``place_id``."""
        start, end = (np.full(len(self.places), day) for day in (start_day, end_day))
        hdd, cdd = self.totals(self.places, start, end, (base_f,))
        return pd.DataFrame({"hdd": hdd[0], "cdd": cdd[0]}, index=self.places.rename("place_id"))


@dataclass(frozen=True)
class PublishedPeriods:
    """Degree days as published, shape (n_bases, n_periods + 1): the last column, -1, answers for unknown periods."""

    periods: pd.MultiIndex
    bases_f: tuple[float, ...]
    hdd: Floats
    cdd: Floats

    def totals(
        self, place_id: Any, start_day: Whole, end_day: Whole, bases_f: tuple[float, ...]
    ) -> tuple[Floats, Floats]:
        """Heating and cooling degree days, shape (n_bases, n_periods); missing where they cannot be told."""
        column = self.periods.get_indexer(pd.MultiIndex.from_arrays([place_id, start_day, end_day]))
        base = [self.bases_f.index(base_f) for base_f in bases_f]
        column = np.where(end_day > start_day, column, -1)
        return self.hdd[base][:, column], self.cdd[base][:, column]

    def trailing(self, start_day: int, end_day: int, base_f: float) -> pd.DataFrame:
        """Heating and cooling degree days of every place over one window, indexed by ``place_id``."""
        place, places = pd.factorize(self.periods.get_level_values(0))
        start, end = (self.periods.get_level_values(level).to_numpy() for level in (1, 2))
        hdd, cdd = (figures[self.bases_f.index(base_f), :-1] for figures in (self.hdd, self.cdd))
        usable = (end > start) & np.isfinite(hdd) & np.isfinite(cdd)
        begin, stop = (np.clip(day[usable] - start_day, 0, end_day - start_day) for day in (start, end))

        def daily(per_day: Floats) -> Floats:
            change = np.zeros((len(places), end_day - start_day + 1))
            np.add.at(change, (place[usable], begin), per_day)
            np.subtract.at(change, (place[usable], stop), per_day)
            return change.cumsum(axis=1)[:, :-1]

        periods_of_day = daily(np.ones(usable.sum()))
        covered = periods_of_day > 0
        scale = _scale_up(np.full(len(places), end_day - start_day), covered.sum(axis=1))

        def total(figures: Floats) -> Floats:
            added = daily(figures[usable] / (end - start)[usable]).clip(min=0.0)  # sums may round to below zero
            return np.divide(added, periods_of_day, out=np.zeros(covered.shape), where=covered).sum(axis=1) * scale

        return pd.DataFrame({"hdd": total(hdd), "cdd": total(cdd)}, index=pd.Index(places, name="place_id"))


def _scale_up(days: Whole, observed_days: npt.NDArray[Any]) -> Floats:
    """Give the factor from the observed days' total to that of all days; missing if too few were observed."""
    enough = (days > 0) & (observed_days >= MIN_COVERAGE * days)
    return np.divide(days, observed_days, out=np.full(len(days), np.nan), where=enough)
