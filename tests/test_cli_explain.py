"""The command line of explanations, on planted homes in place of a run."""

import json
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from case_heating import journey
from case_heating.edges import cli_explain
from case_heating.edges.bench_explain import made_up_explainer, made_up_homes
from case_heating.edges.console import BAD_INPUT, PlainSpokenGroup
from case_heating.model import typical
from case_heating.model.evidence import Evidence

FEATURES, IS_GAS = made_up_homes(400)
MODEL = made_up_explainer(FEATURES, IS_GAS).model
EVIDENCE = Evidence(FEATURES, IS_GAS, FEATURES, None, {}, len(FEATURES), date(2024, 6, 1))
RUNG = SimpleNamespace(stage="gas_bills", model=MODEL, probability=np.where(IS_GAS, 0.97, 0.03))
DAY = pd.Timestamp(2024, 3, 7)
LABELS = pd.DataFrame(
    {"home_id": ["h000003"], "heating_fuel": ["gas"], "event_time": [DAY], "known_at": [DAY], "source": ["inspection"]}
)
KNOWN = SimpleNamespace(tables={"labels": LABELS}, as_of=date(2024, 6, 1))


@dataclass(frozen=True)
class OneRung:
    rungs: tuple = (RUNG,)

    def __getitem__(self, stage):
        return {rung.stage: rung for rung in self.rungs}[stage]


OUTCOME = SimpleNamespace(
    source=SimpleNamespace(name="planted"),
    ladder=SimpleNamespace(key="k1", value=OneRung()),
    features=SimpleNamespace(value=FEATURES),
    trusted=SimpleNamespace(value=KNOWN, is_read=True),
    answers=SimpleNamespace(value=None),
)

app = typer.Typer(cls=PlainSpokenGroup, pretty_exceptions_enable=False)
app.command("explain")(cli_explain.explain)
app.command("bench")(cli_explain.bench_explain)


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.setattr(journey, "run", lambda settings, tell, **_: OUTCOME)
    monkeypatch.setattr(journey, "collect_evidence", lambda trusted, features, settings: EVIDENCE)
    workspace = str(tmp_path / "workspace")
    return lambda *words: CliRunner().invoke(app, ["explain", *words, "--workspace", workspace])


def test_a_home_in_a_customers_words(call):
    found = call("h000004")
    assert found.exit_code == 0, found.output
    assert "home heats with" in found.stdout
    assert "Why we say so:" in found.stdout
    assert found.stdout.count(" · ") in (2, 3, 4)


def test_what_was_seen_comes_first_then_what_would_have_been_said_then_the_reasons(call):
    lines = call("h000003").stdout.splitlines()
    assert lines[0] == "This home heats with gas. It is known from an inspection, 7 March 2024."
    assert lines[1].startswith("Had nobody looked, we would have said")
    assert lines[2].startswith("Of ")  # of so many homes about which we were this sure
    assert lines[3].startswith("What else speaks for")
    assert lines[4].startswith("  · ")
    assert "would settle it" not in " ".join(lines)  # it is settled
    spanish = call("h000003", "--language", "es").stdout
    assert spanish.startswith("Este hogar se calienta con gas. Se sabe por una inspección, 7 de marzo de 2024.")


def test_in_spanish_and_for_machines(call):
    found = json.loads(call("h000003", "--language", "es", "--json").stdout)
    assert found["home_id"] == "h000003"
    assert "hogar" in found["answer"]
    assert 2 <= len(found["reasons"]) <= 4
    assert set(found) == {
        *("home_id", "heating_fuel", "language", "answer", "reasons", "against", "settled_by", "other_answer"),
        *("seen", "seen_in_words", "how_sure"),
    }
    assert found["seen"] == {"heating_fuel": "gas", "source": "inspection", "since": "2024-03-07"}
    assert found["seen_in_words"].startswith("Este hogar se calienta con gas.")
    unseen = json.loads(call("h000004", "--json").stdout)
    assert (unseen["seen"], unseen["seen_in_words"]) == (None, None)


def test_for_an_analyst_contributions_sum_to_the_score(call):
    found = json.loads(call("h000003", "--audience", "analyst", "--json").stdout)
    assert abs(found["bias"] + sum(found["contributions"].values()) - found["score"]) < 1e-9
    assert found["seen"]["source"] == "inspection"
    words = call("h000003", "--audience", "analyst").stdout
    assert "It is known from an inspection, 7 March 2024." in words
    assert "reason 1" in words
    assert "sum" in words


def test_the_waterfall_is_written(call, tmp_path):
    assert call("h000003", "--plot", str(tmp_path / "drawn")).exit_code == 0
    assert (tmp_path / "drawn" / "waterfall.svg").exists()


def test_all_homes_in_a_table(call, tmp_path):
    output = tmp_path / "reasons.csv"
    assert json.loads(call("--all", "--output", str(output), "--json").stdout) == {"homes": 400, "output": str(output)}
    table = pd.read_csv(output, index_col="home_id")
    assert table.index.tolist() == FEATURES.index.tolist()
    assert table["reason_1"].notna().all()


def test_the_check_tells_all_three_meanings(call):
    found = json.loads(call("--check", "--json").stdout)
    assert (found["source"], found["stage"], found["n_homes"]) == ("planted", "gas_bills", 80)
    assert set(found["first_moves"]) == {"typical", "drawn", "commonest"}
    assert "commonest" in call("--check").stdout


def test_reference_values_are_saved_with_the_model_and_reused(call, monkeypatch, tmp_path):
    first = call("h000003").stdout
    assert (tmp_path / "workspace/7_reasons/planted/gas_bills/typical.json").exists()

    def never(*_):
        raise AssertionError("learned again")

    monkeypatch.setattr(typical, "learn_typical", never)
    assert call("h000003").stdout == first


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nobody"], "has no home 'nobody' among its 400; the first id is h000000"),
        ([], "name one home, or give --all"),
        (["h000003", "--all"], "name one home, or give --all"),
        (["--all"], "say where to write the reasons"),
        (["--check", "--plot", "x"], "--plot draws one home"),
        (["h000003", "--stage", "property"], "no model of stage 'property'; there are models of gas_bills"),
    ],
)
def test_bad_input_is_told_in_words(call, words, told):
    found = call(*words)
    assert found.exit_code == BAD_INPUT
    assert told in found.stderr


def test_a_place_that_cannot_be_written_is_told(call, tmp_path):
    (tmp_path / "file").write_text("")
    found = call("--all", "--output", str(tmp_path / "file" / "reasons.csv"))
    assert found.exit_code == BAD_INPUT
    assert "--output" in found.stderr


def test_the_benchmark_tells_its_ratio():
    found = CliRunner().invoke(app, ["bench", "--homes", "200", "--trees", "2", "--json"])
    assert json.loads(found.stdout)["homes"] == 200
    assert "times the pace" in CliRunner().invoke(app, ["bench", "--homes", "200", "--trees", "2"]).stdout


def test_the_benchmark_of_a_sources_own_model(call, tmp_path):  # call stands in for the run
    words = ["bench", "--source", "embedded", "--workspace", str(tmp_path / "workspace"), "--json"]
    assert json.loads(CliRunner().invoke(app, words).stdout)["homes"] == 400
