"""Gaps by hand: one that goes with the place alone, one that stays, and groups with nobody alike."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.model.evidence import Evidence
from case_heating.model.fairness import FairnessLimits, Traits
from case_heating.model.gap_causes import standardised_gaps

LIMITS = FairnessLimits(min_homes_judged=100)


def planted(cells, probability_of_electric=0.3):
    """Gas homes by (group, division, homes, called electric), all said with the same probabilities."""
    group, division, missed = [], [], []
    for name, place, n, n_missed in cells:
        group += [name] * n
        division += [place] * n
        missed += [True] * n_missed + [False] * (n - n_missed)
    n = len(group)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    homes = pd.DataFrame({"division": pd.Series(division, index=index, dtype="str")})
    is_gas = np.ones(n, dtype=bool)
    counts = {"gas": n, "electricity": 0, "other": 0, "none": 0}
    evidence = Evidence(pd.DataFrame(index=index), is_gas, homes, None, counts, n, date(2024, 1, 1))
    probability = np.where(missed, probability_of_electric, 0.8)
    return evidence, probability, Traits(pd.DataFrame({"race": pd.Series(group, index=index, dtype="str")}), {})


def gaps_of(cells, **others):
    evidence, probability, traits = planted(cells)
    table = standardised_gaps(evidence, probability, traits, limits=LIMITS, rounds=200, **others)
    return table.set_index("alike_in")


def test_a_gap_that_goes_with_the_place_goes_away_between_alike_homes():
    # both groups: half of the gas homes in the south are called electric, a tenth of those in the north
    gaps = gaps_of(
        [
            ("black", "south", 160, 80),
            ("black", "north", 40, 4),
            ("white", "south", 100, 50),
            ("white", "north", 300, 30),
        ]
    )
    assert gaps.loc["nothing", "gap"] == pytest.approx(84 / 200 - 80 / 400)
    assert gaps.loc["nothing", "low"] > 0
    assert gaps.loc["place", "gap"] == pytest.approx(0)
    assert gaps.loc["place", "low"] < 0 < gaps.loc["place", "high"]
    assert gaps["compared"].tolist() == [1, 1]
    assert set(gaps["reference"]) == {"white"}


def test_a_gap_within_places_stays_and_is_weighted_by_the_groups_own_homes():
    gaps = gaps_of(
        [
            ("black", "south", 150, 90),
            ("black", "north", 50, 10),
            ("white", "south", 200, 60),
            ("white", "north", 200, 20),
        ]
    )
    # south 0.6 − 0.3, north 0.2 − 0.1, weighted 150 to 50
    assert gaps.loc["place", "gap"] == pytest.approx(0.75 * 0.3 + 0.25 * 0.1)
    assert gaps.loc["place", "low"] > 0


def test_homes_with_nobody_alike_are_left_out_and_counted():
    gaps = gaps_of(
        [
            ("black", "south", 100, 50),
            ("black", "west", 100, 0),
            ("white", "south", 300, 90),
        ]
    )
    assert gaps.loc["place", "compared"] == 0.5
    assert gaps.loc["place", "gap"] == pytest.approx(0.5 - 0.3)


def test_nobody_alike_at_all_leaves_the_gap_missing():
    gaps = gaps_of([("black", "south", 150, 50), ("white", "north", 300, 30)])
    assert gaps.loc["place", "compared"] == 0
    assert np.isnan(gaps.loc["place", "gap"])


def test_expected_gap_is_what_calibrated_probabilities_imply():
    gaps = gaps_of([("black", "south", 200, 100), ("white", "south", 400, 100)])
    # chance of gas below 0.5 over all chance of gas: 100 × 0.3 / (100 × 0.3 + 100 × 0.8), and 30 / (30 + 240)
    assert gaps["expected"].iloc[0] == pytest.approx(30 / 110 - 30 / 270)


def test_small_groups_are_not_compared():
    evidence, probability, traits = planted([("black", "south", 40, 10), ("white", "south", 400, 40)])
    assert standardised_gaps(evidence, probability, traits, limits=LIMITS, rounds=10).empty
