"""Raw and trusted tables written down and read back."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from case_heating.data.dtypes import read_dtypes
from case_heating.data.keep import read_gathered, read_homes, read_trusted, write_gathered, write_trusted
from case_heating.data.sources import Gathered
from case_heating.data.validate import RowFault, Trusted
from case_heating.schema import BILLS, TABLES, conform
from case_heating.workspace import write_tables

RAW_BILLS = pd.DataFrame(
    {
        "home_id": pd.Series([7, "h2", "h3"], dtype=object),
        "fuel": ["gas", "gas", "coal"],
        "start": pd.Series([pd.Timestamp("2024-01-01"), "2024-02-01", "one day"], dtype=object),
        "usage": pd.Series([12.5, "n/a", None], dtype=object),
        "cost_usd": [1.0, 2.0, 3.0],
    }
)


def test_raw_tables_mean_the_same_when_read_back(tmp_path):
    write_gathered(Gathered({"bills": RAW_BILLS}, ("a note", "über")), tmp_path)
    read = read_gathered(tmp_path)
    assert read.notes == ("a note", "über")
    assert list(read.tables) == ["bills"]
    before, after = (read_dtypes(bills, BILLS) for bills in (RAW_BILLS, read.tables["bills"]))
    pd.testing.assert_frame_equal(after.rows, before.rows)
    assert {name: cells.tolist() for name, cells in after.unread.items()} == {
        "start": [False, False, True],
        "usage": [False, True, False],
    }
    assert before.unread.keys() == after.unread.keys()


@pytest.fixture
def trusted(tiny_tables) -> Trusted:
    quarantine = {"bills": RAW_BILLS.astype({"home_id": "str", "start": "str", "usage": "str"}).assign(reasons="why")}
    counts = pd.DataFrame(
        {"rows_in": [5, 51], "valid": [4, 48], "quarantined": [1, 3], "not_yet_known": 0}, index=["homes", "bills"]
    )
    faults = (RowFault("bills", "usage", "not a finite number", 3, 51, "home h2, n/a"),)
    return Trusted(tiny_tables, quarantine, counts, faults, date(2025, 1, 4), ("no tariffs",), {})


def test_trusted_tables_are_read_back_whole(trusted, tmp_path):
    write_trusted(trusted, tmp_path)
    read = read_trusted(tmp_path)
    assert sorted(read.tables) == sorted(trusted.tables)
    for name, table in trusted.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], table)
    pd.testing.assert_frame_equal(read.quarantine["bills"], trusted.quarantine["bills"])
    pd.testing.assert_frame_equal(read.counts, trusted.counts)
    assert (read.faults, read.as_of, read.notes) == (trusted.faults, date(2025, 1, 4), ("no tariffs",))


def test_without_refused_rows_nothing_is_in_quarantine(trusted, tmp_path):
    write_trusted(replace(trusted, quarantine={}, faults=(), notes=()), tmp_path)
    read = read_trusted(tmp_path)
    assert (read.quarantine, read.faults, read.notes) == ({}, (), ())


def test_people_find_a_summary_and_data_docs(trusted, tmp_path):
    write_trusted(trusted, tmp_path)
    assert (tmp_path / "data_docs" / "index.html").exists()
    summary = json.loads((tmp_path / "checked.json").read_text(encoding="utf-8"))
    assert summary["as_of"] == "2025-01-04"
    assert summary["counts"]["bills"] == {"rows_in": 51, "valid": 48, "quarantined": 3, "not_yet_known": 0}
    assert summary["faults"][0]["first_example"] == "home h2, n/a"


def test_one_home_is_read_as_the_whole_tables_have_it(tiny_tables, tmp_path):
    day = pd.DataFrame({"place_id": ["p1", "p2"], "date": pd.Timestamp("2024-01-01"), "mean_temp_f": [30.0, 40.0]})
    tables = tiny_tables | {"weather": conform(day, TABLES["weather"])}
    write_tables(tables, tmp_path / "tables")
    found = read_homes(tmp_path, ["h3"])
    assert list(found) == ["homes", "labels", "bills", "weather", "degree_days"]
    for name, frame in found.items():
        key, value = ("home_id", "h3") if "home_id" in frame else ("place_id", "p2")
        expected = tables[name][tables[name][key] == value].reset_index(drop=True)
        pd.testing.assert_frame_equal(frame, expected)
        assert len(frame) > 0


@pytest.mark.parametrize("home_id", ["nobody", "' OR 1=1 --", "", "h3\x00"])
def test_a_home_that_is_not_there_has_no_rows(tiny_tables, tmp_path, home_id):
    write_tables(tiny_tables, tmp_path / "tables")
    assert {name: len(frame) for name, frame in read_homes(tmp_path, [home_id]).items()} == dict.fromkeys(
        ("homes", "labels", "bills", "degree_days"), 0
    )


def test_a_damaged_table_is_told_as_a_bad_value(tiny_tables, tmp_path):
    write_tables(tiny_tables, tmp_path / "tables")
    (tmp_path / "tables" / "bills.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"bills\.parquet"):
        read_homes(tmp_path, ["h3"])


def test_several_homes_keep_their_order(tiny_tables, tmp_path):
    write_tables(tiny_tables, tmp_path / "tables")
    found = read_homes(tmp_path, ["h4", "h1", "nobody"])
    assert found["homes"]["home_id"].tolist() == ["h1", "h4"]
    expected = tiny_tables["bills"][tiny_tables["bills"]["home_id"].isin(["h1", "h4"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found["bills"], expected)
    assert found["degree_days"]["place_id"].tolist() == ["p1", "p2"]
