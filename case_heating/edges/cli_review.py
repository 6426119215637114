"""``heating review`` and ``heating why``: the queue of homes people decide, and how a home was decided."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from case_heating.edges import cli_routing
from case_heating.edges.console import OUT, STATUS, THE_ANSWER_IS_NO, JsonOption, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import SourceOption, WorkspaceOption
from case_heating.edges.review_database import DatabaseOption, now_here, review_store
from case_heating.errors import EmptyQueueError, SourceError
from case_heating.settings import Settings

app = typer.Typer(help="Decide the homes the machine is unsure of.", no_args_is_help=True)
app.command("route")(cli_routing.route_last_run)
app.command("sample")(cli_routing.sample_homes)
app.command("costs")(cli_routing.show_costs)

HomeArgument = Annotated[str, typer.Argument(help="The home's id, as in homes.home_id.")]
ReviewerOption = Annotated[str, typer.Option("--as", envvar="HEATING_REVIEWER", help="Your name, for the trail.")]
ReasonOption = Annotated[str, typer.Option(help="What you saw, in a few words.")]


@app.command("list")
def show_queue(
    limit: Annotated[int, typer.Option(min=1, help="Homes to show, riskiest first.")] = 20,
    state: Annotated[
        str | None, typer.Option(help="waiting, held, decided or withdrawn; all open if not given.")
    ] = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Show the queue: how many homes wait, who holds which, and the riskiest."""
    with _queue(workspace, database) as queue:
        tasks = queue.tasks()
    counts = {name: int(n) for name, n in tasks["state"].value_counts().sort_index().items()}
    if state is not None and state not in ("waiting", "held", "decided", "withdrawn"):
        raise SourceError(f"there is no state {state!r}; there are waiting, held, decided and withdrawn")
    shown = tasks[tasks["state"] == state if state else tasks["state"].isin(["waiting", "held"])].head(limit)
    if json:
        rows = shown.astype(object).where(shown.notna(), None).to_dict("records")
        print_json({"counts": counts, "homes": rows})
        return
    if not counts:
        OUT.print("The queue is empty: no home was ever sent to people; [bold]heating review route[/] fills it.")
        return
    OUT.print(", ".join(f"{n:,} {name}" for name, n in counts.items()))
    headings = ("home", "machine says", "chance of gas", "risk, USD", "state", "held by")
    table = FittedTable(*headings, words=("home", "machine says", "state", "held by"))
    for row in shown.itertuples():
        chance = "" if row.probability_of_gas is None else f"{row.probability_of_gas:.2f}"
        held_by = row.reviewer if row.state == "held" else ""
        table.add_row(row.home_id, row.heating_fuel, chance, f"{row.risk_usd:.2f}", row.state, held_by)
    if len(shown):
        OUT.print(table)


@app.command("next")
def claim(
    reviewer: ReviewerOption,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Take the riskiest home that waits; it is yours for a quarter of an hour. Ends with 1 if none waits."""
    from case_heating.edges.show_review import print_record, print_trail
    from case_heating.people.records import last_record
    from case_heating.people.review_store import reading

    now = now_here()
    with _queue(workspace, database) as queue:
        try:
            claimed = queue.claim_next(reviewer, now=now)
        except EmptyQueueError as nothing:
            if json:
                print_json({"home_id": None, "because": str(nothing)})
            else:
                STATUS.print(escape(str(nothing)), soft_wrap=True, highlight=False)
            raise typer.Exit(THE_ANSWER_IS_NO) from None
        with reading(queue.engine) as connection:
            record = last_record(connection, claimed.home_id)
    if json:
        print_json(asdict(claimed) | {"record": record and asdict(record)})
        return
    until = claimed.lease_until.astimezone(now.tzinfo)
    OUT.print(
        f"[bold]{escape(claimed.home_id)}[/] is yours until {until:%H:%M:%S}. A wrong answer would be expected to"
    )
    OUT.print(f"cost {claimed.risk_usd:.2f} USD, more than a look at it.")
    if record is not None:
        print_record(record)
    print_trail(claimed.opinions)
    home = escape(claimed.home_id)
    OUT.print(
        f"Then: [bold]heating review decide {home} gas|electricity|other|none --reason '…'[/], or skip, or second."
    )


@app.command()
def decide(
    home: HomeArgument,
    fuel: Annotated[str, typer.Argument(help="gas, electricity, other or none.")],
    reason: ReasonOption,
    reviewer: ReviewerOption,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day from which it is true; today if not given.")
    ] = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Decide a home you hold; it becomes a label. For a minute it can be undone."""
    with _queue(workspace, database) as queue:
        queue.decide(home, reviewer, fuel, reason, now=now_here(), true_since=since and since.date())
    _tell({"home_id": home, "heating_fuel": fuel}, f"{home} heats with {fuel}: on record, and a label.", json=json)


@app.command()
def skip(
    home: HomeArgument,
    reviewer: ReviewerOption,
    reason: Annotated[str, typer.Option(help="Why not you, or not now.")] = "",
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Give a home you hold back to the others."""
    with _queue(workspace, database) as queue:
        queue.skip(home, reviewer, now=now_here(), reason=reason)
    _tell({"home_id": home, "state": "waiting"}, f"{home} went back to the queue.", json=json)


@app.command()
def second(
    home: HomeArgument,
    reason: ReasonOption,
    reviewer: ReviewerOption,
    leaning: Annotated[str | None, typer.Option(help="What you would say.")] = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Ask for a second opinion on a home you hold; somebody else decides, and sees your reason."""
    with _queue(workspace, database) as queue:
        queue.ask_second_opinion(home, reviewer, reason, now=now_here(), leaning=leaning)
    _tell({"home_id": home, "state": "waiting"}, f"{home} waits for somebody else than {reviewer}.", json=json)


@app.command()
def undo(
    home: HomeArgument,
    reviewer: ReviewerOption,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Take your own decision back within a minute."""
    with _queue(workspace, database) as queue:
        queue.undo(home, reviewer, now=now_here())
    _tell({"home_id": home, "state": "held"}, f"The decision on {home} is undone; it is yours again.", json=json)


@app.command()
def report(
    home: HomeArgument,
    reason: ReasonOption,
    reporter: ReviewerOption,
    says: Annotated[
        str | None, typer.Option(help="What it heats with, then: gas, electricity, other or none.", show_default=False)
    ] = None,
    source: SourceOption = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Say that a home's answer is wrong: it goes to people, first in line, however sure the machine is.

    Anybody may say so, and it is no label by itself: a reviewer sees it with all that is known of the home, and
    decides.
    """
    from case_heating.edges.cli_cost import unknown_home
    from case_heating.edges.main_job import source_name
    from case_heating.kept import open_last, report_home, take_explainer

    settings = Settings.from_env(source=source, workspace=workspace)
    opened = open_last(settings, source_name(settings))
    features = opened.features.value
    if home not in features.index:
        raise unknown_home(opened.source, home, features.index)
    explanation = next(iter(take_explainer(opened).explain(features.loc[[home]])))
    with review_store(settings, database) as engine:
        report_home(opened, engine, explanation, reporter=reporter, reason=reason, now=now_here(), heating_fuel=says)
    told = {"home_id": home, "machine_says": explanation.fuel, "reported_by": reporter, "heating_fuel": says}
    words = (
        f"{home}, which the machine says heats with {explanation.fuel}, now waits for a reviewer, first in line: "
        "heating review next"
    )
    _tell(told, words, json=json)


@app.command()
def export(
    output: Annotated[Path, typer.Argument(help="CSV file to write.")],
    trail: Annotated[bool, typer.Option("--trail", help="The whole audit trail instead of the labels.")] = False,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Write what people decided as labels, or every change to the queue."""
    from case_heating.people.records import read_trail
    from case_heating.people.review_labels import labels_from_decisions, standing_decisions
    from case_heating.people.review_sample import decided_for_a_sample
    from case_heating.workspace import plain_words, write_text

    with _queue(workspace, database) as queue:
        entries = read_trail(queue.engine)
    labels = labels_from_decisions(standing_decisions(entries), sampled=decided_for_a_sample(entries))
    rows = entries if trail else labels
    with plain_words(output, "another path"):
        write_text(output, rows.to_csv(index=False))
    what = "lines of the trail" if trail else "labels"
    _tell({"rows": len(rows), "output": str(output)}, f"{output}: {len(rows):,} {what}", json=json)


def why(
    home: HomeArgument,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it is asked for; today if not given.")
    ] = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Tell from the records how a home was decided as of a day: by whom, on what grounds, and what was known then."""
    from case_heating.edges.show_review import print_why
    from case_heating.people.records import why as ask

    with _queue(workspace, database) as queue:
        told = ask(queue.engine, home, on.date() if on else now_here().date())
    if json:
        print_json(asdict(told))
    else:
        print_why(told)


@contextmanager
def _queue(workspace: Path | None, database: str | None) -> Iterator[Any]:
    from case_heating.people.review import ReviewQueue

    with review_store(Settings.from_env(workspace=workspace), database) as engine:
        yield ReviewQueue(engine)


def _tell(result: dict[str, Any], words: str, *, json: bool) -> None:
    if json:
        print_json(result)
    else:
        OUT.print(escape(words), soft_wrap=True)
