"""Charts of the ladder: homes answered right by stage, and what wrong answers and reviews cost."""

from typing import Any

import altair as alt
import pandas as pd

from case_heating.edges.app.charts import COLOURS, ink
from case_heating.people.ladder_worth import LANES, LadderWorth
from case_heating.people.words import STAGE_NAMES

_SHAPES = dict(zip(LANES, ("circle", "square", "triangle-up"), strict=True))
_NAIVE = "naive answer, same homes"
_NO_MACHINE = "No machine: look at all"
_WRONG, _REVIEWS = "wrong answers", "reviews by people"


def draw_ladder(worth: LadderWorth, today: str) -> Any:
    """Draw how many of 100 homes are answered right at each stage, with intervals, beside the naive answer."""
    lanes = worth.lanes().assign(
        name=lambda table: _mark_today(table["stage"], today), what=lambda table: table["lane"]
    )
    there = [lane for lane in LANES if lane in set(lanes["lane"])]
    y = alt.Y(
        "name:N", title=None, sort=list(dict.fromkeys(lanes["name"])), axis=alt.Axis(labelLimit=150, labelOverlap=False)
    )
    key = [*there, _NAIVE]
    colours = [*[COLOURS["machine"]] * len(there), COLOURS["naive"]]
    shapes = alt.Scale(domain=key, range=[*(_SHAPES[lane] for lane in there), "stroke"])
    paints = alt.Scale(domain=key, range=colours)
    legend = alt.Legend(orient="top", columns=2, symbolSize=90, symbolStrokeWidth=2)
    base = alt.Chart(lanes).encode(
        y=y,
        yOffset=alt.YOffset("lane:N", sort=there),
        color=alt.Color("what:N", title=None, scale=paints, legend=legend),
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="answers that are right, of 100 homes", scale=alt.Scale(zero=False, nice=True)),
        x2="high:Q",
    )
    marks = base.mark_point(size=70, filled=True, opacity=1).encode(
        x="right:Q",
        shape=alt.Shape("what:N", title=None, scale=shapes, legend=legend),
        tooltip=[
            alt.Tooltip("name:N", title="we know"),
            alt.Tooltip("lane:N", title="judged on"),
            alt.Tooltip("right:Q", title="right, of 100 homes", format=".1f"),
            alt.Tooltip("low:Q", title="95 % from", format=".1f"),
            alt.Tooltip("high:Q", title="95 % to", format=".1f"),
            alt.Tooltip("naive:Q", title="naive answer", format=".1f"),
        ],
    )
    # The naive answer differs between the lanes: in a region never seen it has no labelled neighbours.
    rivals = (
        alt.Chart(lanes.assign(what=_NAIVE))
        .mark_point(size=110, strokeWidth=2.2, opacity=1)
        .encode(
            y=y,
            yOffset=alt.YOffset("lane:N", sort=there),
            x="naive:Q",
            color=alt.Color("what:N", title=None, scale=paints, legend=legend),
            shape=alt.Shape("what:N", title=None, scale=shapes, legend=legend),
            angle=alt.value(90),
        )
    )
    numbers = (
        alt.Chart(lanes[lanes["lane"] == LANES[0]])
        .mark_text(align="left", dx=6, color=ink())
        .encode(y=y, yOffset=alt.YOffset("lane:N", sort=there), x="high:Q", text=alt.Text("right:Q", format=".1f"))
    )
    return alt.layer(spans, rivals, marks, numbers).properties(height=alt.Step(15))


def draw_money(worth: LadderWorth, today: str) -> Any:
    """Draw what wrong answers and reviews cost in a year at each stage, above it what looking at every home costs."""
    names = _mark_today(pd.Series([each.stage for each in worth.stages]), today)
    rows = [(_NO_MACHINE, 0.0, worth.review_all_usd)]
    rows += [(name, each.wrong_usd, each.reviews_usd) for name, each in zip(names, worth.stages, strict=True)]
    table = pd.DataFrame(rows, columns=["name", _WRONG, _REVIEWS])
    table["together"] = table[_WRONG] + table[_REVIEWS]
    parts = table.melt(["name", "together"], [_WRONG, _REVIEWS], var_name="what", value_name="usd")
    parts["order"] = (parts["what"] == _REVIEWS).astype(int)
    y = alt.Y("name:N", title=None, sort=table["name"].tolist(), axis=alt.Axis(labelLimit=150, labelOverlap=False))
    room = alt.Scale(domain=[0, 1.2 * max(float(table["together"].max()), 1.0)], nice=False)
    bars = (
        alt.Chart(parts)
        .mark_bar()
        .encode(
            x=alt.X("usd:Q", title="cost, USD a year", scale=room, axis=alt.Axis(tickCount=4)),
            y=y,
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=[_WRONG, _REVIEWS], range=[COLOURS["other"], COLOURS["naive"]]),
                legend=alt.Legend(orient="top", columns=1),
            ),
            order="order:Q",
            tooltip=[
                alt.Tooltip("name:N", title="we know"),
                alt.Tooltip("what:N", title="cost of"),
                alt.Tooltip("usd:Q", title="USD a year", format=",.0f"),
                alt.Tooltip("together:Q", title="together, USD a year", format=",.0f"),
            ],
        )
    )
    numbers = (
        alt.Chart(table)
        .mark_text(align="left", dx=4, color=ink())
        .encode(x="together:Q", y=y, text=alt.Text("together:Q", format=",.0f"))
    )
    return alt.layer(bars, numbers).properties(height=alt.Step(34))


def _mark_today(stages: pd.Series, today: str) -> list[str]:
    """Name the stages, today's with a mark: colour alone would not tell it."""
    return [f"{STAGE_NAMES[stage]}{' ◀ today' if stage == today else ''}" for stage in stages]
