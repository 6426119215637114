"""A home's bills against the weather, as the Home page and the Review page draw them."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from case_heating.edges.app.charts import fuel_colour, plain, show_chart
from case_heating.people.bill_picture import LAST_YEAR, YEAR_BEFORE, BillPicture, older_than

if TYPE_CHECKING:
    import altair as alt

_FUELS = ["gas", "electricity"]
_Y = "energy used (kWh a day)"


def show_bills(picture: BillPicture, *, seen: date | None = None) -> None:
    """Show each bill's use a day against the mean outdoor temperature, and the fitted line through them.

    Parameters
    ----------
    picture : BillPicture
        From ``picture_bills``; where it has nothing to draw its sentence says why.
    seen : date, optional
        When somebody looked what the home heats with.
    """
    st.subheader("Its bills against the weather", anchor=False)
    if not picture.fuels:
        st.markdown(plain(picture.says))
        return
    if seen is not None and (older := older_than(picture, seen)):
        st.markdown(plain(older))
    show_chart(draw_bills(picture), says=picture.says, name=f"bills_{picture.home_id}")
    st.caption(
        "Each mark is a bill, full for the last twelve months and hollow for the year before; the line is what the "
        "machine reads from them. A home needs more of what it heats with on the left, where it is cold. A therm of "
        "gas is counted as the 29.3 kWh that are in it."
    )


def draw_bills(picture: BillPicture) -> "alt.LayerChart":
    """Draw the bills of all fuels and the lines through them."""
    import altair as alt  # which takes long: the words of the page come first

    bills = pd.concat([fuel.bills.assign(fuel=fuel.fuel, used=_used(fuel.bills, fuel.unit)) for fuel in picture.fuels])
    bills = bills.assign(read=bills["estimated"].map({True: "estimated", False: "read"}))
    lines = pd.concat([fuel.line.assign(fuel=fuel.fuel) for fuel in picture.fuels])
    x = alt.X("outdoor_f:Q", title="mean outdoor temperature of the bill (°F)", scale=alt.Scale(zero=False))
    y = alt.Y("kwh_per_day:Q", title=_Y)
    shape = alt.Shape("fuel:N", title="fuel", scale=alt.Scale(domain=_FUELS, range=["triangle-up", "circle"]))
    colour = fuel_colour("fuel:N").legend(alt.Legend(orient="bottom", values=[f.fuel for f in picture.fuels]))
    tooltip = [
        alt.Tooltip("fuel:N"),
        alt.Tooltip("start:T", title="from"),
        alt.Tooltip("end:T", title="to"),
        alt.Tooltip("used:N", title="used"),
        alt.Tooltip("kwh_per_day:Q", title="kWh a day", format=",.1f"),
        alt.Tooltip("outdoor_f:Q", title="mean outdoors (°F)", format=".0f"),
        alt.Tooltip("read:N", title="meter"),
    ]
    marks = alt.Chart(bills).encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltip)
    full = marks.transform_filter(alt.datum.year == LAST_YEAR).mark_point(size=70, filled=True, opacity=0.9)
    hollow = marks.transform_filter(alt.datum.year == YEAR_BEFORE).mark_point(size=70, filled=False, opacity=0.7)
    line = alt.Chart(lines).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour)
    return (line + hollow + full).properties(height=430)


def _used(bills: pd.DataFrame, unit: str) -> pd.Series:
    units = "therms" if unit == "therm" else unit
    return bills["usage"].map("{:,.0f}".format) + f" {units}"
