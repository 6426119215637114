"""A line of a mapping in plain words: what a canonical column comes from, and how its cells are read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from case_heating import schema
from case_heating.data.draft_columns import UNKNOWN_FORMAT
from case_heating.data.map_work import MapWork
from case_heating.data.mapping import PERIOD_LENGTHS
from case_heating.errors import counted

_A_DAY = date(2024, 12, 31)  # reads differently in every format
_ABOUT_LENGTHS = {"days": "Length of the period in days", "months": "Length of every period in months"}


def entry_in_words(entry: Mapping[str, Any]) -> str:
    """Say what an entry of ``[table.columns]`` means.

    >>> entry_in_words({"column": "used", "unit": "kWh"}), entry_in_words({"value": "electricity"})
    ('column used, in kWh', 'the same for all rows: electricity')
    >>> entry_in_words({"column": "read", "format": "%m/%d/%Y", "inclusive": True})
    'column read, days written as 12/31/2024, the day itself still belongs to the bill'
    """
    if "column" not in entry:
        return f"the same for all rows: {entry.get('value')}"
    told = [f"column {entry['column']}"]
    if unit := entry.get("unit"):
        told.append(f"in {_unit(unit)}")
    if (pattern := entry.get("format")) and pattern != UNKNOWN_FORMAT:
        told.append(f"days written as {_A_DAY.strftime(pattern)}")
    if entry.get("inclusive"):
        told.append("the day itself still belongs to the bill")
    if codes := entry.get("codes"):
        told.append(
            ", ".join(f"{code} means {'no value' if meaning == '' else meaning}" for code, meaning in codes.items())
        )
    if missing := entry.get("missing"):
        told.append(f"{', '.join(map(str, missing))} means no value")
    return ", ".join(told)


def about_column(table: str, target: str) -> str:
    """Say what a canonical column holds, with its unit."""
    if target in PERIOD_LENGTHS:
        return _ABOUT_LENGTHS[target]
    column = schema.TABLES[table].column(target)
    return f"{column.about} [{column.unit}]" if column.unit else column.about


def lines_of(work: MapWork, table: int, sample: pd.DataFrame) -> pd.DataFrame:
    """Lay out what a table is read from, with rows as they become.

    Parameters
    ----------
    work : MapWork
        The mapping so far.
    table : int
        Place of the ``[[table]]``.
    sample : DataFrame, shape (n_rows, n_canonical_columns)
        From :func:`~case_heating.data.map_sample.convert_sample`.

    Returns
    -------
    DataFrame, one row per canonical column
        ``becomes``, ``comes from``, ``row 1`` …, ``why`` and ``about``, all text.
    """
    entry = work.tables[table]
    rows = []
    for target, written in entry["columns"].items():
        cells = sample[target].tolist() if target in sample else [None] * len(sample)
        rows.append(
            {
                "becomes": target,
                "comes from": entry_in_words(written),
                **{f"row {number}": _cell(value) for number, value in enumerate(cells, start=1)},
                "why": work.reasons.get(f"{table}.{target}", ""),
                "about": about_column(entry["name"], target),
            }
        )
    return pd.DataFrame(rows, dtype="str")


def table_in_words(work: MapWork, table: int) -> str:
    """Say how a table stands: what it is read from, and what is open."""
    entry = work.tables[table]
    n_asked = sum(question.table == table for question in work.questions)
    told = [f"{counted(len(entry['columns']), 'column', 'columns')} from {entry['file']}"]
    if entry.get("adds") == "columns":
        told.append("added to the homes of another file")
    if entry.get("distinct"):
        told.append("each different row once")
    for condition in entry.get("where", []):
        told.append(_condition(condition))
    if n_asked:
        told.append(f"{counted(n_asked, 'question waits', 'questions wait')} for you")
    if lacking := work.lacks(table):
        told.append(f"still needed: {', '.join(lacking)}")
    return "; ".join(told)


def _condition(condition: Mapping[str, Any]) -> str:
    kept = condition.get("in")
    values = kept if kept is not None else condition.get("not_in", [])
    named = " or ".join("nothing" if value == "" else str(value) for value in values)
    return f"only rows where {condition['column']} is {named if kept is not None else f'not {named}'}"


def _unit(unit: str | Mapping[str, str]) -> str:
    return unit if isinstance(unit, str) else ", ".join(f"{name} ({fuel})" for fuel, name in unit.items())


def _cell(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
