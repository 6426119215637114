"""What a process that reads foreign files may take, enforced by the operating system: memory, time, no core dump."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from case_heating.errors import SourceError

MOST_MEMORY_BYTES = 8_000_000_000
"""Address space of one such process. Python with all libraries takes two of them; 200 MB of CSV take two more."""

MOST_SECONDS = 1800.0
"""Such a process may run so long by the clock, and so long on each core."""

_SHARE_OF_COMPUTER = 0.7  # the app itself and the other visitors need the rest


@contextmanager
def limits(*, memory_bytes: int | None = None, seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Limit this process from here on; what goes beyond is told in words.

    Parameters
    ----------
    memory_bytes : int, optional
        Address space it may take; :data:`MOST_MEMORY_BYTES`, or seven tenths of a smaller computer's memory.
    seconds : float
        How long the block may take. [s]

    Raises
    ------
    SourceError
        If the block needs more.
    """
    most = memory_bytes or min(MOST_MEMORY_BYTES, int(_SHARE_OF_COMPUTER * _memory_of_computer()))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cores = os.cpu_count() or 1
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds * cores) + 10, int(seconds * cores) + 20))
    former = signal.signal(signal.SIGALRM, _too_long(seconds))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except MemoryError as error:
        raise SourceError(
            f"this needs more than the {most / 1e9:.1f} GB of memory that it may take here; give a part of the files, "
            "or run them from the command line: 'heating run --source mapping.toml'"
        ) from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _too_long(seconds: float) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SourceError(
            f"this took longer than the {seconds / 60:.0f} minutes that it may take here; give a part of the files, or "
            "run them from the command line: 'heating run --source mapping.toml'"
        )

    return stop


def _memory_of_computer() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
