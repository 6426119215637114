"""Somebody's own files, checked: what is sound, what was refused and why, and how far the data reach.

What is found is kept in the upload's folder: a summary that a page reads at once, the refused rows for people's
spreadsheets, and the homes as a model sees them for whoever answers next.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating.data.draft_upload import MAPPING, in_owners_words, upload_key
from case_heating.data.keep import write_trusted
from case_heating.data.map_work import MapWork
from case_heating.data.sources import read_own_files
from case_heating.data.unpacked import stop_at_bombs
from case_heating.data.uploads import Upload
from case_heating.data.validate import RowFault, check_tables
from case_heating.errors import HeatingError, SourceError
from case_heating.features.build import build_features
from case_heating.features.known import known_labels
from case_heating.features.readiness import what_a_run_lacks
from case_heating.people.reach import StageReach, look_how_far
from case_heating.people.spreadsheet import MOST_WORKBOOK_ROWS, write_csv, write_workbook
from case_heating.settings import Settings
from case_heating.workspace import whole_folder

CHECKED = "checked"
FEATURES, LABELS = "features.parquet", "labels.parquet"
REFUSED = "refused"
"""Name of the files with the refused rows: ``refused_bills.csv``, and ``refused.xlsx`` with all of them."""

_SUMMARY = "summary.json"


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    key : str
        Digest of files and mapping it was made of.
    as_of : date
        The day the data speak for.
    counts : DataFrame, indexed by table
        ``rows_in``, ``valid``, ``quarantined``, ``not_yet_known``.
    faults : tuple of RowFault
        What is wrong in the refused rows.
    notes : tuple of str
        What a reader should know that is no fault.
    lacks : tuple of str
        What a main job of their own would still lack.
    reach : tuple of StageReach
        How far the data reach.
    n_homes, n_gas, n_electricity : int
        Homes, and those of them whose fuel is known.
    """

    key: str
    as_of: date
    counts: pd.DataFrame
    faults: tuple[RowFault, ...]
    notes: tuple[str, ...]
    lacks: tuple[str, ...]
    reach: tuple[StageReach, ...]
    n_homes: int
    n_gas: int
    n_electricity: int

    @property
    def n_refused(self) -> int:
        """Rows refused in all tables together."""
        return int(self.counts["quarantined"].sum())


def check_upload(upload: Upload, work: MapWork, settings: Settings, progress: Callable[[str, float], None]) -> Checked:
    """Read an upload through its mapping, check it, and keep what is found.

    Parameters
    ----------
    upload : Upload
        With its mapping beside it.
    work : MapWork
        The same mapping as its owner sees it.
    settings : Settings
        The day of the run, and how many labels a main job needs.
    progress : callable
        Told what is being done.

    Raises
    ------
    HeatingError
        If the mapping is not finished, a file cannot be read, or a table cannot be trusted as a whole; files are called
        what their owner calls them.
    """
    try:
        if unfinished := work.unfinished:
            raise SourceError(f"the mapping is not finished: say what {' and '.join(unfinished)} come from")
        for file in upload.files:
            progress(f"counting {file.name}", 0.0)
            stop_at_bombs(upload.path(file), shown=file.name)
        progress("reading your files", 0.05)
        gathered = read_own_files(upload.folder / MAPPING)
        trusted = check_tables(
            gathered.tables,
            as_of=settings.as_of,
            today=settings.today,
            progress=lambda doing, share: progress(doing, 0.1 + 0.6 * share),
        )
        if "homes" not in trusted.tables:
            raise SourceError("no home is left: every row of homes was refused; mend the rows, or the mapping")
    except HeatingError as error:
        raise type(error)(in_owners_words(upload, str(error))) from error
    progress("describing the homes", 0.7)
    tables, as_of = trusted.tables, trusted.as_of
    features = build_features(tables, as_of=as_of)
    fuel = known_labels(tables["labels"], as_of=as_of) if "labels" in tables else pd.Series(dtype="str")
    fuel = fuel[fuel.index.isin(features.index)].rename("heating_fuel").rename_axis("home_id")
    found = Checked(
        key=upload_key(upload, work),
        as_of=as_of,
        counts=trusted.counts,
        faults=trusted.faults,
        notes=(*gathered.notes, *trusted.notes),
        lacks=tuple(what_a_run_lacks(tables, as_of=as_of, min_labels=settings.min_labelled_homes)),
        reach=look_how_far(features),
        n_homes=len(features),
        n_gas=int((fuel == "gas").sum()),
        n_electricity=int((fuel == "electricity").sum()),
    )
    progress("writing down what was found", 0.85)
    with whole_folder(upload.folder / CHECKED) as folder:
        write_trusted(trusted, folder)
        features.to_parquet(folder / FEATURES)
        fuel.reset_index().to_parquet(folder / LABELS, index=False)
        _write_refused(trusted.quarantine, folder)
        (folder / _SUMMARY).write_text(json.dumps(_plain(found)), encoding="utf-8")
    progress("writing down what was found", 1.0)
    return found


def read_checked(upload: Upload) -> Checked | None:
    """Read what the last check found; nothing where there was none."""
    try:
        told = json.loads((upload.folder / CHECKED / _SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Checked(
        key=told["key"],
        as_of=date.fromisoformat(told["as_of"]),
        counts=pd.DataFrame.from_dict(told["counts"], orient="index").rename_axis("table"),
        faults=tuple(RowFault(**fault) for fault in told["faults"]),
        notes=tuple(told["notes"]),
        lacks=tuple(told["lacks"]),
        reach=tuple(StageReach(**one) for one in told["reach"]),
        n_homes=told["n_homes"],
        n_gas=told["n_gas"],
        n_electricity=told["n_electricity"],
    )


def refused_files(upload: Upload) -> tuple[Path, ...]:
    """List the files with refused rows: a CSV for each table, and where they are not too many a workbook of all."""
    return tuple(sorted((upload.folder / CHECKED).glob(f"{REFUSED}*")))


def _write_refused(quarantine: dict[str, pd.DataFrame], folder: Path) -> None:
    named = {
        name: rows[["reasons", *(column for column in rows if column != "reasons")]]
        for name, rows in quarantine.items()
    }
    for name, rows in named.items():
        write_csv(rows, folder / f"{REFUSED}_{name}.csv")
    if named and sum(map(len, named.values())) <= MOST_WORKBOOK_ROWS:
        write_workbook(named, folder / f"{REFUSED}.xlsx")


def _plain(found: Checked) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("key", "notes", "lacks", "n_homes", "n_gas", "n_electricity")},
        "as_of": found.as_of.isoformat(),
        "counts": found.counts.to_dict(orient="index"),
        "faults": [asdict(fault) for fault in found.faults],
        "reach": [asdict(one) for one in found.reach],
    }
