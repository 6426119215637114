"""The verdict on fairness: a pure function from figures and limits, with its reasons; a veto in promotion later."""

from dataclasses import dataclass

import pandas as pd

from case_heating.model.fairness import PAIR_SIGN, Fairness, FairnessLimits
from case_heating.model.group_figures import MEASURES


@dataclass(frozen=True)
class FairnessVerdict:
    """Whether a model may be used as far as fairness goes; ``None`` where that cannot be judged."""

    passed: bool | None
    reasons: tuple[str, ...]


def judge_fairness(fairness: Fairness, limits: FairnessLimits) -> FairnessVerdict:
    """Hold the figures against the limits.

    A gap counts against the model where a group fares worse than other homes by more than the limit and chance does
    not explain that. Where it may be chance, or a needed trait could not be judged, there is no passing either: the
    verdict is ``None``.

    Parameters
    ----------
    fairness : Fairness
        From :func:`measure_fairness`.
    limits : FairnessLimits
        What is allowed.
    """
    judged = fairness.figures[fairness.figures["judged"]]
    worse = judged["gap"].where(judged["measure"] != "calibration_gap", judged["gap"].abs())
    over = judged[worse > judged["measure"].map(limits.of_measure).astype(float)]
    real = over["p_adjusted"] <= limits.false_discovery_rate
    refused = _over_limits(over[real], limits)
    unclear = [
        f"{reason}; chance may explain this, more homes would tell" for reason in _over_limits(over[~real], limits)
    ]
    unjudged = []
    for trait in limits.needed_traits:
        if trait in fairness.absent:
            unjudged.append(f"{trait} cannot be judged: {fairness.absent[trait]}")
        elif len(judged.loc[judged["trait"] == trait, "group"].unique()) < 2:
            least = limits.min_homes_judged
            unjudged.append(f"{trait} cannot be judged: fewer than two groups of it have {least} homes or more")
    if refused:
        return FairnessVerdict(False, tuple(refused + unclear + unjudged))
    if unclear or unjudged:
        return FairnessVerdict(None, tuple(unjudged + unclear))
    n_groups = len(judged.groupby(["trait", "group"]))
    passed = f"no group of {limits.min_homes_judged} homes or more, of {n_groups} looked at, exceeds a limit"
    return FairnessVerdict(True, (passed, *_not_judged(fairness, limits)))


def _not_judged(fairness: Fairness, limits: FairnessLimits) -> list[str]:
    """Name the groups of single traits that a pass says nothing about."""
    shown = fairness.figures[fairness.figures["n_homes"] < limits.min_homes_judged]
    small = {f"{trait} {group}" for trait, group in zip(shown["trait"], shown["group"], strict=True)}
    small |= {f"{trait} {group}" for trait, groups in fairness.too_small.items() for group in groups}
    names = sorted(name for name in small if PAIR_SIGN not in name)
    return [f"too few homes to judge, so nothing is said of: {', '.join(names)}"] if names else []


def _over_limits(over: pd.DataFrame, limits: FairnessLimits) -> list[str]:
    """Say each group of one trait that exceeds a limit, the worst first, and of the pairs how many and the worst."""
    ranked = over.iloc[
        (-(over["gap"].abs() / over["measure"].map(limits.of_measure).astype(float))).argsort(kind="stable")
    ]
    is_pair = ranked["trait"].str.contains(PAIR_SIGN, regex=False)
    told = [_over_limit(row, limits) for _, row in ranked[~is_pair].iterrows()]
    if is_pair.any():
        worst = _over_limit(ranked[is_pair].iloc[0], limits)
        told.append(f"of pairs of traits, {int(is_pair.sum())} figures exceed a limit, the worst: {worst}")
    return told


def _over_limit(row: pd.Series, limits: FairnessLimits) -> str:
    value, gap, limit = (
        f"{100 * x:.1f} of 100" for x in (row["value"], abs(row["gap"]), limits.of_measure[row["measure"]])
    )
    direction = "more" if row["gap"] > 0 else "less"
    return (
        f"{row['trait']} {row['group']} ({row['n_homes']:,} homes): {MEASURES[row['measure']].split(';')[0]} is "
        f"{value}, {gap} {direction} than in other homes; {limit} are allowed"
    )
