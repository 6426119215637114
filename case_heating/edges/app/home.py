"""Home, for the call centre and the technician: find a home, its answer, how sure, why, and what would settle it.

The page opens with the search alone; the models and charts that an answer needs take seconds to load, which is begun
in the background while somebody reads and types.
"""

import streamlit as st

from case_heating.edges.app.ahead import load, load_ahead
from case_heating.edges.app.home_find import find_a_home
from case_heating.edges.app.parts import page_head

WAY = "by"
"""Query parameter that says whether a home is looked up or its facts are typed."""

FOUND, TYPED = "name", "facts"


def show() -> None:
    """Show the page."""
    page_head(
        "Home",
        "What does a home heat with, how sure is that, and why? For whoever talks to a customer or drives there.",
        lesson="05",
        code="case_heating/people/reasons.py",
    )
    if _choose_way() == TYPED:
        load("home_typed").show_typed()
        return
    home_id = find_a_home()
    if home_id is None:
        load_ahead("case_heating.edges.app.home_one", "altair")
        return
    load("home_one").show_one(home_id)


def _choose_way() -> str:
    """Let somebody find a home or type its facts."""
    asked = st.query_params.get(WAY, FOUND)
    ways = {FOUND: "Find a home", TYPED: "Type its facts"}
    chosen = st.segmented_control(
        "How",
        list(ways),
        format_func=ways.__getitem__,
        default=asked if asked in ways else FOUND,
        key="home_way",
        label_visibility="collapsed",
        required=True,
    )
    if chosen == TYPED:
        st.query_params[WAY] = TYPED
    else:
        st.query_params.pop(WAY, None)
    return chosen or FOUND
