"""How large a packed file becomes, found out without holding it: a few kilobytes can unpack to more than a disk holds.

The sizes that archives state of themselves are not believed; what can be counted is counted, block by block, and the
counting stops at the limit.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as parquet

from case_heating.errors import SourceError

MOST_CSV_BYTES = 4_000_000_000
"""A CSV of more is the bills of some million homes: work for the command line, not for a page. [bytes]"""

MOST_WORKBOOK_BYTES = 400_000_000
"""A workbook's XML takes some ten times its size while it is read; a million rows of ten columns have less. [bytes]"""

MOST_CELLS = 1_000_000_000
"""Rows times columns of Parquet, which may repeat one value without end in a few bytes. [cells]"""

_BLOCK_BYTES = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)


def stop_at_bombs(path: Path, *, shown: str | None = None, most_bytes: int | None = None) -> None:
    """Refuse a file that unpacks to more than can be read here.

    Parameters
    ----------
    path : Path
        The file; its name's ending says how it is packed. What is damaged is left for its reader to say.
    shown : str, optional
        What to call it in words; its path if not given.
    most_bytes : int, optional
        Largest unpacked size. [bytes] :data:`MOST_CSV_BYTES` or :data:`MOST_WORKBOOK_BYTES` if not given.

    Raises
    ------
    SourceError
        If it is too large unpacked.
    """
    called, ending = shown or str(path), path.suffix.lower()
    if ending == ".parquet":
        _stop_at_cells(path, called)
    elif ending in (".gz", ".zip", ".xlsx"):
        most = most_bytes or (MOST_WORKBOOK_BYTES if ending == ".xlsx" else MOST_CSV_BYTES)
        if _is_larger(path, most):
            raise SourceError(
                f"{called} ({path.stat().st_size:,} bytes) unpacks to more than {most / 1e6:,.0f} MB; give a part of "
                "it, save it as .parquet, or run it from the command line: 'heating run --source mapping.toml'"
            )


def _stop_at_cells(path: Path, called: str) -> None:
    try:
        with parquet.ParquetFile(path) as file:
            rows, columns = file.metadata.num_rows, file.metadata.num_columns
    except (pa.ArrowInvalid, OSError):
        return
    if rows * columns > MOST_CELLS:
        raise SourceError(
            f"{called} has {rows:,} rows of {columns:,} columns; at most {MOST_CELLS:,} cells are read here. Give a "
            "part of it, or run it from the command line: 'heating run --source mapping.toml'"
        )


def _is_larger(path: Path, most: int) -> bool:
    n_bytes = 0
    try:
        for block in _blocks(path):
            n_bytes += len(block)
            if n_bytes > most:
                return True
    except _UNREADABLE:
        return False
    return False


def _blocks(path: Path) -> Iterator[bytes]:
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as file:
            yield from _read(file)
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as part:
                yield from _read(part)


def _read(file: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block
