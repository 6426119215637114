"""Facts that somebody types of a home: which may be asked for, read from the schema, and the tables they make.

What was typed goes the way of all data: into canonical tables, and from them into features by the one function that
makes features. What nobody typed stays missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import pandas as pd

from case_heating.errors import SourceError
from case_heating.people.words import name_of
from case_heating.schema import BILLS, HOMES, Column, Tables, conform

TYPED = "typed"
"""The id of a home that is typed."""

AREA = "area"
"""Name of the fact that says where the home stands."""

AREA_COLUMNS = ("district", "state", "division")  # the narrowest that the source has is asked for
_OF_A_PLACE = (*AREA_COLUMNS, "climate", "iecc_zone", "area_type", "metro", "hdd_normal", "cdd_normal")
_MOST_AGREE = 0.9  # of an area's homes that must share a fact of the place before it is taken for one more

USED = {"kwh_year": ("electricity", "kWh a year"), "therms_year": ("gas", "therms a year")}
FIRST = (AREA, "dwelling_type", "kwh_year", "floor_area_sqft", "year_built", "gas_service", "therms_year")
"""Facts asked for first: the common ones, and those that tell most."""

_LABELS = {"kwh_year": "Electricity of a year", "therms_year": "Gas of a year", AREA: "Where it stands"}
_SAID_UNITS = ("", "rooms", "year", "windows", "stories", "cars")  # the label says what is counted
_YEAR_DAYS, _LEAST_DAYS = 365, 330

Value = str | float | bool
Facts = Mapping[str, Value]


@dataclass(frozen=True)
class Field:
    """One fact that may be typed.

    Attributes
    ----------
    name : str
        Name of the feature it makes, or :data:`AREA`.
    label : str
        What is asked, with its unit.
    kind : {"choice", "yes_no", "number", "whole"}
    minimum, maximum : float or None
        Least and largest number, both allowed.
    options : tuple of str
        What can be chosen, as codes.
    """

    name: str
    label: str
    kind: Literal["choice", "yes_no", "number", "whole"]
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[str, ...] = ()

    def option_in_words(self, option: str) -> str:
        """Say a code that can be chosen."""
        return option if self.name == AREA else name_of(option)

    def read(self, text: str) -> Value | None:
        """Read a fact from a link; nothing where it is none of those that may be typed.

        >>> Field("rooms", "Rooms", "whole", 1, 40).read("5"), Field("rooms", "Rooms", "whole", 1, 40).read("99")
        (5.0, None)
        """
        if self.kind == "choice":
            return text if text in self.options else None
        if self.kind == "yes_no":
            return {"yes": True, "no": False}.get(text)
        try:
            number = float(text)
        except ValueError:
            return None
        low, high = self.minimum, self.maximum
        inside = (low is None or number >= low) and (high is None or number <= high)
        return number if inside and (self.kind == "number" or number.is_integer()) else None

    def write(self, value: Value) -> str:
        """Write a fact into a link.

        >>> field = Field("rooms", "Rooms", "whole", 1, 40)
        >>> field.write(5.0), field.read(field.write(5.0))
        ('5', 5.0)
        """
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if isinstance(value, str) else f"{value:g}"


def typed_fields(homes: pd.DataFrame, features: pd.DataFrame) -> tuple[Field, ...]:
    """List the facts that may be typed: those the labelled homes of a source have, in the words of the schema.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        The trusted ``homes``.
    features : DataFrame, shape (n_labelled_homes, n_features)
        What is known of homes with a known answer: nothing can be learned of other facts.
    """
    known = [name for name in features if features[name].notna().any()]
    found = {}
    if (where := area_column(homes)) is not None:
        areas = tuple(sorted(homes[where].dropna().astype("str").unique()))
        label = f"{_LABELS[AREA]} ({where})"
        found[AREA] = Field(AREA, label, "choice", options=areas)
    for column in HOMES.columns:
        if column.name in known and column.name not in _OF_A_PLACE:
            found[column.name] = _field_of(column)
    usage = BILLS.column("usage")
    for name, (_, unit) in USED.items():
        if name in known:
            found[name] = Field(name, f"{_LABELS[name]} ({unit})", "number", 0.0, usage.maximum)
    first = [found[name] for name in FIRST if name in found]
    return (*first, *(field for name, field in found.items() if name not in FIRST))


def area_column(homes: pd.DataFrame) -> str | None:
    """Name the column of ``homes`` by which one says where a home stands; nothing where there is none."""
    return next((name for name in AREA_COLUMNS if name in homes and homes[name].notna().any()), None)


def home_like(homes: pd.DataFrame, area: str) -> tuple[str, dict[str, Any]]:
    """Take over from an area's homes what they share: their place, its climate and the like.

    Parameters
    ----------
    homes : DataFrame
        The trusted ``homes``.
    area : str
        One value of :func:`area_column`.

    Returns
    -------
    str
        A home of the area with middling winters, whose weather is taken.
    dict
        Column of ``homes`` → value: medians of numbers, and what nine of ten homes share.

    Raises
    ------
    SourceError
        If no home stands there.
    """
    column = area_column(homes)
    own = homes.iloc[:0] if column is None else homes[homes[column].astype("str") == area]
    if own.empty:
        raise SourceError(f"no home stands in {area!r}; choose one of the areas that are offered")
    shared: dict[str, Any] = {}
    for name in (one for one in _OF_A_PLACE if one in own and own[one].notna().any()):
        if HOMES.column(name).dtype == "number":
            shared[name] = float(own[name].median())
        else:
            counts = own[name].value_counts(normalize=True, dropna=False)
            if counts.iloc[0] >= _MOST_AGREE and not pd.isna(counts.index[0]):
                shared[name] = counts.index[0]
    ordered = own.sort_values("hdd_normal", kind="stable") if "hdd_normal" in own else own
    return str(ordered["home_id"].iloc[len(ordered) // 2]), shared


def tables_of_facts(facts: Facts, shared: Mapping[str, Any], around: Tables, *, as_of: date) -> Tables:
    """Put typed facts into canonical tables, as of one home with a year's bills.

    Parameters
    ----------
    facts : mapping
        Fact by name, as typed; those not typed are absent.
    shared : mapping
        From :func:`home_like`; empty where nobody said where the home stands.
    around : Tables
        All of the home named by :func:`home_like`: its place's weather is taken.
    as_of : date
        The moment; the year of the bills ends with it.

    Returns
    -------
    Tables
        ``homes``, and ``bills``, ``weather`` and ``degree_days`` where there are any.
    """
    place = str(around["homes"]["place_id"].iloc[0]) if shared and "homes" in around else "not said"
    typed = {name: value for name, value in facts.items() if name not in (AREA, *USED)}
    home = {"home_id": TYPED, "place_id": place, **shared, **typed}
    tables: Tables = {"homes": conform(pd.DataFrame([home]), HOMES)}
    if shared:
        tables |= {name: around[name] for name in ("weather", "degree_days") if name in around}
    start, end = _bill_year(tables, as_of)
    rows = [
        {
            "home_id": TYPED,
            "fuel": fuel,
            "start": start,
            "end": end,
            "usage": float(facts[name]) / _YEAR_DAYS * (end - start).days,
            "known_at": pd.Timestamp(as_of),
        }
        for name, (fuel, _) in USED.items()
        if name in facts
    ]
    if rows:
        tables["bills"] = conform(pd.DataFrame(rows), BILLS)
    return tables


def _bill_year(tables: Tables, as_of: date) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the year that is billed: the last before the moment, or the one a survey has published weather of."""
    end = pd.Timestamp(as_of)
    if "weather" not in tables and "degree_days" in tables:
        periods = tables["degree_days"]
        years = periods[((periods["end"] - periods["start"]).dt.days >= _LEAST_DAYS) & (periods["end"] <= end)]
        if len(years):
            last = years.sort_values("end").iloc[-1]
            return last["start"], last["end"]
    return end - timedelta(days=_YEAR_DAYS), end


def _field_of(column: Column) -> Field:
    unit = "" if column.unit in _SAID_UNITS else f" ({column.unit})"
    label = f"{column.about.partition(';')[0]}{unit}"
    if column.dtype == "flag":
        return Field(column.name, label, "yes_no")
    if column.dtype == "category":
        return Field(column.name, label, "choice", options=column.allowed)
    kind: Literal["number", "whole"] = "whole" if column.dtype == "whole" else "number"
    return Field(column.name, label, kind, column.minimum, column.maximum)
