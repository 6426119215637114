"""Tables for people's spreadsheets: text stays text, and nothing that came from a file is ever run as a formula."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

MOST_WORKBOOK_ROWS = 200_000
"""A workbook holds a million rows, but takes a minute to write and to open from here on; CSV has no limit."""

_SPREADSHEET_READS = ("=", "+", "-", "@", "\t", "\r")  # text that begins so is run as a formula by some programs
_WIDEST, _LOOKED_AT = 60, 200  # characters of a column; rows its width is taken from
_LONGEST_CELL = 32_000  # what a cell of a workbook may hold, a little less
_LONGEST_TITLE = 31


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV, with the mark that spreadsheets know it by; text cannot be taken for a formula."""
    texts = {name: table[name].map(inert, na_action="ignore") for name in table if _holds_text(table[name])}
    table.assign(**texts).to_csv(path, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d")


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as the sheets of a workbook: headings held in view, text as text whatever it begins with."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for title, table in tables.items():
        sheet = book.create_sheet(title[:_LONGEST_TITLE])
        sheet.freeze_panes = "A2"
        for number, name in enumerate(table.columns, start=1):
            longest = max([len(str(name)), *(len(str(value)) for value in table[name].head(_LOOKED_AT))])
            sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
        for row in _rows(sheet, table):
            sheet.append(row)
    if not tables:
        book.create_sheet("nothing")
    book.save(path)


def inert(text: Any) -> Any:
    """Keep a spreadsheet from reading text as a formula; numbers stay numbers.

    >>> inert("=1+1"), inert("-14.0"), inert("-x"), inert("plain")
    ("'=1+1", '-14.0', "'-x", 'plain')
    """
    if not isinstance(text, str) or not text.startswith(_SPREADSHEET_READS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _holds_text(column: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(column.dtype) or pd.api.types.is_object_dtype(column.dtype)


def _rows(sheet: Any, table: pd.DataFrame) -> Iterator[list[Any]]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    def cell(value: Any, *, bold: bool = False) -> Any:
        if isinstance(value, str):
            made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value)[:_LONGEST_CELL])
            made.data_type = "s"
            if bold:
                made.font = Font(bold=True)
            return made
        if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
            return None
        return value if isinstance(value, int | float | date) else cell(str(value))

    yield [cell(str(name), bold=True) for name in table.columns]
    columns = [table[name].astype(object).tolist() for name in table.columns]
    for row in zip(*columns, strict=True):
        yield [cell(value) for value in row]
