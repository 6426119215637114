"""The fuel model: encoding, planted rules, repeatable trees, calibration to a known line."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import LeakageError, ModelError, NotEnoughDataError
from case_heating.model.fuel import (
    PROBABILITY_FLOOR,
    Calibration,
    Encoding,
    FuelParams,
    choose_tree_count,
    encode,
    fit_calibration,
    grow_trees,
    hide_places,
    learn_encoding,
    sigmoid,
    train_fuel_model,
)

SMALL = FuelParams(max_trees=40)


def planted(n=300, seed=0):
    """Gas where the electricity per degree day is low, or the home stands in the gas district."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        {
            "district": rng.choice(["ash", "birch", "cedar"], n),
            "kwh_per_hdd": rng.uniform(0, 4, n),
            "rooms": rng.integers(2, 9, n).astype(float),
            "therms_year": np.nan,
        },
        index=pd.Index([f"h{number}" for number in range(n)], name="home_id"),
    )
    features.loc[rng.random(n) < 0.1, "kwh_per_hdd"] = np.nan
    is_gas = ((features["kwh_per_hdd"] < 1.5) | (features["district"] == "cedar")).to_numpy()
    return features, is_gas


def train(features, is_gas, *, seed=0, n_trees=30, stage="gas_bills", params=SMALL):
    return train_fuel_model(
        features, is_gas, stage=stage, n_trees=n_trees, calibration=Calibration(), params=params, seed=seed
    )


# Encoding


def test_features_without_any_value_are_left_out_and_categories_are_numbered_by_name():
    features = pd.DataFrame(
        {"district": ["b", None, "a"], "metro": [None, None, None], "rooms": [np.nan, 3.0, 4.0], "windows": np.nan}
    )
    encoding = learn_encoding(features)
    assert encoding == Encoding(("district", "rooms"), {"district": ("a", "b")})
    assert encoding.category_columns == [0]


def test_a_category_nobody_knew_and_a_missing_one_become_missing():
    encoding = Encoding(("rooms", "district"), {"district": ("a", "b")})
    features = pd.DataFrame({"district": ["b", "z", None, "a"], "rooms": [1.0, np.nan, 3.0, 4.0], "windows": 9.0})
    expected = [[1, 1], [np.nan, np.nan], [3, np.nan], [4, 0]]
    np.testing.assert_array_equal(encode(features, encoding), expected)


def test_a_category_that_is_missing_for_all_homes_asked_about_can_be_encoded():
    encoding = Encoding(("district",), {"district": ("a", "b")})
    for nothing in (pd.Series([None, None], dtype="str"), pd.Series([np.nan, np.nan])):
        assert np.isnan(encode(pd.DataFrame({"district": nothing}), encoding)).all()


def test_a_feature_that_is_not_there_is_named():
    encoding = Encoding(("rooms", "windows", "stories"))
    with pytest.raises(ModelError, match=r"takes 3 features and 2 of them are not there: windows, stories; build"):
        encode(pd.DataFrame({"rooms": [1.0]}), encoding)


# Training


def test_a_planted_rule_is_learned_and_holds_for_other_homes():
    model = train(*planted())
    assert model.n_training_homes == 300
    assert model.encoding.names == ("district", "kwh_per_hdd", "rooms")  # no home had therms
    others, is_gas = planted(400, seed=9)
    known = others["kwh_per_hdd"].notna() | (others["district"] == "cedar")
    right = (model.probability_of_gas(others) >= 0.5) == is_gas
    assert right[known.to_numpy()].mean() > 0.93


def test_districts_have_no_order():
    """A gas district between two electric ones by name is told apart by one question, not by two."""
    features = pd.DataFrame({"district": ["ash", "birch", "cedar"] * 60})
    is_gas = (features["district"] == "birch").to_numpy()
    booster = train(features, is_gas, n_trees=1, params=FuelParams(num_leaves=2, bagging_fraction=1.0)).booster
    tree = booster.dump_model()["tree_info"][0]["tree_structure"]
    assert tree["decision_type"] == "=="
    scores = booster.predict(np.array([[0.0], [1.0], [2.0]]), raw_score=True)
    assert scores[0] == scores[2] < scores[1]


def test_one_seed_gives_the_same_trees_byte_for_byte_and_another_does_not():
    features, is_gas = planted()
    text, again, other = (train(features, is_gas, seed=seed).booster.model_to_string() for seed in (5, 5, 6))
    assert text == again
    assert text != other


def test_the_order_of_the_columns_given_to_a_model_does_not_matter():
    features, is_gas = planted()
    model = train(features, is_gas)
    turned = features[["therms_year", "rooms", "kwh_per_hdd", "district"]].assign(windows=3.0)
    assert model.probability_of_gas(turned).tolist() == model.probability_of_gas(features).tolist()


def test_the_answer_for_a_home_does_not_hang_on_the_others_asked_about():
    features, is_gas = planted()
    model = train(features, is_gas)
    alone = [model.probability_of_gas(features.iloc[[row]])[0] for row in range(20)]
    assert alone == model.probability_of_gas(features)[:20].tolist()


def test_a_column_of_a_later_stage_is_refused():
    features, is_gas = planted(40)
    with pytest.raises(LeakageError, match="therms_year"):
        train(features, is_gas, stage="property")


def test_a_sensitive_column_is_refused():
    features, is_gas = planted(40)
    with pytest.raises(LeakageError, match="tenure"):
        train(features.assign(tenure="owner"), is_gas)


def test_the_calibration_is_a_line_on_the_score():
    features, is_gas = planted()
    model = train(features, is_gas)
    score = model.score(encode(features, model.encoding))
    assert model.probability_of_gas(features) == pytest.approx(1 / (1 + np.exp(-score)))


# Number of trees


def test_trees_stop_when_homes_put_aside_gain_nothing_more():
    features, _ = planted()
    coin = np.random.default_rng(1).random(300) < 0.5  # nothing to learn
    encoding = learn_encoding(features)
    params = FuelParams(max_trees=150)
    count = choose_tree_count(encode(features, encoding), coin, encoding, params, seed=0)
    assert 1 <= count < 60


def test_trees_never_grow_beyond_their_bound():
    features, is_gas = planted()
    encoding = learn_encoding(features)
    params = FuelParams(max_trees=7, feature_fraction=1.0, bagging_fraction=1.0)
    assert choose_tree_count(encode(features, encoding), is_gas, encoding, params, seed=0) == 7  # still gaining


@pytest.mark.parametrize(("max_trees", "expected"), [(40, 8), (3, 1)])
def test_with_fewer_than_ten_homes_of_a_fuel_a_fifth_of_the_trees_is_taken(max_trees, expected):
    features, _ = planted(100)
    encoding = learn_encoding(features)
    rare = np.arange(100) < 9
    params = FuelParams(max_trees=max_trees)
    assert choose_tree_count(encode(features, encoding), rare, encoding, params, seed=0) == expected


def test_as_many_trees_grow_as_were_asked_for():
    features, is_gas = planted()
    encoding = learn_encoding(features)
    booster = grow_trees(encode(features, encoding), is_gas, encoding, SMALL, n_trees=12, seed=0)
    assert booster.num_trees() == 12


# Calibration


def test_calibration_finds_a_known_line():
    rng = np.random.default_rng(0)
    score = rng.normal(0, 2, 40_000)
    is_gas = rng.random(40_000) < sigmoid(0.6 * score - 0.5)
    found = fit_calibration(score, is_gas)
    assert found.slope == pytest.approx(0.6, abs=0.03)
    assert found.intercept == pytest.approx(-0.5, abs=0.05)


def test_the_mean_calibrated_probability_is_the_share_of_gas():
    score = np.random.default_rng(1).normal(1, 3, 500)
    is_gas = np.arange(500) % 5 == 0
    assert fit_calibration(score, is_gas)(score).mean() == pytest.approx(0.2, abs=1e-4)


def test_few_homes_do_not_pull_the_line_towards_nothing():
    """Without a penalty the sums of probability and of probability × score are those of the answers."""
    score = np.linspace(-3, 3, 30)
    is_gas = score + np.random.default_rng(2).normal(0, 2, 30) > 0
    found = fit_calibration(score, is_gas)(score)
    assert found.sum() == pytest.approx(is_gas.sum(), abs=1e-3)
    assert (found * score).sum() == pytest.approx((is_gas * score).sum(), abs=1e-3)


@pytest.mark.parametrize("fuel", [True, False])
def test_one_fuel_cannot_calibrate(fuel):
    with pytest.raises(NotEnoughDataError, match="heat with the same fuel"):
        fit_calibration(np.arange(4.0), np.full(4, fuel))


def test_no_answer_is_surer_than_any_number_of_homes_supports():
    said = Calibration()(np.array([-60.0, 0.0, 60.0]))
    assert said.tolist() == [PROBABILITY_FLOOR, 0.5, 1 - PROBABILITY_FLOOR]


def test_calibration_by_hand():
    # slope 2, intercept 1: a score of log(3)/2 - 1/2 has the calibrated logit log 3, three to one
    assert Calibration(2.0, 1.0)(np.array([np.log(3) / 2 - 0.5])) == pytest.approx([0.75])


def test_a_place_never_seen_is_answered_by_what_else_is_known():
    """Districts of gas and of electric homes, as many of each: a new one says nothing, and the slope decides."""
    rng = np.random.default_rng(3)
    is_gas = rng.random(4000) < 0.5
    districts = np.where(is_gas, rng.choice(["ash", "birch"], 4000), rng.choice(["cedar", "elm"], 4000))
    slope = np.where(is_gas, 0.5, 1.5) + rng.normal(0, 0.5, 4000)
    known, new = (pd.DataFrame({"district": names, "kwh_per_hdd": slope}) for names in (districts, "oak"))

    def right(params):
        answered = train(known, is_gas, n_trees=60, params=params).probability_of_gas(new) >= 0.5
        return (answered == is_gas).mean()

    assert right(SMALL) > 0.8  # a threshold on the slope alone is right for 84 of 100
    assert right(replace(SMALL, hidden_places=0.0)) < 0.7


def test_places_are_hidden_of_a_share_of_the_homes_and_nothing_else_is():
    encoding = Encoding(("rooms", "district"), {"district": ("a", "b")})
    matrix = np.ones((5000, 2))
    hidden = hide_places(matrix, encoding, share=0.2, seed=0)
    assert not np.isnan(matrix).any()
    assert not np.isnan(hidden[:, 0]).any()
    assert np.isnan(hidden[:, 1]).mean() == pytest.approx(0.2, abs=0.02)
    np.testing.assert_array_equal(hidden, hide_places(matrix, encoding, share=0.2, seed=0))
