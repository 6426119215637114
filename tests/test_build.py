"""The feature matrix: yearly sums worked by hand, nothing from the future, nothing from other homes, nothing leaked."""

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_heating.errors import TableError
from case_heating.features import build
from case_heating.features.build import build_features, reached_stages, select_stage
from case_heating.features.stages import STAGES, features_of

AS_OF = date(2024, 6, 1)


def homes(*home_ids, **columns):
    return pd.DataFrame({"home_id": list(home_ids), "place_id": "p"} | columns)


def bill(home_id, start, end, usage, *, cost_usd=np.nan, fuel="electricity", known_at=None):
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    known_at = end if known_at is None else pd.Timestamp(known_at)
    return (home_id, fuel, start, end, usage, cost_usd, known_at)


def bills(*rows):
    return pd.DataFrame(rows, columns=["home_id", "fuel", "start", "end", "usage", "cost_usd", "known_at"])


def monthly(home_id, first, n, usage, **options):
    """Bills of thirty days each; ``usage`` is one number or one per bill."""
    days = pd.date_range(first, periods=n + 1, freq="30D")
    each = np.broadcast_to(usage, n)
    return [bill(home_id, days[i], days[i + 1], float(each[i]), **options) for i in range(n)]


def year_of(rows, *home_ids, as_of=AS_OF, stage="gas_bills", **tables):
    return build_features({"homes": homes(*home_ids), "bills": bills(*rows)} | tables, as_of=as_of, stage=stage)


# Ten degrees below the base each day, so that a period's heating degree days are ten times its days.
STEADY = pd.DataFrame({"place_id": "p", "date": pd.date_range("2021-01-01", "2024-12-31"), "mean_temp_f": 55.0})


# The year


def test_a_years_bills_are_brought_to_365_days():
    rows = monthly("h", "2023-01-01", 12, 300.0, cost_usd=45.0)  # 360 days
    row = year_of(rows, "h").loc["h"]
    assert row["kwh_year"] == pytest.approx(12 * 300 * 365 / 360)  # 3650
    assert np.isnan(row["electricity_cost_year"])  # the use is known: prices, which jump, are kept out


def test_the_years_window_ends_with_each_homes_own_last_bill():
    rows = [
        *monthly("a", "2022-01-01", 12, 999.0),
        *monthly("a", "2022-12-27", 12, 300.0),  # follows on; the window holds these twelve alone
        *monthly("b", "2021-02-01", 12, 100.0),  # moved out: its last year is another one
    ]
    year = year_of(rows, "a", "b")["kwh_year"]
    assert year["a"] == pytest.approx(3650)
    assert year["b"] == pytest.approx(100 * 12 * 365 / 360)


def test_the_window_bends_by_ten_days_so_that_twelve_bills_fit():
    ends = pd.Timestamp("2024-05-01")
    starts = {days: ends - pd.Timedelta(days=days) for days in (375, 376, 300)}
    inside = [bill("h", starts[375], starts[300], 1500.0), bill("h", starts[300], ends, 3000.0)]
    outside = [bill("h", starts[376], starts[300], 1500.0), bill("h", starts[300], ends, 3000.0)]
    assert year_of(inside, "h").loc["h", "kwh_year"] == pytest.approx(4500 * 365 / 375)
    assert year_of(outside, "h").loc["h", "kwh_year"] == pytest.approx(3000 * 365 / 300)


def test_bills_of_less_than_three_quarters_of_a_year_say_nothing():
    # three quarters of 365 days are 273.75
    short = [bill("h", "2023-01-01", pd.Timestamp("2023-01-01") + pd.Timedelta(days=273), 1000.0)]
    enough = [bill("h", "2023-01-01", pd.Timestamp("2023-01-01") + pd.Timedelta(days=274), 1000.0)]
    assert np.isnan(year_of(short, "h").loc["h", "kwh_year"])
    assert year_of(enough, "h").loc["h", "kwh_year"] == pytest.approx(1000 * 365 / 274)


def test_one_unknown_usage_makes_the_year_unknown_and_leaves_its_cost():
    rows = monthly("h", "2023-01-01", 12, [300.0] * 5 + [np.nan] + [300.0] * 6, cost_usd=45.0)
    row = year_of(rows, "h").loc["h"]
    assert np.isnan(row["kwh_year"])
    assert row["electricity_cost_year"] == pytest.approx(12 * 45 * 365 / 360)  # 547.5 stands in for it


def test_one_survey_bill_is_a_year():
    degree_days = pd.DataFrame(
        {"place_id": ["p"], "start": pd.to_datetime(["2023-01-01"]), "end": pd.to_datetime(["2024-01-01"])}
    ).assign(base_f=65.0, hdd=4500.0, cdd=700.0)
    rows = [
        bill("h", "2023-01-01", "2024-01-01", 10_000.0, cost_usd=1_500.0),
        bill("h", "2023-01-01", "2024-01-01", 600.0, cost_usd=720.0, fuel="gas"),
    ]
    table = homes("h", floor_area_sqft=[2000.0])
    row = year_of(rows, "h", degree_days=degree_days, homes=table).loc["h"]
    assert row["kwh_year"] == 10_000
    assert (row["hdd_year"], row["cdd_year"]) == (4500, 700)
    assert row["kwh_per_hdd"] == pytest.approx(10_000 / (4500 + 500))  # 2
    assert row["kwh_per_cdd"] == pytest.approx(10_000 / (700 + 300))  # 10
    assert row["kwh_per_sqft"] == pytest.approx(5)
    assert row["kwh_per_sqft_hdd"] == pytest.approx(5 * 1000 / 5000)  # 1
    assert row["therms_year"] == 600
    assert np.isnan(row["gas_cost_year"])
    assert row["therms_per_hdd"] == pytest.approx(600 / 5000)  # 0.12
    assert row["therms_per_sqft_hdd"] == pytest.approx(60)  # 0.12 therm per 1000 °F·day and sqft, thousandfold
    assert row[["base_load_kwh", "heating_slope_kwh", "signature_r2"]].isna().all()


def test_weather_of_the_bills_is_brought_to_365_days_too():
    row = year_of(monthly("h", "2023-01-01", 12, 300.0), "h", weather=STEADY).loc["h"]
    assert row["hdd_year"] == pytest.approx(3650)  # 10 a day
    assert row["cdd_year"] == 0
    assert row["kwh_per_hdd"] == pytest.approx(3650 / (3650 + 500))


def test_a_period_without_weather_leaves_the_years_weather_unknown_and_its_usage_known():
    row = year_of(monthly("h", "2020-10-01", 12, 300.0), "h", weather=STEADY).loc["h"]  # weather begins in 2021
    assert np.isnan(row["hdd_year"])
    assert np.isnan(row["kwh_per_hdd"])
    assert row["kwh_year"] == pytest.approx(3650)


def test_a_home_may_give_back_more_than_it_takes():
    row = year_of(monthly("h", "2023-01-01", 12, -10.0, cost_usd=12.0), "h").loc["h"]
    assert row["kwh_year"] == pytest.approx(-120 * 365 / 360)


def test_prices_of_a_home_change_nothing_where_its_use_is_known():
    cheap = year_of(monthly("h", "2023-01-01", 12, 300.0, cost_usd=30.0), "h")
    dear = year_of(monthly("h", "2023-01-01", 12, 300.0, cost_usd=60.0), "h")
    pd.testing.assert_frame_equal(cheap, dear)


def test_the_signature_finds_a_planted_slope_and_tells_it_per_area():
    season = np.cos(2 * np.pi * np.arange(len(STEADY)) / 365.25)
    weather = STEADY.assign(mean_temp_f=55 - 25 * season)
    days = pd.date_range("2022-01-01", periods=25, freq="30D")
    daily = weather.set_index("date")["mean_temp_f"]
    hdd_60 = [
        (60 - daily[(daily.index >= s) & (daily.index < e)]).clip(lower=0).sum() for s, e in itertools.pairwise(days)
    ]
    rows = monthly("h", "2022-01-01", 24, 30 * 10 + 0.8 * np.array(hdd_60))
    row = year_of(rows, "h", weather=weather, homes=homes("h", floor_area_sqft=[2000.0])).loc["h"]
    assert row["base_load_kwh"] == pytest.approx(10)
    assert row["heating_slope_kwh"] == pytest.approx(0.8)
    assert row["heating_balance_f"] == 60
    assert row["heating_slope_per_1000_sqft"] == pytest.approx(0.4)


def test_the_signature_is_that_of_the_last_two_winters():
    tables = full_tables()
    day = build_features(tables, as_of=date(2024, 12, 1))
    old = tables["bills"]["start"] < "2022-05-01"  # more than 740 days before the end of the last bill, 2024-06-19
    tables["bills"] = tables["bills"].assign(usage=tables["bills"]["usage"].where(~old, 9.0))
    pd.testing.assert_frame_equal(build_features(tables, as_of=date(2024, 12, 1)), day)
    tables["bills"] = tables["bills"][tables["bills"]["start"] >= "2022-09-01"]
    assert (build_features(tables, as_of=date(2024, 12, 1))["base_load_kwh"] != day["base_load_kwh"]).all()


# Who is there


def test_homes_without_bills_have_every_row_and_no_fact_of_bills():
    matrix = year_of(monthly("b", "2023-01-01", 12, 300.0), "a", "b", weather=STEADY)
    assert matrix.index.tolist() == ["a", "b"]
    assert matrix.loc["a"].isna().all()
    assert matrix.loc["b", "kwh_year"] == pytest.approx(3650)


def test_a_home_listed_twice_is_refused():
    with pytest.raises(TableError, match=r"1 of 3 rows repeat a home_id \(first: b\)"):
        build_features({"homes": homes("b", "a", "b")}, as_of=AS_OF)


def test_bills_of_a_home_nobody_listed_change_nothing():
    own = monthly("h", "2023-01-01", 12, 300.0)
    stranger = monthly("x", "2023-01-01", 12, 900.0)
    pd.testing.assert_frame_equal(year_of([*stranger, *own], "h", weather=STEADY), year_of(own, "h", weather=STEADY))


def test_tables_with_homes_alone_give_a_full_matrix_of_missing_facts():
    matrix = build_features({"homes": homes("h")}, as_of=AS_OF)
    assert list(matrix) == [feature.name for feature in features_of("gas_bills")]
    assert matrix.isna().all(axis=None)


def test_flags_become_numbers_and_their_holes_stay():
    table = homes("a", "b", "c", gas_service=pd.array([True, False, None], dtype="boolean"))
    found = build_features({"homes": table}, as_of=AS_OF)["gas_service"]
    assert found.tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found["c"])


def test_the_name_of_a_published_place_is_no_fact_of_its_own():
    table = homes("a", "b", "c", district=["domain_03", "OR", "harbour"])
    found = build_features({"homes": table}, as_of=AS_OF)
    assert found["district"].isna().tolist() == [True, True, False]
    assert found["published_gas_share"].isna().tolist() == [False, False, True]


def test_published_facts_are_those_of_the_year_before(monkeypatch):
    asked = []
    monkeypatch.setattr(
        build, "published_facts", lambda homes, year: asked.append(year) or pd.DataFrame(index=homes.index)
    )
    with pytest.raises(KeyError):  # the stand-in knows no facts
        build_features({"homes": homes("h")}, as_of=date(2016, 1, 1), stage="location")
    assert asked == [2015]


# Time


def two_winters(home_ids=("a", "b", "c")):
    """Bills that differ by home and season, corrections and gas among them, known ten days after their end."""
    rows = []
    for number, home_id in enumerate(home_ids):
        usage = 400 + 100 * number + 150 * np.cos(2 * np.pi * np.arange(30) / 12.17)
        for fuel, share in (("electricity", 1.0), ("gas", 0.1)):
            made = monthly(home_id, "2022-01-01", 30, share * usage, fuel=fuel)
            made = [(*row[:5], 5 + 0.15 * row[4], row[6]) for row in made]
            rows += [(*row[:6], row[6] + pd.Timedelta(days=10)) for row in made]
            rows += [(*row[:4], row[4] * 3, row[5] * 3, row[6] + pd.Timedelta(days=200)) for row in made[::7]]
    return bills(*rows)


def full_tables():
    season = np.cos(2 * np.pi * np.arange(len(STEADY)) / 365.25)
    return {
        "homes": homes("a", "b", "c", floor_area_sqft=[900.0, 1500.0, 2100.0], state=["OR", "OR", "TX"]),
        "bills": two_winters(),
        "weather": STEADY.assign(mean_temp_f=55 - 25 * season),
        "labels": pd.DataFrame(
            {"home_id": ["a", "b"], "heating_fuel": ["gas", "electricity"], "source": "survey"}
        ).assign(event_time=pd.Timestamp("2022-01-01"), known_at=pd.to_datetime(["2022-02-01", "2024-02-01"])),
    }


@given(st.dates(date(2022, 1, 1), date(2024, 12, 31)))
@settings(max_examples=8, deadline=None)
def test_a_fact_known_later_changes_nothing(as_of):
    tables = full_tables()
    cut = tables | {name: tables[name][tables[name]["known_at"] <= pd.Timestamp(as_of)] for name in ("bills", "labels")}
    pd.testing.assert_frame_equal(build_features(tables, as_of=as_of), build_features(cut, as_of=as_of))


def test_the_facts_that_arrive_later_do_count_once_they_are_known():
    tables = full_tables()
    before, after = (build_features(tables, as_of=day) for day in (date(2024, 1, 1), date(2024, 6, 30)))
    for column in ("kwh_year", "therms_year", "heating_slope_kwh"):
        assert before[column].notna().all()
        assert (before[column] != after[column]).all()


def test_labels_change_no_feature():
    tables = full_tables()
    unlabelled = {name: table for name, table in tables.items() if name != "labels"}
    pd.testing.assert_frame_equal(build_features(tables, as_of=AS_OF), build_features(unlabelled, as_of=AS_OF))


# Names, order and company


def test_renaming_a_home_changes_nothing():
    tables = full_tables()
    new = {"a": "zz", "b": "00", "c": "b"}
    renamed = tables | {
        name: tables[name].assign(home_id=tables[name]["home_id"].map(new)) for name in ("homes", "bills")
    }
    expected = build_features(tables, as_of=AS_OF)
    pd.testing.assert_frame_equal(
        build_features(renamed, as_of=AS_OF), expected.set_axis(["zz", "00", "b"]).rename_axis("home_id")
    )


def test_the_order_of_rows_changes_nothing():
    tables = full_tables()
    shuffled = tables | {name: tables[name].sample(frac=1, random_state=1) for name in ("bills", "weather")}
    pd.testing.assert_frame_equal(build_features(shuffled, as_of=AS_OF), build_features(tables, as_of=AS_OF))


@pytest.mark.parametrize("alone", ["a", "b", "c"])
def test_a_home_has_the_same_features_alone_as_in_company(alone):
    tables = full_tables()
    tables["bills"] = tables["bills"][(tables["bills"]["home_id"] != "b") | (tables["bills"]["end"] < "2023-08-01")]
    single = tables | {name: tables[name][tables[name]["home_id"] == alone] for name in ("homes", "bills")}
    expected = build_features(tables, as_of=AS_OF).loc[[alone]]
    pd.testing.assert_frame_equal(build_features(single, as_of=AS_OF), expected)


def test_the_tables_given_are_not_changed():
    tables = full_tables()
    build_features(tables, as_of=AS_OF)
    for name, table in full_tables().items():
        pd.testing.assert_frame_equal(tables[name], table)


# Stages and the guard


@pytest.mark.parametrize("stage", STAGES)
def test_building_at_a_stage_is_selecting_it_from_the_last(stage):
    full = build_features(full_tables(), as_of=AS_OF)
    pd.testing.assert_frame_equal(build_features(full_tables(), as_of=AS_OF, stage=stage), select_stage(full, stage))


def test_no_sensitive_or_revealing_column_of_homes_enters():
    table = homes("h", income_band=["under_20"], FUELHEAT=[1], kwhsph=[5000.0])
    assert list(build_features({"homes": table}, as_of=AS_OF)) == [f.name for f in features_of("gas_bills")]


def test_the_guard_looks_at_every_matrix_that_is_built(monkeypatch):
    seen = []
    monkeypatch.setattr(build, "guard_against_leakage", lambda columns, stage: seen.append((list(columns), stage)))
    matrix = build_features({"homes": homes("h")}, as_of=AS_OF, stage="weather")
    select_stage(matrix, "location")
    assert seen == [(list(matrix), "weather"), ([f.name for f in features_of("location")], "location")]


def test_a_stage_is_reached_when_one_home_in_twenty_has_a_fact_of_it():
    matrix = pd.DataFrame({"kwh_year": [1.0] * 20, "gas_service": [1.0] + [np.nan] * 19})
    assert reached_stages(matrix) == ["billing", "gas_service"]
    assert reached_stages(pd.concat([matrix, matrix[1:2]])) == ["billing"]


def test_the_stages_of_the_tiny_utility(tiny_tables):
    matrix = build_features(tiny_tables, as_of=date(2025, 6, 1))
    assert reached_stages(matrix) == ["location", "billing", "property", "gas_service"]
    # h1: 500 kWh in nine months and 750 in three, in the 366 days of 2024
    assert matrix.loc["h1", "kwh_year"] == pytest.approx(6750 * 365 / 366)
