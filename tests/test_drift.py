"""Drift of one feature or fifty: figures worked out by hand, planted shifts found, and no cry at chance."""

import numpy as np
import pandas as pd
import pytest

from case_heating.watch.drift import (
    SMALLEST_SHARE,
    DriftLimits,
    compare_features,
    kind_of,
    population_stability_index,
    share_psi,
    two_sample_test,
)

HALF_TO_QUARTER = 0.25 * np.log(2) + 0.25 * np.log(1.5)  # half and half then, a quarter and three quarters now


def homes(values, *, first=0):
    return pd.Series(values, index=[f"h{number}" for number in range(first, first + len(values))])


def normal(n, *, seed, shift=0.0, columns=1):
    drawn = np.random.default_rng(seed).normal(shift, 1.0, (n, columns))
    names = [f"feature_{number}" for number in range(columns)]
    return pd.DataFrame(drawn, columns=names, index=[f"h{seed}_{number}" for number in range(n)])


def test_psi_of_numbers_by_hand():
    then = pd.Series(range(10), dtype=float)  # two bins: up to the median 4.5, above it
    now = pd.Series([0.0, 9.0, 9.0, 9.0])
    assert population_stability_index(then, now, bins=2) == pytest.approx(HALF_TO_QUARTER, rel=1e-3)


def test_psi_of_categories_by_hand():
    then, now = pd.Series(["a", "b"] * 10), pd.Series(["a", "b", "b", "b"])
    assert population_stability_index(then, now) == pytest.approx(HALF_TO_QUARTER)


def test_missing_values_are_a_bin_of_their_own():
    then = pd.Series([1.0, np.nan] * 10)
    now = pd.Series([1.0, np.nan, np.nan, np.nan])
    assert population_stability_index(then, now) == pytest.approx(HALF_TO_QUARTER)


def test_a_bin_that_was_empty_counts_as_next_to_none():
    then, now = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    by_hand = -0.5 * np.log(0.5) + (0.5 - SMALLEST_SHARE) * np.log(0.5 / SMALLEST_SHARE)
    assert share_psi(then, now) == pytest.approx(by_hand)


def test_psi_is_nought_of_the_same_and_the_same_both_ways_of_shares():
    values = pd.Series(np.random.default_rng(0).normal(size=500))
    assert population_stability_index(values, values.sample(frac=1, random_state=1)) == pytest.approx(0)
    then, now = np.array([0.2, 0.8]), np.array([0.6, 0.4])
    assert share_psi(then, now) == pytest.approx(share_psi(now, then))


def test_psi_of_nobody_is_unknown():
    assert np.isnan(population_stability_index(pd.Series([1.0]), pd.Series([], dtype=float)))


def test_the_two_sample_test_knows_no_from_a_little_and_a_lot():
    then = normal(1000, seed=1)["feature_0"]
    assert two_sample_test(then, normal(1000, seed=2)["feature_0"]) > 0.01
    assert two_sample_test(then, normal(1000, seed=3, shift=0.5)["feature_0"]) < 1e-6
    assert two_sample_test(pd.Series(["a"] * 50 + ["b"] * 50), pd.Series(["a"] * 80 + ["b"] * 20)) < 1e-3
    assert two_sample_test(pd.Series(["a"]), pd.Series(["a"])) == 1.0
    assert two_sample_test(then, pd.Series([np.nan] * 9)) == 1.0


def test_a_planted_shift_is_found_and_nothing_else():
    then, now = normal(2000, seed=4, columns=30), normal(2000, seed=5, columns=30)
    now["feature_7"] += 0.7
    drifted = compare_features(then, now)["drifted"]
    assert drifted.index[drifted].tolist() == ["feature_7"]


def test_far_more_tests_do_not_bring_false_alarms():
    """Of 300 features that did not move, 15 fall below p = 0.05; Benjamini and Hochberg's correction leaves none."""
    table = compare_features(normal(500, seed=6, columns=300), normal(500, seed=7, columns=300), DriftLimits(psi=0.0))
    assert (table["p_value"] < 0.05).sum() > 5
    assert not table["drifted"].any()


def test_a_significant_trifle_is_no_drift():
    """With 20,000 homes a twentieth of a standard deviation is beyond chance, and no reason for anything."""
    then, now = normal(20_000, seed=8), normal(20_000, seed=9, shift=0.06)
    row = compare_features(then, now).iloc[0]
    assert row["p_adjusted"] < 0.01
    assert row["psi"] < 0.02
    assert not row["drifted"]


def test_a_large_move_of_few_homes_may_be_chance():
    then, now = (
        pd.DataFrame({"feature": homes([1.0, 2.0, 3.0, 4.0])}),
        pd.DataFrame({"feature": homes([4.0, 4.0, 3.0])}),
    )
    row = compare_features(then, now).iloc[0]
    assert row["psi"] > 0.25
    assert not row["drifted"]


def test_lost_counts_only_homes_that_had_the_fact_and_are_still_there():
    then = pd.DataFrame({"rooms": homes([4.0, 5.0, np.nan, 6.0])})  # h0 to h3
    now = pd.DataFrame({"rooms": homes([np.nan, 5.0, np.nan, np.nan], first=0)}).drop("h3")
    now.loc["h9"] = np.nan  # a new home never had it
    assert compare_features(then, now).loc["rooms", "lost"] == 0.5  # h0 lost it, h1 kept it


def test_what_surrounds_a_home_is_told_apart_from_the_home():
    kinds = {
        name: kind_of(name) for name in ("cdd_year", "published_gas_share", "kwh_per_hdd", "district", "hdd_normal")
    }
    assert kinds == {
        "cdd_year": "weather",
        "published_gas_share": "prices",
        "kwh_per_hdd": "home",
        "district": "home",
        "hdd_normal": "home",
    }
