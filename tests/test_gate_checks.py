"""The gate's parts, each with figures worked out by hand and a fault planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.model.fuel import sigmoid
from case_heating.release import gate_checks
from case_heating.release.gate_checks import auc_alone, check_reasons_given, check_too_good, node_visits
from case_heating.release.gate_limits import GateLimits
from case_heating.release.gate_rivalry import (
    Scored,
    calibration_line,
    check_calibration,
    check_naive,
    check_right,
    check_slices,
    check_surprise,
    slice_table,
    slices_of,
)

LIMITS = GateLimits()
DRAWN = {"rounds": 400, "seed": 0}


def scored(is_gas, candidate, rival, **slices):
    frame = pd.DataFrame(slices) if slices else pd.DataFrame(index=range(len(is_gas)))
    return Scored(np.asarray(is_gas), np.asarray(candidate), np.asarray(rival), "the champion", frame)


def answers(n, wrong):
    """Alternating gas and electric homes, and answers of 0.9 sureness that are wrong for the homes given."""
    is_gas = np.arange(n) % 2 == 0
    right = np.where(is_gas, 0.9, 0.1)
    return is_gas, np.where(np.isin(np.arange(n), wrong), 1 - right, right)


def test_the_difference_is_paired_and_its_bound_is_that_of_the_pairs():
    is_gas, good = answers(1000, wrong=range(100))
    _, worse = answers(1000, wrong=range(120))
    found = check_right(scored(is_gas, worse, good), LIMITS, margin=0.03, **DRAWN)
    # 20 of 1,000 pairs differ: standard error sqrt(0.02 * 0.98 / 1000) = 0.0044, one-sided bound 1.645 times that.
    assert found.figure == pytest.approx(-0.02 - 1.645 * 0.00443, abs=0.001)
    assert found.passed
    assert check_right(scored(is_gas, worse, good), LIMITS, margin=0.02, **DRAWN).passed is False
    assert "-2.0 of 100 homes right against the champion on the same 1,000 homes" in found.words


def test_surprise_is_the_log_loss_of_the_truth():
    is_gas, same = answers(400, wrong=[])
    surer = np.where(is_gas, 0.99, 0.01)
    found = check_surprise(scored(is_gas, surer, same), LIMITS, margin=0.03, **DRAWN)
    assert found.figure == pytest.approx(np.log(0.99) - np.log(0.9), abs=1e-9)  # no pair differs from any other
    assert check_surprise(scored(is_gas, same, surer), LIMITS, margin=0.03, **DRAWN).passed is False


def test_as_good_as_the_neighbours_is_not_better_than_naive():
    is_gas, some = answers(400, wrong=range(80))
    _, others = answers(400, wrong=range(200, 280))
    assert check_naive(scored(is_gas, some, others), LIMITS, **DRAWN).passed is False
    assert check_naive(scored(is_gas, some, some), LIMITS, **DRAWN).passed is False
    _, fewer = answers(400, wrong=range(20))
    assert check_naive(scored(is_gas, fewer, some), LIMITS, **DRAWN).passed


def test_one_bad_slice_is_named_and_small_ones_are_not_judged():
    place = np.array(["a"] * 400 + ["b"] * 200 + ["c"] * 40)
    is_gas, rival = answers(640, wrong=range(0, 100))
    _, candidate = answers(640, wrong=[*range(400, 440), *range(600, 640)])
    both = scored(is_gas, candidate, rival, place=place)
    assert check_right(both, LIMITS, margin=0.03, **DRAWN).passed
    table = slice_table(both, LIMITS, **DRAWN).set_index("slice")
    assert table["n_homes"].to_dict() == {"place a": 400, "place b": 200}
    assert table.loc["place a", "gain"] == 0.25
    assert table.loc["place b", "gain"] == -0.2
    found = check_slices(both, LIMITS, **DRAWN)
    assert found.passed is False
    assert "worse than the champion in 1 of 2 slices: place b (200 homes): -20.0 of 100" in found.words


def test_equal_answers_harm_no_slice_and_without_slices_nothing_is_said():
    is_gas, same = answers(300, wrong=range(50))
    assert check_slices(scored(is_gas, same, same, place=["a"] * 300), LIMITS, **DRAWN).passed
    assert check_slices(scored(is_gas, same, same), LIMITS, **DRAWN).passed is None


def test_slices_are_cut_by_region_place_dwelling_and_who_saw_it():
    homes = pd.DataFrame({"district": ["x", "y", None], "dwelling_type": ["mobile_home"] * 3}, index=["1", "2", "3"])
    found = slices_of(homes, pd.Series(["survey"] * 3, index=homes.index))
    assert list(found) == ["region", "district", "dwelling_type", "label source"]
    assert found["district"].tolist()[:2] == ["x", "y"]
    assert found["district"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, 0.0), (1.0, 0.8)])
def test_the_calibration_line_finds_what_was_planted(slope, intercept):
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1.5, 20_000)
    is_gas = rng.random(20_000) < sigmoid(slope * logit + intercept)
    line = calibration_line(is_gas, sigmoid(logit))
    assert line.slope == pytest.approx(slope, abs=3 * line.slope_se)
    assert 0.01 < line.slope_se < 0.03
    assert line.gap == pytest.approx(float(np.mean(sigmoid(logit) - is_gas)))
    assert (line.off(LIMITS) > 0) == ((slope, intercept) != (1.0, 0.0))


def test_a_miss_that_the_rival_shares_is_told_and_refuses_nothing():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1.5, 4000)
    is_gas = rng.random(4000) < sigmoid(logit)
    off, farther = sigmoid(logit + 1.0), sigmoid(logit + 1.2)
    assert check_calibration(scored(is_gas, off, farther), LIMITS).passed is None
    assert check_calibration(scored(is_gas, farther, off), LIMITS).passed is False
    assert check_calibration(scored(is_gas, sigmoid(logit), off), LIMITS).passed


def test_a_slope_beyond_its_limit_by_chance_is_said_to_be():
    """Forty homes, all but two as said, at 0.75: whichever way the slope comes out, its interval is wide."""
    logit = np.repeat([1.1, -1.1], 20)
    is_gas = np.r_[np.repeat([True, False], [19, 1]), np.repeat([True, False], [1, 19])]
    line = calibration_line(is_gas, sigmoid(logit))
    assert line.slope == pytest.approx(np.log(19) / 1.1, abs=0.01)  # 19 to 1 came true where 3 to 1 was said
    check = check_calibration(scored(is_gas, sigmoid(logit), sigmoid(logit)), LIMITS)
    assert check.passed
    assert check.words.startswith("it says 0.0 of 100 ")
    assert check.words.endswith("It lies beyond a limit by no more than chance may explain, which refuses nothing")
    many = np.tile(logit, 50), np.tile(is_gas, 50)
    assert check_calibration(scored(many[1], sigmoid(many[0]), sigmoid(many[0] * 2.7)), LIMITS).passed is False
    rng = np.random.default_rng(0)
    fair = rng.normal(0, 1.5, 4000)
    right = check_calibration(scored(rng.random(4000) < sigmoid(fair), sigmoid(fair), sigmoid(fair)), LIMITS)
    assert "beyond a limit" not in right.words


def test_one_feature_alone():
    is_gas = np.array([True, False] * 50)
    number = pd.Series(np.arange(100.0), name="kwh_year")
    assert auc_alone(pd.Series(np.where(is_gas, 0.0, 1.0), name="kwh_year"), is_gas) == 1.0
    assert auc_alone(number, is_gas) == pytest.approx(0.5, abs=0.02)
    # That a fact is missing may give the answer away as well.
    assert auc_alone(number.mask(pd.Series(is_gas)), is_gas) == 1.0
    assert auc_alone(pd.Series([np.nan] * 100, name="kwh_year"), is_gas) == 0.5
    # A hundred districts of one home each know nothing of the other half of the homes.
    assert auc_alone(pd.Series([f"d{n}" for n in range(100)], name="district"), is_gas) == 0.5
    in_runs = np.repeat([True, False], 50)
    assert auc_alone(pd.Series(np.where(in_runs, "a", None), name="district"), in_runs) == 1.0


def test_far_better_than_on_its_own_homes_is_not_believed(plant_rows, train_planted):
    trained = train_planted(plant_rows(400, seed=1, day="2024-06-30"))
    is_gas, perfect = answers(400, wrong=[])
    assert check_too_good(is_gas, perfect, trained, LIMITS).passed is False
    promised = trained.held_out.model["accuracy"].value
    _, as_promised = answers(400, wrong=range(round(400 * (1 - promised))))
    assert check_too_good(is_gas, as_promised, trained, LIMITS).passed


@pytest.mark.parametrize("fault", ["first_moves", "top_beats_others", "same_without_unused", None])
def test_reasons_that_are_not_the_real_ones_are_refused(fault, plant_rows, train_planted, monkeypatch):
    trained = train_planted(plant_rows(400, seed=1, day="2024-06-30"))
    judged = plant_rows(120, seed=2, day="2024-12-31", prefix="g")
    honest = gate_checks.check_reasons

    def faulty(explainer, held_out, known, *, seed):
        found = honest(explainer, held_out, known, seed=seed)
        half = {"drawn": 0.5} if fault != "same_without_unused" else 0.5
        return replace(found, **({fault: half} if fault else {}))

    monkeypatch.setattr(gate_checks, "check_reasons", faulty)
    found = check_reasons_given(trained, judged, LIMITS, seed=0)
    assert found.passed is (fault is None)
    assert ("50 of 100" in found.words) is (fault is not None)


def test_visits_are_counted_by_the_homes_that_make_them(plant_rows, train_planted):
    model = train_planted(plant_rows(400, seed=1, day="2024-06-30")).model
    visits = node_visits(model)
    assert model.booster.num_trees() < visits < model.booster.num_trees() * 14  # 15 leaves have 14 splits


@pytest.mark.parametrize(
    ("limits", "told"),
    [({"max_accuracy_loss": 0.0}, "above 0"), ({"slope": (1.1, 1.4)}, "hold 1"), ({"confidence": 0.4}, "0.5 and 1")],
)
def test_limits_that_make_no_sense_are_refused(limits, told):
    with pytest.raises(ValueError, match=told):
        GateLimits(**limits)
