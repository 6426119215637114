"""How a page is opened without a browser; the small workspaces stand in the conftest above."""

import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from case_heating.edges.app import job_process, jobs, signed_in, upload_jobs
from case_heating.edges.app.admission import Person


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the app: no source is named, and who sits here is called ana."""
    for name in ("HEATING_SOURCE", "HEATING_DATABASE_URL", "HEATING_APP_ROLES", "HEATING_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEATING_REVIEWER", "ana")
    monkeypatch.setenv("HEATING_THREADS", "1")
    st.config.set_option("client.showErrorDetails", "full")  # so that a failing test tells what was raised


@pytest.fixture
def asked_from(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that says where the browser sits and what it sends; ``AppTest`` has none of its own."""

    def ask(ip_address: str | None = "127.0.0.1", **headers: str) -> None:
        monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: ip_address))
        monkeypatch.setattr(type(st.context), "headers", property(lambda _: headers))

    ask(Host="localhost:8501")
    return ask


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A function that opens one page of the app, as a person of a role does, over a workspace.

    ``visit("ladder", workspace, role="viewer", source="recs2015")``; what is not ``role`` or ``who`` is the query of
    the link. It fails where the page shows a traceback.
    """

    def visit(page: str, workspace: Path, *, role: str = "admin", who: str = "ana", **query: str) -> AppTest:
        monkeypatch.setenv("HEATING_WORKSPACE", str(workspace))
        person = Person(who, role, who, signed_in=role != "admin")
        monkeypatch.setattr(signed_in, "sign_in_is_set_up", lambda: True)
        monkeypatch.setattr(signed_in, "read_roles", lambda _path: None)
        monkeypatch.setattr(signed_in, "admit", lambda _claims, _roles, _now: person)
        at = AppTest.from_function(_page, args=(page,), default_timeout=60)
        at.user = {"is_logged_in": True}
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, at.exception[0]
        return at

    return visit


def _page(page: str) -> None:
    from importlib import import_module

    from case_heating.edges.app.parts import guarded

    with guarded():
        import_module(f"case_heating.edges.app.{page}").show()


@pytest.fixture
def work_at_once(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, str]]:
    """Jobs are done at once and in the process of the test, without the limits that would stay with it.

    What is asked for, with its arguments and by whom, is put on the list this gives.
    """
    asked: list[tuple[str, Any, str]] = []

    def start(workspace: Path, kind: str, arguments: Any = None, *, by: str, subject: str | None = None) -> jobs.Job:
        asked.append((kind, arguments, by))
        about = "" if subject is None else f"{subject}-"
        folder = workspace / jobs.FOLDER / f"{time.time_ns()}-{kind}-{about}abc"
        folder.mkdir(parents=True)
        told = {"kind": kind, "arguments": arguments, "by": by, "started": time.time()}
        (folder / "job.json").write_text(json.dumps(told))
        job_process.main(folder)
        return jobs.read(folder)

    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(upload_jobs, "limits", nullcontext)
    # a page of a test runs beside the main thread, which alone may be asked to stop
    monkeypatch.setattr(job_process, "signal", SimpleNamespace(SIGTERM=15, signal=lambda *_: None))
    return asked


@pytest.fixture
def words_of() -> Callable[[Any], str]:
    """A function that gives all that stands on a page, but charts and tables, as one text without Markdown's marks."""

    def words(at: AppTest) -> str:
        kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success", "code")
        said = [one.value for kind in kinds for one in getattr(at, kind)]
        said += [f"{one.label}: {one.value}" for one in at.metric]
        said += [one.label for kind in ("button", "expander", "tabs") for one in getattr(at, kind)]
        return "\n".join(str(one) for one in said).replace("\\", "")

    return words
