"""On the Home page: what people have said and decided about a home, and the way to say that its answer is wrong."""

from datetime import datetime

import streamlit as st

from case_heating.edges.app import cached, signed_in
from case_heating.edges.app.charts import plain
from case_heating.errors import HeatingError
from case_heating.kept import report_home
from case_heating.one_home import OneHome
from case_heating.people.records import AuditEntry, source_of, trail_of
from case_heating.people.review_report import LONGEST_REASON
from case_heating.people.review_store import reading
from case_heating.people.words import FUEL_WORDS

_NOT_SAID = "I do not know"
_FUELS = {_NOT_SAID: None} | {words: fuel for fuel, words in FUEL_WORDS.items()}
_TOLD = {
    "reported": "said that the answer is wrong",
    "second_opinion": "asked for another pair of eyes",
    "decided": "decided",
    "undone": "took the decision back",
}


def show_wrong(home: OneHome) -> None:
    """Show what people said of a home, and let anybody who may look say that the answer is wrong."""
    for entry in _what_people_said(home.home_id):
        fuel = f" ({FUEL_WORDS[entry.heating_fuel]})" if entry.heating_fuel else ""
        reason = f": “{entry.reason.rstrip('.')}”" if entry.reason else ""
        said = f"{entry.reviewer} {_TOLD[entry.action]}{fuel} on {entry.day}{reason}."
        st.info(plain(said), icon=":material/record_voice_over:")
    if (sent := st.session_state.pop(f"reported_{home.home_id}", None)) is not None:
        st.success(plain(sent), icon=":material/check_circle:")
    with st.popover("This is wrong", icon=":material/flag:"), st.form(f"wrong_{home.home_id}", border=False):
        fuel = st.selectbox("What does it heat with, then?", list(_FUELS))
        reason = st.text_area(
            "What did you see or hear?",
            max_chars=LONGEST_REASON,
            placeholder="The customer says there is no gas meter, and a heat pump behind the house",
        )
        st.caption("A reviewer sees this with all that is known of the home, and decides. It is no label by itself.")
        if st.form_submit_button("Send it to review", type="primary"):
            _send(home, reason, _FUELS[fuel or _NOT_SAID])


def _what_people_said(home_id: str) -> list[AuditEntry]:
    engine = cached.review_engine()
    if engine is None or source_of(engine) not in (None, cached.chosen_source()):
        return []  # a queue of another source may call other homes by the same names
    with reading(engine) as connection:
        trail = trail_of(connection, home_id)
    return [entry for entry in trail if entry.action in _TOLD]


def _send(home: OneHome, reason: str, fuel: str | None) -> None:
    try:
        engine = cached.review_engine(make=True)
        if engine is None:
            return
        now = datetime.now().astimezone()
        who = signed_in.who().name
        report_home(cached.opened(), engine, home.explanation, reporter=who, reason=reason, now=now, heating_fuel=fuel)
    except HeatingError as error:
        st.error(plain(f"{str(error)[:1].upper()}{str(error)[1:]}."), icon=":material/error:")
        return
    st.session_state[f"reported_{home.home_id}"] = (
        f"Thank you. Home {home.home_id} now waits for a reviewer, first in line."
    )
    st.rerun()
