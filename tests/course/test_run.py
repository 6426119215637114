"""One pass through a lesson finds each planted fault of it, and keeps what the cells show."""

import sys

import pandas as pd
import pytest

from course.cells import answer_shown
from course.figures import Figure
from course.run import run_lesson

USES_SOLUTION = ("# %%\ntotal + 1", "# %%\nhelper + 1")


def test_a_sound_lesson_has_no_faults_and_shows_what_it_should(write_lesson):
    run = run_lesson(write_lesson(), with_figures=True)
    assert run.faults == []
    assert run.planted == 2
    assert run.figures == {"real_total": Figure(50.0, "of 100")}
    assert run.outputs[1] == [
        {"output_type": "stream", "name": "stdout", "text": "two parts\n"},
        {"output_type": "execute_result", "execution_count": None, "data": {"text/plain": "[1, 4]"}, "metadata": {}},
    ]
    assert run.outputs[4] == [{"output_type": "stream", "name": "stdout", "text": "total = 5\n"}]
    assert run.outputs[6][0]["data"] == {"text/plain": "6"}  # five and one: the solution's answer goes on
    assert [run.quizzes[number].right for number in (1, 2)] == ["yes", "2"]
    assert "lesson_05" not in sys.modules


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (0.29137, "total = 0.291\n"),
        ({"weather desk", "billing"}, "total = {'billing', 'weather desk'}\n"),
        (set(), "total = set()\n"),
        (sum, None),
        (list(range(500)), None),  # nobody reads that
    ],
)
def test_the_book_shows_an_answer_unless_it_is_a_function_or_long(answer, told):
    assert [one["text"] for one in answer_shown("total", answer)] == ([told] if told else [])


def test_an_answer_that_is_a_table_is_shown_as_one():
    assert "<table" in answer_shown("total", pd.DataFrame({"a": [1]}))[0]["data"]["text/html"]


def test_real_homes_are_measured_only_when_asked(write_lesson):
    assert run_lesson(write_lesson(), with_figures=False).figures == {}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([("total = parts[0]", "total = 5")], "20: total: what the learner is given passes as it is"),
        ([("total = parts[0]", "totl = parts[0]")], "20: total: the starter does not make it"),
        ([("total = sum(parts)", "total = 6")], "22: total: the solution does not pass its check"),
        ([('"You take the last alone.": parts[-1]', '"You": 5')], "the foreseen mistake passes as right"),
        (
            [("parts[-1]}", "parts[0]}")],
            "should get the hint 'You take the last alone.' and gets 'You take the first alone.'",
        ),
        ([("right=sum(parts)", "right=total")], "what the learner is given passes as it is"),
        ([("right=sum(parts)", "right=total + 4")], "22: total: what is right depends on the learner's answer"),
        ([("parts = [1, 4]", "parts = [1, 4] + nothing")], "12: NameError: name 'nothing' is not defined"),
        ([("    otherwise=", "    otherwse=")], "TypeError"),
        ([("total = sum(parts)", "helper = total = sum(parts)"), USES_SOLUTION], "'helper' is made by no cell"),
        (
            [("total = parts[0]", "few = parts\ntotal = few[0]"), ("right=sum(parts)", "right=sum(few)")],
            "24: 'few' is made",
        ),
        ([('print("two', 'import warnings\nwarnings.warn("old")\nprint("two')], "14: UserWarning: old"),
        ([('right="yes"', 'right="perhaps"')], "right is 'perhaps', which is none of the options"),
        ([("value=10 *", "value=ten *")], "NameError: name 'ten'"),
        ([("[1, 4]", "[1, 4")], "SyntaxError"),
        (
            [
                ("total = sum(parts)", "total = sum(one for one in parts)"),
                ("Add them all.", "`sum(one for one in parts)`"),
            ],
            "22: a hint holds the solution's own `sum(oneforoneinparts)`",
        ),
    ],
)
def test_a_planted_fault_is_told_with_its_place(write_lesson, changes, fault):
    faults = run_lesson(write_lesson(*changes), with_figures=True).faults
    assert any(fault in words for words in faults), faults
    assert all(words.startswith("05_adding_up.py:") for words in faults)


def test_nothing_runs_after_a_cell_that_stopped(write_lesson):
    run = run_lesson(write_lesson(("print(", "raise KeyError('x')\nprint(")), with_figures=True)
    assert len(run.faults) == 1
    assert run.figures == {}


def test_a_class_made_in_a_cell_knows_its_module(write_lesson):
    made = "from dataclasses import dataclass\n@dataclass\nclass Home:\n    rooms: 'int'\nHome(3)"
    run = run_lesson(write_lesson(("total + 1", made)), with_figures=False)
    assert run.faults == []
    assert run.outputs[6][0]["data"]["text/plain"] == "Home(rooms=3)"
