"""A home's bills against the weather: the points, the line and the words, worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import SourceError
from case_heating.features.build import build_features
from case_heating.people.bill_picture import LAST_YEAR, YEAR_BEFORE, fitted_usage, older_than, picture_bills

TEMPS = [20.0, 30, 40, 50, 60, 70, 80, 80, 70, 60, 40, 30]  # of the twelve months, every day of a month alike
AS_OF = date(2025, 1, 20)


@pytest.fixture
def tables():
    """Two years; electricity 10 kWh a day and 2 more for each degree above 70 °F, gas 0.5 therm and 0.1 below 60 °F."""
    days = pd.date_range("2023-01-01", "2024-12-31")
    weather = pd.DataFrame({"place_id": "p1", "date": days, "mean_temp_f": np.array(TEMPS)[days.month - 1]})
    rows = []
    for start in pd.date_range("2023-01-01", periods=24, freq="MS"):
        end, temp = start + pd.offsets.MonthBegin(1), TEMPS[start.month - 1]
        n_days = (end - start).days
        use = {"electricity": 10 + 2 * max(temp - 70, 0), "gas": 0.5 + 0.1 * max(60 - temp, 0)}
        for fuel, per_day in use.items():
            row = {"home_id": "h1", "fuel": fuel, "start": start, "end": end, "usage": n_days * per_day}
            rows.append(row | {"read": "read", "known_at": end + pd.Timedelta(days=5)})
    homes = pd.DataFrame({"home_id": ["h1", "h2"], "place_id": ["p1", "p9"], "floor_area_sqft": [1000.0, 900.0]})
    return {"homes": homes, "bills": pd.DataFrame(rows), "weather": weather}


def test_the_points_and_the_corners_of_the_line_are_where_they_must_be(tables):
    electricity, gas = picture_bills(tables, "h1", as_of=AS_OF).fuels
    first = electricity.bills.iloc[0]
    assert (first["days"], first["usage"], first["usage_per_day"], first["outdoor_f"]) == (31, 310, 10, 20)
    assert electricity.bills["year"].value_counts().to_dict() == {LAST_YEAR: 12, YEAR_BEFORE: 12}
    assert not electricity.bills["estimated"].any()
    assert electricity.line["outdoor_f"].tolist() == [20, 70, 80]
    assert electricity.line["usage_per_day"].tolist() == pytest.approx([10, 10, 30])
    assert gas.line["outdoor_f"].tolist() == [20, 60, 80]
    assert gas.line["usage_per_day"].tolist() == pytest.approx([4.5, 0.5, 0.5])
    assert gas.line["kwh_per_day"].tolist() == pytest.approx([131.8815, 14.6535, 14.6535])  # 29.307 kWh a therm
    assert gas.bills["kwh_per_day"].iloc[0] == pytest.approx(4.5 * 29.307)


def test_the_words_name_the_fuel_that_follows_the_cold(tables):
    assert picture_bills(tables, "h1", as_of=AS_OF).says == (
        "Electricity hardly follows the cold: 10 kWh on a mild day, the same on a day of 20 °F. "
        "Gas rises steeply with the cold: 0.5 therms on a day that needs neither heat nor cooling, 4.5 on a day of "
        "20 °F. Of 100 kWh that follow the cold, 100 are gas."
    )
    electric = tables | {"bills": tables["bills"].assign(fuel="electricity").iloc[1::2]}
    assert picture_bills(electric, "h1", as_of=AS_OF).says == (
        "Electricity rises steeply with the cold: 0.5 kWh on a day that needs neither heat nor cooling, 4.5 on a day "
        "of 20 °F. There are no gas bills."
    )


def test_the_line_is_the_fit_that_the_model_knows(tables):
    swapped = {"gas": "electricity", "electricity": "gas"}
    tables["bills"]["fuel"] = tables["bills"]["fuel"].map(swapped)
    known = build_features(tables, as_of=AS_OF).loc["h1"]
    fitted = picture_bills(tables, "h1", as_of=AS_OF).fuels[0].signature
    assert known["heating_slope_kwh"] == fitted["heating_slope"] > 0
    assert known["heating_balance_f"] == fitted["heating_balance_f"]
    assert known["signature_r2"] == fitted["r2"]


def test_a_bill_that_came_later_is_not_there_and_a_corrected_one_is_once(tables):
    last = tables["bills"].iloc[[-2]]
    corrected = last.assign(usage=0.0, known_at=last["known_at"] + pd.Timedelta(days=10))
    tables["bills"] = pd.concat([tables["bills"], corrected], ignore_index=True)
    before, after = (picture_bills(tables, "h1", as_of=date(2025, 1, day)).fuels[0].bills for day in (10, 16))
    assert (len(before), before["usage"].iloc[-1]) == (24, 310)
    assert (len(after), after["usage"].iloc[-1]) == (24, 0)
    assert len(picture_bills(tables, "h1", as_of=date(2025, 1, 2)).fuels[0].bills) == 23


def test_estimated_bills_are_marked(tables):
    tables["bills"].loc[0, "read"] = "estimated"
    bills = picture_bills(tables, "h1", as_of=AS_OF).fuels[0].bills
    assert bills["estimated"].tolist() == [True] + [False] * 23


def test_too_few_bills_are_shown_without_a_line(tables):
    tables["bills"] = tables["bills"].iloc[:6]
    electricity, _ = (picture := picture_bills(tables, "h1", as_of=AS_OF)).fuels
    assert (len(electricity.bills), len(electricity.line), electricity.signature) == (3, 0, None)
    assert picture.says.startswith("Electricity: 3 bills are too few to draw a line through; 9 over nine months")


def test_yearly_bills_are_told_in_words(tiny_tables):
    year = (
        tiny_tables["bills"]
        .groupby(["home_id", "fuel"], as_index=False)
        .agg({"start": "min", "end": "max", "usage": "sum", "cost_usd": "sum", "known_at": "max"})
    )
    picture = picture_bills(tiny_tables | {"bills": year}, "h1", as_of=date(2025, 6, 1))
    assert picture.fuels == ()
    assert picture.says == (  # 9 months of 500 kWh and three of 750; the leap year brought to 365 days
        "Its bills are not monthly, so they show nothing of the cold months. "
        "In its last billed year it used 6,732 kWh of electricity for 898 USD."
    )


def test_without_weather_or_bills_it_says_so(tables):
    del tables["weather"]
    assert picture_bills(tables, "h1", as_of=AS_OF).says.startswith("The weather of its bills is not known")
    assert picture_bills(tables, "h2", as_of=AS_OF).says.startswith("No bill of this home is known")
    assert picture_bills({"homes": tables["homes"]}, "h1", as_of=AS_OF).fuels == ()
    with pytest.raises(SourceError, match="no home 'h3' among the 2 homes"):
        picture_bills(tables, "h3", as_of=AS_OF)


def test_what_a_line_expects_at_a_temperature():
    fit = pd.Series({"base_load_per_day": 5.0, "heating_slope": 1.0, "heating_balance_f": 50.0, "cooling_slope": 0.0})
    assert fitted_usage(fit, np.array([40.0, 60.0])).tolist() == [15, 5]


def test_bills_from_before_somebody_looked_are_counted(tables):
    picture = picture_bills(tables, "h1", as_of=AS_OF)
    assert older_than(picture, date(2024, 12, 1)) == (
        "46 of the 48 bills end before 1 December 2024, when somebody looked; it may have changed in between."
    )
    assert older_than(picture, date(2022, 1, 1)) == older_than(picture, AS_OF) == ""
