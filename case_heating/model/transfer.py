"""A model meets homes of another source: trained on one survey, tested on the next."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import reached_stages
from case_heating.features.stages import FEATURE
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.model.naive import neighbourhood_share
from case_heating.model.quality import Comparison, compare
from case_heating.settings import Settings

MIN_KNOWN_CATEGORIES = 0.5  # a category is shared when the training homes know it for half of the tested homes


@dataclass(frozen=True)
class Transferred:
    """One stage: the model of the training source on the tested one, the training source's naive answer beside it."""

    stage: str
    n_features: int
    elsewhere: Comparison


def shared_features(trained: pd.DataFrame, tested: pd.DataFrame) -> list[str]:
    """Name the features both sources fill; of categories, those that mostly mean something in both."""
    shared = []
    for name in trained:
        if trained[name].isna().all() or tested[name].isna().all():
            continue
        if FEATURE[name].kind == "category":
            known = tested[name].dropna().isin(trained[name].unique())
            if known.mean() < MIN_KNOWN_CATEGORIES:
                continue
        shared.append(name)
    return shared


def meet_elsewhere(
    trained: Evidence,
    tested: Evidence,
    settings: Settings,
    *,
    progress: Callable[[str, float], None] | None = None,
) -> list[Transferred]:
    """Train at each stage both sources reach and judge on the other source's homes.

    Parameters
    ----------
    trained, tested : Evidence
        Labelled homes of the two sources.
    settings : Settings
        Folds, seed, threads, bootstrap rounds and the last stage.

    Raises
    ------
    NotEnoughDataError
        If the two share no stage, or not the stage asked for.
    """
    names = shared_features(trained.features, tested.features)
    stages = [
        stage for stage in reached_stages(trained.features[names]) if stage in reached_stages(tested.features[names])
    ]
    if settings.stage is not None:
        if settings.stage not in stages:
            raise NotEnoughDataError(
                f"the two sources do not both reach stage {settings.stage!r}; both reach {', '.join(stages) or 'none'}"
            )
        stages = stages[: stages.index(settings.stage) + 1]
    if not stages:
        raise NotEnoughDataError("the two sources have no feature in common; map more columns")
    known = replace(trained, features=trained.features[names])
    both = pd.concat([trained.homes, tested.homes], ignore_index=True)
    then, now = np.split(np.arange(len(both)), [len(trained.homes)])
    naive = neighbourhood_share(both, np.concatenate([trained.is_gas, tested.is_gas]), (then, now))
    results = []
    for number, stage in enumerate(stages):
        if progress:
            progress(f"meeting the other source: {stage}", number / len(stages))
        _, model = fit_stage(known, stage, FuelParams(), settings)
        met = compare(
            tested.is_gas,
            model.probability_of_gas(tested.features),
            naive,
            rounds=settings.bootstrap_rounds,
            seed=settings.seed,
        )
        results.append(Transferred(stage, len(model.encoding.names), met))
    if progress:
        progress("meeting the other source", 1.0)
    return results
