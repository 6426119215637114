"""The layouts of the Residential Energy Consumption Survey: what each year's official columns and codes mean.

Nothing here reads a heating equipment, water heating, end-use or household-answer column: they give the heating
fuel away, or a utility would not have them.

References
----------
.. [1] EIA, 2009 RECS, public use microdata codebook.
.. [2] EIA, 2015 RECS, codebook of ``recs2015_public_v4.csv``.
.. [3] EIA, 2020 RECS, variable and response codebook of ``recs2020_public_v7.csv``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from case_heating.data.survey import YEAR_BUILT_BEFORE_1950, Field, Layout, Meaning
from case_heating.schema import DIVISIONS

Codes = Mapping[str, Meaning]


@dataclass(frozen=True)
class RecsYear:
    """How one survey year is laid out.

    Attributes
    ----------
    homes, sensitive, labels
        Layouts of those tables.
    district_of
        Canonical columns that together name the finest place the year publishes.
    """

    homes: Layout
    sensitive: Layout
    labels: Layout
    district_of: tuple[str, ...]


def _one(official: str, codes: Codes | None = None, *, optional: bool = False) -> tuple[Field, ...]:
    return (Field(official, codes, optional),)


def _same(meaning: Meaning, *codes: int) -> dict[str, Meaning]:
    return {str(code): meaning for code in codes}


_YES_NO: Codes = {"1": True, "0": False, "-2": None}
_DIVISION_NUMBER: Codes = {str(number): name for number, name in enumerate(DIVISIONS, start=1)}
_DIVISION_NAME: Codes = {name.replace("_", " ").title(): name for name in DIVISIONS}
_METRO: Codes = {"METRO": "metro", "MICRO": "micro", "NONE": "none"}
_URBAN_TYPE: Codes = {"U": "urban", "C": "town", "R": "rural"}
_DWELLING: Codes = {
    "1": "mobile_home",
    "2": "single_detached",
    "3": "single_attached",
    "4": "apartment_2_4",
    "5": "apartment_5_plus",
}
_CLIMATE_2009: Codes = {"1": "cold", "2": "hot_dry", "3": "hot_humid", "4": "mixed_humid", "5": "marine"}
_CLIMATE_2015: Codes = {
    "Cold/Very Cold": "cold",
    "Hot-Dry/Mixed-Dry": "hot_dry",
    "Hot-Humid": "hot_humid",
    "Mixed-Humid": "mixed_humid",
    "Marine": "marine",
}
_CLIMATE_2020: Codes = {
    **dict.fromkeys(("Cold", "Very-Cold", "Subarctic"), "cold"),
    **dict.fromkeys(("Hot-Dry", "Mixed-Dry"), "hot_dry"),
    "Hot-Humid": "hot_humid",
    "Mixed-Humid": "mixed_humid",
    "Marine": "marine",
}
_IECC_2020: Codes = {
    zone: joint
    for joint in ("1A-2A", "2B", "3A", "3B-4B", "3C", "4A", "4C", "5A", "5B-5C", "6A-6B", "7A-7B-7AK-8AK")
    for zone in joint.split("-")
}

# Middles of the published classes; the newest class of each survey ends in its own year.
_BUILT_2015: Codes = {
    "1": YEAR_BUILT_BEFORE_1950,
    **{str(code): 1935.0 + 10 * code for code in range(2, 8)},  # 2: 1950 to 1959 … 7: 2000 to 2009
    "8": 2012.0,  # 2010 to 2015
}
_BUILT_2020: Codes = {**_BUILT_2015, "9": 2018.0}  # 2016 to 2020
_BEDROOMS_2009: Codes = {"-2": 0, **{str(rooms): rooms for rooms in range(31)}}  # not applicable: a studio

# A split level has floors at two heights; 50 is "other type".
_STORIES: Codes = {"10": 1, "20": 2, "31": 3, "32": 4, "40": 2, "50": None, "-2": None}
_STORIES_2020: Codes = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 2, "-2": None}

# Middles of the published classes; 35 stands for "30 or more".
_WINDOWS: Codes = {"0": 0, "10": 1.5, "20": 4, "30": 7.5, "41": 12.5, "42": 17.5, "50": 24.5, "60": 35}
_WINDOWS_2020: Codes = {"1": 1.5, "2": 4, "3": 7.5, "4": 12.5, "5": 17.5, "6": 24.5, "7": 35}

_WALLS: Codes = {
    "1": "brick",
    "2": "wood",
    "3": "siding",
    "4": "stucco",
    "5": "shingle",
    "6": "stone",
    "7": "concrete",
    "8": "other",  # glass, 2009 only
    "9": "other",  # 2009 and 2015
    "99": "other",  # 2020
}
_ROOF_FIRST_FIVE: Codes = {"1": "clay_tile", "2": "wood", "3": "metal", "4": "slate", "5": "asphalt_shingle"}
_ROOF_2009: Codes = {**_ROOF_FIRST_FIVE, "6": "asphalt_shingle", "7": "concrete", "8": "other", "-2": None}
_ROOF_2015: Codes = {**_ROOF_FIRST_FIVE, "7": "concrete", "9": "other", "-2": None}
_ROOF_2020: Codes = {**_ROOF_FIRST_FIVE, "6": "concrete", "99": "other", "-2": None}

_COOLING: Codes = {"1": "central", "2": "room", "3": "both", "-2": "none"}
# Evaporative coolers (6) were asked about apart from air conditioning in 2009 and 2015: no air conditioning here too.
_COOLING_2020: Codes = {"1": "central", **_same("room", 3, 4, 5), "6": "none", "-2": "none"}

# A home can stand on more than one: the deepest is named.
_CELLAR = Field("CELLAR", {"1": "cellar", "0": None, "-2": None})
_CRAWL = Field("CRAWL", {"1": "crawl_space", "0": None, "-2": None})
_SLAB = Field("CONCRETE", {"1": "slab", "0": None, "-2": None})
_GARAGE_SIZE: Codes = {"1": 1, "2": 2, "3": 3, "-2": None}
_NO_GARAGE: Codes = {"0": 0, "1": None, "-2": None}

_FUEL: Codes = {"1": "gas", "5": "electricity", "-2": "none", **_same("other", 2, 3, 4, 7, 8, 9, 21, 99)}
_TENURE: Codes = {"1": "owner", "2": "renter", "3": "renter"}  # 3: rent-free
_RACE: Codes = {
    "1": "white",
    "2": "black",
    "3": "native_american",
    "4": "asian",
    "5": "pacific_islander",
    "6": "several_or_other",
    "7": "several_or_other",
    "-9": None,  # copies of 2015 in which Hispanic householders' race was merged away
}
_ETHNICITY: Codes = {"1": "hispanic", "0": "not_hispanic"}


def _income(under_20: int, under_40: int, under_60: int, under_100: int, top: int) -> Codes:
    """Say of each band the last MONEYPY code in it."""
    ends = (0, under_20, under_40, under_60, under_100, top)
    names = ("under_20", "20_to_40", "40_to_60", "60_to_100", "100_and_over")
    return {
        str(code): name
        for name, after, last in zip(names, ends, ends[1:], strict=False)
        for code in range(after + 1, last + 1)
    }


def _sensitive(income: Codes) -> Layout:
    return {
        "income_band": _one("MONEYPY", income),
        "tenure": _one("KOWNRENT", _TENURE),
        "race": _one("HOUSEHOLDER_RACE", _RACE),
        "ethnicity": _one("SDESCENT", _ETHNICITY),
    }


_LABELS: Layout = {"heating_fuel": _one("FUELHEAT", _FUEL)}
_EVERY_YEAR: Layout = {
    "dwelling_type": _one("TYPEHUQ", _DWELLING),
    "floor_area_sqft": _one("TOTSQFT_EN"),
    "rooms": _one("TOTROOMS"),
    "gas_service": _one("USENG", {"1": True, "0": False}),
    "survey_weight": _one("NWEIGHT"),
}

LAYOUTS: dict[int, RecsYear] = {
    2009: RecsYear(
        homes={
            "division": _one("DIVISION", _DIVISION_NUMBER),
            "district": _one("REPORTABLE_DOMAIN", {str(n): f"domain_{n:02d}" for n in range(1, 28)}),
            "climate": _one("CLIMATE_REGION_PUB", _CLIMATE_2009),
            "area_type": _one("UR", {"U": "urban", "R": "rural"}),
            "metro": _one("METROMICRO", _METRO),
            "hdd_normal": _one("HDD30YR"),
            "cdd_normal": _one("CDD30YR"),
            "year_built": _one("YEARMADE"),
            "bedrooms": _one("BEDROOMS", _BEDROOMS_2009),
            "stories": _one("STORIES", _STORIES),
            "foundation": (_CELLAR, _CRAWL, _SLAB),
            "garage_cars": (Field("SIZEOFGARAGE", _GARAGE_SIZE), Field("PRKGPLC1", _NO_GARAGE)),
            "wall_material": _one("WALLTYPE", _WALLS),
            "roof_material": _one("ROOFTYPE", _ROOF_2009),
            "windows": _one("WINDOWS", _WINDOWS),
            "cooling": _one("COOLTYPE", _COOLING),
            "pool": _one("SWIMPOOL", _YES_NO),
            **_EVERY_YEAR,
        },
        sensitive=_sensitive(_income(6, 10, 14, 22, 24)),
        labels=_LABELS,
        district_of=("district",),
    ),
    2015: RecsYear(
        homes={
            "division": _one("DIVISION", _DIVISION_NUMBER),
            "climate": _one("CLIMATE_REGION_PUB", _CLIMATE_2015),
            "iecc_zone": _one("IECC_CLIMATE_PUB"),
            "area_type": _one("UATYP10", _URBAN_TYPE),
            "metro": _one("METROMICRO", _METRO),
            "hdd_normal": _one("HDD30YR"),
            "cdd_normal": _one("CDD30YR"),
            "year_built": _one("YEARMADERANGE", _BUILT_2015),
            "bedrooms": _one("BEDROOMS", optional=True),
            "stories": _one("STORIES", _STORIES, optional=True),
            # 2015 asked about basements only
            "foundation": _one("CELLAR", _CELLAR.codes, optional=True),
            "garage_cars": (
                Field("SIZEOFGARAGE", _GARAGE_SIZE, optional=True),
                Field("PRKGPLC1", _NO_GARAGE, optional=True),
            ),
            "wall_material": _one("WALLTYPE", _WALLS, optional=True),
            "roof_material": _one("ROOFTYPE", _ROOF_2015, optional=True),
            "windows": _one("WINDOWS", _WINDOWS),
            "cooling": _one("COOLTYPE", _COOLING),
            "pool": _one("SWIMPOOL", _YES_NO, optional=True),
            "solar": _one("SOLAR", _YES_NO, optional=True),
            **_EVERY_YEAR,
        },
        sensitive=_sensitive(_income(1, 2, 3, 5, 8)),
        labels=_LABELS,
        district_of=("division", "metro", "area_type"),
    ),
    2020: RecsYear(
        homes={
            "division": _one("DIVISION", _DIVISION_NAME),
            "state": _one("STATE_POSTAL"),
            "climate": _one("BA_CLIMATE", _CLIMATE_2020),
            "iecc_zone": _one("IECC_CLIMATE_CODE", _IECC_2020),
            "area_type": _one("UATYP10", _URBAN_TYPE),
            "hdd_normal": _one("HDD30YR_PUB"),
            "cdd_normal": _one("CDD30YR_PUB"),
            "year_built": _one("YEARMADERANGE", _BUILT_2020),
            "bedrooms": _one("BEDROOMS"),
            "stories": _one("STORIES", _STORIES_2020),
            "foundation": (_CELLAR, _CRAWL, _SLAB),
            "garage_cars": (Field("SIZEOFGARAGE", _GARAGE_SIZE), Field("PRKGPLC1", _NO_GARAGE)),
            "wall_material": _one("WALLTYPE", _WALLS),
            "roof_material": _one("ROOFTYPE", _ROOF_2020),
            "windows": _one("WINDOWS", _WINDOWS_2020),
            "cooling": _one("ACEQUIPM_PUB", _COOLING_2020),
            "pool": _one("SWIMPOOL", _YES_NO),
            "solar": _one("SOLAR", _YES_NO),
            **_EVERY_YEAR,
        },
        sensitive=_sensitive(_income(6, 10, 12, 14, 16)),
        labels=_LABELS,
        district_of=("state",),
    ),
}
