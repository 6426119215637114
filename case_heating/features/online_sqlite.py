"""The online store in one SQLite file: no server, readers of many processes, one writer that never blocks them."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from case_heating.errors import StoreError
from case_heating.workspace import plain_words

_BUSY_S = 60  # how long a second materialisation waits for the first
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (
    home_id TEXT PRIMARY KEY, event_time INTEGER NOT NULL, known_at INTEGER NOT NULL, version INTEGER NOT NULL,
    written INTEGER NOT NULL, features BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), held TEXT NOT NULL);
"""
_COLUMNS = "event_time, known_at, version, written, features"
_GET = f"SELECT {_COLUMNS} FROM rows WHERE home_id = ?"  # noqa: S608  # names of this file
_GET_MANY = f"SELECT home_id, {_COLUMNS} FROM rows WHERE home_id IN (SELECT value FROM json_each(?))"  # noqa: S608
_REPLACE = "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?)"
_KEEP_NEWER = """
INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (home_id) DO UPDATE SET
    event_time = excluded.event_time, known_at = excluded.known_at, version = excluded.version,
    written = excluded.written, features = excluded.features
WHERE (excluded.event_time, excluded.known_at, excluded.version) > (event_time, known_at, version)
"""


class SqliteRows:
    """Rows in a file, in write-ahead mode: a reader sees what stood before a write until it is whole.

    Each thread reads through a connection of its own.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        with plain_words(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
        with self._plain_words():
            self._connection().executescript(_TABLES)

    def get(self, home_id: str) -> Any:
        """One home's row."""
        with self._plain_words():
            return self._connection().execute(_GET, (home_id,)).fetchone()

    def get_many(self, home_ids: Sequence[str]) -> list[Any]:
        """Several homes' rows, by one statement."""
        with self._plain_words():
            found = self._connection().execute(_GET_MANY, (json.dumps(list(home_ids)),)).fetchall()
        rows = {row[0]: row[1:] for row in found}
        return [rows.get(home_id) for home_id in home_ids]

    def held(self) -> str:
        """Up to which write of the offline store this one was brought."""
        with self._plain_words():
            found = self._connection().execute("SELECT held FROM state").fetchone()
        return found[0] if found else ""

    def put(self, batches: Iterable[list[Any]], *, written: int, held: str, afresh: bool) -> tuple[int, int]:
        """Keep rows unless a newer one is held, all in one transaction."""
        connection = self._connection()
        kept = older = 0
        with self._plain_words():
            connection.execute("BEGIN IMMEDIATE")
            try:
                if afresh:
                    connection.execute("DELETE FROM rows")
                for batch in batches:
                    before = connection.total_changes
                    new = [(home, event, known, version, written, row) for home, event, known, version, row in batch]
                    connection.executemany(_REPLACE if afresh else _KEEP_NEWER, new)
                    changed = connection.total_changes - before
                    kept, older = kept + changed, older + len(batch) - changed
                connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?)", (held,))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        return kept, older

    def count(self) -> int:
        """How many homes are held."""
        with self._plain_words():
            return int(self._connection().execute("SELECT count(*) FROM rows").fetchone()[0])

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._open:
            self._open.pop().close()
        self._threads = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            # closing is the only thing another thread ever does with it
            connection = sqlite3.connect(self._file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._threads.connection = connection
            self._open.append(connection)
            connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
            connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes can be brought again
        return connection

    @contextmanager
    def _plain_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"the online store {self._file} cannot be used: {error}. If it is damaged, delete it: "
                "'heating features materialise' makes it anew from the offline store"
            ) from error
