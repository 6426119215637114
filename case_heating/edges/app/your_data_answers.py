"""Answers for the homes of an upload on the page: by the model of a source, or by a main job of their own."""

import altair as alt
import pandas as pd
import streamlit as st

from case_heating.data.map_work import MapWork
from case_heating.data.uploads import Upload
from case_heating.edges.app import signed_in
from case_heating.edges.app.cached import chosen_source, opened, settings
from case_heating.edges.app.charts import fuel_colour, plain, show_chart
from case_heating.edges.app.parts import link_to
from case_heating.edges.app.show_job import show_job
from case_heating.edges.app.upload_jobs import source_of
from case_heating.edges.app.your_data_check import offer_file
from case_heating.edges.app.your_data_work import said, start
from case_heating.errors import HeatingError
from case_heating.kept import made_sources
from case_heating.own_answers import (
    OwnAnswers,
    answer_files,
    answers_in_words,
    answers_key,
    read_answer_table,
    read_answers,
    rung_for,
    sureness_table,
)
from case_heating.own_check import Checked
from case_heating.people.words import stage_name

_SHOWN_HOMES = 500


def show_answers(upload: Upload, work: MapWork, checked: Checked) -> None:
    """Show both ways to answers, and the answers once they are there."""
    st.header("3 · Answers", anchor=False)
    _show_from_model(upload, checked)
    st.header("4 · A model of your own", anchor=False)
    _show_main_job(upload, work, checked)


def _show_from_model(upload: Upload, checked: Checked) -> None:
    job = show_job(settings().workspace, "answer_upload", "Answering for your homes", subject=upload.id)
    if job is not None and job.state == "running":
        return
    made = [name for name in made_sources(settings().workspace) if not name.startswith("own_")]
    if not made:
        st.info("No model was made yet: 'heating run' makes one.", icon=":material/inbox:")
        return
    here = chosen_source()
    source = st.selectbox(
        "Answer with the model of", made, index=made.index(here) if here in made else 0, key="answer_source"
    )
    try:
        found = opened(source)
        rung = rung_for(found, checked)
    except HeatingError as error:
        st.warning(said(error), icon=":material/warning:")
        return
    answers = read_answers(upload)
    fresh = answers is not None and answers.key == answers_key(found, checked)
    if not fresh:
        st.markdown(
            plain(f"Your data reach its stage “{stage_name(rung.stage)}”. No label of your own is needed for this.")
        )
        if st.button("Answer for my homes", type="primary", key="answer", icon=":material/bolt:"):
            start(upload, "answer_upload", source=source)
    if answers is not None and fresh:
        _show_table(upload, answers)


def _show_table(upload: Upload, answers: OwnAnswers) -> None:
    for sentence in answers_in_words(answers):
        st.markdown(plain(sentence))
    counts = sureness_table(answers)
    order = list(counts["sureness"].unique())
    sure = int(counts.loc[counts["sureness"] == order[0], "homes"].sum())
    told = [
        alt.Tooltip("fuel:N", title="answer"),
        alt.Tooltip("sureness:N", title="how sure"),
        alt.Tooltip("homes:Q", title="homes", format=","),
    ]
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            y=alt.Y("sureness:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("homes:Q", title="homes"),
            color=fuel_colour("fuel:N", "answer"),
            tooltip=told,
        )
        .properties(height=70 + 34 * len(order))
        .configure_legend(orient="top")
    )
    says = f"{sure:,} of {answers.n_homes:,} homes are answered “{order[0]}”; the bar's colour says gas or electricity."
    show_chart(chart, says=says, name="own_answers")
    with st.container(horizontal=True):
        for path in answer_files(upload):
            offer_file(path, f"Download {path.name}")
    table = read_answer_table(upload)
    st.caption(f"The first {min(_SHOWN_HOMES, len(table)):,} of {len(table):,} homes; the files hold all.")
    st.dataframe(_for_eyes(table.head(_SHOWN_HOMES)), hide_index=True, width="stretch", key="own_answers")


def _for_eyes(table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns people look at, named for them."""
    return pd.DataFrame(
        {
            "home": table.index,
            "answer": table["heating_fuel"],
            "gas, %": (100 * table["probability_of_gas"]).round(),
            "how sure": table["sureness"],
            "you know": table["known_fuel"].fillna(""),
            "because": table["reason_1"],
            "and": table["reason_2"],
            "what speaks against it": table["against"],
        }
    )


def _show_main_job(upload: Upload, work: MapWork, checked: Checked) -> None:
    st.markdown(
        "Where enough homes tell what they heat with, a model can learn from yours alone: with its ladder, report and "
        "fairness. It becomes a source that everybody who may open this app can choose, until you delete these files."
    )
    source = source_of(upload, work)
    job = show_job(settings().workspace, "run_upload", "The main job", subject=upload.id)
    if job is not None and job.state == "running":
        return
    if source in made_sources(settings().workspace):
        st.success(plain(f"It is there as the source {source}."), icon=":material/check:")
        with st.container(horizontal=True):
            link_to("ladder", "How good it is", source=source)
            link_to("portfolio", "Your homes together", source=source)
            link_to("fairness", "For whom it is wrong", source=source)
    for lack in checked.lacks:
        st.info(plain(f"{lack[:1].upper()}{lack[1:]}."), icon=":material/inbox:")
    if any(lack.startswith("labels:") for lack in checked.lacks):
        return
    if signed_in.needs("admin"):
        again = source in made_sources(settings().workspace)
        if st.button("Do it again" if again else "Make a model of my own", key="run", icon=":material/model_training:"):
            start(upload, "run_upload")
