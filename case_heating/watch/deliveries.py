"""What came in each month, how much of it was refused, and which faults showed before anybody had mended them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from case_heating.data.unit_slips import superseded, unit_slips
from case_heating.schema import Tables


@dataclass(frozen=True)
class Delivery:
    """The bills that became known in one month.

    Attributes
    ----------
    as_of : date
        The month's last day.
    n_rows : int
        Bills that became known since the month before.
    n_refused : int
        Those of them that are in quarantine.
    faults : tuple of str
        Faults of whole district-months that are new and that nobody had corrected by then, one sentence each.
    """

    as_of: date
    n_rows: int
    n_refused: int
    faults: tuple[str, ...] = ()


def walk_deliveries(raw: Tables, refused: pd.DataFrame | None, moments: Sequence[date]) -> Iterator[Delivery]:
    """Look at each month's bills as they came in, with what was known that day and nothing else.

    Parameters
    ----------
    raw : Tables
        ``bills`` and ``homes`` as read, faults and all, in the schema's dtypes.
    refused : DataFrame, optional
        The bills in quarantine, under the index of the raw table.
    moments : sequence of date
        The months' last days, rising; the first delivery is of the month before it.

    Yields
    ------
    Delivery
        One for each moment.
    """
    bills = raw["bills"]
    bad = pd.Series(bills.index.isin([] if refused is None else refused.index), index=bills.index)
    told: set[tuple[str, ...]] = set()
    before = pd.Timestamp(moments[0]) - pd.offsets.MonthEnd(1) if moments else pd.NaT
    for as_of in moments:
        moment = pd.Timestamp(as_of)
        known = bills[bills["known_at"] <= moment]
        new = known["known_at"] > before
        slips = unit_slips(known[~superseded(known)], raw["homes"])
        keys = {(slip.district, str(slip.month), slip.fuel): slip for slip in slips.itertuples()}
        fresh = tuple(_in_words(slip) for key, slip in keys.items() if key not in told)
        told |= set(keys)
        yield Delivery(as_of, int(new.sum()), int(bad[new.index][new].sum()), fresh)
        before = moment


def _in_words(slip: Any) -> str:
    """Say which district's bills are wrong, and by how much."""
    times = f"{slip.factor:,.0f} times" if slip.factor > 1 else f"1/{1 / slip.factor:,.0f} of"
    return (
        f"{slip.fuel} of district {slip.district} in {slip.month} is about {times} what the same {slip.n_homes:,} "
        "homes use otherwise"
    )
