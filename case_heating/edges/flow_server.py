"""A Prefect server for level 1: found or started, and stopped.

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from case_heating.errors import WorkspaceError
from case_heating.settings import Settings
from case_heating.workspace import open_workspace, plain_words, write_text

USUAL_PORT = 4200
START_LIMIT_S = 120.0
STOP_LIMIT_S = 20.0
_PATIENCE = "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"
_NOT_UP = "ephemeral Prefect API server"  # how Prefect's own error calls it
_USUAL = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    _PATIENCE: "180",  # Prefect waits 20 s, which a busy machine needs alone
}
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
def plain_start() -> Iterator[None]:
    """Say in words that the server which Prefect starts for a single run did not come up in time.

    Raises
    ------
    WorkspaceError
        In place of Prefect's own error, which names no remedy.
    """
    try:
        yield
    except RuntimeError as error:
        if _NOT_UP not in str(error):
            raise
        waited = os.environ.get(_PATIENCE, "20")
        ended = " Its process ended by itself." if "exited with code" in str(error) else ""
        raise WorkspaceError(
            f"the Prefect server that is started for a single run did not answer within {waited} s.{ended} Nothing was "
            f"done. This machine may be busy: run it again later, or wait longer with {_PATIENCE}=600, or start a "
            "server that stays with 'heating flows up' in another terminal, which runs then use"
        ) from error


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
