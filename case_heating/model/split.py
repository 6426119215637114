"""Ways to hold homes back, so that a figure says what will happen and not what was memorised."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedKFold

from case_heating.errors import NotEnoughDataError

Split = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]

MAX_REGION_FOLDS = 10
MIN_REGION_HOMES = 20  # a region with fewer labelled homes is held out together with others


def by_home(is_gas: npt.NDArray[np.bool_], *, folds: int, seed: int) -> list[Split]:
    """Split homes at random, the share of gas kept equal in every fold.

    Parameters
    ----------
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    folds : int
        Number of folds.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    list of (train, test)
        Row numbers; every home is in one test part.

    Raises
    ------
    NotEnoughDataError
        If one fuel has fewer homes than there are folds.
    """
    rarer = int(min(is_gas.sum(), (~is_gas).sum()))
    if rarer < folds:
        n_gas = int(is_gas.sum())
        raise NotEnoughDataError(
            f"{n_gas:,} labelled homes heat with gas and {len(is_gas) - n_gas:,} with electricity; "
            f"to compare them, at least {folds} of each are needed: bring more labels"
        )
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(is_gas)), is_gas))


def by_region(region: pd.Series) -> list[Split]:
    """Hold whole regions out in turn: how well does the model speak of a place it has never seen?

    Up to ten regions are held out one by one; more are gathered into ten groups of about equal size.

    Parameters
    ----------
    region : Series of str, shape (n_homes,)
        Region of each home; homes without one are trained on and never tested.

    Returns
    -------
    list of (train, test)
        Row numbers; empty where there are fewer than two regions.
    """
    names = region.to_numpy(dtype=object)
    known = ~region.isna().to_numpy()
    counts = region.value_counts()
    small = counts.index[counts < MIN_REGION_HOMES]
    names = np.where(region.isin(small).to_numpy(), "(small regions)", names)
    distinct = sorted(set(names[known]))
    if len(distinct) < 2:
        return []
    rows, unplaced = np.flatnonzero(known), np.flatnonzero(~known)
    splitter = GroupKFold(min(len(distinct), MAX_REGION_FOLDS))
    return [
        (np.sort(np.concatenate([rows[train], unplaced])), rows[test])
        for train, test in splitter.split(rows, groups=names[known])
    ]


def region_of(homes: pd.DataFrame) -> pd.Series:
    """Region that is held out: the census division where the homes span several, else the district.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        Indexed by ``home_id``.

    Returns
    -------
    Series of str, shape (n_homes,)
        Missing throughout where the source knows neither.
    """
    for column in ("division", "district"):
        if column in homes and len(homes[column].dropna().unique()) > 1:
            return homes[column]
    return pd.Series(pd.NA, index=homes.index, dtype="str", name="region")


def by_time(known_at: pd.Series, *, cut: date) -> Iterator[Split]:
    """Train on what was known at a cut and test on what was learned after it.

    Parameters
    ----------
    known_at : Series of datetime, shape (n_homes,)
        Day each label became known.
    cut : date
        Labels known on this day are trained on.

    Yields
    ------
    (train, test)
        Row numbers; nothing where one side would be empty.
    """
    before = (known_at <= pd.Timestamp(cut)).to_numpy()
    if before.any() and not before.all():
        yield np.flatnonzero(before), np.flatnonzero(~before)
