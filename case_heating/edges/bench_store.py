"""How fast the feature store answers, each time beside a named rival in the same run, in quiet and while others work.

Times depend on the machine; the ratio travels better.
"""

import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from case_heating.edges.bench_rivals import (
    MERGE_ASOF,
    REDIS_HASH,
    SQLITE_TABLE,
    a_redis,
    merge_asof,
    plain_redis,
    plain_sqlite,
)
from case_heating.features.online import OnlineStore, materialise, open_online
from case_heating.features.stages import FEATURE, FEATURES
from case_heating.features.store import OfflineStore, feature_rows

MONTHS = 5
TOGETHER = 500
"""Homes asked for in one round trip."""

_NUMBERS = [feature.name for feature in FEATURES if feature.kind == "number"]
_CATEGORIES = [feature.name for feature in FEATURES if feature.kind == "category"]
_REPEATS = 7
_WARM_UP = 200
_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def bench_store(
    n_homes: int = 20_000, n_reads: int = 20_000, seed: int = 0, redis_url: str | None = None
) -> dict[str, Any]:
    """Measure the point-in-time join and the reads of one home and of many, against rivals.

    Parameters
    ----------
    n_homes : int
        Homes made up; the offline store holds five months of each, and is asked about each at one moment.
    n_reads : int
        Reads of one home, from which the percentiles are taken.
    seed : int
        Seed of values and requests.
    redis_url : str, optional
        An empty Redis; if not given one is started where ``redis-server`` is installed, else Redis is left out.

    Returns
    -------
    dict
        ``join``: ``requests``, ``rows``, ``seconds`` (best of seven), ``cpu_seconds`` (of all threads), the rival's
        name and ``rival_seconds``, their ``ratio``, and whether the answers are the ``same``. ``sqlite`` and ``redis``
        (absent without one): milliseconds at the 50th and 99th percentile in quiet, under load (another process writes
        to and trains from an offline store) and of the rival, ``ratio`` of the two medians, and of 500 homes in one
        round trip.

    Raises
    ------
    StoreError
        If the Redis holds anything: the benchmark empties it at the end.
    """
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        offline = _fill(folder / "offline", n_homes, MONTHS, rng)
        requests = _requests(n_homes, rng)
        told: dict[str, Any] = {"join": _join(offline, requests)}
        homes = list(rng.choice(_homes(n_homes), n_reads))
        matrix = offline.latest_features(date(2025, MONTHS, 1))
        with open_online(folder / "online.sqlite") as online:
            rival = plain_sqlite(folder / "rival.sqlite", matrix)
            told["sqlite"] = _reads(offline, online, homes, rival) | {"rival_name": SQLITE_TABLE, "limit_ms": 0.2}
        with a_redis(redis_url) as url:
            if url:
                with open_online(url) as online:
                    rival = plain_redis(url, matrix)
                    told["redis"] = _reads(offline, online, homes, rival) | {"rival_name": REDIS_HASH, "limit_ms": 0.6}
    return told


def bench_beyond_memory(memory_mb: int = 48, seed: int = 0) -> dict[str, Any]:
    """Ask an offline store of ten times the memory that may be used: some homes' past, all homes' present, a write.

    Returns
    -------
    dict
        ``memory_mb``, ``stored_mb`` (compressed, on the disk), ``rows`` and the seconds of each question.
    """
    n_homes, rng = 100_000, np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        months, stored_mb = 0, 0.0
        while stored_mb < 10 * memory_mb:
            months += 1
            _write_month(OfflineStore(folder), n_homes, months, rng)
            stored_mb = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6
        tight = OfflineStore(folder, memory_mb=memory_mb, threads=1)
        moment = date(2025 + (months - 1) // 12, (months - 1) % 12 + 1, 1)
        requests = pd.DataFrame({"home_id": _homes(n_homes)[::20], "moment": pd.Timestamp(moment)})
        return {
            "memory_mb": memory_mb,
            "stored_mb": stored_mb,
            "rows": n_homes * months,
            "requests": len(requests),
            "seconds_requests": _seconds(lambda: tight.read_features(requests)),
            "seconds_all_homes_now": _seconds(lambda: sum(len(batch) for batch in tight.newest_above(0))),
        }


def _homes(n_homes: int) -> np.ndarray:
    return np.array([f"h{number:07d}" for number in range(n_homes)])


def _fill(folder: Path, n_homes: int, months: int, rng: np.random.Generator) -> OfflineStore:
    offline = OfflineStore(folder)
    for month in range(1, months + 1):
        _write_month(offline, n_homes, month, rng)
    return offline


def _write_month(offline: OfflineStore, n_homes: int, month: int, rng: np.random.Generator) -> None:
    """Add a month's made-up features; a tenth of the numbers is missing, as in real tables."""
    numbers = rng.normal(1000, 300, (n_homes, len(_NUMBERS)))
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    matrix = pd.DataFrame(numbers, columns=_NUMBERS, index=pd.Index(_homes(n_homes), name="home_id"))
    for name in _CATEGORIES:
        matrix[name] = pd.array(rng.choice(["cold", "mixed", "hot"], n_homes), dtype="str")
    moment = date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    offline.write_features(feature_rows(matrix, event_time=moment))


def _requests(n_homes: int, rng: np.random.Generator) -> pd.DataFrame:
    days = rng.integers(0, 30 * MONTHS, n_homes)
    moments = pd.Timestamp(2025, 1, 1) + pd.to_timedelta(days, "D")
    return pd.DataFrame({"home_id": rng.choice(_homes(n_homes), n_homes), "moment": moments})


def _join(offline: OfflineStore, requests: pd.DataFrame) -> dict[str, Any]:
    answers, rival = offline.read_features(requests), merge_asof(offline, requests)
    ours, theirs, ours_cpu = [], [], []
    for _ in range(_REPEATS):  # in turns, so that what else the machine does meets both
        begun_cpu = process_time()
        ours.append(_seconds(lambda: offline.read_features(requests)))
        ours_cpu.append(process_time() - begun_cpu)
        theirs.append(_seconds(lambda: merge_asof(offline, requests)))
    seconds, rival_seconds = min(ours), min(theirs)  # other work can only add
    return {
        "requests": len(requests),
        "rows": offline.writes()[-1].last_version,
        "features": len(FEATURE),
        "seconds": seconds,
        "cpu_seconds": min(ours_cpu),
        "limit_seconds": 0.2,
        "rival_name": MERGE_ASOF,
        "rival_seconds": rival_seconds,
        "ratio": rival_seconds / seconds,
        "same": answers[list(FEATURE)].equals(rival[list(FEATURE)]),
    }


def _reads(
    offline: OfflineStore, online: OnlineStore, homes: Sequence[str], rival: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    brought = _seconds(lambda: materialise(offline, online, written=_WRITTEN))
    quiet, plain = _percentiles(online.read, homes), _percentiles(rival, homes)
    many = [homes[start : start + TOGETHER] for start in range(0, min(len(homes), 40 * TOGETHER), TOGETHER)]
    together = _percentiles(online.read_many, many)
    with _others_at_work(offline.folder) as rounds:
        under_load = _percentiles(online.read, homes)
        while rounds.value < 1:  # the load has not finished one round yet: it must have run while we read
            under_load = _percentiles(online.read, homes)
        n_rounds = rounds.value
    return {
        "homes": online.count(),
        "reads": len(homes),
        "seconds_to_fill": brought,
        "quiet_ms": quiet,
        "under_load_ms": under_load,
        "rounds_of_load": n_rounds,
        "rival_ms": plain,
        "ratio": plain["p50"] / quiet["p50"],
        "many": TOGETHER,
        "many_ms": together,
    }


def _percentiles(read: Callable[[Any], Any], asked: Sequence[Any]) -> dict[str, float]:
    """Milliseconds of each read at the 50th and 99th percentile, one after the other."""
    for one in asked[:_WARM_UP]:
        read(one)
    took = np.empty(len(asked))
    for place, one in enumerate(asked):
        begun = perf_counter()
        read(one)
        took[place] = perf_counter() - begun
    return {"p50": float(np.quantile(took, 0.5)) * 1000, "p99": float(np.quantile(took, 0.99)) * 1000}


@contextmanager
def _others_at_work(folder: Path) -> Iterator[Any]:
    """Let another process write to a copy of the offline store and train from it, over and over; counts its rounds."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    context = multiprocessing.get_context("spawn")
    rounds = context.Value("i", 0)
    process = context.Process(target=_keep_working, args=(copy, rounds), daemon=True)
    process.start()
    try:
        yield rounds
    finally:
        process.terminate()
        process.join()
        shutil.rmtree(copy)


def _keep_working(folder: Path, rounds: Any) -> None:
    rng = np.random.default_rng(1)
    offline = OfflineStore(folder)
    homes = offline.latest_features(date(2025, MONTHS, 1)).index
    month = MONTHS
    while True:
        month += 1
        _write_month(offline, len(homes), month, rng)
        offline.read_features(_requests(len(homes), rng))
        rounds.value += 1


def _seconds(work: Callable[[], Any]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
