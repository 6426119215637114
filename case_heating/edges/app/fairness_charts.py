"""Charts of fairness: groups with intervals, gaps between alike homes, what tells a trait, what remedies cost."""

from typing import Any

import altair as alt
import pandas as pd

from case_heating.edges.app.charts import COLOURS, ink
from case_heating.people.fairness_frames import BY_CHANCE, NO_LIMIT, OVER, STANDS, TOO_FEW, WITHIN

_LOOKS = {
    OVER: ("#d55e00", "triangle-up"),
    BY_CHANCE: ("#b8860b", "diamond"),
    WITHIN: (COLOURS["machine"], "circle"),
    TOO_FEW: (COLOURS["naive"], "square"),
    NO_LIMIT: (COLOURS["machine"], "circle"),
}
_LABELS = alt.Axis(labelLimit=170, labelOverlap=False)
_UNDER_HEADINGS = alt.Axis(
    labelLimit=170,
    labelOverlap=False,
    labelExpr="split(datum.label, ': ')[1] || datum.label",
    labelFontWeight={"condition": {"test": "indexof(datum.value, ': ') < 0", "value": "bold"}, "value": "normal"},
)
_TOP = alt.Legend(orient="top", columns=1, symbolSize=90)


def draw_groups(rows: pd.DataFrame, asked: str, unit: str) -> Any:
    """Draw one measure by group with its interval; shape and colour say how it stands to the limit."""
    there = [stand for stand in STANDS if stand in set(rows["stands"])]
    y = alt.Y("label:N", title=None, scale=alt.Scale(domain=_under_headings(rows)), axis=_UNDER_HEADINGS)
    colour = alt.Color(
        "stands:N",
        title=None,
        scale=alt.Scale(domain=there, range=[_LOOKS[stand][0] for stand in there]),
        legend=_TOP,
    )
    figure = "+.1f" if unit == "points" else ",.0f" if unit.startswith("USD") else ".1f"
    base = alt.Chart(rows).encode(y=y, color=colour)
    spans = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=f"{asked} [{unit}]"), x2="high:Q")
    marks = base.mark_point(size=80, filled=True, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape(
            "stands:N",
            title=None,
            scale=alt.Scale(domain=there, range=[_LOOKS[stand][1] for stand in there]),
            legend=_TOP,
        ),
        tooltip=[
            alt.Tooltip("trait:N", title="trait"),
            alt.Tooltip("group:N", title="group"),
            alt.Tooltip("n_homes:Q", title="homes", format=","),
            alt.Tooltip("value:Q", title=f"{asked.lower()} [{unit}]", format=figure),
            alt.Tooltip("low:Q", title="95 % from", format=figure),
            alt.Tooltip("high:Q", title="95 % to", format=figure),
            alt.Tooltip("gap:Q", title="from all other homes", format="+,.1f"),
            alt.Tooltip("stands:N", title="this is"),
        ],
    )
    return alt.layer(spans, marks).properties(height=alt.Step(24))


def _under_headings(rows: pd.DataFrame) -> list[str]:
    """List the groups of each trait under a row that names the trait."""
    return [name for trait, own in rows.groupby("trait", sort=False) for name in (str(trait), *own["label"])]


def draw_gaps(steps: pd.DataFrame) -> Any:
    """Draw a group's gap, crude and between ever more alike homes, above the gap that right probabilities imply."""
    y = alt.Y("step:N", title=None, sort=list(steps["step"]), axis=_LABELS)
    title = "above the reference group [points]"
    base = alt.Chart(steps).encode(y=y)
    spans = base.mark_rule(strokeWidth=2, color=COLOURS["machine"]).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    marks = base.mark_point(size=80, filled=True, opacity=1, color=COLOURS["machine"]).encode(
        x="gap:Q",
        tooltip=[
            alt.Tooltip("step:N", title="between homes"),
            alt.Tooltip("gap:Q", title="gap [points]", format="+.1f"),
            alt.Tooltip("low:Q", title="95 % from", format="+.1f"),
            alt.Tooltip("high:Q", title="95 % to", format="+.1f"),
            alt.Tooltip("compared:Q", title="homes with an alike one [%]", format=".0f"),
        ],
    )
    return alt.layer(_line(0.0), spans, marks).properties(height=alt.Step(34))


def draw_proxies(rows: pd.DataFrame) -> Any:
    """Draw how well the features tell each group: an AUC of 0.5 is not at all, 1 is always."""
    y = alt.Y("label:N", title=None, sort=list(rows["label"]), axis=alt.Axis(labelLimit=180, labelOverlap=False))
    base = alt.Chart(rows).encode(y=y)
    title = "AUC (0.5: not at all, 1: always)"
    spans = base.mark_rule(strokeWidth=2, color=COLOURS["machine"]).encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(domain=[0.45, 1.0])), x2="high:Q"
    )
    marks = base.mark_point(size=80, filled=True, opacity=1, color=COLOURS["machine"]).encode(
        x="auc:Q",
        tooltip=[
            alt.Tooltip("label:N", title="group"),
            alt.Tooltip("auc:Q", title="AUC", format=".3f"),
            alt.Tooltip("low:Q", title="95 % from", format=".3f"),
            alt.Tooltip("high:Q", title="95 % to", format=".3f"),
            alt.Tooltip("carrier:N", title="mostly from"),
        ],
    )
    names = base.mark_text(align="left", dx=8, color=ink()).encode(x="high:Q", text="carrier:N")
    return alt.layer(_line(0.5), spans, marks, names).properties(height=alt.Step(26))


def draw_remedies(rows: pd.DataFrame, limit: float) -> Any:
    """Draw the gap each remedy leaves against what it costs in accuracy, beside the largest gap allowed."""
    there = list(dict.fromkeys(rows["needs"]))
    shapes = ["circle", "square", "triangle-up", "diamond", "cross"][: len(there)]
    named = rows.assign(chosen=["taken" if taken else "not taken" for taken in rows["taken"]])
    base = alt.Chart(named).encode(y=alt.Y("remedy:N", title=None, sort=list(rows["remedy"]), axis=_LABELS))
    title = "gap left to other homes [points]"
    spans = base.mark_rule(strokeWidth=2, color=COLOURS["machine"]).encode(
        x=alt.X("gap_low:Q", title=title), x2="gap_high:Q"
    )
    marks = base.mark_point(size=90, filled=True, opacity=1, color=COLOURS["machine"]).encode(
        x="gap:Q",
        shape=alt.Shape(
            "needs:N",
            title="needs the trait",
            scale=alt.Scale(domain=there, range=shapes),
            legend=alt.Legend(orient="top", columns=1, titleLimit=200),
        ),
        tooltip=[
            alt.Tooltip("remedy:N", title="remedy"),
            alt.Tooltip("gap:Q", title="gap left [points]", format="+.1f"),
            alt.Tooltip("gap_low:Q", title="95 % from", format="+.1f"),
            alt.Tooltip("gap_high:Q", title="95 % to", format="+.1f"),
            alt.Tooltip("price:Q", title="costs in accuracy [points]", format="+.1f"),
            alt.Tooltip("accuracy:Q", title="right [%]", format=".1f"),
            alt.Tooltip("needs:N", title="needs the trait"),
            alt.Tooltip("chosen:N", title="decision"),
        ],
    )
    prices = base.mark_text(align="left", dx=8, color=ink()).encode(
        x="gap_high:Q", text=alt.Text("price:Q", format="+.1f")
    )
    return alt.layer(_line(0.0), _line(limit, dashed=True), spans, marks, prices).properties(height=alt.Step(30))


def _line(at: float, *, dashed: bool = False) -> Any:
    dash = [4, 3] if dashed else [1, 0]
    return alt.Chart(pd.DataFrame({"at": [at]})).mark_rule(color=COLOURS["naive"], strokeDash=dash).encode(x="at:Q")
