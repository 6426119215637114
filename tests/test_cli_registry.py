"""``heating registry``: what there is, what the gate said, and the way back; in words and in JSON."""

import json
from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from case_heating.edges import cli_registry
from case_heating.edges.console import OUT, STATUS, PlainSpokenGroup
from case_heating.people.acts import read_acts
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.registry import open_registry
from case_heating.workspace import open_workspace

DAY = date(2024, 12, 31)
DECISION = PromotionDecision(
    True, ("right as often: +3.0",), (Check("right as often", True, "+3.0 of 100 homes right", 0.01, -0.03),), "x", 700
)
APP = typer.Typer(cls=PlainSpokenGroup)
APP.add_typer(cli_registry.app, name="registry")


@pytest.fixture(scope="module", autouse=True)
def wide():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OUT, "width", 120)
        patch.setattr(STATUS, "width", 120)
        yield


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, plant_rows, train_planted):
    root = tmp_path_factory.mktemp("cli") / "workspace"
    registry = open_registry(open_workspace(root).root / "registry")
    rows = plant_rows(200, seed=1, day="2024-06-30")
    for seed in (1, 2):
        made = registry.record(train_planted(rows, seed=seed), DECISION, because="a [new] month", as_of=DAY)
        registry.promote(made.version, because=f"it passed, {seed}", as_of=DAY)
    return root


def registry(*words):
    return CliRunner().invoke(APP, ["registry", *map(str, words)])


def test_all_models_and_all_that_happened_are_listed(workspace):
    shown = registry("list", "--workspace", workspace).stdout
    assert "champion" in shown
    assert "a [new] month" in shown
    assert "2024-12-31  promotion: version 2 instead of 1, it passed, 2" in shown
    told = json.loads(registry("list", "--workspace", workspace, "--json").stdout)
    assert [model["aliases"] for model in told["models"]] == [["previous"], ["champion"]]
    assert [event["version"] for event in told["events"]] == ["1", "2"]


def test_nothing_there_is_no_error_and_makes_nothing(tmp_path):
    done = registry("list", "--workspace", tmp_path / "w")
    assert (done.exit_code, done.stdout.startswith("No model is in ")) == (0, True)
    assert not (tmp_path / "w" / "registry").exists()


def test_a_model_is_shown_by_number_and_by_alias(workspace):
    shown = registry("show", "champion", "--workspace", workspace).stdout
    assert "+3.0 of 100 homes right" in shown
    assert "model card" in shown
    told = json.loads(registry("show", "2", "--workspace", workspace, "--json").stdout)
    assert told["decision"]["checks"][0]["limit"] == -0.03


def test_a_model_that_is_not_there_ends_with_two(workspace):
    done = registry("show", "9", "--workspace", workspace)
    assert done.exit_code == 2
    assert "there is no model '9'" in done.stderr


def test_back_to_the_previous_one_with_a_reason(workspace):
    where = ("--as", "kim", "--workspace", workspace)
    done = registry("rollback", "--because", "bills of [June]", "--as-of", "2025-01-05", *where)
    assert done.stdout == "Version 1 is the champion again: bills of [June]\n"
    told = json.loads(registry("list", "--workspace", workspace, "--json").stdout)
    assert told["models"][1]["rolled_back"] == "bills of [June] (asked for by kim)"
    assert told["events"][-1]["as_of"] == "2025-01-05"
    again = registry("rollback", "--because", "again", *where)
    assert again.exit_code == 2
    assert "no previous champion" in again.stderr
    acts = read_acts(open_store(sqlite_url(workspace)))
    assert [(act.by, act.reason, act.state) for act in acts] == [
        ("kim", "again", "failed"),
        ("kim", "bills of [June]", "done"),
    ]
    assert registry("rollback", "--workspace", workspace).exit_code == 2  # a reason is asked for
