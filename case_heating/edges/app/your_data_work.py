"""What the parts of the page Your data share: starting work on an upload, keeping its mapping, drawing anew."""

import streamlit as st

from case_heating.data.draft_upload import keep_work
from case_heating.data.map_work import MapWork
from case_heating.data.uploads import Upload
from case_heating.edges.app import jobs, signed_in
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.errors import HeatingError

UPLOAD = "upload"
"""Name of the query parameter that says which upload is looked at."""

KINDS = ("draft_upload", "check_upload", "answer_upload", "run_upload")
"""Jobs about an upload."""


def start(upload: Upload, kind: str, **arguments: str) -> None:
    """Start work on an upload and draw the page again; where it cannot be started now, say why."""
    by = signed_in.who().name
    try:
        told = {"upload": upload.id, "by": by, **arguments}
        jobs.start(settings().workspace, kind, told, by=by, subject=upload.id)
    except HeatingError as error:
        st.warning(said(error), icon=":material/hourglass:")
        return
    st.rerun()


def keep(upload: Upload, work: MapWork) -> None:
    """Keep a changed mapping and draw the page again."""
    keep_work(upload, work)
    st.rerun()


def said(error: Exception) -> str:
    """Give an error as a sentence for the page."""
    words = str(error).rstrip(".")
    return plain(f"{words[:1].upper()}{words[1:]}.").replace("\n", "\n\n")


def size(n_bytes: int) -> str:
    """Say the size of a file.

    >>> size(2_500_000), size(900)
    ('2.5 MB', '0.9 kB')
    """
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 100_000 else f"{n_bytes / 1e3:,.1f} kB"
