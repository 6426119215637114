"""What visits share: one opened source until a run makes it anew, and which source is looked at."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from case_heating.edges.app import cached
from case_heating.errors import NotEnoughDataError, NothingMadeError


def test_an_opened_source_is_shared_until_a_run_makes_it_anew(small_workspace, own_copy, monkeypatch):
    workspace = own_copy(small_workspace)
    monkeypatch.setenv("HEATING_WORKSPACE", str(workspace))
    first = cached.opened()
    assert first.source == "embedded"
    assert cached.opened() is first
    step = workspace / "5_answers" / "embedded" / "step.json"
    told = json.loads(step.read_text())
    step.write_text(json.dumps(told | {"key": "another run"}))
    assert cached.opened() is not first


def test_an_explainer_is_shared_for_each_stage(small_workspace, own_copy, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(own_copy(small_workspace)))
    last = cached.explainer()
    assert cached.explainer() is last
    assert cached.explainer(stage="location") is not last


def test_two_workspaces_are_never_mixed_up(small_workspace, yearly_workspace, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(small_workspace))
    assert cached.opened().source == "embedded"
    monkeypatch.setenv("HEATING_WORKSPACE", str(yearly_workspace))
    assert cached.opened().source == "own_town"  # the settings' source was never made here


def test_nothing_made(tmp_path, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path / "none"))
    assert cached.chosen_source() == "embedded"
    with pytest.raises(NothingMadeError, match="heating run"):
        cached.opened()


@pytest.mark.parametrize(("link", "shown"), [("own_town", "own_town"), ("embedded", "embedded"), ("../x", "embedded")])
def test_a_link_may_name_the_source(small_workspace, yearly_workspace, own_copy, monkeypatch, link, shown):
    import shutil

    both = own_copy(small_workspace)
    shutil.copytree(yearly_workspace / "5_answers" / "own_town", both / "5_answers" / "own_town")
    monkeypatch.setenv("HEATING_WORKSPACE", str(both))

    def page():
        import streamlit as st

        from case_heating.edges.app.cached import chosen_source

        st.write(chosen_source())

    at = AppTest.from_function(page, default_timeout=30)
    at.query_params["source"] = link
    assert at.run().markdown[0].value == shown


def test_the_forecast_of_a_main_job_is_read_and_shared(small_workspace, yearly_workspace, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(small_workspace))
    kept = small_workspace / "7_forecast" / "embedded" / "forecast.json"
    made = kept.stat().st_mtime_ns  # by the main job
    first = cached.forecast()
    assert cached.forecast() is first
    assert len(first.homes) == len(cached.opened().answers.value)
    assert kept.stat().st_mtime_ns == made
    monkeypatch.setenv("HEATING_WORKSPACE", str(yearly_workspace))
    with pytest.raises(NotEnoughDataError, match="no month can be forecast"):
        cached.forecast()


def test_the_search_and_the_year_ahead_are_shared(small_workspace, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(small_workspace))
    assert cached.finder() is cached.finder()
    year, totals = cached.year_ahead()
    assert cached.year_ahead()[0] is year
    assert totals.index.tolist() == cached.opened().features.value.index.tolist()


def test_the_queue_is_opened_once_and_not_made_by_looking(small_workspace, own_copy, monkeypatch):
    workspace = own_copy(small_workspace)
    monkeypatch.setenv("HEATING_WORKSPACE", str(workspace))
    assert cached.review_engine() is None
    assert not (workspace / "review.sqlite").exists()
    made = cached.review_engine(make=True)
    assert cached.review_engine() is made
    for file in workspace.glob("review.sqlite*"):
        file.unlink()
    assert cached.review_engine() is None
    assert cached.review_engine(make=True) is not made  # a new file is not read through the old one
