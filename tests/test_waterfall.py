"""The waterfall ends at the score, with one bar per group and the smallest summed."""

import re
from itertools import pairwise

import pytest

from case_heating.model.explain import Explanation
from case_heating.people.waterfall import MOST_BARS, waterfall_plot, waterfall_steps

CONTRIBUTIONS = {"gas_use": -2.0, "electricity_use": 1.0, "age": 0.25}
ONE = Explanation(
    home_id="h$1",
    fuel="electricity",
    probability_of_gas=0.3,
    confidence=0.7,
    sureness="about 7 in 10",
    score=-0.25,
    bias=0.5,
    contributions=CONTRIBUTIONS,
    reasons=(),
    against=None,
    settled_by="visit",
    other_answer=None,
)


def test_steps_by_hand():
    assert waterfall_steps(ONE) == [
        ("all homes", 0.0, 0.5),
        ("gas use", 0.5, -1.5),
        ("electricity use", -1.5, -0.5),
        ("age", -0.5, -0.25),
    ]


def test_one_group_too_many_is_named_and_not_called_others():
    contributions = {f"group_{number}": float(number) for number in range(1, MOST_BARS + 2)}
    steps = waterfall_steps(Explanation(**(vars(ONE) | {"contributions": contributions})))
    assert steps[-1][0] == "group 1"
    contributions["group_0"] = 0.5
    steps = waterfall_steps(Explanation(**(vars(ONE) | {"contributions": contributions})))
    assert steps[-1][0] == "2 others"
    assert len(steps) == MOST_BARS + 2


def test_many_groups_end_at_the_score_too():
    contributions = {f"group_{number}": (-1) ** number * number / 7 for number in range(1, 14)}
    score = 0.1 + sum(contributions.values())
    many = Explanation(**(vars(ONE) | {"bias": 0.1, "score": score, "contributions": contributions}))
    steps = waterfall_steps(many)
    assert len(steps) == MOST_BARS + 2
    assert steps[-1][0] == "4 others"
    assert steps[-1][2] == pytest.approx(score, abs=1e-9)
    assert all(before[2] == after[1] for before, after in pairwise(steps))


def test_drawn_with_its_numbers_and_the_same_twice(tmp_path):
    plot = waterfall_plot(ONE)
    assert plot.title == "h$1: electricity, 70.0 % sure; score −0.25"
    svg = plot.svg()
    said = re.findall(r">([^<>]*)</text>", svg)
    for words in ("all homes", "gas use", "−2.00", "+1.00", "+0.25"):
        assert words in said
    assert svg == plot.svg()
    plot.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"waterfall.svg", "waterfall.png"}
