"""The homes whose answer is known, laid side by side with what the model may know of them."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.known import TARGETED_SOURCES, known_label_sources, known_labels
from case_heating.model.split import region_of
from case_heating.schema import HEATING_FUELS, Tables


@dataclass(frozen=True)
class Evidence:
    """Labelled gas and electric homes at one moment, row for row.

    Attributes
    ----------
    features : DataFrame, shape (n_homes, n_features)
        Indexed by ``home_id``.
    is_gas : ndarray of bool, shape (n_homes,)
        True for gas, False for electricity.
    homes : DataFrame, shape (n_homes, n_columns)
        The trusted ``homes`` rows, for the naive rival and for regions.
    weight : ndarray or None
        Homes each home stands for, where the source is a survey; 0 where that is not known.
    fuel_counts : dict
        Labelled homes by heating fuel, those with other fuels and with none included.
    n_homes : int
        All homes, labelled or not.
    seen_by : Series of str or None
        Who told the fuel of each home, where the labels say so.
    """

    features: pd.DataFrame
    is_gas: npt.NDArray[np.bool_]
    homes: pd.DataFrame
    weight: npt.NDArray[np.float64] | None
    fuel_counts: dict[str, int]
    n_homes: int
    as_of: date
    seen_by: pd.Series | None = None

    @property
    def is_targeted(self) -> npt.NDArray[np.bool_]:
        """Homes known from a source that hears of one fuel alone, such as a rebate, shape (n_homes,)."""
        if self.seen_by is None:
            return np.zeros(len(self.is_gas), dtype=bool)
        return self.seen_by.isin(TARGETED_SOURCES).to_numpy(dtype=bool)

    def at(self, rows: npt.NDArray[np.bool_]) -> "Evidence":
        """Give the same of some of the labelled homes; ``fuel_counts`` and ``n_homes`` stay those of all.

        Parameters
        ----------
        rows : ndarray of bool, shape (n_homes,)
            The homes to keep.
        """
        return replace(
            self,
            features=self.features[rows],
            is_gas=self.is_gas[rows],
            homes=self.homes[rows],
            weight=None if self.weight is None else self.weight[rows],
            seen_by=None if self.seen_by is None else self.seen_by[rows],
        )

    @property
    def region(self) -> pd.Series:
        """Region that is held out in turn, shape (n_homes,)."""
        return region_of(self.homes)


def gather_evidence(tables: Tables, features: pd.DataFrame, *, as_of: date, min_homes: int) -> Evidence:
    """Join labels known at a moment to features; homes with other fuels are counted and left out.

    Parameters
    ----------
    tables : Tables
        Trusted tables with ``homes`` and ``labels``.
    features : DataFrame, shape (n_homes, n_features)
        From ``build_features`` at the same moment.
    as_of : date
        The moment.
    min_homes : int
        Fewest labelled gas and electric homes to work with.

    Raises
    ------
    NotEnoughDataError
        If there are no labels, too few, or all of one fuel.
    """
    if "labels" not in tables:
        raise NotEnoughDataError(
            "there is no labels table: nobody has said what any home heats with. Map a column that tells the heating "
            "fuel of some homes to labels.heating_fuel, or score these homes with a model trained elsewhere"
        )
    fuel = known_labels(tables["labels"], as_of=as_of)
    fuel = fuel[fuel.index.isin(features.index)]
    counts = {name: int((fuel == name).sum()) for name in HEATING_FUELS}
    two = fuel[fuel.isin(["gas", "electricity"])]
    told = ", ".join(f"{n:,} {name}" for name, n in counts.items())
    if len(two) < min_homes:
        raise NotEnoughDataError(
            f"{len(two):,} {'home is' if len(two) == 1 else 'homes are'} known on {as_of} to heat with gas or "
            f"electricity ({told}); at least {min_homes:,} are needed to train and judge a model. Bring more labels or "
            "speak for a later day"
        )
    is_gas = (two == "gas").to_numpy()
    if is_gas.all() or not is_gas.any():
        raise NotEnoughDataError(
            f"all {len(two):,} labelled homes heat with {two.iloc[0]} ({told}); a model that tells gas from "
            "electricity needs both. Check the codes in the mapping of labels.heating_fuel"
        )
    homes = tables["homes"].set_index("home_id").loc[two.index]
    weight = None
    if "survey_weight" in homes and homes["survey_weight"].notna().any():
        weight = homes["survey_weight"].fillna(0.0).to_numpy(dtype=np.float64)  # a home without one stands for none
    seen_by = None
    if "source" in tables["labels"]:
        seen_by = known_label_sources(tables["labels"], as_of=as_of).reindex(two.index)
    return Evidence(features.loc[two.index], is_gas, homes, weight, counts, len(features), as_of, seen_by)
