"""The app is opened as the benchmark says; how fast it is is not tested. The browser's part is in ``tests/browser``."""

import json

import pytest
from typer.testing import CliRunner

from case_heating.edges import bench_app, bench_app_blind
from case_heating.edges.app import signed_in
from case_heating.edges.app.main import PAGES
from case_heating.edges.cli import app
from case_heating.settings import Settings

START = {"seconds": 3.0, "cpu_seconds": 2.0}
WALKED = {
    "pages": {path: {"first": 0.5, "again": 0.25} for path in PAGES},
    "another_home": 0.75,
    "scenario": None,
}


@pytest.fixture
def here(monkeypatch, small_workspace):
    """The environment of the process that looks; its door is shut again afterwards."""
    monkeypatch.setenv("HEATING_WORKSPACE", str(small_workspace))
    monkeypatch.setattr(signed_in, "who", signed_in.who)
    some = {path: PAGES[path] for path in ("home", "portfolio")}  # all others have tests of their own
    monkeypatch.setattr("case_heating.edges.app.main.PAGES", some)
    return list(some)


def test_without_a_browser_pages_are_drawn_as_tests_do(here, capsys):
    for words in (("rival",), ("first",), ("first", "h0000042"), ("walk", "h0000042", "h0000043")):
        assert bench_app_blind.main(*words) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    moments = [one["drawn"] for one in told]
    assert moments == sorted(moments)
    walked = told[-1]
    assert list(walked["pages"]) == here
    assert all(seconds > 0 for times in walked["pages"].values() for seconds in times.values())
    assert walked["another_home"] > 0
    assert walked["scenario"] > 0


def test_a_page_that_fails_is_no_measurement(here, monkeypatch):
    monkeypatch.setattr("case_heating.edges.app.home.show", lambda: 1 / 0)
    with pytest.raises(RuntimeError, match=r"encountered an error|division by zero"):
        bench_app_blind.main("first")


@pytest.fixture
def looked(monkeypatch):
    """The processes that would be started, and what each would print; starting one takes two seconds."""
    asked = []

    def run(words, **how):
        asked.append((words[3:], how["env"]["HEATING_SOURCE"]))

        class Done:
            stdout = "a warning\n" + json.dumps({"drawn": 2e9} | WALKED)

        return Done

    monkeypatch.setattr(bench_app.subprocess, "run", run)
    return asked


def test_each_first_page_gets_a_process_of_its_own_in_turn(looked, small_workspace):
    told = bench_app.bench_app(Settings.from_env(workspace=small_workspace), 2, browser=False)
    home = looked[2][0][1]
    begin = [(["rival"], "embedded"), (["first"], "embedded"), (["first", home], "embedded")]
    assert looked[:-1] == begin * 2
    assert looked[-1][0][:2] == ["walk", home]
    assert told["homes"] == 600
    assert told["looked_at_by"] == "AppTest of Streamlit"
    assert told["ratio"] == pytest.approx(1.0, rel=1e-3)  # both are drawn at the same made-up moment far ahead
    assert told["pages"] == WALKED["pages"]


def test_the_command_tells_it_in_words_and_as_json(monkeypatch, small_workspace):
    told = {
        "homes": 600,
        "source": "embedded",
        "looked_at_by": "chromium",
        "load": 1.5,
        "cores": 2,
        "first_page": START,
        "first_answer": START | {"words": 2.5},
        "rival_first_page": START,
        "rival": bench_app.RIVAL,
        "ratio": 1.25,
    } | WALKED
    monkeypatch.setattr(bench_app, "bench_app", lambda _settings, rounds, browser: told | {"rounds": rounds})
    words = ["bench", "app", "--workspace", str(small_workspace), "--rounds", "1"]
    shown = " ".join(CliRunner(env={"COLUMNS": "100"}).invoke(app, words).stdout.split())
    assert "600 homes of embedded, looked at by chromium; 1.5 processes were at work on 2 cores" in shown
    assert "a link to a home 2.50 3.00 2.00" in shown
    assert f"takes 1.2 times as long as {bench_app.RIVAL}" in shown
    assert "your-data 0.50 0.25" in shown
    assert "another home 0.75" in shown
    assert "another winter in the forecast –" in shown
    assert json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout) == told | {"rounds": 1}
