"""Degree days worked by hand, from daily weather and from published periods."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_heating.errors import TableError, UnitError
from case_heating.features.degree_days import (
    DegreeDays,
    cooling_degree_days,
    day_numbers,
    heating_degree_days,
    unique_periods,
)

PLACES = ["p1"] * 10 + ["p2"] * 10
DAYS = [*pd.date_range("2024-01-01", periods=10)] * 2


def ten_days(p1: list[float], p2: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"place_id": PLACES, "date": DAYS, "mean_temp_f": [*p1, *p2]})


@pytest.fixture
def weather() -> pd.DataFrame:
    return ten_days([20.0, 40.0, 60.0, 65.0, 70.0, 80.0, 90.0, 50.0, 50.0, 50.0], [55.0] * 10)


def published(**changes: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "place_id": ["p1", "p1", "p2"],
            "start": pd.to_datetime(["2019-01-01", "2020-01-01", "2020-01-01"]),
            "end": pd.to_datetime(["2020-01-01", "2021-01-01", "2021-01-01"]),
            "base_f": [65.0, 65.0, 65.0],
            "hdd": [4000.0, 3660.0, 5000.0],
            "cdd": [300.0, 366.0, 100.0],
        }
    )
    return table.assign(**changes)


def test_one_day_by_hand():
    temperatures = pd.Series([-80.0, 64.0, 65.0, 66.0, 140.0, np.nan])
    assert heating_degree_days(temperatures, base_f=65.0).tolist()[:5] == [145.0, 1.0, 0.0, 0.0, 0.0]
    assert cooling_degree_days(temperatures, base_f=65.0).tolist()[:5] == [0.0, 0.0, 0.0, 1.0, 75.0]
    assert np.isnan(heating_degree_days(temperatures, base_f=65.0).iloc[5])
    assert np.isnan(cooling_degree_days(temperatures, base_f=65.0).iloc[5])


@pytest.mark.parametrize("wrong", [-80.5, 140.5, np.inf, -np.inf])
def test_a_temperature_in_another_unit_is_refused(wrong, weather):
    with pytest.raises(UnitError, match=r"1 of 2 temperatures lie outside \[-80, 140\] °F \(first: "):
        heating_degree_days(pd.Series([50.0, wrong]), base_f=65.0)
    with pytest.raises(UnitError):
        cooling_degree_days(pd.Series([50.0, wrong]), base_f=65.0)
    weather.loc[3, "mean_temp_f"] = wrong
    with pytest.raises(UnitError):
        DegreeDays.from_weather(weather)


def test_periods_from_weather_by_hand(weather):
    degree_days = DegreeDays.from_weather(weather, bases_f=(65.0, 60.0))
    assert degree_days.bases_f == (60.0, 65.0)
    hdd, cdd = degree_days.of(["p1", "p2", "p1"], ["2024-01-01"] * 3, ["2024-01-11", "2024-01-11", "2024-01-04"])
    # p1 below 65: 45 + 25 + 5 + 15 × 3; below 60: 40 + 20 + 10 × 3; above 65: 5 + 15 + 25; above 60: 5 + 10 + 20 + 30
    assert hdd.tolist() == [[90.0, 50.0, 60.0], [120.0, 100.0, 75.0]]
    assert cdd.tolist() == [[65.0, 0.0, 0.0], [45.0, 0.0, 0.0]]
    at_65 = degree_days.of(["p1"], ["2024-01-01"], ["2024-01-11"], 65.0)
    assert [values.tolist() for values in at_65] == [[120.0], [45.0]]


def test_the_end_day_is_not_in_the_period(weather):
    hdd, _ = DegreeDays.from_weather(weather).of(["p1"] * 2, ["2024-01-01"] * 2, ["2024-01-02", "2024-01-03"], 65.0)
    assert hdd.tolist() == [45.0, 70.0]


def test_one_missing_day_in_ten_is_scaled_up_and_two_are_too_many(weather):
    gap = weather.drop(index=[10])  # p2's first day is not there at all
    hdd, cdd = DegreeDays.from_weather(gap).of(["p2"], ["2024-01-01"], ["2024-01-11"], 65.0)
    assert hdd.tolist() == pytest.approx([100.0])
    assert cdd.tolist() == [0.0]
    weather.loc[[10, 15], "mean_temp_f"] = np.nan
    degree_days = DegreeDays.from_weather(weather)
    hdd, cdd = degree_days.of(["p2"], ["2024-01-01"], ["2024-01-11"], 65.0)
    assert np.isnan(hdd).all()
    assert np.isnan(cdd).all()
    hdd, _ = degree_days.of(["p2"], ["2024-01-02"], ["2024-01-06"], 65.0)
    assert hdd.tolist() == [40.0]


def test_what_cannot_be_told_is_missing(weather):
    place = ["p1", "elsewhere", None, "p1", "p1", "p1", "p1"]
    start = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-01", None, "2024-01-05", "2024-01-05", "2024-01-08"])
    end = pd.to_datetime(
        ["2024-01-02", "2024-01-02", "2024-01-02", "2024-01-02", "2024-01-05", "2024-01-02", "2024-01-15"]
    )
    for degree_days in (
        DegreeDays.from_weather(weather),
        DegreeDays.from_periods(published(start=pd.Timestamp("2024-01-01"), end=pd.Timestamp("2024-01-02"))[1:]),
    ):
        hdd, cdd = degree_days.of(place, start, end, 65.0)
        assert np.isfinite(hdd).tolist() == [True] + [False] * 6
        assert np.isfinite(cdd).tolist() == [True] + [False] * 6


def test_row_order_of_the_weather_changes_nothing(weather):
    rows = (["p1", "p2"], ["2024-01-02"] * 2, ["2024-01-09"] * 2)
    one = DegreeDays.from_weather(weather).of(*rows)
    other = DegreeDays.from_weather(weather.sample(frac=1, random_state=0)).of(*rows)
    np.testing.assert_array_equal(one, other)


def test_no_rows_give_no_degree_days(weather):
    hdd, cdd = DegreeDays.from_weather(weather).of([], [], [])
    assert hdd.shape == cdd.shape == (11, 0)


def test_published_periods_match_exactly_or_not_at_all():
    degree_days = DegreeDays.from_periods(published())
    assert degree_days.bases_f == (65.0,)
    hdd, cdd = degree_days.of(
        ["p2", "p1", "p1", "p2"],
        ["2020-01-01", "2019-01-01", "2020-01-01", "2019-01-01"],
        ["2021-01-01", "2020-01-01", "2020-12-31", "2020-01-01"],
        65.0,
    )
    np.testing.assert_array_equal(hdd, [5000.0, 4000.0, np.nan, np.nan])
    np.testing.assert_array_equal(cdd, [100.0, 300.0, np.nan, np.nan])


def test_published_periods_at_several_bases():
    table = pd.concat([published(), published(base_f=60.0, hdd=[3000.0, 2500.0, 4100.0]).iloc[:1]])
    hdd, cdd = DegreeDays.from_periods(table).of(
        ["p1", "p2"], ["2019-01-01", "2020-01-01"], ["2020-01-01", "2021-01-01"]
    )
    np.testing.assert_array_equal(hdd, [[3000.0, np.nan], [4000.0, 5000.0]])
    np.testing.assert_array_equal(cdd, [[300.0, np.nan], [300.0, 100.0]])


def test_an_absent_base_is_refused_with_those_there_are(weather):
    with pytest.raises(TableError, match="at base 61 °F; there are 65"):
        DegreeDays.from_periods(published()).of(["p1"], ["2019-01-01"], ["2020-01-01"], 61.0)
    with pytest.raises(TableError, match=r"there are 50, 52\.5, 55"):
        DegreeDays.from_weather(weather).trailing("2024-01-11", base_f=61.0)


def test_a_repeated_key_is_refused(weather):
    with pytest.raises(TableError, match="weather: 1 of 21 rows repeat their place_id, date"):
        DegreeDays.from_weather(pd.concat([weather, weather[:1]]))
    with pytest.raises(TableError, match="degree_days: 3 of 6 rows repeat"):
        DegreeDays.from_periods(pd.concat([published(), published()]))


def test_trailing_window_from_weather(weather):
    year = DegreeDays.from_weather(weather).trailing("2024-01-06", days=4)
    assert year.index.tolist() == ["p1", "p2"]
    assert year.index.name == "place_id"
    assert year["hdd"].tolist() == [30.0, 40.0]  # 2 to 5 January: p1 is 25 + 5 below 65, p2 10 a day
    assert year["cdd"].tolist() == [5.0, 0.0]
    assert DegreeDays.from_weather(weather).trailing("2024-01-06")["hdd"].isna().all()


def test_trailing_year_from_published_years():
    # 2020 has 366 days: 3660 HDD are ten a day, so its last 365 days hold 3650; p1's 2019 lies outside
    year = DegreeDays.from_periods(published()).trailing("2021-01-01")
    assert year.loc["p1"].tolist() == pytest.approx([3650.0, 365.0])
    assert year.loc["p2"].tolist() == pytest.approx([5000 * 365 / 366, 100 * 365 / 366])


def test_trailing_year_missing_where_too_little_was_published():
    # at the middle of 2020 p1 has half of 2019 and half of 2020; p2 has nothing before 2020
    year = DegreeDays.from_periods(published()).trailing("2020-07-01")
    # 2 July to 31 December 2019 is 183 days at 4000 / 365, 1 January to 30 June 2020 is 182 days at 10
    assert year.loc["p1", "hdd"] == pytest.approx(183 * 4000 / 365 + 182 * 10)
    assert year.loc["p2"].isna().all()


def test_overlapping_published_periods_are_not_counted_twice():
    # two billing cycles of the same ten days, each at 20 a day, and five more days at 10 a day
    table = pd.DataFrame(
        {
            "place_id": "p1",
            "start": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-06", "2024-01-11"]),
            "end": pd.to_datetime(["2024-01-11", "2024-01-06", "2024-01-11", "2024-01-16"]),
            "base_f": 65.0,
            "hdd": [200.0, 100.0, 100.0, 50.0],
            "cdd": 0.0,
        }
    )
    window = DegreeDays.from_periods(table).trailing("2024-01-16", days=15)
    assert window.loc["p1"].tolist() == pytest.approx([250.0, 0.0])


def test_rounding_does_not_make_degree_days_negative():
    # the rates 0.3 + 0.2 + 0.1 - 0.3 - 0.2 - 0.1 of periods gone by come to -2.8e-17, not to 0
    table = pd.DataFrame(
        {
            "place_id": "p1",
            "start": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]),
            "end": pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-14"]),
            "base_f": 65.0,
            "hdd": 1.0,
            "cdd": [0.3, 0.2, 0.1, 0.0],
        }
    )
    window = DegreeDays.from_periods(table).trailing("2024-01-14", days=10)
    assert window.loc["p1", "cdd"] == 0.0
    assert window.loc["p1", "hdd"] == pytest.approx(1.0)


def test_an_empty_published_period_has_no_degree_days():
    table = published(end=pd.to_datetime(["2019-01-01", "2021-01-01", "2021-01-01"]))
    hdd, _ = DegreeDays.from_periods(table).of(["p1"], ["2019-01-01"], ["2019-01-01"], 65.0)
    assert np.isnan(hdd).all()


def test_a_shared_period_is_one_period():
    row, place, start_day, end_day = unique_periods(
        np.array([1, 0, 1, -1]), np.array([5, 5, 5, 5]), np.array([9, 9, 9, 9])
    )
    assert row[0] == row[2]
    assert len(set(row.tolist())) == len(place) == 3
    assert place[row].tolist() == [1, 0, 1, -1]
    assert start_day[row][:3].tolist() == [5, 5, 5]
    assert end_day[row][:3].tolist() == [9, 9, 9]


def test_day_numbers_of_a_missing_date():
    numbers = day_numbers(pd.Series([pd.Timestamp("1970-01-11"), pd.NaT]))
    assert numbers.tolist() == [10, np.iinfo(np.int64).min]


@settings(max_examples=50, deadline=None)
@given(
    temperatures=st.lists(st.one_of(st.floats(-80, 140), st.just(float("nan"))), min_size=10, max_size=10),
    begin=st.integers(0, 9),
    days=st.integers(1, 10),
    base=st.sampled_from([50.0, 65.0, 75.0]),
)
def test_agrees_with_adding_up_day_by_day(temperatures, begin, days, base):
    degree_days = DegreeDays.from_weather(ten_days(temperatures, [0.0] * 10))
    start = pd.Timestamp("2024-01-01") + pd.Timedelta(days=begin)
    hdd, cdd = degree_days.of(["p1"], [start], [start + pd.Timedelta(days=days)], base)
    seen = [value for value in temperatures[begin : begin + days] if not np.isnan(value)]
    if len(seen) < 0.9 * days:
        assert np.isnan(hdd[0])
        assert np.isnan(cdd[0])
        return
    scale = days / len(seen)
    assert hdd[0] == pytest.approx(scale * sum(max(base - value, 0) for value in seen), abs=1e-9)
    assert cdd[0] == pytest.approx(scale * sum(max(value - base, 0) for value in seen), abs=1e-9)
