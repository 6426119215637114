"""The single moves of which the queue's work is made; each is one or two statements inside somebody's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, insert, select, update

from case_heating.people.records import Action, AuditEntry, note, trail_of
from case_heating.people.review_store import PASSES, TASKS

_ROWS_AT_ONCE = 500  # below the number of parameters either database takes in one statement


@dataclass(frozen=True)
class Claim:
    """A home handed to one reviewer until a moment, riskiest first.

    Attributes
    ----------
    heating_fuel, probability_of_gas
        What the machine would answer.
    risk_usd
        Loss to be expected if its answer were accepted. [USD]
    opinions
        What reviewers said who asked for another pair of eyes, and others who say that the answer is wrong.
    """

    home_id: str
    reviewer: str
    lease_until: datetime
    heating_fuel: str
    probability_of_gas: float | None
    risk_usd: float
    opinions: tuple[AuditEntry, ...]


def held_by(reviewer: str) -> Select:
    """Ask for a home the reviewer holds, and lock it."""
    held = select(TASKS).where(TASKS.c.state == "held", TASKS.c.reviewer == reviewer)
    return held.order_by(TASKS.c.home_id).limit(1).with_for_update()


def waiting_for(reviewer: str) -> tuple[Select, Select]:
    """Ask for the riskiest home the reviewer has not passed on, and then for the riskiest they skipped."""
    passes = exists().where(PASSES.c.home_id == TASKS.c.home_id, PASSES.c.reviewer == reviewer)
    riskiest = select(TASKS).where(TASKS.c.state == "waiting").order_by(TASKS.c.risk_usd.desc(), TASKS.c.home_id)
    return riskiest.where(~passes).limit(1), riskiest.where(passes.where(~PASSES.c.barred)).limit(1)


def hand_to(connection: Connection, home_id: str, reviewer: str, until: datetime) -> None:
    """Let a reviewer hold a home until a moment."""
    taken = {"state": "held", "reviewer": reviewer, "lease_until": until}
    connection.execute(update(TASKS).where(TASKS.c.home_id == home_id).values(**taken))


def hand_out(connection: Connection, task: Row, reviewer: str, now: datetime, until: datetime) -> Claim:
    """Let a reviewer hold a home until a moment, and write it down."""
    action: Action = "renewed" if task.state == "held" else "claimed"
    hand_to(connection, task.home_id, reviewer, until)
    note(connection, [task.home_id], action, now, reviewer=reviewer, lease_until=until)
    opinions = tuple(e for e in trail_of(connection, task.home_id) if e.action in ("second_opinion", "reported"))
    return Claim(task.home_id, reviewer, until, task.heating_fuel, task.probability_of_gas, task.risk_usd, opinions)


def to_the_front(connection: Connection, home_id: str, figures: dict[str, Any], now: datetime) -> None:
    """Let a home wait with all that is at stake as its risk; one that a reviewer holds stays with them.

    ``figures`` are its ``heating_fuel``, ``probability_of_gas`` and ``risk_usd``.
    """
    state = connection.execute(select(TASKS.c.state).where(TASKS.c.home_id == home_id).with_for_update()).scalar()
    if state is None:
        connection.execute(insert(TASKS).values(figures | {"home_id": home_id, "state": "waiting", "sent_at": now}))
    else:
        waits = {} if state == "held" else {"state": "waiting"}
        connection.execute(update(TASKS).where(TASKS.c.home_id == home_id).values(figures | waits))


def free(connection: Connection, home_id: str, state: str) -> None:
    """Let nobody hold a home, and say what becomes of it."""
    freed = {"state": state, "reviewer": None, "lease_until": None}
    connection.execute(update(TASKS).where(TASKS.c.home_id == home_id).values(**freed))


def pass_on(connection: Connection, home_id: str, reviewer: str, *, barred: bool) -> None:
    """Put a home back, and remember who passed it on."""
    free(connection, home_id, "waiting")
    connection.execute(delete(PASSES).where(PASSES.c.home_id == home_id, PASSES.c.reviewer == reviewer))
    connection.execute(insert(PASSES).values(home_id=home_id, reviewer=reviewer, barred=barred))


def return_expired(connection: Connection, now: datetime) -> int:
    """Put back what is held past its time, and count it."""
    over = select(TASKS.c.home_id, TASKS.c.reviewer).where(TASKS.c.state == "held", TASKS.c.lease_until <= now)
    expired = connection.execute(over.order_by(TASKS.c.home_id).with_for_update(skip_locked=True)).all()
    for home_id, reviewer in expired:
        free(connection, home_id, "waiting")
        note(connection, [home_id], "expired", now, reviewer=reviewer)
    return len(expired)


def change_state(connection: Connection, home_ids: Iterable[str], former: str, state: str) -> list[str]:
    """Move those of the homes that are in one state to another, and name them."""
    asked = sorted(home_ids)
    moved: list[str] = []
    for start in range(0, len(asked), _ROWS_AT_ONCE):
        some = asked[start : start + _ROWS_AT_ONCE]
        change = update(TASKS).where(TASKS.c.home_id.in_(some), TASKS.c.state == former).values(state=state)
        moved += connection.execute(change.returning(TASKS.c.home_id)).scalars().all()
    return moved
