"""The gate's check on fairness: does a group fare worse than allowed, and worse than under what serves now?"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control, norm

from case_heating.model.fairness import PAIR_SIGN, Fairness, Traits, measure_fairness
from case_heating.model.fairness_verdict import judge_fairness
from case_heating.model.group_figures import MEASURES, Answers
from case_heating.release.gate_checks import Check
from case_heating.release.gate_limits import GateLimits
from case_heating.release.gate_rivalry import Scored, draw_homes

Floats = npt.NDArray[np.float64]

_TOLD = 3  # reasons told in a sentence; the figures of all groups stand in the report on fairness


def check_fairness(
    scored: Scored, traits: Traits, limits: GateLimits, *, review_below: float, rounds: int, seed: int
) -> Check:
    """Ask whether any group fares worse than allowed, and than it does now.

    A gap beyond its limit refuses if the group itself is worse off with the candidate than with the rival. If not,
    the gap is told and refuses nothing: to refuse would keep the group with a model that serves it no better, only
    because others gain more. So an unfair champion does not stay for ever, and a candidate that harms a group is
    stopped whatever the champion was like. Whether a group is worse off is tested pair by pair on the same homes and
    corrected for the number of gaps by Benjamini and Hochberg. ``limits.unfair_rival_excuses`` turns this off.

    Parameters
    ----------
    scored : Scored
        Both answers.
    traits : Traits
        Groups of the same homes.
    limits : GateLimits
        What is allowed.
    review_below : float
        Homes whose likelier fuel is less likely than this go to people.
    rounds, seed : int
        Bootstrap draws and their seed.
    """
    fairness = measure_fairness(
        scored.is_gas,
        scored.candidate,
        traits,
        limits=limits.fairness,
        review_below=(review_below, review_below),
        rounds=rounds,
        seed=seed,
    )
    verdict = judge_fairness(fairness, limits.fairness)
    told = "; ".join(verdict.reasons[:_TOLD])
    if len(verdict.reasons) > _TOLD:
        told += f"; and {len(verdict.reasons) - _TOLD} more"
    if verdict.passed:
        return Check("fairness", True, told)
    if verdict.passed is None:
        follows = "which these limits refuse" if limits.unjudged_fairness_refuses else "which refuses nothing"
        words = f"it cannot be judged, {follows} and passes nothing: {told}"
        return Check("fairness", False if limits.unjudged_fairness_refuses else None, words)
    gaps = gaps_beyond_limits(fairness, limits)
    if not limits.unfair_rival_excuses:
        return Check("fairness", False, told, len(gaps), 0)
    paired = paired_harm(scored, traits, gaps, review_below=review_below, rounds=rounds, seed=seed)
    allowed = limits.max_group_harm * paired["measure"].map(limits.fairness.of_measure).astype(float)
    real = paired["p_adjusted"] <= limits.fairness.false_discovery_rate
    harmed = paired[(paired["worse_by"] > allowed) & real]
    if harmed.empty:
        words = (
            f"{len(gaps)} gaps exceed limits; no group of them is shown to be worse off than with {scored.rival_name}, "
            "so that they refuse nothing"
        )
        return Check("fairness", None, f"{words}: {told}", len(harmed), 0)
    worst = harmed.loc[harmed["worse_by"].idxmax()]
    measure = MEASURES[worst["measure"]].split(";")[0]
    words = (
        f"{len(harmed)} of {len(gaps)} gaps beyond their limits are of groups worse off than with "
        f"{scored.rival_name}, the worst: {worst['trait']} {worst['group']}, {measure}, "
        f"{100 * worst['worse_by']:.1f} of 100 worse"
    )
    return Check("fairness", False, f"{words}; {told}", len(harmed), 0)


def gaps_beyond_limits(fairness: Fairness, limits: GateLimits) -> pd.DataFrame:
    """Choose the judged gaps to a group's harm that exceed their limit and that chance does not explain."""
    judged = fairness.figures[fairness.figures["judged"]]
    # Calibration may be off either way: the group farther off fares worse, and not the one it is compared with.
    farther_off = judged["value"].abs() - (judged["value"] - judged["gap"]).abs()
    off_by_more = judged["gap"].abs().where(farther_off > 0, 0.0)
    gap = judged["gap"].where(judged["measure"] != "calibration_gap", off_by_more)
    over = gap > judged["measure"].map(limits.fairness.of_measure).astype(float)
    return judged[over & (judged["p_adjusted"] <= limits.fairness.false_discovery_rate)]


def paired_harm(
    scored: Scored, traits: Traits, gaps: pd.DataFrame, *, review_below: float, rounds: int, seed: int
) -> pd.DataFrame:
    """Compare a group's own figure under the candidate with that under the rival, on the same homes.

    Returns
    -------
    DataFrame, one row per gap
        ``trait``, ``group``, ``measure``, ``worse_by`` (share; above zero the candidate is worse for the group) and
        ``p_adjusted`` of its being worse by chance alone.
    """
    parts = [_parts(scored, probability, review_below) for probability in (scored.candidate, scored.rival)]
    draws = np.vstack(
        [np.full(len(scored.is_gas), 1 / len(scored.is_gas)), draw_homes(len(scored.is_gas), rounds, seed)]
    )
    rows = []
    for trait, group, measure in gaps[["trait", "group", "measure"]].itertuples(index=False):
        inside = members(traits, trait, group)
        ours, theirs = (_ratio(draws, told[measure], inside) for told in parts)
        if measure == "calibration_gap":
            ours, theirs = np.abs(ours), np.abs(theirs)
        worse = ours - theirs
        spread = float(np.nanstd(worse[1:]))
        chance = float(norm.sf(worse[0] / spread)) if spread > 0 else 1.0
        rows.append({"trait": trait, "group": group, "measure": measure, "worse_by": worse[0], "p_value": chance})
    table = pd.DataFrame(rows, columns=["trait", "group", "measure", "worse_by", "p_value"])
    table = table.astype({"worse_by": float, "p_value": float})  # of no gap at all pandas would make objects
    return table.assign(p_adjusted=false_discovery_control(table["p_value"].to_numpy(), method="bh"))


def members(traits: Traits, trait: str, group: str) -> npt.NDArray[np.bool_]:
    """Homes of a group, or of a pair of groups, shape (n_homes,)."""
    names, values = trait.split(PAIR_SIGN), group.split(PAIR_SIGN)
    inside = [(traits.groups[name] == value).to_numpy(dtype=bool) for name, value in zip(names, values, strict=True)]
    return np.logical_and.reduce(inside)


def _parts(scored: Scored, probability: Floats, review_below: float) -> dict[str, tuple[Floats, Floats]]:
    sent = np.maximum(probability, 1 - probability) < review_below
    answers = Answers(scored.is_gas, probability >= 0.5, probability, sent)
    above, below = answers.ratio_parts
    return {name: (above[:, column], below[:, column]) for column, name in enumerate(answers.measures)}


def _ratio(draws: Floats, parts: tuple[Floats, Floats], inside: npt.NDArray[np.bool_]) -> Floats:
    above, below = (draws @ (part * inside) for part in parts)
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
