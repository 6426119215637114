"""The queue of homes that people decide because the machine is unsure.

A reviewer claims a home for a while (a lease), looks, and decides with a reason; or skips it; or asks for a second
opinion. What is not decided in time goes back. A home is one row with one holder, so two reviewers never hold the
same home; every change and its line in the audit trail are one transaction. The clock is handed in as ``now``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, bindparam, insert, select, update

from case_heating.errors import AlreadyDecidedError, ReviewError, WrongReviewerError
from case_heating.people.records import note, standing_decision, trail_of
from case_heating.people.review_checks import (
    check_fuel,
    check_hands_free,
    check_reason,
    check_reviewer,
    claimable_task,
    empty_queue,
    held_task,
    task_of,
)
from case_heating.people.review_moves import (
    Claim,
    change_state,
    free,
    hand_out,
    hand_to,
    held_by,
    pass_on,
    return_expired,
    waiting_for,
)
from case_heating.people.review_store import TASKS, changing, one_at_a_time, reading

LEASE = timedelta(minutes=15)  # time to look at one home, with a telephone call in it
UNDO_WITHIN = timedelta(minutes=1)  # time to notice a slip of the hand
MOST_HELD = 5  # homes one reviewer may hold at once, as in several windows; more would be kept from the others


@dataclass(frozen=True)
class ReviewQueue:
    """The queue in a database; make the engine with ``open_store``.

    Every method raises :class:`~case_heating.errors.DatabaseError` where the database cannot be used, and then
    nothing of the change is kept.
    """

    engine: Engine

    def send(self, routed: pd.DataFrame, *, now: datetime) -> int:
        """Put homes into the queue; those already there get the new figures, those decided stay decided.

        Parameters
        ----------
        routed : DataFrame, shape (n_homes, n_columns)
            By ``home_id``, with ``heating_fuel``, ``probability_of_gas`` and ``risk_usd`` as from ``route``.
        now : datetime
            The moment, with its time zone.

        Returns
        -------
        int
            Homes that were not waiting before.
        """
        figures = routed[["heating_fuel", "probability_of_gas", "risk_usd"]].astype(object)
        rows = figures.where(figures.notna(), None).rename_axis("home_id").reset_index().to_dict("records")
        asked = {row["home_id"] for row in rows}
        with changing(self.engine) as connection:
            one_at_a_time(connection)
            there = asked.intersection(connection.execute(select(TASKS.c.home_id)).scalars())
            new = [row for row in rows if row["home_id"] not in there]
            if new:
                connection.execute(insert(TASKS), [row | {"state": "waiting", "sent_at": now} for row in new])
            again = change_state(connection, there, "withdrawn", "waiting")
            if there:
                change = update(TASKS).where(TASKS.c.home_id == bindparam("asked"), TASKS.c.state == "waiting")
                figures_of: dict[str, Any] = {name: bindparam(f"new_{name}") for name in figures.columns}
                told = [
                    {"asked": row["home_id"]} | {f"new_{name}": row[name] for name in figures.columns} for row in rows
                ]
                connection.execute(change.values(**figures_of), told)
            sent = [row["home_id"] for row in new] + again
            note(connection, sent, "sent", now)
        return len(sent)

    def withdraw(self, home_ids: Iterable[str], reason: str, *, now: datetime) -> int:
        """Take homes out that need no person any more; one that a reviewer holds stays until it is done.

        Returns
        -------
        int
            Homes taken out.
        """
        with changing(self.engine) as connection:
            gone = change_state(connection, home_ids, "waiting", "withdrawn")
            note(connection, gone, "withdrawn", now, reason=reason)
        return len(gone)

    def claim_next(self, reviewer: str, *, now: datetime, lease: timedelta = LEASE, another: bool = False) -> Claim:
        """Hand the riskiest waiting home to a reviewer; one who still holds a home gets that one again, renewed.

        Homes the reviewer has skipped come last; homes for which they asked a second opinion never come.

        Parameters
        ----------
        reviewer : str
            Who.
        now : datetime
            The moment, with its time zone.
        lease : timedelta, optional
            How long the home is theirs.
        another : bool, optional
            Hand out a home beside those the reviewer holds, as to another window of the same person.

        Raises
        ------
        EmptyQueueError
            If no home waits for this reviewer.
        ReviewError
            If they hold :data:`MOST_HELD` homes and ask for another.
        """
        check_reviewer(reviewer)
        with changing(self.engine) as connection:
            return_expired(connection, now)
            if another:
                check_hands_free(connection, reviewer, MOST_HELD)
            task = None if another else connection.execute(held_by(reviewer)).first()
            for first in waiting_for(reviewer):
                # where others lock these homes for a moment, wait for them rather than call the queue empty
                task = (
                    task
                    or connection.execute(first.with_for_update(skip_locked=True)).first()
                    or connection.execute(first.with_for_update()).first()
                )
            if task is None:
                raise empty_queue(connection, reviewer)
            return hand_out(connection, task, reviewer, now, now + lease)

    def claim(self, home_id: str, reviewer: str, *, now: datetime, lease: timedelta = LEASE) -> Claim:
        """Hand a certain home to a reviewer, or renew it where they hold it.

        Raises
        ------
        UnknownHomeError
            If the queue does not know the home.
        WrongReviewerError
            If another reviewer holds it, this one asked for a second opinion of it, or it is decided or withdrawn.
        ReviewError
            If they hold :data:`MOST_HELD` homes already.
        """
        check_reviewer(reviewer)
        with changing(self.engine) as connection:
            return_expired(connection, now)
            task = claimable_task(connection, home_id, reviewer, now)
            if task.state == "waiting":
                check_hands_free(connection, reviewer, MOST_HELD)
            return hand_out(connection, task, reviewer, now, now + lease)

    def decide(
        self,
        home_id: str,
        reviewer: str,
        heating_fuel: str,
        reason: str,
        *,
        now: datetime,
        true_since: date | None = None,
    ) -> None:
        """Decide a home one holds; it becomes a label with the source ``review``.

        Parameters
        ----------
        home_id, reviewer : str
            The home and who decides.
        heating_fuel : str
            One of the schema's heating fuels.
        reason : str
            What the reviewer saw, in words.
        now : datetime
            The moment, with its time zone; its day is when the utility knew.
        true_since : date, optional
            Day from which it is true; the day of the decision if not given.

        Raises
        ------
        UnknownHomeError, LeaseExpiredError, AlreadyDecidedError, WrongReviewerError
            If it is not this reviewer's to decide.
        ReviewError
            If the fuel is not known, the reason is empty, or the day lies in the future.
        """
        check_reason(reason)
        since = true_since or now.date()
        check_fuel(heating_fuel)
        if since > now.date():
            raise ReviewError(f"{since} lies after the day of the decision, {now.date()}; say a day that has come")
        with changing(self.engine) as connection:
            held_task(connection, home_id, reviewer, now)
            free(connection, home_id, "decided")
            note(
                connection,
                [home_id],
                "decided",
                now,
                reviewer=reviewer,
                heating_fuel=heating_fuel,
                true_since=since,
                reason=reason.strip(),
            )

    def skip(self, home_id: str, reviewer: str, *, now: datetime, reason: str = "") -> None:
        """Give a home one holds back to the others; it comes back to its skipper when nothing else is left.

        Raises
        ------
        UnknownHomeError, LeaseExpiredError, AlreadyDecidedError, WrongReviewerError
            If it is not this reviewer's.
        """
        with changing(self.engine) as connection:
            held_task(connection, home_id, reviewer, now)
            pass_on(connection, home_id, reviewer, barred=False)
            note(connection, [home_id], "skipped", now, reviewer=reviewer, reason=reason.strip())

    def ask_second_opinion(
        self, home_id: str, reviewer: str, reason: str, *, now: datetime, leaning: str | None = None
    ) -> None:
        """Leave the decision to somebody else, who sees this reviewer's reason and leaning.

        Raises
        ------
        UnknownHomeError, LeaseExpiredError, AlreadyDecidedError, WrongReviewerError
            If it is not this reviewer's.
        ReviewError
            If the reason is empty or the fuel leaned to is not known.
        """
        check_reason(reason)
        if leaning is not None:
            check_fuel(leaning)
        with changing(self.engine) as connection:
            held_task(connection, home_id, reviewer, now)
            pass_on(connection, home_id, reviewer, barred=True)
            told = reason.strip()
            note(connection, [home_id], "second_opinion", now, reviewer=reviewer, heating_fuel=leaning, reason=told)

    def undo(self, home_id: str, reviewer: str, *, now: datetime, within: timedelta = UNDO_WITHIN) -> Claim:
        """Take one's own decision back within a minute; the reviewer holds the home again.

        Raises
        ------
        UnknownHomeError
            If the queue does not know the home.
        AlreadyDecidedError
            If the minute is over.
        WrongReviewerError
            If the home is not decided, or somebody else decided it.
        """
        with changing(self.engine) as connection:
            task = task_of(connection, home_id)
            decision = standing_decision(trail_of(connection, home_id))
            if decision is None:
                raise WrongReviewerError(f"home {home_id} is not decided, so there is nothing to undo")
            if decision.reviewer != reviewer:
                raise WrongReviewerError(f"{decision.reviewer} decided home {home_id}; only they can undo it")
            if now - decision.at > within:
                ago_s, within_s = (now - decision.at).total_seconds(), within.total_seconds()
                raise AlreadyDecidedError(
                    f"home {home_id} was decided {ago_s:,.0f} seconds ago, and a decision can be undone within "
                    f"{within_s:,.0f}. If it is wrong bring a later label for this home"
                )
            until = now + LEASE
            hand_to(connection, home_id, reviewer, until)
            note(connection, [home_id], "undone", now, reviewer=reviewer, lease_until=until)
        return Claim(home_id, reviewer, until, task.heating_fuel, task.probability_of_gas, task.risk_usd, ())

    def return_expired(self, *, now: datetime) -> int:
        """Put homes back whose lease is over; claiming does it by itself.

        Returns
        -------
        int
            Homes put back.
        """
        with changing(self.engine) as connection:
            return return_expired(connection, now)

    def tasks(self) -> pd.DataFrame:
        """Read the queue, riskiest first, shape (n_homes, 8); columns as in the table ``review_tasks``."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(TASKS).order_by(TASKS.c.risk_usd.desc(), TASKS.c.home_id)).all()
        return pd.DataFrame(rows, columns=TASKS.columns.keys())
