"""How to use the answers: which to take, which homes people look at, for whom to be careful; and what advice is."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from case_heating.model.evidence import Evidence
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.ladder import Rung
from case_heating.people.cost_words import usd
from case_heating.people.counts import Counts
from case_heating.people.fairness_tables import spoken
from case_heating.people.label_sources import targeted_right
from case_heating.people.routing import route
from case_heating.people.routing_findings import RoutingFindings
from case_heating.people.words import homes, interval, percent

GOOD_ENOUGH = 0.98  # right answers wanted from the machine alone: one letter in fifty goes to the wrong home

NOW, SOON, LATER = 1, 2, 3
"""How soon something is worth doing: before the answers are used; next, as it makes them better; when there is time."""


@dataclass(frozen=True)
class Advice:
    """Something to do, why, and how soon.

    Attributes
    ----------
    do, because : str
        What, and the figures that speak for it.
    section : str
        The report's section that shows these figures.
    how_soon : int
        :data:`NOW`, :data:`SOON` or :data:`LATER`.
    """

    do: str
    because: str
    section: str = "next"
    how_soon: int = SOON


def use_answers(
    answers: pd.DataFrame,
    evidence: Evidence,
    counts: Counts,
    last: Rung,
    *,
    routing: RoutingFindings | None,
    fairness: FairnessStudy | None,
) -> Iterator[Advice]:
    """Say for whom to be careful, whose answers to take, and which homes people look at."""
    yield from _look_into_fairness(fairness)
    yield from _share_the_work(answers, counts, last) if routing is None else _route(answers, routing)
    yield from _mind_changes(evidence, last)


def _share_the_work(answers: pd.DataFrame, counts: Counts, last: Rung) -> Iterator[Advice]:
    accuracy = last.by_home.model["accuracy"].value
    good = counts.answered[counts.answered["low"] >= GOOD_ENOUGH]
    if accuracy >= GOOD_ENOUGH or good.empty:
        return
    row = good.iloc[-1]
    unseen = answers[answers["seen"].isna()]
    left = int((unseen["confidence"] < row["least_sure"]).sum())
    people = f"{homes(left)} nobody has looked at" if len(unseen) else "the rest"
    surest, sure = percent(float(str(row.name)), decimals=0), percent(row["least_sure"])
    yield Advice(
        f"Let the machine answer where it is at least {sure} sure, and send {people} to a person.",
        f"So {surest} of homes are answered by machine, {percent(row['share'])} of them right (95 % interval "
        f"{100 * row['low']:.1f}–{100 * row['high']:.1f}), instead of {percent(accuracy)} of all.",
        "mistakes",
        NOW,
    )


def _route(answers: pd.DataFrame, found: RoutingFindings) -> Iterator[Advice]:
    """Say what goes to people by the prices; a threshold of its own here would be a second truth."""
    unseen = answers[answers["seen"].isna()]
    sent = int((~route(unseen["probability_of_gas"], found.costs)["accepted"]).sum()) if len(unseen) else found.n_sent
    if not sent:
        return
    rest = f"the rest, {percent(sent / found.n_homes)} of homes"
    people = f"{homes(sent)} nobody has looked at" if len(unseen) else rest
    gas, electricity = percent(found.thresholds.gas), percent(found.thresholds.electricity)
    yield Advice(
        f"Take the machine's answer from {gas} sure of gas and {electricity} of electricity on, and have people look "
        f"at {people}: 'heating review route'.",
        f"These thresholds follow from the prices of a wrong answer and of a look. On {homes(found.n_homes)} held out "
        f"they cost {usd(found.total_usd)}; taking every answer of the machine costs {usd(found.accept_all_usd)}, "
        f"having people look at every home {usd(found.review_all_usd)}.",
        "routing",
        NOW,
    )


def _look_into_fairness(study: FairnessStudy | None) -> Iterator[Advice]:
    """Say what to do where a group fares worse than allowed, or where that could not be judged."""
    if study is None or study.verdict.passed:
        return
    reasons = [spoken(reason) for reason in study.verdict.reasons]
    if study.verdict.passed is False:
        yield Advice(
            "Find out why one group is answered worse before letters go out: 'heating fairness'.",
            f"A limit is exceeded: {reasons[0]}. The command looks for causes and says what mending costs.",
            "fairness",
            NOW,
        )
    else:
        yield Advice(
            "Bring what it takes to judge fairness.",
            f"Until then nobody can say for whom the answers are wrong more often: {reasons[0]}.",
            "fairness",
            LATER,
        )


def _mind_changes(evidence: Evidence, last: Rung) -> Iterator[Advice]:
    """Say that a home which changed its heating is answered by its past, where that was measured."""
    right = targeted_right(evidence, last.probability)
    if right is None or right.high >= last.by_home.model["accuracy"].low:
        return
    n_homes = int(evidence.is_targeted.sum())
    yield Advice(
        "Take a rebate's word over the machine's: it lags behind homes that change their heating.",
        f"Of {homes(n_homes)} known from a rebate {percent(right.value)} are answered right ({interval(right)}), of "
        f"all {percent(last.by_home.model['accuracy'].value)}: the bills of their last year still tell of the old "
        "heating.",
        "sources",
    )
