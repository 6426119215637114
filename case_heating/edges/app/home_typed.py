"""On the Home page: type the facts of a home that is in no file, and read the answer from just these facts."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import plain
from case_heating.edges.app.home_answer import show_reasons, show_sentence
from case_heating.edges.app.home_language import choose_language
from case_heating.edges.app.parts import guarded
from case_heating.one_home import learn_typed_cost, typed_cost, typed_row
from case_heating.people.home_answer import home_in_words
from case_heating.people.home_year import typed_year_in_words
from case_heating.people.typed_facts import FIRST, Facts, Field, Value
from case_heating.people.typed_home import FactModel, explain_typed, fit_to_facts, known_names

if TYPE_CHECKING:
    from case_heating.model.cost_keep import LearnedCost

PREFIX = "f_"
"""Before the name of a fact in the page's address."""

_NOT_KNOWN = "not known"
_YES_NO = {"yes": True, "no": False}


def show_typed() -> None:
    """Show the form, and the answer to what was typed into it.

    Raises
    ------
    HeatingError
        If nothing can be said from what was typed.
    """
    language = choose_language("A home of which you type the facts")
    fields = cached.typed_fields()
    facts = _ask(fields, _read_link(fields))
    _write_link(fields, facts)
    if not facts:
        st.markdown("Type what is known, leave the rest. One fact is enough for a first answer.")
        return
    found = cached.opened()
    row = typed_row(found, facts)
    names = known_names(row, found.evidence.features)
    fitted = _keep_model(str(found.settings.workspace.resolve()), found.source, found.stamp, names)
    explanation = explain_typed(fitted, row)
    words = home_in_words(explanation, None, fitted.kept, language=language)
    show_sentence(explanation.fuel, words)
    show_reasons(words, seen=False)
    st.caption(plain(f"{fitted.in_words} Nothing that was not typed is assumed."))
    with guarded():
        _show_cost(row, names, fitted.stage, explanation.probability_of_gas)


def _show_cost(row: pd.DataFrame, names: tuple[str, ...], stage: str, probability_of_gas: float) -> None:
    st.subheader("A year's cost", anchor=False)
    asked = f"typed_cost_{' '.join(names)}"
    if st.button("Work it out", help="Takes some seconds.", icon=":material/calculate:"):
        st.session_state[asked] = True
    if st.session_state.get(asked):
        found = cached.opened()
        learned = _keep_cost(str(found.settings.workspace.resolve()), found.source, found.stamp, names, stage)
        st.markdown(plain(typed_year_in_words(typed_cost(learned, row, probability_of_gas))))


def _ask(fields: tuple[Field, ...], before: Facts) -> Facts:
    with st.form("typed", border=True):
        first = [field for field in fields if field.name in FIRST]
        rest = [field for field in fields if field.name not in FIRST]
        facts = _ask_some(first, before)
        if rest:
            with st.expander("More facts", expanded=any(field.name in before for field in rest)):
                facts |= _ask_some(rest, before)
        st.form_submit_button("What does it heat with?", type="primary")
    return facts


def _ask_some(fields: list[Field], before: Facts) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    columns = st.columns(2)
    for number, field in enumerate(fields):
        with columns[number % 2]:
            value = _widget(field, before.get(field.name))
        if value is not None:
            facts[field.name] = value
    return facts


def _widget(field: Field, before: Value | None) -> Value | None:
    label, key = plain(field.label), f"typed_{field.name}"
    if field.kind == "choice":
        return st.selectbox(
            label,
            field.options,
            index=field.options.index(str(before)) if before in field.options else None,
            format_func=field.option_in_words,
            placeholder=_NOT_KNOWN,
            key=key,
        )
    if field.kind == "yes_no":
        said = {value: word for word, value in _YES_NO.items()}.get(before) if isinstance(before, bool) else None
        chosen = st.selectbox(
            label,
            list(_YES_NO),
            index=None if said is None else list(_YES_NO).index(said),
            placeholder=_NOT_KNOWN,
            key=key,
        )
        return None if chosen is None else _YES_NO[chosen]
    whole = field.kind == "whole"
    return st.number_input(
        label,
        min_value=None if field.minimum is None else float(field.minimum),
        max_value=None if field.maximum is None else float(field.maximum),
        value=None if before is None else float(before),
        step=1.0 if whole or (field.maximum or 0) < 1000 else 100.0,
        format="%.0f",
        placeholder=_NOT_KNOWN,
        key=key,
    )


def _read_link(fields: tuple[Field, ...]) -> Facts:
    told = {field: st.query_params.get(PREFIX + field.name) for field in fields}
    read = {field.name: field.read(text) for field, text in told.items() if text is not None}
    return {name: value for name, value in read.items() if value is not None}


def _write_link(fields: tuple[Field, ...], facts: Facts) -> None:
    for field in fields:
        name = PREFIX + field.name
        if field.name not in facts:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != (told := field.write(facts[field.name])):
            st.query_params[name] = told


@st.cache_resource(max_entries=50, show_spinner="Learning from homes of which just these facts are used …")
def _keep_model(workspace: str, source: str, stamp: str, names: tuple[str, ...]) -> FactModel:  # noqa: ARG001 - keys
    found = cached.opened(source)
    return fit_to_facts(found.evidence, names, found.settings)


@st.cache_resource(max_entries=20, show_spinner="Learning what homes pay of which just these facts are used …")
def _keep_cost(workspace: str, source: str, stamp: str, names: tuple[str, ...], stage: str) -> "LearnedCost":  # noqa: ARG001 - keys
    return learn_typed_cost(cached.opened(source), names, stage)
