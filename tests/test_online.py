"""The online store, on SQLite always and on Redis where one is: never backwards, value for value, plain errors."""

import os
import shutil
import sqlite3
import subprocess
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import StoreError
from case_heating.features import online as online_module
from case_heating.features.build import build_features
from case_heating.features.online import materialise, open_online
from case_heating.features.store import OfflineStore, feature_rows

JAN, FEB, MAR = (date(2025, month, 1) for month in (1, 2, 3))
NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
REDIS_SCRIPT = Path(__file__).parent.parent / ".ci" / "redis"


@pytest.fixture(scope="session")
def redis_url():
    """The Redis that HEATING_TEST_REDIS_URL names, else one started for these tests."""
    if url := os.environ.get("HEATING_TEST_REDIS_URL"):
        yield url
        return
    if not (shutil.which("redis-server") and shutil.which("redis-cli") and REDIS_SCRIPT.exists()):
        pytest.skip("no Redis: HEATING_TEST_REDIS_URL is not set and redis-server is not installed")
    url = subprocess.run([REDIS_SCRIPT, "start"], capture_output=True, text=True, check=True).stdout.strip()
    yield url
    subprocess.run([REDIS_SCRIPT, "stop", url], check=True)


@pytest.fixture(params=["sqlite", "redis"])
def place(request, tmp_path):
    """Where an empty online store is."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/online.sqlite"
        return
    import redis

    url = request.getfixturevalue("redis_url")
    client = redis.Redis.from_url(url)
    client.flushdb()
    yield url
    client.flushdb()
    client.close()


@pytest.fixture
def online(place):
    with open_online(place) as opened:
        yield opened


@pytest.fixture
def offline(tmp_path):
    return OfflineStore(tmp_path / "offline", memory_mb=256, threads=1)


def write(offline, event, known, **kwh):
    matrix = pd.DataFrame({"kwh_year": kwh}, dtype="float64").rename_axis("home_id")
    offline.write_features(feature_rows(matrix, event_time=event, known_at=known))


def kwh(online, *homes):
    return [row and row.features["kwh_year"] for row in map(online.read, homes)]


def test_offline_now_is_online_is_batch_value_for_value(offline, online):
    """One definition serves training, batch and the online answer."""
    tables = simulate(homes=300, seed=3).tables
    for moment in (date(2025, 11, 1), date(2025, 12, 1)):
        batch = build_features(tables, as_of=moment)
        offline.write_features(feature_rows(batch, event_time=moment))
        materialise(offline, online, written=NOW)
    homes = list(batch.index)
    pd.testing.assert_frame_equal(online.read_many(homes), batch, check_exact=True)
    pd.testing.assert_frame_equal(offline.latest_features(moment, homes), batch, check_exact=True)
    for home in homes[:20]:
        one = pd.Series(online.read(home).features)[batch.columns]
        assert one.isna().tolist() == batch.loc[home].isna().tolist()
        assert one.dropna().to_dict() == batch.loc[home].dropna().to_dict()


def test_floats_come_back_bit_for_bit(offline, online):
    values = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, float("inf"), -1 / 3, float("nan")]
    matrix = pd.DataFrame({"kwh_year": values, "district": 'Köln "x" \u2028'}, index=[f"h {n}" for n in range(7)])
    offline.write_features(feature_rows(matrix.rename_axis("home_id"), event_time=JAN))
    materialise(offline, online, written=NOW)
    singly = np.array([online.read(home).features["kwh_year"] for home in matrix.index])
    together = online.read_many(list(matrix.index))
    for found in (singly, together["kwh_year"].to_numpy()):
        assert found[:-1].tobytes() == matrix["kwh_year"].to_numpy()[:-1].tobytes()
        assert np.isnan(found[-1])
    assert together["district"].tolist() == matrix["district"].tolist()
    assert online.read("h 0").features["climate"] is None


def test_each_row_tells_its_times_and_version(offline, online):
    write(offline, JAN, JAN, a=1, b=2)
    write(offline, JAN, FEB, b=3)
    assert materialise(offline, online, written=NOW).rows_written == 2
    row = online.read("b")
    midnight = datetime(2025, 1, 1, tzinfo=UTC)
    assert (row.home_id, row.event_time, row.known_at) == ("b", midnight, datetime(2025, 2, 1, tzinfo=UTC))
    assert (row.written, row.version) == (NOW, 3)
    assert online.read("never seen") is None
    assert online.count() == 2


def test_only_newer_rows_are_brought(offline, online):
    write(offline, JAN, JAN, a=1, b=2)
    materialise(offline, online, written=NOW)
    later = NOW.replace(hour=10)
    write(offline, FEB, FEB, a=10)
    assert materialise(offline, online, written=later).rows_written == 1
    assert kwh(online, "a", "b") == [10, 2]
    assert (online.read("a").written, online.read("b").written) == (later, NOW)
    done = materialise(offline, online, written=later)
    assert (done.rows_written, done.rows_older, done.afresh) == (0, 0, False)


def test_it_never_goes_backwards(offline, online):
    write(offline, FEB, FEB, a=2)
    materialise(offline, online, written=NOW)
    write(offline, JAN, MAR, a=1, b=1)  # a backfill of the past arrives late
    done = materialise(offline, online, written=NOW)
    assert (done.rows_written, done.rows_older) == (1, 1)
    assert kwh(online, "a", "b") == [2, 1]
    write(offline, FEB, MAR, a=3)  # a correction of what is served
    materialise(offline, online, written=NOW)
    assert kwh(online, "a", "b") == [3, 1]


def test_of_many_writes_at_once_the_newest_is_served(offline, online):
    for event, value in ((JAN, 1), (MAR, 3)):
        write(offline, event, event, a=value)
    write(offline, FEB, MAR, a=2)
    assert materialise(offline, online, written=NOW).rows_written == 1
    assert kwh(online, "a") == [3]


def test_a_materialisation_broken_off_is_run_again(offline, online, place, monkeypatch):
    write(offline, JAN, JAN, a=1, b=2)
    materialise(offline, online, written=NOW)
    write(offline, FEB, FEB, a=10, b=20)
    packed = online_module._packed

    def breaks_off(batches):
        for batch in packed(batches):
            yield batch[:1]
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(online_module, "_packed", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            materialise(offline, online, written=NOW)
    # SQLite keeps all or nothing; Redis keeps whole rows, some old and some new, and the next run brings the rest
    assert kwh(online, "a", "b") in ([[1, 2]] if place.startswith("sqlite") else [[1, 2], [10, 2], [1, 20]])
    materialise(offline, online, written=NOW)
    assert kwh(online, "a", "b") == [10, 20]


def test_filled_from_another_offline_store_it_is_filled_afresh(offline, online, tmp_path):
    write(offline, MAR, MAR, a=3, gone=3)
    materialise(offline, online, written=NOW)
    other = OfflineStore(tmp_path / "other")
    with pytest.raises(StoreError, match="holds nothing and the online store was filled from another"):
        materialise(other, online, written=NOW)
    write(other, JAN, JAN, a=1)
    done = materialise(other, online, written=NOW)
    assert (done.rows_written, done.afresh) == (1, True)
    assert kwh(online, "a", "gone") == [1, None]
    assert online.count() == 1


def test_rows_of_other_features_are_refused_and_then_brought_afresh(offline, online, monkeypatch):
    write(offline, JAN, JAN, a=1)
    with monkeypatch.context() as former:
        former.setattr(online_module, "_MARK", b"formerly")
        materialise(offline, online, written=NOW)
    for read in (lambda: online.read("a"), lambda: online.read_many(["a"])):
        with pytest.raises(StoreError, match="features of another version"):
            read()
    assert materialise(offline, online, written=NOW).afresh
    assert kwh(online, "a") == [1]


def test_many_homes_in_one_round_trip(offline, online, monkeypatch):
    homes = [f"h{number:04d}" for number in range(1200)]
    write(offline, JAN, JAN, **{home: number for number, home in enumerate(homes)})
    materialise(offline, online, written=NOW)
    asked = [*homes[500:999], "never seen", homes[0]]
    found = online.read_many(asked)
    assert found["kwh_year"].tolist() == [*range(500, 999), 0]
    assert list(found.index) == [*homes[500:999], homes[0]]
    assert online.read_many([]).shape == (0, found.shape[1])


def test_rows_survive_closing(place, offline):
    write(offline, JAN, JAN, a=1)
    with open_online(place) as first:
        materialise(offline, first, written=NOW)
    with open_online(place) as second:
        assert kwh(second, "a") == [1]


def test_threads_share_a_store(offline, online):
    write(offline, JAN, JAN, a=1)
    materialise(offline, online, written=NOW)
    found = []
    threads = [threading.Thread(target=lambda: found.extend(kwh(online, "a"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1, 1, 1]


def test_two_at_once_leave_the_newer_row(offline, online, tmp_path):
    """The slower one read the offline store before the newer row was there, and writes last."""
    write(offline, JAN, JAN, a=1)
    old = list(online_module._packed(offline.newest_above(0)))
    write(offline, FEB, FEB, a=2)
    materialise(offline, online, written=NOW)
    assert online.rows.put(old, written=0, held=online.rows.held(), afresh=False) == (0, 1)
    assert kwh(online, "a") == [2]


def test_readers_of_the_file_are_not_held_up_by_a_materialisation(tmp_path, offline):
    """A writer in the midst of its transaction; a reader that had to wait would fail at once."""
    file = tmp_path / "online.sqlite"
    write(offline, JAN, JAN, a=1)
    with open_online(file) as online, open_online(f"sqlite:///{file}") as reader:
        materialise(offline, online, written=NOW)
        write(offline, FEB, FEB, a=2)
        seen = []

        def batches():
            for batch in online_module._packed(offline.newest_above(1)):
                yield batch
                reader.rows._connection().execute("PRAGMA busy_timeout = 0")
                seen.extend(kwh(reader, "a"))

        online.rows._connection().execute("PRAGMA busy_timeout = 0")
        midst = reader.rows._connection()
        midst.execute("BEGIN")  # a reader that takes its time does not hold up the writer either
        assert kwh(reader, "a") == [1]
        online.rows.put(batches(), written=0, held="", afresh=False)
        assert kwh(reader, "a") == [1]
        midst.execute("COMMIT")
        assert seen == [1]
        assert kwh(reader, "a") == [2]


def test_a_damaged_file_is_told_in_words(tmp_path):
    file = tmp_path / "online.sqlite"
    file.write_bytes(b"no database at all, whatever its name may say" * 50)
    with pytest.raises(StoreError, match=r"online.sqlite cannot be used: file is not a database.*delete it"):
        open_online(file)


def test_a_place_that_is_none():
    with pytest.raises(StoreError, match="mysql is no online store"):
        open_online("mysql://host/db")
    with pytest.raises(StoreError, match="URL of the Redis cannot be read"):
        open_online("redis://:secret@host:port/0")


def test_an_unreachable_redis_is_told_in_words_without_its_password():
    with pytest.raises(StoreError) as caught:
        open_online("redis://ann:secret@127.0.0.1:1/0", timeout_s=0.5)
    assert "the Redis at redis://127.0.0.1:1/0 cannot be used" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_redis_that_goes_away_and_one_that_does_not_answer(redis_url):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with pytest.raises(StoreError, match=r"cannot be used: .*[Tt]imeout"):
            open_online(url, timeout_s=0.2)
    with open_online(redis_url) as online:
        online.rows._client.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreError, match="cannot be used"):
                online.rows.put([[("a", 0, 0, 1, b"")]], written=0, held="", afresh=False)
        finally:
            online.rows._client.config_set("maxmemory", "0")


def test_what_is_kept_holds_no_pickle(offline, tmp_path):
    write(offline, JAN, JAN, a=1)
    with open_online(tmp_path / "online.sqlite") as online:
        materialise(offline, online, written=NOW)
    with sqlite3.connect(tmp_path / "online.sqlite") as file:
        packed = file.execute("SELECT features FROM rows").fetchone()[0]
    file.close()
    assert packed[:8] == online_module._MARK
    assert packed.endswith(b"null,null]")
