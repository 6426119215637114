"""Households of the American Community Survey's public use microdata (Census), as canonical tables."""

from pathlib import Path

import pandas as pd

from case_heating.data.places import DIVISION_OF_STATE, STATE_OF_FIPS
from case_heating.data.survey import (
    YEAR_BUILT_BEFORE_1940,
    Field,
    Layout,
    canonical_columns,
    income_bands,
    needed_columns,
    numbers,
    read_answers,
    refuse_missing,
    survey_labels,
    yearly_bills,
)
from case_heating.errors import SourceError
from case_heating.schema import HOMES, LABELS, SENSITIVE, Tables

MONTHS_PER_YEAR = 12
ADJUSTMENT_UNIT = 1e-6  # ADJHSG and ADJINC are published without their six decimals: 1029928 is 1.029928

# Up to 2017 the lowest numbers of a cost were codes (ELEP 1 in the rent, 2 none; GASP 1 in the rent, 2 in the
# electricity bill, 3 none); since then such costs are blank and ELEFP and GASFP say why. No true cost is as low.
LAST_CODE_IN_ELEP = 2
LAST_CODE_IN_GASP = 3
_GAS_PAID: dict[str, bool] = {"1": True, "2": True, "3": False, "4": True}

_HOMES: Layout = {
    "state": (Field("ST", STATE_OF_FIPS),),
    "dwelling_type": (
        Field(
            "BLD",
            {
                "01": "mobile_home",
                "02": "single_detached",
                "03": "single_attached",
                **dict.fromkeys(("04", "05"), "apartment_2_4"),
                **dict.fromkeys(("06", "07", "08", "09"), "apartment_5_plus"),
                "10": None,  # boat, van
            },
        ),
    ),
    # 1940 means 1940 to 1949 and so on; from 2020 each year has its own code.
    "year_built": (
        Field(
            "YRBLT",
            {
                "1939": YEAR_BUILT_BEFORE_1940,
                **{str(decade): decade + 5.0 for decade in range(1940, 2020, 10)},
                **{str(year): float(year) for year in range(2020, 2030)},
            },
            optional=True,
        ),
    ),
    "rooms": (Field("RMSP"),),
    "bedrooms": (Field("BDSP"),),
    "gas_service": (Field("GASFP", _GAS_PAID, optional=True),),
    "survey_weight": (Field("WGTP"),),
}
_LABELS: Layout = {
    "heating_fuel": (
        Field(
            "HFL",
            {"1": "gas", "3": "electricity", "9": "none", **dict.fromkeys(("2", "4", "5", "6", "7", "8"), "other")},
        ),
    )
}
_SENSITIVE: Layout = {
    "tenure": (Field("TEN", {"1": "owner", "2": "owner", "3": "renter", "4": "renter"}),),  # 4: rent-free
    "race": (
        Field(
            "HHLDRRAC1P",
            {
                "1": "white",
                "2": "black",
                **dict.fromkeys(("3", "4", "5"), "native_american"),
                "6": "asian",
                "7": "pacific_islander",
                **dict.fromkeys(("8", "9"), "several_or_other"),
            },
            optional=True,
        ),
    ),
    "ethnicity": (
        Field(
            "HHLDRHISP",
            {"01": "not_hispanic", **{f"{origin:02d}": "hispanic" for origin in range(2, 25)}},
            optional=True,
        ),
    ),
}
_MEASURES = ("SERIALNO", "PUMA", "ADJHSG", "ADJINC", "ELEP", "GASP", "HINCP")
_DIGITS = {"ST": 2, "PUMA": 5, "BLD": 2, "HHLDRHISP": 2}  # leading zeros that a spreadsheet may have eaten


def read_pums(path: Path, year: int = 2021) -> Tables:
    """Read one official household file: occupied housing units, what they heat with and what they pay.

    Parameters
    ----------
    path : Path
        ``psam_hNN.csv``, ``.csv.gz``, or the ``csv_hXX.zip`` it comes in.
    year : int
        The survey year; all of it becomes known on the first day of the next.

    Returns
    -------
    Tables
        ``homes``, ``bills``, ``labels`` and ``sensitive``, raw: answers outside the data dictionary stay as their
        text. ``bills`` has yearly costs and no usage: the survey asks what a household pays, not what it uses. A
        cost inside the rent, or none, is no bill.

    Raises
    ------
    SourceError
        If the file cannot be read, is no household file, or holds no occupied home.

    Notes
    -----
    The survey asks about gas of any kind. ``gas_service`` is true for homes that pay for gas, in the rent or in the
    electricity bill too, and therefore also for some that buy it in bottles; it is false for "no charge or not
    used". It comes from the cost question, never from the heating fuel.

    References
    ----------
    .. [1] Census Bureau, 2021 ACS PUMS data dictionary.
    """
    answers = read_answers(path).rename(columns={"STATE": "ST"})  # as the files from 2023 on call it
    _check_columns(answers, path)
    occupied = answers[answers["HFL"].notna()].reset_index(drop=True)  # blank where vacant and in group quarters
    if occupied.empty:
        raise SourceError(f"{path}: none of {len(answers):,} rows is an occupied home (HFL is blank in all of them)")
    for name, digits in _DIGITS.items():
        if name in occupied:
            occupied[name] = occupied[name].str.strip().str.zfill(digits)
    if "GASFP" not in occupied:
        occupied["GASFP"] = _gas_flag_of_old(occupied["GASP"])
    home_id = occupied["SERIALNO"]
    fuel = canonical_columns(occupied, _LABELS, LABELS)["heating_fuel"]
    tables = {
        "homes": _homes(occupied),
        "bills": _bills(occupied, year),
        "labels": survey_labels(home_id, fuel, year),
        "sensitive": _sensitive(occupied),
    }
    return {name: frame for name, frame in tables.items() if len(frame)}


def _check_columns(answers: pd.DataFrame, path: Path) -> None:
    needed = [*_MEASURES, *needed_columns(_HOMES, _LABELS, _SENSITIVE)]
    missing = [name for name in needed if name not in answers]
    if not missing:
        return
    if "SPORDER" in answers:
        hint = "This looks like the person file (psam_p): give the household file (psam_h)"
    else:
        hint = "Give the household file as the Census publishes it (psam_hNN.csv in csv_hXX.zip)"
    raise refuse_missing(path, missing, answers.columns, is_not="an ACS PUMS household file", hint=hint)


def _gas_flag_of_old(gas_cost: pd.Series) -> pd.Series:
    paid = pd.to_numeric(gas_cost, errors="coerce")
    return paid.clip(upper=LAST_CODE_IN_GASP + 1).map({1: "1", 2: "2", 3: "3", 4: "4"}).astype("str")


def _homes(occupied: pd.DataFrame) -> pd.DataFrame:
    homes = canonical_columns(occupied, _HOMES, HOMES)
    homes["division"] = homes["state"].map(DIVISION_OF_STATE).astype("str")
    homes["district"] = homes["place_id"] = homes["state"] + "." + occupied["PUMA"]
    homes["home_id"] = occupied["SERIALNO"]
    return homes[[name for name in HOMES.column_names if name in homes]]


def _bills(occupied: pd.DataFrame, year: int) -> pd.DataFrame:
    bills = [
        _bills_of(occupied, "electricity", "ELEP", LAST_CODE_IN_ELEP, year),
        _bills_of(occupied, "gas", "GASP", LAST_CODE_IN_GASP, year),
    ]
    return pd.concat(bills, ignore_index=True)


def _bills_of(occupied: pd.DataFrame, fuel: str, official: str, last_code: int, year: int) -> pd.DataFrame:
    monthly = numbers(occupied[official])
    known = pd.to_numeric(monthly, errors="coerce")
    adjustment = pd.to_numeric(occupied["ADJHSG"], errors="coerce") * ADJUSTMENT_UNIT
    cost_usd = (known * MONTHS_PER_YEAR * adjustment).astype(monthly.dtype).where(known.notna(), monthly)
    billed = monthly.notna() & ~(known <= last_code)
    return yearly_bills(occupied.loc[billed, "SERIALNO"], fuel, year, cost_usd=cost_usd[billed])


def _sensitive(occupied: pd.DataFrame) -> pd.DataFrame:
    income_usd = pd.to_numeric(occupied["HINCP"], errors="coerce")
    adjustment = pd.to_numeric(occupied["ADJINC"], errors="coerce") * ADJUSTMENT_UNIT
    told = canonical_columns(occupied, _SENSITIVE, SENSITIVE)
    told["income_band"] = income_bands(income_usd * adjustment)
    told["home_id"] = occupied["SERIALNO"]
    return told[[name for name in SENSITIVE.column_names if name in told]]
