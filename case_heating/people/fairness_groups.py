"""Whether the answers are as right for each group of people: measured once for a model, and kept beside it."""

from dataclasses import asdict, astuple

import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.model.evidence import Evidence
from case_heating.model.fairness import FairnessLimits
from case_heating.model.fairness_keep import read_study, write_study
from case_heating.model.fairness_study import FairnessStudy, study_fairness
from case_heating.model.ladder import Ladder
from case_heating.people.review_costs import costs_of
from case_heating.people.routing import choose_thresholds
from case_heating.settings import Settings
from case_heating.workspace import Step, fingerprint, open_workspace, take_step


def take_groups(
    source: str,
    ladder: Step[Ladder],
    trusted: Trusted,
    evidence: Evidence,
    settings: Settings,
    *,
    costs: pd.DataFrame | None = None,
) -> Step[FairnessStudy]:
    """Judge each group of people, or find it judged before; causes and remedies are not looked for.

    Parameters
    ----------
    source : str
        The source's name.
    ladder : Step
        Its models; the last one is judged.
    trusted : Trusted
        Its tables.
    evidence : Evidence
        The labelled homes.
    settings : Settings
        Workspace, seed and bootstrap rounds.
    costs : DataFrame, optional
        ``error_usd`` and ``cost_usd`` of homes by ``home_id``, where what a year costs them was judged. [USD/year]
    """
    rung, review_below = ladder.value.rungs[-1], thresholds_of(settings)
    return take_step(
        open_workspace(settings.workspace),
        groups_step(source),
        groups_key(ladder.key, review_below, with_costs=costs is not None),
        make=lambda: study_fairness(
            trusted.tables,
            evidence,
            rung.probability,
            stage=rung.stage,
            n_trees=rung.model.booster.num_trees(),
            settings=settings,
            review_below=review_below,
            costs=costs,
            deep=False,
        ),
        write=write_study,
        read=read_study,
    )


def find_groups(source: str, ladder: Step[Ladder], settings: Settings) -> Step[FairnessStudy] | None:
    """Find the groups as they were judged of this very model, with or without costs; nothing where they were not."""
    workspace, review_below = open_workspace(settings.workspace), thresholds_of(settings)
    for with_costs in (True, False):
        key = groups_key(ladder.key, review_below, with_costs=with_costs)
        if (folder := workspace.reuse(groups_step(source), key)) is not None:
            return Step(folder, key, True, read_study)
    return None


def thresholds_of(settings: Settings) -> tuple[float, float]:
    """Give how sure of gas and of electricity the machine must be to answer alone, at the workspace's prices."""
    below_gas, below_electricity = astuple(choose_thresholds(costs_of(settings.workspace)))
    return below_gas, below_electricity


def groups_step(source: str) -> str:
    """Name the step's folder."""
    return f"7_fairness/{source}/groups"


def groups_key(ladder_key: str, review_below: tuple[float, float], *, with_costs: bool) -> str:
    """Digest of all that decides the figures of groups."""
    return fingerprint(ladder_key, review_below, asdict(FairnessLimits()), with_costs)
