"""The bill signature: what a home's bills say about how it is heated and cooled.

Usage per day of each bill is regressed on the heating and cooling degree days per day of its period, weighted by its
days. The balance points, at which a home begins to need heat or cooling, are chosen per home from a grid, as in PRISM
[1]_ and the change-point models of ASHRAE's inverse modelling toolkit [2]_; grid, weights and the order of the two
balance points follow CalTRACK [3]_. Slopes are never negative.

References
----------
.. [1] M. F. Fels, "PRISM: An introduction", Energy and Buildings 9 (1986) 5-18.
.. [2] J. K. Kissock, J. S. Haberl, D. E. Claridge, "Inverse modeling toolkit: numerical algorithms",
   ASHRAE Transactions 109 part 2 (2003) 425-434.
.. [3] CalTRACK Methods 2.0, sections 2.2.3, 3.2 and 3.4.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import TableError
from case_heating.features.change_point import (
    CHUNK_BILLS,
    SIGNATURE_COLUMNS,
    BillMatrix,
    DegreeDayRates,
    fit_in_chunks,
    fit_signature_arrays,
)
from case_heating.features.degree_day_records import Whole
from case_heating.features.degree_days import DegreeDays, day_numbers, unique_periods

__all__ = ["SIGNATURE_COLUMNS", "DegreeDayRates", "fit_signature_arrays", "fit_signatures"]

HEATING_BALANCE_F = (50.0, 70.0)
"""Lowest and highest balance point tried for heating: a tight new house, a leaky one kept warm. [°F]"""

COOLING_BALANCE_F = (65.0, 75.0)
"""Lowest and highest balance point tried for cooling. [°F]"""

ESTIMATED_WEIGHT = 0.5
"""Weight of a day of an estimated bill against one that was read. An estimate says what the utility expected, not what
the home used, and its error comes back in the next read; at half weight the season still counts as seen."""


def fit_signatures(
    bills: pd.DataFrame,
    place_of_home: pd.Series,
    degree_days: DegreeDays,
    *,
    fuel: Literal["electricity", "gas"],
    threads: int = 2,
    chunk_bills: int = CHUNK_BILLS,
) -> pd.DataFrame:
    """Fit the bill signature of every home for one fuel.

    Parameters
    ----------
    bills : DataFrame
        ``home_id``, ``fuel``, ``start``, ``end``, ``usage`` and, if known, ``read`` of ``schema.BILLS``: the latest
        version of each bill of the window, in any order. Bills without usage, days or degree days do not count, nor
        those of homes that ``place_of_home`` does not list.
    place_of_home : Series of text, shape (n_homes,)
        ``place_id`` of each home, indexed by ``home_id``.
    degree_days : DegreeDays
        Its ``bases_f`` from 50 to 70 °F are tried as balance points for heating, from 65 to 75 °F for cooling.
    fuel : {"electricity", "gas"}
        Which bills. Gas does not cool: its cooling slope is 0.
    threads : int
        Chunks of homes fitted at the same time.
    chunk_bills : int
        Bills fitted at a time by one thread; bounds the memory and changes no result.

    Returns
    -------
    DataFrame, shape (n_homes, 11)
        The columns of :func:`fit_signature_arrays`, one row per home of ``place_of_home``, in its order.

    Raises
    ------
    TableError
        If ``place_of_home`` lists a home twice.
    """
    homes = place_of_home.index
    if not homes.is_unique:
        again = homes[homes.duplicated()]
        raise TableError(
            f"place_of_home: {len(again):,} of {len(homes):,} rows repeat a home (first: {again[0]}); list each once"
        )
    home = _codes(bills["home_id"], homes)
    row = np.flatnonzero((home >= 0) & (bills["fuel"] == fuel).to_numpy(bool))
    row = row[np.argsort(home[row], kind="stable")]
    n_bills = np.bincount(home[row], minlength=len(homes))
    first = np.append(0, np.cumsum(n_bills))

    start_day, end_day = day_numbers(bills["start"])[row], day_numbers(bills["end"])[row]
    place, places = pd.factorize(place_of_home)
    period, period_place, period_start, period_end = unique_periods(place[home[row]], start_day, end_day)
    rates = _rates(degree_days, np.array([*places, None], dtype=object)[period_place], period_start, period_end, fuel)
    period_days = (period_end - period_start).astype(float)
    usage = bills["usage"].to_numpy(float)
    trust = np.ones(len(bills))
    if "read" in bills:
        trust[(bills["read"] == "estimated").to_numpy(bool)] = ESTIMATED_WEIGHT

    def bills_of(chunk: slice) -> BillMatrix:
        taken = slice(first[chunk.start], first[chunk.stop])
        filled = np.arange(n_bills[chunk].max(initial=0)) < n_bills[chunk, None]

        def matrix(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            padded = np.zeros(filled.shape, values.dtype)
            padded[filled] = values
            return padded

        days = period_days[period[taken]]
        usage_per_day = usage[row[taken]] / np.where(days > 0, days, np.nan)
        return BillMatrix(matrix(usage_per_day), matrix(days), matrix(period[taken]), matrix(days * trust[row[taken]]))

    chunk_homes = max(1, chunk_bills // max(1, n_bills.max(initial=0)))
    signatures = fit_in_chunks(bills_of, len(homes), rates, chunk_homes=chunk_homes, threads=threads)
    return signatures.set_axis(homes, axis="index")


def _codes(home_id: pd.Series, homes: pd.Index) -> Whole:
    """Position of each row's home in ``homes``, -1 if it is not there."""
    code, names = pd.factorize(home_id)  # far fewer names than rows: look up only those
    return np.append(homes.get_indexer(pd.Index(names)), -1)[code]


def _rates(degree_days: DegreeDays, place_id: Any, start_day: Whole, end_day: Whole, fuel: str) -> DegreeDayRates:
    """Degree days per day of each period at the balance points to be tried for this fuel."""
    start, end = (day.astype("datetime64[D]") for day in (start_day, end_day))
    days = np.where(end_day > start_day, end_day - start_day, np.nan)
    hdd, cdd = (totals / days for totals in degree_days.of(place_id, start, end))
    bases_f = np.array(degree_days.bases_f)
    heating = (bases_f >= HEATING_BALANCE_F[0]) & (bases_f <= HEATING_BALANCE_F[1])
    cooling = (bases_f >= COOLING_BALANCE_F[0]) & (bases_f <= COOLING_BALANCE_F[1]) & (fuel != "gas")
    return DegreeDayRates(bases_f[heating], bases_f[cooling], hdd[heating], cdd[cooling])
