"""Modules of the app are loaded when first needed, or a little ahead: the libraries behind an answer take seconds.

One is loaded at a time. Libraries whose parts import each other in circles may otherwise be met half loaded by a second
thread, and each visitor has a thread.
"""

import threading
from functools import cache
from importlib import import_module
from types import ModuleType

_ONE_AT_A_TIME = threading.RLock()  # a module that is being loaded may ask for another


def load(name: str) -> ModuleType:
    """Load a module of the app, or give it as it was loaded before."""
    return _load(f"case_heating.edges.app.{name}")


@cache
def load_ahead(*names: str) -> None:
    """Begin to load modules, by their full names, in the background; once, while somebody reads what is on the page."""
    threading.Thread(target=lambda: [_load(name) for name in names], name=f"loads {names[0]}", daemon=True).start()


def _load(name: str) -> ModuleType:
    with _ONE_AT_A_TIME:
        return import_module(name)
