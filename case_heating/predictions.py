"""The champion's answer for every home, with its reasons, in parts that a killed run leaves whole.

A folder ``predictions/DAY/vVERSION`` holds the parts; the manifest comes last, and only with it the folder counts.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from case_heating.arrivals import offline_store
from case_heating.errors import NoChampionError, NotEnoughDataError
from case_heating.journey import Progress, silent
from case_heating.model.explain import Explainer
from case_heating.people.reasons import reasons_table
from case_heating.release.registry import CHAMPION, open_registry
from case_heating.settings import Settings
from case_heating.workspace import fingerprint, open_workspace, plain_words, write_text

PART_HOMES = 2048
"""Homes of one part: some seconds of work, which is all that a killed run loses."""

_PLAN, _MANIFEST = "plan.json", "manifest.json"


@dataclass(frozen=True)
class Scored:
    """Where the answers lie, whose they are, and how much of it was there already."""

    as_of: date
    version: str
    digest: str
    folder: Path
    n_homes: int
    n_parts: int
    n_parts_kept: int


def score_all(settings: Settings, as_of: date, *, progress: Progress = silent) -> Scored:
    """Answer for every home the store knows, and say why; parts that are there already are kept.

    Parameters
    ----------
    settings : Settings
        The workspace.
    as_of : date
        The day whose features are answered from.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Scored
        Each part ``part-NNNN.parquet`` is indexed by ``home_id`` and holds the answer, its probability, the sentences
        of :func:`~case_heating.people.reasons.reasons_table` and ``features_of``, the day its features speak for.

    Raises
    ------
    NoChampionError
        If nothing serves.
    NotEnoughDataError
        If the store knew no home by then.
    """
    registry = open_registry(settings.workspace / "registry", settings.registry_uri)
    champion, registered = registry.get(CHAMPION), registry.find(CHAMPION)
    if registered is None:
        raise NoChampionError("the champion was taken away just now; give the same command again")
    rows = offline_store(settings).latest_rows(as_of).set_index("home_id")
    if rows.empty:
        raise NotEnoughDataError(f"the store knows no home by {as_of}; 'heating flows run ingest' feeds it")
    folder = open_workspace(settings.workspace).path(f"predictions/{as_of}/v{registered.version}")
    starts = range(0, len(rows), PART_HOMES)
    with plain_words(settings.workspace):
        plan = {"model": registered.digest, "rows": fingerprint(rows["version"].to_dict()), "part_homes": PART_HOMES}
        _begin(folder, plan)
        explainer = Explainer(champion.model, champion.typical)
        n_kept = 0
        for number, start in enumerate(starts):
            progress("answering and explaining", number / len(starts))
            part = folder / f"part-{number:04}.parquet"
            if part.exists():
                n_kept += 1
                continue
            homes = rows.iloc[start : start + PART_HOMES]
            table = reasons_table(explainer.explain(homes)).assign(features_of=homes["event_time"])
            _write_part(table, part)
        scored = Scored(as_of, registered.version, registered.digest, folder, len(rows), len(starts), n_kept)
        told = asdict(scored) | {"as_of": str(as_of), "folder": folder.name}
        write_text(folder / _MANIFEST, json.dumps(told, indent=1) + "\n")
    progress("answering and explaining", 1.0)
    return scored


def read_predictions(folder: Path) -> pd.DataFrame:
    """Read the answers of a folder that has its manifest, in the order of homes.

    Raises
    ------
    NotEnoughDataError
        If the run that makes it has not come to its end.
    """
    if not (folder / _MANIFEST).exists():
        raise NotEnoughDataError(f"{folder} is not finished; 'heating flows run score_all' goes on with it")
    return pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("part-*.parquet"))])


def _begin(folder: Path, plan: dict[str, object]) -> None:
    """Go on with what was begun from the same model and rows; what came of others is made again."""
    wanted = json.dumps(plan, sort_keys=True)
    begun = folder / _PLAN
    if folder.exists() and not (begun.exists() and begun.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(begun, wanted)


def _write_part(table: pd.DataFrame, path: Path) -> None:
    """Write a part beside its place and move it in by rename."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        table.to_parquet(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
