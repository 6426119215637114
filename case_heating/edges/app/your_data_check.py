"""The check of an upload on the page: what was refused and why, and how far the data reach."""

from pathlib import Path

import pandas as pd
import streamlit as st

from case_heating.data.draft_upload import upload_key
from case_heating.data.map_work import MapWork
from case_heating.data.uploads import Upload
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import figure
from case_heating.edges.app.show_job import show_job
from case_heating.edges.app.your_data_work import start
from case_heating.errors import counted
from case_heating.own_check import Checked, read_checked, refused_files
from case_heating.people.reach import reach_in_words

KIND_OF_FILE = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_TO_DOWNLOAD_BYTES = 400_000_000
"""A larger file is not handed through the app; it lies in the workspace."""


def show_check(upload: Upload, work: MapWork) -> Checked | None:
    """Show the check, and the way to it; give what it found where it is of the mapping as it stands."""
    st.header("2 · What is sound, and what is not", anchor=False)
    job = show_job(settings().workspace, "check_upload", "Checking your files", subject=upload.id)
    if job is not None and job.state == "running":
        return None
    checked = read_checked(upload)
    stale = checked is not None and checked.key != upload_key(upload, work)
    if unfinished := work.unfinished:
        st.info(
            plain(f"Before they can be checked, say what {' and '.join(unfinished)} come from."), icon=":material/edit:"
        )
    elif checked is None or stale:
        if stale:
            st.info("Files or mapping have changed since the last check.", icon=":material/update:")
        if work.questions:
            st.caption(f"{counted(len(work.questions), 'question is', 'questions are')} open: those columns stay out.")
        if st.button("Check the files", type="primary", key="check", icon=":material/rule:"):
            start(upload, "check_upload")
    if checked is None or stale or unfinished:
        return None
    _show_found(upload, checked)
    return checked


def _show_found(upload: Upload, checked: Checked) -> None:
    n_in, n_known = int(checked.counts["rows_in"].sum()), checked.n_gas + checked.n_electricity
    known = f"{checked.n_gas:,} gas, {checked.n_electricity:,} electricity"
    boxes = st.columns(3)
    with boxes[0]:
        figure("Homes", f"{checked.n_homes:,}", note=f"as known on {checked.as_of}")
    with boxes[1]:
        figure("Rows refused", f"{checked.n_refused:,}", note=f"of {n_in:,} rows in {len(checked.counts)} tables")
    with boxes[2]:
        figure("Homes whose fuel you know", f"{n_known:,}", note=known)
    _show_refused(upload, checked)
    _show_reach(checked)
    with st.expander("How the files were read, and what was left out", icon=":material/notes:"):
        for note in checked.notes:
            st.markdown(f"- {plain(note)}")


def _show_refused(upload: Upload, checked: Checked) -> None:
    st.subheader("Refused rows", anchor=False)
    if not checked.faults:
        st.success("No row was refused.", icon=":material/check:")
        return
    st.markdown(
        f"{counted(checked.n_refused, 'row was', 'rows were')} put aside with the reason, and no answer depends on "
        "them. A row with two faults stands in two lines."
    )
    rows = [
        {
            "rows": fault.n_rows,
            "of": fault.n_checked,
            "table": fault.table,
            "column": fault.column,
            "why": fault.reason,
            "the first": fault.first_example,
        }
        for fault in sorted(checked.faults, key=lambda fault: -fault.n_rows)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", key="faults")
    with st.container(horizontal=True):
        for path in refused_files(upload):
            offer_file(path, f"Download {path.name}")


def _show_reach(checked: Checked) -> None:
    st.subheader("How far the data reach", anchor=False)
    st.markdown(plain(reach_in_words(checked.reach)))
    rows = [
        {
            "stage": one.name,
            "reached": "yes" if one.reached else "no",
            "homes with it, %": 100 * one.n_homes / max(one.of_homes, 1),
            "needs": one.needs,
        }
        for one in checked.reach
    ]
    share = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, width="stretch", key="reach", column_config={"homes with it, %": share}
    )


def offer_file(path: Path, label: str) -> None:
    """Offer a file of the upload for download, read when somebody asks for it."""
    if path.stat().st_size > MOST_TO_DOWNLOAD_BYTES:
        st.caption(plain(f"{path.name} is too large to be handed through a page; it lies at {path}"))
        return
    st.download_button(
        label,
        path.read_bytes,
        path.name,
        KIND_OF_FILE[path.suffix],
        key=f"file_{path.name}",
        on_click="ignore",
        icon=":material/download:",
    )
