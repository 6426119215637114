"""The benchmark compares like with like; how fast it is is not tested."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from case_heating.edges.bench_rivals import a_redis
from case_heating.edges.bench_store import bench_store
from case_heating.edges.cli import app
from case_heating.errors import StoreError


@pytest.fixture(scope="module")
def found():
    return bench_store(n_homes=1000, n_reads=1000)


def test_the_join_and_its_rival_give_the_same_answers(found):
    join = found["join"]
    assert (join["requests"], join["rows"]) == (1000, 5000)
    assert join["same"]
    assert join["ratio"] == join["rival_seconds"] / join["seconds"]


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_reads_in_quiet_under_load_and_of_the_rival(found, kind):
    if kind == "redis" and not shutil.which("redis-server"):
        assert "redis" not in found
        return
    told = found[kind]
    assert (told["homes"], told["reads"]) == (1000, 1000)
    assert told["rounds_of_load"] >= 1, "others were at work"
    for name in ("quiet_ms", "under_load_ms", "rival_ms", "many_ms"):
        assert 0 < told[name]["p50"] <= told[name]["p99"]
    assert told["ratio"] == told["rival_ms"]["p50"] / told["quiet_ms"]["p50"]


def test_without_a_redis_it_is_left_out(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with a_redis(None) as url:
        assert url is None


def test_a_redis_that_holds_something_is_left_alone():
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    script = Path(__file__).parent.parent / ".ci" / "redis"
    url = subprocess.run([script, "start"], capture_output=True, text=True, check=True).stdout.strip()
    try:
        import redis

        with redis.Redis.from_url(url) as client:
            client.set("precious", "1")
            with pytest.raises(StoreError, match="is not empty"), a_redis(url):
                pass
            assert client.get("precious") == b"1"
            client.delete("precious")
            with a_redis(url) as given:
                client.set("made by the benchmark", "1")
            assert (given, client.dbsize()) == (url, 0)
    finally:
        subprocess.run([script, "stop", url], check=True)


def test_words_name_what_is_compared_with_what(found, monkeypatch):
    monkeypatch.setattr("case_heating.edges.bench_store.bench_store", lambda *_: found)
    shown = " ".join(CliRunner(env={"COLUMNS": "80"}).invoke(app, ["bench", "store"]).stdout.split())
    assert "the answers are the same" in shown
    assert "merge_asof" in shown
    assert "sqlite, others write and train" in shown
    told = json.loads(CliRunner().invoke(app, ["bench", "store", "--json"]).stdout)
    assert told["join"]["rows"] == 5000
