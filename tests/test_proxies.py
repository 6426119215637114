"""Features that tell a trait because we planted it so; what is lost without the kind of fact that carries it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.features.stages import FEATURES
from case_heating.model.fairness import FairnessLimits, Traits
from case_heating.model.proxies import KINDS, do_without, equal_opportunity, kind_of, tell_traits
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=3, bootstrap_rounds=50, threads=1)
LIMITS = FairnessLimits(min_homes_judged=100)


def planted(n=900, seed=0):
    """Electricity use tells the fuel; climate tells the race and nothing else; ethnicity is told by nothing."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    is_gas = rng.random(n) < 0.5
    black = rng.random(n) < 0.3
    humid = np.where(rng.random(n) < 0.9, black, ~black)
    features = pd.DataFrame(
        {
            "climate": pd.Series(np.where(humid, "hot_humid", "cold"), index=index, dtype="str"),
            "kwh_year": np.where(is_gas, 6000, 12_000) + rng.normal(0, 3000, n),
            "rooms": rng.integers(2, 9, n).astype(float),
        },
        index=index,
    )
    groups = pd.DataFrame(
        {
            "race": pd.Series(np.where(black, "black", "white"), index=index, dtype="str"),
            "ethnicity": pd.Series(np.where(rng.random(n) < 0.4, "hispanic", "not_hispanic"), index=index, dtype="str"),
        }
    )
    return features, is_gas, Traits(groups, {})


def test_every_feature_is_of_a_kind():
    assert {kind_of(feature.name) for feature in FEATURES} == set(KINDS)


def test_a_planted_proxy_is_found_and_its_kind_is_named():
    features, _, traits = planted()
    told = tell_traits(features, traits, limits=LIMITS, settings=SETTINGS).set_index("trait")
    # the smaller of two groups stands for both
    assert told["group"].to_dict() == {"race": "black", "ethnicity": "hispanic"}
    assert told.loc["race", "low"] > 0.85
    assert told.loc["race", "place"] > 0.3  # dealt out anew, nothing tells it: 0.9 falls to about 0.5
    assert abs(told.loc["race", "electricity use"]) < 0.05
    assert told.loc["ethnicity", "low"] < 0.5 < told.loc["ethnicity", "high"] + 0.03


def test_small_groups_and_traits_that_are_features_are_not_told():
    features, _, traits = planted()
    groups = traits.groups.assign(climate=features["climate"])
    groups.iloc[:50, 0] = "asian"
    told = tell_traits(features, Traits(groups, {}), limits=LIMITS, settings=SETTINGS)
    assert set(told["trait"]) == {"race", "ethnicity"}
    assert "asian" not in set(told["group"])


def test_no_group_large_enough_gives_an_empty_table():
    features, _, traits = planted()
    told = tell_traits(features, traits, limits=FairnessLimits(min_homes_judged=5000), settings=SETTINGS)
    assert told.empty
    assert list(told.columns[:4]) == ["trait", "group", "n_homes", "auc"]


def test_doing_without_what_matters_costs_accuracy_and_without_the_rest_nothing():
    features, is_gas, traits = planted()
    probability = np.where(features["kwh_year"] < 9000, 0.8, 0.2)
    without = do_without(features, is_gas, probability, traits, limits=LIMITS, settings=SETTINGS, n_trees=30)
    assert list(without.index) == ["nothing", "place", "dwelling", "electricity use"]
    assert without.loc["nothing", ["price", "price_low", "price_high"]].tolist() == [0, 0, 0]
    assert without.loc["electricity use", "price_low"] > 0.2  # from 84 of 100 to a coin
    assert abs(without.loc["place", "price"]) < 0.05
    right = np.mean((probability >= 0.5) == is_gas)
    assert without.loc["nothing", "accuracy"] == pytest.approx(right)
    assert {"race", "ethnicity"} <= set(without.columns)


def test_equal_opportunity_leaves_small_groups_and_electric_homes_out():
    is_gas = np.array([True] * 6 + [False] * 2)
    said = np.array([True, True, False, True, False, False, False, False])
    group = pd.Series(["a", "a", "a", "b", "b", "c", "a", "b"])
    # a: two of three gas homes; b: one of two; c has one home
    assert equal_opportunity(is_gas, said, group, min_homes=2) == pytest.approx(2 / 3 - 1 / 2)
    assert np.isnan(equal_opportunity(is_gas, said, group, min_homes=4))
