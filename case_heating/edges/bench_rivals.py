"""What the feature store is measured against: what one would write first; and a Redis to measure on."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating.errors import StoreError
from case_heating.features.online import open_online
from case_heating.features.stages import FEATURE
from case_heating.features.store import OfflineStore

MERGE_ASOF = "pandas: read_parquet, sort, merge_asof; right only where no correction came late"
SQLITE_TABLE = "a plain SQLite table with a column per feature"
REDIS_HASH = "a plain Redis hash with a field per feature, by HGETALL"

_NUMBERS = [name for name, feature in FEATURE.items() if feature.kind == "number"]


def merge_asof(offline: OfflineStore, requests: pd.DataFrame) -> pd.DataFrame:
    """Join as one would first: everything into memory, sorted by one of the two times."""
    rows = pd.concat([pd.read_parquet(path) for path in sorted(offline.folder.rglob("features/*/*.parquet"))])
    asked = requests.reset_index().sort_values("moment").astype({"moment": rows["known_at"].dtype})
    found = pd.merge_asof(asked, rows.sort_values("known_at"), left_on="moment", right_on="known_at", by="home_id")
    return found.sort_values("index").reset_index(drop=True)


def plain_sqlite(file: Path, matrix: pd.DataFrame) -> Callable[[str], dict[str, Any]]:
    """Fill a table, and give the function that reads a home from it."""
    database = sqlite3.connect(file, isolation_level=None)
    columns = ", ".join(f'"{name}" {"REAL" if FEATURE[name].kind == "number" else "TEXT"}' for name in matrix)
    database.execute(f"CREATE TABLE rival (home_id TEXT PRIMARY KEY, {columns})")
    values = matrix.astype(object).where(matrix.notna(), None).reset_index().itertuples(index=False)
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO rival VALUES ({', '.join('?' * (matrix.shape[1] + 1))})", values)  # noqa: S608
    database.execute("COMMIT")
    names = ["home_id", *matrix]

    def read(home_id: str) -> dict[str, Any]:
        row = database.execute("SELECT * FROM rival WHERE home_id = ?", (home_id,)).fetchone()
        return dict(zip(names, row, strict=True))

    return read


def plain_redis(url: str, matrix: pd.DataFrame) -> Callable[[str], dict[str, Any]]:
    """Fill a hash per home, and give the function that reads one."""
    import redis

    client = redis.Redis.from_url(url)
    with client.pipeline(transaction=False) as pipeline:
        for home_id, row in zip(matrix.index, matrix.astype(object).to_dict(orient="records"), strict=True):
            pipeline.hset(f"rival:{home_id}", mapping={name: str(value) for name, value in row.items()})
        pipeline.execute()

    def read(home_id: str) -> dict[str, Any]:
        row: Any = client.hgetall(f"rival:{home_id}")
        told = {name.decode(): value.decode() for name, value in row.items()}
        return told | {name: float(told[name]) for name in _NUMBERS}

    return read


@contextmanager
def a_redis(url: str | None) -> Iterator[str | None]:
    """Hand out an empty Redis: the one named, else one started for this run, else none."""
    if url is None:
        with _own_redis() as own:
            yield own
        return
    import redis

    with open_online(url), redis.Redis.from_url(url) as client:
        if client.dbsize():
            raise StoreError("the Redis named is not empty, and the benchmark would empty it; name another database")
        try:
            yield url
        finally:
            client.flushdb()


@contextmanager
def _own_redis() -> Iterator[str | None]:
    server = shutil.which("redis-server")
    if server is None:
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # what PATH calls redis-server
        url = f"redis://127.0.0.1:{port}/0"
        try:
            _wait_for(url)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    for attempt in range(100):
        try:
            open_online(url).close()
        except StoreError:
            if attempt == 99:
                raise
            time.sleep(0.05)
        else:
            return
