"""What a run was asked for is found again by whoever looks at it later, and only where nothing else is said."""

from dataclasses import replace
from datetime import date

import pytest

from case_heating.choices import recall_choices, remember_choices
from case_heating.errors import WorkspaceError
from case_heating.settings import Settings

ASKED = Settings(
    today=date(2026, 1, 1), simulated_homes=2000, seed=7, stage="property", as_of=date(2025, 6, 30), folds=3
)


def test_what_a_run_was_asked_for_comes_back_by_source(tmp_path):
    settings = replace(ASKED, workspace=tmp_path)
    remember_choices(settings, "embedded")
    remember_choices(replace(settings, seed=8, as_of=None), "recs2015")
    assert recall_choices(tmp_path, "embedded") == {
        "simulated_homes": 2000,
        "seed": 7,
        "stage": "property",
        "as_of": date(2025, 6, 30),
        "folds": 3,
        "tune_trials": 0,
    }
    assert (recall_choices(tmp_path, "recs2015")["seed"], recall_choices(tmp_path, "recs2015")["as_of"]) == (8, None)
    assert recall_choices(tmp_path, "recs2009") == {}


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "choices").mkdir()
    (tmp_path / "choices" / "embedded.json").write_text('{"seed": 7}')
    with pytest.raises(WorkspaceError, match=r"embedded\.json is damaged"):
        recall_choices(tmp_path, "embedded")
