"""Answer for a home of which somebody types the facts, with a model that knows just such facts.

A model that learned from homes of which it knew more cannot be asked with most of it missing: it has seldom met such
homes, and its probabilities no longer hold. So a model is grown from the typed facts of all labelled homes, which takes
a second or two, is calibrated on homes held out, and says how often it is right of them.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.stages import FEATURE, STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.explain import Explainer, Explanation
from case_heating.model.fuel import FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.model.quality import Figure
from case_heating.model.typical import learn_typical
from case_heating.people.counts import share_of
from case_heating.people.home_answer import sureness_kept
from case_heating.people.words import interval, of_100
from case_heating.settings import Settings

MOST_HOMES = 10_000
"""Labelled homes it learns from: more make a visitor wait and answers hardly better."""


@dataclass(frozen=True)
class FactModel:
    """A model that knows certain facts and no others.

    Attributes
    ----------
    stage : str
        The last data stage that one of the facts belongs to.
    explainer : Explainer
        The model with the reference values of its homes.
    kept : DataFrame
        From ``sureness_kept``.
    right : Figure
        Share of homes held out for which its answer was right.
    n_homes : int
        Homes it was judged on.
    """

    stage: str
    explainer: Explainer
    kept: pd.DataFrame
    right: Figure
    n_homes: int

    @property
    def in_words(self) -> str:
        """Say how good an answer from such facts is."""
        return (
            f"Of {self.n_homes:,} homes of which no more was used, the answer was right for {of_100(self.right.value)} "
            f"(95 % interval {interval(self.right)})."
        )


def known_names(row: pd.DataFrame, features: pd.DataFrame) -> tuple[str, ...]:
    """Name the features that are known of a typed home and of some labelled home, in the order of the features.

    Parameters
    ----------
    row : DataFrame, shape (1, n_features)
        From ``build_features``.
    features : DataFrame, shape (n_labelled_homes, n_features)
        Of the labelled homes.
    """
    return tuple(
        name for name in features if name in row and row[name].notna().iloc[0] and features[name].notna().any()
    )


def fit_to_facts(evidence: Evidence, names: tuple[str, ...], settings: Settings) -> FactModel:
    """Grow a model that knows certain facts of all labelled homes.

    Parameters
    ----------
    evidence : Evidence
        The labelled homes.
    names : tuple of str
        From :func:`known_names`.
    settings : Settings
        Folds, seed and threads.

    Raises
    ------
    NotEnoughDataError
        If no fact is known, or a fuel has too few homes.
    """
    if not names:
        raise NotEnoughDataError("nothing that was typed is known of any labelled home; type one more fact")
    stage = max((FEATURE[name].stage for name in names), key=list(STAGES).index)
    some = np.arange(len(evidence.is_gas))
    if len(some) > MOST_HOMES:
        some = np.sort(np.random.default_rng(settings.seed).choice(some, MOST_HOMES, replace=False))
    own = replace(
        evidence,
        features=evidence.features[list(names)].iloc[some],
        is_gas=evidence.is_gas[some],
        homes=evidence.homes.iloc[some],
        weight=None,
    )
    held_out, model = fit_stage(own, stage, FuelParams(), settings)
    probability = held_out.calibrated(own.is_gas)
    right = int(((probability >= 0.5) == own.is_gas).sum())
    return FactModel(
        stage,
        Explainer(model, learn_typical(own.features[list(model.encoding.names)], own.is_gas)),
        sureness_kept(own.is_gas, probability),
        share_of(right, len(own.is_gas)),
        len(own.is_gas),
    )


def explain_typed(fitted: FactModel, row: pd.DataFrame) -> Explanation:
    """Answer for the typed home, with reasons.

    Parameters
    ----------
    fitted : FactModel
        From :func:`fit_to_facts` with the names of this row.
    row : DataFrame, shape (1, n_features)
        From ``build_features``.
    """
    return next(iter(fitted.explainer.explain(row)))
