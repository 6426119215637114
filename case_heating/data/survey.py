"""What the official surveys have in common: coded answers in, canonical columns out.

A layout says, for each canonical column, which official column holds it and what its codes mean. The files
change from year to year; the layouts change with them and the code does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pandas.api.types import pandas_dtype

from case_heating.data.files import CSV_SUFFIXES, read_frame, some_names
from case_heating.errors import SourceError
from case_heating.schema import BILLS, LABELS, PANDAS_DTYPE, Table

Meaning = str | float | bool | None

# Means of the exact years that RECS 2009 gives (weighted; it writes 1920 for anything older): they stand for the
# open classes "before 1950" and "1939 or earlier" of the other files.
YEAR_BUILT_BEFORE_1950 = 1929.0
YEAR_BUILT_BEFORE_1940 = 1924.0

INCOME_BANDS_USD: tuple[tuple[float, str], ...] = (
    (20_000, "under_20"),
    (40_000, "20_to_40"),
    (60_000, "40_to_60"),
    (100_000, "60_to_100"),
    (float("inf"), "100_and_over"),
)


@dataclass(frozen=True)
class Field:
    """An official column and what its codes mean; without codes the answers are taken as they are.

    ``None`` as a meaning says that the answer does not tell (not applicable, not published). A column that is
    ``optional`` may be missing from the file.
    """

    official: str
    codes: Mapping[str, Meaning] | None = None
    optional: bool = False


Layout = Mapping[str, tuple[Field, ...]]
"""Canonical column → the official columns that may tell it; the first that does is believed."""


def read_answers(path: Path) -> pd.DataFrame:
    """Read an official file: every cell as text, names in capitals (they differ between versions of one file).

    Raises
    ------
    SourceError
        If it is no CSV, packed or plain, or cannot be read.
    """
    if path.suffix.lower() not in (".gz", ".zip", *CSV_SUFFIXES):
        raise SourceError(f"{path}: official survey files are CSV (.csv, .csv.gz or .zip); give the file as published")
    return read_frame(path).rename(columns=str.upper)


def numbers(text: pd.Series, *, scale: float = 1.0) -> pd.Series:
    """Read numbers; a cell that is none stays as its text, for validation to refuse.

    Parameters
    ----------
    text : Series of str, shape (n,)
    scale : float
        Factor from the file's unit to the canonical one.

    Returns
    -------
    Series of float64, or of object where some text was left, shape (n,)

    Examples
    --------
    >>> numbers(pd.Series(["250", None]), scale=0.01).tolist()
    [2.5, nan]
    >>> numbers(pd.Series(["250", "n/a"])).tolist()
    [250.0, 'n/a']
    """
    parsed = pd.to_numeric(text, errors="coerce").astype("float64") * scale
    left = text.notna() & parsed.isna()
    return parsed.astype(object).where(~left, text) if left.any() else parsed


def meanings(text: pd.Series, codes: Mapping[str, Meaning], dtype: str) -> pd.Series:
    """Replace codes by their meanings; a code that is not listed stays as its text.

    Examples
    --------
    >>> meanings(pd.Series(["1", "-2"]), {"1": True, "0": False, "-2": None}, "boolean").tolist()
    [True, <NA>]
    >>> meanings(pd.Series(["1", "8"]), {"1": "gas"}, "str").tolist()
    ['gas', '8']
    """
    said = text.map(dict(codes)).astype(object)
    unlisted = text.notna() & ~text.isin(list(codes))
    return said.where(~unlisted, text) if unlisted.any() else said.astype(pandas_dtype(dtype))


def canonical_columns(answers: pd.DataFrame, layout: Layout, table: Table) -> pd.DataFrame:
    """Turn a survey's answers into the columns of a canonical table; what the file does not tell stays absent.

    Parameters
    ----------
    answers : DataFrame of str, shape (n_homes, n_official)
        The file as it was read, official names in capitals.
    layout : mapping
        Canonical column → fields.
    table : Table
        Gives each column's dtype.

    Returns
    -------
    DataFrame, shape (n_homes, n_canonical)
    """
    columns: dict[str, pd.Series] = {}
    for name, fields in layout.items():
        dtype = table.column(name).dtype
        for field in fields:
            if field.official not in answers:
                continue
            text = answers[field.official].str.strip()
            if field.codes is not None:
                told = meanings(text, field.codes, PANDAS_DTYPE[dtype])
            else:
                told = numbers(text) if dtype in ("number", "whole") else text
            columns[name] = columns[name].where(columns[name].notna(), told) if name in columns else told
    return pd.DataFrame({name: told for name, told in columns.items() if told.notna().any()}, index=answers.index)


def needed_columns(*layouts: Layout) -> list[str]:
    """Name the official columns that a file must have for these layouts, in their order."""
    fields = [field for layout in layouts for several in layout.values() for field in several]
    return list(dict.fromkeys(field.official for field in fields if not field.optional))


def refuse_missing(path: Path, missing: Iterable[str], there: Iterable[str], *, is_not: str, hint: str) -> SourceError:
    """Word the refusal of a file that lacks columns: what is missing, what is there, what to do."""
    lacking, present = list(missing), list(there)
    return SourceError(
        f"{path} is not {is_not}: {len(lacking)} columns are missing ({some_names(lacking)}); "
        f"it has {len(present)} ({some_names(present)}). {hint}"
    )


def calendar_year(year: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first day of the year and the first day after it."""
    return pd.Timestamp(year, 1, 1), pd.Timestamp(year + 1, 1, 1)


def yearly_bills(
    home_id: pd.Series, fuel: str, year: int, *, cost_usd: pd.Series, usage: pd.Series | None = None
) -> pd.DataFrame:
    """Make one bill per home that covers the calendar year and is known on the day after it.

    Returns
    -------
    DataFrame, shape (n_homes, 7 or 8)
        Columns of ``schema.BILLS``; ``usage`` only where it was given.
    """
    start, end = calendar_year(year)
    bills = pd.DataFrame({"home_id": home_id, "fuel": fuel, "start": start, "end": end, "cost_usd": cost_usd})
    if usage is not None:
        bills["usage"] = usage
    return _in_order(bills.assign(read="read", known_at=end), BILLS)


def survey_labels(home_id: pd.Series, heating_fuel: pd.Series, year: int) -> pd.DataFrame:
    """Make one label per home: true from the first day of the year, known on the day after it."""
    start, end = calendar_year(year)
    said = pd.DataFrame({"home_id": home_id, "heating_fuel": heating_fuel, "event_time": start, "known_at": end})
    return _in_order(said.assign(source="survey"), LABELS)


def income_bands(income_usd: pd.Series) -> pd.Series:
    """Sort yearly household incomes into the schema's bands; a band holds its lower end, losses are in the lowest.

    Examples
    --------
    >>> income_bands(pd.Series([-500.0, 20_000.0, 99_999.0, None])).tolist()
    ['under_20', '20_to_40', '60_to_100', nan]
    """
    edges = [float("-inf"), *(upper for upper, _ in INCOME_BANDS_USD)]
    names = [name for _, name in INCOME_BANDS_USD]
    return pd.cut(income_usd, bins=edges, labels=names, right=False).astype("str")


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame[[name for name in table.column_names if name in frame]].reset_index(drop=True)
