"""From raw tables to trusted ones: every row is valid, in quarantine with its reasons, or not yet known.

Tables that are wrong as a whole stop the run (:class:`~case_heating.errors.TableError`). What a row has wrong is
decided by Great Expectations, with suites built from the schema.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from case_heating.data import expectations, table_faults, unit_slips
from case_heating.data.dtypes import TypedTable, read_dtypes
from case_heating.data.expectations import Rule
from case_heating.errors import TableError, counted
from case_heating.schema import TABLES, Tables, conform

Progress = Callable[[str, float], None]
"""Told what is being done and the share of the whole that is done, 0 to 1."""


@dataclass(frozen=True)
class RowFault:
    """One kind of fault in one column: how many rows have it, and the first of them."""

    table: str
    column: str
    reason: str
    n_rows: int
    n_checked: int
    first_example: str

    def in_words(self) -> str:
        """Say it in one line.

        Examples
        --------
        >>> first = "home 10482, 2019-02, -14.0"
        >>> RowFault("bills", "usage", "negative without solar", 3, 12_044, first).in_words()
        'bills.usage: 3 of 12,044 rows are negative without solar (first: home 10482, 2019-02, -14.0); they are in \
quarantine/bills.parquet'
        """
        they = "it is" if self.n_rows == 1 else "they are"
        return f"{self.what}; {they} in quarantine/{self.table}.parquet"

    @property
    def what(self) -> str:
        """The same without where the rows are now: a check alone keeps none."""
        are = "is" if self.n_rows == 1 else "are"
        return (
            f"{self.table}.{self.column}: {self.n_rows:,} of {self.n_checked:,} rows {are} {self.reason} "
            f"(first: {self.first_example})"
        )


@dataclass(frozen=True)
class Trusted:
    """What passed and what did not.

    Attributes
    ----------
    tables : dict of DataFrame
        Valid rows in the schema's dtypes; a table without any is absent. A bill that a later one corrects is
        still here.
    quarantine : dict of DataFrame
        Refused rows as they were written, under the index of the raw table, with a text column ``reasons``;
        only tables that have such rows.
    counts : DataFrame, shape (n_tables, 4)
        ``rows_in``, ``valid``, ``quarantined`` and ``not_yet_known`` by table.
    faults : tuple of RowFault
        What is wrong in quarantine. A row with two faults counts in both.
    as_of : date
        The day the tables speak for.
    notes : tuple of str
        What a reader should know that is no fault: what was not there, dropped, or could not be checked.
    results : dict
        Great Expectations' result by table, for :func:`~case_heating.data.data_docs.write_data_docs`.
    """

    tables: Tables
    quarantine: Tables
    counts: pd.DataFrame
    faults: tuple[RowFault, ...]
    as_of: date
    notes: tuple[str, ...]
    results: dict[str, Any]


@dataclass(frozen=True)
class _Checked:
    """One table after its suite ran; all masks share the row numbers of ``typed.rows``."""

    typed: TypedTable
    known: pd.Series
    refused: pd.Series
    reasons: pd.Series
    faults: list[RowFault]
    result: Any

    @property
    def valid(self) -> pd.DataFrame:
        return self.typed.rows[self.known & ~self.refused]


def check_tables(
    raw: Tables,
    *,
    as_of: date | None,
    today: date,
    complete: bool = True,
    progress: Progress | None = None,
) -> Trusted:
    """Check raw canonical tables and part their rows.

    Parameters
    ----------
    raw : dict of DataFrame
        Tables with canonical column names, as a reader gives them; not changed.
    as_of : date, optional
        Rows known later are set aside. Default: the last ``known_at`` that does not lie after ``today``.
    today : date
        Day of the run; dates after it are faults.
    complete : bool
        Whether ``homes`` and ``bills`` must be there. Without ``homes``, what needs it is not checked, and noted.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Trusted
        For each table, rows in = valid + quarantined + not yet known.

    Raises
    ------
    TableError
        If a table cannot be trusted as a whole.
    """
    tell = progress or (lambda _doing, _done: None)
    tell("reading the tables", 0.0)
    table_faults.stop_at_shape_faults(raw, complete=complete)
    # homes come first: the other tables name them
    typed = {name: read_dtypes(raw[name], TABLES[name]) for name in TABLES if name in raw}
    table_faults.stop_at_dtype_faults(raw, typed)
    table_faults.stop_at_repeated_keys(typed)
    moment = as_of or _last_known(typed, today)
    known = {name: _known_by(read.rows, moment, today) for name, read in typed.items()}
    if complete and not known["bills"].any():
        first = typed["bills"].rows["known_at"].min()
        raise TableError(
            f"bills: none is known as of {moment}; the first is known on {first:%Y-%m-%d}. Set a later as_of"
        )
    notes = _notes(raw, typed)
    homes = typed["homes"].rows if "homes" in typed else None
    if "bills" in typed:
        tell("looking for slipped units", 0.1)
        notes += _check_bills_as_a_whole(typed["bills"].rows[known["bills"]], homes)
    checked: dict[str, _Checked] = {}
    for number, (name, read) in enumerate(typed.items()):
        tell(f"checking {name}", 0.2 + 0.7 * number / len(typed))
        trusted_homes = checked["homes"].valid["home_id"] if name != "homes" and homes is not None else None
        checked[name] = _check(name, raw[name], read, known[name], today, homes, trusted_homes)
    table_faults.stop_at_refused_tables(
        {
            name: (int(done.refused.sum()), int(done.known.sum()), [fault.what for fault in done.faults])
            for name, done in checked.items()
        }
    )
    tell("parting the rows", 0.9)
    trusted = _part(raw, checked, moment, notes)
    tell("checked", 1.0)
    return trusted


def _last_known(typed: dict[str, TypedTable], today: date) -> date:
    """Give the last day, today at the latest, on which the source learned something."""
    days = [read.rows["known_at"] for read in typed.values() if "known_at" in read.rows]
    past = [day[day < pd.Timestamp(today + timedelta(days=1))].max() for day in days]
    return max((day.date() for day in past if not pd.isna(day)), default=today)


def _known_by(rows: pd.DataFrame, as_of: date, today: date) -> pd.Series:
    """Tell the rows that are not set aside; one known after today is a fault and is not set aside."""
    if "known_at" not in rows:
        return pd.Series(True, index=rows.index)
    known_at = rows["known_at"]
    later = (known_at >= pd.Timestamp(as_of + timedelta(days=1))) & (known_at < pd.Timestamp(today + timedelta(days=1)))
    return ~later


def _notes(raw: Tables, typed: dict[str, TypedTable]) -> list[str]:
    """Say what is dropped, what is absent, and what therefore cannot be checked."""
    notes = [f"{name}: not a table of the schema; not used" for name in raw if name not in TABLES]
    for name, read in typed.items():
        if extra := [str(column) for column in raw[name].columns if column not in TABLES[name].column_names]:
            notes.append(f"{name}: the schema does not know {', '.join(extra)}; not used")
        if absent := [column for column in TABLES[name].column_names if column not in read.rows]:
            notes.append(f"{name}: without {', '.join(absent)}")
    if "homes" not in typed and any("home_id" in read.rows for read in typed.values()):
        notes.append("homes is not there: whether rows name known homes, and negative usage, are not checked")
    return notes


def _check_bills_as_a_whole(bills: pd.DataFrame, homes: pd.DataFrame | None) -> list[str]:
    """Stop at slipped units; note corrections."""
    replaced = unit_slips.superseded(bills)
    if homes is not None and "usage" in bills:
        unit_slips.stop_at_unit_slips(bills[~replaced], homes)
    return (
        [f"bills: {counted(replaced.sum(), 'row is', 'rows are')} corrected by a later one"] if replaced.any() else []
    )


def _check(
    name: str,
    raw: pd.DataFrame,
    typed: TypedTable,
    known: pd.Series,
    today: date,
    homes: pd.DataFrame | None,
    trusted_homes: pd.Series | None,
) -> _Checked:
    """Run a table's suite on the rows known so far and collect the rows that break it."""
    table = TABLES[name]
    frame = expectations.with_facts(typed, table, raw=raw, today=today, homes=homes, trusted_homes=trusted_homes)
    n_known = int(known.sum())
    refused = pd.Series(False, index=frame.index)
    reasons = pd.Series("", index=frame.index, dtype="str")
    if n_known == 0:
        return _Checked(typed, known, refused, reasons, [], None)
    if n_known < len(frame):
        frame = frame[known]
    result, failed = expectations.run_suite(name, frame, expectations.rules_for(table, frame))
    faults = []
    for rule in sorted(failed, key=lambda rule: rule.first_may_stay):  # which repeat stays depends on the other faults
        broken = _broken_by(rule, frame, refused)
        if broken.empty:
            continue
        refused.loc[broken] = True
        told = reasons.loc[broken]
        reasons.loc[broken] = told.where(told == "", told + "; ") + f"{rule.column}: {rule.reason}"
        example = _example(raw.iloc[broken[0]], typed.rows.loc[broken[0]], rule.column)
        faults.append(RowFault(name, rule.column, rule.reason, len(broken), n_known, example))
    return _Checked(typed, known, refused, reasons, faults, result)


def _broken_by(rule: Rule, frame: pd.DataFrame, refused: pd.Series) -> pd.Index:
    """Rows a failed rule refuses, in their order; of a repeated key the first row without another fault stays."""
    broken = frame.index[rule.offending(frame)]
    if not rule.first_may_stay:
        return broken
    best_first = refused.loc[broken].sort_values(kind="stable").index
    repeats = frame.loc[best_first].duplicated(rule.column.split(", "))
    return repeats.index[repeats].sort_values()


def _example(written: pd.Series, read: pd.Series, column: str) -> str:
    """Name a row as a person would: whose it is, when, and the value."""
    told = []
    if "home_id" in read:
        told.append("no home" if pd.isna(written["home_id"]) else f"home {written['home_id']}")
    elif "place_id" in read:
        told.append(f"place {written['place_id']}")
    moment = next((read[name] for name in ("start", "event_time", "date", "from_date") if name in read), None)
    if moment is not None and not pd.isna(moment):
        told.append(f"{moment:%Y-%m}")
    if column in written and column not in ("home_id", "place_id"):
        value = written[column]
        told.append("nothing" if pd.isna(value) else f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value))
    return ", ".join(told)


def _part(raw: Tables, checked: dict[str, _Checked], as_of: date, notes: list[str]) -> Trusted:
    """Part every table's rows, and see that none is lost."""
    tables, quarantine, counts = {}, {}, {}
    for name, done in checked.items():
        valid = done.valid
        if len(valid):
            tables[name] = conform(valid, TABLES[name])
        else:
            notes = [*notes, f"{name}: no row is known as of {as_of}"]
        if done.refused.any():
            quarantine[name] = _refused_rows(raw[name], done)
        n_later = int((~done.known).sum())
        counts[name] = (len(raw[name]), len(valid), int(done.refused.sum()), n_later)
        if n_later:
            are = "is" if n_later == 1 else "are"
            later = f"{name}: {counted(n_later, 'row', 'rows')} became known after {as_of} and {are} set aside"
            notes = [*notes, later]
    columns = ["rows_in", "valid", "quarantined", "not_yet_known"]
    table_counts = pd.DataFrame.from_dict(counts, orient="index", columns=columns).rename_axis("table")
    lost = table_counts["rows_in"] - table_counts[columns[1:]].sum(axis=1)
    if lost.any():
        raise RuntimeError(f"rows in are not rows out: {lost[lost != 0].to_dict()}")
    faults = tuple(fault for done in checked.values() for fault in done.faults)
    results = {name: done.result for name, done in checked.items() if done.result is not None}
    return Trusted(tables, quarantine, table_counts, faults, as_of, tuple(notes), results)


def _refused_rows(raw: pd.DataFrame, done: _Checked) -> pd.DataFrame:
    """Take the refused rows as written; a column of mixed types becomes text, so that a file can hold it."""
    rows = raw[done.refused.to_numpy()]
    mixed = {name: "str" for name in rows.columns if rows[name].dtype == object}
    return rows.astype(mixed).assign(reasons=done.reasons[done.refused].to_numpy())
