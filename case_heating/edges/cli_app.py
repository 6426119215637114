"""``heating app``: start the web app in this process, on this computer only unless people sign in."""

import os
import socket
import sys
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape

from case_heating.edges.app_server import LOOPBACK, options
from case_heating.edges.console import OUT, STATUS, JsonOption, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import SourceOption, WorkspaceOption
from case_heating.errors import BusyError, SourceError
from case_heating.settings import Settings

PORT = 8501  # Streamlit's own


def serve_app(
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port to listen on.")] = PORT,
    address: Annotated[
        str, typer.Option(help="Address to listen on; any but this computer's own needs sign-in.")
    ] = LOOPBACK,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    source: SourceOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Open the app: look up a home, plan costs, bring files, review, and see how the models do.

    It looks at what 'heating run' left in the workspace. Ctrl-C ends it.
    """
    from case_heating.edges.app.admission import is_loopback
    from case_heating.edges.app.signed_in import sign_in_is_set_up

    if not is_loopback(address) and not sign_in_is_set_up():
        raise SourceError(
            f"{address} can be reached from other computers, and no sign-in is set up, so that whoever reaches it "
            f"might retrain and roll back. Leave --address out, or put [auth] into .streamlit/secrets.toml: "
            "docs/app.md shows how"
        )
    _check_free(address, port)
    if source is not None:
        os.environ["HEATING_SOURCE"] = source
    if workspace is not None:
        os.environ["HEATING_WORKSPACE"] = str(workspace)
    shown = f"[{address}]" if ":" in address else address
    STATUS.print(f"The app opens at [bold]http://{shown}:{port}[/] (Ctrl-C ends it).", soft_wrap=True, highlight=False)
    _run_streamlit(address, port, headless=no_browser)


def bench_app(
    rounds: Annotated[int, typer.Option(min=1, help="Processes started of each kind; the median is told.")] = 3,
    browser: Annotated[
        bool | None,
        typer.Option("--browser/--no-browser", help="Look with chromium, or without; with, where it is installed."),
    ] = None,
    source: SourceOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Open the app over the last run and walk through its pages, against a page of one line."""
    from case_heating.edges import bench_app as benches

    told = benches.bench_app(Settings.from_env(source=source, workspace=workspace), rounds, browser=browser)
    if json:
        print_json(told)
    else:
        OUT.print(_bench_in_words(told))


def _bench_in_words(told: dict[str, Any]) -> Group:
    """Lay out what was measured: what it was measured on, the starts, the pages."""
    title = "\nFrom the start of a new process, in seconds"
    starts = FittedTable("", "answer read", "all drawn", "CPU of the process", title=title)
    names = {"first_page": "the first page", "first_answer": "a link to a home", "rival_first_page": told["rival"]}
    for kind, name in names.items():
        words = f"{told[kind]['words']:.2f}" if "words" in told[kind] else ""
        starts.add_row(name, words, f"{told[kind]['seconds']:.2f}", f"{told[kind]['cpu_seconds']:.2f}")
    pages = FittedTable("", "first visit", "again", title="\nEach page, in seconds until it is drawn")
    for path, seconds in told["pages"].items():
        pages.add_row(path, f"{seconds['first']:.2f}", f"{seconds['again']:.2f}")
    for name, key in (("another home", "another_home"), ("another winter in the forecast", "scenario")):
        pages.add_row(name, "", "–" if told[key] is None else f"{told[key]:.2f}")
    return Group(
        f"{told['homes']:,} homes of {escape(told['source'])}, looked at by {told['looked_at_by']}; {told['load']:.1f} "
        f"processes were at work on {told['cores']} cores before.",
        starts,
        f"The first page takes {told['ratio']:.1f} times as long as {told['rival']}.",
        pages,
    )


def _check_free(address: str, port: int) -> None:
    """Try the port before Streamlit does, which would take the next one without a word."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            raise BusyError(
                f"port {port} of {address} cannot be had ({error.strerror or error}); is the app open already? "
                f"Otherwise choose another: heating app --port {min(port + 1, 65535)}"
            ) from error


def _run_streamlit(address: str, port: int, *, headless: bool) -> None:
    from streamlit.web.cli import main

    from case_heating.edges.app.ask_nobody import ask_nobody

    ask_nobody()
    sys.exit(main(options(address, port, headless=headless), prog_name="streamlit", standalone_mode=False))
