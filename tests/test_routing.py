"""Optimistic routing: thresholds, who is sent to people, what it costs, and who is sent more often."""

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError, SourceError
from case_heating.people.plots import NARROW_IN, WIDE_IN
from case_heating.people.review_costs import COSTS_FILE, ReviewCosts, costs_of, read_costs
from case_heating.people.routing import (
    Thresholds,
    cheapest,
    choose_thresholds,
    cost_curve,
    home_costs,
    route,
    share_sent_by_group,
    total_cost,
)
from case_heating.people.routing_findings import cost_plot, measure_routing

COSTS = ReviewCosts(gas_called_electric_usd=100.0, electric_called_gas_usd=50.0, review_usd=10.0)


def test_a_threshold_is_where_a_review_costs_as_much_as_the_expected_error() -> None:
    # answered gas, wrong with 0.2: 0.2 × 50 = 10; answered electricity, wrong with 0.1: 0.1 × 100 = 10
    assert choose_thresholds(COSTS) == Thresholds(gas=0.8, electricity=0.9)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        (ReviewCosts(100, 50, 0), Thresholds(1.0, 1.0)),  # reviews for nothing: all but certainties go to people
        (ReviewCosts(100, 50, 1000), Thresholds(0.5, 0.5)),  # dearer than any error: none does
        (ReviewCosts(0, 0, 0), Thresholds(0.5, 0.5)),  # errors without a price are no reason to look
    ],
)
def test_thresholds_at_the_edges(costs: ReviewCosts, expected: Thresholds) -> None:
    assert choose_thresholds(costs) == expected


def test_homes_at_or_above_their_answers_threshold_are_accepted() -> None:
    probability = pd.Series([0.8, 0.79, 0.5, 0.1, 0.11, np.nan], index=list("abcdef"))
    routed = route(probability, COSTS)
    assert routed["accepted"].tolist() == [True, False, False, True, False, False]
    assert routed["heating_fuel"].tolist()[:5] == ["gas", "gas", "gas", "electricity", "electricity"]
    # (1 − 0.8) × 50, (1 − 0.79) × 50, 0.5 × 50, 0.1 × 100, 0.11 × 100; unknown: the dearest error there is
    assert routed["risk_usd"].tolist() == pytest.approx([10, 10.5, 25, 10, 11, 100])
    assert routed.index.tolist() == list("abcdef")


def test_a_dearer_review_never_sends_more_homes() -> None:
    probability = pd.Series(np.linspace(0, 1, 401))
    sent = [(~route(probability, ReviewCosts(120, 80, price))["accepted"]).sum() for price in range(0, 130, 5)]
    assert sent == sorted(sent, reverse=True)
    assert sent[0] > sent[-1] == 0


def test_the_curve_by_hand() -> None:
    probability = np.array([0.95, 0.85, 0.6, 0.3, 0.02])
    is_gas = np.array([True, False, True, True, False])
    curve = cost_curve(probability, COSTS, is_gas=is_gas).set_index(["heating_fuel", "threshold"])
    gas = curve.loc["gas"]
    # all three accepted: one wrong at 50
    assert gas.loc[0.5].tolist() == [3, 0, 50.0, 0.0, 50.0]
    # 0.7: the home of 0.6 is reviewed for 10, the wrong one still accepted
    assert gas[np.isclose(gas.index, 0.7)].iloc[0].tolist() == [2, 1, 50.0, 10.0, 60.0]
    # 0.9: two reviewed, no error left
    assert gas[np.isclose(gas.index, 0.9)].iloc[0].tolist() == [1, 2, 0.0, 20.0, 20.0]
    # the last: all reviewed
    assert gas.iloc[-1].tolist() == [0, 3, 0.0, 30.0, 30.0]
    electric = curve.loc["electricity"]
    assert electric.loc[0.5].tolist() == [2, 0, 100.0, 0.0, 100.0]  # the home of 0.3 heats with gas
    assert electric.iloc[-1].tolist() == [0, 2, 0.0, 20.0, 20.0]
    best = cheapest(curve.reset_index())
    assert best.gas == pytest.approx(0.855)  # first threshold above 0.85
    assert best.electricity == pytest.approx(0.705)


def test_expected_and_measured_curves_agree_for_calibrated_probabilities() -> None:
    rng = np.random.default_rng(0)
    probability = rng.uniform(size=200_000)
    is_gas = rng.uniform(size=200_000) < probability
    expected, measured = cost_curve(probability, COSTS), cost_curve(probability, COSTS, is_gas=is_gas)
    assert measured["total_usd"].to_numpy() == pytest.approx(expected["total_usd"].to_numpy(), rel=0.02)
    chosen, found = choose_thresholds(COSTS), cheapest(measured)
    assert found.gas == pytest.approx(chosen.gas, abs=0.03)
    assert found.electricity == pytest.approx(chosen.electricity, abs=0.03)


def test_the_rule_costs_less_than_all_or_nothing() -> None:
    rng = np.random.default_rng(1)
    probability = pd.Series(rng.beta(0.4, 0.4, size=20_000))
    is_gas = rng.uniform(size=20_000) < probability.to_numpy()
    routed = route(probability, COSTS)
    ours = total_cost(routed, is_gas, COSTS)
    assert ours < total_cost(routed.assign(accepted=True), is_gas, COSTS)
    assert ours < total_cost(routed.assign(accepted=False), is_gas, COSTS) == 200_000


def test_total_cost_by_hand() -> None:
    routed = pd.DataFrame({"heating_fuel": ["gas", "electricity", "gas"], "accepted": [True, True, False]})
    # an electric home called gas 50, a gas home called electric 100, a review 10
    assert total_cost(routed, np.array([False, True, False]), COSTS) == 160.0


def test_findings_by_hand() -> None:
    # thresholds 0.8 and 0.9: 0.95, 0.85 and 0.02 are accepted, one of them wrong; 0.6 and 0.3 are reviewed
    probability = np.array([0.95, 0.85, 0.6, 0.3, 0.02, np.nan])
    is_gas = np.array([True, False, True, True, False, True])
    found = measure_routing(probability, is_gas, COSTS)
    assert (found.n_homes, found.n_sent, found.n_wrong_accepted) == (5, 2, 1)
    assert found.total_usd == 50 + 2 * 10
    assert found.accept_all_usd == 50 + 100  # the home of 0.3 as well
    assert found.review_all_usd == 50
    assert found.measured_best_usd == 20 + 10  # gas from 0.855 on, electricity from 0.705 on


def test_the_cost_chart_is_drawn_wide_and_narrow() -> None:
    rng = np.random.default_rng(0)
    probability = rng.uniform(size=500)
    plot = cost_plot(
        measure_routing(probability, rng.uniform(size=500) < probability, COSTS), "A review pays for itself"
    )
    for width_in in (WIDE_IN, NARROW_IN):
        svg = plot.svg(width_in)
        assert svg == plot.svg(width_in)
        for words in ("A review pays", "cost per home, USD", "answered gas", "review every home"):
            assert words in svg


def test_the_cost_chart_of_homes_answered_with_one_fuel() -> None:
    found = measure_routing(np.array([0.9, 0.7]), np.array([True, True]), COSTS)
    assert "answered electricity" in cost_plot(found, "One fuel").svg()


def test_no_home_with_a_probability() -> None:
    with pytest.raises(NotEnoughDataError, match="heating run"):
        cost_curve(np.array([np.nan]), COSTS)


def test_share_sent_by_group_by_hand() -> None:
    accepted = pd.Series([True] * 6 + [False] * 4 + [False], index=[f"h{i}" for i in range(11)])
    groups = pd.DataFrame(
        {"tenure": ["owner"] * 5 + ["renter"] * 5 + [None], "race": ["asian"] * 2 + [None] * 9}, index=accepted.index
    )
    told = share_sent_by_group(accepted, groups, min_homes=3).set_index(["trait", "group"])
    owner, renter, small = told.loc[("tenure", "owner")], told.loc[("tenure", "renter")], told.loc[("race", "asian")]
    assert (owner["n_homes"], owner["share_sent"]) == (5, 0.0)
    assert (renter["n_homes"], renter["share_sent"]) == (5, 0.8)
    assert renter["difference"] == pytest.approx(0.4)  # 4 of the 10 homes with a tenure were sent
    # Wilson, 4 of 5: published tables give 0.3755 to 0.9638
    assert (renter["low"], renter["high"]) == pytest.approx((0.3755, 0.9638), abs=1e-4)
    assert small["n_homes"] == 2
    assert np.isnan(small[["share_sent", "low", "high", "difference"]].astype(float)).all()


def test_groups_of_no_routed_home_cannot_be_judged() -> None:
    with pytest.raises(NotEnoughDataError, match="cannot be told"):
        share_sent_by_group(
            pd.Series([True], index=["a"]), pd.DataFrame({"tenure": ["owner"]}, index=["b"]), min_homes=1
        )


def test_costs_are_written_and_read_back(tmp_path) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(COSTS.to_toml(), encoding="utf-8")
    assert read_costs(path) == COSTS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("review_usd = 8", "gas_called_electric_usd, electric_called_gas_usd is missing"),
        (COSTS.to_toml() + "reveiw_usd = 3", "unknown reveiw_usd"),
        (COSTS.to_toml().replace("10.0", "-1"), "review_usd is -1; it must be an amount"),
        (COSTS.to_toml().replace("10.0", "'ten'"), "review_usd is 'ten'"),
        (COSTS.to_toml().replace("10.0", "nan"), "review_usd is nan"),
        (COSTS.to_toml().replace("10.0", "true"), "review_usd is True"),
        ("review_usd: 8", "is no TOML"),
    ],
)
def test_costs_that_are_not_costs(tmp_path, text: str, words: str) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=words) as caught:
        read_costs(path)
    assert str(path) in str(caught.value)


def test_a_workspace_without_the_file_has_the_usual_costs(tmp_path) -> None:
    assert costs_of(tmp_path) == ReviewCosts()
    (tmp_path / COSTS_FILE).write_text(COSTS.to_toml(), encoding="utf-8")
    assert costs_of(tmp_path) == COSTS


def test_costs_that_are_not_there(tmp_path) -> None:
    with pytest.raises(SourceError, match="heating review costs"):
        read_costs(tmp_path / "none.toml")


def test_each_home_costs_its_wrong_answer_its_review_or_nothing() -> None:
    routed = route(pd.Series([0.9, 0.9, 0.6, 0.05, 0.05, np.nan]), COSTS)
    is_gas = np.array([True, False, True, True, False, True])
    # right, electric called gas, for people, gas called electric, right, for people
    assert home_costs(routed, is_gas, COSTS).tolist() == [0, 50, 10, 100, 0, 10]
    assert total_cost(routed, is_gas, COSTS) == 170
