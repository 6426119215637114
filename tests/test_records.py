"""What is on record, and how a home was decided when asked a year later."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ReviewError, UnknownHomeError
from case_heating.people import route_answers as route_answers_module
from case_heating.people.put_on_record import record_routing
from case_heating.people.records import Record, RunOfAnswers, read_trail, source_of, why
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_labels import read_review_labels
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.people.route_answers import RoutingCounts, route_answers
from case_heating.people.routing import route

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COSTS = ReviewCosts(gas_called_electric_usd=100.0, electric_called_gas_usd=50.0, review_usd=10.0)
RUN = RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property")


@pytest.fixture
def engine(tmp_path):
    opened = open_store(sqlite_url(tmp_path))
    yield opened
    opened.dispose()


def homes(**probabilities: float) -> pd.Series:
    return pd.Series(probabilities).rename_axis("home_id")


def features_of(index: pd.Index) -> pd.DataFrame:
    frame = pd.DataFrame({"rooms": 4.0, "kwh_year": np.nan, "district": "Ñuñoa", "pool": False}, index=index)
    frame.loc[frame.index[0], "kwh_year"] = 0.1 + 0.2
    return frame


def write(engine, probabilities: pd.Series, *, run: RunOfAnswers = RUN, costs=COSTS, now: datetime = NOW) -> int:
    routed = route(probabilities, costs)
    reasons = pd.Series([[f"Reason of {home}.", "It's cold — 3 °F."] for home in routed.index], index=routed.index)
    return record_routing(engine, routed, features_of(routed.index), run, costs, reasons=reasons, now=now)


def test_an_acceptance_is_told_as_it_was_a_year_later(engine) -> None:
    assert write(engine, homes(a=0.95, b=0.6)) == 2
    told = why(engine, "a", date(2027, 3, 2))
    assert (told.decided_by, told.heating_fuel, told.trail, told.first_day) == ("machine", "gas", (), date(2026, 3, 2))
    assert told.record == Record(
        home_id="a",
        at=NOW,
        day=date(2026, 3, 2),
        run=RUN,
        costs=COSTS,
        accepted=True,
        heating_fuel="gas",
        probability_of_gas=0.95,
        threshold=0.8,
        risk_usd=pytest.approx(2.5),
        reasons=("Reason of a.", "It's cold — 3 °F."),
        facts={"rooms": 4.0, "kwh_year": 0.1 + 0.2, "district": "Ñuñoa", "pool": False},
    )
    unsure = why(engine, "b", date(2026, 3, 2))
    assert (unsure.decided_by, unsure.heating_fuel, unsure.record.accepted) == ("nobody", None, False)
    assert unsure.record.facts == {"rooms": 4.0, "district": "Ñuñoa", "pool": False}  # what is missing was not known


def test_a_later_run_does_not_change_what_was_said_before(engine) -> None:
    write(engine, homes(a=0.95))
    later = NOW + timedelta(days=30)
    write(engine, homes(a=0.05), run=RunOfAnswers("embedded", later.date(), "n3w", "monthly"), now=later)
    assert why(engine, "a", date(2026, 3, 31)).heating_fuel == "gas"
    assert why(engine, "a", date(2026, 3, 31)).record.run.model_digest == "d1gest"
    assert why(engine, "a", date(2026, 4, 1)).heating_fuel == "electricity"
    assert why(engine, "a", date(2026, 4, 1)).record.run.model_digest == "n3w"


def test_people_have_the_last_word_from_the_day_they_spoke(engine) -> None:
    write(engine, homes(a=0.6))
    queue = ReviewQueue(engine)
    queue.send(route(homes(a=0.6), COSTS), now=NOW)
    next_day = NOW + timedelta(days=1)
    queue.claim_next("ana", now=next_day)
    queue.decide("a", "ana", "other", "wood stove", now=next_day)
    assert why(engine, "a", date(2026, 3, 2)).decided_by == "nobody"
    told = why(engine, "a", date(2026, 3, 3))
    assert (told.decided_by, told.heating_fuel) == ("people", "other")
    assert [entry.action for entry in told.trail] == ["sent", "claimed", "decided"]
    assert told.trail[-1].reason == "wood stove"
    queue.undo("a", "ana", now=next_day)
    assert why(engine, "a", date(2026, 3, 3)).decided_by == "nobody"


def test_before_anything_was_written_and_of_whom_nothing_ever_was(engine) -> None:
    write(engine, homes(a=0.95))
    told = why(engine, "a", date(2026, 3, 1))
    assert (told.decided_by, told.record, told.first_day) == ("nobody", None, date(2026, 3, 2))
    with pytest.raises(UnknownHomeError, match=r"'z'.*heating review route"):
        why(engine, "z", date(2026, 3, 2))


def test_the_same_run_is_written_once_and_a_changed_one_again(engine) -> None:
    assert write(engine, homes(a=0.95)) == 1
    assert write(engine, homes(a=0.95), now=NOW + timedelta(hours=1)) == 0
    assert write(engine, homes(a=0.95), costs=ReviewCosts(100, 1000, 10)) == 1
    assert why(engine, "a", date(2026, 3, 2)).decided_by == "nobody"  # 0.05 × 1000 > 10


def test_a_home_without_a_probability_is_on_record(engine) -> None:
    write(engine, homes(a=np.nan))
    record = why(engine, "a", date(2026, 3, 2)).record
    assert (record.probability_of_gas, record.accepted) == (None, False)


def test_what_could_not_be_explained_later_is_refused_and_nothing_written(engine) -> None:
    routed = route(homes(a=0.95, b=0.9), COSTS)
    features = features_of(routed.index)
    reasons = pd.Series([["x"]] * 2, index=routed.index)
    with pytest.raises(ReviewError, match=r"1 of 2 routed homes have no reasons .first: b"):
        record_routing(engine, routed, features, RUN, COSTS, reasons=reasons.iloc[:1], now=NOW)
    with pytest.raises(ReviewError, match=r"no features .first: a"):
        record_routing(engine, routed, features.iloc[1:], RUN, COSTS, reasons=reasons, now=NOW)
    assert source_of(engine) is None


def test_homes_of_another_source_are_refused(engine) -> None:
    write(engine, homes(a=0.95))
    assert source_of(engine) == "embedded"
    with pytest.raises(ReviewError, match="holds homes of embedded, and recs2015"):
        write(engine, homes(a=0.95), run=RunOfAnswers("recs2015", date(2026, 3, 1), "d1gest", "property"))


def test_a_run_of_no_homes(engine) -> None:
    empty = pd.Series([], dtype=float, index=pd.Index([], dtype="str", name="home_id"))
    routed = route(empty, COSTS)
    frame = pd.DataFrame({"rooms": []}, index=empty.index)
    assert record_routing(engine, routed, frame, RUN, COSTS, reasons=empty.astype(object), now=NOW) == 0


def test_answers_are_routed_recorded_and_the_queue_kept_in_step(engine, monkeypatch) -> None:
    words = SimpleNamespace(reasons=("It is so.",), against="Nothing speaks against it.")
    monkeypatch.setattr(route_answers_module, "customer_words", lambda _one: words)

    def explain(features: pd.DataFrame):
        return [SimpleNamespace(home_id=home) for home in features.index]

    index = pd.Index(["sure", "unsure", "seen", "swings"], name="home_id")
    answers = pd.DataFrame(
        {"probability_of_gas": [0.95, 0.6, 0.6, 0.7], "seen": [None, None, "gas", None]}, index=index
    )
    features = features_of(index)
    first = route_answers(engine, answers, features, RUN, COSTS, explain=explain, now=NOW)
    assert first == RoutingCounts(known=1, accepted=1, unsure=2, newly_sent=2, withdrawn=0, written=3)
    again = route_answers(engine, answers, features, RUN, COSTS, explain=explain, now=NOW)
    assert again == RoutingCounts(known=1, accepted=1, unsure=2, newly_sent=0, withdrawn=0, written=0)

    queue = ReviewQueue(engine)
    assert queue.claim_next("ana", now=NOW).home_id == "unsure"
    queue.decide("unsure", "ana", "electricity", "heat pump", now=NOW)
    answers.loc["swings", "probability_of_gas"] = 0.9
    run = RunOfAnswers("embedded", date(2026, 4, 1), "n3w", "property")
    later = NOW + timedelta(days=30)
    third = route_answers(engine, answers, features, run, COSTS, explain=explain, now=later)
    assert third == RoutingCounts(known=2, accepted=2, unsure=0, newly_sent=0, withdrawn=1, written=2)
    assert read_review_labels(engine, "embedded")["home_id"].tolist() == ["unsure"]
    assert read_review_labels(engine, "recs2015").empty  # it may have a home of that name
    assert why(engine, "swings", later.date()).decided_by == "machine"
    assert why(engine, "sure", NOW.date()).record.reasons == ("It is so.", "Nothing speaks against it.")
    assert read_trail(engine)["action"].tolist() == ["sent", "sent", "claimed", "decided", "withdrawn"]
