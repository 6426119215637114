"""A scenario goes into a link and comes back, is said in words, and becomes what the forecast takes."""

from datetime import date

import pytest

from case_heating.data.simulate import simulate
from case_heating.model.forecast import learn_forecast
from case_heating.model.forecast_learn import gas_heated
from case_heating.model.scenarios import NORMAL_WINTER, SEVERE_WINTER, HeatPumps, Scenario
from case_heating.people.what_if import (
    Levers,
    WhatIf,
    heat_pumps_everywhere,
    levers_of,
    read_what_if,
    scenario_in_words,
)

MONTHS = tuple(date(2026, month, 1) for month in range(1, 13))
LEVERS = Levers(MONTHS, ("electricity", "gas"), n_gas_heated=40)


@pytest.fixture(scope="module")
def learned():
    return learn_forecast(simulate(homes=300, seed=2).tables, as_of=date(2025, 1, 1), threads=1)


@pytest.mark.parametrize(
    "what_if",
    [
        WhatIf(),
        WhatIf("severe"),
        WhatIf("warm", electricity_percent=-10, gas_percent=20, heat_pumps_percent=5, from_month=date(2026, 4, 1)),
        WhatIf(heat_pumps_percent=100),
    ],
)
def test_a_link_brings_the_same_scenario_back(what_if):
    assert read_what_if(what_if.query(), LEVERS) == (what_if, ())


def test_a_link_of_the_usual_year_says_nothing():
    assert WhatIf().query() == {}
    assert WhatIf(from_month=date(2026, 4, 1)).query() == {}  # from which nothing changes
    assert WhatIf("severe", from_month=date(2026, 4, 1)).query() == {"winter": "severe"}


def test_the_first_month_is_where_changes_begin_anyway():
    assert read_what_if({"gas": "20", "from": "2026-01"}, LEVERS) == (WhatIf(gas_percent=20), ())


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({"winter": "icy"}, "there is no winter icy; there are warm, normal, severe"),
        ({"gas": "a lot"}, "gas is 'a lot', which is no whole number of percent"),
        ({"gas": "1e3"}, "gas is '1e3', which is no whole number of percent"),
        ({"electricity": "-51"}, "electricity is −51 %; it must lie between −50 and 100"),
        ({"heatpumps": "101"}, "heatpumps is 101 %; it must lie between 0 and 100"),
        ({"from": "2025-04"}, "2025-04 is no month of the year ahead, which runs from 2026-01 to 2026-12"),
    ],
)
def test_what_a_link_cannot_mean_is_as_usual_and_said(query, complaint):
    assert read_what_if(query, LEVERS) == (WhatIf(), (complaint,))


def test_what_a_portfolio_has_not_cannot_be_changed():
    without = Levers(MONTHS, ("electricity",), n_gas_heated=0)
    what_if, complaints = read_what_if({"gas": "10", "heatpumps": "10", "electricity": "10"}, without)
    assert what_if == WhatIf(electricity_percent=10)
    assert complaints == (
        "there is no tariff of gas to change",
        "no home heats with gas, so that none can change to a heat pump",
    )


def test_in_words():
    assert WhatIf().in_words() == "a normal winter at the prices in force"
    what_if = WhatIf("warm", electricity_percent=-5, heat_pumps_percent=10, from_month=date(2026, 7, 1))
    assert what_if.in_words() == (
        "a warm winter, electricity 5 % cheaper and heat pumps in 10 % of gas-heated homes from July 2026 on"
    )


def test_what_the_forecast_takes(learned):
    assert WhatIf().scenario(learned) == Scenario(NORMAL_WINTER)
    levers = levers_of(learned)
    assert levers.months[0] == date(2025, 1, 1)
    assert levers.fuels == ("electricity", "gas")
    assert levers.n_gas_heated == gas_heated(learned).sum() > 0
    scenario = WhatIf("severe", gas_percent=20, heat_pumps_percent=10, from_month=date(2025, 4, 1)).scenario(learned)
    assert scenario.winter == SEVERE_WINTER
    (change,) = scenario.tariffs
    assert (change.fuel, change.from_date, change.unit_factor) == ("gas", date(2025, 4, 1), 1.2)
    assert scenario.conversions == heat_pumps_everywhere(learned, 0.10, date(2025, 4, 1))
    assert {each.share for each in scenario.conversions} == {0.10}


def test_heat_pumps_of_one_home_and_of_shares_are_told_apart():
    named = HeatPumps(date(2026, 1, 1), home_ids=("a", "b"))
    drawn = HeatPumps(date(2026, 1, 1), district="d01", share=0.3)
    assert scenario_in_words(Scenario(conversions=(named, drawn))) == (
        "normal winter, prices in force, heat pumps in 30 % of gas-heated homes of 1 district from 2026-01-01, "
        "heat pumps in 2 named homes from 2026-01-01"
    )
