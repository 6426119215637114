"""What the page on fairness draws, with figures worked out by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from case_heating.model.fairness import Fairness, FairnessLimits
from case_heating.people.fairness_frames import (
    gap_steps,
    group_rows,
    groups_in_words,
    measures_of,
    proxy_rows,
    remedy_rows,
    unit_of,
    worst_measure,
)


@pytest.fixture
def blind(fairness_example):
    """The same with nothing to look at."""
    none = pd.DataFrame()
    nothing = Fairness(none, none, {}, {}, {}, 0, 0)
    return replace(fairness_example, fairness=nothing, gaps=none, told=none, remedies=none, focus=None)


def test_groups_stand_over_within_or_beside_the_limit(fairness_example):
    rows = group_rows(fairness_example, "gas_called_electric").set_index("label")
    assert rows["stands"].to_dict() == {
        "Owner or renter: owner": "within the limit",  # better off than others is no harm
        "Owner or renter: renter": "over the limit",
        "Race of the householder: Black": "too few homes to judge",
        "Race of the householder: Asian": "over it, perhaps by chance",
    }
    assert rows.loc["Owner or renter: renter", ["value", "low", "high", "gap"]].tolist() == pytest.approx(
        [20, 18, 22, 12]
    )


def test_what_has_no_limit_and_what_is_off_either_way(fairness_example, blind):
    assert group_rows(fairness_example, "accuracy")["stands"].tolist() == ["has no limit"]
    assert group_rows(fairness_example, "calibration_gap")["stands"].tolist() == ["over the limit"]
    assert group_rows(fairness_example, "cost_error_usd")["value"].tolist() == [250.0]
    assert (unit_of("cost_error_usd"), unit_of("accuracy"), unit_of("calibration_gap")) == ("USD a year", "%", "points")
    assert measures_of(fairness_example) == ["gas_called_electric", "calibration_gap", "cost_error_usd", "accuracy"]
    assert measures_of(blind) == []
    assert (worst_measure(fairness_example), worst_measure(blind)) == ("gas_called_electric", None)
    figures = fairness_example.fairness.figures
    none_over = figures.assign(gap=figures["gap"].where(figures["measure"] != "gas_called_electric", 0.0))
    fairness = replace(fairness_example.fairness, figures=none_over)
    assert worst_measure(replace(fairness_example, fairness=fairness)) == "calibration_gap"


def test_the_worst_group_is_said_beside_what_is_allowed(fairness_example):
    assert groups_in_words(fairness_example, "gas_called_electric") == (
        "Share of gas homes called electric: 1 of 3 groups judged are over the limit. The widest gap has renter "
        "(owner or renter; 300 homes) with 20.0 %, +12.0 points from all other homes; 5 are allowed."
    )
    assert "−8.0 points from all other homes" in groups_in_words(fairness_example, "calibration_gap")
    assert groups_in_words(fairness_example, "accuracy").endswith(
        "from 80.0 % (renter) to 80.0 % (renter); it has no limit."
    )
    lenient = replace(fairness_example, limits=FairnessLimits(max_error_gap=0.5))
    assert "no group is over the limit" in groups_in_words(lenient, "gas_called_electric")


def test_the_gap_between_alike_homes_ends_with_what_is_expected(fairness_example, blind):
    steps = gap_steps(fairness_example)
    assert steps["step"].tolist() == ["all homes", "alike in place", "expected from the probabilities"]
    assert steps["gap"].tolist() == pytest.approx([12, 3, 10])
    assert steps["low"].isna().tolist() == [False, False, True]
    assert gap_steps(blind).empty


def test_proxies_name_what_carries_them(fairness_example, blind):
    rows = proxy_rows(fairness_example)
    assert rows["label"].tolist() == ["Race of the householder: Asian", "Owner or renter: renter"]
    assert rows["carrier"].tolist() == ["place", "dwelling"]
    assert proxy_rows(blind).empty


def test_remedies_stand_with_their_price(fairness_example, blind):
    rows = remedy_rows(fairness_example)
    assert rows["price"].tolist() == pytest.approx([0, 1])
    assert rows["needs"].tolist() == ["never", "to train, answers by lot"]
    assert rows["taken"].tolist() == [False, True]
    assert remedy_rows(replace(fairness_example, decision=None))["taken"].tolist() == [True, False]
    assert remedy_rows(blind).empty
