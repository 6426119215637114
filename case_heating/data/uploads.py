"""Files that somebody hands in through the app: kept in the workspace under names of our own, theirs alone, deletable.

An upload is a folder ``uploads/ID``. ``upload.json`` says whose it is and what its files were called; the files
themselves are ``1.csv``, ``2.parquet`` and so on: nothing a visitor writes ever becomes part of a path.
"""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from case_heating.errors import SourceError
from case_heating.workspace import open_workspace, plain_words, write_text

FOLDER = "uploads"
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".gz", ".zip", ".parquet", ".xlsx")
MOST_FILES = 20
MOST_BYTES_OF_A_PERSON = 2_000_000_000
"""Of all uploads of one person together: four files of the largest size the app takes. [bytes]"""

_LONGEST_NAME = 80  # letters of a file's name that are remembered: as many as fit on a line
_BLOCK_BYTES = 1 << 20
_ID = re.compile(r"[0-9a-f]{16}")
_ABOUT = "upload.json"


@dataclass(frozen=True)
class UploadedFile:
    """One file: what it was called, what it is called here, and how it is to be opened.

    Attributes
    ----------
    name : str
        What its owner called it, fit to be shown; two files of an upload never share it.
    stored : str
        Its name in the folder, of our own making.
    n_bytes : int
        Its size. [bytes]
    encoding, delimiter, sheet
        As :func:`~case_heating.data.files.read_frame` takes them.
    """

    name: str
    stored: str
    n_bytes: int
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Upload:
    """Some files of one person, and all that was made of them.

    Attributes
    ----------
    folder : Path
        Where it lies.
    by : str
        Whose it is.
    made_at : float
        When it was begun [s since 1970].
    files : tuple of UploadedFile
        In the order they came.
    """

    folder: Path
    by: str
    made_at: float
    files: tuple[UploadedFile, ...] = ()

    @property
    def id(self) -> str:
        """Its name: sixteen hexadecimal digits."""
        return self.folder.name

    @property
    def n_bytes(self) -> int:
        """Size of its files together. [bytes]"""
        return sum(file.n_bytes for file in self.files)

    def path(self, file: UploadedFile) -> Path:
        """Where a file lies."""
        return self.folder / file.stored


def begin_upload(workspace: Path, *, by: str, at: float) -> Upload:
    """Make the folder of a new upload.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be written.
    """
    folder = open_workspace(workspace).root / FOLDER / token_hex(8)
    with plain_words(workspace):
        folder.mkdir(parents=True)
        return _keep(Upload(folder, by, at))


def add_file(upload: Upload, name: str, content: BinaryIO) -> Upload:
    """Copy a file into an upload, block by block; a file that was called the same gives way to it.

    Parameters
    ----------
    upload : Upload
        Where it belongs.
    name : str
        What its owner calls it; only its ending decides anything.
    content : binary file
        What is in it.

    Returns
    -------
    Upload
        With the file in it.

    Raises
    ------
    SourceError
        If no reader knows the ending, or the upload or the person has too much already.
    WorkspaceError
        If the disk is full.
    """
    shown = shown_name(name)
    ending = next((one for one in sorted(ENDINGS, key=len, reverse=True) if shown.lower().endswith(one)), None)
    if ending is None:
        raise SourceError(f"{shown}: its name must end in one of {', '.join(ENDINGS)}; save it as one of these")
    others = tuple(file for file in upload.files if file.name != shown)
    if len(others) >= MOST_FILES:
        raise SourceError(f"an upload holds at most {MOST_FILES} files; delete one, or begin another upload")
    numbers = (int(path.name.partition(".")[0]) for path in upload.folder.glob("[0-9]*.*"))
    stored = f"{max(numbers, default=0) + 1}{ending if ending != '.gz' else '.csv.gz'}"
    left = MOST_BYTES_OF_A_PERSON - sum(other.n_bytes for other in uploads_of(_workspace(upload), upload.by))
    with plain_words(_workspace(upload)):
        n_bytes = _copy(content, upload.folder / stored, left, shown)
        kept = _keep(replace(upload, files=(*others, UploadedFile(shown, stored, n_bytes))))
    for former in set(upload.files) - set(others):
        upload.path(former).unlink(missing_ok=True)
    return kept


def drop_file(upload: Upload, name: str) -> Upload:
    """Take a file out of an upload."""
    left = tuple(file for file in upload.files if file.name != name)
    kept = _keep(replace(upload, files=left))
    for file in set(upload.files) - set(left):
        upload.path(file).unlink(missing_ok=True)
    return kept


def open_differently(
    upload: Upload, name: str, *, encoding: str = "utf-8", delimiter: str | None = None, sheet: str | None = None
) -> Upload:
    """Say how a file of an upload is to be opened."""
    files = [
        replace(file, encoding=encoding, delimiter=delimiter, sheet=sheet) if file.name == name else file
        for file in upload.files
    ]
    return _keep(replace(upload, files=tuple(files)))


def find_upload(workspace: Path, name: str, *, by: str) -> Upload:
    """Open an upload of a person by its id.

    Raises
    ------
    SourceError
        If there is none of that id, or it is somebody else's: the words are the same, so that nobody learns which.
    """
    gone = SourceError("there is no such upload of yours: it was deleted, or it is somebody else's; hand the files in")
    if not _ID.fullmatch(name):
        raise gone
    try:
        found = _read(workspace / FOLDER / name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise gone from error
    if found.by != by:
        raise gone
    return found


def uploads_of(workspace: Path, by: str) -> tuple[Upload, ...]:
    """List the uploads of a person, the newest first."""
    return tuple(sorted(_all_of(workspace, by), key=lambda upload: upload.made_at, reverse=True))


def delete_upload(upload: Upload, *, made_of_it: str | None = None) -> None:
    """Delete an upload and all that was made of it.

    Parameters
    ----------
    upload : Upload
        The upload.
    made_of_it : str, optional
        Name of the source that a main job made of it: the steps of that source go as well.
    """
    workspace = _workspace(upload)
    with plain_words(workspace):
        (upload.folder / _ABOUT).unlink(missing_ok=True)  # from here on nobody finds it, whatever is left
        shutil.rmtree(upload.folder)
        if made_of_it is not None:
            for step in workspace.glob("[0-9]_*"):
                shutil.rmtree(step / made_of_it, ignore_errors=True)


def shown_name(name: str) -> str:
    r"""Give what a file is called, fit to be shown and written: no folders, nothing invisible, not too long.

    >>> shown_name("../../etc/passwd.csv"), shown_name("C:\\data\\x\x00y.csv"), shown_name("   ")
    ('passwd.csv', 'xy.csv', 'file')
    """
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    stem, dot, ending = visible.partition(".")
    if len(visible) > _LONGEST_NAME:
        visible = (stem[: _LONGEST_NAME // 2] + dot + ending[-_LONGEST_NAME // 2 :])[-_LONGEST_NAME:]
    return visible or "file"


def _copy(content: BinaryIO, path: Path, most_bytes: int, shown: str) -> int:
    """Copy block by block under a name that does not count until it is whole."""
    draft = path.with_name(f".{path.name}.draft")
    n_bytes = 0
    try:
        with draft.open("xb") as file:
            while block := content.read(_BLOCK_BYTES):
                n_bytes += len(block)
                if n_bytes > most_bytes:
                    raise SourceError(
                        f"{shown} does not fit: your uploads may hold {MOST_BYTES_OF_A_PERSON / 1e9:g} GB together; "
                        "delete one you no longer need"
                    )
                file.write(block)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return n_bytes


def _keep(upload: Upload) -> Upload:
    told = {"by": upload.by, "made_at": upload.made_at, "files": [asdict(file) for file in upload.files]}
    write_text(upload.folder / _ABOUT, json.dumps(told, indent=1))
    return upload


def _read(folder: Path) -> Upload:
    told = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return Upload(folder, told["by"], told["made_at"], tuple(UploadedFile(**file) for file in told["files"]))


def _all_of(workspace: Path, by: str) -> Iterator[Upload]:
    for about in (workspace / FOLDER).glob(f"*/{_ABOUT}"):
        try:
            found = _read(about.parent)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # deleted in this very moment, or damaged: nobody's
        if found.by == by:
            yield found


def _workspace(upload: Upload) -> Path:
    return upload.folder.parent.parent
