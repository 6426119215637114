"""Health, for the engineer: what serves, whether it still holds, and the levers, each with its record."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app import health_data
from case_heating.edges.app.charts import plain
from case_heating.edges.app.health_acts import show_acts
from case_heating.edges.app.health_drift import show_drift
from case_heating.edges.app.health_flows import show_data_and_flows
from case_heating.edges.app.health_models import show_models
from case_heating.edges.app.health_record import act_line, show_record
from case_heating.edges.app.health_rehearsals import show_rehearsals
from case_heating.edges.app.health_stand import show_stand
from case_heating.edges.app.parts import figure, guarded, nothing_yet, page_head
from case_heating.people.health_words import Stand, how_models_stand, not_watched_yet, pause_notice
from case_heating.people.words import day
from case_heating.watch.report import ACTION_WORDS
from case_heating.watch.signals import percent

if TYPE_CHECKING:
    from case_heating.release.service import ModelsOnRecord

PART = "part"
_LATEST_ACTS = 3


def show() -> None:
    """Show the page."""
    page_head(
        "Health",
        "Which model serves and whether it still holds; what the gate, the watch and people decided, and the levers.",
        lesson="14",
        code="case_heating/continuous.py",
    )
    names = list(PARTS)
    if PART not in st.session_state:
        told = st.query_params.get(PART, names[0])
        st.session_state[PART] = told if told in names else names[0]
    chosen = st.segmented_control(
        "What to look at", names, format_func=lambda name: PARTS[name][0], key=PART, label_visibility="collapsed"
    )
    part = chosen or names[0]  # a second click on the chosen one takes the choice away
    st.query_params[PART] = part
    with guarded():
        PARTS[part][1]()


def show_now() -> None:
    """Say how everything stands at this moment, what follows from it, and let an admin act."""
    models, ingested = health_data.models(), health_data.ingested()
    stand = how_models_stand(models, ingested)
    show_stand(stand)
    if stand.state != "empty":
        with guarded():
            _show_figures(stand)
        with guarded():
            _show_decision(models)
        with guarded():
            show_acts(models, ingested)
    with guarded():
        latest = health_data.acts()[:_LATEST_ACTS]
        if latest:
            st.subheader("What people did last", anchor=False)
            for act in latest:
                act_line(act)


def _show_figures(stand: Stand) -> None:
    delivery, watched = health_data.delivery(), health_data.watched()
    accuracy, alarms, refused, online = st.columns(4)
    last = watched.reports[-1] if watched.reports else None
    with accuracy:
        if last is not None and last.measured is not None:
            found = last.measured
            note = (
                f"{found.n_homes:,} newly labelled homes; 95 % interval {percent(found.low)} to {percent(found.high)}"
            )
            figure("Right, as measured", percent(found.value), note=note.replace(" %", "\u00a0%"))
        elif last is not None:
            note = "by the champion's own confidence; no home was labelled since it was trained"
            figure("Right, as estimated", percent(last.estimated_accuracy), note=note)
        else:
            figure("Right", "–", note="nothing was watched yet" if stand.state == "serving" else "no model serves")
    with alarms:
        if last is None:
            watch = "nothing was watched yet: 'heating flows run watch'"
            figure("Alarms", "–", note=watch if stand.state == "serving" else "no model serves, so none is watched")
        else:
            note = f"of {len(last.signals)} signals, the month before {day(last.as_of)}"
            figure("Alarms", str(len(last.alarms)), note=note)
    with refused:
        if delivery is None:
            figure("New bills refused", "–", note="nothing was taken in yet")
        else:
            share = percent(delivery.refused / delivery.rows_in) if delivery.rows_in else "–"
            figure("New bills refused", share, note=f"of {delivery.rows_in:,}, taken in {day(delivery.as_of)}")
    with online:
        stores = health_data.stores()
        if stores.online_trouble:
            figure("Homes served online", "–", note="the online store cannot be reached")
        elif stores.online_homes is None:
            figure("Homes served online", "0", note="nothing was brought online yet")
        else:
            behind = {0: "up to date", None: "filled from another store"}
            note = behind.get(stores.online_behind, f"{stores.online_behind} writes behind the offline store")
            figure("Homes served online", f"{stores.online_homes:,}", note=note)


def _show_decision(models: "ModelsOnRecord") -> None:
    watched = health_data.watched()
    if watched.pause:
        st.warning(plain(pause_notice(watched.pause)), icon=":material/pause_circle:")
    if words := not_watched_yet(models, watched.reports):
        nothing_yet(words, remedy="What stands here is of the model before it.", command="heating flows run watch")
    if watched.decision is None:
        return
    decision = watched.decision
    st.subheader("What follows from the last watched month", anchor=False)
    st.markdown(f"**{plain(ACTION_WORDS[decision.action])}** ({day(decision.as_of)})")
    st.markdown("\n".join(f"- {plain(reason)}" for reason in decision.reasons))


PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "now": ("Now", show_now),
    "models": ("Models", show_models),
    "drift": ("Drift and accuracy", show_drift),
    "data": ("Data and flows", show_data_and_flows),
    "rehearsals": ("Rehearsals", show_rehearsals),
    "record": ("Record", show_record),
}
"""Each part of the page by the name it has in a link: its title and what draws it; only the chosen one is drawn."""
