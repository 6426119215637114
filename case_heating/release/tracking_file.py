"""MLflow's own SQLite file, read without MLflow: whoever only looks at a registry need not wait for its import.

What is written goes through MLflow alone. A file laid out otherwise than the releases this was tried with is left to
MLflow as well: nothing is guessed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_ALIASES = "SELECT alias, version FROM registered_model_aliases WHERE name = ? ORDER BY alias"
_VERSIONS = (
    "SELECT version, run_id FROM model_versions "
    "WHERE name = ? AND current_stage <> 'Deleted_Internal' ORDER BY CAST(version AS INTEGER)"
)
_VERSION_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ?"
_RUNS = (
    "SELECT runs.run_uuid, runs.status FROM runs JOIN experiments USING (experiment_id) "
    "WHERE experiments.name LIKE ? AND experiments.lifecycle_stage = 'active' AND runs.lifecycle_stage = 'active'"
)
_RUN_TAGS = (
    "SELECT tags.run_uuid, tags.key, tags.value FROM tags JOIN runs USING (run_uuid) "
    "JOIN experiments USING (experiment_id) WHERE experiments.name LIKE ?"
)

Told = tuple[str, str, dict[str, str], tuple[str, ...]]
"""A version: its number, its run, its tags and its aliases in the order of the alphabet."""


def versions_in(file: Path, model_name: str) -> list[Told] | None:
    """List the registered versions of a model, the oldest first; nothing where the file is to be left to MLflow.

    Raises
    ------
    sqlite3.DatabaseError
        If it is no database.
    """
    try:
        with _reading(file) as database:
            aliases: dict[str, list[str]] = {}
            for alias, number in database.execute(_ALIASES, [model_name]):
                aliases.setdefault(str(number), []).append(alias)
            tags = _by_owner(database.execute(_VERSION_TAGS, [model_name]))
            return [
                (str(number), run_id, tags.get(str(number), {}), tuple(aliases.get(str(number), ())))
                for number, run_id in database.execute(_VERSIONS, [model_name])
            ]
    except sqlite3.OperationalError:  # other tables or columns, or it is being written for long
        return None


def runs_in(file: Path, experiment: str) -> list[tuple[dict[str, str], bool]] | None:
    """Give the tags of each run and whether it finished, in no order; nothing where the file is to be left to MLflow.

    Parameters
    ----------
    file : Path
        MLflow's SQLite file.
    experiment : str
        What the names of the experiments begin with.

    Raises
    ------
    sqlite3.DatabaseError
        If it is no database.
    """
    try:
        with _reading(file) as database:
            tags = _by_owner(database.execute(_RUN_TAGS, [f"{experiment}%"]))
            runs = database.execute(_RUNS, [f"{experiment}%"])
            return [(tags.get(run, {}), status == "FINISHED") for run, status in runs]
    except sqlite3.OperationalError:
        return None


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for reading alone, in one transaction, so that all that is told is of one moment."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
        database.execute("BEGIN")
        yield database


def _by_owner(rows: sqlite3.Cursor) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for owner, key, value in rows:
        found.setdefault(str(owner), {})[key] = value
    return found
