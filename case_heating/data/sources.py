"""Where tables may come from: the embedded utility, an official survey, or a utility's own files with a mapping."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from case_heating.data.bring import apply_mapping
from case_heating.data.fetch import find_or_fetch
from case_heating.data.files import some_names
from case_heating.data.pums import read_pums
from case_heating.data.read_mapping import did_you_mean, read_mapping
from case_heating.data.recs import read_recs
from case_heating.data.simulate import Population, simulate
from case_heating.errors import SourceError
from case_heating.schema import Tables
from case_heating.settings import Settings

Progress = Callable[[str, float], None]

SOURCES: dict[str, str] = {
    "embedded": "the embedded utility: simulated homes of a gas and electric company, with real-world mess",
    "nation": "simulated homes in the nation's mix of regions and climates, one year's bills each",
    "recs2009": "Residential Energy Consumption Survey 2009, U.S. Energy Information Administration",
    "recs2015": "Residential Energy Consumption Survey 2015, U.S. Energy Information Administration",
    "recs2020": "Residential Energy Consumption Survey 2020, U.S. Energy Information Administration",
    "pums": "American Community Survey household file of one state (pums:OR), U.S. Census Bureau",
}

SIMULATED: dict[str, Population] = {"embedded": "territory", "nation": "nation"}


@dataclass(frozen=True)
class Gathered:
    """Raw tables and what a person should know of how they were read."""

    tables: Tables
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A source that was found: ``files`` and ``choices`` are all that decides what :attr:`read` gives."""

    name: str
    about: str
    files: tuple[Path, ...]
    choices: dict[str, Any]
    read: Callable[[Progress], Gathered]


def find_source(settings: Settings) -> Source:
    """Find the source that the settings name.

    Raises
    ------
    SourceError
        If there is no such source, or its files are nowhere to be found.
    MappingError
        If the source is a mapping and it is faulty.
    """
    name, _, state = settings.source.partition(":")
    if name.endswith(".toml"):
        return _own_files(Path(settings.source))
    if name not in SOURCES:
        raise SourceError(
            f"there is no source {settings.source!r}{did_you_mean(name, SOURCES)}; there are {', '.join(SOURCES)}, "
            "or give the path of a mapping.toml for your own files ('heating data map FILES' drafts one)"
        )
    if state and name != "pums":
        raise SourceError(f"{settings.source!r}: only pums comes by state; write {name!r}")
    if name in SIMULATED:
        choices = {"homes": settings.simulated_homes, "seed": settings.seed, "population": SIMULATED[name]}
        return Source(name, SOURCES[name], (), choices, lambda progress: _simulated(choices, progress))
    path = find_or_fetch(
        name,  # type: ignore[arg-type]  # the names of SOURCES, the simulated ones aside, are those of the surveys
        data_dir=settings.data_dir,
        cache=download_folder(settings),
        state=state or None,
        offline=True,
    )
    if name == "pums":
        label = f"pums_{state.upper()}" if state else "pums"
        return Source(label, SOURCES[name], (path,), {}, lambda _: Gathered(read_pums(path)))
    year = int(name.removeprefix("recs"))
    return Source(name, SOURCES[name], (path,), {}, lambda _: Gathered(read_recs(path, year)))


def about_source(label: str) -> str:
    """Say what a source is, by the name its steps have in the workspace.

    >>> about_source("own_salem"), about_source("pums_OR")[:25]
    ("a utility's own files (own_salem)", 'American Community Survey')
    """
    if label.startswith("own_"):
        return f"a utility's own files ({label})"
    return SOURCES.get(label) or SOURCES.get(label.partition("_")[0], label)


def download_folder(settings: Settings) -> Path:
    """Where ``heating data fetch`` puts official files."""
    return settings.workspace / "0_downloads"


def _simulated(choices: dict[str, Any], progress: Progress) -> Gathered:
    return Gathered(simulate(**choices, progress=lambda doing, share: progress(f"simulating {doing}", share)).tables)


def _own_files(path: Path) -> Source:
    if not path.is_file():
        why = "is a folder" if path.exists() else "is not there"
        raise SourceError(f"{path} {why}; draft a mapping with 'heating data map FILES --output {path}'")
    mapping = read_mapping(path)
    files = tuple(path.parent / entry.path for entry in mapping.files)
    present = tuple(file for file in files if file.is_file())  # apply_mapping names the absent ones, all at once

    label = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in mapping.source.name)
    about = f"your own files, as {path.name} reads them"
    return Source(f"own_{label}", about, (path, *present), {}, lambda _: read_own_files(path))


def read_own_files(path: Path) -> Gathered:
    """Read a utility's files through its mapping; the notes say what was left out, and which columns nobody asked for.

    Raises
    ------
    MappingError, SourceError
        As :func:`~case_heating.data.bring.apply_mapping`.
    """
    brought = apply_mapping(path)
    unused = tuple(
        f"{file}: the mapping does not use {len(columns)} of its columns ({some_names(columns)})"
        for file, columns in brought.unused.items()
        if columns
    )
    return Gathered(brought.tables, (*brought.notes, *unused))
