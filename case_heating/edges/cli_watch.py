"""``heating watch`` and ``heating drill``: what the watch saw, what people choose, and whether it would see trouble."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.markup import escape
from rich.text import Text

from case_heating.edges.console import OUT, THE_ANSWER_IS_NO, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import StageOption, WorkspaceOption
from case_heating.edges.review_database import DatabaseOption, now_here, review_store
from case_heating.errors import HeatingError
from case_heating.settings import Settings

if TYPE_CHECKING:
    from case_heating.watch.drill_results import Drills
    from case_heating.watch.monitor import WatchReport

app = typer.Typer(
    help="The watch over the champion: its monthly reports, and what people choose instead.", no_args_is_help=True
)


@app.command()
def show(
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the report; the latest if not given.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show a watch report, what follows from it, and what people have chosen instead."""
    from case_heating.continuous import decide, paused, read_overrides
    from case_heating.watch.overrides import override_words, pause_words
    from case_heating.watch.report import report_in_words

    settings = Settings.from_env(workspace=workspace)
    report = _reports(settings, month.date() if month else None)[-1]
    decision = decide(settings, report.as_of)
    chosen, pause = read_overrides(settings), paused(settings, report.as_of)
    if json:
        told = {"retrain": decision.retrain, "action": decision.action, "reasons": list(decision.reasons)}
        print_json(
            {
                "report": _parsed(report.to_json()),
                "decision": told,
                "overrides": len(chosen),
                "paused": pause and _parsed(pause.to_json()),
            }
        )
        return
    OUT.print(Markdown(report_in_words(report, decision)))
    if chosen:
        OUT.print("What people chose:", *(f"- {override_words(one)}" for one in chosen), sep="\n", markup=False)
    if pause:
        OUT.print(f"{pause_words(pause)}. 'heating watch choose resume' ends that.", style="bold", markup=False)


@app.command()
def choose(
    choice: Annotated[str, typer.Argument(help="roll_back, retrain, change_limit, ignore_until, pause or resume.")],
    by: Annotated[str, typer.Option("--by", "--as", envvar="HEATING_REVIEWER", help="Who chooses.")],
    why: Annotated[str, typer.Option(help="For what reason.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which it holds.")] = None,
    champion: Annotated[
        str | None, typer.Option(help="Champion to roll back or retrain; the one watched last.")
    ] = None,
    signal: Annotated[str | None, typer.Option(help="Signal to ignore; all if not given.")] = None,
    limit: Annotated[str | None, typer.Option(help="Limit to change, such as psi.")] = None,
    value: Annotated[float | None, typer.Option(help="Its new value.")] = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Put on record what a person chooses instead of the policy; the next decision honours it.

    For example [bold]heating watch choose ignore_until --until 2026-03-01 --by Ana --why "known campaign"[/bold].
    While retraining is paused no schedule and no event trains: [bold]pause --until DAY[/bold], [bold]resume[/bold].
    """
    from case_heating import orders
    from case_heating.continuous import latest_day
    from case_heating.watch.overrides import Override

    settings = Settings.from_env(workspace=workspace)
    needs_no_report = choice in ("pause", "resume")
    watched = None if needs_no_report else _reports(settings)[-1].champion
    override = Override(
        choice,  # type: ignore[arg-type]  # an unknown choice is refused by Override, in words
        by,
        why,
        made_on=latest_day(settings),  # the utility's own day: a replayed or simulated one is not today
        until=until.date() if until else None,
        champion=champion or watched,
        signal=signal,
        limit=limit,
        value=value,
    )
    with review_store(settings, database) as engine:
        orders.choose(settings, engine, override, clock=now_here)
    if json:
        print_json(_parsed(override.to_json()))
    else:
        OUT.print(f"On record: {escape(override.by)} chose {override.choice}, from {override.made_on} on.")


def drill(
    homes: Annotated[int, typer.Option(min=500, help="Homes of the simulated utility.")] = 3000,
    seeds: Annotated[int, typer.Option(min=1, max=50, help="How often everything is repeated, each time anew.")] = 2,
    only: Annotated[
        list[str] | None, typer.Option(help="Kind of trouble; repeat for several. All if not given.")
    ] = None,
    stage: StageOption = "monthly",
    output: Annotated[Path | None, typer.Option(help="Folder for the table and one plot of each drill.")] = None,
    json: JsonOption = False,
) -> None:
    """Plant trouble of known kind, size and day into a copy of a utility, and see whether the watch sees it.

    Tells how long until it is seen, how often quiet months raise an alarm, and how much of the lost accuracy the policy
    regains. Ends with 1 if a limit is missed.
    """
    from case_heating.rehearsals import DRILL_STAGE, drill_watch, write_drills
    from case_heating.watch.faults import KINDS

    settings = Settings.from_env()
    kinds = list(dict.fromkeys(only or KINDS))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise HeatingError(f"there is no drill {', '.join(unknown)}; there are {', '.join(KINDS)}")
    with progress_bar(quiet=json) as progress:
        drills, runs = drill_watch(
            settings, homes=homes, seeds=seeds, kinds=kinds, stage=stage or DRILL_STAGE, progress=progress
        )
    if output:
        write_drills(drills, runs, output)
    if json:
        print_json(drills_in_numbers(drills))
    else:
        OUT.print(drills_in_words(drills))
        if output:
            OUT.print(f"\ntable and plots  [bold]{escape(str(output))}[/]", soft_wrap=True)
    if not drills.passed:
        raise typer.Exit(THE_ANSWER_IS_NO)


def _reports(settings: Settings, until: date | None = None) -> "list[WatchReport]":
    """Read the watch reports of a workspace, oldest first.

    Raises
    ------
    HeatingError
        If there is none, or one is damaged.
    """
    from case_heating.continuous import read_reports

    reports = read_reports(settings, until or date.max)
    if not reports:
        raise HeatingError(
            f"there is no watch report in {settings.workspace / 'watch'}; 'heating flows run watch' makes one"
        )
    return reports


def drills_in_numbers(drills: "Drills") -> dict[str, Any]:
    """Give the drills for machines; accuracies are shares, a delay is in windows, null where never seen."""
    plain = drills.table.astype(object)
    return {
        "passed": drills.passed,
        "reasons": list(drills.reasons),
        "quiet_windows": drills.quiet_windows,
        "quiet_alarms": drills.quiet_alarms,
        "naive_alarms": drills.naive_alarms,
        "drills": plain.where(plain.notna(), None).to_dict(orient="index"),
    }


def drills_in_words(drills: "Drills") -> RenderableType:
    """Lay the drills out for a terminal."""
    headings = ("drill", "seen in", "frozen", "policy", "always", "regained", "trained")
    table = FittedTable(*headings, title="Right answers after the trouble began, %")
    for kind, row in drills.table.iterrows():
        table.add_row(
            str(kind),
            "never" if row["delay"] != row["delay"] else f"{row['delay']:.0f}",
            *(f"{100 * row[name]:.1f}" for name in ("frozen", "policy", "always")),
            "–" if row["regained"] != row["regained"] else f"{100 * row['regained']:.0f} %",
            f"{row['trainings']:.1f} / {row['trainings_always']:.0f}",
        )
    told = (
        "seen in: windows until the first alarm, the worst seed. regained: of what always retraining, or mending wrong "
        "data at once, gains over the frozen model. trained: how often, by the policy and by always.\n\n"
        f"{drills.quiet_alarms} of {drills.quiet_windows} quiet windows raised an alarm; a watch that counted every "
        f"feature would have cried in {drills.naive_alarms}."
    )
    missed = [reason for reason in drills.reasons if not reason.startswith("met")]
    verdict = Text(f"All {len(drills.reasons)} limits are met.", style="bold green")
    if missed:
        verdict = Text("\n".join(missed), style="bold red")
    return Group(table, Text(told), verdict)


def _parsed(text: str) -> Any:
    return json.loads(text)
