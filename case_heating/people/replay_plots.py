"""Charts of the replay: accuracy month by month under three policies, and step by step over the survey waves."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from case_heating.data.history import REBATE_FROM
from case_heating.data.territory import SUBURB, WH_MONTH
from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, NAIVE, PAPER, RULE, SOFT
from case_heating.people.plots import _NARROW_BELOW_IN, Plot, _axes, _key
from case_heating.watch.replay import ALWAYS, NEVER, POLICY, Replay
from case_heating.watch.replay_waves import WaveReplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

LOOKS = {NEVER: (NAIVE, (0, (4, 3)), 1.8), ALWAYS: (ELECTRICITY, "solid", 1.5), POLICY: (MACHINE, "solid", 2.4)}
"""Colour, dashes and width of each policy's line."""

MARKS = {
    "promoted": ("^", MACHINE, MACHINE, "policy: promoted"),
    "refused": ("v", GAS, PAPER, "policy: refused"),
    "repair": ("D", INK, PAPER, "repair asked"),
    "asked": ("o", SOFT, PAPER, "labels asked for"),
}

SCRIPT = (
    (REBATE_FROM, f"rebate for heat pumps; suburb {SUBURB}"),
    (pd.Timestamp(WH_MONTH), "a district in Wh"),
    (pd.Timestamp("2025-01-01"), "prices jump"),
)
"""What the simulated history holds in store."""

_LEAST_GAP_OF_NAMES = 0.055  # of the height of the chart: names of lines closer than that would overlap


def policies_plot(replay: Replay, title: str) -> Plot:
    """Draw accuracy over months, one line a policy, with what the policy did and what the history brought."""
    by_policy = {str(name): own.set_index("as_of") for name, own in replay.months.groupby("policy")}

    def draw(canvas: "Canvas") -> None:
        axes = _axes(canvas)
        axes.grid(visible=False, axis="x")
        for name, (colour, dashes, width) in LOOKS.items():
            own = 100 * by_policy[name]["accuracy"]
            axes.plot(own.index, own, color=colour, ls=dashes, lw=width, zorder=3 if name == POLICY else 2)
        monthly = by_policy[ALWAYS]
        taken = monthly[monthly["event"] == "promoted"]
        axes.plot(taken.index, 100 * taken["accuracy"], ls="", marker="o", ms=3.5, color=ELECTRICITY, zorder=2)
        own = by_policy[POLICY]
        for kind, (marker, colour, face, _) in MARKS.items():
            at = own[own["event"] == kind]
            axes.plot(
                at.index, 100 * at["accuracy"], ls="", marker=marker, ms=7, mec=colour, mfc=face, mew=1.6, zorder=4
            )
        low, high = axes.get_ylim()
        room = 0.3 * (high - low)
        axes.set_ylim(low - 0.04 * (high - low), high + room)
        _script(axes, own.index, high + room)
        _name_lines(axes, {name: 100 * by_policy[name]["accuracy"].iloc[-1] for name in LOOKS})
        every = 12 if canvas.get_figwidth() < _NARROW_BELOW_IN else 6
        months = own.index[own.index.month % every == 0]
        axes.set_xticks(months, [f"{month:%Y-%m}" for month in months])
        axes.set_ylabel("homes answered right, %")
        shown = [mark for kind, mark in MARKS.items() if (own["event"] == kind).any()]
        _key(canvas, [*shown, (".", ELECTRICITY, ELECTRICITY, "every month: promoted")])

    return Plot("replay", title, 4.3, 5.6, draw)


def waves_plot(waves: WaveReplay, title: str) -> Plot:
    """Draw accuracy on the later survey's homes as its labels come in: frozen, candidates, and what served."""
    steps = waves.steps

    def draw(canvas: "Canvas") -> None:
        axes = _axes(canvas)
        labels = np.array([step.n_labels for step in steps])
        frozen = 100 * steps[0].frozen.value
        axes.plot(labels, np.full(len(labels), frozen), color=NAIVE, ls=(0, (4, 3)), lw=1.8)
        axes.plot(labels, [100 * step.served.value for step in steps], color=MACHINE, lw=2.4, drawstyle="steps-post")
        for step in steps:
            shown = step.candidate or step.served
            marker, colour, face, _ = MARKS["refused" if step.promoted is False else "promoted"]
            axes.plot([step.n_labels] * 2, [100 * shown.low, 100 * shown.high], color=colour, lw=1.4, zorder=3)
            axes.plot(step.n_labels, 100 * shown.value, marker=marker, ms=7, mec=colour, mfc=face, mew=1.6, zorder=4)
        axes.axhline(100 * waves.promised.value, color=SOFT, lw=1, ls=(0, (1, 2)))
        axes.annotate(
            f"held-out homes of {waves.earlier}: {100 * waves.promised.value:.1f}",
            (labels[0], 100 * waves.promised.value),
            xytext=(6, 3),
            textcoords="offset points",
            fontsize=8,
            color=SOFT,
        )
        axes.set_xticks(labels, [f"{number:,}" for number in labels])
        axes.set_xlabel(f"labels of {waves.then} that had come in")
        axes.set_ylabel(f"homes of {waves.then} answered right, %")
        told = [
            ("^", MACHINE, MACHINE, "the gate promoted"),
            ("v", GAS, PAPER, "the gate refused"),
            ("_", NAIVE, NAIVE, f"champion of {waves.earlier}, frozen"),
            ("_", MACHINE, MACHINE, "in service"),
        ]
        _key(canvas, told)

    return Plot("waves", title, 3.8, 4.6, draw)


def _script(axes: "Axes", months: pd.Index, top: float) -> None:
    """Mark what the history brings with thin lines; names stand one below the other, so that none overlaps."""
    shown = [(day, words) for day, words in SCRIPT if months[0] <= day <= months[-1]]
    for number, (day, words) in enumerate(shown):
        axes.axvline(day, color=RULE, lw=1.2, zorder=1)
        axes.annotate(
            words,
            (day, top),
            xytext=(4, -4 - 11 * number),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color=SOFT,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )


def _name_lines(axes: "Axes", ends: dict[str, float]) -> None:
    """Write each line's name at its end, moved apart where two ends are close."""
    low, high = axes.get_ylim()
    least = _LEAST_GAP_OF_NAMES * (high - low)
    words = {NEVER: "never", ALWAYS: "every month", POLICY: "the policy"}
    place = -np.inf
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        place = max(end, place + least)
        axes.annotate(
            f"{words[name]} {end:.1f}",
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=LOOKS[name][0] if name != NEVER else SOFT,
        )
