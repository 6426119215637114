"""What the features and answers of homes looked like when a model was made: the reference that drift is measured from.

Only shares and quantiles are kept, never a home's row.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.features.stages import FEATURE

Floats = npt.NDArray[np.float64]

BINS = 10
QUANTILES = 101  # every hundredth: enough for a two-sample test and small enough for a text file


@dataclass(frozen=True)
class NumberReference:
    """A number's distribution.

    Attributes
    ----------
    edges : tuple of float
        Inner edges of at most ten bins of about equally many homes, rising; a value on an edge belongs below it.
    shares : tuple of float
        Share of the known values in each bin; one more than there are edges.
    missing_share : float
        Share of homes that lack it.
    quantiles : tuple of float
        Every hundredth from the smallest to the largest; empty where no home has it.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    missing_share: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True)
class CategoryReference:
    """A category's distribution: share of the known values by value, and the share of homes that lack it."""

    shares: dict[str, float]
    missing_share: float


@dataclass(frozen=True)
class Reference:
    """Distributions of the features a model takes and of its answers, over the homes of its training moment.

    Attributes
    ----------
    n_homes : int
        Homes they are of.
    numbers, categories : dict
        By feature.
    prediction : NumberReference
        Of the probability of gas.
    """

    n_homes: int
    numbers: dict[str, NumberReference]
    categories: dict[str, CategoryReference]
    prediction: NumberReference

    def to_plain(self) -> dict[str, Any]:
        """Give it in values that JSON knows."""
        return asdict(self)

    @classmethod
    def from_plain(cls, told: dict[str, Any]) -> Self:
        """Read back what :meth:`to_plain` gave."""
        return cls(
            n_homes=told["n_homes"],
            numbers={name: _number_from(one) for name, one in told["numbers"].items()},
            categories={name: CategoryReference(**one) for name, one in told["categories"].items()},
            prediction=_number_from(told["prediction"]),
        )


def describe_reference(features: pd.DataFrame, probability: Floats) -> Reference:
    """Describe the homes of a moment.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        The features the model takes.
    probability : ndarray, shape (n_homes,)
        Its probabilities of gas for these homes.
    """
    kinds = {str(name): FEATURE[str(name)].kind for name in features}
    return Reference(
        n_homes=len(features),
        numbers={
            name: _describe_number(features[name].to_numpy(dtype=np.float64))
            for name, kind in kinds.items()
            if kind == "number"
        },
        categories={name: _describe_category(features[name]) for name, kind in kinds.items() if kind == "category"},
        prediction=_describe_number(probability),
    )


def _describe_number(values: Floats) -> NumberReference:
    known = values[~np.isnan(values)]
    missing = float(np.isnan(values).mean()) if len(values) else 0.0
    if not len(known):
        return NumberReference((), (), missing, ())
    # Inner edges alone: what later falls below the smallest or above the largest still falls into a bin.
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    edges = edges[edges < known.max()]
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return NumberReference(
        edges=tuple(edges.tolist()),
        shares=tuple((counts / len(known)).tolist()),
        missing_share=missing,
        quantiles=tuple(np.quantile(known, np.linspace(0, 1, QUANTILES)).tolist()),
    )


def _describe_category(column: pd.Series) -> CategoryReference:
    counts = column.dropna().astype("str").value_counts(normalize=True).sort_index()
    shares = {str(value): float(share) for value, share in counts.items()}
    return CategoryReference(shares, float(column.isna().mean()) if len(column) else 0.0)


def _number_from(told: dict[str, Any]) -> NumberReference:
    return NumberReference(tuple(told["edges"]), tuple(told["shares"]), told["missing_share"], tuple(told["quantiles"]))
