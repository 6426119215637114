"""What is worth another try: a server that is away and a busy lock; bad input never is."""

import pytest

from case_heating.edges.passing import is_passing, may_pass
from case_heating.errors import BusyError, RegistryError, StoreError, TableError
from case_heating.features.online import open_online


class State:
    def __init__(self, result):
        self._result = result

    def result(self, *, raise_on_failure):
        assert raise_on_failure is False
        return self._result


def caused(error, cause):
    try:
        raise error from cause
    except type(error) as raised:
        return raised


@pytest.mark.parametrize(
    "error",
    [
        BusyError("process 7 is training"),
        caused(RegistryError("cannot be used"), ConnectionError("refused")),
        caused(StoreError("cannot be reached"), TimeoutError("no answer")),
    ],
)
def test_these_pass(error):
    assert is_passing(error)
    assert may_pass(None, None, State(error))


@pytest.mark.parametrize(
    "error",
    [
        TableError("bills: 3 rows repeat a key"),
        StoreError("part-0001.parquet is damaged"),
        caused(StoreError("is damaged"), ValueError("no magic bytes")),
    ],
)
def test_these_do_not(error):
    assert not is_passing(error)
    assert not may_pass(None, None, State(error))


def test_what_is_no_error_is_not_tried_again():
    assert not may_pass(None, None, State("a result"))


def test_a_redis_that_is_away_passes():
    with pytest.raises(StoreError) as told:
        open_online("redis://127.0.0.1:9/0", timeout_s=0.2)
    assert is_passing(told.value)
