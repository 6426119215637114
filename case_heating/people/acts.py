"""What people did about the models, on record: who, when, what, why, and what came of it; written once, never changed.

An act is written down twice: when it begins, and when it ends. One that was cut short, as by a power cut, has no end,
and is told so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import Column, Connection, Date, Engine, Integer, String, Table, Text, UniqueConstraint, insert, select

from case_heating.errors import HeatingError
from case_heating.people.review_store import METADATA, Moment, changing, forbid_changes, reading

State = Literal["begun", "done", "failed", "stopped"]

ACTS = Table(
    "acts",
    METADATA,
    Column("entry_id", Integer, primary_key=True),
    Column("act_id", String, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("day", Date, nullable=False),
    Column("what", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("outcome", Text, nullable=False),
    UniqueConstraint("act_id", "state"),
)
"""Two rows per act, its beginning and its end."""

forbid_changes(ACTS)


@dataclass(frozen=True)
class Act:
    """What somebody did, and what came of it.

    Attributes
    ----------
    what
        ``retrain``, ``roll back``, or a choice such as ``pause``.
    by, reason
        Who, and why.
    begun
        When, in UTC; ``day`` is the calendar day where they sat.
    state
        ``begun`` while it goes on, or where it was cut short; ``done``, ``failed`` or ``stopped``.
    outcome
        What came of it, in words.
    """

    act_id: str
    what: str
    by: str
    reason: str
    begun: datetime
    day: date
    state: State
    outcome: str = ""
    ended: datetime | None = None


@dataclass
class Outcome:
    """Told by who acts, while the act is on record: ``words`` say what came of it."""

    words: str = ""


@contextmanager
def on_record(engine: Engine, what: str, *, by: str, reason: str, clock: Callable[[], datetime]) -> Iterator[Outcome]:
    """Write down that somebody does something, and, when the block ends, what came of it.

    Parameters
    ----------
    engine : Engine
        From ``open_store``.
    what, by, reason : str
        What is done, by whom and why.
    clock : callable
        Gives the moment, with its time zone.

    Raises
    ------
    HeatingError
        If nobody or no reason is named; then nothing was done.
    DatabaseError
        If the record cannot be written; then nothing was done.
    """
    if not (by.strip() and reason.strip()):
        raise HeatingError(f"to {what} needs a name and a reason, for the record; say why in a few words")
    act_id, outcome = uuid4().hex, Outcome()
    told = {"act_id": act_id, "what": what, "by": by.strip(), "reason": reason.strip()}

    def note(state: State, words: str) -> None:
        now = clock()
        with changing(engine) as connection:
            connection.execute(
                insert(ACTS).values(told | {"at": now, "day": now.date(), "state": state, "outcome": words})
            )

    note("begun", "")
    try:
        yield outcome
    except HeatingError as error:
        note("failed", str(error))
        raise
    except Exception as fault:
        note("failed", f"this is a fault of the program ({type(fault).__name__}: {fault})")
        raise
    except BaseException:  # somebody stopped it
        note("stopped", "it was stopped before it ended")
        raise
    note("done", outcome.words)


def read_acts(engine: Engine, *, most: int = 100) -> tuple[Act, ...]:
    """Read what was done last, the latest first."""
    with reading(engine) as connection:
        begun = connection.execute(
            select(ACTS).where(ACTS.c.state == "begun").order_by(ACTS.c.entry_id.desc()).limit(most)
        ).all()
        return tuple(
            _with_end(connection, Act(row.act_id, row.what, row.by, row.reason, row.at, row.day, "begun"), row.entry_id)
            for row in begun
        )


def _with_end(connection: Connection, act: Act, after: int) -> Act:
    ended = connection.execute(
        select(ACTS).where(ACTS.c.act_id == act.act_id, ACTS.c.entry_id > after).order_by(ACTS.c.entry_id)
    ).first()
    return act if ended is None else replace(act, state=ended.state, outcome=ended.outcome, ended=ended.at)
