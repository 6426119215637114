"""What the watch saw month after month: tables to draw, and the latest month in words."""

from datetime import date

import pandas as pd
import pytest

from case_heating.watch.answer_signals import Measured
from case_heating.watch.monitor import WatchReport
from case_heating.watch.over_time import (
    accuracy_in_words,
    accuracy_over_time,
    drift_in_words,
    drift_over_time,
    signals_over_time,
)
from case_heating.watch.signals import Signal

MAY, JUNE = date(2025, 5, 31), date(2025, 6, 30)
QUIET = Signal("feature", "features of homes", 0.1, 0.25, "alarm", False, False, "no feature drifted")
MOVED = Signal("feature", "features of the weather", 3.0, 0.25, "information", True, False, "the weather moved")
ALARM = Signal("concept", "accuracy", 0.2, 0.05, "alarm", True, False, "right less often than promised")
FAULT = Signal("data", "unit", 1000.0, 5.0, "alarm", True, True, "district d14 is in Wh")


def feature(psi, drifted=False):
    return {"psi": psi, "p_adjusted": 0.5, "missing": 0.02, "drifted": drifted}


def report(day, *signals, measured=None, **features):
    return WatchReport(day, "version 1", (day, day), (day, day), 1000, signals, 0.95, measured, 80, features)


REPORTS = [
    report(MAY, QUIET, kwh_year=feature(0.3, True), hdd_year=feature(2.0, True)),
    report(
        JUNE,
        QUIET,
        MOVED,
        ALARM,
        FAULT,
        measured=Measured(40, 0.75, 0.59, 0.87, 0.93),
        kwh_year=feature(0.05),
        hdd_year=feature(3.0, True),
        published_gas_price=feature(0.4, True),
    ),
]


def test_each_feature_of_each_month_has_its_row_and_its_kind():
    drift = drift_over_time(REPORTS)
    told = drift.set_index(["as_of", "feature"])["psi"].unstack(0)
    assert told.loc["kwh_year"].tolist() == [0.3, 0.05]
    assert drift.drop_duplicates("feature").set_index("feature")["kind"].to_dict() == {
        "kwh_year": "home",
        "hdd_year": "weather",
        "published_gas_price": "prices",
    }
    assert drift["about"].iloc[0] == "Electricity used in the last twelve months"


def test_what_drifted_in_the_latest_month_is_said_and_weather_is_told_apart():
    assert drift_in_words(drift_over_time(REPORTS[:1]), 0.25) == (
        "In the month before 2025-05-31 1 of 1 features of homes drifted beyond 0.25: kwh_year (0.30). 1 of weather "
        "and prices moved as well, as they do every year; they count where accuracy falls."
    )
    quiet = drift_in_words(drift_over_time(REPORTS), 0.25)
    assert quiet.startswith(
        "In the month before 2025-06-30 no feature of homes drifted beyond 0.25; the farthest is kwh_year with a PSI "
        "of 0.05. 2 of weather"
    )


def test_accuracy_is_missing_where_nothing_was_measured():
    told = accuracy_over_time(REPORTS)
    assert told["estimated"].tolist() == [0.95, 0.95]
    assert told["measured"].isna().tolist() == [True, False]
    assert told.loc[1, ["low", "high", "promised", "n_homes"]].tolist() == [0.59, 0.87, 0.93, 40]


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        (None, "no home was labelled since it was trained, so nothing is measured."),
        (
            Measured(40, 0.75, 0.59, 0.87, 0.93),
            "on 40 newly labelled homes it was right for 75.0 % (95 % interval 59.0 % to 87.0 %; 93.0 % was promised).",
        ),
        (Measured(40, 0.9, 0.8, 0.97, 0.93), "(95 % interval 80.0 % to 97.0 %; as promised)."),
    ],
)
def test_whether_it_is_as_right_as_promised_is_said(measured, told):
    words = accuracy_in_words(accuracy_over_time([report(MAY, measured=measured)]))
    assert words.startswith("By its own confidence the champion is right for 95.0 % of homes; ")
    assert words.endswith(told)


def test_what_was_raised_stands_first_and_faults_before_all():
    told = signals_over_time(REPORTS)
    june = told[told["as_of"] == pd.Timestamp(JUNE)]
    assert june["name"].tolist() == ["unit", "accuracy", "features of the weather", "features of homes"]
    assert june.iloc[0][["value", "limit", "fault", "words"]].tolist() == [1000.0, 5.0, True, "district d14 is in Wh"]


def test_before_the_first_month_there_is_nothing_and_no_error():
    assert drift_in_words(drift_over_time([]), 0.25) == "No month was watched yet."
    assert accuracy_in_words(accuracy_over_time([])) == "No month was watched yet."
    assert signals_over_time([]).empty
