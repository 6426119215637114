"""What was decided, by whom, and what was known then: written once, never changed, read back a year later."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pandas as pd
from sqlalchemy import Connection, Engine, Row, func, insert, select

from case_heating.errors import UnknownHomeError
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_store import AUDIT, RECORDS, ROUTINGS, reading

Action = Literal[
    "sent",
    "withdrawn",
    "claimed",
    "renewed",
    "expired",
    "skipped",
    "second_opinion",
    "decided",
    "undone",
    "reported",
    "sampled",
]
Fact = float | str | bool


@dataclass(frozen=True)
class AuditEntry:
    """One change to the queue.

    Attributes
    ----------
    at
        When, in UTC; ``day`` is the calendar day where the reviewer sat.
    heating_fuel
        What was decided, or what the reviewer leaned to who asked for a second opinion.
    true_since
        Day from which a decision holds.
    lease_until
        End of the time for which the home was handed out.
    """

    entry_id: int
    at: datetime
    day: date
    home_id: str
    action: str
    reviewer: str | None
    heating_fuel: str | None
    true_since: date | None
    reason: str
    lease_until: datetime | None


@dataclass(frozen=True)
class RunOfAnswers:
    """What the answers of one run have in common.

    Attributes
    ----------
    source
        Where the homes come from; a queue holds the homes of one source, for another may use the same names.
    as_of
        The moment the answers speak for.
    model_digest, stage
        Which model answered, and the stage of data it used.
    """

    source: str
    as_of: date
    model_digest: str
    stage: str


@dataclass(frozen=True)
class Record:
    """How one home was routed, with all that was known of it then."""

    home_id: str
    at: datetime
    day: date
    run: RunOfAnswers
    costs: ReviewCosts
    accepted: bool
    heating_fuel: str
    probability_of_gas: float | None
    threshold: float
    risk_usd: float
    reasons: tuple[str, ...]
    facts: dict[str, Fact]


@dataclass(frozen=True)
class Why:
    """How a home stood on a day: the answer in force, who gave it, and on what grounds.

    ``record`` is the machine's last word by then, ``trail`` what people did by then; ``first_day`` is the first day on
    which anything about the home was written down.
    """

    home_id: str
    on: date
    decided_by: Literal["machine", "people", "nobody"]
    heating_fuel: str | None
    record: Record | None
    trail: tuple[AuditEntry, ...]
    first_day: date


def note(
    connection: Connection,
    home_ids: Iterable[str],
    action: Action,
    now: datetime,
    *,
    reviewer: str | None = None,
    heating_fuel: str | None = None,
    true_since: date | None = None,
    reason: str = "",
    lease_until: datetime | None = None,
) -> None:
    """Write one line of the audit trail per home, in the transaction of the change it tells of."""
    shared = {
        "at": now,
        "day": now.date(),
        "action": action,
        "reviewer": reviewer,
        "heating_fuel": heating_fuel,
        "true_since": true_since,
        "reason": reason,
        "lease_until": lease_until,
    }
    if rows := [shared | {"home_id": home_id} for home_id in home_ids]:
        connection.execute(insert(AUDIT), rows)


def trail_of(connection: Connection, home_id: str) -> tuple[AuditEntry, ...]:
    """All that was done about one home, in order."""
    found = connection.execute(select(AUDIT).where(AUDIT.c.home_id == home_id).order_by(AUDIT.c.entry_id))
    return tuple(AuditEntry(**row._mapping) for row in found)


def read_trail(engine: Engine) -> pd.DataFrame:
    """Read the whole audit trail, shape (n_entries, 10), in order; columns as :class:`AuditEntry`."""
    with reading(engine) as connection:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.entry_id)).all()
    return pd.DataFrame(rows, columns=AUDIT.columns.keys())


def source_of(engine: Engine) -> str | None:
    """Name the source whose homes were routed with this database; nothing where none was yet."""
    with reading(engine) as connection:
        return connection.execute(select(ROUTINGS.c.source).limit(1)).scalar()


def last_record(connection: Connection, home_id: str, *, on: date | None = None) -> Record | None:
    """Give the last record of a home, by a day if one is named."""
    query = select(RECORDS, ROUTINGS).join(ROUTINGS).where(RECORDS.c.home_id == home_id)
    if on is not None:
        query = query.where(ROUTINGS.c.day <= on)
    row = connection.execute(query.order_by(RECORDS.c.record_id.desc()).limit(1)).first()
    return None if row is None else _record(row)


def why(engine: Engine, home_id: str, on: date) -> Why:
    """Tell how a home stood at the end of a day, from what was written down then.

    Raises
    ------
    UnknownHomeError
        If nothing was ever written down about the home.
    """
    with reading(engine) as connection:
        whole_trail = trail_of(connection, home_id)
        record = last_record(connection, home_id, on=on)
        first_routed = connection.execute(
            select(func.min(ROUTINGS.c.day)).join(RECORDS).where(RECORDS.c.home_id == home_id)
        ).scalar()
    days = [entry.day for entry in whole_trail] + ([first_routed] if first_routed else [])
    if not days:
        raise UnknownHomeError(
            f"nothing was ever written down about home {home_id!r}: its answers were not routed with 'heating review "
            "route', somebody had seen its fuel before, or its name is another. 'heating explain "
            f"{home_id}' says what is known of it now"
        )
    trail = tuple(entry for entry in whole_trail if entry.day <= on)
    if (decision := standing_decision(trail)) is not None:
        return Why(home_id, on, "people", decision.heating_fuel, record, trail, min(days))
    if record is not None and record.accepted:
        return Why(home_id, on, "machine", record.heating_fuel, record, trail, min(days))
    return Why(home_id, on, "nobody", None, record, trail, min(days))


def standing_decision(trail: Iterable[AuditEntry]) -> AuditEntry | None:
    """Give the decision that stands at the end of a trail: the last one, unless it was undone."""
    last = None
    for entry in trail:
        if entry.action in ("decided", "undone"):
            last = entry
    return last if last is not None and last.action == "decided" else None


def _record(row: Row) -> Record:
    told = row._mapping
    return Record(
        home_id=told["home_id"],
        at=told["at"],
        day=told["day"],
        run=RunOfAnswers(told["source"], told["as_of"], told["model_digest"], told["stage"]),
        costs=ReviewCosts(**json.loads(told["costs"])),
        accepted=told["accepted"],
        heating_fuel=told["heating_fuel"],
        probability_of_gas=told["probability_of_gas"],
        threshold=told["threshold"],
        risk_usd=told["risk_usd"],
        reasons=tuple(json.loads(told["reasons"])),
        facts={name: value for name, value in json.loads(told["facts"]).items() if value is not None},
    )
