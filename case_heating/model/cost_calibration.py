"""Intervals that cover what they promise, group by group: conformal calibration of where true costs fell.

A home that was held out has a position: the probability that its forecast gave to a cost no larger than the true one.
If the forecast were perfect, positions would be spread evenly from 0 to 1. The interval runs between the two
quantiles of the cost at which 5 % of such homes lay lower and 5 % higher, found in groups of like homes, so that
coverage holds in each group and not only on average.

References
----------
.. [1] V. Chernozhukov, K. Wüthrich, Y. Zhu, "Distributional conformal prediction", PNAS 118 (2021): scores.
.. [2] V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World" (2005), chapter 4: Mondrian groups.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError

Floats = npt.NDArray[np.float64]

COVERAGE = 0.90
"""Share of true costs that an interval is to hold."""

MIN_GROUP_HOMES = 100
"""A group with fewer homes is calibrated with all homes: five of a hundred in each tail are few enough."""

EVERYONE = "all"


@dataclass(frozen=True)
class GroupCalibration:
    """Which two quantiles of the forecast make the interval of each group.

    Attributes
    ----------
    middle : dict
        Middle forecast of each kind of dwelling, which parts it into smaller and larger homes. [USD/year]
    levels : dict
        Group → level of the lower and of the upper end; ``"all"`` serves groups not listed.
    """

    middle: dict[str, float]
    levels: dict[str, tuple[float, float]]

    def of(self, kind: pd.Series, size: Floats) -> tuple[Floats, Floats]:
        """Levels of the lower and the upper end for each home, two arrays of shape (n_homes,).

        Parameters
        ----------
        kind : Series of str, shape (n_homes,)
            Kind of dwelling; may be missing.
        size : ndarray, shape (n_homes,)
            Middle forecast. [USD/year]
        """
        fallback = self.levels[EVERYONE]
        both = np.array([self.levels.get(name, fallback) for name in _names(kind, size, self.middle)])
        both = both.reshape(-1, 2)  # no homes at all leave an array without columns
        return both[:, 0], both[:, 1]


def fit_group_calibration(
    kind: pd.Series, size: Floats, position: Floats, *, coverage: float = COVERAGE
) -> GroupCalibration:
    """Find each group's levels from homes that were held out.

    Parameters
    ----------
    kind : Series of str, shape (n_homes,)
        Kind of dwelling.
    size : ndarray, shape (n_homes,)
        Middle forecast. [USD/year]
    position : ndarray, shape (n_homes,)
        Probability the forecast gave to a cost no larger than the true one.
    coverage : float
        Share of homes to be covered.

    Raises
    ------
    NotEnoughDataError
        If there are too few homes to find both ends.
    """
    if len(position) < MIN_GROUP_HOMES:
        raise NotEnoughDataError(
            f"{len(position):,} homes with a known cost and heating fuel are too few to say how far costs stray; "
            f"at least {MIN_GROUP_HOMES} are needed: bring more labels or bills"
        )
    kinds = kind.fillna("").to_numpy(dtype=object)
    middle = {str(name): float(np.median(size[kinds == name])) for name in sorted(set(kinds))}
    names = np.array(_names(kind, size, middle))
    levels = {EVERYONE: _ends(position, coverage)}
    for name in sorted(set(names)):
        own = position[names == name]
        if len(own) >= MIN_GROUP_HOMES:
            levels[str(name)] = _ends(own, coverage)
    return GroupCalibration(middle, levels)


def _ends(position: Floats, coverage: float) -> tuple[float, float]:
    """Levels that leave half of the rest outside on each side, widened for the finite number of homes [2]_."""
    tail, n_homes = (1 - coverage) / 2, len(position)
    ranked = np.sort(position)
    outside = int(np.floor(tail * (n_homes + 1)))
    return float(ranked[max(outside - 1, 0)]), float(ranked[min(n_homes - outside, n_homes - 1)])


def _names(kind: pd.Series, size: Floats, middle: dict[str, float]) -> Iterable[str]:
    kinds = kind.fillna("").to_numpy(dtype=object)
    larger = size > np.array([middle.get(name, np.inf) for name in kinds], dtype=float)
    return [f"{name}, {'larger' if is_larger else 'smaller'}" for name, is_larger in zip(kinds, larger, strict=True)]
