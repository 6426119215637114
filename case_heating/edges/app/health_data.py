"""What the page Health looks at: registry, watch, deliveries, stores, record; each read anew only when it changed."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.edges.app.cached import settings
from case_heating.edges.review_database import review_store
from case_heating.people.review_store import REVIEW_FILE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from case_heating.arrivals import IngestReport
    from case_heating.edges.flow_state import FlowsNow
    from case_heating.features.freshness import StoresNow
    from case_heating.people.acts import Act
    from case_heating.release.service import ModelsOnRecord
    from case_heating.settings import Settings
    from case_heating.watch.monitor import WatchReport
    from case_heating.watch.overrides import Override
    from case_heating.watch.retrain import RetrainDecision

ASK_AGAIN_S = 30
"""How long what a server said is taken for granted; files are looked at each time."""

FLOWS_ASK_AGAIN_S = 10


@dataclass(frozen=True)
class Watched:
    """What the watch said: its reports, the oldest first, what follows from the latest, and what people chose."""

    reports: tuple["WatchReport", ...]
    decision: "RetrainDecision | None"
    overrides: tuple["Override", ...]
    pause: "Override | None"


def models() -> "ModelsOnRecord":
    """Read the registry: every model, what serves, and what the gate said."""
    here = settings()
    stamp = (
        f"{int(time.time()) // ASK_AGAIN_S}"
        if here.registry_uri
        else _stamp(here.workspace / "registry", "mlflow.sqlite*")
    )
    return _keep_models(str(here.workspace.resolve()), here.registry_uri, stamp, here)


def watched() -> Watched:
    """Read the watch reports and what people chose.

    Raises
    ------
    HeatingError
        If one cannot be read.
    """
    here = settings()
    stamps = (_stamp(here.workspace / "watch", "*.json"), _stamp(here.workspace / "store" / "ingests", "*.json"))
    return _keep_watched(str(here.workspace.resolve()), "".join(stamps), here)


def delivery() -> "IngestReport | None":
    """Read the report of the last ingest.

    Raises
    ------
    WorkspaceError
        If it cannot be read.
    """
    from case_heating.arrivals import delivered

    return delivered(settings(), None)


def ingested() -> date | None:
    """Give the day of the last ingest."""
    last = delivery()
    return last.as_of if last else None


def stores() -> "StoresNow":
    """Look at both feature stores."""
    from case_heating.arrivals import online_place

    here = settings()
    folder = here.workspace / "store"
    stamp = _stamp(folder, "**/*.json") + _stamp(folder, "online.sqlite*")
    if here.online_url:
        stamp += f"-{int(time.time()) // ASK_AGAIN_S}"
    return _keep_stores(str(folder.resolve()), str(online_place(here)), stamp, here)


@st.cache_data(ttl=FLOWS_ASK_AGAIN_S, show_spinner="Asking Prefect how the flows stand …")
def flows(workspace: str, _settings: "Settings") -> "FlowsNow":  # noqa: ARG001 - a key of the cache
    """Ask the Prefect server, if one answers; what it said holds for some seconds."""
    from case_heating.edges.flow_state import flows_now

    return flows_now(_settings)


def acts() -> tuple["Act", ...]:
    """Read what people did, the latest first; nothing where nobody did anything yet."""
    from case_heating.people.acts import read_acts

    if not os.environ.get("HEATING_DATABASE_URL") and not (settings().workspace / REVIEW_FILE).exists():
        return ()
    with record() as engine:
        return read_acts(engine)


@contextmanager
def record() -> "Iterator[Engine]":
    """Open the database in which acts are on record."""
    with review_store(settings(), os.environ.get("HEATING_DATABASE_URL")) as engine:
        yield engine


@st.cache_resource(max_entries=4, show_spinner="Asking the registry which model serves …")
def _keep_models(workspace: str, uri: str | None, stamp: str, _settings: "Settings") -> "ModelsOnRecord":  # noqa: ARG001
    from case_heating.release.service import models_on_record
    from case_heating.training import registry_of

    return models_on_record(registry_of(_settings))


@st.cache_resource(max_entries=4, show_spinner="Reading what the watch saw …")
def _keep_watched(workspace: str, stamp: str, _settings: "Settings") -> Watched:  # noqa: ARG001 - keys
    from case_heating.continuous import decide, latest_day, paused, read_overrides, read_reports
    from case_heating.errors import NotEnoughDataError

    reports = tuple(read_reports(_settings, date.max))
    decision = decide(_settings, reports[-1].as_of) if reports else None
    try:
        pause = paused(_settings, latest_day(_settings))
    except NotEnoughDataError:
        pause = None
    return Watched(reports, decision, tuple(read_overrides(_settings)), pause)


@st.cache_resource(max_entries=4, show_spinner="Looking at the feature stores …")
def _keep_stores(folder: str, online: str, stamp: str, _settings: "Settings") -> "StoresNow":  # noqa: ARG001 - keys
    from case_heating.arrivals import offline_store, online_place
    from case_heating.features.freshness import look_at_stores

    return look_at_stores(offline_store(_settings), online_place(_settings))


def _stamp(folder: Path, pattern: str) -> str:
    """Give what changes when any of these files does."""
    told = []
    for path in sorted(folder.glob(pattern)):
        with suppress(FileNotFoundError):  # a database's own files come and go
            now = path.stat()
            told.append(f"{path.name}:{now.st_mtime_ns}:{now.st_size}")
    return ";".join(told)
