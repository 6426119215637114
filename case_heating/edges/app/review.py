"""Review, for the specialist: claim a home the machine is unsure of, see the evidence, decide with a reason."""

import streamlit as st
from sqlalchemy import Engine

from case_heating.edges.app import review_case
from case_heating.edges.app.cached import review_engine
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import guarded, nothing_yet, page_head
from case_heating.edges.app.review_steps import HOME, SAID, claim_another, go_to
from case_heating.edges.app.review_undo import offer_undo
from case_heating.edges.app.signed_in import needs, now_where_they_sit, who
from case_heating.errors import counted
from case_heating.people.review_desk import Desk, look_at_desk, riskiest

_SHOWN = 25  # of the homes that wait, the riskiest


def show() -> None:
    """Show the page."""
    page_head(
        "Review",
        "Homes the machine is unsure of. A person looks, decides and says why, and the decision becomes a label.",
        lesson="16",
        code="case_heating/people/review.py",
    )
    engine = review_engine()
    if engine is None:
        nothing_yet(
            "No home was ever sent to people.",
            remedy="Routing the last run's answers accepts the sure ones on record and sends the others here.",
            command="heating review route",
        )
        return
    reviewer, now = who().name, now_where_they_sit()
    desk = look_at_desk(engine, reviewer, now=now)
    st.markdown(plain(_desk_in_words(desk)))
    if said := st.session_state.pop(SAID, None):
        st.toast(plain(said), icon=":material/task_alt:", duration="long")
    reviews = needs("reviewer")
    home_id = st.query_params.get(HOME)
    if home_id is None:
        offer_undo(engine, desk, reviewer)
    else:
        with guarded():
            review_case.show_case(engine, home_id, desk, reviewer, reviews=reviews)
    if reviews:
        with guarded():
            _offer_homes(engine, desk, reviewer, home_id)
    _show_waiting(engine)


def _desk_in_words(desk: Desk) -> str:
    told = [
        f"{counted(desk.waiting, 'home waits', 'homes wait')}; taking the machine's word for all of them would be "
        f"expected to cost {desk.at_stake_usd:,.0f} USD."
    ]
    if desk.with_others:
        told.append(f"{counted(desk.with_others, 'home is', 'homes are')} with other reviewers.")
    if desk.decided:
        told.append(f"{counted(desk.decided, 'home is', 'homes are')} decided, {desk.decided_today:,} by you today.")
    return " ".join(told)


def _offer_homes(engine: Engine, desk: Desk, reviewer: str, shown: str | None) -> None:
    """Offer the riskiest home that waits, and those this person holds, as in another window."""
    others = [one for one in desk.in_hand if one.home_id != shown]
    if others:
        st.markdown("You hold these homes as well, perhaps in another window:")
    for one in others:
        until = one.lease_until.astimezone(now_where_they_sit().tzinfo)
        if st.button(f"Go on with {plain(one.home_id)}, yours until {until:%H:%M}", key=f"go_{one.home_id}"):
            go_to(one.home_id)
    label = "Claim the riskiest home" if shown is None else "Claim another home"
    kind = "primary" if shown is None else "secondary"
    if st.button(label, key="claim", type=kind, icon=":material/back_hand:", shortcut="N"):  # type: ignore[arg-type]
        claim_another(engine, reviewer)


def _show_waiting(engine: Engine) -> None:
    with st.expander("What waits", icon=":material/list:"):
        homes = riskiest(engine, limit=_SHOWN)
        if homes.empty:
            st.markdown("Nothing waits.")
            return
        st.markdown(f"The {len(homes)} open homes with the most at stake; choose a row to look at its home.")
        shown = homes.assign(
            certain=100
            * homes["probability_of_gas"].where(homes["heating_fuel"] == "gas", 1 - homes["probability_of_gas"])
        )
        chosen = st.dataframe(
            shown[["home_id", "heating_fuel", "certain", "risk_usd", "state", "reviewer"]],
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key="waiting",
            column_config={
                "home_id": "home",
                "heating_fuel": "machine says",
                "certain": st.column_config.NumberColumn("chance of it, %", format="%.0f"),
                "risk_usd": st.column_config.NumberColumn("at stake, USD", format="%.2f"),
                "state": "state",
                "reviewer": "held by",
            },
        )
        rows = chosen["selection"]["rows"]
        if rows and st.button(f"Look at {plain(str(homes['home_id'].iloc[rows[0]]))}", key="look"):
            go_to(str(homes["home_id"].iloc[rows[0]]))
