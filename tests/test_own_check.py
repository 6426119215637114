"""Somebody's own files are checked: what is kept, what is refused, and in whose words."""

import openpyxl
import pandas as pd
import pytest

from case_heating.data.draft_upload import draft_upload, keep_work
from case_heating.data.map_text import take_text
from case_heating.data.map_work import set_column
from case_heating.data.uploads import add_file, begin_upload
from case_heating.errors import HeatingError, MappingError, TableError
from case_heating.own_check import check_upload, read_checked, refused_files


def silent(_doing, _share):
    pass


@pytest.fixture
def town_upload(write_town, tmp_path):
    """A function that hands in the town's files, spoilt by a function of the folder, and gives upload and mapping."""

    def hand_in(spoil=lambda _folder: None):
        mapping = write_town(tmp_path / "town")
        spoil(mapping.parent)
        upload = begin_upload(tmp_path / "ws", by="ann", at=1.0)
        for name in ("homes.csv", "bills.csv", "survey.csv"):
            with (mapping.parent / name).open("rb") as content:
                upload = add_file(upload, name, content)
        work = take_text(draft_upload(upload, silent), mapping.read_text())
        keep_work(upload, work)
        return upload, work

    return hand_in


def spoil_bills(folder):
    bills = pd.read_csv(folder / "bills.csv", dtype="str")
    bills.loc[0, "kwh"] = "=cmd|' /C calc'!A0"
    bills.loc[[1, 2], "to"] = "2022-01-01"
    bills.to_csv(folder / "bills.csv", index=False)


def test_what_was_refused_is_told_and_kept(town_upload, settings_of, tmp_path):
    upload, work = town_upload(spoil_bills)
    found = check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
    assert found.counts.loc["bills"].to_dict() == {
        "rows_in": 300,
        "valid": 297,
        "quarantined": 3,
        "not_yet_known": 0,
    }
    assert found.n_refused == 3
    assert {(fault.column, fault.n_rows) for fault in found.faults} == {("usage", 1), ("end", 2)}
    assert [one.stage for one in found.reach if one.reached] == ["location", "billing"]
    told = pd.read_csv(upload.path(upload.files[2]))["heat"].value_counts()
    assert (found.n_homes, found.n_gas, found.n_electricity) == (300, told["gas"], told["electric"])
    assert found.lacks == ()
    assert [path.name for path in refused_files(upload)] == ["refused.xlsx", "refused_bills.csv"]
    sheet = openpyxl.load_workbook(refused_files(upload)[0])["bills"]
    assert sheet["A1"].value == "reasons"
    assert "formula" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    written = pd.read_csv(refused_files(upload)[1], dtype="str")
    assert written["reasons"].str.contains("not later than start").sum() == 2
    assert "'=cmd|' /C calc'!A0" in written["usage"].tolist()  # nothing a spreadsheet would run


def test_it_is_read_back_and_knows_what_it_was_made_of(town_upload, settings_of, tmp_path):
    upload, work = town_upload(spoil_bills)
    assert read_checked(upload) is None
    found = check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
    again = read_checked(upload)
    assert again.counts.to_dict() == found.counts.to_dict()
    assert (again.faults, again.notes, again.lacks, again.reach) == (
        found.faults,
        found.notes,
        found.lacks,
        found.reach,
    )
    assert (again.key, again.as_of, again.n_homes) == (found.key, found.as_of, 300)
    other = check_upload(upload, set_column(work, 0, "district", None), settings_of(tmp_path / "ws"), silent)
    assert other.key != found.key


def test_a_mapping_that_is_not_finished_says_what_it_needs(town_upload, settings_of, tmp_path):
    upload, work = town_upload()
    work = set_column(set_column(work, 1, "fuel", None), 2, "heating_fuel", None)
    with pytest.raises(HeatingError, match="say what fuel of bills and heating_fuel of labels come from"):
        check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
    assert read_checked(upload) is None


def test_a_fault_of_the_whole_is_said_in_the_owners_words(town_upload, settings_of, tmp_path):
    upload, work = town_upload()
    upload.path(upload.files[0]).unlink()
    with pytest.raises(MappingError) as gone:
        check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
    assert str(upload.folder) not in str(gone.value)


def test_few_labels_are_told_and_stop_nothing(town_upload, settings_of, tmp_path):
    def few(folder):
        survey = pd.read_csv(folder / "survey.csv", dtype="str")
        survey.head(20).to_csv(folder / "survey.csv", index=False)

    upload, work = town_upload(few)
    found = check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
    assert found.n_homes == 300
    assert "a run needs at least 60 homes" in found.lacks[0]


def test_homes_that_are_all_refused_are_an_error(town_upload, settings_of, tmp_path):
    def no_place(folder):
        homes = pd.read_csv(folder / "homes.csv", dtype="str")
        homes.assign(town="").to_csv(folder / "homes.csv", index=False)

    upload, work = town_upload(no_place)
    with pytest.raises((TableError, HeatingError), match="homes"):
        check_upload(upload, work, settings_of(tmp_path / "ws"), silent)
