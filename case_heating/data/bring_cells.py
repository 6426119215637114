"""What stands in the cells of a file: text, number, date or flag; what is not understood keeps its own text."""

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

DAY_AND_TIME = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"  # ISO 8601, without a time zone


@dataclass(frozen=True)
class Cells:
    """One column: what stood in the file, and what it was understood as.

    Attributes
    ----------
    written : Series, shape (n_rows,)
        What stood in the cells; missing where nothing did, or something the mapping calls missing.
    meaning : Series, shape (n_rows,)
        What they mean; missing also where they were not understood.
    """

    written: pd.Series
    meaning: pd.Series

    @property
    def odd(self) -> "pd.Series[bool]":
        """Cells with something in them that was not understood."""
        return self.written.notna() & self.meaning.isna()

    def merged(self) -> pd.Series:
        """Give the meaning, and where a cell was not understood what stood there."""
        odd = self.odd
        if not odd.any():
            return self.meaning
        meaning = self.meaning if types.is_string_dtype(self.meaning.dtype) else self.meaning.astype("object")
        return meaning.mask(odd, self.written)


def derived(meaning: pd.Series) -> Cells:
    """Make a column that no file holds."""
    return Cells(pd.Series(None, index=meaning.index, dtype="str"), meaning)


def as_text(value: object) -> str:
    """Write a value of a mapping as it would stand in a file.

    >>> as_text(True), as_text(7), as_text(7.0), as_text("07")
    ('true', '7', '7', '07')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def read_texts(column: pd.Series, missing: Sequence[object] = ()) -> pd.Series:
    """Give every cell as text without outer blanks; empty cells and those among ``missing`` become missing.

    A whole number kept as a float, as Excel and Parquet do, reads ``7``, not ``7.0``; a date reads ``2024-12-31``.

    >>> read_texts(pd.Series([7.0, 7.5, -9.0, None]), missing=["-9"]).tolist()
    ['7', '7.5', nan, nan]
    """
    if types.is_bool_dtype(column.dtype):
        texts = column.map({True: "true", False: "false"}).astype("str")
    elif types.is_datetime64_any_dtype(column.dtype):
        texts = column.dt.strftime("%Y-%m-%d").astype("str")
    elif types.is_float_dtype(column.dtype):
        whole = column.notna() & (column % 1 == 0) & (column.abs() < 2**53)
        texts = column.astype("str").mask(whole, column.where(whole, 0).astype("int64").astype("str"))
    elif types.is_object_dtype(column.dtype):
        texts = column.map(as_text, na_action="ignore").astype("str")
    else:
        texts = column.astype("str")
    texts = texts.mask(column.isna()).str.strip()
    return texts.mask(texts.isin(["", *(as_text(value) for value in missing)]))


def read_codes(texts: pd.Series, codes: MappingType[str, object]) -> pd.Series:
    """Replace codes by what they mean, the empty text being missing; other texts stay.

    >>> read_codes(pd.Series(["1", "2", "9"], dtype="str"), {"1": "gas", "9": ""}).tolist()
    ['gas', '2', nan]
    """
    if not codes:
        return texts
    meanings = {code: as_text(meaning) for code, meaning in codes.items()}
    decoded = texts.map(meanings).astype("str")
    known = texts.isin(list(meanings))
    return texts.mask(known, decoded.mask(decoded == ""))


def read_categories(texts: pd.Series, allowed: Sequence[str]) -> Cells:
    """Understand only the allowed texts; with none given, all."""
    return Cells(texts, texts.where(texts.isin(list(allowed))) if allowed else texts)


def read_numbers(texts: pd.Series, *, strip: str = "", decimal: str = ".") -> Cells:
    """Understand numbers; the signs in ``strip``, such as ``$,``, are dropped first.

    >>> cells = read_numbers(pd.Series(["$1,234.50", "abc", None], dtype="str"), strip="$,")
    >>> cells.meaning.tolist(), cells.merged().tolist()
    ([1234.5, nan, nan], [1234.5, 'abc', nan])
    """
    plain = texts
    for sign in strip:
        plain = plain.str.replace(sign, "", regex=False)
    if decimal != ".":
        plain = plain.str.replace(decimal, ".", regex=False)
    return Cells(texts, pd.to_numeric(plain, errors="coerce").astype("float64"))


def read_dates(texts: pd.Series, *, pattern: str | None = None, inclusive: bool = False) -> Cells:
    """Understand days, by default only as ``2024-12-31``; a time of day is dropped.

    Parameters
    ----------
    texts : Series of str, shape (n_rows,)
        What stands in the file.
    pattern : str, optional
        How a day is written, in the signs of ``strptime``: ``%m/%d/%Y``.
    inclusive : bool
        Whether the file gives the last day itself; the day after it is wanted.
    """
    places, different = pd.factorize(texts)  # a file of bills has far fewer different days than rows
    written = pd.Series(different, dtype="str")
    if pattern is None:
        parsed = pd.to_datetime(written.where(written.str.fullmatch(DAY_AND_TIME)), format="ISO8601", errors="coerce")
    else:
        parsed = pd.to_datetime(written, format=pattern, errors="coerce")
    days = parsed.astype("datetime64[us]").dt.normalize().reindex(places).set_axis(texts.index)
    return Cells(texts, days + pd.Timedelta(days=1) if inclusive else days)


def read_flags(texts: pd.Series) -> Cells:
    """Understand ``true`` and ``false``; everything else needs codes."""
    return Cells(texts, texts.str.lower().map({"true": True, "false": False}).astype("boolean"))


def band(numbers: Cells, ladder: Sequence[object]) -> Cells:
    """Name the band each number lies in; a number at a limit belongs to the band above.

    >>> band(read_numbers(pd.Series(["5", "10", "?"], dtype="str")), ["small", 10, "large"]).merged().tolist()
    ['small', 'large', '?']
    """
    names = np.array([str(name) for name in ladder[::2]], dtype=object)
    limits = np.array(ladder[1::2], dtype="float64")
    place = np.searchsorted(limits, numbers.meaning.to_numpy(), side="right")
    named = pd.Series(names[place], index=numbers.meaning.index, dtype="str")
    return Cells(numbers.written.astype("str"), named.mask(numbers.meaning.isna()))
