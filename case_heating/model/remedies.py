"""Ways to make the gap of one group smaller, side by side, each with its price in accuracy.

Every remedy is judged on homes it has not seen, against the model as it is, for one group: the share of its gas homes
called electric, above that of other homes. A remedy may need the trait to train, which a survey gives, or for every
answer, which a utility seldom knows, often may not use, and would have to ask for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.fairness import Fairness, FairnessLimits
from case_heating.model.fuel import FuelParams, encode, learn_encoding
from case_heating.model.group_figures import INTERVAL, draw_sums, ratio
from case_heating.model.held_out import score_held_out
from case_heating.model.mitigation import answer_by_group, answer_constrained, answer_reweighed
from case_heating.model.proxies import kind_of
from case_heating.model.split import by_home
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]

AS_IT_IS = "as it is"
MIN_AUC_CARRIED = 0.05  # AUC of the trait lost without a kind of fact from which on that kind counts as its proxy
USE_THRESHOLDS = (0.4, 0.3)  # for uses in which calling a gas home electric is the worse mistake


@dataclass(frozen=True)
class Focus:
    """The group whose gap is to become smaller."""

    trait: str
    group: str


@dataclass(frozen=True)
class Decision:
    """Which remedy is taken, and why."""

    remedy: str
    reasons: tuple[str, ...]


def worst_group(fairness: Fairness, among: Sequence[str]) -> Focus | None:
    """Find the judged group whose gas homes are called electric most above others; none where none can be judged."""
    figures = fairness.figures
    own = figures[figures["judged"] & figures["trait"].isin(among) & (figures["measure"] == "gas_called_electric")]
    if own.empty:
        return None
    worst = own.loc[own["gap"].astype(float).idxmax()]
    return Focus(str(worst["trait"]), str(worst["group"]))


def compare_remedies(
    features: pd.DataFrame,
    is_gas: Bools,
    probability: Floats,
    group: pd.Series,
    focus: Focus,
    carried: dict[str, float],
    *,
    limits: FairnessLimits,
    settings: Settings,
    n_trees: int,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Try each remedy on held-out homes.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        What the fuel model is given.
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    probability : ndarray, shape (n_homes,)
        Held-out probability of gas of the model as it is.
    group : Series of str, shape (n_homes,)
        Groups of the trait; may be missing.
    focus : Focus
        The group whose gap is to become smaller.
    carried : dict of float
        By kind of fact, the AUC of the group that is lost without it; from ``tell_traits``.
    limits, settings
        Group sizes; folds, seed, threads and bootstrap rounds.
    n_trees : int
        Trees of the model as it is.
    progress : callable, optional
        Told what is being tried and the share done.

    Returns
    -------
    DataFrame, indexed by the remedy, the first row ``as it is``
        Those that look at the trait are left out where the group has too few homes of either fuel to learn from.
        ``accuracy``; ``price`` (accuracy lost) with ``price_low`` and ``price_high``; ``gap`` (gas homes called
        electric: the group above other homes) with ``gap_low`` and ``gap_high``; ``other_gap`` (electric homes called
        gas); ``needs_trait`` (``never``, ``to train`` or ``for every answer``) and ``by_lot`` (whether two homes alike
        in all facts may get different answers).
    """
    splits = by_home(is_gas, folds=settings.folds, seed=settings.seed)
    side = _sides(group, is_gas, limits)
    said: dict[str, tuple[Floats, str, bool]] = {AS_IT_IS: ((probability >= 0.5).astype(float), "never", False)}

    def tell(doing: str) -> None:
        if progress:
            progress(f"trying: {doing}", min(len(said) / 9, 1.0))

    carriers = sorted((kind for kind, lost in carried.items() if lost >= MIN_AUC_CARRIED), key=lambda k: -carried[k])
    for kinds in dict.fromkeys((tuple(carriers[:1]), tuple(carriers))):
        kept = features[[name for name in features if kind_of(name) not in kinds]]
        if kinds and kept.notna().any(axis=None):
            name = f"without {' and '.join([', '.join(kinds[:-1]), kinds[-1]]) if len(kinds) > 1 else kinds[0]}"
            tell(name)
            found = score_held_out(
                kept, is_gas, splits, FuelParams(), seed=settings.seed, threads=settings.threads, n_trees=n_trees
            )
            said[name] = ((found.calibrated(is_gas) >= 0.5).astype(float), "never", False)
    if (side == focus.group).any() and (side != focus.group).any():
        tell("reweighing")
        encoding = learn_encoding(features)
        matrix = encode(features, encoding)
        said["reweighing"] = (
            answer_reweighed(matrix, is_gas, side, encoding, splits, n_trees, settings),
            "to train",
            False,
        )
        tell("small learner")
        small, constrained = answer_constrained(matrix, is_gas, side, splits, settings)
        said["a small learner"] = (small, "never", False)
        said["the small learner, constrained"] = (constrained, "to train", True)
        tell("thresholds")
        said["a threshold per group"] = (
            answer_by_group(probability, is_gas, side, splits),
            "for every answer",
            True,
        )
    for threshold in USE_THRESHOLDS:
        said[f"gas from {threshold:.1f} on"] = ((probability >= threshold).astype(float), "never", False)
    return _table(said, is_gas, group, focus, settings)


def choose_remedy(remedies: pd.DataFrame, focus: Focus, limits: FairnessLimits) -> Decision:
    """Take the cheapest remedy that keeps both errors within the limit; if there is none, say so and change nothing.

    A remedy that needs the trait for every answer, or answers by lot, is not taken: a utility does not know the trait
    of its customers, and two equal homes must get equal answers.

    Parameters
    ----------
    remedies : DataFrame
        From :func:`compare_remedies`.
    focus : Focus
        The group it was made for.
    limits : FairnessLimits
        The largest gap and the largest price.
    """
    now = remedies.loc[AS_IT_IS]
    about = f"gas homes called electric, {focus.trait} {focus.group}"
    if max(now["gap"], now["other_gap"]) <= limits.max_error_gap:
        return Decision(AS_IT_IS, (f"{about}: the gap of {_points(now['gap'])} is within the limit without a remedy",))
    usable = remedies[(remedies["needs_trait"] != "for every answer") & ~remedies["by_lot"].astype(bool)]
    within = usable[(usable["gap"] <= limits.max_error_gap) & (usable["other_gap"] <= limits.max_error_gap)]
    affordable = within[within["price"] <= limits.max_accuracy_price].sort_values("price", kind="stable")
    if len(affordable):
        best = affordable.iloc[0]
        reason = (
            f"{about}: the gap falls from {_points(now['gap'])} to {_points(best['gap'])}; "
            f"it costs {_points(best['price'])} of accuracy, the least of the remedies that stay within the limits"
        )
        return Decision(str(best.name), (reason,))
    if len(within):
        cheapest = within.sort_values("price", kind="stable").iloc[0]
        why = (
            f"the cheapest remedy within the limit, {cheapest.name}, costs {_points(cheapest['price'])} of accuracy; "
            f"{_points(limits.max_accuracy_price)} are allowed"
        )
    else:
        why = f"no remedy that a utility can use brings both errors within {_points(limits.max_error_gap)}"
    reasons = [f"{about}: the gap is {_points(now['gap'])}; {why}", "the model is not changed and stays refused"]
    cheap = usable[(usable["price"] <= limits.max_accuracy_price) & (usable.index != AS_IT_IS)]
    if len(cheap) and (best := cheap.loc[cheap["gap"].astype(float).idxmin()])["gap"] < now["gap"]:
        reasons.append(
            f"of what is affordable, {best.name} makes the gap smallest: {_points(best['gap'])}, at "
            f"{_points(best['price'])} of accuracy; worth it for a use in which calling a gas home electric is the "
            f"worse mistake"
        )
    return Decision(AS_IT_IS, tuple(reasons))


def _sides(group: pd.Series, is_gas: Bools, limits: FairnessLimits) -> npt.NDArray[np.object_]:
    """Give the groups that a learner can be made to serve alike; the rest are one, or go with the largest if too few.

    A group takes part with as many homes as are judged and as many of either fuel as are shown: fairlearn can learn no
    threshold from homes of one fuel.
    """
    rest = "other or not known"
    side = group.fillna(rest).to_numpy(dtype=object)
    counts = pd.DataFrame({"side": side, "gas": is_gas}).groupby("side")["gas"].agg(["size", "sum"])
    enough = np.minimum(counts["sum"], counts["size"] - counts["sum"]) >= limits.min_homes_shown
    large = counts.index[enough & (counts["size"] >= limits.min_homes_judged) & (counts.index != rest)]
    if large.empty:
        return np.full(len(side), rest, dtype=object)
    side = np.where(np.isin(side, list(large)), side, rest)
    left = is_gas[side == rest]
    if min(left.sum(), (~left).sum()) < limits.min_homes_shown:
        side = np.where(side == rest, counts.loc[large, "size"].idxmax(), side)
    return side


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"


def _table(
    said: dict[str, tuple[Floats, str, bool]], is_gas: Bools, group: pd.Series, focus: Focus, settings: Settings
) -> pd.DataFrame:
    """Take accuracy, price and gaps of answers; an answer may be the chance of saying gas."""
    gas = is_gas.astype(float)
    inside = (group == focus.group).to_numpy(dtype=bool, na_value=False)
    members = [np.arange(len(gas)), np.flatnonzero(inside), np.flatnonzero(group.notna().to_numpy() & ~inside)]
    right_now = np.where(is_gas, said[AS_IT_IS][0], 1 - said[AS_IT_IS][0])
    rows = {}
    for name, (chance, needs_trait, by_lot) in said.items():
        right = np.where(is_gas, chance, 1 - chance)
        parts = np.column_stack(
            [right, right_now - right, gas * (1 - chance), gas, (1 - gas) * chance, 1 - gas, np.ones(len(gas))]
        )
        whole = np.stack([parts[own].sum(axis=0) for own in members])
        drawn = draw_sums(parts, members, rounds=settings.bootstrap_rounds, seed=settings.seed)
        sums = np.concatenate([whole[None], drawn])
        price = sums[:, 0, 1] / sums[:, 0, 6]
        gap, other_gap = (
            ratio(sums[:, 1, part], sums[:, 1, part + 1]) - ratio(sums[:, 2, part], sums[:, 2, part + 1])
            for part in (2, 4)
        )
        (price_low, price_high), (gap_low, gap_high) = (np.nanpercentile(x[1:], INTERVAL) for x in (price, gap))
        rows[name] = {
            "accuracy": float(right.mean()),
            "price": float(price[0]),
            "price_low": price_low,
            "price_high": price_high,
            "gap": gap[0],
            "gap_low": gap_low,
            "gap_high": gap_high,
            "other_gap": other_gap[0],
            "needs_trait": needs_trait,
            "by_lot": by_lot,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("remedy")
