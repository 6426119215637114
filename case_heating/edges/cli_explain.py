"""``heating explain``: why the machine says what it says, in a customer's words or with all numbers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from case_heating.edges.cli_cost import unknown_home
from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import DataDirOption, SourceOption, StageOption, WorkspaceOption
from case_heating.errors import SourceError
from case_heating.settings import Settings

if TYPE_CHECKING:
    from case_heating.journey import Outcome
    from case_heating.model.explain import Explainer, Explanation
    from case_heating.model.faithfulness import Faithfulness
    from case_heating.model.ladder import Rung
    from case_heating.one_home import HomeSaid
    from case_heating.people.home_answer import HomeWords

LanguageOption = Annotated[Literal["en", "es"], typer.Option(help="Language of the customer's sentences.")]
AudienceOption = Annotated[
    Literal["customer", "analyst"], typer.Option(help="Plain sentences, or every number behind them.")
]


_FIGURES = ("contribution", "effect")


def explain(
    home: Annotated[str | None, typer.Argument(help="The home's id, as in homes.home_id.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Explain every home; write a table with --output.")] = False,
    output: Annotated[Path | None, typer.Option(help="CSV file for --all.", show_default=False)] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Measure on held-out homes whether the reasons are the real ones.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Folder to write the home's waterfall.svg and .png to.", show_default=False)
    ] = None,
    source: SourceOption = None,
    stage: StageOption = None,
    language: LanguageOption = "en",
    audience: AudienceOption = "customer",
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say what a home heats with and why; or all homes' reasons in a table, or how true the reasons are.

    Where somebody has seen what the home heats with, that comes first, and beside it what the machine would have said.

    For example [bold]heating explain h0000007[/bold], [bold]heating explain --all --output reasons.csv[/bold] or
    [bold]heating explain --check[/bold].
    """
    from case_heating.edges.main_job import run_main_job, rung_of, settings_of_last_run

    if sum([home is not None, every, check]) != 1:
        raise SourceError("name one home, or give --all with --output FILE, or --check")
    if every and output is None:
        raise SourceError("say where to write the reasons of all homes with --output FILE.csv")
    if plot is not None and home is None:
        raise SourceError("--plot draws one home: name it, as in heating explain HOME --plot FOLDER")
    settings = settings_of_last_run(source=source, workspace=workspace, data_dir=data_dir)
    with progress_bar(quiet=json) as tell:
        outcome = run_main_job(settings, tell)
        rung = rung_of(outcome, stage)
        if check:
            measured = _measure(outcome, rung, settings)
        elif every and output is not None:
            written = _write_all(_explainer(outcome, rung, settings), outcome, output, language, tell)
        elif home is not None:
            said = _say(outcome, rung, settings, home, language)
    if check:
        _show_faithfulness(measured, outcome.source.name, rung.stage, json=json)
    elif home is None:
        _show_written(written, json=json)
    else:
        if plot is not None:
            _draw(said.explanation, plot)
        _show_one(said, language, audience, json=json)


def bench_explain(
    homes: Annotated[int, typer.Option(min=200, help="Made-up homes to explain.")] = 10_000,
    trees: Annotated[int, typer.Option(min=1, max=1000, help="Trees of 15 leaves their model has.")] = 200,
    source: Annotated[
        str | None, typer.Option(help="Explain this source's homes with its own model instead.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Explain homes in bulk, sentences included, against a loop of single-row pred_contrib calls."""
    from case_heating.edges import bench_explain as benches
    from case_heating.edges.main_job import run_main_job, rung_of, settings_of_last_run

    if source is None:
        result = benches.bench_explain(homes, trees, seed)
    else:
        settings = settings_of_last_run(source=source, workspace=workspace, data_dir=data_dir)
        with progress_bar(quiet=json) as tell:
            outcome = run_main_job(settings, tell)
        explainer = _explainer(outcome, rung_of(outcome, None), settings)
        result = benches.measure_pace(explainer, outcome.features.value)
    if json:
        print_json(result)
        return
    OUT.print(
        f"{result['homes']:,} homes explained in {result['seconds']:.1f} s: {result['homes_per_second']:,.0f} a second "
        f"on one core, {result['ms_one_home']:.1f} ms for one home alone, with {result['trees']} trees.\n"
        f"{result['ratio']:.1f} times the pace of {result['rival']} ({result['rival_homes_per_second']:,.0f} a second)."
    )


def _explainer(outcome: "Outcome", rung: "Rung", settings: Settings) -> "Explainer":
    from case_heating.kept import Opened, take_explainer

    return take_explainer(Opened.of(outcome, settings), rung.stage)


def _say(outcome: "Outcome", rung: "Rung", settings: Settings, home: str, language: str) -> "HomeSaid":
    from case_heating.kept import Opened, take_explainer
    from case_heating.one_home import say_of_home

    opened = Opened.of(outcome, settings)
    if home not in opened.features.value.index:
        raise unknown_home(opened.source, home, opened.features.value.index)
    return say_of_home(opened, take_explainer(opened, rung.stage), rung, home, language=language)


def _write_all(explainer: "Explainer", outcome: "Outcome", output: Path, language: str, tell: Any) -> dict[str, Any]:
    from case_heating.people.reasons import reasons_table
    from case_heating.workspace import plain_words, write_text

    features = outcome.features.value
    told = _counted(explainer.explain(features), len(features), tell)
    table = reasons_table(told, language)
    with plain_words(output, "--output"):
        write_text(output, table.to_csv(float_format="%.4f"))
    return {"homes": len(table), "output": str(output)}


def _counted(explanations: "Iterable[Explanation]", n_homes: int, tell: Any) -> "Iterator[Explanation]":
    for number, explanation in enumerate(explanations):
        if number % 500 == 0:
            tell("explaining", number / n_homes)
        yield explanation


def _measure(outcome: "Outcome", rung: "Rung", settings: Settings) -> "Faithfulness":
    from case_heating.features.build import select_stage
    from case_heating.journey import collect_evidence
    from case_heating.model.faithfulness import measure_faithfulness

    evidence = collect_evidence(outcome.trusted.value, outcome.features.value, settings)
    return measure_faithfulness(
        select_stage(evidence.features, rung.stage),
        evidence.is_gas,
        stage=rung.stage,
        n_trees=rung.model.booster.num_trees(),
        calibration=rung.model.calibration,
        seed=settings.seed,
    )


def _draw(explanation: "Explanation", folder: Path) -> None:
    from case_heating.people.waterfall import waterfall_plot
    from case_heating.workspace import plain_words

    with plain_words(folder, "--plot"):
        folder.mkdir(parents=True, exist_ok=True)
        waterfall_plot(explanation).save(folder)


def _show_one(said: "HomeSaid", language: str, audience: str, *, json: bool) -> None:
    from dataclasses import asdict

    from case_heating.people.reasons import contributions_table, in_numbers

    explanation, words = said.explanation, said.words
    seen = {"seen": said.seen and asdict(said.seen)}
    if json and audience == "analyst":
        print_json(in_numbers(explanation) | seen)
    elif json:
        told = {"home_id": explanation.home_id, "heating_fuel": explanation.fuel, "language": language}
        beside = {"seen_in_words": said.seen and words.answer, "how_sure": list(words.sure)}
        print_json(told | seen | beside | asdict(words.customer))
    elif audience == "analyst":
        _show_numbers(explanation, contributions_table(explanation))
        if said.seen is not None:
            OUT.print(escape(" ".join([words.answer, *words.sure])), soft_wrap=True, highlight=False)
    else:
        _show_words(words, seen=said.seen is not None)


def _show_words(words: "HomeWords", *, seen: bool) -> None:
    """Tell a home's answer: what was seen, then what the machine would have said, then the reasons for that."""
    OUT.print(f"[bold]{escape(words.answer)}[/]", soft_wrap=True, highlight=False)
    for line in words.sure:
        OUT.print(escape(line), soft_wrap=True, highlight=False)
    OUT.print(f"{escape(words.heading['why'])}:", soft_wrap=True, highlight=False)
    told = words.customer
    for reason in told.reasons:
        OUT.print(f"  · {escape(reason)}", soft_wrap=True, highlight=False)
    for line in (told.against, *(() if seen else (told.settled_by,)), told.other_answer):
        OUT.print(escape(line), soft_wrap=True, highlight=False)


def _show_numbers(explanation: "Explanation", numbers: Any) -> None:
    title = (
        f"{explanation.home_id}: {explanation.fuel}, probability of gas {explanation.probability_of_gas:.3f}, "
        f"score {explanation.score:+.4f}"
    )
    headings = ("group", "contribution", "effect", "named", "fact", "value")
    table = FittedTable(*headings, title=title, words=[name for name in headings if name not in _FIGURES])
    table.add_row("all homes", f"{explanation.bias:+.4f}", "", "", "", "")
    for group, row in numbers.iterrows():
        effect = "" if row["effect"] != row["effect"] else f"{row['effect']:+.4f}"
        told = (str(row["named"]), str(row["fact"]), _value_in_words(str(row["fact"]), str(row["value"])))
        table.add_row(str(group), f"{row['contribution']:+.4f}", effect, *told)
    table.add_row("sum", f"{explanation.bias + numbers['contribution'].sum():+.4f}", "", "", "", "")
    OUT.print(table)
    OUT.print("Log odds of gas, before calibration. Effect: fall of the score with other homes' facts.")


def _value_in_words(feature: str, value: str) -> str:
    """Round a number of the analyst's table and say its unit; JSON has all its digits."""
    from case_heating.features.stages import FEATURE

    try:
        return f"{float(value):,.4g} {FEATURE[feature].unit}".rstrip()
    except ValueError:
        return value


def _show_written(written: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(written)
    else:
        OUT.print(f"{escape(written['output'])}: the reasons of {written['homes']:,} homes", soft_wrap=True)


def _show_faithfulness(found: "Faithfulness", source: str, stage: str, *, json: bool) -> None:
    from dataclasses import asdict

    if json:
        print_json({"source": source, "stage": stage} | asdict(found))
        return
    from case_heating.people.words import stage_name

    table = FittedTable(
        "facts replaced by",
        "first moves it as stated",
        "first beats another",
        "top three beat three others",
        title=f"{source}, {stage_name(stage)}: {found.n_homes:,} held-out homes, %",
    )
    for meaning, moved in found.first_moves.items():
        beats = "not asked" if found.top_beats_others is None else f"{100 * found.top_beats_others[meaning]:.1f}"
        table.add_row(meaning, f"{100 * moved:.1f}", f"{100 * found.first_beats_another[meaning]:.1f}", beats)
    OUT.print(table)
    if found.top_beats_others is None:
        OUT.print(
            f"Not asked: this model has {found.n_groups} groups of facts; three named ones and three others to compare "
            "them with would be six."
        )
    OUT.print(f"Told the same when facts that are not used are swapped: {100 * found.same_without_unused:.1f} %")
