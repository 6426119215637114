"""Held-out answers counted in homes: who is mistaken for whom, where, and how sure the machine was.

A group of fewer than :data:`MIN_CELL_HOMES` homes is never shown: its share says little and may point at a person.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.evidence import Evidence
from case_heating.model.predict import sureness
from case_heating.model.quality import Figure, answered_curve
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_CELL_HOMES = Settings.min_cell_homes
_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True)
class Counts:
    """Held-out answers of one rung, counted; every table has ``n_homes``, ``share``, ``low`` and ``high``.

    Attributes
    ----------
    n_gas, n_electric, gas_called_electric, electric_called_gas
        Homes.
    mistaken : dict of DataFrame
        By true fuel, indexed by dwelling type: the share called the other fuel.
    by_region : DataFrame
        Indexed by region: the share answered right, ``naive`` (the region's commoner fuel said of all its homes).
    by_sureness : DataFrame
        Indexed by words, surest first: the share answered right, ``said`` (mean confidence).
    calibration : DataFrame
        By tenth of the probability said (0 to 10 %, 10 to 20 %, …): the share that heat with gas, ``said`` (mean
        probability of gas).
    answered : DataFrame
        Indexed by the share of homes answered, surest first: the share of them answered right, ``least_sure``.
    """

    n_gas: int
    n_electric: int
    gas_called_electric: int
    electric_called_gas: int
    mistaken: dict[str, pd.DataFrame]
    by_region: pd.DataFrame
    by_sureness: pd.DataFrame
    calibration: pd.DataFrame
    answered: pd.DataFrame

    @property
    def calibration_gap(self) -> float | None:
        """Mean distance between what was said and what came true (expected calibration error), if there are groups."""
        curve = self.calibration
        if curve.empty:
            return None
        return float(np.average((curve["said"] - curve["share"]).abs(), weights=curve["n_homes"]))


def count_answers(evidence: Evidence, probability: Floats) -> Counts:
    """Count the answers given to labelled homes while they were held out.

    Parameters
    ----------
    evidence : Evidence
        Labelled gas and electric homes.
    probability : ndarray, shape (n_homes,)
        Held-out probability of gas of each.
    """
    is_gas, said_gas = evidence.is_gas, probability >= 0.5
    right = said_gas == is_gas
    confidence = np.maximum(probability, 1 - probability)
    region = evidence.region
    gas_share = shares_by(is_gas, region)["share"]
    words = pd.Series(sureness(confidence), index=region.index)
    dwelling = evidence.homes.get("dwelling_type", pd.Series(pd.NA, index=region.index, dtype="str"))
    by_sureness = _with_mean(shares_by(right, words), confidence, words)
    return Counts(
        n_gas=int(is_gas.sum()),
        n_electric=int((~is_gas).sum()),
        gas_called_electric=int((is_gas & ~said_gas).sum()),
        electric_called_gas=int((~is_gas & said_gas).sum()),
        mistaken={
            "gas": shares_by(~right[is_gas], dwelling[is_gas]),
            "electricity": shares_by(~right[~is_gas], dwelling[~is_gas]),
        },
        by_region=shares_by(right, region).assign(naive=np.maximum(gas_share, 1 - gas_share)).sort_values("share"),
        by_sureness=by_sureness.sort_values("said", ascending=False),
        calibration=_calibration(is_gas, probability),
        answered=_answered(is_gas, probability),
    )


def share_of(n_homes: int, of: int) -> Figure:
    """Give a share of homes with its 95 % interval (Wilson, which holds for few homes and for shares near 0 and 1).

    Examples
    --------
    >>> share = share_of(0, 30)
    >>> share.value, share.low, round(share.high, 3)
    (0.0, 0.0, 0.114)

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    low, high = wilson_interval(np.array([n_homes / of]), np.array([of]))
    return Figure(n_homes / of, float(low[0]), float(high[0]))


def shares_by(event: Bools, group: pd.Series) -> pd.DataFrame:
    """Share of homes for which something holds, by group of at least :data:`MIN_CELL_HOMES` homes.

    Returns
    -------
    DataFrame, indexed by group
        ``n_homes``, ``share``, ``low``, ``high``.
    """
    held = pd.Series(event, index=group.index, dtype=float).groupby(group)
    table = pd.DataFrame({"n_homes": held.size(), "share": held.mean()})
    return _with_interval(table[table["n_homes"] >= MIN_CELL_HOMES])


def _calibration(is_gas: Bools, probability: Floats) -> pd.DataFrame:
    tenth = pd.Series(np.minimum((10 * probability).astype(int), 9))
    return _with_mean(shares_by(is_gas, tenth), probability, tenth)


def _with_mean(table: pd.DataFrame, said: Floats, group: pd.Series) -> pd.DataFrame:
    """Add the mean of what was said in each group that is shown."""
    mean = pd.Series(said, index=group.index).groupby(group).mean()
    return table.assign(said=mean.reindex(table.index))


def _answered(is_gas: Bools, probability: Floats) -> pd.DataFrame:
    curve = answered_curve(is_gas, probability).rename(columns={"accuracy": "share"})
    curve["n_homes"] = (curve["answered"] * len(is_gas)).round().astype(int)
    return _with_interval(curve[curve["n_homes"] >= MIN_CELL_HOMES]).set_index("answered")


def _with_interval(table: pd.DataFrame) -> pd.DataFrame:
    low, high = wilson_interval(table["share"].to_numpy(), table["n_homes"].to_numpy())
    return table.assign(low=low, high=high)


def wilson_interval(share: Floats, n_homes: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """Give Wilson's 95 % interval of shares, which holds for few homes and never leaves out the share itself.

    >>> low, high = wilson_interval(np.array([1.0, 0.0]), np.array([44, 44]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.92, 0.0], [1.0, 0.08])
    """
    spread = _Z * np.sqrt(share * (1 - share) / n_homes + (_Z / n_homes) ** 2 / 4)
    centre, scale = share + _Z**2 / n_homes / 2, 1 + _Z**2 / n_homes
    # Rounding can put an end of the interval of a share of 0 or 1 a hair on its wrong side.
    low, high = np.minimum((centre - spread) / scale, share), np.maximum((centre + spread) / scale, share)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)
