"""From home to home on the Review page: the address in the browser names the home, so that it can be sent to others."""

import streamlit as st
from sqlalchemy import Engine

from case_heating.edges.app.signed_in import now_where_they_sit
from case_heating.errors import EmptyQueueError
from case_heating.people.review import ReviewQueue

HOME = "home"
"""Name of the query parameter that says which home is looked at."""

SAID = "review_said"
"""Key of the session: what was just done, told once the page is drawn again."""


def go_to(home_id: str | None, said: str = "") -> None:
    """Draw the page again with another home, or none, and say what was done."""
    if home_id is None:
        st.query_params.pop(HOME, None)
    else:
        st.query_params[HOME] = home_id
    if said:
        st.session_state[SAID] = said
    st.rerun()


def claim_another(engine: Engine, reviewer: str, said: str = "") -> None:
    """Claim the riskiest home that waits and go to it; where none waits go to none and say why."""
    try:
        claim = ReviewQueue(engine).claim_next(reviewer, now=now_where_they_sit(), another=True)
    except EmptyQueueError as nothing:
        go_to(None, " ".join(filter(None, [said, f"{str(nothing)[:1].upper()}{str(nothing)[1:]}."])))
        return
    go_to(claim.home_id, said)
