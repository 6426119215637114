"""Every column once: its name, dtype, unit, range and allowed values.

This is the only place where they stand. Validation, the mapping of a utility's own files, the feature
matrix and every form read them from here.

Units are written in the names where a reader could doubt: ``floor_area_sqft``, ``cost_usd``. Usage is in
kWh for electricity and in therms for gas. Periods are half open: a bill runs from ``start`` up to, but
not including, ``end``. Every fact that can arrive late carries ``known_at``, the day the utility knew it.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Dtype = Literal["text", "category", "number", "whole", "date", "flag"]

PANDAS_DTYPE: dict[str, str] = {
    "text": "str",
    "category": "str",
    "number": "float64",
    "whole": "float64",  # whole numbers that may be missing
    "date": "datetime64[us]",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    ``needed`` columns must be present and filled in every row; the others may be missing altogether.
    ``minimum`` and ``maximum`` are inclusive, in the column's unit.
    """

    name: str
    dtype: Dtype
    about: str
    unit: str = ""
    needed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One canonical table; ``key`` names one row, ``repeats_stop`` says whether a repeated key stops the run.

    Where ``repeats_stop`` is false the first row of a repeated key is kept and the others go to quarantine.
    """

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    repeats_stop: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def needed_names(self) -> tuple[str, ...]:
        """The names of the columns that must be there and filled."""
        return tuple(column.name for column in self.columns if column.needed)

    def column(self, name: str) -> Column:
        """Look one column up by its name.

        Raises
        ------
        KeyError
            If the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}; it has {', '.join(self.column_names)}")


DIVISIONS = (
    "new_england",
    "middle_atlantic",
    "east_north_central",
    "west_north_central",
    "south_atlantic",
    "east_south_central",
    "west_south_central",
    "mountain_north",
    "mountain_south",
    "pacific",
)
CLIMATES = ("cold", "mixed_humid", "hot_humid", "hot_dry", "marine")
IECC_ZONES = ("1A-2A", "2B", "3A", "3B-4B", "3C", "4A", "4C", "5A", "5B-5C", "6A-6B", "7A-7B-7AK-8AK")
DWELLING_TYPES = ("mobile_home", "single_detached", "single_attached", "apartment_2_4", "apartment_5_plus")
STATES = tuple(
    (
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH "
        "OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
    ).split()
)
BILLED_FUELS = ("electricity", "gas")
HEATING_FUELS = ("gas", "electricity", "other", "none")
BASE_TEMPERATURE_F = 65.0  # the base of every published degree-day figure

HOMES = Table(
    "homes",
    "One row per home: where it is and what the assessor's record says of it.",
    key=("home_id",),
    repeats_stop=True,
    columns=(
        Column("home_id", "text", "The utility's name for the home", needed=True),
        Column("place_id", "text", "Where its weather is measured; names a row of degree_days or weather", needed=True),
        Column("division", "category", "Census division, the mountains split in two", allowed=DIVISIONS),
        Column("state", "category", "Postal code of the state", allowed=STATES),
        Column("district", "text", "The neighbourhood: the smallest area the utility plans by"),
        Column("address", "text", "Street address, by which people find the home; it is never a feature"),
        Column("climate", "category", "Climate of the place (Building America regions)", allowed=CLIMATES),
        Column("iecc_zone", "category", "Climate zone of the building code, as published", allowed=IECC_ZONES),
        Column("area_type", "category", "Urban, town (urban cluster) or rural", allowed=("urban", "town", "rural")),
        Column("metro", "category", "Kind of statistical area", allowed=("metro", "micro", "none")),
        Column("hdd_normal", "number", "Heating degree days of a normal year", "°F·day", minimum=0, maximum=20_000),
        Column("cdd_normal", "number", "Cooling degree days of a normal year", "°F·day", minimum=0, maximum=8_000),
        Column("dwelling_type", "category", "Kind of dwelling", allowed=DWELLING_TYPES),
        Column("year_built", "whole", "Year the building was put up", "year", minimum=1600, maximum=2100),
        Column("floor_area_sqft", "number", "Floor area, basements included", "sqft", minimum=60, maximum=30_000),
        Column("rooms", "whole", "Rooms without bathrooms", "rooms", minimum=1, maximum=40),
        Column("bedrooms", "whole", "Bedrooms", "rooms", minimum=0, maximum=30),
        Column("stories", "whole", "Stories of a house", "stories", minimum=1, maximum=6),
        Column("foundation", "category", "What a house stands on", allowed=("cellar", "crawl_space", "slab")),
        Column("garage_cars", "whole", "Cars the attached garage holds", "cars", minimum=0, maximum=10),
        Column(
            "wall_material",
            "category",
            "Outside wall",
            allowed=("brick", "wood", "siding", "stucco", "shingle", "stone", "concrete", "other"),
        ),
        Column(
            "roof_material",
            "category",
            "Roof",
            allowed=("clay_tile", "wood", "metal", "slate", "asphalt_shingle", "concrete", "other"),
        ),
        Column("windows", "number", "Windows (middle of the stated range)", "windows", minimum=0, maximum=200),
        Column("cooling", "category", "Air conditioning", allowed=("central", "room", "both", "none")),
        Column("pool", "flag", "Has a swimming pool"),
        Column("solar", "flag", "Generates its own electricity; its net usage may be negative"),
        Column("gas_service", "flag", "Has a gas meter; missing where nobody has looked"),
        Column("survey_weight", "number", "Homes this one stands for", "homes", minimum=0, maximum=1e6),
    ),
)

BILLS = Table(
    "bills",
    "One row per home, fuel and billing period, with its usage, its cost or both; "
    "a correction is a later row with a later known_at.",
    key=("home_id", "fuel", "start", "known_at"),
    columns=(
        Column("home_id", "text", "The home billed", needed=True),
        Column("fuel", "category", "What was delivered", needed=True, allowed=BILLED_FUELS),
        Column("start", "date", "First day of the period", needed=True),
        Column("end", "date", "Day after the last day of the period", needed=True),
        Column(
            "usage",
            "number",
            "Net energy delivered; a row without it must have a cost",
            "kWh (electricity) or therm (gas)",
            minimum=-100_000,
            maximum=400_000,
        ),
        Column("cost_usd", "number", "Amount billed", "USD", minimum=-20_000, maximum=100_000),
        Column("read", "category", "How the meter was read", allowed=("read", "estimated")),
        Column("known_at", "date", "Day the utility knew this bill", needed=True),
    ),
)

DEGREE_DAYS = Table(
    "degree_days",
    "One row per place, period and base temperature.",
    key=("place_id", "start", "end", "base_f"),
    columns=(
        Column("place_id", "text", "The place", needed=True),
        Column("start", "date", "First day of the period", needed=True),
        Column("end", "date", "Day after the last day of the period", needed=True),
        Column("base_f", "number", "Base temperature", "°F", needed=True, minimum=30, maximum=90),
        Column("hdd", "number", "Heating degree days of the period", "°F·day", needed=True, minimum=0, maximum=20_000),
        Column("cdd", "number", "Cooling degree days of the period", "°F·day", needed=True, minimum=0, maximum=8_000),
    ),
)

WEATHER = Table(
    "weather",
    "One row per place and day; degree days at any base are made from it.",
    key=("place_id", "date"),
    columns=(
        Column("place_id", "text", "The place", needed=True),
        Column("date", "date", "The day", needed=True),
        Column("mean_temp_f", "number", "Mean outdoor air temperature", "°F", needed=True, minimum=-80, maximum=140),
    ),
)

LABELS = Table(
    "labels",
    "One row per observation of what a home heats with.",
    key=("home_id", "event_time", "known_at", "source"),
    columns=(
        Column("home_id", "text", "The home observed", needed=True),
        Column("heating_fuel", "category", "Main heating fuel", needed=True, allowed=HEATING_FUELS),
        Column("event_time", "date", "Day from which it was true", needed=True),
        Column("known_at", "date", "Day the utility learned it", needed=True),
        Column("source", "text", "Who saw it: survey, rebate, service call, inspection, review, audit", needed=True),
    ),
)

SENSITIVE = Table(
    "sensitive",
    "Traits of the household: read to measure fairness, never a feature.",
    key=("home_id",),
    repeats_stop=True,
    columns=(
        Column("home_id", "text", "The home", needed=True),
        Column(
            "income_band",
            "category",
            "Yearly household income in thousand USD",
            allowed=("under_20", "20_to_40", "40_to_60", "60_to_100", "100_and_over"),
        ),
        Column("tenure", "category", "Owner or renter", allowed=("owner", "renter")),
        Column(
            "race",
            "category",
            "Race of the householder",
            allowed=("white", "black", "native_american", "asian", "pacific_islander", "several_or_other"),
        ),
        Column("ethnicity", "category", "Hispanic or Latino", allowed=("hispanic", "not_hispanic")),
    ),
)

TARIFFS = Table(
    "tariffs",
    "One row per fuel, place and day from which the price holds.",
    key=("fuel", "place_id", "from_date"),
    columns=(
        Column("fuel", "category", "What is sold", needed=True, allowed=BILLED_FUELS),
        Column("place_id", "text", "Where the tariff holds", needed=True),
        Column("from_date", "date", "First day of the tariff", needed=True),
        Column("fixed_charge_usd", "number", "Fixed charge a month", "USD/month", needed=True, minimum=0, maximum=500),
        Column("unit_price_usd", "number", "Price of a kWh or therm", "USD", needed=True, minimum=0, maximum=20),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (HOMES, BILLS, DEGREE_DAYS, WEATHER, LABELS, SENSITIVE, TARIFFS)
}

Tables = dict[str, pd.DataFrame]
"""Canonical tables by name; a table that a source does not have is absent, never empty."""


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Put a frame's columns into the schema's order and dtypes; columns the source does not have stay absent.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Rows whose column names are already canonical.
    table : Table
        The table they belong to.

    Returns
    -------
    DataFrame, shape (n_rows, n_known_columns)
        A new frame; columns the schema does not know are left out.

    Raises
    ------
    ValueError
        If a column cannot be turned into its dtype; readers turn this into an error that names the file.
    """
    present = [column for column in table.columns if column.name in frame.columns]
    return pd.DataFrame(
        {column.name: frame[column.name].astype(PANDAS_DTYPE[column.dtype]) for column in present},
        index=frame.index,
    ).reset_index(drop=True)
