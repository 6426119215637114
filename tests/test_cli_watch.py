"""``heating watch`` and ``heating drill``: what is shown and put on record, JSON, and the exit codes."""

import json
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from case_heating.edges.cli import app
from case_heating.edges.console import OUT
from case_heating.watch import drills
from case_heating.watch.drills import INJECTED_ON, DrillRun, QuietWindows
from case_heating.watch.faults import Drift
from case_heating.watch.monitor import WatchReport
from case_heating.watch.signals import Signal
from case_heating.workspace import open_workspace

DONE, ANSWER_IS_NO, BAD_INPUT = 0, 1, 2
ALARM = Signal("feature", "features of homes", 0.4, 0.25, "alarm", True, False, "kwh_year drifted")


@pytest.fixture(scope="module", autouse=True)
def eighty_columns():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OUT, "width", 80)
        yield


def heating(*words):
    return CliRunner(env={"HEATING_WORKSPACE": None, "COLUMNS": "80"}).invoke(app, [str(word) for word in words])


def window(day, *signals):
    return WatchReport(day, "v1", (day, day), (day, day), 1000, signals, 0.95, None, 80)


@pytest.fixture
def workspace(tmp_path):
    folder = open_workspace(tmp_path).path("watch")
    folder.mkdir()
    for month in (1, 2):
        (folder / f"2025-0{month}-01.json").write_text(window(date(2025, month, 1), ALARM).to_json())
    return tmp_path


def test_the_latest_report_and_its_decision_are_shown(workspace):
    shown = heating("watch", "show", "--workspace", workspace)
    assert shown.exit_code == DONE
    assert "2025-02-01" in shown.stdout
    assert "Train a candidate" in shown.stdout
    told = json.loads(heating("watch", "show", "--workspace", workspace, "--json").stdout)
    assert (told["decision"]["action"], told["report"]["as_of"]) == ("retrain", "2025-02-01")


def test_an_earlier_month_is_shown_as_it_was_then(workspace):
    told = json.loads(heating("watch", "show", "--month", "2025-01-31", "--workspace", workspace, "--json").stdout)
    assert (told["decision"]["action"], told["report"]["as_of"]) == ("none", "2025-01-01")


def test_what_a_person_chooses_goes_on_record(workspace):
    words = ("watch", "choose", "roll_back", "--by", "Ana", "--why", "complaints", "--workspace", workspace)
    assert heating(*words).exit_code == DONE
    assert json.loads(heating(*words, "--json").stdout)["champion"] == "v1"
    kept = json.loads((workspace / "watch" / "overrides.json").read_text())
    assert [(one["choice"], one["by"], one["champion"]) for one in kept] == [("roll_back", "Ana", "v1")] * 2
    assert kept[0]["made_on"] == "2025-02-01"  # the day of the latest report: the next decision honours it
    told = json.loads(heating("watch", "show", "--workspace", workspace, "--json").stdout)
    assert (told["decision"]["action"], told["overrides"]) == ("roll_back", 2)


def test_a_pause_is_put_on_record_shown_and_ended(workspace):
    where = ("--by", "Ana", "--why", "a new billing system", "--workspace", workspace)
    assert heating("watch", "choose", "pause", *where).exit_code == BAD_INPUT  # until when?
    assert heating("watch", "choose", "pause", "--until", "2025-03-31", *where).exit_code == DONE
    shown = heating("watch", "show", "--workspace", workspace).stdout
    assert "Ana has paused retraining until 2025-03-31: a new billing system" in shown.replace("\n", " ")
    told = json.loads(heating("watch", "show", "--workspace", workspace, "--json").stdout)
    assert (told["decision"]["action"], told["paused"]["until"]) == ("none", "2025-03-31")
    assert heating("watch", "choose", "resume", *where).exit_code == DONE
    told = json.loads(heating("watch", "show", "--workspace", workspace, "--json").stdout)
    assert (told["decision"]["action"], told["paused"]) == ("retrain", None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("choose", "ignore_until", "--by", "A", "--why", "b"), "until which day"),
        (("choose", "shrug", "--by", "A", "--why", "b"), "there are roll_back"),
        (("show", "--month", "2024-01-01"), "no watch report"),
    ],
)
def test_what_cannot_be_done_is_said(workspace, words, told):
    done = heating("watch", *words, "--workspace", workspace)
    assert done.exit_code == BAD_INPUT
    assert told in " ".join(done.stderr.split())
    assert not (workspace / "watch" / "overrides.json").exists()


def test_damaged_records_are_told(workspace):
    (workspace / "watch" / "overrides.json").write_text("[{")
    assert "does not hold a list of overrides" in " ".join(
        heating("watch", "show", "--workspace", workspace).stderr.split()
    )
    (workspace / "watch" / "2025-02-01.json").write_text("{}")
    assert "no watch report" in " ".join(heating("watch", "show", "--workspace", workspace).stderr.split())


@pytest.fixture
def drilled(monkeypatch):
    """Drills whose figures are known, instead of minutes of them."""

    def known(kinds, seeds, **_):
        months = [date(2024, 12, 1), date(2025, 1, 1)]
        table = pd.DataFrame({"frozen": 0.8, "policy": 0.89, "always": 0.9}, index=months)
        runs = [
            DrillRun(
                kind,
                seed,
                Drift(kind, INJECTED_ON, 0.5),
                table,
                delay,
                {"policy": 1, "always": 2, "on_wrong_data": 0},
                9,
            )
            for kind, delay in zip(kinds, (1, 3), strict=False)
            for seed in seeds
        ]
        return [QuietWindows(seed, (window(months[0]),), ()) for seed in seeds], runs

    monkeypatch.setattr(drills, "run_drills", known)


def test_drills_that_meet_the_limits_end_well_with_table_and_plots(drilled, tmp_path):
    done = heating("drill", "--only", "concept_change", "--seeds", 2, "--output", tmp_path / "out")
    assert done.exit_code == DONE
    assert "90 %" in done.stdout
    assert "limits are met" in done.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    plots = {"drill_concept_change.svg", "drill_concept_change.png"}
    assert names == {"drills.csv", "drill_months.csv", "drills.md", *plots}


def test_a_missed_limit_ends_with_one_and_says_which(drilled):
    done = heating("drill", "--only", "concept_change", "--only", "label_shift", "--seeds", 1)
    assert done.exit_code == ANSWER_IS_NO
    assert "MISSED: label_shift: seen by window 3" in " ".join(done.stdout.split())
    told = json.loads(heating("drill", "--only", "concept_change", "--seeds", 1, "--json").stdout)
    assert told["passed"] is True
    assert told["drills"]["concept_change"]["regained"] == pytest.approx(0.9)


def test_a_drill_nobody_knows_is_bad_input():
    done = heating("drill", "--only", "flood")
    assert done.exit_code == BAD_INPUT
    assert "no drill flood" in " ".join(done.stderr.split())
