"""A chart that has nothing to draw is told of, whatever it is made of; one that has draws without a word."""

import altair as alt
import pandas as pd
import pytest

from course.chart_faults import ChartWarning, chart_faults
from course.pictures import shown
from course.run import run_lesson

HOMES = pd.DataFrame({"rooms": [2, 3], "kwh": [1.0, 4.0], "nobody": [None, None], "bills.usage": [1, 2]})
BARS = alt.Chart(HOMES).mark_bar().encode(x="rooms:Q")
RULE = alt.Chart().mark_rule().encode(x=alt.datum(1))


@pytest.mark.parametrize(
    "chart",
    [
        BARS,
        BARS + RULE,
        alt.layer(RULE, BARS),
        BARS | BARS,
        alt.Chart(HOMES).mark_bar().encode(x="count()", y="rooms:O", tooltip=["rooms", "kwh"]),
        alt.Chart(HOMES).mark_point().encode(x=r"bills\.usage:Q", detail="kwh"),
        alt.Chart(HOMES).transform_calculate(twice="2 * datum.kwh").mark_bar().encode(x="twice:Q"),
        alt.Chart(HOMES).transform_fold(["rooms", "kwh"]).mark_bar().encode(x="value:Q", color="key:N"),
        alt.Chart(HOMES).transform_aggregate(most="max(kwh)", groupby=["rooms"]).mark_bar().encode(x="most:Q"),
        alt.Chart(HOMES).mark_bar().encode(x="rooms:Q", row="kwh:O"),
        alt.Chart(HOMES).mark_bar().encode(x="rooms:Q").facet("kwh:O"),
        alt.Chart(HOMES).mark_bar().encode(x=alt.X(alt.repeat(), type="quantitative")).repeat(["rooms", "kwh"]),
    ],
)
def test_a_chart_that_draws_is_shown_without_a_word(chart):
    assert chart_faults(chart.to_dict()) == []
    assert "<svg" in shown(chart).svg  # a warning would be an error here


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (alt.Chart(HOMES[:0]).mark_line().encode(x="rooms:Q"), "draws 'rooms' and has no rows"),
        (RULE + alt.Chart(HOMES[:0]).mark_line().encode(y="kwh:Q"), "draws 'kwh' and has no rows"),
        (BARS | alt.Chart(HOMES).mark_bar().encode(x="room:Q"), r"'room', which is no column of its data \(rooms, kwh"),
        (alt.Chart(HOMES).mark_bar().encode(x="nobody:Q"), "'nobody', which is missing in all 2 rows"),
        (alt.Chart(HOMES).mark_bar().encode(tooltip=["rooms", "size:Q"]), "'size', which is no column"),
        (alt.Chart(HOMES).mark_point().encode(x="bills.usage:Q"), "looks for 'usage' inside 'bills'"),
        (BARS.transform_filter("datum.kwh > 9"), "the chart draws not one rect"),
    ],
)
def test_a_chart_without_marks_is_told_of(chart, words):
    with pytest.warns(ChartWarning, match=words):
        shown(chart)


def test_a_picture_that_is_not_the_last_line_of_its_cell_is_seen_by_nobody(write_lesson):
    faults = run_lesson(write_lesson(("total + 1", "show = len\nshow([1])\ntotal + 1")), with_figures=False).faults
    assert faults == ["05_adding_up.py:30: nobody sees this picture; `show` must be the cell's last line"]
    assert run_lesson(write_lesson(("total + 1", "show = len\nshow([1])")), with_figures=False).faults == []


def test_an_empty_chart_is_a_fault_of_the_lesson(write_lesson):
    drawn = (
        "import altair as alt\nimport pandas as pd\nfrom course.desk import show\ntable = pd.DataFrame({'a': [1]})\n"
    )
    chart = "show(alt.Chart(table).mark_bar().encode(x='a:Q'))"
    assert run_lesson(write_lesson(("total + 1", drawn + chart)), with_figures=False).faults == []
    faults = run_lesson(write_lesson(("total + 1", drawn + chart.replace("a:Q", "b:Q"))), with_figures=False).faults
    assert [words.splitlines()[0] for words in faults] == [
        "05_adding_up.py:33: ChartWarning: the chart draws 'b', which is no column of its data (a)"
    ]
