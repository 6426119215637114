"""Models: which served when, which were refused, and what the gate asked of each, check by check."""

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from case_heating.edges.app import health_data
from case_heating.edges.app.charts import COLOURS, plain, show_chart
from case_heating.edges.app.health_stand import show_stand
from case_heating.people.gate_section import Judged, check_rows, judged_in_words
from case_heating.people.health_words import how_models_stand
from case_heating.people.words import day
from case_heating.release.service import ModelsOnRecord, spells_of_service

if TYPE_CHECKING:
    from case_heating.release.run_record import RegisteredModel

VERSION = "version"
_SHOWN = 12  # versions in the chart; older ones can still be chosen below
_OUTCOMES = {True: "passed", False: "refused"}
_ICONS = {
    "passed": ":material/check:",
    "refused": ":material/close:",
    "not judged": ":material/info:",
    "let pass": ":material/info:",
}
_MARKS = {"passed": "✓ passed", "refused": "✕ refused"}


def show_models() -> None:
    """Show the models' timeline, then one model with every check of the gate."""
    models = health_data.models()
    if models.trouble or not models.models:
        show_stand(how_models_stand(models, health_data.ingested()))
        return
    if len(models.models) == 1:  # a chart of one mark would tell less than the words
        st.markdown(plain(_timeline_words(models)))
    else:
        _show_timeline(models)
    _show_one(models)


def _show_timeline(models: ModelsOnRecord) -> None:
    shown = models.models[-_SHOWN:]
    numbers = [model.version for model in shown]
    last = max([model.as_of for model in shown] + [event.as_of for event in models.events])
    ingested = health_data.ingested()
    until = max(last, ingested) if ingested else last
    spells = spells_of_service(models.events, until=until)
    spells = spells[spells["version"].isin(numbers)]
    trained = pd.DataFrame(
        {
            "version": numbers,
            "as_of": [pd.Timestamp(model.as_of) for model in shown],
            "gate": [_MARKS[_OUTCOMES[model.passed]] for model in shown],
            "because": [model.because for model in shown],
        }
    )
    rows = alt.Y("version:N", title="version", sort=numbers, axis=alt.Axis(labelOverlap=False))
    bars = (
        alt.Chart(spells)
        .mark_bar(height=14, color=COLOURS["machine"], opacity=0.75)
        .encode(
            x=alt.X("since:T", title="day of the utility"),
            x2="until:T",
            y=rows,
            tooltip=[
                alt.Tooltip("version:N", title="version"),
                alt.Tooltip("since:T", title="served from", format="%Y-%m-%d"),
                alt.Tooltip("until:T", title="to", format="%Y-%m-%d"),
                alt.Tooltip("how:N", title="came by"),
                alt.Tooltip("because:N", title="because"),
            ],
        )
    )
    points = (
        alt.Chart(trained)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            x="as_of:T",
            y=rows,
            shape=alt.Shape(
                "gate:N",
                title="trained, and the gate said",
                scale=alt.Scale(domain=list(_MARKS.values()), range=["circle", "cross"]),
                legend=alt.Legend(orient="top"),
            ),
            color=alt.Color(
                "gate:N",
                title="trained, and the gate said",
                scale=alt.Scale(domain=list(_MARKS.values()), range=[COLOURS["machine"], COLOURS["gas"]]),
            ),
            tooltip=[
                alt.Tooltip("version:N", title="version"),
                alt.Tooltip("as_of:T", title="trained as of", format="%Y-%m-%d"),
                alt.Tooltip("gate:N", title="the gate"),
                alt.Tooltip("because:N", title="because"),
            ],
        )
    )
    chart = alt.layer(bars, points).properties(height=150 + 30 * len(numbers))
    show_chart(chart, says=_timeline_words(models), name="who_served_when")


def _timeline_words(models: ModelsOnRecord) -> str:
    n, n_passed = len(models.models), sum(model.passed for model in models.models)
    trained = f"{n} model was trained" if n == 1 else f"{n} models were trained"
    champion = models.champion
    now = f"version {champion.version} serves now" if champion else "none serves now"
    older = f" The latest {_SHOWN} are drawn." if n > _SHOWN else ""
    drawn = " Bars are spells of service, marks the day of training." if n > 1 else ""
    return f"{trained}, the gate passed {n_passed}; {now}.{drawn}{older}"


def _show_one(models: ModelsOnRecord) -> None:
    by_version = {model.version: model for model in reversed(models.models)}
    versions = list(by_version)
    if VERSION not in st.session_state:
        told = st.query_params.get(VERSION)
        champion = models.champion.version if models.champion else versions[0]
        st.session_state[VERSION] = told if told in versions else champion
    version = st.selectbox("Model", versions, format_func=lambda one: _name(by_version[one]), key=VERSION)
    st.query_params[VERSION] = version
    model = by_version[version]
    decision = models.decisions.get(version)
    if decision is None:
        st.error(plain(f"{models.unreadable.get(version, 'its decision is not known')}."), icon=":material/error:")
        return
    st.markdown(plain(judged_in_words(Judged(model, decision))))
    if not decision.promote:
        st.warning(
            "What refused it:\n" + "\n".join(f"- {plain(one)}" for one in decision.reasons), icon=":material/block:"
        )
    rows = check_rows(decision)
    st.caption(
        f"All {len(rows)} questions of the gate; what refused stands first. What is not judged, or let pass, refuses "
        "nothing."
    )
    st.markdown("\n".join(f"- {_check(row)}" for row in rows))


def _check(row: dict[str, str]) -> str:
    figures = [f"{name} {row[name]}" for name in ("figure", "limit") if row[name]]
    told = f" ({', '.join(figures)})" if figures else ""
    return f"{_ICONS[row['answer']]} {row['answer']} **{plain(row['name'])}**: {plain(row['words'] + told)}"


def _name(model: "RegisteredModel") -> str:
    called = f", {' and '.join(model.aliases)}" if model.aliases else ""
    return f"version {model.version}{called}, trained as of {day(model.as_of)}"
