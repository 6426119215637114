"""What the command line shares: two consoles, a progress bar, JSON out, and errors in plain words."""

import inspect
import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from typer.core import TyperGroup

from case_heating.errors import HeatingError
from case_heating.settings import DEFAULT_WORKSPACE

OUT = Console()
STATUS = Console(stderr=True)

BAD_INPUT = 2
THE_ANSWER_IS_NO = 1
FAULT_OF_OURS = 70  # EX_SOFTWARE of sysexits.h: neither an answer nor bad input
INTERRUPTED = 130  # what a shell gives for Ctrl-C

BEGIN, ASK = "Begin", "Ask about homes, and decide"
BY_ITSELF, MEASURE = "Level 1: it runs by itself", "Measure and rehearse"
HEADINGS = (BEGIN, ASK, BY_ITSELF, MEASURE)
"""Headings of the commands in ``heating --help``, in their order."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def print_json(value: Any) -> None:
    """Print JSON that other programs read: one document, no colours; what JSON has no form for becomes text."""
    typer.echo(json.dumps(value, indent=2, default=str, allow_nan=False))


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Callable[[str, float], None]]:
    """Show what is being done, how far it is, and how long it will take; on standard error.

    Hands out a function that is told what is being done and the share of it that is done, 0 to 1. When the share
    falls back a new bar begins. Where standard error is no terminal, as in a pipe or a log, each step is a plain line
    when it begins, after the seconds that have passed.
    """
    if not quiet and not STATUS.is_terminal:
        yield _line_teller()
        return
    columns = (TextColumn("[cyan]{task.description:<34}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=STATUS, disable=quiet)
    current: TaskID | None = None
    last = 2.0

    def tell(doing: str, share: float) -> None:
        nonlocal current, last
        if current is None or share < last:
            if current is not None:
                bars.update(current, completed=1.0)
            current = bars.add_task(doing, total=1.0)
            bars.start()
        bars.update(current, description=doing, completed=share)
        last = share

    try:
        yield tell
        if current is not None:
            bars.update(current, completed=1.0)
    finally:
        if bars.tasks:  # a bar with nothing to tell would still leave an empty line
            bars.stop()


def unfold_help(app: typer.Typer) -> None:
    """Let the help of all commands fill the terminal's width: in a docstring a line ends where the page does."""
    for command in app.registered_commands:
        if command.callback is not None:
            command.help = unfolded(inspect.getdoc(command.callback) or "")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            unfold_help(group.typer_instance)


def unfolded(text: str) -> str:
    r"""Join the lines of each paragraph.

    >>> unfolded("Say why.\n\nFor example\nthis.")
    'Say why.\n\nFor example this.'
    """
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _line_teller() -> Callable[[str, float], None]:
    """Give a function that prints what is being done whenever that changes."""
    began = time.monotonic()
    last = ""

    def tell(doing: str, _share: float) -> None:
        nonlocal last
        if doing != last:
            STATUS.print(f"{time.monotonic() - began:4.0f} s  {escape(doing)}", soft_wrap=True, highlight=False)
        last = doing

    return tell


class PlainSpokenGroup(TyperGroup):
    """Commands whose errors a person can mend are told in words; nobody who typed something wrong meets a traceback."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order of their headings."""
        places = {heading: place for place, heading in enumerate(HEADINGS)}

        def place(name: str) -> int:
            return places.get(str(getattr(self.commands[name], "rich_help_panel", "")), len(places))

        return sorted(super().list_commands(ctx), key=place)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; errors end with code 2, Ctrl-C with 130, faults of the program with 70."""
        try:
            return super().invoke(ctx)
        except HeatingError as error:
            STATUS.print(f"[bold red]{type(error).__name__}:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
            raise typer.Exit(BAD_INPUT) from error
        except KeyboardInterrupt:
            STATUS.print(
                "\nStopped. Nothing is left half written; 'heating run' goes on from its finished steps, "
                "'heating data fetch' from the part it has.",
                soft_wrap=True,
            )
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            # What has an exit code of its own is no fault: wrong usage, and commands that end with a code.
            # Neither is a reader that has seen enough, as in `heating … | head`.
            is_fault = not (hasattr(error, "exit_code") or isinstance(error, (typer.Abort, BrokenPipeError)))
            if not is_fault or os.environ.get("HEATING_DEBUG") == "1":
                raise
            kept = _keep_traceback(error)
            STATUS.print(
                f"[bold red]This is a fault of the program, not of your input:[/] {type(error).__name__}: "
                f"{escape(str(error) or 'no words')}. What led to it is kept in {escape(str(kept))}; please report it "
                "with that file. HEATING_DEBUG=1 shows it in full.",
                soft_wrap=True,
                highlight=False,
            )
            raise typer.Exit(FAULT_OF_OURS) from error


def _keep_traceback(error: Exception) -> Path:
    """Write the traceback, which holds no row of a table, into the workspace, else into a temporary file."""
    told = "".join(traceback.format_exception(error))
    name = f"fault-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    workspace = Path(os.environ.get("HEATING_WORKSPACE", DEFAULT_WORKSPACE))
    for folder in (workspace / "faults", Path(tempfile.gettempdir())):
        if folder.parent == workspace and not (workspace / "workspace.json").exists():
            continue
        try:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(told, encoding="utf-8")
        except OSError:  # a full disk may be the very fault: try the next place
            continue
        return folder / name
    raise error
