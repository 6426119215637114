"""What people decide is learned from by the next run, and what a run was asked for need not be said again."""

import json

import pytest
from typer.testing import CliRunner

from case_heating.edges.cli import app
from case_heating.edges.main_job import rung_of, settings_of_last_run
from case_heating.errors import SourceError


def heating(*words):
    environment = {"HEATING_WORKSPACE": None, "HEATING_DATABASE_URL": None, "COLUMNS": "200"}
    result = CliRunner(env=environment).invoke(app, [str(word) for word in (*words, "--json")])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_decision_is_learned_from_by_the_next_run(write_town, tmp_path):
    where = ("--workspace", tmp_path / "work")
    source = ("--source", write_town(tmp_path / "town"))
    before = heating("run", *source, *where)
    costs = tmp_path / "costs.toml"
    costs.write_text("gas_called_electric_usd = 900\nelectric_called_gas_usd = 900\nreview_usd = 1\n")
    sent = heating("review", "route", *source, *where, "--costs", costs)
    assert sent["newly_sent"] > 0
    claimed = heating("review", "next", "--as", "ana", *where)
    heating("review", "decide", claimed["home_id"], "electricity", "--as", "ana", "--reason", "saw it", *where)
    after = heating("run", *source, *where)
    assert after["labelled_homes"]["electricity"] == before["labelled_homes"]["electricity"] + 1
    assert after["labelled_homes"]["gas"] == before["labelled_homes"]["gas"]
    assert after["reused"] == {
        "gather": True,
        "check": False,
        "describe": False,
        "learn": False,
        "answer": False,
        "tell": False,
    }


def test_a_command_that_looks_at_the_last_run_finds_it_as_it_was_asked_for(write_town, tmp_path, monkeypatch):
    """A run with other folds, seed and moment: what comes after it makes nothing anew."""
    for name in ("HEATING_SEED", "HEATING_HOMES", "HEATING_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    where = ("--workspace", tmp_path / "work")
    source = ("--source", write_town(tmp_path / "town"))
    asked = ("--folds", 2, "--seed", 5, "--as-of", "2024-06-30", "--stage", "billing")
    heating("run", *source, *where, *asked)
    made = (tmp_path / "work" / "4_models").rglob("step.json")
    before = {path: (path.read_text(), path.stat().st_mtime_ns) for path in made}
    told = heating("review", "costs", *source, *where)
    assert told["n_homes"] > 0
    assert {path: (path.read_text(), path.stat().st_mtime_ns) for path in before} == before
    settings = settings_of_last_run(source=str(source[1]), workspace=tmp_path / "work")
    assert (settings.folds, settings.seed, settings.stage, str(settings.as_of)) == (2, 5, "billing", "2024-06-30")
    assert settings_of_last_run(source=str(source[1]), workspace=tmp_path / "work", seed=6).seed == 6
    assert heating("run", *source, *where, *asked)["reused"]["learn"]


def test_a_stage_without_a_model_is_refused_and_those_there_are_named():
    class Made:
        ladder = type("Step", (), {"value": type("Ladder", (), {"rungs": (type("Rung", (), {"stage": "billing"}),)})})

    assert rung_of(Made, None).stage == "billing"
    with pytest.raises(SourceError, match="no model of stage 'monthly'; there are models of billing"):
        rung_of(Made, "monthly")
