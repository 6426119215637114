"""Home, for the call centre and the technician: find a home, its answer, how sure, why, and what would settle it."""

import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.edges.app.home_answer import show_answer
from case_heating.edges.app.home_bills import show_bills
from case_heating.edges.app.home_find import find_a_home
from case_heating.edges.app.home_typed import show_typed
from case_heating.edges.app.home_wrong import show_wrong
from case_heating.edges.app.home_year import show_year
from case_heating.edges.app.parts import guarded, page_head
from case_heating.one_home import OneHome, look_up_home

LANGUAGES = {"English": "en", "Español": "es"}
LANGUAGE = "lang"
"""Query parameter of the language of the sentences for customers."""

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
        show_typed(_choose_language("A home of which you type the facts"))
        return
    home_id = find_a_home()
    if home_id is None:
        return
    home = _look_up(home_id)
    language = _choose_language(f"**{plain(home.home_id)}** · {plain(home.where)}")
    show_answer(home, language)
    with guarded():
        show_wrong(home)
    show_bills(home.bills, seen=None if home.seen is None else home.seen.since)
    with guarded():
        show_year(home.home_id)


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


def _choose_language(about: str) -> str:
    where, which = st.columns([3, 1], vertical_alignment="center")
    where.markdown(about)
    codes = {code: name for name, code in LANGUAGES.items()}
    asked = codes.get(st.query_params.get(LANGUAGE, "en"), "English")
    chosen = which.segmented_control(
        "Language", list(LANGUAGES), default=asked, key=LANGUAGE, label_visibility="collapsed", required=True
    )
    language = LANGUAGES[chosen or asked]
    if language != "en" or LANGUAGE in st.query_params:
        st.query_params[LANGUAGE] = language
    return language


def _look_up(home_id: str) -> OneHome:
    found = cached.opened()
    place = str(found.settings.workspace.resolve())
    return _keep_home(place, found.source, found.stamp, home_id)


@st.cache_resource(max_entries=200, show_spinner="Looking the home up …")
def _keep_home(workspace: str, source: str, stamp: str, home_id: str) -> OneHome:  # noqa: ARG001 - keys
    return look_up_home(cached.opened(source), cached.explainer(source), cached.finder(source), home_id)
