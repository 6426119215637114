"""MLflow's file is read as MLflow itself reads it, without it; what is laid out otherwise is left to it."""

import sqlite3
import subprocess
import sys

import pytest

from case_heating.release import tracking
from case_heating.release.tracking import Tracking
from case_heating.release.tracking_file import runs_in, versions_in

NAME = "heating-fuel"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Three versions, one of them deleted; two events, one cut short, and one deleted; another model beside them."""
    kept = Tracking(tmp_path_factory.mktemp("tracked"), None, NAME)
    for number in range(3):
        run = kept.client.create_run("0").info.run_id
        made = kept.client.create_model_version(NAME, "file:///nowhere", run, tags={"number": str(number), "day": "1"})
        kept.set_alias("challenger", made.version)
    kept.set_alias("champion", "1")
    kept.set_alias("previous", "1")
    kept.set_tags("1", {"day": "2"})
    kept.client.delete_model_version(NAME, "2")
    kept.client.create_registered_model("another")
    kept.client.create_model_version("another", "file:///nowhere", run, tags={"number": "9"})
    kept.finish_event(kept.start_event("releases", {"event": "promotion"}))
    kept.start_event("releases", {"event": "roll back"})
    kept.client.delete_run(kept.start_event("releases", {"event": "a mistake"}))
    kept.start_event("trainings", {"event": "of another kind"})
    return kept


@pytest.fixture
def file(kept):
    return kept.folder / tracking.SQLITE_FILE


def test_it_is_read_as_mlflow_reads_it(kept, file, monkeypatch):
    versions, events = kept.versions(), kept.events("releases")
    assert [(one.number, one.tags, one.aliases) for one in versions] == [
        ("1", {"number": "0", "day": "2"}, ("champion", "previous")),
        ("3", {"number": "2", "day": "1"}, ("challenger",)),
    ]
    assert sorted((tags["event"], finished) for tags, finished in events) == [("promotion", True), ("roll back", False)]
    monkeypatch.setattr(tracking, "versions_in", lambda *_: None)
    monkeypatch.setattr(tracking, "runs_in", lambda *_: None)
    assert kept.versions() == versions
    for tags, finished in kept.events("releases"):
        assert (tags, finished) in events


def test_whoever_looks_does_not_wait_for_mlflow(file):
    script = (
        "import sys; from pathlib import Path; from case_heating.release.tracking import Tracking; "
        f"kept = Tracking(Path(sys.argv[1]), None, {NAME!r}); "
        "assert kept.versions() and kept.events('releases'); assert 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(file.parent)], check=True, timeout=120)


def test_a_file_of_another_layout_is_left_to_mlflow(tmp_path):
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE registered_model_aliases (alias, version, model)")
    database.close()
    assert versions_in(other, NAME) is None
    assert runs_in(other, NAME) is None


def test_reading_makes_and_changes_nothing(kept, file, tmp_path):
    before = file.read_bytes()
    versions_in(file, NAME)
    assert file.read_bytes() == before
    assert versions_in(tmp_path / "none.sqlite", NAME) is None
    assert not list(tmp_path.iterdir())
