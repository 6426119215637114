"""Modules of the app are loaded when first needed, or a little ahead: the libraries behind an answer take seconds.

One is loaded at a time. Libraries whose parts import each other in circles may otherwise be met half loaded by a second
thread, and each visitor has a thread.
"""

import threading
from functools import cache
from importlib import import_module
from types import ModuleType

AFTER_S = 1.0
"""How long loading ahead waits: the browser has drawn the page by then, for which it needs the computer itself."""

_ONE_AT_A_TIME = threading.RLock()  # a module that is being loaded may ask for another


def load(name: str) -> ModuleType:
    """Load a module of the app, or give it as it was loaded before."""
    return _load(f"case_heating.edges.app.{name}")


@cache
def load_ahead(*names: str) -> None:
    """Load modules, by their full names, in the background; once, when the page is drawn and somebody reads it."""
    later = threading.Timer(AFTER_S, lambda: [_load(name) for name in names])
    later.name, later.daemon = f"loads {names[0]}", True
    later.start()


def _load(name: str) -> ModuleType:
    with _ONE_AT_A_TIME:
        return import_module(name)
