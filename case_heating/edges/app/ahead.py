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
    with _ONE_AT_A_TIME:
        return import_module(f"case_heating.edges.app.{name}")


@cache
def load_ahead(name: str) -> None:
    """Begin to load a module in the background, once, while somebody reads what is on the page."""
    threading.Thread(target=load, args=(name,), name=f"loads {name}", daemon=True).start()
