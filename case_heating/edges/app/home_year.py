"""What the next year costs a home, on the Home page: by month with bands, or in words where there are no months."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app import cached
from case_heating.edges.app.charts import COLOURS, fuel_colour, plain, show_chart
from case_heating.edges.app.parts import figure
from case_heating.errors import NotEnoughDataError
from case_heating.people.cost_words import cost_of_home, usd_span
from case_heating.people.home_year import HomeYear, year_by_month, year_without_months

if TYPE_CHECKING:
    import altair as alt

    from case_heating.model.cost_keep import LearnedCost


def show_year(home_id: str) -> None:
    """Show what a home's next year costs.

    Raises
    ------
    NotEnoughDataError
        If neither months nor a year's cost can be told from this source.
    """
    st.subheader("Next year's cost", anchor=False)
    year = _year_of(home_id)
    says, *rest = year.says
    if year.months is None:
        st.markdown(plain(says))
    else:
        total, chart = st.columns([1, 3])
        with total:
            span = usd_span(year.low_usd, year.high_usd)
            figure(
                "The next twelve months",
                f"{year.cost_usd:,.0f}",
                unit="USD",
                note=f"90 of 100 such years: {span}",
                height="content",
            )
        with chart:
            show_chart(draw_year(year.months), says=says, name=f"year_{home_id}")
    for line in rest:
        st.caption(plain(line.strip()))


def _year_of(home_id: str) -> HomeYear:
    try:
        return year_by_month(*cached.year_ahead(), home_id)
    except NotEnoughDataError:  # a survey, or bills without costs: its year is told as one
        found = cached.opened()
        learned = _keep_cost(str(found.settings.workspace.resolve()), found.source, found.stamp)
        return year_without_months(cost_of_home(learned, found.features.value, found.answers.value, home_id, None))


def draw_year(months: pd.DataFrame) -> "alt.LayerChart":
    """Draw a home's twelve months: the fuels stacked, and the 90 % interval of both together."""
    import altair as alt  # which takes long: the words of the page come first

    told = months.assign(when=pd.to_datetime(months["month"]).dt.strftime("%b %Y"))
    both = told[told["fuel"] == "both"]
    fuels = told[(told["fuel"] != "both") & told.groupby("fuel")["cost_usd"].transform("any")]
    x = alt.X("when:N", sort=list(both["when"]), title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=True))
    bars = (
        alt.Chart(fuels)
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("cost_usd:Q", title="USD a month", stack=True),
            color=fuel_colour("fuel:N").legend(
                alt.Legend(orient="bottom", values=sorted(fuels["fuel"].unique(), reverse=True))
            ),
            tooltip=[
                alt.Tooltip("when:N", title="month"),
                alt.Tooltip("fuel:N"),
                alt.Tooltip("cost_usd:Q", title="USD", format=",.0f"),
                alt.Tooltip("cost_low_usd:Q", title="90 % from, USD", format=",.0f"),
                alt.Tooltip("cost_high_usd:Q", title="to, USD", format=",.0f"),
            ],
        )
    )
    tooltip = [
        alt.Tooltip("when:N", title="month"),
        alt.Tooltip("cost_usd:Q", title="both, USD", format=",.0f"),
        alt.Tooltip("cost_low_usd:Q", title="90 % from, USD", format=",.0f"),
        alt.Tooltip("cost_high_usd:Q", title="to, USD", format=",.0f"),
    ]
    spans = alt.Chart(both).encode(x=x, tooltip=tooltip)
    band = spans.mark_rule(strokeWidth=2, color=COLOURS["naive"]).encode(y="cost_low_usd:Q", y2="cost_high_usd:Q")
    ends = [
        spans.mark_tick(color=COLOURS["naive"], thickness=2, width=10).encode(y=f"{end}:Q")
        for end in ("cost_low_usd", "cost_high_usd")
    ]
    return (bars + band + ends[0] + ends[1]).properties(height=380)


@st.cache_resource(max_entries=4, show_spinner="Learning what homes pay; this is done once after each run …")
def _keep_cost(workspace: str, source: str, stamp: str) -> "LearnedCost":  # noqa: ARG001 - keys of the cache
    from case_heating.kept import take_cost

    return take_cost(cached.opened(source))
