"""Turn results into what a terminal shows and what ``--json`` prints."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.rule import Rule
from rich.text import Text

from case_heating.edges.doctor import Finding
from case_heating.edges.fitted_table import FittedTable
from case_heating.features.stages import STAGES
from case_heating.journey import Outcome
from case_heating.model.ladder import Ladder
from case_heating.model.quality import Figure
from case_heating.model.transfer import Transferred
from case_heating.people.sentences import homes_asked, worse_in_new_region
from case_heating.people.words import STAGE_NAMES, stage_name

_STATE_MARK = {
    "found": Text("found", style="green"),
    "optional": Text("not here", style="yellow"),
    "missing": Text("missing", style="red"),
}


def outcome_in_numbers(outcome: Outcome) -> dict[str, Any]:
    """Give the report's main figures, and which steps were reused."""
    summary = json.loads((outcome.report.folder / "summary.json").read_text(encoding="utf-8"))
    reused = {name: step.reused for name, step in outcome.steps.items()}
    return summary | {"report": str(outcome.report.folder / "report.html"), "reused": reused}


def outcome_in_words(outcome: Outcome) -> RenderableType:
    """Say what came in, the ladder, how the answers fell, and where the report lies."""
    trusted, asked = outcome.trusted.value, homes_asked(outcome.answers.value)
    counts = trusted.counts
    refused = int(counts["quarantined"].sum())
    quarantined = f"{refused:,} of them are in quarantine with their reasons" if refused else "none had to be refused"
    lines = [
        f"[bold]{escape(outcome.source.about)}[/], as of {trusted.as_of}",
        f"{int(counts['rows_in'].sum()):,} rows in {len(counts)} tables; {quarantined}",
    ]
    lines += [f"  [yellow]·[/] {escape(fault.in_words())}" for fault in trusted.faults[:4]]
    if len(trusted.faults) > 4:
        lines.append(f"  [yellow]·[/] and {len(trusted.faults) - 4} more kinds of fault; the report tells all")
    gas = int((asked["heating_fuel"] == "gas").sum())
    sure = (asked["confidence"] >= 0.9).mean()
    answered = (
        f"Of {len(asked):,} homes {gas:,} are answered gas and {len(asked) - gas:,} electricity; of {sure:.0%} the "
        "model is at least nine tenths sure. Homes seen to heat otherwise are not among them; of homes whose fuel was "
        "seen (column seen) the model has learned, so their answers look better than others would."
    )
    told = [Text.from_markup("\n".join(lines)), Text(), ladder_in_words(outcome.ladder.value), Text(answered)]
    if worse := worse_in_new_region(outcome.ladder.value):
        told.append(Text(worse, style="yellow"))
    reused = [name for name, step in outcome.steps.items() if step.reused]
    if reused:
        told.append(Text(f"Reused from an earlier run, because nothing they depend on changed: {', '.join(reused)}."))
    return Group(Rule("Gas or electric?", style="cyan"), *told)


def places_in_words(outcome: Outcome) -> str:
    """Say where the report and all else lies, a line each; print it unwrapped, so that a path can be copied."""
    report, trusted = outcome.report.folder, outcome.trusted.folder
    places = {
        "report": report / "report.html",
        "plots": report / "plots",
        "answers": outcome.answers.folder / "answers.csv",
        "data docs": trusted / "data_docs" / "index.html",
    }
    if any((trusted / "quarantine").iterdir()):
        places["quarantine"] = trusted / "quarantine"
    return "\n".join(f"{name:<10}  [bold]{escape(str(path))}[/]" for name, path in places.items())


def ladder_in_words(ladder: Ladder) -> RenderableType:
    """Lay out the ladder as a table: accuracy by stage in per cent, the naive answer and harder tests beside it.

    Columns that would be empty, because a source has one region or one moment, are left out.
    """
    rungs = ladder.rungs
    columns = {
        "with this known": [STAGE_NAMES[rung.stage] for rung in rungs],
        "homes held out": [_with_margin(rung.by_home.model["accuracy"]) for rung in rungs],
        "naive": [_percent(rung.by_home.rival["accuracy"]) for rung in rungs],
        "gain": ["" if rung.step is None else _gain(rung.step) for rung in rungs],
        "new region": [_percent(rung.by_region.model["accuracy"]) if rung.by_region else "" for rung in rungs],
        "naive there": [_percent(rung.by_region.rival["accuracy"]) if rung.by_region else "" for rung in rungs],
        "later labels": [_percent(rung.by_time.model["accuracy"]) if rung.by_time else "" for rung in rungs],
    }
    filled = {name: cells for name, cells in columns.items() if any(cells)}
    table = FittedTable(*filled, title="Right in so many of 100 homes, as data come in")
    for row in zip(*filled.values(), strict=True):
        table.add_row(*row)
    words = [Text("± half the 95 % interval   ? a gain that chance alone could explain", style="dim")]
    if ladder.not_reached:
        missing = "; ".join(f"{stage_name(stage)} ({STAGES[stage]})" for stage in ladder.not_reached)
        words.append(Text(f"Not reached: {missing}."))
    return Group(table, *words)


def transfer_in_numbers(met: Iterable[Transferred]) -> list[dict[str, Any]]:
    """Give each stage's figures on the other source."""
    return [
        {"stage": one.stage, "n_features": one.n_features, "n_homes": one.elsewhere.model.n_homes}
        | {name: figure.value for name, figure in one.elsewhere.model.figures.items()}
        | {"naive_accuracy": one.elsewhere.rival["accuracy"].value}
        for one in met
    ]


def transfer_in_words(met: list[Transferred], source: str, test: str) -> RenderableType:
    """Lay out how a model trained on one source does on another."""
    title = f"Trained on {source}, tested on {test}: right in so many of 100 homes"
    table = FittedTable("with this known", "features", "accuracy", "naive", "AUC", "Brier", title=title)
    for one in met:
        quality = one.elsewhere.model
        table.add_row(
            STAGE_NAMES[one.stage],
            str(one.n_features),
            _with_margin(quality["accuracy"]),
            _percent(one.elsewhere.rival["accuracy"]),
            f"{quality['auc'].value:.3f}",
            f"{quality['brier'].value:.3f}",
        )
    return table


def findings_in_words(findings: Iterable[Finding]) -> RenderableType:
    """Lay out what the doctor found."""
    headings = ("what", "state", "detail", "what to do")
    table = FittedTable(*headings, words=headings)
    for finding in findings:
        table.add_row(finding.what, _STATE_MARK[finding.state], finding.detail, finding.remedy)
    return table


def facts_in_words(beside: pd.DataFrame) -> RenderableType:
    """Lay simulated facts beside published ones; each fact and its source head their groups of homes."""
    title = "Simulated homes beside published facts"
    table = FittedTable("of which homes", "simulated", "published", "difference", "homes", title=title)
    for (fact, source), own in beside.groupby(["fact", "source"], sort=False):
        table.add_line("")
        table.add_line(str(fact), style="bold")
        table.add_line(str(source), style="dim")
        for row in own.itertuples(index=False):
            figures = (f"{value:,.0f}" if row.published >= 10 else f"{value:.3f}" for value in row[2:5])
            table.add_row(str(row.group).replace("_", " "), *figures, f"{row.homes:,}")
    return table


def bench_in_words(result: Mapping[str, Any]) -> RenderableType:
    """Lay out a benchmark: one row per figure."""
    table = FittedTable("figure", "measured", words=("figure", "measured"))
    for name, value in result.items():
        table.add_row(name.replace("_", " "), f"{value:,.4g}" if isinstance(value, float) else str(value))
    return table


def _percent(figure: Figure) -> str:
    return f"{100 * figure.value:.1f}"


def _with_margin(figure: Figure) -> str:
    return f"{100 * figure.value:.1f} ±{50 * (figure.high - figure.low):.1f}"


def _gain(step: Figure) -> str:
    return f"{100 * step.value:+.1f}{'' if step.is_above_zero else ' ?'}"
