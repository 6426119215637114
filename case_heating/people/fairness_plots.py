"""Charts of the fairness section: both errors by group, and the gap that each remedy leaves."""

from typing import TYPE_CHECKING

import pandas as pd

from case_heating.model.quality import Figure
from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, SOFT
from case_heating.people.plots import Plot, _dot, _key, _percent_axis, _rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LOOKS = {
    "gas_called_electric": (GAS, "o", "gas homes called electric", -0.14),
    "electric_called_gas": (ELECTRICITY, "s", "electric homes called gas", 0.14),
}


def errors_plot(figures: pd.DataFrame, labels: dict[tuple[str, str], str], title: str) -> Plot:
    """Draw both kinds of error for each group of one trait, with intervals.

    Parameters
    ----------
    figures : DataFrame
        Of ``Fairness``; pairs are left out.
    labels : dict of str
        What each (trait, group) is called, in the order of the rows.
    title : str
        The finding.
    """
    order = list(labels)

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [labels[group] for group in order])
        for _, row in figures[figures["value"].notna()].iterrows():
            place = (row["trait"], row["group"])
            if row["measure"] in _LOOKS and place in labels:
                colour, marker, _, offset = _LOOKS[row["measure"]]
                figure = Figure(row["value"], row["low"], row["high"])
                _dot(axes, order.index(place) + offset, figure, marker=marker, face=colour, colour=colour)
        _percent_axis(axes, "mistaken for the other fuel, %", room=0, from_zero=True)
        _key(canvas, [(marker, colour, colour, words) for colour, marker, words, _ in _LOOKS.values()])

    return Plot("fairness_errors", title, 1.3 + 0.3 * len(order), 1.5 + 0.42 * len(order), draw)


def remedies_plot(remedies: pd.DataFrame, limit: float, title: str) -> Plot:
    """Draw the gap that each remedy leaves, with its interval, beside its accuracy.

    Parameters
    ----------
    remedies : DataFrame
        From ``compare_remedies``.
    limit : float
        Largest gap allowed.
    title : str
        The finding.
    """

    def draw(canvas: "Canvas") -> None:
        labels = [f"{name} ({100 * row['accuracy']:.1f} % right)" for name, row in remedies.iterrows()]
        axes = _rows(canvas, labels)
        axes.axvline(0, color=INK, lw=0.8, zorder=1)
        axes.axvline(100 * limit, color=SOFT, lw=1, ls=(0, (4, 3)), zorder=1)
        axes.annotate(
            f"limit: {100 * limit:.0f}",
            (100 * limit, -0.55),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=SOFT,
        )
        for position, (_, row) in enumerate(remedies.iterrows()):
            figure = Figure(row["gap"], row["gap_low"], row["gap_high"])
            _dot(axes, position, figure, marker="o", face=MACHINE, colour=MACHINE)
        axes.set_xlabel("gas homes called electric, above other homes, points")

    return Plot("fairness_remedies", title, 1.1 + 0.3 * len(remedies), 1.3 + 0.55 * len(remedies), draw)


def gaps_plot(gaps: pd.DataFrame, labels: list[str], title: str) -> Plot:
    """Draw a group's gap, crude and between ever more alike homes, beside the gap the probabilities imply.

    Parameters
    ----------
    gaps : DataFrame
        Rows of one group from ``standardised_gaps``.
    labels : list of str
        What each step is called.
    title : str
        The finding.
    """

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [*labels, "expected from the probabilities"])
        axes.axvline(0, color=INK, lw=0.8, zorder=1)
        for position, (_, row) in enumerate(gaps.iterrows()):
            figure = Figure(row["gap"], row["low"], row["high"])
            _dot(axes, position, figure, marker="o", face=GAS, colour=GAS)
        axes.plot(100 * gaps["expected"].iloc[0], len(gaps), marker="|", color=SOFT, ms=12, mew=2.4)
        axes.set_xlabel("gas homes called electric, above the reference group, points")

    return Plot("fairness_gaps", title, 1.1 + 0.36 * (len(gaps) + 1), 1.2 + 0.5 * (len(gaps) + 1), draw)
