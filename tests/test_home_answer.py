"""What is said of one home: the first sentence, how surely such words came true, and what each source of data did."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.features.known import known_labels
from case_heating.model.evidence import Evidence
from case_heating.model.explain import Explanation, Reason
from case_heating.model.fuel import Calibration, FuelParams, train_fuel_model
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import Figure
from case_heating.model.told_facts import Fact
from case_heating.model.typical import Share
from case_heating.people.home_answer import (
    Sighting,
    answer_by_stage,
    growth_in_words,
    held_out_answer,
    home_in_words,
    last_sighting,
    sureness_kept,
    what_is_missing,
)

METER = Fact("gas_service", 1.0, "yes", {}, Share(0.9, 300, 0.6), "gas")
SURE_GAS = Explanation(
    "h1", "gas", 0.97, 0.97, "almost certain", 3.0, 0.0, {}, (Reason("gas_meter", "gas", 1.0, 1.0, METER),), None,
    "visit", None,
)  # fmt: skip
KEPT = pd.DataFrame({"n_homes": [1200, 60], "share": [0.997, 0.75]}, index=["almost certain", "about 8 in 10"])
SEEN_GAS = Sighting("gas", "service_call", date(2025, 3, 7))


def test_where_nobody_has_looked_the_machine_says_how_sure_it_is_and_how_that_came_out():
    words = home_in_words(SURE_GAS, None, KEPT)
    assert words.answer == "We are almost certain that this home heats with gas."
    assert words.sure == (
        "Of 1,200 homes about which we were this sure before somebody looked, we were right for over 99 of 100.",
    )
    assert words.heading["why"] == "Why we say so"
    assert words.customer.settled_by == "A look at the heater would settle it."


def test_what_was_seen_comes_first_and_the_machine_is_judged_by_what_it_said_before_it_knew():
    words = home_in_words(SURE_GAS, SEEN_GAS, KEPT, held_out=0.2)
    assert words.answer == "This home heats with gas. It is known from a service call, 7 March 2025."
    assert words.sure == (
        "Had nobody looked, we would have said something else: We think this home heats with electricity. "
        "We are right about 8 in 10 times when we are this sure.",
        "Of 60 homes about which we were this sure before somebody looked, we were right for 75 of 100.",
    )
    assert words.heading["why"] == "What else speaks for gas"
    assert home_in_words(SURE_GAS, SEEN_GAS, KEPT).sure[0] == "Had nobody looked, we would have said the same."


def test_another_fuel_is_no_mistake_of_a_machine_that_tells_two():
    words = home_in_words(SURE_GAS, replace(SEEN_GAS, heating_fuel="other", source="my notes"), KEPT, held_out=0.99)
    assert words.answer.startswith("This home heats with another fuel, such as oil or wood. It is known from the rec")
    assert words.sure == (
        "We tell only gas from electricity, and would have said: We are almost certain that this home heats with gas.",
    )


def test_the_same_in_spanish():
    words = home_in_words(SURE_GAS, SEEN_GAS, KEPT, held_out=0.99, language="es")
    assert words.answer == "Este hogar se calienta con gas. Se sabe por una visita de servicio, 7 de marzo de 2025."
    assert words.sure[1].endswith("acertamos en más de 99 de cada 100.")
    assert words.heading["why"] == "Qué más apunta a gas"


def test_the_last_sighting_is_the_one_the_labels_go_by(tiny_tables):
    labels = tiny_tables["labels"]
    again = labels.iloc[[0]].assign(heating_fuel="electricity", event_time=pd.Timestamp("2024-05-01"))
    corrected = labels.iloc[[0]].assign(heating_fuel="other", known_at=pd.Timestamp("2024-12-01"))
    labels = pd.concat([labels, again, corrected], ignore_index=True)
    for as_of in (date(2023, 7, 31), date(2024, 1, 1), date(2024, 6, 1), date(2025, 1, 1)):
        expected = known_labels(labels, as_of=as_of).get("h1")
        seen = last_sighting(labels, "h1", as_of=as_of)
        assert (seen and seen.heating_fuel) == expected
    assert last_sighting(labels, "h4", as_of=date(2025, 1, 1)) is None
    assert last_sighting(None, "h1", as_of=date(2025, 1, 1)) is None


def test_homes_never_held_out_are_not_counted():
    probability = np.array([0.99] * 40 + [np.nan] * 10)
    kept = sureness_kept(np.array([True] * 38 + [False] * 12), probability)
    assert kept.loc["almost certain", ["n_homes", "share"]].tolist() == [40, 0.95]


@pytest.fixture(scope="module")
def made():
    """Two rungs on made-up homes: electric ones use more; the meter, known of half of them, tells all."""
    rng = np.random.default_rng(0)
    is_gas = rng.random(400) < 0.5
    features = pd.DataFrame(
        {
            "dwelling_type": "single_detached",
            "kwh_year": np.where(is_gas, 6000.0, 14_000.0) + rng.normal(0, 3000, 400),
            "gas_service": np.where(rng.random(400) < 0.5, is_gas.astype(float), np.nan),
        },
        index=pd.Index([f"h{number}" for number in range(400)], name="home_id"),
    )
    evidence = Evidence(features, is_gas, features[[]], None, {}, 400, date(2025, 1, 1))
    rungs = []
    for stage, names, step in (("billing", 2, None), ("gas_service", 3, Figure(0.0992, 0.05, 0.12))):
        model = train_fuel_model(
            features.iloc[:, :names],
            is_gas,
            stage=stage,
            n_trees=30,
            calibration=Calibration(),
            params=FuelParams(learning_rate=0.2),
            seed=0,
        )
        probability = np.append(np.full(399, 0.25), np.nan)
        rungs.append(Rung(stage, names, None, None, None, None, step, probability, model))
    return Ladder(tuple(rungs), ()), evidence


def test_each_stage_answers_with_what_it_knows_of_the_home(made):
    ladder, evidence = made
    home = pd.DataFrame(
        {"dwelling_type": ["single_detached"], "kwh_year": [14_000.0], "gas_service": [np.nan]}, index=["new"]
    )
    steps = answer_by_stage(ladder, home, evidence)
    assert steps["stage"].tolist() == ["billing", "gas_service"]
    assert steps["known"].tolist() == [True, False]
    assert steps["probability_of_gas"].iloc[0] < 0.3
    assert what_is_missing(ladder, steps) == (
        "Not known of this home: whether the home has a gas meter. Knowing the gas meter made 9.9 more of 100 answers "
        "right, over all homes.",
    )
    whole = answer_by_stage(ladder, home.assign(gas_service=1.0), evidence)
    assert what_is_missing(ladder, whole) == ()
    assert whole["probability_of_gas"].iloc[1] > steps["probability_of_gas"].iloc[1]


def test_a_labelled_home_is_answered_as_while_it_was_held_out(made):
    ladder, evidence = made
    held, never = (answer_by_stage(ladder, evidence.features.loc[[home]], evidence) for home in ("h7", "h399"))
    assert held["probability_of_gas"].tolist() == [0.25, 0.25]
    assert 0.25 not in never["probability_of_gas"].tolist()
    assert held_out_answer(evidence, ladder.rungs[0].probability, "h7") == 0.25
    assert held_out_answer(evidence, ladder.rungs[0].probability, "h399") is None
    assert held_out_answer(evidence, ladder.rungs[0].probability, "new") is None


def test_the_growth_names_the_source_that_changed_the_chance_most():
    steps = pd.DataFrame({"stage": ["billing", "weather", "monthly"], "probability_of_gas": [0.414, 0.5, 0.1]})
    assert growth_in_words(steps, held_out=True) == (
        "At first the chance of gas is 41 of 100, by all that is known 10. What changed it most: bill signature. "
        "The machine is asked as if nobody had looked."
    )
    steps = pd.DataFrame({"stage": ["location"], "probability_of_gas": [0.414]})
    assert growth_in_words(steps, held_out=False) == (
        "By place and kind alone the chance of gas is 41 of 100, by all that is known 41."
    )
