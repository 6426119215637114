"""What comes before a row is stored: it gets canonical columns, is checked, and is laid into Parquet files by month."""

import os
import threading
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from case_heating import schema
from case_heating.errors import TableError
from case_heating.features.stages import FEATURES, guard_against_leakage
from case_heating.features.store_log import Part, sync

_LAST_STAGE = FEATURES[-1].stage
_ROWS_TOGETHER = 16_384  # rows a reader must hold at once: small, so that little memory reads much data
_TIME = pa.timestamp("us")
_KEY_FIELDS = [("home_id", pa.string()), ("event_time", _TIME), ("known_at", _TIME)]
_FEATURE_FIELDS = [(feature.name, pa.float64() if feature.kind == "number" else pa.string()) for feature in FEATURES]
_LABEL_FIELDS = [("heating_fuel", pa.string()), ("source", pa.string())]


def feature_rows(matrix: pd.DataFrame, *, event_time: date, known_at: date | None = None) -> pd.DataFrame:
    """Turn a feature matrix into rows of the offline store.

    Parameters
    ----------
    matrix : DataFrame, shape (n_homes, n_features)
        As ``build_features`` gives it, indexed by ``home_id``; features of later stages may be absent.
    event_time : date
        The moment the rows speak for, ``as_of`` of the matrix.
    known_at : date, optional
        The day they became known; the same day if not given. A backfill or a correction has a later one.
    """
    times = {"event_time": pd.Timestamp(event_time), "known_at": pd.Timestamp(known_at or event_time)}
    columns = {feature.name: matrix[feature.name] for feature in FEATURES if feature.name in matrix}
    return pd.DataFrame({"home_id": matrix.index, **times} | {n: c.to_numpy() for n, c in columns.items()})


def incoming_features(rows: pd.DataFrame) -> pa.Table:
    """Put feature rows into the store's columns, in the order in which they became known.

    Raises
    ------
    TableError
        If a key is missing, a row is known before the moment it speaks for, or two rows of one key contradict.
    LeakageError
        If a column is no feature.
    """
    _need_columns(rows, "features", [name for name, _ in _KEY_FIELDS])
    guard_against_leakage([name for name in rows.columns if name not in dict(_KEY_FIELDS)], _LAST_STAGE)
    table = _conformed(rows, "features", [*_KEY_FIELDS, *_FEATURE_FIELDS])
    early = pc.less(table["known_at"], table["event_time"])
    if n_early := pc.sum(early).as_py():
        first = table.filter(early).slice(0, 1).to_pylist()[0]
        raise TableError(
            f"features: {n_early:,} of {table.num_rows:,} rows are known before the moment they speak for (first: home "
            f"{first['home_id']}, event_time {first['event_time']:%Y-%m-%d}, known_at {first['known_at']:%Y-%m-%d}); "
            "features are made from what is known at event_time, so known_at is that day or later"
        )
    keys = table.select(["home_id", "event_time", "known_at"]).to_pandas()
    if (repeated := keys.duplicated(keep=False)).any():
        again = table.filter(pa.array(repeated)).to_pandas()
        different = again.drop_duplicates().duplicated(["home_id", "event_time", "known_at"], keep=False)
        if different.any():
            first = again.drop_duplicates()[different].iloc[0]
            raise TableError(
                f"features: {different.sum():,} of {table.num_rows:,} rows contradict another of the same home, "
                f"event_time and known_at (first: home {first['home_id']}, event_time {first['event_time']:%Y-%m-%d}); "
                "keep one row of each"
            )
    return table.sort_by("known_at")


def incoming_labels(labels: pd.DataFrame) -> pa.Table:
    """Put labels into the store's columns, in the order in which they became known.

    Raises
    ------
    TableError
        If a column or a value is missing, or a fuel is none of the schema's.
    """
    fields = [*_KEY_FIELDS, *_LABEL_FIELDS]
    _need_columns(labels, "labels", [name for name, _ in fields])
    table = _conformed(labels[[name for name, _ in fields]].drop_duplicates(), "labels", fields)
    fuels = table["heating_fuel"].to_pandas()
    unknown = ~fuels.isin(schema.HEATING_FUELS)
    if unknown.any():
        raise TableError(
            f"labels.heating_fuel: {unknown.sum():,} of {table.num_rows:,} rows hold none of "
            f"{', '.join(schema.HEATING_FUELS)} (first: {fuels[unknown].iloc[0]!r}); check the tables first"
        )
    return table.sort_by("known_at")


def write_parts(rows: pa.Table, folder: Path, *, number: int, first_version: int) -> tuple[Part, ...]:
    """Write rows as one Parquet file per month of ``known_at``; they count once the log names them.

    Parameters
    ----------
    rows : Table
        Rows in the order in which they became known; each gets the next version.
    folder : Path
        The table's folder.
    number, first_version : int
        Number of the write, and the last version given before it.
    """
    versions = np.arange(first_version + 1, first_version + 1 + rows.num_rows, dtype="int64")
    versioned = rows.append_column("version", pa.array(versions))
    months = pc.strftime(versioned["known_at"], format="%Y-%m")
    parts = []
    for month in pc.unique(months).to_pylist():
        part = versioned.filter(pc.equal(months, month)).sort_by([("home_id", "ascending"), ("version", "ascending")])
        path = folder / f"known-{month}" / f"{number:06d}-{os.getpid()}-{threading.get_ident()}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(part, path, compression="zstd", compression_level=1, row_group_size=_ROWS_TOGETHER)
        sync(path)
        event, known = pc.min_max(part["event_time"]).as_py(), pc.min_max(part["known_at"]).as_py()
        parts.append(
            Part(
                path=path.relative_to(folder).as_posix(),
                rows=part.num_rows,
                size=path.stat().st_size,
                digest=sha256(path.read_bytes()).hexdigest(),
                event_from=event["min"].isoformat(),
                event_until=event["max"].isoformat(),
                known_from=known["min"].isoformat(),
                known_until=known["max"].isoformat(),
            )
        )
    return tuple(parts)


def _need_columns(frame: pd.DataFrame, what: str, names: list[str]) -> None:
    if absent := [name for name in names if name not in frame]:
        raise TableError(
            f"{what}: the columns {', '.join(absent)} are missing; there are {', '.join(map(str, frame.columns))}"
        )


def _conformed(frame: pd.DataFrame, what: str, fields: list[tuple[str, pa.DataType]]) -> pa.Table:
    """Columns in order and of their types; what may be missing and is absent becomes missing."""
    keys = {name for name, _ in _KEY_FIELDS} | {name for name, _ in _LABEL_FIELDS}
    columns: dict[str, pa.Array] = {}
    for name, kind in fields:
        if name not in frame:
            columns[name] = pa.nulls(len(frame), kind)
            continue
        try:
            values = frame[name].astype("datetime64[us]") if kind == _TIME else frame[name]
            columns[name] = pa.Array.from_pandas(values).cast(kind)
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise TableError(f"{what}.{name} cannot be stored as {kind}: {error}") from error
        if name in keys and (n_missing := columns[name].null_count):
            row = int(np.flatnonzero(columns[name].is_null())[0])
            raise TableError(
                f"{what}.{name}: {n_missing:,} of {len(frame):,} rows have none (first: row {row}); fill or leave out"
            )
    return pa.table(columns)
