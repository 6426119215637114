"""Roll-ups add up to the cent, intervals know what homes share, and the way from last year to next adds up exactly."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import NotEnoughDataError, SourceError
from case_heating.model.forecast import LearnedForecast, YearAhead, forecast, home_years, learn_forecast
from case_heating.model.forecast_interval import (
    Z,
    home_weather_variance,
    own_month_variance,
    own_year_variance,
    weather_variance,
)
from case_heating.model.forecast_weather import Climatology, month_spread_f
from case_heating.model.portfolio import KEYS, roll_up
from case_heating.model.scenarios import SEVERE_WINTER, HeatPumps, Scenario, TariffChange, Winter
from case_heating.model.year_bridge import STEPS, waterfall
from case_heating.schema import Tables

AS_OF = date(2024, 2, 1)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate(homes=300, seed=2).tables


@pytest.fixture(scope="module")
def learned(tables: Tables) -> LearnedForecast:
    return learn_forecast(tables, as_of=AS_OF)


@pytest.fixture(scope="module")
def year(learned: LearnedForecast) -> YearAhead:
    return forecast(learned)


def gas_district(learned: LearnedForecast) -> str:
    homes = learned.homes[learned.use.kind_share[:, 0] > 0.9]
    return str(homes["district"].value_counts().index[0])


@pytest.mark.parametrize("by", [by for n in range(len(KEYS) + 1) for by in combinations(KEYS, n)])
def test_every_roll_up_adds_up_to_the_cent(year: YearAhead, by: tuple[str, ...]):
    groups = roll_up(year, by)
    assert groups["cost_cents"].dtype == np.int64
    assert groups["cost_cents"].sum() == year.cents.sum()
    assert not groups.duplicated(list(by)).any() if by else len(groups) == 1
    assert groups["usage_kwh"].sum() == pytest.approx(year.usage[:, 0].sum())
    assert groups["usage_therm"].sum() == pytest.approx(year.usage[:, 1].sum())


def test_a_groups_cents_are_those_of_its_homes(year: YearAhead):
    groups = roll_up(year, ["district", "fuel", "month"]).set_index(["district", "fuel", "month"])
    here = (year.homes["district"] == "d05").to_numpy()
    assert groups.loc[("d05", "gas", year.months[3]), "cost_cents"] == year.cents[here, 1, 3].sum()
    assert groups.loc[("d05", "gas", year.months[3]), "n_homes"] == here.sum()


def test_what_cannot_be_rolled_up_by(year: YearAhead):
    with pytest.raises(SourceError, match="cannot add up by income; name each once of month, district"):
        roll_up(year, ["income"])
    with pytest.raises(SourceError, match="name each once"):
        roll_up(year, ["month", "month"])


def test_homes_noise_averages_out_and_weather_does_not(year: YearAhead):
    total, homes = roll_up(year, []).iloc[0], home_years(year)
    half = total["cost_usd"] - total["cost_low_usd"]
    assert half < (homes["cost_usd"] - homes["cost_low_usd"]).sum()  # less than all homes off alike
    assert half > 2 * Z * total["sd_own_usd"]  # and far more than all homes off by themselves
    parts = total[["sd_weather_usd", "sd_model_usd", "sd_own_usd"]].to_numpy(float)
    assert half == pytest.approx(Z * np.sqrt((parts**2).sum()))


def test_an_interval_of_two_districts_is_wider_than_independent_ones(year: YearAhead):
    places, total = roll_up(year, ["place_id"]), roll_up(year, []).iloc[0]
    assert np.sqrt((places["sd_weather_usd"] ** 2).sum()) < total["sd_weather_usd"] < places["sd_weather_usd"].sum()
    assert places["sd_model_usd"].sum() == pytest.approx(total["sd_model_usd"])


def test_the_weather_of_a_group_is_that_of_its_homes_own_places(year: YearAhead):
    climatology, n_places = year.learned.climatology, len(year.learned.climatology.places)
    per_degree = np.zeros((1, n_places, len(year.months)))
    for home, place in enumerate(year.learned.place):
        per_degree[0, place] += (year.per_degree[home] * year.unit_usd[home]).sum(axis=0)
    _, together = weather_variance(per_degree, month_spread_f(climatology, year.months), climatology)
    assert roll_up(year, []).iloc[0]["sd_weather_usd"] == pytest.approx(np.sqrt(together[0]))


def test_a_degree_changes_a_heat_pumps_use_by_what_a_warmer_winter_does(learned: LearnedForecast):
    """Half the difference between winters a degree warmer and a degree colder, in the coldest month."""
    district = gas_district(learned)  # too cold to be cooled in January, where a scenario leaves cooling as it is
    here, pumps = (learned.homes["district"] == district).to_numpy(), (HeatPumps(AS_OF, district=district),)
    warm, cold = (
        forecast(learned, Scenario(Winter(name, off), conversions=pumps))
        for name, off in (("a degree warmer", 1.0), ("a degree colder", -1.0))
    )
    january = [month.month for month in warm.months].index(1)
    changed = (warm.usage - cold.usage)[here, :, january] / 2
    per_degree = forecast(learned, Scenario(conversions=pumps)).per_degree[here, :, january]
    np.testing.assert_allclose(per_degree, changed, rtol=1e-6, atol=1e-6)
    assert changed[:, 0].min() < -20  # kWh: the heat pumps' own


TWO = Climatology(
    pd.Index(["p", "q"]), np.zeros((2, 3)), np.zeros((2, 3)), np.array([[0.25, 0.15], [0.15, 0.25]]), 0.2, years=1e9
)


def test_weather_variance_by_hand():
    """Two places, two months, days spread by 10 °F: months stray by 5 °F, places alike by 0.6, months by 0.2."""
    spread_f = np.full((2, 2), 10.0)
    one = np.zeros((1, 2, 2))
    one[0, 0] = [-3.0, -4.0]
    by_month, together = weather_variance(one, spread_f, TWO)
    assert by_month[0].tolist() == pytest.approx([15**2, 20**2])
    assert together[0] == pytest.approx(15**2 + 20**2 + 2 * 0.2 * 15 * 20)
    alone = home_weather_variance(one[:, 0], np.array([0]), spread_f, TWO)
    assert [alone[0][0].tolist(), alone[1][0]] == [pytest.approx(by_month[0].tolist()), pytest.approx(together[0])]
    both = np.array([[[-3.0, 0.0], [-4.0, 0.0]]])
    assert weather_variance(both, spread_f, TWO)[1][0] == pytest.approx(15**2 + 20**2 + 2 * 0.6 * 15 * 20)


def test_own_variance_by_hand():
    """Base load known to 1 kWh a day and no noise: a month of 30 days 30 kWh, two months 60, habits 6 % beside."""
    x = np.zeros((1, 2, 4))
    x[:, :, 0] = 30.0
    covariance = np.diag([1.0, 0, 0, 0])[None]
    usage, days = np.full((1, 2), 300.0), np.full(2, 30.0)
    month = own_month_variance(x, covariance, np.zeros(1), usage, days)
    assert month[0].tolist() == pytest.approx([30**2 + 18**2] * 2)
    year = own_year_variance(x, covariance, np.zeros(1), usage, days, np.full((1, 2), 0.5))
    assert year[0] == pytest.approx(30**2 + 18**2)  # 60 and 36 kWh at half a dollar
    noisy = own_year_variance(x, 0 * covariance, np.ones(1), usage, days, np.full((1, 2), 0.5))
    assert noisy[0] == pytest.approx(2 * 15**2 + 18**2)  # months' noises add up in squares


def test_the_waterfall_adds_up_exactly(tables: Tables, learned: LearnedForecast, year: YearAhead):
    scenario = Scenario(
        SEVERE_WINTER,
        (TariffChange("gas", date(2024, 6, 1), unit_factor=1.3),),
        (HeatPumps(date(2024, 6, 1), district=gas_district(learned), share=0.5),),
    )
    for drawn in (year, forecast(learned, scenario)):
        steps = waterfall(tables, drawn)
        assert steps["step"].tolist() == list(STEPS)
        assert steps["cost_cents"].iloc[:-1].sum() == steps["cost_cents"].iloc[-1] == drawn.cents.sum()


def test_a_step_is_moved_by_what_it_names_alone(tables: Tables, learned: LearnedForecast, year: YearAhead):
    usual = waterfall(tables, year).set_index("step")["cost_cents"]
    assert usual["heat pumps"] == 0
    dearer = Scenario(tariffs=(TariffChange("gas", AS_OF, unit_factor=1.3),))
    pumps = Scenario(conversions=(HeatPumps(date(2024, 6, 1), district=gas_district(learned)),))
    for scenario, moved in (
        (dearer, {"homes that joined", "prices", "next year"}),
        (pumps, {"heat pumps", "next year"}),
        (Scenario(SEVERE_WINTER), {"homes that joined", "weather", "prices", "next year"}),
    ):
        steps = waterfall(tables, forecast(learned, scenario)).set_index("step")["cost_cents"]
        assert {"next year"} < set(steps.index[steps != usual]) <= moved


def test_last_year_is_what_was_billed(tables: Tables, learned: LearnedForecast, year: YearAhead):
    """Bills of the year are cut at its edges and completed at its end: near the sum of twelve bills of every home."""
    bills = tables["bills"].drop_duplicates(["home_id", "fuel", "start"], keep="last")
    known = bills[bills["known_at"] <= pd.Timestamp(AS_OF)]
    billed = known.loc[known["end"] > pd.Timestamp("2023-02-15"), "cost_usd"].sum()
    assert waterfall(tables, year)["cost_usd"].iloc[0] == pytest.approx(billed, rel=0.08)


def test_homes_that_left_and_joined_have_their_steps(tables: Tables):
    bills = tables["bills"]
    gone, came = tables["homes"]["home_id"].iloc[[0, 1]]
    bills = bills[~((bills["home_id"] == gone) & (bills["end"] > "2023-08-01"))]
    bills = bills[~((bills["home_id"] == came) & (bills["start"] < "2023-08-01"))]
    changed = tables | {"bills": bills}
    learned = learn_forecast(changed, as_of=AS_OF)
    steps = waterfall(changed, forecast(learned)).set_index("step")["cost_cents"]
    assert steps["homes that left"] < 0
    before = waterfall(tables, forecast(learn_forecast(tables, as_of=AS_OF))).set_index("step")["cost_cents"]
    assert steps["homes that joined"] > before["homes that joined"]
    assert steps.iloc[:-1].sum() == steps["next year"]


def test_bills_without_their_cost_can_be_forecast_and_not_bridged(tables: Tables):
    uncosted = tables | {"bills": tables["bills"].drop(columns="cost_usd")}
    year = forecast(learn_forecast(uncosted, as_of=AS_OF))
    assert year.learned.spread.looked_back
    assert year.cents.sum() == forecast(learn_forecast(tables, as_of=AS_OF)).cents.sum()
    with pytest.raises(NotEnoughDataError, match="no bill has its cost"):
        waterfall(uncosted, year)


def test_later_facts_change_no_step(tables: Tables, learned: LearnedForecast, year: YearAhead):
    bills, weather = tables["bills"], tables["weather"]
    known = tables | {
        "bills": bills[bills["known_at"] <= pd.Timestamp(AS_OF)],
        "weather": weather[weather["date"] < pd.Timestamp(AS_OF)],
    }
    pd.testing.assert_frame_equal(waterfall(known, year), waterfall(tables, replace(year)))
