"""The scenario: what can be set, what the year costs with it beside the usual one, and the files that hold both."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app.cached import settings
from case_heating.edges.app.charts import plain, show_chart
from case_heating.edges.app.parts import figure, guarded
from case_heating.edges.app.portfolio_charts import draw_fan
from case_heating.edges.app.portfolio_groups import count_homes, show_groups
from case_heating.people.cost_words import million_usd, million_usd_span
from case_heating.people.portfolio_export import PortfolioExport, to_csv, to_excel
from case_heating.people.portfolio_figures import (
    YearFigures,
    draw_figures,
    fan,
    percent_change,
    signed_usd,
    year_in_words,
)
from case_heating.people.what_if import (
    LEAST_PRICE_PERCENT,
    LINK_NAMES,
    MOST_PRICE_PERCENT,
    WINTERS,
    Levers,
    WhatIf,
    levers_of,
    read_what_if,
)

if TYPE_CHECKING:
    from case_heating.kept import Opened
    from case_heating.model.forecast_learn import LearnedForecast

_KEYS = ("winter", "electricity_percent", "gas_percent", "heat_pumps_percent", "from_month")
_SOURCE, _LEFT_WITH = "scenario_source", "scenario_left_with"  # whose scenario is set, and what it was
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@st.fragment
def show_scenario(found: "Opened", learned: "LearnedForecast") -> None:
    """Let a scenario be set and show its year; only this part of the page is drawn again."""
    with guarded():
        _show_scenario(found, learned)


def _show_scenario(found: "Opened", learned: "LearnedForecast") -> None:
    what_if = _set_scenario(found.source, levers_of(learned))
    usual = _figures(found, learned, WhatIf())
    other = usual if what_if.is_usual else _figures(found, learned, what_if)
    _show_total(usual, other)
    show_chart(draw_fan(fan(usual, other), is_usual=what_if.is_usual), says=_fan_in_words(other), name="year_ahead")
    _offer_files(PortfolioExport(found.source, learned.as_of, usual, other, count_homes(found).certainty))
    st.subheader("Districts and dwellings", anchor=False)
    show_groups(found, usual, other)


def _set_scenario(source: str, levers: Levers) -> WhatIf:
    """Show what can be set, as the link or the last visit had it, and keep the link's query in step."""
    _begin_with(source, levers)
    with st.container(border=True):
        left, right = st.columns(2, gap="medium")
        with left:
            st.segmented_control(
                "Winter",
                list(WINTERS),
                format_func=_winter_in_words,
                required=True,
                key=_key("winter"),
                help="From November to March; about one winter in twelve is as warm, and one as cold.",
            )
            st.slider(
                "Heat pumps, % of gas-heated homes",
                0,
                100,
                format="%d %%",
                key=_key("heat_pumps_percent"),
                disabled=levers.n_gas_heated == 0,
                help=f"Of {levers.n_gas_heated:,} homes that heat with gas, the same share of each district.",
            )
        with right:
            for fuel in ("electricity", "gas"):
                st.slider(
                    f"{fuel.capitalize()} price, change in %",
                    LEAST_PRICE_PERCENT,
                    MOST_PRICE_PERCENT,
                    format="%+d %%",
                    key=_key(f"{fuel}_percent"),
                    disabled=fuel not in levers.fuels,
                    help="Of a kWh." if fuel == "electricity" else "Of a therm.",
                )
        columns = st.columns([2, 1], vertical_alignment="bottom", gap="medium")
        columns[0].selectbox(
            "Prices and heat pumps count from",
            levers.months,
            format_func=lambda month: f"{month:%B %Y}",
            key=_key("from_month"),
        )
        columns[1].button("Back to the usual year", on_click=_reset, args=(levers,), icon=":material/undo:")
    set_to = {name: st.session_state[_key(name)] for name in _KEYS}
    if set_to["from_month"] == levers.months[0]:
        set_to["from_month"] = None
    what_if = WhatIf(**set_to)
    _write_link(what_if)
    return what_if


def _begin_with(source: str, levers: Levers) -> None:
    """Set all as the link says, or as it was when the page was left; another source may have other months and fuels."""
    if st.session_state.get(_SOURCE) == source and all(_key(name) in st.session_state for name in _KEYS):
        return
    st.session_state[_SOURCE] = source
    linked = {name: st.query_params[name] for name in LINK_NAMES if name in st.query_params}
    what_if, complaints = read_what_if(linked or st.session_state.get(_LEFT_WITH, {}), levers)
    for complaint in complaints:
        st.warning(f"{plain(complaint[:1].upper() + complaint[1:])}; it is taken as usual.", icon=":material/link_off:")
    for name in _KEYS:
        st.session_state[_key(name)] = getattr(what_if, name) or (levers.months[0] if name == "from_month" else 0)


def _reset(levers: Levers) -> None:
    for name in _KEYS:
        st.session_state[_key(name)] = getattr(WhatIf(), name) or (levers.months[0] if name == "from_month" else 0)


def _write_link(what_if: WhatIf) -> None:
    """Put the scenario into the address, so that who is sent it sees the same."""
    query = what_if.query()
    st.session_state[_LEFT_WITH] = query
    for name in LINK_NAMES:
        if name in query:
            st.query_params[name] = query[name]
        elif name in st.query_params:
            del st.query_params[name]


def _key(name: str) -> str:
    return f"scenario_{name}"


def _winter_in_words(name: str) -> str:
    departure_f = WINTERS[name].departure_f
    return f"{name} ({departure_f:+.0f} °F)".replace("-", "−") if departure_f else name


def _figures(found: "Opened", learned: "LearnedForecast", what_if: WhatIf) -> YearFigures:
    query = tuple(sorted(what_if.query().items()))
    workspace = str(found.settings.workspace.resolve())
    return _keep_figures(workspace, found.source, found.stamp, query, learned, what_if)


@st.cache_resource(max_entries=100, show_spinner="Drawing the year …")
def _keep_figures(
    workspace: str,  # noqa: ARG001 - a key of the cache, as the three below
    source: str,  # noqa: ARG001
    stamp: str,  # noqa: ARG001
    query: tuple[tuple[str, str], ...],  # noqa: ARG001
    _learned: "LearnedForecast",
    _what_if: WhatIf,
) -> YearFigures:
    return draw_figures(_learned, _what_if, min_homes=settings().min_cell_homes)


def _show_total(usual: YearFigures, other: YearFigures) -> None:
    st.markdown(plain(year_in_words(usual, other)))
    total = other.total
    change = total["cost_usd"] - usual.total["cost_usd"]
    columns = st.columns(3)
    with columns[0]:
        span = million_usd_span(total["cost_low_usd"], total["cost_high_usd"])
        _amount("The year ahead", million_usd(total["cost_usd"]), f"90 of 100 such years lie in {span}")
    with columns[1]:
        if other.what_if.is_usual:
            _amount("Against the usual year", "0 USD", "nothing is changed yet: this is the usual year")
        else:
            share = (
                percent_change(change / usual.total["cost_usd"]) if usual.total["cost_usd"] else "no cost to compare"
            )
            _amount("Against the usual year", signed_usd(change), f"{share} of {million_usd(usual.total['cost_usd'])}")
    with columns[2]:
        use = f"{total['usage_kwh'] / 1e6:,.1f} million kWh and {total['usage_therm'] / 1e6:,.2f} million therm"
        _amount("Per home", f"{total['cost_usd'] / max(total['n_homes'], 1):,.0f} USD", f"all together use {use}")


def _amount(label: str, amount: str, note: str) -> None:
    number, _, unit = amount.partition(" ")
    figure(f"{label}, {unit}", number, note=note)  # the unit stands above: a long one would cut the number off


def _fan_in_words(other: YearFigures) -> str:
    months = other.by["month"].set_index("month")["cost_usd"]
    dearest, cheapest = months.idxmax(), months.idxmin()
    line = "" if other.what_if.is_usual else " The dashed line is the usual year."
    return (
        f"The dearest month is {dearest:%B} with {million_usd(months[dearest])}, the cheapest {cheapest:%B} with "
        f"{million_usd(months[cheapest])}. The dark band holds 50 and the light one 90 of 100 such months.{line}"
    )


def _offer_files(export: PortfolioExport) -> None:
    with st.container(horizontal=True):
        for label, make, suffix, mime in (
            ("CSV", to_csv, "csv", "text/csv"),
            ("Excel", to_excel, "xlsx", _EXCEL),
        ):
            st.download_button(
                f"Download {label}",
                data=partial(make, export),
                file_name=f"{export.name}.{suffix}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{suffix}",
            )
    st.caption("The scenario is written into both files; the address of this page brings it back.")
