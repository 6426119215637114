"""Figures against scikit-learn and by hand; intervals; comparisons; the two curves."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from case_heating.errors import NotEnoughDataError
from case_heating.model.quality import METRICS, Figure, answered_curve, calibration_curve, compare, judge

# Four gas homes and four electric ones. Seven of the eight are answered right; 0.7 occurs in both fuels.
TRUTH = np.array([True, True, True, True, False, False, False, False])
SAID = np.array([0.9, 0.8, 0.7, 0.5, 0.7, 0.4, 0.2, 0.1])


def noisy(n, seed=0):
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n) < 0.4
    return is_gas, np.clip(0.3 + 0.4 * is_gas + rng.normal(0, 0.2, n), 0.01, 0.99)


def test_figures_of_eight_homes_by_hand():
    quality = judge(TRUTH, SAID, rounds=10)
    assert quality.n_homes == 8
    assert quality["accuracy"].value == 7 / 8  # 0.5 is an answer of gas
    assert quality["recall_gas"].value == 1.0
    assert quality["recall_electricity"].value == 3 / 4
    # pairs won: 0.9 and 0.8 four each, 0.7 three and a half, 0.5 three
    assert quality["auc"].value == pytest.approx(14.5 / 16)
    # thresholds 0.9, 0.8, 0.7 (both), 0.5: precision 1, 1, 3/4, 4/5 for a quarter of the gas homes each
    assert quality["pr_auc"].value == pytest.approx((1 + 1 + 3 / 4 + 4 / 5) / 4)
    squares = [0.01, 0.04, 0.09, 0.25, 0.49, 0.16, 0.04, 0.01]
    assert quality["brier"].value == pytest.approx(sum(squares) / 8)
    assert quality["log_loss"].value == pytest.approx(-np.log([0.9, 0.8, 0.7, 0.5, 0.3, 0.6, 0.8, 0.9]).mean())
    assert set(quality.figures) == set(METRICS)


WEIGHTS = st.sampled_from([0.25, 1.0, 3.0, 1000.0])
HOMES = st.lists(st.tuples(st.booleans(), st.integers(1, 19), WEIGHTS), min_size=2, max_size=60)


@given(HOMES, st.booleans())
@settings(max_examples=30, deadline=None)
def test_figures_are_those_of_scikit_learn_with_ties_and_weights(homes, weighted):
    truth, twentieths, weight = (np.array(values) for values in zip(*homes, strict=True))
    assume(truth.any() and not truth.all())
    said = twentieths / 20
    quality = judge(truth, said, weight=weight if weighted else None, rounds=0)
    known = {"y_true": truth, "sample_weight": weight if weighted else None}
    answer = said >= 0.5
    expected = {
        "accuracy": metrics.accuracy_score(y_pred=answer, **known),
        "auc": metrics.roc_auc_score(y_score=said, **known),
        "pr_auc": metrics.average_precision_score(y_score=said, **known),
        "recall_gas": metrics.recall_score(y_pred=answer, **known),
        "recall_electricity": metrics.recall_score(y_pred=answer, pos_label=False, **known),
        "brier": metrics.brier_score_loss(y_proba=said, **known),
        "log_loss": metrics.log_loss(y_proba=said, **known),
    }
    assert {name: figure.value for name, figure in quality.figures.items()} == pytest.approx(expected)


def test_a_certain_wrong_answer_costs_much_and_not_endlessly():
    quality = judge(np.array([True, False]), np.array([0.0, 0.5]), rounds=0)
    assert quality["log_loss"].value == pytest.approx((-np.log(1e-15) - np.log(0.5)) / 2)


def test_intervals_contain_their_value_and_shrink_with_more_homes():
    few, many = (judge(*noisy(n), rounds=200, seed=1) for n in (100, 2500))
    for quality in (few, many):
        for figure in quality.figures.values():
            assert figure.low <= figure.value <= figure.high
    for name in METRICS:
        widths = [quality[name].high - quality[name].low for quality in (few, many)]
        assert widths[1] == pytest.approx(widths[0] / 5, rel=0.4)  # 25 times the homes, a fifth of the width


def test_the_interval_of_accuracy_is_the_binomial_one():
    is_gas, said = noisy(2000)
    figure = judge(is_gas, said, rounds=1000)["accuracy"]
    half_width = 1.96 * np.sqrt(figure.value * (1 - figure.value) / 2000)
    assert figure.high - figure.value == pytest.approx(half_width, rel=0.15)
    assert figure.value - figure.low == pytest.approx(half_width, rel=0.15)


def test_the_same_seed_draws_the_same_homes_however_they_are_cut_into_chunks(monkeypatch):
    is_gas, said = noisy(200)
    whole = judge(is_gas, said, rounds=50, seed=3)
    monkeypatch.setattr("case_heating.model.quality._MAX_DRAWN", 200 * 7)
    assert judge(is_gas, said, rounds=50, seed=3).figures == pytest.approx(whole.figures)
    assert judge(is_gas, said, rounds=50, seed=4).figures != whole.figures


def test_homes_that_stand_for_none_widen_no_interval():
    is_gas = np.arange(60) % 2 == 0
    said = np.where(is_gas, 0.8, 0.2)
    said[40:] = 1 - said[40:]  # all wrong, and of no weight
    quality = judge(is_gas, said, weight=np.where(np.arange(60) < 40, 2.0, 0.0), rounds=50)
    assert quality["accuracy"] == Figure(1.0, 1.0, 1.0)
    assert quality["brier"].high == pytest.approx(0.04)


def test_a_difference_is_above_zero_when_its_whole_interval_is():
    assert Figure(0.1, 0.01, 0.2).is_above_zero
    assert not Figure(0.1, 0.0, 0.2).is_above_zero
    assert not Figure(0.1, -0.05, 0.2).is_above_zero


def test_without_draws_the_interval_is_the_value():
    assert judge(TRUTH, SAID, rounds=0)["accuracy"] == Figure(7 / 8, 7 / 8, 7 / 8)


def test_homes_without_an_answer_are_left_out():
    said = np.append(SAID, np.nan)
    quality = judge(np.append(TRUTH, True), said, weight=np.ones(9), rounds=5)
    assert quality.n_homes == 8
    assert quality["accuracy"].value == 7 / 8


def test_a_model_compared_with_itself_gains_exactly_nothing():
    is_gas, said = noisy(300)
    comparison = compare(is_gas, said, said.copy(), weight=np.arange(1.0, 301.0), rounds=50)
    assert all(gain == Figure(0.0, 0.0, 0.0) for gain in comparison.gain.values())
    assert comparison.model == comparison.rival


def test_a_comparison_is_made_on_the_same_homes_and_draws():
    is_gas, said = noisy(400)
    rival = np.full(400, 0.4)
    rival[0] = np.nan
    comparison = compare(is_gas, said, rival, rounds=100, seed=2)
    assert comparison.model.n_homes == comparison.rival.n_homes == 399
    assert comparison.model == judge(is_gas[1:], said[1:], rounds=100, seed=2)
    for name, gain in comparison.gain.items():
        assert gain.value == comparison.model[name].value - comparison.rival[name].value
    assert comparison.gain["accuracy"].is_above_zero
    assert not comparison.gain["brier"].is_above_zero  # less is better


def test_pairs_tell_a_small_steady_gain_that_separate_intervals_would_miss():
    is_gas, said = noisy(400)
    worse = said.copy()
    right = np.flatnonzero((said >= 0.5) == is_gas)[:16]
    worse[right] = 1 - worse[right]
    comparison = compare(is_gas, said, worse, rounds=300)
    assert comparison.gain["accuracy"].value == pytest.approx(16 / 400)
    assert comparison.gain["accuracy"].is_above_zero
    assert comparison.rival["accuracy"].high > comparison.model["accuracy"].low


@pytest.mark.parametrize("fuel", [True, False])
def test_homes_of_one_fuel_cannot_judge(fuel):
    n_gas, n_electric = (3, 0) if fuel else (0, 3)
    with pytest.raises(NotEnoughDataError, match=f"of 3 homes .* {n_gas} heat with gas and {n_electric} with electr"):
        judge(np.full(3, fuel), np.array([0.2, 0.4, 0.6]))


def test_homes_whose_only_electric_one_has_no_answer_cannot_judge():
    with pytest.raises(NotEnoughDataError):
        judge(np.array([True, True, False]), np.array([0.9, 0.8, np.nan]))


def test_the_calibration_curve_by_hand():
    curve = calibration_curve(np.append(TRUTH, True), np.append(SAID, np.nan), bins=4)
    # in pairs from the least gas: 0.1 0.2 | 0.4 0.5 | 0.7 0.7 | 0.8 0.9
    assert curve["said"].tolist() == pytest.approx([0.15, 0.45, 0.7, 0.85])
    assert curve["came_true"].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert curve["n_homes"].tolist() == [2, 2, 2, 2]


def test_the_calibration_curve_of_few_homes_has_as_many_bins_as_homes():
    curve = calibration_curve(TRUTH[2:5], SAID[2:5], bins=10)
    assert curve["n_homes"].tolist() == [1, 1, 1]


def test_the_calibration_curve_spreads_equal_answers_over_its_bins():
    assert calibration_curve(np.arange(10) % 2 == 0, np.full(10, 0.5), bins=5)["n_homes"].tolist() == [2] * 5


def test_the_answered_curve_by_hand():
    curve = answered_curve(np.append(TRUTH, True), np.append(SAID, np.nan), steps=4)
    # from the surest: 0.9 and 0.1, 0.8 and 0.2, 0.7 right and 0.7 wrong, 0.4, 0.5
    assert curve["answered"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve["accuracy"].tolist() == pytest.approx([1.0, 1.0, 5 / 6, 7 / 8])
    assert curve["least_sure"].tolist() == pytest.approx([0.9, 0.8, 0.7, 0.5])


def test_the_answered_curve_of_few_homes_repeats_no_share():
    assert answered_curve(TRUTH[3:6], SAID[3:6], steps=20)["answered"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
