"""What routing costs and saves, measured on homes with a known answer: figures and a chart for the report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from case_heating.people.colours import ELECTRICITY, GAS, INK, RULE, SOFT
from case_heating.people.plots import Plot
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.routing import (
    Bools,
    Floats,
    Thresholds,
    cheapest,
    choose_thresholds,
    cost_curve,
    route,
    total_cost,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_FUELS = {"gas": (GAS, "o"), "electricity": (ELECTRICITY, "s")}


@dataclass(frozen=True)
class RoutingFindings:
    """How routing does on homes that were held out while the model was trained.

    Attributes
    ----------
    thresholds, measured_best
        What the cost matrix says, and what would have been cheapest on these homes. Where they lie far apart the
        probabilities are not to be trusted with money.
    n_homes, n_sent, n_wrong_accepted
        Homes measured on, those sent to people, and wrong answers that the machine's word was taken for.
    total_usd, accept_all_usd, review_all_usd, measured_best_usd
        Cost on these homes of the rule, of its rivals, and of the thresholds that fit them best in hindsight. [USD]
    curve : DataFrame
        From ``cost_curve``.
    """

    costs: ReviewCosts
    thresholds: Thresholds
    measured_best: Thresholds
    n_homes: int
    n_sent: int
    n_wrong_accepted: int
    total_usd: float
    accept_all_usd: float
    review_all_usd: float
    measured_best_usd: float
    curve: pd.DataFrame


def measure_routing(probability_of_gas: Floats, is_gas: Bools, costs: ReviewCosts) -> RoutingFindings:
    """Measure what routing costs on homes whose fuel is known.

    Parameters
    ----------
    probability_of_gas : ndarray, shape (n_homes,)
        Of each home when it was held out; homes never held out are missing and left out.
    is_gas : ndarray of bool, shape (n_homes,)
        The known answers.
    costs : ReviewCosts
        The cost matrix.

    Raises
    ------
    NotEnoughDataError
        If there is no home with a probability.
    """
    curve = cost_curve(probability_of_gas, costs, is_gas=is_gas)
    known = ~np.isnan(probability_of_gas)
    truth = is_gas[known]
    routed = route(pd.Series(probability_of_gas[known]), costs)
    wrong = (routed["heating_fuel"] == "gas").to_numpy() != truth
    best_usd = curve.groupby("heating_fuel")["total_usd"].min().sum()
    return RoutingFindings(
        costs=costs,
        thresholds=choose_thresholds(costs),
        measured_best=cheapest(curve),
        n_homes=int(known.sum()),
        n_sent=int((~routed["accepted"]).sum()),
        n_wrong_accepted=int((wrong & routed["accepted"].to_numpy()).sum()),
        total_usd=total_cost(routed, truth, costs),
        accept_all_usd=total_cost(routed.assign(accepted=True), truth, costs),
        review_all_usd=total_cost(routed.assign(accepted=False), truth, costs),
        measured_best_usd=float(best_usd),
        curve=curve,
    )


def cost_plot(findings: RoutingFindings, title: str) -> Plot:
    """Cost per home over the threshold, for both answers, with the thresholds in use marked."""

    def draw(canvas: "Canvas") -> None:
        axes = canvas.add_subplot()
        for fuel, (colour, marker) in _FUELS.items():
            part = findings.curve[findings.curve["heating_fuel"] == fuel].iloc[:-1]
            n_homes = max(1, int(part["accepted"].iloc[0]))
            per_home_usd = part["total_usd"].to_numpy() / n_homes
            threshold = part["threshold"].to_numpy()
            chosen = getattr(findings.thresholds, fuel)
            at_chosen = float(np.interp(chosen, threshold, per_home_usd))
            axes.plot(100 * threshold, per_home_usd, color=colour, lw=1.8)
            axes.plot(100 * chosen, at_chosen, marker=marker, color=colour, ms=8, mec=INK, label=f"answered {fuel}")
        axes.axhline(findings.costs.review_usd, color=SOFT, lw=1, ls=(0, (4, 3)), label="review every home")
        axes.set_xlabel("accept answers this likely to be right, %", color=SOFT)
        axes.set_ylabel("cost per home, USD", color=SOFT)
        axes.set_ylim(bottom=0)
        axes.tick_params(colors=SOFT)
        axes.grid(axis="y", color=RULE, lw=0.6)
        axes.set_facecolor("none")
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(RULE)
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)

    return Plot("review_cost", title, 3.2, 3.0, draw)
