"""What a spreadsheet gets: text that is no formula, numbers and days that are numbers and days."""

from datetime import datetime

import openpyxl
import pandas as pd

from case_heating.people.spreadsheet import write_csv, write_workbook

TABLE = pd.DataFrame(
    {
        "home": pd.Series(["=HYPERLINK(1)", "@x", None, "-14.0"], dtype="str"),
        "kwh": [1.5, None, -2.0, 4.0],
        "day": pd.to_datetime(["2024-01-02", None, "2024-01-03", "2024-01-04"]),
        "flag": pd.Series([True, None, False, True], dtype="boolean"),
        "odd": ["a\x00b", ["list"], "x" * 40_000, "ü"],
    }
)


def test_a_workbook_holds_text_as_text(tmp_path):
    write_workbook({"a" * 50: TABLE, "empty": TABLE.head(0)}, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["a" * 31, "empty"]
    rows = [list(row) for row in book["a" * 31].iter_rows()]
    assert [cell.value for cell in rows[0]] == ["home", "kwh", "day", "flag", "odd"]
    assert (rows[1][0].value, rows[1][0].data_type) == ("=HYPERLINK(1)", "s")
    assert [cell.value for cell in rows[1][1:4]] == [1.5, datetime(2024, 1, 2), True]
    assert [cell.value for cell in rows[2]] == ["@x", None, None, None, "['list']"]
    assert rows[1][4].value == "a b"
    assert len(rows[3][4].value) == 32_000
    assert book["empty"].max_row == 1


def test_nothing_at_all_is_a_workbook_still(tmp_path):
    write_workbook({}, tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames == ["nothing"]


def test_csv_keeps_numbers_and_disarms_formulas(tmp_path):
    write_csv(TABLE[["home", "kwh", "day"]], tmp_path / "t.csv")
    content = (tmp_path / "t.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfhome,kwh,day")
    assert content.decode("utf-8-sig").splitlines()[1:] == [
        "'=HYPERLINK(1),1.5,2024-01-02",
        "'@x,,",
        ",-2.0,2024-01-03",
        "-14.0,4.0,2024-01-04",
    ]
