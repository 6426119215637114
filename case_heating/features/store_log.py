"""The log of a stored table: one small file per write, numbered without gaps, each sealed with all before it.

A write is there when its log file is: the Parquet files are written first, and the log file appears under the next
free number in one step (a hard link, which never replaces what is there). A reader that has read the log sees whole
writes only. Of two writers that end at once one finds its number taken, and begins again on top of the other. A
process killed in between leaves files that no log names; the next write removes them.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from case_heating.errors import StoreError

_LOG = "log"


@dataclass(frozen=True)
class Part:
    """One Parquet file: its place within the table's folder, what it spans, and the digest of its bytes."""

    path: str
    rows: int
    size: int
    digest: str
    event_from: str
    event_until: str
    known_from: str
    known_until: str


@dataclass(frozen=True)
class Write:
    """One write: its rows carry the versions above ``first_version`` up to ``last_version``.

    ``digest`` is that of this write and all before it; ``learned_until`` the last day on which any of them learned
    something.
    """

    number: int
    first_version: int
    last_version: int
    learned_until: str
    parts: tuple[Part, ...]
    digest: str


NOTHING = Write(0, 0, 0, "", (), "")
"""The state before the first write."""


def read_log(folder: Path) -> list[Write]:
    """All writes of a table in order; none where it was never written.

    Raises
    ------
    StoreError
        If a log file is missing, damaged, or not the one that was written.
    """
    log = folder / _LOG
    names = sorted(path.name for path in log.glob("*.json") if path.name[0] != ".") if log.is_dir() else []
    writes: list[Write] = []
    former = NOTHING
    for number, name in enumerate(names, start=1):
        try:
            told = json.loads((log / name).read_text(encoding="utf-8"))
            write = Write(**told | {"parts": tuple(Part(**part) for part in told["parts"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{log / name} cannot be read ({error}); {remedy(folder)}") from error
        if name != _name(number) or write.digest != _seal(former, write):
            raise StoreError(f"{log / name} does not follow the log before it; {remedy(folder)}")
        writes.append(write)
        former = write
    return writes


def append(folder: Path, former: Write, parts: tuple[Part, ...], learned_until: str) -> Write | None:
    """Make a write part of the table, in one step; nothing where another writer took its number."""
    rows = sum(part.rows for part in parts)
    last_version = former.last_version + rows
    write = Write(former.number + 1, former.last_version, last_version, learned_until, parts, "")
    write = Write(**vars(write) | {"digest": _seal(former, write)})
    log = folder / _LOG
    log.mkdir(parents=True, exist_ok=True)
    draft = log / f".{_name(write.number)}.draft-{os.getpid()}"
    try:
        draft.write_text(json.dumps(asdict(write)), encoding="utf-8")
        sync(draft)
        os.link(draft, log / _name(write.number))
        sync(log)
    except FileExistsError:
        return None
    finally:
        draft.unlink(missing_ok=True)
    return write


def sweep(folder: Path, writes: list[Write]) -> None:
    """Remove Parquet files that no write names and none ever will: their number is taken."""
    named = {folder / part.path for write in writes for part in write.parts}
    for path in folder.glob("*/*.parquet"):
        number = path.name.partition("-")[0]
        if path not in named and number.isdecimal() and int(number) <= len(writes):
            path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk and survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remedy(folder: Path) -> str:
    """Say what to do about a damaged table."""
    return f"restore {folder} from a backup, or delete it and ingest again: it is made anew from the source"


def _name(number: int) -> str:
    return f"{number:06d}.json"


def _seal(former: Write, write: Write) -> str:
    told = asdict(write) | {"digest": former.digest}
    for part in told["parts"]:
        part["path"] = ""  # names the process that wrote it; the same rows give the same digest anywhere
    content = json.dumps(told, sort_keys=True)
    return sha256(content.encode()).hexdigest()
