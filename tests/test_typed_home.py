"""A home of typed facts is answered by a model that knows no more, and is right and honest more often for it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.people.home_answer import home_in_words
from case_heating.people.typed_home import explain_typed, fit_to_facts, known_names
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2025, 1, 1), folds=3, threads=1)


def planted(n: int, *, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Homes whose winter use tells the fuel nearly always, and whose year's use tells it four times out of five."""
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n) < 0.5
    features = pd.DataFrame(
        {
            "dwelling_type": rng.choice(["single_detached", "apartment_5_plus"], n),
            "kwh_year": np.where(is_gas, 8000.0, 12_000.0) + rng.normal(0, 2400, n),
            "heating_slope_kwh": np.where(is_gas, 0.1, 1.2) + rng.normal(0, 0.2, n),
            "signature_r2": rng.random(n),
        },
        index=pd.Index([f"h{number:04}" for number in range(n)], name="home_id"),
    )
    return features, is_gas


@pytest.fixture(scope="module")
def evidence():
    features, is_gas = planted(1500, seed=0)
    return Evidence(features, is_gas, features[["dwelling_type"]], None, {}, 1500, date(2025, 1, 1))


def test_it_beats_the_model_that_knew_more_where_most_of_that_is_missing(evidence):
    features, is_gas = planted(600, seed=1)
    masked = features.assign(heating_slope_kwh=np.nan, signature_r2=np.nan)
    _, knew_more = fit_stage(evidence, "monthly", FuelParams(), SETTINGS)
    fitted = fit_to_facts(evidence, ("dwelling_type", "kwh_year"), SETTINGS)

    def brier(model) -> float:
        return float(((model.probability_of_gas(masked) - is_gas) ** 2).mean())

    assert brier(fitted.explainer.model) < brier(knew_more) - 0.03


def test_its_word_on_how_good_it_is_comes_true(evidence):
    fitted = fit_to_facts(evidence, ("dwelling_type", "kwh_year"), SETTINGS)
    features, is_gas = planted(3000, seed=2)
    right = ((fitted.explainer.model.probability_of_gas(features) >= 0.5) == is_gas).mean()
    assert fitted.right.low - 0.02 < right < fitted.right.high + 0.02
    assert (fitted.stage, fitted.n_homes) == ("billing", 1500)
    assert fitted.in_words.startswith("Of 1,500 homes of which no more was used, the answer was right for ")
    assert fitted.kept["n_homes"].sum() <= 1500


def test_only_what_is_known_of_both_sides_counts():
    row = pd.DataFrame({"kwh_year": [9000.0], "rooms": [5.0], "pool": [np.nan], "dwelling_type": ["mobile_home"]})
    features = pd.DataFrame(
        {"dwelling_type": ["mobile_home"], "kwh_year": [1.0], "rooms": [np.nan], "pool": [1.0], "solar": [0.0]}
    )
    assert known_names(row, features) == ("dwelling_type", "kwh_year")


def test_the_answer_and_its_reasons_speak_of_the_typed_facts_alone(evidence):
    row = pd.DataFrame({"dwelling_type": ["single_detached"], "kwh_year": [20_000.0]}, index=["typed"])
    fitted = fit_to_facts(evidence, ("dwelling_type", "kwh_year"), SETTINGS)
    explanation = explain_typed(fitted, row)
    assert explanation.fuel == "electricity"
    assert set(explanation.contributions) <= {"dwelling", "electricity_use"}
    assert "20,000 kWh" in " ".join(home_in_words(explanation, None, fitted.kept).customer.reasons)


def test_nothing_typed(evidence):
    with pytest.raises(NotEnoughDataError, match="type one more fact"):
        fit_to_facts(evidence, (), SETTINGS)
