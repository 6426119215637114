"""The ladder: how good the answer is at each stage of data, always beside the naive answer and a held-out region."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import reached_stages, select_stage
from case_heating.features.stages import STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelModel, FuelParams, train_fuel_model
from case_heating.model.held_out import HeldOut, score_held_out, tune_params
from case_heating.model.naive import naive_held_out, neighbourhood_share
from case_heating.model.quality import Comparison, Figure, compare
from case_heating.model.split import by_home, by_region
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Untargeted:
    """The figures of a rung without the homes that were told by a source which hears of one fuel alone."""

    by_home: Comparison | None
    by_region: Comparison | None
    by_time: Comparison | None


@dataclass(frozen=True)
class Rung:
    """All that is known about one stage.

    Attributes
    ----------
    by_home, by_region, by_time
        Homes held out at random, by whole region, and by having been labelled after the model was trained;
        ``by_region`` and ``by_time`` are ``None`` where the source has one region or one moment, or the homes to
        train on or to test heat with one fuel.
    weighted
        As ``by_home``, each home counted with its survey weight; ``None`` without weights.
    step
        Gain in accuracy over the stage before, on the same homes; ``None`` on the first stage.
    probability : ndarray, shape (n_labelled_homes,)
        Calibrated probability of gas of each home when it was held out at random.
    untargeted : Untargeted or None
        The same figures without homes known from a rebate; ``None`` where there are no such homes.
    """

    stage: str
    n_features: int
    by_home: Comparison
    weighted: Comparison | None
    by_region: Comparison | None
    by_time: Comparison | None
    step: Figure | None
    probability: Floats
    model: FuelModel
    untargeted: Untargeted | None = None


@dataclass(frozen=True)
class Ladder:
    """The rungs in the order of the stages, and the stages this source does not reach."""

    rungs: tuple[Rung, ...]
    not_reached: tuple[str, ...]

    def __getitem__(self, stage: str) -> Rung:
        for rung in self.rungs:
            if rung.stage == stage:
                return rung
        raise KeyError(f"the data do not reach stage {stage!r}; they reach {', '.join(r.stage for r in self.rungs)}")

    def table(self) -> pd.DataFrame:
        """One row per stage: accuracy and AUC of the model, the naive answer, and both on held-out regions."""
        rows = []
        for rung in self.rungs:
            row = {
                "stage": rung.stage,
                "accuracy": rung.by_home.model["accuracy"].value,
                "low": rung.by_home.model["accuracy"].low,
                "high": rung.by_home.model["accuracy"].high,
                "auc": rung.by_home.model["auc"].value,
                "brier": rung.by_home.model["brier"].value,
                "naive_accuracy": rung.by_home.rival["accuracy"].value,
                "step": np.nan if rung.step is None else rung.step.value,
            }
            for name, comparison in (("region", rung.by_region), ("time", rung.by_time)):
                row[f"{name}_accuracy"] = np.nan if comparison is None else comparison.model["accuracy"].value
                row[f"{name}_auc"] = np.nan if comparison is None else comparison.model["auc"].value
                row[f"{name}_naive_accuracy"] = np.nan if comparison is None else comparison.rival["accuracy"].value
            rows.append(row)
        return pd.DataFrame(rows).set_index("stage")


def climb(
    evidence: Evidence,
    settings: Settings,
    *,
    earlier: Evidence | None = None,
    up_to: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Ladder:
    """Train and judge a model at every stage the homes reach.

    Parameters
    ----------
    evidence : Evidence
        Labelled homes with features of the last stage wanted.
    settings : Settings
        Folds, seed, threads, bootstrap rounds, tuning.
    earlier : Evidence, optional
        The same utility as it was known a while before; homes labelled since then test what was trained then.
    up_to : str, optional
        Last stage to climb to.
    progress : callable, optional
        Called with the stage and the share of the work done.

    Raises
    ------
    NotEnoughDataError
        If one fuel has fewer homes than folds, or the stage asked for, or any at all, is not reached.
    """
    reached = reached_stages(evidence.features)
    not_reached = tuple(stage for stage in STAGES if stage not in reached)
    if up_to is not None:
        if up_to not in reached:
            raise NotEnoughDataError(
                f"stage {up_to!r} ({STAGES[up_to]}) is not reached: fewer than one home in twenty has such a fact. "
                f"The data reach {', '.join(reached)}"
            )
        reached = reached[: reached.index(up_to) + 1]
    if not reached:
        raise NotEnoughDataError(
            f"the {len(evidence.is_gas):,} labelled homes reach no stage: fewer than one in twenty has a fact a model "
            "may know; map more columns, the dwelling type or a year's electricity bill first"
        )
    rungs: list[Rung] = []
    for number, stage in enumerate(reached):
        if progress:
            progress(stage, number / len(reached))
        previous = rungs[-1].probability if rungs else None
        rungs.append(_climb_one(evidence, stage, settings, earlier, previous))
    if progress:
        progress(reached[-1], 1.0)
    return Ladder(tuple(rungs), not_reached)


def _climb_one(
    evidence: Evidence, stage: str, settings: Settings, earlier: Evidence | None, previous: Floats | None
) -> Rung:
    params = FuelParams()
    if settings.tune_trials > 1:
        params = tune_params(
            select_stage(evidence.features, stage),
            evidence.is_gas,
            by_home(evidence.is_gas, folds=3, seed=settings.seed + 1),
            trials=settings.tune_trials,
            seed=settings.seed,
            threads=settings.threads,
        )
    held_out, model = fit_stage(evidence, stage, params, settings)
    is_gas, probability = evidence.is_gas, held_out.calibrated(evidence.is_gas)
    naive = naive_held_out(evidence.homes, is_gas, held_out.splits)
    against = partial(compare, is_gas, probability, rounds=settings.bootstrap_rounds, seed=settings.seed)
    by_region, by_region_untargeted = _hold_regions_out(evidence, stage, params, held_out, settings)
    by_time, by_time_untargeted = None, None
    if earlier is not None:
        by_time, by_time_untargeted = _meet_later_labels(earlier, evidence, stage, params, held_out, settings)
    by_home_untargeted = _untargeted(evidence.is_targeted, is_gas, probability, naive, settings)
    untargeted = Untargeted(by_home_untargeted, by_region_untargeted, by_time_untargeted)
    return Rung(
        stage=stage,
        n_features=len(model.encoding.names),
        by_home=against(naive),
        weighted=None if evidence.weight is None else against(naive, weight=evidence.weight),
        by_region=by_region,
        by_time=by_time,
        step=None if previous is None else against(previous).gain["accuracy"],
        probability=probability,
        model=model,
        untargeted=untargeted if evidence.is_targeted.any() else None,
    )


def fit_stage(
    evidence: Evidence, stage: str, params: FuelParams, settings: Settings, *, n_trees: int | None = None
) -> tuple[HeldOut, FuelModel]:
    """Score every home while it is held out, then fit the model that is handed on.

    Each split chooses its own number of trees unless one is given.

    Raises
    ------
    NotEnoughDataError
        If one fuel has fewer homes than folds.
    """
    features, is_gas = select_stage(evidence.features, stage), evidence.is_gas
    splits = by_home(is_gas, folds=settings.folds, seed=settings.seed)
    held_out = score_held_out(
        features, is_gas, splits, params, seed=settings.seed, threads=settings.threads, n_trees=n_trees
    )
    model = train_fuel_model(
        features,
        is_gas,
        stage=stage,
        n_trees=held_out.usual_tree_count,
        calibration=held_out.calibration(is_gas),
        params=params,
        seed=settings.seed,
    )
    return held_out, model


def _hold_regions_out(
    evidence: Evidence, stage: str, params: FuelParams, held_out: HeldOut, settings: Settings
) -> tuple[Comparison | None, Comparison | None]:
    """Compare on whole regions held out: on all their homes, and without those known from a rebate."""
    is_gas = evidence.is_gas
    # What remains beside a region may know one fuel alone, such as the districts without gas mains.
    splits = [split for split in by_region(evidence.region) if _rarer(is_gas[split[0]])]
    if not splits or not _rarer(is_gas[np.concatenate([test for _, test in splits])]):
        return None, None
    found = score_held_out(
        select_stage(evidence.features, stage),
        is_gas,
        splits,
        params,
        seed=settings.seed,
        threads=settings.threads,
        n_trees=held_out.usual_tree_count,
    )
    said, naive = found.calibrated(is_gas, learned_on=held_out), naive_held_out(evidence.homes, is_gas, splits)
    return (
        compare(is_gas, said, naive, rounds=settings.bootstrap_rounds, seed=settings.seed),
        _untargeted(evidence.is_targeted, is_gas, said, naive, settings),
    )


def _meet_later_labels(
    earlier: Evidence, evidence: Evidence, stage: str, params: FuelParams, held_out: HeldOut, settings: Settings
) -> tuple[Comparison | None, Comparison | None]:
    """Train on what was known at the earlier moment; test on the homes labelled since, as they are known now.

    The second comparison leaves out those known from a rebate.
    """
    new = ~evidence.features.index.isin(earlier.features.index)
    if min(_rarer(earlier.is_gas), _rarer(evidence.is_gas[new])) < settings.folds:
        return None, None
    _, model = fit_stage(earlier, stage, params, settings, n_trees=held_out.usual_tree_count)
    both = pd.concat([earlier.homes, evidence.homes[new]])
    then, now = np.split(np.arange(len(both)), [len(earlier.homes)])
    is_gas, said = evidence.is_gas[new], model.probability_of_gas(evidence.features[new])
    naive = neighbourhood_share(both, np.concatenate([earlier.is_gas, is_gas]), (then, now))
    return (
        compare(is_gas, said, naive, rounds=settings.bootstrap_rounds, seed=settings.seed),
        _untargeted(evidence.is_targeted[new], is_gas, said, naive, settings),
    )


def _untargeted(
    is_targeted: npt.NDArray[np.bool_],
    is_gas: npt.NDArray[np.bool_],
    said: Floats,
    naive: Floats,
    settings: Settings,
) -> Comparison | None:
    """Compare on the homes that no source of one fuel told of; nothing where there are none of the others."""
    kept = ~is_targeted
    answered = kept & ~np.isnan(said)
    if kept.all() or not _rarer(is_gas[answered]):
        return None
    return compare(is_gas[kept], said[kept], naive[kept], rounds=settings.bootstrap_rounds, seed=settings.seed)


def _rarer(is_gas: npt.NDArray[np.bool_]) -> int:
    """Homes of the fuel that fewer heat with."""
    return int(min(is_gas.sum(), (~is_gas).sum()))
