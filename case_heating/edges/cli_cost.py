"""``heating cost``: what homes pay for electricity and gas in a year, with intervals, and how good that is."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import (
    DataDirOption,
    HomesOfLastRunOption,
    SeedOption,
    SourceOption,
    StageOption,
    WorkspaceOption,
)
from case_heating.errors import SourceError
from case_heating.settings import Settings

if TYPE_CHECKING:
    from case_heating.model.cost_held_out import CostJudgement

DEFAULT_STAGE = "property"  # what a utility knows of a home before it has billed it for a year


def cost(
    home: Annotated[
        str | None, typer.Argument(help="The home's id, as in homes.home_id; without one all are judged.")
    ] = None,
    source: SourceOption = None,
    stage: StageOption = None,
    bills: Annotated[
        bool, typer.Option(help="Judge with features made from the home's own bills; a named home's are always used.")
    ] = False,
    homes: HomesOfLastRunOption = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say what a year costs a home, or without a home how well that is told: error, naive rival's, and coverage.

    For example [bold]heating cost h0000007[/bold] or [bold]heating cost --source recs2015[/bold].
    """
    from case_heating.edges.main_job import settings_of_last_run

    settings = settings_of_last_run(
        source=source, simulated_homes=homes, seed=seed, workspace=workspace, data_dir=data_dir
    )
    if home is None:
        _judge_all(settings, stage or DEFAULT_STAGE, bills=bills, json=json)
    else:
        _tell_home(settings, stage, home, json=json)


def unknown_home(source: str, home: str, known: Iterable[str]) -> SourceError:
    """Give the error that names the ids nearest to one that is not there."""
    ids = [str(each) for each in known]
    near = get_close_matches(home, ids, n=3, cutoff=0.5)
    nearest = f"the nearest ids are {', '.join(near)}" if near else f"the first id is {ids[0]}"
    return SourceError(f"{source} has no home {home!r} among its {len(ids):,}; {nearest}")


def _tell_home(settings: Settings, stage: str | None, home: str, *, json: bool) -> None:
    from case_heating.edges.main_job import run_main_job
    from case_heating.kept import Opened
    from case_heating.model.cost import year_costs
    from case_heating.model.cost_keep import take_cost_step
    from case_heating.people.cost_words import cost_of_home, home_cost_in_numbers, home_cost_in_words
    from case_heating.people.gas_beside import gas_beside_in_words

    with progress_bar(quiet=json) as tell:
        outcome = run_main_job(settings, tell)
        features, opened = outcome.features.value, Opened.of(outcome, settings)
        if home not in features.index:
            raise unknown_home(outcome.source.name, home, features.index)
        own_bills = "kwh_year" in features and bool(features["kwh_year"].notna()[home])
        learned = take_cost_step(
            outcome.source.name,
            outcome.features,
            outcome.trusted,
            settings,
            stage=stage or outcome.ladder.value.rungs[-1].stage,
            bills=own_bills,
            progress=lambda share: tell("learning what homes pay", share),
        )
        own, as_of = opened.of_home(home), opened.known.as_of
        paid, gas_beside = year_costs(own, as_of=as_of), gas_beside_in_words(own, home, as_of=as_of)
    told = cost_of_home(learned.value, features, outcome.answers.value, home, paid)
    if json:
        print_json({"source": outcome.source.name} | home_cost_in_numbers(told) | {"gas_beside": gas_beside})
        return
    first, *others = home_cost_in_words(told)
    OUT.print(f"[bold]{escape(first)}[/]", soft_wrap=True, highlight=False)
    for line in (*others, *((gas_beside,) if gas_beside else ())):
        OUT.print(escape(line), soft_wrap=True, highlight=False)


def _judge_all(settings: Settings, stage: str, *, bills: bool, json: bool) -> None:
    from case_heating.data.keep import read_trusted
    from case_heating.data.sources import find_source
    from case_heating.edges.main_job import labels_of_people
    from case_heating.journey import collect_evidence, describe_source
    from case_heating.model.cost_held_out import judge_cost
    from case_heating.model.cost_keep import take_cost_step
    from case_heating.people.cost_findings import MIN_GROUP_HOMES

    source = find_source(settings)
    with progress_bar(quiet=json) as tell:
        _, trusted_step, features = describe_source(source, settings, tell, reviewed=labels_of_people(settings))
        trusted = read_trusted(trusted_step.folder, only=("homes", "labels", "sensitive"))
        collect_evidence(trusted, features.value, settings)  # says in words if labels are too few
        learned = take_cost_step(
            source.name,
            features,
            trusted_step,
            settings,
            stage=stage,
            bills=bills,
            folds=settings.folds,
            progress=lambda share: tell("learning what homes pay", share),
        )
    sensitive = trusted.tables.get("sensitive")
    found = judge_cost(
        learned.value.held_out,
        trusted.tables["homes"].set_index("home_id"),
        None if sensitive is None else sensitive.set_index("home_id"),
        min_group_homes=MIN_GROUP_HOMES,
    )
    if json:
        print_json({"source": settings.source, "stage": stage, "bills": bills} | judgement_in_numbers(found))
    else:
        _show_judgement(found, traits_known=sensitive is not None)


def judgement_in_numbers(found: "CostJudgement") -> dict[str, Any]:
    """Give the figures for machines; amounts in USD a year, shares between 0 and 1."""
    return {
        "n_homes": len(found.held_out),
        "mae_usd": round(found.mae_usd, 2),
        "naive_mae_usd": round(found.naive_mae_usd, 2),
        "coverage": round(found.coverage, 4),
        "mean_width_usd": round(found.mean_width_usd, 2),
        "by_bill": found.by_bill.round(4).to_dict(orient="records"),
        "by_group": found.by_group.round(4).to_dict(orient="records"),
    }


def _show_judgement(found: "CostJudgement", *, traits_known: bool) -> None:
    OUT.print(
        f"{len(found.held_out):,} homes held out: off by {found.mae_usd:,.0f} USD a year (naive "
        f"{found.naive_mae_usd:,.0f}); {100 * found.coverage:.1f} % lie in their 90 % interval, "
        f"{found.mean_width_usd:,.0f} USD wide on average",
        soft_wrap=True,
    )
    groups = found.by_group.assign(name=found.by_group["trait"] + " " + found.by_group["group"])
    for title, rows, names in (
        ("By bill", found.by_bill, found.by_bill["bill"]),
        ("By group", groups, groups["name"]),
    ):
        if len(rows):
            table = FittedTable("", "homes", "covered, %", "off by, USD a year", title=title)
            for name, (_, row) in zip(names, rows.iterrows(), strict=True):
                told = (f"{row['n_homes']:,}", f"{100 * row['coverage']:.1f}", f"{row['mae_usd']:,.0f}")
                table.add_row(str(name), *told)
            OUT.print(table)
    if not traits_known:
        OUT.print("The source knows no traits of households: coverage by group cannot be judged.")
