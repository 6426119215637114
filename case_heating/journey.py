"""Read first. The journey of a home's data, from raw row to answer, as a few plain functions.

    gather → check → describe → learn → answer → tell

Each takes what the one before gave and gives something new; none touches a file. :func:`run` takes them in turn
and keeps what each made in the workspace, so that a second run goes on from what has not changed. At level 0 a person
calls them from a notebook; at level 1 a schedule does; at level 2 a pushed commit does. The functions stay the same.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from case_heating.data.keep import checked_files, read_gathered, read_trusted, write_gathered, write_trusted
from case_heating.data.sources import Gathered, Source, find_source
from case_heating.data.validate import Trusted, check_tables
from case_heating.features.build import build_features, select_stage
from case_heating.features.known import known_labels
from case_heating.model.evidence import Evidence, gather_evidence
from case_heating.model.explain import Explainer
from case_heating.model.faithfulness import measure_faithfulness
from case_heating.model.keep import read_ladder, write_ladder
from case_heating.model.ladder import Ladder, climb
from case_heating.model.predict import predict
from case_heating.model.transfer import Transferred, meet_elsewhere
from case_heating.model.typical import learn_typical
from case_heating.people.cost_findings import find_costs
from case_heating.people.fairness_groups import take_groups
from case_heating.people.findings import Findings
from case_heating.people.gate_section import find_judged
from case_heating.people.report import write_report
from case_heating.people.review_costs import ReviewCosts, costs_of
from case_heating.people.review_labels import with_review_labels
from case_heating.people.routing_findings import RoutingFindings, measure_routing
from case_heating.people.why_section import WhySection, tell_why
from case_heating.people.words import stage_name
from case_heating.schema import Tables
from case_heating.settings import Settings
from case_heating.workspace import Step, Workspace, fingerprint, open_workspace, take_step

T = TypeVar("T")

Progress = Callable[[str, float], None]
"""Told what is being done and which share of that step is done, 0 to 1."""

EARLIER = timedelta(days=365)
"""How far back the model is trained that later labels test: a year, so that it meets a whole new winter."""

MOST_EXPLAINED = 1500
"""Homes whose reasons the report looks at: shares are then known to 3 points, in seconds and not minutes."""

_LEAST_OF_A_FUEL = 5  # homes of either fuel without which the reasons cannot be tested on held-out homes

_HOUSE = Path(__file__).parent


def _files_of(*rooms: str) -> list[Path]:
    """Code, tables and templates of these rooms: what is made with others is made again."""
    return sorted(path for room in rooms for path in (_HOUSE / room).rglob("*.*") if path.suffix != ".pyc")


_CODE = [_HOUSE / "journey.py", _HOUSE / "schema.py", *_files_of("data", "features", "model")]
_PEOPLE_CODE = _files_of("people")
_LEARNING_CHOICES = ("stage", "seed", "folds", "bootstrap_rounds", "tune_trials", "min_labelled_homes")
_LIBRARIES = ("lightgbm", "pandas", "scikit-learn")  # another version of one may give other numbers


def silent(_doing: str, _share: float) -> None:
    """Tell nobody."""


def gather(source: Source, progress: Progress) -> Gathered:
    """Raw tables of a source, in canonical columns, faults and all."""
    return source.read(progress)


def check(raw: Tables, settings: Settings, progress: Progress) -> Trusted:
    """Part the rows into valid ones, quarantine with reasons, and those not known yet."""
    return check_tables(raw, as_of=settings.as_of, today=settings.today, progress=progress)


def describe(tables: Tables, as_of: date) -> pd.DataFrame:
    """Everything a model may know of each home at a moment."""
    return build_features(tables, as_of=as_of)


def collect_evidence(trusted: Trusted, features: pd.DataFrame, settings: Settings) -> Evidence:
    """Lay the homes whose fuel somebody has seen beside what a model may know of them."""
    return gather_evidence(trusted.tables, features, as_of=trusted.as_of, min_homes=settings.min_labelled_homes)


def learn(trusted: Trusted, features: pd.DataFrame, settings: Settings, progress: Progress) -> Ladder:
    """Train and judge a model at each stage of data; homes labelled in the last year test what was trained before."""
    evidence = collect_evidence(trusted, features, settings)
    earlier = look_back(trusted, settings)
    return climb(
        evidence,
        settings,
        earlier=earlier,
        up_to=settings.stage,
        progress=lambda stage, share: progress(f"learning: {stage_name(stage).lower()}", share),
    )


def look_back(trusted: Trusted, settings: Settings) -> Evidence | None:
    """Collect the evidence as it stood a year before; nothing where too few labels, or one fuel's, were known."""
    then = trusted.as_of - EARLIER
    seen = known_labels(trusted.tables["labels"], as_of=then).value_counts()
    counts = seen.reindex(["gas", "electricity"], fill_value=0)
    if counts.min() == 0 or counts.sum() < settings.min_labelled_homes:
        return None
    features = describe(trusted.tables, then)
    return gather_evidence(trusted.tables, features, as_of=then, min_homes=settings.min_labelled_homes)


def answer(ladder: Ladder, features: pd.DataFrame, trusted: Trusted) -> pd.DataFrame:
    """Answer for every home with the best model, and say beside it what somebody has seen."""
    answers = predict(ladder.rungs[-1].model, features)
    seen = known_labels(trusted.tables["labels"], as_of=trusted.as_of)
    return answers.assign(seen=seen.reindex(answers.index))


def why(ladder: Ladder, evidence: Evidence, features: pd.DataFrame, settings: Settings) -> WhySection | None:
    """Name the reasons behind answers, and test on held-out homes whether they are the real ones.

    Nothing where a fuel has too few homes to hold some out.
    """
    if min(evidence.is_gas.sum(), (~evidence.is_gas).sum()) < _LEAST_OF_A_FUEL:
        return None
    rung = ladder.rungs[-1]
    faithful = measure_faithfulness(
        select_stage(evidence.features, rung.stage),
        evidence.is_gas,
        stage=rung.stage,
        n_trees=rung.model.booster.num_trees(),
        calibration=rung.model.calibration,
        seed=settings.seed,
        most_homes=MOST_EXPLAINED,
    )
    typical = learn_typical(evidence.features[list(rung.model.encoding.names)], evidence.is_gas)
    drawn = features.sample(min(MOST_EXPLAINED, len(features)), random_state=settings.seed)
    return tell_why(Explainer(rung.model, typical), drawn, faithful)


def route_unsure(ladder: Ladder, evidence: Evidence, costs: ReviewCosts) -> RoutingFindings:
    """Measure what it costs to have people look where the machine is unsure."""
    return measure_routing(ladder.rungs[-1].probability, evidence.is_gas, costs)


def transfer(train_on: Settings, test_on: Settings, progress: Progress = silent) -> list[Transferred]:
    """Train on one source and test on another, stage by stage, with the features both have.

    Raises
    ------
    HeatingError
        As :func:`run`.
    """
    evidence = []
    for settings in (train_on, test_on):
        found = gather(find_source(settings), progress)
        trusted = check(found.tables, settings, progress)
        evidence.append(collect_evidence(trusted, describe(trusted.tables, trusted.as_of), settings))
    trained, tested = evidence
    return meet_elsewhere(trained, tested, train_on, progress=progress)


@dataclass(frozen=True)
class Outcome:
    """What a run made; each step knows its folder and whether it was found as made before."""

    source: Source
    raw: Step[Gathered]
    trusted: Step[Trusted]
    features: Step[pd.DataFrame]
    ladder: Step[Ladder]
    answers: Step[pd.DataFrame]
    report: Step[Findings]

    @property
    def steps(self) -> dict[str, Step[Any]]:
        """The steps by what they do, in order."""
        early: dict[str, Step[Any]] = {"gather": self.raw, "check": self.trusted, "describe": self.features}
        return early | {"learn": self.ladder, "answer": self.answers, "tell": self.report}


def run(settings: Settings, progress: Progress = silent, *, reviewed: pd.DataFrame | None = None) -> Outcome:
    """Do the main job: raw files in; trusted tables, features, models, answers and an honest report out.

    Parameters
    ----------
    settings : Settings
        What to run on and where to keep it.
    progress : callable, optional
        Told what is being done.
    reviewed : DataFrame, optional
        Labels that people made of homes the machine was unsure of, in the columns of ``labels``.

    Raises
    ------
    HeatingError
        Whatever is wrong, in words, with a remedy; finished steps are kept.
    """
    source, workspace = find_source(settings), open_workspace(settings.workspace)
    raw, trusted, features = describe_source(source, settings, progress, reviewed=reviewed)
    ladder = take_step(
        workspace,
        f"4_models/{source.name}",
        fingerprint(features.key, *(getattr(settings, name) for name in _LEARNING_CHOICES)),
        make=lambda: learn(trusted.value, features.value, settings, progress),
        write=write_ladder,
        read=read_ladder,
    )
    answers = take_step(
        workspace,
        f"5_answers/{source.name}",
        fingerprint(ladder.key),
        make=lambda: _told(progress, "answering", lambda: answer(ladder.value, features.value, trusted.value)),
        write=_write_answers,
        read=lambda folder: pd.read_parquet(folder / "answers.parquet"),
    )
    costs, judged = costs_of(settings.workspace), find_judged(settings)

    def findings() -> Findings:
        evidence, stage = collect_evidence(trusted.value, features.value, settings), ladder.value.rungs[-1].stage
        cost = find_costs(source.name, features, trusted, answers, settings, stage=stage, progress=progress)
        return Findings(
            source,
            raw.value.notes,
            trusted.value,
            evidence,
            ladder.value,
            answers.value,
            cost=cost,
            why=why(ladder.value, evidence, features.value, settings),
            fairness=take_groups(source.name, ladder, trusted.value, evidence, settings, costs=cost.costs).value,
            routing=route_unsure(ladder.value, evidence, costs),
            gate=judged,
        )

    def tell(found: Findings, folder: Path) -> None:
        _told(progress, "writing the report", lambda: write_report(found, folder))

    report = take_step(
        workspace,
        f"6_report/{source.name}",
        fingerprint(
            fingerprint(*_PEOPLE_CODE), source.about, raw.key, trusted.key, answers.key, asdict(costs), asdict(judged)
        ),
        make=findings,
        write=tell,
        read=lambda _folder: findings(),
    )
    return Outcome(source, raw, trusted, features, ladder, answers, report)


def describe_source(
    source: Source, settings: Settings, progress: Progress = silent, *, reviewed: pd.DataFrame | None = None
) -> tuple[Step[Gathered], Step[Trusted], Step[pd.DataFrame]]:
    """Gather, check and describe the homes of a source, or find that as a run left it; nothing is learned.

    Parameters and errors as of :func:`run`.
    """
    workspace = open_workspace(settings.workspace)
    raw = take_raw(source, workspace, progress)
    trusted = take_step(
        workspace,
        f"2_trusted/{source.name}",
        fingerprint(raw.key, settings.as_of, settings.today, None if reviewed is None else reviewed.to_csv()),
        make=lambda: check(with_review_labels(raw.value.tables, reviewed), settings, progress),
        write=write_trusted,
        read=read_trusted,
    )
    doing = "describing the homes"
    features = take_step(
        workspace,
        f"3_features/{source.name}",
        fingerprint(_code_key(), *checked_files(trusted.folder)),
        make=lambda: _told(progress, doing, lambda: describe(trusted.value.tables, trusted.value.as_of)),
        write=lambda frame, folder: frame.to_parquet(folder / "features.parquet"),
        read=lambda folder: pd.read_parquet(folder / "features.parquet"),
    )
    return raw, trusted, features


def take_raw(source: Source, workspace: Workspace, progress: Progress) -> Step[Gathered]:
    """Read a source into the workspace, or find it as it was read before from the same files."""
    return take_step(
        workspace,
        f"1_raw/{source.name}",
        fingerprint(_code_key(), source.choices, *source.files),
        make=lambda: gather(source, progress),
        write=write_gathered,
        read=read_gathered,
    )


def _told(progress: Progress, doing: str, make: Callable[[], T]) -> T:
    """Do something and tell its beginning and its end."""
    progress(doing, 0.0)
    made = make()
    progress(doing, 1.0)
    return made


def _code_key() -> str:
    return fingerprint(*_CODE, *map(version, _LIBRARIES))


def _write_answers(answers: pd.DataFrame, folder: Path) -> None:
    answers.to_parquet(folder / "answers.parquet")
    answers.round(4).to_csv(folder / "answers.csv")
