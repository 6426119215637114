"""The first rows of a file as a mapping would turn them, as far as what is mapped so far allows."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from case_heating.data.bring_rows import convert_rows, kept_rows
from case_heating.data.draft_columns import UNKNOWN_FORMAT
from case_heating.data.mapping import PERIOD_LENGTHS, QUANTITY_OF, SourceEntry, TableEntry
from case_heating.errors import MappingError

SAMPLE_ROWS = 3


def convert_sample(frame: pd.DataFrame, table: Mapping[str, Any], source: SourceEntry | None = None) -> pd.DataFrame:
    """Convert three rows of a file.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_file_columns)
        The file, or its first rows.
    table : mapping
        A ``[[table]]`` as it is written, finished or not: a column that cannot be converted without another one that is
        still missing, as a usage without its fuel, is left out.
    source : SourceEntry, optional
        What holds for all tables.

    Returns
    -------
    DataFrame, shape (at most 3, n_canonical_columns)
        Empty where none of the rows is of this table.

    Raises
    ------
    ValidationError
        If an entry is none that a mapping can hold.
    MappingError, UnitError
        If rows cannot be converted in the unit that is stated.

    Examples
    --------
    >>> frame = pd.DataFrame({"premise": ["17", "18"], "m2": ["100", "80"]}, dtype="str")
    >>> columns = {"home_id": "premise", "floor_area_sqft": {"column": "m2", "unit": "m²"}}
    >>> convert_sample(frame, {"name": "homes", "columns": columns}).round(1).to_dict(orient="list")
    {'home_id': ['17', '18'], 'floor_area_sqft': [1076.4, 861.1]}
    """
    written: Mapping[str, Any] = table["columns"]
    entries = {target: {"column": entry} if isinstance(entry, str) else entry for target, entry in written.items()}
    has_fuel = "fuel" in entries
    has_period = len({"start", "end", *PERIOD_LENGTHS} & set(entries)) > 1
    columns = {
        target: entry
        for target, entry in entries.items()
        if (has_fuel or QUANTITY_OF.get(target) not in ("usage", "price"))
        and (has_period or "/" not in str(entry.get("unit", "")))
        and entry.get("format") != UNKNOWN_FORMAT
        and entry.get("column", "") in ("", *frame.columns)
    }
    if not columns:
        return pd.DataFrame()
    entry = TableEntry.model_validate({**table, "columns": columns})
    try:
        kept = kept_rows(frame, entry, entry.name)
    except MappingError:
        return pd.DataFrame()  # none of the rows looked at is of this table
    chosen = kept if entry.distinct else kept.head(SAMPLE_ROWS)  # the first rows may be of one and the same home
    rows, _ = convert_rows(chosen, entry, source or SourceEntry(name="my_utility"), entry.name)
    return rows.head(SAMPLE_ROWS)
