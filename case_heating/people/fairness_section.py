"""The fairness section of the report and of the model card: tables, sentences and charts, ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from case_heating.model.fairness import PAIR_SIGN
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.fairness_verdict import FairnessVerdict
from case_heating.model.proxies import KINDS
from case_heating.model.quality import Figure
from case_heating.model.remedies import AS_IT_IS
from case_heating.people.fairness_plots import errors_plot, gaps_plot, remedies_plot
from case_heating.people.fairness_tables import ShownTable, fairness_tables, group_name, parted, spoken, trait_name
from case_heating.people.plots import Plot
from case_heating.people.words import homes, listing, of_100, percent, points, span_in_points


@dataclass(frozen=True)
class FairnessSection:
    """What the report's section needs; a table without rows is left out.

    Attributes
    ----------
    headline : str
        The verdict in a sentence.
    reasons : tuple of str
        Why.
    follows : str
        What the verdict does and does not stop, and what to do.
    sentences : dict of tuple of str
        ``groups``, ``review``, ``causes``, ``proxies``, ``remedies``, ``left_out``: what to say beside each table.
    tables : dict of ShownTable
        ``groups``, ``differences``, ``pairs``, ``causes``, ``proxies``, ``without``, ``remedies``.
    plots : tuple of Plot
        Charts for which there are figures.
    """

    headline: str
    reasons: tuple[str, ...]
    follows: str
    sentences: dict[str, tuple[str, ...]]
    tables: dict[str, ShownTable]
    plots: tuple[Plot, ...]


def fairness_section(study: FairnessStudy) -> FairnessSection:
    """Make the section from a study.

    Parameters
    ----------
    study : FairnessStudy
        From ``study_fairness``.
    """
    single, _ = parted(study.fairness.figures)
    return FairnessSection(
        headline=headline(study.verdict),
        reasons=tuple(spoken(reason) for reason in study.verdict.reasons),
        follows=what_follows(study.verdict),
        sentences={
            "groups": _about_groups(study),
            "review": _about_review(study, single),
            "causes": _about_causes(study),
            "proxies": _about_proxies(study),
            "remedies": _about_remedies(study),
            "left_out": _left_out(study),
        },
        tables=fairness_tables(study),
        plots=_plots(study, single),
    )


def headline(verdict: FairnessVerdict) -> str:
    """Say the verdict.

    >>> headline(FairnessVerdict(None, ()))
    'Fairness cannot be judged, so it is not passed.'
    """
    return {
        True: "Fairness: passed.",
        False: "Fairness: refused.",
        None: "Fairness cannot be judged, so it is not passed.",
    }[verdict.passed]


def what_follows(verdict: FairnessVerdict) -> str:
    """Say what the verdict does and does not stop, and what to do about it.

    >>> what_follows(FairnessVerdict(True, ()))[:31]
    'What follows: nothing is to do.'
    """
    own = (
        "It is about this report's own model. A model that is to serve is asked the same by the gate, on homes "
        "labelled after its training: see who serves."
    )
    return {
        True: f"What follows: nothing is to do. {own}",
        False: "What follows: nothing stops by itself, but write to nobody on these answers before the cause is known. "
        f"'heating fairness' looks for it and says what mending costs. {own}",
        None: "What follows: nothing is stopped and nothing is passed. More labelled homes of the groups named, or the "
        f"table of traits where it is missing, would tell. {own}",
    }[verdict.passed]


def _about_groups(study: FairnessStudy) -> tuple[str, ...]:
    fairness, limits = study.fairness, study.limits
    if fairness.figures.empty:
        return ("No group can be shown.",)
    return (
        f"{homes(fairness.n_homes)} whose fuel is known were answered by a model that had not seen them. A group is "
        f"shown "
        f"from {limits.min_homes_shown} homes on and judged from {limits.min_homes_judged} on, against all other "
        f"homes. "
        f"{fairness.n_comparisons:,} gaps were looked at, and their significance is corrected for that number "
        "(Benjamini and Hochberg).",
        *_about_targeted(study),
    )


def _about_targeted(study: FairnessStudy) -> tuple[str, ...]:
    if not study.n_targeted:
        return ()
    return (
        f"{homes(study.n_targeted)} known from a rebate {'is' if study.n_targeted == 1 else 'are'} left out, as at the "
        "gate: a rebate hears only of homes that went electric, and their last bills still tell of the old heating.",
    )


def _about_review(study: FairnessStudy, single: pd.DataFrame) -> tuple[str, ...]:
    sent = single[(single["measure"] == "sent_to_people") & single["judged"].astype(bool)]
    if study.review_below is None or sent.empty:
        return ("Whether some groups are sent to people more often was not measured.",)
    worst = sent.loc[sent["gap"].astype(float).idxmax()]
    gap = Figure(worst["gap"], worst["gap_low"], worst["gap_high"])
    of_gas, of_electricity = (percent(least, decimals=0) for least in study.review_below)
    return (
        f"Homes of which the machine is less than {of_gas} sure of gas, or {of_electricity} of electricity, go to "
        f"people. Most are sent of the group {group_name(worst['group'])}: {of_100(worst['value'])}, "
        f"{points(gap.value)} points above other homes (95 % interval {span_in_points(gap)}); "
        f"{100 * study.limits.max_review_gap:.0f} are allowed.",
    )


def _about_causes(study: FairnessStudy) -> tuple[str, ...]:
    own = _gaps_of_focus(study)
    if own.empty:
        return ()
    first, last = own.iloc[0], own.iloc[-1]
    group, reference = group_name(first["group"]), group_name(first["reference"])
    remaining = Figure(last["gap"], last["low"], last["high"])
    by_chance = last["low"] <= 0 <= last["high"]
    steps = [f"alike in {row['alike_in']}: {points(row['gap'])}" for _, row in own.iloc[1:].iterrows()]
    said = [
        f"{group} against {reference}: gas homes called electric, {points(first['gap'])} points (95 % interval "
        f"{span_in_points(Figure(first['gap'], first['low'], first['high']))}). "
        f"Of 100 labelled homes {100 * first['heats_with_gas']:.0f} against "
        f"{100 * first['reference_heats_with_gas']:.0f} heat with gas; if the probabilities are right in "
        f"both groups, a gap of {points(first['expected'])} points follows from them."
    ]
    if steps:
        said.append(f"Between homes that are {'; '.join(steps)} (95 % interval {span_in_points(remaining)}).")
        most = "most of the gap goes" if last["gap"] < first["gap"] / 2 else "most of the gap does not go"
        chance = "chance may explain what remains" if by_chance else "chance does not explain what remains"
        supported = f"What the data support: {most} with {last['alike_in']}; {chance}."
        said.append(supported)
    said.append(
        "What they do not support: that the trait itself moves an answer, since the model never sees it; that there "
        "is no "
        f"other cause, since a gap of up to {points(last['high'])} points between alike homes cannot be ruled out; or "
        "why the group lives where it does. A gap that goes with place and dwelling is a gap all the same for those it "
        "meets."
    )
    return tuple(said)


def _about_proxies(study: FairnessStudy) -> tuple[str, ...]:
    if not study.deep:
        return ()
    if study.told.empty:
        return ("Whether the features tell the traits cannot be measured: no group is large enough.",)
    best = study.told.loc[study.told["auc"].idxmax()]
    kinds = [kind for kind in KINDS if kind in study.told]
    carrier = max(kinds, key=lambda kind: best[kind])
    return (
        f"No trait is a feature, yet features tell it: best of all {group_name(best['group'])}, with an AUC of "
        f"{best['auc']:.2f}, mostly from the {carrier}.",
    )


def _about_remedies(study: FairnessStudy) -> tuple[str, ...]:
    if not study.deep:
        return ("'heating fairness' looks for causes, proxies and remedies.",)
    if study.decision is None:
        return ("No remedy was tried: no group can be judged.",)
    if "reweighing" in study.remedies.index:
        return study.decision.reasons
    untried = "remedies that look at the trait were not tried: the group has too few homes of either fuel to learn from"
    return (*study.decision.reasons, untried)


def _left_out(study: FairnessStudy) -> tuple[str, ...]:
    fairness = study.fairness
    said = [f"{trait_name(trait)}: not looked at; {why}." for trait, why in fairness.absent.items()]
    said += [f"{trait_name(trait)}: not known of {homes(n)}." for trait, n in fairness.untold.items()]
    for trait, groups in fairness.too_small.items():
        if PAIR_SIGN not in trait:
            told = listing([group_name(group) for group in groups])
            said.append(f"{trait_name(trait)}: fewer than {study.limits.min_homes_shown} homes, not shown: {told}.")
    n_pairs = sum(len(groups) for trait, groups in fairness.too_small.items() if PAIR_SIGN in trait)
    if n_pairs:
        said.append(
            f"Pairs of traits: {n_pairs} groups have fewer than {study.limits.min_homes_shown} homes, not shown."
        )
    return tuple(said)


def _gaps_of_focus(study: FairnessStudy) -> pd.DataFrame:
    if study.focus is None or study.gaps.empty:
        return pd.DataFrame()
    gaps = study.gaps
    return gaps[(gaps["trait"] == study.focus.trait) & (gaps["group"] == study.focus.group)].dropna(subset="gap")


def _plots(study: FairnessStudy, single: pd.DataFrame) -> tuple[Plot, ...]:
    drawn = []
    errors = single[single["measure"].isin(["gas_called_electric", "electric_called_gas"]) & single["value"].notna()]
    if len(errors):
        labels = {(row["trait"], row["group"]): group_name(row["group"]) for _, row in errors.iterrows()}
        gas = errors[errors["measure"] == "gas_called_electric"]
        drawn.append(errors_plot(errors, labels, _errors_title(gas)))
    own = _gaps_of_focus(study)
    if len(own):
        first, last = own.iloc[0], own.iloc[-1]
        title = (
            f"{group_name(first['group'])} against {group_name(first['reference'])}: {points(first['gap'])} points, "
            f"{points(last['gap'])} between alike homes"
        )
        drawn.append(gaps_plot(own, _steps(own["alike_in"]), title))
    if len(study.remedies) and study.decision is not None:
        taken = study.decision.remedy
        title = "Decision: the model is not changed" if taken == AS_IT_IS else f"Decision: {taken}"
        drawn.append(remedies_plot(study.remedies, study.limits.max_error_gap, title))
    return tuple(drawn)


def _errors_title(gas: pd.DataFrame) -> str:
    if len(gas) < 2:
        return "Both kinds of error, by group"
    high, low = (gas.loc[pick(gas["value"].astype(float))] for pick in (pd.Series.idxmax, pd.Series.idxmin))
    return (
        f"Of 100 gas homes {100 * high['value']:.0f} are called electric in the group {group_name(high['group'])}, "
        f"{100 * low['value']:.0f} in {group_name(low['group'])}"
    )


def _steps(alike_in: Sequence[str]) -> list[str]:
    return ["all homes" if step == "nothing" else f"same {step}" for step in alike_in]
