"""Charts of one make: what is said, what is exported, and that nothing from the data is read as Markdown."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from case_heating.edges.app.charts import plain


def _chart():
    import altair as alt
    import pandas as pd

    from case_heating.edges.app.charts import fuel_colour, show_chart

    homes = pd.DataFrame({"fuel": ["gas", "electricity"], "homes": [3, 2]})
    chart = alt.Chart(homes).mark_bar().encode(x="fuel", y="homes", color=fuel_colour("fuel"))
    show_chart(chart, says="3 of 5 homes [heat] with gas.", name="homes_by_fuel")


def test_a_chart_says_what_to_see_and_can_be_taken_away():
    at = AppTest.from_function(_chart, default_timeout=30).run()
    assert not at.exception
    assert at.markdown[0].value == "3 of 5 homes \\[heat\\] with gas."
    spec = json.loads(at.main.children[1].proto.spec)
    options = spec["usermeta"]["embedOptions"]
    assert options == {
        "actions": {"export": {"png": True, "svg": True}, "source": False, "compiled": False, "editor": False},
        "downloadFileName": "homes_by_fuel",
    }
    colour = spec["encoding"]["color"]["scale"]
    assert dict(zip(colour["domain"], colour["range"], strict=True))["gas"] == "#d55e00"


@pytest.mark.parametrize("text", ["![x](http://tracker)", "<b>", "$x$", ":red[x]", "a_b_c", "# head", "`code`"])
def test_text_from_data_stays_text(text):
    marks = set("\\`*_[]<>#$~|:")
    shown = plain(text)
    assert all(before == "\\" for before, letter in zip(" " + shown, shown, strict=False) if letter in marks - {"\\"})
