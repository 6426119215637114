"""Three learners that look at the trait to become fairer; what they answer is judged in ``remedies``.

References
----------
.. [1] F. Kamiran and T. Calders, "Data preprocessing techniques for classification without discrimination", 2012.
.. [2] A. Agarwal et al., "A reductions approach to fair classification", ICML 2018.
.. [3] M. Hardt et al., "Equality of opportunity in supervised learning", NeurIPS 2016.
"""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.reductions import ExponentiatedGradient, TruePositiveRateParity
from sklearn.base import BaseEstimator

from case_heating.model.fuel import Encoding, FuelParams
from case_heating.model.split import Split
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]

SMALL_TREES, SMALL_LEAVES = 60, 7  # the constrained learner is fitted some dozen times
MAX_ROUNDS = 15  # of the constrained learner: keeps it to half a minute on 5,000 homes
CONSTRAINT_SLACK = 0.02  # difference from the mean share of gas homes called gas that is aimed at
NO_FACT = -1e6  # stands for a missing fact; no fact of a home lies there


def reweighing(is_gas: Bools, side: Names) -> Floats:
    """Weigh homes so that trait and fuel become independent: expected over observed share of each combination.

    Examples
    --------
    >>> reweighing(np.array([True, True, False, True]), np.array(["a", "a", "a", "b"], dtype=object)).tolist()
    [1.125, 1.125, 0.75, 0.75]
    """
    frame = pd.DataFrame({"side": side, "gas": is_gas})
    n_side, n_gas = (frame.groupby(name)["gas"].transform("size") for name in ("side", "gas"))
    return (n_side * n_gas / len(frame) / frame.groupby(["side", "gas"])["gas"].transform("size")).to_numpy(dtype=float)


def answer_reweighed(
    matrix: Floats,
    is_gas: Bools,
    side: Names,
    encoding: Encoding,
    splits: Sequence[Split],
    n_trees: int,
    settings: Settings,
) -> Floats:
    """Answer held-out homes with trees grown on weighted homes: 1 for gas, 0 for electricity, shape (n_homes,).

    Parameters
    ----------
    matrix : ndarray, shape (n_homes, n_features)
        Encoded features.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    side : ndarray of str, shape (n_homes,)
        Group of each home.
    encoding : Encoding
        Which columns are categories.
    splits : sequence of (train, test)
        Every home in one test part.
    n_trees : int
        Number of trees.
    settings : Settings
        Seed and threads.
    """
    params = FuelParams().for_lightgbm(settings.seed)

    def one(split: Split) -> Floats:
        train, test = split
        data = lightgbm.Dataset(
            matrix[train],
            is_gas[train].astype(float),
            weight=reweighing(is_gas[train], side[train]),
            categorical_feature=encoding.category_columns,
        )
        booster = lightgbm.train(params, data, n_trees)
        return (np.asarray(booster.predict(matrix[test], num_threads=1)) >= 0.5).astype(float)

    return _joined(splits, one, settings.threads)


def answer_constrained(
    matrix: Floats, is_gas: Bools, side: Names, splits: Sequence[Split], settings: Settings
) -> tuple[Floats, Floats]:
    """Answer with a small learner as it is, and by lot under equal shares of gas homes called gas in all groups."""

    def learner() -> lightgbm.LGBMClassifier:
        return lightgbm.LGBMClassifier(
            n_estimators=SMALL_TREES,
            num_leaves=SMALL_LEAVES,
            learning_rate=0.1,
            min_child_samples=20,
            random_state=settings.seed,
            n_jobs=1,
            deterministic=True,
            force_row_wise=True,
            verbosity=-1,
        )

    filled = np.nan_to_num(matrix, nan=NO_FACT)  # fairlearn takes no missing values; no fact of a home lies there

    def plain(split: Split) -> Floats:
        train, test = split
        small = learner().fit(filled[train], is_gas[train].astype(int))
        return np.asarray(small.predict(filled[test]), dtype=float)

    def fair(split: Split) -> Floats:
        train, test = split
        constraint = TruePositiveRateParity(difference_bound=CONSTRAINT_SLACK)
        mitigator = ExponentiatedGradient(learner(), constraint, max_iter=MAX_ROUNDS)
        mitigator.fit(filled[train], is_gas[train].astype(int), sensitive_features=side[train])
        return np.asarray(mitigator._pmf_predict(filled[test])[:, 1], dtype=float)

    with warnings.catch_warnings():
        # fairlearn 0.15 sets new keys by .at, which pandas 4 will refuse; LightGBM misses names it gave itself
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        warnings.filterwarnings("ignore", message="X does not have valid feature names", category=UserWarning)
        return _joined(splits, plain, settings.threads), _joined(splits, fair, settings.threads)


class _AsGiven(BaseEstimator):
    """An estimator whose answer is the probability it is handed."""

    def fit(self, *_: object) -> "_AsGiven":
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, probability: Floats) -> Floats:
        return np.asarray(probability)[:, 0]


def answer_by_group(probability: Floats, is_gas: Bools, side: Names, splits: Sequence[Split]) -> Floats:
    """Give the chance of saying gas with thresholds that make shares of gas homes called gas equal, shape (n_homes,).

    The thresholds are learned on held-out probabilities of other homes; the trait is needed for every answer.
    """

    def one(split: Split) -> Floats:
        train, test = split
        optimizer = ThresholdOptimizer(
            estimator=_AsGiven(),
            constraints="true_positive_rate_parity",
            objective="accuracy_score",
            prefit=True,
            predict_method="predict",
        )
        optimizer.fit(probability[train, None], is_gas[train].astype(int), sensitive_features=side[train])
        chances = optimizer._pmf_predict(probability[test, None], sensitive_features=side[test])
        return np.asarray(chances[:, 1], dtype=float)

    return _joined(splits, one, 1)


def _joined(splits: Sequence[Split], one: Callable[[Split], Floats], threads: int) -> Floats:
    answers = np.empty(sum(len(test) for _, test in splits))
    with ThreadPoolExecutor(threads) as pool:
        for (_, test), found in zip(splits, pool.map(one, splits), strict=True):
            answers[test] = found
    return answers
