"""Where reviews are kept: tables, the triggers that make the trail append-only, and how a database is opened.

SQLite lies in the workspace and needs nothing; PostgreSQL is named by a URL. On both a change is one transaction:
SQLite takes its write lock at the beginning (``BEGIN IMMEDIATE``), PostgreSQL locks the rows it looks at
(``FOR UPDATE SKIP LOCKED``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    URL,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    exc,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, OperationalError

from case_heating.errors import DatabaseError

REVIEW_FILE = "review.sqlite"
_BUSY_S = 60  # how long a writer waits for SQLite's one write lock before it gives up
_ONE_AT_A_TIME = 7_243_001  # any number that all processes of this project share
_READING = {"reading": True}


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn it into UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; hand in datetime.now().astimezone()")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()

TASKS = Table(
    "review_tasks",
    METADATA,
    Column("home_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("heating_fuel", String, nullable=False),
    Column("probability_of_gas", Float),
    Column("risk_usd", Float, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("reviewer", String),
    Column("lease_until", Moment),
    CheckConstraint("state IN ('waiting', 'held', 'decided', 'withdrawn')", name="known_state"),
    CheckConstraint(
        "(state = 'held') = (reviewer IS NOT NULL) AND (state = 'held') = (lease_until IS NOT NULL)", name="held_by_one"
    ),
    Index("review_tasks_by_risk", "state", text("risk_usd DESC"), "home_id"),
    Index("review_tasks_held", "reviewer", "lease_until"),
)
"""The queue: one row per home, so that a home can be held by one reviewer only."""

PASSES = Table(
    "review_passes",
    METADATA,
    Column("home_id", ForeignKey(TASKS.c.home_id), primary_key=True),
    Column("reviewer", String, primary_key=True),
    Column("barred", Boolean, nullable=False),
)
"""Who passed a home on: a skipped home comes last for its skipper, a second opinion never goes to who asked for it."""

AUDIT = Table(
    "review_audit",
    METADATA,
    Column("entry_id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("day", Date, nullable=False),
    Column("home_id", String, nullable=False, index=True),
    Column("action", String, nullable=False),
    Column("reviewer", String),
    Column("heating_fuel", String),
    Column("true_since", Date),
    Column("reason", Text, nullable=False, default=""),
    Column("lease_until", Moment),
)
"""Every change to the queue, in order; decisions are read from here."""

ROUTINGS = Table(
    "routings",
    METADATA,
    Column("routing_id", Integer, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("source", String, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("model_digest", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("costs", Text, nullable=False),
)
"""One row per time answers were routed: which model, which costs, which moment it spoke for."""

RECORDS = Table(
    "routing_records",
    METADATA,
    Column("record_id", Integer, primary_key=True),
    Column("routing_id", ForeignKey(ROUTINGS.c.routing_id), nullable=False),
    Column("home_id", String, nullable=False, index=True),
    Column("accepted", Boolean, nullable=False),
    Column("heating_fuel", String, nullable=False),
    Column("probability_of_gas", Float),
    Column("threshold", Float, nullable=False),
    Column("risk_usd", Float, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("facts", Text, nullable=False),
    UniqueConstraint("routing_id", "home_id"),
)
"""One row per home and routing: what was known, what was answered, whether the machine's word was taken."""

APPEND_ONLY = (AUDIT, ROUTINGS, RECORDS)


def forbid_changes(table: Table) -> None:
    """Let the database itself refuse to change or delete a row once it is written."""
    (key,) = table.primary_key.columns.keys()
    words = f"{table.name} is append-only"
    refusals = {
        "update": f"BEFORE UPDATE ON {table.name}",
        "delete": f"BEFORE DELETE ON {table.name}",
        # INSERT OR REPLACE deletes the old row without waking the trigger on DELETE
        "replace": f"BEFORE INSERT ON {table.name} WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {key} = NEW.{key})",  # noqa: S608  # names of this file
    }
    for name, when in refusals.items():
        ddl = f"CREATE TRIGGER {table.name}_no_{name} {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        event.listen(table, "after_create", DDL(ddl).execute_if(dialect="sqlite"))
    for ddl in (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table.name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ):
        event.listen(table, "after_create", DDL(ddl).execute_if(dialect="postgresql"))


for _table in APPEND_ONLY:
    forbid_changes(_table)


def sqlite_url(workspace: Path) -> str:
    """Name the database that lies in a workspace.

    >>> sqlite_url(Path("somewhere"))
    'sqlite:///somewhere/review.sqlite'
    """
    return URL.create("sqlite", database=(workspace / REVIEW_FILE).as_posix()).render_as_string()


def open_store(url: str) -> Engine:
    """Open the database, making its tables where they are not there.

    Parameters
    ----------
    url : str
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``.

    Raises
    ------
    DatabaseError
        If the URL is none, names a database this project does not speak to, or the database cannot be opened.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "the database URL cannot be read; write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE"
        ) from error
    kind = address.get_backend_name()
    if kind == "postgres":
        kind = "postgresql"
    if kind not in ("sqlite", "postgresql"):
        raise DatabaseError(f"{kind} is not a database reviews can be kept in; name a postgresql:// or sqlite:/// URL")
    engine = _sqlite(address) if kind == "sqlite" else _postgresql(address)
    with changing(engine) as connection:
        one_at_a_time(connection)
        METADATA.create_all(connection)
    return engine


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """Hand out a connection in one transaction: all its changes are kept, or none.

    Raises
    ------
    DatabaseError
        If the database cannot be reached or written.
    """
    with _plain_words(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hand out a connection for looking only; it holds nobody up.

    Raises
    ------
    DatabaseError
        If the database cannot be reached.
    """
    with _plain_words(engine), engine.connect().execution_options(**_READING) as connection:
        yield connection


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other process does a change of this kind; SQLite lets only one change anything anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})


@contextmanager
def _plain_words(engine: Engine) -> Iterator[None]:
    place = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except OperationalError as error:
        raise DatabaseError(
            f"the database {place} cannot be used: {str(error.orig).strip()}. Check that it runs, that the URL is "
            "right and that it may be written; without --database reviews are kept in the workspace"
        ) from error
    except exc.DatabaseError as error:
        if type(error) is not exc.DatabaseError:  # its children say that a row was refused, which is no damage
            raise
        raise DatabaseError(
            f"the database {place} cannot be read: {str(error.orig).strip()}. Put a copy of it back; where nobody has "
            "decided anything yet, move it away and 'heating review route' makes it anew"
        ) from error


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # this module says BEGIN itself
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
        connection.execute("PRAGMA synchronous = FULL")  # a decision survives a power cut

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        only_looks = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if only_looks else "BEGIN IMMEDIATE")

    return engine


def _postgresql(address: URL) -> Engine:
    try:
        return create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DatabaseError("PostgreSQL needs one more package: pip install 'psycopg[binary]'") from error
