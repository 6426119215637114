"""What a column of an unknown file may be, judged by its name and its values, with the reason in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from case_heating import schema
from case_heating.data import bring_cells as cells
from case_heating.data.draft_names import Named, code_meanings, code_words, knowledge, parts_of, read_name
from case_heating.data.mapping import QUANTITY_OF
from case_heating.data.number_writing import number_writings
from case_heating.data.units import units_of

Confidence = Literal["sure", "likely", "unsure"]

MOST_CODES = 30  # a column with more different values is no list of codes
ENOUGH = 0.95  # share of cells that must be what the name says; a few odd ones are for quarantine
NO_VALUE = ("na", "n/a", "null", "none", "nan", "-", "--", ".", "?", "unknown", "missing", "-9", "-99", "-999", "-9999")
UNKNOWN_FORMAT = "…"
ISO_FORMAT = "%Y-%m-%d"
DATE_FORMATS = (
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y", "%d-%b-%Y", "%Y/%m/%d"),
    *("%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
)
FUEL_OF_UNIT = {"kWh": "electricity", "MWh": "electricity", "Wh": "electricity"} | dict.fromkeys(
    ("therm", "CCF", "MCF", "m³", "dekatherm"), "gas"
)


@dataclass(frozen=True)
class Proposal:
    """One line of a draft: what a canonical column may come from, and why.

    ``sure``: the official name of a recognised survey. ``likely``: a usual name, and the values fit. ``unsure``: a
    question the person must answer; further ``answers`` stand beside the first, ``entry``. Of two columns that may be
    the same thing the one with the lower ``place`` is meant.
    """

    target: str
    source: str
    entry: dict[str, Any]
    confidence: Confidence
    reason: str
    answers: tuple[dict[str, Any], ...] = ()
    fuel: str | None = None
    place: int = 0


def propose(name: str, column: pd.Series) -> Proposal | None:
    """Say what a column may be, or nothing if its name says nothing.

    Parameters
    ----------
    name : str
        Its name in the file.
    column : Series, shape (n_rows,)
        Its first rows.

    Examples
    --------
    >>> propose("yr_built", pd.Series(["1962", "1990"], dtype="str")).entry
    {'column': 'yr_built'}
    >>> proposal = propose("used", pd.Series(["812", "95"], dtype="str"))
    >>> proposal.confidence, proposal.reason
    ('unsure', "'used' is a usual name; its unit is not stated (median 453.5)")
    """
    named = read_name(name)
    if named is None:
        return None
    texts = cells.read_texts(column)
    if not texts.notna().any():
        return Proposal(named.target, name, {"column": name}, "unsure", f"{named.reason}, but every cell is empty")
    drafted = _by_dtype(_column_of(named.target), named, name, texts)
    unsure = replace(drafted, confidence="unsure") if not named.exact else drafted
    return replace(unsure, fuel=named.fuel, place=named.place)


def suspect(name: str, column: pd.Series, targets: Iterable[str]) -> Proposal | None:
    """Ask about a column without a usual name that may be one of ``targets``, by a part of its name and its values.

    Examples
    --------
    >>> suspect("htg_cd", pd.Series(["1", "4"], dtype="str"), ["heating_fuel"]).entry
    {'column': 'htg_cd', 'codes': {'1': '?', '4': '?'}}
    """
    parts, texts = set(parts_of(name)), cells.read_texts(column)
    for target in targets:
        hint = next((part for part in knowledge()["hints"].get(target, ()) if part in parts), None)
        if hint is None or not texts.notna().any():
            continue
        canonical = _column_of(target)
        drafted = _by_dtype(canonical, Named(target, f"{hint!r} in its name; is it this?", False), name, texts)
        if canonical.dtype == "category":
            fits = texts.nunique() <= MOST_CODES
        else:
            written = number_writings(texts.dropna())[0]
            fits = cells.read_numbers(texts.dropna(), **written).meaning.notna().mean() >= ENOUGH
        if fits:
            return replace(drafted, confidence="unsure")
    return None


def describe(column: pd.Series) -> str:
    """Say in a few words what stands in a column.

    >>> describe(pd.Series(["a", "b", "a"], dtype="str"))
    "2 different values, such as 'a', 'b'"
    """
    texts = cells.read_texts(column).dropna()
    if texts.empty:
        return "empty"
    numbers = cells.read_numbers(texts).meaning
    if numbers.notna().mean() >= ENOUGH and texts.nunique() > MOST_CODES:
        return f"numbers from {numbers.min():g} to {numbers.max():g}, median {numbers.median():g}"
    shown = ", ".join(repr(text) for text in texts.drop_duplicates().head(3))
    return f"{texts.nunique():,} different values, such as {shown}"


def _column_of(target: str) -> schema.Column:
    if target == "days":
        return schema.Column("days", "whole", "Length of the period", "days", minimum=1, maximum=400)
    return next(table.column(target) for table in schema.TABLES.values() if target in table.column_names)


def _by_dtype(canonical: schema.Column, named: Named, name: str, texts: pd.Series) -> Proposal:
    if canonical.dtype == "date":
        return _dates(named, name, texts)
    if canonical.dtype in ("category", "flag"):
        return _codes(canonical, named, name, texts)
    if canonical.dtype in ("number", "whole"):
        return _numbers(canonical, named, name, texts)
    different = f"{texts.nunique():,} different in {len(texts):,} rows"
    return Proposal(named.target, name, {"column": name}, "likely", f"{named.reason}; {different}")


def _dates(named: Named, name: str, texts: pd.Series) -> Proposal:
    """Find the formats that every filled cell fits."""
    filled = texts.dropna()
    iso = cells.read_dates(filled).meaning.notna().mean() >= ENOUGH
    fitting = [ISO_FORMAT] if iso else []
    if not iso:
        fitting = [pattern for pattern in DATE_FORMATS if _share_of_dates(filled, pattern) >= ENOUGH]
    entries: list[dict[str, Any]] = [
        {"column": name} if pattern == ISO_FORMAT else {"column": name, "format": pattern} for pattern in fitting
    ]
    if not entries:
        reason = f"{named.reason}, but its format is not known (first: {filled.iloc[0]!r})"
        return Proposal(named.target, name, {"column": name, "format": UNKNOWN_FORMAT}, "unsure", reason)
    if len(entries) > 1:
        reason = f"{named.reason}; {len(entries)} formats fit all cells (first: {filled.iloc[0]!r})"
        return Proposal(named.target, name, entries[0], "unsure", reason, tuple(entries[1:]))
    return Proposal(named.target, name, entries[0], "likely", f"{named.reason}; only {fitting[0]} fits its cells")


def _share_of_dates(filled: pd.Series, pattern: str) -> float:
    return float(cells.read_dates(filled, pattern=pattern).meaning.notna().mean())


def _codes(canonical: schema.Column, named: Named, name: str, texts: pd.Series) -> Proposal:
    """Take canonical values as they are; ask about every other code."""
    allowed = canonical.allowed or (("true", "false") if canonical.dtype == "flag" else ())
    values = [str(value) for value in texts.dropna().value_counts().index]
    if set(values) <= set(allowed):
        return Proposal(named.target, name, {"column": name}, "likely", f"{named.reason}; its values are known")
    if len(values) > MOST_CODES:
        reason = f"{named.reason}, but {len(values):,} different values are no list of codes"
        return Proposal(named.target, name, {"column": name, "codes": {}}, "unsure", reason)
    usual = code_meanings("flag" if canonical.dtype == "flag" else named.target)
    meanings = usual | {value: value for value in allowed}
    codes: dict[str, Any] = {
        value: next((meanings[word] for word in code_words(value) if word in meanings), "?") for value in values
    }
    if canonical.dtype == "flag":
        codes = {value: {"true": True, "false": False}.get(meaning, meaning) for value, meaning in codes.items()}
    asked = Counter(codes.values())["?"]
    reason = f"{named.reason}; are these codes right?" + (f" {asked} of {len(codes)} are not known" if asked else "")
    return Proposal(named.target, name, {"column": name, "codes": codes}, "unsure", reason)


def _numbers(canonical: schema.Column, named: Named, name: str, texts: pd.Series) -> Proposal:
    """Check that the cells are numbers in the column's range, and ask for the unit unless the name states it."""
    filled = texts.dropna()
    stands_for_none = sorted({text for text in filled if text.lower() in NO_VALUE})
    said = filled[~filled.isin(stands_for_none)]
    writings = number_writings(said)
    missing: dict[str, Any] = {"missing": stands_for_none} if stands_for_none else {}
    entries = [{"column": name} | writing | missing for writing in writings]
    numbers = cells.read_numbers(said, **writings[0]).meaning
    doubts = [f"do {', '.join(map(repr, stands_for_none))} mean no value?"] if stands_for_none else []
    if len(writings) > 1:
        shown = next(text for text in said if "," in text or "." in text)
        doubts.append(f"does the sign in {shown!r} part thousands, or is it the decimal sign?")
    if named.currency is not None:
        doubts.append(
            f"amounts are in {named.currency}: they are taken as they are and called USD, so let all amounts be in it"
        )
    if numbers.notna().mean() < ENOUGH:
        doubts.append(f"{numbers.isna().sum():,} of {len(numbers):,} cells are no numbers")
    quantity = QUANTITY_OF.get(named.target)
    if quantity is None:
        inside = numbers.dropna().between(canonical.minimum or float("-inf"), canonical.maximum or float("inf"))
        if not inside.empty and inside.mean() < ENOUGH:
            doubts.append(f"{(~inside).sum():,} lie outside {canonical.minimum:g} to {canonical.maximum:g}")
    if quantity is None or named.unit is not None:
        measured = [entry if named.unit is None else entry | {"unit": named.unit} for entry in entries]
        stated = f", in {named.unit}" if named.unit is not None else ""
        reason = "; ".join([f"{named.reason}{stated}, from {numbers.min():g} to {numbers.max():g}", *doubts])
        return Proposal(named.target, name, measured[0], "unsure" if doubts else "likely", reason, tuple(measured[1:]))
    units = _likely_units(named, numbers.median())
    reason = "; ".join([f"{named.reason}; its unit is not stated (median {numbers.median():g})", *doubts])
    answers = tuple(entry | {"unit": unit} for unit in units for entry in entries)
    return Proposal(named.target, name, answers[0], "unsure", reason, answers[1:])


def _likely_units(named: Named, median: float) -> list[str]:
    """Name the units a utility would use, the likeliest first; the person chooses."""
    if named.target == "usage":
        by_fuel = {"electricity": ["kWh", "MWh", "Wh"], "gas": ["therm", "CCF", "MCF", "m³"]}
        return by_fuel.get(named.fuel or "", ["kWh", "MWh", "therm", "CCF", "MCF", "m³"])
    if named.target == "cost_usd":
        return ["USD", "USD/month", "cent"]
    if named.target == "floor_area_sqft":
        # half of all homes in the United States have over 1,700 sqft, which is 160 m²
        return ["sqft", "m²"] if median > 500 else ["m²", "sqft"]
    return list(units_of(QUANTITY_OF[named.target]))
