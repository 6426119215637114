"""What stops a run: tables that cannot be trusted as a whole; told at once, what is missing and what is there."""

from collections.abc import Iterable, Mapping

import pandas as pd

from case_heating.data.dtypes import NOT_OF_DTYPE, TypedTable
from case_heating.data.expectations import codes_in_words
from case_heating.errors import TableError
from case_heating.schema import TABLES, Table, Tables

NEEDED_TABLES = ("homes", "bills")
MAX_REFUSED_SHARE = 0.5
"""A column or table of which more than half is refused is mislabelled or in another unit: nothing of it is used."""


def stop_at_shape_faults(raw: Tables, *, complete: bool) -> None:
    """Stop if a table or a needed column is absent, or a table has no rows.

    Raises
    ------
    TableError
        With one line per fault.
    """
    needed = NEEDED_TABLES if complete else ()
    known = [name for name in raw if name in TABLES]
    faults = [
        f"{name}: the table is missing; there {_are(known)}. Map a file to it" for name in needed if name not in raw
    ]
    if not known:
        faults.append(f"no table to check; there may be {', '.join(TABLES)}")
    for name in known:
        faults.extend(_shape_faults(raw[name], TABLES[name]))
    _stop(faults)


def _shape_faults(frame: pd.DataFrame, table: Table) -> Iterable[str]:
    there = [str(name) for name in frame.columns]
    if repeated := sorted({name for name in there if there.count(name) > 1}):
        yield f"{table.name}: two columns are called {', '.join(repeated)}; keep one of them"
        return
    if absent := [name for name in table.needed_names if name not in there]:
        yield (
            f"{table.name}: missing column {', '.join(absent)}; there {_are(there)}. "
            "Name the column in mapping.toml or add it to the file"
        )
    if table.name == "bills" and not {"usage", "cost_usd"} & set(there):
        yield f"bills: neither usage nor cost_usd is there; there {_are(there)}. Give one of them"
    if frame.empty and there:
        yield f"{table.name}: the table has no rows; its columns are {', '.join(there)}"
    elif frame.empty:
        yield f"{table.name}: the table is empty"


def stop_at_dtype_faults(raw: Tables, typed: Mapping[str, TypedTable]) -> None:
    """Stop if a needed column holds nothing, or more than half of a column is not of its dtype or codes.

    Raises
    ------
    TableError
        With one line per fault.
    """
    _stop(fault for name, read in typed.items() for fault in _dtype_faults(raw[name], TABLES[name], read))


def _dtype_faults(frame: pd.DataFrame, table: Table, typed: TypedTable) -> Iterable[str]:
    nothing = pd.Series(False, index=typed.rows.index)
    for column in table.columns:
        if column.name not in typed.rows:
            continue
        values, unread = typed.rows[column.name], typed.unread.get(column.name, nothing)
        n_filled = int(values.notna().sum() + unread.sum())
        if n_filled == 0:
            if column.needed:
                yield f"{table.name}.{column.name}: all {len(values):,} rows are empty, and the column is needed"
            continue
        if unread.sum() > MAX_REFUSED_SHARE * n_filled:
            example = frame[column.name].reset_index(drop=True)[unread].iloc[0]
            yield (
                f"{table.name}.{column.name}: wrong dtype, {unread.sum():,} of {n_filled:,} filled cells are "
                f"{NOT_OF_DTYPE[column.dtype]}: it holds {_kind(example)} such as {str(example)!r}. "
                "Name another column, or how this one is written, in the mapping"
            )
        unknown = values[values.notna() & ~values.isin(column.allowed)] if column.allowed else values[:0]
        if len(unknown) > MAX_REFUSED_SHARE * n_filled:
            yield (
                f"{table.name}.{column.name}: unknown codes in {len(unknown):,} of {n_filled:,} filled cells: it holds "
                f"{', '.join(map(repr, unknown.unique()[:3]))}; the codes are {codes_in_words(column.allowed)}. "
                "Say what each means under codes in the mapping"
            )


def stop_at_repeated_keys(typed: Mapping[str, TypedTable]) -> None:
    """Stop if a key repeats in a table where nobody could say which row is right.

    Raises
    ------
    TableError
        With one line per table.
    """
    _stop(fault for name, read in typed.items() if TABLES[name].repeats_stop for fault in _key_faults(name, read))


def _key_faults(name: str, typed: TypedTable) -> Iterable[str]:
    key = list(TABLES[name].key)
    whole = typed.rows[typed.rows[key].notna().all(axis=1)]
    repeats = whole[whole.duplicated(key)]
    if len(repeats):
        yield (
            f"{name}: duplicate key {', '.join(key)}: {len(repeats):,} of {len(typed.rows):,} rows repeat one "
            f"(first: {', '.join(map(str, repeats[key].iloc[0]))}, row {repeats.index[0] + 1}); leave one row each"
        )


def stop_at_refused_tables(refused: Mapping[str, tuple[int, int, list[str]]]) -> None:
    """Stop if more than half of a table's rows would go to quarantine.

    Parameters
    ----------
    refused : mapping of str to (int, int, list of str)
        By table: rows refused, rows checked, and every fault in words.

    Raises
    ------
    TableError
        With one paragraph per table.
    """
    _stop(
        f"{name}: {n_refused:,} of {n_checked:,} rows would be refused, and a table more than half wrong is not used:\n"
        + "".join(f"- {fault}\n" for fault in faults)
        + "Mend the file, or the units, dates and codes in its mapping"
        for name, (n_refused, n_checked, faults) in refused.items()
        if n_refused > MAX_REFUSED_SHARE * n_checked
    )


def _stop(faults: Iterable[str]) -> None:
    if told := list(faults):
        raise TableError("\n".join(told))


def _are(names: list[str]) -> str:
    return f"are {', '.join(names)}" if names else "is nothing"


def _kind(example: object) -> str:
    if isinstance(example, str):
        return "text"
    return "numbers" if isinstance(example, float) else f"values of type {type(example).__name__}"
