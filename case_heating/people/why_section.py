"""What the report's section "Why" shows: example homes in words, which facts are named first, and how true it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from case_heating.model.explain import Explainer, Explanation
from case_heating.model.explain_groups import GROUP
from case_heating.model.faithfulness import Faithfulness
from case_heating.people.counts import MIN_CELL_HOMES
from case_heating.people.plots import Plot
from case_heating.people.reasons import CustomerWords, customer_words
from case_heating.people.waterfall import waterfall_plot


@dataclass(frozen=True)
class WhyExample:
    """One home as both audiences see it."""

    kind: str
    explanation: Explanation
    words: CustomerWords


@dataclass(frozen=True)
class WhySection:
    """All that the section tells.

    Attributes
    ----------
    examples : tuple of WhyExample
        The surest gas home, the surest electric one, and the most open one; those there are.
    named_first : DataFrame, one row per group
        Indexed by what the group tells: ``gas`` and ``electricity``, homes with that answer whose first reason it is;
        counts below thirty are missing.
    waterfall : Plot
        The most open home's contributions.
    faithfulness : Faithfulness
        Measured on held-out homes.
    """

    examples: tuple[WhyExample, ...]
    named_first: pd.DataFrame
    waterfall: Plot
    faithfulness: Faithfulness


def tell_why(
    explainer: Explainer, features: pd.DataFrame, faithfulness: Faithfulness, *, language: str = "en"
) -> WhySection:
    """Explain homes and gather what the section shows; ties go to the first home, so the choice is always the same.

    Parameters
    ----------
    explainer : Explainer
        Model and reference values.
    features : DataFrame, shape (n_homes, n_features)
        Homes to explain, at least one.
    faithfulness : Faithfulness
        From ``measure_faithfulness``.
    language : {"en", "es"}
        Language of the examples.
    """
    told = list(explainer.explain(features))
    chosen = _choose(told)
    return WhySection(
        examples=tuple(WhyExample(kind, one, customer_words(one, language)) for kind, one in chosen.items()),
        named_first=_named_first(told),
        waterfall=waterfall_plot(chosen["could be either"]),
        faithfulness=faithfulness,
    )


def _choose(told: Sequence[Explanation]) -> dict[str, Explanation]:
    chosen = {}
    for kind, fuel in (("surely gas", "gas"), ("surely electric", "electricity")):
        if own := [one for one in told if one.fuel == fuel]:
            chosen[kind] = max(own, key=lambda one: one.confidence)
    return chosen | {"could be either": min(told, key=lambda one: one.confidence)}


def _named_first(told: Sequence[Explanation]) -> pd.DataFrame:
    named = pd.DataFrame(
        [(GROUP[one.reasons[0].group].about, one.fuel) for one in told if one.reasons], columns=["about", "fuel"]
    )
    counts = pd.crosstab(named["about"], named["fuel"]).reindex(columns=["gas", "electricity"], fill_value=0)
    order = counts.sum(axis="columns").sort_values(ascending=False, kind="stable").index
    return counts.loc[order].astype(float).where(lambda count: count >= MIN_CELL_HOMES).rename_axis(columns=None)
