"""What the report says of reasons and of routing, in words and as figures for machines."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.faithfulness import Faithfulness
from case_heating.people.gate_section import GateFindings
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.routing_findings import RoutingFindings
from case_heating.people.why_section import WhySection
from case_heating.people.words import count, homes, of_100, percent


def usd(amount: float) -> str:
    """Say an amount to the dollar.

    >>> usd(12044.4)
    '12,044 USD'
    """
    return f"{count(amount)} USD"


def why(section: WhySection) -> tuple[str, ...]:
    """Say how far the reasons can be believed: what the answer does once the named facts are taken away."""
    faithful = section.faithfulness
    return (
        f"Of each answer the machine names the facts that moved it most. Whether these are the real reasons was tested "
        f"on {homes(faithful.n_homes)} the model had not seen. The fact named first was replaced by that of other "
        f"homes drawn at random: the answer then became less sure for {of_100(faithful.first_moves['drawn'])} homes.",
        f"Without the fact named first the answer loses more support than without one other picked at random in "
        f"{of_100(faithful.first_beats_another['drawn'])} trials. {_top_beats_others(faithful)} "
        f"{of_100(faithful.same_without_unused)} homes are told the same when facts the model makes no use of are "
        "swapped between homes.",
        "A reason tells what moved the machine's answer, not what makes a home heat as it does.",
    )


def _top_beats_others(faithful: Faithfulness) -> str:
    if faithful.top_beats_others is None:
        return (
            f"Whether three named facts weigh more than three others cannot be asked of {faithful.n_groups} groups of "
            "facts: there are too few others."
        )
    share = of_100(faithful.top_beats_others["drawn"])
    return f"The facts named first, three at most, move the answer more than three others in {share} trials."


def why_commonest(section: WhySection) -> str:
    """Say the stricter figure as well: a home that is like most others is not moved by being made like them."""
    share = section.faithfulness.first_moves["commonest"]
    return (
        f"If the first-named fact is replaced by the commonest value of all homes instead, the answer becomes less "
        f"sure for {of_100(share)} homes. That is fewer because a home that has the commonest value already is not "
        "changed by it."
    )


def routing(found: RoutingFindings) -> tuple[str, ...]:
    """Say what goes to people at these costs, and what that saves on homes with a known answer."""
    rival, rival_usd = _best_rival(found)
    saved = rival_usd - found.total_usd
    compared = f"{usd(saved)} less than" if saved > 0 else f"{usd(-saved)} more than" if saved < 0 else "as much as"
    return (
        f"A person looks at a home where the risk of a wrong answer costs more than the look. At the costs below the "
        f"machine's word is taken for gas from {percent(found.thresholds.gas)} sure on, and for electricity from "
        f"{percent(found.thresholds.electricity)} on.",
        f"On {homes(found.n_homes)} whose fuel is known but was hidden, {count(found.n_sent)} "
        f"({percent(found.n_sent / found.n_homes)}) would go to people, and {count(found.n_wrong_accepted)} wrong "
        f"answers would be taken for right. Together that costs {usd(found.total_usd)}, {compared} "
        f"{rival} ({usd(rival_usd)}).",
        f"In hindsight the best thresholds for these very homes would have cost {usd(found.measured_best_usd)}.",
    )


def routing_title(found: RoutingFindings) -> str:
    """Say the finding above the chart of costs."""
    return f"Sending {percent(found.n_sent / found.n_homes)} of homes to people costs {usd(found.total_usd)} in all"


def thresholds(found: RoutingFindings, study: FairnessStudy | None, gate: GateFindings | None) -> list[tuple[str, str]]:
    """Tell the report's thresholds apart: each, and what it decides.

    Parameters
    ----------
    found : RoutingFindings
        With the thresholds that follow from the prices.
    study : FairnessStudy, optional
        With the limits on gaps between groups.
    gate : GateFindings, optional
        Whether a model was judged.
    """
    of_gas, of_electricity = percent(found.thresholds.gas), percent(found.thresholds.electricity)
    shown_too = "" if study is None else "; the section on fairness counts by the same who is sent to people"
    rows = [
        ("50 % likely to be gas", "Whether gas or electricity is said of a home"),
        (
            f"{of_gas} sure of gas, {of_electricity} of electricity",
            f"Whether a person looks at a home: it follows from the prices{shown_too}",
        ),
    ]
    if study is not None:
        limits = study.limits
        rows.append(
            (
                f"{100 * limits.max_error_gap:g} more of 100 for either error, "
                f"{100 * limits.max_review_gap:g} for being sent to people",
                "How much worse a group may fare than others: the verdict on fairness, in its section and at the gate",
            )
        )
    if gate is not None and gate.judged:
        rows.append(
            (
                "80 % sure",
                "Below it the gate counts a home as sent to people when it asks of fairness: it knows no prices",
            )
        )
        rows.append(("The column “Limit” of who serves", "Whether a candidate may serve: the gate"))
    return rows


def why_figures(section: WhySection) -> dict[str, Any]:
    """Give the main figures of the reasons; counts below thirty are null."""
    faithful = asdict(section.faithfulness)
    named = section.named_first.astype(object).where(section.named_first.notna(), None)
    return {"faithfulness": faithful, "named_first": named.to_dict(orient="index")}


def fairness_figures(study: FairnessStudy) -> dict[str, Any]:
    """Give the verdict and each group's figures; what is not known is null."""
    return {
        "passed": study.verdict.passed,
        "reasons": list(study.verdict.reasons),
        "comparisons": study.fairness.n_comparisons,
        "figures": _records(study.fairness.figures),
    }


def routing_figures(found: RoutingFindings) -> dict[str, Any]:
    """Give costs, thresholds and totals, the curve aside."""
    told = asdict(found)
    del told["curve"]
    return told


def _best_rival(found: RoutingFindings) -> tuple[str, float]:
    rivals = {
        "taking every answer of the machine": found.accept_all_usd,
        "having people look at every home": found.review_all_usd,
    }
    return min(rivals.items(), key=lambda rival: rival[1])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def why_shown(section: WhySection) -> dict[str, Any]:
    """Give the template of "Why" what it shows."""
    counted = section.named_first.dropna(how="all")
    cells = [
        (about, *("–" if pd.isna(n) else count(n) for n in (row["gas"], row["electricity"])))
        for about, row in counted.iterrows()
    ]
    return {
        "section": section,
        "said": why(section),
        "commonest": why_commonest(section),
        "named_first": cells,
    }


def routing_shown(
    found: RoutingFindings, study: FairnessStudy | None = None, gate: GateFindings | None = None
) -> dict[str, Any]:
    """Give the template of "Who decides" what it shows."""
    costs = found.costs
    return {
        "thresholds": thresholds(found, study, gate),
        "found": found,
        "said": routing(found),
        "compared": [
            ("Take every answer of the machine", usd(found.accept_all_usd)),
            ("Have people look at every home", usd(found.review_all_usd)),
            ("Have people look where it pays", usd(found.total_usd)),
        ],
        "costs": [
            ("Heats with gas, answered electricity", usd(costs.gas_called_electric_usd)),
            ("Heats with electricity, answered gas", usd(costs.electric_called_gas_usd)),
            ("A person looks at it", usd(costs.review_usd)),
        ],
        "is_example": costs == ReviewCosts(),
    }
