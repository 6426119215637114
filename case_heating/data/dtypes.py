"""Read a raw table into the schema's dtypes, and remember the cells that could not be read.

A reader hands over what it did not understand as the text it found. Nothing is guessed here: a number is a
finite number, a date is a date or text that starts with ``YYYY-MM-DD``, a flag is true or false.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from case_heating.schema import PANDAS_DTYPE, Dtype, Table

_ISO_DAY = r"\d{4}-\d\d-\d\d"
_FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
NOT_OF_DTYPE: dict[Dtype, str] = {
    "number": "not a finite number",
    "whole": "not a whole number",
    "date": "not a date",
    "flag": "neither true nor false",
}


@dataclass(frozen=True)
class TypedTable:
    """A table in the schema's dtypes beside what could not be read.

    Attributes
    ----------
    rows : DataFrame, shape (n_rows, n_known_columns)
        Columns in the schema's order and dtypes; a cell that could not be read is missing here. Rows are
        numbered from 0 in the order of the raw table.
    unread : dict of Series of bool, each of shape (n_rows,)
        By column, the cells that hold something that is not of the column's dtype. Only columns with such cells.
    """

    rows: pd.DataFrame
    unread: dict[str, pd.Series]


def read_dtypes(frame: pd.DataFrame, table: Table) -> TypedTable:
    """Read every column the schema knows; a blank cell is a missing one.

    Examples
    --------
    >>> from case_heating.schema import HOMES
    >>> raw = pd.DataFrame({"home_id": [7, 8], "rooms": ["5", "many"]})
    >>> typed = read_dtypes(raw, HOMES)
    >>> typed.rows["rooms"].tolist(), typed.unread["rooms"].tolist()
    ([5.0, nan], [False, True])
    """
    columns: dict[str, pd.Series] = {}
    unread: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name not in frame.columns:
            continue
        written = frame[column.name].reset_index(drop=True)
        read = _READERS[column.dtype](written).astype(PANDAS_DTYPE[column.dtype])
        columns[column.name] = read
        lost = read.isna() & written.notna()
        lost[lost] = _is_filled(written[lost])
        if lost.any():
            unread[column.name] = lost
    return TypedTable(pd.DataFrame(columns, index=pd.RangeIndex(len(frame))), unread)


def _is_filled(written: pd.Series) -> pd.Series:
    """Tell the cells that hold more than blanks; none of them is missing."""
    return written.astype("str").str.strip().ne("")


def _read_numbers(written: pd.Series) -> pd.Series:
    if types.is_datetime64_any_dtype(written):
        return pd.Series(np.nan, index=written.index)
    numbers = pd.to_numeric(written, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _read_whole_numbers(written: pd.Series) -> pd.Series:
    numbers = _read_numbers(written)
    return numbers.where(numbers % 1 == 0)


def _read_dates(written: pd.Series) -> pd.Series:
    if isinstance(written.dtype, pd.DatetimeTZDtype):
        return written.dt.tz_localize(None)
    if types.is_datetime64_any_dtype(written):
        return written
    text = written.astype("str")
    days = text.where(text.str.match(_ISO_DAY).fillna(False).astype(bool))
    return pd.to_datetime(days, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)


def _read_flags(written: pd.Series) -> pd.Series:
    if types.is_bool_dtype(written):
        return written
    return written.astype("str").str.strip().str.lower().map(_FLAGS)


def _read_text(written: pd.Series) -> pd.Series:
    values = written.infer_objects()
    if types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")  # a home called 10482 is not called 10482.0
    text = values.astype("str")
    return text.where(text.isna() | _is_filled(text))


_READERS = {
    "text": _read_text,
    "category": _read_text,
    "number": _read_numbers,
    "whole": _read_whole_numbers,
    "date": _read_dates,
    "flag": _read_flags,
}
