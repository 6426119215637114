"""The process in which pages are timed without a browser: ``python -m case_heating.edges.bench_app_blind WHAT HOME…``.

``rival`` draws a page of one line, ``first`` the app, or a home if one is named, and ``walk`` every page twice; each
prints JSON with ``drawn``, the moment at which the first page was there. [s since 1970]
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from streamlit.testing.v1 import AppTest

LIMIT_S = 300


def main(what: str, *homes: str) -> int:
    """Draw pages and print when, or in how many seconds."""
    if what == "rival":
        from case_heating.edges.bench_app import ONE_LINE

        told: dict[str, Any] = {"drawn": _drawn(AppTest.from_string(ONE_LINE, default_timeout=LIMIT_S))}
    elif what == "first":
        _let_in()
        told = {"drawn": _drawn(_app(home=homes[0]) if homes else _app())}
    else:
        _let_in()
        told = {"drawn": time.time()} | _walk(homes)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _app(**query: str) -> AppTest:
    script = Path(__file__).parent / "app" / "start" / "app.py"
    at = AppTest.from_file(str(script), default_timeout=LIMIT_S)
    for name, value in query.items():
        at.query_params[name] = value
    return at


def _walk(homes: tuple[str, ...]) -> dict[str, Any]:
    from case_heating.edges.app.main import PAGES

    pages: dict[str, dict[str, float]] = {path: {} for path in PAGES}
    for when in ("first", "again"):
        for path, (_, _, module) in PAGES.items():
            at = AppTest.from_function(_page, args=(module,), default_timeout=LIMIT_S)
            pages[path][when] = _seconds(at.run)
    seconds = []
    for home_id in homes:  # the first loads what every home needs
        at = _app(home=home_id)
        seconds.append(_seconds(at.run))
    at = AppTest.from_function(_page, args=("portfolio",), default_timeout=LIMIT_S).run()
    scenario = None
    if any(one.key == "scenario_gas_percent" for one in at.slider):  # a survey has no months to forecast
        slider = at.slider(key="scenario_gas_percent").set_value(20)
        scenario = _seconds(slider.run)
    return {"pages": pages, "another_home": median(seconds[1:]) if seconds[1:] else None, "scenario": scenario}


def _page(module: str) -> None:
    """One page without the frame; Streamlit runs it as a script of its own."""
    from case_heating.edges.app.ahead import load
    from case_heating.edges.app.parts import guarded

    with guarded():
        load(module).show()


def _let_in() -> None:
    """Open the door: a page that is run without a browser cannot tell that it sits at this computer."""
    from case_heating.edges.app import signed_in
    from case_heating.edges.app.admission import Person

    signed_in.who = lambda: Person("bench", "admin", "bench", signed_in=False)


def _drawn(at: AppTest) -> float:
    at.run()
    _refuse_a_fault(at)
    return time.time()


def _seconds(run: Callable[[], AppTest]) -> float:
    begun = time.perf_counter()
    _refuse_a_fault(run())
    return time.perf_counter() - begun


def _refuse_a_fault(at: AppTest) -> None:
    if at.exception:
        raise RuntimeError(at.exception[0].message)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
