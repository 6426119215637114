"""Typed facts: what may be asked for, what a link may hold, and the tables they become."""

from datetime import date

import pandas as pd
import pytest

from case_heating.errors import SourceError
from case_heating.features.build import build_features
from case_heating.people.typed_facts import (
    AREA,
    FIRST,
    TYPED,
    Field,
    area_column,
    home_like,
    tables_of_facts,
    typed_fields,
)
from case_heating.schema import DWELLING_TYPES

AS_OF = date(2025, 1, 1)


@pytest.fixture
def around(tiny_tables):
    return {name: tiny_tables[name] for name in ("homes", "degree_days")}


def test_what_labelled_homes_have_may_be_asked_the_common_first(tiny_tables):
    features = build_features(tiny_tables, as_of=AS_OF)
    fields = {field.name: field for field in typed_fields(tiny_tables["homes"], features)}
    assert list(fields) == [*FIRST[:-1], "solar"]  # nobody has gas bills, so a typed one would teach nothing
    assert fields[AREA].options == ("d1", "d2")
    assert fields["dwelling_type"].options == DWELLING_TYPES
    assert fields["dwelling_type"].option_in_words("mobile_home") == "Mobile home"
    assert fields[AREA].option_in_words("d1") == "d1"
    assert fields["gas_service"].label == "Has a gas meter"
    assert fields["floor_area_sqft"].label == "Floor area, basements included (sqft)"
    assert (fields["year_built"].kind, fields["year_built"].minimum, fields["year_built"].maximum) == (
        "whole",
        1600,
        2100,
    )
    assert fields["kwh_year"].label == "Electricity of a year (kWh a year)"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "12.5", 12.5),
        ("number", "-1", None),
        ("number", "nan", None),
        ("number", "inf", None),
        ("number", "1e99", None),
        ("number", "abc", None),
        ("whole", "5", 5.0),
        ("whole", "5.5", None),
        ("yes_no", "yes", True),
        ("yes_no", "True", None),
        ("choice", "a", "a"),
        ("choice", "<b>", None),
    ],
)
def test_a_link_may_hold_only_what_may_be_typed(kind, text, value):
    field = Field("x", "X", kind, 0.0, 100.0, ("a", "b"))
    assert field.read(text) == value
    if value is not None:
        assert field.read(field.write(value)) == value


def test_an_area_lends_what_nine_of_ten_of_its_homes_share():
    homes = pd.DataFrame(
        {
            "home_id": [f"h{number}" for number in range(10)],
            "place_id": "p",
            "district": "d1",
            "climate": ["cold"] * 9 + ["marine"],
            "metro": ["metro"] * 8 + ["none"] * 2,
            "hdd_normal": [4000.0 + number for number in range(10)],
        }
    )
    like, shared = home_like(homes, "d1")
    assert like == "h5"
    assert shared == {"district": "d1", "climate": "cold", "hdd_normal": 4004.5}
    with pytest.raises(SourceError, match="no home stands in 'd9'"):
        home_like(homes, "d9")
    assert area_column(homes[["home_id"]]) is None


def test_typed_facts_become_the_features_a_utility_would_make_of_them(tiny_tables, around):
    facts = {
        AREA: "d2",
        "dwelling_type": "mobile_home",
        "kwh_year": 12_200.0,
        "floor_area_sqft": 1000.0,
        "solar": False,
    }
    like, shared = home_like(tiny_tables["homes"], "d2")
    assert like == "h4"
    tables = tables_of_facts(facts, shared, around | {"homes": around["homes"].iloc[[3]]}, as_of=AS_OF)
    row = build_features(tables, as_of=AS_OF).loc[TYPED]
    assert row["district"] == "d2"
    assert row["dwelling_type"] == "mobile_home"
    assert row["kwh_year"] == pytest.approx(12_200)
    assert row["hdd_year"] == pytest.approx(5100 * 365 / 366)  # the published year, a leap year, brought to 365 days
    assert row["kwh_per_sqft"] == pytest.approx(12.2)
    assert row["solar"] == 0.0
    missing = row[["year_built", "gas_service", "therms_year", "heating_slope_kwh", "rooms"]]
    assert missing.isna().all()


def test_without_a_place_there_is_no_weather(around):
    tables = tables_of_facts({"kwh_year": 9000.0, "therms_year": 500.0, "gas_service": True}, {}, around, as_of=AS_OF)
    assert set(tables) == {"homes", "bills"}
    row = build_features(tables, as_of=AS_OF).loc[TYPED]
    assert row[["kwh_year", "therms_year", "gas_service"]].tolist() == pytest.approx([9000, 500, 1])
    assert pd.isna(row["hdd_year"])
    assert pd.isna(row["district"])


def test_with_daily_weather_the_year_ends_with_the_moment(around):
    days = pd.date_range("2023-12-01", "2024-12-31")
    weather = pd.DataFrame({"place_id": "p2", "date": days, "mean_temp_f": 55.0})
    where = {"homes": around["homes"].iloc[[3]], "weather": weather}
    tables = tables_of_facts({"kwh_year": 3650.0}, {"district": "d2"}, where, as_of=AS_OF)
    row = build_features(tables, as_of=AS_OF).loc[TYPED]
    assert row["hdd_year"] == pytest.approx(10 * 365)
