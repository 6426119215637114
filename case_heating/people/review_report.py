"""Somebody says that an answer is wrong: the home goes to people, with what they saw, and stays until one decides.

Anybody who uses the answers may say so, not only reviewers; what they say is no label. The answer and its grounds are
put on record as they were when they were doubted.
"""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Engine

from case_heating.errors import ReviewError
from case_heating.people.put_on_record import prepare_record, put_on_record
from case_heating.people.records import RunOfAnswers, note, trail_of
from case_heating.people.review_checks import check_fuel, check_reason, check_reviewer
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_moves import to_the_front
from case_heating.people.review_store import changing, one_at_a_time
from case_heating.people.routing import route

_REQUESTS = ("reported", "sampled")  # homes that a person must look at however sure the machine is
LONGEST_REASON = 1000  # letters; a few sentences, and no place to keep a customer's whole story


def report_wrong(
    engine: Engine,
    home: pd.DataFrame,
    probability_of_gas: float,
    *,
    reporter: str,
    reason: str,
    run: RunOfAnswers,
    costs: ReviewCosts,
    reasons: tuple[str, ...],
    now: datetime,
    heating_fuel: str | None = None,
) -> None:
    """Send a home to review because somebody says its answer is wrong, ahead of homes that are only unsure.

    Parameters
    ----------
    engine : Engine
        From ``open_store``.
    home : DataFrame, shape (1, n_features)
        What the model knew of the home, indexed by ``home_id``.
    probability_of_gas : float
        What the machine answered.
    reporter, reason : str
        Who says so, and what they saw or heard.
    run : RunOfAnswers
        The run that answered.
    costs : ReviewCosts
        What a wrong answer costs: all of it is at stake now.
    reasons : tuple of str
        The sentences that were given for the answer.
    now : datetime
        The moment, with its time zone.
    heating_fuel : str, optional
        What they say it heats with.

    Raises
    ------
    ReviewError
        If the reason is empty or too long, the fuel is none, the database holds the homes of another source, or this
        person has said so already and nobody has decided since.
    DatabaseError
        If the database cannot be written; then nothing of it is kept.
    """
    check_reviewer(reporter)
    check_reason(reason)
    if len(reason) > LONGEST_REASON:
        raise ReviewError(f"the reason has {len(reason):,} letters; say it in {LONGEST_REASON:,} or fewer")
    if heating_fuel is not None:
        check_fuel(heating_fuel)
    home_id = str(home.index[0])
    routed = route(pd.Series([probability_of_gas], index=home.index), costs).assign(accepted=False)
    answered = str(routed["heating_fuel"].iloc[0])
    at_stake = costs.electric_called_gas_usd if answered == "gas" else costs.gas_called_electric_usd
    routed["risk_usd"] = float(at_stake)
    said = pd.Series([list(reasons)], index=home.index, dtype=object)
    record = prepare_record(routed, home, run, costs, reasons=said, now=now)
    with changing(engine) as connection:
        one_at_a_time(connection)
        _refuse_a_repeat(connection, home_id, reporter)
        put_on_record(connection, record)
        figures = {"heating_fuel": answered, "probability_of_gas": probability_of_gas, "risk_usd": float(at_stake)}
        to_the_front(connection, home_id, figures, now)
        note(
            connection,
            [home_id],
            "reported",
            now,
            reviewer=reporter,
            heating_fuel=heating_fuel,
            reason=reason.strip(),
        )


def open_requests(trail: pd.DataFrame) -> frozenset[str]:
    """Name the homes that somebody reported, or that a sample asks for, and nobody has decided since.

    Parameters
    ----------
    trail : DataFrame, shape (n_entries, 10)
        From ``read_trail``.
    """
    told = trail[trail["action"].isin([*_REQUESTS, "decided", "undone"])]
    doubted, settled = set(), set()
    for home_id, action in zip(told["home_id"], told["action"], strict=True):
        if action in _REQUESTS or (action == "undone" and home_id in settled):
            doubted.add(home_id)
        elif home_id in doubted:
            doubted.remove(home_id)
            settled.add(home_id)
    return frozenset(doubted)


def _refuse_a_repeat(connection: Connection, home_id: str, reporter: str) -> None:
    said = None
    for entry in trail_of(connection, home_id):
        if entry.action == "decided":
            said = None
        elif entry.action == "reported" and entry.reviewer == reporter:
            said = entry
    if said is not None:
        raise ReviewError(
            f"{reporter} said on {said.day} that the answer for home {home_id} is wrong; it waits for a reviewer, who "
            "sees that"
        )
