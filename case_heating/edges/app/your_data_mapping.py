"""The mapping of an upload on the page: rows as they become, questions to answer, lines to correct, and its text."""

import pandas as pd
import streamlit as st

from case_heating import schema
from case_heating.data.draft_columns import UNKNOWN_FORMAT
from case_heating.data.draft_upload import read_head
from case_heating.data.map_sample import convert_sample
from case_heating.data.map_text import take_text, written
from case_heating.data.map_work import MapWork, Question, add_table, answer, drop_table, name_source
from case_heating.data.uploads import Upload
from case_heating.edges.app.charts import plain
from case_heating.edges.app.your_data_column import ask_codes, correct_column
from case_heating.edges.app.your_data_work import keep, said
from case_heating.errors import HeatingError, counted
from case_heating.people.map_words import about_column, entry_in_words, lines_of, table_in_words
from case_heating.workspace import fingerprint


def show_mapping(upload: Upload, work: MapWork) -> None:
    """Show how the files are understood, and let it be corrected."""
    st.header("1 · How your files are understood", anchor=False)
    if not work.tables:
        st.warning(
            "Nothing in these files reads like a list of homes, bills or what a home heats with. Begin a table below, "
            "or hand in other files.",
            icon=":material/help:",
        )
    if work.questions:
        _show_questions(upload, work)
    if work.tables:
        titles = [plain(f"{table['name'].replace('_', ' ')} from {table['file']}") for table in work.tables]
        for place, tab in enumerate(st.tabs(titles)):
            with tab:
                _show_table(upload, work, place)
    for file in work.files:
        if unused := work.unused(file):
            title = plain(f"Not used of {file.name}: {counted(len(unused), 'column', 'columns')}")
            with st.expander(title, icon=":material/visibility_off:"):
                told = [{"column": name, "what stands in it": said} for name, said in unused.items()]
                st.dataframe(told, hide_index=True, width="stretch")
    with st.expander("Begin another table", icon=":material/add:"):
        _add_table(upload, work)
    with st.expander("The mapping as text, for experts", icon=":material/code:"):
        _show_text(upload, work)


def _show_questions(upload: Upload, work: MapWork) -> None:
    n = len(work.questions)
    waits = "One question waits" if n == 1 else f"{n} questions wait"
    st.markdown(f"**{waits} for your word.** What you leave open stays out: nothing is guessed.")
    for number, question in enumerate(work.questions):
        with st.container(border=True):
            _ask(upload, work, number, question)


def _ask(upload: Upload, work: MapWork, number: int, question: Question) -> None:
    table = work.tables[question.table]["name"]
    key = f"q_{question.table}_{question.target}_{question.answers[0].get('column', '')}"
    st.markdown(f"**{plain(about_column(table, question.target))}** (`{question.target}` of {table})")
    st.caption(plain(f"{question.reason[:1].upper()}{question.reason[1:]}"))
    entry = dict(question.answers[0])
    if len(question.answers) > 1:
        chosen = st.radio(
            "Which is it?",
            range(len(question.answers)),
            format_func=lambda place: plain(entry_in_words(question.answers[place])),
            index=None,
            key=f"{key}_which",
            label_visibility="collapsed",
        )
        entry = {} if chosen is None else dict(question.answers[chosen])
    elif entry.get("codes"):
        entry["codes"] = ask_codes(schema.TABLES[table].column(question.target), entry["codes"], key=key)
    elif entry.get("format") == UNKNOWN_FORMAT:
        entry["format"] = st.text_input(
            "How are the days written? %m/%d/%Y stands for 12/31/2024", key=f"{key}_format", max_chars=40
        )
    else:
        st.markdown(plain(entry_in_words(entry)))
    unsaid = not entry or None in entry.get("codes", {}).values() or entry.get("format") == ""
    with st.container(horizontal=True):
        if st.button("Take it", key=f"{key}_take", type="primary", disabled=unsaid, icon=":material/check:"):
            keep(upload, answer(work, number, entry))
        if st.button("Leave it out", key=f"{key}_leave", icon=":material/close:"):
            keep(upload, answer(work, number, None))


def _show_table(upload: Upload, work: MapWork, place: int) -> None:
    table = work.tables[place]
    st.caption(plain(table_in_words(work, place)))
    try:
        sample = convert_sample(read_head(upload, work.file_of(place).name), table)
    except (HeatingError, ValueError) as error:
        st.warning(f"No rows can be shown as they become. {said(error)}", icon=":material/warning:")
        sample = pd.DataFrame()
    lines = lines_of(work, place, sample)
    if len(lines):
        st.dataframe(lines, hide_index=True, width="stretch", key=f"lines_{place}")
    with st.expander(f"Correct {table['name']}", icon=":material/edit:"):
        changed = correct_column(upload, work, place)
        if changed is not None:
            keep(upload, changed)
        if st.button("Leave this table out", key=f"without_{place}", icon=":material/delete:"):
            keep(upload, drop_table(work, place))


def _add_table(upload: Upload, work: MapWork) -> None:
    with st.form("add_table", border=False):
        name = st.selectbox(
            "Table",
            list(schema.TABLES),
            format_func=lambda name: f"{name.replace('_', ' ')}: {schema.TABLES[name].about}",
        )
        file = st.selectbox("Read from", [file.name for file in work.files])
        if st.form_submit_button("Begin it", icon=":material/add:"):
            keep(upload, add_table(work, name, file))


def _show_text(upload: Upload, work: MapWork) -> None:
    st.markdown(
        "All of the above in one file, and whatever else a mapping can say (docs/bring_your_own.md). With it beside "
        "your files, `heating run --source mapping.toml` does the same on the command line."
    )
    text = written(work)
    with st.form("mapping_text", border=False):
        # another text makes another box: what is written in an old one would hide it
        typed = st.text_area(
            "mapping.toml", text, height=420, key=f"text_{fingerprint(text)}", label_visibility="collapsed"
        )
        if st.form_submit_button("Take this text", icon=":material/check:"):
            try:
                taken = take_text(work, typed)
            except HeatingError as error:
                st.error(said(error), icon=":material/error:")
            else:
                keep(upload, taken)
    st.download_button(
        "Download mapping.toml", text, "mapping.toml", "application/toml", on_click="ignore", icon=":material/download:"
    )
    with st.form("name_source", border=False):
        name = st.text_input("What all of it is called", work.document["source"]["name"], max_chars=40)
        if st.form_submit_button("Call it so") and name.strip():
            keep(upload, name_source(work, name.strip()))
