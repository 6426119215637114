"""The doctor tells what is there and what is not, gives a remedy for each, and touches nothing."""

import importlib.metadata
import os
import shutil
from collections import namedtuple
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from case_heating.edges import doctor
from case_heating.edges.cli import app
from case_heating.edges.console import OUT
from case_heating.features.online import open_online
from case_heating.settings import Settings
from case_heating.workspace import open_workspace

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module", autouse=True)
def eighty_columns():
    """The width of a terminal nobody has widened, whatever the tests are run in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OUT, "width", 80)
        yield


def findings(workspace: Path, data_dir: Path | None = None) -> dict[str, doctor.Finding]:
    settings = Settings(today=date(2024, 6, 1), workspace=workspace, data_dir=data_dir)
    return {finding.what: finding for finding in doctor.examine(settings)}


def test_a_fresh_installation_lacks_nothing_it_needs(tmp_path):
    found = findings(tmp_path / "workspace")
    assert [finding for finding in found.values() if finding.state == "missing"] == []
    assert found["lightgbm"].detail == importlib.metadata.version("lightgbm")
    assert found["workspace"].state == "optional"
    assert "'heating run' makes it" in found["workspace"].remedy
    assert found["data: embedded"].state == "found"
    assert found["data: recs2015"].state == "optional"
    assert "'heating data fetch recs2015'" in found["data: recs2015"].remedy
    assert "'heating data fetch pums --state OR'" in found["data: pums"].remedy
    assert str(tmp_path / "workspace" / "0_downloads") in found["data: recs2015"].detail
    assert list(tmp_path.iterdir()) == []  # looked, and touched nothing


def test_every_gap_has_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(2**40, 2**40, 2**20))
    for finding in findings(tmp_path / "w", tmp_path / "nowhere").values():
        assert finding.state == "found" or finding.remedy, finding.what


def test_files_that_are_there_are_found_with_their_path(tmp_path):
    for name in ("recs2015_public_v4.csv", "psam_h41.csv"):
        (tmp_path / name).write_text("1\n")
    found = findings(tmp_path / "w", tmp_path)
    assert found["data: recs2015"].detail == str(tmp_path / "recs2015_public_v4.csv")
    assert found["data: pums"].detail == str(tmp_path / "psam_h41.csv")
    assert found["data: recs2009"].state == "optional"


def test_downloads_are_found_without_a_data_folder(tmp_path):
    (tmp_path / "0_downloads").mkdir()
    (tmp_path / "0_downloads" / "recs2015_public_v4.csv").write_text("1\n")
    assert findings(tmp_path)["data: recs2015"].state == "found"


def test_a_data_folder_that_is_none(tmp_path):
    found = findings(tmp_path / "w", tmp_path / "nowhere")
    assert found["data folder"].state == "missing"
    assert "HEATING_DATA_DIR" in found["data folder"].remedy
    assert "data: recs2015" not in found


def test_finished_runs_are_named(tmp_path):
    open_workspace(tmp_path)
    assert findings(tmp_path)["workspace"].detail.endswith("no finished run yet")
    for source in ("embedded", "recs2015"):
        (tmp_path / "6_report" / source).mkdir(parents=True)
        (tmp_path / "6_report" / source / "report.html").write_text("")
    assert findings(tmp_path)["workspace"].detail.endswith("embedded, recs2015")


def test_an_empty_folder_is_left_empty(tmp_path):
    assert findings(tmp_path)["workspace"].state == "optional"
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_of_another_version_is_told_with_the_way_out(tmp_path):
    (tmp_path / "workspace.json").write_text('{"layout_version": 99}')
    found = findings(tmp_path)["workspace"]
    assert found.state == "missing"
    assert "another version" in found.remedy


def test_a_place_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _place, _mode: False)
    found = findings(tmp_path / "deep" / "er")
    assert found["workspace"].state == "missing"
    assert "--workspace" in found["workspace"].remedy


def test_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(2**40, 2**40, 2**29))
    found = findings(tmp_path / "w")["free disk"]
    assert (found.state, found.detail) == ("missing", "0.5 GiB")
    assert "free 1 GiB" in found.remedy


def test_a_package_that_is_not_installed(tmp_path, monkeypatch):
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "lightgbm":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    found = findings(tmp_path / "w")["lightgbm"]
    assert found.state == "missing"
    assert "make setup" in found.remedy


@pytest.mark.parametrize(("data_dir", "code"), [(".", 0), ("nowhere", 1)])
def test_the_answer_is_no_only_where_the_main_job_could_not_run(tmp_path, data_dir, code):
    words = ["doctor", "--workspace", str(tmp_path / "w"), "--data-dir", str(tmp_path / data_dir)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code
    assert "lightgbm" in result.stdout
    assert "…" not in result.stdout  # paths are folded, never cut
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_the_stores_of_level_1_are_told_and_a_redis_that_does_not_answer(tmp_path):
    bare = findings(tmp_path / "w")
    for what in ("offline store", "online store", "model registry"):
        assert (bare[what].state, bare[what].detail) == ("optional", "nothing yet")
        assert "heating flows run" in bare[what].remedy
    (tmp_path / "w" / "store").mkdir(parents=True)
    open_online(tmp_path / "w" / "store" / "online.sqlite").close()
    assert findings(tmp_path / "w")["online store"].detail == "0 homes"
    settings = Settings(today=date(2024, 6, 1), workspace=tmp_path / "w", online_url="redis://127.0.0.1:1/0")
    away = next(finding for finding in doctor.examine(settings) if finding.what == "online store")
    assert away.state == "missing"
    assert "Check that it runs" in away.remedy
