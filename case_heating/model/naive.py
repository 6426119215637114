"""The naive rival beside every figure: say what most labelled neighbours in the same kind of dwelling have."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.split import Split

# Homes a cell is filled up with at the wider area's share: a cell of two homes says little on its own.
PRIOR_HOMES = 5.0


def neighbourhood_share(homes: pd.DataFrame, is_gas: npt.NDArray[np.bool_], split: Split) -> npt.NDArray[np.float64]:
    """Share of gas among the training homes of each test home's district and dwelling type.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        With ``district`` and ``dwelling_type`` where the source has them.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers; only those of the training part are looked at.
    split : (train, test)
        Row numbers.

    Returns
    -------
    ndarray, shape (n_test,)
        Probability of gas: the share in the cell, pulled towards the share of the dwelling type, and that towards
        the share of all training homes, by five homes each.
    """
    train, test = split
    answers = pd.Series(is_gas[train].astype(float))
    share = np.full(len(test), answers.mean())
    keys = [name for name in ("dwelling_type", "district") if name in homes]
    for depth in range(1, len(keys) + 1):
        cell_of = homes.groupby(keys[:depth], dropna=False, observed=True).ngroup().to_numpy()
        cells = answers.groupby(cell_of[train]).agg(["sum", "count"]).reindex(cell_of[test]).fillna(0.0)
        share = ((cells["sum"] + PRIOR_HOMES * share) / (cells["count"] + PRIOR_HOMES)).to_numpy()
    return share


def naive_held_out(
    homes: pd.DataFrame, is_gas: npt.NDArray[np.bool_], splits: Sequence[Split]
) -> npt.NDArray[np.float64]:
    """Collect the naive answer for every home when it was held out; missing for homes never held out."""
    share = np.full(len(is_gas), np.nan)
    for split in splits:
        share[split[1]] = neighbourhood_share(homes, is_gas, split)
    return share
