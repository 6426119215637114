"""The offline store: what was known at a moment, against a plain loop; a write is whole or absent."""

import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_heating.data.simulate import simulate
from case_heating.errors import LeakageError, StoreError, TableError, WorkspaceError
from case_heating.features import store_log, store_table, store_writes
from case_heating.features.build import build_features
from case_heating.features.known import known_labels
from case_heating.features.stages import FEATURES
from case_heating.features.store import OfflineStore, feature_rows
from case_heating.features.store_writes import incoming_features

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
NAMES = [feature.name for feature in FEATURES]


@pytest.fixture
def store(tmp_path):
    return OfflineStore(tmp_path / "store", memory_mb=256, threads=1)


def rows(*told):
    """Feature rows of (home, event_time, known_at, kwh_year)."""
    frame = pd.DataFrame(told, columns=["home_id", "event_time", "known_at", "kwh_year"])
    return frame.astype(
        {"home_id": "str", "kwh_year": "float64", "event_time": "datetime64[us]", "known_at": "datetime64[us]"}
    )


def kwh(store, *asked):
    """What the store says of (home, moment): kWh or None."""
    answers = store.read_features(pd.DataFrame(asked, columns=["home_id", "moment"]), ["kwh_year"])["kwh_year"]
    return [None if pd.isna(value) else value for value in answers]


def files(store):
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


def test_a_late_correction_appears_only_to_moments_after_it_was_known(store):
    store.write_features(rows(("h", JAN, JAN, 100.0)))
    store.write_features(rows(("h", JAN, date(2025, 1, 20), 90.0)))
    assert kwh(store, ("h", date(2024, 12, 31)), ("h", JAN), ("h", date(2025, 1, 19)), ("h", date(2025, 1, 20))) == [
        None,
        100.0,
        100.0,
        90.0,
    ]


def test_a_late_correction_of_the_past_does_not_replace_what_is_known_of_the_present(store):
    store.write_features(rows(("h", JAN, JAN, 100.0)))
    store.write_features(rows(("h", FEB, FEB, 200.0)))
    store.write_features(rows(("h", JAN, MAR, 90.0)))
    assert kwh(store, ("h", MAR), ("h", APR)) == [200.0, 200.0]


def test_a_backfill_of_several_months_known_on_one_day_answers_with_the_last_of_them(store):
    store.write_features(rows(("h", FEB, MAR, 2.0), ("h", JAN, MAR, 1.0)))
    assert kwh(store, ("h", FEB), ("h", MAR)) == [None, 2.0]


def test_of_two_versions_known_on_one_day_the_later_write_counts(store):
    store.write_features(rows(("h", JAN, JAN, 1.0)))
    store.write_features(rows(("h", JAN, JAN, 2.0)))
    assert kwh(store, ("h", JAN)) == [2.0]


def test_requests_keep_their_order_their_columns_and_their_repeats(store):
    store.write_features(rows(("a", JAN, JAN, 1.0), ("b", JAN, JAN, 2.0)))
    asked = pd.DataFrame(
        {
            "home_id": ["b", "never seen", "a", "b"],
            "moment": pd.to_datetime([FEB, FEB, FEB, JAN]),
            "label": [4, 3, 2, 1],
        },
        index=[9, 9, 1, 0],
    )
    answers = store.read_features(asked, ["kwh_year", "district"])
    assert list(answers.columns) == ["home_id", "moment", "label", "event_time", "known_at", "kwh_year", "district"]
    assert answers["label"].tolist() == [4, 3, 2, 1]
    assert answers["kwh_year"].fillna(-1).tolist() == [2.0, -1.0, 1.0, 2.0]
    assert answers["event_time"].isna().tolist() == [False, True, False, False]
    assert answers["district"].isna().all()


DAYS = st.integers(0, 9).map(lambda day: JAN + timedelta(days=day))
HOMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from([1.0, 2.0, 3.0, np.nan])
STORED = st.lists(st.tuples(HOMES, DAYS, st.integers(0, 9), VALUES), min_size=1, max_size=40)
ALL_ASKED = [(home, JAN + timedelta(days=day)) for home in ("a", "b", "c", "never seen") for day in range(-1, 20)]


def plain_loop(told, home, moment):
    """The last value said of the latest event by then; rows in the order in which they were written."""
    known = [row for row in told if row[0] == home and row[1] <= moment and row[2] <= moment]
    return max(enumerate(known), key=lambda row: (row[1][1], row[1][2], row[0]))[1][3] if known else None


@settings(max_examples=25, deadline=None)
@given(STORED, st.integers(0, 19))
def test_point_in_time_against_a_plain_loop(tmp_path_factory, stored, cut):
    """Late corrections, backfills, ties, unchanged rows, homes never seen, moments before the first row."""
    store = OfflineStore(tmp_path_factory.mktemp("store"), memory_mb=256, threads=1)
    told = [(home, event, event + timedelta(days=late), value) for home, event, late, value in stored]
    first, second = ({}, {})
    for row in sorted(told, key=lambda row: row[2]):  # one row per key in a write
        (first if row[2] <= JAN + timedelta(days=cut) and row[:3] not in first else second)[row[:3]] = row
    first = {key: row for key, row in first.items() if key[2] <= min((key[2] for key in second), default=date.max)}
    for some in (first, second):
        if some:
            store.write_features(rows(*some.values()))
    expected = [plain_loop([*first.values(), *second.values()], home, moment) for home, moment in ALL_ASKED]
    assert kwh(store, *ALL_ASKED) == [None if value is None or np.isnan(value) else value for value in expected]


LABELS = st.tuples(HOMES, DAYS, DAYS, st.sampled_from(["gas", "electricity"]), st.sampled_from("xy"))


@settings(max_examples=15, deadline=None)
@given(st.lists(LABELS, max_size=20), DAYS)
def test_labels_as_known_at_a_moment_against_the_core(tmp_path_factory, told, moment):
    """Labels may be announced before they hold, and an office may send them in long after it knew them."""
    store = OfflineStore(tmp_path_factory.mktemp("store"), memory_mb=256, threads=1)
    frame = labels(*told)
    store.write_labels(frame.iloc[: len(frame) // 2])
    store.write_labels(frame.iloc[len(frame) // 2 :])
    stored = store.read_labels(moment)
    assert not stored.duplicated().any()
    expected = known_labels(frame.drop_duplicates(), as_of=moment)  # a repeat adds nothing, not even at the end
    pd.testing.assert_series_equal(known_labels(stored, as_of=moment), expected)
    standing = store.latest_labels(moment)
    assert standing.set_index("home_id")["heating_fuel"].to_dict() == expected.to_dict()
    assert standing["home_id"].tolist() == sorted(standing["home_id"])


def labels(*told):
    frame = pd.DataFrame(told, columns=["home_id", "event_time", "known_at", "heating_fuel", "source"])
    times = dict.fromkeys(("event_time", "known_at"), "datetime64[us]")
    return frame.astype(dict.fromkeys(("home_id", "heating_fuel", "source"), "str") | times)


def test_a_second_write_of_the_same_rows_adds_nothing(store):
    told = rows(("a", JAN, JAN, 1.0), ("b", JAN, JAN, np.nan))
    first = store.write_features(told)
    before = {path: path.read_bytes() for path in files(store)}
    again = store.write_features(told)
    assert (first.added, first.unchanged) == (2, 0)
    assert (again.added, again.unchanged, again.digest) == (0, 2, first.digest)
    assert {path: path.read_bytes() for path in files(store)} == before
    store.write_labels(labels(("a", JAN, JAN, "gas", "survey")))
    assert store.write_labels(labels(("a", JAN, JAN, "gas", "survey"))).added == 0
    assert len(store.read_labels(JAN)) == 1


def test_unchanged_homes_are_not_written_again_by_a_correction(store):
    store.write_features(rows(("a", JAN, JAN, 1.0), ("b", JAN, JAN, np.nan), ("c", JAN, JAN, 3.0)))
    written = store.write_features(rows(("a", JAN, FEB, 1.0), ("b", JAN, FEB, np.nan), ("c", JAN, FEB, 4.0)))
    assert (written.added, written.unchanged) == (1, 2)
    assert store.history("a")["version"].tolist() == [1]
    assert store.history("c")["kwh_year"].tolist() == [3.0, 4.0]


def test_a_fact_that_becomes_missing_is_a_change(store):
    store.write_features(rows(("a", JAN, JAN, 1.0)))
    store.write_features(rows(("a", JAN, FEB, np.nan)))
    assert kwh(store, ("a", JAN), ("a", FEB)) == [1.0, None]


def test_rows_lie_by_the_month_in_which_they_became_known(store):
    store.write_features(rows(("a", JAN, JAN, 1.0), ("b", JAN, FEB, 2.0), ("a", FEB, FEB, 3.0)))
    assert sorted(path.parent.name for path in store.folder.rglob("*.parquet")) == ["known-2025-01", "known-2025-02"]
    assert [(write.number, write.last_version) for write in store.writes()] == [(1, 3)]


def test_the_same_rows_give_the_same_digest_anywhere(tmp_path):
    told = rows(("a", JAN, JAN, 1.0), ("b", JAN, FEB, 2.0))
    one, two = (OfflineStore(tmp_path / name) for name in ("one", "two"))
    assert one.digest() == ""
    another = threading.Thread(target=two.write_features, args=(told,))  # its files are named otherwise
    another.start()
    another.join()
    assert one.write_features(told).digest == two.digest()
    assert one.write_features(rows(("a", FEB, FEB, 1.0))).digest != two.digest()


def test_a_clock_set_back_cannot_change_what_was_known(store):
    store.write_features(rows(("a", JAN, JAN, 1.0), ("b", JAN, JAN, 1.0)))
    store.write_features(rows(("a", MAR, MAR, 2.0)))
    before = files(store)
    with pytest.raises(
        StoreError, match=r"1 of 1 new rows .* home a, known_at 2025-02-01, .* learned until 2025-03-01"
    ):
        store.write_features(rows(("a", JAN, FEB, 9.0)))
    assert files(store) == before
    assert store.write_features(rows(("a", JAN, JAN, 1.0), ("b", JAN, JAN, 1.0))).added == 0  # known already
    assert store.write_features(rows(("new home", JAN, FEB, 9.0))).added == 1
    assert store.learned_until() == MAR


def test_that_nothing_changed_was_learned_too(store):
    """Confirmed in March, a value cannot have been another in February."""
    store.write_features(rows(("a", JAN, JAN, 1.0)))
    assert store.write_features(rows(("a", JAN, MAR, 1.0))).added == 0
    with pytest.raises(StoreError, match="learned until 2025-03-01"):
        store.write_features(rows(("a", JAN, FEB, 2.0)))


@pytest.mark.parametrize(
    ("told", "error", "words"),
    [
        (
            rows(("a", FEB, JAN, 1.0)),
            TableError,
            r"1 of 1 rows are known before the moment .* home a, event_time 2025-02",
        ),
        (rows(("a", JAN, JAN, 1.0), ("a", JAN, JAN, 2.0)), TableError, "2 of 2 rows contradict .* home a"),
        (
            rows(("a", JAN, JAN, 1.0), (None, JAN, JAN, 2.0)),
            TableError,
            r"features.home_id: 1 of 2 rows have none \(first: row 1",
        ),
        (rows(("a", JAN, JAN, 1.0)).drop(columns="known_at"), TableError, "the columns known_at are missing"),
        (
            rows(("a", JAN, JAN, 1.0)).assign(kwh_year="much"),
            TableError,
            r"features.kwh_year cannot be stored as double",
        ),
        (rows(("a", JAN, JAN, 1.0)).assign(tenure="owner"), LeakageError, "sensitive trait"),
    ],
)
def test_rows_that_are_refused(store, told, error, words):
    with pytest.raises(error, match=words):
        store.write_features(told)
    assert not store.folder.exists()


def test_labels_and_requests_that_are_refused(store):
    with pytest.raises(TableError, match=r"1 of 1 rows hold none of gas, .*'coal'"):
        store.write_labels(labels(("a", JAN, JAN, "coal", "survey")))
    with pytest.raises(TableError, match="the columns moment are missing"):
        store.read_features(pd.DataFrame({"home_id": ["a"]}))
    with pytest.raises(TableError, match="1 of 1 rows name no home or no moment"):
        store.read_features(pd.DataFrame({"home_id": ["a"], "moment": [pd.NaT]}))
    with pytest.raises(TableError, match="there is no feature shoe_size"):
        store.read_features(pd.DataFrame({"home_id": ["a"], "moment": [JAN]}), ["shoe_size"])


def test_an_empty_store_knows_nothing(store):
    assert kwh(store, ("a", JAN)) == [None]
    assert store.latest_features(JAN).shape == (0, len(NAMES))
    assert store.read_labels(JAN).empty
    assert store.learned_until() is None
    assert store.read_features(pd.DataFrame({"home_id": [], "moment": []})).empty


def test_a_column_that_files_of_former_times_lack_is_missing_there(store):
    former = incoming_features(rows(("a", JAN, JAN, 0.0))).drop_columns("kwh_year")
    folder = store.folder / "features"
    parts = store_writes.write_parts(former, folder, number=1, first_version=0)
    store_log.append(folder, store_log.NOTHING, parts, JAN.isoformat())
    assert kwh(store, ("a", JAN)) == [None]
    store.write_features(rows(("a", FEB, FEB, 2.0)))
    assert kwh(store, ("a", JAN), ("a", FEB)) == [None, 2.0]


def test_offline_now_is_what_was_built_value_for_value(store):
    tables = simulate(homes=300, seed=3).tables
    for moment in (date(2025, 11, 1), date(2025, 12, 1)):
        matrix = build_features(tables, as_of=moment)
        store.write_features(feature_rows(matrix, event_time=moment))
    held = store.latest_features(moment, homes=list(matrix.index))
    pd.testing.assert_frame_equal(held, matrix, check_exact=True)
    pd.testing.assert_frame_equal(store.latest_features(moment), matrix.sort_index(), check_exact=True)


def damage(path, how):
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        path.write_bytes(b"x" * path.stat().st_size)


@pytest.mark.parametrize("how", ["gone", "cut", "overwritten"])
def test_a_damaged_file_is_named_with_what_to_do(store, how):
    store.write_features(rows(("a", JAN, JAN, 1.0)))
    store.write_features(rows(("a", FEB, FEB, 2.0)))
    store.verify()
    damaged = next(store.folder.rglob("known-2025-02/*.parquet"))
    damage(damaged, how)
    for ask in (store.verify, lambda: kwh(store, ("a", APR)), lambda: store.write_features(rows(("a", FEB, MAR, 5.0)))):
        with pytest.raises(StoreError) as caught:
            ask()
        assert str(damaged) in str(caught.value)
        assert "restore" in str(caught.value)
    assert kwh(store, ("a", JAN)) == [1.0]  # its own file is whole


def test_one_bit_that_turned_is_found(store):
    store.write_features(rows(*[("a", JAN, JAN, 1.0)]))
    path = next(store.folder.rglob("*.parquet"))
    bits = bytearray(path.read_bytes())
    bits[len(bits) // 2] ^= 1
    path.write_bytes(bytes(bits))
    with pytest.raises(StoreError, match="is missing or damaged"):
        store.verify()


@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_a_damaged_log_is_named_with_what_to_do(store, how):
    for month in (JAN, FEB):
        store.write_features(rows(("a", month, month, 1.0)))
    log = store.folder / "features" / "log" / "000001.json"
    if how == "changed":
        log.write_text(log.read_text().replace('"rows": 1', '"rows": 2'))
    else:
        damage(log, how)
    with pytest.raises(StoreError, match=r"log.*restore .* from a backup, or delete it and ingest again"):
        kwh(store, ("a", APR))


def test_a_full_disk_leaves_the_store_as_it_was(store, monkeypatch):
    store.write_features(rows(("a", JAN, JAN, 1.0)))

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    for place, name in ((store_writes.pq, "write_table"), (store_log.os, "link")):
        with monkeypatch.context() as disk:
            disk.setattr(place, name, full)
            with pytest.raises(WorkspaceError, match="is full"):
                store.write_features(rows(("a", FEB, FEB, 2.0)))
        assert kwh(store, ("a", APR)) == [1.0]
    store.write_features(rows(("a", FEB, FEB, 2.0)))
    assert kwh(store, ("a", APR)) == [2.0]
    assert len(list(store.folder.rglob("*.parquet"))) == 2, "what the broken writes left is gone"


def test_of_two_writers_at_once_both_land(store, monkeypatch):
    """The other one ends while this one has written its files and not yet its log."""
    write_parts = store_table.write_parts
    other = rows(("b", JAN, JAN, 7.0), ("a", JAN, JAN, 1.0))

    def overtaken(*args, **kwargs):
        parts = write_parts(*args, **kwargs)
        monkeypatch.setattr(store_table, "write_parts", write_parts)
        another = threading.Thread(target=store.write_features, args=(other,))
        another.start()
        another.join()
        return parts

    monkeypatch.setattr(store_table, "write_parts", overtaken)
    written = store.write_features(rows(("a", JAN, JAN, 1.0), ("c", JAN, JAN, 3.0)))
    assert (written.added, written.unchanged) == (1, 1)  # the other had brought a
    assert kwh(store, ("a", JAN), ("b", JAN), ("c", JAN)) == [1.0, 7.0, 3.0]
    assert store.latest_features(JAN).shape[0] == 3
    assert len(list(store.folder.rglob("*.parquet"))) == 2


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
import pandas as pd
from case_heating.features import store_log, store_table
from case_heating.features.store import OfflineStore, feature_rows
from case_heating.features.store_writes import incoming_features

def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

step = sys.argv[2]
if step == "files":
    sync, store_table.write_parts.__globals__["sync"] = store_table.write_parts.__globals__["sync"], die
elif step == "log":
    store_log.os.link = die
elif step == "sweep":
    store_log.sweep = die
matrix = pd.DataFrame({"kwh_year": [2.0, 3.0]}, index=pd.Index(["a", "b"], name="home_id"))
rows = pd.concat([feature_rows(matrix, event_time=date(2025, month, 1)) for month in (2, 3)])
OfflineStore(Path(sys.argv[1])).write_features(rows)
"""


@pytest.mark.parametrize(("step", "landed"), [("files", False), ("log", False), ("sweep", True), ("none", True)])
def test_killed_at_any_step_a_write_is_whole_or_absent(store, step, landed):
    store.write_features(rows(("a", JAN, JAN, 1.0)))
    words = [sys.executable, "-c", KILLED, str(store.folder), step]
    done = subprocess.run(words, check=False, env=os.environ, capture_output=True)
    assert done.returncode == (0 if step == "none" else -9), done.stderr.decode()
    assert kwh(store, ("a", APR), ("b", APR)) == ([2.0, 3.0] if landed else [1.0, None])
    told = rows(*[(home, month, month, value) for month in (FEB, MAR) for home, value in (("a", 2.0), ("b", 3.0))])
    assert store.write_features(told).added == (0 if landed else 4)
    assert kwh(store, ("a", APR), ("b", APR)) == [2.0, 3.0]
    assert len(store.history("a")) == 3
    store.write_features(rows(("a", APR, APR, 4.0)))
    named = {part.path for write in store.writes() for part in write.parts}
    lying = {path.relative_to(store.folder / "features").as_posix() for path in store.folder.rglob("*.parquet")}
    assert lying == named, "files that no log names are gone"


def test_more_data_than_memory(tmp_path):
    """The whole factor of ten takes a minute: ``heating bench store --beyond-memory`` measures it."""
    n_homes, n_months, memory_mb = 60_000, 4, 32
    rng = np.random.default_rng(0)
    homes = pd.Index([f"h{number:05d}" for number in range(n_homes)], name="home_id")
    numbers = [feature.name for feature in FEATURES if feature.kind == "number"]
    matrix = pd.DataFrame(rng.random((n_homes, len(numbers))), index=homes, columns=numbers)
    for month in range(1, n_months + 1):
        matrix["kwh_year"] = month + np.arange(n_homes) / n_homes
        OfflineStore(tmp_path).write_features(feature_rows(matrix, event_time=date(2025, month, 1)))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.parquet")) > 2 * memory_mb * 1e6
    tight = OfflineStore(tmp_path, memory_mb=memory_mb, threads=1)
    asked = pd.DataFrame({"home_id": homes[::50], "moment": pd.Timestamp("2025-03-15")})
    expected = (3 + np.arange(n_homes) / n_homes)[::50].tolist()
    assert tight.read_features(asked)["kwh_year"].tolist() == expected
    assert sum(len(batch) for batch in tight.newest_above(0)) == n_homes
    assert list(tmp_path.glob("*/spill-*")) == []


def test_too_little_memory_is_told_in_words(tmp_path):
    store = OfflineStore(tmp_path, memory_mb=1, threads=1)
    with pytest.raises(StoreError, match="needs more than the 1 MB it may use"):
        store.write_features(rows(*[(f"h{number}", JAN, JAN, float(number)) for number in range(50_000)]))


def test_the_offline_store_never_meets_the_online_one():
    """Training and backfills cannot lock what they do not know."""
    folder = Path(store_log.__file__).parent
    for path in folder.glob("store*.py"):
        assert "import online" not in path.read_text()
        assert "features.online" not in path.read_text()
