"""One at a time: a file that the process at work holds, and that a crash lets go of by itself.

The operating system keeps the lock and drops it when its process ends, however it ends; what is written in the file
only tells people who holds it.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from case_heating.errors import BusyError
from case_heating.workspace import plain_words


@contextmanager
def one_at_a_time(path: Path, doing: str) -> Iterator[None]:
    """Hold a lock file while the block runs.

    Parameters
    ----------
    path : Path
        The file; made if it is not there, and left there.
    doing : str
        What is being done, for whoever finds the lock held.

    Raises
    ------
    BusyError
        If another process, or another thread of this one, holds it; it says who and what it does.
    """
    import fcntl  # not on Windows, where level 1 needs its Linux subsystem

    with plain_words(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise BusyError(
                f"{_holder(file.read())} ({path}). Wait until it is done and give the same command again; a process "
                "that died lets go by itself"
            ) from error
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "doing": doing}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _holder(told: str) -> str:
    try:
        who = json.loads(told)
        return f"process {who['pid']} on {who['host']} is {who['doing']} right now"
    except (ValueError, KeyError, TypeError):
        return "another process is at it right now"
