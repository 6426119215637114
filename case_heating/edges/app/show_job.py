"""How a job looks on a page: its step, a bar, the time it has taken, a way to stop it, and how it ended."""

import time
from pathlib import Path

import streamlit as st

from case_heating.edges.app import jobs
from case_heating.edges.app.charts import plain


def show_job(workspace: Path, kind: str, title: str, *, subject: str | None = None) -> jobs.Job | None:
    """Show the last job of a kind, redrawn each second while it runs; the page is run again when it ends.

    Parameters
    ----------
    workspace, kind, subject
        As :func:`~case_heating.edges.app.jobs.find` takes them.
    title : str
        What it is called on the page.

    Returns
    -------
    Job or None
        The job as it stands; nothing if none of this kind was ever started.
    """
    job = jobs.find(workspace, kind, subject)
    if job is None:
        return None
    if job.state == "running":
        _watch(job.folder, title)
    elif job.state == "failed":
        st.error(plain(f"{title} failed: {job.error}."), icon=":material/error:")
    elif job.state == "stopped":
        st.warning(plain(f"{title} was stopped while {job.doing or 'it began'}."), icon=":material/stop_circle:")
    return job


@st.fragment(run_every=1.0)
def _watch(folder: Path, title: str) -> None:
    job = jobs.read(folder)
    if job.state != "running":
        st.rerun()
    with st.container(border=True):
        seconds = time.time() - job.started
        st.progress(min(max(job.share, 0.0), 1.0), text=plain(f"{title}: {job.doing or 'starting'} ({seconds:.0f} s)"))
        if st.button("Stop", key=f"stop_{job.id}", icon=":material/stop:"):
            jobs.stop(job)
            st.rerun()
