"""A utility's history month by month, as it was known: what a replay and a drill walk through.

Each month holds the features, the labels and the homes that were known on its last day. A simulated utility also tells
what was really true that day; a real one does not.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import build_features
from case_heating.features.known import known_labels, known_sightings
from case_heating.schema import Tables

TWO_FUELS = ("gas", "electricity")
"""What the fuel model tells apart; homes with other fuels or none are counted, not answered."""


@dataclass(frozen=True)
class Month:
    """What was known on one day, and what was true.

    Attributes
    ----------
    as_of : date
        The day.
    features : DataFrame, shape (n_homes, n_features)
        Features as known that day, indexed by ``home_id``; homes without any known bill are not served yet and absent.
    labels : DataFrame, shape (n_labels, n_columns)
        Rows of the labels table known that day.
    true_fuel : Series of str, shape (n_homes,)
        What each home really heated with that day, row for row with ``features``; empty where nobody can tell.
    """

    as_of: date
    features: pd.DataFrame
    labels: pd.DataFrame
    true_fuel: pd.Series

    @property
    def fuel(self) -> pd.Series:
        """Gas or electricity of each served home whose fuel was known that day, by ``home_id``."""
        known = known_labels(self.labels, as_of=self.as_of)
        return known[known.isin(TWO_FUELS) & known.index.isin(self.features.index)]


def month_ends(first: date, last: date) -> list[date]:
    """Give the last day of each month from that of ``first`` to that of ``last``.

    Examples
    --------
    >>> [day.isoformat() for day in month_ends(date(2023, 12, 31), date(2024, 2, 10))]
    ['2023-12-31', '2024-01-31', '2024-02-29']
    """
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(n // 12, n % 12 + 1, monthrange(n // 12, n % 12 + 1)[1]) for n in numbers]


def walk_history(
    tables: Tables, moments: Sequence[date], *, stage: str, truth: pd.DataFrame | None = None
) -> Iterator[Month]:
    """Go through moments one by one and give what was known at each.

    Parameters
    ----------
    tables : Tables
        Trusted tables, all of their record; ``homes``, ``bills`` and ``labels`` are needed.
    moments : sequence of date
        The days, rising.
    stage : str
        The last data stage to use.
    truth : DataFrame, optional
        Of :class:`~case_heating.data.simulate.SimulatedUtility`: spells with one heating fuel.

    Yields
    ------
    Month
        Made when asked for, so that a long history need not fit into memory.

    Raises
    ------
    NotEnoughDataError
        If a table that a history needs is absent.

    Notes
    -----
    The homes' own record has no ``known_at``: it is taken to have been there from the first day.
    """
    if absent := [name for name in ("homes", "bills", "labels") if name not in tables]:
        raise NotEnoughDataError(f"a history needs {', '.join(absent)}; map a file to each of them")
    bills, labels, homes = tables["bills"], tables["labels"], tables["homes"]
    served_from = bills.groupby("home_id")["known_at"].min().reindex(homes["home_id"]).to_numpy()
    if stage != "gas_bills":
        bills = bills[bills["fuel"] == "electricity"]  # the other half of the rows is read by no feature of the stage
    for as_of in moments:
        moment = pd.Timestamp(as_of)
        known = {**tables, "bills": bills, "homes": homes[served_from <= moment]}
        features = build_features(known, as_of=as_of, stage=stage)
        heard = known_sightings(labels, as_of=as_of)
        yield Month(as_of, features, heard, true_fuel_of(truth, features.index, as_of))


def true_fuel_of(truth: pd.DataFrame | None, homes: pd.Index, as_of: date) -> pd.Series:
    """Look up what homes really heat with on a day: the spell that began last.

    Returns
    -------
    Series of str, shape (n_homes,) or (0,)
        Missing where no spell has begun; empty without a truth.
    """
    if truth is None:
        return pd.Series(dtype="str", name="heating_fuel")
    begun = truth[truth["from_date"] <= pd.Timestamp(as_of)].sort_values("from_date", kind="stable")
    return begun.drop_duplicates("home_id", keep="last").set_index("home_id")["heating_fuel"].reindex(homes)
