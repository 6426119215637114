"""Somebody says that an answer is wrong: the home waits for people, first in line, until one decides."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from case_heating.errors import ReviewError
from case_heating.people import route_answers as route_answers_module
from case_heating.people.records import RunOfAnswers, read_trail, source_of, why
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import standing_decisions
from case_heating.people.review_report import LONGEST_REASON, open_requests, report_wrong
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.people.route_answers import route_answers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COSTS = ReviewCosts(gas_called_electric_usd=100.0, electric_called_gas_usd=50.0, review_usd=10.0)
RUN = RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property")
FEATURES = pd.DataFrame({"rooms": [4.0, 5.0, 6.0]}, index=pd.Index(["a", "b", "c"], name="home_id"))


@pytest.fixture
def queue(tmp_path):
    engine = open_store(sqlite_url(tmp_path))
    yield ReviewQueue(engine)
    engine.dispose()


def report(queue: ReviewQueue, home: str = "a", gas: float = 0.99, by: str = "maria", **more: object) -> None:
    told = {"reporter": by, "reason": " No gas meter here. ", "run": RUN, "costs": COSTS, "now": NOW}
    told |= {"reasons": ("Its winter use is low.",), "heating_fuel": "electricity"} | more
    report_wrong(queue.engine, FEATURES.loc[[home]], gas, **told)


def route_all(queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch, **gas: float):
    words = SimpleNamespace(reasons=("It is so.",), against="Nothing.")
    monkeypatch.setattr(route_answers_module, "customer_words", lambda _: words)
    answers = pd.DataFrame({"probability_of_gas": pd.Series(gas), "seen": None})

    def explain(features: pd.DataFrame) -> list[SimpleNamespace]:
        return [SimpleNamespace(home_id=home) for home in features.index]

    return route_answers(queue.engine, answers, FEATURES, RUN, COSTS, explain=explain, now=NOW)


def send_unsure(queue: ReviewQueue, *homes: str) -> None:
    queue.send(
        pd.DataFrame({"heating_fuel": "gas", "probability_of_gas": 0.55, "risk_usd": 22.5}, index=list(homes)), now=NOW
    )


def test_a_reported_home_is_the_first_and_its_reviewer_sees_what_was_said(queue):
    send_unsure(queue, "b")
    report(queue)
    claim = queue.claim_next("ana", now=NOW)
    assert (claim.home_id, claim.risk_usd, claim.heating_fuel) == ("a", 50.0, "gas")
    (said,) = claim.opinions
    assert (said.action, said.reviewer, said.heating_fuel) == ("reported", "maria", "electricity")
    assert said.reason == "No gas meter here."


def test_the_answer_is_on_record_as_it_was_when_it_was_doubted(queue):
    report(queue)
    told = why(queue.engine, "a", NOW.date())
    assert (told.decided_by, told.record.probability_of_gas, told.record.facts) == ("nobody", 0.99, {"rooms": 4.0})
    assert (told.record.reasons, told.record.run) == (("Its winter use is low.",), RUN)
    assert source_of(queue.engine) == "embedded"


def test_an_electric_answer_has_the_other_price_at_stake(queue):
    report(queue, gas=0.02, heating_fuel=None)
    claim = queue.claim_next("ana", now=NOW)
    assert (claim.heating_fuel, claim.risk_usd, claim.opinions[0].heating_fuel) == ("electricity", 100.0, None)


def test_a_decided_home_is_decided_anew_and_counts_as_decided_until_then(queue):
    send_unsure(queue, "a")
    queue.claim_next("ana", now=NOW)
    queue.decide("a", "ana", "gas", "furnace", now=NOW)
    report(queue)
    assert standing_decisions(read_trail(queue.engine))["heating_fuel"].tolist() == ["gas"]
    queue.claim_next("ben", now=NOW)
    queue.decide("a", "ben", "electricity", "no meter indeed", now=NOW)
    assert standing_decisions(read_trail(queue.engine))["heating_fuel"].tolist() == ["electricity"]


def test_a_home_that_somebody_holds_stays_with_them(queue):
    send_unsure(queue, "a")
    queue.claim_next("ana", now=NOW)
    report(queue)
    assert queue.tasks().loc[0, ["state", "reviewer", "risk_usd"]].tolist() == ["held", "ana", 50.0]
    assert queue.claim_next("ana", now=NOW).opinions[0].reviewer == "maria"


def test_the_same_person_says_it_once_others_may_too(queue):
    report(queue)
    with pytest.raises(ReviewError, match=r"maria said on 2026-03-02 .* waits for a reviewer"):
        report(queue, now=NOW + timedelta(days=1))
    report(queue, by="tom")
    queue.claim_next("ana", now=NOW)
    queue.decide("a", "ana", "gas", "meter behind the hedge", now=NOW)
    report(queue, now=NOW + timedelta(days=2))
    assert open_requests(read_trail(queue.engine)) == {"a"}


def test_routing_neither_withdraws_nor_lowers_a_reported_home(queue, monkeypatch):
    report(queue)
    report(queue, home="b", gas=0.6)
    counts = route_all(queue, monkeypatch, a=0.99, b=0.6)
    assert (counts.accepted, counts.unsure, counts.newly_sent, counts.withdrawn) == (1, 1, 0, 0)
    assert queue.tasks().set_index("home_id")["risk_usd"].to_dict() == {"a": 50.0, "b": 50.0}


def test_a_report_is_open_until_a_decision_stands(queue):
    report(queue)
    queue.claim_next("ana", now=NOW)
    assert open_requests(read_trail(queue.engine)) == {"a"}
    queue.decide("a", "ana", "gas", "meter", now=NOW)
    assert open_requests(read_trail(queue.engine)) == frozenset()
    queue.undo("a", "ana", now=NOW)
    assert open_requests(read_trail(queue.engine)) == {"a"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": "  "}, "the reason is empty"),
        ({"reason": "x" * (LONGEST_REASON + 1)}, "1,001 letters; say it in 1,000 or fewer"),
        ({"heating_fuel": "steam"}, "'steam' is no heating fuel"),
        ({"by": " "}, "has no name"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_and_nothing_is_kept(queue, more, words):
    with pytest.raises(ReviewError, match=words):
        report(queue, **more)
    assert queue.tasks().empty
    assert source_of(queue.engine) is None


def test_homes_of_another_source_are_not_mixed_in(queue):
    report(queue)
    with pytest.raises(ReviewError, match="holds homes of embedded"):
        report(queue, home="b", run=RunOfAnswers("recs2015", RUN.as_of, "d", "property"))
    assert queue.tasks()["home_id"].tolist() == ["a"]
