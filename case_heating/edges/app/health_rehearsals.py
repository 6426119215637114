"""Rehearsals: would the watch see trouble, and is retraining when asked worth it? As last made, or made anew."""

import re
import textwrap

import altair as alt
import pandas as pd
import streamlit as st

from case_heating.edges.app import jobs, signed_in
from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import COLOURS, plain, show_chart
from case_heating.edges.app.parts import guarded, nothing_yet
from case_heating.edges.app.show_job import show_job
from case_heating.errors import counted
from case_heating.rehearsals import Kind, Rehearsed, last_rehearsal
from case_heating.watch.faults import KINDS
from case_heating.watch.replay import ALWAYS, NEVER, POLICIES, POLICY

_TITLES: dict[Kind, str] = {"replay": "The replay", "drill": "The drills"}
_STYLES = {
    "never": (COLOURS["naive"], [4, 3], "circle"),
    "asked": (COLOURS["machine"], [1, 0], "diamond"),
    "monthly": (COLOURS["electricity"], [5, 2], "square"),
    "mended": ("#777777", [1, 2], "cross"),
}
_LINES = {NEVER: "never", POLICY: "asked", ALWAYS: "monthly"}
_SERVICES = {
    "frozen": ("never retrained", "never"),
    "policy": ("watched: what the policy decides", "asked"),
    "always": ("retrained every month", "monthly"),
    "mended": ("data mended at once", "mended"),
}
_EVENTS = {
    "promoted": ("trained and promoted", "triangle-up"),
    "refused": ("trained, refused by the gate", "triangle-down"),
    "repair": ("repair asked", "cross"),
    "asked": ("labels asked for", "square"),
}
_HOMES: dict[Kind, tuple[int, int]] = {"replay": (3000, 4000), "drill": (1000, 3000)}
"""Fewest homes, and the usual number; fewer leave the gate of a replay without evidence."""

_MONTH = "%Y-%m"
_LABEL_LETTERS = 22  # of a line beside the chart, so that a phone shows whole words


def show_rehearsals() -> None:
    """Show the replay and the drills as they were last made, and let an admin make them anew."""
    st.subheader("Is retraining when asked worth it?", anchor=False)
    st.caption(
        "The replay lives two years again as if live: never trained again, trained every month, or when asked for."
    )
    with guarded():
        _show_kind("replay")
    st.subheader("Would the watch see trouble?", anchor=False)
    st.caption(
        "Drills plant trouble of known kind, size and day into copies of a utility: when is it seen, what is regained?"
    )
    with guarded():
        _show_kind("drill")


def _show_kind(kind: Kind) -> None:
    here = settings()
    last = last_rehearsal(here, kind)
    if last is None:
        nothing_yet(
            f"{_TITLES[kind]} was not made here yet."
            if kind == "replay"
            else f"{_TITLES[kind]} were not made here yet.",
            remedy="It takes minutes on a simulated utility, and touches neither models nor data of this workspace.",
        )
    else:
        _show_made(last)
        (_show_replay if kind == "replay" else _show_drills)(last)
    job = show_job(here.workspace, kind, _TITLES[kind])
    if job is not None and job.state == "running":
        return
    with st.expander(f"Make {_TITLES[kind].lower()}{' anew' if last else ''}", expanded=last is None):
        if signed_in.needs("admin"):
            _ask_for(kind, last)


def _ask_for(kind: Kind, last: Rehearsed | None) -> None:
    fewest, usual = _HOMES[kind]
    with st.form(f"rehearse_{kind}", border=False):
        homes = st.number_input("Homes of the simulated utility", fewest, 20_000, usual, 1000, key=f"homes_{kind}")
        seeds = 1
        if kind == "drill":
            seeds = int(st.number_input("Times, each with another seed", 1, 10, 2, key="seeds_drill"))
        took = (
            "About three minutes for 10,000 homes on two cores."
            if kind == "replay"
            else "About five minutes for 3,000 homes and 4 seeds on two cores."
        )
        if last is not None:
            took = f"The last time it took {_took(last)}."
        st.caption(took)
        label = f"Make {_TITLES[kind].lower()}"
        if st.form_submit_button(label, key=f"make_{kind}", icon=":material/play_arrow:"):
            by = signed_in.who().name
            jobs.start(settings().workspace, kind, {"homes": int(homes), "seeds": seeds, "by": by}, by=by)
            st.rerun()


def _took(last: Rehearsed) -> str:
    seeds = f" and {last.made.seeds} seeds" if last.made.seeds > 1 else ""
    return f"{last.made.seconds:,.0f} s with {last.made.homes:,} homes{seeds}"


def _show_made(last: Rehearsed) -> None:
    st.caption(plain(f"Made {last.made.at.astimezone():%Y-%m-%d %H:%M} by {last.made.by}; it took {_took(last)}."))


def _show_replay(last: Rehearsed) -> None:
    months = last.tables["months"].assign(as_of=lambda told: pd.to_datetime(told["as_of"]))
    shown = months.assign(
        who=months["policy"].map(POLICIES), right=100 * months["accuracy"], month=months["as_of"].dt.strftime(_MONTH)
    )
    styles = [_STYLES[_LINES[name]] for name in POLICIES]
    names = list(POLICIES.values())
    x = alt.X("as_of:T", title="month")
    y = alt.Y("right:Q", title="homes answered right, %", scale=alt.Scale(zero=False))
    lines = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2)
        .encode(
            x,
            y,
            alt.Color(
                "who:N",
                title="",
                scale=alt.Scale(domain=names, range=[style[0] for style in styles]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=260),
            ),
            alt.StrokeDash(
                "who:N", title="", scale=alt.Scale(domain=names, range=[style[1] for style in styles]), legend=None
            ),
            tooltip=[
                alt.Tooltip("who:N", title="policy"),
                alt.Tooltip("month:N"),
                alt.Tooltip("right:Q", title="right, %", format=".1f"),
            ],
        )
    )
    happened = shown[(shown["policy"] == POLICY) & shown["event"].isin(_EVENTS)]
    happened = happened.assign(what=happened["event"].map({name: words for name, (words, _) in _EVENTS.items()}))
    marks = (
        alt.Chart(happened)
        .mark_point(size=90, filled=True, color=COLOURS["machine"])
        .encode(
            x,
            y,
            alt.Shape(
                "what:N",
                title="the policy",
                scale=alt.Scale(
                    domain=[one[0] for one in _EVENTS.values()], range=[one[1] for one in _EVENTS.values()]
                ),
                legend=alt.Legend(orient="bottom", columns=2, labelLimit=150),
            ),
            tooltip=[alt.Tooltip("month:N"), alt.Tooltip("what:N", title="the policy")],
        )
    )
    chart = alt.layer(lines, marks).properties(height=480)
    show_chart(chart, says=" ".join(last.made.finding), name="replay")


def _show_drills(last: Rehearsed) -> None:
    table = last.tables["drills"].set_index("Unnamed: 0")
    missed = [reason for reason in last.made.finding if not reason.startswith("met")]
    n = len(last.made.finding)
    says = f"All {n} limits are met: trouble is seen in time, quiet months stay quiet, the policy regains what it can."
    if missed:
        says = f"{len(missed)} of {n} limits {'is' if len(missed) == 1 else 'are'} missed."
    _show_all_drills(table, says)
    if missed:
        told = "\n".join(f"- {plain(_limit(reason))}" for reason in missed)
        st.warning(f"Missed, with {last.made.homes:,} homes and {counted(last.made.seeds, 'seed', 'seeds')}:\n{told}")
        st.caption(
            "Small utilities and few seeds miss limits by chance; the guide to level 1 has four seeds of 3,000 homes."
        )
    with st.expander(f"All {n} limits"):
        st.markdown("\n".join(f"- {plain(_limit(reason))}" for reason in last.made.finding))
    kinds = [str(kind) for kind in table.index]
    kind = st.selectbox("Month by month", kinds, format_func=lambda one: KINDS[one].about, key="drill_shown")
    _show_one_drill(last.tables["drill_months"], kind, table.loc[kind])


def _short(kind: str) -> str:
    """Name a kind of trouble in a few words."""
    return re.split("[:,]", KINDS[kind].about)[0]


def _limit(reason: str) -> str:
    """Say of a limit what it is about in words, in place of the kind's code."""
    met, _, words = reason.partition(": ")
    kind, _, told = words.partition(": ")
    said = f"{_short(kind)}: {told}" if kind in KINDS else words
    return said if met == "MISSED" else f"{met}: {said}"


def _show_all_drills(table: pd.DataFrame, says: str) -> None:
    services = ["frozen", "policy", "always"]
    long = table.rename_axis("kind").reset_index().melt(["kind", "delay", "regained"], services, "service", "right")
    long = long.assign(
        right=100 * long["right"].astype(float),
        about=long["kind"].map(lambda kind: KINDS[kind].about),
        name=long["kind"].map(lambda kind: "|".join(textwrap.wrap(_short(kind), _LABEL_LETTERS))),
        who=long["service"].map(lambda name: _SERVICES[name][0]),
        seen=long["delay"].map(lambda delay: "never" if pd.isna(delay) else f"by window {delay:.0f}"),
        regained=long["regained"].map(lambda share: "nothing to regain" if pd.isna(share) else f"{share:.0%}"),
    )
    names = [_SERVICES[name][0] for name in services]
    styles = [_STYLES[_SERVICES[name][1]] for name in services]
    chart = (
        alt.Chart(long)
        .mark_point(size=90, filled=True)
        .encode(
            alt.X("right:Q", title="right after it began, %", scale=alt.Scale(zero=False)),
            alt.Y(
                "name:N",
                title=None,
                sort=None,
                axis=alt.Axis(labelLimit=170, labelOverlap=False, labelExpr="split(datum.label, '|')"),
            ),
            alt.Color(
                "who:N",
                title="",
                scale=alt.Scale(domain=names, range=[style[0] for style in styles]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=260),
            ),
            alt.Shape("who:N", title="", scale=alt.Scale(domain=names, range=[style[2] for style in styles])),
            tooltip=[
                alt.Tooltip("about:N", title="trouble"),
                alt.Tooltip("who:N", title="model"),
                alt.Tooltip("right:Q", title="right, %", format=".1f"),
                alt.Tooltip("seen:N"),
                alt.Tooltip("regained:N"),
            ],
        )
        .properties(height=170 + 36 * len(table))
    )
    show_chart(chart, says=says, name="drills")


def _show_one_drill(months: pd.DataFrame, kind: str, row: pd.Series) -> None:
    own = months[months["kind"] == kind]
    own = own.assign(
        as_of=pd.to_datetime(own["as_of"]),
        right=100 * own["accuracy"],
        who=own["service"].map(lambda name: _SERVICES[name][0]),
    )
    present = [name for name in _SERVICES if (own["service"] == name).any()]
    names = [_SERVICES[name][0] for name in present]
    styles = [_STYLES[_SERVICES[name][1]] for name in present]
    chart = (
        alt.Chart(own)
        .mark_line(point=alt.OverlayMarkDef(size=40))
        .encode(
            alt.X("as_of:T", title="month"),
            alt.Y("right:Q", title="answers that are right, %", scale=alt.Scale(zero=False)),
            alt.Color(
                "who:N",
                title="",
                scale=alt.Scale(domain=names, range=[style[0] for style in styles]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=260),
            ),
            alt.StrokeDash(
                "who:N", title="", scale=alt.Scale(domain=names, range=[style[1] for style in styles]), legend=None
            ),
            tooltip=[
                alt.Tooltip("who:N", title="model"),
                alt.Tooltip("as_of:T", title="month", format=_MONTH),
                alt.Tooltip("right:Q", title="right, %", format=".1f"),
            ],
        )
        .properties(height=340)
    )
    seen = "it was not seen with every seed" if pd.isna(row["delay"]) else f"it was seen by window {row['delay']:.0f}"
    regained = (
        "there was nothing to regain"
        if pd.isna(row["regained"])
        else f"the policy regained {row['regained']:.0%} of what could be"
    )
    about = KINDS[kind].about
    show_chart(chart, says=f"{about[0].upper()}{about[1:]}: {seen}, and {regained}.", name=f"drill_{kind}")
