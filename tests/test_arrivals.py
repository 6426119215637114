"""What comes in: which days are due, what a changed file adds, what is told of it, and what a second run does."""

import shutil
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from case_heating.arrivals import (
    BACKFILL_MONTHS,
    IngestReport,
    delivered,
    fed_tables,
    ingest,
    moments_due,
    offline_store,
)
from case_heating.data.validate import RowFault
from case_heating.errors import NotEnoughDataError, StoreError, WorkspaceError
from case_heating.settings import Settings

DAY = date(2024, 3, 31)


def bills_from(day):
    return pd.DataFrame({"known_at": pd.to_datetime([day, "2025-01-31"])})


def test_the_first_ingest_looks_back_a_year_and_a_month():
    due = moments_due(bills_from("2020-01-31"), date(2025, 3, 31), None, is_news=True)
    assert due[0] == date(2024, 2, 29)
    assert due[-1] == date(2025, 3, 31)
    assert len(due) == BACKFILL_MONTHS + 1


def test_it_looks_back_no_further_than_the_first_bill():
    due = moments_due(bills_from("2025-01-10"), date(2025, 3, 31), None, is_news=True)
    assert due == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]


def test_later_ones_add_the_months_since():
    due = moments_due(bills_from("2020-01-31"), date(2025, 5, 31), date(2025, 3, 31), is_news=False)
    assert due == [date(2025, 4, 30), date(2025, 5, 31)]


@pytest.mark.parametrize(("is_news", "due"), [(False, []), (True, [date(2025, 4, 12)])])
def test_a_day_within_a_month_is_due_only_where_files_are_new(is_news, due):
    assert moments_due(bills_from("2020-01-31"), date(2025, 4, 12), date(2025, 3, 31), is_news=is_news) == due


def test_new_files_on_the_day_of_the_last_ingest_are_taken_in():
    assert moments_due(bills_from("2020-01-31"), date(2025, 3, 31), date(2025, 3, 31), is_news=True) == [
        date(2025, 3, 31)
    ]


def test_a_report_is_read_back_as_it_was_written():
    fault = RowFault("bills", "usage", "negative", 3, 100, "home a1, 2024-01, -4.0")
    report = IngestReport(DAY, "k1", (DAY,), 10, 2, 100, 3, (fault,), ("stopped",), "d1")
    assert IngestReport.from_json(report.to_json()) == report


@pytest.fixture(scope="module")
def ingested(write_town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arrivals")
    mapping = write_town(folder / "town")
    bills = pd.read_csv(mapping.parent / "bills.csv", dtype={"kwh": "str"})
    bills.loc[3, "kwh"] = "many"
    bills.to_csv(mapping.parent / "bills.csv", index=False)
    settings = Settings(today=date(2024, 6, 1), source=str(mapping), workspace=folder / "workspace")
    return settings, ingest(settings, DAY)


@pytest.fixture
def town(ingested, tmp_path):
    """A copy of the town and its workspace that a test may change."""
    settings = ingested[0]
    source = shutil.copytree(settings.workspace.parent, tmp_path / "copy")
    return replace(settings, source=str(source / "town" / "mapping.toml"), workspace=source / "workspace")


def test_rows_in_are_stored_or_in_quarantine_with_the_reason(ingested):
    settings, report = ingested
    assert (report.rows_in, report.refused) == (300, 1)
    assert [fault.column for fault in report.faults] == ["usage"]
    assert report.labels_added == len(fed_tables(settings)["labels"]) == 240
    assert len(offline_store(settings).latest_rows(DAY)) == 299
    assert delivered(settings, None) == report


def test_a_second_one_adds_nothing_and_keeps_the_record(town):
    before = delivered(town, None)
    again = ingest(town, DAY)
    assert (again.found_news, again.features_added, again.labels_added) == (False, 0, 0)
    assert delivered(town, None).features_added == before.features_added > 0


def test_a_day_not_named_is_the_last_known_one_and_never_an_earlier_one(town):
    assert ingest(town).as_of == DAY


def test_a_corrected_file_adds_what_changed_and_the_past_stays(town):
    store = offline_store(town)
    home = "a010"
    bills = pd.read_csv(town.workspace.parent / "town" / "bills.csv", dtype={"kwh": "str"})
    bills.loc[bills["account"] == home, "kwh"] = "4321"
    bills.to_csv(town.workspace.parent / "town" / "bills.csv", index=False)
    later = date(2024, 4, 15)
    report = ingest(town, later)
    assert report.moments == (later,)
    assert store.latest_features(later, [home])["kwh_year"].item() == pytest.approx(4321, rel=0.01)
    assert store.latest_features(DAY, [home])["kwh_year"].item() != pytest.approx(4321, rel=0.01)


def test_an_earlier_day_than_the_last_ingest_is_refused(town):
    with pytest.raises(StoreError, match="speaks for 2024-02-29 and the store was fed on 2024-03-31"):
        ingest(town, date(2024, 2, 29))


def test_a_damaged_record_or_table_is_named_with_its_remedy(town):
    record = town.workspace / "store" / "ingests" / f"{DAY}.json"
    record.write_text("{")
    with pytest.raises(WorkspaceError, match=rf"{DAY}\.json cannot be read .* delete it and ingest that day again"):
        delivered(town, None)
    record.unlink()
    (town.workspace / "store" / "tables" / "checked.json").unlink()
    with pytest.raises(WorkspaceError, match="delete it and ingest again"):
        fed_tables(town)
    shutil.rmtree(town.workspace / "store" / "tables")
    ingest(town, DAY)
    assert len(fed_tables(town)["bills"]) == 299


def test_without_an_ingest_there_is_nothing_to_read(tmp_path):
    settings = Settings(today=DAY, workspace=tmp_path / "none")
    assert delivered(settings, None) is None
    with pytest.raises(NotEnoughDataError, match="heating flows run ingest"):
        fed_tables(settings)
