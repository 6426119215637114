"""The record of what people did about the models: its two rows per act, its ends, and that nobody changes it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from case_heating.errors import HeatingError, RegistryError
from case_heating.people.acts import Act, on_record, read_acts
from case_heating.people.review_store import open_store, sqlite_url

EVENING = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-8)))  # the second of March in UTC


@pytest.fixture
def engine(tmp_path):
    engine = open_store(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    """A clock that goes on by a minute each time it is looked at."""
    moments = (EVENING + timedelta(minutes=number) for number in range(100))
    return lambda: next(moments)


def test_an_act_is_told_with_who_when_why_and_what_came_of_it(engine, clock):
    with on_record(engine, "retrain", by=" kim ", reason="new tariffs ", clock=clock) as outcome:
        (going_on,) = read_acts(engine)
        assert (going_on.state, going_on.outcome, going_on.ended) == ("begun", "", None)
        outcome.words = "version 2 serves now"
    (act,) = read_acts(engine)
    assert act == Act(
        act_id=going_on.act_id,
        what="retrain",
        by="kim",
        reason="new tariffs",
        begun=datetime(2026, 3, 2, 7, 30, tzinfo=UTC),
        day=date(2026, 3, 1),
        state="done",
        outcome="version 2 serves now",
        ended=datetime(2026, 3, 2, 7, 31, tzinfo=UTC),
    )


class Stopped(BaseException):
    pass


@pytest.mark.parametrize(
    ("raised", "state", "told"),
    [
        (RegistryError("no previous champion"), "failed", "no previous champion"),
        (ZeroDivisionError("a/0"), "failed", "this is a fault of the program (ZeroDivisionError: a/0)"),
        (Stopped(), "stopped", "it was stopped before it ended"),
    ],
)
def test_what_did_not_go_well_is_told_as_well(engine, clock, raised, state, told):
    with pytest.raises(type(raised)), on_record(engine, "roll back", by="kim", reason="bills", clock=clock):
        raise raised
    (act,) = read_acts(engine)
    assert (act.state, act.outcome) == (state, told)


@pytest.mark.parametrize(("by", "reason"), [("kim", "  "), ("", "bills")])
def test_nothing_is_done_without_a_name_and_a_reason(engine, clock, by, reason):
    done = []
    with (
        pytest.raises(HeatingError, match="needs a name and a reason"),
        on_record(engine, "retrain", by=by, reason=reason, clock=clock),
    ):
        done.append("it")
    assert (done, read_acts(engine)) == ([], ())


def test_the_latest_acts_come_first_and_each_has_its_own_end(engine, clock):
    for number in range(3):
        with on_record(engine, "pause", by="kim", reason=f"reason {number}", clock=clock) as outcome:
            outcome.words = f"end {number}"
    assert [(act.reason, act.outcome) for act in read_acts(engine, most=2)] == [
        ("reason 2", "end 2"),
        ("reason 1", "end 1"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE acts SET reason = 'nothing happened'",
        "DELETE FROM acts",
        "INSERT OR REPLACE INTO acts SELECT * FROM acts WHERE entry_id = 1",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_on_record(engine, clock, change):
    with on_record(engine, "pause", by="kim", reason="a test", clock=clock):
        pass
    before = read_acts(engine)
    with pytest.raises(SQLAlchemyError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))
    assert read_acts(engine) == before
