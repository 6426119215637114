"""What each source of data is worth, worked out by hand on ten homes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError, WorkspaceError
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import Comparison, Figure, compare
from case_heating.people.ladder_worth import (
    known_for_most,
    next_in_words,
    reckoning_in_words,
    today_in_words,
    weigh_ladder,
)
from case_heating.people.review_costs import ReviewCosts

COSTS = ReviewCosts(gas_called_electric_usd=100.0, electric_called_gas_usd=50.0, review_usd=10.0)
# answers are accepted from 0.8 on where they say gas and from 0.9 on where they say electricity

IS_GAS = np.array([True] * 5 + [False] * 5)
NAIVE = np.array([0.9] * 5 + [0.9, 0.9, 0.1, 0.1, 0.1])  # takes two electric homes for gas
FIRST = np.array([0.9, 0.9, 0.9, 0.6, 0.05, 0.9, 0.4, 0.4, 0.4, 0.05])
SECOND = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.4, 0.05, 0.05, 0.05, 0.05])


def rung(stage, probability, step=None, region=None):
    against: Comparison = compare(IS_GAS, probability, NAIVE, rounds=20)
    return Rung(stage, 1, against, None, region, None, step, probability, model=None)


@pytest.fixture
def ladder():
    gain = Figure(0.2, 0.1, 0.3)
    first = rung("location", FIRST, region=compare(IS_GAS, NAIVE, NAIVE, rounds=20))
    return Ladder((first, rung("billing", SECOND, gain)), ("weather", "gas_bills"))


def test_what_a_stage_costs_by_hand(ladder):
    worth = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000)
    first, second = worth.stages
    # accepted and wrong: a gas home called electric (100), an electric one called gas (50); four for people (10 each)
    assert (first.wrong_usd, first.reviews_usd) == (15_000, 4_000)
    assert first.usd_a_year.value == 19_000
    assert first.reviewed == 0.4
    # the second is wrong about none that it accepts, and sends two
    assert (second.wrong_usd, second.reviews_usd, second.reviewed) == (0, 2_000, 0.2)
    assert second.saves_usd.value == 17_000
    assert first.saves_usd is None


def test_the_interval_of_what_is_saved_is_that_of_the_same_homes(ladder):
    saves = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000).stages[1].saves_usd
    by_home = np.array([0, 0, 0, 10, 90, 40, 10, 10, 10, 0])  # one home after the other, first less second
    assert by_home.mean() * 1000 == saves.value
    half = 1.959964 * by_home.std(ddof=1) / np.sqrt(10) * 1000
    assert (saves.low, saves.high) == (pytest.approx(17_000 - half), pytest.approx(17_000 + half))


def test_the_rivals_without_machine(ladder):
    worth = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000)
    assert worth.naive_usd == pytest.approx(10_000)  # two of ten homes at 50 USD
    assert worth.review_all_usd == 10_000
    assert worth["location"].naive.value == 0.8
    assert worth["location"].region.value == 0.8
    assert worth["billing"].region is None
    assert worth.not_reached == ("weather", "gas_bills")


def test_what_comes_next(ladder):
    worth = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000)
    assert worth.next_after("location").stage == "billing"
    assert worth.next_after("billing") is None
    for ask in (worth.next_after, worth.__getitem__):
        with pytest.raises(KeyError, match="weather"):
            ask("weather")


def test_in_words(ladder):
    worth = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000)
    assert today_in_words(worth, "location") == (
        "With what is known up to “Location and dwelling”, 80.0 of 100 homes are answered right; the naive answer is "
        "right for 80.0 of 100. Wrong answers and reviews of 1,000 homes cost 19,000 USD a year."
    )
    assert "last source" in next_in_words(worth, "billing")
    assert "a gas home called electric costs 100 USD, an electric home called gas 50 USD" in reckoning_in_words(worth)
    assert "Each of 10 homes whose fuel is known" in reckoning_in_words(worth)


@pytest.mark.parametrize(
    ("step", "saves", "said"),
    [
        (
            Figure(0.068, 0.057, 0.078),
            Figure(8483, 6191, 10776),
            "makes 6.8 more of 100 answers right (95 % interval 5.7 to 7.8) and saves 8,483 USD a year (6,191 to "
            "10,776 USD): worth its price up to that.",
        ),
        (
            Figure(0.001, -0.002, 0.004),
            Figure(118, -1665, 1901),
            "makes no more answers right than chance could (−0.2 to +0.4 of 100) and saves no more than chance could "
            "(−1,665 to 1,901 USD a year).",
        ),
        (
            Figure(-0.02, -0.03, -0.01),
            Figure(-500, -900, -100),
            "makes 2.0 fewer of 100 answers right (95 % interval −3.0 to −1.0) and costs 500 USD a year more (100 to "
            "900 USD).",
        ),
    ],
)
def test_what_the_next_source_buys_in_words(ladder, step, saves, said):
    worth = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000)
    second = replace(worth.stages[1], step=step, saves_usd=saves)
    told = next_in_words(replace(worth, stages=(worth.stages[0], second)), "location")
    assert told.startswith(f"A year's electricity bill {said}")
    assert told.endswith("It takes nine months or more of electricity bills for each home (bills).")


def test_the_table_for_people(ladder):
    table = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000).table()
    assert table["we know"].tolist() == ["Location and dwelling", "Electricity bill"]
    assert table["together, USD a year"].tolist() == [19_000, 2_000]
    assert table["for people, of 100"].tolist() == [40, 20]
    assert pd.isna(table["saves, USD a year"].iloc[0])
    assert pd.isna(table["new region, of 100"].iloc[1])


def test_lanes_for_a_chart(ladder):
    lanes = weigh_ladder(ladder, IS_GAS, COSTS, n_homes=1000).lanes()
    told = lanes.set_index(["stage", "lane"])["right"]
    assert told[("location", "new region")] == pytest.approx(80)
    assert told[("billing", "homes held out")] == pytest.approx(100)
    assert ("billing", "new region") not in told.index
    assert set(lanes["lane"]) == {"homes held out", "new region"}  # no later labels here
    # the naive answer of each lane stands beside it: two electric homes taken for gas
    assert lanes["naive"].tolist() == pytest.approx([80, 80, 80])
    worse = replace(ladder.rungs[0], by_region=compare(IS_GAS, NAIVE, 1 - NAIVE, rounds=20))
    lanes = weigh_ladder(replace(ladder, rungs=(worse,)), IS_GAS, COSTS, n_homes=10).lanes().set_index("lane")
    assert lanes["naive"].to_dict() == pytest.approx({"homes held out": 80, "new region": 20})
    assert (lanes["low"] <= lanes["right"]).all()
    assert (lanes["right"] <= lanes["high"]).all()


def test_today_is_the_last_source_that_most_homes_have():
    """Of four homes with a meter three have gas bills, of four without one none; two of eight have a signature."""
    features = pd.DataFrame(
        {
            "dwelling_type": ["a"] * 8,
            "kwh_year": [1.0] * 5 + [np.nan] * 3,
            "heating_slope_kwh": [1.0] * 2 + [np.nan] * 6,
            "gas_service": [1.0] * 4 + [0.0] * 4,
            "therms_year": [1.0] * 3 + [np.nan] * 5,
        }
    )
    stages = ["location", "billing", "monthly", "gas_service", "gas_bills"]
    assert known_for_most(features, stages) == "gas_bills"
    assert known_for_most(features, stages[:3]) == "billing"
    assert known_for_most(features.assign(kwh_year=np.nan), stages[:3]) == "location"
    few = features.assign(therms_year=[1.0] * 2 + [np.nan] * 6)  # half is not most
    assert known_for_most(few, stages) == "gas_service"
    assert known_for_most(features[["dwelling_type"]].assign(dwelling_type=None), ["location", "billing"]) == "location"


def test_one_home_says_nothing(ladder):
    one = replace(ladder.rungs[0], probability=FIRST[:1])
    with pytest.raises(NotEnoughDataError, match="1 home has a known answer"):
        weigh_ladder(replace(ladder, rungs=(one,)), IS_GAS[:1], COSTS, n_homes=10)


def test_models_of_other_homes_are_told(ladder):
    with pytest.raises(WorkspaceError, match="judged on 10 homes and 9 have a known fuel by now"):
        weigh_ladder(ladder, IS_GAS[1:], COSTS, n_homes=10)
