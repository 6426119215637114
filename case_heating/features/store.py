"""The offline store: every version of every home's features, and the labels, with both their times.

Training asks it what was *known* of homes at moments; what became known later is never seen. It lies in Parquet files
(:mod:`.store_table`), and DuckDB answers (:mod:`.store_reads`) within the memory it is given. The store that serves
answers is another one (:mod:`.online`), which nothing here reads or locks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from case_heating.errors import TableError
from case_heating.features import store_reads
from case_heating.features.stages import FEATURE, FEATURES
from case_heating.features.store_log import Write
from case_heating.features.store_table import StoredTable
from case_heating.features.store_writes import feature_rows, incoming_features, incoming_labels
from case_heating.schema import LABELS

__all__ = ["OfflineStore", "Written", "feature_rows"]

_FEATURE_TYPES = {feature.name: "DOUBLE" if feature.kind == "number" else "VARCHAR" for feature in FEATURES}
_LABEL_TYPES = {"heating_fuel": "VARCHAR", "source": "VARCHAR"}


@dataclass(frozen=True)
class Written:
    """What a write added, how many rows said nothing new, and the digest of the whole store afterwards."""

    added: int
    unchanged: int
    digest: str


@dataclass(frozen=True)
class OfflineStore:
    """Features and labels in a folder.

    Attributes
    ----------
    folder
        Where they lie; made by the first write.
    memory_mb
        Memory that DuckDB may use; what a question needs beyond it goes to the disk. [MB]
    threads
        Threads that DuckDB may use.
    """

    folder: Path
    memory_mb: int = 1024
    threads: int = 2

    @property
    def _features(self) -> StoredTable:
        # What was known of features at a moment must stay so, or no training could be repeated.
        new = store_reads.changed_positions
        return StoredTable(self.folder / "features", _FEATURE_TYPES, new, False, self.memory_mb, self.threads)

    @property
    def _labels(self) -> StoredTable:
        # The utility may have known a label long before the office that saw it sent it in.
        new = store_reads.absent_positions
        return StoredTable(self.folder / "labels", _LABEL_TYPES, new, True, self.memory_mb, self.threads)

    def write_features(self, rows: pd.DataFrame) -> Written:
        """Add feature rows: all of them, or none where anything goes wrong.

        A row that says the same as what was known of its home and ``event_time`` before is not stored again.

        Parameters
        ----------
        rows : DataFrame
            ``home_id``, ``event_time``, ``known_at`` and features, from :func:`feature_rows`.

        Raises
        ------
        TableError, LeakageError
            If the rows are not as they must be.
        StoreError
            If the store is damaged, or a row would change what was known in the past.
        WorkspaceError
            If the disk is full or the folder may not be written.
        """
        return self._written(self._features, incoming_features(rows), len(rows))

    def write_labels(self, labels: pd.DataFrame) -> Written:
        """Add labels, in the columns of ``schema.LABELS``: all of them, or none; those held already add nothing.

        Raises
        ------
        TableError, StoreError, WorkspaceError
            As :meth:`write_features`.
        """
        return self._written(self._labels, incoming_labels(labels), len(labels))

    def read_features(self, requests: pd.DataFrame, features: Sequence[str] | None = None) -> pd.DataFrame:
        """Features of homes as they were known at moments.

        Parameters
        ----------
        requests : DataFrame, shape (n_requests, n_columns)
            ``home_id``, ``moment`` and any others, which are kept.
        features : sequence of str, optional
            Which features; all if not given.

        Returns
        -------
        DataFrame, shape (n_requests, n_columns + 2 + n_features)
            The requests, in their order, each with ``event_time``, ``known_at`` and features of the row with the
            latest ``event_time`` up to the moment among those known by then, in its latest version by then; missing
            where nothing was known.

        Raises
        ------
        TableError
            If a request lacks its home or moment, or there is no such feature.
        StoreError
            If a file of the store is damaged; it names the file.
        """
        wanted = list(_FEATURE_TYPES if features is None else features)
        if unknown := [name for name in wanted if name not in FEATURE]:
            raise TableError(f"there is no feature {', '.join(unknown)}; 'heating features list' names those there are")
        asked = _asked(requests)
        latest = asked["moment"].max()
        table = self._features
        files = table.files(lambda part: pd.Timestamp(part.known_from) <= latest)
        with table.asking() as database:
            database.register("requests", pa.Table.from_pandas(asked, preserve_index=False))
            question = store_reads.known_then(files, table.types, wanted)
            answers = database.sql(question).to_arrow_table().to_pandas()
        answers = answers.set_index("position").reindex(asked["position"]).reset_index(drop=True)
        return pd.concat([requests.reset_index(drop=True), answers], axis="columns")

    def latest_features(self, as_of: date, homes: Sequence[str] | None = None) -> pd.DataFrame:
        """Give the feature matrix as it was known at one moment, as ``build_features`` gives it.

        Parameters
        ----------
        as_of : date
            The moment.
        homes : sequence of str, optional
            Which homes, and their order; if not given all that were known, sorted.
        """
        if homes is not None:
            requests = pd.DataFrame({"home_id": pd.Series(list(homes), dtype="str"), "moment": pd.Timestamp(as_of)})
            return self.read_features(requests).set_index("home_id")[list(_FEATURE_TYPES)]
        return self.latest_rows(as_of).set_index("home_id")[list(_FEATURE_TYPES)]

    def latest_rows(self, as_of: date) -> pd.DataFrame:
        """Of each home known at a moment the row that answers, with its two times and its version, sorted by home."""
        return self._features.rows(store_reads.standing_at, moment=pd.Timestamp(as_of))

    def read_labels(self, as_of: date) -> pd.DataFrame:
        """All labels known at a moment, as they were written, in the columns of ``schema.LABELS``."""
        rows = self._labels.rows(store_reads.all_known, moment=pd.Timestamp(as_of))
        return rows[list(LABELS.column_names)]

    def latest_labels(self, as_of: date) -> pd.DataFrame:
        """Of each home the label that stood at a moment, sorted by home, in the columns of ``schema.LABELS``."""
        rows = self._labels.rows(store_reads.standing_at, moment=pd.Timestamp(as_of))
        return rows[list(LABELS.column_names)]

    def history(self, home_id: str) -> pd.DataFrame:
        """All feature rows ever written of a home, each with its version, in the order in which they were written."""
        return self._features.rows(store_reads.of_home, home_id=home_id)

    def newest_above(self, version: int) -> Iterator[pa.RecordBatch]:
        """Of each home the newest row among those written after a version, in batches."""
        table = self._features
        question = store_reads.newest_above(table.files(after=version), table.types)
        with table.asking() as database:
            yield from database.sql(question, params={"above": version}).to_arrow_reader(20_000)

    def writes(self) -> list[Write]:
        """All writes of features, in order."""
        return self._features.writes()

    def digest(self) -> str:
        """Digest of everything stored, for lineage; empty where nothing is."""
        digests = [table.last_write().digest[:16] for table in (self._features, self._labels)]
        return "-".join(digests) if any(digests) else ""

    def learned_until(self) -> date | None:
        """Give the last day on which the store learned anything of features."""
        learned = self._features.last_write().learned_until
        return date.fromisoformat(learned) if learned else None

    def verify(self) -> None:
        """Compare every file with the digest it was written with.

        Raises
        ------
        StoreError
            If one is missing or was changed; it names the file and what to do.
        """
        for table in (self._features, self._labels):
            table.verify()

    def _written(self, table: StoredTable, incoming: pa.Table, n_rows: int) -> Written:
        added = table.add(incoming)
        return Written(added, n_rows - added, self.digest())


def _asked(requests: pd.DataFrame) -> pd.DataFrame:
    """Give each request its position, with times as the store holds them."""
    if absent := [name for name in ("home_id", "moment") if name not in requests]:
        raise TableError(f"requests: the columns {', '.join(absent)} are missing; a request names a home and a moment")
    asked = pd.DataFrame(
        {
            "position": range(len(requests)),
            "home_id": requests["home_id"].to_numpy(),
            "moment": pd.to_datetime(requests["moment"]).astype("datetime64[us]").to_numpy(),
        }
    ).astype({"home_id": "str"})
    if n_missing := int(asked[["home_id", "moment"]].isna().any(axis="columns").sum()):
        raise TableError(f"requests: {n_missing:,} of {len(asked):,} rows name no home or no moment; leave them out")
    return asked
