"""What people decided becomes labels, so that the next training learns from it."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from case_heating.people.records import read_trail, source_of
from case_heating.people.review_sample import decided_for_a_sample
from case_heating.schema import LABELS, Tables, conform

SOURCE = "review"
SAMPLE_SOURCE = "audit"
"""Of homes drawn at random: they stand for all homes, those the machine was unsure of do not."""


def standing_decisions(trail: pd.DataFrame) -> pd.DataFrame:
    """Pick the decision that stands for each home out of the audit trail: the last one, unless it was undone.

    Parameters
    ----------
    trail : DataFrame, shape (n_entries, 10)
        From ``read_trail``.

    Returns
    -------
    DataFrame, shape (n_decided_homes, 10)
        The entries that stand, in the order in which they were made.
    """
    told = trail[trail["action"].isin(["decided", "undone"])]
    last = told.drop_duplicates("home_id", keep="last")
    return last[last["action"] == "decided"].reset_index(drop=True)


def labels_from_decisions(decisions: pd.DataFrame, *, sampled: Collection[str] = ()) -> pd.DataFrame:
    """Turn decisions into rows of the canonical ``labels``.

    Parameters
    ----------
    decisions : DataFrame, shape (n_decided_homes, 10)
        From :func:`standing_decisions`.
    sampled : collection of str
        Homes whose decision answered a random sample, from ``decided_for_a_sample``.

    Returns
    -------
    DataFrame, shape (n_decided_homes, 5)
        ``event_time`` is the day from which the decision holds, ``known_at`` the day it was made.
    """
    rows = pd.DataFrame(
        {
            "home_id": decisions["home_id"],
            "heating_fuel": decisions["heating_fuel"],
            "event_time": decisions["true_since"],
            "known_at": decisions["day"],
            "source": np.where(decisions["home_id"].isin(list(sampled)), SAMPLE_SOURCE, SOURCE).astype(object),
        }
    )
    return conform(rows, LABELS)


def read_review_labels(engine: Engine, source: str) -> pd.DataFrame:
    """Read the labels that people made of a source's homes, shape (n_decided_homes, 5).

    None where the database holds the homes of another source, which may use the same names.
    """
    trail = read_trail(engine)
    labels = labels_from_decisions(standing_decisions(trail), sampled=decided_for_a_sample(trail))
    return labels if source_of(engine) == source else labels.iloc[:0]


def with_review_labels(tables: Tables, labels: pd.DataFrame | None) -> Tables:
    """Append labels made by people to a utility's tables; the input is not changed.

    Parameters
    ----------
    tables : Tables
        Canonical tables; ``labels`` may be absent.
    labels : DataFrame, shape (n_decided_homes, 5), optional
        From :func:`labels_from_decisions`. Homes the tables do not have are left out.
    """
    if labels is None or "homes" not in tables:
        return tables
    ours = labels[labels["home_id"].isin(tables["homes"]["home_id"])]
    if ours.empty:
        return tables
    former = [tables["labels"]] if "labels" in tables else []
    return tables | {"labels": pd.concat([*former, ours], ignore_index=True)}
