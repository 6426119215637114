"""A random sample for people to look at: drawn once, ahead of the queue, kept there, and labels of its own source."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from case_heating.errors import ReviewError
from case_heating.people import review_sample
from case_heating.people import route_answers as route_answers_module
from case_heating.people.records import RunOfAnswers, read_trail, source_of, why
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import read_review_labels
from case_heating.people.review_sample import Sample, send_sample
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.people.route_answers import route_answers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COSTS = ReviewCosts(gas_called_electric_usd=100.0, electric_called_gas_usd=50.0, review_usd=10.0)
RUN = RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property")
HOMES = pd.Index([f"h{number:02}" for number in range(40)], name="home_id")
FEATURES = pd.DataFrame({"rooms": 4.0}, index=HOMES)
ANSWERS = pd.DataFrame({"probability_of_gas": [0.99, 0.01] * 20, "seen": None}, index=HOMES)


@pytest.fixture(autouse=True)
def plain_words(monkeypatch):
    words = SimpleNamespace(reasons=("It is so.",), against="Nothing.")
    for module in (review_sample, route_answers_module):
        monkeypatch.setattr(module, "customer_words", lambda _: words)


@pytest.fixture
def queue(tmp_path):
    engine = open_store(sqlite_url(tmp_path))
    yield ReviewQueue(engine)
    engine.dispose()


def explain(features):
    return [SimpleNamespace(home_id=home) for home in features.index]


def sample(queue, n_homes=6, *, run=RUN, because="the watch asks", seed=0):
    return send_sample(
        queue.engine,
        ANSWERS,
        FEATURES,
        run,
        COSTS,
        n_homes=n_homes,
        because=because,
        seed=seed,
        explain=explain,
        now=NOW,
    )


def waiting(queue):
    return set(queue.tasks().query("state == 'waiting'")["home_id"])


def test_sure_homes_are_drawn_too_and_wait_ahead_of_unsure_ones(queue):
    queue.send(
        pd.DataFrame({"heating_fuel": "gas", "probability_of_gas": 0.55, "risk_usd": 22.5}, index=["x"]), now=NOW
    )
    assert sample(queue) == Sample(6, 6)
    assert len(waiting(queue) - {"x"}) == 6
    claim = queue.claim_next("ana", now=NOW)
    assert claim.home_id != "x"
    assert claim.risk_usd == (50.0 if claim.heating_fuel == "gas" else 100.0)
    assert why(queue.engine, claim.home_id, NOW.date()).record.reasons == ("It is so.", "Nothing.")
    assert source_of(queue.engine) == "embedded"


def test_the_same_sample_is_sent_once_and_another_day_draws_others(queue):
    sample(queue)
    first = waiting(queue)
    assert sample(queue) == Sample(6, 0)
    assert waiting(queue) == first
    later = sample(queue, run=replace(RUN, as_of=date(2026, 4, 1)))
    assert later == Sample(6, 6)
    assert waiting(queue) != first
    assert sample(queue, 1000, seed=1).drawn == 40


def test_routing_leaves_a_sample_in_the_queue_until_it_is_decided(queue):
    sample(queue)
    drawn = waiting(queue)
    route_answers(queue.engine, ANSWERS, FEATURES, RUN, COSTS, explain=explain, now=NOW)
    assert waiting(queue) == drawn  # the machine is sure of all of them


def test_decisions_on_a_sample_are_labels_of_an_audit_those_on_unsure_homes_of_a_review(queue):
    queue.send(pd.DataFrame({"heating_fuel": "gas", "probability_of_gas": 0.55, "risk_usd": 1.0}, index=["x"]), now=NOW)
    sample(queue, 2)
    for _ in range(3):
        claim = queue.claim_next("ana", now=NOW)
        queue.decide(claim.home_id, "ana", "gas", "furnace seen", now=NOW)
    labels = read_review_labels(queue.engine, "embedded").set_index("home_id")["source"]
    assert labels.pop("x") == "review"
    assert labels.tolist() == ["audit", "audit"]

    home = labels.index[0]
    queue.undo(home, "ana", now=NOW + timedelta(seconds=5))
    queue.decide(home, "ana", "electricity", "no, a heat pump", now=NOW + timedelta(seconds=9))
    labels = read_review_labels(queue.engine, "embedded").set_index("home_id")
    assert labels.loc[home, ["heating_fuel", "source"]].tolist() == ["electricity", "audit"]


def test_a_decided_home_is_looked_at_again_when_a_later_sample_draws_it(queue):
    sample(queue, 40)
    while waiting(queue):
        claim = queue.claim_next("ana", now=NOW)
        queue.decide(claim.home_id, "ana", "gas", "seen", now=NOW)
    assert sample(queue, 40) == Sample(40, 0)
    assert not waiting(queue)
    assert sample(queue, 40, run=replace(RUN, as_of=date(2026, 4, 1))) == Sample(40, 40)
    assert len(waiting(queue)) == 40


def test_a_sample_says_why_and_holds_somebody(queue):
    with pytest.raises(ReviewError, match="reason"):
        sample(queue, because=" ")
    with pytest.raises(ReviewError, match="a sample of 0 homes is none"):
        sample(queue, 0)
    sample(queue)
    trail = read_trail(queue.engine)
    assert set(trail.loc[trail["action"] == "sampled", "reason"]) == {
        "random sample of 6 homes as of 2026-03-01: the watch asks"
    }
