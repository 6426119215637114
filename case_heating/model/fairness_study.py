"""All that is asked about fairness of one model at one stage, in the order in which it is asked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import select_stage
from case_heating.model.evidence import Evidence
from case_heating.model.fairness import (
    SENSITIVE_TRAITS,
    Fairness,
    FairnessLimits,
    measure_fairness,
    traits_of,
)
from case_heating.model.fairness_verdict import FairnessVerdict, judge_fairness
from case_heating.model.gap_causes import standardised_gaps
from case_heating.model.proxies import do_without, tell_traits
from case_heating.model.remedies import Decision, Focus, choose_remedy, compare_remedies, worst_group
from case_heating.schema import Tables
from case_heating.settings import Settings


@dataclass(frozen=True)
class FairnessStudy:
    """What was found; tables are empty, and ``focus`` is ``None``, where there was nothing to look at.

    Attributes
    ----------
    fairness : Fairness
        Figures of each group.
    verdict : FairnessVerdict
        Whether the model may be used.
    gaps : DataFrame
        From ``standardised_gaps``: what the gaps go with.
    told : DataFrame
        From ``tell_traits``: how well features tell the traits.
    without : DataFrame
        From ``do_without``: accuracy and gaps without each kind of fact.
    focus : Focus or None
        The group whose gas homes are called electric most above others; the remedies are tried for it.
    remedies : DataFrame
        From ``compare_remedies``.
    decision : Decision or None
        Which remedy is taken, and why.
    deep : bool
        Whether causes, proxies and remedies were looked for.
    n_targeted : int
        Homes left out because a source that hears of one fuel alone told of them.
    """

    stage: str
    limits: FairnessLimits
    review_below: tuple[float, float] | None
    fairness: Fairness
    verdict: FairnessVerdict
    gaps: pd.DataFrame
    told: pd.DataFrame
    without: pd.DataFrame
    focus: Focus | None
    remedies: pd.DataFrame
    decision: Decision | None
    deep: bool = True
    n_targeted: int = 0


def study_fairness(
    tables: Tables,
    evidence: Evidence,
    probability: npt.NDArray[np.float64],
    *,
    stage: str,
    n_trees: int,
    settings: Settings,
    limits: FairnessLimits | None = None,
    review_below: tuple[float, float] | None = None,
    costs: pd.DataFrame | None = None,
    deep: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> FairnessStudy:
    """Measure, judge, look for causes and proxies, and try remedies for the group that fares worst.

    Homes known from a rebate are left out, as the gate leaves them out: every one of them is an electric home whose
    last bills still tell of the furnace, and all of them belong to owners, so that they would be judged as a group.

    Parameters
    ----------
    tables : Tables
        Trusted tables; ``sensitive`` may be absent, and then the verdict is that nothing can be judged.
    evidence : Evidence
        Labelled homes with features of the stage or of later ones.
    probability : ndarray, shape (n_labelled_homes,)
        Held-out probability of gas of the model at this stage.
    stage : str
        The data stage.
    n_trees : int
        Trees of the model; the models it is compared with get as many.
    settings : Settings
        Folds, seed, threads and bootstrap rounds.
    limits : FairnessLimits, optional
        What is allowed.
    review_below : tuple of float, optional
        Homes whose likelier fuel is less likely than this go to people.
    costs : DataFrame, optional
        ``error_usd`` and ``cost_usd`` of homes by ``home_id``. [USD a year]
    deep : bool
        Look for causes, proxies and remedies as well, which trains many models.
    progress : callable, optional
        Told what is being done and the share of that part done.

    Raises
    ------
    NotEnoughDataError
        If probability and evidence are of different homes, or some home was never held out.
    """
    if len(probability) != len(evidence.is_gas) or np.isnan(probability).any():
        raise NotEnoughDataError(
            f"there are {len(evidence.is_gas):,} labelled homes and {int((~np.isnan(probability)).sum()):,} held-out "
            "answers; fairness needs one for each: run 'heating run' again"
        )
    limits = limits or FairnessLimits()
    kept = ~evidence.is_targeted
    n_targeted = int((~kept).sum())
    if n_targeted:
        evidence, probability = evidence.at(kept), probability[kept]
    traits = traits_of(tables, evidence.features.index)
    fairness = measure_fairness(
        evidence.is_gas,
        probability,
        traits,
        limits=limits,
        review_below=review_below,
        costs=costs,
        rounds=settings.bootstrap_rounds,
        seed=settings.seed,
        progress=progress,
    )
    features, is_gas = select_stage(evidence.features, stage), evidence.is_gas
    told, without, remedies, decision = pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), None
    verdict = judge_fairness(fairness, limits)
    focus = worst_group(fairness, SENSITIVE_TRAITS)
    if not deep:
        none = pd.DataFrame()
        return FairnessStudy(
            stage, limits, review_below, fairness, verdict, none, none, none, focus, none, None, False, n_targeted
        )
    gaps = standardised_gaps(
        evidence, probability, traits, limits=limits, rounds=settings.bootstrap_rounds, seed=settings.seed
    )
    if focus is not None:
        told = tell_traits(features, traits, limits=limits, settings=settings, progress=progress)
        without = do_without(
            features,
            is_gas,
            probability,
            traits,
            limits=limits,
            settings=settings,
            n_trees=n_trees,
            progress=progress,
        )
        remedies = compare_remedies(
            features,
            is_gas,
            probability,
            traits.groups[focus.trait],
            focus,
            _carried(told, focus),
            limits=limits,
            settings=settings,
            n_trees=n_trees,
            progress=progress,
        )
        decision = choose_remedy(remedies, focus, limits)
    found = gaps, told, without, focus, remedies, decision
    return FairnessStudy(stage, limits, review_below, fairness, verdict, *found, n_targeted=n_targeted)


def _carried(told: pd.DataFrame, focus: Focus) -> dict[str, float]:
    """AUC lost by kind of fact; for a trait of two groups the row of the other one says the same."""
    own = told[told["trait"] == focus.trait]
    row = own[own["group"] == focus.group] if (own["group"] == focus.group).any() else own
    kinds = row.columns.difference(["trait", "group", "n_homes", "auc", "low", "high"], sort=False)
    return {} if row.empty else {str(kind): float(row.iloc[0][kind]) for kind in kinds}
