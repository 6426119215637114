"""Decisions: k of the last n windows, faults to repair, too few labels to ask for, and what people choose instead."""

from dataclasses import replace
from datetime import date

import pytest

from case_heating.errors import HeatingError
from case_heating.watch.monitor import WatchReport
from case_heating.watch.overrides import Override
from case_heating.watch.retrain import RetrainDecision, RetrainPolicy, decide_retraining, enough_new_labels
from case_heating.watch.signals import Limits, Signal

DRIFT = Signal("feature", "features of homes", 0.4, 0.25, "alarm", True, False, "kwh_year drifted")
FAULT = Signal("data", "electricity bills: unit", 1000.0, 5.0, "alarm", True, True, "district d14 is in Wh")
UNFAIR = Signal("fairness", "worst group", 0.2, 0.1, "alarm", True, False, "renters are served worse")
WARM = Signal("feature", "features of the weather", 3.0, 0.25, "information", True, False, "hdd_year drifted")
MOMENTS = [date(2025, month, 1) for month in range(1, 13)]


def window(moment, *signals, labels=100, champion="v1"):
    return WatchReport(
        as_of=moment,
        champion=champion,
        reference_window=(date(2023, 1, 1), date(2024, 1, 1)),
        current_window=(moment, moment),
        n_homes=1000,
        signals=signals,
        estimated_accuracy=0.95,
        measured=None,
        n_recent_labels=labels,
    )


def row(pattern, signal=DRIFT, **more):
    """One window per letter: x raises the signal."""
    return [window(moment, *([signal] if seen == "x" else [])) for moment, seen in zip(MOMENTS, pattern, strict=False)]


@pytest.mark.parametrize(
    ("pattern", "retrain"),
    [(".", False), ("x", False), ("xx", True), ("x.x", True), ("xx.", False), ("x..x", False), ("...x", False)],
)
def test_two_of_the_last_three_windows_the_latest_among_them(pattern, retrain):
    assert decide_retraining(row(pattern)).retrain is retrain


def test_k_and_n_are_what_the_policy_says():
    assert decide_retraining(row("x"), RetrainPolicy(k=1, n=1)).retrain
    assert not decide_retraining(row("x.xx"), RetrainPolicy(k=4, n=5)).retrain
    assert decide_retraining(row("x.xxx"), RetrainPolicy(k=4, n=5)).retrain
    with pytest.raises(HeatingError, match="1 ≤ k ≤ n"):
        RetrainPolicy(k=3, n=2)


def test_windows_of_an_earlier_champion_do_not_count():
    before = [replace(report, champion="v0") for report in row("xx")]
    assert not decide_retraining([*before, window(MOMENTS[2], DRIFT)]).retrain


def test_a_fault_asks_for_repair_at_once_and_never_for_retraining():
    decision = decide_retraining(row("xxx", FAULT))
    assert (decision.retrain, decision.action) == (False, "repair")
    assert "district d14 is in Wh" in decision.reasons[0]
    assert decide_retraining([window(MOMENTS[0], FAULT, DRIFT)]).action == "repair"


def test_windows_with_a_fault_in_them_do_not_count_as_drift():
    """What else moved in a month of Wh moved because of it."""
    reports = [window(MOMENTS[0], FAULT, DRIFT), window(MOMENTS[1], DRIFT)]
    assert decide_retraining(reports).action == "none"


def test_weather_is_information_and_said():
    decision = decide_retraining([window(moment, WARM) for moment in MOMENTS])
    assert decision.action == "none"
    assert "for information: hdd_year drifted" in decision.reasons


def test_too_few_labels_to_learn_from_are_asked_for_at_first_sight():
    decision = decide_retraining([window(MOMENTS[0], DRIFT, labels=49)])
    assert (decision.retrain, decision.action) == (False, "ask")
    assert "only 49 labels" in decision.reasons[-1]
    assert decide_retraining([window(MOMENTS[0], DRIFT), window(MOMENTS[1], DRIFT, labels=50)]).retrain


def test_how_many_new_labels_are_enough_goes_with_the_homes():
    assert [enough_new_labels(homes) for homes in (20_000, 3_000, 10)] == [500, 75, 1]


def test_unfairness_alone_is_for_people():
    assert decide_retraining(row("xx", UNFAIR)).action == "ask"


def test_no_report_no_decision():
    with pytest.raises(HeatingError, match="no watch report"):
        decide_retraining([])


IGNORE = Override("ignore_until", "Ana", "a known campaign", made_on=date(2025, 1, 15), until=date(2025, 4, 1))


def test_a_person_ignores_until_a_date_and_not_a_day_longer():
    months = row("xxxxxxxx")
    assert [decide_retraining(months[: n + 1], overrides=[IGNORE]).action for n in range(6)] == [
        "none",
        "none",
        "none",
        "none",  # 1 April, the last day
        "none",  # 1 May: seen once among windows that were not ignored
        "retrain",
    ]
    reasons = decide_retraining(months[:3], overrides=[IGNORE]).reasons
    assert "Ana has all signals ignored until 2025-04-01: a known campaign" in reasons


def test_a_person_ignores_one_signal_alone():
    only = replace(IGNORE, signal="features of homes")
    assert decide_retraining(row("xxx"), overrides=[only]).action == "none"
    assert decide_retraining(row("xxx", FAULT), overrides=[only]).action == "repair"


@pytest.mark.parametrize("choice", ["roll_back", "retrain"])
def test_a_person_rolls_back_or_retrains_the_champion_named(choice):
    override = Override(choice, "Ben", "complaints", made_on=date(2025, 1, 1), champion="v1")
    quiet = [window(MOMENTS[1])]
    decision = decide_retraining(quiet, overrides=[override])
    assert decision == RetrainDecision(
        MOMENTS[1], choice == "retrain", choice, (f"Ben chose to {choice.replace('_', ' ')}: complaints",)
    )
    after = [replace(quiet[0], champion="v2")]
    assert decide_retraining(after, overrides=[override]).action == "none"
    assert decide_retraining([window(date(2024, 12, 1))], overrides=[override]).action == "none"


def pause(made_on, until, **more):
    return Override("pause", "Dee", "the billing system moves", made_on=made_on, until=until, **more)


def test_while_retraining_is_paused_a_drift_is_told_and_nothing_is_trained():
    months = row("xxxxx")
    held = [pause(date(2025, 1, 20), date(2025, 3, 1))]
    assert decide_retraining(months[:2]).action == "retrain"
    for until in (2, 3):  # 1 February and 1 March, the last day
        decision = decide_retraining(months[:until], overrides=held)
        assert (decision.action, decision.retrain) == ("none", False)
        assert decision.reasons[0] == "kwh_year drifted"
        assert "Dee has paused retraining until 2025-03-01: the billing system moves" in decision.reasons
    assert decide_retraining(months[:4], overrides=held).action == "retrain"


def test_a_pause_hides_no_fault_and_ends_when_somebody_resumes():
    held = [pause(date(2025, 1, 1), date(2025, 12, 1))]
    assert decide_retraining(row("xx", FAULT), overrides=held).action == "repair"
    resumed = [*held, Override("resume", "Ed", "moved", made_on=date(2025, 2, 1))]
    assert decide_retraining(row("xx"), overrides=resumed).action == "retrain"


def test_what_a_person_chose_before_a_pause_waits_and_what_is_chosen_after_it_counts():
    chosen = Override("retrain", "Ben", "complaints", made_on=date(2025, 1, 1), champion="v1")
    held = pause(date(2025, 1, 1), date(2025, 12, 1))
    quiet = [window(MOMENTS[1])]
    assert decide_retraining(quiet, overrides=[chosen, held]).action == "none"
    assert decide_retraining(quiet, overrides=[held, chosen]).action == "retrain"
    back = replace(chosen, choice="roll_back")
    assert decide_retraining(quiet, overrides=[back, held]).action == "roll_back"  # that trains nothing


def test_limits_are_above_zero():
    with pytest.raises(HeatingError, match="the limit psi is 0"):
        Limits(psi=0)
