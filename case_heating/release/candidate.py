"""A candidate: trained at a moment from the labels known some months before, with all that is needed to judge it.

The labels of the last months are left to the gate: they are later than the training of the candidate and of the
champion, so that both meet them for the first time. What comes out is a :class:`TrainedModel`, and it is the same
thing in every role: candidate, challenger, champion and previous are aliases of the registry.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import select_stage
from case_heating.features.known import TARGETED_SOURCES, last_sightings
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelModel, FuelParams
from case_heating.model.ladder import fit_stage
from case_heating.model.naive import naive_held_out, neighbourhood_share
from case_heating.model.quality import Comparison, compare
from case_heating.model.typical import Typical, learn_typical
from case_heating.release.lineage import Lineage
from case_heating.release.reference import Reference, describe_reference
from case_heating.schema import HEATING_FUELS
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]

HOLDOUT_MONTHS = 6
"""Months of labels left to the gate: half a year brings some hundred new labels to a utility of 20,000 homes."""


@dataclass(frozen=True)
class Thresholds:
    """From which probability an answer is said, and from which confidence on without a person looking."""

    gas_from: float = 0.5
    review_below: float = 0.8


@dataclass(frozen=True)
class LabelledRows:
    """Homes whose fuel somebody has seen, with features as known at a moment of each home's own.

    Attributes
    ----------
    evidence : Evidence
        Features, answers and homes, row for row.
    when : DataFrame, shape (n_homes, 3)
        Indexed as the features: ``moment`` (the day whose features they are), ``known_at`` (the day the label became
        known) and ``source`` (who saw it).
    n_targeted : int
        Homes left out because the last word of them came from a source that hears of one fuel alone.
    """

    evidence: Evidence
    when: pd.DataFrame
    n_targeted: int = 0


@dataclass(frozen=True)
class TrainedModel:
    """A model and all that goes with it wherever it goes.

    Attributes
    ----------
    model : FuelModel
        Trees, encoding and calibration.
    typical : Typical
        Reference values its reasons are told against.
    thresholds : Thresholds
        How probabilities become answers.
    reference : Reference
        Distributions at the training moment, which drift is measured from.
    training_rows : DataFrame, shape (n_training_homes, 2)
        Indexed by ``home_id``: ``moment`` of its features and ``known_at`` of its label. No answers, no features.
    held_out : Comparison
        Figures on homes held out in turn, against the naive answer, with intervals.
    lineage : Lineage
        What it was made from.
    """

    model: FuelModel
    typical: Typical
    thresholds: Thresholds
    reference: Reference
    training_rows: pd.DataFrame
    held_out: Comparison
    lineage: Lineage

    @property
    def trained_homes(self) -> frozenset[str]:
        """Homes it was trained on."""
        return frozenset(self.training_rows.index)

    @property
    def trained_until(self) -> date:
        """The last day on which it learned anything: a label's, or a feature's."""
        return max(self.training_rows[column].max() for column in ("moment", "known_at")).date()


def training_cutoff(as_of: date, *, holdout_months: int = HOLDOUT_MONTHS) -> date:
    """Give the last day whose labels are trained on.

    >>> training_cutoff(date(2025, 8, 31))
    datetime.date(2025, 2, 28)
    """
    return (pd.Timestamp(as_of) - pd.DateOffset(months=holdout_months)).date()


def label_requests(
    labels: pd.DataFrame, *, known_after: date | None, known_by: date, without: Collection[str] = ()
) -> pd.DataFrame:
    """Choose the labels to train on or to judge by, and say which day's features belong to each.

    A home is asked for as of ``known_by``: that is how homes are answered, all on one day, with whatever was billed by
    then. Features of the day of each label's own event lose 0.2 to 5 points of accuracy on homes answered later.

    Parameters
    ----------
    labels : DataFrame, shape (n_rows, n_columns)
        The canonical ``labels``.
    known_after : date or None
        Labels known on this day or before are left out; ``None`` leaves out none.
    known_by : date
        Labels known later are left out.
    without : collection of str
        Homes to leave out: to judge by, those that a model was trained on.

    Returns
    -------
    DataFrame, one row per home
        ``home_id``, ``moment``, ``is_gas``, ``event_time``, ``known_at``, ``source``; of several labels of a home the
        latest event counts, of two reports of it the last one. Homes with another fuel or none are left out.
    """
    chosen = last_sightings(labels, as_of=known_by)
    if known_after is not None:
        chosen = chosen[chosen["known_at"] > pd.Timestamp(known_after)]
    chosen = chosen[chosen["heating_fuel"].isin(HEATING_FUELS[:2]) & ~chosen["home_id"].isin(list(without))]
    chosen = chosen.sort_values("home_id", ignore_index=True)
    requests = chosen[["home_id", "event_time", "known_at", "source"]].copy()
    requests.insert(1, "moment", pd.Timestamp(known_by))
    requests.insert(2, "is_gas", (chosen["heating_fuel"] == "gas").to_numpy())
    return requests


def labelled_rows(requests: pd.DataFrame, features: pd.DataFrame, homes: pd.DataFrame, *, as_of: date) -> LabelledRows:
    """Lay the features that were asked for beside the labels.

    Parameters
    ----------
    requests : DataFrame
        From :func:`label_requests`.
    features : DataFrame, shape (n_homes, n_features)
        Indexed by ``home_id``, as known at each request's moment; homes nothing was known of may be absent.
    homes : DataFrame
        The trusted ``homes`` table.
    as_of : date
        The moment at which this is done.

    Raises
    ------
    NotEnoughDataError
        If a home stands twice among the features.
    """
    if not features.index.is_unique:
        again = features.index[features.index.duplicated()]
        raise NotEnoughDataError(
            f"features: {len(again):,} of {len(features):,} rows repeat a home (first: {again[0]}); ask for one each"
        )
    described = requests.set_index("home_id")
    described = described[described.index.isin(features.index) & described.index.isin(homes["home_id"])]
    is_gas = described["is_gas"].to_numpy(dtype=bool)
    evidence = Evidence(
        features=features.loc[described.index],
        is_gas=is_gas,
        homes=homes.set_index("home_id").loc[described.index],
        weight=None,
        fuel_counts={"gas": int(is_gas.sum()), "electricity": int((~is_gas).sum())},
        n_homes=len(features),
        as_of=as_of,
    )
    return LabelledRows(evidence, described[["moment", "known_at", "source"]])


def rows_to_judge_by(
    requests: pd.DataFrame, features: pd.DataFrame, homes: pd.DataFrame, *, as_of: date
) -> LabelledRows:
    """Lay the features beside the labels of homes to judge by, as :func:`labelled_rows` does.

    Homes of which a rebate was the last to tell are left out: it hears of electric homes alone, and a tenth of them
    among the labels would make a well calibrated model seem to say too much gas, most of all of owners.
    """
    targeted = requests["source"].isin(TARGETED_SOURCES)
    rows = labelled_rows(requests[~targeted], features, homes, as_of=as_of)
    return replace(rows, n_targeted=int(targeted.sum()))


def train_candidate(
    rows: LabelledRows,
    *,
    stage: str,
    settings: Settings,
    lineage: Lineage,
    served: pd.DataFrame | None = None,
    params: FuelParams | None = None,
    thresholds: Thresholds | None = None,
) -> TrainedModel:
    """Train a candidate; the same rows, settings and lineage give the same bytes.

    Parameters
    ----------
    rows : LabelledRows
        The homes to train on.
    stage : str
        Last data stage to use.
    settings : Settings
        Seed, folds, threads and bootstrap rounds.
    lineage : Lineage
        What the rows were made from.
    served : DataFrame, optional
        Features of all homes that are answered, at the training moment: the reference for drift. Labelled homes are a
        biased few; they are taken if nothing else is given.
    params, thresholds : optional
        LightGBM's parameters and the thresholds, if not the usual ones.

    Raises
    ------
    NotEnoughDataError
        If there are fewer homes than the settings ask for, or one fuel has fewer homes than folds.
    """
    evidence = rows.evidence
    if len(evidence.is_gas) < settings.min_labelled_homes:
        n_gas = int(evidence.is_gas.sum())
        raise NotEnoughDataError(
            f"{len(evidence.is_gas):,} homes with a label known on {lineage.cutoff} are there to train on ({n_gas:,} "
            f"gas, {len(evidence.is_gas) - n_gas:,} electricity); {settings.min_labelled_homes:,} are needed. Train "
            "at a later moment, hold fewer months out, or bring more labels"
        )
    held_out, model = fit_stage(evidence, stage, params or FuelParams(), settings)
    features = evidence.features[list(model.encoding.names)]
    met = features if served is None else select_stage(served, stage)[list(model.encoding.names)]
    return TrainedModel(
        model=model,
        typical=learn_typical(features, evidence.is_gas),
        thresholds=thresholds or Thresholds(),
        reference=describe_reference(met, model.probability_of_gas(met)),
        training_rows=rows.when[["moment", "known_at"]].copy(),
        held_out=compare(
            evidence.is_gas,
            held_out.calibrated(evidence.is_gas),
            naive_held_out(evidence.homes, evidence.is_gas, held_out.splits),
            rounds=settings.bootstrap_rounds,
            seed=settings.seed,
        ),
        lineage=lineage,
    )


def naive_rival(trained_on: LabelledRows, judged_by: LabelledRows) -> Floats:
    """Answer as most labelled neighbours do, from the same labels a candidate was trained on.

    Returns
    -------
    ndarray, shape (n_homes judged by,)
        Probability of gas.
    """
    both = pd.concat([trained_on.evidence.homes, judged_by.evidence.homes])
    n_trained = len(trained_on.evidence.homes)
    answers = np.concatenate([trained_on.evidence.is_gas, judged_by.evidence.is_gas])
    return neighbourhood_share(both, answers, (np.arange(n_trained), np.arange(n_trained, len(both))))
