"""Drills: trouble of known kind, size and day in a copy of a utility, and how the watch and the policy fare.

Month by month three services live through the same trouble: one *frozen*, one that *always* retrains, and one that does
what the *policy* decides, with labels arriving as late as they do. All are judged on what is really true, on homes
that nobody ever labelled for any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import date
from multiprocessing import get_context

import numpy as np
import pandas as pd

from case_heating.features.build import build_features
from case_heating.model.fuel import FuelModel
from case_heating.settings import Settings
from case_heating.watch.drill_models import train_at
from case_heating.watch.faults import KINDS, Drift, inject
from case_heating.watch.monitor import Reference, WatchReport, watch_month
from case_heating.watch.quiet import World, quiet_world
from case_heating.watch.retrain import (
    USUAL_POLICY,
    RetrainDecision,
    RetrainPolicy,
    decide_retraining,
    enough_new_labels,
)
from case_heating.watch.signals import USUAL_LIMITS, Limits

TRAINED_ON, INJECTED_ON, LAST_MOMENT = date(2023, 11, 1), date(2024, 11, 1), date(2025, 12, 1)
"""Trained after nearly two years of bills; a quiet year with a warm winter follows; then a year with the trouble."""

AUDIT_HOMES = 200  # looked at when the policy asks; a week's work of four people
AUDIT_KNOWN_DAYS = 25
MONTHS = tuple(day.date() for day in pd.date_range(TRAINED_ON, LAST_MOMENT, freq="MS"))


@dataclass(frozen=True)
class Service:
    """A champion in service, what it was made for, and what the watch has reported of it."""

    model: FuelModel
    reference: Reference
    reports: tuple[WatchReport, ...] = ()


@dataclass(frozen=True)
class QuietRun:
    """A utility to which nothing happened, and the service as it was when the trouble began.

    Attributes
    ----------
    matrices : dict
        Features of all homes by moment.
    at_injection : Service
        The service on the day of the injections.
    reports, decisions : tuple
        Of all quiet windows.
    """

    seed: int
    world: World
    matrices: dict[date, pd.DataFrame]
    at_injection: Service
    reports: tuple[WatchReport, ...]
    decisions: tuple[RetrainDecision, ...]


@dataclass(frozen=True)
class QuietWindows:
    """What the watch said of months in which nothing happened, and what was decided."""

    seed: int
    reports: tuple[WatchReport, ...]
    decisions: tuple[RetrainDecision, ...]


@dataclass(frozen=True)
class DrillRun:
    """One drill with one seed.

    Attributes
    ----------
    months : DataFrame, indexed by moment
        ``frozen``, ``policy``, ``always`` and ``mended`` (the data repaired at once; only of faults): share of homes
        answered right. ``action`` of the policy and ``alarms`` in words.
    delay_windows : int or None
        Windows until the first alarm, 1 for the first one; nothing where it was never seen.
    """

    kind: str
    seed: int
    drift: Drift
    months: pd.DataFrame
    delay_windows: int | None
    trainings: dict[str, int]
    n_judged: int
    reports: tuple[WatchReport, ...] = field(repr=False, default=())


def live_quietly(*, homes: int, seed: int, stage: str, policy: RetrainPolicy, limits: Limits) -> QuietRun:
    """Simulate a utility, train a champion and watch it through two quiet years."""
    settings = Settings(today=LAST_MOMENT, seed=seed)
    world = quiet_world(homes=homes, seed=seed)
    matrices = {TRAINED_ON: build_features(world.tables, as_of=TRAINED_ON, stage=stage)}
    service = _put_in_service(world, matrices, TRAINED_ON, stage, settings)
    at_injection, reports, decisions = service, [], []
    for moment in MONTHS[1:]:
        matrices[moment] = build_features(world.tables, as_of=moment, stage=stage)
        service, report, decision = _watch_and_decide(service, world, matrices[moment], moment, policy, limits)
        reports.append(report)
        decisions.append(decision)
        if decision.retrain:
            service = _put_in_service(world, matrices, moment, stage, settings)
        if moment == INJECTED_ON:
            at_injection = service
    return QuietRun(seed, world, matrices, at_injection, tuple(reports), tuple(decisions))


def run_drill(
    quiet: QuietRun,
    kind: str,
    *,
    stage: str,
    size: float | None = None,
    policy: RetrainPolicy = USUAL_POLICY,
    limits: Limits = USUAL_LIMITS,
) -> DrillRun:
    """Inject one kind of trouble into a copy of a quiet utility and live through it three times.

    Parameters
    ----------
    quiet : QuietRun
        From :func:`live_quietly`.
    kind : str
        A name of :data:`case_heating.watch.faults.KINDS`.
    size : float, optional
        Share of the homes in question; the kind's own if not given.

    Raises
    ------
    HeatingError
        If there is no such kind, or the size is no share.
    """
    settings = Settings(today=LAST_MOMENT, seed=quiet.seed)
    known = KINDS.get(kind)
    drift = Drift(kind, INJECTED_ON, known.size if known and size is None else size or 0.0, bool(known and known.slow))
    troubled = inject(quiet.world, drift, seed=quiet.seed)
    world, repaired = troubled, False
    frozen, always, service = quiet.at_injection, quiet.at_injection, quiet.at_injection
    matrices = {moment: frame for moment, frame in quiet.matrices.items() if moment <= INJECTED_ON}
    unrepaired = dict(matrices)
    rng = np.random.default_rng(quiet.seed)
    answers: dict[date, dict[str, pd.Series]] = {}
    actions, trainings, reports = {}, {"policy": 0, "always": 0, "on_wrong_data": 0}, []
    for moment in MONTHS[MONTHS.index(INJECTED_ON) + 1 :]:
        unrepaired[moment] = build_features(troubled.tables, as_of=moment, stage=stage)
        matrices[moment] = quiet.matrices[moment] if repaired else unrepaired[moment]
        answers[moment] = {
            "frozen": _answers(frozen.model, unrepaired[moment]),
            "policy": _answers(service.model, matrices[moment]),
            "always": _answers(always.model, unrepaired[moment]),
        }
        if KINDS[kind].is_fault:
            answers[moment]["mended"] = _answers(frozen.model, quiet.matrices[moment])
        service, report, decision = _watch_and_decide(service, world, matrices[moment], moment, policy, limits)
        reports.append(report)
        actions[moment] = decision.action
        always = replace(always, model=_trained(world, unrepaired, moment, stage, settings))
        trainings["always"] += 1
        enough = _new_labels(world, service, moment) >= enough_new_labels(len(matrices[moment]))
        if decision.retrain or (enough and decision.action in ("none", "ask")):
            service = _put_in_service(world, matrices, moment, stage, settings)
            trainings["policy"] += 1
            trainings["on_wrong_data"] += KINDS[kind].is_fault and not repaired
        if decision.action == "repair" and KINDS[kind].is_fault:
            world, repaired = replace(world, tables=quiet.world.tables | {"labels": world.tables["labels"]}), True
        elif decision.action == "ask":
            world = _audited(world, matrices[moment].index, moment, rng)
    judged = _never_labelled(troubled, world)
    months = pd.DataFrame(
        {
            name: {moment: _right(answers[moment][name], troubled, moment, judged) for moment in answers}
            for name in next(iter(answers.values()))
        }
    ).assign(action=pd.Series(actions), alarms=[_alarm_words(report) for report in reports])
    raised = [number for number, report in enumerate(reports, start=1) if report.alarms]
    return DrillRun(
        kind, quiet.seed, drift, months, raised[0] if raised else None, trainings, len(judged), tuple(reports)
    )


def _watch_and_decide(
    service: Service, world: World, matrix: pd.DataFrame, moment: date, policy: RetrainPolicy, limits: Limits
) -> tuple[Service, WatchReport, RetrainDecision]:
    probability = service.model.probability_of_gas(matrix)
    report = watch_month(world.tables, matrix, probability, as_of=moment, reference=service.reference, limits=limits)
    service = replace(service, reports=(*service.reports, report))
    return service, report, decide_retraining(service.reports, policy)


def _trained(
    world: World, matrices: Mapping[date, pd.DataFrame], moment: date, stage: str, settings: Settings
) -> FuelModel:
    return train_at(world.tables["labels"], matrices, moment=moment, stage=stage, settings=settings)


def _put_in_service(
    world: World, matrices: Mapping[date, pd.DataFrame], moment: date, stage: str, settings: Settings
) -> Service:
    model = _trained(world, matrices, moment, stage, settings)
    probability = model.probability_of_gas(matrices[moment])
    return Service(model, Reference(moment, matrices[moment], probability, f"champion of {moment}"))


def _new_labels(world: World, service: Service, moment: date) -> int:
    """Homes whose label became known since the champion was trained; those of the quiet year are left out of it."""
    since = pd.Timestamp(max(service.reference.as_of, INJECTED_ON))
    labels = world.tables["labels"]
    return labels.loc[labels["known_at"].between(since, pd.Timestamp(moment), "right"), "home_id"].nunique()


def _audited(world: World, homes: pd.Index, moment: date, rng: np.random.Generator) -> World:
    """People look at a random sample of homes; what they see is known before the next window ends."""
    drawn = pd.Index(rng.permutation(np.sort(homes.to_numpy()))[:AUDIT_HOMES])
    seen = pd.DataFrame(
        {
            "home_id": drawn,
            "heating_fuel": world.fuel_at(moment, drawn).to_numpy(),
            "event_time": pd.Timestamp(moment),
            "known_at": pd.Timestamp(moment) + pd.Timedelta(days=AUDIT_KNOWN_DAYS),
            "source": "audit",
        }
    ).dropna(subset="heating_fuel")
    labels = pd.concat([world.tables["labels"], seen], ignore_index=True)
    return replace(world, tables=world.tables | {"labels": labels})


def _answers(model: FuelModel, matrix: pd.DataFrame) -> pd.Series:
    return pd.Series(model.probability_of_gas(matrix) >= 0.5, index=matrix.index)


def _never_labelled(*worlds: World) -> pd.Index:
    """Homes of which nobody knows a label in any of the worlds: no model can have learned them by heart."""
    homes = pd.Index(worlds[0].tables["homes"]["home_id"])
    for world in worlds:
        homes = homes.difference(pd.Index(world.tables["labels"]["home_id"].unique()))
    return homes


def _right(said_gas: pd.Series, world: World, moment: date, judged: pd.Index) -> float:
    """Share of gas and electric homes answered right, of those that are customers at the moment."""
    fuel = world.fuel_at(moment, judged)
    asked = fuel.index[fuel.isin(["gas", "electricity"]).to_numpy()].intersection(said_gas.index)
    return float((said_gas.loc[asked] == (fuel.loc[asked] == "gas")).mean())


def _alarm_words(report: WatchReport) -> str:
    return ", ".join(signal.name for signal in report.alarms)


def run_seed(
    seed: int,
    kinds: Sequence[str],
    *,
    homes: int,
    stage: str,
    policy: RetrainPolicy = USUAL_POLICY,
    limits: Limits = USUAL_LIMITS,
) -> tuple[QuietWindows, list[DrillRun]]:
    """Live quietly once and then through every kind of trouble; what is given back is small enough to be sent on."""
    quiet = live_quietly(homes=homes, seed=seed, stage=stage, policy=policy, limits=limits)
    runs = [run_drill(quiet, kind, stage=stage, policy=policy, limits=limits) for kind in kinds]
    return QuietWindows(seed, quiet.reports, quiet.decisions), runs


def run_drills(
    kinds: Sequence[str],
    seeds: Sequence[int],
    *,
    homes: int,
    stage: str,
    workers: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[list[QuietWindows], list[DrillRun]]:
    """Run every kind with every seed, several seeds at a time in processes of their own, which changes no result.

    Raises
    ------
    HeatingError
        As :func:`run_drill`.
    """
    tell = progress or (lambda _doing, _share: None)
    tell("drilling", 0.0)
    done: dict[int, tuple[QuietWindows, list[DrillRun]]] = {}
    if workers == 1:
        for seed in seeds:
            done[seed] = run_seed(seed, kinds, homes=homes, stage=stage)
            tell("drilling", len(done) / len(seeds))
        return _in_order(done, seeds)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run_seed, seed, kinds, homes=homes, stage=stage): seed for seed in seeds}
        for future in as_completed(waiting):
            done[waiting[future]] = future.result()
            tell("drilling", len(done) / len(seeds))
    return _in_order(done, seeds)


def _in_order(
    done: Mapping[int, tuple[QuietWindows, list[DrillRun]]], seeds: Sequence[int]
) -> tuple[list[QuietWindows], list[DrillRun]]:
    in_order = [done[seed] for seed in seeds]
    return [quiet for quiet, _ in in_order], [run for _, runs in in_order for run in runs]
