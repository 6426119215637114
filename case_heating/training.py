"""What a training needs around it: rows as they were known, the same candidate found again, and what forbids it."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from case_heating.arrivals import IngestReport, offline_store
from case_heating.errors import NotEnoughDataError, RegistryError
from case_heating.features.build import reached_stages
from case_heating.features.store import OfflineStore
from case_heating.release.candidate import (
    LabelledRows,
    TrainedModel,
    label_requests,
    labelled_rows,
    rows_to_judge_by,
    training_cutoff,
)
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import DataHealth
from case_heating.release.lineage import Lineage, digest_of, trace_lineage
from case_heating.release.registry import CHAMPION, RegisteredModel, Registry, open_registry
from case_heating.schema import Tables
from case_heating.settings import Settings


@dataclass(frozen=True)
class Training:
    """What a training came to.

    Attributes
    ----------
    as_of : date
        The moment.
    because : str
        Why it was asked for.
    version : str
        The candidate's number in the registry.
    stage : str
        Last data stage it uses.
    n_homes : int
        Homes it was trained on.
    decision : PromotionDecision
        What the gate said.
    promoted : bool
        Whether it became the champion now.
    repeated : bool
        Whether the same candidate had been trained and passed before, so that nothing was trained.
    """

    as_of: date
    because: str
    version: str
    stage: str
    n_homes: int
    decision: PromotionDecision
    promoted: bool
    repeated: bool = False


@dataclass(frozen=True)
class Prepared:
    """All that a candidate is trained from, and where it comes from."""

    rows: LabelledRows
    served: pd.DataFrame
    stage: str
    lineage: Lineage


def registry_of(settings: Settings) -> Registry:
    """Name the registry of a workspace, or the server the settings name."""
    return open_registry(settings.workspace / "registry", settings.registry_uri)


def prepare(
    tables: Tables, settings: Settings, as_of: date, *, stage: str | None, window_months: int | None
) -> Prepared:
    """Gather labelled homes with their features as known at the cutoff."""
    store, cutoff = offline_store(settings), training_cutoff(as_of, holdout_months=settings.holdout_months)
    served = store.latest_features(cutoff)
    if served.empty:
        learned = store.learned_until()
        raise NotEnoughDataError(
            f"a candidate of {as_of} is trained on what was known on {cutoff}, and the store knows nothing of that day "
            f"(it learned until {learned}); train at a later day, or ingest one that is at least "
            f"{settings.holdout_months} months earlier first"
        )
    window = None if window_months is None else (pd.Timestamp(cutoff) - pd.DateOffset(months=window_months)).date()
    requests = label_requests(store.read_labels(cutoff), known_after=window, known_by=cutoff)
    rows = labelled_rows(requests, _features_of(store, requests), tables["homes"], as_of=as_of)
    digests = {
        "features": digest_of(rows.evidence.features),
        "labels": digest_of(requests),
        "served": digest_of(served),
    }
    lineage = trace_lineage(settings, as_of=as_of, cutoff=cutoff, data_digests=digests)
    return Prepared(rows, served, stage or settings.stage or reached_stages(served)[-1], lineage)


def later_rows(
    tables: Tables, settings: Settings, as_of: date, candidate: TrainedModel, champion: TrainedModel | None
) -> LabelledRows:
    """Gather the homes whose labels became known after the training, new to candidate and champion."""
    store = offline_store(settings)
    seen = candidate.trained_homes | (champion.trained_homes if champion else frozenset())
    requests = label_requests(
        store.read_labels(as_of), known_after=candidate.lineage.cutoff, known_by=as_of, without=seen
    )
    return rows_to_judge_by(requests, _features_of(store, requests), tables["homes"], as_of=as_of)


def _features_of(store: OfflineStore, requests: pd.DataFrame) -> pd.DataFrame:
    """Features of the homes asked for, as known then; homes nothing was known of are left out."""
    read = store.read_features(requests[["home_id", "moment"]])
    known = read[read["event_time"].notna()].set_index("home_id")
    return known.drop(columns=["moment", "event_time", "known_at"])


def passed_before(registry: Registry, prepared: Prepared) -> RegisteredModel | None:
    """Find the same candidate among those that passed; one that was refused is judged again, by what is known now."""
    for known in reversed(registry.history()):
        told = (known.as_of, known.stage, known.passed)
        if told == (prepared.lineage.as_of, prepared.stage, True) and registry.read(known).lineage == prepared.lineage:
            return known
    return None


def finish(registry: Registry, same: RegisteredModel, *, because: str, as_of: date) -> Training:
    """Promote a candidate that passed, unless that was done before: a run may have been killed in between."""
    served = any(event.version == same.version and event.what == "promotion" for event in registry.events())
    due = CHAMPION not in same.aliases and not (served and same.rolled_back) and not _was_replaced(registry, same)
    if due:
        registry.promote(same.version, because=because, as_of=as_of)
    model, decision = registry.read(same), registry.decision(same)
    return Training(
        as_of, because, same.version, same.stage, model.model.n_training_homes, decision, promoted=due, repeated=True
    )


def _was_replaced(registry: Registry, model: RegisteredModel) -> bool:
    """Tell whether a version served and another took its place."""
    return any(event.instead_of == model.version and event.finished for event in registry.events())


def health_of(report: IngestReport | None, as_of: date) -> DataHealth:
    """How the newest delivery came through validation.

    Raises
    ------
    NotEnoughDataError
        If nothing was ingested by then.
    """
    if report is None:
        raise NotEnoughDataError(f"nothing was ingested by {as_of}; 'heating flows run ingest --as-of {as_of}' does it")
    return DataHealth(report.rows_in, report.refused, report.stopped)


def refuse_an_earlier_day(as_of: date, champion: RegisteredModel | None) -> None:
    """Let no candidate follow a champion of a later day.

    Raises
    ------
    RegistryError
        If it would.
    """
    if champion is not None and as_of < champion.as_of:
        raise RegistryError(
            f"a candidate of {as_of} cannot follow the champion, version {champion.version}, of {champion.as_of}: was "
            "the clock set back? Train for a later day; to return to an earlier model, 'heating registry rollback'"
        )
