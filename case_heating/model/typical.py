"""What is usual: the figures of labelled homes that one home's facts are compared with.

Only medians, commonest values and shares are kept, never a home's row, so that they can lie beside the model as JSON.
What is told to people is of thirty homes or more; the typical values of a fuel are of all its labelled homes.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from case_heating.errors import ModelError
from case_heating.features.stages import FEATURE
from case_heating.model.fuel import Bools
from case_heating.workspace import write_text

Value = float | str | None

MIN_PEERS = 30  # a median of fewer homes says too much about each of them, and too little about the others
ANY = "*"
MISSING = "missing"
SMALL_BELOW_SQFT, LARGE_FROM_SQFT = 1000.0, 2000.0  # the thirds of the homes of RECS 2015, rounded
SPREAD = 3  # values per fuel that stand for all its homes: the middles of its thirds
ERA_STARTS = (1950, 1970, 1980, 2000)  # main changes in how American homes were heated: oil, gas, heat pumps, codes

SHARED_FACTS = frozenset(name for name, feature in FEATURE.items() if feature.kind == "category") | {
    "gas_service",
    "solar",
    "pool",
    "year_built",
}
"""Facts compared by the fuel of the homes that share them; all other facts are compared with a median."""


@dataclass(frozen=True)
class Median:
    """A fact's median among peers of one fuel; ``level`` tells how alike the peers are, 0 the most.

    ``value`` is ``None`` where more than half of them lack the fact.
    """

    value: float | None
    n_homes: int
    level: int


@dataclass(frozen=True)
class Share:
    """Share of gas among the labelled homes that have the same fact, and among all labelled homes."""

    gas: float
    n_homes: int
    gas_of_all: float


@dataclass(frozen=True)
class Typical:
    """Reference values of labelled gas and electric homes.

    Attributes
    ----------
    n_homes : int
        Labelled homes they are made from.
    share_of_gas : float
        Share of these that heat with gas.
    by_fuel : dict
        Fuel → feature → the median or commonest value of the homes with that fuel; ``None`` where more than half of
        them lack the fact, for then lacking it is what is typical.
    spread : dict
        Fuel → feature → three values, the middles of the thirds of the homes with that fuel once they are sorted,
        those that lack the fact last. The one commonest value cannot stand for all homes: gas homes and electric homes
        have the same commonest dwelling type, and a home that has it too could never be told of it.
    medians : dict
        Feature → cell of peers → fuel → (median, homes of the cell and fuel); the median is ``None`` where more than
        half of these lack the fact.
    shares : dict
        Feature → value (or ``missing``) → (share of gas, homes).
    """

    n_homes: int
    share_of_gas: float
    by_fuel: dict[str, dict[str, Value]]
    spread: dict[str, dict[str, list[Value]]]
    medians: dict[str, dict[str, dict[str, tuple[float | None, int]]]]
    shares: dict[str, dict[str, tuple[float, int]]]

    def medians_of(self, feature: str, cells: tuple[str, ...], *, from_level: int = 0) -> dict[str, Median]:
        """Look up both fuels' medians among the most alike peers of which thirty homes of each fuel are known.

        Empty where no cell, not even that of all homes, has thirty of each.
        """
        known = self.medians.get(feature, {})
        for level in range(from_level, len(cells)):
            if len(fuels := known.get(cells[level], {})) == len(self.by_fuel):
                return {fuel: Median(value, n_homes, level) for fuel, (value, n_homes) in fuels.items()}
        return {}

    def share(self, feature: str, value: Value) -> Share | None:
        """Look up the share of gas among homes with the same value of a fact, or that lack it as well."""
        found = self.shares.get(feature, {}).get(value_class(feature, value))
        return Share(*found, self.share_of_gas) if found else None

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_text(path, json.dumps(asdict(self), indent=1) + "\n")


def load_typical(path: Path) -> Typical:
    """Read back what :meth:`Typical.save` wrote.

    Raises
    ------
    ModelError
        If the file is not there, or is not one of these.
    """
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Typical(
            n_homes=told["n_homes"],
            share_of_gas=told["share_of_gas"],
            by_fuel=told["by_fuel"],
            spread=told["spread"],
            medians={
                feature: {
                    cell: {fuel: (value, n) for fuel, (value, n) in fuels.items()} for cell, fuels in cells.items()
                }
                for feature, cells in told["medians"].items()
            },
            shares={
                feature: {value: (gas, n) for value, (gas, n) in values.items()}
                for feature, values in told["shares"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} holds no reference values ({error}); make them anew with 'heating run'") from error


def learn_typical(features: pd.DataFrame, is_gas: Bools) -> Typical:
    """Take the reference values from labelled homes.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        As the model was trained on.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    """
    fuel = np.where(is_gas, "gas", "electricity")
    numbers = [name for name in features if name not in SHARED_FACTS]
    return Typical(
        n_homes=len(is_gas),
        share_of_gas=float(is_gas.mean()),
        by_fuel={name: _usual_values(features[fuel == name]) for name in ("gas", "electricity")},
        spread={
            name: {str(one): spread_values(features.loc[fuel == name, one]) for one in features}
            for name in ("gas", "electricity")
        },
        medians=_medians(features, numbers, fuel),
        shares={name: _shares(features[name], is_gas) for name in features},
    )


def peer_cells(dwelling_type: Value, floor_area_sqft: Value, climate: Value) -> tuple[str, ...]:
    """Name the cells of peers a home belongs to, the most alike first.

    >>> peer_cells("mobile_home", 900.0, "cold")
    ('mobile_home|small|cold', 'mobile_home|small|*', 'mobile_home|*|*', '*|*|*')
    """
    kind, size, weather = str(dwelling_type or ANY), size_class(floor_area_sqft), str(climate or ANY)
    return (f"{kind}|{size}|{weather}", f"{kind}|{size}|{ANY}", f"{kind}|{ANY}|{ANY}", f"{ANY}|{ANY}|{ANY}")


def size_class(floor_area_sqft: Value) -> str:
    """Small, medium or large; ``*`` where the floor area is not known.

    >>> size_class(999.0), size_class(1000.0), size_class(2000.0), size_class(None)
    ('small', 'medium', 'large', '*')
    """
    if floor_area_sqft is None:
        return ANY
    area = float(floor_area_sqft)
    return "small" if area < SMALL_BELOW_SQFT else "medium" if area < LARGE_FROM_SQFT else "large"


def value_class(feature: str, value: Value) -> str:
    """Name the class that a shared fact's value falls in: eras of building, yes or no, else the value itself.

    >>> value_class("year_built", 1950.0), value_class("gas_service", 0.0), value_class("climate", None)
    ('1950', 'no', 'missing')
    """
    if value is None:
        return MISSING
    if feature == "year_built":
        return str(max((start for start in ERA_STARTS if start <= float(value)), default="before"))
    if isinstance(value, str):
        return value
    return "yes" if value > 0 else "no"


def plain_values(column: pd.Series) -> list[Value]:
    """Give a feature's values as plain Python ones, ``None`` where missing, shape (n_homes,)."""
    if FEATURE[str(column.name)].kind == "category":
        return [None if lacks else str(value) for value, lacks in zip(column, column.isna(), strict=True)]
    return [None if value != value else value for value in column.to_numpy(dtype=np.float64).tolist()]


def spread_values(column: pd.Series) -> list[Value]:
    """Give the middle of each third of a feature's values in order, the missing ones last.

    Raises
    ------
    IndexError
        If there is no value at all, not even a missing one.

    Examples
    --------
    >>> spread_values(pd.Series([3.0, 1.0, None], name="rooms"))
    [1.0, 3.0, None]
    """
    middles = ((np.arange(SPREAD) + 0.5) / SPREAD * len(column)).astype(int)
    return plain_values(column.sort_values(kind="stable").iloc[middles])


def _usual_values(features: pd.DataFrame) -> dict[str, Value]:
    return {str(name): _usual_value(features[name]) for name in features}


def _usual_value(column: pd.Series) -> Value:
    known = column.dropna()
    if len(known) <= len(column) / 2:
        return None
    if FEATURE[str(column.name)].kind == "category":
        return str(known.mode().iloc[0])
    if value_class(str(column.name), 1.0) == "yes" and column.name in SHARED_FACTS:
        return float(known.mode().iloc[0])
    return float(known.median())


def _medians(
    features: pd.DataFrame, numbers: list[str], fuel: np.ndarray
) -> dict[str, dict[str, dict[str, tuple[float | None, int]]]]:
    found: dict[str, dict[str, dict[str, tuple[float | None, int]]]] = {name: {} for name in numbers}
    cells = pd.DataFrame(list(_cells_of(features)), index=features.index)
    for level in cells:
        groups = features[numbers].groupby([cells[level].to_numpy(), fuel])
        sizes = groups.size()
        medians = groups.median().mask(groups.count().le(sizes / 2, axis="index"))
        for (cell, which), n_homes in sizes[sizes >= MIN_PEERS].items():
            for name, median in medians.loc[(cell, which)].items():
                fuels = found[str(name)].setdefault(cell, {})
                fuels.setdefault(which, (None if np.isnan(median) else float(median), int(n_homes)))
    return found


def _cells_of(features: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    lacking: list[Value] = [None] * len(features)
    columns = [
        plain_values(features[name]) if name in features else lacking
        for name in ("dwelling_type", "floor_area_sqft", "climate")
    ]
    return (peer_cells(*values) for values in zip(*columns, strict=True))


def _shares(column: pd.Series, is_gas: Bools) -> dict[str, tuple[float, int]]:
    name = str(column.name)
    if name in SHARED_FACTS:
        classes = [value_class(name, value) for value in plain_values(column)]
    else:  # of a measured fact only its lack is shared
        classes = [MISSING if lacks else ANY for lacks in column.isna()]
    table = pd.Series(is_gas.astype(float)).groupby(np.array(classes, dtype=object)).agg(["mean", "size"])
    return {
        str(value): (float(row["mean"]), int(row["size"]))
        for value, row in table.iterrows()
        if row["size"] >= MIN_PEERS and value != ANY
    }
