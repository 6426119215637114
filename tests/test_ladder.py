"""The ladder on homes whose truth we planted: the bill tells the fuel, the dwelling type a little, rooms nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import Ladder, climb, fit_stage
from case_heating.model.naive import naive_held_out
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=3, bootstrap_rounds=30, threads=1)
DIVISIONS = ["pacific", "new_england", "south_atlantic"]


def planted(n=400, seed=0):
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n) < 0.5
    house = rng.random(n) < np.where(is_gas, 0.7, 0.3)
    home_id = pd.Index([f"h{number:03d}" for number in range(n)], name="home_id")
    homes = pd.DataFrame(
        {
            "division": rng.choice(DIVISIONS, n),
            "district": rng.choice(["d1", "d2"], n),
            "dwelling_type": np.where(house, "single_detached", "apartment_5_plus"),
        },
        index=home_id,
    )
    features = pd.DataFrame(
        {
            "dwelling_type": homes["dwelling_type"],
            "kwh_year": np.where(is_gas, 6000, 12_000) + rng.normal(0, 3000, n),
            "rooms": rng.integers(2, 9, n).astype(float),
        },
        index=home_id,
    )
    counts = {"gas": int(is_gas.sum()), "electricity": int((~is_gas).sum()), "other": 0, "none": 0}
    return Evidence(features, is_gas, homes, rng.uniform(1, 100, n), counts, n, SETTINGS.today)


def rows_of(evidence, rows):
    return evidence.at(rows)


EVIDENCE = planted()
THEN = np.arange(400) < 250  # the homes labelled a year earlier
REACHED = ["location", "billing", "property"]


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def ladder(told) -> Ladder:
    return climb(
        EVIDENCE, SETTINGS, earlier=rows_of(EVIDENCE, THEN), progress=lambda stage, share: told.append((stage, share))
    )


def share_right(probability, is_gas, weight=None):
    return np.average((probability >= 0.5) == is_gas, weights=weight)


def test_there_is_a_rung_for_every_stage_reached(ladder):
    assert [rung.stage for rung in ladder.rungs] == REACHED
    assert ladder.not_reached == ("weather", "monthly", "gas_service", "gas_bills")
    assert [rung.n_features for rung in ladder.rungs] == [1, 2, 3]
    assert [rung.model.stage for rung in ladder.rungs] == REACHED


def test_progress_is_told_from_none_to_all(ladder, told):
    assert told == [("location", 0.0), ("billing", 1 / 3), ("property", 2 / 3), ("property", 1.0)]


def test_a_rung_is_found_by_its_stage(ladder):
    assert ladder["billing"] is ladder.rungs[1]
    with pytest.raises(KeyError, match=r"do not reach stage 'weather'; they reach location, billing, property"):
        ladder["weather"]


def test_figures_are_those_of_the_held_out_probabilities(ladder):
    for rung in ladder.rungs:
        assert not np.isnan(rung.probability).any()
        assert rung.by_home.model.n_homes == 400
        assert rung.by_home.model["accuracy"].value == share_right(rung.probability, EVIDENCE.is_gas)


def test_probabilities_are_calibrated_on_homes_outside_their_fold(ladder):
    held_out, _ = fit_stage(EVIDENCE, "billing", FuelParams(), SETTINGS)
    assert ladder["billing"].probability.tolist() == held_out.calibrated(EVIDENCE.is_gas).tolist()


def test_the_bill_tells_the_fuel_and_the_step_says_so(ladder):
    location, billing, noise = ladder.rungs
    assert location.step is None
    # two normal distributions two standard deviations apart are told apart in 84 % of cases
    assert 0.65 < location.by_home.model["accuracy"].value < 0.75
    assert 0.8 < billing.by_home.model["accuracy"].value < 0.92
    assert billing.step.is_above_zero
    gained = share_right(billing.probability, EVIDENCE.is_gas) - share_right(location.probability, EVIDENCE.is_gas)
    assert billing.step.value == pytest.approx(gained)
    assert not noise.step.is_above_zero
    assert noise.step.low <= 0 <= noise.step.high + 0.02


def test_the_naive_answer_stands_beside_every_rung_on_the_same_splits(ladder):
    held_out, _ = fit_stage(EVIDENCE, "location", FuelParams(), SETTINGS)
    naive = naive_held_out(EVIDENCE.homes, EVIDENCE.is_gas, held_out.splits)
    for rung in ladder.rungs:
        assert rung.by_home.rival["accuracy"].value == share_right(naive, EVIDENCE.is_gas)
    assert ladder["billing"].by_home.gain["accuracy"].is_above_zero


def test_weighted_figures_count_each_home_with_its_weight(ladder):
    rung = ladder["billing"]
    expected = share_right(rung.probability, EVIDENCE.is_gas, EVIDENCE.weight)
    assert rung.weighted.model["accuracy"].value == pytest.approx(expected)
    assert rung.weighted.model["accuracy"].value != rung.by_home.model["accuracy"].value


def test_a_region_never_seen_is_told_by_its_bills(ladder):
    for rung in ladder.rungs:
        assert rung.by_region.model.n_homes == 400
    assert ladder["billing"].by_region.model["accuracy"].value > 0.8
    assert ladder["billing"].by_region.model != ladder["billing"].by_home.model


def test_homes_labelled_later_test_what_was_trained_before(ladder):
    for rung in ladder.rungs:
        assert rung.by_time.model.n_homes == 150
    assert ladder["billing"].by_time.model["accuracy"].value > 0.8
    assert 0.5 < ladder["billing"].by_time.rival["accuracy"].value < 0.8


def test_homes_known_from_a_rebate_are_left_out_of_a_second_set_of_figures():
    """Forty electric homes are told by a rebate, thirty of them labelled later; without any there are none."""
    assert quick(EVIDENCE)["location"].untargeted is None
    electric = np.flatnonzero(~EVIDENCE.is_gas)
    told = np.concatenate([electric[electric < 250][:10], electric[electric >= 250][:30]])
    seen_by = pd.Series("survey", index=EVIDENCE.features.index, dtype="str")
    seen_by.iloc[told] = "rebate"
    evidence = replace(EVIDENCE, seen_by=seen_by)
    rung = quick(evidence, earlier=rows_of(evidence, THEN))["location"]
    assert rung.by_home.model.n_homes == 400
    assert rung.untargeted.by_home.model.n_homes == 360
    assert rung.untargeted.by_region.model.n_homes == rung.by_region.model.n_homes - 40
    assert (rung.by_time.model.n_homes, rung.untargeted.by_time.model.n_homes) == (150, 120)
    kept = ~evidence.is_targeted
    right = ((rung.probability >= 0.5) == evidence.is_gas)[kept].mean()
    assert rung.untargeted.by_home.model["accuracy"].value == pytest.approx(right)


def test_the_labels_of_later_homes_are_not_learned_from():
    """What is true of the later homes is turned round: a model that had seen them would not be so wrong."""
    turned = replace(EVIDENCE, is_gas=np.where(THEN, EVIDENCE.is_gas, ~EVIDENCE.is_gas))
    settings = replace(SETTINGS, bootstrap_rounds=0)
    rung = climb(turned, settings, earlier=rows_of(EVIDENCE, THEN), up_to="billing")["billing"]
    assert rung.by_time.model["accuracy"].value < 0.2


def test_the_table_has_a_row_for_every_rung(ladder):
    table = ladder.table()
    assert table.index.tolist() == REACHED
    assert np.isnan(table.loc["location", "step"])
    assert table.loc["billing", "step"] == ladder["billing"].step.value
    billing = ladder["billing"]
    assert table.loc["billing", ["low", "accuracy", "high", "auc", "brier"]].tolist() == [
        billing.by_home.model["accuracy"].low,
        billing.by_home.model["accuracy"].value,
        billing.by_home.model["accuracy"].high,
        billing.by_home.model["auc"].value,
        billing.by_home.model["brier"].value,
    ]
    assert table.loc["billing", "naive_accuracy"] == billing.by_home.rival["accuracy"].value
    assert table.loc["billing", "region_accuracy"] == billing.by_region.model["accuracy"].value
    assert table.loc["billing", "region_auc"] == billing.by_region.model["auc"].value
    assert table.loc["billing", "time_naive_accuracy"] == billing.by_time.rival["accuracy"].value


def quick(evidence, **options):
    return climb(evidence, replace(SETTINGS, bootstrap_rounds=2), **({"up_to": "location"} | options))


def test_climbing_stops_at_the_stage_asked_for_and_says_the_same_there(ladder):
    short = climb(EVIDENCE, SETTINGS, up_to="location")
    assert [rung.stage for rung in short.rungs] == ["location"]
    assert short.not_reached == ladder.not_reached  # billing is there, only not asked for
    assert short["location"].probability.tolist() == ladder["location"].probability.tolist()
    assert short["location"].by_home == ladder["location"].by_home


def test_a_stage_that_is_not_reached_is_refused_with_those_that_are():
    with pytest.raises(NotEnoughDataError, match=r"'weather' .* is not reached.* reach location, billing, property"):
        quick(EVIDENCE, up_to="weather")


def test_homes_of_which_nothing_is_known_are_refused():
    nothing = replace(EVIDENCE, features=EVIDENCE.features.assign(dwelling_type=None, kwh_year=np.nan, rooms=np.nan))
    with pytest.raises(NotEnoughDataError, match="reach no stage"):
        quick(nothing, up_to=None, progress=lambda stage, share: None)


def test_without_weights_regions_or_an_earlier_moment_those_figures_are_absent():
    homes = EVIDENCE.homes.assign(division="pacific", district="d1")
    rung = quick(replace(EVIDENCE, weight=None, homes=homes))["location"]
    assert (rung.weighted, rung.by_region, rung.by_time, rung.step) == (None, None, None, None)
    table = quick(replace(EVIDENCE, homes=homes)).table()
    assert table[["region_accuracy", "time_accuracy", "region_auc"]].isna().all(axis=None)


def test_regions_that_hold_a_fuel_alone_cannot_be_held_out():
    """A district without gas mains beside one that has them: what is left to train on knows one fuel only."""
    for mains in (EVIDENCE.is_gas, EVIDENCE.is_gas | (np.arange(400) % 2 == 0)):
        homes = EVIDENCE.homes.assign(division="pacific", district=np.where(mains, "mains", "no_mains"))
        assert quick(replace(EVIDENCE, homes=homes))["location"].by_region is None


def test_too_few_new_labels_of_a_fuel_cannot_test_a_model():
    """With three folds at least three of each fuel are needed on either side."""
    gas, electric = np.flatnonzero(EVIDENCE.is_gas), np.flatnonzero(~EVIDENCE.is_gas)
    new = np.concatenate([gas[:40], electric[:2]])
    then = ~np.isin(np.arange(400), new)
    assert quick(EVIDENCE, earlier=rows_of(EVIDENCE, then))["location"].by_time is None
    assert quick(EVIDENCE, earlier=rows_of(EVIDENCE, ~then))["location"].by_time is None
    then[electric[2]] = False
    assert quick(EVIDENCE, earlier=rows_of(EVIDENCE, then))["location"].by_time.model.n_homes == 43


def test_too_few_homes_of_one_fuel_are_refused():
    first_electric = np.flatnonzero(~EVIDENCE.is_gas)[0]
    rare = rows_of(EVIDENCE, EVIDENCE.is_gas | (np.arange(400) == first_electric))
    with pytest.raises(NotEnoughDataError, match="1 with electricity"):
        quick(rare)


def test_the_same_seed_climbs_the_same_ladder_and_threads_do_not_matter():
    first, again = (climb(EVIDENCE, replace(SETTINGS, threads=n), up_to="location") for n in (1, 3))
    assert first["location"].by_home == again["location"].by_home
    trees = [found["location"].model.booster.model_to_string() for found in (first, again)]
    assert trees[0] == trees[1]


def test_tuning_happens_on_other_splits_than_those_that_judge(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "case_heating.model.ladder.tune_params",
        lambda features, is_gas, splits, **options: asked.append((splits, options)) or FuelParams(max_trees=3),
    )
    rung = climb(EVIDENCE, replace(SETTINGS, tune_trials=4), up_to="location")["location"]
    splits, options = asked[0]
    held_out, _ = fit_stage(EVIDENCE, "location", FuelParams(), SETTINGS)
    assert options == {"trials": 4, "seed": 0, "threads": 1}
    assert splits[0][1].tolist() != held_out.splits[0][1].tolist()
    assert rung.model.booster.num_trees() <= 3
