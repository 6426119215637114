"""Long work that a page starts: in a process of its own, told in the workspace, alive when the page is closed.

A job is a folder ``jobs/ID`` of the workspace: ``job.json`` says what was asked and by whom, ``progress.json`` how far
it is, ``result.json`` or ``error.json`` how it ended, ``log.txt`` what it printed. Whether it runs is asked of the
operating system: the process holds a lock on ``job.json`` that ends with it, however it ends.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from case_heating.errors import BusyError
from case_heating.lock import one_at_a_time
from case_heating.workspace import open_workspace, plain_words, write_text

FOLDER = "jobs"
KEPT = 40
"""Finished jobs that are remembered; older ones are swept away when one is started."""

PROGRAM = (sys.executable, "-m", "case_heating.edges.app.job_process")
"""What is run with the job's folder as its last word: this very Python."""

AT_ONCE = 2
"""Jobs about different subjects that may run side by side: each may take much memory, and there are few cores."""

_GRACE_S = 5.0  # a job that was asked to stop may tidy up so long

State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True)
class Job:
    """A job as it stands now.

    Attributes
    ----------
    folder : Path
        Where it is told.
    kind : str
        What it does, a key of ``job_kinds.KINDS``.
    arguments : dict
        What it was given.
    by : str
        Who started it.
    started : float
        When [s since 1970].
    state : str
        ``running``, ``done``, ``failed`` or ``stopped``.
    doing : str
        The step at work.
    share : float
        Which share of that step is done, 0 to 1.
    result : dict
        What it gave when done.
    error : str
        Why it failed, in words, with the remedy.
    """

    folder: Path
    kind: str
    arguments: dict[str, Any]
    by: str
    started: float
    state: State
    doing: str = ""
    share: float = 0.0
    result: dict[str, Any] | None = None
    error: str = ""

    @property
    def id(self) -> str:
        """Its name."""
        return self.folder.name


def start(
    workspace: Path, kind: str, arguments: dict[str, Any] | None = None, *, by: str, subject: str | None = None
) -> Job:
    """Start a job in a process of its own.

    Parameters
    ----------
    workspace : Path
        Where it is told.
    kind : str
        What it does, a key of ``job_kinds.KINDS``.
    arguments : dict, optional
        What it is given.
    by : str
        Who starts it.
    subject : str, optional
        What it is about, in hexadecimal digits, where jobs of a kind about different things may run side by side.

    Raises
    ------
    BusyError
        If a job of this kind, and about this subject, runs; or :data:`AT_ONCE` about other subjects.
    WorkspaceError
        If the workspace cannot be written.
    """
    root = open_workspace(workspace).root / FOLDER
    lock = f".{kind}.lock" if subject is None else ".subjects.lock"
    with one_at_a_time(root / lock, "starting such work"), plain_words(workspace):
        if (former := find(workspace, kind, subject)) is not None and former.state == "running":
            raise BusyError(f"{former.by} started the same a while ago and it still runs; wait for it or stop it")
        if subject is not None and _n_running_about_subjects(workspace) >= AT_ONCE:
            raise BusyError(f"{AT_ONCE} other files are being worked on; try again in a minute")
        _sweep(root)
        started = time.time()
        about = "" if subject is None else f"{subject}-"
        folder = root / f"{int(started * 1000)}-{kind}-{about}{token_hex(3)}"
        folder.mkdir(parents=True)
        told = {"kind": kind, "arguments": arguments or {}, "by": by, "started": started}
        job, printed = folder / "job.json", folder / "log.txt"
        with _whole_or_gone(folder), job.open("w", encoding="utf-8") as held, printed.open("w") as log:
            json.dump(told, held)
            held.flush()
            fcntl.flock(held, fcntl.LOCK_EX)  # the child inherits it: there is no moment at which nobody holds it
            process = subprocess.Popen(  # noqa: S603 - this very Python, and a folder of our own naming
                [*PROGRAM, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[held.fileno()],
                start_new_session=True,
                env=os.environ | {"HEATING_WORKSPACE": str(workspace)},
            )
            write_text(folder / "pid", str(process.pid))
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays in the table of processes when it ends
    return read(folder)


def find(workspace: Path, kind: str, subject: str | None = None) -> Job | None:
    """Give the last job of a kind, and about a subject if one is given, or nothing."""
    about = "" if subject is None else f"{subject}-"
    folders = sorted((workspace / FOLDER).glob(f"*-{kind}-{about}*/job.json"), reverse=True)
    return read(folders[0].parent) if folders else None


def read(folder: Path) -> Job:
    """Read how a job stands."""
    try:
        told = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    except ValueError as error:  # cut short, as by a power cut
        words = f"{folder / 'job.json'} cannot be read ({error}). Start it again"
        return Job(folder, folder.name.split("-")[1], {}, "", 0.0, "failed", error=words)
    progress = _json(folder / "progress.json") or {}
    running = _is_held(folder / "job.json")
    common = (folder, told["kind"], told["arguments"], told["by"], told["started"])
    doing, share = progress.get("doing", ""), float(progress.get("share", 0.0))
    if running:
        return Job(*common, "running", doing, share)
    if (result := _json(folder / "result.json")) is not None:
        return Job(*common, "done", doing, 1.0, result=result)
    if (failed := _json(folder / "error.json")) is not None:
        return Job(*common, "failed", doing, share, error=failed["error"])
    if (folder / "stopped").exists():
        return Job(*common, "stopped", doing, share)
    words = (
        f"it ended without a word, as when memory or the disk runs out; what it printed is in {folder / 'log.txt'}. "
        "Start it again"
    )
    return Job(*common, "failed", doing, share, error=words)


def stop(job: Job) -> Job:
    """Ask a job to stop, and end it where it does not; what it had half made goes when it is made anew."""
    if read(job.folder).state == "running":
        write_text(job.folder / "stopped", "")
        group = int((job.folder / "pid").read_text())
        _signal(group, signal.SIGTERM)
        until = time.monotonic() + _GRACE_S
        while _is_held(job.folder / "job.json") and time.monotonic() < until:
            time.sleep(0.05)
        if _is_held(job.folder / "job.json"):
            _signal(group, signal.SIGKILL)
            while _is_held(job.folder / "job.json"):
                time.sleep(0.05)
    return read(job.folder)


@contextmanager
def _whole_or_gone(folder: Path) -> Iterator[None]:
    """Leave no half of a job behind where it cannot be started, as on a full disk."""
    try:
        yield
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _n_running_about_subjects(workspace: Path) -> int:
    """Count the jobs at work that are about a subject: their names have one part more."""
    return sum(_is_held(path) for path in (workspace / FOLDER).glob("*-*-*-*/job.json"))


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # it ended in this very moment


def _is_held(file: Path) -> bool:
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _json(file: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _sweep(root: Path) -> None:
    """Forget the oldest jobs that have ended."""
    folders = sorted(path.parent for path in root.glob("*/job.json"))
    over = [folder for folder in folders if not _is_held(folder / "job.json")]
    for folder in over[: max(0, len(over) - KEPT)]:
        shutil.rmtree(folder, ignore_errors=True)
