"""The search on the Home page: a box, the homes that fit, and three homes to begin with."""

import pandas as pd
import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.errors import counted
from case_heating.people.find_homes import LONGEST_QUERY, Found, find_homes, homes_to_begin_with, unknown_home
from case_heating.people.words import FUEL_WORDS

HOME, FIND = "home", "find"
"""Query parameters: the home that is looked at, or else what was typed to find one."""

SHOWN = 8  # homes that fit; who sees more than these types another word
_BEGIN = {
    "gas": ("Surely gas", "The machine has no doubt, and it says why."),
    "electricity": ("Surely electric", "Just as sure of the other fuel, and it says why."),
    "unsure": ("Could be either", "The machine hardly knows, and says what would settle it."),
}
_BOX = "home_find"


def find_a_home() -> str | None:
    """Let somebody find a home, and give its id; nothing while they have not, with something to begin with instead.

    Raises
    ------
    NothingMadeError
        If no run has finished.
    """
    finder = cached.finder()
    if _BOX not in st.session_state:
        st.session_state[_BOX] = st.query_params.get(HOME) or st.query_params.get(FIND, "")
    typed = st.text_input(
        "Find a home",
        key=_BOX,
        placeholder=f"Its id, such as {finder.home_ids[0]}, or a part of it or of its address, district or state",
        max_chars=LONGEST_QUERY,
        icon=":material/search:",
    )
    found = find_homes(finder, typed, limit=SHOWN)
    home_id = _the_one(typed, found)
    _write_link(home_id, typed)
    if home_id is not None:
        return home_id
    if not typed.strip():
        _show_some(len(finder.home_ids))
    elif found.n_homes:
        _list(typed, found)
    else:
        st.warning(
            plain(f"{unknown_home(cached.chosen_source(), finder, typed.strip())}."), icon=":material/search_off:"
        )
        _show_some(len(finder.home_ids))
    return None


def _the_one(typed: str, found: Found) -> str | None:
    """Give the home that is meant: its id was typed, or nothing else fits."""
    if not found.n_homes:
        return None
    first = str(found.homes["home_id"].iloc[0])
    return first if found.n_homes == 1 or first.lower() == typed.strip().lower() else None


def _write_link(home_id: str | None, typed: str) -> None:
    """Keep the address of the page in step, so that it can be sent to a colleague."""
    wanted = {HOME: home_id, FIND: None if home_id or not typed.strip() else typed.strip()}
    for name, value in wanted.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def _list(typed: str, found: Found) -> None:
    answers = cached.opened().answers.value
    fit = counted(found.n_homes, "home fits", "homes fit")
    more = f"; open one of the first {SHOWN}, or narrow them with another word" if found.n_homes > SHOWN else ""
    st.markdown(plain(f"{fit} “{typed.strip()}”{more}."))
    for row in found.homes.itertuples():
        home_id = str(row.home_id)
        label = f"**{plain(home_id)}** · {plain(str(row.where))} · {_answer(answers, home_id)}"
        st.button(label, key=f"open_{home_id}", icon=":material/chevron_right:", on_click=_open, args=(home_id,))


def _answer(answers: pd.DataFrame, home_id: str) -> str:
    row = answers.loc[home_id]
    if isinstance(row["seen"], str):
        return f"{FUEL_WORDS[row['seen']]}, seen"
    return f"{FUEL_WORDS[row['heating_fuel']]}, {row['sureness']}"


def _show_some(n_homes: int) -> None:
    st.markdown(f"{n_homes:,} homes are known. New here? Look at one of these:")
    some = homes_to_begin_with(cached.opened().answers.value)
    for column, (kind, home_id) in zip(st.columns(max(len(some), 1)), some.items(), strict=False):
        title, about = _BEGIN[kind]
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**  \n{about}")
            st.button(plain(home_id), key=f"begin_{kind}", on_click=_open, args=(home_id,), width="stretch")


def _open(home_id: str) -> None:
    st.session_state[_BOX] = home_id
