"""Whether an answer is the right one: numbers within a margin, texts, dates, lists, sets, tables and functions."""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AnySet
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

_EXACT = 1e-9  # what the order of additions may change


def same(answer: Any, right: Any, within: float = 0.0) -> bool:
    """Say whether two values are the same, as far as it matters.

    Parameters
    ----------
    answer, right
        The values. Numbers may be off by ``within``; capital letters and blanks around a text do not matter; a list, a
        tuple, an array and a column without names of its own are all sequences; rows of named tables may stand in any
        order, and so may columns.
    within : float
        How far off a number may be.

    Examples
    --------
    >>> same(0.701, 0.7, within=0.002), same(np.array([1, 2]), [1, 2]), same(" Gas", "gas"), same(True, 1)
    (True, True, True, False)
    """
    if isinstance(right, pd.DataFrame):
        return _same_frame(answer, right, within)
    if isinstance(right, pd.Series):
        return _same_series(answer, right, within)
    if isinstance(right, Mapping):
        return (
            isinstance(answer, Mapping)
            and set(answer) == set(right)
            and all(same(answer[key], right[key], within) for key in right)
        )
    if isinstance(right, AnySet):
        return isinstance(answer, AnySet) and set(answer) == set(right)
    if is_sequence(right):
        return (
            is_sequence(answer)
            and len(answer) == len(right)
            and all(same(mine, yours, within) for mine, yours in zip(answer, right, strict=True))
        )
    return _same_one(answer, right, within)


def is_sequence(value: Any) -> bool:
    """Say whether a value has an order and a length, and is no text."""
    return isinstance(value, (np.ndarray, pd.Series, pd.Index)) or (
        isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    )


def is_number(value: Any) -> bool:
    """Say whether a value is one number, truth values aside."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def in_figures(number: float) -> str:
    """Write a number with as many places as one cares to read.

    Examples
    --------
    >>> in_figures(286243), in_figures(1014.26), in_figures(78.24), in_figures(0.29137)
    ('286,243', '1,014', '78.2', '0.291')
    """
    if number == int(number):
        return f"{int(number):,}"
    size = abs(number)
    return f"{number:,.0f}" if size >= 100 else f"{number:.1f}" if size >= 10 else f"{number:.3g}"


def is_missing(value: Any) -> bool:
    """Say whether a value is one of the ways to say that nothing is there."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and math.isnan(float(value)))


def same_calls(answer: Callable[..., Any], right: Callable[..., Any], on: Sequence[Any], within: float) -> bool:
    """Say whether two functions give the same on every example; an example that is no tuple is one argument."""
    return all(same(called(answer, example), called(right, example), within) for example in on)


def called(function: Callable[..., Any], example: Any) -> Any:
    """Call a function on an example; what it is given is a copy, so that it may change it."""
    arguments = example if isinstance(example, tuple) else (example,)
    return function(*(one.copy() if hasattr(one, "copy") else one for one in arguments))


def _same_one(answer: Any, right: Any, within: float) -> bool:
    if is_missing(right) or is_missing(answer):
        return is_missing(right) and is_missing(answer)
    if isinstance(right, (bool, np.bool_)) or isinstance(answer, (bool, np.bool_)):
        both = isinstance(right, (bool, np.bool_)) and isinstance(answer, (bool, np.bool_))
        return both and bool(answer) == bool(right)
    if is_number(right):
        return is_number(answer) and math.isclose(answer, right, rel_tol=_EXACT, abs_tol=max(within, _EXACT))
    if isinstance(right, str):
        return isinstance(answer, str) and answer.strip().casefold() == right.strip().casefold()
    return bool(type(answer) is type(right) and answer == right) or _same_day(answer, right)


def _same_day(answer: Any, right: Any) -> bool:
    try:
        return bool(pd.Timestamp(answer) == pd.Timestamp(right))
    except (TypeError, ValueError):
        return False


def _same_series(answer: Any, right: pd.Series, within: float) -> bool:
    if isinstance(answer, pd.Series) and right.index.is_unique and answer.index.is_unique:
        if isinstance(right.index, pd.RangeIndex):
            return same(answer.tolist(), right.tolist(), within)
        return set(answer.index) == set(right.index) and same(answer[right.index].tolist(), right.tolist(), within)
    return is_sequence(answer) and same(list(answer), right.tolist(), within)


def _same_frame(answer: Any, right: pd.DataFrame, within: float) -> bool:
    return (
        isinstance(answer, pd.DataFrame)
        and set(answer.columns) == set(right.columns)
        and all(_same_series(answer[name], right[name], within) for name in right.columns)
    )
