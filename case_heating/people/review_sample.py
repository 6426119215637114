"""A random sample of homes for people to look at: the labels of the present that a retraining needs.

Homes the machine is unsure of say little about all the others. These are drawn from all homes alike, sure or not, seen
before or not, and wait ahead of those: a sample of which only the risky half is looked at is none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from case_heating.errors import ReviewError
from case_heating.model.explain import Explanation
from case_heating.people.put_on_record import prepare_record, put_on_record
from case_heating.people.reasons import customer_words
from case_heating.people.records import RunOfAnswers, note, read_trail
from case_heating.people.review_checks import check_reason
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_moves import to_the_front
from case_heating.people.review_store import changing, one_at_a_time
from case_heating.people.routing import route


@dataclass(frozen=True)
class Sample:
    """What became of a sample. [homes]

    Attributes
    ----------
    drawn
        Homes of the sample.
    newly_sent
        Of them those that were not asked for in this very sample before.
    """

    drawn: int
    newly_sent: int


def send_sample(
    engine: Engine,
    answers: pd.DataFrame,
    features: pd.DataFrame,
    run: RunOfAnswers,
    costs: ReviewCosts,
    *,
    n_homes: int,
    because: str,
    seed: int,
    explain: Callable[[pd.DataFrame], Iterable[Explanation]],
    now: datetime,
) -> Sample:
    """Draw homes at random and send them to people, ahead of all that wait; the same call sends none twice.

    Parameters
    ----------
    engine : Engine
        From ``open_store``.
    answers : DataFrame, shape (n_answered_homes, n_columns)
        By ``home_id``, with ``probability_of_gas``.
    features : DataFrame, shape (n_answered_homes, n_features)
        What the model knew.
    run : RunOfAnswers
        The run that answered; another day draws other homes.
    costs : ReviewCosts
        What a wrong answer costs.
    n_homes : int
        Homes to draw; all if there are fewer.
    because : str
        Why people are asked.
    seed : int
        Of the draw.
    explain : callable
        ``Explainer.explain``: the reasons for the homes it is given.
    now : datetime
        The moment, with its time zone.

    Raises
    ------
    ReviewError
        If no reason is given, or the database holds the homes of another source.
    DatabaseError
        If the database cannot be written; then nothing of it is kept.
    """
    check_reason(because)
    if n_homes < 1:
        raise ReviewError(f"a sample of {n_homes} homes is none; ask for one home or more")
    rng = np.random.default_rng([seed, run.as_of.toordinal()])
    drawn = pd.Index(rng.permutation(np.sort(answers.index.to_numpy()))[:n_homes])
    words = f"random sample of {n_homes:,} homes as of {run.as_of}"
    trail = read_trail(engine)
    asked = trail.loc[(trail["action"] == "sampled") & trail["reason"].str.startswith(f"{words}:"), "home_id"]
    new = drawn[~drawn.isin(asked)].sort_values()
    if new.empty:
        return Sample(len(drawn), 0)
    routed = route(answers.loc[new, "probability_of_gas"], costs).assign(accepted=False)
    is_gas = routed["heating_fuel"] == "gas"
    routed["risk_usd"] = np.where(is_gas, costs.electric_called_gas_usd, costs.gas_called_electric_usd)
    told = {one.home_id: [*(said := customer_words(one)).reasons, said.against] for one in explain(features.loc[new])}
    record = prepare_record(routed, features, run, costs, reasons=pd.Series(told, dtype=object), now=now)
    with changing(engine) as connection:
        one_at_a_time(connection)
        put_on_record(connection, record)
        for home_id, row in routed.iterrows():
            figures = row[["heating_fuel", "probability_of_gas", "risk_usd"]].to_dict()
            to_the_front(connection, str(home_id), figures, now)
        note(connection, map(str, new), "sampled", now, reason=f"{words}: {because.strip()}")
    return Sample(len(drawn), len(new))


def decided_for_a_sample(trail: pd.DataFrame) -> frozenset[str]:
    """Name the homes whose last decision answered a sample; the others were looked at since the machine was unsure.

    Parameters
    ----------
    trail : DataFrame, shape (n_entries, 10)
        From ``read_trail``.
    """
    told = trail[trail["action"].isin(["sampled", "decided", "undone"])]
    waits: dict[str, bool] = {}
    answered: dict[str, bool] = {}
    for home_id, action in zip(told["home_id"], told["action"], strict=True):
        if action == "sampled":
            waits[home_id] = True
        elif action == "decided":
            answered[home_id] = waits.pop(home_id, False)
        elif answered.pop(home_id, False):
            waits[home_id] = True
    return frozenset(home_id for home_id, is_so in answered.items() if is_so)
