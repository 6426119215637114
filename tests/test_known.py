"""What was known at a moment: later facts and corrections do not exist, the latest version by then wins."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_heating.features.known import known_bills, known_labels, last_learned


def bills(*rows):
    frame = pd.DataFrame(rows, columns=["home_id", "fuel", "start", "usage", "known_at"])
    return frame.assign(start=pd.to_datetime(frame["start"]), known_at=pd.to_datetime(frame["known_at"]))


def labels(*rows):
    frame = pd.DataFrame(rows, columns=["home_id", "heating_fuel", "event_time", "known_at"])
    return frame.assign(event_time=pd.to_datetime(frame["event_time"]), known_at=pd.to_datetime(frame["known_at"]))


CORRECTED = bills(
    ("h1", "electricity", "2024-01-01", 999.0, "2024-03-10"),  # the correction comes first in the file
    ("h1", "electricity", "2024-01-01", 500.0, "2024-02-03"),
    ("h1", "gas", "2024-01-01", 40.0, "2024-02-03"),
    ("h2", "electricity", "2024-01-01", 300.0, "2024-02-03"),
    ("h1", "electricity", "2024-02-01", 510.0, "2024-03-04"),
)


@pytest.mark.parametrize(
    ("as_of", "usage"),
    [
        (date(2024, 2, 2), []),
        (date(2024, 2, 3), [500.0, 40.0, 300.0]),  # known on the very day
        (date(2024, 3, 9), [500.0, 40.0, 300.0, 510.0]),
        (date(2024, 3, 10), [999.0, 40.0, 300.0, 510.0]),
    ],
)
def test_bills_are_those_known_by_then_in_their_latest_version(as_of, usage):
    assert known_bills(CORRECTED, as_of=as_of)["usage"].tolist() == usage


def test_of_two_versions_known_on_one_day_the_later_row_counts():
    twice = bills(("h", "gas", "2024-01-01", 1.0, "2024-02-01"), ("h", "gas", "2024-01-01", 2.0, "2024-02-01"))
    assert known_bills(twice, as_of=date(2024, 2, 1))["usage"].tolist() == [2.0]


def test_known_bills_keep_the_order_of_their_rows_and_do_not_change_them():
    before = CORRECTED.copy()
    assert known_bills(CORRECTED, as_of=date(2025, 1, 1)).index.tolist() == [0, 2, 3, 4]
    pd.testing.assert_frame_equal(CORRECTED, before)


DAYS = st.dates(date(2024, 1, 1), date(2024, 1, 12))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["gas", "electricity"]), DAYS, DAYS), max_size=12),
    DAYS,
)
def test_known_bills_against_a_plain_loop(rows, as_of):
    latest = {}
    for number, (home, fuel, start, known_at) in enumerate(rows):
        former = latest.get((home, fuel, start))
        if known_at <= as_of and (former is None or known_at >= former[0]):
            latest[home, fuel, start] = (known_at, number)
    frame = bills(*[(home, fuel, start, float(n), known) for n, (home, fuel, start, known) in enumerate(rows)])
    assert known_bills(frame, as_of=as_of)["usage"].tolist() == sorted(number for _, number in latest.values())


def test_the_latest_event_counts_even_where_an_older_one_was_reported_later():
    seen = labels(
        ("h", "electricity", "2023-05-01", "2023-06-01"),
        ("h", "gas", "2020-01-01", "2023-12-01"),
    )
    assert known_labels(seen, as_of=date(2024, 1, 1)).to_dict() == {"h": "electricity"}


def test_of_two_reports_of_one_event_the_last_counts():
    seen = labels(
        ("h", "electricity", "2023-05-01", "2023-07-01"),
        ("h", "gas", "2023-05-01", "2023-06-01"),
    )
    assert known_labels(seen, as_of=date(2024, 1, 1)).to_dict() == {"h": "electricity"}
    assert known_labels(seen, as_of=date(2023, 6, 30)).to_dict() == {"h": "gas"}


def test_a_label_known_later_or_of_a_later_event_does_not_exist():
    seen = labels(
        ("b", "gas", "2023-01-01", "2023-06-01"),
        ("b", "electricity", "2023-03-01", "2023-06-02"),
        ("a", "electricity", "2023-07-01", "2023-05-01"),  # announced: from July on
    )
    assert known_labels(seen, as_of=date(2023, 6, 1)).to_dict() == {"b": "gas"}
    assert known_labels(seen, as_of=date(2023, 7, 1)).to_dict() == {"a": "electricity", "b": "electricity"}


def test_labels_are_sorted_by_home():
    seen = labels(*[(home, "gas", "2023-01-01", "2023-01-02") for home in ("c", "a", "b")])
    assert known_labels(seen, as_of=date(2024, 1, 1)).index.tolist() == ["a", "b", "c"]


def test_the_last_day_learned_is_the_latest_of_all_tables():
    tables = {"bills": CORRECTED, "labels": labels(("h", "gas", "2023-01-01", "2024-05-09")), "homes": pd.DataFrame()}
    assert last_learned(tables) == date(2024, 5, 9)
    assert last_learned({"homes": pd.DataFrame({"home_id": ["h"]})}) is None
    assert last_learned({"labels": labels(("h", "gas", "2023-01-01", None))}) is None
