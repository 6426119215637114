"""Unit conversions against values worked out by hand."""

import pandas as pd
import pytest

from case_heating.data.units import Quantity, conversion, count_periods, units_of
from case_heating.errors import UnitError


@pytest.mark.parametrize(
    ("unit", "fuel", "value", "expected"),
    [
        ("Wh", "electricity", 250_000, 250.0),
        ("kWh", "electricity", 250, 250.0),
        ("MWh", "electricity", 0.25, 250.0),
        ("MMBtu", "electricity", 1, 293.0711),  # 1e6 / 3412.1416
        ("GJ", "electricity", 1, 277.7778),  # 1000 / 3.6
        ("therm", "gas", 40, 40.0),
        ("MMBtu", "gas", 4, 40.0),
        ("kBtu", "gas", 4_000, 40.0),
        ("dekatherm", "gas", 4, 40.0),
        ("kWh", "gas", 293.0711, 10.0),
        ("GJ", "gas", 1, 9.4782),  # 277.7778 kWh / 29.30711 kWh per therm
        ("CCF", "gas", 100, 103.7),
        ("MCF", "gas", 10, 103.7),
        ("m³", "gas", 100, 36.6213),  # 3531.4667 ft³ = 35.314667 CCF × 1.037
        ("CF", "gas", 10_000, 103.7),
    ],
)
def test_usage(unit, fuel, value, expected):
    converted = conversion(unit, "usage", fuel=fuel).apply(pd.Series([float(value)]))
    assert converted.item() == pytest.approx(expected, rel=1e-5)


def test_heat_content_of_the_own_gas():
    own = conversion("MCF", "usage", fuel="gas", therms_per_ccf=1.10)
    assert own.apply(pd.Series([2.0])).item() == pytest.approx(22.0)


@pytest.mark.parametrize(
    ("unit", "quantity", "fuel", "value", "expected"),
    [
        ("cents", "money", None, 1234, 12.34),
        ("$", "money", None, 12.34, 12.34),
        ("m2", "area", None, 100, 1076.391),
        ("°C", "temperature", None, -40, -40.0),
        ("C", "temperature", None, 18, 64.4),
        ("°C-day", "degree_days", None, 1000, 1800.0),
        ("degF_day", "degree_days", None, 1000, 1000.0),
        ("cent/kWh", "price", "electricity", 15, 0.15),
        ("USD/CCF", "price", "gas", 1.037, 1.0),
        ("USD/MMBtu", "price", "gas", 12, 1.2),
        ("USD/year", "money_per_month", None, 120, 10.0),
        ("USD/day", "money_per_month", None, 1, 30.4375),
    ],
)
def test_other_quantities(unit, quantity: Quantity, fuel, value, expected):
    converted = conversion(unit, quantity, fuel=fuel).apply(pd.Series([float(value)]))
    assert converted.item() == pytest.approx(expected, rel=1e-6)


def test_a_rate_is_multiplied_by_its_periods():
    start = pd.Series(pd.to_datetime(["2023-01-01", "2024-02-01", "2024-01-10"]))
    end = pd.Series(pd.to_datetime(["2024-01-01", "2024-03-01", "2024-01-25"]))
    rate = pd.Series([10.0, 10.0, 10.0])
    per_month = conversion("USD/month", "money")
    per_day = conversion("kWh/day", "usage", fuel="electricity")
    # a year is twelve months, February is one, fifteen days are 15 / 30.4375 of one
    assert per_month.apply(rate, count_periods(start, end, "month")).tolist() == pytest.approx([120, 10, 4.928131])
    assert per_day.apply(rate, count_periods(start, end, "day")).tolist() == [3650.0, 290.0, 150.0]
    assert count_periods(start, end, "year").tolist() == pytest.approx([1, 1 / 12, 0.041068], abs=1e-6)


def test_missing_stays_missing():
    converted = conversion("MWh", "usage", fuel="electricity").apply(pd.Series([None, 2.0], dtype="float64"))
    assert pd.isna(converted[0])
    assert converted[1] == 2000.0


@pytest.mark.parametrize(
    ("unit", "quantity", "fuel", "says"),
    [
        ("kWhh", "usage", "electricity", "did you mean kWh"),
        ("gallon", "usage", "gas", "there are Wh, kWh"),
        ("CCF", "usage", "electricity", "volume of gas"),
        ("kWh", "usage", "wood", "electricity or gas"),
        ("MBtu", "usage", "gas", "kBtu or MMBtu"),
        ("USD/week", "money", None, "/day, /month and /year"),
        ("kWh", "money", None, "there are USD, cent"),
        ("sqft/year", "area", None, "does not run with time"),
        ("USD", "money_per_month", None, "how often"),
        ("USD", "price", "gas", "money per energy"),
    ],
)
def test_a_wrong_unit_says_what_there_is(unit, quantity, fuel, says):
    with pytest.raises(UnitError, match=says):
        conversion(unit, quantity, fuel=fuel)


def test_every_listed_unit_can_be_converted():
    quantities: tuple[Quantity, ...] = (
        "usage",
        "money",
        "money_per_month",
        "price",
        "area",
        "temperature",
        "degree_days",
    )
    for quantity in quantities:
        for unit in units_of(quantity):
            assert conversion(unit, quantity, fuel="gas").factor > 0


@pytest.mark.parametrize("spelled", ["°C·day", "°C-day", "C day", "degC_day", "c-days", "DEGC DAY"])
def test_spelling_makes_no_difference(spelled):
    assert conversion(spelled, "degree_days").factor == 1.8
