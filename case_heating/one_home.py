"""All that is known and said of one home, gathered from what the last run left: for a page, a desk or a lesson."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from case_heating.features.build import build_features
from case_heating.features.known import known_labels
from case_heating.features.stages import FEATURE
from case_heating.kept import Opened
from case_heating.model.cost import year_costs
from case_heating.model.cost_held_out import learn_cost
from case_heating.model.cost_keep import QUICK_FOLDS, LearnedCost
from case_heating.model.explain import Explainer, Explanation
from case_heating.model.ladder import Rung
from case_heating.people.bill_picture import BillPicture, picture_bills
from case_heating.people.cost_words import HomeCost, cost_of_home
from case_heating.people.find_homes import HomeFinder, unknown_home
from case_heating.people.home_answer import (
    HomeWords,
    Sighting,
    answer_by_stage,
    held_out_answer,
    home_in_words,
    last_sighting,
    sureness_kept,
    what_is_missing,
)
from case_heating.people.typed_facts import AREA, USED, Facts, home_like, tables_of_facts
from case_heating.people.words import SAID_BY, TOLD_FACTS, fact_in_words, stage_name
from case_heating.schema import Tables

MOST_COST_HOMES = 2000
"""Labelled homes the cost of a typed home is learned from while somebody waits."""


@dataclass(frozen=True)
class OneHome:
    """One home, as it was known on a day.

    Attributes
    ----------
    home_id : str
        The home.
    where : str
        Kind of dwelling and place, in words.
    as_of : date
        The day.
    explanation : Explanation
        The machine's answer and its reasons.
    seen : Sighting or None
        What somebody has seen.
    held_out : float or None
        Probability of gas before the machine learned from what was seen of this home.
    steps : DataFrame
        From ``answer_by_stage``.
    missing : tuple of str
        From ``what_is_missing``.
    bills : BillPicture
        Its bills against the weather.
    facts : DataFrame
        ``fact`` in words and ``source``, the source of data that tells it, in the order of the stages.
    """

    home_id: str
    where: str
    as_of: date
    explanation: Explanation
    seen: Sighting | None
    held_out: float | None
    steps: pd.DataFrame
    missing: tuple[str, ...]
    bills: BillPicture
    facts: pd.DataFrame


@dataclass(frozen=True)
class HomeSaid:
    """One home's answer in words, without its bills.

    Attributes
    ----------
    explanation : Explanation
        The machine's answer and its reasons.
    seen : Sighting or None
        What somebody has seen.
    words : HomeWords
        Both in one language.
    """

    explanation: Explanation
    seen: Sighting | None
    words: HomeWords


def say_of_home(opened: Opened, explainer: Explainer, rung: Rung, home_id: str, *, language: str = "en") -> HomeSaid:
    """Say what a home heats with and why, quickly: nothing is read but homes, labels, features and models.

    Parameters
    ----------
    opened : Opened
        What the last run left.
    explainer : Explainer
        Of the rung's model.
    rung : Rung
        The model that answers, with what it said of labelled homes while they were held out.
    home_id : str
        One of the homes.
    language : {"en", "es"}
        Language of the sentences.
    """
    explanation = next(iter(explainer.explain(opened.features.value.loc[[home_id]])))
    seen = last_sighting(opened.known.tables.get("labels"), home_id, as_of=opened.known.as_of)
    evidence, probability = opened.evidence, rung.probability
    words = home_in_words(
        explanation,
        seen,
        sureness_kept(evidence.is_gas, probability),
        held_out=held_out_answer(evidence, probability, home_id),
        language=language,
    )
    return HomeSaid(explanation, seen, words)


def look_up_home(opened: Opened, explainer: Explainer, finder: HomeFinder, home_id: str) -> OneHome:
    """Gather what is known and said of one home.

    Parameters
    ----------
    opened : Opened
        What the last run left.
    explainer : Explainer
        From ``take_explainer``, of the last stage.
    finder : HomeFinder
        From ``learn_finder``, of the same homes.
    home_id : str
        The home's id.

    Raises
    ------
    SourceError
        If there is no such home; the nearest ids are named.
    WorkspaceError
        If the files were changed or damaged since.
    """
    features, ladder = opened.features.value, opened.ladder.value
    if home_id not in features.index:
        raise unknown_home(opened.source, finder, home_id)
    row, as_of = features.loc[[home_id]], opened.known.as_of
    tables = opened.of_home(home_id)
    steps = answer_by_stage(ladder, row, opened.evidence)
    return OneHome(
        home_id=home_id,
        where=str(finder.where[finder.home_ids.get_loc(home_id)]),
        as_of=as_of,
        explanation=next(iter(explainer.explain(row))),
        seen=last_sighting(tables.get("labels"), home_id, as_of=as_of),
        held_out=held_out_answer(opened.evidence, ladder.rungs[-1].probability, home_id),
        steps=steps,
        missing=what_is_missing(ladder, steps),
        bills=picture_bills(tables, home_id, as_of=as_of),
        facts=known_facts(row),
    )


def known_facts(home: pd.DataFrame) -> pd.DataFrame:
    """Say the facts that are known of a home.

    Parameters
    ----------
    home : DataFrame, shape (1, n_features)
        From ``build_features``.

    Returns
    -------
    DataFrame
        ``fact`` and ``source``; facts that say again what another has said are left out.
    """
    told = {name: fact for name in TOLD_FACTS if name in home and (fact := fact_in_words(name, home[name].iloc[0]))}
    fresh = sorted((name for name in told if SAID_BY.get(name) not in told), key=list(FEATURE).index)
    rows = [(told[name][:1].upper() + told[name][1:], stage_name(FEATURE[name].stage)) for name in fresh]
    return pd.DataFrame(rows, columns=["fact", "source"])


def typed_row(opened: Opened, facts: Facts) -> pd.DataFrame:
    """Build the features of a home of which somebody types the facts, as of the day of the last run.

    Parameters
    ----------
    opened : Opened
        What the last run left.
    facts : mapping
        Fact by name, as from ``typed_fields``; those not typed are absent.

    Returns
    -------
    DataFrame, shape (1, n_features)
        From ``build_features``; what was not typed is missing.

    Raises
    ------
    SourceError
        If no home stands in the area that was typed.
    """
    shared: dict[str, Any] = {}
    around: Tables = {}
    if AREA in facts:
        like, shared = home_like(opened.known.tables["homes"], str(facts[AREA]))
        around = opened.of_home(like)
    as_of = opened.known.as_of
    return build_features(tables_of_facts(facts, shared, around, as_of=as_of), as_of=as_of)


def learn_typed_cost(opened: Opened, names: tuple[str, ...], stage: str) -> LearnedCost:
    """Learn what a year costs homes of which just these facts are used, from some labelled homes; it takes seconds.

    Parameters
    ----------
    opened : Opened
        What the last run left.
    names : tuple of str
        Features that are known of the typed home.
    stage : str
        The last data stage one of them belongs to.

    Raises
    ------
    NotEnoughDataError
        If no bill has a cost, or too few homes have a known cost and fuel.
    """
    settings, as_of = opened.settings, opened.known.as_of
    fuel = known_labels(opened.known.tables["labels"], as_of=as_of)
    fuel = fuel[fuel.index.isin(opened.features.value.index)]
    if len(fuel) > MOST_COST_HOMES:
        fuel = fuel.sample(MOST_COST_HOMES, random_state=settings.seed)
    model, held_out = learn_cost(
        opened.features.value.loc[fuel.index, list(names)],
        fuel,
        year_costs(opened.of_homes(list(fuel.index)), as_of=as_of),
        stage=stage,
        folds=QUICK_FOLDS,
        seed=settings.seed,
        threads=settings.threads,
    )
    return LearnedCost(model, held_out, bills=any(name in USED for name in names))


def typed_cost(learned: LearnedCost, row: pd.DataFrame, probability_of_gas: float) -> HomeCost:
    """Say what a year costs the typed home, its fuel as sure as the answer has it."""
    answer = pd.DataFrame({"probability_of_gas": [probability_of_gas], "seen": [None]}, index=row.index)
    return cost_of_home(learned, row, answer, str(row.index[0]), None)
