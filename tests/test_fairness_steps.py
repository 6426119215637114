"""Groups and the whole study are made once for a model, and found again until the model or the prices change."""

import shutil
from dataclasses import replace

import pytest

from case_heating import fairness_steps
from case_heating.errors import NotEnoughDataError
from case_heating.fairness_steps import find_or_judge_groups, find_study, take_study
from case_heating.kept import open_last
from case_heating.people import fairness_groups
from case_heating.people.review_costs import COSTS_FILE, ReviewCosts


@pytest.fixture
def opened(own_copy, small_workspace, settings_of):
    return open_last(settings_of(own_copy(small_workspace)))


@pytest.fixture
def quick(monkeypatch, opened):
    """Studies that stay shallow, counted: what a deep one finds is tested with the study."""
    made = []

    def study(*args, **options):
        made.append(options)
        return replace(find_or_judge_groups(opened), deep=True)

    monkeypatch.setattr(fairness_steps, "study_fairness", study)
    return made


def test_the_main_job_has_judged_the_groups(opened, monkeypatch):
    monkeypatch.setattr(fairness_groups, "study_fairness", None)  # nothing is measured again
    study = find_or_judge_groups(opened)
    assert not study.deep
    measures = set(study.fairness.figures["measure"])
    assert {"gas_called_electric", "sent_to_people", "cost_error_share"} <= measures


def test_where_the_main_job_has_not_they_are_judged_without_costs(opened, monkeypatch):
    shutil.rmtree(opened.settings.workspace / "7_fairness")
    study = find_or_judge_groups(opened)
    assert "cost_error_share" not in set(study.fairness.figures["measure"])
    monkeypatch.setattr(fairness_groups, "study_fairness", None)
    assert find_or_judge_groups(opened).fairness.n_homes == study.fairness.n_homes


def test_a_study_is_made_once(opened, quick):
    assert find_study(opened) is None
    first = take_study(opened)
    assert not first.reused
    assert sorted(path.name for path in first.folder.glob("model_card*")) == ["model_card.html", "model_card.pdf"]
    assert (first.folder / "plots/fairness_errors.png").exists()
    again = find_study(opened)
    assert (again.folder, again.no_cost, again.study.deep) == (first.folder, first.no_cost, True)
    assert take_study(opened).reused
    assert len(quick) == 1
    assert quick[0]["costs"] is not None


def test_other_prices_ask_for_another_study(opened, quick):
    take_study(opened)
    (opened.settings.workspace / COSTS_FILE).write_text(ReviewCosts(review_usd=20.0).to_toml())
    assert find_study(opened) is None
    assert not take_study(opened, review_below=(0.7, 0.7)).reused


def test_why_costs_are_lacking_is_kept(opened, quick, monkeypatch):
    def none(*_args, **_options):
        raise NotEnoughDataError("no bill has a cost.")

    monkeypatch.setattr(fairness_steps, "judge_homes", none)
    take_study(opened)
    assert find_study(opened).no_cost == "no bill has a cost"
    assert quick[0]["costs"] is None
