"""One home under review: the evidence first, then what the machine says, then the decision and its reason."""

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import link_to
from case_heating.edges.app.review_steps import claim_another, go_to
from case_heating.edges.app.review_undo import offer_undo
from case_heating.edges.app.signed_in import now_where_they_sit
from case_heating.errors import HeatingError, NothingMadeError, ReviewError, SourceError
from case_heating.people.bill_picture import picture_bills
from case_heating.people.records import source_of
from case_heating.people.review import ReviewQueue
from case_heating.people.review_desk import Case, Desk, answer_in_words, open_case
from case_heating.people.words import FUEL_WORDS
from case_heating.schema import HEATING_FUELS

GO_ON = "review_go_on"
"""Key of the session: whether the next home is claimed as soon as one is done."""


def show_case(engine: Engine, home_id: str, desk: Desk, reviewer: str, *, reviews: bool) -> None:
    """Show a home of the queue, and let a reviewer who holds it decide; the decision before can be undone beside it.

    Raises
    ------
    UnknownHomeError
        If the queue does not know the home.
    """
    now = now_where_they_sit()
    case = open_case(engine, home_id, reviewer, now=now)
    st.subheader(f"Home {plain(home_id)}", anchor=False)
    evidence, decision = st.columns([3, 2], gap="large")
    with evidence:
        _show_evidence(engine, case)
    with decision:
        _show_machine(case)
        offer_undo(engine, desk, reviewer)
        if case.may != "decide":
            _keep_what_was_written(home_id)
        if case.may == "look":
            st.info(plain(case.why), icon=":material/visibility:")
        elif not reviews:
            st.caption("A reviewer may claim and decide this home.")
        elif case.may == "claim":
            st.markdown("Nobody holds this home.")
            if st.button("Claim this home", key="claim_this", type="primary", icon=":material/back_hand:"):
                ReviewQueue(engine).claim(home_id, reviewer, now=now_where_they_sit())
                go_to(home_id)
        else:
            _decide(engine, case, reviewer, now)
    with st.expander("What was done so far", icon=":material/history:"):
        for entry in case.trail:
            told = [entry.action.replace("_", " "), entry.heating_fuel, entry.reviewer and f"by {entry.reviewer}"]
            words = " ".join(word for word in told if word) + (f": {entry.reason}" if entry.reason else "")
            st.markdown(f"- {entry.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M} {plain(words)}")


def _keep_what_was_written(home_id: str) -> None:
    """Say so where the time ran out while somebody wrote, and keep their words for when they claim it again."""
    key = f"reason_{home_id}"
    if wrote := st.session_state.get(key):
        st.session_state[key] = wrote  # else it goes with the form
        words = f"The time for this home was over, so nothing of this was recorded: “{wrote}”."
        st.warning(plain(words), icon=":material/timer_off:")


def _show_evidence(engine: Engine, case: Case) -> None:
    for one in case.opinions:
        leaning = f" It heats with {FUEL_WORDS[one.heating_fuel]}, they think." if one.heating_fuel else ""
        asked = "says the answer is wrong" if one.action == "reported" else "asks for another pair of eyes"
        st.warning(plain(f"{one.reviewer} {asked}: “{one.reason}”.{leaning}"), icon=":material/record_voice_over:")
    _show_bills(engine, case)
    st.markdown("**What is known of it**")
    if case.facts:
        half = (len(case.facts) + 1) // 2
        for column, facts in zip(st.columns(2), (case.facts[:half], case.facts[half:]), strict=True):
            column.markdown("\n".join(f"- {plain(fact[:1].upper() + fact[1:])}" for fact in facts))
    else:
        st.markdown("No facts were put on record with its answer.")
    link_to("home", "All that is known of this home", home=case.home_id)


def _show_bills(engine: Engine, case: Case) -> None:
    from case_heating.edges.app.home_bills import show_bills

    source = source_of(engine)
    try:
        found = cached.opened(source)
        picture = picture_bills(found.of_home(case.home_id), case.home_id, as_of=found.known.as_of)
    except (NothingMadeError, SourceError) as error:
        st.caption(plain(f"Its bills cannot be shown: {error}."))
        return
    show_bills(picture)


def _show_machine(case: Case) -> None:
    st.markdown("**What the machine says**")
    st.markdown(plain(answer_in_words(case)))
    if case.record is not None:
        st.markdown("\n".join(f"- {plain(reason)}" for reason in case.record.reasons if reason))


def _decide(engine: Engine, case: Case, reviewer: str, now: datetime) -> None:
    """Take the decision: one form, whose first button Enter presses."""
    if case.lease_until is not None:
        minutes = (case.lease_until - now).total_seconds() / 60
        until = case.lease_until.astimezone(now.tzinfo)
        st.caption(
            f"It is yours until {until:%H:%M}, for {minutes:.0f} minutes; then it goes back to the others. Enter in "
            "the text decides; the keys on the buttons press them."
        )
    key = case.home_id
    with st.form(f"decide_{key}"):
        fuel = st.radio(
            "What does it heat with?", HEATING_FUELS, index=None, format_func=FUEL_WORDS.get, key=f"fuel_{key}"
        )
        reason = st.text_input(
            "What did you see?",
            key=f"reason_{key}",
            max_chars=1000,
            placeholder="Gas meter and furnace seen, told in a few words",
        )
        since = st.date_input(
            "True since, if not today", value=None, max_value=now.date(), key=f"since_{key}", format="YYYY-MM-DD"
        )
        decides = st.form_submit_button("Decide", type="primary", icon=":material/gavel:", width="stretch")
        second = st.form_submit_button(
            "Ask for a second opinion", icon=":material/group:", width="stretch", shortcut="O"
        )
        skips = st.form_submit_button("Skip", icon=":material/skip_next:", width="stretch", shortcut="S")
    go_on = st.checkbox("Claim the next home at once", value=True, key=GO_ON)
    queue, then = ReviewQueue(engine), now_where_they_sit()
    try:
        if decides:
            if fuel is None:
                raise ReviewError("say what it heats with before you decide; if you cannot tell, skip it")
            queue.decide(key, reviewer, fuel, reason, now=then, true_since=since)
            said = f"Home {key} is on record: {FUEL_WORDS[fuel]}."
        elif second:
            queue.ask_second_opinion(key, reviewer, reason, now=then, leaning=fuel)
            said = f"Home {key} waits for somebody else, who sees what you wrote."
        elif skips:
            queue.skip(key, reviewer, now=then, reason=reason)
            said = f"Home {key} went back to the others."
        else:
            return
    except HeatingError as error:
        st.error(plain(f"{str(error)[:1].upper()}{str(error)[1:]}."), icon=":material/error:")
        return
    if go_on:
        claim_another(engine, reviewer, said)
    go_to(None, said)
