"""Drift and accuracy over time: a map of features by month, accuracy as estimated and as measured, alarms in words."""

import altair as alt
import pandas as pd
import streamlit as st

from case_heating.edges.app import health_data
from case_heating.edges.app.charts import COLOURS, plain, show_chart
from case_heating.edges.app.parts import nothing_yet
from case_heating.people.words import day
from case_heating.watch.over_time import (
    accuracy_in_words,
    accuracy_over_time,
    drift_in_words,
    drift_over_time,
    signals_over_time,
)
from case_heating.watch.overrides import limits_with
from case_heating.watch.report import KIND_WORDS
from case_heating.watch.signals import USUAL_LIMITS

_MONTHS = 18  # the latest ones are drawn; a cell is then still wide enough for its figure
_MONTHS_WITH_FIGURES = 9
_FEATURES = 16
_KINDS = {"home": "homes", "weather": "weather", "prices": "prices and places"}
_MONTH = "%Y-%m"


def show_drift() -> None:
    """Show what the watch saw, month by month."""
    watched = health_data.watched()
    if not watched.reports:
        nothing_yet(
            "No month was watched yet.",
            remedy="The watch compares what came in during a month with what the champion was made for; it needs one.",
            command="heating flows run watch",
        )
        return
    reports = watched.reports[-_MONTHS:]
    limits = limits_with(USUAL_LIMITS, watched.overrides, as_of=reports[-1].as_of)
    st.subheader("Is the champion still right?", anchor=False)
    _show_accuracy(accuracy_over_time(reports))
    st.subheader("Did the homes change?", anchor=False)
    _show_map(drift_over_time(reports), limits.psi)
    st.subheader("Signals of a month", anchor=False)
    _show_signals(signals_over_time(watched.reports))


def _show_accuracy(accuracy: pd.DataFrame) -> None:
    figures = ["estimated", "measured", "low", "high", "promised"]
    shown = accuracy.assign(**{name: 100 * accuracy[name] for name in figures})
    shown["month"] = shown["as_of"].dt.strftime(_MONTH)
    names = {"estimated": "by its own confidence", "measured": "as measured", "promised": "promised on the same homes"}
    long = shown.melt(["month", "champion", "n_homes"], list(names), "which", "right").dropna(subset="right")
    long["which"] = long["which"].map(names)
    scale = alt.Scale(domain=list(names.values()), range=[COLOURS["machine"], COLOURS["gas"], COLOURS["naive"]])
    month = alt.X("month:O", title="month that ends the window", axis=alt.Axis(labelAngle=-45))
    right = alt.Y("right:Q", title="homes answered right, %", scale=alt.Scale(zero=False))
    line = (
        alt.Chart(long)
        .mark_line(point=alt.OverlayMarkDef(size=60, filled=True))
        .encode(
            month,
            right,
            alt.Color("which:N", title="", scale=scale, legend=alt.Legend(orient="top", columns=1, labelLimit=260)),
            alt.StrokeDash(
                "which:N",
                title="",
                scale=alt.Scale(domain=list(names.values()), range=[[1, 0], [4, 2], [1, 3]]),
                legend=None,
            ),
            alt.Shape(
                "which:N", title="", scale=alt.Scale(domain=list(names.values()), range=["circle", "square", "diamond"])
            ),
            tooltip=[
                alt.Tooltip("month:O", title="month"),
                alt.Tooltip("champion:N"),
                alt.Tooltip("which:N", title="figure"),
                alt.Tooltip("right:Q", title="right, %", format=".1f"),
                alt.Tooltip("n_homes:Q", title="labelled homes", format=",.0f"),
            ],
        )
    )
    whiskers = (
        alt.Chart(shown.dropna(subset="measured"))
        .mark_rule(color=COLOURS["gas"])
        .encode(month, alt.Y("low:Q", title="homes answered right, %"), alt.Y2("high:Q"))
    )
    show_chart(
        alt.layer(whiskers, line).properties(height=340), says=accuracy_in_words(accuracy), name="accuracy_over_time"
    )


def _show_map(drift: pd.DataFrame, limit: float) -> None:
    if drift.empty:
        nothing_yet(
            "The watched months hold no features.", remedy="Watch a month again.", command="heating flows run watch"
        )
        return
    kinds = [kind for kind in _KINDS if (drift["kind"] == kind).any()]
    kind = st.segmented_control(
        "Features of", kinds, default=kinds[0], format_func=lambda one: _KINDS[one], key="drift_kind"
    )
    own = drift[drift["kind"] == (kind or kinds[0])]
    order = own.groupby("feature")["psi"].max().sort_values(ascending=False).index
    every = len(order) > _FEATURES and st.toggle(f"All {len(order)} features", key="drift_every")
    shown_names = list(order if every else order[:_FEATURES])
    bands = [
        f"under {0.4 * limit:g}",
        f"{0.4 * limit:g} to {limit:g}",
        f"{limit:g} to {2 * limit:g}",
        f"over {2 * limit:g}",
    ]
    shown = own[own["feature"].isin(shown_names)].assign(
        month=own["as_of"].dt.strftime(_MONTH),
        band=pd.cut(own["psi"], [-1, 0.4 * limit, limit, 2 * limit, float("inf")], labels=bands).astype("str"),
        missing=100 * own["missing"],
        figure=own["psi"].map("{:.2f}".format),
        beyond=own["drifted"].map({True: "drifted", False: "within its limit"}),
    )
    month = alt.X("month:O", title="month that ends the window", axis=alt.Axis(labelAngle=-45))
    feature = alt.Y("feature:N", title=None, sort=shown_names, axis=alt.Axis(labelLimit=150, labelOverlap=False))
    dark = [bands[3]]  # white on orange is hard to read
    cells = (
        alt.Chart(shown)
        .mark_rect(stroke="#88888855")
        .encode(
            month,
            feature,
            alt.Color(
                "band:N",
                title=f"PSI (limit {limit:g})",
                scale=alt.Scale(domain=bands, range=["#eef3f8", "#b7cfe3", "#e08214", "#7f3b08"]),
                legend=alt.Legend(orient="top", columns=2),
            ),
            tooltip=[
                alt.Tooltip("feature:N"),
                alt.Tooltip("about:N", title="what it is"),
                alt.Tooltip("month:O", title="month"),
                alt.Tooltip("psi:Q", title="PSI", format=".3f"),
                alt.Tooltip("beyond:N", title="drift"),
                alt.Tooltip("missing:Q", title="missing, %", format=".1f"),
                alt.Tooltip("champion:N"),
            ],
        )
    )
    marks = (
        alt.Chart(shown)
        .mark_text(fontSize=11)
        .encode(
            month,
            feature,
            alt.Text("figure:N" if shown["month"].nunique() <= _MONTHS_WITH_FIGURES else "mark:N"),
            color=alt.condition(alt.FieldOneOfPredicate("band", dark), alt.value("white"), alt.value("#222222")),
        )
        .transform_calculate(mark="datum.drifted ? '▲' : ''")
    )
    chart = alt.layer(cells, marks).properties(height=170 + 24 * len(shown_names))
    show_chart(chart, says=drift_in_words(drift, limit), name="drift_by_feature_and_month")
    st.caption(
        "PSI, the population stability index, says how far a feature's distribution lies from that of the day the "
        "champion was trained: 0 is the same. A feature drifts beyond its limit only where chance does not explain it."
    )


def _show_signals(signals: pd.DataFrame) -> None:
    days = list(dict.fromkeys(signals["as_of"].dt.date))[::-1]
    if not days:
        return
    chosen = st.selectbox("The month before", days, format_func=day, key="watched_month")
    own = signals[signals["as_of"] == pd.Timestamp(chosen)]
    raised = own[own["raised"]]
    if raised.empty:
        st.markdown(f"All is quiet: none of {len(own)} signals is raised.")
    for one in raised.itertuples():
        said = plain(f"{KIND_WORDS[str(one.kind)]}: {one.words}")
        if one.fault:
            st.error(f"**Fault of the data.** {said}", icon=":material/report:")
        elif one.role == "alarm":
            st.warning(f"**Alarm.** {said}", icon=":material/notifications_active:")
        else:
            st.info(f"Moved, for information. {said}", icon=":material/info:")
    with st.expander(f"All {len(own)} signals of the month"):
        state = own["raised"].map({True: "raised", False: ""}).where(~own["fault"] | ~own["raised"], "fault")
        st.dataframe(
            own.assign(state=state, about=own["kind"].map(KIND_WORDS) + ": " + own["name"]),
            hide_index=True,
            width="stretch",
            column_order=["state", "about", "value", "limit", "words"],
            column_config={
                "state": st.column_config.TextColumn("state", width="small"),
                "about": st.column_config.TextColumn("signal"),
                "value": st.column_config.NumberColumn("figure", format="%.3g"),
                "limit": st.column_config.NumberColumn("limit", format="%.3g"),
                "words": st.column_config.TextColumn("finding", width="large"),
            },
            key="signals_of_month",
        )
