"""Small regressions kept as tables of coefficients: fitted on survey homes once, drawn from ever after.

A *step* of the joint draw is one regression: a multinomial logistic one where the outcome is a category, a
linear one where it is a number. Only coefficients are kept, and a category enters only where at least
thirty homes support it.

A *term* is a column (``cdd_k``), a category (``division``) or a product of them (``division:year_band``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

INTERCEPT = "intercept"
RESIDUAL_SD = "residual_sd"
NUMBER = "number"  # the only "level" of a linear step


@dataclass(frozen=True)
class Step:
    """One regression of the joint draw.

    Attributes
    ----------
    levels : tuple of str
        Categories of the outcome; ``("number",)`` where the outcome is a number.
    terms : dict of str to dict of str to ndarray, shape (n_levels,)
        Coefficients by term and by category key (``""`` for a purely numeric term).
    residual_sd
        Standard deviation around the line; 0 where the outcome is a category.
    """

    levels: tuple[str, ...]
    terms: dict[str, dict[str, np.ndarray]]
    residual_sd: float = 0.0


def steps_from_table(table: pd.DataFrame) -> dict[str, Step]:
    """Rebuild the steps from the table of coefficients.

    Parameters
    ----------
    table : DataFrame with columns ``step``, ``level``, ``term``, ``key``, ``coefficient``
    """
    return {str(name): _step(rows) for name, rows in table.groupby("step", sort=False)}


def _step(rows: pd.DataFrame) -> Step:
    is_sd = rows["term"] == RESIDUAL_SD
    of_line = rows[~is_sd]
    levels = tuple(of_line["level"].unique())
    position = {level: number for number, level in enumerate(levels)}
    terms: dict[str, dict[str, np.ndarray]] = {}
    for row in of_line.itertuples():
        own = terms.setdefault(row.term, {}).setdefault(row.key, np.zeros(len(levels)))
        own[position[row.level]] = row.coefficient
    return Step(levels, terms, float(rows.loc[is_sd, "coefficient"].sum()))


def scores(frame: pd.DataFrame, step: Step) -> np.ndarray:
    """Linear predictor of each home and level.

    A category the regression has not seen adds nothing, like one that is missing.

    Returns
    -------
    ndarray of float, shape (n_homes, n_levels)

    Examples
    --------
    >>> rows = [("size", "number", "intercept", "", 1.0), ("size", "number", "kind", "flat", -0.5)]
    >>> table = pd.DataFrame(rows, columns=["step", "level", "term", "key", "coefficient"])
    >>> homes = pd.DataFrame({"kind": pd.Categorical(["flat", "house"])})
    >>> scores(homes, steps_from_table(table)["size"]).ravel().tolist()
    [0.5, 1.0]
    """
    total = np.zeros((len(frame), len(step.levels)))
    for term, coefficients in step.terms.items():
        if term == INTERCEPT:
            total += coefficients[""]
            continue
        codes, keys, number = _parts(frame, term)
        nothing = np.zeros(len(step.levels))
        by_code = np.array([*(coefficients.get(key, nothing) for key in keys), nothing])  # code -1 finds the last
        contribution = by_code[codes]
        total += contribution if number is None else contribution * number[:, None]
    return total


def _parts(frame: pd.DataFrame, term: str) -> tuple[np.ndarray, list[str], np.ndarray | None]:
    """Split a term into category codes with their keys, and the product of its numbers."""
    codes = np.zeros(len(frame), dtype=np.int64)
    keys = [""]
    number: np.ndarray | None = None
    for name in term.split(":"):
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = [str(category) for category in column.cat.categories]
            own = column.cat.codes.to_numpy().astype(np.int64)
            missing = (codes < 0) | (own < 0)
            codes = np.where(missing, -1, codes * len(categories) + own)
            keys = [f"{key}:{category}" if key else category for key in keys for category in categories]
        else:
            values = column.to_numpy(dtype=float)
            number = values if number is None else number * values
    return codes, keys, number


def design(frame: pd.DataFrame, terms: Iterable[str], *, min_homes: int) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Build the design matrix of a fit: one column per term and key that at least ``min_homes`` homes support."""
    columns: list[np.ndarray] = []
    names: list[tuple[str, str]] = []
    for term in terms:
        codes, keys, number = _parts(frame, term)
        for code, key in enumerate(keys):
            chosen = codes == code
            if chosen.sum() >= min_homes:
                columns.append(chosen * (1.0 if number is None else number))
                names.append((term, key))
    return np.column_stack(columns), names


def probabilities(frame: pd.DataFrame, step: Step, offset: np.ndarray | float = 0.0) -> np.ndarray:
    """Probability of each level, after adding ``offset`` to the scores; rows sum to 1."""
    raw = scores(frame, step) + offset
    raw -= raw.max(axis=1, keepdims=True)
    np.exp(raw, out=raw)
    raw /= raw.sum(axis=1, keepdims=True)
    return raw


def choose(probability: np.ndarray, levels: tuple[str, ...], rng: np.random.Generator) -> pd.Categorical:
    """Draw one level per home from its row of probabilities."""
    reached = probability.cumsum(axis=1)
    draw = rng.random(len(probability)) * reached[:, -1]
    codes = np.minimum((draw[:, None] > reached).sum(axis=1), len(levels) - 1)
    return pd.Categorical.from_codes(codes.astype(np.int8), categories=list(levels))


def draw_category(frame: pd.DataFrame, step: Step, rng: np.random.Generator) -> pd.Categorical:
    """Draw the outcome of a logistic step."""
    return choose(probabilities(frame, step), step.levels, rng)


def draw_number(
    frame: pd.DataFrame, step: Step, rng: np.random.Generator, *, shared: np.ndarray | None = None
) -> np.ndarray:
    """Draw the outcome of a linear step: the line plus normal noise cut at three standard deviations.

    ``shared`` replaces the noise by standard normals that several steps have in common.
    """
    noise = rng.standard_normal(len(frame)) if shared is None else shared
    return scores(frame, step)[:, 0] + step.residual_sd * noise.clip(-3.0, 3.0)


def climate_terms(homes: pd.DataFrame) -> dict[str, pd.Series]:
    """Degree-day normals as terms: thousands of °F·day around a middling climate, and their squares."""
    hdd = (homes["hdd_normal"] - 4500.0) / 1000.0
    cdd = (homes["cdd_normal"] - 1300.0) / 1000.0
    return {"hdd_k": hdd, "hdd_k2": hdd**2, "cdd_k": cdd, "cdd_k2": cdd**2}
