"""Homes of the Residential Energy Consumption Survey (EIA), 2009, 2015 and 2020, as canonical tables."""

from pathlib import Path

import pandas as pd

from case_heating.data.recs_layouts import LAYOUTS, RecsYear
from case_heating.data.survey import (
    calendar_year,
    canonical_columns,
    needed_columns,
    numbers,
    read_answers,
    refuse_missing,
    survey_labels,
    yearly_bills,
)
from case_heating.errors import SourceError
from case_heating.schema import BASE_TEMPERATURE_F, HOMES, LABELS, SENSITIVE, Tables

THERM_PER_THOUSAND_BTU = 0.01  # a therm is 100,000 Btu

_MEASURES = ("DOEID", "HDD65", "CDD65", "KWH", "DOLLAREL", "BTUNG", "DOLLARNG")


def read_recs(path: Path, year: int) -> Tables:
    """Read one survey year's official microdata file.

    Every home has one electricity bill, and one gas bill where gas is used, for the calendar year of the survey;
    all of it becomes known on the first day of the next year. Degree days are those of the home's own place.

    Parameters
    ----------
    path : Path
        The official CSV: ``.csv``, ``.csv.gz`` or a ``.zip`` with it.
    year : int
        2009, 2015 or 2020.

    Returns
    -------
    Tables
        ``homes``, ``bills``, ``degree_days``, ``labels`` and ``sensitive``, raw: answers that are not in the
        codebook stay as their text. Columns the year does not publish are absent.

    Raises
    ------
    SourceError
        If there is no layout for the year, or the file cannot be read or is not that year's.

    Notes
    -----
    The electricity usage of 2020 includes what a home generated and used itself, so that of homes with ``solar``
    is gross there. In 2009 years before 1920 are published as 1920.
    """
    if year not in LAYOUTS:
        raise SourceError(f"there is no layout for RECS {year}; there are {', '.join(map(str, LAYOUTS))}")
    layout = LAYOUTS[year]
    answers = read_answers(path)
    _check_year(answers, path, year)
    home_id = answers["DOEID"]
    sensitive = canonical_columns(answers, layout.sensitive, SENSITIVE)
    fuel = canonical_columns(answers, layout.labels, LABELS)["heating_fuel"]
    return {
        "homes": _homes(answers, layout),
        "bills": _bills(answers, year),
        "degree_days": _degree_days(answers, year),
        "labels": survey_labels(home_id, fuel, year),
        "sensitive": pd.concat([home_id.rename("home_id"), sensitive], axis="columns"),
    }


def _needed(layout: RecsYear) -> list[str]:
    return [*_MEASURES, *needed_columns(layout.homes, layout.sensitive, layout.labels)]


def _check_year(answers: pd.DataFrame, path: Path, year: int) -> None:
    missing = {each: [name for name in _needed(LAYOUTS[each]) if name not in answers] for each in LAYOUTS}
    if not missing[year]:
        return
    fitting = [each for each in LAYOUTS if not missing[each]]
    if fitting:
        hint = f"This looks like RECS {fitting[0]}: read it as recs{fitting[0]}"
    else:
        hint = "Give the official microdata file as the EIA publishes it"
    raise refuse_missing(path, missing[year], answers.columns, is_not=f"RECS {year}", hint=hint)


def _homes(answers: pd.DataFrame, layout: RecsYear) -> pd.DataFrame:
    homes = canonical_columns(answers, layout.homes, HOMES)
    parts = homes[list(layout.district_of)].astype("str")
    homes["district"] = parts.iloc[:, 0].str.cat(parts.iloc[:, 1:], sep=".")
    homes["home_id"] = homes["place_id"] = answers["DOEID"]
    return homes[[name for name in HOMES.column_names if name in homes]]


def _bills(answers: pd.DataFrame, year: int) -> pd.DataFrame:
    electricity = yearly_bills(
        answers["DOEID"],
        "electricity",
        year,
        usage=numbers(answers["KWH"]),
        cost_usd=numbers(answers["DOLLAREL"]),
    )
    buys_gas = answers[answers["USENG"].str.strip() == "1"]
    if buys_gas.empty:
        return electricity
    gas = yearly_bills(
        buys_gas["DOEID"],
        "gas",
        year,
        usage=numbers(buys_gas["BTUNG"], scale=THERM_PER_THOUSAND_BTU),
        cost_usd=numbers(buys_gas["DOLLARNG"]),
    )
    return pd.concat([electricity, gas], ignore_index=True)


def _degree_days(answers: pd.DataFrame, year: int) -> pd.DataFrame:
    start, end = calendar_year(year)
    return pd.DataFrame(
        {
            "place_id": answers["DOEID"],
            "start": start,
            "end": end,
            "base_f": BASE_TEMPERATURE_F,
            "hdd": numbers(answers["HDD65"]),
            "cdd": numbers(answers["CDD65"]),
        }
    )
