"""``heating fairness``: for whom is the model wrong, what the gaps go with, and what a remedy would cost."""

from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from case_heating.edges.console import OUT, THE_ANSWER_IS_NO, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import (
    DataDirOption,
    HomesOfLastRunOption,
    SeedOption,
    SourceOption,
    StageOption,
    WorkspaceOption,
)
from case_heating.settings import Settings

_SHOWN = ("groups", "causes", "proxies", "without", "remedies")


def fairness(
    source: SourceOption = None,
    stage: StageOption = None,
    homes: HomesOfLastRunOption = None,
    review_below: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=1.0,
            help="Homes of which the machine is less sure than this go to people; by the prices of review_costs.toml "
            "if not given.",
        ),
    ] = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Judge the model by group, look for causes, try remedies, and write a model card.

    Ends with 1 unless fairness is passed: what cannot be judged is not passed.
    """
    from case_heating.edges.main_job import run_main_job
    from case_heating.fairness_steps import CARD_HTML, CARD_PDF, take_study
    from case_heating.kept import Opened
    from case_heating.people.fairness_section import fairness_section

    settings = Settings.from_env(
        source=source, stage=stage, simulated_homes=homes, seed=seed, workspace=workspace, data_dir=data_dir
    )
    below = None if review_below is None else (review_below, review_below)
    with progress_bar(quiet=json) as progress:
        opened = Opened.of(run_main_job(settings, progress), settings)
        kept = take_study(opened, review_below=below, progress=progress)
    study, path = kept.study, kept.folder / CARD_HTML
    if json:
        no_cost_error = kept.no_cost or None
        told = {"stage": study.stage, "cost_error_not_measured": no_cost_error, "model_card": str(path)}
        print_json(study_in_numbers(study) | told)
    else:
        OUT.print(section_in_words(fairness_section(study)))
        if kept.no_cost:
            OUT.print(f"The cost error of groups was not measured: {escape(kept.no_cost)}.", soft_wrap=True)
        OUT.print(f"\nmodel card  [bold]{escape(str(path))}[/] and {CARD_PDF} beside it", soft_wrap=True)
    if study.verdict.passed is not True:
        raise typer.Exit(THE_ANSWER_IS_NO)


def study_in_numbers(study: Any) -> dict[str, Any]:
    """Give a ``FairnessStudy`` for machines; shares lie between 0 and 1, what is not known is null."""
    fairness = study.fairness
    return {
        "passed": study.verdict.passed,
        "reasons": list(study.verdict.reasons),
        "figures": _records(fairness.figures),
        "differences": _records(fairness.differences.reset_index()),
        "comparisons": fairness.n_comparisons,
        "not_shown": {trait: list(groups) for trait, groups in fairness.too_small.items()},
        "not_told_homes": fairness.untold,
        "not_looked_at": fairness.absent,
        "gaps": _records(study.gaps),
        "proxies": _records(study.told),
        "without": _records(study.without.reset_index()),
        "focus": None if study.focus is None else {"trait": study.focus.trait, "group": study.focus.group},
        "remedies": _records(study.remedies.reset_index()),
        "decision": None
        if study.decision is None
        else {"remedy": study.decision.remedy, "reasons": list(study.decision.reasons)},
    }


def section_in_words(section: Any) -> RenderableType:
    """Lay out a ``FairnessSection`` for a terminal."""
    told: list[RenderableType] = [Text(section.headline, style="bold")]
    told += [Text(f"  · {reason}") for reason in section.reasons]
    for name in _SHOWN:
        if name in section.tables:
            told += [Text(), _table(section.tables[name])]
        told += [Text(sentence) for sentence in section.sentences.get(name, ())]
    told += [Text(sentence) for name in ("review", "left_out") for sentence in section.sentences[name]]
    return Group(*told)


def _table(shown: Any) -> FittedTable:
    """Lay a ``ShownTable`` out; what its rows share, a trait or a comparison, heads them and is said once."""
    names = [row[0] for row in shown.rows]
    by_trait, repeats = all(": " in name for name in names), len(set(names)) < len(names)
    headings = shown.headings[1:] if repeats else shown.headings
    columns = list(zip(*shown.rows, strict=True))[-len(headings) :]
    words = [
        heading
        for number, heading in enumerate(headings)
        if number == 0 or not any(any(map(str.isdigit, cell)) for cell in columns[number])
    ]
    note = "The 95 % intervals stand in the model card, and here in a wider terminal."
    table = FittedTable(*headings, title=shown.title, words=words, short_note=note)
    last = ""
    for name, *cells in shown.rows:
        head, _, group = name.partition(": ") if by_trait else (name if repeats else "", "", name)
        if head != last:
            table.add_line(head, style="bold")
        last = head
        table.add_row(*([] if repeats else [group]), *map(_with_short_form, cells))
    return table


def _with_short_form(cell: str) -> str | tuple[str, str]:
    """Give a figure with its interval also without it."""
    figure, bracket, _ = cell.partition(" (")
    return (cell, figure) if bracket and cell.endswith(")") else cell


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")
