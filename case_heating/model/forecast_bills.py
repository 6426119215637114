"""The bills a forecast learns from and is judged by: what was known on the day, summed up home by home.

A home's bills enter the fit as sums of products only, so that a whole portfolio is a few arrays. The last two years
count; an estimated bill counts half; a bill that nobody can have used (a slipped unit not yet corrected) not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import SIGNATURE_DAYS
from case_heating.features.change_point import MIN_BILLS, MIN_DAYS
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.features.degree_days import DegreeDays, day_numbers, unique_periods
from case_heating.features.known import known_bills
from case_heating.features.signature import ESTIMATED_WEIGHT
from case_heating.model.forecast_weather import month_edges, season
from case_heating.schema import BILLED_FUELS

FUELS: tuple[str, ...] = BILLED_FUELS
"""Order of the fuels in every array of a forecast: electricity, gas."""

LONGEST_BILL_DAYS = 100
"""Bills longer than a quarter do not show how a home follows the months."""

LEFT_AFTER_DAYS = 120
"""A home not billed for so long has left: bills come monthly, and late mail takes two months."""

ODD_TIMES = 10.0
"""A use per day beyond so many times that of the highest in a hundred is a slipped unit, not a use."""

USUAL_BILL_DAYS = 30.0


@dataclass(frozen=True)
class UsableBills:
    """Bills of one moment as arrays, each of shape (n_bills,), sorted by home.

    ``home`` is the position in ``homes``; ``fuel`` that in :data:`FUELS`; days are numbered from 1970-01-01.
    """

    home: Whole
    fuel: Whole
    start_day: Whole
    end_day: Whole
    usage: Floats
    weight: Floats

    @property
    def days(self) -> Floats:
        """Days of each bill."""
        return (self.end_day - self.start_day).astype(float)

    def of_fuel(self, fuel: int) -> "UsableBills":
        """Keep the bills of one fuel."""
        rows = self.fuel == fuel
        return UsableBills(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class BillSums:
    """Weighted sums over each home's bills of one fuel; x is (1, season, heating, cooling) per day, y the use per day.

    Attributes
    ----------
    xx : ndarray, shape (n_homes, 4, 4)
    xy : ndarray, shape (n_homes, 4)
    yy : ndarray, shape (n_homes,)
    n_bills, weight : ndarray, shape (n_homes,)
        A read bill of thirty days weighs 1.
    enough : ndarray of bool, shape (n_homes,)
        At least nine bills over 270 days.
    """

    xx: Floats
    xy: Floats
    yy: Floats
    n_bills: Floats
    weight: Floats
    enough: np.ndarray


def usable_bills(bills: pd.DataFrame, home_id: pd.Index, *, as_of: date) -> UsableBills:
    """Bills of the last two years known at a moment, for fitting.

    Raises
    ------
    NotEnoughDataError
        If there are none, or they are yearly.
    """
    since = pd.Timestamp(as_of) - timedelta(days=SIGNATURE_DAYS + 35)
    known = known_bills(bills[bills["end"] > since], as_of=as_of)
    known = known[known["usage"].notna() & (known["end"] > known["start"])]
    home = _positions(known["home_id"], home_id)
    known, home = known[home >= 0], home[home >= 0]
    if not len(known):
        raise NotEnoughDataError(
            f"no home has a bill with its usage known on {as_of}; a forecast needs monthly bills: bring them, or "
            "speak for a later day"
        )
    start_day, end_day = day_numbers(known["start"]), day_numbers(known["end"])
    monthly = end_day - start_day <= LONGEST_BILL_DAYS
    if monthly.mean() < 0.5:
        raise NotEnoughDataError(
            f"{(~monthly).sum():,} of {len(monthly):,} bills span more than {LONGEST_BILL_DAYS} days (a survey has one "
            "a year): months cannot be told from them. `heating cost` says what a year costs from such bills"
        )
    fuel = (known["fuel"] == "gas").to_numpy().astype(np.int64)
    usage = known["usage"].to_numpy(float)
    kept = np.flatnonzero(monthly & _can_be_used(usage / (end_day - start_day), fuel))
    kept = kept[np.argsort(home[kept], kind="stable")]
    estimated = (known["read"] == "estimated").to_numpy(bool) if "read" in known else np.zeros(len(known), bool)
    weight = (end_day - start_day) / USUAL_BILL_DAYS * np.where(estimated, ESTIMATED_WEIGHT, 1.0)
    return UsableBills(home[kept], fuel[kept], start_day[kept], end_day[kept], usage[kept], weight[kept])


def sum_bills(
    bills: UsableBills, place: Whole, places: pd.Index, degree_days: DegreeDays, bases: tuple[Whole, Whole]
) -> BillSums:
    """Sum up one fuel's bills of each home for a fit at its balance points.

    Parameters
    ----------
    bills : UsableBills
        Of one fuel.
    place : ndarray of int, shape (n_homes,)
        Position of each home's place in ``places``.
    degree_days : DegreeDays
        Known weather. Bills of days without weather do not count.
    bases : two ndarrays of int, shape (n_homes,)
        Positions of heating and cooling balance point in ``degree_days.bases_f``.
    """
    n_homes = len(place)
    row, at, start, end = unique_periods(place[bills.home], bills.start_day, bills.end_day)
    names = places.to_numpy()[at]
    hdd, cdd = degree_days.of(names, start.astype("datetime64[D]"), end.astype("datetime64[D]"))
    days, heat_base, cool_base = bills.days, bases[0][bills.home], bases[1][bills.home]
    middle = (bills.start_day + bills.end_day) / 2
    x = [np.ones(len(days)), season(middle), hdd[heat_base, row] / days, cdd[cool_base, row] / days]
    y = bills.usage / days
    weight = np.where(np.isfinite(x[2]) & np.isfinite(x[3]), bills.weight, 0.0)
    x = [np.where(weight > 0, column, 0.0) for column in x]

    def total(values: Floats) -> Floats:
        return np.bincount(bills.home, weight * values, n_homes).astype(float)

    xx = np.empty((n_homes, 4, 4))
    for i in range(4):
        for j in range(i + 1):
            xx[:, i, j] = xx[:, j, i] = total(x[i] * x[j])
    n_bills = np.bincount(bills.home, weight > 0, n_homes).astype(float)
    enough = (n_bills >= MIN_BILLS) & (np.bincount(bills.home, days * (weight > 0), n_homes) >= MIN_DAYS)
    return BillSums(xx, np.column_stack([total(c * y) for c in x]), total(y * y), n_bills, xx[:, 0, 0], enough)


def last_billed_day(bills: UsableBills, n_homes: int) -> Whole:
    """Day after the last billed one of each home and fuel, shape (n_homes, 2); -1 where there is no bill."""
    last = np.full((n_homes, len(FUELS)), -1, dtype=np.int64)
    np.maximum.at(last, (bills.home, bills.fuel), bills.end_day)
    return last


@dataclass(frozen=True)
class BilledMonths:
    """Bills spread over calendar months by days, each of shape (n_homes, n_fuels, n_months).

    ``days`` are the days that were billed; usage and cost are those of these days.
    """

    usage: Floats
    cost_usd: Floats
    days: Floats


def billed_months(bills: pd.DataFrame, home_id: pd.Index, months: Sequence[date], *, as_of: date) -> BilledMonths:
    """Spread the bills known at a moment over calendar months, evenly over the days of each, slipped units left out.

    Where bills come without their cost, all costs are missing.
    """
    edges = month_edges(months)
    begin, after = (pd.Timestamp(int(edge), unit="D") for edge in (edges[0], edges[-1]))
    known = known_bills(bills[(bills["end"] > begin) & (bills["start"] < after)], as_of=as_of)
    known = known if "cost_usd" in known else known.assign(cost_usd=np.nan)
    complete = known["cost_usd"].notna() | known["cost_usd"].isna().all()
    known = known[known["usage"].notna() & complete & (known["end"] > known["start"])]
    home = _positions(known["home_id"], home_id)
    known, home = known[home >= 0], home[home >= 0]
    fuel = (known["fuel"] == "gas").to_numpy().astype(np.int64)
    start, end = day_numbers(known["start"]), day_numbers(known["end"])
    per_day = [known[name].to_numpy(float) / (end - start) for name in ("usage", "cost_usd")]
    cell = np.where(_can_be_used(per_day[0], fuel), home * len(FUELS) + fuel, -1)
    shape = (len(home_id), len(FUELS), len(months))
    usage, cost, days = (np.zeros(shape) for _ in range(3))
    for month, (first, last) in enumerate(pairwise(edges)):
        billed = np.minimum(end, last) - np.maximum(start, first)
        rows = np.flatnonzero((billed > 0) & (cell >= 0))
        overlap = billed[rows].astype(float)
        for total, each in ((usage, per_day[0][rows]), (cost, per_day[1][rows]), (days, np.ones(len(rows)))):
            sums = np.bincount(cell[rows], overlap * each, len(home_id) * len(FUELS))
            total[:, :, month] = sums.reshape(shape[:2])
    return BilledMonths(usage, cost, np.minimum(days, np.diff(edges)))


def _positions(names: pd.Series, home_id: pd.Index) -> Whole:
    code, distinct = pd.factorize(names)
    return np.append(home_id.get_indexer(pd.Index(distinct)), -1)[code]


def _can_be_used(per_day: Floats, fuel: Whole) -> np.ndarray:
    """Bills whose use per day is no slipped unit."""
    size = np.abs(per_day)
    most = [ODD_TIMES * np.percentile(size[fuel == f], 99) if (fuel == f).any() else np.inf for f in range(len(FUELS))]
    return size <= np.array(most)[fuel]
