"""``heating data``: look at sources, fetch them, map your own files, check them, make the embedded utility."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.text import Text

from case_heating.edges.console import OUT, THE_ANSWER_IS_NO, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import DataDirOption, WorkspaceOption
from case_heating.errors import SourceError
from case_heating.settings import Settings

REAL_AUC_AT_LEAST = 0.86
"""AUC on real RECS 2015 homes, at stage ``property``, that a model trained on simulated homes alone must reach."""

app = typer.Typer(help="Look at sources, fetch them, map your own files and check them.", no_args_is_help=True)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="recs2009, recs2015, recs2020 or pums.")],
    state: Annotated[str | None, typer.Option(help="Postal code of the state, for pums.")] = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Download an official file, or say where it already lies; a broken download is taken up where it stopped."""
    from case_heating.data.fetch import find_or_fetch
    from case_heating.data.sources import download_folder
    from case_heating.workspace import open_workspace

    settings = Settings.from_env(workspace=workspace, data_dir=data_dir)
    open_workspace(settings.workspace)
    with progress_bar(quiet=json) as tell:
        path = find_or_fetch(
            name,  # type: ignore[arg-type]  # find_or_fetch refuses unknown names and lists those there are
            data_dir=settings.data_dir,
            cache=download_folder(settings),
            state=state,
            progress=lambda done, total: tell(f"downloading {name}", done / total if total else 0.0),
        )
    if json:
        print_json({"name": name, "path": str(path), "bytes": path.stat().st_size})
    else:
        source = f"{name}:{state}" if state else name
        OUT.print(f"{escape(str(path))}: run it with [bold]heating run --source {source}[/]", soft_wrap=True)


@app.command("map")
def draft(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV, Parquet or Excel files of yours; headings in en, de, fr, es, it or nl."),
    ],
    output: Annotated[Path, typer.Option(help="Where to write the draft.")] = Path("mapping.toml"),
    write_over: Annotated[bool, typer.Option("--replace", help="Write over a mapping that is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Draft a mapping by looking at your files; what is only suspected is marked and waits for your word."""
    from case_heating.data.draft_mapping import draft_mapping
    from case_heating.data.files import some_names
    from case_heating.workspace import plain_words, write_text

    if output.exists() and not write_over:
        raise SourceError(f"{output} is already there; give another --output, or --replace to write over it")
    if output.is_dir() or not output.parent.is_dir():
        wrong = f"{output} is a folder" if output.is_dir() else f"there is no folder {output.parent}"
        raise SourceError(f"{wrong}; name a file in a folder that is there with --output")
    drafted = draft_mapping(files)
    with plain_words(output, "--output"):
        write_text(output, drafted.to_toml(output.parent))
    if json:
        print_json(
            {
                "mapping": str(output),
                "tables": [
                    {
                        "table": block.table,
                        "file": str(block.file),
                        "understood": {
                            p.target: {"column": p.source, "confidence": p.confidence, "reason": p.reason}
                            for p in block.proposals
                        },
                        "needed": list(block.needed),
                    }
                    for block in drafted.blocks
                ],
                "not_understood": {str(file): columns for file, columns in drafted.not_understood.items()},
            }
        )
        return
    for block in drafted.blocks:
        OUT.print(f"\n[italic]{block.table} from {escape(str(block.file))}[/]", soft_wrap=True)
        headings = ("canonical column", "your column", "how sure", "why")
        table = FittedTable(*headings, words=headings)
        for proposal in block.proposals:
            table.add_row(proposal.target, proposal.source, proposal.confidence, proposal.reason)
        for name in block.needed:
            table.add_row(Text(name, style="red"), "", "needed", "nothing was found for it: fill it in")
        OUT.print(table)
    for title, sample in drafted.samples.items():
        _print_rows(f"Rows as they would be: {title}", _upright(sample))
    if not any(proposal.target == "heating_fuel" for block in drafted.blocks for proposal in block.proposals):
        OUT.print(
            "No column that tells what a home heats with was found; without such labels nothing can be trained. "
            "If a file has it, under any name, map it to labels.heating_fuel",
            soft_wrap=True,
        )
    told = {block.file for block in drafted.blocks}
    for file, columns in drafted.not_understood.items():
        if file not in told:
            OUT.print(
                f"Nothing was understood of {escape(str(file))} (it has {escape(some_names(columns, 12))}); the draft "
                "has tables as comments for you to fill in",
                soft_wrap=True,
            )
        elif columns:
            OUT.print(
                f"Not understood in {escape(str(file))}: {escape(some_names(columns, 12))}; the draft tells what "
                "stands in them",
                soft_wrap=True,
            )
    OUT.print(
        f"\nWritten to [bold]{escape(str(output))}[/]. Open it, answer what is marked, then:\n"
        f"[bold]heating data check {escape(str(output))}[/]",
        soft_wrap=True,
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A mapping.toml, or a Parquet or CSV file in canonical columns.")],
    table: Annotated[str | None, typer.Option(help="Which canonical table a single file holds.")] = None,
    quarantine: Annotated[Path | None, typer.Option(help="Folder to write refused rows to.")] = None,
    json: JsonOption = False,
) -> None:
    """Check files without training anything; ends with 1 if any row would be refused."""
    from dataclasses import asdict

    from case_heating.data.validate import check_tables
    from case_heating.features.readiness import what_a_run_lacks
    from case_heating.workspace import plain_words, write_tables

    settings = Settings.from_env()
    raw, complete, read_notes = _tables_to_check(file, table)
    with progress_bar(quiet=json) as tell:
        trusted = check_tables(raw, as_of=settings.as_of, today=settings.today, complete=complete, progress=tell)
    if quarantine is not None:
        with plain_words(quarantine, "--quarantine"):
            write_tables(trusted.quarantine, quarantine)
    notes = [*read_notes, *trusted.notes]
    if complete and "homes" in trusted.tables:
        least = settings.min_labelled_homes
        notes += what_a_run_lacks(trusted.tables, as_of=trusted.as_of, min_labels=least)
    if json:
        faults = [asdict(fault) for fault in trusted.faults]
        print_json({"counts": trusted.counts.to_dict(orient="index"), "faults": faults, "notes": notes})
    else:
        _print_rows(f"{file}, as of {trusted.as_of}", trusted.counts.reset_index())
        for fault in trusted.faults:
            where = "would go to quarantine" if quarantine is None else f"{quarantine / fault.table}.parquet"
            OUT.print(f"[yellow]·[/] {escape(fault.what)}; {escape(where)}", soft_wrap=True)
        for note in notes:
            OUT.print(f"  {escape(note)}", soft_wrap=True)
    if trusted.faults:
        raise typer.Exit(THE_ANSWER_IS_NO)


@app.command("simulate")
def make_utility(
    homes: Annotated[int, typer.Option(min=1, max=1_000_000, help="Premises.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    population: Annotated[
        Literal["territory", "nation"], typer.Option(help="The utility's own homes, or the nation's mix.")
    ] = "territory",
    output: Annotated[Path | None, typer.Option(help="Folder to write the raw tables to, as Parquet.")] = None,
    compare: Annotated[
        bool,
        typer.Option("--check", help="Set simulated facts beside published ones, and test on real RECS 2015 homes."),
    ] = False,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Make the embedded utility's files, or measure how real they are."""
    from case_heating.data.simulate import simulate
    from case_heating.workspace import plain_words, whole_folder, write_tables

    if output is None and not compare:
        raise SourceError("say where to write the tables with --output FOLDER, or measure them with --check")
    if output is not None and output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise SourceError(f"{output} is not an empty folder; give a new one with --output")
    result: dict[str, Any] = {}
    if output is not None:
        with progress_bar(quiet=json) as tell:
            made = simulate(homes=homes, seed=seed, population=population, progress=tell)
        with plain_words(output, "--output"), whole_folder(output) as draft:
            write_tables(made.tables, draft)
        result["rows"] = {name: len(frame) for name, frame in made.tables.items()}
        if not json:
            told = ", ".join(f"{n:,} {name}" for name, n in result["rows"].items())
            OUT.print(f"{escape(str(output))}: {told}", soft_wrap=True)
    if compare:
        result |= _compare_with_reality(homes, Settings.from_env(data_dir=data_dir, seed=seed), quiet=json)
    if json:
        print_json(result)
    if compare and not result["close_enough"]:
        raise typer.Exit(THE_ANSWER_IS_NO)


def _compare_with_reality(homes: int, settings: Settings, *, quiet: bool) -> dict[str, Any]:
    """Set the nation's simulated homes beside published facts, and let a model trained on them meet real ones."""
    from case_heating import journey
    from case_heating.data.reality import facts
    from case_heating.data.simulate import simulate
    from case_heating.data.sources import find_source
    from case_heating.edges import show

    learned_from = replace(settings, source="nation", simulated_homes=homes, stage="property")
    find_source(replace(settings, source="recs2015"))  # not there: said before minutes are spent on simulating
    with progress_bar(quiet=quiet) as tell:
        made = simulate(homes=homes, seed=settings.seed, population="nation", progress=tell)
        beside = facts(made.tables, made.truth)
        met = journey.transfer(learned_from, replace(settings, source="recs2015"), tell)
    auc = met[-1].elsewhere.model["auc"].value
    if not quiet:
        OUT.print(show.facts_in_words(beside))
        OUT.print(show.transfer_in_words(met, "simulated homes of the nation", "recs2015"))
        OUT.print(f"AUC on real homes {auc:.3f}; close enough is {REAL_AUC_AT_LEAST} or more")
    return {
        "facts": beside.to_dict(orient="records"),
        "stages": show.transfer_in_numbers(met),
        "auc_on_real_homes": auc,
        "close_enough": auc >= REAL_AUC_AT_LEAST,
    }


def _tables_to_check(file: Path, table: str | None) -> tuple[dict[str, Any], bool, tuple[str, ...]]:
    """Read what is to be checked; say whether it should be a whole utility or is one table, and how it was read."""
    from case_heating.data.files import read_frame
    from case_heating.data.read_mapping import did_you_mean
    from case_heating.data.sources import read_own_files
    from case_heating.schema import TABLES

    if file.suffix == ".toml":
        gathered = read_own_files(file)
        return gathered.tables, True, gathered.notes
    name = table or file.name.split(".")[0]
    if table is not None and table not in TABLES:
        raise SourceError(f"there is no table {table!r}{did_you_mean(table, TABLES)}; there are {', '.join(TABLES)}")
    if name not in TABLES:
        raise SourceError(
            f"{file}: say which table it holds with --table; there are {', '.join(TABLES)}. A file with column "
            "names of your own needs a mapping: 'heating data map FILE' drafts one"
        )
    return {name: read_frame(file)}, False, ()


def _upright(rows: Any) -> Any:
    """Turn rows into columns: a few rows of many columns fit a terminal only upright."""
    upright = rows.T.reset_index()
    return upright.set_axis(["canonical column", *(f"row {number + 1}" for number in range(len(rows)))], axis="columns")


def _print_rows(title: str, rows: Any) -> None:
    from pandas.api.types import is_numeric_dtype

    OUT.print(f"\n[italic]{escape(title)}[/]", soft_wrap=True)
    headings = [str(name).replace("_", " ") for name in rows.columns]
    figures = [is_numeric_dtype(dtype) for dtype in rows.dtypes]
    words = [heading for heading, is_figure in zip(headings, figures, strict=True) if not is_figure]
    table = FittedTable(*headings, words=words)
    for row in rows.itertuples(index=False):
        table.add_row(*(_in_a_cell(value) for value in row))
    OUT.print(table)


def _in_a_cell(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
