"""The year ahead: from what was known on the day, priced as bills are, and never cheaper for being colder or dearer."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import NotEnoughDataError, SourceError
from case_heating.model.forecast import LearnedForecast, forecast, home_months, home_years, learn_forecast
from case_heating.model.forecast_draw import KWH_PER_THERM
from case_heating.model.forecast_interval import USUAL_SPREAD
from case_heating.model.forecast_learn import gas_heated
from case_heating.model.forecast_look_back import look_back
from case_heating.model.scenarios import SEVERE_WINTER, WARM_WINTER, HeatPumps, Scenario, TariffChange
from case_heating.schema import Tables

AS_OF = date(2024, 1, 1)
DAYS_2024 = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate(homes=300, seed=1).tables


@pytest.fixture(scope="module")
def learned(tables: Tables) -> LearnedForecast:
    return learn_forecast(tables, as_of=AS_OF)


def hand_made(homes: int = 12, months: int = 24) -> Tables:
    """Homes at one place: 10 kWh a day, half of them 1 kWh for each degree day below 60 °F, half 0.1 therm."""
    days = pd.date_range("2022-01-01", "2024-12-31")
    temp = 55 - 25 * np.cos(2 * np.pi * (days.day_of_year.to_numpy() - 20) / 365.25)
    weather = pd.DataFrame({"place_id": "p", "date": days, "mean_temp_f": temp})
    below = pd.Series((60 - temp).clip(min=0), index=days)
    rows = []
    for start in pd.date_range("2022-01-01", periods=months, freq="MS"):
        end = start + pd.offsets.MonthBegin(1)
        hdd, n = below[start : end - pd.Timedelta(days=1)].sum(), (end - start).days
        for home in range(homes):
            electric = home % 2 == 0
            rows.append((f"h{home:02}", "electricity", start, end, 10 * n + electric * hdd))
            if not electric:
                rows.append((f"h{home:02}", "gas", start, end, 0.5 * n + 0.1 * hdd))
    bills = pd.DataFrame(rows, columns=["home_id", "fuel", "start", "end", "usage"])
    bills = bills.assign(cost_usd=1.0, read="read", known_at=bills["end"] + pd.Timedelta(days=3))
    names = [f"h{home:02}" for home in range(homes)]
    tariffs = {"place_id": "p", "from_date": pd.Timestamp("2022-01-01"), "fuel": ["electricity", "gas"]}
    return {
        "homes": pd.DataFrame({"home_id": names, "place_id": "p", "district": "d", "dwelling_type": "single_detached"}),
        "bills": bills,
        "weather": weather,
        "tariffs": pd.DataFrame(tariffs | {"fixed_charge_usd": [10.0, 20.0], "unit_price_usd": [0.1, 1.0]}),
    }


def test_exact_bills_are_continued_exactly():
    tables = hand_made()
    year = forecast(learn_forecast(tables, as_of=AS_OF))
    assert year.months[0] == AS_OF
    temp = tables["weather"].set_index("date")["mean_temp_f"]["2024"]
    hdd = (60 - temp).clip(lower=0).groupby(temp.index.month).sum().to_numpy()
    # smooth weather without normals: the wave that was read off it is the one that made it
    np.testing.assert_allclose(year.usage[0, 0], 10 * DAYS_2024 + hdd, rtol=0.03, atol=6)
    np.testing.assert_allclose(year.usage[1, 0], 10 * DAYS_2024, rtol=0.02)
    np.testing.assert_allclose(year.usage[1, 1], 0.5 * DAYS_2024 + 0.1 * hdd, rtol=0.06, atol=1)
    assert year.usage[0, 1].tolist() == [0] * 12
    assert year.homes["standing"].tolist() == ["billed"] * 12
    assert gas_heated(year.learned).tolist() == [False, True] * 6


def test_cost_is_what_a_bill_would_say():
    year = forecast(learn_forecast(hand_made(), as_of=AS_OF))
    charge = 10 * DAYS_2024 / 30.4375
    np.testing.assert_allclose(year.cents[0, 0] / 100, charge + 0.1 * year.usage[0, 0], atol=0.0051)
    assert year.cents[0, 1].tolist() == [0] * 12  # no gas, no fixed charge of gas


def test_a_heat_pump_takes_the_heat_and_leaves_the_hot_water():
    learned = learn_forecast(hand_made(), as_of=AS_OF)
    usual, pump = forecast(learned), forecast(learned, Scenario(conversions=(HeatPumps(AS_OF, home_ids=("h01",)),)))
    gas_saved = (usual.usage - pump.usage)[1, 1]
    added = (pump.usage - usual.usage)[1, 0]
    cold = gas_saved > 1
    cop = gas_saved[cold] * 0.80 * KWH_PER_THERM / added[cold]
    assert ((cop > 1.2) & (cop < 3.6)).all()
    assert cop.argmin() == 0  # January is the coldest month
    np.testing.assert_allclose(pump.usage[1, 1], 0.5 * DAYS_2024, rtol=0.08)
    others = np.arange(12) != 1
    np.testing.assert_array_equal(pump.cents[others], usual.cents[others])


def test_a_home_that_gives_back_is_credited():
    tables = hand_made()
    solar = (tables["bills"]["home_id"] == "h00").to_numpy()
    days = (tables["bills"]["end"] - tables["bills"]["start"]).dt.days
    tables["bills"]["usage"] = tables["bills"]["usage"].where(~solar, -5.0 * days)
    year = forecast(learn_forecast(tables, as_of=AS_OF))
    np.testing.assert_allclose(year.usage[0, 0], -5 * DAYS_2024, rtol=0.1)
    assert home_years(year)["cost_usd"]["h00"] == pytest.approx(10 * 366 / 30.4375 - 0.1 * 5 * 366, rel=0.1)
    assert home_years(year)["cost_low_usd"]["h00"] < home_years(year)["cost_usd"]["h00"] < 0


def test_a_utility_that_sells_no_gas_needs_no_tariff_for_it():
    tables = hand_made()
    newcomer = pd.DataFrame({"home_id": ["new"], "place_id": ["p"], "district": ["d"], "gas_service": [True]})
    only = {
        "homes": pd.concat([tables["homes"], newcomer], ignore_index=True),
        "bills": tables["bills"].query("fuel == 'electricity'"),
        "tariffs": tables["tariffs"].query("fuel == 'electricity'"),
    }
    years = home_years(forecast(learn_forecast(tables | only, as_of=AS_OF)))
    assert years["gas_cost_usd"].tolist() == [0] * 13
    assert years.loc["new", "electricity_kwh"] > 0


def test_what_became_known_later_changes_nothing(tables: Tables, learned: LearnedForecast):
    moment = pd.Timestamp(AS_OF)
    known = {
        "homes": tables["homes"],
        "bills": tables["bills"][tables["bills"]["known_at"] <= moment],
        "weather": tables["weather"][tables["weather"]["date"] < moment],
        "tariffs": tables["tariffs"][tables["tariffs"]["from_date"] <= moment],
    }
    again = forecast(learn_forecast(known, as_of=AS_OF))
    np.testing.assert_array_equal(again.cents, forecast(learned).cents)
    np.testing.assert_array_equal(again.own_year_usd2, forecast(learned).own_year_usd2)


def test_colder_is_never_cheaper_for_any_home(learned: LearnedForecast):
    warm, usual, severe = (
        forecast(learned, Scenario(winter=winter)).cents for winter in (WARM_WINTER, Scenario().winter, SEVERE_WINTER)
    )
    assert (warm <= usual).all()
    assert (usual <= severe).all()
    heated = gas_heated(learned)
    assert (severe.sum(axis=(1, 2)) > usual.sum(axis=(1, 2)))[heated].all()


@pytest.mark.parametrize("fuel", ["electricity", "gas"])
def test_a_higher_price_never_makes_the_total_smaller(learned: LearnedForecast, fuel: str):
    totals = [
        forecast(learned, Scenario(tariffs=(TariffChange(fuel, date(2024, 4, 1), unit_factor=factor),))).cents.sum()
        for factor in (0.8, 1.0, 1.2, 1.5)
    ]
    assert totals == sorted(totals)
    assert totals[1] == forecast(learned).cents.sum()
    assert totals[0] < totals[-1]


def test_a_price_from_september_leaves_the_spring(learned: LearnedForecast):
    dearer = forecast(learned, Scenario(tariffs=(TariffChange("gas", date(2024, 9, 1), unit_factor=2.0),)))
    same = (dearer.cents == forecast(learned).cents).all(axis=(0, 1))
    assert same.tolist() == [True] * 7 + [False] * 5  # August's last days are billed in September


def test_renaming_and_reordering_homes_changes_nothing(tables: Tables, learned: LearnedForecast):
    turned = tables | {"homes": tables["homes"].iloc[::-1]}
    again = home_years(forecast(learn_forecast(turned, as_of=AS_OF)))
    usual = home_years(forecast(learned))
    pd.testing.assert_frame_equal(
        again.loc[usual.index].drop(columns="standing"), usual.drop(columns="standing"), rtol=1e-6
    )


def test_a_home_without_bills_is_like_its_neighbours_and_less_sure(tables: Tables):
    one = tables["homes"]["home_id"].iloc[0]
    bills = tables["bills"]
    without = tables | {"bills": bills[bills["home_id"] != one]}
    new = home_years(forecast(learn_forecast(without, as_of=AS_OF)))
    billed = home_years(forecast(learn_forecast(tables, as_of=AS_OF)))
    width = [(years["cost_high_usd"] - years["cost_low_usd"])[one] for years in (new, billed)]
    assert new["standing"][one] == "new"
    assert width[0] > 2 * width[1]
    assert 500 < new["cost_usd"][one] < 6000
    assert new["cost_low_usd"][one] >= 0  # as wide as it is, nobody who takes energy is paid for it


def test_the_fuels_probability_decides_what_a_home_without_bills_may_cost(tables: Tables):
    one = tables["homes"].query("gas_service == True")["home_id"].iloc[0]
    without = tables | {"bills": tables["bills"].query("home_id != @one")}
    gas, electric = (
        home_years(forecast(learn_forecast(without, as_of=AS_OF, gas_probability=pd.Series({one: p})))).loc[one]
        for p in (1.0, 0.0)
    )
    assert gas["gas_therm"] > electric["gas_therm"]
    assert gas["electricity_kwh"] < electric["electricity_kwh"]


def test_a_home_that_left_costs_nothing(tables: Tables):
    one = tables["homes"]["home_id"].iloc[0]
    gone = tables["bills"].query("home_id != @one or end < '2023-06-01'")
    years = home_years(forecast(learn_forecast(tables | {"bills": gone}, as_of=AS_OF)))
    assert years["standing"][one] == "left"
    assert years["cost_usd"][one] == 0


def test_without_new_homes_only_billed_ones_are_forecast(tables: Tables):
    homes = learn_forecast(tables, as_of=AS_OF, new_homes=False).homes
    assert "new" not in set(homes["standing"])
    assert set(homes["home_id"]) <= set(tables["bills"]["home_id"])


def test_months_of_a_home_add_up_to_its_year(learned: LearnedForecast):
    year = forecast(learned)
    one = year.homes["home_id"].iloc[3]
    months, total = home_months(year, one), home_years(year).loc[one]
    by_fuel = months.groupby("fuel")["cost_usd"].sum()
    assert by_fuel["both"] == pytest.approx(total["cost_usd"])
    assert by_fuel["electricity"] == pytest.approx(total["electricity_cost_usd"])
    assert len(months) == 36
    assert (months["cost_low_usd"] <= months["cost_usd"]).all()
    assert (months["cost_usd"] <= months["cost_high_usd"]).all()


def test_an_unknown_home_is_named(learned: LearnedForecast):
    with pytest.raises(SourceError, match="home 'nobody' is not among the 300 homes"):
        home_months(forecast(learned), "nobody")


@pytest.mark.parametrize("name", ["bills", "weather", "tariffs"])
def test_a_missing_table_is_named(tables: Tables, name: str):
    rest = {key: table for key, table in tables.items() if key != name}
    with pytest.raises(NotEnoughDataError, match=f"there is no table {name}.*`heating cost`"):
        learn_forecast(rest, as_of=AS_OF)


def test_too_few_bills_yet(tables: Tables):
    with pytest.raises(NotEnoughDataError, match="0 of 300 homes have bills of nine months"):
        learn_forecast(tables | {"weather": tables["weather"].assign()}, as_of=date(2022, 10, 1))


def test_a_look_back_needs_a_year_before_the_last(tables: Tables):
    assert look_back(tables, date(2023, 6, 1)) == USUAL_SPREAD
    found = look_back(tables, AS_OF)
    assert found.looked_back
    assert ((found.year > 0.3) & (found.year < 3)).all()
    assert ((found.model_sd > 0.005) & (found.model_sd < 0.05)).all()
