"""The desk of a reviewer: figures of the queue, homes in hand, what can be undone, and one case in full."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from case_heating.errors import ReviewError, UnknownHomeError, WrongReviewerError
from case_heating.people.put_on_record import record_routing
from case_heating.people.records import RunOfAnswers
from case_heating.people.review import LEASE, MOST_HELD, ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_desk import answer_in_words, look_at_desk, open_case, riskiest
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.people.routing import route

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def queue(tmp_path):
    """Six homes that wait, a with 6 USD at stake, b with 5, and so on down to f with 1."""
    engine = open_store(sqlite_url(tmp_path))
    homes = pd.DataFrame(
        {"heating_fuel": "gas", "probability_of_gas": 0.6, "risk_usd": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]},
        index=pd.Index(list("abcdef"), name="home_id"),
    )
    queue = ReviewQueue(engine)
    queue.send(homes, now=NOW)
    yield queue
    engine.dispose()


def desk(queue, reviewer="ana", now=NOW):
    return look_at_desk(queue.engine, reviewer, now=now)


def test_the_queue_in_figures(queue):
    found = desk(queue)
    assert (found.waiting, found.for_me, found.with_others, found.decided) == (6, 6, 0, 0)
    assert found.at_stake_usd == 21.0
    queue.claim_next("ana", now=NOW)  # a
    queue.claim_next("ben", now=NOW)  # b
    queue.decide("b", "ben", "gas", "flue", now=NOW)
    queue.claim_next("ben", now=NOW)  # c
    queue.ask_second_opinion("a", "ana", "two meters", now=NOW)
    found = desk(queue)
    assert (found.waiting, found.for_me, found.with_others, found.decided) == (4, 3, 1, 1)  # a waits, not for ana
    assert found.at_stake_usd == 6 + 3 + 2 + 1
    assert (found.decided_today, desk(queue, "ben").decided_today) == (0, 1)
    assert desk(queue, "ben", NOW + timedelta(days=1)).decided_today == 0


def test_an_empty_queue(tmp_path):
    engine = open_store(sqlite_url(tmp_path))
    found = look_at_desk(engine, "ana", now=NOW)
    assert (found.waiting, found.for_me, found.at_stake_usd, found.in_hand, found.undoable) == (0, 0, 0.0, (), ())
    assert riskiest(engine, limit=5).empty
    engine.dispose()


def test_a_home_is_in_hand_until_its_time_is_over(queue):
    queue.claim_next("ana", now=NOW)
    assert [(one.home_id, one.lease_until) for one in desk(queue).in_hand] == [("a", NOW + LEASE)]
    over = desk(queue, now=NOW + LEASE)
    assert (over.in_hand, over.waiting) == ((), 6)
    assert open_case(queue.engine, "a", "ana", now=NOW + LEASE).may == "claim"


def test_a_decision_can_be_undone_for_a_minute(queue):
    queue.claim_next("ana", now=NOW)
    queue.decide("a", "ana", "gas", "flue", now=NOW)
    queue.claim_next("ana", now=NOW + SECOND)
    queue.decide("b", "ana", "other", "oil tank", now=NOW + SECOND)
    both = desk(queue, now=NOW + MINUTE).undoable
    assert [(one.home_id, one.heating_fuel, one.until) for one in both] == [
        ("b", "other", NOW + SECOND + MINUTE),
        ("a", "gas", NOW + MINUTE),
    ]
    assert desk(queue, "ben", NOW + MINUTE).undoable == ()
    queue.undo("b", "ana", now=NOW + MINUTE)
    assert [one.home_id for one in desk(queue, now=NOW + MINUTE).undoable] == ["a"]
    assert desk(queue, now=NOW + MINUTE + SECOND).undoable == ()
    assert desk(queue, now=NOW + MINUTE).decided_today == 1  # what was undone does not count


def test_another_window_of_the_same_person_gets_another_home(queue):
    first = queue.claim_next("ana", now=NOW)
    second = queue.claim_next("ana", now=NOW, another=True)
    assert (first.home_id, second.home_id) == ("a", "b")
    assert queue.claim_next("ana", now=NOW).home_id == "a"  # without another window it is the home in hand
    assert [one.home_id for one in desk(queue).in_hand] == ["a", "b"]


def test_nobody_hoards_the_queue(queue):
    for _ in range(MOST_HELD):
        queue.claim_next("ana", now=NOW, another=True)
    with pytest.raises(ReviewError, match="ana holds 5 homes already; decide or skip one"):
        queue.claim_next("ana", now=NOW, another=True)
    with pytest.raises(ReviewError, match="ana holds 5 homes already"):
        queue.claim("f", "ana", now=NOW)
    assert queue.claim("c", "ana", now=NOW + MINUTE).lease_until == NOW + MINUTE + LEASE  # one in hand is renewed
    assert queue.claim_next("ana", now=NOW + LEASE, another=True).home_id == "a"  # the others' time is over


def test_a_certain_home_is_claimed_if_it_is_theirs_to_take(queue):
    assert queue.claim("d", "ana", now=NOW).home_id == "d"
    with pytest.raises(WrongReviewerError, match="ana holds home d until 2026-03-02 09:15:00 UTC"):
        queue.claim("d", "ben", now=NOW)
    assert queue.claim("d", "ben", now=NOW + LEASE).reviewer == "ben"
    queue.ask_second_opinion("d", "ben", "two meters", now=NOW + LEASE)
    with pytest.raises(WrongReviewerError, match="another pair of eyes than ben's"):
        queue.claim("d", "ben", now=NOW + LEASE)
    queue.claim("d", "ana", now=NOW + LEASE)
    queue.decide("d", "ana", "gas", "flue", now=NOW + LEASE)
    with pytest.raises(WrongReviewerError, match="it is decided"):
        queue.claim("d", "ana", now=NOW + LEASE)
    with pytest.raises(UnknownHomeError, match="knows no home 'z' among its 6"):
        queue.claim("z", "ana", now=NOW)


def test_what_a_reviewer_may_do_with_a_home(queue):
    def may(home_id, reviewer="ana", now=NOW):
        case = open_case(queue.engine, home_id, reviewer, now=now)
        return case.may, case.why

    assert may("a") == ("claim", "")
    queue.claim_next("ana", now=NOW)
    assert may("a") == ("decide", "")
    assert may("a", "ben") == ("look", "ana holds this home until 2026-03-02 09:15:00 UTC.")
    queue.ask_second_opinion("a", "ana", "two meters", now=NOW, leaning="gas")
    assert may("a")[0] == "look"
    assert "somebody else decides it" in may("a")[1]
    assert may("a", "ben") == ("claim", "")
    queue.claim("a", "ben", now=NOW)
    queue.decide("a", "ben", "electricity", "heat pump", now=NOW)
    assert may("a") == ("look", "ben decided electricity on 2026-03-02: heat pump")
    queue.withdraw(["b"], "sure now", now=NOW)
    assert may("b") == ("look", "This home needs no person any more: the machine is sure by now, or a label came.")
    with pytest.raises(UnknownHomeError):
        may("z")


def test_a_case_tells_what_was_known_and_said(queue):
    answers = pd.Series([0.6], index=pd.Index(["a"], name="home_id"))
    costs = ReviewCosts()
    known = pd.DataFrame({"kwh_year": [12_172.4], "gas_service": [0.0]}, index=answers.index)
    record_routing(
        queue.engine,
        route(answers, costs),
        known,
        RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property"),
        costs,
        reasons=pd.Series([["It uses [much] gas."]], index=answers.index),
        now=NOW,
    )
    queue.claim_next("ana", now=NOW)
    queue.ask_second_opinion("a", "ana", "two meters", now=NOW, leaning="gas")
    case = open_case(queue.engine, "a", "ben", now=NOW)
    assert case.facts == ("used 12,172 kWh of electricity in a year", "no gas meter")
    assert case.record.reasons == ("It uses [much] gas.",)
    assert [(one.reviewer, one.heating_fuel, one.reason) for one in case.opinions] == [("ana", "gas", "two meters")]
    assert [one.action for one in case.trail] == ["sent", "claimed", "second_opinion"]
    assert f"and a look costs {costs.review_usd:,.2f} USD." in answer_in_words(case)
    assert open_case(queue.engine, "b", "ben", now=NOW).facts == ()


def test_the_riskiest_that_are_open(queue):
    queue.claim_next("ana", now=NOW)
    queue.withdraw(["b"], "sure now", now=NOW)
    assert riskiest(queue.engine, limit=2)["home_id"].tolist() == ["a", "c"]
