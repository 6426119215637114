"""What if: another winter, another tariff, heat pumps instead of furnaces. Frozen, joined by :meth:`Scenario.and_`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import SourceError
from case_heating.features.degree_day_records import Floats
from case_heating.features.degree_days import day_numbers
from case_heating.model.forecast_weather import month_edges
from case_heating.schema import BILLED_FUELS, TARIFFS

WINTER_MONTHS = (11, 12, 1, 2, 3)

FURNACE_EFFICIENCY = 0.80
"""Heat per unit of gas: the least a non-weatherised furnace may have by the federal rule of 2015 (10 CFR 430.32)."""


@dataclass(frozen=True)
class Winter:
    """A winter: its heating degree days are those of days from November to March ``departure_f`` off normal. [°F].

    Cooling stays normal, so that a colder winter is never a cheaper one.
    """

    name: str
    departure_f: float

    def __post_init__(self) -> None:
        if not -20.0 <= self.departure_f <= 20.0:
            raise SourceError(
                f"a winter {self.departure_f:g} °F off normal is none this forecast can speak of; stay within 20 °F"
            )


NORMAL_WINTER = Winter("normal", 0.0)
WARM_WINTER, SEVERE_WINTER = Winter("warm", +4.0), Winter("severe", -4.0)
"""About one winter in twelve is as warm or as cold: a winter month strays by 5 to 6 °F (half the spread of its days),
five of them together by about 3."""


@dataclass(frozen=True)
class TariffChange:
    """Another price of a fuel for bills that end on or after a day.

    Attributes
    ----------
    unit_factor, unit_price_usd : float, optional
        The unit price times a factor, or a new one; not both.
    fixed_charge_usd : float, optional
        A new fixed charge. [USD/month]
    place_id : str, optional
        Where; everywhere if not given.
    """

    fuel: str
    from_date: date
    unit_factor: float | None = None
    unit_price_usd: float | None = None
    fixed_charge_usd: float | None = None
    place_id: str | None = None

    def __post_init__(self) -> None:
        if self.fuel not in BILLED_FUELS:
            raise SourceError(f"there is no tariff of {self.fuel!r}; there are {' and '.join(BILLED_FUELS)}")
        if (self.unit_factor is None) == (self.unit_price_usd is None) and (
            self.unit_factor is not None or self.fixed_charge_usd is None
        ):
            raise SourceError(
                "a tariff change has a unit_factor or a unit_price_usd, a fixed_charge_usd, or both kinds"
            )
        limits = {"unit_factor": 20.0} | {
            name: TARIFFS.column(name).maximum or 0.0 for name in ("unit_price_usd", "fixed_charge_usd")
        }
        for name, most in limits.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:
                raise SourceError(f"{name} is {value:g}; it must lie between 0 and {most:g}")


@dataclass(frozen=True)
class HeatPumps:
    """Gas-heated homes that heat with a heat pump from a day on: those named, or a share of a district's.

    Homes of a share are drawn with ``seed``; a larger share takes the same homes and more. The furnace's delivered heat
    stays what it was; hot water and cooking stay with gas.
    """

    from_date: date
    home_ids: tuple[str, ...] = ()
    district: str | None = None
    share: float = 1.0
    seed: int = 0
    furnace_efficiency: float = FURNACE_EFFICIENCY

    def __post_init__(self) -> None:
        if bool(self.home_ids) == (self.district is not None):
            raise SourceError("name the homes that get a heat pump, or a district and the share of its gas homes")
        for name in ("share", "furnace_efficiency"):
            if not 0 < getattr(self, name) <= 1:
                raise SourceError(f"{name} is {getattr(self, name):g}; it must lie above 0 and not above 1")


@dataclass(frozen=True)
class Scenario:
    """What is assumed of the year ahead; by itself: a normal winter, the tariffs in force, no conversions."""

    winter: Winter = NORMAL_WINTER
    tariffs: tuple[TariffChange, ...] = field(default=())
    conversions: tuple[HeatPumps, ...] = field(default=())

    def and_(self, other: "Scenario") -> "Scenario":
        """Join with another scenario; of two winters the one that is not normal counts.

        Raises
        ------
        SourceError
            If both tell of winters that are not normal, and not of the same.
        """
        winters = {each.winter for each in (self, other)} - {NORMAL_WINTER}
        if len(winters) > 1:
            raise SourceError(f"a year has one winter, not both {' and '.join(sorted(w.name for w in winters))}")
        winter = winters.pop() if winters else NORMAL_WINTER
        return Scenario(winter, self.tariffs + other.tariffs, self.conversions + other.conversions)


def winter_departure_f(winter: Winter, months: Sequence[date]) -> Floats:
    """Departure of each month from normal, shape (n_months,). [°F]."""
    return np.array([winter.departure_f if month.month in WINTER_MONTHS else 0.0 for month in months])


def changed_tariffs(tariffs: pd.DataFrame, changes: Sequence[TariffChange]) -> pd.DataFrame:
    """Tariffs after some changes, one after the other; what begins later than a change is changed as well.

    Raises
    ------
    SourceError
        If a change concerns a fuel and place without a tariff.
    """
    for change in changes:
        day = pd.Timestamp(change.from_date)
        own = tariffs["fuel"] == change.fuel
        if change.place_id is not None:
            own &= tariffs["place_id"] == change.place_id
        if not own.any():
            where = "" if change.place_id is None else f" at {change.place_id!r}"
            raise SourceError(f"there is no tariff of {change.fuel}{where} to change; look at the table tariffs")
        rows = tariffs[own].sort_values("from_date")
        before = rows[rows["from_date"] <= day].drop_duplicates("place_id", keep="last")
        new = pd.concat([before.assign(from_date=day), rows[rows["from_date"] > day]])
        if change.unit_factor is not None:
            new = new.assign(unit_price_usd=new["unit_price_usd"] * change.unit_factor)
        if change.unit_price_usd is not None:
            new = new.assign(unit_price_usd=change.unit_price_usd)
        if change.fixed_charge_usd is not None:
            new = new.assign(fixed_charge_usd=change.fixed_charge_usd)
        tariffs = pd.concat([tariffs[~own], rows[rows["from_date"] < day], new], ignore_index=True)
    return tariffs


@dataclass(frozen=True)
class Converted:
    """Share of each month with a heat pump, (n_homes, n_months), and the efficiency of the replaced furnace."""

    share: Floats
    furnace_efficiency: Floats


def converted_homes(
    conversions: Sequence[HeatPumps], homes: pd.DataFrame, gas_heated: np.ndarray, months: Sequence[date]
) -> Converted:
    """Find the homes that get a heat pump, and from when.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        ``home_id`` and ``district``.
    gas_heated : ndarray of bool, shape (n_homes,)
        Homes that heat with gas.

    Raises
    ------
    SourceError
        If a home is not there or does not heat with gas, or a district has no gas-heated home.
    """
    share, efficiency = np.zeros((len(homes), len(months))), np.full(len(homes), FURNACE_EFFICIENCY)
    edges = month_edges(months)
    for each in conversions:
        day = int(day_numbers([pd.Timestamp(each.from_date)])[0])
        after = (edges[1:] - np.clip(day, edges[:-1], edges[1:])) / np.diff(edges)
        rows = _named(each, homes, gas_heated) if each.home_ids else _drawn(each, homes, gas_heated)
        share[rows] = np.maximum(share[rows], after)
        efficiency[rows] = each.furnace_efficiency
    return Converted(share, efficiency)


def _named(change: HeatPumps, homes: pd.DataFrame, gas_heated: np.ndarray) -> np.ndarray:
    rows = pd.Index(homes["home_id"]).get_indexer(pd.Index(change.home_ids))
    if (rows < 0).any():
        absent = [name for name, row in zip(change.home_ids, rows, strict=True) if row < 0]
        raise SourceError(
            f"{len(absent):,} of {len(rows):,} homes to get a heat pump are not in the portfolio (first: {absent[0]})"
        )
    other = [name for name, row in zip(change.home_ids, rows, strict=True) if not gas_heated[row]]
    if other:
        raise SourceError(
            f"{len(other):,} of {len(rows):,} homes to get a heat pump do not heat with gas as far as their bills show "
            f"(first: {other[0]}); name gas-heated homes"
        )
    return rows


def _drawn(change: HeatPumps, homes: pd.DataFrame, gas_heated: np.ndarray) -> np.ndarray:
    there = (homes["district"] == change.district).to_numpy(bool)
    rows = np.flatnonzero(there & gas_heated)
    if not len(rows):
        raise SourceError(
            f"district {change.district!r} has {there.sum():,} homes and none that heats with gas; there are districts "
            f"{', '.join(sorted(homes['district'].astype(str).unique())[:8])} …"
        )
    order = np.random.default_rng(change.seed).permutation(len(rows))
    return rows[order[: round(change.share * len(rows))]]
