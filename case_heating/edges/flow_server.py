"""A Prefect server for level 1: found or started, given the schedules of ``prefect.yaml``, served and stopped.

Nothing of Prefect is imported before :func:`prepare_environment` has said where it keeps its files and that it phones
nobody.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from case_heating.data.sources import find_source
from case_heating.errors import SourceError, WorkspaceError
from case_heating.settings import Settings
from case_heating.workspace import open_workspace, plain_words, write_text

USUAL_PORT = 4200
START_LIMIT_S = 120.0
STOP_LIMIT_S = 20.0
POLL_S = 5.0
"""How often the files of a source are looked at; they are announced once they stopped changing."""

_USUAL = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # Prefect waits 20 s, which a busy machine needs alone
}
_CONFIG = "prefect.yaml"
_FOUND = "server.json"


def prepare_environment(settings: Settings, api_url: str | None = None) -> None:
    """Tell Prefect and the flows' processes where they work; variables that are set already stay as they are."""
    home = open_workspace(settings.workspace).path("flows").resolve()
    with plain_words(settings.workspace):
        home.mkdir(exist_ok=True)
    for name, value in (_USUAL | {"PREFECT_HOME": str(home)}).items():
        os.environ.setdefault(name, value)
    if api_url:
        os.environ["PREFECT_API_URL"] = api_url
    os.environ |= {
        "HEATING_WORKSPACE": str(settings.workspace.resolve()),
        "HEATING_SOURCE": settings.source,
        "HEATING_HOMES": str(settings.simulated_homes),
        "HEATING_SEED": str(settings.seed),
        "HEATING_THREADS": str(settings.threads),
    }


def answering_server(settings: Settings, *, timeout_s: float = 3.0) -> str | None:
    """Give the URL of a server's API that answers: the one configured, this workspace's, or that of this machine.

    Parameters
    ----------
    settings : Settings
        Names the workspace.
    timeout_s : float
        How long each may take to answer. [s]
    """
    found = settings.workspace / "flows" / _FOUND
    candidates = [os.environ.get("PREFECT_API_URL"), _told(found), _api(USUAL_PORT)]
    return next((url for url in candidates if url and _answers(url, timeout_s)), None)


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn Ctrl-C into SIGTERM for this process alone: its runs, which a terminal would interrupt too, end in order."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which processes started from here inherit

    def wait_for_ctrl_c() -> None:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_ctrl_c, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    yield


@contextmanager
def server(settings: Settings, *, port: int | None = None) -> Iterator[str]:
    """Hand out the URL of a server's API; one that had to be started is stopped at the end, another's is left.

    Raises
    ------
    WorkspaceError
        If none answers and none can be started.
    """
    url = answering_server(settings) if port is None else None
    if url:
        yield url
        return
    prepare_environment(settings)
    home = settings.workspace.resolve() / "flows"
    chosen = port or (USUAL_PORT if _is_free(USUAL_PORT) else _free_port())
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(chosen)]
    with (home / "server.log").open("ab") as log:
        # A session of its own: Ctrl-C is for this process, which then stops the server after its runs.
        started = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603 - own command
    url = _api(chosen)
    try:
        _wait_for(url, started, home / "server.log")
        write_text(home / _FOUND, json.dumps({"api_url": url, "pid": started.pid}))
        yield url
    finally:
        (home / _FOUND).unlink(missing_ok=True)
        started.terminate()
        try:
            started.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


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
    from case_heating.edges.notify import FILES_ARRIVED, Notice, announce

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


def _told(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["api_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _answers(url: str, timeout_s: float = 3.0) -> bool:
    import httpx

    try:
        return httpx.get(f"{url.rstrip('/')}/health", timeout=timeout_s).is_success
    except httpx.HTTPError:
        return False


def _wait_for(url: str, started: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if _answers(url):
            return
        if started.poll() is not None:
            raise WorkspaceError(f"the Prefect server ended at once; {log} says why")
        time.sleep(0.3)
    raise WorkspaceError(f"the Prefect server did not answer within {START_LIMIT_S:.0f} s; {log} says what it does")


def _api(port: int) -> str:
    return f"http://127.0.0.1:{port}/api"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
