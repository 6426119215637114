"""How soon the app opens and how soon its pages are drawn again, beside a page of one line served the same way.

A real browser looks where Playwright and chromium are there, which counts what the browser needs as well; elsewhere
Streamlit's own test of pages does, which counts Python alone.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from case_heating.edges.app.main import PAGES
from case_heating.edges.app_browser import AT_REST, FORGET, find_chromium, open_browser
from case_heating.edges.app_server import LOOPBACK, options
from case_heating.errors import BusyError
from case_heating.kept import open_last
from case_heating.people.find_homes import homes_to_begin_with
from case_heating.people.what_if import WINTERS
from case_heating.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ONE_LINE = 'import streamlit as st\nst.title("Hello")\n'
RIVAL = "a page of one line, served by Streamlit"
LIMIT_S = 300
"""A server or page that takes longer is given up."""

_PASSES = ("first", "again")


def bench_app(settings: Settings, rounds: int = 3, *, browser: bool | None = None) -> dict[str, Any]:
    """Open the app over a workspace in new processes, and walk through its pages.

    Parameters
    ----------
    settings : Settings
        The workspace and the source to look at.
    rounds : int
        Processes started of each kind; the median is told.
    browser : bool, optional
        Whether a real browser looks; where not given, if there is one.

    Returns
    -------
    dict
        ``homes``; ``looked_at_by``; ``load`` of the machine before [processes at work] and its ``cores``; of
        ``first_page``, ``first_answer`` (a link to a home) and ``rival_first_page`` the ``seconds`` from the start of a
        new process to the page drawn, with a browser also to the ``words`` of the answer, and ``cpu_seconds`` of that
        process; ``ratio`` of the first page and the rival's; ``pages``, seconds of each page at its ``first`` and
        second (``again``) visit; ``another_home`` and ``scenario``, seconds until a home typed into the search, or
        another winter in the forecast, is drawn.

    Raises
    ------
    NothingMadeError
        If no run of the source has finished.
    BusyError
        If the app does not start.
    """
    opened = open_last(settings)
    homes = list(homes_to_begin_with(opened.answers.value).values())
    program = find_chromium() if browser is not False else None
    told: dict[str, Any] = {"homes": len(opened.answers.value), "source": opened.source}
    told |= {"looked_at_by": Path(program).name if program else "AppTest of Streamlit"}
    told |= {"load": os.getloadavg()[0], "cores": os.cpu_count()}
    environment = os.environ | {
        "HEATING_WORKSPACE": str(settings.workspace.resolve()),
        "HEATING_SOURCE": opened.source,
    }
    look = _by_browser(program, environment, homes, rounds) if program else _blindly(environment, homes, rounds)
    told |= look
    return told | {"rival": RIVAL, "ratio": told["first_page"]["seconds"] / told["rival_first_page"]["seconds"]}


def _by_browser(program: str, environment: Mapping[str, str], homes: list[str], rounds: int) -> dict[str, Any]:
    with open_browser(program) as browser, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        kinds: dict[str, list[dict[str, float]]] = {"rival_first_page": [], "first_page": [], "first_answer": []}
        for _ in range(rounds):  # in turn, so that all meet the same neighbours on the machine
            kinds["rival_first_page"].append(_first(browser, _one_line, environment, folder))
            kinds["first_page"].append(_first(browser, _app, environment, folder))
            kinds["first_answer"].append(_first(browser, _app, environment, folder, f"?home={homes[0]}"))
        told: dict[str, Any] = {kind: _medians(found) for kind, found in kinds.items()}
        with _serving(_app, environment, folder) as (url, _):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(LIMIT_S * 1000)
            page.goto(f"{url}/ladder")
            _rest(page)
            return told | _walk(page, homes)


def _first(
    browser: "Browser",
    program: Callable[[int, Path], list[str]],
    environment: Mapping[str, str],
    folder: Path,
    query: str = "",
) -> dict[str, float]:
    """Start a server and open its first page, in a browser that has nothing of it."""
    begun, told = _cpu_seconds_of_children(), {}
    with _serving(program, environment, folder) as (url, started):
        page = browser.new_page()
        page.set_default_timeout(LIMIT_S * 1000)
        page.goto(f"{url}/{query}")
        if query:  # the answer can be read before the charts are drawn
            page.locator("[data-testid=stApp] h2").first.wait_for()
            told["words"] = time.time() - started
        told["seconds"] = _rest(page) - started
        page.close()
    return told | {"cpu_seconds": _cpu_seconds_of_children() - begun}


def _walk(page: "Page", homes: list[str]) -> dict[str, Any]:
    """Visit each page by the side bar, twice; look up homes; set winters."""
    pages: dict[str, dict[str, float]] = {path: {} for path in PAGES}
    links = page.get_by_test_id("stSidebarNavLink")
    heading = partial(page.get_by_role, "heading", level=1, exact=True)
    for when in _PASSES:
        for path, (title, *_) in PAGES.items():
            pages[path][when] = _seconds(page, links.filter(has_text=title).click, heading(name=title).wait_for)
    links.filter(has_text=PAGES["home"][0]).click()
    heading(name=PAGES["home"][0]).wait_for()
    box = page.get_by_label("Find a home")

    def look_up(home_id: str) -> None:
        box.fill(home_id)
        page.keyboard.press("Enter")

    took = [_seconds(page, partial(look_up, one), partial(page.wait_for_url, f"**home={one}**")) for one in homes]
    another = took[1:]  # the first loads what every home needs
    _seconds(page, links.filter(has_text=PAGES["portfolio"][0]).click, heading(name=PAGES["portfolio"][0]).wait_for)
    scenario = []
    for winter in (name for name, about in WINTERS.items() if about.departure_f):
        choice = page.get_by_test_id("stButtonGroup").get_by_text(winter)
        if choice.count():  # a survey has no months to forecast
            scenario.append(_seconds(page, choice.first.click, partial(page.wait_for_url, f"**winter={winter}**")))
    return {
        "pages": pages,
        "another_home": median(another) if another else None,
        "scenario": median(scenario) if scenario else None,
    }


def _blindly(environment: Mapping[str, str], homes: list[str], rounds: int) -> dict[str, Any]:
    """Run the pages as tests do, each first one in a process of its own."""

    def look(*words: str) -> tuple[float, float, dict[str, Any]]:
        begun, started = _cpu_seconds_of_children(), time.time()
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-m", "case_heating.edges.bench_app_blind", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT_S,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        return found["drawn"] - started, _cpu_seconds_of_children() - begun, found

    kinds: dict[str, list[dict[str, float]]] = {"rival_first_page": [], "first_page": [], "first_answer": []}
    asked = {"rival_first_page": ("rival",), "first_page": ("first",), "first_answer": ("first", homes[0])}
    for _ in range(rounds):
        for kind, words in asked.items():
            seconds, cpu_seconds, _found = look(*words)
            kinds[kind].append({"seconds": seconds, "cpu_seconds": cpu_seconds})
    walked = look("walk", *homes)[2]
    told = {name: walked[name] for name in ("pages", "another_home", "scenario")}
    return told | {kind: _medians(found) for kind, found in kinds.items()}


def _app(port: int, _folder: Path) -> list[str]:
    return ["-m", "case_heating.edges.cli", "app", "--no-browser", "--port", str(port)]


def _one_line(port: int, folder: Path) -> list[str]:
    script = folder / "one_line.py"
    script.write_text(ONE_LINE, encoding="utf-8")
    return ["-m", "streamlit", *options(LOOPBACK, port, headless=True, script=script)]


@contextmanager
def _serving(
    program: Callable[[int, Path], list[str]], environment: Mapping[str, str], folder: Path
) -> Iterator[tuple[str, float]]:
    """Start a server on a free port; hand out its address and the moment at which its process was started."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    log, started = folder / "server.log", time.time()
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - this very Python
            [sys.executable, *program(port, folder)], env=environment, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.time() > started + LIMIT_S:
                raise BusyError(f"the app did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.02)
        yield f"http://{LOOPBACK}:{port}", started
    finally:
        process.terminate()
        process.wait(timeout=LIMIT_S)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/_stcore/health", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _seconds(page: "Page", act: Callable[[], object], answered: Callable[[], object]) -> float:
    """Do something on a page, wait for the first sign that it was heard, and then until all is drawn."""
    page.evaluate(FORGET)
    begun = time.time()
    act()
    answered()
    return _rest(page) - begun


def _rest(page: "Page") -> float:
    """Wait for a page to come to rest; give when it did. [s since 1970]"""
    at_ms: float = page.wait_for_function(AT_REST, polling=20).json_value()
    return at_ms / 1000


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(one[name] for one in found) for name in found[0]}


def _cpu_seconds_of_children() -> float:
    """Seconds of CPU that processes started here have used, of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
