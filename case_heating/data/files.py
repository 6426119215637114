"""One way to open a table file, whatever it is packed in, and to say plainly why it cannot be opened.

CSV cells stay text: what a cell means is for the reader of that source to say, never for the file layer to guess.
"""

import csv
import gzip
import io
import mmap
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet

from case_heating.errors import SourceError

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
READABLE = ".csv, .csv.gz, .zip (with one CSV in it), .parquet or .xlsx"

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_BYTES = 1 << 16  # enough to hold the header of the widest official file (799 columns) many times over
_EXAMPLES = 5
_BARE_UTF8 = ("utf-8", "utf8", "utf-8-sig")

# How files that are no CSV begin, and what to do about each.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook: rename it to .zip or .xlsx"),
    (b"\x1f\x8b", "gzip: rename it to end in .csv.gz"),
    (b"PAR1", "Parquet: rename it to .parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save it as .xlsx or .csv"),
    (b"%PDF", "a PDF: ask for the data itself"),
    (b"<", "a web page or XML, perhaps an error page saved in place of the file: download it again"),
    (b"{", "JSON: save it as .csv or .parquet"),
)
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_frame(
    path: Path,
    *,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    sheet: str | None = None,
    n_rows: int | None = None,
) -> pd.DataFrame:
    """Read a table from ``.csv``, ``.csv.gz``, ``.zip``, ``.parquet`` or ``.xlsx``.

    Parameters
    ----------
    path : Path
        The file; its name's ending says what it is. A zip must hold exactly one CSV (other files in it do not matter).
    encoding : str
        Encoding of a CSV; a byte order mark is understood.
    delimiter : str or None
        What parts the cells of a CSV. ``None``: the one of comma, semicolon, tab and bar that parts the header most.
    sheet : str or None
        Sheet of an Excel workbook. ``None``: the first.
    n_rows : int or None
        Read only the first rows.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        At least one row. CSV cells are ``str``, empty ones missing; Parquet and Excel keep their own dtypes.
        Names are stripped of outer blanks; a column without a name is called ``unnamed_3`` after its place.

    Raises
    ------
    SourceError
        If the file is missing, empty, cut short, of another kind than its name says, in another encoding, has a
        repeated column name, or has rows with more or fewer cells than the header.
    """
    path = Path(path)
    _check_is_file(path)
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            frame = _read_parquet(path, n_rows)
        elif suffix == ".xlsx":
            frame = _read_excel(path, sheet, n_rows)
        elif suffix in (".gz", ".zip", *CSV_SUFFIXES):
            frame = _read_csv(path, encoding, delimiter, n_rows)
        else:
            raise SourceError(f"{path}: {suffix or 'a name without an ending'} is not readable; save it as {READABLE}")
    except PermissionError as error:
        raise SourceError(f"{path} may not be read; give yourself the right to (chmod u+r)") from error
    if repeated := [str(name) for name, times in Counter(frame.columns).items() if times > 1]:
        raise SourceError(f"{path} names columns more than once: {some_names(repeated)}; rename or drop the repeats")
    if frame.empty:
        raise SourceError(f"{path} has {frame.shape[1]} columns but no rows; give the file that holds the data")
    return frame


def likely_encoding(path: Path) -> str:
    """Tell in which encoding a CSV is written: UTF-8, or else the likeliest of those older programs write."""
    if path.suffix.lower() not in (".gz", ".zip", *CSV_SUFFIXES) or not path.is_file() or not path.stat().st_size:
        return "utf-8"  # says so itself, or is refused by its reader in words
    content = bytes(_content(path))
    if content.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)):
        return "utf-8"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _likely(content)
    return "utf-8"


def some_names(names: Iterable[object], at_most: int = _EXAMPLES) -> str:
    """Spell out the first few of many names.

    >>> some_names(["a", "b", "c"], at_most=2)
    'a, b and 1 more'
    """
    spelled = [str(name) for name in names]
    more = len(spelled) - at_most
    return ", ".join(spelled[:at_most]) + (f" and {more} more" if more > 0 else "")


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name a file in it: {READABLE}")
    if not path.exists():
        beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
        where = f"{path.parent} holds {some_names(beside)}" if beside else f"{path.parent} is empty or not there"
        raise SourceError(f"there is no file {path}; {where}")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty (0 bytes); fetch or export it again")


def _read_parquet(path: Path, n_rows: int | None) -> pd.DataFrame:
    try:
        with parquet.ParquetFile(path) as file:
            if n_rows is None:
                return file.read().to_pandas()
            batches = file.iter_batches(batch_size=max(n_rows, 1))
            return pa.Table.from_batches([*_until(batches, n_rows)], file.schema_arrow).slice(0, n_rows).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(f"{path} is not whole Parquet ({_first_line(error)}); export it again") from error


def _read_excel(path: Path, sheet: str | None, n_rows: int | None) -> pd.DataFrame:
    try:
        with pd.ExcelFile(path, engine="openpyxl") as workbook:
            names = [str(name) for name in workbook.sheet_names]
            if sheet is not None and sheet not in names:
                raise SourceError(f"{path} has no sheet {sheet!r}; it has {', '.join(names)}")
            return pd.read_excel(workbook, sheet_name=sheet if sheet is not None else 0, nrows=n_rows)
    except (zipfile.BadZipFile, KeyError, zlib.error, EOFError) as error:
        raise SourceError(f"{path} is not a whole .xlsx workbook ({_first_line(error)}); save it again") from error


def _read_csv(path: Path, encoding: str, delimiter: str | None, n_rows: int | None) -> pd.DataFrame:
    content = _decoded(_content(path), path, encoding)
    header_text = bytes(content[:_HEAD_BYTES]).decode("utf-8-sig", errors="replace")
    parted_by = delimiter if delimiter is not None else _guess_delimiter(header_text)
    header = next((row for row in csv.reader(io.StringIO(header_text, newline=""), delimiter=parted_by) if row), [])
    if not any(name.strip() for name in header):
        raise SourceError(f"{path} has no header; its first line must name the columns")
    names = [name.strip() or f"unnamed_{place}" for place, name in enumerate(header, start=1)]
    if repeated := [name for name, times in Counter(names).items() if times > 1]:
        raise SourceError(f"{path} names columns more than once: {some_names(repeated)}; rename or drop the repeats")
    parse = arrow_csv.ParseOptions(delimiter=parted_by, newlines_in_values=True)
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in header}, null_values=[""], strings_can_be_null=True
    )
    source = pa.BufferReader(content)
    try:
        if n_rows is None:
            table = arrow_csv.read_csv(source, parse_options=parse, convert_options=convert)
        else:
            with arrow_csv.open_csv(source, parse_options=parse, convert_options=convert) as rows:
                table = pa.Table.from_batches([*_until(rows, n_rows)], rows.schema).slice(0, n_rows)
    except pa.ArrowInvalid as error:
        raise _why_not_parsed(path, content, parted_by, error) from error
    frame = table.rename_columns(names).to_pandas()
    if n_rows is None:
        _check_last_quote(frame, path, content)
    return frame


def _check_last_quote(frame: pd.DataFrame, path: Path, content: bytes | mmap.mmap) -> None:
    """Refuse a file in which a quote that is never closed swallowed the rest as one cell."""
    last_cell = frame.iloc[-1, -1] if len(frame) else None
    if isinstance(last_cell, str) and "\n" in last_cell and bytes(content).count(b'"') % 2:
        raise SourceError(
            f"{path}: a quote is opened in row {len(frame):,} and never closed; everything after it would be one cell. "
            "Close it, or take the stray quote out"
        )


def _content(path: Path) -> bytes | mmap.mmap:
    """Give the bytes of the CSV; a plain one is mapped, so that a large file is not held twice."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return _unpacked_gzip(path)
    if suffix == ".zip":
        return _unpacked_zip(path)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _unpacked_gzip(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read()
    except EOFError as error:
        raise SourceError(f"{path} is cut short: the gzip ends before its end mark; fetch it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{path} is not gzip, or damaged ({error}); fetch it again, or drop .gz if it is plain"
        ) from error


def _unpacked_zip(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.namelist()
            tables = [name for name in inside if name.lower().endswith(CSV_SUFFIXES) and "__MACOSX" not in name]
            if len(tables) != 1:
                raise SourceError(
                    f"{path} must hold one CSV and holds {len(tables)} (it has {some_names(inside) or 'no files'}); "
                    "unpack it and name the file you mean"
                )
            return archive.read(tables[0])
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceError(f"{path} is not a zip, or cut short ({error}); fetch it again") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, or a packing method Python does not know
        raise SourceError(f"{path} cannot be unpacked ({error}); unpack it yourself and name the CSV") from error


def _decoded(content: bytes | mmap.mmap, path: Path, encoding: str) -> bytes | mmap.mmap:
    """Give the content as UTF-8, once it is known to be text."""
    head = bytes(content[:_HEAD_BYTES])
    if not head.strip():
        raise SourceError(f"{path} is empty: there is nothing but blank lines in it; fetch or export it again")
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    if marked is not None:
        encoding = marked
    for beginning, remedy in _MAGIC:
        if head.lstrip().startswith(beginning):
            raise SourceError(f"{path} is not a CSV; it looks like {remedy}")
    try:
        if encoding.lower() not in _BARE_UTF8:
            return bytes(content).decode(encoding).encode("utf-8")
    except LookupError as error:
        raise SourceError(f"{path}: no encoding is called {encoding!r}; try utf-8 or cp1252") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not in {encoding} ({error.reason} at byte {error.start:,}); try utf-8") from error
    if (at := content.find(b"\x00")) >= 0:
        raise SourceError(
            f"{path} is not a CSV, or damaged: byte {at:,} (line {_line_of(content, at):,}) is NUL, which text never "
            'holds; fetch or export it again, or give encoding = "utf-16" if it is text from Windows'
        )
    return content


def _guess_delimiter(header_text: str) -> str:
    first_line = next((line for line in header_text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first_line.count)


def _until(batches: Iterable[pa.RecordBatch], n_rows: int) -> Iterator[pa.RecordBatch]:
    have = 0
    for batch in batches:
        yield batch
        have += batch.num_rows
        if have >= n_rows:
            return


def _why_not_parsed(path: Path, content: bytes | mmap.mmap, delimiter: str, error: pa.ArrowInvalid) -> SourceError:
    """Look the fault up again slowly, so that it can be named with its line."""
    try:
        text = bytes(content).decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = _line_of(content, wrong.start)
        return SourceError(
            f"{path} is not UTF-8: byte {content[wrong.start]:#04x} on line {line:,}. It is likely {_likely(content)}: "
            f'give encoding = "{_likely(content)}", or save it as "CSV UTF-8"'
        )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cells_of_line = [(rows.line_num, len(row)) for row in rows if row]
    except csv.Error:  # a cell too large for this reader: the first one's words have to do
        cells_of_line = []
    _, expected = cells_of_line[0] if cells_of_line else (0, 0)
    ragged = [(line, cells) for line, cells in cells_of_line if cells != expected]
    if not ragged:
        return SourceError(f"{path} cannot be read as CSV: {_first_line(error)}")
    line, cells = ragged[0]
    return SourceError(
        f"{path}: {len(ragged):,} of {len(cells_of_line) - 1:,} rows do not have the header's {expected} cells (first: "
        f"line {line:,} has {cells}); look there for a missing or unquoted comma, a quote that is not closed, or a "
        "file that was cut off"
    )


def _likely(content: bytes | mmap.mmap) -> str:
    try:
        bytes(content).decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _line_of(content: bytes | mmap.mmap, at: int) -> int:
    return bytes(content[:at]).count(b"\n") + 1


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
