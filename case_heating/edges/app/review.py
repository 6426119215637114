"""Review, for the specialist: claim a home the machine is unsure of, see the evidence, decide with a reason."""

import os

import streamlit as st

from case_heating.edges.app.cached import settings
from case_heating.edges.app.parts import nothing_yet, page_head
from case_heating.people.review import ReviewQueue
from case_heating.people.review_store import REVIEW_FILE, open_store, sqlite_url


def show() -> None:
    """Show the page."""
    page_head(
        "Review",
        "Homes the machine is unsure of: a person looks, decides and says why; the decision becomes a label.",
        lesson="16",
        code="case_heating/people/review.py",
    )
    database = os.environ.get("HEATING_DATABASE_URL")
    workspace = settings().workspace
    if database is None and not (workspace / REVIEW_FILE).exists():
        nothing_yet(
            "No home was ever sent to people.",
            remedy="Routing the last run's answers accepts the sure ones on record and sends the others here.",
            command="heating review route",
        )
        return
    engine = open_store(database or sqlite_url(workspace))
    counts = ReviewQueue(engine).tasks()["state"].value_counts()
    st.markdown(f"{counts.get('waiting', 0):,} homes wait, {counts.get('held', 0):,} are held.")
    engine.dispose()
