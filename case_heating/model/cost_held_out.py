"""Yearly cost of homes that were held out: how far off, how often inside the interval, for whom, and against what.

Judged on homes known to heat with gas or electricity. The fuel of a held-out home is not told to the model: its
probability comes from a fuel model that has not seen the home either.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.model.cost import (
    TARGETS,
    CostModel,
    fuel_shares,
    grow_cost_trees,
    kind_of,
)
from case_heating.model.cost_calibration import GroupCalibration, fit_group_calibration
from case_heating.model.cost_mixture import LEVELS, mixture_position, mixture_quantile
from case_heating.model.fuel import FuelParams
from case_heating.model.held_out import score_held_out
from case_heating.model.split import by_home, region_of

Floats = npt.NDArray[np.float64]

TWO_FUELS = ("gas", "electricity")
HALF_A_CENT = 0.005
GAS_BILLED = "gas, homes that pay for gas"
"""Homes without gas pay nothing and are easily told, so that those with gas are looked at by themselves as well."""


@dataclass(frozen=True)
class CostJudgement:
    """Figures of yearly costs on homes that were held out.

    Attributes
    ----------
    mae_usd, naive_mae_usd
        Mean absolute error of the total, and that of the region's mean for the kind of dwelling. [USD/year]
    coverage
        Share of homes whose total lies in its 90 % interval.
    mean_width_usd
        Mean width of the interval. [USD/year]
    by_group : DataFrame
        ``trait``, ``group``, ``n_homes``, ``coverage`` and ``mae_usd``, one row per group that is large enough.
    by_bill : DataFrame
        ``bill`` (electricity, gas, the gas of homes that pay for it, total), ``n_homes``, ``coverage``, ``mae_usd`` and
        ``mean_width_usd``.
    held_out : DataFrame, shape (n_homes, 14)
        ``true_usd``, ``total_usd``, ``low_usd`` and ``high_usd`` of the total; the same of each bill, as in
        ``gas_true_usd``, ``gas_usd``, ``gas_low_usd``; ``gas_probability`` and ``fold``. [USD/year]
    """

    mae_usd: float
    naive_mae_usd: float
    coverage: float
    mean_width_usd: float
    by_group: pd.DataFrame
    by_bill: pd.DataFrame
    held_out: pd.DataFrame

    @property
    def costs(self) -> pd.DataFrame:
        """Each home's ``cost_usd`` and ``error_usd``, forecast less true total, by ``home_id``. [USD/year]"""
        true = self.held_out["true_usd"]
        return pd.DataFrame({"cost_usd": true, "error_usd": self.held_out["total_usd"] - true})


def learn_cost(
    features: pd.DataFrame,
    fuel: pd.Series,
    costs: pd.DataFrame,
    *,
    stage: str,
    folds: int,
    seed: int,
    threads: int,
    progress: Callable[[float], None] | None = None,
) -> tuple[CostModel, pd.DataFrame]:
    """Hold homes out in turn to calibrate the intervals, then train on all.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        From ``cost_features``.
    fuel : Series of str
        Known heating fuels by ``home_id``.
    costs : DataFrame, shape (n_homes, 3)
        From ``year_costs``; homes with a missing cost are left out. [USD/year]
    stage : str
        The data stage.
    folds, seed, threads : int
        How many parts, and the seed of parts and trees; the result does not depend on the threads.
    progress : callable, optional
        Told the share that is done.

    Returns
    -------
    model : CostModel
    held_out : DataFrame
        As in :class:`CostJudgement`; each home's interval is calibrated on the homes of other parts.

    Raises
    ------
    NotEnoughDataError
        If too few homes have both a known fuel and a known cost.
    """
    known = fuel.reindex(features.index)
    usable = known.notna().to_numpy() & costs.reindex(features.index).notna().all(axis="columns").to_numpy()
    features, known = features[usable], known[usable]
    paid = costs.reindex(features.index)
    two = np.flatnonzero(known.isin(TWO_FUELS).to_numpy())
    others = np.flatnonzero(~known.isin(TWO_FUELS).to_numpy())
    is_gas = (known.iloc[two] == "gas").to_numpy()
    if is_gas.all() or not is_gas.any():
        raise NotEnoughDataError(
            f"{len(two):,} homes have a known cost and are known to heat with gas or electricity; homes of both fuels "
            "are needed: bring more labels"
        )
    splits = by_home(is_gas, folds=folds, seed=seed)
    scores = score_held_out(features.iloc[two], is_gas, splits, FuelParams(), seed=seed, threads=threads)
    judged = features.iloc[two]
    shares = fuel_shares(pd.Series(scores.calibrated(is_gas), index=judged.index))
    middle, position, quantiles = _hold_out(
        features, known, paid, two, others, splits, shares, stage=stage, seed=seed, threads=threads, progress=progress
    )
    kind = kind_of(judged)
    calibration = {target: fit_group_calibration(kind, middle[target], position[target]) for target in TARGETS}
    columns: dict[str, Floats] = {}
    for target in ("total", *TWO_FUELS):
        low, high = np.full(len(two), np.nan), np.full(len(two), np.nan)
        for number in range(len(splits)):
            own = scores.fold == number
            levels = fit_group_calibration(kind[~own], middle[target][~own], position[target][~own])
            low[own], high[own] = _interval(quantiles[target], shares, levels, kind, middle[target], own)
        prefix = "" if target == "total" else f"{target}_"
        columns |= {
            f"{prefix}true_usd": paid[target].to_numpy()[two],
            f"{target}_usd": middle[target],
            f"{prefix}low_usd": low,
            f"{prefix}high_usd": high,
        }
    trees = grow_cost_trees(features, known, paid, stage=stage, seed=seed)
    held_out = pd.DataFrame(
        columns | {"gas_probability": shares["gas"], "fold": scores.fold},
        index=judged.index,
    )
    return CostModel(stage, trees, calibration, n_training_homes=len(features)), held_out


def judge_cost(
    held_out: pd.DataFrame, homes: pd.DataFrame, traits: pd.DataFrame | None, *, min_group_homes: int
) -> CostJudgement:
    """Judge held-out costs, overall and by group.

    Parameters
    ----------
    held_out : DataFrame, shape (n_homes, 14)
        From :func:`learn_cost`.
    homes : DataFrame
        The trusted ``homes``, indexed by ``home_id``, for the naive rival.
    traits : DataFrame, optional
        The trusted ``sensitive`` rows, indexed by ``home_id``: read to judge, never to predict.
    min_group_homes : int
        Smaller groups are left out.
    """
    true, said = held_out["true_usd"], held_out["total_usd"]
    inside = _inside(held_out)
    error = (said - true).abs()
    rows = []
    if traits is not None:
        for trait in traits:
            group = traits[trait].reindex(held_out.index)
            sums = pd.DataFrame({"coverage": inside, "mae_usd": error}).groupby(group).agg(["mean", "size"])
            rows += [
                (trait, name, int(row[("coverage", "size")]), row[("coverage", "mean")], row[("mae_usd", "mean")])
                for name, row in sums.iterrows()
                if row[("coverage", "size")] >= min_group_homes
            ]
    return CostJudgement(
        mae_usd=float(error.mean()),
        naive_mae_usd=float((naive_cost(held_out, homes.loc[held_out.index]) - true).abs().mean()),
        coverage=float(inside.mean()),
        mean_width_usd=float((held_out["high_usd"] - held_out["low_usd"]).mean()),
        by_group=pd.DataFrame(rows, columns=["trait", "group", "n_homes", "coverage", "mae_usd"]),
        by_bill=_by_bill(held_out),
        held_out=held_out,
    )


def naive_cost(held_out: pd.DataFrame, homes: pd.DataFrame) -> pd.Series:
    """Mean cost of the other parts' homes in the same region and kind of dwelling; of all of them where there is none.

    Parameters
    ----------
    held_out : DataFrame
        With ``true_usd`` and ``fold``.
    homes : DataFrame
        In the same order.
    """
    region = region_of(homes).fillna("").to_numpy()
    kind = kind_of(homes).fillna("").to_numpy()
    cell = pd.Series([f"{where} {what}" for where, what in zip(region, kind, strict=True)], index=held_out.index)
    answer = pd.Series(np.nan, index=held_out.index)
    for number in held_out["fold"].unique():
        own = held_out["fold"] == number
        others = held_out["true_usd"][~own]
        answer[own] = cell[own].map(others.groupby(cell[~own]).mean()).fillna(others.mean())
    return answer


def _inside(held_out: pd.DataFrame, prefix: str = "") -> pd.Series:
    """Whether each true cost lies in its interval, to the cent: an interval may end in a hair above nothing."""
    true = held_out[f"{prefix}true_usd"]
    above = true >= held_out[f"{prefix}low_usd"] - HALF_A_CENT
    return above & (true <= held_out[f"{prefix}high_usd"] + HALF_A_CENT)


def _by_bill(held_out: pd.DataFrame) -> pd.DataFrame:
    """Coverage, error and width of each bill's interval."""
    everyone = pd.Series(True, index=held_out.index)
    rows = []
    for bill, target, own in (
        ("electricity", "electricity", everyone),
        ("gas", "gas", everyone),
        (GAS_BILLED, "gas", held_out["gas_true_usd"] > 0),
        ("total", "total", everyone),
    ):
        prefix = "" if target == "total" else f"{target}_"
        homes = held_out[own]
        rows.append(
            {
                "bill": bill,
                "n_homes": len(homes),
                "coverage": _inside(homes, prefix).mean(),
                "mae_usd": (homes[f"{target}_usd"] - homes[f"{prefix}true_usd"]).abs().mean(),
                "mean_width_usd": (homes[f"{prefix}high_usd"] - homes[f"{prefix}low_usd"]).mean(),
            }
        )
    return pd.DataFrame(rows)


def _hold_out(
    features: pd.DataFrame,
    fuel: pd.Series,
    costs: pd.DataFrame,
    two: npt.NDArray[np.intp],
    others: npt.NDArray[np.intp],
    splits: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]],
    shares: dict[str, Floats],
    *,
    stage: str,
    seed: int,
    threads: int,
    progress: Callable[[float], None] | None,
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, dict[str, Floats]]]:
    """Middle forecast, position of the true cost and conditional quantiles, for each bill."""
    middle = {target: np.full(len(two), np.nan) for target in TARGETS}
    position = {target: np.full(len(two), np.nan) for target in TARGETS}
    quantiles = {target: {name: np.full((len(two), len(LEVELS)), np.nan) for name in TWO_FUELS} for target in TARGETS}

    def hold_out(split: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]) -> None:
        train, test = split  # each part writes to rows of its own
        rows = np.concatenate([two[train], others])
        trees = grow_cost_trees(features.iloc[rows], fuel.iloc[rows], costs.iloc[rows], stage=stage, seed=seed)
        own = {name: shares[name][test] for name in TWO_FUELS}
        for target in TARGETS:
            found = trees.quantiles(features.iloc[two[test]], target, TWO_FUELS)
            log_cost = np.log1p(costs[target].to_numpy()[two[test]])
            middle[target][test] = mixture_quantile(found, own, 0.5)
            position[target][test] = mixture_position(found, own, log_cost)
            for name in TWO_FUELS:
                quantiles[target][name][test] = found[name]

    with ThreadPoolExecutor(threads) as pool:
        for number, _ in enumerate(pool.map(hold_out, splits), start=1):
            if progress:
                progress(number / (len(splits) + 1))  # the last part is the model of all homes
    return middle, position, quantiles


def _interval(
    quantiles: dict[str, Floats],
    shares: dict[str, Floats],
    calibration: GroupCalibration,
    kind: pd.Series,
    middle: Floats,
    homes: npt.NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    levels = calibration.of(kind[homes], middle[homes])
    own = {name: rows[homes] for name, rows in quantiles.items()}
    weight = {name: shares[name][homes] for name in quantiles}
    low, high = (mixture_quantile(own, weight, level) for level in levels)
    return low, high
