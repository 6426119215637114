"""``heating review`` and ``heating why``, from the outside."""

import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from case_heating.edges import cli_review
from case_heating.edges.console import PlainSpokenGroup
from case_heating.people.put_on_record import record_routing
from case_heating.people.records import RunOfAnswers
from case_heating.people.review import ReviewQueue
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.people.routing import route
from case_heating.workspace import open_workspace

app = typer.Typer(cls=PlainSpokenGroup, pretty_exceptions_enable=False)
app.add_typer(cli_review.app, name="review")
app.command("why")(cli_review.why)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace in which one home was accepted and two were sent to people."""
    root = tmp_path / "ws"
    monkeypatch.setenv("HEATING_WORKSPACE", str(root))
    monkeypatch.delenv("HEATING_DATABASE_URL", raising=False)
    monkeypatch.delenv("HEATING_REVIEWER", raising=False)
    open_workspace(root)
    return root


@pytest.fixture
def filled(workspace):
    engine = open_store(sqlite_url(workspace))
    probability = pd.Series({"h1": 0.97, "h2": 0.6, "h3": 0.7}).rename_axis("home_id")
    routed = route(probability, ReviewCosts())
    features = pd.DataFrame({"rooms": [4.0, 5.0, 6.0]}, index=routed.index)
    reasons = pd.Series([["It uses [much] gas."]] * 3, index=routed.index)
    run = RunOfAnswers("embedded", date(2026, 3, 1), "d1gest", "property")
    record_routing(engine, routed, features, run, ReviewCosts(), reasons=reasons, now=NOW)
    ReviewQueue(engine).send(routed[~routed["accepted"]], now=NOW)
    engine.dispose()
    return workspace


def call(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def numbers(*words: str, code: int = 0):
    return json.loads(call(*words, "--json", code=code))


def test_a_day_at_the_queue(filled, tmp_path) -> None:
    assert numbers("review", "list")["counts"] == {"waiting": 2}
    claimed = numbers("review", "next", "--as", "ana")
    assert claimed["home_id"] == "h2"  # 0.4 × 80 USD at risk, h3 only 0.3 × 80
    assert claimed["record"]["facts"] == {"rooms": 5.0}
    told = numbers("review", "list")
    assert [(home["home_id"], home["reviewer"]) for home in told["homes"]] == [("h2", "ana"), ("h3", None)]
    call("review", "second", "h2", "--as", "ana", "--reason", "two meters", "--leaning", "gas")
    assert numbers("review", "next", "--as", "ana")["home_id"] == "h3"
    call("review", "skip", "h3", "--as", "ana")
    assert numbers("review", "next", "--as", "ben")["opinions"][0]["reason"] == "two meters"
    call("review", "decide", "h2", "electricity", "--as", "ben", "--reason", "heat pump", "--since", "2026-01-15")
    call("review", "undo", "h2", "--as", "ben")
    call("review", "decide", "h2", "gas", "--as", "ben", "--reason", "both meters are gas", "--since", "2026-01-15")
    assert numbers("review", "list", "--state", "decided")["counts"] == {"decided": 1, "waiting": 1}

    labels = tmp_path / "labels.csv"
    assert numbers("review", "export", str(labels))["rows"] == 1
    row = pd.read_csv(labels).iloc[0]
    assert (row["home_id"], row["heating_fuel"], row["event_time"], row["source"]) == (
        "h2",
        "gas",
        "2026-01-15",
        "review",
    )
    trail = tmp_path / "trail.csv"
    call("review", "export", str(trail), "--trail")
    h2 = pd.read_csv(trail).query("home_id == 'h2'")
    assert h2["action"].tolist() == ["sent", "claimed", "second_opinion", "claimed", "decided", "undone", "decided"]

    assert numbers("why", "h2")["decided_by"] == "people"
    assert "both meters are gas" in call("why", "h2")


def test_why_tells_a_person_how_the_machine_decided(filled) -> None:
    told = call("why", "h1", "--on", "2027-03-02")
    assert "h1 on 2027-03-02: gas, accepted by the machine." in told
    assert "chance of gas 0.970" in told
    assert "It uses [much] gas." in told
    assert "4 rooms" in told
    assert "Model d1gest, stage property, embedded as of 2026-03-01" in told
    assert "The first that is written down about it is of 2026-03-02" in call("why", "h1", "--on", "2026-03-01")


def test_words_for_a_person(filled) -> None:
    assert "2 waiting" in call("review", "list")
    told = call("review", "next", "--as", "ana")
    assert "h2 is yours until" in told
    assert "5 rooms" in told
    assert "a label" in call("review", "decide", "h2", "gas", "--as", "ana", "--reason", "flue")


def test_an_empty_queue_is_no_error_of_the_users(workspace) -> None:
    assert "'heating review route' fills it" in call("review", "next", "--as", "ana", code=1)
    assert numbers("review", "next", "--as", "ana", code=1)["home_id"] is None
    assert "The queue is empty" in call("review", "list")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("why", "nobody"), "UnknownHomeError: nothing was ever written down about home 'nobody'"),
        (("review", "decide", "nobody", "gas", "--as", "ana", "--reason", "x"), "UnknownHomeError"),
        (("review", "decide", "h2", "gas", "--as", "ana", "--reason", "x"), "ana does not hold home h2"),
        (("review", "list", "--state", "lost"), "there is no state 'lost'"),
        (("review", "list", "--database", "mysql://x/y"), "mysql is not a database"),
        (("review", "next"), "--as"),
    ],
)
def test_what_is_refused_ends_with_2(filled, words: tuple[str, ...], told: str) -> None:
    assert told in call(*words, code=2)


def test_a_run_is_routed_and_its_costs_are_shown(workspace) -> None:
    small = ("--homes", "600")
    found = numbers("review", "costs", *small)
    assert (workspace / "review_costs.toml").exists()
    assert found["thresholds"] == {"gas": 0.9, "electricity": pytest.approx(1 - 8 / 120)}
    assert found["review_all_usd"] == 8 * found["n_homes"]
    assert found["measured_best_usd"] <= found["total_usd"]
    counts = numbers("review", "route", *small)
    assert counts["known"] + counts["accepted"] + counts["unsure"] == 600
    assert counts["written"] == counts["accepted"] + counts["unsure"]
    assert numbers("review", "list")["counts"] == {"waiting": counts["unsure"]}
    again = numbers("review", "route", *small)
    assert (again["written"], again["newly_sent"], again["unsure"]) == (0, 0, counts["unsure"])
    home = numbers("review", "next", "--as", "ana")
    assert 2 <= len(home["record"]["reasons"]) <= 5

    dear = workspace / "dear.toml"
    dear.write_text(ReviewCosts(120, 80, 1000).to_toml(), encoding="utf-8")
    assert numbers("review", "costs", "--costs", str(dear), *small)["n_sent"] == 0
    assert "accept every answer" in call("review", "costs", *small)


def test_anybody_says_that_an_answer_is_wrong_and_a_reviewer_sees_it(queue_workspace, own_copy, monkeypatch) -> None:
    monkeypatch.setenv("HEATING_WORKSPACE", str(own_copy(queue_workspace)))
    monkeypatch.delenv("HEATING_DATABASE_URL", raising=False)
    answers = pd.read_parquet(queue_workspace / "5_answers" / "embedded" / "answers.parquet")
    sure = answers["probability_of_gas"].idxmax()  # no run would ever send this home to people
    refused = call("review", "decide", sure, "gas", "--as", "ana", "--reason", "seen", code=2)
    assert f"heating review report {sure} --reason" in refused
    words = ("review", "report", sure, "--as", "ana", "--reason", "no [gas] meter there", "--says", "electricity")
    assert f"{sure}, which the machine says heats with gas, now waits for a reviewer, first in line" in call(*words)
    assert "ana said on" in call(*words, code=2)
    taken = numbers("review", "next", "--as", "ben")
    assert taken["home_id"] == sure
    assert "no [gas] meter there" in call("why", sure)
    assert taken["record"]["reasons"], "what the answer stood on is on record"
    unknown = call("review", "report", "h9", "--as", "ana", "--reason", "x", code=2)
    assert "embedded has no home 'h9' among its 600" in unknown
    assert "is no heating fuel" in call("review", "report", sure, "--as", "b", "--reason", "x", "--says", "tea", code=2)
