"""Which features speak together: a home's facts, gathered into the groups that a reason may name.

Related features share what they say: a home's yearly use, its use per floor area and its use per degree day are
one fact to a person. Their contributions are added and named once. This is the only place that says which
feature belongs to which group.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from case_heating.features.stages import FEATURE


@dataclass(frozen=True)
class Group:
    """Features that speak as one.

    Attributes
    ----------
    name : str
        The group's name, also in the templates.
    about : str
        What it tells, in a few words for analysts.
    features : tuple of str
        All features of the group.
    told : tuple of str
        The features a person can be told of, the plainest first; the others are ratios and errors of these.
    settles : int
        How well it tells the fuel by itself once it is known, 0 to 3; see :data:`SETTLING`.
    """

    name: str
    about: str
    features: tuple[str, ...]
    told: tuple[str, ...]
    settles: int = 0


SETTLING = {
    3: "gas use of a year: nearly all homes that heat with gas use more than cooking and hot water take",
    2: "electricity month by month: electric heat shows in the cold months, whatever the home",
    1: "the gas meter: without one there is no gas heat, with one either is possible",
    0: "no single such fact tells the fuel of most homes",
}
"""What each rank of ``Group.settles`` means; the order is that of the ladder's steps on both kinds of source."""

GROUPS: tuple[Group, ...] = (
    Group(
        "area",
        "what is known of the homes around it",
        (
            "district",
            "published_gas_share",
            "published_electric_share",
            "published_other_share",
            "published_gas_price",
            "published_price_ratio",
        ),
        ("district", "published_gas_share"),
    ),
    Group("setting", "town or country", ("area_type", "metro"), ("area_type", "metro")),
    Group(
        "climate",
        "the climate of the place",
        ("climate", "iecc_zone", "hdd_year", "cdd_year", "hdd_normal", "cdd_normal"),
        ("climate", "iecc_zone"),
    ),
    Group("dwelling", "kind of dwelling", ("dwelling_type",), ("dwelling_type",)),
    Group("age", "when it was built", ("year_built",), ("year_built",)),
    Group(
        "size",
        "how large it is",
        ("floor_area_sqft", "rooms", "bedrooms", "windows", "stories", "garage_cars"),
        ("floor_area_sqft", "rooms", "bedrooms", "windows"),
    ),
    Group(
        "building",
        "what it is built of",
        ("foundation", "wall_material", "roof_material"),
        ("wall_material", "foundation", "roof_material"),
    ),
    Group(
        "cooling",
        "how it is cooled",
        ("cooling", "cooling_slope_kwh", "cooling_share"),
        ("cooling", "cooling_share"),
    ),
    Group("extras", "pool and solar panels", ("pool", "solar"), ("solar", "pool")),
    Group(
        "electricity_use",
        "electricity of a year",
        (
            "kwh_year",
            "electricity_cost_year",
            "kwh_per_hdd",
            "kwh_per_cdd",
            "kwh_per_sqft",
            "kwh_per_sqft_hdd",
            "base_load_kwh",
        ),
        ("kwh_year", "kwh_per_sqft", "base_load_kwh", "electricity_cost_year"),
    ),
    Group(
        "winter_use",
        "how the electricity follows the cold",
        (
            "heating_slope_kwh",
            "heating_share",
            "heating_slope_per_1000_sqft",
            "heating_balance_f",
            "heating_slope_se",
            "signature_r2",
        ),
        ("heating_slope_kwh", "heating_share"),
        settles=2,
    ),
    Group("gas_meter", "whether it has a gas meter", ("gas_service",), ("gas_service",), settles=1),
    Group(
        "gas_use",
        "gas of a year",
        ("therms_year", "gas_cost_year", "therms_per_hdd", "therms_per_sqft_hdd"),
        ("therms_year", "gas_cost_year"),
        settles=3,
    ),
)

GROUP: dict[str, Group] = {group.name: group for group in GROUPS}
GROUP_OF: dict[str, str] = {feature: group.name for group in GROUPS for feature in group.features}


def groups_of(features: Iterable[str]) -> tuple[Group, ...]:
    """Give the groups that these features belong to, in the order of :data:`GROUPS`.

    Raises
    ------
    KeyError
        If a feature belongs to no group.

    Examples
    --------
    >>> [group.name for group in groups_of(["kwh_year", "dwelling_type", "kwh_per_hdd"])]
    ['dwelling', 'electricity_use']
    """
    found = {_group_of(feature) for feature in features}
    return tuple(group for group in GROUPS if group.name in found)


def membership(features: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Tell which feature belongs to which of :func:`groups_of`, shape (n_features, n_groups).

    Raises
    ------
    KeyError
        If a feature belongs to no group.
    """
    names = [group.name for group in groups_of(features)]
    return np.array([[_group_of(feature) == name for name in names] for feature in features])


def _group_of(feature: str) -> str:
    if feature not in GROUP_OF:
        listed = "a feature" if feature in FEATURE else "not in case_heating/features/stages.py"
        raise KeyError(f"{feature!r} ({listed}) belongs to no group in case_heating/model/explain_groups.py")
    return GROUP_OF[feature]
