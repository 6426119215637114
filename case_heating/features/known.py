"""What was known at a moment: facts that arrived later, and versions that were corrected by then, do not count.

Every fact has two times, when it happened and when we knew. Training rows, batch, online answers and lessons
all ask these functions, so that nothing from the future leaks in anywhere.
"""

from datetime import date

import pandas as pd

TARGETED_SOURCES = frozenset({"rebate"})
"""Sources that hear only of homes with one fuel: they say nothing about the share of homes answered right."""


def known_bills(bills: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Bills known at a moment, each in its latest version.

    Parameters
    ----------
    bills : DataFrame, shape (n_rows, n_columns)
        The canonical ``bills``; a correction has the same home, fuel and start and a later ``known_at``.
    as_of : date
        The moment; a bill known on that very day counts.

    Returns
    -------
    DataFrame, shape (n_known, n_columns)
        One row per home, fuel and period start, in the order of the input.
    """
    known = bills[bills["known_at"] <= pd.Timestamp(as_of)]
    keys = pd.DataFrame(
        {
            "home": pd.factorize(known["home_id"])[0],
            "fuel": pd.factorize(known["fuel"])[0],
            "start": known["start"].to_numpy(),
            "known_at": known["known_at"].to_numpy(),
        }
    )
    latest = keys.sort_values("known_at", kind="stable").drop_duplicates(["home", "fuel", "start"], keep="last")
    return known.iloc[latest.index.sort_values()]


def known_labels(labels: pd.DataFrame, *, as_of: date) -> pd.Series:
    """Heating fuel of each home whose fuel was known at a moment.

    Where a home was observed more than once, the latest event counts; of two reports of the same
    event, the one that came last.

    Parameters
    ----------
    labels : DataFrame, shape (n_rows, n_columns)
        The canonical ``labels``.
    as_of : date
        The moment.

    Returns
    -------
    Series of str, shape (n_labelled_homes,)
        Heating fuel by ``home_id``, sorted by home.
    """
    return last_sightings(labels, as_of=as_of).set_index("home_id")["heating_fuel"].sort_index()


def known_label_sources(labels: pd.DataFrame, *, as_of: date) -> pd.Series:
    """Who told the fuel that :func:`known_labels` gives of each home, by ``home_id``, sorted by home.

    Parameters
    ----------
    labels : DataFrame, shape (n_rows, n_columns)
        The canonical ``labels``.
    as_of : date
        The moment.
    """
    return last_sightings(labels, as_of=as_of).set_index("home_id")["source"].sort_index()


def known_sightings(labels: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """All that was known of heating fuels at a moment, the oldest event first; of one event, as it was reported.

    Parameters
    ----------
    labels : DataFrame, shape (n_rows, n_columns)
        The canonical ``labels``, of all homes or of some.
    as_of : date
        The moment; what happened or became known later does not count.

    Returns
    -------
    DataFrame, shape (n_known, n_columns)
    """
    moment = pd.Timestamp(as_of)
    known = labels[(labels["known_at"] <= moment) & (labels["event_time"] <= moment)]
    return known.sort_values(["event_time", "known_at"], kind="stable")


def last_sightings(labels: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Give the last of :func:`known_sightings` of each home, shape (n_labelled_homes, n_columns)."""
    return known_sightings(labels, as_of=as_of).drop_duplicates("home_id", keep="last")


def last_learned(tables: dict[str, pd.DataFrame]) -> date | None:
    """Give the last day on which any fact in the tables became known; nothing where no table carries ``known_at``."""
    days = [frame["known_at"].max() for frame in tables.values() if "known_at" in frame and len(frame)]
    days = [day for day in days if not pd.isna(day)]
    return max(days).date() if days else None
