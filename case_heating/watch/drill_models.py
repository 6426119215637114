"""How a drill's models are trained: what a label was seen with, or what the home looks like now?

After a shift of features the labels still hold, and today's features are the ones to learn. After homes changed their
fuel old labels are wrong of today's features, and only those of the label's own time go with it. Nobody knows
beforehand which it is, so both are tried, and the newest labels decide.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.features.known import last_sightings
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import Calibration, FuelModel, FuelParams, train_fuel_model
from case_heating.model.ladder import fit_stage
from case_heating.settings import Settings

N_TREES = 100
CHOOSING_TREES = 50  # enough to tell which way is better
FOLDS = 3  # behind the calibration
NEWEST_LABELS = 80  # of the latest events: they choose between the two ways

Bools = npt.NDArray[np.bool_]
Rows = tuple[pd.DataFrame, Bools]


def train_at(
    labels: pd.DataFrame, matrices: Mapping[date, pd.DataFrame], *, moment: date, stage: str, settings: Settings
) -> FuelModel:
    """Train a model from what is known at a moment.

    Parameters
    ----------
    labels : DataFrame
        The canonical ``labels``; those known later do not exist.
    matrices : mapping of date to DataFrame
        Features of all homes at the moments watched, the one asked for among them.

    Raises
    ------
    NotEnoughDataError
        If one fuel has fewer homes than folds.
    """
    known = _latest(labels, moment)
    known = known[known["home_id"].isin(matrices[moment].index)]
    ways = [_as_seen_now(known, matrices, moment), _as_seen_then(known, matrices, moment)]
    features, is_gas = ways[_better(ways, known, matrices[moment], stage=stage, seed=settings.seed)]
    evidence = Evidence(features, is_gas, pd.DataFrame(index=features.index), None, {}, len(features), moment)
    _, model = fit_stage(evidence, stage, FuelParams(), replace(settings, folds=FOLDS), n_trees=N_TREES)
    return model


def _latest(labels: pd.DataFrame, moment: date) -> pd.DataFrame:
    """Give the latest event known of each gas or electric home."""
    last = last_sightings(labels, as_of=moment)
    return last[last["heating_fuel"].isin(["gas", "electricity"])].sort_values("home_id", ignore_index=True)


def _as_seen_now(known: pd.DataFrame, matrices: Mapping[date, pd.DataFrame], moment: date) -> Rows:
    return matrices[moment].loc[known["home_id"]], (known["heating_fuel"] == "gas").to_numpy()


def _as_seen_then(known: pd.DataFrame, matrices: Mapping[date, pd.DataFrame], moment: date) -> Rows:
    """Each home as it looked at the first moment after it was seen; before the first one, as at the first."""
    moments = sorted(day for day in matrices if day <= moment)
    days = np.array(moments, dtype="datetime64[D]")
    at = np.searchsorted(days, known["event_time"].to_numpy().astype("datetime64[D]")).clip(0, len(moments) - 1)
    parts = [matrices[moments[number]].reindex(known["home_id"][at == number]) for number in np.unique(at)]
    return pd.concat(parts).loc[known["home_id"]], (known["heating_fuel"] == "gas").to_numpy()


def _better(ways: list[Rows], known: pd.DataFrame, now: pd.DataFrame, *, stage: str, seed: int) -> int:
    """Tell which way answers the newest labels better, trained without them."""
    order = known["event_time"].rank(method="first", ascending=False)
    newest = (order <= min(NEWEST_LABELS, len(known) // 4)).to_numpy()
    is_gas = (known["heating_fuel"] == "gas").to_numpy()
    if min(is_gas[~newest].sum(), (~is_gas[~newest]).sum()) < FOLDS:
        return 0
    asked = now.loc[known["home_id"][newest]]
    surprise = []
    for features, answers in ways:
        model = train_fuel_model(
            features[~newest],
            answers[~newest],
            stage=stage,
            n_trees=CHOOSING_TREES,
            calibration=Calibration(),
            params=FuelParams(),
            seed=seed,
        )
        probability = model.probability_of_gas(asked)
        surprise.append(-np.log(np.where(is_gas[newest], probability, 1 - probability)).mean())
    return int(np.argmin(surprise))
