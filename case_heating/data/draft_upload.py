"""An upload is looked at: its files are counted, read a little, and a mapping for them is drafted and kept beside them.

Reading foreign files is work for a process that may run out of memory or time; what it leaves here is our own, so that
a page can read it at once.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pandas as pd

from case_heating.data import bring_cells as cells
from case_heating.data.draft_columns import MOST_CODES, describe
from case_heating.data.draft_mapping import LOOKED_AT_ROWS, draft_mapping
from case_heating.data.files import read_frame
from case_heating.data.map_text import CALLED, written
from case_heating.data.map_work import FileLook, MapWork, begin_work
from case_heating.data.unpacked import stop_at_bombs
from case_heating.data.uploads import Upload, UploadedFile
from case_heating.errors import HeatingError, SourceError
from case_heating.workspace import fingerprint, write_text

MAPPING = "mapping.toml"
MOST_COLUMNS = 3_000
"""The widest official file has 799 columns; a header of many thousands is no table of homes."""

_HEAD_ROWS = 200  # enough to find three rows of each table for the sample
_WORK, _HEADS, _USUAL = "work.json", "heads", {"encoding": "utf-8", "delimiter": None, "sheet": None}


def draft_upload(upload: Upload, progress: Callable[[str, float], None]) -> MapWork:
    """Look at the files of an upload, draft a mapping, and keep both.

    Parameters
    ----------
    upload : Upload
        With at least one file.
    progress : callable
        Told which file is looked at, and the share done.

    Raises
    ------
    SourceError
        If there is no file, or one of them cannot be read; the words call it what its owner calls it.
    """
    if not upload.files:
        raise SourceError("there is no file in this upload yet; hand one in first")
    looks, heads = [], {}
    try:
        for number, file in enumerate(upload.files):
            progress(f"looking at {file.name}", number / (len(upload.files) + 1))
            stop_at_bombs(upload.path(file), shown=file.name)
            frame = read_frame(upload.path(file), n_rows=LOOKED_AT_ROWS, **_how(file)).rename(columns=str)
            if frame.shape[1] > MOST_COLUMNS:
                raise SourceError(
                    f"{file.name} has {frame.shape[1]:,} columns; at most {MOST_COLUMNS:,} are looked at. Is it one "
                    "table, with a row for each home or bill?"
                )
            looks.append(look_at(frame, file))
            heads[file.name] = frame.head(_HEAD_ROWS)
        progress("drafting a mapping", len(upload.files) / (len(upload.files) + 1))
        names = {upload.path(file): file.name for file in upload.files}
        draft = draft_mapping(names, opened={upload.path(file): _how(file) for file in upload.files})
    except HeatingError as error:
        raise type(error)(in_owners_words(upload, str(error))) from error
    work = begin_work(draft, names, looks, source="my_utility")
    (upload.folder / _HEADS).mkdir(exist_ok=True)
    for file in upload.files:
        texts = heads[file.name].apply(cells.read_texts)
        texts.to_parquet(upload.folder / _HEADS / f"{file.stored.partition('.')[0]}.parquet", index=False)
    keep_work(upload, work)
    progress("drafting a mapping", 1.0)
    return work


def look_at(frame: pd.DataFrame, file: UploadedFile) -> FileLook:
    """Say what stands in each column of a file, and which values those have that have few.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Its first rows.
    file : UploadedFile
        The file.
    """
    values = {}
    for name in frame.columns:
        counts = cells.read_texts(frame[name]).value_counts()
        if 0 < len(counts) <= MOST_CODES:
            values[str(name)] = [str(value) for value in counts.index]
    unusual = {name: str(value) for name, value in _how(file).items() if value != _USUAL[name]}
    return FileLook(file.name, {str(name): describe(frame[name]) for name in frame.columns}, values, unusual)


def keep_work(upload: Upload, work: MapWork) -> None:
    """Keep the mapping as it stands, and the copy of it that is run."""
    stored = {file.name: file.stored for file in upload.files}
    write_text(upload.folder / MAPPING, written(work, stored=stored, source=own_name(upload, work)))
    write_text(upload.folder / _WORK, work.to_json())


def read_work(upload: Upload) -> MapWork | None:
    """Read the mapping as it stands; nothing where the files were not looked at since one of them changed."""
    try:
        work = MapWork.from_json((upload.folder / _WORK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    told = [(look.name, look.how) for look in work.files]
    now = [
        (file.name, {name: str(value) for name, value in _how(file).items() if value != _USUAL[name]})
        for file in upload.files
    ]
    heads = {path.stem for path in (upload.folder / _HEADS).glob("*.parquet")}
    return work if told == now and {file.stored.partition(".")[0] for file in upload.files} <= heads else None


def read_head(upload: Upload, name: str) -> pd.DataFrame:
    """Read the first rows of a file as text, as they were kept when it was looked at."""
    stored = next(file.stored for file in upload.files if file.name == name)
    return pd.read_parquet(upload.folder / _HEADS / f"{stored.partition('.')[0]}.parquet")


def own_name(upload: Upload, work: MapWork) -> str:
    """Name the source that an upload becomes: its owner's word for it, and enough of its id to be nobody else's.

    In the workspace it is called the same with ``own_`` before it.
    """
    said = str(work.document["source"]["name"])
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in said)[:40]
    return f"{plain.strip('_') or 'upload'}_{upload.id[:6]}"


def upload_key(upload: Upload, work: MapWork) -> str:
    """Digest of all that decides what an upload says: its files and its mapping."""
    return fingerprint([asdict(file) for file in upload.files], work.document)


def in_owners_words(upload: Upload, words: str) -> str:
    """Call files and mapping in the words of an error what their owner calls them."""
    for file in upload.files:
        words = words.replace(str(upload.path(file)), file.name).replace(f"{file.stored!r}", f"{file.name!r}")
    return words.replace(str(upload.folder / MAPPING), CALLED).replace(str(upload.folder), "your upload")


def _how(file: UploadedFile) -> dict[str, Any]:
    return {"encoding": file.encoding, "delimiter": file.delimiter, "sheet": file.sheet}
