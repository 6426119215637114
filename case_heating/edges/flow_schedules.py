"""The schedules and triggers of ``prefect.yaml``: read, registered, and served until told to stop."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from case_heating.data.sources import find_source
from case_heating.edges.notify import FILES_ARRIVED, Notice, announce
from case_heating.errors import SourceError
from case_heating.settings import Settings

POLL_S = 5.0
"""How often the files of a source are looked at; they are announced once they stopped changing."""

_CONFIG = "prefect.yaml"


def read_schedules(path: Path | None = None) -> list[dict[str, Any]]:
    """Read the deployments of a ``prefect.yaml``: the one given, that of this folder, or that of the checkout.

    Raises
    ------
    SourceError
        If there is none, or it lists no deployments.
    """
    import yaml

    places = [path] if path else [Path(_CONFIG), Path(__file__).parents[2] / _CONFIG]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise SourceError(f"there is no {' or '.join(map(str, places))}; name it with --file")
    try:
        entries = yaml.safe_load(found.read_text(encoding="utf-8"))["deployments"]
        incomplete = [entry for entry in entries if not (entry.get("name") and entry.get("entrypoint"))]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{found} lists no deployments ({error}); each needs a name and an entrypoint") from error
    if incomplete:
        raise SourceError(f"{found}: {len(incomplete)} of {len(entries)} deployments lack a name or an entrypoint")
    return list(entries)


def deployment_of(entry: dict[str, Any]) -> Any:
    """Make a deployment that this process serves of an entry of ``prefect.yaml``."""
    from prefect.deployments.runner import RunnerDeployment
    from prefect.events import DeploymentEventTrigger

    schedules = entry.get("schedules", [])
    times: dict[str, Any] = {}
    for kind in ("cron", "interval"):
        if told := [schedule[kind] for schedule in schedules if kind in schedule]:
            times[kind] = told
    return RunnerDeployment.from_entrypoint(
        entry["entrypoint"],
        name=entry["name"],
        description=entry.get("description"),
        parameters=entry.get("parameters", {}),
        concurrency_limit=entry.get("concurrency_limit"),
        triggers=[DeploymentEventTrigger.model_validate(trigger) for trigger in entry.get("triggers", [])],
        **times,
    )


def serve(entries: list[dict[str, Any]], settings: Settings, *, ready: Callable[[], None]) -> None:
    """Register deployments and run what is due, until this process is told to stop."""
    from prefect import serve as serve_deployments
    from prefect.logging.handlers import APILogHandler

    deployments = [deployment_of(entry) for entry in entries]
    stop = threading.Event()
    watcher = threading.Thread(target=announce_new_files, args=(settings, stop), daemon=True)
    watcher.start()
    ready()
    try:
        serve_deployments(*deployments, print_starting_message=False)
    finally:
        stop.set()
        APILogHandler().flush()  # before the server goes


def announce_new_files(settings: Settings, stop: threading.Event, *, poll_s: float = POLL_S) -> None:
    """Look at the source's files again and again, and emit an event when they changed and came to rest."""
    report = max((settings.workspace / "store" / "ingests").glob("*.json"), default=None)
    ingested = report.stat().st_mtime_ns if report else 0
    told = {path: marks for path, marks in _state(settings).items() if marks[0] <= ingested}
    before = dict(told)
    while not stop.wait(poll_s):
        now = _state(settings)
        if now not in (told, {}) and now == before:
            names = (
                ", ".join(sorted(path.name for path, marks in now.items() if told.get(path) != marks)) or "fewer files"
            )
            announce(Notice(FILES_ARRIVED, "files", None, f"changed or new: {names}"), settings)
            told = now
        before = now


def _state(settings: Settings) -> dict[Path, tuple[int, int]]:
    """When each of the source's files was changed, and its size; nothing for a source without files."""
    try:
        paths = find_source(settings).files
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}
    except (SourceError, OSError):
        return {}  # half of the files may be laid down by now; the next look will tell
