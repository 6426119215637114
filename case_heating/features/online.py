"""The online store: of each home the newest row of features, ready in a fraction of a millisecond.

It holds a copy of what the offline store knows, brought up by :func:`materialise`; nobody else writes to it. A row is
one value: the numbers as 64-bit floats, the categories as JSON, bit for bit what was stored. SQLite keeps it in the
workspace (:mod:`.online_sqlite`), Redis serves many machines (:mod:`.online_redis`).
"""

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from case_heating.errors import StoreError
from case_heating.features.online_redis import RedisRows
from case_heating.features.online_sqlite import SqliteRows
from case_heating.features.stages import FEATURES
from case_heating.features.store import OfflineStore
from case_heating.features.store_log import NOTHING, Write

_NUMBERS = tuple(feature.name for feature in FEATURES if feature.kind == "number")
_CATEGORIES = tuple(feature.name for feature in FEATURES if feature.kind == "category")
_NAMES = [feature.name for feature in FEATURES]
_MARK = sha256(json.dumps([_NUMBERS, _CATEGORIES]).encode()).digest()[:8]  # which features a row holds, in which order
_DOUBLES = struct.Struct(f"<8s{len(_NUMBERS)}d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEDY = "bring it up to date with 'heating features materialise'"

StoredRow = tuple[int, int, int, int, bytes]
"""``event_time``, ``known_at``, version, ``written`` and the packed features; times in microseconds since 1970."""

NewRow = tuple[str, int, int, int, bytes]
"""A home's name, ``event_time``, ``known_at``, version and the packed features."""


class Rows(Protocol):
    """What SQLite and Redis do alike."""

    def get(self, home_id: str) -> StoredRow | None:
        """One home's row."""

    def get_many(self, home_ids: Sequence[str]) -> list[StoredRow | None]:
        """Several homes' rows in one round trip."""

    def held(self) -> str:
        """Digest of the write of the offline store up to which this one was brought; empty at first."""

    def put(self, batches: Iterable[list[NewRow]], *, written: int, held: str, afresh: bool) -> tuple[int, int]:
        """Keep rows unless a newer one is held, then note ``held``; how many were kept, and how many were older.

        ``afresh``: keep them whatever is held, and let go of the homes that are not among them.
        """

    def count(self) -> int:
        """How many homes are held."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True)
class OnlineRow:
    """A home as it is served: its features, the moment they speak for, when they became known, when they came here.

    Missing numbers are NaN, missing categories ``None``.
    """

    home_id: str
    features: dict[str, float | str | None]
    event_time: datetime
    known_at: datetime
    written: datetime
    version: int


@dataclass(frozen=True)
class Materialised:
    """How many rows were brought over, how many were older than what was held, and whether all was brought afresh."""

    rows_written: int
    rows_older: int
    afresh: bool


@dataclass(frozen=True)
class OnlineStore:
    """Newest features by home; open one with :func:`open_online`."""

    rows: Rows

    def read(self, home_id: str) -> OnlineRow | None:
        """Read one home; nothing where it is not held.

        Raises
        ------
        StoreError
            If the store cannot be reached, or holds rows of another version's features.
        """
        if (row := self.rows.get(home_id)) is None:
            return None
        event_time, known_at, version, written, packed = row
        return OnlineRow(home_id, _unpack(packed), _moment(event_time), _moment(known_at), _moment(written), version)

    def read_many(self, home_ids: Sequence[str]) -> pd.DataFrame:
        """Read several homes in one round trip, as a feature matrix; homes that are not held are left out.

        Returns
        -------
        DataFrame, shape (n_held, n_features)
            As ``build_features`` gives it, in the order asked for.
        """
        found = zip(home_ids, self.rows.get_many(home_ids), strict=True)
        held = {home_id: row[4] for home_id, row in found if row is not None}
        numbers, categories = _unpack_all(list(held.values()))
        columns: dict[str, np.ndarray | pd.api.extensions.ExtensionArray] = {
            name: numbers[:, place] for place, name in enumerate(_NUMBERS)
        }
        for place, name in enumerate(_CATEGORIES):
            columns[name] = pd.array([row[place] for row in categories], dtype="str")
        index = pd.Index(list(held), name="home_id", dtype="str")
        return pd.DataFrame(columns, index=index)[_NAMES]

    def count(self) -> int:
        """How many homes are held."""
        return self.rows.count()

    def close(self) -> None:
        """Let go of the connection."""
        self.rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_online(place: str | Path, *, timeout_s: float = 2.0) -> OnlineStore:
    """Open the online store at a place.

    Parameters
    ----------
    place : str or Path
        ``redis://[:PASSWORD@]HOST:PORT/DATABASE`` (``rediss://`` for TLS), ``sqlite:///FILE``, or a file's path.
    timeout_s : float
        How long a Redis may take to answer. [s]

    Raises
    ------
    StoreError
        If it cannot be reached or opened.
    """
    text = str(place)
    kind, separator, rest = text.partition("://")
    if not separator:
        return OnlineStore(SqliteRows(Path(place)))
    if kind == "sqlite":
        return OnlineStore(SqliteRows(Path(rest.removeprefix("/"))))
    if kind in ("redis", "rediss", "unix"):
        return OnlineStore(RedisRows(text, timeout_s=timeout_s))
    raise StoreError(f"{kind} is no online store; name a redis:// or sqlite:/// URL")


def materialise(offline: OfflineStore, online: OnlineStore, *, written: datetime, afresh: bool = False) -> Materialised:
    """Bring the online store up to what the offline store knows; only rows written since the last time are looked at.

    A home's row gives way only to one that speaks for a later event, or corrects the same one. Where the online store
    was filled from another offline store, or holds other features than this version's, all is brought afresh. Broken
    off anywhere, it can be run again.

    Parameters
    ----------
    offline, online : OfflineStore, OnlineStore
        From where, and where to.
    written : datetime
        This moment, with its time zone; each row keeps when it was brought.
    afresh : bool
        Bring everything, and let go of homes the offline store does not know.

    Raises
    ------
    StoreError
        If either store is damaged or cannot be reached.
    """
    writes = offline.writes()
    marks = _marks(writes)
    held = online.rows.held()
    afresh = afresh or (held not in marks and held != "")
    above = 0 if afresh else marks.get(held, 0)
    latest = list(marks)[-1]
    if held == latest and not afresh:
        return Materialised(0, 0, afresh)
    if held and not writes:
        raise StoreError(
            f"{offline.folder} holds nothing and the online store was filled from another; it is left as it is. "
            "Ingest first, or name the offline store it belongs to"
        )
    moment = round((written - _EPOCH) / timedelta(microseconds=1))
    kept, older = online.rows.put(_packed(offline.newest_above(above)), written=moment, held=latest, afresh=afresh)
    return Materialised(kept, older, afresh)


def writes_behind(offline: OfflineStore, online: OnlineStore) -> int | None:
    """Count the writes of the offline store that the online one was not brought yet.

    Returns
    -------
    int or None
        0 where both hold the same; nothing where the online store was filled from another store, or holds other
        features than this version's.

    Raises
    ------
    StoreError
        If either store is damaged or cannot be reached.
    """
    marks = list(_marks(offline.writes()))
    held = online.rows.held()
    if held == "":
        return len(marks) - 1
    return len(marks) - 1 - marks.index(held) if held in marks else None


def _marks(writes: Sequence[Write]) -> dict[str, int]:
    """Give what the online store notes when it was brought up to each write, with that write's last version."""
    return {f"{_MARK.hex()}-{write.digest}": write.last_version for write in [NOTHING, *writes]}


def _packed(batches: Iterator[pa.RecordBatch]) -> Iterator[list[NewRow]]:
    """Rows of the offline store in the form in which they are served."""
    for batch in batches:
        numbers = np.column_stack([batch[name].to_numpy(zero_copy_only=False).astype("<f8") for name in _NUMBERS])
        categories = zip(*(batch[name].to_pylist() for name in _CATEGORIES), strict=True)
        homes, versions = batch["home_id"].to_pylist(), batch["version"].to_pylist()
        events, knowns = (batch[name].cast(pa.int64()).to_pylist() for name in ("event_time", "known_at"))
        yield [
            (home, event, known, version, _MARK + row.tobytes() + json.dumps(texts, separators=(",", ":")).encode())
            for home, event, known, version, row, texts in zip(
                homes, events, knowns, versions, numbers, categories, strict=True
            )
        ]


def _unpack(packed: bytes) -> dict[str, float | str | None]:
    mark, *numbers = _DOUBLES.unpack_from(packed)
    _refuse_others(mark)
    values: dict[str, float | str | None] = dict(zip(_NUMBERS, numbers, strict=True))
    values.update(zip(_CATEGORIES, json.loads(packed[_DOUBLES.size :]), strict=True))
    return values


def _unpack_all(rows: list[bytes]) -> tuple[np.ndarray, list[list[str | None]]]:
    for packed in rows:
        _refuse_others(packed[:8])
    fixed = b"".join(packed[8 : _DOUBLES.size] for packed in rows)
    numbers = np.frombuffer(fixed, dtype="<f8").reshape(len(rows), len(_NUMBERS)).astype("float64")
    return numbers, json.loads(b"[" + b",".join(packed[_DOUBLES.size :] for packed in rows) + b"]")


def _refuse_others(mark: bytes) -> None:
    if mark != _MARK:
        raise StoreError(f"the online store holds features of another version of this project; {_REMEDY}")


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
