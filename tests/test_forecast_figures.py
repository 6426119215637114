"""What is shown of the year ahead agrees with itself, on a utility of 300 homes."""

from datetime import date

import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import NotEnoughDataError
from case_heating.people.forecast_figures import ForecastFigures, look_ahead

AS_OF = date(2025, 1, 1)


@pytest.fixture(scope="module")
def tables():
    return simulate(homes=300, seed=2).tables


@pytest.fixture(scope="module")
def ahead(tables) -> ForecastFigures:
    return look_ahead(tables, as_of=AS_OF, threads=1)


def test_months_bridge_and_first_scenario_have_one_total(ahead):
    total = ahead.total["cost_cents"]
    assert ahead.months["cost_cents"].sum() == total
    assert ahead.bridge["cost_cents"].iloc[:-1].sum() == ahead.bridge["cost_cents"].iloc[-1] == total
    assert ahead.scenarios["cost_usd"].iloc[0] == total / 100
    assert ahead.months["month"].iloc[0] == AS_OF


def test_cold_and_dear_gas_cost_more_and_warmth_costs_less(ahead):
    change = ahead.scenarios.set_index("name")["difference_usd"]
    assert change["Normal winter, prices in force"] == 0
    assert change["Warm winter (+4 °F)"] < 0 < change["Severe winter (−4 °F)"]
    assert change["Gas 20 % dearer a therm"] > 0
    assert change["Heat pumps in 10 % of gas-heated homes"] != 0


def test_the_home_shown_is_billed_and_has_gas(ahead, tables):
    own = ahead.home[ahead.home["fuel"] == "gas"]
    assert ahead.home_id in set(tables["homes"]["home_id"])
    assert (own["cost_usd"] > 0).all()
    assert len(ahead.home) == 36


def test_without_weather_there_is_no_year_ahead(tables):
    with pytest.raises(NotEnoughDataError, match="there is no table weather"):
        look_ahead({name: table for name, table in tables.items() if name != "weather"}, as_of=AS_OF)
