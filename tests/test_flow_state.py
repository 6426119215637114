"""How the flows stand: a server that answers, one that says something else, one that is slow, none; it never raises."""

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from case_heating.edges import flow_server, flow_state
from case_heating.edges.flow_state import flows_now
from case_heating.settings import Settings

FLOWS = [{"id": "f1", "name": "ingest"}, {"id": "f2", "name": "watch"}, {"id": "f3", "name": "somebody else's"}]
RUNS = {
    "SCHEDULED": [
        {"flow_id": "f3", "expected_start_time": "2026-11-02T01:00:00Z", "state": {"name": "Scheduled"}},
        {"flow_id": "f1", "expected_start_time": "2026-11-02T05:00:00Z", "state": {"name": "Scheduled"}},
        {"flow_id": "f1", "expected_start_time": "2026-11-03T05:00:00Z", "state": {"name": "Scheduled"}},
    ],
    "COMPLETED": [
        {
            "flow_id": "f2",
            "start_time": "2026-11-01T07:00:02Z",
            "expected_start_time": "2026-11-01T07:00:00Z",
            "state": {"name": "Failed", "message": "no model is the champion"},
        },
        {"flow_id": "f2", "start_time": "2026-10-01T07:00:02Z", "state": {"name": "Completed", "message": None}},
    ],
}


@pytest.fixture
def prefect(monkeypatch):
    """A server that answers as Prefect does, or otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"true")

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.server.otherwise is not None:
                self.answer(self.server.otherwise)
                return
            if self.path == "/api/flows/filter":
                told = FLOWS
            else:
                states = asked["flow_runs"]["state"]["type"]["any_"]
                told = next(runs for state, runs in RUNS.items() if state in states)
            time.sleep(self.server.slow_s)
            self.answer(json.dumps(told).encode())

        def answer(self, body):
            self.send_response(self.server.status)
            self.end_headers()
            with suppress(BrokenPipeError):  # who asked may have gone by now
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.otherwise, server.slow_s = 200, None, 0.0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path):
    return Settings(today=date(2026, 11, 2), workspace=tmp_path)


def test_the_next_and_the_last_run_of_each_flow_are_told(prefect, settings):
    now = flows_now(settings)
    assert (now.server, now.trouble) == (f"http://127.0.0.1:{prefect.server_port}", None)
    by_name = {flow.name: flow for flow in now.flows}
    assert list(by_name) == ["ingest", "train_and_promote", "score_all", "watch", "watch_and_retrain"]
    ingest, watch = by_name["ingest"], by_name["watch"]
    assert (ingest.next_run, ingest.last_run) == (datetime(2026, 11, 2, 5, tzinfo=UTC), None)
    assert ingest.when == "every day at 05:00; when new files were laid down"
    assert watch.last_run == datetime(2026, 11, 1, 7, 0, 2, tzinfo=UTC)
    assert (watch.next_run, watch.last_state, watch.last_words) == (None, "Failed", "no model is the champion")


@pytest.mark.parametrize("otherwise", [b"<html>", b'{"detail": "no"}', b'[{"id": 3}]', b"[3]"])
def test_a_server_that_says_something_else_is_told_of(prefect, settings, otherwise):
    prefect.otherwise = otherwise
    now = flows_now(settings)
    assert "does not say how the flows stand" in now.trouble
    assert [flow.last_run for flow in now.flows] == [None] * 5


def test_a_server_that_is_too_slow_is_told_of(prefect, settings, monkeypatch):
    monkeypatch.setattr(flow_state, "ASK_LIMIT_S", 0.2)
    prefect.slow_s = 1.0
    assert "Timeout" in flows_now(settings).trouble


def test_without_a_server_the_schedules_are_told_and_nothing_of_runs(settings, monkeypatch):
    monkeypatch.setattr(flow_server, "_answers", lambda *_: False)
    now = flows_now(settings)
    assert (now.server, now.trouble) == (None, None)
    assert now.flows[3].when == "on day 1 of each month at 07:00"


def test_schedules_that_cannot_be_read_are_told_of(settings, monkeypatch, tmp_path):
    monkeypatch.setattr(flow_server, "_answers", lambda *_: False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prefect.yaml").write_text("deployments: 3")
    now = flows_now(settings)
    assert now.flows == ()
    assert "lists no deployments" in now.trouble
