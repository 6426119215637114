"""What people decide in review is learned from by the next run."""

import json

from typer.testing import CliRunner

from case_heating.edges.cli import app


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
