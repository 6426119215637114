"""Training and judging within a history: everyday candidate and gate, fed with what was known then."""

from collections.abc import Sequence
from dataclasses import dataclass

from case_heating.errors import NotEnoughDataError
from case_heating.model.fairness import traits_of
from case_heating.release.candidate import (
    LabelledRows,
    TrainedModel,
    label_requests,
    labelled_rows,
    naive_rival,
    rows_to_judge_by,
    train_candidate,
    training_cutoff,
)
from case_heating.release.gate import PromotionDecision, judge_candidate
from case_heating.release.gate_checks import DataHealth
from case_heating.release.gate_limits import GateLimits
from case_heating.release.lineage import digest_of, trace_lineage
from case_heating.schema import Tables
from case_heating.settings import Settings
from case_heating.watch.deliveries import Delivery
from case_heating.watch.history import Month


@dataclass(frozen=True)
class Candidate:
    """A model trained within a history, with the rows it was trained on: the naive rival learns from the same."""

    trained: TrainedModel
    rows: LabelledRows


def train_at(past: Sequence[Month], homes_table: Tables, *, stage: str, settings: Settings, code: str) -> Candidate:
    """Train on what was known on the last of some months.

    Parameters
    ----------
    past : sequence of Month
        The history so far, oldest first; the last one is the day of the training.
    homes_table : Tables
        Tables of which ``homes`` is read.
    stage : str
        Last data stage to use.
    settings : Settings
        Seed, folds, bootstrap rounds and the fewest homes to train on.
    code : str
        Name of the code, for the lineage.

    Raises
    ------
    NotEnoughDataError
        If the history is shorter than the months held out, or labels are too few.
    """
    now = past[-1]
    cutoff = training_cutoff(now.as_of)
    known = [month for month in past if month.as_of <= cutoff]
    if not known:
        raise NotEnoughDataError(
            f"a model of {now.as_of} is trained on what was known on {cutoff}, and the history begins on "
            f"{past[0].as_of}; begin to train later"
        )
    then = known[-1]
    requests = label_requests(now.labels, known_after=None, known_by=cutoff)
    rows = labelled_rows(requests, then.features, homes_table["homes"], as_of=now.as_of)
    digests = {"features": digest_of(rows.evidence.features), "labels": digest_of(requests)}
    lineage = trace_lineage(settings, as_of=now.as_of, cutoff=cutoff, data_digests=digests, code_revision=code)
    trained = train_candidate(rows, stage=stage, settings=settings, lineage=lineage, served=then.features)
    return Candidate(trained, rows)


def judge_at(
    candidate: Candidate,
    champion: TrainedModel | None,
    now: Month,
    tables: Tables,
    delivery: Delivery,
    *,
    limits: GateLimits,
    settings: Settings,
) -> PromotionDecision:
    """Put a candidate before the gate, with the labels that became known after its training.

    Parameters
    ----------
    candidate : Candidate
        Trained at this moment.
    champion : TrainedModel or None
        What serves; none before the first promotion.
    now : Month
        The moment.
    tables : Tables
        ``homes``, and ``sensitive`` where there is one.
    delivery : Delivery
        The month's delivery: data that did not pass refuse.
    limits : GateLimits
        What the gate allows.
    settings : Settings
        Bootstrap rounds and seed.
    """
    seen = candidate.trained.trained_homes | (champion.trained_homes if champion else frozenset())
    known_after = candidate.trained.lineage.cutoff
    requests = label_requests(now.labels, known_after=known_after, known_by=now.as_of, without=seen)
    rows = rows_to_judge_by(requests, now.features, tables["homes"], as_of=now.as_of)
    return judge_candidate(
        candidate.trained,
        champion,
        rows,
        naive=naive_rival(candidate.rows, rows),
        traits=traits_of(tables, rows.evidence.features.index),
        health=DataHealth(delivery.n_rows, delivery.n_refused, delivery.faults),
        limits=limits,
        rounds=settings.bootstrap_rounds,
        seed=settings.seed,
    )
