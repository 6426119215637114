"""Charts of cost and forecast: coverage by group, the portfolio's fan, the bridge between two years, a home's year."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from case_heating.model.quality import Figure
from case_heating.people.colours import ELECTRICITY, GAS, INK, MACHINE, PAPER, SOFT
from case_heating.people.plots import _NARROW_BELOW_IN, Plot, _axes, _dot, _key, _percent_axis, _rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

HALF_OVER_NINETY = float(ndtri(0.75) / ndtri(0.95))
"""Width of the interval that holds half, over that of the one that holds 90 %, of a normal distribution."""

_MILLION = 1e6


def coverage_plot(by_group: pd.DataFrame, names: Sequence[str], title: str) -> Plot:
    """Draw how many true costs lie in their interval, group by group, with 95 % intervals.

    Parameters
    ----------
    by_group : DataFrame
        ``coverage``, ``low`` and ``high`` of each group.
    names : sequence of str
        What each row is called.
    title : str
        The finding.
    """

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, list(names))
        axes.axvline(90, color=SOFT, lw=1, ls=(0, (4, 3)), zorder=1)
        axes.annotate(
            "promised: 90 %",
            (90, -0.55),
            xytext=(0, 1),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=SOFT,
        )
        for position, (_, row) in enumerate(by_group.iterrows()):
            figure = Figure(row["coverage"], row["low"], row["high"])
            _dot(axes, position, figure, marker="o", face=MACHINE, colour=MACHINE)
        _percent_axis(axes, "true costs inside their interval, %", room=1)

    return Plot("cost_coverage", title, 1.0 + 0.27 * len(names), 1.2 + 0.34 * len(names), draw)


def fan_plot(months: pd.DataFrame, title: str) -> Plot:
    """Draw the portfolio's cost of each month with the bands that hold half and nine tenths of what may come.

    Parameters
    ----------
    months : DataFrame
        From ``roll_up`` by month.
    title : str
        The finding.
    """

    def draw(canvas: "Canvas") -> None:
        axes = _months_axes(canvas, months["month"])
        scale, unit = money_unit(months["cost_high_usd"].max())
        middle = months["cost_usd"].to_numpy() / scale
        for width, alpha in ((1.0, 0.16), (HALF_OVER_NINETY, 0.28)):
            _band(axes, months, "cost", scale, MACHINE, alpha, width)
        axes.plot(range(len(middle)), middle, color=MACHINE, lw=2.2, marker="o", ms=4)
        for position in sorted({int(middle.argmax()), int(middle.argmin())}):
            top = months["cost_high_usd"].iloc[position] / scale
            axes.annotate(
                f"{middle[position]:,.{2 if middle[position] < 100 else 0}f}",
                (position, top),
                xytext=(0, 3),
                textcoords="offset points",
                ha="left" if position == 0 else "right" if position == len(middle) - 1 else "center",
                fontsize=8.5,
                color=INK,
            )
        axes.set_ylim(0, 1.1 * months["cost_high_usd"].max() / scale)
        axes.set_ylabel(f"electricity and gas, {unit} a month")
        _bands_key(canvas)

    return Plot("forecast_fan", title, 3.4, 3.6, draw)


def bridge_plot(bridge: pd.DataFrame, title: str) -> Plot:
    """Draw the steps from last year's total to next year's, one under the other.

    Parameters
    ----------
    bridge : DataFrame
        From ``waterfall``: the first and the last row are totals, those between add up to their difference.
    title : str
        The finding.
    """
    usd = bridge["cost_usd"].to_numpy(dtype=float)
    ends = np.concatenate([[usd[0]], usd[0] + np.cumsum(usd[1:-1])])

    def draw(canvas: "Canvas") -> None:
        axes = _rows(canvas, [step[:1].upper() + step[1:] for step in bridge["step"]])
        scale, unit = money_unit(ends.max())
        decimals = 3 if np.abs(usd[1:-1]).max(initial=0.0) < 0.1 * scale else 2
        margin = max(np.ptp(ends), 0.002 * ends.max())
        left, right = (ends.min() - 0.45 * margin) / scale, (ends.max() + 0.45 * margin) / scale
        left = max(left, 0.0)
        for position, amount in enumerate(usd):
            is_total = position in (0, len(usd) - 1)
            start = left if is_total else ends[position - 1] / scale
            stop = (amount if is_total else ends[position]) / scale
            rises = stop >= start
            face = MACHINE if is_total else SOFT if rises else PAPER
            axes.barh(
                position, stop - start, left=start, height=0.56, color=face, edgecolor=MACHINE if is_total else SOFT
            )
            if position < len(usd) - 1:
                axes.plot([stop, stop], [position, position + 1], color=SOFT, lw=0.8, ls=(0, (1, 2)), zorder=1)
            said = f"{amount / scale:,.2f}" if is_total else _signed(amount / scale, decimals)
            axes.annotate(
                said,
                (max(start, stop), position),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=INK,
            )
        axes.set_xlim(left, right)
        cut = "" if left == 0 else " (the axis does not begin at zero)"
        axes.set_xlabel(f"{unit} a year{cut if canvas.get_figwidth() > _NARROW_BELOW_IN else ''}")
        _key(
            canvas,
            [("s", MACHINE, MACHINE, "a year's total"), ("s", SOFT, SOFT, "dearer"), ("s", SOFT, PAPER, "cheaper")],
        )

    return Plot("forecast_bridge", title, 1.3 + 0.34 * len(bridge), 1.7 + 0.4 * len(bridge), draw)


def home_year_plot(months: pd.DataFrame, title: str) -> Plot:
    """Draw one home's year ahead: both bills together with their band, and each fuel by itself.

    Parameters
    ----------
    months : DataFrame
        From ``home_months``.
    title : str
        The finding.
    """

    def draw(canvas: "Canvas") -> None:
        both = months[months["fuel"] == "both"]
        axes = _months_axes(canvas, both["month"])
        _band(axes, both, "cost", 1.0, MACHINE, 0.16, 1.0)
        _band(axes, both, "cost", 1.0, MACHINE, 0.28, HALF_OVER_NINETY)
        axes.plot(range(len(both)), both["cost_usd"], color=MACHINE, lw=2.2, marker="o", ms=4)
        entries = [("o", MACHINE, MACHINE, "both bills; bands hold 50 and 90 of 100 years")]
        for fuel, colour, marker in (("electricity", ELECTRICITY, "s"), ("gas", GAS, "^")):
            own = months[months["fuel"] == fuel]
            if (own["cost_usd"] != 0).any():
                axes.plot(range(len(own)), own["cost_usd"], color=colour, lw=1.4, marker=marker, ms=4)
                entries.append((marker, colour, colour, fuel))
        low = min(0.0, float(both["cost_low_usd"].min()), float(months["cost_usd"].min()))
        axes.set_ylim(1.05 * low, 1.08 * max(float(both["cost_high_usd"].max()), 1.0))
        axes.set_ylabel("USD a month")
        _key(canvas, entries)

    return Plot("forecast_home", title, 3.3, 3.7, draw)


def _months_axes(canvas: "Canvas", months: pd.Series) -> "Axes":
    """Axes with a tick a month; where it is narrow only every third is named, and the year under each January."""
    axes = _axes(canvas)
    narrow = canvas.get_figwidth() < _NARROW_BELOW_IN
    days = pd.to_datetime(months).tolist()
    labels = [
        f"{day:%b}\n{day:%Y}" if position == 0 or day.month == 1 else f"{day:%b}" for position, day in enumerate(days)
    ]
    step = 3 if narrow else 1
    axes.set_xticks(range(0, len(days), step), labels[::step])
    axes.set_xlim(-0.3, len(days) - 0.7)
    return axes


def _band(axes: "Axes", frame: pd.DataFrame, name: str, scale: float, colour: str, alpha: float, width: float) -> None:
    middle = frame[f"{name}_usd"].to_numpy(dtype=float)
    low, high = (frame[f"{name}_{end}_usd"].to_numpy(dtype=float) for end in ("low", "high"))
    below, above = (middle - width * (middle - low)) / scale, (middle + width * (high - middle)) / scale
    axes.fill_between(range(len(frame)), below, above, color=colour, alpha=alpha, lw=0)


def _bands_key(canvas: "Canvas") -> None:
    _key(canvas, [("o", MACHINE, MACHINE, "expected; bands hold 50 and 90 of 100 years")])


def money_unit(most_usd: float) -> tuple[float, str]:
    """Choose dollars, thousands or millions for an axis."""
    if most_usd >= _MILLION:
        return _MILLION, "million USD"
    return (1e3, "thousand USD") if most_usd >= 2e4 else (1.0, "USD")


def _signed(number: float, decimals: int) -> str:
    said = f"{number:+,.{decimals}f}".replace("-", "−")
    return "0" if round(number, decimals) == 0 else said
