"""The report's charts: drawn twice, wide and narrow, so that their words stay readable on a phone.

Matplotlib is used through its objects, never through pyplot, and is imported only when something is drawn.
"""

import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from case_heating.model.ladder import Ladder
from case_heating.model.quality import Comparison, Figure
from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, NAIVE, PAPER, RULE, SOFT
from case_heating.people.words import STAGE_NAMES, name_of, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

THEME = {INK: "ink", SOFT: "soft", RULE: "rule", PAPER: "paper"} | {
    GAS: "gas",
    ELECTRICITY: "electricity",
    MACHINE: "machine",
    NAIVE: "naive",
}
"""The page's name of each colour, so that charts follow its light or dark theme."""

WIDE_IN, NARROW_IN = 7.4, 3.7
_NARROW_BELOW_IN = 5.5
_CHARACTERS_PER_IN = 10.3  # of a bold title, so that it is broken before the edge
_PNG_DPI = 160
_LABEL_ROOM = 0.06  # a naive mark so close to the right of an interval would be struck through by its label
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}  # a date would change the bytes

Draw = Callable[["Canvas"], None]


@dataclass(frozen=True)
class Plot:
    """A chart not yet drawn: its name, the finding it shows, and how to draw it at a width."""

    name: str
    title: str
    height_in: float
    narrow_height_in: float
    draw: Draw

    def canvas(self, width_in: float = WIDE_IN) -> "Canvas":
        """Draw it, with its title, at a width in inches."""
        import matplotlib as mpl
        from matplotlib.figure import Figure as Canvas

        title = textwrap.fill(self.title, int(width_in * _CHARACTERS_PER_IN))
        height_in = self.narrow_height_in if width_in < _NARROW_BELOW_IN else self.height_in
        canvas = Canvas(figsize=(width_in, height_in + 0.2 * title.count("\n")), layout="constrained")
        with mpl.rc_context({"text.parse_math": False}):  # a district may have a dollar sign in its name
            canvas.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK)
            self.draw(canvas)
        return canvas

    def svg(self, width_in: float = WIDE_IN) -> str:
        """Draw it as SVG with real text; the same plot gives the same characters."""
        import matplotlib as mpl

        buffer = io.StringIO()
        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": f"{self.name} {width_in}"}):
            self.canvas(width_in).savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=True)
        return re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", buffer.getvalue())

    def inline(self, width_in: float = WIDE_IN) -> str:
        """Draw it as SVG to stand inside a page: themed colours, names of its own, nothing but the picture."""
        svg = self.svg(width_in)
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
        svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)
        own = f"{self.name}-{width_in:g}-".replace(".", "_")
        for mark in ('id="', 'href="#', "url(#"):
            svg = svg.replace(mark, mark + own)
        for colour, name in THEME.items():
            svg = svg.replace(colour, f"var(--{name})")
        return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(self.title)}" ', 1)

    def save(self, folder: Path) -> None:
        """Write ``NAME.svg`` and ``NAME.png``, both wide and on white."""
        self.canvas().savefig(folder / f"{self.name}.png", dpi=_PNG_DPI, metadata={"Software": None}, facecolor=PAPER)
        (folder / f"{self.name}.svg").write_text(self.svg(), encoding="utf-8")


def save_as(plot: Plot, file: Path) -> None:
    """Write a plot as the kind of file its name ends in, ``.png`` or ``.svg``; a reader never sees half of it."""
    draft = file.with_name(f".{file.name}.draft{file.suffix}")
    try:
        plot.canvas().savefig(draft, dpi=_PNG_DPI, facecolor=PAPER)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def ladder_plot(ladder: Ladder, title: str) -> Plot:
    """Accuracy by stage, with intervals: homes held out, regions held out, later labels, and the naive answers."""
    lanes = [("by_home", "o", MACHINE, "homes held out")]
    if any(rung.by_region for rung in ladder.rungs):
        lanes.append(("by_region", "o", PAPER, "regions held out"))
    if any(rung.by_time for rung in ladder.rungs):
        lanes.append(("by_time", "^", PAPER, "labelled later"))
    spread = 0.28
    offsets = spread * (np.arange(len(lanes)) - (len(lanes) - 1) / 2)

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [STAGE_NAMES[rung.stage] for rung in ladder.rungs])
        for position, rung in enumerate(ladder.rungs):
            for (name, marker, face, _), offset in zip(lanes, offsets, strict=True):
                comparison: Comparison | None = getattr(rung, name)
                if comparison:
                    ours, naive = comparison.model["accuracy"], comparison.rival["accuracy"]
                    _dot(axes, position + offset, ours, marker=marker, face=face, colour=MACHINE)
                    axes.plot(100 * naive.value, position + offset, marker="|", color=NAIVE, ms=10, mew=2.2)
                    right = naive.value if ours.high < naive.value < ours.high + _LABEL_ROOM else ours.high
                    axes.annotate(
                        f"{100 * ours.value:.1f}",
                        (100 * right, position + offset),
                        xytext=(5, 0),
                        textcoords="offset points",
                        va="center",
                        fontsize=8,
                        color=INK if name == "by_home" else SOFT,
                    )
        _percent_axis(axes, "answers that are right, %", room=4)
        key = [(marker, MACHINE, face, words) for _, marker, face, words in lanes]
        _key(canvas, [*key, ("|", NAIVE, NAIVE, "naive answer on the same homes")])

    row_in = 0.24 + 0.17 * len(lanes)
    return Plot("ladder", title, 1.35 + row_in * len(ladder.rungs), 1.6 + row_in * len(ladder.rungs), draw)


def calibration_plot(curve: pd.DataFrame, title: str) -> Plot:
    """Probability of gas that was said against the share that came true, with intervals; a larger dot is more homes."""

    def draw(canvas: "Canvas") -> None:
        axes = _axes(canvas)
        axes.plot([0, 100], [0, 100], color=NAIVE, lw=1.2, ls=(0, (4, 3)), zorder=1)
        axes.annotate("dashed: said = came true", (103, -2), ha="right", va="bottom", fontsize=8.5, color=SOFT)
        share = 100 * curve["share"]
        error = [share - 100 * curve["low"], 100 * curve["high"] - share]
        said, area = 100 * curve["said"], 30 + 170 * curve["n_homes"] / curve["n_homes"].max()
        axes.errorbar(said, share, yerr=error, fmt="none", ecolor=MACHINE, elinewidth=1.6, zorder=2)
        axes.scatter(said, share, s=area, color=MACHINE, edgecolor=PAPER, linewidth=0.8, zorder=3)
        axes.set(xlim=(-4, 104), ylim=(-5, 105), xlabel="the machine said: gas, %", ylabel="came true: gas, %")

    return Plot("calibration", title, 4.0, 3.6, draw)


def answered_plot(curve: pd.DataFrame, naive: Figure, title: str) -> Plot:
    """Accuracy if the machine answers only the homes it is surest of, against their share."""

    def draw(canvas: "Canvas") -> None:
        axes = _axes(canvas)
        answered = 100 * curve.index.to_numpy(dtype=float)
        axes.fill_between(answered, 100 * curve["low"], 100 * curve["high"], color=MACHINE, alpha=0.18, lw=0)
        axes.plot(answered, 100 * curve["share"], color=MACHINE, lw=2.2)
        axes.plot([0, 100], [100 * naive.value] * 2, color=NAIVE, lw=1.4, ls=(0, (4, 3)))
        axes.annotate(
            f"naive answer for all homes: {percent(naive.value)}",
            (0, 100 * naive.value),
            xytext=(4, 5),
            textcoords="offset points",
            fontsize=8.5,
            color=SOFT,
        )
        for position in _marked(curve):
            row = curve.iloc[position]
            point = (answered[position], 100 * row["share"])
            axes.plot(*point, marker="o", color=MACHINE, ms=6)
            axes.annotate(
                percent(row["share"]),
                (point[0], 100 * row["low"]),
                xytext=(0, -4),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=9,
                color=INK,
            )
        axes.set(
            xlim=(0, 106),
            xlabel="homes the machine answers, the surest first, %",
            ylabel="right among them, %",
            ylim=(min(100 * naive.value, 100 * curve["low"].min()) - 5, 101.5),
        )

    return Plot("answered", title, 3.4, 3.2, draw)


def mistaken_plot(mistaken: dict[str, pd.DataFrame], title: str) -> Plot:
    """Share of each fuel's homes that is called the other, by dwelling type."""
    kinds = sorted(set().union(*(table.index for table in mistaken.values())))
    looks = {"gas": (GAS, "o", "gas homes called electric"), "electricity": (ELECTRICITY, "s", "electric called gas")}

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [name_of(kind) for kind in kinds])
        for (fuel, (colour, marker, _)), offset in zip(looks.items(), (-0.14, 0.14), strict=True):
            for kind, row in mistaken[fuel].iterrows():
                figure = Figure(row["share"], row["low"], row["high"])
                _dot(axes, kinds.index(kind) + offset, figure, marker=marker, face=colour, colour=colour)
        _percent_axis(axes, "mistaken for the other fuel, %", room=0, from_zero=True)
        _key(canvas, [(marker, colour, colour, words) for colour, marker, words in looks.values()])

    return Plot("mistaken", title, 1.3 + 0.42 * len(kinds), 1.5 + 0.46 * len(kinds), draw)


def regions_plot(by_region: pd.DataFrame, overall: Figure, title: str) -> Plot:
    """Accuracy in each region, weakest first, with the region's commoner fuel as the naive answer."""

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [name_of(str(region)) for region in by_region.index])
        axes.axvline(100 * overall.value, color=SOFT, lw=1, ls=(0, (4, 3)), zorder=1)
        axes.annotate(
            f"all: {percent(overall.value)}",
            (100 * overall.value, -0.55),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=SOFT,
        )
        for position, (_, row) in enumerate(by_region.iterrows()):
            figure = Figure(row["share"], row["low"], row["high"])
            _dot(axes, position, figure, marker="o", face=MACHINE, colour=MACHINE)
            axes.plot(100 * row["naive"], position, marker="|", color=NAIVE, ms=10, mew=2.2)
        _percent_axis(axes, "answers that are right, %", room=1)
        _key(
            canvas,
            [
                ("o", MACHINE, MACHINE, "the machine"),
                ("|", NAIVE, NAIVE, "region's commoner fuel"),
            ],
        )

    return Plot("regions", title, 1.2 + 0.27 * len(by_region), 1.6 + 0.38 * len(by_region), draw)


def _axes(canvas: "Canvas") -> "Axes":
    axes = canvas.add_subplot()
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(RULE)
    axes.tick_params(colors=SOFT, labelsize=9, length=0)
    axes.grid(color=RULE, lw=0.7)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=SOFT, fontsize=9)
    return axes


def _rows(canvas: "Canvas", labels: list[str]) -> "Axes":
    """One row per label, the first on top; labels are broken where the canvas is narrow."""
    axes = _axes(canvas)
    narrow = canvas.get_figwidth() < _NARROW_BELOW_IN
    axes.set_yticks(range(len(labels)), [textwrap.fill(label, 17) if narrow else label for label in labels], color=INK)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    return axes


def _dot(axes: "Axes", row: float, figure: Figure, *, marker: str, face: str, colour: str) -> None:
    """Draw a figure with its interval."""
    axes.plot([100 * figure.low, 100 * figure.high], [row, row], color=colour, lw=1.8, solid_capstyle="round", zorder=2)
    axes.plot(100 * figure.value, row, marker=marker, ms=6.5, mfc=face, mec=colour, mew=1.6, zorder=3)


def _percent_axis(axes: "Axes", label: str, *, room: float, from_zero: bool = False) -> None:
    """Name the axis and leave room to the right of the last dot for its words, in points."""
    low, high = axes.dataLim.intervalx
    axes.set_xlim(-0.02 * high if from_zero else max(0, 5 * np.floor((low - 1) / 5)), min(high + room + 1, 101 + room))
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= min(100, high + room)])
    axes.set_xlabel(label)


def _key(canvas: "Canvas", entries: list[tuple[str, str, str, str]]) -> None:
    """Say under the chart what each mark is."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], ls="", marker=marker, mec=colour, mfc=face, ms=6.5, mew=1.8, label=words)
        for marker, colour, face, words in entries
    ]
    narrow = canvas.get_figwidth() < _NARROW_BELOW_IN
    style: dict[str, Any] = {"frameon": False, "fontsize": 8.5, "labelcolor": SOFT, "handletextpad": 0.3}
    columns = 1 if narrow else len(handles)
    canvas.legend(handles=handles, loc="outside lower left", ncols=columns, columnspacing=1.4, **style)


def _marked(curve: pd.DataFrame) -> list[int]:
    """Rows nearest to half, four fifths and all of the homes."""
    answered = curve.index.to_numpy(dtype=float)
    return sorted({int(np.abs(answered - share).argmin()) for share in (0.5, 0.8, 1.0)})
