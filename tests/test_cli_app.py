"""``heating app``: where it listens, what it refuses before Streamlit starts, and that an installed package has it."""

import os
import socket
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from case_heating.edges import app_server, cli_app
from case_heating.edges.app import signed_in
from case_heating.edges.cli import app

ROOT = Path(__file__).parent.parent


@pytest.fixture
def started(monkeypatch):
    """The arguments Streamlit was started with, instead of starting it."""
    calls = []
    monkeypatch.setattr(cli_app, "_run_streamlit", lambda *where, **how: calls.append((where, how)))
    monkeypatch.setenv("HEATING_SOURCE", "")  # so that what the command sets is taken back afterwards
    monkeypatch.setenv("HEATING_WORKSPACE", "")
    return calls


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(*words, code=0):
    done = CliRunner().invoke(app, ["app", *map(str, words)])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_it_listens_on_this_computer_only(started, free_port, tmp_path):
    said = call("--port", free_port, "--no-browser", "--workspace", tmp_path, "--source", "recs2015")
    assert f"http://127.0.0.1:{free_port}" in said
    assert started == [(("127.0.0.1", free_port), {"headless": True})]
    assert (os.environ["HEATING_WORKSPACE"], os.environ["HEATING_SOURCE"]) == (str(tmp_path), "recs2015")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "heat.utility.example"])
def test_another_address_needs_sign_in(started, free_port, address):
    assert "no sign-in is set up" in call("--address", address, "--port", free_port, code=2)
    assert started == []


def test_another_address_with_sign_in(started, free_port, monkeypatch):
    monkeypatch.setattr(signed_in, "sign_in_is_set_up", lambda: True)
    call("--address", "0.0.0.0", "--port", free_port)
    assert started == [(("0.0.0.0", free_port), {"headless": False})]


def test_a_port_that_is_taken_is_told_and_another_named(started):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = call("--port", port, code=2)
    assert f"port {port} of 127.0.0.1 cannot be had" in said
    assert started == []


def test_what_streamlit_is_told():
    words = app_server.options("::1", 8600, headless=True)
    assert words[0] == "run"
    assert Path(words[1]).is_file()
    assert "--server.address=::1" in words
    assert "--server.headless=true" in words
    assert "--browser.gatherUsageStats=false" in words


def test_an_installed_package_is_served_as_a_checkout_is():
    """The twin of .streamlit/config.toml is packaged: test_repository holds that of every file of the package."""
    twin = files("case_heating") / "edges" / "app" / "start" / ".streamlit" / "config.toml"
    ours = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert twin.read_text(encoding="utf-8") == ours
    told = tomllib.loads(ours)
    assert told["server"]["address"] == "127.0.0.1"
    assert told["server"]["enableXsrfProtection"] is True
    assert told["browser"]["gatherUsageStats"] is False
