"""Long work in its own process: begun, told, stopped, failed, killed; and how a page shows it."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from case_heating.edges.app import jobs
from case_heating.errors import BusyError, WorkspaceError

KINDS = """
import os, signal, sys, time
from pathlib import Path
from case_heating.errors import SourceError

def count(settings, arguments, progress):
    progress("counting", 0.5)
    print("counted by", settings.workspace.name)
    return {"twice": 2 * arguments["number"]}

def wait(settings, arguments, progress):
    progress("waiting", 0.25)
    while not Path(arguments["until"]).exists():
        time.sleep(0.02)
    return {}

def tidy(settings, arguments, progress):
    try:
        return wait(settings, arguments, progress)
    finally:
        Path(arguments["tidied"]).touch()

def stubborn(settings, arguments, progress):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return wait(settings, arguments, progress)

def refuse(settings, arguments, progress):
    raise SourceError("bills.csv: there is no such file; bring it")

def crash(settings, arguments, progress):
    raise ValueError("a fault")

def report(settings, arguments, progress):
    progress("almost", 0.9)
    os._exit(1)
"""
RUN = """
import sys
from pathlib import Path
from case_heating.edges.app import job_kinds, job_process
for kind in ("count", "wait", "tidy", "stubborn", "refuse", "crash", "report"):
    job_kinds.KINDS[kind] = f"kinds_of_test:{kind}"
sys.exit(job_process.main(Path(sys.argv[1])))
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace whose jobs know some kinds of their own."""
    (tmp_path / "kinds_of_test.py").write_text(KINDS)
    (tmp_path / "run.py").write_text(RUN)
    monkeypatch.setattr(jobs, "PROGRAM", (sys.executable, str(tmp_path / "run.py")))
    yield tmp_path / "workspace"
    for job in map(jobs.read, (path.parent for path in (tmp_path / "workspace" / "jobs").glob("*/job.json"))):
        if job.state == "running":
            os.killpg(int((job.folder / "pid").read_text()), signal.SIGKILL)


def until(job, holds):
    """Wait until something holds of a job; a job that does not come to it fails the test and not the clock."""
    give_up = time.monotonic() + 60
    while not holds(found := jobs.read(job.folder)):
        assert time.monotonic() < give_up, found
        time.sleep(0.02)
    return found


def ended(job):
    return until(job, lambda found: found.state != "running")


def test_a_job_is_done_and_gives_its_result(workspace):
    job = jobs.start(workspace, "count", {"number": 21}, by="ana")
    assert (job.state, job.by, job.kind, job.arguments) == ("running", "ana", "count", {"number": 21})
    done = ended(job)
    assert (done.state, done.result, done.doing, done.share) == ("done", {"twice": 42}, "counting", 1.0)
    assert (done.folder / "log.txt").read_text() == "counted by workspace\n"
    assert jobs.find(workspace, "count").id == job.id
    assert jobs.find(workspace, "wait") is None


def test_one_of_a_kind_at_a_time(workspace, tmp_path):
    first = jobs.start(workspace, "wait", {"until": str(tmp_path / "go")}, by="ana")
    with pytest.raises(BusyError, match="ana started the same a while ago and it still runs"):
        jobs.start(workspace, "wait", {"until": str(tmp_path / "go")}, by="ben")
    other = jobs.start(workspace, "count", {"number": 1}, by="ben")  # another kind may run beside it
    (tmp_path / "go").touch()
    assert ended(first).state == ended(other).state == "done"


def test_of_many_who_press_the_button_at_once_one_starts_it(workspace, tmp_path, monkeypatch):
    started, refused, found_at_once = [], [], jobs.find

    def find_slowly(*asked):
        found = found_at_once(*asked)
        time.sleep(0.1)
        return found

    def press(name):
        try:
            started.append(jobs.start(workspace, "wait", {"until": str(tmp_path / "go")}, by=name))
        except BusyError as error:
            refused.append(error)

    jobs.start(workspace, "count", {"number": 1}, by="ana")  # makes the workspace
    monkeypatch.setattr(jobs, "find", find_slowly)
    presses = [threading.Thread(target=press, args=(f"p{number}",)) for number in range(6)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert (len(started), len(refused)) == (1, 5)


def test_how_far_it_is_can_be_asked_while_it_runs_and_it_can_be_stopped(workspace, tmp_path):
    job = jobs.start(workspace, "wait", {"until": str(tmp_path / "never")}, by="ana")
    told = until(job, lambda found: found.doing == "waiting")
    assert (told.state, told.share) == ("running", 0.25)
    stopped = jobs.stop(job)
    assert (stopped.state, stopped.doing) == ("stopped", "waiting")
    assert jobs.stop(job).state == "stopped"
    assert jobs.start(workspace, "wait", {"until": str(tmp_path)}, by="ben").state == "running"


def test_one_that_is_stopped_tidies_up_first(workspace, tmp_path):
    never, tidied = tmp_path / "never", tmp_path / "tidied"
    job = jobs.start(workspace, "tidy", {"until": str(never), "tidied": str(tidied)}, by="ana")
    until(job, lambda found: found.doing == "waiting")
    assert jobs.stop(job).state == "stopped"
    assert tidied.exists()


def test_one_that_does_not_listen_is_ended(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_GRACE_S", 0.2)
    job = jobs.start(workspace, "stubborn", {"until": str(tmp_path / "never")}, by="ana")
    until(job, lambda found: found.doing == "waiting")
    assert jobs.stop(job).state == "stopped"


def test_a_job_that_is_killed_is_told_as_failed_and_holds_nobody_up(workspace, tmp_path):
    job = jobs.start(workspace, "wait", {"until": str(tmp_path / "never")}, by="ana")
    until(job, lambda found: found.doing == "waiting")
    os.killpg(int((job.folder / "pid").read_text()), signal.SIGKILL)
    failed = ended(job)
    assert failed.state == "failed"
    assert "ended without a word, as when memory or the disk runs out" in failed.error
    assert jobs.start(workspace, "wait", {"until": str(tmp_path)}, by="ben").state == "running"


def test_what_a_person_can_mend_is_told_in_its_words(workspace):
    failed = ended(jobs.start(workspace, "refuse", by="ana"))
    assert (failed.state, failed.error) == ("failed", "bills.csv: there is no such file; bring it")


def test_a_fault_of_the_program_names_its_log(workspace):
    failed = ended(jobs.start(workspace, "crash", by="ana"))
    assert "a fault of the program (ValueError: a fault)" in failed.error
    assert "Traceback" in (failed.folder / "log.txt").read_text()


def test_a_kind_nobody_knows_fails_in_words(workspace):
    assert "fault of the program (KeyError" in ended(jobs.start(workspace, "no_such_kind", by="ana")).error


def test_old_jobs_are_swept_away_but_none_that_runs(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 2)
    waits = jobs.start(workspace, "wait", {"until": str(tmp_path / "go")}, by="ana")
    gone = ended(jobs.start(workspace, "refuse", by="ana"))
    kept = [ended(jobs.start(workspace, "refuse", by="ana")) for _ in range(3)]
    assert not gone.folder.exists()
    assert all(job.folder.exists() for job in kept)
    assert jobs.read(waits.folder).state == "running"


def test_a_job_goes_on_when_the_server_that_started_it_is_gone(workspace, tmp_path):
    import subprocess
    import textwrap

    program = textwrap.dedent(f"""
        from pathlib import Path
        from case_heating.edges.app import jobs
        jobs.PROGRAM = {jobs.PROGRAM!r}
        print(jobs.start(Path({str(workspace)!r}), "wait", {{"until": {str(tmp_path / "go")!r}}}, by="ana").folder)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    job = jobs.find(workspace, "wait")
    assert str(job.folder) == done.stdout.strip()
    assert job.state == "running"
    (tmp_path / "go").touch()
    assert ended(job).state == "done"


def _page(workspace, kind):
    from pathlib import Path

    import streamlit as st

    from case_heating.edges.app.show_job import show_job

    job = show_job(Path(workspace), kind, "The main job")
    st.subheader(job.state if job else "none")


def look(workspace, kind):
    at = AppTest.from_function(_page, args=(str(workspace), kind), default_timeout=60).run()
    assert not at.exception, at.exception[0]
    return at


def test_a_page_shows_a_job_at_work_and_stops_it(workspace, tmp_path):
    job = jobs.start(workspace, "wait", {"until": str(tmp_path / "never")}, by="ana")
    until(job, lambda found: found.doing == "waiting")
    at = look(workspace, "wait")
    assert at.subheader[0].value == "running"
    assert at.get("progress")[0].text.startswith("The main job\\: waiting (")
    at.button(key=f"stop_{job.id}").click().run()
    assert at.subheader[0].value == "stopped"
    assert at.warning[0].value == "The main job was stopped while waiting."


def test_a_page_shows_why_a_job_failed(workspace):
    ended(jobs.start(workspace, "refuse", by="ana"))
    at = look(workspace, "refuse")
    assert "The main job failed: bills.csv: there is no such file; bring it" in at.error[0].value.replace("\\", "")


def test_a_page_of_which_no_job_was_started(workspace):
    assert look(workspace, "count").subheader[0].value == "none"


def test_the_main_job_is_a_kind_and_takes_the_source_it_is_given(tmp_path):
    """The program itself, not the test's: a source that is nowhere is told in the words of the command line."""
    job = ended(jobs.start(tmp_path / "workspace", "main_job", {"source": "nowhere"}, by="ana"))
    assert "there is no source 'nowhere'" in job.error


def test_on_a_full_disk_nothing_is_begun_and_nothing_half_made_stays(workspace, monkeypatch):
    def full(_told, _file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jobs.json, "dump", full)
    with pytest.raises(WorkspaceError, match="is full; free some space"):
        jobs.start(workspace, "count", {"number": 1}, by="ana")
    assert [path.name for path in (workspace / "jobs").iterdir() if path.name[0] != "."] == []


def test_a_job_of_which_a_power_cut_left_half_is_told_and_holds_nobody_up(workspace):
    job = ended(jobs.start(workspace, "count", {"number": 1}, by="ana"))
    (job.folder / "job.json").write_text('{"kind": "cou')
    told = jobs.find(workspace, "count")
    assert (told.kind, told.state) == ("count", "failed")
    assert "job.json cannot be read" in told.error
    assert ended(jobs.start(workspace, "count", {"number": 1}, by="ana")).state == "done"


def test_a_job_goes_on_when_the_server_that_started_it_is_killed(workspace, tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path; from case_heating.edges.app import jobs; "
        "jobs.PROGRAM = (sys.executable, sys.argv[2]); "
        "jobs.start(Path(sys.argv[1]), 'wait', {'until': sys.argv[3]}, by='ana'); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    words = [sys.executable, "-c", script, str(workspace), str(tmp_path / "run.py"), str(tmp_path / "go")]
    assert subprocess.run(words, timeout=60).returncode == -signal.SIGKILL
    job = jobs.find(workspace, "wait")
    until(job, lambda found: found.doing == "waiting")
    (tmp_path / "go").touch()
    assert ended(job).state == "done"
