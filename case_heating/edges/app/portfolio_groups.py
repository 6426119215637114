"""Districts and dwelling types: a map of tiles, bars, and the table behind both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import show_chart
from case_heating.edges.app.portfolio_charts import draw_bars, draw_map
from case_heating.people.district_map import lay_out_districts
from case_heating.people.portfolio_figures import (
    FEW_TOGETHER,
    GROUPS,
    YearFigures,
    beside_usual,
    homes_by_certainty,
    homes_by_group,
)
from case_heating.people.words import name_of

if TYPE_CHECKING:
    from case_heating.kept import Opened

_GROUP_NAMES = {"district": "district", "dwelling_type": "dwelling type"}
_MEASURES = {
    "difference_percent": ("Change from the usual year", "%", "change from the usual year"),
    "usd_per_home": ("Cost per home", "USD a year", "cost per home in the year ahead"),
    "gas_percent": ("Heated with gas", "% of homes", "homes that heat with gas"),
    "unsure_percent": ("Unsure", "% of homes", "homes nobody has seen and of which the machine is not sure"),
}
_HEADINGS = {
    "n_homes": st.column_config.NumberColumn("homes", format="localized"),
    "cost_usd": st.column_config.NumberColumn("cost, USD", format="localized", step=1),
    "cost_low_usd": st.column_config.NumberColumn("90 % from, USD", format="localized", step=1),
    "cost_high_usd": st.column_config.NumberColumn("90 % to, USD", format="localized", step=1),
    "difference_usd": st.column_config.NumberColumn("change, USD", format="localized", step=1),
    "difference_percent": st.column_config.NumberColumn("change, %", format="%+.1f"),
    "usd_per_home": st.column_config.NumberColumn("USD per home", format="localized", step=1),
    "gas_percent": st.column_config.NumberColumn("gas, % of homes", format="%.1f"),
    "unsure_percent": st.column_config.NumberColumn("unsure, % of homes", format="%.1f"),
}


@dataclass(frozen=True)
class HomeCounts:
    """What is counted once for a source: homes by certainty and by group, and each district's tile."""

    certainty: pd.DataFrame
    groups: dict[str, pd.DataFrame]
    tiles: pd.DataFrame


def count_homes(found: "Opened") -> HomeCounts:
    """Count the homes of a source, once for all visitors."""
    return _keep_counts(str(found.settings.workspace.resolve()), found.source, found.stamp, found)


@st.cache_resource(max_entries=4, show_spinner="Counting homes …")
def _keep_counts(workspace: str, source: str, stamp: str, _found: "Opened") -> HomeCounts:  # noqa: ARG001 - keys
    homes, answers = _found.known.tables["homes"], _found.answers.value
    few = settings().min_cell_homes
    groups = {key: homes_by_group(homes, answers, key, min_homes=few) for key in GROUPS}
    return HomeCounts(homes_by_certainty(answers), groups, lay_out_districts(homes))


def show_groups(found: "Opened", usual: YearFigures | None = None, other: YearFigures | None = None) -> None:
    """Show districts or dwelling types; without a forecast only what they heat with."""
    counts = count_homes(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.segmented_control(
            "Told by", GROUPS, format_func=_GROUP_NAMES.__getitem__, default=GROUPS[0], required=True, key="told_by"
        )
        table = counts.groups[key]
        measures = ["gas_percent", "unsure_percent"]
        if usual is not None and other is not None:
            table = beside_usual(usual, other, key).merge(table.drop(columns="n_homes"), on=key, how="left")
            measures = ["usd_per_home", *measures]
            measures = measures if other.what_if.is_usual else ["difference_percent", *measures]
        if st.session_state.get("colour_shows") not in measures:
            st.session_state["colour_shows"] = measures[0]
        measure = st.selectbox(
            "Shown",
            measures,
            format_func=lambda name: ", ".join(_MEASURES[name][:2]),
            width=300,
            key="colour_shows",
        )
    said = _in_words(table, key, measure)
    if key == "district":
        tiles = counts.tiles.merge(table, on="district")
        show_chart(draw_map(tiles, measure, *_MEASURES[measure][:2]), says=said, name="districts")
        st.caption(
            "A schematic map: a tile is a district, its area the number of its homes. No coordinates are known, so "
            "districts stand by census division and name, roughly as on a map; distances mean nothing. Point at a tile "
            "for its name and figures."
        )
    else:
        shown = table.assign(name=[name_of(kind) for kind in table[key]])
        show_chart(draw_bars(shown, measure, *_MEASURES[measure][:2]), says=said, name="dwelling_types")
    with st.expander("All figures as a table", icon=":material/table:"):
        shown = table.assign(**{key: [_name(key, name) for name in table[key]]})
        columns = [key, *(name for name in _HEADINGS if name in shown)]
        st.dataframe(
            shown[columns],
            hide_index=True,
            width="stretch",
            column_config=_HEADINGS | {key: st.column_config.TextColumn(_GROUP_NAMES[key], pinned=True)},
        )


def _in_words(table: pd.DataFrame, key: str, measure: str) -> str:
    told = table[table[key] != FEW_TOGETHER].dropna(subset=[measure])
    together = int(table.loc[table[key] == FEW_TOGETHER, "n_homes"].sum())
    few = f" {together:,} homes of groups too small to show are told together in the table." if together else ""
    if told.empty:
        return f"There is no {_GROUP_NAMES[key]} with homes enough to be shown by itself.{few}"
    _, unit, what = _MEASURES[measure]
    said = [
        f"{_name(key, row[key])} with {row[measure]:,.{_decimals(measure)}f} {unit}".replace(" -", " −")
        for row in (told.loc[told[measure].idxmax()], told.loc[told[measure].idxmin()])
    ]
    least = f", least in {said[1]}" if len(told) > 1 else ""
    return f"{what.capitalize()}: most in {said[0]}{least}.{few}"


def _name(key: str, group: str) -> str:
    return name_of(group) if key == "dwelling_type" else group


def _decimals(measure: str) -> int:
    return 0 if measure == "usd_per_home" else 1
