"""Are the reasons the real ones? Measured on homes the trees had not seen, by changing facts and scoring again.

A reason is faithful if the score moves the stated way once its facts are gone. What "gone" means decides the figure, so
three meanings are measured:

``typical``
    The mean over low, middle and high values of gas homes and of electric homes (``Typical.spread``). The explainer
    itself checks its candidates this way, one group at a time.
``drawn``
    The mean over the same facts of labelled homes drawn at random: independent of how reasons are chosen.
``commonest``
    The one median or commonest value of all labelled homes. A home that already has it cannot be moved by it, whatever
    the reason: most gas homes have a gas meter, and so has the commonest home. Told for honesty, not aimed at.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.explain import Explainer, Explanation
from case_heating.model.fuel import Bools, Calibration, Floats, FuelParams, encode, train_fuel_model
from case_heating.model.split import by_home
from case_heating.model.typical import learn_typical

MEANINGS = ("typical", "drawn", "commonest")
TOP = 3  # named groups taken away together, and random others against them
DONORS = 16  # labelled homes drawn for each change: their mean moves by a few hundredths between draws
RANDOM_SETS = 5  # sets of random others each home is tried with


@dataclass(frozen=True)
class Faithfulness:
    """Shares between 0 and 1 over held-out homes; each dictionary has one share per meaning of "gone".

    Attributes
    ----------
    first_moves : dict
        Homes whose score moves the stated way when the first-named group's facts are gone.
    first_beats_another : dict
        Homes and draws where the answer loses more support without the first-named group's facts than without those
        of one other group drawn at random.
    top_beats_others : dict or None
        Homes and random sets where the first three named groups, or all if fewer are named, move the score further
        than three groups drawn from those not among them; ``None`` where the model has fewer than six groups.
    same_without_unused : float
        Homes told the same when facts the model makes no use of are swapped between homes.
    n_reasons : dict
        Homes by their number of reasons.
    """

    n_homes: int
    n_groups: int
    first_moves: dict[str, float]
    first_beats_another: dict[str, float]
    top_beats_others: dict[str, float] | None
    same_without_unused: float
    n_reasons: dict[int, int]


def measure_faithfulness(
    features: pd.DataFrame,
    is_gas: Bools,
    *,
    stage: str,
    n_trees: int,
    seed: int,
    calibration: Calibration | None = None,
    params: FuelParams | None = None,
    most_homes: int = 1000,
) -> Faithfulness:
    """Hold a fifth of the homes out, train on the others, and check the reasons given for those held out.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        Features of labelled homes at the stage.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    stage : str
        The data stage.
    n_trees : int
        Number of trees, as found when the model was trained.
    seed : int
        Seed of the split, the trees and the draws.
    calibration : Calibration, optional
        That of the model; the identity if not given.
    params : FuelParams, optional
        LightGBM's parameters.
    most_homes : int
        Held-out homes to check.

    Raises
    ------
    NotEnoughDataError
        If one fuel has fewer than five homes.
    """
    train, test = by_home(is_gas, folds=5, seed=seed)[0]
    model = train_fuel_model(
        features.iloc[train],
        is_gas[train],
        stage=stage,
        n_trees=n_trees,
        calibration=calibration or Calibration(),
        params=params or FuelParams(),
        seed=seed,
    )
    known, held_out = features.iloc[train], features.iloc[test[:most_homes]]
    explainer = Explainer(model, learn_typical(known[list(model.encoding.names)], is_gas[train]))
    return check_reasons(explainer, held_out, known, seed=seed)


def check_reasons(explainer: Explainer, held_out: pd.DataFrame, known: pd.DataFrame, *, seed: int) -> Faithfulness:
    """Check the reasons given for some homes.

    Parameters
    ----------
    explainer : Explainer
        Whose reasons are checked.
    held_out : DataFrame, shape (n_homes, n_features)
        Homes its trees had not seen.
    known : DataFrame, shape (n_labelled_homes, n_features)
        Homes to draw facts from.
    seed : int
        Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    told = list(explainer.explain(held_out))
    names = [group.name for group in explainer.groups]
    first, top = np.zeros((2, len(told), len(names)), dtype=bool)
    for row, explanation in enumerate(told):
        for reason in explanation.reasons[:TOP]:
            top[row, names.index(reason.group)] = True
        for reason in explanation.reasons[:1]:
            first[row, names.index(reason.group)] = True
    stated = np.array([1.0 if explanation.fuel == "gas" else -1.0 for explanation in told])
    gone = _Gone(explainer, encode(held_out, explainer.model.encoding), encode(known, explainer.model.encoding), rng)
    score = explainer.model.score(gone.matrix)
    others = [_random_others(top, rng, TOP) for _ in range(RANDOM_SETS)]
    another = [_random_others(first, rng, 1) for _ in range(RANDOM_SETS)]
    moves, leads, beats = {}, {}, {}
    for meaning in MEANINGS:
        by_first = (score - gone.score(first, meaning)) * stated
        by_another = np.stack([(score - gone.score(some, meaning)) * stated for some in another])
        moves[meaning] = float((by_first > 0).mean())
        leads[meaning] = float((by_first > by_another).mean())
        by_top = np.abs(score - gone.score(top, meaning))
        by_others = np.stack([np.abs(score - gone.score(some, meaning)) for some in others])
        beats[meaning] = float((by_top > by_others).mean())
    counts = np.bincount([len(explanation.reasons) for explanation in told])
    return Faithfulness(
        n_homes=len(told),
        n_groups=len(names),
        first_moves=moves,
        first_beats_another=leads,
        top_beats_others=beats if len(names) >= 2 * TOP else None,
        same_without_unused=_share_told_the_same(explainer, told, held_out, rng),
        n_reasons={number: int(count) for number, count in enumerate(counts) if count},
    )


@dataclass(frozen=True)
class _Gone:
    """Scores of homes with groups of facts gone, in each of the three meanings."""

    explainer: Explainer
    matrix: Floats
    known: Floats
    rng: np.random.Generator

    def score(self, groups: Bools, meaning: str) -> Floats:
        """Score with the marked groups gone; ``groups`` has shape (n_homes, n_groups)."""
        columns = (groups.astype(int) @ self.explainer.members.T.astype(int)) > 0
        scores = [self.explainer.model.score(np.where(columns, row, self.matrix)) for row in self._rows(meaning)]
        return np.asarray(np.mean(scores, axis=0))

    def _rows(self, meaning: str) -> list[Floats]:
        """Give what stands in for the facts that are gone: one row for all homes, or one for each."""
        if meaning == "typical":
            return list(self.explainer.scales.spread_rows)
        if meaning == "commonest":
            return [self._commonest()]
        size = (DONORS, len(self.matrix))
        return [self.known[rows] for rows in self.rng.integers(0, len(self.known), size)]

    def _commonest(self) -> Floats:
        categories = self.explainer.model.encoding.category_columns
        row = np.full(self.known.shape[1], np.nan)
        for column in range(self.known.shape[1]):
            values = self.known[~np.isnan(self.known[:, column]), column]
            if len(values) > len(self.known) / 2:
                found, counts = np.unique(values, return_counts=True)
                row[column] = found[counts.argmax()] if column in categories else np.median(values)
        return row


def _random_others(named: Bools, rng: np.random.Generator, n_drawn: int) -> Bools:
    """So many groups of each home that are not among the named ones, or all of these if they are fewer."""
    draw = np.where(named, np.inf, rng.random(named.shape))
    rank: npt.NDArray[np.intp] = np.argsort(np.argsort(draw, axis=1), axis=1)
    return np.asarray((rank < n_drawn) & ~named)


def _share_told_the_same(
    explainer: Explainer, told: list[Explanation], held_out: pd.DataFrame, rng: np.random.Generator
) -> float:
    swapped = held_out.copy()
    order = rng.permutation(len(held_out))
    for name in held_out.columns.difference(list(explainer.used)):
        swapped[name] = held_out[name].iloc[order].set_axis(held_out.index)
    again = explainer.explain(swapped)
    same = [_as_told(one) == _as_told(other) for one, other in zip(told, again, strict=True)]
    return float(np.mean(same)) if same else float("nan")


def _as_told(explanation: Explanation) -> tuple[object, ...]:
    """All that words are made from; a contribution's last bits are none of it."""
    reasons = [(reason.group, reason.speaks_for, reason.fact) for reason in explanation.reasons]
    against = explanation.against and (explanation.against.group, explanation.against.fact)
    other = explanation.other_answer and (explanation.other_answer.group, explanation.other_answer.told)
    return explanation.fuel, explanation.sureness, reasons, against, explanation.settled_by, other
