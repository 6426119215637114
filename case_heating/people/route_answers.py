"""Gather, decide, act: route a run's answers, write down why, and keep the queue in step with them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Engine

from case_heating.model.explain import Explanation
from case_heating.people.put_on_record import record_routing
from case_heating.people.reasons import customer_words
from case_heating.people.records import RunOfAnswers, read_trail
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import standing_decisions
from case_heating.people.review_report import open_requests
from case_heating.people.routing import route

Explain = Callable[[pd.DataFrame], Iterable[Explanation]]


@dataclass(frozen=True)
class RoutingCounts:
    """What became of a run's answers. [homes]

    Attributes
    ----------
    known
        Somebody has seen what they heat with, so there is nothing to route.
    accepted, unsure
        The machine's word is taken; a person must look.
    newly_sent
        Of the unsure those that were not in the queue already.
    withdrawn
        Waited in the queue, and are now known or accepted.
    written
        Put on record; 0 where this very run was routed before.
    """

    known: int
    accepted: int
    unsure: int
    newly_sent: int
    withdrawn: int
    written: int


def route_answers(
    engine: Engine,
    answers: pd.DataFrame,
    features: pd.DataFrame,
    run: RunOfAnswers,
    costs: ReviewCosts,
    *,
    explain: Explain,
    now: datetime,
) -> RoutingCounts:
    """Accept the sure answers on record, send the unsure homes to people, withdraw those that need nobody any more.

    A home whose answer somebody said is wrong, or that a sample asks for, waits for people however sure the machine is.

    After a crash the same call goes on where it was: what is on record is not written twice, and who is in the queue
    is not sent twice.

    Parameters
    ----------
    engine : Engine
        From ``open_store``.
    answers : DataFrame, shape (n_homes, n_columns)
        By ``home_id``, with ``probability_of_gas`` and ``seen`` (missing where nobody has looked).
    features : DataFrame, shape (n_homes, n_features)
        What the model knew.
    run : RunOfAnswers
        The run.
    costs : ReviewCosts
        The cost matrix.
    explain : callable
        ``Explainer.explain``: the reasons for the homes it is given.
    now : datetime
        The moment, with its time zone.

    Raises
    ------
    ReviewError
        If the database holds the homes of another source.
    DatabaseError
        If the database cannot be used.
    """
    queue = ReviewQueue(engine)
    trail = read_trail(engine)
    decided, asked_for = standing_decisions(trail)["home_id"], open_requests(trail)
    known = answers["seen"].notna() | answers.index.isin(decided)
    routed = route(answers.loc[~known, "probability_of_gas"], costs)
    told = {
        one.home_id: [*(words := customer_words(one)).reasons, words.against]
        for one in explain(features.loc[routed.index])
    }
    reasons = pd.Series(told, dtype=object)
    written = record_routing(engine, routed, features, run, costs, reasons=reasons, now=now)
    unsure = routed[~routed["accepted"]]
    waiting = queue.tasks().query("state == 'waiting'")["home_id"]
    withdrawn = queue.withdraw(
        waiting[~waiting.isin(unsure.index) & ~waiting.isin(asked_for)],
        f"the answers as of {run.as_of} need no person here",
        now=now,
    )
    return RoutingCounts(
        known=int(known.sum()),
        accepted=int(routed["accepted"].sum()),
        unsure=len(unsure),
        newly_sent=queue.send(unsure[~unsure.index.isin(asked_for)], now=now),
        withdrawn=withdrawn,
        written=written,
    )
