"""The frame around the pages: the way to each, the source that is looked at, and the door."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from case_heating.edges.app import main, signed_in
from case_heating.edges.app.admission import NotAdmittedError, Person
from case_heating.edges.app.signed_in import THIS_COMPUTER_ONLY

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def open_app(monkeypatch, asked_from):
    """A function that opens the app as ``streamlit run app.py`` does."""

    def open_app(workspace, script="app.py"):
        monkeypatch.setenv("HEATING_WORKSPACE", str(workspace))
        at = AppTest.from_file(ROOT / script, default_timeout=60).run()
        assert not at.exception, at.exception[0]
        return at

    return open_app


@pytest.mark.parametrize("script", ["app.py", "case_heating/edges/app/start/app.py"])
def test_whoever_sits_at_this_computer_is_let_in_and_told_so(open_app, small_workspace, script):
    at = open_app(small_workspace, script)
    assert THIS_COMPUTER_ONLY in [one.value for one in at.sidebar.caption]
    assert "Source: embedded, a made-up utility" in [one.value.replace("\\", "") for one in at.sidebar.caption]
    there = {module for _, _, module in main.PAGES.values() if find_spec(f"case_heating.edges.app.{module}")}
    assert len(at.session_state["pages"]) == len(there)


def test_the_door_stays_shut_and_nothing_of_the_app_is_drawn(open_app, small_workspace, monkeypatch):
    def nobody() -> Person:
        raise NotAdmittedError("Without sign-in this app opens on this computer only")

    monkeypatch.setattr(signed_in, "who", nobody)
    at = open_app(small_workspace)
    assert [one.value for one in at.error] == ["Without sign-in this app opens on this computer only."]
    assert not at.sidebar.caption
    assert "pages" not in at.session_state


def test_a_workspace_with_nothing_in_it_is_no_error(open_app, tmp_path):
    at = open_app(tmp_path / "none")
    assert not at.error


def test_the_address_names_the_source_where_there_are_several(open_app, small_workspace, yearly_workspace, own_copy):
    both = own_copy(small_workspace)
    for step in ("2_trusted", "3_features", "4_models", "5_answers"):
        shutil.copytree(yearly_workspace / step / "own_town", both / step / "own_town")
    at = open_app(both)
    assert at.query_params["source"] == "embedded"
    other = open_app(both)
    at.sidebar.selectbox(key="source").set_value("own_town").run()
    assert not at.exception
    assert at.query_params["source"] == "own_town"
    first_homes = [one.button(key="begin_unsure").label for one in (at, other.run())]
    assert [home_id[:1] for home_id in first_homes] == ["a", "h"]  # each browser looks at what it chose


def test_a_workspace_that_is_deleted_under_the_running_app_is_told_and_not_made_anew(
    open_app, small_workspace, own_copy
):
    workspace = own_copy(small_workspace)
    at = open_app(workspace)
    shutil.rmtree(workspace)
    at.run()
    assert not at.exception
    assert "Nothing has been made yet." in at.info[0].value
    assert at.main.code[0].value == "heating run"
    assert not workspace.exists()
