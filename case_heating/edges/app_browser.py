"""The system's chromium, driven by Playwright, as somebody who looks at the app: for benchmarks and tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET_MS = 400
"""A page that has not begun anything new for so long is at rest."""

AT_REST = f"""() => {{
    const app = document.querySelector("[data-testid=stApp]")
    if (!app || !app.querySelector("h1")) {{ return false }}
    const atWork = app.dataset.testScriptState !== "notRunning" || app.dataset.testConnectionState !== "CONNECTED"
    const unfinished = "[data-testid=stSkeleton], [data-stale=true], [data-testid=stSpinner]"
    if (atWork || document.querySelector(unfinished)) {{ window.quietSince = undefined; return false }}
    window.quietSince ??= performance.now()
    return performance.now() - window.quietSince > {QUIET_MS} && performance.timeOrigin + window.quietSince
}}"""
"""Script that gives when the page came to rest [ms since 1970], and false while it has not."""

FORGET = "() => { window.quietSince = undefined }"
"""Script to run before something is done on the page."""


def find_chromium() -> str | None:
    """Name the browser's program; nothing where there is none, or no Playwright."""
    if find_spec("playwright") is None:
        return None
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def open_browser(program: str) -> Iterator["Browser"]:
    """Start the browser; it finds no host but this computer."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=os.getuid() != 0,  # which refuses to run as root
            args=["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield browser
        browser.close()
