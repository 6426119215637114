"""``heating review route`` and ``heating review costs``: which answers the machine may give alone, and its price."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.options import (
    DataDirOption,
    HomesOfLastRunOption,
    SeedOption,
    SourceOption,
    WorkspaceOption,
)
from case_heating.edges.review_database import DatabaseOption, now_here, review_store
from case_heating.settings import Settings

if TYPE_CHECKING:
    from case_heating.people.review_costs import ReviewCosts

CostsOption = Annotated[
    Path | None, typer.Option("--costs", help="File of costs; review_costs.toml in the workspace.", show_default=False)
]


def route_last_run(
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    costs: CostsOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Accept the sure answers of a run on record, and send the others to people."""
    from case_heating.edges.main_job import run_main_job, settings_of_last_run
    from case_heating.kept import Opened, run_of_answers, take_explainer
    from case_heating.people.route_answers import route_answers

    settings = settings_of_last_run(source=source, simulated_homes=homes, workspace=workspace, data_dir=data_dir)
    with review_store(settings, database) as engine, progress_bar(quiet=json) as tell:
        matrix = _costs(settings, costs)
        outcome = run_main_job(settings, tell, database=database)
        rung = outcome.ladder.value.rungs[-1]
        tell("giving reasons", 0.0)
        names = list(rung.model.encoding.names)
        explainer = take_explainer(Opened.of(outcome, settings))
        counts = route_answers(
            engine,
            outcome.answers.value,
            outcome.features.value[names],
            run_of_answers(Opened.of(outcome, settings)),
            matrix,
            explain=explainer.explain,
            now=now_here(),
        )
    if json:
        print_json(asdict(counts))
        return
    OUT.print(
        f"{counts.accepted:,} answers are accepted by the machine, {counts.unsure:,} homes are for people "
        f"({counts.newly_sent:,} newly sent, {counts.withdrawn:,} withdrawn), {counts.known:,} are known already.\n"
        + ("Each is on record." if counts.written else "This run was routed before; nothing was written twice.")
        + " Begin with [bold]heating review next --as YOU[/].",
        soft_wrap=True,
    )


def sample_homes(
    because: Annotated[str, typer.Option(help="Why people are asked.")],
    size: Annotated[int, typer.Option(min=1, help="Homes to draw.")] = 200,
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    costs: CostsOption = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Send homes drawn at random to people: the labels of the present that the watch asks for.

    They wait ahead of all others. The same sample of the same run is sent once; decisions become labels of an audit.
    """
    from case_heating.edges.main_job import run_main_job, settings_of_last_run
    from case_heating.kept import Opened, run_of_answers, take_explainer
    from case_heating.people.review_sample import send_sample

    asked = {"source": source, "simulated_homes": homes, "seed": seed, "workspace": workspace, "data_dir": data_dir}
    settings = settings_of_last_run(**asked)
    with review_store(settings, database) as engine, progress_bar(quiet=json) as tell:
        matrix = _costs(settings, costs)
        outcome = run_main_job(settings, tell, database=database)
        opened = Opened.of(outcome, settings)
        explainer = take_explainer(opened)
        sent = send_sample(
            engine,
            outcome.answers.value,
            outcome.features.value[list(explainer.model.encoding.names)],
            run_of_answers(opened),
            matrix,
            n_homes=size,
            because=because,
            seed=settings.seed,
            explain=explainer.explain,
            now=now_here(),
        )
    if json:
        print_json(asdict(sent))
        return
    OUT.print(
        f"{sent.drawn:,} homes are drawn, {sent.newly_sent:,} newly sent to people; they wait ahead of the others. "
        "Begin with [bold]heating review next --as YOU[/].",
        soft_wrap=True,
    )


def show_costs(
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    costs: CostsOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Show what errors and reviews cost, the thresholds that follow, and the total cost over thresholds.

    Writes a file of example costs to edit if there is none.
    """
    from case_heating import journey
    from case_heating.edges.main_job import run_main_job, settings_of_last_run
    from case_heating.edges.show_review import print_findings
    from case_heating.people.routing_findings import measure_routing
    from case_heating.workspace import open_workspace

    settings = settings_of_last_run(source=source, simulated_homes=homes, workspace=workspace, data_dir=data_dir)
    open_workspace(settings.workspace)
    matrix = _costs(settings, costs)
    with progress_bar(quiet=json) as tell:
        outcome = run_main_job(settings, tell)
        evidence = journey.collect_evidence(outcome.trusted.value, outcome.features.value, settings)
        found = measure_routing(outcome.ladder.value.rungs[-1].probability, evidence.is_gas, matrix)
    if json:
        print_json(asdict(found) | {"curve": found.curve.to_dict("records")})
    else:
        print_findings(found, costs or _costs_file(settings))


def _costs_file(settings: Settings) -> Path:
    from case_heating.people.review_costs import COSTS_FILE

    return settings.workspace / COSTS_FILE


def _costs(settings: Settings, path: Path | None) -> "ReviewCosts":
    """Read the costs; where nobody named a file, write the example into the workspace first."""
    from case_heating.people.review_costs import ReviewCosts, read_costs
    from case_heating.workspace import plain_words, write_text

    file = path or _costs_file(settings)
    if path is None and not file.exists():
        with plain_words(settings.workspace):
            write_text(file, ReviewCosts().to_toml())
    return read_costs(file)
