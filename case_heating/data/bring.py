"""A utility's own files and a ``mapping.toml`` become canonical tables, without writing Python.

Nothing is guessed and nothing is lost: a number is converted only by a unit the mapping states, and a cell that cannot
be understood keeps its own text, for validation to put its row into quarantine with the reason.

The mapping's format is told in ``docs/bring_your_own.md``.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from case_heating import schema
from case_heating.data.bring_rows import convert_rows
from case_heating.data.files import read_frame
from case_heating.data.mapping import Mapping, TableEntry
from case_heating.data.read_mapping import did_you_mean, problem_list, read_mapping
from case_heating.errors import MappingError, counted


@dataclass(frozen=True)
class Brought:
    """What a mapping made of the files.

    Attributes
    ----------
    tables : dict of DataFrame
        Raw canonical tables, for validation.
    unused : dict of list of str
        For each file, its columns that the mapping does not read.
    notes : tuple of str
        What was left out or not understood, in words, with counts.
    """

    tables: schema.Tables
    unused: dict[str, list[str]]
    notes: tuple[str, ...]


def apply_mapping(mapping_path: Path) -> Brought:
    r"""Read the files a mapping names and turn them into canonical tables.

    Parameters
    ----------
    mapping_path : Path
        A ``mapping.toml``; the paths in it are relative to its folder.

    Returns
    -------
    Brought
        The tables, the columns nobody asked for, and notes.

    Raises
    ------
    MappingError
        If the mapping is faulty or names files or columns that are not there; the message lists all of them, the
        nearest name that is there, and what columns there are.
    SourceError
        If a file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "accounts.csv").write_text("premise,town,built\n17,Salem,1962\n18,Salem,n/a\n")
    ...     _ = Path(folder, "mapping.toml").write_text('''
    ...         [source]
    ...         name = "our_town"
    ...         [[file]]
    ...         path = "accounts.csv"
    ...         [[table]]
    ...         name = "homes"
    ...         [table.columns]
    ...         home_id = "premise"
    ...         place_id = "town"
    ...         year_built = { column = "built", missing = ["n/a"] }
    ...     ''')
    ...     brought = apply_mapping(Path(folder, "mapping.toml"))
    >>> brought.tables["homes"]
      home_id place_id  year_built
    0      17    Salem      1962.0
    1      18    Salem         NaN
    """
    mapping = read_mapping(mapping_path)
    frames = _open_files(mapping, mapping_path)
    notes: list[str] = []
    tables: schema.Tables = {}
    for entry in sorted(mapping.tables, key=lambda entry: entry.adds == "columns"):
        file = mapping.file_of(entry)
        assert file is not None  # noqa: S101 - read_mapping has refused a table without its file
        place = f"{entry.name} from {file.title}"
        rows, met = convert_rows(frames[file.title], entry, mapping.source, place)
        notes += met
        if entry.adds == "columns":
            tables[entry.name], met = _with_columns(tables.get(entry.name), rows, entry, place)
            notes += met
        elif entry.name in tables:
            tables[entry.name] = pd.concat([tables[entry.name], rows], ignore_index=True)
        else:
            tables[entry.name] = rows
    for name, rows in tables.items():
        tables[name], met = _without_empty_columns(rows, schema.TABLES[name])
        notes += met
    return Brought(tables, _unused_columns(mapping, frames), tuple(notes))


def _open_files(mapping: Mapping, mapping_path: Path) -> dict[str, pd.DataFrame]:
    """Read every file, and complain once of all files and columns that are not there."""
    frames: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    for file in mapping.files:
        path = mapping_path.parent / file.path
        if path.exists():
            frames[file.title] = read_frame(
                path, encoding=file.encoding, delimiter=file.delimiter, sheet=file.sheet
            ).rename(columns=str)
        else:
            problems.append(_absent_file(path))
    lacking: dict[str, None] = {}
    for entry in mapping.tables:
        file_entry = mapping.file_of(entry)
        if file_entry is None or file_entry.title not in frames:
            continue
        there = list(frames[file_entry.title].columns)
        for target, column in entry.source_columns:
            if column not in there:
                lacking[file_entry.title] = None
                problems.append(
                    f"[[table]] {entry.name}: {target} asks for column {column!r}, "
                    f"which {file_entry.title} does not have{did_you_mean(column, there)}"
                )
    problems += [f"{title} has the columns {', '.join(frames[title].columns)}" for title in lacking]
    if problems:
        raise MappingError(problem_list(mapping_path, problems))
    return frames


def _absent_file(path: Path) -> str:
    beside = sorted(found.name for found in path.parent.glob("*"))
    return (
        f"there is no file {path}{did_you_mean(path.name, beside)} "
        f"({path.parent} holds {', '.join(beside[:10]) or 'nothing'})"
    )


def _with_columns(
    base: pd.DataFrame | None, extra: pd.DataFrame, entry: TableEntry, place: str
) -> tuple[pd.DataFrame, list[str]]:
    """Put further columns beside the rows of a table, matched by its key."""
    key = list(schema.TABLES[entry.name].key)
    if base is None:
        raise MappingError(f'{place}: adds = "columns", but no other [[table]] gives the rows of {entry.name}')
    if both := sorted((set(base.columns) & set(extra.columns)) - set(key)):
        raise MappingError(f"{place}: {', '.join(both)} already comes from another [[table]]; map it once")
    repeated = extra.duplicated(key)
    if repeated.any():
        first = extra.loc[repeated, key].iloc[0].to_dict()
        raise MappingError(
            f"{place}: {counted(repeated.sum(), 'row repeats', 'rows repeat')} a key (first: {first}), so which one "
            "holds is not known; keep one of them, by where or in the file"
        )
    joined = base.merge(extra, on=key, how="left", indicator="_met")
    with_match = int((joined.pop("_met") == "both").sum())
    notes = [
        f"{place}: found {with_match:,} of {len(base):,} rows of {entry.name}; "
        f"rows of its own that belong to none: {len(extra) - with_match:,} of {len(extra):,}, left out"
    ]
    ordered = [name for name in schema.TABLES[entry.name].column_names if name in joined.columns]
    return joined[ordered], notes


def _without_empty_columns(rows: pd.DataFrame, table: schema.Table) -> tuple[pd.DataFrame, list[str]]:
    """Leave out columns that may be missing and hold nothing; a canonical column is there or it is not."""
    empty = [name for name in rows.columns if name not in table.needed_names and rows[name].isna().all()]
    notes = [f"{table.name}: {name} holds nothing in {len(rows):,} rows and was left out" for name in empty]
    return rows.drop(columns=empty), notes


def _unused_columns(mapping: Mapping, frames: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    used: dict[str, set[str]] = {title: set() for title in frames}
    for entry in mapping.tables:
        file = mapping.file_of(entry)
        if file is not None:
            used[file.title] |= {column for _, column in entry.source_columns}
    return {title: [name for name in frame.columns if name not in used[title]] for title, frame in frames.items()}
