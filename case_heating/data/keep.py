"""Write what was gathered and checked into the workspace and read it back."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pandas as pd

from case_heating.data.data_docs import write_data_docs
from case_heating.data.sources import Gathered
from case_heating.data.validate import RowFault, Trusted
from case_heating.schema import TABLES, Tables, conform
from case_heating.workspace import read_tables, write_tables

_SUMMARY, _NOTES = "checked.json", "notes.json"

OF_A_HOME = ("homes", "labels", "bills", "weather", "degree_days")
"""Tables that tell of one home; the household's sensitive traits are not among them."""

_BY_HOME = "SELECT * FROM read_parquet(?) WHERE home_id IN (SELECT unnest(?))"
_BY_PLACE = "SELECT * FROM read_parquet(?) WHERE place_id IN (SELECT unnest(?))"


def write_gathered(gathered: Gathered, folder: Path) -> None:
    """Write raw tables as they were read, and the notes on how."""
    write_tables(gathered.tables, folder)
    (folder / _NOTES).write_text(json.dumps(gathered.notes), encoding="utf-8")


def read_gathered(folder: Path) -> Gathered:
    """Read back what :func:`write_gathered` wrote; cells of mixed types come back as text."""
    return Gathered(read_tables(folder), tuple(json.loads((folder / _NOTES).read_text(encoding="utf-8"))))


def write_trusted(trusted: Trusted, folder: Path) -> None:
    """Write valid tables, ``quarantine/``, Data Docs and a summary of what was refused."""
    write_tables(trusted.tables, folder / "tables")
    write_tables(trusted.quarantine, folder / "quarantine")
    write_data_docs(trusted, folder / "data_docs")
    summary = {
        "as_of": trusted.as_of.isoformat(),
        "counts": trusted.counts.to_dict(orient="index"),
        "faults": [asdict(fault) for fault in trusted.faults],
        "notes": trusted.notes,
    }
    (folder / _SUMMARY).write_text(json.dumps(summary, indent=1), encoding="utf-8")


def checked_files(folder: Path) -> list[Path]:
    """Files that hold all that later steps read of a check: the same ones come of the same rows, whatever the day."""
    return [folder / _SUMMARY, *sorted((folder / "tables").glob("*.parquet"))]


def read_trusted(folder: Path, *, only: Collection[str] | None = None) -> Trusted:
    """Read back what :func:`write_trusted` wrote; Great Expectations' own results stay in the Data Docs.

    With ``only`` no more is read than the tables named, and nothing of the quarantine: bills of a large utility take
    seconds.
    """
    summary = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
    return Trusted(
        tables=read_tables(folder / "tables", only=only),
        quarantine={} if only is not None else read_tables(folder / "quarantine"),
        counts=pd.DataFrame.from_dict(summary["counts"], orient="index"),
        faults=tuple(RowFault(**fault) for fault in summary["faults"]),
        as_of=date.fromisoformat(summary["as_of"]),
        notes=tuple(summary["notes"]),
        results={},
    )


def read_homes(folder: Path, home_ids: Sequence[str]) -> Tables:
    """Read what was trusted of some homes, and the weather of their places, without reading all other homes' bills.

    Parameters
    ----------
    folder : Path
        Where :func:`write_trusted` wrote.
    home_ids : sequence of str
        The homes.

    Returns
    -------
    Tables
        Of :data:`OF_A_HOME` those that are there, rows in the order of the whole; none of a home that is not there.

    Raises
    ------
    ValueError
        If a file cannot be read.
    """
    import duckdb

    tables: Tables = {}
    places: list[str] = []
    try:
        with duckdb.connect() as database:
            for name in OF_A_HOME:
                if not (file := folder / "tables" / f"{name}.parquet").exists():
                    continue
                by_home = "home_id" in TABLES[name].column_names
                query, wanted = (_BY_HOME, list(home_ids)) if by_home else (_BY_PLACE, places)
                tables[name] = conform(database.execute(query, [str(file), wanted]).fetch_df(), TABLES[name])
                if name == "homes":
                    places = sorted(tables[name]["place_id"].unique())
    except duckdb.Error as error:
        raise ValueError(str(error).strip().splitlines()[0]) from error
    return tables
