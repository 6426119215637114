"""Which failures may pass by themselves: a server that is away, a busy lock; never bad input."""

from typing import Any

from case_heating.errors import BusyError

_PASSING = (BusyError, ConnectionError, TimeoutError)
_PASSING_NAMES = frozenset({"ConnectionError", "TimeoutError", "ConnectTimeout", "ReadTimeout", "OperationalError"})
"""How redis, requests, httpx and SQLAlchemy call what a moment's patience mends."""


def may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """Tell Prefect whether a failed task is worth another try."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and is_passing(error)


def is_passing(error: BaseException) -> bool:
    """Tell whether an error, or one that it came of, is of a kind that passes.

    >>> is_passing(ConnectionRefusedError()), is_passing(ValueError("no such stage"))
    (True, False)
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, _PASSING) or type(seen).__name__ in _PASSING_NAMES:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
