"""``heating fairness`` over a journey that was made before: exit codes, JSON that parses, the card on disk."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from case_heating import journey
from case_heating.edges import cli_fairness
from case_heating.model.evidence import Evidence
from case_heating.model.quality import compare

runner = CliRunner()


def planted(n=700):
    rng = np.random.default_rng(0)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    renter = rng.random(n) < 0.5
    is_gas = rng.random(n) < 0.5
    kwh = np.where(is_gas, 6000, 12_000) + rng.normal(0, 2500, n)
    features = pd.DataFrame({"kwh_year": kwh, "rooms": rng.integers(2, 9, n).astype(float)}, index=index)
    homes = pd.DataFrame({"district": pd.Series("d1", index=index, dtype="str")})
    sensitive = pd.DataFrame({"home_id": index.astype("str"), "tenure": np.where(renter, "renter", "owner")})
    labels = pd.DataFrame({"home_id": [], "heating_fuel": [], "event_time": [], "known_at": [], "source": []})
    tables = {"homes": homes.reset_index(), "labels": labels, "sensitive": sensitive.astype("str")}
    probability = np.where(renter & is_gas & (rng.random(n) < 0.5), 0.4, np.where(is_gas, 0.9, 0.1))
    evidence = Evidence(features, is_gas, homes, None, {"gas": 1, "electricity": 1}, n, date(2024, 1, 1))
    return tables, evidence, probability


@pytest.fixture
def app(monkeypatch):
    tables, evidence, probability = planted()
    rung = SimpleNamespace(
        stage="property",
        probability=probability,
        model=SimpleNamespace(booster=SimpleNamespace(num_trees=lambda: 10)),
        by_home=compare(evidence.is_gas, probability, np.full(len(probability), 0.5), rounds=10),
    )
    outcome = SimpleNamespace(
        source=SimpleNamespace(name="planted", about="700 planted homes"),
        trusted=SimpleNamespace(key="k", is_read=True, value=SimpleNamespace(tables=tables, as_of=date(2024, 1, 1))),
        features=SimpleNamespace(key="k", value=evidence.features),
        ladder=SimpleNamespace(key="k", value=SimpleNamespace(rungs=(rung,))),
        answers=SimpleNamespace(key="k"),
    )
    monkeypatch.setattr(journey, "run", lambda settings, progress, **_: outcome)
    monkeypatch.setattr("case_heating.journey.collect_evidence", lambda trusted, features, settings: evidence)
    made = typer.Typer()
    made.command()(cli_fairness.fairness)
    made.tables = tables
    return made


def test_json_parses_and_a_refusal_ends_with_one(app, tmp_path):
    result = runner.invoke(app, ["--json", "--workspace", str(tmp_path / "ws")])
    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    assert told["passed"] is False
    assert told["focus"] == {"trait": "tenure", "group": "renter"}
    assert any(reason.startswith("tenure renter") for reason in told["reasons"])
    assert {row["remedy"] for row in told["remedies"]} >= {"as it is", "reweighing", "a threshold per group"}
    assert Path(told["model_card"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "ws/7_fairness/planted/study/model_card.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "ws/7_fairness/planted/study/plots/fairness_errors.png").exists()


def test_words_name_the_group_and_the_card(app, tmp_path):
    result = runner.invoke(app, ["--workspace", str(tmp_path / "ws")], env={"COLUMNS": "200"})
    assert result.exit_code == 1, result.output
    assert "Fairness: refused." in result.output
    assert "tenure renter" in result.output
    assert "model_card.html" in result.output


def test_without_sensitive_table_it_is_not_passed(app, tmp_path):
    del app.tables["sensitive"]
    result = runner.invoke(app, ["--json", "--workspace", str(tmp_path / "ws")])
    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    assert told["passed"] is None
    assert told["figures"] == []
    assert told["decision"] is None


def test_the_cost_error_is_a_measure_where_it_is_known(app, tmp_path, monkeypatch):
    _, evidence, _ = planted()
    renter = app.tables["sensitive"]["tenure"] == "renter"
    error = pd.Series(np.where(renter, -300.0, 100.0), index=evidence.features.index)
    costs = pd.DataFrame({"error_usd": error, "cost_usd": 1000.0})
    monkeypatch.setattr(
        "case_heating.fairness_steps.judge_homes", lambda *_args, **_options: SimpleNamespace(costs=costs)
    )
    told = json.loads(runner.invoke(app, ["--json", "--workspace", str(tmp_path / "ws")]).stdout)
    assert told["cost_error_not_measured"] is None
    measured = {row["group"]: row["value"] for row in told["figures"] if row["measure"] == "cost_error_usd"}
    assert measured == {"renter": 300.0, "owner": 100.0}  # its size counts, not its sign
    assert any("30.0 of 100, 20.0 of 100 more" in reason for reason in told["reasons"])


def test_without_costs_it_is_said_that_their_error_was_not_measured(app, tmp_path):
    told = json.loads(runner.invoke(app, ["--json", "--workspace", str(tmp_path / "ws")]).stdout)
    assert "no bill has a cost" in told["cost_error_not_measured"]
    assert not [row for row in told["figures"] if row["measure"] == "cost_error_usd"]


def test_unknown_stage_is_refused(app):
    result = runner.invoke(app, ["--stage", "attic"])
    assert result.exit_code == 2
    assert "there is no stage 'attic'" in result.output.replace("\n", " ").replace("│", "").replace("  ", " ")
