"""The answer on the Home page: one big sentence, how sure, why, and what would settle it."""

import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.edges.app.home_growth import show_growth
from case_heating.one_home import OneHome
from case_heating.people.home_answer import HomeWords, home_in_words

_SIGNS = {
    "gas": ":material/local_fire_department:",
    "electricity": ":material/bolt:",
    "other": ":material/oil_barrel:",
    "none": ":material/ac_unit:",
}


def show_answer(home: OneHome, language: str) -> None:
    """Show what is said of a home, and why.

    Parameters
    ----------
    home : OneHome
        From ``look_up_home``.
    language : {"en", "es"}
        Language of the sentences for customers.
    """
    words = home_in_words(
        home.explanation, home.seen, cached.sureness_kept(), held_out=home.held_out, language=language
    )
    fuel = home.explanation.fuel if home.seen is None else home.seen.heating_fuel
    show_sentence(fuel, words)
    show_reasons(words, seen=home.seen is not None, missing=home.missing)
    show_growth(home)
    with st.expander("All that is known of it", icon=":material/list_alt:"):
        told = home.facts.rename(columns={"fact": "Fact", "source": "Source of data"})
        st.dataframe(told, hide_index=True, width="stretch")


def show_sentence(fuel: str, words: HomeWords) -> None:
    """Show the one big sentence with the fuel's sign, and how such sentences came true."""
    st.header(f"{_SIGNS[fuel]} {plain(words.answer)}", anchor=False)
    for sentence in words.sure:
        st.markdown(plain(sentence))


def show_reasons(words: HomeWords, *, seen: bool, missing: tuple[str, ...] = ()) -> None:
    """Show the reasons on one side, and on the other what would settle it, unless it was seen, and change the answer.

    Parameters
    ----------
    words : HomeWords
        From ``home_in_words``.
    seen : bool
        Whether somebody has seen what the home heats with.
    missing : tuple of str
        Sentences on what is not known of the home.
    """
    why, settle = st.columns(2, gap="large")
    with why:
        st.subheader(plain(words.heading["why"]), anchor=False)
        st.markdown("\n".join(f"- {plain(reason)}" for reason in words.customer.reasons))
        st.markdown(plain(words.customer.against))
    with settle:
        if not seen:
            st.subheader(plain(words.heading["settled_by"]), anchor=False)
            st.markdown(plain(words.customer.settled_by))
            for sentence in missing:
                st.markdown(plain(sentence))
        st.subheader(plain(words.heading["other_answer"]), anchor=False)
        st.markdown(plain(words.customer.other_answer))
