"""The drill table and its verdict, from runs whose figures are known, and the charts drawn of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.people.drill_plots import drill_plot
from case_heating.people.plots import NARROW_IN, WIDE_IN
from case_heating.watch.drill_results import DrillLimits, sum_up
from case_heating.watch.drills import INJECTED_ON, DrillRun, QuietWindows
from case_heating.watch.faults import Drift
from case_heating.watch.monitor import WatchReport
from case_heating.watch.signals import Signal

MOMENTS = [date(2024, 12, 1), date(2025, 1, 1)]
ALARM = Signal("feature", "features of homes", 0.4, 0.25, "alarm", True, False, "drifted")


def window(moment, *signals, drifted=True):
    windows = (moment, moment)
    features = {"hdd_year": {"psi": 2.0, "p_adjusted": 0.0, "missing": 0.0, "drifted": drifted}}
    return WatchReport(moment, "v1", windows, windows, 10, signals, 0.9, None, 0, features)


def run(kind="concept_change", *, frozen=0.80, policy=0.89, always=0.90, mended=None, delay=1, trainings=2, seed=0):
    months = pd.DataFrame({"frozen": frozen, "policy": policy, "always": always}, index=MOMENTS)
    if mended is not None:
        months["mended"] = mended
    drift = Drift(kind, INJECTED_ON, 0.5)
    return DrillRun(
        kind, seed, drift, months, delay, {"policy": trainings, "always": 2, "on_wrong_data": trainings}, 100
    )


QUIET = [QuietWindows(0, tuple(window(day) for day in pd.date_range("2024-01-01", periods=20, freq="MS").date), ())]


def missed(drills):
    return [reason for reason in drills.reasons if reason.startswith("MISSED")]


def test_regained_by_hand_over_seeds():
    drills = sum_up(QUIET, [run(policy=0.87), run(policy=0.91, seed=1, delay=2)])
    row = drills.table.loc["concept_change"]
    assert row["regained"] == pytest.approx((0.89 - 0.80) / (0.90 - 0.80))
    assert (row["seeds"], row["delay"], row["loss"]) == (2, 2, pytest.approx(0.10))
    assert drills.passed
    assert not missed(drills)


def test_a_fault_is_held_against_mending_at_once_and_against_learning_it():
    drills = sum_up(QUIET, [run("unit_fault", policy=0.93, always=0.88, mended=0.95, trainings=0)])
    assert drills.table.loc["unit_fault", "regained"] == pytest.approx(0.13 / 0.15)
    assert drills.passed
    assert "retrainings on wrong data" in missed(sum_up(QUIET, [run("unit_fault", mended=0.9, trainings=1)]))[0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"delay": 3}, "seen by window 3"),
        ({"delay": None}, "never with some seed"),
        ({"policy": 0.87}, "70% regained"),
        ({"frozen": 0.898}, "loses 0.2 points"),
        ({"frozen": 0.91}, "nothing to regain"),
    ],
)
def test_each_limit_can_be_missed(wrong, told):
    drills = sum_up(QUIET, [run(**wrong)])
    assert not drills.passed
    assert any(told in reason for reason in missed(drills))


def test_one_seed_that_never_saw_it_is_enough_to_miss():
    assert np.isnan(sum_up(QUIET, [run(), run(delay=None, seed=1)]).table.loc["concept_change", "delay"])


def test_slow_drifts_have_no_limit_on_the_delay():
    assert sum_up(QUIET, [run("concept_change_slow", delay=7)]).passed


def test_quiet_windows_with_an_alarm_are_counted_against_one_in_twenty():
    one = [QuietWindows(0, (*QUIET[0].reports[1:], window(MOMENTS[0], ALARM)), ())]
    two = [QuietWindows(0, (*QUIET[0].reports[2:], *[window(MOMENTS[0], ALARM)] * 2), ())]
    assert (sum_up(one, []).quiet_alarms, sum_up(one, []).passed) == (1, True)
    assert (sum_up(two, []).quiet_alarms, sum_up(two, []).passed) == (2, False)
    assert sum_up(two, [], DrillLimits(max_quiet_alarms=0.2)).passed
    assert sum_up(one, []).naive_alarms == 20  # the weather's feature drifted in every one


@pytest.mark.parametrize("kind", ["concept_change", "unit_fault"])
def test_a_drill_draws_the_same_bytes_twice_and_says_what_was_found(kind):
    runs = [run(kind, mended=0.9 if kind == "unit_fault" else None, trainings=0)]
    drills = sum_up(QUIET, runs)
    for width in (WIDE_IN, NARROW_IN):
        first, again = (drill_plot(kind, runs, drills).svg(width) for _ in range(2))
        assert first == again
        assert "begins" in first
        assert "seen" in first
        assert ("data mended at once" in first) == (kind == "unit_fault")
    assert "seen within one window" in drill_plot(kind, runs, drills).title
    never = [run(kind, delay=None)]
    assert "not seen" in drill_plot(kind, never, sum_up(QUIET, never)).title
