"""Kinds of rules, each said twice: as an expectation, and as the mask of the rows that break it.

Great Expectations decides; the mask is computed only for an expectation that failed. One function makes both, and
the tests hold their counts equal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Rule:
    """One expectation and the rows that break it.

    Attributes
    ----------
    column : str
        The column the fault is told of; for a key, its columns joined by commas.
    reason : str
        Completes "these rows are …".
    expectation : str
        Name of the Great Expectations class.
    arguments : dict
        Its arguments.
    offending : callable
        From the frame to a Series of bool: the rows that break the rule.
    about_rows : bool
        False for a rule about the table as a whole, which refuses no rows.
    unless_filled : str, optional
        Rows in which this column holds something are exempt.
    first_may_stay : bool
        Of the rows that break the rule together, one is kept.
    """

    column: str
    reason: str
    expectation: str
    arguments: dict[str, Any]
    offending: Callable[[pd.DataFrame], pd.Series]
    about_rows: bool = True
    unless_filled: str | None = None
    first_may_stay: bool = False


def about_table(expectation: str, **arguments: Any) -> Rule:
    """Ask something of the table as a whole; what breaks it has stopped the run before any suite is run."""
    return Rule("", "wrong as a table", expectation, arguments, _no_row, about_rows=False)


def filled(column: str, reason: str = "missing", *, told_of: str = "", unless_filled: str | None = None) -> Rule:
    """Want something in every row of a column."""

    def offending(frame: pd.DataFrame) -> pd.Series:
        empty = frame[column].isna()
        return empty & frame[unless_filled].isna() if unless_filled else empty

    arguments = {"column": column}
    return Rule(
        told_of or column, reason, "ExpectColumnValuesToNotBeNull", arguments, offending, unless_filled=unless_filled
    )


def empty(column: str, reason: str, *, told_of: str) -> Rule:
    """Want nothing in any row of a column."""
    arguments = {"column": column}
    return Rule(told_of, reason, "ExpectColumnValuesToBeNull", arguments, lambda frame: frame[column].notna())


def within(column: str, low: float | None, high: float | None, reason: str, *, told_of: str = "") -> Rule:
    """Want numbers between two limits, both allowed; a missing number passes."""

    def offending(frame: pd.DataFrame) -> pd.Series:
        values = frame[column]
        outside = pd.Series(False, index=values.index)
        if low is not None:
            outside |= values < low
        if high is not None:
            outside |= values > high
        return outside

    arguments = {"column": column, "min_value": low, "max_value": high}
    return Rule(told_of or column, reason, "ExpectColumnValuesToBeBetween", arguments, offending)


def one_of(column: str, allowed: tuple[Any, ...], reason: str, *, told_of: str = "") -> Rule:
    """Want values of a set; a missing value passes."""

    def offending(frame: pd.DataFrame) -> pd.Series:
        return frame[column].notna() & ~frame[column].isin(allowed)

    arguments: dict[str, Any] = {"column": column, "value_set": list(allowed)}
    return Rule(told_of or column, reason, "ExpectColumnValuesToBeInSet", arguments, offending)


def later(column: str, than: str, reason: str, *, or_equal: bool = False, told_of: str = "") -> Rule:
    """Want one date after another; a missing date passes."""

    def offending(frame: pd.DataFrame) -> pd.Series:
        holds = frame[column] >= frame[than] if or_equal else frame[column] > frame[than]
        return ~holds & frame[column].notna() & frame[than].notna()

    arguments: dict[str, Any] = {
        "column_A": column,
        "column_B": than,
        "or_equal": or_equal,
        "ignore_row_if": "either_value_is_missing",
    }
    return Rule(told_of or column, reason, "ExpectColumnPairValuesAToBeGreaterThanB", arguments, offending)


def unique(key: tuple[str, ...]) -> Rule:
    """Want no two rows under one key; a row whose key is not whole passes."""

    def offending(frame: pd.DataFrame) -> pd.Series:
        return frame[list(key)].notna().all(axis=1) & frame.duplicated(list(key), keep=False)

    arguments: dict[str, Any] = {"column_list": list(key), "ignore_row_if": "any_value_is_missing"}
    name = "ExpectCompoundColumnsToBeUnique"
    if len(key) == 1:
        name, arguments = "ExpectColumnValuesToBeUnique", {"column": key[0]}
    return Rule(", ".join(key), "repeated under the same key", name, arguments, offending, first_may_stay=True)


def _no_row(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=frame.index)
