"""The files of an upload on the page: handed in, opened as their owner says, taken out, deleted."""

import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from case_heating.data.draft_upload import read_work
from case_heating.data.uploads import (
    ENDINGS,
    Upload,
    UploadedFile,
    add_file,
    begin_upload,
    delete_upload,
    drop_file,
    open_differently,
)
from case_heating.edges.app import jobs, signed_in
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain
from case_heating.edges.app.upload_jobs import source_of
from case_heating.edges.app.your_data_work import KINDS, UPLOAD, said, size, start
from case_heating.errors import HeatingError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile as Handed

_ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows (cp1252)", "latin-1": "Latin-1", "utf-16": "UTF-16"}
_DELIMITERS = {"": "as the first line suggests", ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def show_files(upload: Upload) -> None:
    """List the files of an upload, with what can be done to them."""
    with st.container(border=True):
        for file in upload.files:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{plain(file.name)}** {size(file.n_bytes)}")
                if st.button("Take out", key=f"drop_{file.stored}", icon=":material/close:", type="tertiary"):
                    drop_file(upload, file.name)
                    st.rerun()
        with st.expander("More files, or how they are opened", icon=":material/tune:", expanded=not upload.files):
            take_files(upload)
            for file in upload.files:
                _show_how(upload, file)
        with st.container(horizontal=True):
            if st.button("Other files", key="others", icon=":material/arrow_back:"):
                del st.query_params[UPLOAD]
                st.rerun()
            delete_button(upload)


def take_files(upload: Upload | None) -> None:
    """Take the files that are handed in, let go of the server's copy in memory, and look at them."""
    turn = st.session_state.setdefault("hand_in_turn", 0)
    files = st.file_uploader(
        "CSV, Parquet or Excel files; CSV may be packed as .gz or .zip",
        type=[ending.removeprefix(".") for ending in ENDINGS if ending.count(".") == 1],
        accept_multiple_files=True,
        key=f"hand_in_{turn}",
    )
    if refusal := st.session_state.pop("hand_in_refused", None):
        st.error(refusal, icon=":material/error:")
    if not files:
        return
    upload = upload or begin_upload(settings().workspace, by=signed_in.who().name, at=time.time())
    with st.spinner("Keeping your files …"):
        for file in files:
            try:
                upload = add_file(upload, file.name, file)
            except HeatingError as error:
                st.session_state["hand_in_refused"] = said(error)
            finally:
                _let_go(file)
    st.session_state["hand_in_turn"] = turn + 1
    if not upload.files:
        delete_upload(upload)
        st.rerun()
    st.query_params[UPLOAD] = upload.id
    start(upload, "draft_upload")


def delete_button(upload: Upload) -> None:
    """Delete an upload after a second click, with all that was made of the files."""
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("The files, what was found in them, the answers, and the source made of them go for good.")
        if st.button("Delete them", key=f"delete_{upload.id}", type="primary"):
            work = read_work(upload)
            for kind in KINDS:
                if (job := jobs.find(settings().workspace, kind, upload.id)) is not None:
                    jobs.stop(job)
            delete_upload(upload, made_of_it=None if work is None else source_of(upload, work))
            if st.query_params.get(UPLOAD) == upload.id:
                del st.query_params[UPLOAD]
            st.rerun()


def _let_go(file: "Handed") -> None:
    """Free the memory Streamlit holds a file in until the visitor goes: the workspace has it now."""
    from streamlit import runtime
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    if runtime.exists() and context is not None:
        holder = runtime.get_instance().uploaded_file_mgr
        if isinstance(holder, MemoryUploadedFileManager):
            holder.remove_file(context.session_id, file.file_id)


def _show_how(upload: Upload, file: UploadedFile) -> None:
    if file.stored.endswith(".parquet"):
        return
    with st.form(f"how_{file.stored}", border=False):
        st.markdown(f"**{plain(file.name)}**")
        boxes = st.columns(2)
        how: dict[str, Any] = {}
        if file.stored.endswith(".xlsx"):
            sheet = boxes[0].text_input("Sheet (the first if empty)", value=file.sheet or "", max_chars=31)
            how["sheet"] = sheet.strip() or None
        else:
            codes, signs = list(_ENCODINGS), list(_DELIMITERS)
            how["encoding"] = boxes[0].selectbox(
                "Letters are written in",
                codes,
                index=codes.index(file.encoding),
                format_func=lambda one: _ENCODINGS[one],
            )
            sign = boxes[1].selectbox(
                "Cells are parted by",
                signs,
                index=signs.index(file.delimiter or ""),
                format_func=lambda one: _DELIMITERS[one],
            )
            how["delimiter"] = sign or None
        if st.form_submit_button("Open it so", icon=":material/refresh:"):
            start(open_differently(upload, file.name, **how), "draft_upload")
