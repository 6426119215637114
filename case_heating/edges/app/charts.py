"""Charts of one make: colours colour-blind people tell apart, units, tooltips, export, and the finding in words."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, NAIVE

if TYPE_CHECKING:
    import altair as alt

OTHER = "#cc79a7"
COLOURS = {"gas": GAS, "electricity": ELECTRICITY, "machine": MACHINE, "naive": NAIVE, "other": OTHER}
"""Okabe and Ito's colours by what they stand for; a colour never stands alone, a label or a shape stands beside it."""

_EXPORT = {"export": {"png": True, "svg": True}, "source": False, "compiled": False, "editor": False}


def fuel_colour(field: str, title: str = "fuel") -> "alt.Color":
    """Colour by a field that names fuels (``gas``, ``electricity``, ``other``)."""
    import altair as alt

    names = ["gas", "electricity", "other"]
    return alt.Color(field, title=title, scale=alt.Scale(domain=names, range=[COLOURS[name] for name in names]))


def ink() -> str:
    """Colour of words inside a chart, dark on a light page and light on a dark one; axes and legends have it anyway."""
    return "#e8ecf0" if st.context.theme.type == "dark" else INK


def show_chart(chart: Any, *, says: str, name: str) -> None:
    """Show a chart under the sentence that says what to see in it.

    Parameters
    ----------
    chart : altair chart
        With units in its axis titles and tooltips; aggregated before, so that it holds at most some thousand rows.
    says : str
        The finding, for those who read and for those who cannot see the chart.
    name : str
        Name of the file when it is exported from the chart's menu.
    """
    st.markdown(plain(says))
    options = {"embedOptions": {"actions": _EXPORT, "downloadFileName": name}}
    st.altair_chart(chart.properties(usermeta=options), width="stretch", key=f"chart_{name}", alt=says)


def plain(text: str) -> str:
    r"""Give text that shows as it is where Markdown is read: nothing in it becomes a link, a picture or a formula.

    >>> plain("5 $ and [here](x)")
    '5 \\$ and \\[here\\](x)'
    """
    return "".join(f"\\{letter}" if letter in _MARKS else letter for letter in text)


_MARKS = frozenset("\\`*_[]<>#$~|:")
