"""One append-only table: Parquet files by the month in which rows became known, and the log that says which count.

Nothing is ever overwritten: a row is added only where it says something new, and what was known at a moment stays.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from case_heating.errors import StoreError
from case_heating.features import store_log, store_reads
from case_heating.features.store_log import NOTHING, Part, Write
from case_heating.features.store_writes import write_parts
from case_heating.workspace import plain_words

Question = Callable[..., str]
"""Makes SQL from the files to ask and the types of their columns; see :mod:`.store_reads`."""


@dataclass(frozen=True)
class StoredTable:
    """A table in a folder of its own.

    Attributes
    ----------
    folder
        Where it lies.
    types
        DuckDB's type of each column beside the keys.
    says_something_new
        Which rows of ``incoming`` are not held yet.
    may_know_late
        Whether a new row may be dated before the last day the table learned something.
    memory_mb, threads
        What DuckDB may use. [MB, 1]
    """

    folder: Path
    types: dict[str, str]
    says_something_new: Question
    may_know_late: bool
    memory_mb: int
    threads: int

    def writes(self) -> list[Write]:
        """All writes, in order."""
        return store_log.read_log(self.folder)

    def last_write(self) -> Write:
        """Give the last write, or the state before the first."""
        return _last(self.writes())

    def files(self, wanted: Callable[[Part], bool] = lambda _part: True, *, after: int = 0) -> list[Path]:
        """Files of writes that gave versions above ``after``, those that are wanted."""
        return _files_of(self.folder, self.writes(), wanted, after)

    def rows(self, question: Question, **values: Any) -> pd.DataFrame:
        """Answer a question that all files may be needed for."""
        files = self.files()
        with self.asking() as database:
            return database.sql(question(files, self.types), params=values).to_arrow_table().to_pandas()

    def add(self, incoming: pa.Table) -> int:
        """Add the rows that say something new, in one step, and tell how many they are.

        Raises
        ------
        StoreError
            If the table is damaged, or a row would change what was known in the past.
        WorkspaceError
            If the disk is full or the folder may not be written.
        """
        numbered = incoming.append_column("position", pa.array(range(incoming.num_rows), pa.int64()))
        latest = pc.max(incoming["known_at"]).as_py()
        while True:
            writes = self.writes()
            former = _last(writes)
            new = self._new(numbered, writes)
            if not self.may_know_late:
                self._refuse_rewriting(new, writes)
            learned_until = max(former.learned_until, latest.date().isoformat() if latest else "")
            if new.num_rows == 0 and learned_until == former.learned_until:
                return 0
            with plain_words(self.folder):
                parts = write_parts(new, self.folder, number=former.number + 1, first_version=former.last_version)
                write = store_log.append(self.folder, former, parts, learned_until)
                if write:
                    store_log.sweep(self.folder, [*writes, write])
                    return new.num_rows
                for part in parts:  # another writer was first: begin again on top of what it wrote
                    (self.folder / part.path).unlink(missing_ok=True)

    def verify(self) -> None:
        """Compare every file with the digest it was written with.

        Raises
        ------
        StoreError
            If one is missing or was changed; it names the file and what to do.
        """
        for part in (part for write in self.writes() for part in write.parts):
            path = self.folder / part.path
            try:
                with path.open("rb") as file:
                    whole = file_digest(file, "sha256").hexdigest() == part.digest
            except OSError:
                whole = False
            if not whole:
                raise StoreError(f"{path} is missing or damaged; {store_log.remedy(self.folder)}")

    @contextmanager
    def asking(self) -> Iterator[Any]:
        """Hand out a DuckDB.

        Raises
        ------
        StoreError
            If a file cannot be read, which it names, or if more memory is needed than may be used.
        """
        try:
            with (
                plain_words(self.folder),
                store_reads.connect(self.folder, memory_mb=self.memory_mb, threads=self.threads) as database,
            ):
                yield database
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"{self.folder} needs more than the {self.memory_mb:,} MB it may use, or more space on its disk; "
                "give it more memory or ask for fewer homes at a time"
            ) from error
        except duckdb.Error as error:
            self.verify()
            raise StoreError(f"{self.folder} cannot be asked: {error}") from error

    def _new(self, incoming: pa.Table, writes: list[Write]) -> pa.Table:
        """Keep the rows that say something new."""
        if incoming.num_rows == 0:
            return incoming.drop_columns("position")
        events = pc.min_max(incoming["event_time"]).as_py()
        first, last = pd.Timestamp(events["min"]), pd.Timestamp(events["max"])
        files = _files_of(
            self.folder,
            writes,
            lambda part: pd.Timestamp(part.event_from) <= last and pd.Timestamp(part.event_until) >= first,
        )
        with self.asking() as database:
            database.register("incoming", incoming)
            found = database.sql(self.says_something_new(files, self.types)).to_arrow_table()["position"]
        return incoming.take(found).drop_columns("position")

    def _refuse_rewriting(self, new: pa.Table, writes: list[Write]) -> None:
        """Refuse new rows of homes already held that are dated before the last day anything was learned."""
        learned_until = _last(writes).learned_until
        if not learned_until:
            return
        late = new.filter(pc.less(new["known_at"], pa.scalar(pd.Timestamp(learned_until), pa.timestamp("us"))))
        if late.num_rows == 0:
            return
        with self.asking() as database:
            database.register("late", late.select(["home_id", "known_at"]))
            question = store_reads.homes_held(_files_of(self.folder, writes), self.types)
            held = database.sql(question).fetchall()
        if held:
            home_id, known_at = held[0]
            raise StoreError(
                f"{len(held):,} of {new.num_rows:,} new rows would change what {self.folder} knew in the past (first: "
                f"home {home_id}, known_at {known_at:%Y-%m-%d}, and it has learned until {learned_until}). If the "
                "clock was set back, set it right; give a backfill or a correction the day on which it became known"
            )


def _files_of(
    folder: Path, writes: list[Write], wanted: Callable[[Part], bool] = lambda _part: True, after: int = 0
) -> list[Path]:
    return [
        folder / part.path for write in writes if write.last_version > after for part in write.parts if wanted(part)
    ]


def _last(writes: list[Write]) -> Write:
    return writes[-1] if writes else NOTHING
