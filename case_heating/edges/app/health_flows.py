"""Data and flows: what was refused, how fresh both stores are, and when each flow ran and runs next."""

from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app import health_data
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import figure, guarded, nothing_yet
from case_heating.people.health_words import delivery_in_words
from case_heating.people.words import day

if TYPE_CHECKING:
    from case_heating.data.validate import RowFault


def show_data_and_flows() -> None:
    """Show the last delivery, the stores and the flows."""
    st.subheader("The last delivery", anchor=False)
    with guarded():
        _show_delivery()
    st.subheader("Feature stores", anchor=False)
    with guarded():
        _show_stores()
    st.subheader("Flows", anchor=False)
    with guarded():
        _show_flows()


def _show_delivery() -> None:
    last = health_data.delivery()
    if last is None:
        nothing_yet(
            "Nothing was taken in yet.",
            remedy="Ingesting checks new files, quarantines rows with reasons and feeds both stores.",
            command="heating flows run ingest",
        )
        return
    if last.stopped:
        st.error(
            plain(f"The delivery of {last.as_of} was refused as a whole, and nothing of it stored: ")
            + plain("; ".join(last.stopped)),
            icon=":material/report:",
        )
    st.markdown(plain(f"Taken in on {day(last.as_of)}. {delivery_in_words(last.rows_in, last.refused)}"))
    if not last.faults:
        st.markdown("No row of any table is in quarantine.")
        return
    n_rows = sum(fault.n_rows for fault in last.faults)
    st.caption(f"In quarantine from all that was ever delivered: {n_rows:,} rows, by reason.")
    st.markdown("\n".join(f"- {_fault(fault)}" for fault in sorted(last.faults, key=lambda fault: -fault.n_rows)))


def _fault(fault: "RowFault") -> str:
    rows = f"{fault.n_rows:,} of {fault.n_checked:,} rows"
    told = f"of {fault.table} ({fault.column}): {fault.reason}"
    first = f" First: {fault.first_example}." if fault.first_example else ""
    return f"**{rows}** {plain(told)}.{plain(first)}"


def _show_stores() -> None:
    now = health_data.stores()
    offline, online = st.columns(2)
    with offline:
        if now.offline_trouble:
            st.error(plain(f"The offline store cannot be read: {now.offline_trouble}."), icon=":material/error:")
        elif now.learned_until is None:
            figure("Offline store", "empty", note="'heating flows run ingest' feeds it")
        else:
            times = f"{now.n_writes} write{'' if now.n_writes == 1 else 's'}"
            figure("Offline store knows all until", day(now.learned_until), note=f"{times}, each kept")
    with online:
        if now.online_trouble:
            st.error(plain(f"The online store cannot be used: {now.online_trouble}."), icon=":material/cloud_off:")
        elif now.online_homes is None:
            figure("Online store", "empty", note="'heating flows run ingest' brings features online")
        elif now.online_behind == 0:
            figure(
                "Online store serves", f"{now.online_homes:,}", unit="homes", note="all that the offline store knows"
            )
        elif now.online_behind is None:
            figure(
                "Online store serves", f"{now.online_homes:,}", unit="homes", note="filled from another offline store"
            )
            st.code("heating features materialise --afresh", language=None)
        else:
            note = f"{now.online_behind} of {now.n_writes} writes are still to be brought"
            figure("Online store serves", f"{now.online_homes:,}", unit="homes", note=note)
            st.code("heating features materialise", language=None)
    st.caption(plain(f"Online store: {now.online_at}"))


def _show_flows() -> None:
    here = settings()
    now = health_data.flows(str(here.workspace.resolve()), here)
    if now.trouble:
        st.warning(plain(f"{now.trouble}."), icon=":material/warning:")
    if now.server is None:
        nothing_yet(
            "No Prefect server answers, so nothing runs by itself.",
            remedy="'heating flows up' serves these schedules and events; each flow can also be run by hand.",
            command="heating flows up",
        )
    else:
        st.markdown(plain(f"The Prefect server at {now.server} answers; its pages tell each run."))
    for flow in now.flows:
        with st.container(border=True):
            st.markdown(f"**{plain(flow.name)}** {plain(flow.about)}")
            coming = f"next {_moment(flow.next_run)}" if flow.next_run else "nothing scheduled"
            began = f"last {_moment(flow.last_run)}, {flow.last_state.lower()}" if flow.last_run else "no run yet"
            st.caption(plain(f"{coming}; {began}; runs {flow.when}" if now.server else f"runs {flow.when}"))
            if flow.last_state in ("Failed", "Crashed") and flow.last_words:
                st.error(plain(flow.last_words), icon=":material/error:")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
