"""Portfolio, for finance: what the homes heat with, what the year ahead costs, and what would change it."""

import streamlit as st

from case_heating.edges.app.cached import forecast, opened
from case_heating.edges.app.charts import show_chart
from case_heating.edges.app.parts import nothing_yet, page_head
from case_heating.edges.app.portfolio_charts import draw_certainty
from case_heating.edges.app.portfolio_groups import count_homes, show_groups
from case_heating.edges.app.portfolio_scenario import show_scenario
from case_heating.errors import NotEnoughDataError
from case_heating.people.portfolio_figures import certainty_in_words


def show() -> None:
    """Show the page."""
    page_head(
        "Portfolio",
        "What all homes cost in the year ahead, and what another winter, other prices or heat pumps would change.",
        lesson="07",
        code="case_heating/people/portfolio_figures.py",
    )
    found = opened()
    try:
        learned = forecast()
    except NotEnoughDataError as error:
        said = str(error).rstrip(".").replace("`", "'")
        nothing_yet("This source has no months to forecast.", remedy=f"{said[:1].upper()}{said[1:]}.")
        st.subheader("Districts and dwellings", anchor=False)
        show_groups(found)
    else:
        show_scenario(found, learned)
    st.subheader("What homes heat with, and how sure that is", anchor=False)
    certainty = count_homes(found).certainty
    show_chart(draw_certainty(certainty), says=certainty_in_words(certainty), name="homes_by_fuel")
    if "survey_weight" in found.known.tables["homes"]:
        st.caption("A survey: each home of the sample counts once here, whatever number of homes it stands for.")
