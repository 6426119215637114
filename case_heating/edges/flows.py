"""Level 1 as Prefect flows: each a few lines over :mod:`case_heating.continuous`, which knows nothing of Prefect.

A flow adds what an orchestrator is for: retries of what fails in passing, results that outlive the process, artifacts
for people to read, and events that start other flows (``prefect.yaml`` says which).
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import INPUTS, TASK_SOURCE

from case_heating import continuous
from case_heating.arrivals import IngestReport, last_day, offline_store
from case_heating.continuous import labels_enough, labels_since_training, registry_of
from case_heating.edges.flow_words import ingest_in_words, paused_in_words, quarantine_rows, training_in_words
from case_heating.edges.latency import one_answer_ms
from case_heating.edges.main_job import labels_of_people
from case_heating.edges.notify import (
    DRIFT_DETECTED,
    ENOUGH_LABELS,
    FLOW_FAILED,
    MODEL_PROMOTED,
    MODEL_REFUSED,
    PERFORMANCE_DROPPED,
    Notice,
    announce,
)
from case_heating.edges.passing import may_pass
from case_heating.errors import HeatingError
from case_heating.release.registry import CHAMPION
from case_heating.settings import Settings
from case_heating.watch.monitor import WatchReport
from case_heating.watch.report import report_in_words
from case_heating.watch.retrain import RetrainDecision


def without_traceback(record: logging.LogRecord) -> bool:
    """Take the traceback off what a user can mend: its words say what to do."""
    if record.exc_info and isinstance(record.exc_info[1], HeatingError):
        record.exc_info = record.exc_text = None
    return True


for runs in ("prefect.flow_runs", "prefect.task_runs"):
    logging.getLogger(runs).addFilter(without_traceback)

MODEL = "model.fuel"
RETRY_DELAYS_S = [5, 30]
"""A server that restarts is back within half a minute."""

# Results are JSON: Prefect's own choice, pickle, would run whatever somebody put into the folder.
_kept: dict[str, Any] = {"persist_result": True, "result_serializer": "json"}
_tried_again: dict[str, Any] = {"retries": 2, "retry_delay_seconds": RETRY_DELAYS_S, "retry_condition_fn": may_pass}
_remembered: dict[str, Any] = {"cache_policy": INPUTS + TASK_SOURCE, "cache_expiration": timedelta(days=30)}


def _tell_failure(flow: Any, flow_run: Any, state: Any) -> None:  # Prefect names the arguments
    words = f"{flow.name}, run {flow_run.name}: {state.message}"
    announce(Notice(FLOW_FAILED, f"flow.{flow.name}", None, words), Settings.from_env())


_watched: dict[str, Any] = {"log_prints": True, "on_failure": [_tell_failure], "on_crashed": [_tell_failure], **_kept}


@task(**_tried_again)
def take_in(as_of: date | None) -> IngestReport:
    """Read, check and store what is new; Prefect keeps no copy of what the workspace keeps."""
    settings = Settings.from_env()
    return continuous.ingest(settings, as_of, reviewed=labels_of_people(settings))


@task(**_tried_again)
def bring_online() -> int:
    """Bring the online store up to date; gives the rows brought."""
    return continuous.serve_online(Settings.from_env(), datetime.now().astimezone()).rows_written


@task(**_tried_again)
def train(as_of: date, because: str, stage: str | None, window_months: int | None) -> continuous.Training:
    """Train, judge, record and, if it passed, promote."""
    return continuous.train_and_promote(
        Settings.from_env(),
        as_of,
        because=because,
        stage=stage,
        window_months=window_months,
        measure_latency=one_answer_ms,
        progress=lambda doing, _share: print(doing),  # noqa: T201 - log_prints makes log lines of it
    )


@task(**_tried_again, **_kept, **_remembered)
def answer(as_of: date, model_digest: str, store_digest: str) -> dict[str, Any]:  # noqa: ARG001 - the cache's key
    """Answer for all homes; the same model and store give the same answers, which are made once."""
    scored = continuous.score_all(Settings.from_env(), as_of)
    return {"folder": str(scored.folder), "n_homes": scored.n_homes, "version": scored.version}


@task(**_tried_again)
def look(as_of: date) -> WatchReport:
    """Watch the month before a day."""
    return continuous.watch(Settings.from_env(), as_of)


@flow(name="ingest", **_watched)
def ingest(as_of: date | None = None) -> str:
    """Take in what is new: files → validated → offline store → online store."""
    settings = Settings.from_env()
    report = take_in(as_of)
    bring_online()
    words = ingest_in_words(report)
    create_markdown_artifact(words, key="ingest", description=f"What came in by {report.as_of}")
    create_table_artifact(quarantine_rows(report), key="quarantine", description="Rows refused, and why")
    n_labels = labels_since_training(settings, report.as_of)
    enough = labels_enough(settings, report.as_of) if report.labels_added else None
    if enough is not None and n_labels >= enough:
        told = f"{n_labels:,} labels became known since the champion was trained; {enough:,} are reason enough"
        announce(Notice(ENOUGH_LABELS, "labels", report.as_of, told), settings)
    return words


@flow(name="train_and_promote", **_watched)
def train_and_promote(
    as_of: date | None = None,
    because: str = "asked for by hand",
    stage: str | None = None,
    window_months: int | None = None,
    despite_pause: bool = False,
) -> str:
    """Train a candidate, judge it against the champion, and promote or refuse it; not while retraining is paused."""
    settings = Settings.from_env()
    day = as_of or last_day(settings)
    if not despite_pause and (pause := continuous.paused(settings, day)):
        words = paused_in_words(pause)
        create_markdown_artifact(words, key="retraining-paused", description="Retraining is paused")
        return words
    training = train(day, because, stage, window_months)
    words = training_in_words(training)
    create_markdown_artifact(words, key="promotion-decision", description=f"Version {training.version}")
    if training.promoted or not training.repeated:
        event = MODEL_PROMOTED if training.promoted else MODEL_REFUSED
        told = f"version {training.version}, trained because of {because}: {'; '.join(training.decision.reasons)}"
        announce(Notice(event, MODEL, training.as_of, told), settings)
    return words


@flow(name="score_all", **_watched)
def score_all(as_of: date | None = None) -> str:
    """Answer for every home with the champion, with reasons, into the workspace's ``predictions``."""
    settings = Settings.from_env()
    day, champion = as_of or last_day(settings), registry_of(settings).find(CHAMPION)
    scored = answer(day, champion.digest if champion else "", offline_store(settings).digest())
    if not (settings.workspace / "predictions" / str(day) / f"v{scored['version']}" / "manifest.json").exists():
        scored = answer.with_options(refresh_cache=True)(day, champion.digest if champion else "", "")
    words = f"{scored['n_homes']:,} homes answered as of {day} by version {scored['version']}: {scored['folder']}"
    create_markdown_artifact(words, key="predictions", description=f"Answers of {day}")
    return words


@flow(name="watch", **_watched)
def watch(as_of: date | None = None) -> str:
    """Look for drift and measure performance; what calls for retraining becomes an event."""
    settings = Settings.from_env()
    report, decision = _watched_month(settings, as_of)
    if decision.retrain or decision.action in ("repair", "ask", "roll_back"):
        dropped = any(signal.kind == "concept" for signal in report.alarms)
        event = PERFORMANCE_DROPPED if dropped else DRIFT_DETECTED
        about = MODEL if decision.retrain else decision.action
        announce(Notice(event, about, report.as_of, "; ".join(decision.reasons)), settings)
    return decision.action


@flow(name="watch_and_retrain", **_watched)
def watch_and_retrain(as_of: date | None = None) -> str:
    """Watch, decide, and retrain or roll back at once if that is what follows."""
    settings = Settings.from_env()
    report, decision = _watched_month(settings, as_of)
    because = "; ".join(decision.reasons)
    if decision.retrain:  # the decision has looked for a pause
        return train_and_promote(report.as_of, because=because, despite_pause=True)
    if decision.action == "roll_back":
        serving = continuous.roll_back(settings, report.as_of, because=because)
        announce(Notice(MODEL_PROMOTED, MODEL, report.as_of, f"rolled back to {serving.version}: {because}"), settings)
    return decision.action


def _watched_month(settings: Settings, as_of: date | None) -> tuple[WatchReport, RetrainDecision]:
    report = look(as_of or last_day(settings))
    decision = continuous.decide(settings, report.as_of)
    words = report_in_words(report, decision)
    create_markdown_artifact(words, key="watch-report", description=f"The month before {report.as_of}")
    return report, decision


FLOWS = {flow.name: flow for flow in (ingest, train_and_promote, score_all, watch, watch_and_retrain)}
