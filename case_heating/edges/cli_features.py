"""``heating features``: what the model may know of a home, who answers for it, and what the stores hold."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from case_heating.edges.console import OUT, JsonOption, print_json
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import SourceOption, WorkspaceOption
from case_heating.features.stages import FEATURE, STAGES
from case_heating.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


app = typer.Typer(
    help="Features: their definitions, their values over time, and the store that serves them.", no_args_is_help=True
)

OnlineOption = Annotated[
    str | None,
    typer.Option(envvar="HEATING_ONLINE_URL", help="redis:// or sqlite:/// URL; store/online.sqlite in the workspace."),
]


@app.command("list")
def list_features(source: SourceOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List every feature with its stage, unit, sources, owner, freshness and how its values lie.

    Values are those of the feature store; where it is empty, those of the last [bold]heating run[/bold] on the source.
    """
    from case_heating.features.distributions import feature_figures, shares_stale

    settings = Settings.from_env(source=source, workspace=workspace)
    matrix, event_time, place = _held_features(settings)
    figures = feature_figures(matrix) if matrix is not None else None
    stale = shares_stale(event_time, at=event_time.max().date()) if event_time is not None else {}
    told = [
        {
            "name": name,
            "stage": feature.stage,
            "about": feature.about,
            "unit": feature.unit,
            "kind": feature.kind,
            "sources": list(feature.sources),
            "owner": feature.owner,
            "fresh_days": feature.fresh_days,
            "share_stale": stale.get(name),
            **({} if figures is None or name not in figures.index else _without_missing(figures.loc[name])),
        }
        for name, feature in FEATURE.items()
    ]
    if json:
        print_json({"homes": 0 if matrix is None else len(matrix), "values_from": place, "features": told})
    else:
        OUT.print(_features_in_words(told))
        OUT.print(f"\n{place}", soft_wrap=True)


@app.command()
def history(
    home: Annotated[str, typer.Argument(help="The home's name.")],
    feature: Annotated[list[str] | None, typer.Option(help="Show this feature; may be repeated.")] = None,
    last: Annotated[int, typer.Option(min=1, help="Versions to show, the last ones written.")] = 4,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show everything the feature store ever learned of a home: for which day, when it became known, and what.

    Without [bold]--feature[/bold] those that changed are shown.
    """
    from case_heating.arrivals import offline_store
    from case_heating.errors import HeatingError

    settings = Settings.from_env(workspace=workspace)
    if unknown := [name for name in feature or [] if name not in FEATURE]:
        raise HeatingError(f"there is no feature {', '.join(unknown)}; 'heating features list' names those there are")
    store = offline_store(settings)
    rows = store.history(home).tail(last).reset_index(drop=True)
    if rows.empty:
        raise HeatingError(f"{store.folder} knows no home {home!r}; names are written as in the homes table")
    shown = feature or [name for name in FEATURE if len(rows[name].unique()) > 1]
    if json:
        names = feature or list(FEATURE)
        print_json([_without_missing(row) for _, row in rows[["event_time", "known_at", "version", *names]].iterrows()])
    else:
        OUT.print(_history_in_words(home, rows, shown))


@app.command("materialise")
def bring_up_to_date(
    online: OnlineOption = None,
    afresh: Annotated[bool, typer.Option("--afresh", help="Bring everything, not only what is new.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the online store up to what the offline store knows; only rows that are new are looked at."""
    from dataclasses import asdict

    from case_heating.arrivals import offline_store, online_place
    from case_heating.features.online import materialise, open_online

    settings = Settings.from_env(workspace=workspace, online_url=online)
    with open_online(online_place(settings)) as opened:
        done = materialise(offline_store(settings), opened, written=datetime.now().astimezone(), afresh=afresh)
        homes = opened.count()
    if json:
        print_json(asdict(done) | {"homes": homes})
    else:
        OUT.print(
            f"{done.rows_written:,} rows brought{' afresh' if done.afresh else ''}, {done.rows_older:,} older than "
            f"those held; {homes:,} homes are served"
        )


def bench_store(
    homes: Annotated[int, typer.Option(min=1000, help="Made-up homes, each with five months.")] = 20_000,
    reads: Annotated[int, typer.Option(min=1000, help="Reads of one home.")] = 20_000,
    redis: Annotated[
        str | None, typer.Option(help="URL of an empty Redis; if not given one is started where it is installed.")
    ] = None,
    beyond_memory: Annotated[
        bool, typer.Option("--beyond-memory", help="Also ask a store ten times as large as the memory; takes a minute.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    json: JsonOption = False,
) -> None:
    """Ask the feature store, in quiet and while it is written to and trained from, against plain rivals."""
    from case_heating.edges import bench_store as benches

    told = benches.bench_store(homes, reads, seed, redis)
    if beyond_memory:
        told["beyond_memory"] = benches.bench_beyond_memory(seed=seed)
    if json:
        print_json(told)
    else:
        OUT.print(_bench_in_words(told))


def _bench_in_words(told: dict[str, Any]) -> Group:
    join = told["join"]
    lines: list[Any] = [
        f"{join['requests']:,} requests joined with {join['rows']:,} rows of {join['features']} features in "
        f"{join['seconds']:.3f} s ({join['cpu_seconds']:.3f} s of CPU), {join['ratio']:.1f} times "
        f"as fast as {join['rival_name']} "
        f"({join['rival_seconds']:.3f} s); the answers are {'the same' if join['same'] else 'NOT the same'}."
    ]
    table = FittedTable("", "p50", "p99", "limit of p99", title="\nOne home, in milliseconds")
    for kind in ("sqlite", "redis"):
        if kind in told:
            found = told[kind]
            rows = {
                "in quiet": found["quiet_ms"],
                "others write and train": found["under_load_ms"],
                "500 homes in one trip": found["many_ms"],
                found["rival_name"]: found["rival_ms"],
            }
            for name, figures in rows.items():
                limit = f"{found['limit_ms']}" if name in ("in quiet", "others write and train") else ""
                told_as = name if name == found["rival_name"] else f"{kind}, {name}"
                table.add_row(told_as, f"{figures['p50']:.3f}", f"{figures['p99']:.3f}", limit)
    lines.append(table)
    if "redis" not in told:
        lines.append("No Redis: redis-server is not installed; name one with --redis.")
    if "beyond_memory" in told:
        beyond = told["beyond_memory"]
        lines.append(
            f"With {beyond['memory_mb']} MB for {beyond['stored_mb']:,.0f} MB of Parquet ({beyond['rows']:,} rows): "
            f"{beyond['requests']:,} requests in {beyond['seconds_requests']:.1f} s, all homes' newest rows in "
            f"{beyond['seconds_all_homes_now']:.1f} s."
        )
    return Group(*lines)


def _held_features(settings: Settings) -> tuple["pd.DataFrame | None", "pd.Series | None", str]:
    """Features of the store or of the last run, the moments they speak for, and in words where they come from."""
    import pandas as pd

    from case_heating.arrivals import offline_store
    from case_heating.data.sources import find_source

    store = offline_store(settings)
    if (learned := store.learned_until()) is not None:
        rows = store.latest_rows(learned)
        return rows[list(FEATURE)], rows["event_time"], f"{len(rows):,} homes in {store.folder}, known by {learned}"
    made = settings.workspace / "3_features" / find_source(settings).name / "features.parquet"
    if made.exists():
        matrix = pd.read_parquet(made)
        return matrix, None, f"{len(matrix):,} homes of {made}; the feature store holds nothing yet"
    return None, None, "no values yet: 'heating run' makes some"


def _features_in_words(told: list[dict[str, Any]]) -> Group:
    """One row per feature by stage, then who answers for which."""
    values = "5 %, median, 95 %, or most common"
    table = FittedTable("feature", values, "missing", "fresh", title="Features", words=("feature", values))
    stage = ""
    owners: dict[str, list[str]] = {}
    for feature in told:
        if feature["stage"] != stage:
            stage = feature["stage"]
            table.add_line(f"{stage}: {STAGES[stage]}", style="bold")
        missing = "" if feature.get("share_missing") is None else f"{feature['share_missing']:.0%}"
        table.add_row(feature["name"], _values_in_words(feature), missing, f"{feature['fresh_days']} d")
        owners.setdefault(feature["owner"], []).append(feature["name"])
    answering = FittedTable("owner", "features", title="Who answers for them", words=("owner", "features"))
    for owner, names in owners.items():
        answering.add_row(owner, ", ".join(names))
    return Group(table, Text(), answering)


def _values_in_words(feature: dict[str, Any]) -> str:
    if feature.get("median") is not None:
        told = ", ".join(_short(feature[name], feature["unit"]) for name in ("p5", "median", "p95"))
        return f"{told} {feature['unit']}".rstrip()
    common = feature.get("most_common") or {}
    return ", ".join(f"{name} {share:.0%}" for name, share in common.items())


def _history_in_words(home: str, rows: "pd.DataFrame", names: list[str]) -> FittedTable:
    """One row per feature, one column per version."""
    days = (
        f"{row['event_time']:%Y-%m-%d}\n{row['known_at']:%Y-%m-%d}\n{row['version']:,}" for _, row in rows.iterrows()
    )
    table = FittedTable("for the day\nknown on\nversion", *days, title=f"What was known of {home}")
    for name in names:
        missing = rows[name].isna()
        told = ("" if missing[place] else _short(value, FEATURE[name].unit) for place, value in rows[name].items())
        table.add_row(name, *told)
    return table


def _short(value: Any, unit: str = "") -> str:
    if not isinstance(value, float):
        return str(value)
    if abs(value) < 1000 or unit == "year":
        return f"{value:.4g}"
    return f"{value:,.0f}"


def _without_missing(row: "pd.Series") -> dict[str, Any]:
    """Turn a row into what JSON has a form for: missing becomes null, moments become days."""
    import pandas as pd

    told: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, pd.Timestamp):
            told[str(name)] = date.isoformat(value.date())
        elif isinstance(value, dict):
            told[str(name)] = value
        else:
            told[str(name)] = None if pd.isna(value) else value
    return told
