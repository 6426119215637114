"""One month under watch: quiet where nothing happened, raised where something did, and the same after a round trip."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import HeatingError, ModelError
from case_heating.features.build import build_features
from case_heating.settings import Settings
from case_heating.watch.answer_signals import (
    arrived_labels,
    fairness_signals,
    judged_labels,
    label_signal,
    measure,
    measured_signal,
    prediction_signals,
)
from case_heating.watch.bills import bill_surprises
from case_heating.watch.data_signals import bill_signals, freshness_signals, quarantine_signal
from case_heating.watch.drill_models import train_at
from case_heating.watch.faults import KINDS, Drift, inject
from case_heating.watch.monitor import Quarantine, Reference, WatchReport, watch_month
from case_heating.watch.quiet import quiet_world
from case_heating.watch.report import report_in_words
from case_heating.watch.retrain import decide_retraining
from case_heating.watch.signals import Limits

THEN, NOW = date(2023, 11, 1), date(2025, 1, 1)
LIMITS = Limits()


@pytest.fixture(scope="module")
def world():
    return quiet_world(homes=900, seed=5)


@pytest.fixture(scope="module")
def champion(world):
    """A model of the day THEN and its reference."""
    features = build_features(world.tables, as_of=THEN, stage="monthly")
    model = train_at(
        world.tables["labels"], {THEN: features}, moment=THEN, stage="monthly", settings=Settings(today=NOW)
    )
    return model, Reference(THEN, features, model.probability_of_gas(features), "v1")


def watched(champion, tables, **more):
    model, reference = champion
    features = build_features(tables, as_of=NOW, stage="monthly")
    return watch_month(tables, features, model.probability_of_gas(features), as_of=NOW, reference=reference, **more)


@pytest.fixture(scope="module")
def quiet(world, champion):
    return watched(champion, world.tables)


def planted(world, kind, on=date(2024, 11, 1)):
    return inject(world, Drift(kind, on, KINDS[kind].size, KINDS[kind].slow), seed=1).tables


def names(signals):
    return {signal.name for signal in signals}


def of(report, name):
    return next(signal for signal in report.signals if signal.name == name)


# A quiet month


def test_a_quiet_month_raises_no_alarm_though_the_weather_moved(quiet):
    assert quiet.alarms == ()
    assert of(quiet, "features of the weather").raised
    assert decide_retraining([quiet]).action == "none"


def test_both_windows_are_told(quiet):
    assert quiet.reference_window == (date(2022, 11, 1), THEN)
    assert quiet.current_window == (date(2024, 12, 1), NOW)
    words = report_in_words(quiet, decide_retraining([quiet]))
    for told in ("All is quiet", "2024-12-01", "2022-11-01", "Nothing is to be done", "hdd_year"):
        assert told in words


def test_a_report_comes_back_from_json_as_it_was(quiet):
    assert WatchReport.from_json(quiet.to_json()) == quiet
    for text in ("{}", "[1]", quiet.to_json().replace('"as_of"', '"as_off"')):
        with pytest.raises(HeatingError, match="no watch report"):
            WatchReport.from_json(text)


def test_facts_known_later_change_nothing(world, champion, quiet):
    later = pd.Timestamp(NOW) + pd.Timedelta(days=1)
    bills, labels, weather = (world.tables[name] for name in ("bills", "labels", "weather"))
    known = world.tables | {
        "bills": bills[bills["known_at"] < later],
        "labels": labels[labels["known_at"] < later],
        "weather": weather[weather["date"] < later],
    }
    assert watched(champion, known) == quiet


def test_windows_that_do_not_fit_are_refused(world, champion):
    _, reference = champion
    with pytest.raises(ModelError, match="must end later and have one answer a home"):
        watch_month(
            world.tables, reference.features, reference.probability, as_of=date(2023, 1, 1), reference=reference
        )
    with pytest.raises(ModelError, match="one answer a home"):
        watch_month(world.tables, reference.features, reference.probability[1:], as_of=NOW, reference=reference)


# Faults of the data


def test_a_month_in_wh_is_a_fault_to_repair_and_not_to_learn(world, champion):
    report = watched(champion, planted(world, "unit_fault", on=date(2024, 12, 1)))
    assert "electricity bills: unit" in names(report.faults)
    assert 500 < of(report, "electricity bills: unit").value < 2000
    decision = decide_retraining([replace(report, as_of=date(2024, 12, 1)), report])
    assert (decision.retrain, decision.action) == (False, "repair")
    assert "another unit than kWh" in " ".join(decision.reasons)


def test_stopped_feeds_are_faults(world, champion):
    report = watched(champion, planted(world, "missing_feed"))
    assert {"facts lost", "weather"} <= names(report.faults)
    assert of(report, "weather").value == 62  # days from 31 October to 1 January
    assert "The data are wrong" in report_in_words(report)


def test_bills_of_a_quarter_of_the_homes_that_stop_are_a_fault(world):
    bills = world.tables["bills"]
    silent = bills["home_id"].isin(bills["home_id"].unique()[::4]) & (bills["end"] > pd.Timestamp(2024, 9, 1))
    late = freshness_signals(world.tables | {"bills": bills[~silent]}, as_of=NOW, limits=LIMITS)
    electricity = next(signal for signal in late if signal.name == "electricity bills")
    assert electricity.fault
    assert electricity.value == pytest.approx(0.25, abs=0.03)
    assert not any(signal.raised for signal in freshness_signals(world.tables, as_of=NOW, limits=LIMITS))


def test_a_delivery_of_which_much_was_refused_is_a_fault(world, champion):
    assert quarantine_signal(1000, 20, LIMITS).fault
    assert not quarantine_signal(1000, 19, LIMITS).raised
    assert not quarantine_signal(0, 0, LIMITS).raised
    assert of(watched(champion, world.tables, quarantine=Quarantine(1000, 100)), "delivery").value == 0.1


# Drifts of the world


def test_electric_cars_are_seen_in_the_newest_bills_long_before_the_trailing_year_moves(world, champion):
    report = watched(champion, planted(world, "feature_shift"))
    assert "electricity bills: surprise" in names(report.alarms)
    assert not report.faults
    assert of(report, "electricity bills: surprise").value > 0.2


def test_a_new_neighbourhood_is_new_homes_with_an_unknown_name(world, champion):
    report = watched(champion, planted(world, "new_neighbourhood"))
    assert {"new homes", "unknown names"} <= names(report.alarms)
    assert "district" in of(report, "unknown names").words


def test_bills_follow_their_signature_and_a_doubled_bill_is_a_surprise_of_about_ln_2(world):
    usual = bill_surprises(world.tables, since=date(2024, 12, 1), as_of=NOW)
    assert usual["surprise"].abs().median() < 0.1
    bills = world.tables["bills"]
    new = (bills["known_at"] > pd.Timestamp(2024, 12, 1)) & (bills["fuel"] == "electricity")
    doubled = world.tables | {"bills": bills.assign(usage=bills["usage"].mask(new, 2 * bills["usage"]))}
    found = bill_surprises(doubled, since=date(2024, 12, 1), as_of=NOW)
    of_fuel = found[found["fuel"] == "electricity"]["surprise"]
    assert of_fuel.median() == pytest.approx(np.log(2), abs=0.1)
    assert bill_surprises({"homes": world.tables["homes"]}, since=THEN, as_of=NOW).empty


def test_surprising_bills_of_a_few_homes_may_be_chance():
    def surprising(n, n_surprising):
        surprise = [1.0] * n_surprising + [0.0] * (n - n_surprising)
        bills = pd.DataFrame({"fuel": "gas", "district": "d1", "surprise": surprise})
        return {signal.name: signal.raised for signal in bill_signals(bills, LIMITS)}["gas bills: surprise"]

    assert surprising(1000, 70)
    assert not surprising(1000, 69)
    assert not surprising(30, 4)  # 13 %, and expected of one in fifty months
    assert surprising(30, 8)


def test_bills_that_surprise_one_way_are_seen_where_as_many_both_ways_are_mess():
    def lean(n, over, under):
        surprise = [1.0] * over + [-1.0] * under + [0.0] * (n - over - under)
        bills = pd.DataFrame({"fuel": "gas", "district": "d1", "surprise": surprise})
        found = {signal.name: signal for signal in bill_signals(bills, LIMITS)}["gas bills: one way"]
        return found.value, found.raised

    assert lean(1000, 0, 40) == (0.04, True)
    assert lean(1000, 40, 0) == (0.04, True)
    assert lean(1000, 39, 0) == (0.039, False)
    assert lean(1000, 60, 20) == (0.04, True)  # 60 of 80 heads of a fair coin: one in 100,000
    assert lean(1000, 200, 160) == (0.04, False)  # 200 of 360: one in 25
    assert lean(40, 0, 4) == (0.1, False)  # four heads in a row are chance


# Answers and labels


def answers(n=4000, *, seed=0, flip=0.0):
    """Calibrated probabilities and labels drawn from them; a share of the labels is of the other fuel."""
    rng = np.random.default_rng(seed)
    probability = pd.Series(rng.beta(0.4, 0.4, n), index=[f"h{number}" for number in range(n)])
    is_gas = (rng.random(n) < probability) ^ (rng.random(n) < flip)
    return probability, pd.DataFrame({"is_gas": is_gas}, index=probability.index)


def test_estimated_accuracy_is_the_measured_one_where_the_model_is_calibrated():
    for seed in range(5):
        probability, labels = answers(seed=seed)
        found = measure(labels, probability)
        assert found.low < found.promised < found.high
        assert not measured_signal(labels, probability, LIMITS).raised


def test_a_calibrated_model_that_turns_wrong_is_seen_once_there_are_labels():
    probability, labels = answers(200, flip=0.2)
    assert measured_signal(labels, probability, LIMITS).raised
    few = labels.iloc[:29]
    assert not measured_signal(few, probability, LIMITS).raised
    assert "nothing is concluded" in measured_signal(few, probability, LIMITS).words
    assert measured_signal(labels.iloc[:0], probability, LIMITS) is None


def test_measured_accuracy_and_its_interval_by_hand():
    probability = pd.Series([0.9, 0.9, 0.2, 0.6], index=list("abcd"))
    found = measure(pd.DataFrame({"is_gas": [True, False, False, True]}, index=list("abcd")), probability)
    assert (found.n_homes, found.value) == (4, 0.75)
    assert found.promised == pytest.approx((0.9 + 0.9 + 0.8 + 0.6) / 4)
    assert (found.low, found.high) == pytest.approx((0.1941, 0.9937), abs=1e-4)  # Clopper and Pearson, 3 of 4


LABELS = pd.DataFrame(
    [
        ("h1", "gas", "2024-12-01", "2024-12-20", "survey"),
        ("h2", "electricity", "2024-12-01", "2024-12-20", "rebate"),  # a rebate hears of electric homes alone
        ("h3", "other", "2024-12-01", "2024-12-20", "survey"),
        ("h4", "gas", "2024-12-01", "2025-01-20", "survey"),  # not known yet
        ("h5", "gas", "2023-12-01", "2024-12-20", "survey"),  # of an event too long ago
        ("h6", "gas", "2023-05-01", "2023-06-01", "survey"),  # trained on
        ("h6", "electricity", "2024-12-05", "2024-12-20", "inspection"),
        ("h7", "gas", "2024-10-01", "2024-10-20", "survey"),
        ("h7", "electricity", "2024-12-05", "2024-12-20", "survey"),  # seen twice: the later event counts
    ],
    columns=["home_id", "heating_fuel", "event_time", "known_at", "source"],
).astype({"event_time": "datetime64[us]", "known_at": "datetime64[us]"})


def test_which_labels_can_judge_a_champion():
    arrived = arrived_labels(LABELS, since=date(2024, 10, 1), as_of=NOW)
    assert dict(arrived["is_gas"]) == {"h1": True, "h5": True, "h6": False, "h7": False}
    judged = judged_labels(LABELS, trained_at=THEN, since=date(2024, 10, 1), as_of=NOW)
    assert sorted(judged.index) == ["h1", "h7"]


def test_the_share_of_gas_among_labels_counts_beyond_chance():
    def labels(gas, electric, source="survey"):
        return pd.DataFrame({"is_gas": [True] * gas + [False] * electric, "source": source})

    assert label_signal(labels(700, 300), labels(40, 60), LIMITS).raised
    assert not label_signal(labels(700, 300), labels(65, 35), LIMITS).raised  # small
    assert not label_signal(labels(700, 300), labels(18, 13), LIMITS).raised  # chance
    assert label_signal(labels(700, 300), labels(9, 20), LIMITS) is None  # too few
    audits = labels(400, 600, "audit")  # of all homes, of which fewer heat with gas than of those who answer surveys
    both = pd.concat([labels(700, 300), audits])
    assert not label_signal(both, labels(40, 60, "audit"), LIMITS).raised
    assert label_signal(labels(700, 300), labels(40, 60, "audit"), LIMITS) is None  # nothing to compare with


def test_answers_that_move_and_lose_confidence_are_raised():
    probability = answers()[0].to_numpy()
    assert not any(signal.raised for signal in prediction_signals(probability, probability[::2], LIMITS))
    unsure = 0.5 + 0.7 * (probability - 0.5)
    moved, estimated = prediction_signals(probability, unsure, LIMITS)
    assert moved.raised
    assert estimated.raised
    confidence = np.maximum(probability, 1 - probability).mean()
    assert estimated.value == pytest.approx(0.3 * (confidence - 0.5))


def test_a_group_that_is_served_worse_is_raised():
    rng = np.random.default_rng(0)
    home_id = [f"h{number}" for number in range(600)]
    tenure = np.where(rng.random(600) < 0.4, "renter", "owner")
    tables = {
        "homes": pd.DataFrame({"home_id": home_id, "area_type": rng.choice(["urban", "rural"], 600)}),
        "sensitive": pd.DataFrame({"home_id": home_id, "tenure": tenure}),
    }
    said = pd.Series(0.9, index=home_id)
    fair = pd.DataFrame({"is_gas": rng.random(600) < 0.9}, index=home_id)
    assert not fairness_signals(tables, fair, said, LIMITS)[0].raised
    right = rng.random(600) < np.where(tenure == "renter", 0.75, 0.95)
    signal = fairness_signals(tables, pd.DataFrame({"is_gas": right}, index=home_id), said, LIMITS)[0]
    assert signal.raised
    assert "renter (tenure)" in signal.words
    assert fairness_signals(tables, fair.iloc[:40], said, LIMITS) == []
