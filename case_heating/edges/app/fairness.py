"""Fairness: for whom the answers are wrong, what that goes with, what could be done, and what the gate said of it."""

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app import jobs, signed_in
from case_heating.edges.app.cached import opened, settings
from case_heating.edges.app.charts import plain, show_chart
from case_heating.edges.app.fairness_charts import draw_gaps, draw_groups, draw_proxies, draw_remedies
from case_heating.edges.app.parts import page_head
from case_heating.edges.app.show_job import show_job
from case_heating.errors import HeatingError
from case_heating.people.fairness_frames import (
    ASKED,
    gap_steps,
    group_rows,
    groups_in_words,
    measures_of,
    proxy_rows,
    remedy_rows,
    unit_of,
    worst_measure,
)
from case_heating.people.fairness_section import FairnessSection, fairness_section

if TYPE_CHECKING:
    from case_heating.fairness_steps import KeptStudy
    from case_heating.kept import Opened
    from case_heating.model.fairness_study import FairnessStudy
    from case_heating.people.fairness_tables import ShownTable

MEASURE = "measure"
"""Name of the query parameter that says which measure is looked at."""

JOB = "fairness_study"
_REASONS_SHOWN = 3
_VETOES_SHOWN = 12


def show() -> None:
    """Show the page."""
    page_head(
        "Fairness",
        "Whether the answers are as right for each group of people: groups with intervals, what cannot be judged, what "
        "the gaps go with, what a remedy costs, and when fairness stopped a model.",
        lesson="06",
        code="case_heating/model/fairness.py",
    )
    found = opened()
    kept = _find_study(found)
    study = _groups(found) if kept is None else kept.study
    section = fairness_section(study)
    _show_verdict(section, study)
    _show_groups(study, section)
    _show_not_judged(study, section)
    _show_deep(found, study, section, kept)
    _show_vetoes()
    _show_card(found, study, section, kept)


def _find_study(found: "Opened") -> "KeptStudy | None":
    from case_heating.fairness_steps import study_stamp

    return _keep_study(str(found.settings.workspace.resolve()), found.source, study_stamp(found), found)


@st.cache_resource(max_entries=4, show_spinner="Opening the study …")
def _keep_study(workspace: str, source: str, stamp: str, _found: "Opened") -> "KeptStudy | None":  # noqa: ARG001 - keys
    from case_heating.fairness_steps import find_study

    return find_study(_found)


def _groups(found: "Opened") -> "FairnessStudy":
    from case_heating.people.fairness_groups import thresholds_of

    workspace = str(found.settings.workspace.resolve())
    return _keep_groups(workspace, found.source, found.stamp, thresholds_of(found.settings), found)


@st.cache_resource(max_entries=4, show_spinner="Measuring each group of people; it is kept for the next time …")
def _keep_groups(
    workspace: str,  # noqa: ARG001 - keys, as the three below
    source: str,  # noqa: ARG001
    stamp: str,  # noqa: ARG001
    thresholds: tuple[float, float],  # noqa: ARG001
    _found: "Opened",
) -> "FairnessStudy":
    from case_heating.fairness_steps import find_or_judge_groups

    return find_or_judge_groups(_found)


def _show_verdict(section: FairnessSection, study: "FairnessStudy") -> None:
    box, icon = {
        True: (st.success, ":material/check_circle:"),
        False: (st.error, ":material/block:"),
        None: (st.warning, ":material/help:"),
    }[study.verdict.passed]
    box(f"**{plain(section.headline)}**", icon=icon)
    for reason in section.reasons[:_REASONS_SHOWN]:
        st.markdown(f"- {_sentence(reason)}")
    if more := section.reasons[_REASONS_SHOWN:]:
        with st.expander(f"{len(more)} more", icon=":material/expand_more:"):
            for reason in more:
                st.markdown(f"- {_sentence(reason)}")


def _show_groups(study: "FairnessStudy", section: FairnessSection) -> None:
    st.header("For whom it is wrong", anchor=False)
    measures, usual = measures_of(study), worst_measure(study)
    if usual is None:
        st.info("No group can be shown: " + plain(" ".join(section.sentences["left_out"])), icon=":material/inbox:")
        return
    linked = st.query_params.get(MEASURE)
    measure = st.selectbox(
        "What is asked",
        measures,
        index=measures.index(linked if linked in measures else usual),
        format_func=lambda name: f"{ASKED[name]} [{unit_of(name)}]",
        key="fairness_measure",
    )
    if measure != usual or linked is not None:
        st.query_params[MEASURE] = measure
    rows = group_rows(study, measure)
    if len(rows):
        chart = draw_groups(rows, ASKED[measure], unit_of(measure))
        show_chart(chart, says=groups_in_words(study, measure), name=f"fairness_{measure}")
    else:
        st.info(plain(groups_in_words(study, measure)), icon=":material/inbox:")
    if measure == "sent_to_people":
        _say(section, "review")
    _say(section, "groups")
    with st.expander("All figures of all groups", icon=":material/table:"):
        for name in ("groups", "differences", "pairs"):
            _show_table(section.tables.get(name), name)


def _show_not_judged(study: "FairnessStudy", section: FairnessSection) -> None:
    st.header("What is judged, and what cannot be", anchor=False)
    limits = study.limits
    st.markdown(
        f"A group is shown from {limits.min_homes_shown} homes on and judged from {limits.min_homes_judged} on; what "
        "cannot be judged is not passed."
    )
    if not section.sentences["left_out"]:
        st.markdown("Every trait of every home is known, and no group is too small to be shown.")
    for sentence in section.sentences["left_out"]:
        st.markdown(f"- {_sentence(sentence)}")


def _show_deep(found: "Opened", study: "FairnessStudy", section: FairnessSection, kept: "KeptStudy | None") -> None:
    st.header("Causes, proxies and remedies", anchor=False)
    job = show_job(settings().workspace, JOB, "The study of fairness")
    if job is not None and job.state == "running":
        return
    if kept is None:
        st.markdown(
            "What the gaps go with, which facts tell a trait nobody handed in, and what each remedy would cost: this "
            "trains some dozens of models and takes some minutes. It is kept, and made anew only when the model or the "
            "prices of reviews change."
        )
        if st.button("Look for causes and remedies", type="primary", key="study", icon=":material/search:"):
            _start(found)
        return
    if kept.no_cost:
        st.caption(plain(f"The cost error of groups was not measured: {kept.no_cost}."))
    if study.focus is None:
        st.info("No group can be judged, so nothing was looked for.", icon=":material/inbox:")
        return
    causes, proxies, remedies = st.tabs(["What the gaps go with", "What tells the traits", "Remedies and their price"])
    with causes:
        if len(steps := gap_steps(study)):
            first, *more = section.sentences["causes"]
            show_chart(draw_gaps(steps), says=_capital(first), name="fairness_causes")
            for sentence in more:
                st.markdown(plain(sentence))
        _fold(section, "causes", "Every group against the largest of its trait")
    with proxies:
        if len(rows := proxy_rows(study)):
            show_chart(draw_proxies(rows), says=" ".join(section.sentences["proxies"]), name="fairness_proxies")
        else:
            _say(section, "proxies")
        _fold(section, "proxies", "Which facts carry it")
        _fold(section, "without", "The model without one kind of fact")
    with remedies:
        if len(rows := remedy_rows(study)):
            says = _capital(section.sentences["remedies"][0])
            show_chart(draw_remedies(rows, 100 * study.limits.max_error_gap), says=f"{says}.", name="fairness_remedies")
            for sentence in section.sentences["remedies"][1:]:
                st.markdown(f"{_sentence(sentence)}")
        else:
            _say(section, "remedies")
        _fold(section, "remedies", "Every remedy in figures")


def _start(found: "Opened") -> None:
    try:
        jobs.start(settings().workspace, JOB, {"source": found.source}, by=signed_in.who().name)
    except HeatingError as error:
        st.warning(plain(f"{_capital(str(error))}."), icon=":material/hourglass:")
        return
    st.rerun()


def _show_vetoes() -> None:
    from case_heating.edges.app import health_data
    from case_heating.people.veto_history import veto_history, veto_in_words, vetoes_in_words

    st.header("When fairness stopped a model", anchor=False)
    models = health_data.models()
    if models.trouble:
        st.warning(plain(f"{_capital(models.trouble)}."), icon=":material/warning:")
        return
    history = veto_history(models)
    st.markdown(plain(vetoes_in_words(history)))
    if not history:
        return
    st.caption(
        "The gate judges by labels that came after the training, which are fewer than the homes above, so that it may "
        "not be able to judge what stands refused here. What cannot be judged is told, and is not called passed."
    )
    latest, older = history[-_VETOES_SHOWN:], history[:-_VETOES_SHOWN]
    st.markdown("\n".join(f"- {plain(veto_in_words(one))}" for one in reversed(latest)))
    if older:
        with st.expander(f"{len(older)} older", icon=":material/expand_more:"):
            st.markdown("\n".join(f"- {plain(veto_in_words(one))}" for one in reversed(older)))


def _show_card(found: "Opened", study: "FairnessStudy", section: FairnessSection, kept: "KeptStudy | None") -> None:
    from case_heating.fairness_steps import CARD_HTML, CARD_PDF

    st.header("Model card", anchor=False)
    st.markdown(
        "One document for those who must file it: what the model is for, for whom it is wrong, what was decided, and "
        "the limits." + ("" if kept else " Without causes and remedies, until they are looked for above.")
    )
    kinds = {CARD_HTML: ("Download as HTML", "text/html"), CARD_PDF: ("Download as PDF", "application/pdf")}
    with st.container(horizontal=True):
        for name, (label, mime) in kinds.items():
            make = partial(_card, found, study, section, name) if kept is None else (kept.folder / name).read_bytes
            st.download_button(
                label, make, name, mime, key=f"card_{name}", on_click="ignore", icon=":material/download:"
            )


def _card(found: "Opened", study: "FairnessStudy", section: FairnessSection, name: str) -> bytes:
    from case_heating.fairness_steps import CARD_PDF, card_of
    from case_heating.people.model_card import card_html
    from case_heating.people.model_card_pdf import card_pdf

    card = card_of(found, study, section)
    return card_pdf(card) if name == CARD_PDF else card_html(card).encode()


def _say(section: FairnessSection, name: str) -> None:
    for sentence in section.sentences[name]:
        st.markdown(_sentence(sentence))


def _fold(section: FairnessSection, name: str, title: str) -> None:
    if name in section.tables:
        with st.expander(title, icon=":material/table:"):
            _show_table(section.tables[name], name)


def _show_table(shown: "ShownTable | None", name: str) -> None:
    if shown is None:
        return
    st.markdown(f"**{plain(shown.title)}** {plain(shown.about)}")
    rows = pd.DataFrame(list(shown.rows), columns=list(shown.headings))
    st.dataframe(rows, hide_index=True, width="stretch", key=f"table_{name}")


def _sentence(words: str) -> str:
    """Give words as a sentence, its marks inert."""
    said = plain(_capital(words))
    return said if said.endswith(".") else f"{said}."


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
