"""The portfolio's figures as a file for finance, with the scenario they hold for written in."""

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pandas as pd

from case_heating.people.portfolio_figures import KEYS, YearFigures, beside_usual, year_in_words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SCENARIO_SHEET = "scenario"
_SHEETS = {"month": "months", "fuel": "fuels", "district": "districts", "dwelling_type": "dwelling types"}
_HEADINGS = {
    "n_homes": "homes",
    "usage_kwh": "electricity, kWh",
    "usage_therm": "gas, therm",
    "cost_usd": "cost, USD",
    "cost_low_usd": "cost, 90 % from, USD",
    "cost_high_usd": "cost, 90 % to, USD",
    "usual_usd": "cost in the usual year, USD",
    "difference_usd": "difference, USD",
    "difference_percent": "difference, %",
    "usd_per_home": "cost per home, USD",
}
_WIDEST = 90  # characters of a column; what is longer is broken into lines
_SPREADSHEET_READS = ("=", "+", "-", "@", "\t", "\r")  # text that begins so is run as a formula by some programs


@dataclass(frozen=True)
class PortfolioExport:
    """What goes into a file.

    Attributes
    ----------
    source : str
        Whose homes.
    as_of : date
        The day the forecast speaks from.
    usual, other : YearFigures
        The usual year and the scenario's.
    certainty : DataFrame
        From ``homes_by_certainty``.
    """

    source: str
    as_of: date
    usual: YearFigures
    other: YearFigures
    certainty: pd.DataFrame

    @property
    def name(self) -> str:
        """Name of the file, without its ending: source and scenario."""
        told = "-".join(f"{key}-{value}" for key, value in self.other.what_if.query().items()) or "usual"
        plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in f"{self.source}-{told}")
        return f"portfolio-{plain}"

    def scenario(self) -> dict[str, str]:
        """Say what the figures hold for, a line each."""
        what_if, first = self.other.what_if, self.other.months[0]
        query = urlencode({"source": self.source, **what_if.query()}, quote_via=quote)
        return {
            "source": self.source,
            "forecast on": self.as_of.isoformat(),
            "months": f"{first:%Y-%m} to {self.other.months[-1]:%Y-%m}",
            "assumed": self.other.assumed,
            "winter": what_if.winter,
            "electricity price": _change(what_if.electricity_percent),
            "gas price": _change(what_if.gas_percent),
            "heat pumps": f"{what_if.heat_pumps_percent} % of gas-heated homes",
            "prices and heat pumps from": (what_if.from_month or first).isoformat(),
            "in words": year_in_words(self.usual, self.other),
            "link": f"portfolio?{query}",
        }


def to_csv(export: PortfolioExport) -> bytes:
    """Write one table of all groups as UTF-8 CSV, the scenario in lines above it that begin with ``#``.

    The table has ``by`` (month, fuel, district or dwelling_type), ``group`` and the figures of
    :func:`~case_heating.people.portfolio_figures.beside_usual`; each ``by`` adds up to the whole portfolio.
    """
    lines = [f"# {name}: {said}" for name, said in export.scenario().items()]
    parts = []
    for key in KEYS:
        table = beside_usual(export.usual, export.other, key).rename(columns={key: "group"})
        parts.append(table.assign(by=key, group=[_inert(str(group)) for group in table["group"]]))
    together = pd.concat(parts, ignore_index=True)
    columns = ["by", "group", *(name for name in together if name not in ("by", "group"))]
    text = together[columns].round(2).to_csv(index=False)
    return "".join([*(f"{' '.join(line.split())}\n" for line in lines), text]).encode()


def to_excel(export: PortfolioExport) -> bytes:
    """Write a workbook: the sheet ``scenario`` says what it holds for, then a sheet by month, fuel, district …"""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = SCENARIO_SHEET
    _fill(sheet, pd.DataFrame(export.scenario().items(), columns=["what", "said"]))
    for key in KEYS:
        table = beside_usual(export.usual, export.other, key).round(2)
        _fill(book.create_sheet(_SHEETS[key]), table.rename(columns={key: key.replace("_", " "), **_HEADINGS}))
    _fill(book.create_sheet("homes by fuel"), export.certainty.rename(columns={"n_homes": "homes"}))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: "Worksheet", table: pd.DataFrame) -> None:
    """Write a table into a sheet: headings bold and held in view, text as text whatever it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    rows = [list(table.columns), *table.astype(object).where(table.notna(), None).to_numpy().tolist()]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            plain = ILLEGAL_CHARACTERS_RE.sub(" ", value) if isinstance(value, str) else value
            cell = sheet.cell(number, column, plain)
            if isinstance(plain, str):
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=len(plain) > _WIDEST, vertical="top")
            elif isinstance(plain, float):
                cell.number_format = "#,##0.00"
            if number == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, name in enumerate(table.columns, start=1):
        longest = max([len(str(name)), *(len(str(row[column - 1])) for row in rows[1:])])
        sheet.column_dimensions[get_column_letter(column)].width = min(longest + 2, _WIDEST)


def _change(percent: int) -> str:
    return f"{percent:+d} %".replace("-", "−") if percent else "no change"


def _inert(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return f"'{text}" if text.startswith(_SPREADSHEET_READS) else text
