"""The analyst's waterfall: from the score all homes start with to this home's, one bar per group of facts."""

from typing import TYPE_CHECKING

from case_heating.model.explain import Explanation
from case_heating.people.colours import ELECTRICITY, GAS, INK, RULE, SOFT
from case_heating.people.plots import WIDE_IN, Plot
from case_heating.people.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MOST_BARS = 9  # more than these are drawn as one last bar: their sum, so that the bars still end at the score
_BAR_IN = 0.3
_X_LABEL = "electricity  ←  log odds of gas, before calibration  →  gas"


def waterfall_steps(explanation: Explanation) -> list[tuple[str, float, float]]:
    """List the bars from top to bottom: name, where it begins and where it ends. [log odds of gas]

    The largest contribution comes first; those that are too many are summed; the last bar ends at the score to 1e-9.
    """
    ranked = sorted(explanation.contributions.items(), key=lambda item: -abs(item[1]))
    n_shown = MOST_BARS if len(ranked) > MOST_BARS + 1 else len(ranked)  # one left over is shown by its name
    shown, rest = ranked[:n_shown], ranked[n_shown:]
    bars = [("all homes", explanation.bias), *((group.replace("_", " "), value) for group, value in shown)]
    if rest:
        bars.append((f"{len(rest)} others", sum(value for _, value in rest)))
    steps, position = [], 0.0
    for name, value in bars:
        steps.append((name, position, position + value))
        position += value
    return steps


def waterfall_plot(explanation: Explanation) -> Plot:
    """Draw what moves one home's score towards gas and what towards electricity."""
    steps = waterfall_steps(explanation)
    title = (
        f"{explanation.home_id}: {explanation.fuel}, {percent(explanation.confidence)} sure; "
        f"score {explanation.score:+.2f}".replace("-", "−")
    )

    def draw(canvas: "Canvas") -> None:
        axes = canvas.add_subplot()
        axes.set_facecolor("none")
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(RULE)
        axes.axvline(0, color=RULE, lw=1, zorder=0)
        for row, (_, begin, end) in enumerate(steps):
            colour = SOFT if row == 0 else GAS if end > begin else ELECTRICITY
            axes.barh(row, end - begin, left=begin, height=0.62, color=colour, zorder=2)
            axes.annotate(
                f"{end - begin:+.2f}".replace("-", "−"),
                (max(begin, end), row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color=INK,
            )
            if row + 1 < len(steps):
                axes.plot([end, end], [row, row + 1], color=SOFT, lw=0.7, zorder=1)
        axes.set_yticks(range(len(steps)), [name for name, _, _ in steps], color=INK, fontsize=9)
        axes.set_ylim(len(steps) - 0.45, -0.55)
        axes.use_sticky_edges = False  # bars would otherwise end at the chart's edge, and their figures beyond it
        axes.margins(x=0.12)
        axes.tick_params(colors=SOFT, labelsize=9, length=0)
        narrow = canvas.get_figwidth() < WIDE_IN
        axes.set_xlabel("electricity  ←  log odds  →  gas" if narrow else _X_LABEL, color=SOFT, fontsize=9)

    height_in = 0.9 + _BAR_IN * len(steps)
    return Plot("waterfall", title, height_in, height_in + 0.3, draw)
