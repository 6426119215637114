"""Scores for homes that the trees had not seen: what every honest figure is made from."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.fuel import (
    PROBABILITY_FLOOR,
    Bools,
    Calibration,
    Floats,
    FuelParams,
    choose_tree_count,
    encode,
    fit_calibration,
    grow_trees,
    learn_encoding,
    sigmoid,
)
from case_heating.model.split import Split


@dataclass(frozen=True)
class HeldOut:
    """Scores for homes that were held out while the trees grew; ``score`` is missing for homes never held out."""

    score: Floats
    fold: npt.NDArray[np.intp]
    n_trees: tuple[int, ...]
    splits: tuple[Split, ...]

    @property
    def seen(self) -> Bools:
        """Homes that were held out once, shape (n_homes,)."""
        return self.fold >= 0

    @property
    def usual_tree_count(self) -> int:
        """The middle one of the splits' numbers of trees."""
        return int(np.median(self.n_trees))

    def calibration(self, is_gas: Bools) -> Calibration:
        """Fit the calibration for later homes, on all scores."""
        return fit_calibration(self.score[self.seen], is_gas[self.seen])

    def calibrated(self, is_gas: Bools, *, learned_on: Self | None = None) -> Floats:
        """Probability of gas, each fold calibrated on scores of homes outside it.

        Parameters
        ----------
        is_gas : ndarray of bool, shape (n_homes,)
            The answers.
        learned_on : HeldOut, optional
            Scores of the same homes to learn the calibration from; these ones if not given. For held-out regions
            these are the scores of homes held out at random: that is what a utility has when it enters a new region.

        Returns
        -------
        ndarray, shape (n_homes,)
            Missing for homes that were never held out.
        """
        source = learned_on or self
        probability = np.full(len(self.score), np.nan)
        for number in np.unique(self.fold[self.seen]):
            own = self.fold == number
            others = source.seen & ~own
            probability[own] = fit_calibration(source.score[others], is_gas[others])(self.score[own])
        return probability


def score_held_out(
    features: pd.DataFrame,
    is_gas: Bools,
    splits: Sequence[Split],
    params: FuelParams,
    *,
    seed: int,
    threads: int,
    n_trees: int | None = None,
) -> HeldOut:
    """Train on each split's training part and score its test part.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        Features of labelled homes.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    splits : sequence of (train, test)
        From ``model/split.py``.
    params : FuelParams
        LightGBM's parameters.
    seed : int
        Seed of the trees.
    threads : int
        Splits worked on side by side; the result does not depend on it.
    n_trees : int, optional
        Number of trees; if not given each split chooses its own inside its training part.
    """

    def one(split: Split) -> tuple[Floats, int]:
        train, test = split
        encoding = learn_encoding(features.iloc[train])
        matrix = encode(features, encoding)
        count = n_trees or choose_tree_count(matrix[train], is_gas[train], encoding, params, seed)
        booster = grow_trees(matrix[train], is_gas[train], encoding, params, n_trees=count, seed=seed)
        return np.asarray(booster.predict(matrix[test], raw_score=True, num_threads=1)), count

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(one, splits))
    score = np.full(len(is_gas), np.nan)
    fold = np.full(len(is_gas), -1)
    for number, ((_, test), (found, _)) in enumerate(zip(splits, results, strict=True)):
        score[test], fold[test] = found, number
    return HeldOut(score, fold, tuple(count for _, count in results), tuple(splits))


def tune_params(
    features: pd.DataFrame, is_gas: Bools, splits: Sequence[Split], *, trials: int, seed: int, threads: int
) -> FuelParams:
    """Try random parameters around the defaults and keep those with the smallest log loss on held-out homes.

    The defaults are always the first trial, so that tuning never ends worse than not tuning on these splits.
    To judge a tuned model use homes that these splits did not hold out.
    """
    rng = np.random.default_rng(seed)
    candidates = [FuelParams()]
    for _ in range(max(0, trials - 1)):
        candidates.append(
            replace(
                FuelParams(),
                num_leaves=int(rng.choice([7, 11, 15, 23, 31])),
                learning_rate=float(rng.choice([0.03, 0.045, 0.06, 0.09])),
                feature_fraction=float(rng.choice([0.25, 0.4, 0.6])),
                min_data_in_leaf=int(rng.choice([10, 20, 40])),
                lambda_l2=float(rng.choice([0.0, 1.0, 5.0, 20.0])),
            )
        )

    def loss(params: FuelParams) -> float:
        found = score_held_out(features, is_gas, splits, params, seed=seed, threads=threads)
        probability = np.clip(sigmoid(found.score[found.seen]), PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
        return float(-np.log(np.where(is_gas[found.seen], probability, 1 - probability)).mean())

    return min(candidates, key=loss)
