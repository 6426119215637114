"""Answers are compared as people mean them, and each mistake gets the hint that fits it, never the solution."""

import numpy as np
import pandas as pd
import pytest

from course.answers import same
from course.checks import MISSING, Exercise, exercise_of, judge
from course.lesson import LessonError, read_lesson

SHARE = Exercise("share", 0.7, {"half": 0.5, "the rest": 0.3}, "take the mean", within=0.002, then="Well done.")
DOUBLE = Exercise(
    "double",
    lambda x: 2 * x,
    {"squared": lambda x: x**2, "plus two": lambda x: x + 2},
    "twice",
    on=[1, 3, (5,)],
)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (0.7015, 0.7),
        (np.float64(0.7), 0.7),
        (7, np.int64(7)),
        (" Gas", "gas"),
        (np.bool_(True), True),
        ((1, 2.001), [1, 2]),
        (np.array([1.0, 2.0]), [1, 2]),
        (pd.Series([1, 2], index=["a", "b"]), pd.Series([2, 1], index=["b", "a"])),
        ([2, 1], pd.Series([2, 1], index=["b", "a"])),
        ({"b", "a"}, {"a", "b"}),
        ({"a": 1.0}, {"a": 1}),
        (float("nan"), None),
        (pd.Timestamp("2025-01-01").date(), pd.Timestamp("2025-01-01")),
        (pd.DataFrame({"b": [1], "a": [2]}), pd.DataFrame({"a": [2], "b": [1]})),
    ],
)
def test_what_counts_as_the_same(answer, right):
    assert same(answer, right, within=0.002)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (0.703, 0.7),
        (1, True),
        (True, 1),
        ("gas", "electricity"),
        ([1, 2], [2, 1]),
        ([1], [1, 2]),
        (pd.Series([1, 2], index=["a", "b"]), pd.Series([1, 2], index=["b", "a"])),
        ({"a"}, {"a", "b"}),
        ({"a": 1}, {"b": 1}),
        (None, 0.0),
        ("0.7", 0.7),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
    ],
)
def test_what_does_not(answer, right):
    assert not same(answer, right, within=0.002)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.701, "Right: 0.701. Well done."),
        (0.5, "half"),
        (0.3, "the rest"),
        (0.9, "take the mean"),
        (70.0, "You give a percentage, and a share between 0 and 1 is asked for."),
        (..., "`share` is still `...`: put your answer in its place. take the mean"),
        (MISSING, "There is no `share` yet: run the cell in which you make it."),
        ([0.7], "`share` should be one number, and yours is a list or a column. take the mean"),
    ],
)
def test_each_mistake_gets_its_hint(answer, words):
    assert judge(SHARE, answer).words == words
    assert judge(SHARE, answer).right is words.startswith("Right")


def fails(x):
    return x["home"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: x + x, "Right."),
        (lambda x: x * x, "squared"),
        (lambda x: x + 2, "plus two"),
        (lambda x: 0, "twice"),
        (4, "`double` should be a function, and yours is one number."),
        (fails, "Your function stops with TypeError: 'int' object is not subscriptable. twice"),
    ],
)
def test_functions_are_compared_on_examples(answer, words):
    assert judge(DOUBLE, answer).words == words


def test_a_function_may_change_what_it_is_given():
    def sort_in_place(values):
        values.sort()
        return values

    example = [3, 1, 2]
    exercise = Exercise("f", sorted, {"as it was": lambda x: x, "backwards": lambda x: x[::-1]}, "sort", on=[example])
    assert judge(exercise, sort_in_place).right
    assert example == [3, 1, 2]


SOURCE = """# ---
# number: "01"
# title: "T"
# level: 0
# minutes: 45
# teaches: []
# ---
# %% [exercise] total
total = 0
# %% [solution] total
total = sum(parts)
# %% [check] total
parts_copy = list(parts)
exercise(right=sum(parts_copy), wrong={"one": parts[0], "two": parts[1]}, otherwise="add")
"""


@pytest.fixture
def lesson(tmp_path):
    def read(source=SOURCE):
        path = tmp_path / "level_0" / "01_t.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return read_lesson(path)

    return read


def test_a_check_sees_the_learners_names_and_leaves_none_of_its_own(lesson):
    names = {"parts": [1, 4]}
    exercise = exercise_of(lesson(), "total", names)
    assert (exercise.right, judge(exercise, 1).words) == (5, "one")
    assert set(names) == {"parts"}


def test_a_check_that_foresees_too_little_is_refused(lesson):
    with pytest.raises(LessonError, match="13: the check of total foresees 1 wrong answers"):
        exercise_of(lesson(SOURCE.replace(', "two": parts[1]', "")), "total", {"parts": [1, 4]})
    with pytest.raises(LessonError, match="calls exercise 0 times"):
        exercise_of(lesson(SOURCE.replace("exercise(right", "dict(right")), "total", {"parts": [1, 4]})
    with pytest.raises(LessonError, match="total is a function; say with on="):
        exercise_of(lesson(SOURCE.replace("right=sum(parts_copy)", "right=sum")), "total", {"parts": [1, 4]})
    with pytest.raises(LessonError, match="lesson 01 has no exercise 'sum'; it has total"):
        exercise_of(lesson(), "sum", {})
