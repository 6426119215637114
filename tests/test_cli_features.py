"""``heating features``: definitions and values, a home's history, and the way into the online store."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from case_heating.data.simulate import simulate
from case_heating.edges.cli import app
from case_heating.features.build import build_features
from case_heating.features.online import open_online
from case_heating.features.stages import FEATURE
from case_heating.features.store import OfflineStore, feature_rows
from case_heating.workspace import open_workspace

NOV, DEC = date(2025, 11, 1), date(2025, 12, 1)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace whose store knows two months of 200 homes."""
    root = open_workspace(tmp_path_factory.mktemp("features") / "workspace").root
    tables = simulate(homes=200, seed=1).tables
    for moment in (NOV, DEC):
        OfflineStore(root / "store").write_features(
            feature_rows(build_features(tables, as_of=moment), event_time=moment)
        )
    return root


def features(*words, online=None):
    runner = CliRunner(env={"HEATING_WORKSPACE": None, "HEATING_ONLINE_URL": online, "COLUMNS": "80"})
    return runner.invoke(app, ["features", *map(str, words)])


def test_every_feature_is_listed_once_with_its_definition_and_values(workspace):
    done = features("list", "--workspace", workspace, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["homes"] == 200
    assert [feature["name"] for feature in told["features"]] == list(FEATURE)
    by_name = {feature["name"]: feature for feature in told["features"]}
    kwh = by_name["kwh_year"]
    assert (kwh["stage"], kwh["unit"], kwh["sources"]) == ("billing", "kWh/year", ["bills.usage"])
    assert (kwh["owner"], kwh["fresh_days"], kwh["share_stale"]) == ("billing", 45, 0.0)
    held = OfflineStore(workspace / "store").latest_features(DEC)
    assert kwh["median"] == held["kwh_year"].median()
    assert kwh["p5"] < kwh["median"] < kwh["p95"]
    assert by_name["therms_year"]["share_missing"] == held["therms_year"].isna().mean()
    cooling = held["cooling"].value_counts(normalize=True)
    assert by_name["cooling"]["most_common"] == cooling.head(3).to_dict()


def test_the_list_in_words_names_features_and_owners(workspace):
    shown = features("list", "--workspace", workspace).stdout
    for name, feature in FEATURE.items():
        assert name in shown
        assert feature.owner in shown
    assert "200 homes in" in shown
    assert "known by 2025-12-01" in shown.replace("\n", " ")


def test_without_values_the_definitions_are_listed(tmp_path):
    done = features("list", "--workspace", tmp_path / "nothing")
    assert done.exit_code == 0
    assert "no values yet: 'heating run' makes some" in done.stdout
    told = json.loads(features("list", "--workspace", tmp_path / "nothing", "--json").stdout)
    assert [feature["name"] for feature in told["features"]] == list(FEATURE)
    assert not (tmp_path / "nothing").exists()


def test_values_of_the_last_run_are_listed_where_the_store_is_empty(tmp_path):
    folder = tmp_path / "3_features" / "embedded"
    folder.mkdir(parents=True)
    matrix = build_features(simulate(homes=50, seed=1).tables, as_of=DEC)
    matrix.to_parquet(folder / "features.parquet")
    told = json.loads(features("list", "--workspace", tmp_path, "--json").stdout)
    assert told["homes"] == 50
    assert "the feature store holds nothing yet" in told["values_from"]
    assert {feature["share_stale"] for feature in told["features"]} == {None}


def test_a_homes_history_shows_what_changed(workspace):
    home = OfflineStore(workspace / "store").latest_features(DEC).index[0]
    shown = features("history", home, "--workspace", workspace).stdout
    assert shown.count("2025-11-01") == 2  # for the day, known on
    assert "kwh_year" in shown
    assert "year_built" not in shown
    asked = features("history", home, "--feature", "year_built", "--last", 1, "--workspace", workspace).stdout
    assert "year_built" in asked
    assert "2025-11-01" not in asked
    told = json.loads(features("history", home, "--workspace", workspace, "--json").stdout)
    assert [row["event_time"] for row in told] == ["2025-11-01", "2025-12-01"]
    assert set(FEATURE) < set(told[0])


def test_an_unknown_home_and_an_unknown_feature_are_told_in_words(workspace):
    done = features("history", "nobody", "--workspace", workspace)
    assert done.exit_code == 2
    assert "knows no home 'nobody'" in done.stderr
    done = features("history", "nobody", "--feature", "shoe_size", "--workspace", workspace)
    assert done.exit_code == 2
    assert "there is no feature shoe_size" in done.stderr


def test_materialise_brings_what_is_new(workspace, tmp_path):
    place = f"sqlite:///{tmp_path}/online.sqlite"
    done = features("materialise", "--workspace", workspace, "--json", online=place)
    assert json.loads(done.stdout) == {"rows_written": 200, "rows_older": 0, "afresh": False, "homes": 200}
    shown = features("materialise", "--workspace", workspace, online=place).stdout
    assert shown.startswith("0 rows brought, 0 older than those held; 200 homes are served")
    again = features("materialise", "--afresh", "--workspace", workspace, "--json", online=place)
    assert json.loads(again.stdout)["rows_written"] == 200
    with open_online(place) as online:
        assert online.count() == 200
    assert not (workspace / "store" / "online.sqlite").exists()


def test_an_unreachable_redis_ends_with_code_2(workspace):
    done = features("materialise", "--workspace", workspace, online="redis://:secret@127.0.0.1:1/0")
    assert done.exit_code == 2
    assert "redis://127.0.0.1:1/0 cannot be used" in done.stderr
    assert "secret" not in done.stderr
