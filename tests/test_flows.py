"""The flows on a real Prefect server: by schedule, by each event, by hand; what they leave to read; a clean stop."""

import json
import signal
import socket
import subprocess
import sys
import textwrap
import time
import uuid
from datetime import UTC, date, datetime, timedelta

import httpx
import pandas as pd
import pytest

from case_heating import arrivals
from case_heating.continuous import choose, train_and_promote
from case_heating.edges.flow_state import flows_now
from case_heating.release.gate_limits import GateLimits
from case_heating.settings import Settings
from case_heating.training import registry_of
from case_heating.watch.overrides import Override

DAY = date(2024, 12, 31)
LIMIT_S = 240
SCHEDULES = """
deployments:
  - name: live
    entrypoint: case_heating.edges.flows.ingest
    triggers:
      - {name: files, expect: [heating.files.arrived], match: {prefect.resource.id: heating.files}}
  - name: live
    entrypoint: case_heating.edges.flows.train_and_promote
    concurrency_limit: 1
    triggers:
      - name: labels
        expect: [heating.labels.enough]
        match: {prefect.resource.id: heating.labels}
        parameters: {because: labels}
      - name: drift
        expect: [heating.drift.detected]
        match: {prefect.resource.id: heating.model.fuel}
        parameters: {because: drift}
      - name: performance
        expect: [heating.performance.dropped]
        match: {prefect.resource.id: heating.model.fuel}
        parameters: {because: performance}
  - name: live
    entrypoint: case_heating.edges.flows.score_all
    triggers:
      - {name: promoted, expect: [heating.model.promoted], match: {prefect.resource.id: heating.model.fuel}}
  - name: live
    entrypoint: case_heating.edges.flows.watch
    schedules: [{interval: 40}]
  - name: live
    entrypoint: case_heating.edges.flows.watch_and_retrain
"""
ENOUGH = GateLimits(
    min_homes_of_a_fuel=3,
    max_mean_gap=0.9,
    slope=(0.01, 100.0),
    max_single_auc=1.0,
    max_contribution=1.0,
    max_above_held_out=0.9,
)


def loopback_can_be_listened_on():
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]
    except OSError:
        return None


PORT = loopback_can_be_listened_on()
pytestmark = [
    pytest.mark.skipif(PORT is None, reason="no server can listen on this machine"),
    pytest.mark.skipif(sys.platform == "win32", reason="level 1 runs on Linux and macOS"),
]


class Served:
    """A town's workspace with `heating flows up` at work on it."""

    def __init__(self, process, api, town, workspace):
        self.process, self.api, self.town, self.workspace = process, api, town, workspace

    def ask(self, path, **told):
        answer = httpx.post(f"{self.api}/{path}", json=told.get("body", told), timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def emit(self, event, about):
        told = {
            "id": str(uuid.uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": event,
            "resource": {"prefect.resource.id": f"heating.{about}"},
            "payload": {},
        }
        self.ask("events", body=[told])

    def start(self, flow, **parameters):
        """Start a run of a served flow, as a schedule or a trigger does."""
        served = self.ask("deployments/filter", flows={"name": {"any_": [flow]}})[0]
        self.ask(f"deployments/{served['id']}/create_flow_run", parameters=parameters)

    def runs(self, flow, **parameters):
        """Flow runs of a flow that have these parameters, with why they were made and how they ended."""
        found = self.ask("flow_runs/filter", flows={"name": {"any_": [flow]}})
        return [run for run in found if parameters.items() <= run["parameters"].items()]

    def wait_for(self, flow, **parameters):
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            ended = [run for run in self.runs(flow, **parameters) if run["state"]["type"] in ("COMPLETED", "FAILED")]
            if ended:
                return ended[0]
            assert self.process.poll() is None, "heating flows up ended by itself"
            time.sleep(0.5)
        raise AssertionError(f"no run of {flow} with {parameters} ended within {LIMIT_S} s: {self.runs(flow)}")


@pytest.fixture(scope="module")
def served(write_town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    town, workspace = write_town(folder / "town"), folder / "workspace"
    survey = pd.read_csv(town.parent / "survey.csv")
    survey.loc[170:, "answered"] = "2024-08-01"  # so that some labels are later than a training at the end of 2024
    survey.to_csv(town.parent / "survey.csv", index=False)
    settings = Settings(today=date.today(), source=str(town), workspace=workspace, folds=2, bootstrap_rounds=40)
    arrivals.ingest(settings, DAY)
    training = train_and_promote(settings, DAY, because="the first one", limits=ENOUGH)
    assert training.promoted, training.decision.reasons
    (folder / "prefect.yaml").write_text(SCHEDULES)
    words = [
        "flows",
        "up",
        "--source",
        town,
        "--workspace",
        workspace,
        "--port",
        PORT,
        "--file",
        folder / "prefect.yaml",
    ]
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "case_heating.edges.cli", *map(str, words)], stdout=log, stderr=subprocess.STDOUT
    )
    served = Served(process, f"http://127.0.0.1:{PORT}/api", town, workspace)
    try:
        until = time.monotonic() + LIMIT_S
        while "Ctrl-C stops." not in (folder / "up.log").read_text(encoding="utf-8"):
            assert process.poll() is None, (folder / "up.log").read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() < until, "heating flows up is not ready"
            time.sleep(0.3)
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        log.close()


def test_a_schedule_runs_the_watch(served):
    run = served.wait_for("watch")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert run["auto_scheduled"]
    assert (served.workspace / "watch" / f"{DAY}.json").exists()


def test_new_files_start_an_ingest(served):
    bills = served.town.parent / "bills.csv"
    changed = pd.read_csv(bills)
    changed.loc[0, "kwh"] += 500
    changed.to_csv(bills, index=False)
    run = served.wait_for("ingest")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    report = arrivals.delivered(Settings(today=date.today(), workspace=served.workspace), None)
    assert report.features_added == 1  # the one home whose bill changed


@pytest.mark.parametrize(
    ("event", "about", "because"),
    [
        ("heating.labels.enough", "labels", "labels"),
        ("heating.drift.detected", "model.fuel", "drift"),
        ("heating.performance.dropped", "model.fuel", "performance"),
    ],
)
def test_an_event_starts_a_training_that_knows_why(served, event, about, because):
    served.emit(event, about)
    run = served.wait_for("train_and_promote", because=because)
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]


def test_while_retraining_is_paused_an_event_trains_nothing(served):
    settings = Settings(today=date.today(), source=str(served.town), workspace=served.workspace)
    held = Override("pause", "ann", "a new billing system", made_on=DAY, until=date(2025, 6, 30))
    before = registry_of(settings).history()
    choose(settings, held)
    try:
        served.start("train_and_promote", because="while paused")
        run = served.wait_for("train_and_promote", because="while paused")
        assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
        assert registry_of(settings).history() == before
    finally:
        choose(settings, Override("resume", "ann", "it has come", made_on=DAY))
    told = {one["data"] for one in served.ask("artifacts/filter", limit=200) if one["key"] == "retraining-paused"}
    assert any("ann has paused retraining until 2025-06-30" in one for one in told)


def test_how_the_flows_stand_is_asked_of_the_server(served):
    served.wait_for("watch")
    settings = Settings(today=date.today(), source=str(served.town), workspace=served.workspace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", served.api)
        now = flows_now(settings)
    assert (now.server, now.trouble) == (served.api.removesuffix("/api"), None)
    watch = next(flow for flow in now.flows if flow.name == "watch")
    assert watch.last_state in ("Completed", "Running")
    assert watch.next_run > datetime.now(UTC) - timedelta(minutes=5)  # it is due each 40 seconds


def test_what_a_person_did_outside_a_flow_is_told_to_the_server_as_well(served):
    program = f"""
        import datetime
        from pathlib import Path
        from case_heating.edges.notify import MODEL_PROMOTED, Notice, announce_where_served
        from case_heating.settings import Settings
        settings = Settings(today=datetime.date.today(), workspace=Path({str(served.workspace)!r}))
        announce_where_served(Notice(MODEL_PROMOTED, "model.by_hand", None, "rolled back"), settings)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=LIMIT_S)
    until = time.monotonic() + LIMIT_S
    about = {"filter": {"resource": {"id": ["heating.model.by_hand"]}}}
    while not (found := served.ask("events/filter", body=about)["events"]):
        assert time.monotonic() < until
        time.sleep(0.5)
    assert found[0]["payload"]["words"] == "rolled back"


def test_a_promotion_has_all_homes_answered(served):
    served.emit("heating.model.promoted", "model.fuel")
    run = served.wait_for("score_all")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    manifest = next((served.workspace / "predictions").rglob("manifest.json"))
    assert json.loads(manifest.read_text())["n_homes"] == 300


def test_a_run_asked_for_by_hand_goes_to_the_same_server(served):
    words = ["flows", "run", "watch_and_retrain", "--workspace", str(served.workspace), "--source", str(served.town)]
    done = subprocess.run(
        [sys.executable, "-m", "case_heating.edges.cli", *words, "--json"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["result"] in ("none", "ask", "repair")
    assert served.runs("watch_and_retrain")[0]["state"]["type"] == "COMPLETED"


def test_what_people_read_is_in_the_artifacts_and_results_survive_as_json(served):
    found = served.ask("artifacts/filter", limit=200)
    texts = {one["key"]: one for one in found if one["key"]}
    assert {"ingest", "quarantine", "promotion-decision", "watch-report", "predictions"} <= set(texts)
    assert "| check | answer | figure | limit | in words |" in texts["promotion-decision"]["data"]
    kept = [path for path in (served.workspace / "flows" / "storage").iterdir() if path.is_file()]
    assert kept
    for path in kept:
        text = path.read_text(encoding="utf-8")
        assert json.loads(text)
        assert "pickle" not in text


def test_ctrl_c_stops_the_runs_and_the_server_it_started(served):
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(90) == 0
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{served.api}/health", timeout=5)
    assert not (served.workspace / "flows" / "server.json").exists()


def test_what_a_user_can_mend_is_logged_without_a_traceback():
    import logging

    from case_heating.edges.flows import without_traceback
    from case_heating.errors import NotEnoughDataError

    def logged(error: Exception) -> logging.LogRecord:
        record = logging.LogRecord("prefect.flow_runs", logging.ERROR, "", 1, "said", None, (type(error), error, None))
        assert without_traceback(record)
        return record

    assert logged(NotEnoughDataError("too few")).exc_info is None
    assert logged(ZeroDivisionError()).exc_info is not None


def test_a_server_that_did_not_come_up_is_told_with_what_to_do(monkeypatch):
    from case_heating.edges.flow_server import plain_start
    from case_heating.errors import WorkspaceError

    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    slow = "Timed out while attempting to connect to ephemeral Prefect API server."
    with pytest.raises(WorkspaceError, match=r"within 180 s\. Nothing was done\. .* 'heating flows up'"), plain_start():
        raise RuntimeError(slow)
    ended = f"{slow} Ephemeral server process exited with code 1."
    with pytest.raises(WorkspaceError, match="ended by itself"), plain_start():
        raise RuntimeError(ended)
    with pytest.raises(RuntimeError, match="something else"), plain_start():
        raise RuntimeError("something else")
