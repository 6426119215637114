"""How the values of each feature lie: for people who look whether a source still says what it used to."""

from datetime import date

import pandas as pd

from case_heating.features.stages import FEATURE

_MOST_COMMON = 3


def feature_figures(matrix: pd.DataFrame) -> pd.DataFrame:
    """Describe each feature of a matrix.

    Parameters
    ----------
    matrix : DataFrame, shape (n_homes, n_features)
        As ``build_features`` gives it.

    Returns
    -------
    DataFrame, shape (n_features, 5)
        ``share_missing`` (0: every home has a value), ``p5``, ``median`` and ``p95`` of numbers, ``most_common``: up to
        three categories with their shares of the homes that have one. What does not apply or is not known is missing.

    Examples
    --------
    >>> figures = feature_figures(pd.DataFrame({"kwh_year": [1.0, 3.0, None], "cooling": ["room", "room", "none"]}))
    >>> float(figures.loc["kwh_year", "median"]), round(figures.loc["cooling", "most_common"]["room"], 2)
    (2.0, 0.67)
    """
    figures = {}
    for name, values in matrix.items():
        told = {"share_missing": values.isna().mean() if len(values) else None}
        if FEATURE[str(name)].kind == "number":
            told |= dict(zip(("p5", "median", "p95"), values.quantile([0.05, 0.5, 0.95]), strict=True))
        else:
            told["most_common"] = values.value_counts(normalize=True).head(_MOST_COMMON).to_dict()
        figures[name] = told
    return pd.DataFrame.from_dict(
        figures, orient="index", columns=["share_missing", "p5", "median", "p95", "most_common"]
    )


def shares_stale(event_time: pd.Series, *, at: date) -> dict[str, float]:
    """Share of homes whose value of each feature no longer speaks for them, from the moments their rows speak for."""
    age_days = (pd.Timestamp(at) - event_time).dt.days
    return {name: float((age_days > feature.fresh_days).mean()) for name, feature in FEATURE.items()}
