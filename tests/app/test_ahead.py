"""Modules are loaded one at a time, ahead where it helps; the first page needs none of the slow ones."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from case_heating.edges.app import ahead

SLOW = ("altair", "lightgbm", "matplotlib", "mlflow", "prefect", "scipy", "sklearn", "sqlalchemy", "great_expectations")

FIRST_PAGE = """
import sys
from streamlit.testing.v1 import AppTest
from case_heating.edges.app import ahead, signed_in
from case_heating.edges.app.admission import Person
ahead.load_ahead = lambda *names: None
signed_in.who = lambda: Person("ana", "admin", "ana", signed_in=False)
at = AppTest.from_file(sys.argv[1], default_timeout=120).run()
assert not at.exception, at.exception[0]
assert at.button(key="begin_gas").label
print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
"""


def test_the_first_page_needs_no_library_that_takes_long_to_load(small_workspace):
    script = Path(ahead.__file__).parent / "start" / "app.py"
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE, script, *SLOW],
        env=os.environ | {"HEATING_WORKSPACE": str(small_workspace)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_one_module_is_loaded_at_a_time_and_each_ahead_once(monkeypatch):
    begun, go_on, loaded = threading.Event(), threading.Event(), []

    def slowly(name):
        begun.set()
        go_on.wait(30)
        loaded.append(name)
        return name

    monkeypatch.setattr(ahead, "import_module", slowly)
    monkeypatch.setattr(ahead, "AFTER_S", 0.0)
    ahead.load_ahead("test_slow", "test_then")
    ahead.load_ahead("test_slow", "test_then")
    assert begun.wait(30)
    threading.Timer(0.1, go_on.set).start()
    ahead.load("test_page")
    assert loaded[0] == "test_slow"
    for thread in threading.enumerate():
        if thread.name == "loads test_slow":
            thread.join(30)
    assert sorted(loaded[1:]) == ["case_heating.edges.app.test_page", "test_then"]
