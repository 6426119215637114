"""What a unit costs in each month: a bill is priced by the tariff in force on the day its period ends.

Of the days of a month some are billed weeks later, so that a tariff that begins in January already prices much of
December. Reading days are taken as spread evenly over the month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Floats
from case_heating.features.degree_days import day_numbers
from case_heating.model.forecast_bills import FUELS
from case_heating.model.forecast_weather import month_edges

DAYS_PER_MONTH = 365.25 / 12
_READING_LAGS = np.arange(1, 31)  # days until the bill ends that a day is part of


@dataclass(frozen=True)
class MonthPrices:
    """Prices by fuel, place and month, each of shape (n_fuels, n_places, n_months); missing where nothing is sold.

    Attributes
    ----------
    unit_usd : ndarray
        [USD/kWh or USD/therm]
    fixed_usd : ndarray
        Fixed charge of the whole month. [USD]
    """

    unit_usd: Floats
    fixed_usd: Floats


def known_tariffs(tariffs: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Tariffs that had begun by a moment; one announced for later is a scenario."""
    return tariffs[tariffs["from_date"] <= pd.Timestamp(as_of)]


def month_prices(tariffs: pd.DataFrame, places: pd.Index, months: Sequence[date]) -> MonthPrices:
    """Prices of each month as bills will have them.

    Examples
    --------
    From January on a kWh costs twice as much; half of what December uses is billed in January:

    >>> tariffs = pd.DataFrame({"fuel": "electricity", "place_id": "here", "fixed_charge_usd": 10.0,
    ...     "from_date": pd.to_datetime(["2024-01-01", "2025-01-01"]), "unit_price_usd": [0.10, 0.20]})
    >>> prices = month_prices(tariffs, pd.Index(["here"]), (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)))
    >>> prices.unit_usd[0, 0].round(2).tolist()
    [0.1, 0.15, 0.2]
    """
    edges = month_edges(months)
    days = np.diff(edges)
    shape = (len(FUELS), len(places), len(months))
    unit, charge = np.full(shape, np.nan), np.full(shape, np.nan)
    ends = [np.arange(first, last)[:, None] + _READING_LAGS for first, last in pairwise(edges)]
    place = places.get_indexer(tariffs["place_id"])
    known: dict[bytes, Floats] = {}
    for f, fuel in enumerate(FUELS):
        rows = tariffs[(tariffs["fuel"] == fuel).to_numpy() & (place >= 0)].sort_values("from_date")
        for at, own in rows.groupby(places.get_indexer(rows["place_id"])):
            begin = day_numbers(own["from_date"])
            if begin.tobytes() not in known:  # places share their days
                known[begin.tobytes()] = np.array(
                    [_shares(np.searchsorted(begin, end, side="right").ravel() - 1, len(begin)) for end in ends]
                )
            share = known[begin.tobytes()]
            unit[f, at] = share @ own["unit_price_usd"].to_numpy(float)
            charge[f, at] = share @ own["fixed_charge_usd"].to_numpy(float)
    return MonthPrices(unit, charge * days / DAYS_PER_MONTH)


def check_priced(prices: MonthPrices, places: pd.Index, supplied: np.ndarray, as_of: date) -> None:
    """Refuse to price what has no tariff.

    Parameters
    ----------
    supplied : ndarray of bool, shape (n_fuels, n_places)
        Fuels that homes of a place take.

    Raises
    ------
    NotEnoughDataError
        If homes take a fuel for which no tariff was known.
    """
    absent = np.argwhere(np.isnan(prices.unit_usd).any(axis=2) & supplied)
    if len(absent):
        f, place = absent[0]
        raise NotEnoughDataError(
            f"tariffs: {len(absent):,} of {supplied.sum():,} pairs of fuel and place that homes are billed for have no "
            f"tariff that began by {as_of} (first: {FUELS[f]} at {places[place]}); bring the tariff in force"
        )


def _shares(row: np.ndarray, n_rows: int) -> Floats:
    """Share of each tariff; before the first one that is known, it is taken to have held already."""
    return np.bincount(np.maximum(row, 0), minlength=n_rows) / len(row)
