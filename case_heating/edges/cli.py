"""The command line: parse, call the journey, show.

Exit codes: 0 done, 1 the answer is no, 2 bad input. Progress and errors go to standard error, results to standard
output. What takes long to import is imported by the command that needs it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from case_heating import __version__
from case_heating.edges import (
    cli_app,
    cli_cost,
    cli_course,
    cli_data,
    cli_explain,
    cli_fairness,
    cli_features,
    cli_flows,
    cli_forecast,
    cli_registry,
    cli_replay,
    cli_review,
    cli_watch,
)
from case_heating.edges.console import (
    ASK,
    BEGIN,
    BY_ITSELF,
    MEASURE,
    OUT,
    THE_ANSWER_IS_NO,
    JsonOption,
    PlainSpokenGroup,
    print_json,
    progress_bar,
    unfold_help,
)
from case_heating.edges.options import (
    DataDirOption,
    HomesOption,
    SeedOption,
    SourceOption,
    StageOption,
    WorkspaceOption,
)
from case_heating.settings import Settings

app = typer.Typer(
    cls=PlainSpokenGroup,
    help="Which homes heat with gas, which with electricity, and how sure are we?\n\n"
    "Start with [bold]heating run[/bold]: it needs nothing but this installation. Then bring your own files with "
    "[bold]heating data map FILES[/bold].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(cli_data.app, name="data", rich_help_panel=BEGIN)
bench = typer.Typer(help="Measure speed, as a ratio against a named rival in the same run.", no_args_is_help=True)
app.add_typer(bench, name="bench", rich_help_panel=MEASURE)
app.add_typer(cli_review.app, name="review", rich_help_panel=ASK)
app.add_typer(cli_registry.app, name="registry", rich_help_panel=BY_ITSELF)
app.add_typer(cli_features.app, name="features", rich_help_panel=BY_ITSELF)
app.add_typer(cli_watch.app, name="watch", rich_help_panel=BY_ITSELF)
app.add_typer(cli_flows.app, name="flows", rich_help_panel=BY_ITSELF)
app.add_typer(cli_course.app, name="course", rich_help_panel=BEGIN)


@app.command(rich_help_panel=BEGIN)
def run(
    source: SourceOption = None,
    stage: StageOption = None,
    homes: HomesOption = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Speak for this day; later facts do not exist.")
    ] = None,
    tune: Annotated[int, typer.Option(min=0, help="Parameter settings to try per stage; 0 takes the defaults.")] = 0,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts the homes are split into to judge a model.")] = 5,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Do the main job: raw files in; trusted tables, a model per data stage, answers and an honest report out.

    A second run reuses what has not changed. After Ctrl-C the same command goes on from the last finished step.
    """
    from case_heating.choices import remember_choices
    from case_heating.edges import show
    from case_heating.edges.main_job import run_main_job

    settings = Settings.from_env(
        source=source,
        stage=stage,
        simulated_homes=homes,
        as_of=as_of and as_of.date(),
        tune_trials=tune,
        folds=folds,
        seed=seed,
        workspace=workspace,
        data_dir=data_dir,
    )
    with progress_bar(quiet=json) as progress:
        outcome = run_main_job(settings, progress)
    remember_choices(settings, outcome.source.name)
    if json:
        print_json(show.outcome_in_numbers(outcome))
    else:
        OUT.print(show.outcome_in_words(outcome))
        OUT.print(show.places_in_words(outcome), soft_wrap=True)


@app.command(rich_help_panel=MEASURE)
def train(
    test: Annotated[str, typer.Option(help="Source whose homes the model is tested on.")],
    source: Annotated[str, typer.Option(help="Source whose homes the model is trained on.")] = "recs2009",
    stage: StageOption = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Train on one source and test on another: does last decade's model still hold?

    For example [bold]heating train --source recs2009 --test recs2015[/bold]. Only features that both sources have are
    used. To train and judge within one source use [bold]heating run[/bold].
    """
    from case_heating import journey
    from case_heating.edges import show

    settings = Settings.from_env(source=source, stage=stage, seed=seed, workspace=workspace, data_dir=data_dir)
    with progress_bar(quiet=json) as progress:
        met = journey.transfer(settings, replace(settings, source=test), progress)
    if json:
        print_json({"source": source, "test": test, "stages": show.transfer_in_numbers(met)})
    else:
        OUT.print(show.transfer_in_words(met, source, test))


@app.command(rich_help_panel=BEGIN)
def doctor(workspace: WorkspaceOption = None, data_dir: DataDirOption = None, json: JsonOption = False) -> None:
    """Tell what is installed, which data, stores and servers are found, and what to do about what is missing."""
    from dataclasses import asdict

    from case_heating.edges import show
    from case_heating.edges.doctor import examine

    findings = examine(Settings.from_env(workspace=workspace, data_dir=data_dir))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        OUT.print(show.findings_in_words(findings))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(THE_ANSWER_IS_NO)


@bench.command("signature")
def bench_signature(
    homes: Annotated[int, typer.Option(min=1000, help="Homes to fit.")] = 100_000,
    bills: Annotated[int, typer.Option(min=12, help="Bills per home.")] = 36,
    seed: SeedOption = None,
    json: JsonOption = False,
) -> None:
    """Fit bill signatures, against a loop of least squares over homes."""
    from case_heating.edges import bench as benches
    from case_heating.edges import show

    result = benches.bench_signature(homes, bills, seed or 0)
    if json:
        print_json(result)
    else:
        OUT.print(show.bench_in_words(result))


app.command("app", rich_help_panel=BEGIN)(cli_app.serve_app)
app.command(rich_help_panel=ASK)(cli_explain.explain)
app.command(rich_help_panel=ASK)(cli_fairness.fairness)
app.command(rich_help_panel=ASK)(cli_cost.cost)
app.command(rich_help_panel=ASK)(cli_forecast.forecast)
app.command(rich_help_panel=ASK)(cli_review.why)
app.command("replay", rich_help_panel=MEASURE)(cli_replay.replay_history)
app.command(rich_help_panel=MEASURE)(cli_watch.drill)
bench.command("app")(cli_app.bench_app)
bench.command("explain")(cli_explain.bench_explain)
bench.command("store")(cli_features.bench_store)
unfold_help(app)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"case-heating {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say what holds for all commands; the help of the whole stands at the top of this file."""


def main() -> None:
    """Start the command line; the console script ``heating`` calls this."""
    app()


if __name__ == "__main__":
    main()
