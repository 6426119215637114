"""How far a utility's data reach: which stages, for how many homes, and what the next one needs."""

from dataclasses import dataclass

import pandas as pd

from case_heating.features.build import reached_stages
from case_heating.features.stages import FEATURE, STAGES
from case_heating.people.words import STAGE_NEEDS, homes, stage_name


@dataclass(frozen=True)
class StageReach:
    """How many homes have a fact of a stage.

    Attributes
    ----------
    stage : str
        One of :data:`~case_heating.features.stages.STAGES`.
    n_homes : int
        Homes with a fact of its own.
    of_homes : int
        Of so many.
    reached : bool
        Whether they are enough for a model to use the stage.
    """

    stage: str
    n_homes: int
    of_homes: int
    reached: bool

    @property
    def name(self) -> str:
        """Its name for people."""
        return stage_name(self.stage)

    @property
    def needs(self) -> str:
        """What has to be mapped for it."""
        return STAGE_NEEDS[self.stage]


def look_how_far(features: pd.DataFrame) -> tuple[StageReach, ...]:
    """Count for each stage the homes that have a fact of it.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        From ``build_features`` at the last stage.
    """
    reached = reached_stages(features)
    found = []
    for stage in STAGES:
        own = features[[name for name in features if FEATURE[name].stage == stage]]
        found.append(StageReach(stage, int(own.notna().any(axis="columns").sum()), len(features), stage in reached))
    return tuple(found)


def reach_in_words(found: tuple[StageReach, ...]) -> str:
    """Say which stage is reached and what the first one that is not would need.

    >>> reach_in_words((StageReach("location", 90, 100, True), StageReach("billing", 2, 100, False)))
    'The data reach the stage “Location and dwelling”. The next, “Electricity bill”, needs nine months or more of \
electricity bills for each home (bills): 2 homes of 100 have that.'
    """
    last = next((one for one in reversed(found) if one.reached), None)
    lacking = next((one for one in found if not one.reached), None)
    told = "The data reach no stage yet." if last is None else f"The data reach the stage “{last.name}”."
    if lacking is None:
        return f"{told} There is no further one: all that a model can use is there."
    comes_next = last is None or found.index(lacking) > found.index(last)
    word = "The next" if comes_next else "One before it that is missing"
    have = f"{homes(lacking.n_homes)} of {lacking.of_homes:,} have that"
    return f"{told} {word}, “{lacking.name}”, needs {lacking.needs}: {have}."
