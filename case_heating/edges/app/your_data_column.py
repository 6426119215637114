"""One canonical column corrected on the page: which column it comes from, in which unit, and what its codes mean."""

from datetime import datetime
from typing import Any

import streamlit as st

from case_heating import schema
from case_heating.data.draft_columns import DATE_FORMATS, ISO_FORMAT, UNKNOWN_FORMAT
from case_heating.data.map_work import MapWork, set_column
from case_heating.data.mapping import PERIOD_LENGTHS, QUANTITY_OF
from case_heating.data.units import units_of
from case_heating.data.uploads import Upload
from case_heating.edges.app.charts import plain
from case_heating.people.map_words import about_column

NO_VALUE = "no value"
_A_COLUMN, _ONE_VALUE, _NOTHING = "a column of the file", "the same for all rows", "nothing: leave it out"
_SHOWN = datetime(2024, 12, 31, 14, 30)
_FORMATS = {pattern: _SHOWN.strftime(pattern) for pattern in (ISO_FORMAT, *DATE_FORMATS)}


def correct_column(upload: Upload, work: MapWork, place: int) -> MapWork | None:
    """Let one column of a table be chosen and said anew.

    Returns
    -------
    MapWork or None
        The changed mapping once it is said; nothing before.
    """
    table = work.tables[place]
    name = table["name"]
    key = f"fix_{upload.id}_{place}"
    targets = [*schema.TABLES[name].column_names]
    if {"start", "end"} <= set(targets):
        targets += PERIOD_LENGTHS
    lacking = work.lacks(place)
    target = st.selectbox(
        "Canonical column",
        targets,
        index=targets.index(lacking[0]) if lacking else 0,
        format_func=lambda one: f"{one}{' (needed)' if one in lacking else ''}: {about_column(name, one)}",
        key=f"{key}_target",
    )
    now: dict[str, Any] = table["columns"].get(target, {})
    key = f"{key}_{target}"
    origins = [_A_COLUMN, _ONE_VALUE, _NOTHING]
    usual = _ONE_VALUE if "value" in now or target == "months" else _A_COLUMN
    origin = st.radio("It comes from", origins, index=origins.index(usual), horizontal=True, key=f"{key}_from")
    entry: dict[str, Any] | None = None
    if origin == _A_COLUMN:
        entry = _from_column(work, place, target, now, key)
    elif origin == _ONE_VALUE:
        value = _constant(name, target, now, key)
        entry = None if value is None else {"value": value}
    unsaid = origin != _NOTHING and (entry is None or None in entry.get("codes", {}).values())
    if st.button("Apply", key=f"{key}_apply", type="primary", disabled=unsaid, icon=":material/check:"):
        return set_column(work, place, target, entry)
    return None


def ask_codes(column: schema.Column, codes: dict[str, Any], *, key: str) -> dict[str, Any]:
    """Ask what each code of a file means; one that nobody has said yet is ``None``, one without a value empty."""
    meanings = _meanings(column)
    said: dict[str, Any] = {}
    boxes = st.columns(min(3, max(1, len(codes))))
    for number, (code, guess) in enumerate(codes.items()):
        known = [str(one) for one in meanings]
        wanted = NO_VALUE if guess == "" else str(guess).lower() if isinstance(guess, bool) else str(guess)
        chosen = boxes[number % len(boxes)].selectbox(
            plain(f"{code} means"),
            known,
            index=known.index(wanted) if wanted in known else None,
            placeholder="choose",
            key=f"{key}_code_{code}",
        )
        said[code] = None if chosen is None else meanings[chosen]
    return said


def _meanings(column: schema.Column) -> dict[str, Any]:
    """Give what codes may mean, by what it is called on the page."""
    allowed: dict[str, Any] = {"true": True, "false": False} if column.dtype == "flag" else {}
    return allowed | {one: one for one in column.allowed} | {NO_VALUE: ""}


def _from_column(work: MapWork, place: int, target: str, now: dict[str, Any], key: str) -> dict[str, Any] | None:
    file, name = work.file_of(place), work.tables[place]["name"]
    columns = list(file.columns)
    chosen = st.selectbox(
        "Column of the file",
        columns,
        index=columns.index(now["column"]) if now.get("column") in columns else None,
        format_func=lambda one: f"{one}: {file.columns[one]}",
        placeholder="choose",
        key=f"{key}_column",
    )
    if chosen is None:
        return None
    kept = {part: value for part, value in now.items() if part not in ("value", "codes", "unit", "format", "inclusive")}
    entry: dict[str, Any] = kept | {"column": chosen} if chosen == now.get("column") else {"column": chosen}
    if target in PERIOD_LENGTHS:
        return entry
    column = schema.TABLES[name].column(target)
    if target in QUANTITY_OF:
        entry["unit"] = _ask_unit(work, place, target, now, key)
    elif column.dtype == "date":
        entry |= _ask_days(target, now, key)
    elif column.allowed or column.dtype == "flag":
        values = file.few_values.get(chosen)
        if values is None:
            st.caption("It has too many different values to be codes; write what they mean into the text below.")
        else:
            known = _meanings(column)
            former = now.get("codes", {}) if chosen == now.get("column") else {}
            codes = {value: former.get(value, value if value in known else "?") for value in values}
            entry["codes"] = ask_codes(column, codes, key=f"{key}_{chosen}")
            if all(code == meaning for code, meaning in entry["codes"].items()):
                del entry["codes"]
    return entry


def _ask_unit(work: MapWork, place: int, target: str, now: dict[str, Any], key: str) -> Any:
    """Ask for a unit; for one of each fuel where a column says which fuel a row is of."""
    units = list(units_of(QUANTITY_OF[target]))
    fuel = work.tables[place]["columns"].get("fuel", {})
    former = now.get("unit")
    if target == "usage" and "column" in fuel:
        both = former if isinstance(former, dict) else {}
        return {
            one: st.selectbox(f"Unit of {one}", units, index=units.index(both.get(one, usual)), key=f"{key}_unit_{one}")
            for one, usual in (("electricity", "kWh"), ("gas", "therm"))
        }
    if isinstance(former, str) and former not in units:
        units = [former, *units]
    index = units.index(former) if isinstance(former, str) else 0
    return st.selectbox("Unit", units, index=index, key=f"{key}_unit")


def _ask_days(target: str, now: dict[str, Any], key: str) -> dict[str, Any]:
    former = now.get("format") or ISO_FORMAT
    formats = _FORMATS if former in _FORMATS or former == UNKNOWN_FORMAT else {former: former} | _FORMATS
    pattern = st.selectbox(
        "A day is written as",
        list(formats),
        index=list(formats).index(former) if former in formats else 0,
        format_func=lambda one: formats[one],
        key=f"{key}_format",
    )
    told: dict[str, Any] = {} if pattern == ISO_FORMAT else {"format": pattern}
    if target == "end" and st.checkbox(
        "This day itself still belongs to the bill", bool(now.get("inclusive")), key=f"{key}_inclusive"
    ):
        told["inclusive"] = True
    return told


def _constant(table: str, target: str, now: dict[str, Any], key: str) -> Any:
    """Ask for the value that all rows have."""
    former = now.get("value")
    if target in PERIOD_LENGTHS:
        return int(st.number_input("Value", 1, 400, int(former or 1), key=f"{key}_value"))
    column = schema.TABLES[table].column(target)
    if column.allowed or column.dtype == "flag":
        known = {told: meaning for told, meaning in _meanings(column).items() if told != NO_VALUE}
        chosen = st.selectbox("Value", list(known), index=None, placeholder="choose", key=f"{key}_value")
        return None if chosen is None else known[chosen]
    if column.dtype in ("number", "whole"):
        return st.number_input("Value", value=None if former is None else float(former), key=f"{key}_value")
    if column.dtype == "date":
        day = st.date_input("Value", value=None, key=f"{key}_value")
        return None if day is None else str(day)
    return st.text_input("Value", str(former or ""), max_chars=80, key=f"{key}_value").strip() or None
