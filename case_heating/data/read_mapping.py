"""Read a ``mapping.toml`` and say everything that is wrong with it at once.

Nothing here opens a data file; :mod:`case_heating.data.bring` does that.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from case_heating import schema
from case_heating.data.mapping import (
    PERIOD_LENGTHS,
    QUANTITY_OF,
    ColumnEntry,
    Condition,
    FileEntry,
    Mapping,
    SourceEntry,
    TableEntry,
    Value,
)
from case_heating.data.units import Quantity, conversion
from case_heating.errors import MappingError, UnitError, counted

ISO_DAY = r"\d{4}-\d{2}-\d{2}"


def read_mapping(path: Path) -> Mapping:
    """Read a mapping; the paths in it are relative to its own folder.

    Raises
    ------
    MappingError
        If it is not TOML, is a draft nobody confirmed, or has faults; the message lists all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MappingError(f"there is no mapping {path}; `heating data map FILES…` drafts one") from error
    except OSError as error:
        raise MappingError(f"{path} cannot be read ({error.strerror}); name a mapping.toml you may read") from error
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not TOML: {error}") from error
    return parse_mapping(text, path)


def parse_mapping(text: str, called: object) -> Mapping:
    """Understand the text of a mapping; ``called`` is its name in the words of an error.

    Raises
    ------
    MappingError
        As :func:`read_mapping`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{called} is not TOML: {error}") from error
    if "table" not in document and document.get("source", {}).get("confirmed") is False:
        raise MappingError(
            f"{called} is a draft without any [[table]]: nothing was understood of the files. It has tables as "
            "comments: take the `# ` away from those the files hold, write their columns, then set confirmed = true"
        )
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        raise MappingError(problem_list(called, _structural_problems(error, document))) from error
    if not mapping.source.confirmed:
        raise MappingError(
            f"{called} is a draft that nobody has confirmed: read it{_left_to_do(text)}, then set confirmed = true "
            "under [source]"
        )
    if problems := [problem for table in mapping.tables for problem in _table_problems(table, mapping)]:
        raise MappingError(problem_list(called, problems))
    return mapping


def _left_to_do(text: str) -> str:
    """Count what a draft still asks; several answers to one question stand under one another and are one decision."""
    questions, needed, last = 0, 0, ""
    for line in text.splitlines():
        asked = line.removeprefix("# ? ").partition(" =")[0] if line.startswith("# ? ") else ""
        questions += asked not in ("", last)
        needed += line.startswith("# needed")
        last = asked
    told = [counted(questions, "question marked `# ?`", "questions marked `# ?`")] if questions else []
    told += [counted(needed, "line marked `# needed`", "lines marked `# needed`")] if needed else []
    return f", decide {' and '.join(told)}" if told else ""


def problem_list(called: object, problems: Iterable[str]) -> str:
    """Spell out all problems of one mapping."""
    found = list(dict.fromkeys(problems))
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    return "\n".join([f"{called} has {count}:", *(f"- {problem}" for problem in found)])


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Name the nearest of the known names, or nothing.

    >>> did_you_mean("yrbult", ["BLD", "YRBLT"])
    '; did you mean YRBLT?'
    """
    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(wrong.casefold(), by_fold, n=1, cutoff=0.6)
    return f"; did you mean {by_fold[near[0]]}?" if near else ""


def _structural_problems(error: ValidationError, document: dict[str, Any]) -> Iterator[str]:
    """Put what pydantic found into plain words."""
    entry_of: dict[str, type[BaseModel]] = {
        "source": SourceEntry,
        "file": FileEntry,
        "table": TableEntry,
        "columns": ColumnEntry,
        "where": Condition,
    }
    for found in error.errors(include_url=False):
        location = list(found["loc"])
        place = _place(location, document)
        if found["type"] == "extra_forbidden":
            wrong = str(location[-1])
            within: type[BaseModel] = next(
                (entry_of[str(part)] for part in reversed(location[:-1]) if part in entry_of), Mapping
            )
            known = [field.alias or name for name, field in within.model_fields.items()]
            yield f"{place}: unknown key{did_you_mean(wrong, known)}; there are {', '.join(known)}"
        elif found["type"] == "missing":
            yield f"{place}: is needed"
        else:
            message = found["msg"].removeprefix("Value error, ")
            given = "" if isinstance(found["input"], dict | list) else f", not {found['input']!r}"
            yield f"{place}: {message}{given}"


def _place(location: list[int | str], document: dict[str, Any]) -> str:
    """Spell ``("table", 1, "columns", "usage")`` as ``[[table]] bills: columns.usage``."""
    if len(location) > 1 and isinstance(location[1], int):
        block = document[str(location[0])][location[1]]
        title = (
            block.get("name") or block.get("path") or location[1] + 1 if isinstance(block, dict) else location[1] + 1
        )
        rest = ".".join(str(part) for part in location[2:])
        return f"[[{location[0]}]] {title}" + (f": {rest}" if rest else "")
    return ".".join(str(part) for part in location)


def _table_problems(entry: TableEntry, mapping: Mapping) -> Iterator[str]:
    place = f"[[table]] {entry.name}"
    if mapping.file_of(entry) is None:
        titles = [file.title for file in mapping.files]
        yield (
            f"{place}: file = {entry.file!r} is none of the [[file]] entries{did_you_mean(entry.file, titles)}; "
            f"there are {', '.join(titles)}"
        )
    if entry.name not in schema.TABLES:
        names = ", ".join(schema.TABLES)
        yield f"{place}: is no canonical table{did_you_mean(entry.name, schema.TABLES)}; there are {names}"
        return
    table = schema.TABLES[entry.name]
    has_period = {"start", "end"} <= set(table.column_names)
    known = (*table.column_names, *(PERIOD_LENGTHS if has_period else ()))
    for target, column in entry.columns.items():
        if target not in known:
            hint = did_you_mean(target, known)
            yield f"{place}: {target!r} is no column of {table.name}{hint}; it has {', '.join(known)}"
        elif target in PERIOD_LENGTHS:
            if target == "months" and not isinstance(column.value, int):
                yield f"{place}: months must be one whole number for all rows, as in months = {{value = 1}}"
        else:
            fuel = entry.columns["fuel"].value if "fuel" in entry.columns else None
            yield from _column_problems(f"{place}: {target}", table.column(target), column, str(fuel or "gas"))
    yield from _missing_columns(place, table, entry)


def absent_columns(table: schema.Table, have: Iterable[str], *, adds: str = "rows") -> tuple[str, ...]:
    """Name the canonical columns a mapping must still give: those that are needed and cannot be worked out.

    >>> absent_columns(schema.BILLS, {"home_id", "end", "days", "cost_usd"})
    ('fuel',)
    """
    given = set(have)
    needed = set(table.key) if adds == "columns" else set(table.needed_names)
    if given & set(PERIOD_LENGTHS) and given & {"start", "end"}:
        needed -= {"start", "end"}
    if "known_at" in given:
        needed -= {"event_time"}
    return tuple(name for name in table.column_names if name in needed - {"known_at", "source"} - given)


def _missing_columns(place: str, table: schema.Table, entry: TableEntry) -> Iterator[str]:
    """Ask for the canonical columns that the mapping neither gives nor lets be worked out."""
    for name in absent_columns(table, entry.columns, adds=entry.adds):
        instead = " (or days or months beside the other date)" if name in ("start", "end") else ""
        yield (
            f'{place}: {name}{instead} is needed: {table.column(name).about}. Write {name} = "ITS COLUMN", '
            f"or {name} = {{value = …}} if all rows have the same"
        )
    if table.name == "bills" and not set(entry.columns) & {"usage", "cost_usd"}:
        yield f"{place}: usage, cost_usd or both are needed"


def _column_problems(place: str, column: schema.Column, entry: ColumnEntry, fuel: str) -> Iterator[str]:
    """Compare unit, format, codes and constant with what the schema says of the column."""
    quantity = QUANTITY_OF.get(column.name)
    if quantity is None and entry.unit is not None:
        yield f"{place}: has no unit to convert; leave unit out"
    if quantity is not None and entry.unit is None and entry.column is not None:
        yield f'{place}: must state the unit of {entry.column!r}: {{column = "{entry.column}", unit = "…"}}'
    if quantity is not None and entry.unit is not None:
        units = entry.unit if isinstance(entry.unit, dict) else {fuel: entry.unit}
        yield from (f"{place}: {fault}" for key, unit in units.items() if (fault := _unit_fault(unit, quantity, key)))
    if column.dtype != "date" and (entry.format is not None or entry.inclusive):
        yield f"{place}: is a {column.dtype}; format and inclusive are for dates"
    if entry.value is not None and (wanted := _constant_fault(entry.value, column)):
        yield f"{place}: the constant {entry.value!r} must be {wanted}"
    if column.allowed:
        constant = [] if entry.value is None else [entry.value]
        for result in (*entry.codes.values(), *entry.bands[::2], *constant):
            if result not in (*column.allowed, ""):
                hint = did_you_mean(str(result), column.allowed)
                yield f"{place}: {result!r} is not allowed{hint}; allowed are {', '.join(column.allowed)}"


def _unit_fault(unit: str, quantity: Quantity, fuel: str) -> str | None:
    try:
        conversion(unit, quantity, fuel=fuel)
    except UnitError as error:
        return str(error)
    return None


def _constant_fault(value: Value, column: schema.Column) -> str | None:
    """Say what the constant must be, if it is not."""
    if column.dtype in ("number", "whole") and (isinstance(value, bool) or not isinstance(value, int | float)):
        return "a number without quotes"
    if column.dtype == "flag" and not isinstance(value, bool):
        return "true or false without quotes"
    if column.dtype == "date" and not (isinstance(value, date) or re.fullmatch(ISO_DAY, str(value))):
        return "a day such as 2024-12-31"
    return None
