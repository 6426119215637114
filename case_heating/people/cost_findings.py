"""What was found of cost: how well a year's cost is told of homes that were held out, and the year ahead."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.errors import NotEnoughDataError
from case_heating.model.cost_held_out import CostJudgement, judge_cost
from case_heating.model.cost_keep import LearnedCost, take_cost_step
from case_heating.model.forecast_keep import take_forecast_step
from case_heating.people.forecast_figures import ForecastFigures, look_ahead
from case_heating.settings import Settings
from case_heating.workspace import Step

T = TypeVar("T")

MIN_GROUP_HOMES = 200  # a group's coverage of 85 % has a standard error of 2.5 points with 200 homes


@dataclass(frozen=True)
class CostFindings:
    """What is told of cost; what is not there is ``None``, and beside it stands why.

    Attributes
    ----------
    stage : str
        The data stage of the cost model, which reads none of the home's own bills.
    judgement : CostJudgement or None
        On held-out homes.
    forecast : ForecastFigures or None
        The year ahead.
    no_cost, no_forecast : str
        Why there is none; empty where there is one.
    """

    stage: str
    judgement: CostJudgement | None
    forecast: ForecastFigures | None
    no_cost: str = ""
    no_forecast: str = ""

    @property
    def costs(self) -> pd.DataFrame | None:
        """``cost_usd`` and ``error_usd`` of each home that was held out, by ``home_id``. [USD/year]"""
        return None if self.judgement is None else self.judgement.costs


def find_costs(
    source: str,
    features: Step[pd.DataFrame],
    trusted: Step[Trusted],
    answers: Step[pd.DataFrame],
    settings: Settings,
    *,
    stage: str,
    progress: Callable[[str, float], None],
) -> CostFindings:
    """Say what a year costs homes without bills, and what the year ahead costs all; or why it cannot be told.

    Parameters
    ----------
    source : str
        Name of the source, as in the folders of the steps.
    features, trusted, answers : Step
        Steps of the journey.
    settings : Settings
        Seed, threads and workspace, where what is learned is kept.
    stage : str
        Last data stage the cost model uses.
    progress : callable
        Told what is being done.
    """
    tables, as_of = trusted.value.tables, trusted.value.as_of
    judged, no_cost = _or_why(lambda: judge_homes(source, features, trusted, settings, stage=stage, progress=progress))

    def ahead() -> ForecastFigures:
        learned = take_forecast_step(source, trusted, answers, settings, progress=progress).value
        return look_ahead(tables, as_of=as_of, learned=learned, progress=progress)

    figures, no_forecast = _or_why(ahead)
    return CostFindings(stage, judged, figures, no_cost, no_forecast)


def judge_homes(
    source: str,
    features: Step[pd.DataFrame],
    trusted: Step[Trusted],
    settings: Settings,
    *,
    stage: str,
    progress: Callable[[str, float], None],
) -> CostJudgement:
    """Judge the workspace's cost model on held-out homes without bills. Parameters as in :func:`find_costs`.

    Raises
    ------
    NotEnoughDataError
        If no bill has a cost, or too few homes have a known cost and fuel.
    """
    told = partial(progress, "learning what homes pay")
    learned: LearnedCost = take_cost_step(
        source, features, trusted, settings, stage=stage, bills=False, progress=told
    ).value
    tables = trusted.value.tables
    sensitive = tables.get("sensitive")
    return judge_cost(
        learned.held_out,
        tables["homes"].set_index("home_id"),
        None if sensitive is None else sensitive.set_index("home_id"),
        min_group_homes=MIN_GROUP_HOMES,
    )


def _or_why(make: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return make(), ""
    except NotEnoughDataError as error:
        return None, str(error).rstrip(".")
