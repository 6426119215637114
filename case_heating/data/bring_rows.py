"""Rows of one file become rows of one canonical table, as one ``[[table]]`` of a mapping says."""

import pandas as pd

from case_heating import schema
from case_heating.data import bring_cells as cells
from case_heating.data.mapping import PERIOD_LENGTHS, QUANTITY_OF, ColumnEntry, SourceEntry, TableEntry
from case_heating.data.units import Per, conversion, count_periods
from case_heating.errors import MappingError, UnitError, counted

LONGEST_PERIOD_DAYS = 36_525  # a length of a century or more is no length of a bill, and would overflow the date


def convert_rows(
    frame: pd.DataFrame, entry: TableEntry, source: SourceEntry, place: str
) -> tuple[pd.DataFrame, list[str]]:
    """Turn the rows of one file into rows of one canonical table.

    Parameters
    ----------
    frame : DataFrame, shape (n_file_rows, n_file_columns)
        The file as it was read.
    entry : TableEntry
        Which of its columns mean what.
    source : SourceEntry
        What holds for all tables.
    place : str
        What to call these rows in a message.

    Returns
    -------
    rows : DataFrame, shape (n_rows, n_canonical_columns)
        Raw rows in the schema's column order.
    notes : list of str
        What was left out or not understood.

    Raises
    ------
    MappingError
        If no row is kept, or rows are of a fuel that the stated unit cannot measure.
    """
    notes: list[str] = []
    kept = kept_rows(frame, entry, place)
    if len(kept) < len(frame):
        notes.append(f"{place}: where keeps {len(kept):,} of {len(frame):,} rows")
    missing = (*source.missing, *entry.missing)
    parsed = {target: _parse(kept, target, column, missing, entry) for target, column in entry.columns.items()}
    table = schema.TABLES[entry.name]
    for target, cell in parsed.items():
        if cell.odd.any():
            notes.append(_odd_note(place, target, cell))
    _fill_period(parsed, entry.columns["months"].value if "months" in entry.columns else None)
    _convert_units(parsed, entry, source, place)
    _fill_times(parsed, entry, source, table)
    if "source" in table.column_names and "source" not in parsed:
        parsed["source"] = cells.derived(pd.Series(source.name, index=kept.index, dtype="str"))
    rows = pd.DataFrame(
        {name: parsed[name].merged() for name in table.column_names if name in parsed}, index=kept.index
    )
    if entry.distinct:
        repeated = rows.duplicated()
        if repeated.any():
            told = counted(repeated.sum(), "row repeats", "rows repeat")
            were = "was" if repeated.sum() == 1 else "were"
            notes.append(f"{place}: {told} an earlier one cell by cell and {were} left out (distinct)")
        rows = rows[~repeated]
    return rows.reset_index(drop=True), notes


def kept_rows(frame: pd.DataFrame, entry: TableEntry, place: str) -> pd.DataFrame:
    """Take the rows of a file that the table's ``where`` keeps.

    Raises
    ------
    MappingError
        If it keeps none.
    """
    keep = pd.Series(True, index=frame.index)
    for condition in entry.where:
        texts = cells.read_texts(frame[condition.column]).fillna("")
        listed = texts.isin([cells.as_text(value) for value in condition.kept or condition.dropped or ()])
        keep &= listed if condition.kept is not None else ~listed
    if not keep.any():
        first = entry.where[0].column
        there = ", ".join(repr(text) for text in frame[first].value_counts(dropna=False).index[:5])
        raise MappingError(f"{place}: where keeps none of {len(frame):,} rows; {first} holds mostly {there}")
    return frame[keep]


def _parse(
    frame: pd.DataFrame, target: str, column: ColumnEntry, missing: tuple[object, ...], entry: TableEntry
) -> cells.Cells:
    """Understand one column, still in the unit of the file."""
    written = pd.Series(column.value, index=frame.index) if column.column is None else frame[column.column]
    texts = cells.read_codes(cells.read_texts(written, (*missing, *column.missing)), column.codes)
    if target in PERIOD_LENGTHS:
        return cells.read_numbers(texts)
    canonical = schema.TABLES[entry.name].column(target)
    if canonical.dtype == "date":
        pattern = column.format if column.column is not None else None
        return cells.read_dates(texts, pattern=pattern, inclusive=column.inclusive)
    if canonical.dtype == "flag":
        return cells.read_flags(texts)
    if canonical.dtype in ("number", "whole") or column.bands:
        numbers = cells.read_numbers(texts, strip=column.strip, decimal=column.decimal)
        return cells.band(numbers, column.bands) if column.bands else numbers
    return cells.read_categories(texts, canonical.allowed)


def _fill_period(parsed: dict[str, cells.Cells], months: object) -> None:
    """Work out the missing one of ``start`` and ``end`` from the length of the period."""
    for name, sign, other in (("end", 1, "start"), ("start", -1, "end")):
        if name in parsed or other not in parsed:
            continue
        known = parsed[other].meaning
        if isinstance(months, int):
            parsed[name] = cells.derived(known + sign * pd.DateOffset(months=months))
        elif "days" in parsed:
            days = parsed["days"]
            length = pd.to_timedelta(days.meaning.where(days.meaning.abs() < LONGEST_PERIOD_DAYS), unit="D")
            # a length that is no number is shown in the date it should have given, so that its row is refused for it
            parsed[name] = cells.Cells(days.written.where(known.notna()), (known + sign * length).dt.normalize())


def _convert_units(parsed: dict[str, cells.Cells], entry: TableEntry, source: SourceEntry, place: str) -> None:
    """Bring every column that measures something into its canonical unit."""
    for target, column in entry.columns.items():
        if column.unit is None:
            continue
        quantity = QUANTITY_OF[target]
        written = parsed[target].meaning
        if quantity not in ("usage", "price"):
            rule = conversion(str(column.unit), quantity)
            parsed[target] = cells.Cells(parsed[target].written, rule.apply(written, _periods(parsed, rule.per)))
            continue
        converted = pd.Series(float("nan"), index=written.index)
        for fuel in schema.BILLED_FUELS:
            rows = parsed["fuel"].meaning == fuel
            if not rows.any():
                continue
            unit = column.unit.get(fuel, "") if isinstance(column.unit, dict) else column.unit
            try:
                rule = conversion(unit, quantity, fuel=fuel, therms_per_ccf=source.therms_per_ccf)
            except UnitError as error:
                raise MappingError(
                    f"{place}: {target} of {rows.sum():,} rows whose fuel is {fuel}: {error}. Give each fuel its unit: "
                    'unit = {electricity = "kWh", gas = "therm"}'
                ) from error
            converted = converted.mask(rows, rule.apply(written, _periods(parsed, rule.per)))
        parsed[target] = cells.Cells(parsed[target].written, converted)


def _periods(parsed: dict[str, cells.Cells], per: Per) -> pd.Series | float:
    return count_periods(parsed["start"].meaning, parsed["end"].meaning, per) if per else 1.0


def _fill_times(parsed: dict[str, cells.Cells], entry: TableEntry, source: SourceEntry, table: schema.Table) -> None:
    """Work out when a fact became known, or happened, where the file does not say."""
    delay = entry.known_after_days if entry.known_after_days is not None else source.known_after_days
    if "event_time" in table.column_names and "event_time" not in parsed and "known_at" in parsed:
        parsed["event_time"] = parsed["known_at"]
    happened = parsed.get("end" if "end" in table.column_names else "event_time")
    if "known_at" in table.column_names and "known_at" not in parsed and happened is not None:
        parsed["known_at"] = cells.derived(happened.meaning + pd.Timedelta(days=delay))


def _odd_note(place: str, target: str, column: cells.Cells) -> str:
    odd = column.written[column.odd]
    are, keep = ("is", "it keeps its text and goes") if len(odd) == 1 else ("are", "they keep their text and go")
    return (
        f"{place}: {len(odd):,} of {len(column.written):,} cells of {target} {are} not understood "
        f"(first: {odd.iloc[0]!r}); {keep} to quarantine"
    )
