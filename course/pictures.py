"""Pictures as notebooks, the book and plain Python show them alike: as SVG, drawn without a browser or a network."""

import io
import re
import sys
import warnings
from dataclasses import dataclass
from pprint import pformat
from typing import Any

from case_heating.people.plots import Plot
from course.chart_faults import ChartWarning, chart_faults

_WIDTH_OF_LINES = 100
_EMPTY_MARK = re.compile(r'<g class="mark-(\w+) role-mark[^>]*?(?:/>|></g>)')


@dataclass(frozen=True)
class Picture:
    """A drawn picture; a notebook shows it."""

    svg: str
    words: str = "picture"

    def __repr__(self) -> str:
        """Say what it shows, where no picture can be shown."""
        return f"<{self.words}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}


def shown(value: Any) -> Any:
    """Turn a chart of the package, of matplotlib or of Altair into a picture; give anything else back as it is.

    Warns
    -----
    ChartWarning
        If nothing can be drawn from what an Altair chart was given.
    """
    if isinstance(value, Plot):
        return Picture(value.svg(), value.title)
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    if library == "altair" and hasattr(value, "to_json"):
        import vl_convert

        svg = vl_convert.vegalite_to_svg(value.to_json())
        undrawn = [f"the chart draws not one {mark}" for mark in _EMPTY_MARK.findall(svg)]
        for words in chart_faults(value.to_dict()) or undrawn:
            warnings.warn(words, ChartWarning, stacklevel=3)
        return Picture(svg, "chart")
    if library == "matplotlib" and hasattr(value, "get_figure"):
        value = value.get_figure() or value
    if library == "matplotlib" and hasattr(value, "savefig"):
        drawn = io.StringIO()
        # tight: long names of bars would else be cut off at the edge
        value.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
            pyplot.close(value)  # a notebook would show it a second time
        return Picture(drawn.getvalue(), "chart")
    return value


def bundle_of(value: Any) -> dict[str, str]:
    """Give the forms in which a notebook shows a value, the plain one among them."""
    value = shown(value)
    if hasattr(value, "_repr_mimebundle_"):
        return dict(value._repr_mimebundle_())
    plain = {"text/plain": pformat(value, width=_WIDTH_OF_LINES) if _is_plain(value) else repr(value)}
    for kind, method in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        told = getattr(value, method, lambda: None)()
        if told:
            return {kind: told} | plain
    return plain


def _is_plain(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple, set))
