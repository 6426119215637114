"""What weighs how much: exact contributions of groups of facts, checked by replacing them.

LightGBM's ``pred_contrib`` splits a home's score (log odds of gas) exactly among its features (TreeSHAP) [1]_; the
contributions of a group's features are added, so that related features speak once. Of the groups that contribute
most, those are reasons whose replacement confirms it: the group's facts are replaced by values spread over those of gas
homes and over those of electric homes, and on average the score must move the stated way. One typical value will not
do: a home that already has it would not move, and a gas home's year of gas, or the commonest kind of dwelling, would
never be named.

References
----------
.. [1] S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
   Nature Machine Intelligence 2, 2020.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from case_heating.errors import ModelError
from case_heating.model.fuel import Bools, Floats, FuelModel

MOST_REASONS = 4
FEWEST_REASONS = 2
LEAST_WEIGHT = 0.1  # of the first reason's: what weighs less is not worth a person's time
SUPPORTING_CHECKED, OPPOSING_CHECKED = 5, 2  # groups whose contribution is checked by replacement: more are not named
SUM_TOLERANCE = 1e-9
_UNCONFIRMED = -1e6  # below any strength in log odds: sorts groups that replacement does not confirm after all others

Whole = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Weights:
    """What weighs how much, home by home and group by group.

    ``sign`` is 1 for gas and -1 for electricity; ``order`` lists groups, reasons first; ``against`` and ``turning`` are
    -1 where there is no such group; ``effect`` is missing where it was not checked. Arrays have shape (n_homes,) or
    (n_homes, n_groups); scores, contributions and effects are log odds of gas.
    """

    score: Floats
    bias: Floats
    probability: Floats
    sign: Floats
    contribution: Floats
    effect: Floats
    order: Whole
    n_reasons: Whole
    against: Whole
    other_score: Floats
    turning: Whole


@dataclass(frozen=True)
class Scales:
    """A model with what gas homes and electric homes typically have.

    Attributes
    ----------
    members : ndarray of bool, shape (n_features, n_groups)
        Which of the model's features belongs to which group.
    typical_row : dict
        Fuel → typical values as the model takes them, shape (n_features,).
    spread_rows : ndarray, shape (n_rows, n_features)
        Values spread over those of gas homes and over those of electric homes, as many rows of each.
    """

    model: FuelModel
    members: Bools
    typical_row: dict[str, Floats]
    spread_rows: Floats

    def weigh(self, matrix: Floats) -> Weights:
        """Weigh every group of facts for every home.

        Parameters
        ----------
        matrix : ndarray, shape (n_homes, n_features)
            Homes as ``encode`` gives them.

        Raises
        ------
        ModelError
            If contributions do not add up to the score.
        """
        model = self.model
        exact = np.asarray(model.booster.predict(matrix, pred_contrib=True, num_threads=1))
        score, bias = model.score(matrix), exact[:, -1]
        contribution = exact[:, :-1] @ self.members
        gap = np.abs(contribution.sum(axis=1) + bias - score).max(initial=0.0)
        if not gap <= SUM_TOLERANCE:
            raise ModelError(f"the contributions miss the score by up to {gap:.2g}; the model's files may be damaged")
        probability = model.calibration(score)
        says_gas = probability >= 0.5
        sign = np.where(says_gas, 1.0, -1.0)
        toward = contribution * sign[:, None]

        rival = np.where(says_gas, "electricity", "gas")
        every_row, every_group = np.indices(toward.shape).reshape(2, -1)
        other_score = self.score_with(matrix, score, every_row, every_group, rival[every_row]).reshape(toward.shape)
        by_toward = np.argsort(-toward, axis=1, kind="stable")
        strength, supported = self._check(
            matrix, score, contribution, sign, by_toward[:, :SUPPORTING_CHECKED], _may_be_a_reason
        )
        # Groups that replacement does not confirm come last, by contribution: named only where too few others speak.
        confirmed = strength > 0
        key = np.where(confirmed, strength, np.where(toward > 0, toward + _UNCONFIRMED, -np.inf))
        order = np.argsort(-key, axis=1, kind="stable")
        strongest = np.where(confirmed, strength, 0.0).max(axis=1, initial=0.0)
        weighty = (confirmed & (strength >= LEAST_WEIGHT * strongest[:, None])).sum(axis=1)
        n_reasons = np.minimum(np.clip(weighty, FEWEST_REASONS, MOST_REASONS), (toward > 0).sum(axis=1))

        floor = LEAST_WEIGHT * strongest
        resistance, opposed = self._check(
            matrix,
            score,
            contribution,
            -sign,
            by_toward[:, ::-1][:, :OPPOSING_CHECKED],
            lambda weight, found: (weight > floor) & ~(found > weight[:, None]).any(axis=1),
        )
        hardest = resistance.argmax(axis=1)
        is_weighty = resistance.max(axis=1) > floor
        turned = (model.calibration(other_score.ravel()).reshape(toward.shape) >= 0.5) != says_gas[:, None]
        change = np.where(turned, np.abs(other_score - score[:, None]), np.inf)
        return Weights(
            score=score,
            bias=bias,
            probability=probability,
            sign=sign,
            contribution=contribution,
            effect=np.where(np.isnan(supported), opposed, supported),
            order=order,
            n_reasons=n_reasons,
            against=np.where(is_weighty, hardest, -1),
            other_score=other_score,
            turning=np.where(turned.any(axis=1), change.argmin(axis=1), -1),
        )

    def score_with(
        self, matrix: Floats, score: Floats, rows: Whole, groups: Whole, fuel: npt.NDArray[np.str_]
    ) -> Floats:
        """Score homes with one group's facts replaced by what homes of a fuel typically have.

        Parameters
        ----------
        matrix : ndarray, shape (n_homes, n_features)
            Encoded homes.
        score : ndarray, shape (n_homes,)
            Their raw scores; where a change changes nothing it stays.
        rows, groups, fuel : ndarray, shape (n_changes,)
            Which home, which of the groups, and whose typical values.

        Returns
        -------
        ndarray, shape (n_changes,)
            Raw scores.
        """
        usual = np.stack([self.typical_row["electricity"], self.typical_row["gas"]])[(fuel == "gas").astype(int)]
        own = matrix[rows]
        changed = np.where(self.members.T[groups], usual, own)
        anew = ~_same(changed, own)
        scores = score[rows]
        if anew.any():
            scores[anew] = self.model.score(changed[anew])
        return scores

    def _check(
        self, matrix: Floats, score: Floats, contribution: Floats, sign: Floats, ranked: Whole, may_be_named: "Hopeful"
    ) -> tuple[Floats, Floats]:
        """Check by replacement, from the one that contributes most on, the groups that may still be named.

        No group is stronger than its contribution, so that most homes need only few of their groups checked.

        Returns
        -------
        tuple of ndarray, each of shape (n_homes, n_groups)
            Strength, the lesser of contribution and effect, or minus infinity where not checked; effect, missing there.
        """
        strength, effect = np.full_like(contribution, -np.inf), np.full_like(contribution, np.nan)
        homes = np.arange(len(matrix))
        for candidates in ranked.T:
            weight = contribution[homes, candidates] * sign
            rows = np.flatnonzero((weight > 0) & may_be_named(weight, strength))
            groups = candidates[rows]
            effect[rows, groups] = score[rows] - self.score_without(matrix, score, rows, groups)
            strength[rows, groups] = np.minimum(weight[rows], effect[rows, groups] * sign[rows])
        return strength, effect

    @cached_property
    def first_alike(self) -> Whole:
        """For each row of spread values and each group the first row with the same values, shape (n_rows, n_groups)."""
        values = [self.spread_rows[:, members] for members in self.members.T]
        alike = [[[_same(row, other) for other in group] for row in group] for group in values]
        return np.array(alike, dtype=bool).argmax(axis=2).T

    def score_without(self, matrix: Floats, score: Floats, rows: Whole, groups: Whole) -> Floats:
        """Score homes as if one group's facts were not theirs: the mean over all rows of spread values.

        What is the home's own, or was scored in an earlier row, is not scored again.

        Parameters
        ----------
        matrix : ndarray, shape (n_homes, n_features)
            Encoded homes.
        score : ndarray, shape (n_homes,)
            Their raw scores.
        rows, groups : ndarray, shape (n_changes,)
            Which home, and which of the groups.

        Returns
        -------
        ndarray, shape (n_changes,)
            Raw scores.
        """
        own = matrix[rows]
        changed = np.where(self.members.T[groups], self.spread_rows[:, None, :], own)
        first = self.first_alike[:, groups]
        anew = (first == np.arange(len(first))[:, None]) & ~_same(changed, own)
        scores = np.tile(score[rows], (len(first), 1))
        if anew.any():
            scores[anew] = self.model.score(changed[anew])
        return np.asarray(np.take_along_axis(scores, first, axis=0).mean(axis=0))


Hopeful = Callable[[Floats, Floats], Bools]
"""Tells, of contributions (n_homes,) and the strengths found so far (n_homes, n_groups), what may still be named."""


def _may_be_a_reason(weight: Floats, strength: Floats) -> Bools:
    """Tell where a group of this contribution may still be among the reasons: enough others are stronger elsewhere."""
    stronger = (strength > weight[:, None]).sum(axis=1)
    is_weighty = weight >= LEAST_WEIGHT * strength.max(axis=1)
    return (stronger < FEWEST_REASONS) | (is_weighty & (stronger < MOST_REASONS))


def _same(some: Floats, others: Floats) -> Bools:
    """Tell where the values of the last axis are all the same, missing ones too."""
    return np.asarray(((some == others) | (np.isnan(some) & np.isnan(others))).all(axis=-1))
