"""The one folder a run writes to, laid out by stage of the journey.

A step's folder appears whole or not at all: it is written beside its place and moved in by rename. Beside
its files lies ``step.json`` with the key it was made from, so that a second run can reuse what has not changed.
"""

import errno
import glob
import json
import os
import shutil
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from case_heating.errors import ModelError, WorkspaceError

LAYOUT_VERSION = 1
_MARK = "workspace.json"

T = TypeVar("T")


@dataclass(frozen=True)
class Workspace:
    """A folder that belongs to this project; make one with :func:`open_workspace`."""

    root: Path

    def path(self, step: str) -> Path:
        """Where the step ``2_trusted/recs2015`` lives, whether or not it is there yet."""
        return self.root / step

    def reuse(self, step: str, key: str) -> Path | None:
        """Give the step's folder if it was made whole from the same key, else nothing."""
        folder = self.path(step)
        _finish_swap(folder)
        try:
            made_from = json.loads((folder / "step.json").read_text())["key"]
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never made, or damaged: either way it is made again
        return folder if made_from == key else None

    @contextmanager
    def making(self, step: str, key: str) -> Iterator[Path]:
        """Hand out an empty folder; when the block ends well it becomes the step's folder, else it goes.

        Raises
        ------
        WorkspaceError
            If the disk is full or the folder may not be written; the step's former folder is untouched.
        """
        with plain_words(self.root), whole_folder(self.path(step)) as draft:
            yield draft
            (draft / "step.json").write_text(json.dumps({"key": key}))


def open_workspace(root: Path) -> Workspace:
    """Open the workspace, making it if it is not there.

    Raises
    ------
    WorkspaceError
        If the folder cannot be written, holds something else, or was laid out by another version.
    """
    mark = root / _MARK
    with plain_words(root):
        if not mark.exists():
            if root.exists() and not root.is_dir():
                raise WorkspaceError(f"{root} is a file; name a folder with --workspace")
            holds_files = root.exists() and any(entry.name[:1] != "." for entry in root.iterdir())
            if holds_files and not mark.exists():  # another process may have made it a workspace since
                raise WorkspaceError(
                    f"{root} holds files but is no workspace ({_MARK} is missing); "
                    "name an empty or new folder with --workspace"
                )
            root.mkdir(parents=True, exist_ok=True)
            write_text(mark, json.dumps({"layout_version": LAYOUT_VERSION}))
    try:
        version = json.loads(mark.read_text())["layout_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{mark} cannot be read ({error}); move {root} away and run again") from error
    if version != LAYOUT_VERSION:
        raise WorkspaceError(
            f"{root} was laid out by another version of this project (layout {version}, this one writes "
            f"{LAYOUT_VERSION}); name another folder with --workspace, or move this one away: it can be made again"
        )
    return Workspace(root)


def write_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old one or the new one, never half."""
    draft = path.with_name(f".{path.name}.draft-{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Hand out an empty folder beside a place; when the block ends well it takes that place, else it goes."""
    draft = folder.with_name(f".{folder.name}.draft-{os.getpid()}@{socket.gethostname()}")
    draft.parent.mkdir(parents=True, exist_ok=True)
    _clear_orphans(folder)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        _swap_in(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@dataclass
class Step(Generic[T]):
    """One step of the journey, made now or found as it was made before; its value is read when first asked for."""

    folder: Path
    key: str
    reused: bool
    _read: Callable[[Path], T]
    _value: T | None = None

    @property
    def is_read(self) -> bool:
        """Whether the value is at hand, so that asking for it reads no file."""
        return self._value is not None

    @property
    def value(self) -> T:
        """What the step made.

        Raises
        ------
        WorkspaceError
            If its files were changed or damaged since.
        """
        if self._value is None:
            try:
                self._value = self._read(self.folder)
            except (OSError, ValueError, KeyError, ModelError) as error:
                raise WorkspaceError(
                    f"{self.folder} was changed or damaged since it was made ({error}); delete it and run again: "
                    "it is made anew"
                ) from error
        return self._value


def take_step(
    workspace: Workspace,
    name: str,
    key: str,
    *,
    make: Callable[[], T],
    write: Callable[[T, Path], object],
    read: Callable[[Path], T],
) -> Step[T]:
    """Reuse a step that was made from the same key, or make it and write it down.

    Parameters
    ----------
    workspace : Workspace
        Where it lies.
    name : str
        Its folder, such as ``2_trusted/recs2015``.
    key : str
        Digest of all that decides its value, from :func:`fingerprint`.
    make, write, read : callable
        Compute the value; write it into an empty folder; read it back.
    """
    if (folder := workspace.reuse(name, key)) is not None:
        return Step(folder, key, True, read)
    value = make()
    with workspace.making(name, key) as draft:
        write(value, draft)
    return Step(workspace.path(name), key, False, read, value)


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write every table as ``folder/NAME.parquet``; cells of mixed types, as raw files have them, become text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        mixed = {column: "str" for column in frame.columns if frame[column].dtype == object}
        frame.astype(mixed).to_parquet(folder / f"{name}.parquet", index=False)


def read_tables(folder: Path, *, only: Collection[str] | None = None) -> dict[str, pd.DataFrame]:
    """Read back what :func:`write_tables` wrote, or of it no more than the tables named."""
    files = sorted(folder.glob("*.parquet"))
    return {path.stem: pd.read_parquet(path) for path in files if only is None or path.stem in only}


def fingerprint(*parts: Any) -> str:
    """Digest of values that turn into JSON, or whose ``str`` names them, and of the bytes of paths.

    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    digest = sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        else:
            digest.update(json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"\x00")
    return digest.hexdigest()[:16]


def _clear_orphans(folder: Path) -> None:
    """Remove drafts of this folder that a process of this computer left behind when it was killed.

    A draft is named after its process and computer: of a process elsewhere, on a shared disk, nothing can be known, so
    that its draft is left alone.
    """
    here = f"@{socket.gethostname()}"
    for draft in folder.parent.glob(f".{glob.escape(folder.name)}.draft-*{glob.escape(here)}"):
        number = draft.name.removesuffix(here).rpartition("-")[2]
        if number.isdecimal() and not _is_running(int(number)):
            shutil.rmtree(draft, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _swap_in(draft: Path, folder: Path) -> None:
    former = folder.with_name(f".{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.replace(former)
    draft.replace(folder)
    shutil.rmtree(former, ignore_errors=True)


def _finish_swap(folder: Path) -> None:
    """Undo a swap that a crash cut between its two renames."""
    former = folder.with_name(f".{folder.name}.former")
    if former.exists() and not folder.exists():
        former.replace(folder)


@contextmanager
def plain_words(place: Path, option: str = "--workspace") -> Iterator[None]:
    """Say in words why a place cannot be written, and with which option another is named.

    Raises
    ------
    WorkspaceError
        If the disk is full or read-only, or the place may not be written.
    """
    try:
        yield
    except PermissionError as error:
        raise WorkspaceError(
            f"{error.filename or place} may not be written; choose a folder of your own with {option}"
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceError(f"{place} cannot be made: a file lies in its way; name a folder with {option}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            kept = " Finished steps are kept and the next run goes on from them" if option == "--workspace" else ""
            raise WorkspaceError(
                f"the disk that holds {place} is full; free some space or choose another with {option}.{kept}"
            ) from error
        if error.errno == errno.EROFS:
            raise WorkspaceError(f"{place} lies on a read-only disk; choose another with {option}") from error
        raise
