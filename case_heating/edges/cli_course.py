"""``heating course``: the lessons and how far you are; open one, have it checked, begin it anew."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from case_heating.edges.console import OUT, STATUS, THE_ANSWER_IS_NO, JsonOption, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import WorkspaceOption
from case_heating.errors import SourceError, counted
from case_heating.settings import Settings
from case_heating.workspace import plain_words, write_text

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The lesson's number, such as 02.")]

app = typer.Typer(help="The course: its lessons, and how far you are.", invoke_without_command=True)


@app.callback()
def list_lessons(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the lessons with their level, the minutes they take, and how far you are.

    [bold]heating course open 00[/bold] begins.
    """
    if workspace is not None:
        os.environ["HEATING_WORKSPACE"] = str(workspace)  # the lessons' own code reads it from there
    if context.invoked_subcommand is not None:
        return
    from course.syllabus import read_syllabus

    entries = read_syllabus(_course_folder())
    if json:
        print_json([entry.in_numbers() for entry in entries])
        return
    table = FittedTable("", "lesson", "level", "minutes", "you", words=("", "lesson", "you"))
    for entry in entries:
        cells = (entry.number, entry.title, str(entry.level), str(entry.minutes), entry.words)
        table.add_row(*(Text(cell, style="dim" if entry.is_planned else "") for cell in cells))
    OUT.print(table)
    there = [entry for entry in entries if not entry.is_planned]
    hours = sum(entry.minutes for entry in there) / 60
    told = counted(len(there), "lesson", "lessons")
    OUT.print(f"\n{told}, {hours:.0f} hours or so; planned ones come with the code they teach.")


@app.command("check")
def check_lesson(number: NumberArgument, json: JsonOption = False) -> None:
    """Run your copy of a notebook and mark each exercise: right, or a hint that fits the mistake."""
    from course.copies import mark_copy
    from course.lesson import find_lesson

    lesson = find_lesson(number)
    STATUS.print(f"Running your copy of lesson {lesson.number} from top to bottom; up to a minute …", highlight=False)
    marked = mark_copy(lesson, _course_folder())
    if json:
        told: dict[str, Any] = {
            name: {"right": verdict.right, "words": verdict.words} for name, verdict in marked.verdicts.items()
        }
        print_json({"lesson": lesson.number, "exercises": told, "stopped": marked.stopped})
    else:
        for name, verdict in marked.verdicts.items():
            sign = "[green]✔[/]" if verdict.right else "[yellow]·[/]"
            OUT.print(f"{sign} [bold]{name}[/]")
            OUT.print(f"  {verdict.words}", markup=False, highlight=False)
        for words in marked.stopped:
            OUT.print(words, style="yellow", markup=False, highlight=False)
    if not marked.all_right:
        raise typer.Exit(THE_ANSWER_IS_NO)


@app.command("open")
def open_lesson(
    number: NumberArgument,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Start JupyterLab, open no browser.")] = False,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Make your copy and say where it lies.")] = False,
) -> None:
    """Copy a lesson's notebook into the workspace, unless you have one, and start JupyterLab there. Ctrl-C ends it."""
    from course.copies import take_copy
    from course.lesson import find_lesson

    copy = take_copy(find_lesson(number), _course_folder()).resolve()
    if copy_only:
        typer.echo(copy)
        return
    if importlib.util.find_spec("jupyterlab") is None:
        raise SourceError(
            f"JupyterLab is not installed; in this project's folder: {_this_python()} -m pip install -c "
            f"constraints.txt -e '.[course]'. Your copy of the lesson is {copy}; any notebook program opens it"
        )
    STATUS.print(f"JupyterLab opens {copy} (Ctrl-C ends it).", soft_wrap=True, highlight=False)
    done = subprocess.run(jupyterlab_command(copy, no_browser=no_browser), env=_environment(), check=False)  # noqa: S603
    if done.returncode:
        raise SourceError(
            f"JupyterLab ended with {done.returncode}; its words stand above. Your copy of the lesson is {copy}; any "
            "notebook program opens it"
        )


@app.command("reset")
def reset_lesson(number: NumberArgument, json: JsonOption = False) -> None:
    """Begin a lesson anew: a fresh copy of its notebook, no answers noted; your former copy is kept beside it."""
    from course.copies import copy_path, put_back
    from course.lesson import find_lesson

    lesson, folder = find_lesson(number), _course_folder()
    former = put_back(lesson, folder)
    copy = copy_path(lesson, folder)
    if json:
        print_json({"lesson": lesson.number, "notebook": copy, "former": former})
        return
    OUT.print(f"A fresh copy lies in {copy}.", soft_wrap=True, highlight=False)
    if former is not None:
        OUT.print(f"Your former one is kept as {former.name}.", soft_wrap=True, highlight=False)


@app.command("assess")
def assess_yourselves(
    replies: Annotated[
        Path | None, typer.Option(exists=False, help="A file with your answers; without one you are asked here.")
    ] = None,
    blank: Annotated[Path | None, typer.Option(help="Write a file to fill in, and end.")] = None,
    json: JsonOption = False,
) -> None:
    """Tell where your organisation stands, level by level, and its next step, from some twenty statements.

    Lesson 17 goes through them. Each is answered yes, partly or no; what is not answered counts as no.
    """
    from course.assessment import ANSWERS, assess, blank_replies, read_replies, read_statements

    statements = read_statements()
    if blank is not None:
        if blank.exists():
            raise SourceError(f"{blank} is there already and may hold answers; name another file")
        with plain_words(blank.parent, "--blank"):
            write_text(blank, blank_replies(statements))
        STATUS.print(f"Fill in {blank}, then: heating course assess --replies {blank}", soft_wrap=True, highlight=False)
        return
    if replies is not None:
        given = read_replies(replies)
    else:
        given = {}
        for one in statements:
            STATUS.print(
                f"\n[bold]Level {one.level}, {one.who}.[/] {one.text}\n  Shown by {one.shown_by}.", highlight=False
            )
            said = ""
            while said not in ANSWERS:
                said = _ask("  yes, partly or no")
            given[one.id] = said
    found = assess(given, statements)
    if json:
        print_json(found.in_numbers())
    else:
        OUT.print(found.in_words(), markup=False, highlight=False)


def _ask(question: str) -> str:
    try:
        return str(typer.prompt(question, err=True)).strip().lower()
    except typer.Abort:
        if sys.stdin.isatty():  # Ctrl-C, or the end of what somebody types
            raise
        raise SourceError(
            "nobody is there to answer; 'heating course assess --blank answers.toml' writes a file to fill in, and "
            "--replies answers.toml reads it"
        ) from None


def _this_python() -> str:
    """Name this Python as it can be typed: from here where it lies below, since another one may have its name."""
    python = Path(sys.executable)
    return str(python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python)


def jupyterlab_command(copy: Path, *, no_browser: bool) -> list[str]:
    """Give the command that opens a notebook on this computer alone, without asking anybody for news or updates."""
    chosen = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={copy.parent}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    return [sys.executable, "-m", "jupyterlab", str(copy), *chosen, *(["--no-browser"] if no_browser else [])]


def _environment() -> dict[str, str]:
    """Name folders in full: a kernel runs where the notebook lies, and is to find the same ones."""
    settings = Settings.from_env()
    named = {"HEATING_WORKSPACE": str(settings.workspace.resolve())}
    if settings.data_dir:
        named["HEATING_DATA_DIR"] = str(settings.data_dir.resolve())
    return os.environ | named


def _course_folder() -> Path:
    from course.place import course_folder

    return course_folder()
