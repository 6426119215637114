"""Every kind of job leads to a function, and the main job gives what the page tells."""

import pytest

from case_heating.edges.app.job_kinds import KINDS, kind_named


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_there(name):
    assert callable(kind_named(name))


def test_a_kind_nobody_knows():
    with pytest.raises(KeyError):
        kind_named("rm -rf")
