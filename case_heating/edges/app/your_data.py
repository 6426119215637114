"""Your data: hand files in, see how they are understood, correct it, check them, and get answers."""

import time
from collections.abc import Callable
from functools import partial
from io import BytesIO

import streamlit as st

from case_heating.data.draft_upload import read_work
from case_heating.data.uploads import MOST_BYTES_OF_A_PERSON, Upload, add_file, begin_upload, find_upload, uploads_of
from case_heating.edges.app import signed_in
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.parts import page_head
from case_heating.edges.app.show_job import show_job
from case_heating.edges.app.your_data_answers import show_answers
from case_heating.edges.app.your_data_check import show_check
from case_heating.edges.app.your_data_files import delete_button, show_files, take_files
from case_heating.edges.app.your_data_mapping import show_mapping
from case_heating.edges.app.your_data_work import UPLOAD, said, size, start
from case_heating.errors import HeatingError


def show() -> None:
    """Show the page."""
    page_head(
        "Your data",
        "Hand in your own files: see what is understood of them, say what is not, learn which rows are wrong and why, "
        "and get an answer for each of your homes.",
        lesson="09",
        code="case_heating/own_check.py",
    )
    upload = _chosen()
    if upload is None:
        _begin()
    else:
        _go_on(upload)


def _go_on(upload: Upload) -> None:
    """Show an upload as far as it has come."""
    show_files(upload)
    looking = show_job(settings().workspace, "draft_upload", "Looking at your files", subject=upload.id)
    if not upload.files or (looking is not None and looking.state == "running"):
        return
    work = read_work(upload)
    if work is None:
        if st.button("Look at the files", type="primary", key="look", icon=":material/search:"):
            start(upload, "draft_upload")
        return
    show_mapping(upload, work)
    checked = show_check(upload, work)
    if checked is not None:
        show_answers(upload, work, checked)


def _chosen() -> Upload | None:
    """Open the upload the link names; one that is gone is said once, and the page begins anew."""
    name = st.query_params.get(UPLOAD)
    if name is None:
        return None
    try:
        return find_upload(settings().workspace, name, by=signed_in.who().name)
    except HeatingError as error:
        st.warning(said(error), icon=":material/link_off:")
        del st.query_params[UPLOAD]
        return None


def _begin() -> None:
    hand_in, example = st.columns([3, 2], gap="large")
    with hand_in:
        st.subheader("Hand in files", anchor=False)
        take_files(None)
        st.caption(
            "A list of homes, their bills, and if you have it what some homes heat with. Each file up to 500 MB, "
            f"{MOST_BYTES_OF_A_PERSON / 1e9:g} GB together. Only you see them here; nothing in them is ever run, and "
            "you can delete them at any time."
        )
    with example:
        st.subheader("Or try it with an example", anchor=False)
        st.markdown(
            "500 homes of a utility that never was, with a year of bills, a survey, the weather, and some faults."
        )
        if st.button("Use the example", type="primary", key="example", icon=":material/play_arrow:"):
            _use_example()
        _offer_example()
    _show_earlier()


@st.cache_data(show_spinner="Making the example …", max_entries=1)
def _example() -> dict[str, bytes]:
    from case_heating.data.example_files import example_files

    return example_files()


def _use_example() -> None:
    upload = begin_upload(settings().workspace, by=signed_in.who().name, at=time.time())
    for name, content in _example().items():
        upload = add_file(upload, name, BytesIO(content))
    st.query_params[UPLOAD] = upload.id
    start(upload, "draft_upload")


def _offer_example() -> None:
    from case_heating.data.example_files import BILLS, WEATHER

    def content(name: str) -> bytes:
        return _example()[name]

    for name in (BILLS, WEATHER):
        make: Callable[[], bytes] = partial(content, name)
        st.download_button(
            f"Download {name}",
            make,
            name,
            "text/csv",
            key=f"download_{name}",
            on_click="ignore",
            icon=":material/download:",
        )


def _show_earlier() -> None:
    earlier = uploads_of(settings().workspace, signed_in.who().name)
    if not earlier:
        return
    st.subheader("Handed in before", anchor=False)
    for upload in earlier:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            names = ", ".join(file.name for file in upload.files) or "no file"
            day = time.strftime("%Y-%m-%d %H:%M", time.localtime(upload.made_at))
            st.markdown(plain(f"{names} ({size(upload.n_bytes)}, {day})"))
            if st.button("Open", key=f"open_{upload.id}", icon=":material/folder_open:"):
                st.query_params[UPLOAD] = upload.id
                st.rerun()
            delete_button(upload)
