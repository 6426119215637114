"""The fuel model: how likely a home is to heat with gas rather than electricity.

LightGBM takes missing values and categories as they are. Categories are encoded once, into floats, so that
training, batch and online answers run on the same arrays. The score is turned into a probability by a line in
logit space, fitted on predictions for homes the trees had not seen.
"""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from case_heating.errors import ModelError, NotEnoughDataError
from case_heating.features.stages import FEATURE, guard_against_leakage

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EARLY_STOPPING_SHARE = 0.15  # of the training homes, put aside to choose the number of trees
EARLY_STOPPING_ROUNDS = 30
PLACE_NAMES = ("district",)  # categories of which new ones turn up after training: a suburb is built, a town joins
PROBABILITY_FLOOR = 1e-6  # no finite number of homes supports a surer answer


@dataclass(frozen=True)
class FuelParams:
    """LightGBM's parameters, by its own names, and why they differ from its defaults.

    Few leaves and few columns per tree, because the figures of the survey homes stop growing there; strong
    smoothing of categories, because a district may hold only a handful of labelled homes; 200 trees at 0.06, because
    500 at 0.03 are no better by a standard error and take more than twice as long to train and to explain.
    ``hidden_places`` is ours: the share of training homes whose place's name is hidden, see :func:`hide_places`.
    """

    num_leaves: int = 15
    learning_rate: float = 0.06
    max_trees: int = 200
    feature_fraction: float = 0.4
    bagging_fraction: float = 0.8
    min_data_in_leaf: int = 20
    lambda_l2: float = 5.0
    cat_smooth: float = 20.0
    cat_l2: float = 20.0
    hidden_places: float = 0.2

    def for_lightgbm(self, seed: int) -> dict[str, Any]:
        """Give the dictionary that LightGBM takes; one thread, so that the same seed gives the same bytes."""
        own = {name: value for name, value in asdict(self).items() if name not in ("max_trees", "hidden_places")}
        fixed = {"objective": "binary", "bagging_freq": 1, "verbosity": -1, "num_threads": 1, "deterministic": True}
        return own | fixed | {"seed": seed, "force_row_wise": True}


@dataclass(frozen=True)
class Encoding:
    """Which features a model takes, in which order, and which number stands for which category."""

    names: tuple[str, ...]
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def indexes(self) -> dict[str, pd.Index]:
        """The categories as pandas looks them up; made once, for a single home would pay for it at every answer."""
        return {name: pd.Index(values) for name, values in self.categories.items()}

    @property
    def category_columns(self) -> list[int]:
        """Positions of the categorical features."""
        return [position for position, name in enumerate(self.names) if name in self.categories]


@dataclass(frozen=True)
class Calibration:
    """Line in logit space: calibrated logit = slope × score + intercept."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, score: Floats) -> Floats:
        """Turn raw scores (log odds) into probabilities, shape (n_homes,)."""
        return np.clip(sigmoid(self.slope * score + self.intercept), PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)


@dataclass(frozen=True)
class FuelModel:
    """A fitted model: trees, encoding and calibration, good for one data stage."""

    stage: str
    encoding: Encoding
    booster: lightgbm.Booster
    calibration: Calibration
    n_training_homes: int

    def score(self, matrix: Floats) -> Floats:
        """Log odds of gas before calibration, shape (n_homes,)."""
        return np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)

    def probability_of_gas(self, features: pd.DataFrame) -> Floats:
        """Calibrated probability of gas, shape (n_homes,).

        Parameters
        ----------
        features : DataFrame, shape (n_homes, n_columns)
            As built by ``build_features``; more columns than the model knows are ignored.

        Raises
        ------
        ModelError
            If a feature the model was trained on is not there at all.
        """
        return self.calibration(self.score(encode(features, self.encoding)))


def learn_encoding(features: pd.DataFrame) -> Encoding:
    """Take over all features that hold at least one value; categories are numbered in the order of their names."""
    names = tuple(name for name in features if features[name].notna().any())
    categories = {
        name: tuple(sorted(features[name].dropna().unique())) for name in names if FEATURE[name].kind == "category"
    }
    return Encoding(names, categories)


def encode(features: pd.DataFrame, encoding: Encoding) -> Floats:
    """Turn features into the float matrix a model takes; unknown categories become missing.

    Returns
    -------
    ndarray of float64, shape (n_homes, n_features)

    Raises
    ------
    ModelError
        If a feature the model was trained on is not there at all.
    """
    if absent := [name for name in encoding.names if name not in features]:
        raise ModelError(
            f"the model takes {len(encoding.names)} features and {len(absent)} of them are not there: "
            f"{', '.join(absent[:5])}; build the features at the model's stage"
        )
    matrix = np.empty((len(features), len(encoding.names)))
    for position, name in enumerate(encoding.names):
        if name in encoding.categories:
            codes = encoding.indexes[name].get_indexer(features[name])
            matrix[:, position] = np.where(codes < 0, np.nan, codes)
        else:
            matrix[:, position] = features[name].to_numpy(dtype=np.float64)
    return matrix


def hide_places(matrix: Floats, encoding: Encoding, *, share: float, seed: int) -> Floats:
    """Hide the place's name of a share of the homes, shape (n_homes, n_features), as if it had never been seen.

    At a split by category trees send what they never met to one side, whichever that is: if no place were hidden, a
    whole new region would be answered by that accident.
    """
    hidden = matrix.copy()
    drawn = np.random.default_rng(seed).random(len(matrix)) < share
    for position, name in enumerate(encoding.names):
        if name in PLACE_NAMES:
            hidden[drawn, position] = np.nan
    return hidden


def choose_tree_count(matrix: Floats, is_gas: Bools, encoding: Encoding, params: FuelParams, seed: int) -> int:
    """Grow trees until homes put aside no longer gain, and count them.

    Homes are put aside at random, the share of gas kept. With fewer than ten homes of a fuel nothing can be
    put aside and a fifth of the allowed trees is taken.
    """
    rarer = int(min(is_gas.sum(), (~is_gas).sum()))
    if rarer < 10:
        return max(1, params.max_trees // 5)
    grow, watch = train_test_split(
        np.arange(len(is_gas)), test_size=EARLY_STOPPING_SHARE, random_state=seed, stratify=is_gas
    )
    dataset = _dataset(
        hide_places(matrix[grow], encoding, share=params.hidden_places, seed=seed), is_gas[grow], encoding
    )
    booster = lightgbm.train(
        params.for_lightgbm(seed),
        dataset,
        params.max_trees,
        valid_sets=[lightgbm.Dataset(matrix[watch], is_gas[watch], reference=dataset)],
        callbacks=[lightgbm.early_stopping(EARLY_STOPPING_ROUNDS, verbose=False)],
    )
    return max(1, booster.best_iteration or params.max_trees)


def grow_trees(
    matrix: Floats, is_gas: Bools, encoding: Encoding, params: FuelParams, *, n_trees: int, seed: int
) -> lightgbm.Booster:
    """Fit the given number of trees on all homes given, the place of some of them hidden."""
    dataset = _dataset(hide_places(matrix, encoding, share=params.hidden_places, seed=seed), is_gas, encoding)
    return lightgbm.train(params.for_lightgbm(seed), dataset, n_trees)


def fit_calibration(score: Floats, is_gas: Bools) -> Calibration:
    """Fit the line in logit space that makes scores of unseen homes into probabilities.

    Raises
    ------
    NotEnoughDataError
        If only one fuel occurs.
    """
    if is_gas.all() or not is_gas.any():
        raise NotEnoughDataError("all homes to calibrate on heat with the same fuel; bring labels of both fuels")
    line = LogisticRegression(C=1e6).fit(score[:, None], is_gas)
    return Calibration(slope=float(line.coef_[0, 0]), intercept=float(line.intercept_[0]))


def train_fuel_model(
    features: pd.DataFrame,
    is_gas: Bools,
    *,
    stage: str,
    n_trees: int,
    calibration: Calibration,
    params: FuelParams,
    seed: int,
) -> FuelModel:
    """Fit the model that is handed on: trees on all homes, the calibration from homes held out before.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        Features of labelled homes at the stage.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    stage : str
        The data stage.
    n_trees : int
        Number of trees, as found with homes held out.
    calibration : Calibration
        Fitted on scores of homes that their trees had not seen.
    params : FuelParams
        LightGBM's parameters.
    seed : int
        Seed of the trees.

    Raises
    ------
    LeakageError
        If a column must not be known at the stage.
    """
    guard_against_leakage(features.columns, stage)
    encoding = learn_encoding(features)
    booster = grow_trees(encode(features, encoding), is_gas, encoding, params, n_trees=n_trees, seed=seed)
    return FuelModel(stage, encoding, booster, calibration, n_training_homes=len(is_gas))


def _dataset(matrix: Floats, is_gas: Bools, encoding: Encoding) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        matrix, is_gas.astype(float), feature_name=list(encoding.names), categorical_feature=encoding.category_columns
    )


def sigmoid(score: Floats) -> Floats:
    """Probability that belongs to log odds, shape (n_homes,)."""
    return 1 / (1 + np.exp(-score))
