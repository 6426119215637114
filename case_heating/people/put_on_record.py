"""Write down how homes were routed, on what grounds, and what was known of them: once, in one transaction."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select

from case_heating.errors import ReviewError
from case_heating.people.records import RunOfAnswers
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_store import RECORDS, ROUTINGS, changing, one_at_a_time
from case_heating.workspace import fingerprint


@dataclass(frozen=True)
class Prepared:
    """A routing and its records, ready to be written; ``routing`` and ``rows`` are columns and values."""

    source: str
    routing: dict[str, Any]
    rows: list[dict[str, Any]]


def record_routing(
    engine: Engine,
    routed: pd.DataFrame,
    features: pd.DataFrame,
    run: RunOfAnswers,
    costs: ReviewCosts,
    *,
    reasons: pd.Series,
    now: datetime,
) -> int:
    """Write down how every home was routed, and what was known of it; the same run is written once.

    Parameters
    ----------
    engine : Engine
        From ``open_store``.
    routed : DataFrame, shape (n_homes, 5)
        From ``route``.
    features : DataFrame, shape (n_any_homes, n_features)
        What the model knew, by ``home_id``.
    run : RunOfAnswers
        The run.
    costs : ReviewCosts
        The cost matrix that decided.
    reasons : Series of sequences of str, shape (n_any_homes,)
        The sentences given for each answer, by ``home_id``.
    now : datetime
        The moment, with its time zone.

    Returns
    -------
    int
        Homes written down; 0 where this very run was there already.

    Raises
    ------
    ReviewError
        If the database holds the homes of another source, or a routed home has no features or no reasons.
    DatabaseError
        If the database cannot be written; then nothing of the run is.
    """
    prepared = prepare_record(routed, features, run, costs, reasons=reasons, now=now)
    with changing(engine) as connection:
        one_at_a_time(connection)
        return put_on_record(connection, prepared)


def prepare_record(
    routed: pd.DataFrame,
    features: pd.DataFrame,
    run: RunOfAnswers,
    costs: ReviewCosts,
    *,
    reasons: pd.Series,
    now: datetime,
) -> Prepared:
    """Make ready what is put on record, before the database is held up. Parameters as for :func:`record_routing`.

    Raises
    ------
    ReviewError
        If a routed home has no features or no reasons.
    """
    for what, frame in (("features", features), ("reasons", reasons)):
        if len(absent := routed.index.difference(frame.index)):
            raise ReviewError(
                f"{len(absent):,} of {len(routed):,} routed homes have no {what} (first: {absent[0]}), so nobody "
                "could tell later why they were answered so; hand in those of the same run"
            )
    known = features.loc[routed.index].astype(object).where(features.loc[routed.index].notna(), None)
    rows = routed.assign(
        reasons=[json.dumps(list(told), ensure_ascii=False) for told in reasons.loc[routed.index]],
        facts=[json.dumps(facts, ensure_ascii=False) for facts in known.to_dict("records")],  # to the last digit
    )
    rows = rows.astype({"probability_of_gas": object}).where(rows.notna(), None).rename_axis("home_id").reset_index()
    shared = asdict(run) | {"costs": json.dumps(asdict(costs), sort_keys=True)}
    digest = fingerprint(shared, rows.to_dict("list"))
    told = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    return Prepared(run.source, shared | {"digest": digest, "at": now, "day": now.date()}, told)


def put_on_record(connection: Connection, prepared: Prepared) -> int:
    """Write down in somebody's transaction what was made ready, and count the homes; the same is written once.

    Raises
    ------
    ReviewError
        If the database holds the homes of another source.
    """
    former = connection.execute(select(ROUTINGS.c.source).limit(1)).scalar()
    if former not in (None, prepared.source):
        raise ReviewError(
            f"this database holds homes of {former}, and {prepared.source} may call others by the same names; "
            "name another --workspace or --database for it"
        )
    same = ROUTINGS.c.digest == prepared.routing["digest"]
    if connection.execute(select(ROUTINGS.c.routing_id).where(same)).first():
        return 0
    written = insert(ROUTINGS).values(prepared.routing).returning(ROUTINGS.c.routing_id)
    key = {"routing_id": connection.execute(written).scalar_one()}
    if prepared.rows:
        connection.execute(insert(RECORDS), [key | row for row in prepared.rows])
    return len(prepared.rows)
