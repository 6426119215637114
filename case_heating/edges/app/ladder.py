"""The ladder, for a manager: how good the answer gets with each source of data, and what the next one would buy."""

from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app.cached import opened
from case_heating.edges.app.charts import plain, show_chart
from case_heating.edges.app.ladder_charts import draw_ladder, draw_money
from case_heating.edges.app.parts import figure, page_head
from case_heating.people.ladder_worth import (
    LadderWorth,
    known_for_most,
    next_in_words,
    reckoning_in_words,
    today_in_words,
    weigh_ladder,
)
from case_heating.people.review_costs import COSTS_FILE, costs_of
from case_heating.people.words import STAGE_NEEDS, points, stage_name

if TYPE_CHECKING:
    from case_heating.kept import Opened

_MOST_HOMES = 100_000_000


def show() -> None:
    """Show the page."""
    page_head(
        "The ladder",
        "How good the answer gets with each source of data, and what the next source would buy.",
        lesson="03",
        code="case_heating/people/ladder_worth.py",
    )
    found = opened()
    stages = [rung.stage for rung in found.ladder.value.rungs]
    left, right = st.columns([2, 1], gap="medium")
    with left:
        today = _choose_today(stages, known_for_most(found.features.value, stages))
    with right:
        n_homes = _choose_homes(found)
    worth = weigh_ladder(found.ladder.value, found.evidence.is_gas, costs_of(found.settings.workspace), n_homes=n_homes)
    st.markdown(plain(today_in_words(worth, today)))
    st.markdown(f"**{plain(next_in_words(worth, today))}**")
    _show_figures(worth, today)
    show_chart(draw_ladder(worth, today), says=_ladder_in_words(worth), name="ladder")
    if worth.not_reached:
        needs = "; ".join(f"{stage_name(stage).lower()} ({STAGE_NEEDS[stage]})" for stage in worth.not_reached)
        st.caption(plain(f"Not there for this source, so nobody knows what it would buy here: {needs}."))
    st.subheader("What wrong answers and reviews cost", anchor=False)
    show_chart(draw_money(worth, today), says=_money_in_words(worth), name="ladder_money")
    with st.expander("How the money is reckoned", icon=":material/payments:"):
        st.markdown(plain(reckoning_in_words(worth)))
        st.markdown(
            plain(f"The prices stand in {COSTS_FILE} of the workspace; 'heating review costs' writes and shows it.")
        )
    with st.expander("All figures as a table", icon=":material/table:"):
        st.dataframe(worth.table().round(1), hide_index=True, width="stretch")


def _choose_today(stages: list[str], usual: str) -> str:
    """Let a person say what data there are today, at first what most homes have; the link follows."""
    if st.session_state.get("ladder_today") not in stages:
        linked = st.query_params.get("today")
        if linked is not None and linked not in stages:
            st.warning(plain(f"This source does not reach {linked[:20]}; it reaches {', '.join(stages)}."))
        st.session_state["ladder_today"] = linked if linked in stages else usual
    today = st.selectbox(
        "We have data up to",
        stages,
        format_func=stage_name,
        key="ladder_today",
        help=f"At first “{stage_name(usual)}”, the last source that most homes of this utility have. Choose an earlier "
        "one to see what each source after it buys.",
    )
    st.query_params["today"] = today
    return str(today)


def _choose_homes(found: "Opened") -> int:
    """Let a person say how many homes are answered in a year: those nobody has seen, all where each was seen."""
    answers = found.answers.value
    usual = int(answers["seen"].isna().sum()) or len(answers)
    linked = st.query_params.get("homes", "")
    begin = int(linked) if linked.isdecimal() and len(linked) < 10 and 0 < int(linked) <= _MOST_HOMES else usual
    n_homes = st.number_input(
        "Homes answered in a year",
        min_value=1,
        max_value=_MOST_HOMES,
        value=begin,
        step=1000,
        key=f"ladder_homes_{found.source}",
        help=f"At first the {usual:,} homes of this source that need an answer; put in your own number.",
    )
    if n_homes != usual:
        st.query_params["homes"] = str(n_homes)
    elif "homes" in st.query_params:
        del st.query_params["homes"]
    return int(n_homes)


def _show_figures(worth: LadderWorth, today: str) -> None:
    now, following = worth[today], worth.next_after(today)
    columns = st.columns(3)
    with columns[0]:
        figure(
            "Right today, of 100 homes",
            f"{100 * now.right.value:.1f}",
            note=f"the naive answer: {100 * now.naive.value:.1f}",
        )
    shown, which = (now, "latest") if following is None else (following, "next")
    if shown.step is None or shown.saves_usd is None:
        return
    with columns[1]:
        step = f"{points(shown.step.value)} with {stage_name(shown.stage).lower()}"
        if following is None:
            figure("Right without the latest source", f"{100 * (now.right.value - shown.step.value):.1f}", note=step)
        else:
            figure("Right with the next source, of 100", f"{100 * following.right.value:.1f}", note=step)
    with columns[2]:
        saves = shown.saves_usd
        span = f"{saves.low:,.0f} to {saves.high:,.0f}".replace("-", "−")
        figure(
            f"The {which} source saves, USD a year",
            f"{saves.value:,.0f}".replace("-", "−"),
            note=f"95 % interval {span}",
        )


def _ladder_in_words(worth: LadderWorth) -> str:
    first, last = worth.stages[0], worth.stages[-1]
    said = (
        f"From {100 * first.right.value:.1f} right of 100 homes with {stage_name(first.stage).lower()} to "
        f"{100 * last.right.value:.1f} with {stage_name(last.stage).lower()}; the naive answer, the majority among "
        f"labelled neighbours, is right for {100 * last.naive.value:.1f}."
    )
    if last.region is not None:
        said += f" In a region the model has never seen it is right for {100 * last.region.value:.1f} with all data"
        if last.region_naive is not None:
            said += (
                f", and the naive answer there, without labelled neighbours, for {100 * last.region_naive.value:.1f}"
            )
        said += "."
    if last.later is not None and last.later_naive is not None:
        said += (
            f" Of homes labelled after it was trained it is right for {100 * last.later.value:.1f} with all data, the "
            f"naive answer for {100 * last.later_naive.value:.1f}."
        )
    return said


def _money_in_words(worth: LadderWorth) -> str:
    first, last = worth.stages[0], worth.stages[-1]
    return (
        f"Of {worth.n_homes:,} homes a year, wrong answers and reviews cost {first.usd_a_year.value:,.0f} USD with the "
        f"first source alone and {last.usd_a_year.value:,.0f} USD with all. Without a machine it would be "
        f"{worth.review_all_usd:,.0f} USD if people looked at every home, and {worth.naive_usd:,.0f} USD if the naive "
        "answer were taken for each."
    )
