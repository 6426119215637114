"""The review queue, on SQLite always and on PostgreSQL where one is given."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from case_heating.errors import (
    AlreadyDecidedError,
    DatabaseError,
    EmptyQueueError,
    LeaseExpiredError,
    ReviewError,
    UnknownHomeError,
    WrongReviewerError,
)
from case_heating.features.known import known_labels
from case_heating.people.put_on_record import record_routing
from case_heating.people.records import RunOfAnswers, read_trail, source_of, why
from case_heating.people.review import LEASE, ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import labels_from_decisions, standing_decisions, with_review_labels
from case_heating.people.review_store import APPEND_ONLY, open_store, sqlite_url
from case_heating.people.routing import route

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database, dropped afterwards."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    server = os.environ.get("HEATING_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("HEATING_TEST_POSTGRES_URL names no PostgreSQL; '.ci/postgres start' starts one and prints its URL")
    name = f"review_{uuid4().hex}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield address.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def queue(url):
    engine = open_store(url)
    yield ReviewQueue(engine)
    engine.dispose()


def unsure(*homes: str) -> pd.DataFrame:
    """Homes whose risk falls in the order given."""
    risks = [float(len(homes) - place) for place in range(len(homes))]
    frame = pd.DataFrame({"heating_fuel": "gas", "probability_of_gas": 0.55, "risk_usd": risks}, index=list(homes))
    return frame.rename_axis("home_id")


def actions(queue: ReviewQueue, home_id: str) -> list[tuple[str, str | None]]:
    trail = read_trail(queue.engine)
    mine = trail[trail["home_id"] == home_id]
    return [
        (action, None if pd.isna(who) else who) for action, who in zip(mine["action"], mine["reviewer"], strict=True)
    ]


def test_the_riskiest_home_comes_first_and_nobody_else_gets_it(queue) -> None:
    assert queue.send(unsure("a", "b", "c"), now=NOW) == 3
    ana, ben = queue.claim_next("ana", now=NOW), queue.claim_next("ben", now=NOW)
    assert (ana.home_id, ben.home_id) == ("a", "b")
    assert (ana.risk_usd, ana.heating_fuel, ana.probability_of_gas) == (3.0, "gas", 0.55)
    assert ana.lease_until == NOW + LEASE


def test_a_reviewer_who_asks_again_gets_the_same_home_with_a_new_lease(queue) -> None:
    queue.send(unsure("a", "b"), now=NOW)
    queue.claim_next("ana", now=NOW)
    again = queue.claim_next("ana", now=NOW + 5 * MINUTE)
    assert (again.home_id, again.lease_until) == ("a", NOW + 5 * MINUTE + LEASE)
    assert actions(queue, "a") == [("sent", None), ("claimed", "ana"), ("renewed", "ana")]


def test_a_decision_becomes_a_label_that_the_next_training_uses(queue, tiny_tables) -> None:
    queue.send(unsure("h4"), now=NOW)
    queue.claim_next("ana", now=NOW)
    queue.decide("h4", "ana", "electricity", " Heat pump on the photo. ", now=NOW, true_since=date(2025, 11, 1))
    decisions = standing_decisions(read_trail(queue.engine))
    assert decisions["reason"].tolist() == ["Heat pump on the photo."]
    labels = labels_from_decisions(decisions)
    assert labels.to_dict("records") == [
        {
            "home_id": "h4",
            "heating_fuel": "electricity",
            "event_time": pd.Timestamp("2025-11-01"),
            "known_at": pd.Timestamp("2026-03-02"),
            "source": "review",
        }
    ]
    assert labels.dtypes.equals(tiny_tables["labels"].dtypes)
    joined = with_review_labels(tiny_tables, labels)
    assert "h4" not in known_labels(tiny_tables["labels"], as_of=date(2026, 3, 2))
    assert known_labels(joined["labels"], as_of=date(2026, 3, 2))["h4"] == "electricity"
    assert "h4" not in known_labels(joined["labels"], as_of=date(2026, 3, 1))  # not known the day before


def test_a_review_overrules_an_older_label(tiny_tables) -> None:
    trail = pd.DataFrame(
        {
            "home_id": ["h1"],
            "action": ["decided"],
            "heating_fuel": ["electricity"],
            "true_since": [date(2026, 3, 2)],
            "day": [date(2026, 3, 2)],
        }
    )
    labels = labels_from_decisions(standing_decisions(trail))
    joined = with_review_labels(tiny_tables, labels)["labels"]
    assert known_labels(joined, as_of=date(2026, 3, 1))["h1"] == "gas"
    assert known_labels(joined, as_of=date(2026, 3, 2))["h1"] == "electricity"


def test_labels_where_the_utility_has_none_or_nobody_decided(tiny_tables) -> None:
    trail = pd.DataFrame(
        {
            "home_id": ["h1", "elsewhere"],
            "action": ["decided", "decided"],
            "heating_fuel": ["gas", "gas"],
            "true_since": [date(2026, 3, 2)] * 2,
            "day": [date(2026, 3, 2)] * 2,
        }
    )
    without = {name: frame for name, frame in tiny_tables.items() if name != "labels"}
    labels = labels_from_decisions(standing_decisions(trail))
    assert with_review_labels(without, labels)["labels"]["home_id"].tolist() == ["h1"]  # "elsewhere" is no home of ours
    none = labels_from_decisions(standing_decisions(trail.iloc[:0]))
    assert with_review_labels(tiny_tables, none) is tiny_tables


def test_a_decided_home_stays_decided(queue) -> None:
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    queue.decide("a", "ana", "gas", "flue", now=NOW)
    with pytest.raises(AlreadyDecidedError, match="ana decided gas on 2026-03-02"):
        queue.decide("a", "ana", "electricity", "no flue", now=NOW)
    assert queue.send(unsure("a"), now=NOW) == 0
    with pytest.raises(EmptyQueueError, match="all is done"):
        queue.claim_next("ben", now=NOW)


def test_who_does_not_hold_a_home_cannot_decide_it(queue) -> None:
    queue.send(unsure("a"), now=NOW)
    with pytest.raises(WrongReviewerError, match="ben does not hold home a: it is waiting"):
        queue.decide("a", "ben", "gas", "flue", now=NOW)
    queue.claim_next("ana", now=NOW)
    with pytest.raises(WrongReviewerError, match="ana holds home a until 2026-03-02 09:15:00 UTC"):
        queue.decide("a", "ben", "gas", "flue", now=NOW)
    assert actions(queue, "a") == [("sent", None), ("claimed", "ana")]


@pytest.mark.parametrize("somebody_looked", [False, True])
def test_a_lease_that_is_over_decides_nothing(queue, somebody_looked: bool) -> None:
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    over = NOW + LEASE
    if somebody_looked:
        assert queue.return_expired(now=over) == 1
    with pytest.raises(LeaseExpiredError, match=r"ana held home a until 2026-03-02 09:15:00 UTC.*heating review next"):
        queue.decide("a", "ana", "gas", "flue", now=over)
    assert queue.claim_next("ben", now=over).home_id == "a"
    assert actions(queue, "a") == [("sent", None), ("claimed", "ana"), ("expired", "ana"), ("claimed", "ben")]


def test_a_lease_holds_to_its_last_moment(queue) -> None:
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    last = NOW + LEASE - timedelta(microseconds=1)
    assert queue.return_expired(now=last) == 0
    with pytest.raises(EmptyQueueError, match="1 held"):
        queue.claim_next("ben", now=last)
    queue.decide("a", "ana", "gas", "flue", now=last)


def test_a_skipped_home_goes_to_others_and_comes_back_last(queue) -> None:
    queue.send(unsure("a", "b"), now=NOW)
    queue.claim_next("ana", now=NOW)
    queue.skip("a", "ana", now=NOW, reason="photo missing")
    assert queue.claim_next("ana", now=NOW).home_id == "b"
    assert queue.claim_next("ben", now=NOW).home_id == "a"
    queue.skip("a", "ben", now=NOW)
    queue.decide("b", "ana", "gas", "flue", now=NOW)
    assert queue.claim_next("ana", now=NOW).home_id == "a"


def test_a_second_opinion_is_somebody_elses_and_sees_the_first(queue) -> None:
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    queue.ask_second_opinion("a", "ana", "the bills say gas, the photo says heat pump", now=NOW, leaning="gas")
    with pytest.raises(EmptyQueueError, match="another pair of eyes"):
        queue.claim_next("ana", now=NOW)
    claim = queue.claim_next("ben", now=NOW)
    assert [(o.reviewer, o.heating_fuel) for o in claim.opinions] == [("ana", "gas")]
    assert "photo says heat pump" in claim.opinions[0].reason
    queue.decide("a", "ben", "electricity", "the bills are the neighbour's", now=NOW)
    assert standing_decisions(read_trail(queue.engine))["heating_fuel"].tolist() == ["electricity"]


def test_a_decision_is_undone_within_a_minute(queue) -> None:
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    queue.decide("a", "ana", "gas", "flue", now=NOW)
    with pytest.raises(WrongReviewerError, match="only they can undo"):
        queue.undo("a", "ben", now=NOW)
    assert queue.undo("a", "ana", now=NOW + MINUTE).lease_until == NOW + MINUTE + LEASE
    assert standing_decisions(read_trail(queue.engine)).empty
    with pytest.raises(WrongReviewerError, match="nothing to undo"):
        queue.undo("a", "ana", now=NOW + MINUTE)
    queue.decide("a", "ana", "electricity", "no flue", now=NOW + MINUTE)
    with pytest.raises(AlreadyDecidedError, match="61 seconds ago"):
        queue.undo("a", "ana", now=NOW + 2 * MINUTE + timedelta(seconds=1))
    assert standing_decisions(read_trail(queue.engine))["heating_fuel"].tolist() == ["electricity"]


def test_a_withdrawn_home_waits_no_more_until_it_is_sent_again(queue) -> None:
    queue.send(unsure("a", "b"), now=NOW)
    queue.claim_next("ana", now=NOW)
    assert queue.withdraw(["a", "b", "unheard of"], "the machine is sure now", now=NOW) == 1  # ana keeps hers
    assert queue.tasks().set_index("home_id")["state"].to_dict() == {"a": "held", "b": "withdrawn"}
    assert queue.send(unsure("b"), now=NOW) == 1
    assert [action for action, _ in actions(queue, "b")] == ["sent", "withdrawn", "sent"]


def test_homes_sent_again_get_their_new_figures(queue) -> None:
    queue.send(unsure("a", "b"), now=NOW)
    assert queue.send(unsure("b", "a"), now=NOW) == 0
    assert queue.claim_next("ana", now=NOW).home_id == "b"


def test_more_homes_than_a_statement_takes(queue) -> None:
    homes = [f"h{i:04}" for i in range(1201)]
    queue.send(unsure(*homes), now=NOW)
    assert queue.withdraw(homes, "a label came", now=NOW) == 1201


def test_what_is_refused_in_words(queue) -> None:
    with pytest.raises(EmptyQueueError, match="heating review route"):
        queue.claim_next("ana", now=NOW)
    queue.send(unsure("a"), now=NOW)
    queue.claim_next("ana", now=NOW)
    with pytest.raises(UnknownHomeError, match="knows no home 'z' among its 1"):
        queue.decide("z", "ana", "gas", "flue", now=NOW)
    with pytest.raises(UnknownHomeError):
        queue.undo("z", "ana", now=NOW)
    with pytest.raises(ReviewError, match="'coal' is no heating fuel; there are gas, electricity, other, none"):
        queue.decide("a", "ana", "coal", "heap of coal", now=NOW)
    with pytest.raises(ReviewError, match="reason is empty"):
        queue.decide("a", "ana", "gas", "  ", now=NOW)
    with pytest.raises(ReviewError, match="2026-03-03 lies after"):
        queue.decide("a", "ana", "gas", "flue", now=NOW, true_since=date(2026, 3, 3))
    with pytest.raises(ReviewError, match="has no name"):
        queue.claim_next(" ", now=NOW)
    assert actions(queue, "a") == [("sent", None), ("claimed", "ana")]


def test_the_day_is_the_reviewers_own(queue) -> None:
    in_denver = datetime(2026, 3, 2, 20, 0, tzinfo=timezone(timedelta(hours=-7)))  # 03:00 of the next day in UTC
    queue.send(unsure("a"), now=in_denver)
    queue.claim_next("ana", now=in_denver)
    queue.decide("a", "ana", "gas", "flue", now=in_denver)
    labels = labels_from_decisions(standing_decisions(read_trail(queue.engine)))
    assert labels["known_at"].tolist() == [pd.Timestamp("2026-03-02")]
    assert read_trail(queue.engine)["at"].iloc[0] == pd.Timestamp("2026-03-03 03:00", tz="UTC")


def test_either_database_tells_why(queue) -> None:
    _write_something_everywhere(queue)
    queue.claim_next("ana", now=NOW)
    told = why(queue.engine, "a", date(2026, 3, 2))
    assert (told.decided_by, told.record.facts, told.record.reasons) == (
        "nobody",
        {"rooms": 4.0},
        ("It has four rooms.",),
    )
    assert [(entry.action, entry.at) for entry in told.trail] == [("sent", NOW), ("claimed", NOW)]
    assert source_of(queue.engine) == "embedded"


CHANGES = {
    "sqlite": ["INSERT OR REPLACE INTO {table} SELECT * FROM {table}"],
    "postgresql": ["TRUNCATE {table} CASCADE"],
}


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
def test_the_database_refuses_to_change_what_was_written(queue, table: str) -> None:
    _write_something_everywhere(queue)
    before = _content(queue, table)
    assert before
    column = "source" if table == "routings" else "home_id"
    changes = [f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"]
    for change in changes + CHANGES[queue.engine.dialect.name]:
        with pytest.raises(SQLAlchemyError, match="append-only"), queue.engine.begin() as connection:
            connection.execute(text(change.format(table=table)))
        assert _content(queue, table) == before


def test_a_database_that_is_none(tmp_path) -> None:
    with pytest.raises(DatabaseError, match="cannot be read"):
        open_store("not a url")
    with pytest.raises(DatabaseError, match="mysql is not a database"):
        open_store("mysql://somewhere/x")
    with pytest.raises(DatabaseError, match="unable to open database file"):
        open_store(sqlite_url(tmp_path / "no" / "such" / "folder"))
    with pytest.raises(DatabaseError) as caught:
        open_store("postgresql://ana:geheim@127.0.0.1:1/x")
    assert "geheim" not in str(caught.value)
    (tmp_path / "review.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(DatabaseError, match=r"file is not a database\. Put a copy of it back"):
        open_store(sqlite_url(tmp_path))
    assert "Check that it runs" in str(caught.value)


WORKER = """
import sys, time
from datetime import datetime, timedelta
from case_heating.errors import EmptyQueueError
from case_heating.people.review import ReviewQueue
from case_heating.people.review_store import open_store

url, name, now, dies_after = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])
queue = ReviewQueue(open_store(url))
done = 0
while True:
    try:
        claim = queue.claim_next(name, now=now)
    except EmptyQueueError:
        break
    if done == dies_after:
        print(claim.home_id, flush=True)
        time.sleep(600)
    queue.decide(claim.home_id, name, "gas", "seen", now=now)
    done += 1
    if done == 20 and dies_after < 0:
        print("ready", flush=True)
        sys.stdin.readline()
print(done, flush=True)
"""


def test_eight_workers_decide_2000_homes_once_each_though_one_is_killed(queue, url) -> None:
    homes = [f"h{i:04}" for i in range(2000)]
    queue.send(unsure(*homes), now=NOW)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url, f"w{number}", NOW.isoformat(), "20" if number == 0 else "-1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    try:
        lost = workers[0].stdout.readline().strip()
        assert lost, workers[0].stderr.read()
        for worker in workers[1:]:  # each has decided twenty while the others did, so that none is left out
            assert worker.stdout.readline() == "ready\n", worker.stderr.read()
        for worker in workers[1:]:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        workers[0].send_signal(signal.SIGKILL)
        counts = []
        for worker in workers[1:]:
            out, err = worker.communicate(timeout=300)
            assert worker.returncode == 0, err
            counts.append(int(out))
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            for pipe in (worker.stdin, worker.stdout, worker.stderr):
                pipe.close()

    assert sum(counts) == 2000 - 20 - 1
    tasks = queue.tasks().set_index("home_id")
    assert tasks.index[tasks["state"] != "decided"].tolist() == [lost]
    assert (tasks.loc[lost, "state"], tasks.loc[lost, "reviewer"]) == ("held", "w0")
    with pytest.raises(EmptyQueueError):
        queue.claim_next("w1", now=NOW)

    later = NOW + LEASE
    assert queue.claim_next("w1", now=later).home_id == lost
    queue.decide(lost, "w1", "gas", "seen", now=later)
    trail = read_trail(queue.engine)
    decided = trail[trail["action"] == "decided"]
    assert sorted(decided["home_id"]) == homes  # none lost, none twice
    # a home was never handed out again while somebody held it: before each claim but the first lies an expiry
    claims = trail[trail["action"].isin(["claimed", "expired"])].groupby("home_id")["action"].agg(list)
    assert claims.drop(lost).map(tuple).unique().tolist() == [("claimed",)]
    assert claims[lost] == ["claimed", "expired", "claimed"]
    assert decided.drop(decided.index[-1])["reviewer"].nunique() == 8  # all took part


def _content(queue: ReviewQueue, table: str) -> list[tuple]:
    with queue.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]


def _write_something_everywhere(queue: ReviewQueue) -> None:
    routed = route(pd.Series([0.6], index=pd.Index(["a"], name="home_id")), ReviewCosts())
    features = pd.DataFrame({"rooms": [4.0]}, index=routed.index)
    reasons = pd.Series([["It has four rooms."]], index=routed.index)
    run = RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property")
    record_routing(queue.engine, routed, features, run, ReviewCosts(), reasons=reasons, now=NOW)
    queue.send(routed, now=NOW)
