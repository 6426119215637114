"""The chart of a drill: how right the frozen, the watched and the always retrained model stay, month by month."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, NAIVE, SOFT
from case_heating.people.plots import WIDE_IN, Plot, _axes
from case_heating.watch.drill_results import Drills
from case_heating.watch.drills import INJECTED_ON, DrillRun
from case_heating.watch.faults import KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "mended": ("data mended at once", {"color": INK, "lw": 1.3, "ls": (0, (1, 2))}),
    "always": ("retrained every month", {"color": ELECTRICITY, "lw": 1.6, "ls": (0, (5, 2)), "marker": "s", "ms": 3.5}),
    "frozen": ("never retrained", {"color": NAIVE, "lw": 2.0, "marker": "o", "ms": 3.5}),
    "policy": ("watched: what the policy decides", {"color": MACHINE, "lw": 2.4, "marker": "o", "ms": 4.5}),
}
_ORDER = ("begins", "seen", "frozen", "always", "policy", "mended")  # what is drawn over what
_ROOM_ABOVE, _ROOM_BELOW = 0.2, 0.08  # of the span of the lines, for words and for air
_KEY_COLUMNS = 2  # four in a row would run out of the picture


def drill_plot(kind: str, runs: list[DrillRun], drills: Drills) -> Plot:
    """Draw the accuracy of each service, the mean over seeds, with the day of the trouble and the day it was seen."""
    months = pd.concat([run.months for run in runs])
    mean = 100 * months[[name for name in _LINES if name in months]].astype(float).groupby(level=0).mean()
    row = drills.table.loc[kind]
    title = f"{_sentence(KINDS[kind].about)}: {_found(row)}"

    def draw(canvas: "Canvas") -> None:
        axes = _axes(canvas)
        days = pd.to_datetime(mean.index)
        for name, (words, style) in _LINES.items():
            if name in mean:
                axes.plot(days, mean[name], label=words, zorder=_ORDER.index(name), **style)
        least, most = float(mean.min().min()), float(mean.max().max())
        low, high = least - _ROOM_BELOW * (most - least), most + _ROOM_ABOVE * (most - least)
        began = pd.Timestamp(INJECTED_ON)
        axes.axvline(began, color=GAS, lw=1.4, zorder=1)
        axes.annotate("begins", (began, high), xytext=(4, -10), textcoords="offset points", fontsize=8.5, color=GAS)
        if pd.notna(row["delay"]):
            seen = days[int(row["delay"]) - 1]
            axes.axvline(seen, color=SOFT, lw=1.0, ls=(0, (4, 3)), zorder=1)
            axes.annotate("seen", (seen, high), xytext=(4, -22), textcoords="offset points", fontsize=8.5, color=SOFT)
        axes.set(ylim=(low, high), ylabel="answers that are right, %")
        axes.set_xlim(began - pd.Timedelta(days=10), days[-1] + pd.Timedelta(days=10))
        ticks = days[::3] if canvas.get_figwidth() >= WIDE_IN else days[::6]
        axes.set_xticks(ticks, [f"{day:%b %Y}" for day in ticks])
        look: dict[str, Any] = {"frameon": False, "fontsize": 8.5, "labelcolor": SOFT}
        columns = _KEY_COLUMNS if canvas.get_figwidth() >= WIDE_IN else 1
        canvas.legend(loc="outside lower left", ncols=columns, columnspacing=1.4, handlelength=2.6, **look)

    return Plot(f"drill_{kind}", title, 3.6, 4.2, draw)


def _found(row: pd.Series) -> str:
    """Say what the drill showed, in half a sentence."""
    if pd.isna(row["delay"]):
        return "not seen with every seed"
    windows = "window" if row["delay"] == 1 else f"{row['delay']:.0f} windows"
    seen = f"seen within {'one ' if row['delay'] == 1 else ''}{windows}"
    if pd.isna(row["regained"]):
        return f"{seen}; nothing to regain"
    what = "mending at once" if row["fault"] else "retraining every month"
    return f"{seen}; the policy regains {100 * row['regained']:.0f} % of what {what} would"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
