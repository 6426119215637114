"""The questions asked of stored rows, in SQL: what was known at a moment, and what a write would change.

A row becomes visible at the later of its two times: when it happened and when it became known. Of a home's visible rows
that with the latest ``event_time`` answers, of several versions of it the one known last, of those known on
one day the one written last. ``ASOF JOIN`` compares one time only. So rows that never answer go first: of
those that become visible together all but the best, then each that speaks for an earlier event than one visible before
it (a late correction of the past does not replace what is known of the present). What is left improves with time,
and the last row visible at a moment is the answer.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

KEYS = {"home_id": "VARCHAR", "event_time": "TIMESTAMP", "known_at": "TIMESTAMP", "version": "BIGINT"}

_NARROW = "home_id, event_time, known_at, version, greatest(event_time, known_at) AS visible_at"


@contextmanager
def connect(folder: Path, *, memory_mb: int, threads: int) -> Iterator[Any]:
    """Open a DuckDB that uses so much memory at most and puts what exceeds it on the disk, into the store's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spill-", dir=folder) as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
        }
        with duckdb.connect(":memory:", config=config) as database:
            yield database


def stored_rows(files: Sequence[Path], types: dict[str, str]) -> str:
    """All rows of some Parquet files, as a subquery; a column that a file does not have is missing there."""
    typed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in (KEYS | types).items())
    if not files:
        return f"(SELECT {typed} WHERE false)"
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    read = f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"  # noqa: S608
    return f"(SELECT {typed} WHERE false UNION ALL BY NAME {read})"


def standing_rows(rows: str) -> str:
    """Leave out the rows of a table (keys, version, ``visible_at``) that answer at no moment."""
    return f"""(
        SELECT * FROM (
            SELECT * FROM {rows}
            QUALIFY row_number() OVER (
                PARTITION BY home_id, visible_at ORDER BY event_time DESC, known_at DESC, version DESC
            ) = 1
        )
        QUALIFY event_time = max(event_time) OVER (PARTITION BY home_id ORDER BY visible_at ROWS UNBOUNDED PRECEDING)
    )"""  # noqa: S608


def known_then(files: Sequence[Path], types: dict[str, str], wanted: Sequence[str]) -> str:
    """Join each of ``requests`` (position, home_id, moment) with what was known then; leaves out what knew nothing."""
    rows = stored_rows(files, types)
    asked = f"(SELECT {_NARROW} FROM {rows} SEMI JOIN requests USING (home_id))"  # noqa: S608
    columns = "".join(f', held."{name}"' for name in wanted)
    return f"""
        WITH chosen AS MATERIALIZED (
            SELECT position, version FROM requests ASOF JOIN {standing_rows(asked)} AS standing
            ON requests.home_id = standing.home_id AND requests.moment >= standing.visible_at
        )
        SELECT position, held.event_time, held.known_at{columns}
        FROM {rows} AS held JOIN chosen USING (version)
    """  # noqa: S608


def standing_at(files: Sequence[Path], types: dict[str, str]) -> str:
    """Of each home the row that answers at the moment ``$moment``, in the order of homes."""
    rows = stored_rows(files, types)
    known = f"(SELECT {_NARROW} FROM {rows} WHERE event_time <= $moment AND known_at <= $moment)"  # noqa: S608
    return f"SELECT held.* FROM {rows} AS held SEMI JOIN {_best(known)} USING (version) ORDER BY home_id"  # noqa: S608


def all_known(files: Sequence[Path], types: dict[str, str]) -> str:
    """All rows that were known at the moment ``$moment``, in the order in which they were written."""
    return f"""
        SELECT * FROM {stored_rows(files, types)} WHERE event_time <= $moment AND known_at <= $moment ORDER BY version
    """  # noqa: S608


def of_home(files: Sequence[Path], types: dict[str, str]) -> str:
    """All rows of the home ``$home_id``, in the order in which they were written."""
    return f"SELECT * FROM {stored_rows(files, types)} WHERE home_id = $home_id ORDER BY version"  # noqa: S608


def homes_held(files: Sequence[Path], types: dict[str, str]) -> str:
    """Rows of the table ``late`` whose home is held."""
    return f"SELECT home_id, known_at FROM late SEMI JOIN {stored_rows(files, types)} USING (home_id) ORDER BY ALL"  # noqa: S608


def newest_above(files: Sequence[Path], types: dict[str, str]) -> str:
    """Of each home the newest row among those written after the version ``$above``."""
    rows = stored_rows(files, types)
    written = f"(SELECT {_NARROW} FROM {rows} WHERE version > $above)"  # noqa: S608
    return f"SELECT held.* FROM {rows} AS held SEMI JOIN {_best(written)} USING (version)"  # noqa: S608


def _best(rows: str) -> str:
    """Of each home the version of the row that speaks for the latest event, known last, written last."""
    return f"""(
        SELECT arg_max(version, (event_time, known_at, version)) AS version FROM {rows} GROUP BY home_id
    )"""  # noqa: S608


def changed_positions(files: Sequence[Path], types: dict[str, str]) -> str:
    """Positions of the rows of ``incoming`` that say something else than what was known of the same event before."""
    values = ", ".join(f'"{name}"' for name in types)
    held = f"(SELECT * FROM {stored_rows(files, types)} SEMI JOIN incoming USING (home_id, event_time))"  # noqa: S608
    return f"""
        WITH both_sides AS (
            SELECT home_id, event_time, known_at, NULL AS position, version, row({values}) AS says FROM {held}
            UNION ALL
            SELECT home_id, event_time, known_at, position, NULL, row({values}) FROM incoming
        )
        SELECT position FROM (
            SELECT position, says, lag(says) OVER former AS said, row_number() OVER former = 1 AS first
            FROM both_sides
            WINDOW former AS (
                PARTITION BY home_id, event_time ORDER BY known_at, version NULLS LAST, position
            )
        )
        WHERE position IS NOT NULL AND (first OR says IS DISTINCT FROM said)
        ORDER BY position
    """  # noqa: S608


def absent_positions(files: Sequence[Path], types: dict[str, str]) -> str:
    """Positions of the rows of ``incoming`` that are not held word for word."""
    columns = ("home_id", "event_time", "known_at", *types)
    same = " AND ".join(f'held."{name}" IS NOT DISTINCT FROM incoming."{name}"' for name in columns)
    return f"""
        SELECT position FROM incoming ANTI JOIN {stored_rows(files, types)} AS held ON {same} ORDER BY position
    """  # noqa: S608
