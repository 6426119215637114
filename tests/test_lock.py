"""One at a time: who holds it is told, a dead process lets go, and nothing is left in the way."""

import os
import signal
import subprocess
import sys

import pytest

from case_heating.errors import BusyError, WorkspaceError
from case_heating.lock import one_at_a_time

HOLD = """
import sys, time
from pathlib import Path
from case_heating.lock import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), "training because of a test"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_it_can_be_held_again_and_again(tmp_path):
    path = tmp_path / "registry" / "training.lock"
    for _ in range(2):
        with one_at_a_time(path, "training"):
            assert f'"pid": {os.getpid()}' in path.read_text()
        assert path.read_text() == ""


def test_an_error_inside_lets_go(tmp_path):
    with pytest.raises(ValueError, match="inside"), one_at_a_time(tmp_path / "lock", "training"):
        raise ValueError("inside")
    with one_at_a_time(tmp_path / "lock", "training"):
        pass


def test_another_process_is_named_and_its_death_lets_go(tmp_path):
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        told = rf"process {holder.pid} on .* is training because of a test right now .*a process that died lets go"
        with pytest.raises(BusyError, match=told), one_at_a_time(path, "training"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
        with one_at_a_time(path, "training"):
            pass
    finally:
        holder.kill()
        holder.wait(30)
        holder.stdout.close()


def test_a_lock_without_words_is_told_too(tmp_path):
    path = tmp_path / "lock"
    with one_at_a_time(path, "training"):
        path.write_text("")
        with pytest.raises(BusyError, match="another process is at it right now"), one_at_a_time(path, "training"):
            pass


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match="a file lies in its way"), one_at_a_time(tmp_path / "file" / "lock", "x"):
        pass
