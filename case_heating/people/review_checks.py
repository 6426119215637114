"""What must hold before a reviewer may do something with a home, and the words where it does not."""

from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from case_heating.errors import (
    AlreadyDecidedError,
    EmptyQueueError,
    LeaseExpiredError,
    ReviewError,
    UnknownHomeError,
    WrongReviewerError,
)
from case_heating.people.records import standing_decision, trail_of
from case_heating.people.review_store import PASSES, TASKS
from case_heating.schema import HEATING_FUELS


def check_reviewer(reviewer: str) -> None:
    """Refuse a reviewer without a name."""
    if not reviewer.strip():
        raise ReviewError("the reviewer has no name; say who you are, so that the trail can name you")


def check_reason(reason: str) -> None:
    """Refuse an empty reason."""
    if not reason.strip():
        raise ReviewError("the reason is empty; say in a few words what you saw, for whoever asks in a year")


def check_fuel(heating_fuel: str) -> None:
    """Refuse a fuel the schema does not know."""
    if heating_fuel not in HEATING_FUELS:
        raise ReviewError(f"{heating_fuel!r} is no heating fuel; there are {', '.join(HEATING_FUELS)}")


def task_of(connection: Connection, home_id: str, *, lock: bool = True) -> Row:
    """Find a home in the queue and lock it for the rest of the transaction, unless one only looks.

    Raises
    ------
    UnknownHomeError
        If the queue does not know the home.
    """
    query = select(TASKS).where(TASKS.c.home_id == home_id)
    task = connection.execute(query.with_for_update() if lock else query).first()
    if task is None:
        n_homes = connection.execute(select(func.count()).select_from(TASKS)).scalar_one()
        raise UnknownHomeError(
            f"the queue knows no home {home_id!r} among its {n_homes:,}; 'heating review list' names those that wait. "
            "Homes whose fuel somebody has seen, and those the machine is sure of, are not sent here; whoever knows "
            f"that an answer is wrong says so with 'heating review report {home_id} --reason \"…\"', or on the app's "
            "Home page"
        )
    return task


def check_hands_free(connection: Connection, reviewer: str, most: int) -> None:
    """Refuse to hand out another home to somebody who holds as many as one person may."""
    held = select(func.count()).select_from(TASKS).where(TASKS.c.state == "held", TASKS.c.reviewer == reviewer)
    if (n_held := connection.execute(held).scalar_one()) >= most:
        raise ReviewError(f"{reviewer} holds {n_held} homes already; decide or skip one of them before taking another")


def claimable_task(connection: Connection, home_id: str, reviewer: str, now: datetime) -> Row:
    """Find a home that a reviewer may take or holds, and lock it.

    Raises
    ------
    UnknownHomeError
        If the queue does not know the home.
    WrongReviewerError
        If it is not theirs to take.
    """
    task = task_of(connection, home_id)
    if task.state == "held" and task.reviewer != reviewer:
        raise WrongReviewerError(f"{task.reviewer} holds home {home_id} until {said(task.lease_until, now)}")
    if task.state not in ("waiting", "held"):
        raise WrongReviewerError(f"home {home_id} waits for nobody: it is {task.state}")
    own_pass = select(PASSES.c.barred).where(PASSES.c.home_id == home_id, PASSES.c.reviewer == reviewer)
    if task.state == "waiting" and connection.execute(own_pass).scalar():
        raise WrongReviewerError(
            f"home {home_id} waits for another pair of eyes than {reviewer}'s, who asked for a second opinion"
        )
    return task


def held_task(connection: Connection, home_id: str, reviewer: str, now: datetime) -> Row:
    """Find a home that a reviewer holds, and lock it.

    Raises
    ------
    UnknownHomeError, AlreadyDecidedError, LeaseExpiredError, WrongReviewerError
        If the reviewer does not hold it.
    """
    check_reviewer(reviewer)
    task = task_of(connection, home_id)
    if task.state == "decided":
        decision = standing_decision(trail_of(connection, home_id))
        told = f"{decision.reviewer} decided {decision.heating_fuel} on {decision.day}" if decision else "it is decided"
        raise AlreadyDecidedError(
            f"home {home_id} needs no more review: {told}; take the next with 'heating review next'"
        )
    if task.state == "held" and task.reviewer != reviewer:
        raise WrongReviewerError(
            f"{task.reviewer} holds home {home_id} until {said(task.lease_until, now)}; take another with "
            "'heating review next'"
        )
    last = trail_of(connection, home_id)[-1]
    if task.state == "held" and task.lease_until <= now:
        ended = task.lease_until
    elif task.state == "waiting" and last.action == "expired" and last.reviewer == reviewer:
        ended = last.at
    elif task.state == "held":
        return task
    else:
        raise WrongReviewerError(
            f"{reviewer} does not hold home {home_id}: it is {task.state}. Take a home with 'heating review next' first"
        )
    raise LeaseExpiredError(
        f"{reviewer} held home {home_id} until {said(ended, now)}, and it went back to the queue so that it is not "
        "lost; take it again with 'heating review next'"
    )


def empty_queue(connection: Connection, reviewer: str) -> EmptyQueueError:
    """Say why there is nothing to do, and when there may be."""
    counts = dict(
        connection.execute(select(TASKS.c.state, func.count()).group_by(TASKS.c.state)).tuples().all(),
    )
    told = [f"{n:,} {state}" for state, n in sorted(counts.items())]
    if not told:
        return EmptyQueueError("the queue is empty: no home was ever sent to people; 'heating review route' fills it")
    words = f"no home waits for {reviewer} ({', '.join(told)})"
    if counts.get("waiting"):
        return EmptyQueueError(f"{words}: those waiting need another pair of eyes than {reviewer}'s; ask a colleague")
    if counts.get("held"):
        return EmptyQueueError(
            f"{words}: the rest is with other reviewers and comes back if they do not decide in time"
        )
    return EmptyQueueError(f"{words}: all is done; 'heating review route' sends homes of a later run")


def said(moment: datetime, now: datetime) -> str:
    """Say a moment in the zone of the reviewer's clock."""
    return f"{moment.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S %Z}".strip()
