"""Charts of the portfolio: the fan of the year ahead, homes by certainty, districts as tiles, dwelling types."""

import textwrap
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from case_heating.edges.app.charts import COLOURS, fuel_colour, ink
from case_heating.people.cost_plots import money_unit
from case_heating.people.portfolio_figures import CERTAINTIES

_USUAL = "the usual year"
_MOST_NAMED = 120  # tiles beyond which names would cover each other
_LONGEST_NAME = 6  # characters of a tile's name; longer ones would cover each other on a phone
_TILE_PX = 58
_LINE_TILES = 0.24  # height of a line of a name, in tiles
_NAME_WIDTH = 11  # characters of a line, so that names of divisions do not meet on a phone
_LEAST_SIDE = 0.12  # of a tile, so that a district of few homes can be pointed at


def draw_fan(months: pd.DataFrame, *, is_usual: bool) -> Any:
    """Draw the cost of each month with its two bands, and the usual year as a dashed line."""
    scale, unit = money_unit(float(months["cost_high_usd"].max()))
    amounts = [name for name in months if name != "month"]
    shown = months.assign(month=pd.to_datetime(months["month"]), **{name: months[name] / scale for name in amounts})
    x = alt.X(
        "month:T", title=None, axis=alt.Axis(format="%b %y", tickCount="month", labelOverlap="parity", grid=False)
    )
    cost = f"electricity and gas, {unit} a month"
    tooltip = [alt.Tooltip("month:T", title="month", format="%B %Y")]
    for name, words in (
        ("cost_usd", "expected"),
        ("cost_low_usd", "90 % from"),
        ("cost_high_usd", "90 % to"),
        ("usual_usd", "usual year"),
    ):
        tooltip.append(alt.Tooltip(f"{name}:Q", title=f"{words}, {unit}", format=",.2f"))
    base = alt.Chart(shown).encode(x=x)
    areas = [
        base.mark_area(color=COLOURS["machine"], opacity=opacity).encode(
            y=alt.Y(f"{band}_low_usd:Q", title=cost, scale=alt.Scale(zero=True)), y2=f"{band}_high_usd:Q"
        )
        for band, opacity in (("cost", 0.18), ("half", 0.30))
    ]
    own = _USUAL if is_usual else "this scenario"
    lines = {own: "cost_usd"} if is_usual else {own: "cost_usd", _USUAL: "usual_usd"}
    drawn = pd.concat([shown[["month"]].assign(what=what, usd=shown[name]) for what, name in lines.items()])
    legend = alt.Legend(orient="top", symbolType="stroke", symbolSize=400, symbolStrokeWidth=2.5)
    colours, dashes = [COLOURS["machine"], COLOURS["naive"]], [[1, 0], [5, 4]]
    names = list(lines)
    line = (
        alt.Chart(drawn)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y="usd:Q",
            color=alt.Color(
                "what:N",
                title=None,
                legend=legend,
                scale=alt.Scale(domain=names, range=colours[: len(names)]),
            ),
            strokeDash=alt.StrokeDash(
                "what:N",
                title=None,
                legend=legend,
                scale=alt.Scale(domain=names, range=dashes[: len(names)]),
            ),
        )
    )
    dots = base.mark_circle(color=COLOURS["machine"], size=60, opacity=1).encode(y="cost_usd:Q", tooltip=tooltip)
    return alt.layer(*areas, line, dots).properties(height=320)


def draw_certainty(counts: pd.DataFrame) -> Any:
    """Draw how many homes heat with what, by how sure that is."""
    total = counts.groupby("certainty", as_index=False)["n_homes"].sum()
    room = alt.Scale(domain=[0, 1.15 * float(total["n_homes"].max())], nice=False)  # for the numbers beside the bars
    y = alt.Y("certainty:N", title=None, sort=list(CERTAINTIES), axis=alt.Axis(labelLimit=180, labelOverlap=False))
    bars = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("n_homes:Q", title="homes", axis=alt.Axis(tickCount=4), scale=room),
            y=y,
            color=fuel_colour("fuel:N", "heats with").legend(orient="top"),
            order=alt.Order("fuel_order:Q"),
            tooltip=[
                alt.Tooltip("certainty:N", title="how sure"),
                alt.Tooltip("fuel:N", title="heats with"),
                alt.Tooltip("n_homes:Q", title="homes", format=","),
            ],
        )
        .transform_calculate(fuel_order="indexof(['gas', 'electricity', 'other'], datum.fuel)")
    )
    numbers = (
        alt.Chart(total)
        .mark_text(align="left", dx=4, color=ink())
        .encode(x="n_homes:Q", y=y, text=alt.Text("n_homes:Q", format=","))
    )
    return alt.layer(bars, numbers).properties(height=alt.Step(28))


def draw_map(tiles: pd.DataFrame, measure: str, title: str, unit: str) -> Any:
    """Draw districts as tiles: colour is the measure, area the homes; names of divisions stand above their tiles."""
    side = np.maximum(np.sqrt(tiles["n_homes"] / tiles["n_homes"].max()), _LEAST_SIDE) if len(tiles) else 0.0
    shown = tiles.assign(
        value=tiles[measure],
        left=tiles["column"] + (1 - 0.94 * side) / 2,
        right=tiles["column"] + (1 + 0.94 * side) / 2,
        top=tiles["row"] + 0.30 + 0.66 * (1 - side) / 2,
        bottom=tiles["row"] + 0.30 + 0.66 * (1 + side) / 2,
        middle=tiles["column"] + 0.5,
    )
    blocks = tiles.groupby("block", as_index=False)[["column", "row"]].min()
    lines = blocks["block"].map(lambda name: textwrap.wrap(name, _NAME_WIDTH))
    names = blocks.assign(line=lines, above=lines.map(lambda parts: [*range(len(parts))][::-1]))
    names = names.explode(["line", "above"]).dropna(subset=["line"])
    names["at"] = names["row"] - 0.12 - _LINE_TILES * names["above"].astype(float)
    across = alt.Scale(domain=[0, float(tiles["column"].max()) + 1 if len(tiles) else 1], nice=False)
    last = float(tiles["row"].max()) + 1 if len(tiles) else 1.0
    down = alt.Scale(domain=[last, -0.7], nice=False)
    base = alt.Chart(shown)
    squares = base.mark_rect(cornerRadius=2).encode(
        x=alt.X("left:Q", axis=None, scale=across),
        x2="right",
        y=alt.Y("top:Q", axis=None, scale=down),
        y2="bottom",
        color=alt.Color(
            "value:Q",
            title=f"{title}, {unit}",
            scale=_colour_scale(shown["value"], measure),
            legend=alt.Legend(orient="bottom", gradientLength=220, titleLimit=320),
        ),
        tooltip=[
            alt.Tooltip("district:N", title="district"),
            alt.Tooltip("block:N", title="census division"),
            alt.Tooltip("n_homes:Q", title="homes", format=","),
            alt.Tooltip("value:Q", title=f"{title}, {unit}", format=",.1f"),
        ],
    )
    layers = [squares]
    if len(tiles) <= _MOST_NAMED and tiles["district"].str.len().max() <= _LONGEST_NAME:
        layers.append(
            base.mark_text(fontSize=10, baseline="middle", color=ink())
            .encode(x=alt.X("middle:Q", scale=across), y=alt.Y("name_row:Q", scale=down), text="district:N")
            .transform_calculate(name_row="datum.row + 0.15")
        )
    layers.append(
        alt.Chart(names)
        .mark_text(align="left", baseline="bottom", fontSize=11, fontWeight="bold", color=ink())
        .encode(x=alt.X("column:Q", scale=across), y=alt.Y("at:Q", scale=down), text="line:N")
    )
    return alt.layer(*layers).properties(height=int(_TILE_PX * (last + 0.7)) + 70)


def draw_bars(table: pd.DataFrame, measure: str, title: str, unit: str) -> Any:
    """Draw the measure of each group as a bar with its number."""
    order = table.sort_values(measure, ascending=False)["name"].tolist()
    y = alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelLimit=180, labelOverlap=False))
    base = alt.Chart(table)
    bars = base.mark_bar(color=COLOURS["machine"]).encode(
        x=alt.X(f"{measure}:Q", title=f"{title}, {unit}", axis=alt.Axis(tickCount=5)),
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title="group"),
            alt.Tooltip("n_homes:Q", title="homes", format=","),
            alt.Tooltip(f"{measure}:Q", title=f"{title}, {unit}", format=",.1f"),
        ],
    )
    numbers = base.mark_text(align="left", dx=4, color=ink()).encode(
        x=f"{measure}:Q", y=y, text=alt.Text(f"{measure}:Q", format=",.1f" if measure != "usd_per_home" else ",.0f")
    )
    return alt.layer(bars, numbers).properties(height=alt.Step(36))


def _colour_scale(values: pd.Series, measure: str) -> alt.Scale:
    """Colours from pale to dark; where there are changes to both sides, blue is cheaper and orange dearer."""
    if measure == "difference_percent":
        most = max(float(values.abs().max()), 0.1) if len(values.dropna()) else 1.0
        return alt.Scale(scheme="blueorange", domain=[-most, most])
    return alt.Scale(scheme="viridis", reverse=True, zero=False)
