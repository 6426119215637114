"""Answers in probabilities, fuels and words."""

import lightgbm
import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError
from case_heating.model.fuel import Calibration, Encoding, FuelModel
from case_heating.model.predict import predict, sureness


class Said:
    """A booster whose score is the one feature it is given."""

    def predict(self, matrix, **_):
        return matrix[:, 0]


MODEL = FuelModel("billing", Encoding(("kwh_year",)), Said(), Calibration(), 100)


def features(*probabilities):
    odds = np.array(probabilities) / (1 - np.array(probabilities))
    names = [f"h{number}" for number in range(len(probabilities))]
    return pd.DataFrame({"kwh_year": np.log(odds), "rooms": 3.0}, index=pd.Index(names, name="home_id"))


def test_the_stand_in_is_called_as_lightgbm_is():
    assert hasattr(lightgbm.Booster, "predict")


def test_every_home_is_answered_in_its_order():
    answers = predict(MODEL, features(0.9, 0.2, 0.5, 0.7))
    assert answers.index.tolist() == ["h0", "h1", "h2", "h3"]
    assert answers.index.name == "home_id"
    assert answers["probability_of_gas"].tolist() == pytest.approx([0.9, 0.2, 0.5, 0.7])
    assert answers["heating_fuel"].tolist() == ["gas", "electricity", "gas", "gas"]  # gas from 0.5 on
    assert answers["confidence"].tolist() == pytest.approx([0.9, 0.8, 0.5, 0.7])
    assert answers["sureness"].tolist() == [
        "about 9 in 10",
        "about 8 in 10",
        "hardly more than a guess",
        "about 7 in 10",
    ]


def test_no_homes_give_no_answers():
    answers = predict(MODEL, features(0.9)[:0])
    assert list(answers) == ["probability_of_gas", "heating_fuel", "confidence", "sureness"]
    assert len(answers) == 0


def test_a_missing_feature_is_refused():
    with pytest.raises(ModelError, match="kwh_year"):
        predict(MODEL, features(0.9)[["rooms"]])


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "almost certain"),
        (0.95, "almost certain"),
        (0.949, "about 9 in 10"),
        (0.85, "about 9 in 10"),
        (0.849, "about 8 in 10"),
        (0.75, "about 8 in 10"),
        (0.749, "about 7 in 10"),
        (0.65, "about 7 in 10"),
        (0.649, "hardly more than a guess"),
        (0.5, "hardly more than a guess"),
    ],
)
def test_words_change_at_their_limits(confidence, words):
    assert sureness(np.array([confidence])).tolist() == [words]
