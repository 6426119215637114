"""Replay and drills as they are kept: what is written, read back, replaced whole, and refused."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from case_heating import rehearsals
from case_heating.errors import SourceError, WorkspaceError
from case_heating.rehearsals import Made, drill_months, keeping, last_rehearsal, replay_history, write_made
from case_heating.settings import Settings
from case_heating.watch.drills import INJECTED_ON, DrillRun
from case_heating.watch.faults import Drift

MADE = Made("drill", "kim", datetime(2026, 11, 2, 9, tzinfo=UTC), 61.5, 1000, 2, False, ("met: a", "MISSED: b"))


@pytest.fixture
def settings(tmp_path):
    return Settings(today=date(2026, 11, 2), workspace=tmp_path / "workspace")


def keep(settings, made=MADE, rows=2):
    with keeping(settings, "drill") as folder:
        pd.DataFrame({"accuracy": [0.8] * rows}).to_csv(folder / "drills.csv")
        write_made(made, folder)


def test_what_was_kept_is_read_back_with_who_made_it_and_how_long_it_took(settings):
    assert last_rehearsal(settings, "drill") is None
    keep(settings)
    told = last_rehearsal(settings, "drill")
    assert told.made == MADE
    assert told.tables["drills"]["accuracy"].tolist() == [0.8, 0.8]
    assert last_rehearsal(settings, "replay") is None


def test_the_next_takes_its_place_whole_and_one_that_fails_leaves_it(settings):
    keep(settings)

    def half_made():
        with keeping(settings, "drill") as folder:
            (folder / "drills.csv").write_text("half")
            raise SourceError("no such stage")

    with pytest.raises(SourceError):
        half_made()
    assert last_rehearsal(settings, "drill").made == MADE
    keep(settings, rows=5)
    assert len(last_rehearsal(settings, "drill").tables["drills"]) == 5


@pytest.mark.parametrize("text", ["{", "{}", '{"kind": "drill", "at": "noon"}'])
def test_one_that_is_damaged_is_told_with_what_to_do(settings, text):
    keep(settings)
    (settings.workspace / "rehearsals" / "drill" / "made.json").write_text(text)
    with pytest.raises(WorkspaceError, match="delete it and have it made again"):
        last_rehearsal(settings, "drill")


def test_months_of_several_seeds_are_their_mean_and_what_was_not_measured_is_left_out():
    def run(seed, policy):
        months = pd.DataFrame({"frozen": 0.8, "policy": policy, "always": 0.9}, index=[date(2024, 12, 1)])
        return DrillRun("unit_fault", seed, Drift("unit_fault", INJECTED_ON, 0.5), months, 1, {}, 9)

    told = drill_months([run(0, 0.8), run(1, 0.9)]).set_index("service")["accuracy"]
    assert told.to_dict() == pytest.approx({"frozen": 0.8, "policy": 0.85, "always": 0.9})


@pytest.mark.parametrize(
    ("begin", "until"),
    [(date(2022, 7, 1), date(2025, 1, 1)), (date(2024, 5, 1), date(2024, 5, 1)), (date(2024, 1, 1), date(2026, 1, 1))],
)
def test_months_the_history_does_not_have_are_refused_before_anything_is_simulated(settings, begin, until, monkeypatch):
    monkeypatch.setattr(rehearsals, "simulate", lambda **_: pytest.fail("it was simulated"))
    with pytest.raises(SourceError, match="the history goes from 2022-08"):
        replay_history(settings, begin=begin, until=until)
