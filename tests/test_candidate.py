"""A candidate: which labels it is trained on, which are left to the gate, and what goes with it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.release.candidate import (
    label_requests,
    labelled_rows,
    naive_rival,
    rows_to_judge_by,
    training_cutoff,
)
from case_heating.release.gate_checks import check_evidence
from case_heating.release.gate_limits import GateLimits


@pytest.fixture
def labels():
    """Home a moved from gas to electricity and the news of it came late; b heats with oil, c is seen later."""
    rows = [
        ("a", "gas", "2023-01-10", "2023-02-01", "survey"),
        ("a", "electricity", "2024-03-01", "2024-08-15", "rebate"),
        ("b", "other", "2023-01-10", "2023-02-01", "survey"),
        ("c", "electricity", "2024-05-01", "2024-07-01", "inspection"),
        ("d", "gas", "2023-05-01", "2023-06-30", "survey"),
        ("e", "gas", "2025-03-01", "2024-12-01", "survey"),
    ]
    table = pd.DataFrame(rows, columns=["home_id", "heating_fuel", "event_time", "known_at", "source"])
    return table.astype({"event_time": "datetime64[us]", "known_at": "datetime64[us]"})


def test_training_sees_what_was_known_by_the_cutoff(labels):
    asked = label_requests(labels, known_after=None, known_by=date(2024, 6, 30))
    assert asked[["home_id", "is_gas", "source"]].to_numpy().tolist() == [["a", True, "survey"], ["d", True, "survey"]]
    assert (asked["moment"] == pd.Timestamp("2024-06-30")).all()


def test_the_gate_sees_what_was_learned_after_it_of_homes_nobody_was_trained_on(labels):
    later = {"known_after": date(2024, 6, 30), "known_by": date(2024, 12, 31)}
    asked = label_requests(labels, **later)
    assert asked[["home_id", "is_gas"]].to_numpy().tolist() == [["a", False], ["c", False]]
    assert label_requests(labels, **later, without={"a"})["home_id"].tolist() == ["c"]


def test_a_label_known_on_the_cutoff_is_trained_on_and_not_judged_by(labels):
    on_the_day = date(2024, 7, 1)
    assert "c" in label_requests(labels, known_after=None, known_by=on_the_day)["home_id"].tolist()
    later = label_requests(labels, known_after=on_the_day, known_by=date(2024, 12, 31))
    assert later["home_id"].tolist() == ["a"]


@pytest.mark.parametrize(("as_of", "cutoff"), [("2025-08-31", "2025-02-28"), ("2024-08-31", "2024-02-29")])
def test_half_a_year_before_the_end_of_a_month_lies_in_that_month(as_of, cutoff):
    assert training_cutoff(date.fromisoformat(as_of)) == date.fromisoformat(cutoff)
    assert training_cutoff(date(2025, 3, 15), holdout_months=2) == date(2025, 1, 15)


def test_features_stand_beside_their_labels_and_homes_without_any_are_left_out(labels):
    asked = label_requests(labels, known_after=None, known_by=date(2024, 12, 31))
    features = pd.DataFrame({"kwh_year": [3.0, 1.0]}, index=pd.Index(["d", "a"], name="home_id"))
    homes = pd.DataFrame({"home_id": ["c", "d", "a"], "district": ["x", "y", "z"]})
    rows = labelled_rows(asked, features, homes, as_of=date(2024, 12, 31))
    assert rows.evidence.features["kwh_year"].to_dict() == {"a": 1.0, "d": 3.0}
    assert rows.evidence.is_gas.tolist() == [False, True]
    assert rows.evidence.homes["district"].tolist() == ["z", "y"]
    assert rows.when["source"].tolist() == ["rebate", "survey"]
    assert rows.evidence.fuel_counts == {"gas": 1, "electricity": 1}
    with pytest.raises(NotEnoughDataError, match=r"features: 1 of 3 rows repeat a home \(first: a\)"):
        labelled_rows(asked, features.loc[["d", "a", "a"]], homes, as_of=date(2024, 12, 31))


def test_homes_known_from_a_rebate_alone_are_no_evidence_though_they_are_learned_from(labels):
    """Home a was surveyed and called gas; the rebate is the last to tell of it, so that neither label counts."""
    asked = label_requests(labels, known_after=None, known_by=date(2024, 12, 31))
    features = pd.DataFrame({"kwh_year": 1.0}, index=pd.Index(["a", "c", "d"], name="home_id"))
    homes = pd.DataFrame({"home_id": ["a", "c", "d"]})
    rows = rows_to_judge_by(asked, features, homes, as_of=date(2024, 12, 31))
    assert rows.when["source"].to_dict() == {"c": "inspection", "d": "survey"}
    assert rows.n_targeted == 1
    told = check_evidence(rows, GateLimits(min_homes_of_a_fuel=1))
    assert told.passed
    assert told.words == (
        "1 gas and 1 electric homes to judge by; 1 of each are needed. Left out: 1 known from a rebate alone, which "
        "hears of one fuel"
    )
    assert (
        "Left out"
        not in check_evidence(labelled_rows(asked, features, homes, as_of=date(2024, 12, 31)), GateLimits()).words
    )


def test_the_reference_is_of_the_homes_that_are_served(plant_rows, train_planted):
    rows, everybody = plant_rows(200, seed=1, day="2024-06-30"), plant_rows(700, seed=2, day="2024-06-30", prefix="s")
    trained = train_planted(rows, served=everybody.evidence.features)
    assert trained.reference.n_homes == 700
    assert train_planted(rows).reference.n_homes == 200
    assert trained.trained_until == date(2024, 6, 30)
    assert trained.trained_homes == set(rows.evidence.features.index)


def test_too_few_labels_are_told_with_a_remedy(plant_rows, train_planted):
    with pytest.raises(NotEnoughDataError, match=r"^60 homes with a label known on 2024-06-30 .* 100 are needed"):
        train_planted(plant_rows(60, seed=1, day="2024-06-30"))


def test_a_trained_model_has_learned_the_planted_rule(plant_rows, train_planted):
    held_out = train_planted(plant_rows(800, seed=1, day="2024-06-30")).held_out
    assert held_out.model["accuracy"].value > 0.8
    assert held_out.gain["accuracy"].is_above_zero


def test_the_naive_rival_knows_the_training_answers_alone(plant_rows):
    trained, judged = plant_rows(300, seed=1, day="2024-06-30"), plant_rows(40, seed=2, day="2024-12-31", prefix="g")
    share = naive_rival(trained, judged)
    judged.evidence.is_gas[:] = ~judged.evidence.is_gas
    np.testing.assert_array_equal(naive_rival(trained, judged), share)
    assert share.shape == (40,)
    assert ((share > 0) & (share < 1)).all()
