"""Group figures: fairlearn's values equal the ratios of sums that the draws are made of; draws and intervals."""

import numpy as np
import pandas as pd
import pytest

from case_heating.model.group_figures import (
    MEASURES,
    Answers,
    draw_sums,
    interval,
    measure_groups,
    metric_frame,
    ratio,
    spread_of_groups,
)


def drawn(n=500, seed=1):
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n) < 0.6
    probability = np.clip(0.5 * is_gas + 0.25 + rng.normal(0, 0.2, n), 0.01, 0.99)
    error = np.where(rng.random(n) < 0.1, np.nan, rng.normal(0, 300, n))
    cost = np.where(np.isnan(error), np.nan, rng.uniform(500, 3000, n))
    answers = Answers(is_gas, probability >= 0.5, probability, np.abs(probability - 0.5) < 0.2, error, cost)
    group = pd.Series(rng.choice(["a", "b", "c"], n), dtype="str").mask(rng.random(n) < 0.1)
    return answers, group


def test_fairlearn_gives_the_same_values_as_the_sums():
    answers, group = drawn()
    frame = metric_frame(answers, group)
    numerator, denominator = answers.ratio_parts
    assert tuple(frame.columns) == answers.measures == tuple(MEASURES)
    for name in ("a", "b", "c"):
        own = (group == name).to_numpy(dtype=bool, na_value=False)
        expected = numerator[own].sum(axis=0) / denominator[own].sum(axis=0)
        assert frame.loc[name].to_numpy() == pytest.approx(expected)


def test_measures_that_were_not_handed_in_are_not_taken():
    answers, _ = drawn()
    bare = Answers(answers.is_gas, answers.said_gas, answers.probability)
    assert "sent_to_people" not in bare.measures
    assert "cost_error_usd" not in bare.measures
    assert bare.ratio_parts[0].shape == (500, 5)


def test_draws_are_the_same_homes_for_every_set():
    parts = np.ones((50, 1))
    half, other = np.arange(25), np.arange(25, 50)
    sums = draw_sums(parts, [half, other, np.arange(50)], rounds=30, seed=3)
    assert sums.shape == (30, 3, 1)
    assert (sums[:, 2] == 50).all()
    assert (sums[:, 0] + sums[:, 1] == 50).all()
    assert sums[:, 0].std() > 0


def test_interval_of_draws_covers_the_true_share_nineteen_times_in_twenty():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        event = rng.random(200) < 0.3
        sums = draw_sums(np.column_stack([event, np.ones(200)]).astype(float), [np.arange(200)], rounds=200, seed=seed)
        low, high = interval(ratio(sums[:, 0, :1], sums[:, 0, 1:]))
        covered += low[0] <= 0.3 <= high[0]
    assert 180 <= covered <= 199


def test_a_ratio_over_nothing_is_missing():
    assert ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()[0] == 0.5
    assert np.isnan(ratio(np.array([0.0]), np.array([0.0]))).all()


def test_other_homes_of_a_group_are_those_whose_group_is_known():
    answers, group = drawn()
    table = measure_groups(answers, [group.rename("letter")], min_homes=30, rounds=50, seed=0)
    row = table.set_index(["group", "measure"]).loc[("a", "accuracy")]
    right = answers.said_gas == answers.is_gas
    own, rest = (group == "a").to_numpy(dtype=bool, na_value=False), group.isin(["b", "c"]).to_numpy()
    assert row["gap"] == pytest.approx(right[own].mean() - right[rest].mean())


def test_no_group_large_enough_gives_an_empty_table():
    answers, group = drawn()
    assert measure_groups(answers, [group.rename("letter")], min_homes=501, rounds=5, seed=0).empty


def test_p_values_are_even_where_groups_do_not_differ():
    rng = np.random.default_rng(5)
    small = 0
    for seed in range(100):
        is_gas = np.ones(300, dtype=bool)
        said = rng.random(300) < 0.7
        group = pd.Series(np.where(np.arange(300) < 150, "a", "b"), dtype="str", name="letter")
        answers = Answers(is_gas, said, said.astype(float))
        table = measure_groups(answers, [group], min_homes=30, rounds=100, seed=seed)
        own = table[(table["group"] == "a") & (table["measure"] == "gas_called_electric")]
        small += float(own["p_value"].iloc[0]) < 0.1
    assert 3 <= small <= 19  # ten expected


def test_spread_is_fairlearns_and_beyond_chance_only_where_groups_differ():
    is_gas = np.ones(400, dtype=bool)
    said = np.concatenate([np.arange(200) < 180, np.arange(200) < 120])
    group = pd.Series(["a"] * 200 + ["b"] * 200, dtype="str")
    spread = spread_of_groups(Answers(is_gas, said, said.astype(float)), group, rounds=200, seed=0)
    assert spread["equal_opportunity"] == pytest.approx(0.9 - 0.6)
    assert spread["demographic_parity"] == pytest.approx(0.9 - 0.6)
    assert spread["equal_opportunity_by_chance"] < 0.15 < spread["equal_opportunity_low"]
