"""Raw and trusted tables written down and read back."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from case_heating.data.dtypes import read_dtypes
from case_heating.data.keep import read_gathered, read_trusted, write_gathered, write_trusted
from case_heating.data.sources import Gathered
from case_heating.data.validate import RowFault, Trusted
from case_heating.schema import BILLS

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
