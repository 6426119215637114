"""Scores of homes the trees had not seen: never touched by a home's own answer, nor by the number of threads."""

import numpy as np
import pandas as pd
import pytest

from case_heating.model.fuel import FuelParams, fit_calibration
from case_heating.model.held_out import HeldOut, score_held_out, tune_params
from case_heating.model.quality import judge
from case_heating.model.split import by_home

FEW = FuelParams(max_trees=20)


def planted(n=200, seed=0):
    rng = np.random.default_rng(seed)
    features = pd.DataFrame({"kwh_per_hdd": rng.uniform(0, 4, n), "district": rng.choice(["a", "b", "c"], n)})
    return features, (features["kwh_per_hdd"] + rng.normal(0, 0.5, n) < 2).to_numpy()


FEATURES, IS_GAS = planted()
SPLITS = by_home(IS_GAS, folds=4, seed=0)


def score(features=FEATURES, is_gas=IS_GAS, splits=SPLITS, **options):
    return score_held_out(features, is_gas, splits, FEW, **({"seed": 0, "threads": 1} | options))


def test_every_home_has_the_score_of_the_split_that_held_it_out():
    found = score()
    assert found.seen.all()
    for number, (_, test) in enumerate(SPLITS):
        assert (found.fold[test] == number).all()
    assert judge(IS_GAS, found.calibrated(IS_GAS), rounds=0)["auc"].value > 0.9


def test_threads_change_no_score():
    one, three = score(threads=1), score(threads=3)
    assert one.score.tolist() == three.score.tolist()
    assert one.n_trees == three.n_trees


def test_another_seed_grows_other_trees():
    assert score(seed=1, n_trees=9).score.tolist() != score(seed=0, n_trees=9).score.tolist()


@pytest.mark.parametrize("home", [0, 17])
def test_a_homes_own_label_never_touches_its_own_held_out_answer(home):
    flipped = IS_GAS.copy()
    flipped[home] = ~flipped[home]
    before, after = score(), score(is_gas=flipped)
    fold = before.fold == before.fold[home]
    assert after.score[fold].tolist() == before.score[fold].tolist()
    assert (after.score[~fold] != before.score[~fold]).any()  # other folds did learn from it
    assert after.calibrated(flipped, learned_on=before)[home] == before.calibrated(IS_GAS)[home]


def test_a_folds_calibration_is_learned_outside_it():
    found = score()
    probability = found.calibrated(IS_GAS)
    for number in range(4):
        own = found.fold == number
        line = fit_calibration(found.score[~own], IS_GAS[~own])
        assert probability[own] == pytest.approx(line(found.score[own]))


def test_a_category_that_only_tested_homes_have_is_missing_to_the_trees():
    features = FEATURES.copy()
    features["district"] = np.where(np.isin(np.arange(len(features)), SPLITS[0][1]), "elsewhere", features["district"])
    blank = features.assign(district=features["district"].where(features["district"] != "elsewhere"))
    first = SPLITS[0][1]
    assert score(features).score[first].tolist() == score(blank).score[first].tolist()


def test_a_feature_that_only_tested_homes_have_does_not_exist_for_the_trees():
    tested = np.isin(np.arange(len(FEATURES)), SPLITS[0][1])
    rooms = pd.Series(np.where(tested, 5.0, np.nan))
    first = SPLITS[0][1]
    assert score(FEATURES.assign(rooms=rooms)).score[first].tolist() == score().score[first].tolist()


def test_the_number_of_trees_is_chosen_among_the_homes_trained_on(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "case_heating.model.held_out.choose_tree_count",
        lambda matrix, is_gas, *_: asked.append((matrix[:, 0].tolist(), is_gas.tolist())) or 2,
    )
    assert score().n_trees == (2, 2, 2, 2)
    kwh_per_hdd = FEATURES["kwh_per_hdd"].to_numpy()
    assert asked == [(kwh_per_hdd[train].tolist(), IS_GAS[train].tolist()) for train, _ in SPLITS]


def test_homes_never_held_out_have_no_score():
    found = score(splits=SPLITS[:3])
    unseen = SPLITS[3][1]
    assert not found.seen[unseen].any()
    assert np.isnan(found.score[unseen]).all()
    probability = found.calibrated(IS_GAS)
    assert np.isnan(probability[unseen]).all()
    assert not np.isnan(np.delete(probability, unseen)).any()
    seen = found.seen
    assert found.calibration(IS_GAS) == fit_calibration(found.score[seen], IS_GAS[seen])


def test_a_given_number_of_trees_is_taken_by_every_split():
    assert score(n_trees=5).n_trees == (5, 5, 5, 5)


def test_the_usual_number_of_trees_is_the_middle_one():
    assert HeldOut(np.empty(0), np.empty(0, dtype=int), (3, 90, 7), ()).usual_tree_count == 7


def test_calibration_may_be_learned_on_other_scores_of_the_same_homes():
    found, other = score(), score(seed=1)
    probability = found.calibrated(IS_GAS, learned_on=other)
    own = found.fold == 2
    assert probability[own] == pytest.approx(fit_calibration(other.score[~own], IS_GAS[~own])(found.score[own]))


def test_tuning_tries_the_defaults_first_and_repeats_itself():
    features, is_gas = planted(80)
    splits = by_home(is_gas, folds=2, seed=1)
    assert tune_params(features, is_gas, splits, trials=1, seed=0, threads=1) == FuelParams()
    tuned = [tune_params(features, is_gas, splits, trials=3, seed=0, threads=threads) for threads in (1, 2)]
    assert tuned[0] == tuned[1]


def test_tuning_keeps_the_parameters_with_the_smallest_loss(monkeypatch):
    def made_up(features, is_gas, splits, params, **options):
        sure = 5.0 if params == chosen else 0.1
        return HeldOut(np.where(is_gas, sure, -sure), np.zeros(len(is_gas), dtype=int), (1,), ())

    tried = []
    chosen = None
    monkeypatch.setattr(
        "case_heating.model.held_out.score_held_out",
        lambda *args, **options: tried.append(args[3]) or made_up(*args, **options),
    )
    tune_params(FEATURES, IS_GAS, SPLITS, trials=4, seed=0, threads=1)
    assert tried[0] == FuelParams()
    assert len(tried) == 4
    chosen = tried[2]
    assert tune_params(FEATURES, IS_GAS, SPLITS, trials=4, seed=0, threads=1) == chosen
