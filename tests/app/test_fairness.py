"""Fairness on the page: each verdict, each measure, the deep study by a job, vetoes, the card, and what is lacking."""

import re
from dataclasses import replace

import pytest
import streamlit as st

from case_heating import fairness_steps
from case_heating.edges.app import jobs
from case_heating.errors import BusyError
from case_heating.fairness_steps import find_or_judge_groups
from case_heating.kept import open_last
from case_heating.model.fairness_verdict import FairnessVerdict
from case_heating.people.fairness_frames import ASKED, groups_in_words, measures_of, worst_measure


@pytest.fixture(autouse=True)
def nothing_kept():
    """What the page keeps between visits is of other tests' workspaces."""
    st.cache_resource.clear()


@pytest.fixture
def judged(settings_of, small_workspace):
    return find_or_judge_groups(open_last(settings_of(small_workspace)))


@pytest.fixture
def show_study(monkeypatch, judged):
    """A function that lets the page show a study as if it were the workspace's own."""

    def show(study, *, deep=False, folder=None):
        kept = fairness_steps.KeptStudy(folder, study, "", True) if deep else None
        monkeypatch.setattr(fairness_steps, "find_study", lambda _opened: kept)
        monkeypatch.setattr(fairness_steps, "find_or_judge_groups", lambda _opened: study)

    return show


def test_groups_are_there_at_once_after_a_run(visit, small_workspace, judged, words_of):
    at = visit("fairness", small_workspace)
    said = words_of(at)
    assert groups_in_words(judged, worst_measure(judged)) in said
    assert "What is judged, and what cannot be" in said
    assert [one.label for one in at.get("download_button")] == ["Download as HTML", "Download as PDF"]
    assert "Without causes and remedies, until they are looked for above." in said
    assert "No model was put to the gate yet" in said
    assert len(at.get("vega_lite_chart")) == 1


@pytest.mark.parametrize(
    ("passed", "kind", "words"),
    [(True, "success", "Fairness: passed."), (False, "error", "refused"), (None, "warning", "cannot be judged")],
)
def test_each_verdict_has_its_colour_its_sign_and_its_reasons(
    visit, small_workspace, judged, show_study, words_of, passed, kind, words
):
    reasons = tuple(f"reason number {number}" for number in range(5))
    show_study(replace(judged, verdict=FairnessVerdict(passed, reasons)))
    at = visit("fairness", small_workspace)
    assert words in getattr(at, kind)[0].value.replace("\\", "")
    assert getattr(at, kind)[0].icon
    said = words_of(at)
    assert all(f"Reason number {number}." in said for number in range(5))
    assert "2 more" in said


def test_another_measure_goes_into_the_link(visit, small_workspace, judged, words_of):
    at = visit("fairness", small_workspace)
    at.selectbox(key="fairness_measure").set_value("sent_to_people").run()
    assert not at.exception
    assert at.query_params["measure"] == "sent_to_people"
    said = words_of(at)
    assert groups_in_words(judged, "sent_to_people") in said
    again = visit("fairness", small_workspace, measure="accuracy")
    assert again.selectbox(key="fairness_measure").value == "accuracy"
    assert (
        visit("fairness", small_workspace, measure="nonsense").selectbox(key="fairness_measure").value
        == (measures_of(judged)[0])
    )


def test_every_measure_that_was_taken_can_be_looked_at(visit, small_workspace, judged, words_of):
    assert {"cost_error_share", "cost_error_usd", "calibration_gap"} < set(measures_of(judged)) <= set(ASKED)
    for measure in measures_of(judged):
        at = visit("fairness", small_workspace, measure=measure)
        assert groups_in_words(judged, measure) in words_of(at)


def test_a_source_without_traits_is_not_passed_and_says_why(visit, yearly_workspace, words_of):
    at = visit("fairness", yearly_workspace)
    said = words_of(at)
    assert "Fairness cannot be judged, so it is not passed." in said
    assert "there is no table of sensitive traits" in said
    assert "No group can be shown" in said
    assert "Look for causes and remedies" in said


def test_nothing_made_says_what_to_run(visit, tmp_path, words_of):
    assert "heating run" in words_of(visit("fairness", tmp_path / "new"))


def test_the_study_is_a_job_and_is_shown_when_it_is_there(
    visit, own_copy, small_workspace, words_of, monkeypatch, work_at_once, fairness_example
):
    workspace = own_copy(small_workspace)
    monkeypatch.setattr(fairness_steps, "study_fairness", lambda *_args, **_options: fairness_example)
    at = visit("fairness", workspace, role="viewer")
    at = next(one for one in at.button if one.label == "Look for causes and remedies").click().run()
    assert not at.exception, at.exception[0]
    assert work_at_once == [("fairness_study", {"source": "embedded"}, "ana")]
    said = words_of(at)
    assert "Remedies and their price" in said
    assert "It costs little." in said
    assert "Look for causes and remedies" not in said
    assert len(at.get("vega_lite_chart")) == 4
    again = words_of(visit("fairness", workspace))
    assert "It costs little." in again


def test_a_study_that_runs_elsewhere_is_said(visit, own_copy, small_workspace, words_of, monkeypatch):
    def busy(*_args, **_options):
        raise BusyError("bob started the same a while ago and it still runs")

    monkeypatch.setattr(jobs, "start", busy)
    at = visit("fairness", own_copy(small_workspace))
    at = next(one for one in at.button if one.label == "Look for causes and remedies").click().run()
    assert "Bob started the same a while ago and it still runs." in words_of(at)


def test_the_gates_vetoes_are_listed_the_newest_first(visit, level_1_workspace, words_of):
    at = visit("fairness", level_1_workspace)
    said = words_of(at)
    assert "put to the gate, fairness refused" in said
    told = [int(number) for number in re.findall(r"^- Version (\d+), trained as of", said, re.MULTILINE)]
    assert told
    assert told == sorted(told, reverse=True)


def test_a_registry_that_cannot_be_read_leaves_the_rest(visit, own_copy, level_1_workspace, words_of):
    workspace = own_copy(level_1_workspace)
    (workspace / "registry" / "mlflow.sqlite").write_bytes(b"no database" * 100)
    said = words_of(visit("fairness", workspace))
    assert "For whom it is wrong" in said
    assert "Model card" in said
