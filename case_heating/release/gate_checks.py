"""The gate's checks of a candidate by itself: may it be judged, does it leak, are its reasons real, is it small?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from case_heating.errors import LeakageError
from case_heating.features.stages import FEATURE, STAGES, guard_against_leakage
from case_heating.model.explain import Explainer
from case_heating.model.faithfulness import check_reasons
from case_heating.model.fuel import FuelModel, encode
from case_heating.release.candidate import LabelledRows, TrainedModel
from case_heating.release.gate_limits import GateLimits

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TELLING_STAGES = frozenset(list(STAGES)[list(STAGES).index("gas_service") :])
"""Stages with facts that may well tell the fuel alone: the gas meter and the gas bills."""


@dataclass(frozen=True)
class Check:
    """One question put to a candidate.

    Attributes
    ----------
    name : str
        What was asked, in a word or two.
    passed : bool or None
        ``None``: it could not be judged, or lies beyond a limit and is let pass, as the words say; it refuses nothing.
    figure, limit : float or None
        What was measured and what is allowed, where it is one number.
    words : str
        The answer in a sentence.
    """

    name: str
    passed: bool | None
    words: str
    figure: float | None = None
    limit: float | None = None

    @property
    def answer(self) -> str:
        """How it came out, in a word or two; what is not judged has no figure.

        >>> Check("fairness", None, "tenure cannot be judged").answer
        'not judged'
        """
        if self.passed is None:
            return "not judged" if self.figure is None else "let pass"
        return "passed" if self.passed else "refused"


@dataclass(frozen=True)
class DataHealth:
    """How the data that the models were trained and are judged on came through validation."""

    n_rows: int
    n_quarantined: int
    stop_faults: tuple[str, ...] = ()


def check_data(health: DataHealth, limits: GateLimits) -> Check:
    """Ask whether validation passed: no fault that stops, few rows in quarantine."""
    if health.stop_faults:
        return Check("data validation", False, "the data did not pass validation: " + "; ".join(health.stop_faults))
    if not health.n_rows:
        return Check("data validation", False, "no row of data was checked; validate the data first")
    share = health.n_quarantined / health.n_rows
    words = (
        f"{health.n_quarantined:,} of {health.n_rows:,} rows ({100 * share:.1f} of 100) are in quarantine; "
        f"{100 * limits.max_quarantined:g} of 100 are allowed"
    )
    return Check("data validation", share <= limits.max_quarantined, words, share, limits.max_quarantined)


def check_contract(model: FuelModel) -> Check:
    """Ask whether every feature is one that may be known at the model's stage."""
    try:
        guard_against_leakage(model.encoding.names, model.stage)
    except LeakageError as error:
        return Check("features allowed", False, str(error))
    n_features = len(model.encoding.names)
    return Check(
        "features allowed", True, f"all {n_features} features may be known at stage {model.stage!r}", n_features
    )


def check_news(candidate: TrainedModel, champion: TrainedModel | None) -> Check:
    """Ask whether it is another model than the champion."""
    if champion is None:
        return Check("something new", True, "there is no champion yet")
    same = (
        candidate.model.calibration == champion.model.calibration
        and candidate.model.encoding == champion.model.encoding
        and candidate.model.booster.model_to_string() == champion.model.booster.model_to_string()
    )
    words = "it is the champion itself, tree for tree: there is nothing to promote" if same else "it is another model"
    return Check("something new", not same, words)


def check_evidence(rows: LabelledRows, limits: GateLimits) -> Check:
    """Ask whether there are enough homes of either fuel to judge by."""
    is_gas = rows.evidence.is_gas
    n_gas, least = int(is_gas.sum()), limits.min_homes_of_a_fuel
    n_electric = len(is_gas) - n_gas
    words = f"{n_gas:,} gas and {n_electric:,} electric homes to judge by; {least} of each are needed"
    if rows.n_targeted:
        words += f". Left out: {rows.n_targeted:,} known from a rebate alone, which hears of one fuel"
    return Check("enough evidence", min(n_gas, n_electric) >= least, words, min(n_gas, n_electric), least)


def check_unseen(trained: Sequence[tuple[str, TrainedModel]], rows: LabelledRows) -> Check:
    """Ask whether the homes are new to every model, and their labels later than all that these learned from.

    A home is not new with another label either: where it stands and how it is built stays the same.
    """
    for name, model in trained:
        seen = rows.when.index[rows.when.index.isin(model.training_rows.index)]
        if len(seen):
            words = f"{len(seen):,} of {len(rows.when):,} homes to judge by are among those the {name} was trained on"
            return Check("unseen homes", False, f"{words} (first: {seen[0]}); judge by others", len(seen), 0)
        early = rows.when.index[(rows.when["known_at"] <= pd.Timestamp(model.trained_until)).to_numpy()]
        if len(early):
            words = (
                f"{len(early):,} of {len(rows.when):,} labels to judge by were known by {model.trained_until}, the "
                f"last day the {name} learned from"
            )
            return Check("unseen homes", False, f"{words} (first: home {early[0]}); judge by later ones", len(early), 0)
    names = " or the ".join(name for name, _ in trained)
    words = f"none of the {len(rows.when):,} homes was trained on by the {names}, and all labels are later"
    return Check("unseen homes", True, words, 0, 0)


def check_too_good(is_gas: Bools, probability: Floats, candidate: TrainedModel, limits: GateLimits) -> Check:
    """Ask whether later homes are answered so much better than held-out ones that they must have been seen."""
    right = (probability >= candidate.thresholds.gas_from) == is_gas
    promised = candidate.held_out.model["accuracy"].value
    above = float(right.mean()) - promised
    surely = above - 1.645 * float(np.sqrt(right.mean() * (1 - right.mean()) / len(right)))
    words = (
        f"right for {100 * right.mean():.1f} of 100 of these homes and for {100 * promised:.1f} of 100 of its own "
        f"while they were held out; {100 * limits.max_above_held_out:g} more are believed"
    )
    return Check("too good to be true", surely <= limits.max_above_held_out, words, above, limits.max_above_held_out)


def check_leak(candidate: TrainedModel, rows: LabelledRows, limits: GateLimits) -> Check:
    """Ask whether a single feature known before the gas service tells the fuel alone, or carries the model alone."""
    model, is_gas = candidate.model, rows.evidence.is_gas
    early = [name for name in model.encoding.names if FEATURE[name].stage not in TELLING_STAGES]
    if not early:
        return Check("no leak", None, "it has no features known before the gas service, so that none can give it away")
    alone = {name: auc_alone(rows.evidence.features[name], is_gas) for name in early}
    matrix = encode(rows.evidence.features, model.encoding)
    contributions = np.abs(np.asarray(model.booster.predict(matrix, pred_contrib=True, num_threads=1))[:, :-1]).mean(
        axis=0
    )
    parts = dict(zip(model.encoding.names, contributions / max(contributions.sum(), 1e-12), strict=True))
    teller, carrier = max(early, key=lambda name: alone[name]), max(early, key=lambda name: parts[name])
    if alone[teller] > limits.max_single_auc:
        words = (
            f"{teller} alone tells the fuels apart with an AUC of {alone[teller]:.3f}; {limits.max_single_auc:g} is "
            "more than any honest fact known before the gas service reaches: look where its values come from"
        )
        return Check("no leak", False, words, alone[teller], limits.max_single_auc)
    if len(early) > 1 and parts[carrier] > limits.max_contribution:
        words = (
            f"{carrier} makes {100 * parts[carrier]:.0f} of 100 parts of its answers; "
            f"{100 * limits.max_contribution:g} are allowed to one fact known before the gas service: look where its "
            "values come from"
        )
        return Check("no leak", False, words, parts[carrier], limits.max_contribution)
    words = (
        f"the most telling single feature is {teller} with an AUC of {alone[teller]:.3f}, the largest contribution is "
        f"that of {carrier}, {100 * parts[carrier]:.0f} of 100"
    )
    return Check("no leak", True, words, alone[teller], limits.max_single_auc)


def auc_alone(column: pd.Series, is_gas: Bools) -> float:
    """How well one feature, or its lack, tells the fuels apart: 0.5 not at all, 1 wholly.

    Values of a category are ranked by their share of gas among the other half of the homes, so that rare values do not
    pass for telling ones. A missing number is put at either end, whichever tells more.
    """
    if FEATURE[str(column.name)].kind == "number":
        values = column.to_numpy(dtype=np.float64)
        known = values[~np.isnan(values)]
        low, high = (known.min() - 1, known.max() + 1) if len(known) else (0.0, 0.0)
        found = [roc_auc_score(is_gas, np.where(np.isnan(values), end, values)) for end in (low, high)]
        return float(max(max(auc, 1 - auc) for auc in found))
    keys = column.astype("str").where(column.notna(), "missing").to_numpy()
    answers = pd.Series(is_gas.astype(float))
    half = np.arange(len(keys)) % 2
    share = np.full(len(keys), is_gas.mean())
    for own in (0, 1):
        other = half != own
        told = answers[other].groupby(keys[other]).mean().reindex(keys[~other])
        share[~other] = told.fillna(is_gas.mean())
    return float(roc_auc_score(is_gas, share))


def check_reasons_given(candidate: TrainedModel, rows: LabelledRows, limits: GateLimits, seed: int) -> Check:
    """Ask whether the reasons given for these homes are the real ones."""
    features = rows.evidence.features
    drawn = features.sample(min(limits.n_explained, len(features)), random_state=seed)
    found = check_reasons(Explainer(candidate.model, candidate.typical), drawn, features, seed=seed)
    asked = [
        ("the first reason moves the answer", found.first_moves["drawn"], limits.min_first_moves),
        ("what it does not use changes nothing", found.same_without_unused, limits.min_same_without_unused),
    ]
    if found.top_beats_others is not None:  # with few groups of facts there are no three others
        asked.append(("the reasons named beat others", found.top_beats_others["drawn"], limits.min_top_beats_others))
    told = "; ".join(
        f"{what} for {100 * share:.0f} of 100 ({100 * least:g} are needed)" for what, share, least in asked
    )
    passed = all(share >= least for _, share, least in asked)
    _, figure, limit = min(asked, key=lambda one: one[1] - one[2])
    return Check("reasons are real", passed, f"of {found.n_homes:,} homes explained, {told}", figure, limit)


def check_size(model: FuelModel, limits: GateLimits, latency_ms: float | None) -> Check:
    """Ask whether it is small and quick enough; visits are counted, so that no clock decides."""
    n_bytes, visits = len(model.booster.model_to_string().encode()), node_visits(model)
    words = (
        f"{n_bytes / 1e6:.2f} MB of trees ({limits.max_bytes / 1e6:g} allowed), {visits:,.0f} splits met by the mean "
        f"home ({limits.max_node_visits:,.0f} allowed)"
    )
    passed = n_bytes <= limits.max_bytes and visits <= limits.max_node_visits
    if latency_ms is not None:
        words += f", {latency_ms:.2f} ms for one home ({limits.max_latency_ms:g} allowed)"
        passed = passed and latency_ms <= limits.max_latency_ms
    return Check("size and speed", passed, words, visits, limits.max_node_visits)


def node_visits(model: FuelModel) -> float:
    """Count the splits that the mean training home meets on its way through all trees."""
    trees = model.booster.dump_model()["tree_info"]
    return float(sum(_mean_depth(tree["tree_structure"]) for tree in trees))


def _mean_depth(root: dict[str, object]) -> float:
    total, met = 0.0, 0.0
    waiting: list[tuple[dict, int]] = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if "left_child" in node:
            waiting += [(node["left_child"], depth + 1), (node["right_child"], depth + 1)]
        else:
            homes = node.get("leaf_count", 1)  # a tree without any split does not count its homes
            total, met = total + homes, met + homes * depth
    return met / total
