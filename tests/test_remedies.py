"""Remedies on homes where we planted the gap: their price, what they need, and which one is taken."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.model.fairness import FairnessLimits
from case_heating.model.mitigation import answer_by_group, reweighing
from case_heating.model.remedies import AS_IT_IS, Focus, choose_remedy, compare_remedies
from case_heating.model.split import by_home
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=2, bootstrap_rounds=60, threads=1)
LIMITS = FairnessLimits(min_homes_judged=100)
FOCUS = Focus("race", "black")


def planted(n=1200, seed=0):
    """Of black householders' homes a third heat with gas, of the others two thirds; the climate tells the two apart."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    black = rng.random(n) < 0.35
    is_gas = rng.random(n) < np.where(black, 0.33, 0.67)
    features = pd.DataFrame(
        {
            "climate": pd.Series(np.where(black, "hot_humid", "cold"), index=index, dtype="str"),
            "kwh_year": np.where(is_gas, 7000, 11_000) + rng.normal(0, 3000, n),
        },
        index=index,
    )
    logit = (9000 - features["kwh_year"].to_numpy()) / 2250 + np.where(black, -0.7, 0.7)
    group = pd.Series(np.where(black, "black", "white"), index=index, dtype="str")
    return features, is_gas, 1 / (1 + np.exp(-logit)), group


@pytest.fixture(scope="module")
def remedies():
    features, is_gas, probability, group = planted()
    return compare_remedies(
        features, is_gas, probability, group, FOCUS, {"place": 0.5}, limits=LIMITS, settings=SETTINGS, n_trees=30
    )


def test_the_model_as_it_is_costs_nothing_and_its_figures_are_by_hand(remedies):
    _, is_gas, probability, group = planted()
    now = remedies.loc[AS_IT_IS]
    black = (group == "black").to_numpy(dtype=bool)
    missed = probability < 0.5
    assert now["price"] == now["price_low"] == now["price_high"] == 0
    assert now["accuracy"] == pytest.approx(np.mean(~missed == is_gas))
    assert now["gap"] == pytest.approx(missed[is_gas & black].mean() - missed[is_gas & ~black].mean())
    assert now["other_gap"] == pytest.approx((~missed)[~is_gas & black].mean() - (~missed)[~is_gas & ~black].mean())


def test_each_remedy_makes_the_planted_gap_smaller(remedies):
    now = remedies.loc[AS_IT_IS, "gap"]
    assert now > 0.2
    for name in ("without place", "reweighing", "the small learner, constrained", "a threshold per group"):
        assert remedies.loc[name, "gap"] < now / 2, name
    assert remedies.loc["gas from 0.3 on", "gap"] < now
    assert remedies.loc["a small learner", "gap"] > now / 2


def test_prices_are_accuracy_lost_on_the_same_homes(remedies):
    for _, row in remedies.iterrows():
        assert row["price"] == pytest.approx(remedies.loc[AS_IT_IS, "accuracy"] - row["accuracy"])
        assert row["price_low"] <= row["price"] <= row["price_high"]


def test_what_each_remedy_needs_is_said(remedies):
    assert remedies.loc["a threshold per group", "needs_trait"] == "for every answer"
    assert remedies.loc["reweighing", "needs_trait"] == "to train"
    assert remedies.loc["without place", "needs_trait"] == "never"
    assert remedies.loc[remedies["by_lot"].astype(bool)].index.tolist() == [
        "the small learner, constrained",
        "a threshold per group",
    ]


def test_reweighing_makes_trait_and_fuel_independent():
    rng = np.random.default_rng(0)
    side = rng.choice(np.array(["a", "b"], dtype=object), 500)
    is_gas = rng.random(500) < np.where(side == "a", 0.2, 0.8)
    weight = reweighing(is_gas, side)
    shares = [np.average(is_gas[side == name], weights=weight[side == name]) for name in ("a", "b")]
    assert shares == pytest.approx([is_gas.mean()] * 2)


def test_thresholds_are_learned_on_other_homes_than_they_are_used_on():
    _, is_gas, probability, group = planted()
    side = group.to_numpy(dtype=object)
    splits = by_home(is_gas, folds=2, seed=0)
    first = answer_by_group(probability, is_gas, side, splits)
    turned = is_gas.copy()
    turned[splits[0][1]] = ~turned[splits[0][1]]
    again = answer_by_group(probability, turned, side, splits)
    own = splits[0][1]
    assert first[own] == pytest.approx(again[own])  # the answers of a fold do not hang on its own labels


def table(**rows):
    columns = ("accuracy", "price", "gap", "other_gap", "needs_trait", "by_lot")
    return pd.DataFrame.from_dict(
        {k: dict(zip(columns, v, strict=True)) for k, v in rows.items()}, orient="index"
    ).rename(index={"now": AS_IT_IS})


def test_the_cheapest_remedy_within_the_limits_is_taken():
    decision = choose_remedy(
        table(
            now=(0.83, 0.0, 0.14, 0.0, "never", False),
            dear=(0.815, 0.015, 0.01, 0.0, "never", False),
            cheap=(0.825, 0.005, 0.04, 0.0, "to train", False),
            swaps=(0.829, 0.001, 0.01, 0.09, "never", False),
        ),
        FOCUS,
        FairnessLimits(),
    )
    assert decision.remedy == "cheap"
    assert "falls from 14.0 points to 4.0 points; it costs 0.5 points" in decision.reasons[0]


def test_a_remedy_by_lot_or_that_needs_the_trait_for_every_answer_is_not_taken():
    decision = choose_remedy(
        table(
            now=(0.83, 0.0, 0.14, 0.0, "never", False),
            lot=(0.83, 0.0, 0.01, 0.0, "to train", True),
            asks=(0.83, 0.0, 0.01, 0.0, "for every answer", False),
            half=(0.825, 0.005, 0.08, 0.0, "never", False),
        ),
        FOCUS,
        FairnessLimits(),
    )
    assert decision.remedy == AS_IT_IS
    assert "no remedy that a utility can use" in decision.reasons[0]
    assert decision.reasons[2].startswith("of what is affordable, half makes the gap smallest: 8.0 points")


def test_a_remedy_that_costs_too_much_is_told_and_not_taken():
    decision = choose_remedy(
        table(now=(0.83, 0.0, 0.14, 0.0, "never", False), dear=(0.76, 0.07, 0.01, 0.0, "never", False)),
        FOCUS,
        FairnessLimits(),
    )
    assert decision.remedy == AS_IT_IS
    assert "dear, costs 7.0 points of accuracy; 2.0 points are allowed" in decision.reasons[0]


def test_no_remedy_is_needed_within_the_limit():
    decision = choose_remedy(table(now=(0.83, 0.0, 0.04, 0.03, "never", False)), FOCUS, FairnessLimits())
    assert decision.remedy == AS_IT_IS
    assert "within the limit without a remedy" in decision.reasons[0]


def test_groups_of_one_fuel_or_of_three_homes_do_not_stop_the_remedies():
    features, is_gas, probability, group = planted(600)
    group = group.copy()
    group.iloc[:3] = "asian"
    found = compare_remedies(
        features, is_gas, probability, group, FOCUS, {}, limits=LIMITS, settings=SETTINGS, n_trees=10
    )
    assert "a threshold per group" in found.index
    black = (group == "black").to_numpy(dtype=bool)
    one_fuel = is_gas | black  # nearly no electric home of black householders' is left to learn from
    found = compare_remedies(
        features, one_fuel, probability, group, FOCUS, {}, limits=LIMITS, settings=SETTINGS, n_trees=10
    )
    assert list(found.index) == [AS_IT_IS, "gas from 0.4 on", "gas from 0.3 on"]
