import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from case_heating.edges.cli_cost import cost

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
