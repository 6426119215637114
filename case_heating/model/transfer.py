"""A model meets homes of another source: trained on one survey, tested on the next."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import facts_of_places, reached_stages
from case_heating.features.stages import FEATURE
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.model.naive import neighbourhood_share
from case_heating.model.quality import Comparison, compare
from case_heating.settings import Settings

FINE_PLACES = ("district", "state")  # of which something may be published, before the division's facts are taken
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
        if FEATURE[name].kind == "category" and not _means_the_same(trained[name], tested[name]):
            continue
        shared.append(name)
    return shared


def as_known_in_both(trained: Evidence, tested: Evidence) -> tuple[Evidence, Evidence]:
    """Keep of two sources' features those they share, and take what is published of places both name.

    Where one source names small districts and the other whole divisions, a model that learned from districts' figures
    would read too much into divisions'; then both get those of the division.
    """
    unlike = [
        place
        for place in FINE_PLACES
        if not all(place in one.homes for one in (trained, tested))
        or not _means_the_same(trained.homes[place], tested.homes[place])
    ]
    trained, tested = (_without_places(one, unlike) for one in (trained, tested))
    names = shared_features(trained.features, tested.features)
    return replace(trained, features=trained.features[names]), replace(tested, features=tested.features[names])


def _means_the_same(trained: pd.Series, tested: pd.Series) -> bool:
    """Whether the training homes know the category of most of the tested ones."""
    return bool(tested.dropna().isin(trained.unique()).mean() >= MIN_KNOWN_CATEGORIES)


def _without_places(evidence: Evidence, places: list[str]) -> Evidence:
    """Take what is published of each home's place as if it had no places of these kinds."""
    facts = facts_of_places(evidence.homes.drop(columns=places, errors="ignore"), evidence.as_of)
    taken = {name: facts[name].to_numpy() for name in facts if name in evidence.features}
    return replace(evidence, features=evidence.features.assign(**taken))


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
    trained, tested = as_known_in_both(trained, tested)
    stages = [stage for stage in reached_stages(trained.features) if stage in reached_stages(tested.features)]
    if settings.stage is not None:
        if settings.stage not in stages:
            raise NotEnoughDataError(
                f"the two sources do not both reach stage {settings.stage!r}; both reach {', '.join(stages) or 'none'}"
            )
        stages = stages[: stages.index(settings.stage) + 1]
    if not stages:
        raise NotEnoughDataError("the two sources have no feature in common; map more columns")
    both = pd.concat([trained.homes, tested.homes], ignore_index=True)
    then, now = np.split(np.arange(len(both)), [len(trained.homes)])
    naive = neighbourhood_share(both, np.concatenate([trained.is_gas, tested.is_gas]), (then, now))
    results = []
    for number, stage in enumerate(stages):
        if progress:
            progress(f"meeting the other source: {stage}", number / len(stages))
        _, model = fit_stage(trained, stage, FuelParams(), settings)
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
