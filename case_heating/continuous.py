"""Read second. Level 1: the journey goes on by itself, in a few plain functions.

    ingest → train and promote → score all → watch → decide → (train and promote)

Each reads what the ones before left in the workspace, decides, and saves; :mod:`.arrivals` brings data in,
:mod:`.predictions` answers for all homes. None knows who calls it: a person, a schedule, an event, a test. Each can be
killed anywhere and called again, and the champion serves on whatever happens.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from case_heating.arrivals import IngestReport, delivered, fed_tables, ingest, last_day, offline_store, serve_online
from case_heating.errors import HeatingError, WorkspaceError
from case_heating.journey import Progress, silent
from case_heating.lock import one_at_a_time
from case_heating.model.fairness import traits_of
from case_heating.model.fuel import FuelModel
from case_heating.people.gate_plots import gate_plots
from case_heating.predictions import score_all
from case_heating.release.candidate import label_requests, naive_rival, train_candidate
from case_heating.release.gate import judge_candidate
from case_heating.release.gate_limits import GateLimits
from case_heating.release.registry import CHAMPION, RegisteredModel
from case_heating.settings import Settings
from case_heating.training import (
    Training,
    finish,
    health_of,
    later_rows,
    passed_before,
    prepare,
    refuse_an_earlier_day,
    registry_of,
)
from case_heating.watch.monitor import Quarantine, Reference, WatchReport, watch_month
from case_heating.watch.overrides import Override, limits_with, pause_on
from case_heating.watch.retrain import RetrainDecision, RetrainPolicy, decide_retraining, enough_new_labels
from case_heating.watch.signals import USUAL_LIMITS, Signal
from case_heating.workspace import open_workspace, plain_words, write_text

__all__ = ["choose", "decide", "ingest", "roll_back", "score_all", "serve_online", "train_and_promote", "watch"]

OVERRIDES_FILE = "watch/overrides.json"


def train_and_promote(
    settings: Settings,
    as_of: date,
    *,
    because: str,
    stage: str | None = None,
    window_months: int | None = None,
    limits: GateLimits | None = None,
    measure_latency: Callable[[FuelModel, pd.DataFrame], float] | None = None,
    progress: Progress = silent,
) -> Training:
    """Train a candidate on what was known, judge it on what became known since, and let it serve if it passed.

    Parameters
    ----------
    settings : Settings
        The workspace and the choices of learning.
    as_of : date
        The moment.
    because : str
        Why.
    stage : str, optional
        Last data stage to use; that of the settings, else all that the homes reach.
    window_months : int, optional
        Train on the labels of so many months; all if not given.
    limits : GateLimits, optional
        What the gate allows.
    measure_latency : callable, optional
        Measures how long a model takes to answer for one of some homes [ms]; the gate has a limit for it.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    BusyError
        If another training runs.
    NotEnoughDataError
        If nothing was ingested by then, or too few labels are known.
    RegistryError
        If the champion was trained later than ``as_of``, or the registry cannot be used.
    """
    workspace = open_workspace(settings.workspace)
    registry = registry_of(settings)
    with one_at_a_time(workspace.path("registry/training.lock"), f"training because of {because}"):
        progress("gathering", 0.0)
        standing = registry.find(CHAMPION)
        refuse_an_earlier_day(as_of, standing)
        tables = fed_tables(settings)
        health = health_of(delivered(settings, as_of), as_of)
        prepared = prepare(tables, settings, as_of, stage=stage, window_months=window_months)
        progress("looking for the same candidate", 0.1)
        if (same := passed_before(registry, prepared)) is not None:
            return finish(registry, same, because=because, as_of=as_of)
        progress("training", 0.2)
        candidate = train_candidate(
            prepared.rows, stage=prepared.stage, settings=settings, lineage=prepared.lineage, served=prepared.served
        )
        progress("judging", 0.6)
        champion = registry.read(standing) if standing else None
        judged_by = later_rows(tables, settings, as_of, candidate, champion)
        naive = naive_rival(prepared.rows, judged_by)
        decision = judge_candidate(
            candidate,
            champion,
            judged_by,
            naive=naive,
            traits=traits_of(tables, judged_by.evidence.features.index),
            health=health,
            limits=limits,
            latency_ms=measure_latency(candidate.model, prepared.served) if measure_latency else None,
            rounds=settings.bootstrap_rounds,
            seed=settings.seed,
        )
        progress("recording", 0.8)
        plots = gate_plots(judged_by.evidence, candidate.model.probability_of_gas(judged_by.evidence.features), naive)
        made = registry.record(candidate, decision, because=because, as_of=as_of, plots=plots)
        progress("promoting", 0.9)
        if decision.promote:
            registry.promote(made.version, because=because, as_of=as_of)
        progress("done", 1.0)
    n_homes = candidate.model.n_training_homes
    return Training(as_of, because, made.version, prepared.stage, n_homes, decision, promoted=decision.promote)


def watch(settings: Settings, as_of: date) -> WatchReport:
    """Look at the month before a day, with the champion's eyes, and keep the report.

    Raises
    ------
    NoChampionError
        If nothing serves.
    ModelError
        If the day lies before the champion's training.
    """
    registry, store = registry_of(settings), offline_store(settings)
    champion = registry.get(CHAMPION)
    registered = registry.find(CHAMPION)
    tables, delivery = fed_tables(settings), delivered(settings, as_of)
    then, now = store.latest_features(champion.lineage.cutoff), store.latest_features(as_of)
    report = watch_month(
        tables,
        now,
        champion.model.probability_of_gas(now),
        as_of=as_of,
        reference=Reference(
            champion.lineage.cutoff,
            then,
            champion.model.probability_of_gas(then),
            champion=f"version {registered.version}" if registered else CHAMPION,
        ),
        limits=limits_with(USUAL_LIMITS, read_overrides(settings), as_of=as_of),
        quarantine=Quarantine(delivery.rows_in, delivery.refused) if delivery and delivery.rows_in else None,
    )
    if delivery and delivery.stopped:
        report = _with_refused_delivery(report, delivery)
    folder = open_workspace(settings.workspace).path("watch")
    with plain_words(settings.workspace):
        folder.mkdir(exist_ok=True)
        write_text(folder / f"{as_of}.json", report.to_json())
    return report


def decide(settings: Settings, as_of: date) -> RetrainDecision:
    """Decide what the windows up to a day lead to.

    Raises
    ------
    HeatingError
        If no window was watched yet, or a report cannot be read.
    """
    policy = RetrainPolicy(k=settings.alarms_needed, n=settings.windows_looked_at)
    return decide_retraining(read_reports(settings, as_of), policy, overrides=read_overrides(settings))


def roll_back(settings: Settings, as_of: date, *, because: str) -> RegisteredModel:
    """Let the champion before this one serve again; not while a training runs."""
    with one_at_a_time(settings.workspace / "registry" / "training.lock", f"rolling back because of {because}"):
        return registry_of(settings).roll_back(because=because, as_of=as_of)


def labels_since_training(settings: Settings, as_of: date) -> int:
    """Count homes with gas or electricity whose label became known after the champion was trained."""
    champion = registry_of(settings).find(CHAMPION)
    known_after = champion.as_of if champion else None
    return len(label_requests(offline_store(settings).read_labels(as_of), known_after=known_after, known_by=as_of))


def labels_enough(settings: Settings, as_of: date) -> int:
    """Say how many of them are reason enough to train again: what the settings say, else a share of the homes."""
    if settings.enough_new_labels is not None:
        return settings.enough_new_labels
    return enough_new_labels(len(offline_store(settings).latest_features(as_of)))


def read_reports(settings: Settings, as_of: date) -> list[WatchReport]:
    """Read the watch reports up to a day, the oldest first."""
    paths = sorted((settings.workspace / "watch").glob("[0-9]*.json"))
    told = [path for path in paths if date.fromisoformat(path.stem) <= as_of]
    return [WatchReport.from_json(path.read_text(encoding="utf-8")) for path in told]


def read_overrides(settings: Settings) -> list[Override]:
    """Read what people chose instead of the policy: ``watch/overrides.json`` holds a list.

    Raises
    ------
    WorkspaceError
        If the file is no such list.
    """
    path: Path = settings.workspace / OVERRIDES_FILE
    if not path.exists():
        return []
    try:
        return [Override.from_json(json.dumps(one)) for one in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError, HeatingError) as error:
        raise WorkspaceError(f"{path} does not hold a list of overrides ({error}); mend it") from error


def choose(settings: Settings, override: Override) -> Override:
    """Put on record what a person chose instead of the policy; decisions from its day on honour it.

    Raises
    ------
    BusyError
        If somebody else's choice is being written.
    WorkspaceError
        If the record cannot be read or written.
    """
    path = open_workspace(settings.workspace).path(OVERRIDES_FILE)
    with plain_words(settings.workspace), one_at_a_time(path.with_suffix(".lock"), "putting a choice on record"):
        kept = [*read_overrides(settings), override]
        write_text(path, "[\n" + ",\n".join(one.to_json() for one in kept) + "\n]\n")
    return override


def latest_day(settings: Settings) -> date:
    """Give the utility's own day: that of the last watch report, else of the last ingest.

    Raises
    ------
    NotEnoughDataError
        If nothing was ingested yet.
    """
    reports = read_reports(settings, date.max)
    return reports[-1].as_of if reports else last_day(settings)


def paused(settings: Settings, as_of: date) -> Override | None:
    """Give the pause of retraining that is in force on a day, or nothing: whoever trains by itself asks this first."""
    return pause_on(read_overrides(settings), as_of)


def _with_refused_delivery(report: WatchReport, delivery: IngestReport) -> WatchReport:
    """Add to a report that the newest delivery was refused as a whole: the data are at fault, not the world."""
    words = "; ".join(delivery.stopped)
    fault = Signal("data", "delivery", 1.0, 1.0, "alarm", raised=True, fault=True, words=words)
    return replace(report, signals=(*report.signals, fault))
