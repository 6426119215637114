"""Has a distribution moved? The population stability index, a two-sample test, and control of false discoveries.

With 20,000 homes any difference is significant, and with 50 features one in twenty tests cries without cause. A feature
has drifted only if it moved far (PSI) *and* not by chance (test, corrected for the number of features looked at).

References
----------
.. [1] N. Siddiqi, "Credit Risk Scorecards" (2006): PSI below 0.1 is little change, above 0.25 a large one.
.. [2] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp

from case_heating.features.stages import FEATURE

BINS = 10
SMALLEST_SHARE = 1e-4
"""An empty bin counts as this share: its logarithm would be infinite, and one home in 10,000 is next to none."""

DRIFT_COLUMNS = tuple(
    "kind n_reference n_current psi missing_reference missing_current lost p_value p_adjusted drifted".split()
)
_OUTSIDE = ("degree_days.", "weather.")


@dataclass(frozen=True)
class DriftLimits:
    """When a feature has drifted.

    Attributes
    ----------
    psi : float
        Least population stability index: how far is far.
    false_discovery_rate : float
        Largest expected share of false alarms among the features called drifted.
    """

    psi: float = 0.25
    false_discovery_rate: float = 0.01


def population_stability_index(reference: pd.Series, current: pd.Series, *, bins: int = BINS) -> float:
    """Measure how far a distribution moved: 0 not at all, 0.1 a little, 0.25 far [1]_.

    Numbers are put into bins that hold equally much of the reference, categories into one bin each; values that are
    missing are a bin of their own.

    Parameters
    ----------
    reference, current : Series, shape (n_reference,), (n_current,)
        Values then and now.
    bins : int
        Bins of the reference's numbers; fewer where its values repeat.

    Returns
    -------
    float
        The sum over bins of (share now - share then) × ln(share now / share then); missing where a side is empty.

    Examples
    --------
    >>> then, now = pd.Series(["a"] * 50 + ["b"] * 50), pd.Series(["a"] * 25 + ["b"] * 75)
    >>> round(population_stability_index(then, now), 4)  # -0.25 ln 0.5 + 0.25 ln 1.5
    0.2747
    """
    if len(reference) == 0 or len(current) == 0:
        return float("nan")
    then, now = (shares.clip(min=SMALLEST_SHARE) for shares in _shares(reference, current, bins))
    return float(((now - then) * np.log(now / then)).sum())


def share_psi(then: npt.NDArray[np.float64], now: npt.NDArray[np.float64]) -> float:
    """PSI of two lists of bin shares, shape (n_bins,), each adding up to 1."""
    then, now = then.clip(min=SMALLEST_SHARE), now.clip(min=SMALLEST_SHARE)
    return float(((now - then) * np.log(now / then)).sum())


def two_sample_test(reference: pd.Series, current: pd.Series) -> float:
    """Chance of a difference at least so large if nothing had changed: Kolmogorov and Smirnov's test, or χ² of levels.

    Homes in both windows make the test cautious: their two values are alike, which it does not know.

    Returns
    -------
    float
        The p-value; 1 where a side has no values, as nothing then speaks for a change.
    """
    then, now = reference.dropna(), current.dropna()
    if then.empty or now.empty:
        return 1.0
    if pd.api.types.is_numeric_dtype(then) and not pd.api.types.is_bool_dtype(then):
        return float(ks_2samp(then.to_numpy(float), now.to_numpy(float), method="asymp").pvalue)
    levels = pd.Index(then.unique()).union(pd.Index(now.unique()))
    if len(levels) < 2:
        return 1.0
    counts = np.stack([side.value_counts().reindex(levels, fill_value=0).to_numpy() for side in (then, now)])
    return float(chi2_contingency(counts).pvalue)


def compare_features(
    reference: pd.DataFrame, current: pd.DataFrame, limits: DriftLimits = DriftLimits()
) -> pd.DataFrame:
    """Compare every feature of two windows.

    Parameters
    ----------
    reference, current : DataFrame, shape (n_homes, n_features)
        Features then and now, indexed by ``home_id``; features that either lacks are left out.

    Returns
    -------
    DataFrame, indexed by feature
        ``kind`` ("home": about the home; "weather", "prices": about its surroundings, which move by themselves),
        ``n_reference``, ``n_current``, ``psi``, ``missing_reference`` and ``missing_current`` (shares), ``lost`` (share
        of the homes that had the fact then, are still there and have it no more), ``p_value``, ``p_adjusted`` and
        ``drifted``.
    """
    names = [name for name in reference if name in current]
    lost = _lost(reference[names], current[names])
    rows = []
    for name in names:
        then, now = reference[name], current[name]
        rows.append(
            {
                "kind": kind_of(name),
                "n_reference": len(then),
                "n_current": len(now),
                "psi": population_stability_index(then, now),
                "missing_reference": float(then.isna().mean()),
                "missing_current": float(now.isna().mean()),
                "lost": float(lost[name]),
                "p_value": two_sample_test(then, now),
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(names, name="feature"), columns=list(DRIFT_COLUMNS[:-2]))
    p_adjusted = false_discovery_control(table["p_value"]) if len(table) else []
    table = table.assign(p_adjusted=p_adjusted)
    drifted = (table["psi"] >= limits.psi) & (table["p_adjusted"] <= limits.false_discovery_rate)
    return table.assign(drifted=drifted)


def kind_of(feature: str) -> str:
    """Tell what a feature speaks of: the home, or the weather or the prices around it.

    Examples
    --------
    >>> kind_of("hdd_year"), kind_of("published_gas_price"), kind_of("kwh_year")
    ('weather', 'prices', 'home')
    """
    if feature.startswith("published_"):
        return "prices"
    sources = FEATURE[feature].sources if feature in FEATURE else ()
    return "weather" if sources and all(source.startswith(_OUTSIDE) for source in sources) else "home"


def _lost(then: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Share, by feature, of the homes that had a fact then, are still there and have it no more."""
    still = then.index.intersection(now.index)
    had, has = then.loc[still].notna(), now.loc[still].notna()
    return ((had & ~has).sum() / had.sum().clip(lower=1)).astype(float)


def _shares(
    reference: pd.Series, current: pd.Series, bins: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share of each bin then and now, the missing last."""
    if pd.api.types.is_numeric_dtype(reference) and not pd.api.types.is_bool_dtype(reference):
        known = reference.dropna().to_numpy(float)
        inner = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else np.array([])

        def codes(values: pd.Series) -> npt.NDArray[np.intp]:
            number = np.searchsorted(inner, values.to_numpy(float), side="left")
            return np.where(values.isna(), len(inner) + 1, number)

        n_bins = len(inner) + 2
    else:
        levels = pd.Index(reference.dropna().unique()).union(pd.Index(current.dropna().unique()))

        def codes(values: pd.Series) -> npt.NDArray[np.intp]:
            return np.where(values.isna(), len(levels), levels.get_indexer(values))

        n_bins = len(levels) + 1
    then, now = (np.bincount(codes(side), minlength=n_bins) / len(side) for side in (reference, current))
    return then, now
