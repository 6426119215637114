"""What the last run of a source left in the workspace, opened without making anything anew.

:func:`case_heating.journey.run` makes what is missing or out of date; whoever only wants to look, as a page does that
must open at once, opens what is there. What takes seconds to learn from it is learned once and kept beside it.
The libraries of the models take seconds to load, so that each function loads what it needs.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import pandas as pd

from case_heating.errors import NothingMadeError
from case_heating.schema import Tables
from case_heating.settings import Settings
from case_heating.workspace import Step, fingerprint, open_workspace, read_tables, take_step

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from case_heating.data.validate import Trusted
    from case_heating.journey import Outcome, Progress
    from case_heating.model.cost_keep import LearnedCost
    from case_heating.model.evidence import Evidence
    from case_heating.model.explain import Explainer, Explanation
    from case_heating.model.forecast_learn import LearnedForecast
    from case_heating.model.ladder import Ladder
    from case_heating.model.typical import Typical
    from case_heating.people.records import RunOfAnswers

T = TypeVar("T")

EMBEDDED = "embedded"
_TYPICAL = "typical.json"


@dataclass
class Opened:
    """The steps of a source as they were last made; the value of each is read when first asked for.

    Attributes
    ----------
    source : str
        The source's name.
    settings : Settings
        The choices it is looked at with.
    trusted, features, ladder, answers : Step
        As in :class:`~case_heating.journey.Outcome`.
    """

    source: str
    settings: Settings
    trusted: "Step[Trusted]"
    features: Step[pd.DataFrame]
    ladder: "Step[Ladder]"
    answers: Step[pd.DataFrame]

    @classmethod
    def of(cls, outcome: "Outcome", settings: Settings) -> Self:
        """Look at what a run has just made or found."""
        steps = outcome.trusted, outcome.features, outcome.ladder, outcome.answers
        return cls(outcome.source.name, settings, *steps)

    @property
    def stamp(self) -> str:
        """Digest that changes when any of the steps was made anew."""
        return fingerprint(
            self.source, *(step.key for step in (self.trusted, self.features, self.ladder, self.answers))
        )

    @cached_property
    def homes(self) -> pd.DataFrame:
        """The trusted ``homes`` alone, which is all that a search needs."""
        if self.trusted.is_read:
            return self.trusted.value.tables["homes"]
        return Step(self.trusted.folder, self.trusted.key, True, _read_homes_alone).value

    @cached_property
    def known(self) -> "Trusted":
        """Homes and what somebody has seen of them, without bills: a large utility's take seconds to read."""
        from case_heating.data.keep import read_trusted

        if self.trusted.is_read:
            return self.trusted.value
        read = partial(read_trusted, only=("homes", "labels"))
        return Step(self.trusted.folder, self.trusted.key, True, read).value

    def of_home(self, home_id: str) -> Tables:
        """All that was trusted of one home, and the weather of its place; quick however many bills there are.

        Raises
        ------
        WorkspaceError
            If the files were changed or damaged since.
        """
        return self.of_homes([home_id])

    def of_homes(self, home_ids: Sequence[str]) -> Tables:
        """All that was trusted of some homes, and the weather of their places.

        Raises
        ------
        WorkspaceError
            If the files were changed or damaged since.
        """
        from case_heating.data.keep import read_homes

        read = partial(read_homes, home_ids=home_ids)
        return Step(self.trusted.folder, self.trusted.key, True, read).value

    @cached_property
    def evidence(self) -> "Evidence":
        """The homes whose fuel somebody has seen."""
        from case_heating.journey import collect_evidence

        return collect_evidence(self.known, self.features.value, self.settings)


def made_sources(workspace: Path) -> list[str]:
    """Name the sources with finished answers, the embedded utility first."""
    found = {step.parent.name for step in workspace.glob("5_answers/*/step.json") if step.parent.name[0] != "."}
    return sorted(found, key=lambda name: (name != EMBEDDED, name))


def open_last(settings: Settings, source: str | None = None) -> Opened:
    """Open what the last run of a source left, whatever has changed since.

    Parameters
    ----------
    settings : Settings
        Names the workspace.
    source : str, optional
        The source's name, one of :func:`made_sources`; ``settings.source`` if not given.

    Raises
    ------
    NothingMadeError
        If no run of that source has got as far as answers.
    WorkspaceError
        If the folder is no workspace of this version.
    """
    name = source or settings.source
    if name not in (made := made_sources(settings.workspace)):
        others = f"; there are answers for {', '.join(made)}" if made else ""
        raise NothingMadeError(
            f"no run of {name} has finished in {settings.workspace}{others}. 'heating run --source {name}' makes them"
        )
    root = open_workspace(settings.workspace).root
    return Opened(
        name,
        settings,
        _last(root / "2_trusted" / name, _read_trusted),
        _last(root / "3_features" / name, lambda folder: pd.read_parquet(folder / "features.parquet")),
        _last(root / "4_models" / name, _read_ladder),
        _last(root / "5_answers" / name, lambda folder: pd.read_parquet(folder / "answers.parquet")),
    )


def take_explainer(opened: Opened, stage: str | None = None) -> "Explainer":
    """Explain with the model of a stage, the last one if not given; what homes typically are like is learned once.

    Raises
    ------
    KeyError
        If no model of that stage was made.
    """
    from case_heating.model.explain import Explainer
    from case_heating.model.typical import learn_typical, load_typical

    ladder = opened.ladder.value
    rung = ladder.rungs[-1] if stage is None else ladder[stage]

    def learn() -> "Typical":
        evidence = opened.evidence
        return learn_typical(evidence.features[list(rung.model.encoding.names)], evidence.is_gas)

    step = take_step(
        open_workspace(opened.settings.workspace),
        f"7_reasons/{opened.source}/{rung.stage}",
        fingerprint(opened.ladder.key, rung.stage),
        make=learn,
        write=lambda typical, folder: typical.save(folder / _TYPICAL),
        read=lambda folder: load_typical(folder / _TYPICAL),
    )
    return Explainer(rung.model, step.value)


def run_of_answers(opened: Opened) -> "RunOfAnswers":
    """Say which run, moment and model the answers of a source are of, as the records of the queue name it.

    Raises
    ------
    NothingMadeError
        If the model's folder is not whole.
    """
    from case_heating.people.records import RunOfAnswers

    rung = opened.ladder.value.rungs[-1]
    file = opened.ladder.folder / "models" / rung.stage / "digest.txt"
    try:
        digest = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NothingMadeError(f"{file} is not there ({error}); run 'heating run' again: it is made anew") from error
    return RunOfAnswers(opened.source, opened.trusted.value.as_of, digest, rung.stage)


def report_home(
    opened: Opened,
    engine: "Engine",
    explanation: "Explanation",
    *,
    reporter: str,
    reason: str,
    now: "datetime",
    heating_fuel: str | None = None,
) -> None:
    """Send a home to review because somebody says its answer is wrong, with what that answer stood on.

    Parameters
    ----------
    opened : Opened
        What the last run left.
    engine : Engine
        From ``open_store``.
    explanation : Explanation
        The home's answer and its reasons, by the model of the last stage.
    reporter, reason, now, heating_fuel
        As of :func:`~case_heating.people.review_report.report_wrong`.

    Raises
    ------
    ReviewError, DatabaseError
        As :func:`~case_heating.people.review_report.report_wrong`.
    NothingMadeError
        If the model's folder is not whole.
    """
    from case_heating.people.reasons import customer_words
    from case_heating.people.review_costs import costs_of
    from case_heating.people.review_report import report_wrong

    names = list(opened.ladder.value.rungs[-1].model.encoding.names)
    words = customer_words(explanation)
    report_wrong(
        engine,
        opened.features.value.loc[[explanation.home_id], names],
        explanation.probability_of_gas,
        reporter=reporter,
        reason=reason,
        run=run_of_answers(opened),
        costs=costs_of(opened.settings.workspace),
        reasons=(*words.reasons, words.against),
        now=now,
        heating_fuel=heating_fuel,
    )


def take_forecast(opened: Opened, progress: "Progress | None" = None) -> "LearnedForecast":
    """Give what :func:`~case_heating.model.forecast.forecast` draws the year ahead from; it is learned once.

    Raises
    ------
    NotEnoughDataError
        If there is no daily weather, no tariff or no monthly bill: a survey has no months to forecast.
    """
    from case_heating.journey import silent
    from case_heating.model.forecast_keep import take_forecast_step

    steps = opened.trusted, opened.answers
    return take_forecast_step(opened.source, *steps, opened.settings, progress=progress or silent).value


def take_cost(opened: Opened) -> "LearnedCost":
    """Give the model of what a year costs homes of which no bill is read; the main job keeps it.

    Raises
    ------
    NotEnoughDataError
        If no bill has a cost, or too few homes have a known cost and fuel.
    """
    from case_heating.model.cost_keep import take_cost_step

    stage = opened.ladder.value.rungs[-1].stage
    steps = opened.features, opened.trusted
    return take_cost_step(opened.source, *steps, opened.settings, stage=stage, bills=False).value


def _read_homes_alone(folder: Path) -> pd.DataFrame:
    return read_tables(folder / "tables", only=["homes"])["homes"]


def _read_trusted(folder: Path) -> "Trusted":
    from case_heating.data.keep import read_trusted

    return read_trusted(folder)


def _read_ladder(folder: Path) -> "Ladder":
    from case_heating.model.keep import read_ladder

    return read_ladder(folder)


def _last(folder: Path, read: Callable[[Path], T]) -> Step[T]:
    try:
        key = json.loads((folder / "step.json").read_text())["key"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NothingMadeError(f"{folder} is not whole ({error}); run 'heating run' again: it is made anew") from error
    return Step(folder, key, True, read)
