"""Handed-in files worked on in processes of their own, as the page starts them."""

import fcntl
import gzip
import io
import json
import time

import pytest

from case_heating.data.draft_upload import keep_work, read_work
from case_heating.data.map_text import take_text
from case_heating.data.uploads import add_file, begin_upload, delete_upload
from case_heating.edges.app import jobs, upload_jobs
from case_heating.errors import BusyError
from case_heating.own_answers import read_answers
from case_heating.own_check import read_checked


@pytest.fixture
def workspace(own_copy, small_workspace, monkeypatch):
    copy = own_copy(small_workspace)
    monkeypatch.setenv("HEATING_WORKSPACE", str(copy))
    return copy


def hand_in(workspace, **files):
    upload = begin_upload(workspace, by="ana", at=1.0)
    for name, content in files.items():
        upload = add_file(upload, name.replace("__", "."), io.BytesIO(content))
    return upload


def do(workspace, kind, upload, *, by="ana", **more):
    job = jobs.start(workspace, kind, {"upload": upload.id, "by": by, **more}, by=by, subject=upload.id)
    while (job := jobs.find(workspace, kind, upload.id)).state == "running":
        time.sleep(0.05)
    return job


def test_a_towns_files_are_looked_at_checked_and_answered(workspace, write_town, tmp_path):
    folder = write_town(tmp_path / "town").parent
    files = {f"{name}__csv": (folder / f"{name}.csv").read_bytes() for name in ("homes", "bills", "survey")}
    upload = hand_in(workspace, **files)
    assert do(workspace, "draft_upload", upload).result["questions"] > 0
    keep_work(upload, take_text(read_work(upload), (folder / "mapping.toml").read_text()))
    assert do(workspace, "check_upload", upload).result == {"homes": 300, "refused": 0}
    assert read_checked(upload).n_homes == 300
    answered = do(workspace, "answer_upload", upload, source="embedded")
    assert answered.result == {"homes": 300}, answered.error
    assert read_answers(upload).source == "embedded"


def test_what_goes_wrong_is_told_in_the_owners_words(workspace):
    upload = hand_in(workspace, page__csv=b"<html>")
    job = do(workspace, "draft_upload", upload)
    assert (job.state, "page.csv is not a CSV; it looks like a web page" in job.error) == ("failed", True)
    assert str(upload.folder) not in job.error
    assert "Traceback" not in (job.folder / "log.txt").read_text()
    assert "were not checked yet" in do(workspace, "answer_upload", upload, source="embedded").error
    assert "look at them again" in do(workspace, "check_upload", upload).error


def test_nobody_works_on_the_files_of_others(workspace):
    upload = hand_in(workspace, a__csv=b"premise\n1\n")
    assert "no such upload of yours" in do(workspace, "draft_upload", upload, by="bob").error


def test_a_bomb_ends_in_words(workspace, monkeypatch):
    upload = hand_in(workspace, bomb__csv__gz=gzip.compress(b"0" * 2_000_000))
    monkeypatch.setattr("case_heating.data.unpacked.MOST_CSV_BYTES", 1_000_000)
    with pytest.raises(Exception, match=r"bomb\.csv\.gz .* unpacks to more than 1 MB"):
        upload_jobs.draft(_settings(workspace), {"upload": upload.id, "by": "ana"}, lambda *_: None)


def test_jobs_about_different_files_run_side_by_side_but_not_many(workspace, monkeypatch):
    uploads = [hand_in(workspace, a__csv=b"premise\n1\n") for _ in range(3)]
    held = []
    for number, upload in enumerate(uploads[:2]):
        folder = workspace / "jobs" / f"{number}-draft_upload-{upload.id}-abc"
        folder.mkdir(parents=True)
        told = {"kind": "draft_upload", "arguments": {}, "by": "ana", "started": 0.0}
        (folder / "job.json").write_text(json.dumps(told))
        held.append((folder / "job.json").open())
        fcntl.flock(held[-1], fcntl.LOCK_EX)
    with pytest.raises(BusyError, match="ana started the same a while ago"):
        jobs.start(workspace, "draft_upload", by="ana", subject=uploads[0].id)
    with pytest.raises(BusyError, match="2 other files are being worked on"):
        jobs.start(workspace, "draft_upload", by="ana", subject=uploads[2].id)
    assert jobs.find(workspace, "draft_upload", uploads[2].id) is None
    assert jobs.find(workspace, "draft_upload").folder.name.startswith("1-")
    held.pop().close()
    assert do(workspace, "draft_upload", uploads[2]).state == "done"
    held.pop().close()


def test_a_main_job_makes_a_source_that_goes_with_the_upload(workspace, write_town, tmp_path, settings_of):
    folder = write_town(tmp_path / "town").parent
    files = {f"{name}__csv": (folder / f"{name}.csv").read_bytes() for name in ("homes", "bills", "survey")}
    upload = hand_in(workspace, **files)
    do(workspace, "draft_upload", upload)
    work = take_text(read_work(upload), (folder / "mapping.toml").read_text())
    keep_work(upload, work)
    told = upload_jobs.run(settings_of(workspace), {"upload": upload.id, "by": "ana"}, lambda *_: None)
    source = upload_jobs.source_of(upload, work)
    assert told == {"source": source, "homes": 300}
    assert (workspace / "5_answers" / source / "answers.parquet").exists()
    delete_upload(upload, made_of_it=source)
    assert not list(workspace.glob(f"*/{source}"))


@pytest.fixture(autouse=True)
def no_limits_here(monkeypatch):
    """The limits would stay with the process of the tests; a job's own process has them."""
    monkeypatch.setattr(upload_jobs, "limits", _no_limits)


def _no_limits():
    from contextlib import nullcontext

    return nullcontext()


def _settings(workspace):
    from case_heating.settings import Settings

    return Settings.from_env(workspace=workspace)
