"""The gate: may this candidate replace what serves now? A pure function from models and homes to a decision in words.

Candidate and rival answer the same homes, now; no figure stored with either is compared with a fresh one. The homes
are new to both and their labels later than the training of both. A candidate as good as the champion is promoted: it
has learned from more labels and carries a newer reference. The margins keep it from being worse, and having to beat the
neighbours' majority keeps many small losses from adding up.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from case_heating.errors import NotEnoughDataError
from case_heating.model.fairness import Traits
from case_heating.release.candidate import LabelledRows, TrainedModel
from case_heating.release.gate_checks import (
    Check,
    DataHealth,
    check_contract,
    check_data,
    check_evidence,
    check_leak,
    check_news,
    check_reasons_given,
    check_size,
    check_too_good,
    check_unseen,
)
from case_heating.release.gate_fairness import check_fairness
from case_heating.release.gate_limits import GateLimits
from case_heating.release.gate_rivalry import (
    Scored,
    check_calibration,
    check_naive,
    check_right,
    check_slices,
    check_surprise,
    slices_of,
)

Floats = npt.NDArray[np.float64]

CHAMPION, NAIVE = "the champion", "the neighbours' majority"
_IN_ITS_FAVOUR = ("better than naive", "right as often", "no more surprised", "every slice")


@dataclass(frozen=True)
class PromotionDecision:
    """What the gate decided, and every check behind it.

    Attributes
    ----------
    promote : bool
        Whether the candidate becomes the champion.
    reasons : tuple of str
        Why, in sentences: what refused it, or what was found in its favour.
    checks : tuple of Check
        Every question asked; those that would need evidence that is not there were not asked.
    rival : str
        Whom it was compared with.
    n_homes : int
        Homes judged by.
    right, naive_right : float or None
        Share of these homes that the candidate and the neighbours' majority answer right; ``None`` where the gate did
        not come to look at answers, and in decisions of earlier versions.
    """

    promote: bool
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    rival: str
    n_homes: int
    right: float | None = None
    naive_right: float | None = None

    def to_json(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what :meth:`to_json` wrote."""
        told = json.loads(text)
        checks = tuple(Check(**check) for check in told["checks"])
        shares = told.get("right"), told.get("naive_right")
        return cls(told["promote"], tuple(told["reasons"]), checks, told["rival"], told["n_homes"], *shares)


def judge_candidate(
    candidate: TrainedModel,
    champion: TrainedModel | None,
    rows: LabelledRows,
    *,
    naive: Floats,
    traits: Traits,
    health: DataHealth,
    limits: GateLimits | None = None,
    latency_ms: float | None = None,
    rounds: int = 500,
    seed: int = 0,
) -> PromotionDecision:
    """Judge a candidate against the champion, and where there is none against the neighbours' majority.

    Parameters
    ----------
    candidate, champion : TrainedModel
        The models; no champion where none was promoted yet.
    rows : LabelledRows
        Homes new to both, with the features of either.
    naive : ndarray, shape (n_homes,)
        From :func:`~case_heating.release.candidate.naive_rival`.
    traits : Traits
        Groups of the same homes, for fairness.
    health : DataHealth
        How the data came through validation.
    limits : GateLimits, optional
        What is allowed.
    latency_ms : float, optional
        One home's answer as measured by the caller. [ms]
    rounds, seed : int
        Bootstrap draws and their seed.

    Raises
    ------
    NotEnoughDataError
        If rows, naive answers and traits are of different homes.
    ModelError
        If a feature a model needs is not among the rows' at all.
    """
    limits = limits or GateLimits()
    n_homes, rival_name = len(rows.evidence.is_gas), NAIVE if champion is None else CHAMPION
    if not n_homes == len(naive) == len(traits.groups):
        raise NotEnoughDataError(
            f"{n_homes:,} homes to judge by, {len(naive):,} naive answers and the traits of {len(traits.groups):,} "
            "homes do not belong together; hand in the same homes in the same order"
        )
    models = [("candidate", candidate)] + ([] if champion is None else [("champion", champion)])
    checks = [
        check_data(health, limits),
        check_contract(candidate.model),
        check_news(candidate, champion),
        check_evidence(rows, limits),
        check_unseen(models, rows),
        check_size(candidate.model, limits, latency_ms),
    ]
    right, naive_right = None, None
    if not _refusals(checks):  # nothing can be learned from homes that are too few or known to a model
        checks += _look_at_answers(candidate, champion, rows, naive, traits, limits, rounds, seed)
        is_gas, said = rows.evidence.is_gas, candidate.model.probability_of_gas(rows.evidence.features)
        right, naive_right = (float(((p >= 0.5) == is_gas).mean()) for p in (said, naive))
    refusals = _refusals(checks)
    if refusals:
        reasons = tuple(f"{check.name}: {check.words}" for check in refusals)
    else:
        found = [check for check in checks if check.name in _IN_ITS_FAVOUR]
        reasons = tuple(f"{check.name}: {check.words}" for check in found)
    return PromotionDecision(not refusals, reasons, tuple(checks), rival_name, n_homes, right, naive_right)


def decision_in_words(decision: PromotionDecision) -> str:
    """Write the decision as Markdown: what, why, and every check with its figure and limit."""
    head = "Promoted" if decision.promote else "Refused"
    lines = [
        f"## {head}: judged by {decision.n_homes:,} homes against {decision.rival}",
        "",
        *(f"- {reason}" for reason in decision.reasons),
        "",
        "| check | answer | figure | limit | in words |",
        "|---|---|---|---|---|",
        *(
            f"| {check.name} | {_bolder(check)} | {short_figure(check.figure)} | {short_figure(check.limit)} | "
            f"{check.words.replace('|', '/')} |"
            for check in decision.checks
        ),
        "",
    ]
    return "\n".join(lines)


def _bolder(check: Check) -> str:
    return f"**{check.answer}**" if check.passed is False else check.answer


def _look_at_answers(
    candidate: TrainedModel,
    champion: TrainedModel | None,
    rows: LabelledRows,
    naive: Floats,
    traits: Traits,
    limits: GateLimits,
    rounds: int,
    seed: int,
) -> list[Check]:
    evidence, drawn = rows.evidence, {"rounds": rounds, "seed": seed}
    said = candidate.model.probability_of_gas(evidence.features)
    slices = slices_of(evidence.homes, rows.when["source"])
    against_naive = Scored(evidence.is_gas, said, naive, NAIVE, slices)
    checks = [check_naive(against_naive, limits, **drawn)]
    if champion is None:
        scored = against_naive
    else:
        scored = Scored(evidence.is_gas, said, champion.model.probability_of_gas(evidence.features), CHAMPION, slices)
        checks += [
            check_right(scored, limits, margin=limits.max_accuracy_loss, **drawn),
            check_surprise(scored, limits, margin=limits.max_log_loss_loss, **drawn),
        ]
    return [
        *checks,
        check_slices(scored, limits, **drawn),
        check_calibration(scored, limits),
        check_fairness(scored, traits, limits, review_below=candidate.thresholds.review_below, **drawn),
        check_leak(candidate, rows, limits),
        check_too_good(evidence.is_gas, said, candidate, limits),
        check_reasons_given(candidate, rows, limits, seed),
    ]


def _refusals(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.passed is False]


def short_figure(number: float | None) -> str:
    """Say a check's figure or limit in three digits; nothing where it has none.

    >>> short_figure(0.04519), short_figure(12044.0), short_figure(None)
    ('0.0452', '12,044', '')
    """
    return "" if number is None else f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"
