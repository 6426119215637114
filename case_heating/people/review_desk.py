"""What lies on a reviewer's desk: the queue in figures, the homes in hand, what can be undone, and one case in full.

It only looks; what is done is done by :class:`~case_heating.people.review.ReviewQueue`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd
from sqlalchemy import Connection, Engine, Row, func, select

from case_heating.people.records import AuditEntry, Record, last_record, standing_decision, trail_of
from case_heating.people.review import UNDO_WITHIN
from case_heating.people.review_checks import said, task_of
from case_heating.people.review_store import AUDIT, PASSES, TASKS, reading
from case_heating.people.words import TOLD_FACTS, fact_in_words

May = Literal["decide", "claim", "look"]


@dataclass(frozen=True)
class InHand:
    """A home somebody holds, and until when."""

    home_id: str
    lease_until: datetime


@dataclass(frozen=True)
class Undoable:
    """A decision of this reviewer that can still be undone.

    Attributes
    ----------
    until
        The end of the time for it.
    """

    home_id: str
    heating_fuel: str
    until: datetime


@dataclass(frozen=True)
class Desk:
    """The queue as one reviewer finds it.

    Attributes
    ----------
    waiting
        Homes that wait; ``for_me`` are those among them this reviewer may take: not where they asked for a second
        opinion.
    with_others
        Homes that other reviewers hold.
    decided
        Homes that people have decided; ``decided_today`` by this reviewer on the day of the moment.
    at_stake_usd
        Loss to be expected if the machine's word were taken for all that wait. [USD]
    in_hand
        Homes this reviewer holds, the one that is due first before the others.
    undoable
        What they can undo, the newest first.
    """

    waiting: int
    for_me: int
    with_others: int
    decided: int
    decided_today: int
    at_stake_usd: float
    in_hand: tuple[InHand, ...]
    undoable: tuple[Undoable, ...]


@dataclass(frozen=True)
class Case:
    """All there is about one home of the queue.

    Attributes
    ----------
    home_id, heating_fuel, probability_of_gas, risk_usd
        The home, and what the machine would answer; the loss to be expected if it were taken at its word [USD].
    may
        What this reviewer can do: ``decide`` what they hold, ``claim`` what waits, or ``look``.
    why
        Why they can only look, in words; empty otherwise.
    lease_until
        Until when they hold it.
    record
        The machine's last answer and what was known then; ``None`` where none was put on record.
    facts
        What was known then, in words, each with its unit.
    opinions
        What others said: who asked for a second opinion, and who says that the answer is wrong.
    trail
        Every change to it.
    """

    home_id: str
    heating_fuel: str
    probability_of_gas: float | None
    risk_usd: float
    may: May
    why: str
    lease_until: datetime | None
    record: Record | None
    facts: tuple[str, ...]
    opinions: tuple[AuditEntry, ...]
    trail: tuple[AuditEntry, ...]


def look_at_desk(engine: Engine, reviewer: str, *, now: datetime, undo_within: timedelta = UNDO_WITHIN) -> Desk:
    """Count the queue and find what a reviewer has in hand.

    A home whose lease is over counts as waiting, as the next claim will make it.

    Raises
    ------
    DatabaseError
        If the database cannot be read.
    """
    held = (TASKS.c.state == "held") & (TASKS.c.lease_until > now)
    waiting = (TASKS.c.state == "waiting") | ((TASKS.c.state == "held") & (TASKS.c.lease_until <= now))
    barred = select(PASSES.c.home_id).where(PASSES.c.reviewer == reviewer, PASSES.c.barred)
    today = (AUDIT.c.action == "decided") & (AUDIT.c.reviewer == reviewer) & (AUDIT.c.day == now.date())
    with reading(engine) as connection:
        n_waiting, at_stake = connection.execute(
            select(func.count(), func.coalesce(func.sum(TASKS.c.risk_usd), 0.0)).where(waiting)
        ).one()
        mine = connection.execute(
            select(TASKS.c.home_id, TASKS.c.lease_until)
            .where(held, TASKS.c.reviewer == reviewer)
            .order_by(TASKS.c.lease_until, TASKS.c.home_id)
        ).all()
        homes_today = connection.execute(select(AUDIT.c.home_id).where(today).distinct()).scalars()
        return Desk(
            waiting=n_waiting,
            for_me=_count(connection, waiting & TASKS.c.home_id.not_in(barred)),
            with_others=_count(connection, held & (TASKS.c.reviewer != reviewer)),
            decided=_count(connection, TASKS.c.state == "decided"),
            decided_today=sum(
                (decision := standing_decision(trail_of(connection, home_id))) is not None
                and (decision.reviewer, decision.day) == (reviewer, now.date())
                for home_id in homes_today
            ),
            at_stake_usd=float(at_stake),
            in_hand=tuple(InHand(row.home_id, row.lease_until) for row in mine),
            undoable=_undoable(connection, reviewer, now, undo_within),
        )


def open_case(engine: Engine, home_id: str, reviewer: str, *, now: datetime) -> Case:
    """Gather what there is about one home, and say what a reviewer can do with it.

    Raises
    ------
    UnknownHomeError
        If the queue does not know the home.
    DatabaseError
        If the database cannot be read.
    """
    with reading(engine) as connection:
        task = task_of(connection, home_id, lock=False)
        trail = trail_of(connection, home_id)
        record = last_record(connection, home_id)
        may, why = _what_may(connection, task, trail, reviewer, now)
    known = {} if record is None else record.facts
    told = (fact_in_words(name, known[name]) for name in TOLD_FACTS if name in known)
    return Case(
        home_id=home_id,
        heating_fuel=task.heating_fuel,
        probability_of_gas=task.probability_of_gas,
        risk_usd=task.risk_usd,
        may=may,
        why=why,
        lease_until=task.lease_until if may == "decide" else None,
        record=record,
        facts=tuple(fact for fact in told if fact),
        opinions=tuple(entry for entry in trail if entry.action in ("second_opinion", "reported")),
        trail=trail,
    )


def riskiest(engine: Engine, *, limit: int) -> pd.DataFrame:
    """Read the open homes with the most at stake, shape (limit, 8); columns as in the table ``review_tasks``."""
    of_queue = select(TASKS).where(TASKS.c.state.in_(["waiting", "held"]))
    with reading(engine) as connection:
        rows = connection.execute(of_queue.order_by(TASKS.c.risk_usd.desc(), TASKS.c.home_id).limit(limit)).all()
    return pd.DataFrame(rows, columns=TASKS.columns.keys())


def answer_in_words(case: Case) -> str:
    """Say what the machine answers and why that is not enough.

    >>> case = Case("h1", "gas", 0.6, 12.5, "look", "", None, None, (), (), ())
    >>> answer_in_words(case)
    'The machine says gas, with a chance of 60 %. If its word were taken it would be expected to cost 12.50 USD.'
    """
    chance = case.probability_of_gas
    if chance is None:
        sure = ""
    else:
        sure = f", with a chance of {100 * (chance if case.heating_fuel == 'gas' else 1 - chance):.0f} %"
    told = f"The machine says {case.heating_fuel}{sure}."
    told += f" If its word were taken it would be expected to cost {case.risk_usd:,.2f} USD"
    if case.record is not None:
        told += f", and a look costs {case.record.costs.review_usd:,.2f} USD"
    return told + "."


def _what_may(
    connection: Connection, task: Row, trail: tuple[AuditEntry, ...], reviewer: str, now: datetime
) -> tuple[May, str]:
    held = task.state == "held" and task.lease_until > now
    if held and task.reviewer == reviewer:
        return "decide", ""
    if held:
        return "look", f"{task.reviewer} holds this home until {said(task.lease_until, now)}."
    if task.state == "decided":
        decision = standing_decision(trail)
        if decision is None:
            return "look", "This home is decided."
        return "look", f"{decision.reviewer} decided {decision.heating_fuel} on {decision.day}: {decision.reason}"
    if task.state == "withdrawn":
        return "look", "This home needs no person any more: the machine is sure by now, or a label came."
    barred = select(PASSES.c.barred).where(PASSES.c.home_id == task.home_id, PASSES.c.reviewer == reviewer)
    if connection.execute(barred).scalar():
        return "look", "You asked for a second opinion of this home, so somebody else decides it."
    return "claim", ""


def _undoable(connection: Connection, reviewer: str, now: datetime, within: timedelta) -> tuple[Undoable, ...]:
    lately = (AUDIT.c.action == "decided") & (AUDIT.c.reviewer == reviewer) & (AUDIT.c.at >= now - within)
    found = []
    for home_id in dict.fromkeys(
        connection.execute(select(AUDIT.c.home_id).where(lately).order_by(AUDIT.c.entry_id.desc())).scalars()
    ):
        decision = standing_decision(trail_of(connection, home_id))
        if decision is not None and decision.reviewer == reviewer and decision.heating_fuel is not None:
            found.append(Undoable(home_id, decision.heating_fuel, decision.at + within))
    return tuple(found)


def _count(connection: Connection, which: object) -> int:
    n: int = connection.execute(select(func.count()).select_from(TASKS).where(which)).scalar_one()  # type: ignore[arg-type]
    return n
