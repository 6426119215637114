"""``heating replay``: live a history again under three policies, or let last decade's champion meet the next survey."""

from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import DataDirOption, SeedOption, WorkspaceOption, _known_stage
from case_heating.features.stages import STAGES
from case_heating.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from case_heating.watch.replay import Replay
    from case_heating.watch.replay_waves import WaveReplay

WAVE_STEPS = 5


def replay_history(
    stage: Annotated[
        str | None,
        typer.Option(
            callback=_known_stage,
            autocompletion=lambda: list(STAGES),
            metavar="|".join(STAGES),
            help="Last data stage to use; property if not given, where drift matters most.",
        ),
    ] = None,
    homes: Annotated[int, typer.Option(min=1000, help="Homes of the embedded utility.")] = 10_000,
    begin: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m"], help="Month of the first champion.", show_default="2023-12")
    ] = datetime(2023, 12, 1),
    until: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Last month.", show_default="2025-12")] = datetime(
        2025, 12, 1
    ),
    new_labels: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="New labels that are reason enough to train, 0: none are; 25 per 1,000 homes if not given.",
        ),
    ] = None,
    waves: Annotated[
        bool, typer.Option("--waves", help="Replay the survey waves, --source then --then, on real homes.")
    ] = False,
    source: Annotated[str, typer.Option(help="Survey of the champion, with --waves.")] = "recs2009",
    then: Annotated[str, typer.Option(help="Survey it meets, with --waves.")] = "recs2015",
    output: Annotated[
        Path | None, typer.Option(help="Folder to write tables, chart and page into.", show_default=False)
    ] = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Live a history again: retrain never, every month, or when the watch or enough new labels ask for it?

    The embedded utility's four years are walked month by month as if live, nothing known before its day. With
    [bold]--waves[/bold] the champion of one official survey meets the homes of the next.
    """
    settings = Settings.from_env(seed=seed, workspace=workspace, data_dir=data_dir, simulated_homes=homes)
    from case_heating.rehearsals import DEFAULT_STAGE, REPLAY_ROUNDS

    settings = replace(settings, bootstrap_rounds=REPLAY_ROUNDS)
    with progress_bar(quiet=json) as tell:
        if waves:
            met = _replay_surveys(settings, source, then, stage or DEFAULT_STAGE, tell)
        else:
            lived = _replay_embedded(settings, stage or DEFAULT_STAGE, begin.date(), until.date(), new_labels, tell)
    if waves:
        _tell_waves(met, output, json)
    else:
        _tell_replay(lived, output, json)


def _replay_embedded(
    settings: Settings, stage: str, begin: date, until: date, new_labels: int | None, tell: Any
) -> "Replay":
    from case_heating import rehearsals

    return rehearsals.replay_history(
        settings, stage=stage, begin=begin, until=until, new_labels=new_labels, progress=tell
    )


def _replay_surveys(settings: Settings, source: str, then: str, stage: str, tell: Any) -> "WaveReplay":
    from case_heating import journey
    from case_heating.data.sources import find_source
    from case_heating.release.lineage import code_digest
    from case_heating.watch.replay_waves import replay_waves

    sources = [find_source(replace(settings, source=name)) for name in (source, then)]  # both, before the first is read
    tables, evidence = [], []
    for found in sources:
        trusted = journey.check(journey.gather(found, tell).tables, settings, tell)
        tables.append(trusted.tables)
        evidence.append(journey.collect_evidence(trusted, journey.describe(trusted.tables, trusted.as_of), settings))
    return replay_waves(
        evidence[0],
        evidence[1],
        tables[1],
        names=(source, then),
        stage=stage,
        steps=WAVE_STEPS,
        settings=settings,
        code=code_digest(),
        progress=tell,
    )


def _tell_replay(lived: "Replay", output: Path | None, json: bool) -> None:
    from case_heating.people.replay_words import finding, table_in_words
    from case_heating.rehearsals import write_replay

    table = lived.table()
    if output:
        write_replay(lived, output)
    if json:
        months = lived.months.assign(as_of=lived.months["as_of"].dt.strftime("%Y-%m-%d")).drop(columns="champion_of")
        print_json(
            {
                "stage": lived.stage,
                "homes": lived.n_homes,
                "policies": table.to_dict(orient="index"),
                "months": months.to_dict(orient="records"),
                "events": [asdict(event) for event in lived.events],
            }
        )
        return
    _print(finding(lived), table_in_words(lived), output)


def _tell_waves(met: "WaveReplay", output: Path | None, json: bool) -> None:
    import pandas as pd

    from case_heating.people.replay_plots import waves_plot
    from case_heating.people.replay_words import waves_finding, waves_in_words, waves_page
    from case_heating.rehearsals import write_chart

    if output:
        plot = waves_plot(met, waves_finding(met))
        steps = pd.json_normalize([asdict(step) for step in met.steps]).set_index("number")
        write_chart(output, plot, waves_page(met, f"{plot.name}.png"), {"waves": steps})
    if json:
        print_json(asdict(met))
        return
    _print(waves_finding(met), waves_in_words(met), output)


def _print(found: str, table: "pd.DataFrame", output: Path | None) -> None:
    shown = FittedTable("", *map(str, table))
    for name in table.index:
        shown.add_row(str(name), *map(str, table.loc[name]))
    OUT.print(f"{found}.", soft_wrap=True, highlight=False)
    OUT.print(shown)
    if output:
        OUT.print(f"page        {output}", soft_wrap=True, highlight=False)
