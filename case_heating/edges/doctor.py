"""Look at what this installation has to work with, and say what to do about what is missing."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from case_heating.arrivals import offline_store, online_place
from case_heating.data.fetch import find_or_fetch
from case_heating.data.sources import SOURCES, download_folder
from case_heating.edges.flow_server import answering_server
from case_heating.errors import HeatingError
from case_heating.features.online import open_online
from case_heating.release.registry import CHAMPION
from case_heating.settings import Settings
from case_heating.training import registry_of
from case_heating.workspace import open_workspace

PACKAGES = (
    "lightgbm",
    "pandas",
    "scikit-learn",
    "great-expectations",
    "prefect",
    "streamlit",
    "fastapi",
    "sqlalchemy",
    "duckdb",
    "redis",
    "mlflow-skinny",
)
FREE_DISK_GIB = 1.0  # the embedded utility's workspace takes a tenth of it


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``missing`` keeps the main job, or what was set up, from working; ``optional`` does not."""

    what: str
    state: Literal["found", "optional", "missing"]
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at Python, packages, the workspace, the data, and the stores and servers of level 1, in this order."""
    return [*_installation(), *_workspace(settings), *_data(settings), *_level_1(settings)]


def _installation() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", "found", version)
    for package in PACKAGES:
        try:
            yield Finding(package, "found", importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                package, "missing", "not installed", "run 'make setup', or 'pip install -c constraints.txt .'"
            )
    try:
        yield Finding("jupyterlab", "found", importlib.metadata.version("jupyterlab"))
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            "jupyterlab",
            "optional",
            "not installed; the course's notebooks open in it",
            f"'{sys.executable} -m pip install -c constraints.txt -e .[course]'",
        )
    yield Finding("processors", "found", str(os.cpu_count()), "HEATING_THREADS says how many are used; 2 if not set")


def _workspace(settings: Settings) -> Iterator[Finding]:
    root = settings.workspace
    nearest = next(folder for folder in (root.absolute(), *root.absolute().parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        yield Finding("workspace", "missing", f"{root} cannot be written", "name another with --workspace")
        return
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        yield Finding("workspace", "optional", f"{root} is not there yet", "'heating run' makes it")
    else:
        try:
            workspace = open_workspace(root)
        except HeatingError as error:
            yield Finding("workspace", "missing", str(root), str(error))
        else:
            reports = sorted(workspace.root.glob("6_report/*/report.html"))
            told = ", ".join(path.parent.name for path in reports) or "no finished run yet"
            yield Finding("workspace", "found", f"{root}: {told}")
    free_gib = shutil.disk_usage(nearest).free / 2**30
    yield Finding(
        "free disk",
        "found" if free_gib >= FREE_DISK_GIB else "missing",
        f"{free_gib:.1f} GiB",
        "" if free_gib >= FREE_DISK_GIB else f"free {FREE_DISK_GIB:.0f} GiB or choose another disk with --workspace",
    )


def _data(settings: Settings) -> Iterator[Finding]:
    yield Finding("data: embedded", "found", SOURCES["embedded"])
    if settings.data_dir is not None and not settings.data_dir.is_dir():
        yield Finding(
            "data folder", "missing", f"{settings.data_dir} is no folder", "mend HEATING_DATA_DIR or --data-dir"
        )
        return
    for name in ("recs2009", "recs2015", "recs2020", "pums"):
        path = _find(name, settings)
        if path is None:
            how = f"heating data fetch {name}{' --state OR' if name == 'pums' else ''}"
            looked = " and ".join(str(place) for place in (settings.data_dir, download_folder(settings)) if place)
            yield Finding(f"data: {name}", "optional", f"not in {looked}", f"'{how}', or set HEATING_DATA_DIR")
        else:
            yield Finding(f"data: {name}", "found", str(path))


def _level_1(settings: Settings) -> Iterator[Finding]:
    fed, online = settings.workspace / "store" / "features", online_place(settings)
    looks: list[tuple[str, bool, Callable[[Settings], str], str]] = [
        ("offline store", fed.exists(), _learned, "'heating flows run ingest' feeds it"),
        ("online store", isinstance(online, str) or online.exists(), _served, "'heating flows run ingest' feeds it"),
        (
            "model registry",
            bool(settings.registry_uri) or (settings.workspace / "registry" / "mlflow.sqlite").exists(),
            _champion,
            "'heating flows run train_and_promote' trains a first model",
        ),
    ]
    for what, is_there, look, remedy in looks:
        if not is_there:
            yield Finding(what, "optional", "nothing yet", remedy)
            continue
        try:
            yield Finding(what, "found", look(settings))
        except HeatingError as error:
            yield Finding(what, "missing", "cannot be used", str(error))
    url = answering_server(settings)
    if url:
        yield Finding("Prefect server", "found", url.removesuffix("/api"))
    else:
        yield Finding("Prefect server", "optional", "none answers", "'heating flows up' starts one")


def _learned(settings: Settings) -> str:
    day = offline_store(settings).learned_until()
    return f"learned until {day}" if day else "nothing learned yet"


def _served(settings: Settings) -> str:
    with open_online(online_place(settings)) as online:
        return f"{online.count():,} homes"


def _champion(settings: Settings) -> str:
    champion = registry_of(settings).find(CHAMPION)
    return f"version {champion.version} of {champion.as_of} serves" if champion else "no model serves yet"


def _find(name: str, settings: Settings) -> Path | None:
    try:
        return find_or_fetch(
            name,  # type: ignore[arg-type]  # the four names above are those of the surveys
            data_dir=settings.data_dir,
            cache=download_folder(settings),
            offline=True,
        )
    except HeatingError:
        return None  # the remedy stands in the finding
