"""For a minute after a decision: what was decided, how long it can be taken back, and the button that does it."""

import streamlit as st
from sqlalchemy import Engine

from case_heating.edges.app.charts import plain
from case_heating.edges.app.review_steps import go_to
from case_heating.edges.app.signed_in import now_where_they_sit
from case_heating.errors import HeatingError
from case_heating.people.review import ReviewQueue
from case_heating.people.review_desk import Desk, look_at_desk
from case_heating.people.words import FUEL_WORDS


def offer_undo(engine: Engine, desk: Desk, reviewer: str) -> None:
    """Offer to take the last decision back where there is still time for it; other parts of the page stay still."""
    if desk.undoable:
        _count_down(engine, reviewer)


@st.fragment(run_every=1.0)
def _count_down(engine: Engine, reviewer: str) -> None:
    now = now_where_they_sit()
    undoable = look_at_desk(engine, reviewer, now=now).undoable
    if not undoable:
        st.rerun()  # the time is over: the page goes on without this part
    last = undoable[0]
    left_s = (last.until - now).total_seconds()
    with st.container(border=True):
        st.markdown(
            plain(f"Home {last.home_id} is on record: {FUEL_WORDS[last.heating_fuel]}. Undo within {left_s:.0f} s.")
        )
        pressed = st.button("Undo", key=f"undo_{last.home_id}", icon=":material/undo:", shortcut="U")
    if pressed:
        try:
            ReviewQueue(engine).undo(last.home_id, reviewer, now=now_where_they_sit())
        except HeatingError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        go_to(last.home_id, f"The decision on home {last.home_id} is taken back; it is yours again.")
