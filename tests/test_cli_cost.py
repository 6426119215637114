import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from case_heating.edges.cli_cost import cost
from case_heating.settings import Settings

app = typer.Typer()
app.command()(cost)


@pytest.mark.real_data
def test_json_holds_the_figures_and_every_large_group(data_dir: Path) -> None:
    told = CliRunner().invoke(app, ["--source", "recs2015", "--data-dir", str(data_dir), "--json"])
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert found["n_homes"] == 4762
    assert found["mae_usd"] < found["naive_mae_usd"]
    assert {row["trait"] for row in found["by_group"]} == {"income_band", "tenure", "race", "ethnicity"}
    assert min(row["n_homes"] for row in found["by_group"]) >= 200


def test_what_a_run_has_made_is_not_made_again_and_the_judgement_is_kept(
    small_workspace, settings_of, own_copy, monkeypatch
):
    from case_heating import journey

    workspace = own_copy(small_workspace)
    monkeypatch.setattr(Settings, "from_env", classmethod(lambda _cls, **_: settings_of(workspace)))

    def never(*_args, **_named):
        raise AssertionError("made again")

    for module, name in ((journey, "gather"), (journey, "check_tables"), (journey, "build_features")):
        monkeypatch.setattr(module, name, never)
    first = CliRunner().invoke(app, ["--json"], catch_exceptions=False)
    monkeypatch.setattr("case_heating.model.cost_keep.learn_cost", never)
    again = CliRunner().invoke(app, ["--json"], catch_exceptions=False)
    assert json.loads(first.stdout)["n_homes"] > 100
    assert again.stdout == first.stdout
