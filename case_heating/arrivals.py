"""What comes in: from a source's files to checked tables, features of each month, and the stores.

The first ingest looks back over a year, so that a model can be trained at once on what was known half a year ago.
Each later one adds the months since the last. A month is described with what was known on its last day, whenever that
is done; what a file tells late is known from the day it came in.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Self

import pandas as pd

from case_heating.data.keep import read_trusted, write_trusted
from case_heating.data.sources import find_source
from case_heating.data.unit_slips import superseded, unit_slips
from case_heating.data.validate import RowFault, Trusted
from case_heating.errors import NotEnoughDataError, StoreError, TableError, WorkspaceError
from case_heating.features.online import Materialised, materialise, open_online
from case_heating.features.store import OfflineStore, feature_rows
from case_heating.journey import Progress, check, silent, take_raw
from case_heating.lock import one_at_a_time
from case_heating.people.review_labels import with_review_labels
from case_heating.schema import Tables
from case_heating.settings import Settings
from case_heating.watch.history import month_ends, walk_history
from case_heating.workspace import fingerprint, open_workspace, plain_words, take_step, write_text

BACKFILL_MONTHS = 13
"""Months the first ingest looks back: half a year to train on what was known then, and a year to watch it."""

_FED, _REPORTS = "store/tables", "store/ingests"


@dataclass(frozen=True)
class IngestReport:
    """What an ingest found.

    Attributes
    ----------
    as_of : date
        The day it speaks for.
    raw : str
        Key of the source's files as they were read.
    moments : tuple of date
        Days whose features it wrote.
    features_added, labels_added : int
        Rows the offline store did not hold before.
    rows_in, refused : int
        Bills that came in since the ingest before, and those of them that are in quarantine.
    faults : tuple of RowFault
        What is wrong in quarantine.
    stopped : tuple of str
        Why the delivery as a whole was refused; then nothing of it was stored.
    store : str
        Digest of the offline store afterwards.
    """

    as_of: date
    raw: str
    moments: tuple[date, ...] = ()
    features_added: int = 0
    labels_added: int = 0
    rows_in: int = 0
    refused: int = 0
    faults: tuple[RowFault, ...] = ()
    stopped: tuple[str, ...] = ()
    store: str = ""

    @property
    def found_news(self) -> bool:
        """Whether it added anything."""
        return bool(self.features_added or self.labels_added)

    def to_json(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=1, default=date.isoformat) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what :meth:`to_json` wrote."""
        told = json.loads(text)
        told["as_of"] = date.fromisoformat(told["as_of"])
        told["moments"] = tuple(date.fromisoformat(day) for day in told["moments"])
        told["faults"] = tuple(RowFault(**fault) for fault in told["faults"])
        told["stopped"] = tuple(told["stopped"])
        return cls(**told)


def offline_store(settings: Settings) -> OfflineStore:
    """Name the offline store of a workspace."""
    return OfflineStore(settings.workspace / "store", threads=settings.threads)


def online_place(settings: Settings) -> str | Path:
    """Name the online store: the URL of the settings, or the workspace's own file."""
    return settings.online_url or settings.workspace / "store" / "online.sqlite"


def ingest(
    settings: Settings,
    as_of: date | None = None,
    *,
    reviewed: pd.DataFrame | None = None,
    progress: Progress = silent,
) -> IngestReport:
    """Take in what became known since the last ingest; a second one on the same day adds nothing.

    Parameters
    ----------
    settings : Settings
        The source, and the workspace whose store is fed.
    as_of : date, optional
        The day it speaks for; the last one on which the source learned something if not given.
    reviewed : DataFrame, optional
        Labels that people made, in the columns of ``labels``.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    TableError
        If the delivery cannot be trusted as a whole. The report says so, and the store is as it was.
    StoreError
        If the day lies before the last ingest, or the store is damaged.
    BusyError
        If another ingest runs.
    """
    workspace = open_workspace(settings.workspace)
    settings = replace(settings, as_of=as_of)
    with one_at_a_time(workspace.path("store/ingest.lock"), "ingesting"):
        last = delivered(settings, None)
        _refuse_the_past(as_of, last)
        raw = take_raw(find_source(settings), workspace, progress)
        try:
            trusted = take_step(
                workspace,
                _FED,
                fingerprint(raw.key, as_of, settings.today, None if reviewed is None else reviewed.to_csv()),
                make=lambda: check(with_review_labels(raw.value.tables, reviewed), settings, progress),
                write=write_trusted,
                read=read_trusted,
            ).value
        except TableError as error:
            day, digest = as_of or settings.today, offline_store(settings).digest()
            stopped = IngestReport(day, raw.key, stopped=(str(error),), store=digest)
            _put_on_record(stopped, settings)
            raise
        if last is not None and trusted.as_of < last.as_of:  # nobody named a day, and nothing was learned since
            trusted = replace(trusted, as_of=last.as_of)
        report = _store(trusted, raw.key, last, settings, progress)
        progress("putting the ingest on record", 0.0)
        if report.found_news or last is None or (last.as_of, last.raw, last.stopped) != (report.as_of, raw.key, ()):
            _put_on_record(report, settings)
    return report


def serve_online(settings: Settings, now: datetime) -> Materialised:
    """Bring the online store up to what the offline store knows.

    Raises
    ------
    StoreError
        If it cannot be reached.
    """
    with open_online(online_place(settings)) as online:
        return materialise(offline_store(settings), online, written=now)


def delivered(settings: Settings, as_of: date | None) -> IngestReport | None:
    """Read the report of the last ingest up to a day, or of the last one at all; nothing where there is none.

    Raises
    ------
    WorkspaceError
        If it cannot be read.
    """
    names = sorted(path.name for path in (settings.workspace / _REPORTS).glob("[0-9]*.json"))
    known = [name for name in names if as_of is None or date.fromisoformat(name[:10]) <= as_of]
    if not known:
        return None
    path = settings.workspace / _REPORTS / known[-1]
    try:
        return IngestReport.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{path} cannot be read ({error}); delete it and ingest that day again: it adds nothing twice"
        ) from error


def last_day(settings: Settings) -> date:
    """Give the day of the last ingest, for which a run speaks unless it is told another.

    Raises
    ------
    NotEnoughDataError
        If nothing was ingested yet.
    """
    if (last := delivered(settings, None)) is None:
        raise NotEnoughDataError("nothing was ingested yet; 'heating flows run ingest' does it")
    return last.as_of


def fed_tables(settings: Settings) -> Tables:
    """Read the trusted tables of the last ingest that went through.

    Raises
    ------
    NotEnoughDataError
        If nothing was ingested yet.
    WorkspaceError
        If the tables are damaged.
    """
    folder = settings.workspace / _FED
    if not folder.exists():
        raise NotEnoughDataError(
            f"nothing was ingested into {settings.workspace} yet; 'heating flows run ingest' does it"
        )
    try:
        return read_trusted(folder).tables
    except (OSError, ValueError, KeyError) as error:
        raise WorkspaceError(
            f"{folder} was changed or damaged since it was made ({error}); delete it and ingest again"
        ) from error


def _store(
    trusted: Trusted, raw: str, last: IngestReport | None, settings: Settings, progress: Progress
) -> IngestReport:
    """Write the features of each month that is due, then the labels."""
    store, tables = offline_store(settings), trusted.tables
    due = moments_due(tables["bills"], trusted.as_of, store.learned_until(), is_news=last is None or last.raw != raw)
    wrong = [moment for moment in due if _has_slipped(tables, moment)]
    added = 0
    moments = [moment for moment in due if moment not in wrong]
    for number, month in enumerate(walk_history(tables, moments, stage="gas_bills")):
        progress(f"describing {month.as_of}", number / len(moments))
        added += store.write_features(feature_rows(month.features, event_time=month.as_of)).added
    progress("storing labels", 0.0)
    labels_added = store.write_labels(tables["labels"]).added if "labels" in tables else 0
    rows_in, refused = _newest_bills(trusted, last.as_of if last and last.as_of < trusted.as_of else None)
    return IngestReport(
        as_of=trusted.as_of,
        raw=raw,
        moments=tuple(moments),
        features_added=added,
        labels_added=labels_added,
        rows_in=rows_in,
        refused=refused,
        faults=trusted.faults,
        store=store.digest(),
    )


def moments_due(bills: pd.DataFrame, as_of: date, learned: date | None, *, is_news: bool) -> list[date]:
    """Tell the days whose features are to be written.

    They are the ends of the months since the store learned something, or of the last :data:`BACKFILL_MONTHS` where it
    holds nothing, and the day itself where the source's files are new.

    Parameters
    ----------
    bills : DataFrame
        Trusted bills; no home is served before the first of them is known.
    as_of : date
        The day of the ingest.
    learned : date or None
        Last day on which the store learned something.
    is_news : bool
        Whether the source's files changed since the last ingest.
    """
    begun = bills["known_at"].min().date()
    first = learned or max(begun, (pd.Timestamp(as_of) - pd.DateOffset(months=BACKFILL_MONTHS)).date())
    ends = [day for day in month_ends(first, as_of) if day <= as_of and (learned is None or day > learned)]
    own = [as_of] if is_news and as_of not in ends and as_of >= begun else []
    return [*ends, *own]


def _has_slipped(tables: Tables, moment: date) -> bool:
    """Tell whether the bills of a district, as known that day, were in a wrong unit that nobody had corrected yet."""
    bills = tables["bills"]
    if "usage" not in bills:
        return False
    known = bills[bills["known_at"] <= pd.Timestamp(moment)]
    return len(unit_slips(known[~superseded(known)], tables["homes"])) > 0


def _newest_bills(trusted: Trusted, since: date | None) -> tuple[int, int]:
    """Count the bills that became known since a day, and the refused ones among them; all if none did."""
    counts = trusted.counts.loc["bills"]
    everything = int(counts["valid"] + counts["quarantined"]), int(counts["quarantined"])
    if since is None:
        return everything
    n_valid = int((trusted.tables["bills"]["known_at"] > pd.Timestamp(since)).sum())
    n_refused = 0
    if "bills" in trusted.quarantine and "known_at" in trusted.quarantine["bills"]:
        told = pd.to_datetime(trusted.quarantine["bills"]["known_at"], errors="coerce", format="mixed")
        n_refused = int((told.isna() | (told > pd.Timestamp(since))).sum())
    return (n_valid + n_refused, n_refused) if n_valid else everything


def _refuse_the_past(as_of: date | None, last: IngestReport | None) -> None:
    if as_of is not None and last is not None and as_of < last.as_of:
        raise StoreError(
            f"the ingest speaks for {as_of} and the store was fed on {last.as_of} already: was the clock set back? "
            "What was known then cannot be changed now; ingest for that day or a later one"
        )


def _put_on_record(report: IngestReport, settings: Settings) -> None:
    folder: Path = settings.workspace / _REPORTS
    with plain_words(settings.workspace):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / f"{report.as_of}.json", report.to_json())
