"""What a year of electricity and gas costs a home, with an interval, from whatever is known of it.

For each bill (electricity, gas, both) LightGBM fits five quantiles, the heating fuel being one of the inputs. A home
whose fuel is unknown is asked once as a gas home and once as an electric one, and the answers are mixed by the fuel's
probability (:mod:`~case_heating.model.cost_mixture`); the interval's ends are calibrated in groups
(:mod:`~case_heating.model.cost_calibration`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import ModelError, NotEnoughDataError
from case_heating.features.build import last_year
from case_heating.features.known import known_bills
from case_heating.features.stages import features_of, guard_against_leakage
from case_heating.model.cost_calibration import GroupCalibration
from case_heating.model.cost_mixture import LEVELS, mixture_quantile
from case_heating.model.fuel import Encoding, encode, learn_encoding
from case_heating.schema import HEATING_FUELS, Tables

Floats = npt.NDArray[np.float64]

TARGETS = ("electricity", "gas", "total")
FUEL_INPUT = "heating_fuel"


@dataclass(frozen=True)
class CostParams:
    """LightGBM's parameters, by its own names: those of the fuel model, with a fixed number of trees.

    400 trees at half the rate gain one dollar of 472 on either survey, less than a standard error.
    """

    num_leaves: int = 15
    learning_rate: float = 0.05
    n_trees: int = 200
    feature_fraction: float = 0.4
    bagging_fraction: float = 0.8
    min_data_in_leaf: int = 20
    lambda_l2: float = 5.0
    cat_smooth: float = 20.0
    cat_l2: float = 20.0

    def for_lightgbm(self, level: float, seed: int) -> dict[str, Any]:
        """Give the dictionary that LightGBM takes for one quantile; the same seed gives the same bytes."""
        own = {name: value for name, value in asdict(self).items() if name != "n_trees"}
        fixed = {"objective": "quantile", "alpha": level, "bagging_freq": 1, "verbosity": -1, "num_threads": 1}
        return own | fixed | {"deterministic": True, "force_row_wise": True, "seed": seed}


@dataclass(frozen=True)
class CostTrees:
    """Fitted quantiles of log cost, before calibration: one booster per bill and level."""

    encoding: Encoding
    boosters: dict[str, tuple[lightgbm.Booster, ...]]

    def quantiles(self, features: pd.DataFrame, target: str, fuels: tuple[str, ...]) -> dict[str, Floats]:
        """Log costs at :data:`~case_heating.model.cost_mixture.LEVELS` if the home heated with each of the fuels.

        Parameters
        ----------
        features : DataFrame, shape (n_homes, n_columns)
            As built by ``build_features``.
        target : {"electricity", "gas", "total"}
            Which bill.
        fuels : tuple of str
            Heating fuels to ask for.

        Returns
        -------
        dict of fuel to ndarray, shape (n_homes, 5)
            Rising in each row.
        """
        plain = encode(features, self.encoding)
        answers = {}
        for fuel in fuels:
            matrix = _with_fuel(plain, np.full(len(plain), HEATING_FUELS.index(fuel), dtype=float))
            columns = [booster.predict(matrix, num_threads=1) for booster in self.boosters[target]]
            answers[fuel] = np.sort(np.column_stack(columns).clip(min=0.0), axis=1)
        return answers


@dataclass(frozen=True)
class CostModel:
    """Quantiles of yearly cost and the calibration of their intervals, good for one data stage."""

    stage: str
    trees: CostTrees
    calibration: dict[str, GroupCalibration]
    n_training_homes: int

    def predict(self, features: pd.DataFrame, shares: Mapping[str, Floats]) -> pd.DataFrame:
        """Yearly cost of each home with its 90 % interval.

        Parameters
        ----------
        features : DataFrame, shape (n_homes, n_columns)
            As built by ``build_features``; more columns than the model knows are ignored.
        shares : mapping of fuel to ndarray, shape (n_homes,)
            Probability of each heating fuel, from :func:`fuel_shares`.

        Returns
        -------
        DataFrame, shape (n_homes, 9)
            ``electricity_usd``, ``electricity_low_usd``, ``electricity_high_usd`` and the same of ``gas`` and
            ``total``. Points are medians: those of the two bills need not add up to that of the total. [USD/year]

        Raises
        ------
        ModelError
            If a feature the model was trained on is not there at all.
        """
        fuels = tuple(fuel for fuel, share in shares.items() if (share > 0).any())
        kind = kind_of(features)
        columns: dict[str, Floats] = {}
        for target in TARGETS:
            quantiles = self.trees.quantiles(features, target, fuels)
            middle = mixture_quantile(quantiles, shares, 0.5)
            low, high = self.calibration[target].of(kind, middle)
            columns[f"{target}_usd"] = middle
            columns[f"{target}_low_usd"] = np.minimum(mixture_quantile(quantiles, shares, low), middle)
            columns[f"{target}_high_usd"] = np.maximum(mixture_quantile(quantiles, shares, high), middle)
        return pd.DataFrame(columns, index=features.index)


def year_costs(tables: Tables, *, as_of: date) -> pd.DataFrame:
    """Cost of each home's last twelve months, as far as it was known at a moment.

    Parameters
    ----------
    tables : Tables
        Trusted tables with ``homes`` and ``bills``.
    as_of : date
        The moment.

    Returns
    -------
    DataFrame, shape (n_homes, 3)
        ``electricity``, ``gas`` and ``total``, brought to 365 days; gas is 0 where the home never had a gas bill;
        missing where the bills cover less than three quarters of a year. A credit counts as 0. [USD/year]

    Raises
    ------
    NotEnoughDataError
        If no bill has a cost.
    """
    if "bills" not in tables or "cost_usd" not in tables["bills"]:
        raise NotEnoughDataError(
            "no bill has a cost, so that nothing can be learned of what homes pay; map the column with the amount "
            "billed to bills.cost_usd"
        )
    place = tables["homes"].set_index("home_id")["place_id"]
    bills = known_bills(tables["bills"], as_of=as_of)
    cost = {fuel: last_year(bills, place, None, fuel=fuel)["cost_usd"] for fuel in ("electricity", "gas")}
    has_gas = place.index.isin(bills.loc[bills["fuel"] == "gas", "home_id"].unique())
    gas = cost["gas"].where(has_gas, 0.0)
    year = pd.DataFrame({"electricity": cost["electricity"], "gas": gas, "total": cost["electricity"] + gas})
    return year.clip(lower=0.0)


def fuel_shares(probability_of_gas: pd.Series, seen: pd.Series | None = None) -> dict[str, Floats]:
    """Probability of each heating fuel: what somebody has seen where there is that, else what the model says.

    Parameters
    ----------
    probability_of_gas : Series, shape (n_homes,)
        Calibrated, of gas against electricity.
    seen : Series of str, optional
        Known heating fuels by ``home_id``; homes without one are absent or missing.

    Returns
    -------
    dict of fuel to ndarray, shape (n_homes,)
        One entry for each of ``schema.HEATING_FUELS``; they add up to 1.

    Examples
    --------
    >>> said = pd.Series([0.7, 0.7], index=["h1", "h2"])
    >>> {fuel: share.round(1).tolist() for fuel, share in fuel_shares(said, pd.Series({"h2": "other"})).items()}
    {'gas': [0.7, 0.0], 'electricity': [0.3, 0.0], 'other': [0.0, 1.0], 'none': [0.0, 0.0]}
    """
    gas = probability_of_gas.to_numpy(dtype=float)
    nobody = np.zeros(len(gas))
    shares = {"gas": gas, "electricity": 1 - gas, "other": nobody, "none": nobody}
    if seen is None:
        return shares
    known = seen.reindex(probability_of_gas.index)
    unknown = known.isna().to_numpy()
    return {fuel: np.where(unknown, share, (known == fuel).to_numpy(float)) for fuel, share in shares.items()}


def cost_features(features: pd.DataFrame, stage: str, *, bills: bool = True) -> pd.DataFrame:
    """Features of a stage, those made from the home's own bills left out if so wished.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_columns)
        As built by ``build_features``.
    stage : str
        The last data stage to use.
    bills : bool
        Whether the home's own bills are known. A bill of the very year whose cost is asked for tells most of it.
    """
    names = [
        feature.name
        for feature in features_of(stage)
        if feature.name in features and (bills or not any(source.startswith("bills.") for source in feature.sources))
    ]
    return features[names]


def kind_of(features: pd.DataFrame) -> pd.Series:
    """Kind of dwelling, which the interval's groups are made of; missing throughout where nobody knows it."""
    if "dwelling_type" in features:
        return features["dwelling_type"]
    return pd.Series(pd.NA, index=features.index, dtype="str")


def grow_cost_trees(
    features: pd.DataFrame,
    fuel: pd.Series,
    costs: pd.DataFrame,
    *,
    stage: str,
    seed: int,
    targets: tuple[str, ...] = TARGETS,
    params: CostParams | None = None,
) -> CostTrees:
    """Fit all quantiles of all bills on homes whose fuel and cost are known.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        From :func:`cost_features`.
    fuel : Series of str, shape (n_homes,)
        Known heating fuel of each home, in the order of the features; homes with other fuels or none help, too.
    costs : DataFrame, shape (n_homes, 3)
        From :func:`year_costs`, in the same order, nothing missing. [USD/year]
    stage : str
        The data stage.
    seed : int
        Seed of the trees.
    targets : tuple of str
        Which bills.
    params : CostParams, optional
        LightGBM's parameters.

    Raises
    ------
    LeakageError
        If a column must not be known at the stage.
    ModelError
        If a cost or a fuel is missing.
    """
    guard_against_leakage(features.columns, stage)
    codes = pd.Index(HEATING_FUELS).get_indexer(fuel)
    faulty = (codes < 0) | costs[list(targets)].isna().any(axis="columns").to_numpy()
    if faulty.any():
        raise ModelError(
            f"{faulty.sum():,} of {len(faulty):,} training homes lack a cost or a heating fuel (first: "
            f"{features.index[faulty][0]}); leave them out"
        )
    chosen = params or CostParams()
    encoding = learn_encoding(features)
    matrix = _with_fuel(encode(features, encoding), codes.astype(float))
    boosters = {}
    for target in targets:
        log_cost = np.log1p(costs[target].to_numpy(dtype=float))
        boosters[target] = tuple(
            lightgbm.train(
                chosen.for_lightgbm(level, seed),
                lightgbm.Dataset(
                    matrix,
                    log_cost,
                    feature_name=[*encoding.names, FUEL_INPUT],
                    categorical_feature=encoding.category_columns,
                ),
                chosen.n_trees,
            )
            for level in LEVELS
        )
    return CostTrees(encoding, boosters)


def _with_fuel(matrix: Floats, codes: Floats) -> Floats:
    return np.column_stack([matrix, codes])
