"""One home on the Home page: its answer and why, what people say of it, its bills and what its next year costs."""

import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.edges.app.home_answer import show_answer
from case_heating.edges.app.home_bills import show_bills
from case_heating.edges.app.home_language import choose_language
from case_heating.edges.app.home_wrong import show_wrong
from case_heating.edges.app.home_year import show_year
from case_heating.edges.app.parts import guarded
from case_heating.one_home import OneHome, look_up_home


def show_one(home_id: str) -> None:
    """Show all that is known and said of a home.

    Raises
    ------
    HeatingError
        If it cannot be read.
    """
    home = _look_up(home_id)
    language = choose_language(f"**{plain(home.home_id)}** · {plain(home.where)}")
    show_answer(home, language)
    with guarded():
        show_wrong(home)
    show_bills(home.bills, seen=None if home.seen is None else home.seen.since)
    with guarded():
        show_year(home.home_id)


def _look_up(home_id: str) -> OneHome:
    found = cached.opened()
    place = str(found.settings.workspace.resolve())
    return _keep_home(place, found.source, found.stamp, home_id)


@st.cache_resource(max_entries=200, show_spinner="Looking the home up …")
def _keep_home(workspace: str, source: str, stamp: str, home_id: str) -> OneHome:  # noqa: ARG001 - keys
    return look_up_home(cached.opened(source), cached.explainer(source), cached.finder(source), home_id)
