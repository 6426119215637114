"""Optimistic routing: sure answers are accepted by the machine, the rest are sent to people.

An answer is accepted while the loss to be expected from it is no more than the price of a review [1]_:

    chance that it is wrong × cost of that error ≤ cost of a review

which for each of the two answers is a threshold on its probability. Calibrated probabilities make this rule the
cheapest; :func:`cost_curve` measures on homes with a known answer whether it is.

References
----------
.. [1] C. K. Chow, "On optimum recognition error and reject tradeoff", IEEE Transactions on Information Theory, 1970.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.people.counts import wilson_interval
from case_heating.people.review_costs import ReviewCosts

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_ROUNDING = 1e-12  # a home at its threshold, but for the last digit, is accepted
_STEPS = 101  # thresholds a curve is measured at: every half per cent


@dataclass(frozen=True)
class Thresholds:
    """Least probability of the fuel answered at which the machine's answer is accepted; 0.5 accepts all of it."""

    gas: float
    electricity: float


def choose_thresholds(costs: ReviewCosts) -> Thresholds:
    """Give the thresholds that cost least if the probabilities are calibrated.

    Examples
    --------
    >>> choose_thresholds(ReviewCosts(gas_called_electric_usd=100, electric_called_gas_usd=50, review_usd=10))
    Thresholds(gas=0.8, electricity=0.9)
    """

    def least(error_usd: float) -> float:
        return 0.5 if error_usd == 0 else max(0.5, 1 - costs.review_usd / error_usd)

    return Thresholds(gas=least(costs.electric_called_gas_usd), electricity=least(costs.gas_called_electric_usd))


def route(probability_of_gas: pd.Series, costs: ReviewCosts) -> pd.DataFrame:
    """Say of each home whether the machine's answer is accepted or a person must look.

    Parameters
    ----------
    probability_of_gas : Series of float, shape (n_homes,)
        By ``home_id``; a home without one is sent to people.
    costs : ReviewCosts
        The cost matrix.

    Returns
    -------
    DataFrame, shape (n_homes, 5)
        Indexed as the input: ``probability_of_gas``, ``heating_fuel`` (``gas`` from 0.5 on), ``threshold`` of that
        answer, ``risk_usd`` (loss to be expected from accepting it) and ``accepted``.
    """
    probability = probability_of_gas.to_numpy(dtype=np.float64)
    thresholds = choose_thresholds(costs)
    is_gas = probability >= 0.5
    threshold = np.where(is_gas, thresholds.gas, thresholds.electricity)
    confidence = np.where(is_gas, probability, 1 - probability)
    unknown = np.isnan(probability)
    worst = max(costs.electric_called_gas_usd, costs.gas_called_electric_usd)
    error_usd = np.where(is_gas, costs.electric_called_gas_usd, costs.gas_called_electric_usd)
    return pd.DataFrame(
        {
            "probability_of_gas": probability,
            "heating_fuel": np.where(is_gas, "gas", "electricity"),
            "threshold": threshold,
            "risk_usd": np.where(unknown, worst, (1 - confidence) * error_usd),
            "accepted": ~unknown & (confidence >= threshold - _ROUNDING),
        },
        index=probability_of_gas.index,
    )


def cost_curve(probability_of_gas: Floats, costs: ReviewCosts, *, is_gas: Bools | None = None) -> pd.DataFrame:
    """Total cost over thresholds, for homes answered gas and for homes answered electricity.

    Parameters
    ----------
    probability_of_gas : ndarray, shape (n_homes,)
        Of homes held out while the model was trained, if ``is_gas`` is given; of any homes if not.
    costs : ReviewCosts
        The cost matrix.
    is_gas : ndarray of bool, shape (n_homes,), optional
        The known answers: the cost of errors is then measured. If not given it is what the probabilities expect.

    Returns
    -------
    DataFrame, shape (2 × n_thresholds, 7)
        ``heating_fuel`` (the answer), ``threshold`` from 0.5 (all accepted) on, ``accepted`` and ``reviewed``
        (homes), ``errors_usd``, ``reviews_usd`` and ``total_usd``; the last threshold, above 1, sends all to people.

    Raises
    ------
    NotEnoughDataError
        If there is no home with a probability.
    """
    known = ~np.isnan(probability_of_gas)
    if not known.any():
        raise NotEnoughDataError("there is no home with a probability; score homes with 'heating run' first")
    probability = probability_of_gas[known]
    wrong_if_gas = 1 - probability if is_gas is None else (~is_gas[known]).astype(float)
    answered_gas = probability >= 0.5
    sides = {
        "gas": (answered_gas, probability, wrong_if_gas * costs.electric_called_gas_usd),
        "electricity": (~answered_gas, 1 - probability, (1 - wrong_if_gas) * costs.gas_called_electric_usd),
    }
    curves = [
        _one_curve(confidence[side], error_usd[side], costs.review_usd).assign(heating_fuel=fuel)
        for fuel, (side, confidence, error_usd) in sides.items()
    ]
    columns = ["heating_fuel", "threshold", "accepted", "reviewed", "errors_usd", "reviews_usd", "total_usd"]
    return pd.concat(curves, ignore_index=True)[columns]


def cheapest(curve: pd.DataFrame) -> Thresholds:
    """Read from a curve the thresholds with the lowest total; of equals the one that reviews least.

    Set beside :func:`choose_thresholds` they say whether the probabilities can be trusted with money.
    """
    best = {
        fuel: float(part["threshold"].to_numpy()[np.argmin(part["total_usd"].to_numpy())])
        for fuel, part in curve.groupby("heating_fuel")
    }
    return Thresholds(**best)


def home_costs(routed: pd.DataFrame, is_gas: Bools, costs: ReviewCosts) -> Floats:
    """Cost of each home with a known answer, shape (n_homes,): of a wrong acceptance, of a review, or nothing. [USD]"""
    answered_gas = (routed["heating_fuel"] == "gas").to_numpy()
    error_usd = np.where(is_gas, costs.gas_called_electric_usd, costs.electric_called_gas_usd)
    accepted_usd = np.where(answered_gas == is_gas, 0.0, error_usd)
    return np.where(routed["accepted"].to_numpy(dtype=bool), accepted_usd, costs.review_usd)


def total_cost(routed: pd.DataFrame, is_gas: Bools, costs: ReviewCosts) -> float:
    """Cost of a routing on homes with a known answer: their wrong acceptances and their reviews. [USD]"""
    return float(home_costs(routed, is_gas, costs).sum())


def share_sent_by_group(accepted: pd.Series, groups: pd.DataFrame, *, min_homes: int) -> pd.DataFrame:
    """Are some groups sent to people more than others?

    Parameters
    ----------
    accepted : Series of bool, shape (n_homes,)
        By ``home_id``, from :func:`route`.
    groups : DataFrame, shape (n_any_homes, n_traits)
        Group of each home by ``home_id``, one column per trait; a home without a group is left out of that trait.
    min_homes : int
        Of a group with fewer homes nothing but its size is told. [homes]

    Returns
    -------
    DataFrame, shape (n_groups, 7)
        ``trait``, ``group``, ``n_homes``, ``share_sent`` with its 95 % Wilson interval ``low`` and ``high``, and
        ``difference`` from all homes with that trait known; missing for groups that are too small.

    Raises
    ------
    NotEnoughDataError
        If no routed home has a group: nothing can be said, which is not the same as nothing being wrong.
    """
    joined = groups.reindex(accepted.index)
    if joined.notna().sum().sum() == 0:
        raise NotEnoughDataError(
            f"none of the {len(accepted):,} routed homes has a group, so it cannot be told whether some groups are "
            "sent to people more than others; bring the sensitive table, or groups with the same home_id"
        )
    sent = ~accepted.astype(bool)
    parts = []
    for trait in joined.columns[joined.notna().any()]:
        known = joined[trait].notna()
        counted = sent[known].groupby(joined.loc[known, trait].astype(str)).agg(["size", "mean"])
        low, high = wilson_interval(counted["mean"].to_numpy(), counted["size"].to_numpy(dtype=np.float64))
        told = pd.DataFrame(
            {
                "share_sent": counted["mean"],
                "low": low,
                "high": high,
                "difference": counted["mean"] - sent[known].mean(),
            }
        ).where(counted["size"] >= min_homes)
        told.insert(0, "trait", trait)
        told.insert(1, "group", counted.index)
        told.insert(2, "n_homes", counted["size"])
        parts.append(told)
    return pd.concat(parts, ignore_index=True)


def _one_curve(confidence: Floats, error_usd: Floats, review_usd: float) -> pd.DataFrame:
    thresholds = np.append(np.linspace(0.5, 1.0, _STEPS), 1.0 + 0.5 / (_STEPS - 1))
    order = np.argsort(confidence)
    below = np.searchsorted(confidence[order], thresholds - _ROUNDING)
    errors_below = np.append(0.0, np.cumsum(error_usd[order]))[below]
    reviews_usd = below * review_usd
    errors_usd = error_usd.sum() - errors_below
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "accepted": len(confidence) - below,
            "reviewed": below,
            "errors_usd": errors_usd,
            "reviews_usd": reviews_usd,
            "total_usd": errors_usd + reviews_usd,
        }
    )
