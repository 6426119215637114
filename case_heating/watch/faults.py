"""Known trouble for drills: each kind is injected into a copy of a quiet utility, with its size and its day.

Nothing is painted onto features: bills, weather, assessor's records, homes, labels and what is really true of the homes
are changed as the trouble itself would change them, and everything behind them is made anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from case_heating.data.metering import FURNACE_EFFICIENCY, KWH_PER_THERM
from case_heating.errors import HeatingError
from case_heating.features.build import weather_of
from case_heating.schema import BASE_TEMPERATURE_F, Tables
from case_heating.watch.quiet import World, homes_of

CAR_KWH_PER_DAY = 13.0  # 40 miles a day at 3 miles per kWh
CAR_KWH_PER_HDD = 0.3  # cold batteries and cabin heat: half as much again on a day of 20 °F·day
PUMP_COP_MILD, PUMP_COP_PER_HDD = 3.4, 0.03  # efficiency falls with the cold of the period, as in the simulator
WH_PER_KWH = 1000.0
NEW_DISTRICT = "d99"
RAMP_MONTHS = 12  # a slow drift takes a year to arrive
LOST_FROM_RECORD = tuple(
    "year_built floor_area_sqft rooms bedrooms stories foundation garage_cars wall_material roof_material windows "
    "cooling pool".split()
)
NEW_HOME_LABEL_SHARE = 0.3  # of new homes somebody sees what heats them when they are connected
NEW_HOME_KNOWN_DAYS = (14, 60)


@dataclass(frozen=True)
class Drift:
    """One planted trouble.

    Attributes
    ----------
    kind : str
        A name of :data:`KINDS`.
    on : date
        The first day of it.
    size : float
        Share of the homes in question that it reaches, 0 to 1.
    slow : bool
        Whether it arrives home by home over a year, or all at once.
    """

    kind: str
    on: date
    size: float
    slow: bool = False


@dataclass(frozen=True)
class Kind:
    """What a kind of trouble is, its usual size, how to inject it, and whether the data are wrong or the world new."""

    about: str
    size: float
    inject: Callable[[World, Drift, np.random.Generator], World]
    is_fault: bool = False
    slow: bool = False


def inject(world: World, drift: Drift, *, seed: int) -> World:
    """Give a copy of a quiet world in which the trouble has happened.

    Raises
    ------
    HeatingError
        If there is no such kind, or the size is no share.
    """
    if drift.kind not in KINDS:
        raise HeatingError(f"there is no drill {drift.kind!r}; there are {', '.join(KINDS)}")
    if not 0 < drift.size <= 1:
        raise HeatingError(f"the size of a drift is the share of homes it reaches, 0 to 1; it is {drift.size}")
    return KINDS[drift.kind].inject(world, drift, np.random.default_rng(seed))


def _electric_cars(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Let many homes charge a car: more electricity, most of all in the cold, whatever they heat with."""
    homes = _drawn(world.tables["homes"]["home_id"], drift.size, rng)
    starts = _start_days(homes, drift, rng)
    bills = world.tables["bills"]
    days, hdd = _days_and_hdd(world.tables, bills)
    more = (CAR_KWH_PER_DAY * days + CAR_KWH_PER_HDD * hdd) * _share_after(bills, starts)
    return _with_usage(world, bills["usage"] + more.where(bills["fuel"] == "electricity", 0.0))


def _heat_pumps(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Give gas homes of some districts heat pumps; gas stays for water and cooking: what bills mean changes there."""
    gas = world.truth.loc[world.truth["heating_fuel"] == "gas", "home_id"]
    district = world.tables["homes"].set_index("home_id")["district"].reindex(gas)
    names = rng.permutation(np.sort(district.dropna().unique()))
    chosen = gas[district.isin(names[: len(names) // 2]).to_numpy()]
    homes = _drawn(chosen, drift.size, rng)
    starts = _start_days(homes, drift, rng)
    bills = world.tables["bills"]
    days, hdd = _days_and_hdd(world.tables, bills)
    is_gas = bills["fuel"] == "gas"
    per_day = (bills["usage"] / days).where(is_gas)
    rest = bills["home_id"].map(per_day.groupby(bills["home_id"]).quantile(0.2))
    heat_therm = (bills["usage"] - rest * days).clip(lower=0.0).where(is_gas, 0.0) * _share_after(bills, starts)
    cop = (PUMP_COP_MILD - PUMP_COP_PER_HDD * hdd / days).clip(1.8, PUMP_COP_MILD)
    pump = (heat_therm * FURNACE_EFFICIENCY * KWH_PER_THERM / cop).groupby([bills["home_id"], bills["start"]]).sum()
    key = pd.MultiIndex.from_frame(bills[["home_id", "start"]])
    extra = pd.Series(pump.reindex(key).to_numpy(), index=bills.index).where(bills["fuel"] == "electricity", 0.0)
    changed = _with_usage(world, bills["usage"] - heat_therm + extra.fillna(0.0))
    return _with_truth(changed, starts, "electricity")


def _merger(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Let a cooperative of electric homes join, with the history of its bills: more homes of one fuel, else alike."""
    joining = _drawn(world.reserve.tables["homes"]["home_id"], drift.size, rng)
    starts = _start_days(joining, drift, rng)
    tables = homes_of(world.reserve.tables, joining)
    bills, first = tables["bills"], tables["bills"]["home_id"].map(starts)
    tables["bills"] = bills.assign(known_at=bills["known_at"].where(bills["known_at"] > first, first))
    return _joined(world, tables, starts)


def _new_neighbourhood(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Build an all-electric district where gas is usual: homes without a past, under a name nobody knows."""
    joining = _drawn(world.reserve.tables["homes"]["home_id"], drift.size, rng)
    starts = _start_days(joining, drift, rng)
    tables = homes_of(world.reserve.tables, joining)
    tables["homes"] = tables["homes"].assign(district=NEW_DISTRICT, year_built=float(drift.on.year))
    tables["bills"] = tables["bills"][tables["bills"]["start"] >= tables["bills"]["home_id"].map(starts)]
    seen = starts[rng.random(len(starts)) < NEW_HOME_LABEL_SHARE]
    connected = pd.DataFrame(
        {
            "home_id": seen.index,
            "heating_fuel": "electricity",
            "event_time": seen.to_numpy(),
            "known_at": seen.to_numpy() + pd.to_timedelta(rng.integers(*NEW_HOME_KNOWN_DAYS, len(seen)), unit="D"),
            "source": "inspection",
        }
    )
    tables["labels"] = pd.concat([tables["labels"], connected], ignore_index=True)
    return _joined(world, tables, starts)


def _wh_month(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Read one month of some districts' electricity out in Wh: a thousand times too much."""
    homes = world.tables["homes"]
    share = homes["district"].value_counts(normalize=True, sort=False).sort_index()
    shuffled = share.iloc[rng.permutation(len(share))]
    chosen = shuffled.index[: max(1, int((shuffled.cumsum() <= drift.size).sum()))]
    hit = set(homes.loc[homes["district"].isin(chosen), "home_id"])
    bills, on = world.tables["bills"], pd.Timestamp(drift.on)
    month = (bills["known_at"] > on) & (bills["known_at"] <= on + pd.DateOffset(months=1))
    in_wh = month & bills["home_id"].isin(hit) & (bills["fuel"] == "electricity")
    return _with_usage(world, bills["usage"] * np.where(in_wh, WH_PER_KWH, 1.0))


def _feeds_stop(world: World, drift: Drift, rng: np.random.Generator) -> World:
    """Stop the weather feed, and let the assessor's file come without its figures for a share of homes."""
    homes, weather = world.tables["homes"], world.tables["weather"]
    hit = homes["home_id"].isin(_drawn(homes["home_id"], drift.size, rng))
    blank = {name: homes[name].mask(hit) for name in LOST_FROM_RECORD}
    stopped = weather[weather["date"] < pd.Timestamp(drift.on)]
    return replace(world, tables=world.tables | {"homes": homes.assign(**blank), "weather": stopped})


KINDS: dict[str, Kind] = {
    "feature_shift": Kind("electric cars: bills grow, most of all in the cold", 0.5, _electric_cars),
    "unit_fault": Kind("a month of some districts in Wh", 0.3, _wh_month, is_fault=True),
    "missing_feed": Kind("weather stops, the assessor's figures are gone", 1.0, _feeds_stop, is_fault=True),
    "label_shift": Kind("a cooperative of electric homes joins", 1.0, _merger),
    "concept_change": Kind("heat pumps in half of the districts, gas kept for water", 0.7, _heat_pumps),
    "new_neighbourhood": Kind("an all-electric district is built", 0.5, _new_neighbourhood),
    "feature_shift_slow": Kind("electric cars over a year", 0.5, _electric_cars, slow=True),
    "concept_change_slow": Kind("heat pumps over a year", 0.7, _heat_pumps, slow=True),
}
"""The drills by name; the size is the share of the homes in question."""


def _drawn(home_id: pd.Series, share: float, rng: np.random.Generator) -> pd.Index:
    return pd.Index(np.sort(rng.permutation(home_id.to_numpy())[: round(share * len(home_id))]))


def _start_days(homes: pd.Index, drift: Drift, rng: np.random.Generator) -> pd.Series:
    """Day on which each home is reached, by ``home_id``."""
    days = rng.integers(0, RAMP_MONTHS * 30, len(homes)) if drift.slow else np.zeros(len(homes), dtype=int)
    return pd.Series(pd.Timestamp(drift.on) + pd.to_timedelta(days, unit="D"), index=homes)


def _share_after(bills: pd.DataFrame, starts: pd.Series) -> pd.Series:
    """Share of each bill's period after the day its home is reached; 0 where it never is."""
    left = (bills["end"] - bills["home_id"].map(starts)).dt.days
    return (left / (bills["end"] - bills["start"]).dt.days).clip(0.0, 1.0).fillna(0.0)


def _days_and_hdd(tables: Tables, bills: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    weather = weather_of(tables)
    if weather is None:
        raise HeatingError("a drill needs the weather of the utility's places; there is no weather table")
    place = bills["home_id"].map(tables["homes"].set_index("home_id")["place_id"])
    hdd, _ = weather.of(place.to_numpy(), bills["start"], bills["end"], BASE_TEMPERATURE_F)
    return (bills["end"] - bills["start"]).dt.days.astype(float), pd.Series(hdd, index=bills.index)


def _with_usage(world: World, usage: pd.Series) -> World:
    """Change what was used and, in proportion, what it cost."""
    bills = world.tables["bills"]
    factor = (usage / bills["usage"].where(bills["usage"] != 0)).fillna(1.0)
    changed = bills.assign(usage=usage, cost_usd=bills["cost_usd"] * factor)
    return replace(world, tables=world.tables | {"bills": changed})


def _with_truth(world: World, starts: pd.Series, fuel: str) -> World:
    """From its day on each home really heats with the fuel, and whoever looks after that day sees it."""
    spells = pd.DataFrame({"home_id": starts.index, "heating_fuel": fuel, "from_date": starts.to_numpy()})
    labels = world.tables["labels"]
    seen_after = labels["event_time"] >= labels["home_id"].map(starts)
    relabelled = labels.assign(heating_fuel=labels["heating_fuel"].mask(seen_after, fuel))
    truth = pd.concat([world.truth, spells], ignore_index=True)
    return replace(world, tables=world.tables | {"labels": relabelled}, truth=truth)


def _joined(world: World, tables: Tables, starts: pd.Series) -> World:
    """Add homes to the world; what somebody saw of them before they came is not known."""
    labels = tables["labels"]
    tables = tables | {"labels": labels[labels["event_time"] >= labels["home_id"].map(starts)]}
    both = {
        name: pd.concat([frame, tables[name]], ignore_index=True) if "home_id" in frame else frame
        for name, frame in world.tables.items()
    }
    came = world.reserve.truth[world.reserve.truth["home_id"].isin(starts.index)]
    came = came.assign(from_date=came["home_id"].map(starts))
    return replace(world, tables=both, truth=pd.concat([world.truth, came], ignore_index=True))
