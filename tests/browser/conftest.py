"""The app in a real browser: the system's chromium, driven by Playwright, over a copy of a small workspace.

A test fails where the browser's console shows an error, where a page asks any host but this computer, and where the
server writes a traceback. ``HEATING_SCREENSHOTS=FOLDER`` keeps the pictures that :class:`Visitor` takes.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from case_heating.edges.app_browser import AT_REST, FORGET, find_chromium, open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

LIMIT_S = 120  # for a slow machine; no test waits so long where all is well
DESK, TELEPHONE = (1280, 900), (390, 844)
_ASKS_FOR_ITS_PATH = re.compile(r"http://127\.0\.0\.1:\d+/[a-z-]+/_stcore/(health|host-config)")
"""What Streamlit's own script tries before it knows that the app lies at the root and not at the page's path."""


@dataclass(frozen=True)
class Served:
    """The app as it is served to a test."""

    url: str
    workspace: Path
    log: Path


@dataclass
class Visitor:
    """Somebody at a browser of their own: what they see, and what went wrong behind it."""

    page: "Page"
    served: Served
    pictures: Path | None
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str = "", *, settle: bool = True) -> "Page":
        """Open a page of the app by its path and query."""
        self.page.goto(f"{self.served.url}/{path}")
        if settle:
            self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the page is drawn and its script at rest, for as long as a script may take to begin."""
        self.page.wait_for_selector("[data-testid=stApp] h1", timeout=LIMIT_S * 1000)
        self.page.evaluate(FORGET)
        self.page.wait_for_function(AT_REST, timeout=LIMIT_S * 1000)

    def button(self, name: str) -> "Locator":
        """Find a button by its words."""
        return self.page.get_by_role("button", name=name)

    def press(self, name: str) -> None:
        """Press a button and wait for what it does."""
        self.button(name).first.click()
        self.settle()

    def choose(self, name: str, option: str) -> None:
        """Choose an option of a box by the keys: open it, type, take what is left."""
        from playwright.sync_api import expect

        box = self.page.get_by_role("combobox", name=name)
        box.press("ArrowDown")
        box.fill(option)
        self.page.get_by_role("option", name=option, exact=True).wait_for()
        self.page.keyboard.press("Enter")
        expect(box).to_have_value(option, timeout=LIMIT_S * 1000)
        self.settle()

    def sees(self, words: str) -> None:
        """Wait for words on the page."""
        self.page.get_by_text(words).first.wait_for(timeout=LIMIT_S * 1000)

    def screenshot(self, name: str) -> None:
        """Keep a picture of the whole page, if pictures are kept."""
        if self.pictures is None:
            return
        size = self.page.viewport_size
        tall = self.page.evaluate(
            "Math.max(...[...document.querySelectorAll('[data-testid=stMain]')].map(part => part.scrollHeight))"
        )
        self.page.set_viewport_size({"width": size["width"], "height": min(int(tall) + 40, 4000)})
        self.settle()
        self.page.wait_for_timeout(700)  # charts are drawn anew
        self.page.screenshot(path=self.pictures / f"{name}.png")
        self.page.set_viewport_size(size)


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """The system's chromium, for the length of a module: Playwright keeps an event loop that others stumble over."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium; 'apt-get install chromium' brings it")
    with open_browser(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """A function that serves the app over a copy of a workspace until the session ends; once for each name.

    It is started in a folder of its own, which ``prepare`` may put files into before.
    """
    running: dict[str, tuple[Served, subprocess.Popen[bytes]]] = {}

    def serve(
        name: str, workspace: Path, *, prepare: Callable[[Path, str], None] | None = None, **environment: str
    ) -> Served:
        if name not in running:
            folder = tmp_path_factory.mktemp(name)
            copy = Path(shutil.copytree(workspace, folder / "workspace"))
            running[name] = _start(folder, copy, environment, prepare)
        return running[name][0]

    yield serve
    for _, process in running.values():
        process.send_signal(signal.SIGINT)
        process.wait(timeout=LIMIT_S)
    for served, _ in running.values():
        log = served.log.read_text()
        assert "Traceback" not in log, log


def _start(
    folder: Path, workspace: Path, environment: dict[str, str], prepare: Callable[[Path, str], None] | None
) -> tuple[Served, "subprocess.Popen[bytes]"]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, url = folder / "server.log", f"http://127.0.0.1:{port}"
    if prepare is not None:
        prepare(folder, url)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEATING_")}
    settings = {"HEATING_REVIEWER": "ana", "HEATING_THREADS": "1", "HEATING_WORKSPACE": str(workspace)}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "case_heating.edges.cli", "app", "--no-browser", "--port", str(port)],
            cwd=folder,
            env=clean | settings | environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    give_up = time.monotonic() + LIMIT_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < give_up, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return Served(url, workspace, log), process
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


@pytest.fixture(scope="session")
def served(serve: Callable[..., Served], busy_workspace: Path) -> Served:
    """The app over a workspace in which all pages have something to show."""
    return serve("served", busy_workspace)


@pytest.fixture
def new_visitor(chromium: "Browser", request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """A function that gives somebody at a browser of their own: ``new_visitor(served, size=TELEPHONE, dark=True)``.

    ``also`` is the address of another server of the test that the browser may ask.
    """
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []
    pictures = os.environ.get("HEATING_SCREENSHOTS")
    if pictures:
        Path(pictures).mkdir(parents=True, exist_ok=True)

    def visitor(
        served: Served, *, size: tuple[int, int] = DESK, dark: bool = False, also: str | None = None
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="en-US",
        )
        context.set_default_timeout(LIMIT_S * 1000)
        contexts.append(context)
        made = Visitor(context.new_page(), served, Path(pictures) if pictures else None)
        _watch(made, also)
        visitors.append(made)
        return made

    yield visitor
    for context in contexts:
        context.close()
    for one in visitors:
        assert one.wrong == [], "\n".join(one.wrong)


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor], served: Served) -> Visitor:
    """Somebody at a desk who looks at the app."""
    return new_visitor(served)


def _watch(visitor: Visitor, also: str | None) -> None:
    """Write down what goes wrong behind the page."""
    own = visitor.served.url
    allowed = (own, own.replace("http", "ws"), "data:", "blob:", *([also] if also else []))

    def asked(request: Any) -> None:
        if not request.url.startswith(allowed):
            visitor.wrong.append(f"asked for {request.url}")

    def said(message: Any) -> None:
        if message.type == "error" and not _ASKS_FOR_ITS_PATH.fullmatch(message.location["url"]):
            visitor.wrong.append(f"console: {message.text} ({message.location['url']})")

    visitor.page.on("request", asked)
    visitor.page.on("websocket", asked)
    visitor.page.on("console", said)
    visitor.page.on("pageerror", lambda error: visitor.wrong.append(f"script: {error}"))
