"""How a home's answer grew with each source of data: the chance of gas stage by stage."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app.charts import COLOURS, show_chart
from case_heating.one_home import OneHome
from case_heating.people.home_answer import growth_in_words
from case_heating.people.words import stage_name

if TYPE_CHECKING:
    import altair as alt

KNOWN, LACKING = "known of this home", "not known of this home"


def show_growth(home: OneHome) -> None:
    """Show, folded up, what each source of data did for the answer."""
    with st.expander("How the answer grew with each source of data", icon=":material/stairs:"):
        says = growth_in_words(home.steps, held_out=home.held_out is not None)
        show_chart(draw_growth(home.steps), says=says, name=f"growth_{home.home_id}")


def draw_growth(steps: pd.DataFrame) -> "alt.LayerChart":
    """Draw the chance of gas by stage, marked by whether the home has a fact of the stage.

    Parameters
    ----------
    steps : DataFrame
        From ``answer_by_stage``.
    """
    import altair as alt  # which takes long: the words of the page come first

    told = pd.DataFrame(
        {
            "order": range(len(steps)),
            "source": [stage_name(stage) for stage in steps["stage"]],
            "gas_of_100": 100 * steps["probability_of_gas"].to_numpy(),
            "fact": steps["known"].map({True: KNOWN, False: LACKING}).to_numpy(),
        }
    )
    base = alt.Chart(told).encode(
        x=alt.X(
            "gas_of_100:Q",
            title="chance of gas (of 100)",
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(values=[0, 25, 50, 75, 100]),
        ),
        y=alt.Y("source:N", sort=alt.EncodingSortField("order"), title=None, axis=alt.Axis(labelLimit=160)),
        tooltip=[
            alt.Tooltip("source:N", title="with"),
            alt.Tooltip("gas_of_100:Q", title="chance of gas (of 100)", format=".1f"),
            alt.Tooltip("fact:N", title="its fact"),
        ],
    )
    colour, shape = [COLOURS["machine"], COLOURS["naive"]], ["circle", "cross"]
    points = base.mark_point(size=120, filled=True, opacity=1).encode(
        color=alt.Color("fact:N", title=None, scale=alt.Scale(domain=[KNOWN, LACKING], range=colour)).legend(
            orient="bottom"
        ),
        shape=alt.Shape("fact:N", title=None, scale=alt.Scale(domain=[KNOWN, LACKING], range=shape)),
    )
    even = alt.Chart(alt.Data(values=[{"even": 50}])).mark_rule(strokeDash=[4, 4], opacity=0.6).encode(x="even:Q")
    path = base.mark_line(opacity=0.5, color=COLOURS["machine"]).encode(order="order:Q")
    return (even + path + points).properties(height=300)
