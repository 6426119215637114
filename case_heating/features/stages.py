"""Which fact belongs to which stage of data: every feature once, in the order a utility gets its data.

Each stage holds its own features and those of all stages before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from case_heating import schema
from case_heating.errors import LeakageError

STAGES: dict[str, str] = {
    "location": "where the home stands and what kind of dwelling it is",
    "billing": "a year's electricity bill",
    "weather": "the year's weather at the place",
    "property": "the assessor's record: age, size, rooms, walls, cooling",
    "monthly": "how each electricity bill follows the weather (the bill signature)",
    "gas_service": "whether the home has a gas meter",
    "gas_bills": "the gas bills",
}


@dataclass(frozen=True)
class Feature:
    """One fact about a home as a model sees it; ``sources`` names the table columns it is made from.

    ``owner`` answers for its values. A value older than ``fresh_days`` no longer speaks for the home.
    """

    name: str
    stage: str
    about: str
    sources: tuple[str, ...]
    unit: str = ""
    kind: Literal["number", "category"] = "number"
    owner: str = ""
    fresh_days: int = 0


def _as_is(stage: str, *names: str) -> tuple[Feature, ...]:
    """Features that are columns of ``homes``, taken over unchanged."""
    features = []
    for name in names:
        column = schema.HOMES.column(name)
        kind: Literal["number", "category"] = "category" if column.dtype in ("text", "category") else "number"
        features.append(Feature(name, stage, column.about, (f"homes.{name}",), column.unit, kind))
    return tuple(features)


_PLACE = ("homes.district", "homes.state", "homes.division")
_ELECTRICITY = ("bills.usage",)
_SIGNATURE = ("bills.usage", "weather.mean_temp_f")
_GAS = ("bills.usage",)

_OWNERS = {
    "location": "customer records",
    "billing": "billing",
    "weather": "weather desk",
    "property": "property records",
    "monthly": "billing",
    "gas_service": "gas network",
    "gas_bills": "billing",
}
_FRESH_DAYS = {  # by the table a fact comes from
    "bills": 45,  # a bill a month, and reading cycles drift
    "degree_days": 45,
    "weather": 45,
    "homes": 730,  # records are looked through every other year
}
_PUBLISHED_OWNER, _PUBLISHED_FRESH_DAYS = "market analysis", 400  # official figures come once a year


def _kept(feature: Feature) -> Feature:
    """Say who answers for a feature, and for how long its value holds: as long as its shortest-lived source."""
    if feature.name.startswith("published_"):
        return replace(feature, owner=_PUBLISHED_OWNER, fresh_days=_PUBLISHED_FRESH_DAYS)
    fresh_days = min(_FRESH_DAYS[source.split(".")[0]] for source in feature.sources)
    return replace(feature, owner=_OWNERS[feature.stage], fresh_days=fresh_days)


_DEFINED: tuple[Feature, ...] = (
    *_as_is("location", "district", "climate", "iecc_zone", "area_type", "metro", "dwelling_type"),
    Feature("published_gas_share", "location", "Share of the area's homes heated with utility gas", _PLACE, "share"),
    Feature(
        "published_electric_share", "location", "Share of the area's homes heated with electricity", _PLACE, "share"
    ),
    Feature("published_other_share", "location", "Share of the area's homes heated otherwise", _PLACE, "share"),
    Feature("published_gas_price", "location", "The area's residential price of gas", _PLACE, "USD/therm"),
    Feature("published_price_ratio", "location", "The area's price of electric heat over gas heat", _PLACE, "ratio"),
    Feature("kwh_year", "billing", "Electricity used in the last twelve months", _ELECTRICITY, "kWh/year"),
    Feature(
        "electricity_cost_year",
        "billing",
        "Electricity cost of the last twelve months, where the use is not known",
        ("bills.cost_usd", *_ELECTRICITY),
        "USD/year",
    ),
    Feature("hdd_year", "weather", "Heating degree days of the same twelve months", ("degree_days.hdd",), "°F·day"),
    Feature("cdd_year", "weather", "Cooling degree days of the same twelve months", ("degree_days.cdd",), "°F·day"),
    *_as_is("weather", "hdd_normal", "cdd_normal"),
    Feature(
        "kwh_per_hdd", "weather", "Electricity per heating degree day", (*_ELECTRICITY, "degree_days.hdd"), "kWh/°F·day"
    ),
    Feature(
        "kwh_per_cdd", "weather", "Electricity per cooling degree day", (*_ELECTRICITY, "degree_days.cdd"), "kWh/°F·day"
    ),
    *_as_is(
        "property",
        "year_built",
        "floor_area_sqft",
        "rooms",
        "bedrooms",
        "stories",
        "foundation",
        "garage_cars",
        "wall_material",
        "roof_material",
        "windows",
        "cooling",
        "pool",
        "solar",
    ),
    Feature(
        "kwh_per_sqft", "property", "Electricity per floor area", (*_ELECTRICITY, "homes.floor_area_sqft"), "kWh/sqft"
    ),
    Feature(
        "kwh_per_sqft_hdd",
        "property",
        "Electricity per floor area and heating degree day",
        (*_ELECTRICITY, "homes.floor_area_sqft", "degree_days.hdd"),
        "kWh/sqft/1000 °F·day",
    ),
    Feature(
        "base_load_kwh", "monthly", "Electricity of a day that needs neither heat nor cooling", _SIGNATURE, "kWh/day"
    ),
    Feature(
        "heating_slope_kwh", "monthly", "Rise of electricity with each heating degree day", _SIGNATURE, "kWh/°F·day"
    ),
    Feature(
        "cooling_slope_kwh", "monthly", "Rise of electricity with each cooling degree day", _SIGNATURE, "kWh/°F·day"
    ),
    Feature("heating_balance_f", "monthly", "Outdoor temperature below which use rises", _SIGNATURE, "°F"),
    Feature("heating_share", "monthly", "Share of the electricity that follows the cold", _SIGNATURE, "share"),
    Feature("cooling_share", "monthly", "Share of the electricity that follows the heat", _SIGNATURE, "share"),
    Feature("heating_slope_se", "monthly", "Standard error of the heating slope", _SIGNATURE, "kWh/°F·day"),
    Feature("signature_r2", "monthly", "How well weather explains the bills", _SIGNATURE, "share"),
    Feature(
        "heating_slope_per_1000_sqft",
        "monthly",
        "Rise of electricity with each heating degree day, for 1,000 sqft",
        (*_SIGNATURE, "homes.floor_area_sqft"),
        "kWh/°F·day/1000 sqft",
    ),
    *_as_is("gas_service", "gas_service"),
    Feature("therms_year", "gas_bills", "Gas used in the last twelve months", _GAS, "therm/year"),
    Feature(
        "gas_cost_year",
        "gas_bills",
        "Gas cost of the last twelve months, where the use is not known",
        ("bills.cost_usd", *_GAS),
        "USD/year",
    ),
    Feature("therms_per_hdd", "gas_bills", "Gas per heating degree day", (*_GAS, "degree_days.hdd"), "therm/°F·day"),
    Feature(
        "therms_per_sqft_hdd",
        "gas_bills",
        "Gas per floor area and heating degree day",
        (*_GAS, "homes.floor_area_sqft", "degree_days.hdd"),
        "therm/1000 sqft/1000 °F·day",
    ),
)

FEATURES: tuple[Feature, ...] = tuple(_kept(feature) for feature in _DEFINED)

FEATURE: dict[str, Feature] = {feature.name: feature for feature in FEATURES}

SENSITIVE_COLUMNS = frozenset(schema.SENSITIVE.column_names) - {"home_id"}

# Columns of the official surveys and of utilities' files that were made knowing the heating fuel.
REVEALING_COLUMNS = frozenset(
    "heating_fuel label fuelheat equipm fuelh2o elwarm ugwarm pelheat pgasheat hfl equipment heating_equipment".split()
)
REVEALING_ENDINGS = ("sph", "wth")  # space-heat and water-heat shares that the EIA modelled from the fuel


def features_of(stage: str) -> tuple[Feature, ...]:
    """All features known at a stage, those of earlier stages first.

    Raises
    ------
    KeyError
        If there is no such stage.

    Examples
    --------
    >>> [feature.name for feature in features_of("billing")][-2:]
    ['kwh_year', 'electricity_cost_year']
    """
    order = list(STAGES)
    if stage not in STAGES:
        raise KeyError(f"no stage {stage!r}; there are {', '.join(order)}")
    known = set(order[: order.index(stage) + 1])
    return tuple(feature for feature in FEATURES if feature.stage in known)


def stale_features(event_time: date, at: date) -> tuple[str, ...]:
    """Names of the features whose values, true at ``event_time``, no longer speak for a home at a later moment.

    Examples
    --------
    >>> stale_features(date(2025, 1, 1), date(2025, 2, 15))
    ()
    >>> "kwh_year" in stale_features(date(2025, 1, 1), date(2025, 2, 16))
    True
    """
    age_days = (at - event_time).days
    return tuple(feature.name for feature in FEATURES if age_days > feature.fresh_days)


def guard_against_leakage(columns: Iterable[str], stage: str) -> None:
    """Let only registered features of this stage or an earlier one into a matrix.

    Raises
    ------
    LeakageError
        If a column is sensitive, gives the fuel away, belongs to a later stage, or is no feature at all.
    """
    allowed = {feature.name for feature in features_of(stage)}
    for name in columns:
        if name in allowed:
            continue
        lower = name.lower()
        if name in SENSITIVE_COLUMNS:
            why = "it is a sensitive trait, which is read to measure fairness and is never a feature"
        elif lower in REVEALING_COLUMNS or lower.endswith(REVEALING_ENDINGS):
            why = "it gives the heating fuel away"
        elif name in FEATURE:
            why = f"it belongs to the later stage {FEATURE[name].stage!r}"
        else:
            why = "it is not listed in case_heating/features/stages.py; list it there with its stage first"
        raise LeakageError(f"column {name!r} must not enter a feature matrix of stage {stage!r}: {why}")
