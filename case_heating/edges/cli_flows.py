"""``heating flows``: level 1 by schedule and event, or one flow now."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markdown import Markdown

from case_heating.edges.console import OUT, STATUS, JsonOption, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import (
    HomesOfLastRunOption,
    SeedOption,
    SourceOption,
    StageOption,
    WorkspaceOption,
)
from case_heating.settings import Settings

app = typer.Typer(
    help="Flows: data taken in, models trained, judged and watched, by schedule, by event or by hand.",
    no_args_is_help=True,
)

FileOption = Annotated[
    Path | None, typer.Option("--file", help="The schedules; prefect.yaml of this folder if not given.")
]
FLOW_NAMES = ("ingest", "train_and_promote", "score_all", "watch", "watch_and_retrain")


def _known_flow(name: str) -> str:
    plain = name.replace("-", "_")
    if plain not in FLOW_NAMES:
        raise typer.BadParameter(f"there is no flow {name!r}; there are {', '.join(FLOW_NAMES)}")
    return plain


@app.command()
def up(
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    seed: SeedOption = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Start a server of its own on this port.")] = None,
    file: FileOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the schedules and triggers of prefect.yaml until Ctrl-C.

    A Prefect server that answers is used and left running; if none does, one is started here and stopped at the end.
    """
    from case_heating.edges import flow_schedules, flow_server
    from case_heating.edges.main_job import settings_of_last_run

    settings = settings_of_last_run(source=source, simulated_homes=homes, seed=seed, workspace=workspace)
    entries = flow_schedules.read_schedules(file)
    try:
        with flow_server.stoppable(), flow_server.server(settings, port=port) as api_url:
            flow_server.prepare_environment(settings, api_url)
            ui = api_url.removesuffix("/api")

            def ready() -> None:
                OUT.print(_schedules_in_words(entries))
                OUT.print(f"Prefect's pages: {ui}\nCtrl-C stops.", soft_wrap=True)

            flow_schedules.serve(entries, settings, ready=ready)
    finally:
        STATUS.print("Stopped.")


@app.command()
def run(
    name: Annotated[
        str, typer.Argument(callback=_known_flow, autocompletion=lambda: list(FLOW_NAMES), help=", ".join(FLOW_NAMES))
    ],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it speaks for; the last known one if not given."),
    ] = None,
    because: Annotated[str | None, typer.Option(help="Why; for train_and_promote.")] = None,
    stage: StageOption = None,
    window_months: Annotated[
        int | None, typer.Option(min=1, help="Train on the labels of so many months; for train_and_promote.")
    ] = None,
    despite_pause: Annotated[
        bool, typer.Option("--despite-pause", help="Train although retraining is paused; for train_and_promote.")
    ] = False,
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Run one flow now, here; a Prefect server that answers keeps its record, else one is there for the run alone."""
    from case_heating.edges import flow_server
    from case_heating.edges.main_job import settings_of_last_run

    settings = settings_of_last_run(source=source, simulated_homes=homes, seed=seed, workspace=workspace)
    given = {"because": because, "stage": stage, "window_months": window_months, "despite_pause": despite_pause or None}
    parameters: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if parameters and name != "train_and_promote":
        raise typer.BadParameter(f"{name} takes no {', '.join(parameters)}; train_and_promote does")
    if as_of:
        parameters["as_of"] = as_of.date()
    flow_server.prepare_environment(settings, flow_server.answering_server(settings))
    from case_heating.edges.flows import FLOWS  # imports Prefect, which reads the environment just prepared

    with flow_server.plain_start():
        told = FLOWS[name](**parameters)
    if json:
        print_json({"flow": name, "as_of": parameters.get("as_of"), "result": told})
    elif name == "watch":
        OUT.print(Markdown(_last_watch_in_words(settings)))
    else:
        OUT.print(Markdown(told))


@app.command("list")
def list_flows(file: FileOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the flows with their schedules and triggers, and the server that answers, if any."""
    from case_heating.edges import flow_schedules, flow_server

    settings = Settings.from_env(workspace=workspace)
    entries = flow_schedules.read_schedules(file)
    url = flow_server.answering_server(settings)
    if json:
        print_json({"server": url, "deployments": entries})
    else:
        OUT.print(_schedules_in_words(entries))
        OUT.print(
            f"A Prefect server answers at {url.removesuffix('/api')}" if url else "No Prefect server answers.",
            soft_wrap=True,
        )


def _last_watch_in_words(settings: Settings) -> str:
    from case_heating.continuous import decide, read_reports
    from case_heating.watch.report import report_in_words

    report = max(read_reports(settings, settings.today), key=lambda one: one.as_of)
    return report_in_words(report, decide(settings, report.as_of))


def _schedules_in_words(entries: list[dict[str, Any]]) -> FittedTable:
    from case_heating.edges.flow_state import when_in_words

    headings = ("flow", "what it does", "when")
    table = FittedTable(*headings, words=headings)
    for entry in entries:
        name = str(entry["entrypoint"]).replace(":", ".").rsplit(".", maxsplit=1)[-1]
        table.add_row(name, str(entry.get("description") or ""), when_in_words(entry))
    return table
