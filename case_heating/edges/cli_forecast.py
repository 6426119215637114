"""``heating forecast``: the year ahead of the portfolio or of one home, under other winters, prices and heating."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from case_heating.edges.cli_cost import unknown_home
from case_heating.edges.console import OUT, JsonOption, print_json, progress_bar
from case_heating.edges.fitted_table import FittedTable
from case_heating.edges.options import DataDirOption, HomesOfLastRunOption, SeedOption, SourceOption, WorkspaceOption
from case_heating.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

    from case_heating.journey import Outcome
    from case_heating.model.forecast import LearnedForecast, YearAhead
    from case_heating.model.scenarios import Scenario
    from case_heating.people.plots import Plot

KEYS = ("month", "district", "dwelling_type", "fuel")
Season = Literal["normal", "warm", "severe"]
_HEADINGS = {
    "n_homes": "homes",
    "usage_kwh": "kWh",
    "usage_therm": "therm",
    "cost_usd": "USD",
    "cost_low_usd": "90 % from, USD",
    "cost_high_usd": "to, USD",
}
_ALONE = "a rolling check judges the forecast itself: give --check without a home, a scenario, --plot or --output"


def forecast(
    home: Annotated[
        str | None, typer.Argument(help="The home's id, as in homes.home_id; without one the whole portfolio.")
    ] = None,
    winter: Annotated[Season, typer.Option(help="4 °F colder (severe) or warmer from November to March.")] = "normal",
    tariff: Annotated[
        list[str] | None,
        typer.Option(help="FUEL:FROM-DAY:CHANGE, as gas:2026-04-01:+20%, or a price, as gas:2026-04-01:1.35; repeat."),
    ] = None,
    heat_pumps: Annotated[
        list[str] | None,
        typer.Option(help="Share of gas-heated homes that change, as 10% or DISTRICT:30%; repeat.", metavar="SHARE"),
    ] = None,
    heat_pump: Annotated[bool, typer.Option("--heat-pump", help="The named home changes to a heat pump.")] = False,
    by: Annotated[
        list[str] | None,
        typer.Option(help="What to tell apart, month if not given; repeat to cross.", metavar="|".join(KEYS)),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it into this .png or .svg.", show_default=False)] = None,
    output: Annotated[Path | None, typer.Option(help="Write the table into this .csv.", show_default=False)] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Forecast on many days of the past and hold it against what was billed.")
    ] = False,
    source: SourceOption = None,
    homes: HomesOfLastRunOption = None,
    seed: SeedOption = None,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say what the next twelve months cost, with 90 % intervals that know that weather comes to all homes at once.

    For example [bold]heating forecast --winter severe --by district[/bold] or
    [bold]heating forecast h0000007 --heat-pump[/bold].
    """
    from case_heating.edges.forecast_scenario import read_heat_pumps, read_tariff
    from case_heating.edges.main_job import run_main_job, settings_of_last_run
    from case_heating.kept import Opened, take_forecast
    from case_heating.model.forecast import forecast as draw_year
    from case_heating.people.what_if import scenario_in_words

    changes = [read_tariff(text) for text in tariff or ()]
    shares = [read_heat_pumps(text) for text in heat_pumps or ()]
    _refuse_what_does_not_fit(home, shares, heat_pump=heat_pump, by=by, plot=plot)
    if check and (home or changes or shares or winter != "normal" or plot or output):
        raise SourceError(_ALONE)
    settings = settings_of_last_run(
        source=source, simulated_homes=homes, seed=seed, workspace=workspace, data_dir=data_dir
    )
    with progress_bar(quiet=json) as tell:
        outcome = run_main_job(settings, tell)
        if check:
            figures = _check(outcome, tell)
        else:
            if home is not None and home not in outcome.features.value.index:
                raise unknown_home(outcome.source.name, home, outcome.features.value.index)
            learned = take_forecast(Opened.of(outcome, settings), tell)
            scenario = _scenario(learned, winter, changes, shares, home if heat_pump else None)
            year = draw_year(learned, scenario)
    if check:
        _show_check(figures, json=json)
    elif home is None:
        _tell_portfolio(year, list(by or ["month"]), scenario_in_words(scenario), plot, output, json=json)
    else:
        _tell_home(year, home, scenario_in_words(scenario), plot, output, json=json)


def _refuse_what_does_not_fit(
    home: str | None, shares: list[Any], *, heat_pump: bool, by: list[str] | None, plot: Path | None
) -> None:
    if heat_pump and home is None:
        raise SourceError("--heat-pump is for one home: name it, or give a share of homes with --heat-pumps 10%")
    if shares and home is not None:
        raise SourceError("--heat-pumps takes a share of many homes; for one home give --heat-pump")
    if by and home is not None:
        raise SourceError("--by adds up many homes; a named home is always told by month and fuel")
    if plot is not None and plot.suffix.lower() not in (".png", ".svg"):
        raise SourceError(f"--plot {plot}: name a file that ends in .png or .svg")
    if unknown := [key for key in by or () if key not in KEYS]:
        raise SourceError(f"--by {unknown[0]}: homes are added up by {', '.join(KEYS)}")
    if plot is not None and by and list(by) != ["month"]:
        raise SourceError("--plot draws the months: leave --by out, or say --by month")


def _scenario(
    learned: "LearnedForecast",
    winter: str,
    changes: list[Any],
    shares: list[tuple[str | None, float]],
    home: str | None,
) -> "Scenario":
    from case_heating.model.forecast_weather import next_months
    from case_heating.model.scenarios import HeatPumps, Scenario
    from case_heating.people.what_if import WINTERS, heat_pumps_everywhere

    first = next_months(learned.as_of)[0]
    conversions: list[HeatPumps] = [HeatPumps(first, home_ids=(home,))] if home else []
    for district, share in shares:
        if district is None:
            conversions += heat_pumps_everywhere(learned, share, first)
        else:
            conversions.append(HeatPumps(first, district=district, share=share))
    return Scenario(WINTERS[winter], tuple(changes), tuple(conversions))


def _tell_portfolio(
    year: "YearAhead", by: list[str], assumed: str, plot: Path | None, output: Path | None, *, json: bool
) -> None:
    from case_heating.model.portfolio import roll_up
    from case_heating.people.cost_plots import fan_plot
    from case_heating.people.cost_words import million_usd, million_usd_span

    table, total = roll_up(year, by), roll_up(year, []).iloc[0]
    shown = table[[*by, *_HEADINGS]]
    said = (
        f"{total['n_homes']:,.0f} homes cost {million_usd(total['cost_usd'])} in the twelve months from "
        f"{year.months[0]:%B %Y}"
    )
    if plot is not None:
        _draw(fan_plot(table, f"{said}: {assumed}"), plot)
    if output is not None:
        _write(shown, output)
    if json:
        print_json(
            {
                "assumed": assumed,
                "from": year.months[0],
                "total": total[list(_HEADINGS)].round(2).to_dict(),
                "rows": _records(shown),
            }
        )
        return
    span = million_usd_span(total["cost_low_usd"], total["cost_high_usd"])
    OUT.print(f"[bold]{said}[/]; with 90 % certainty {span}.", soft_wrap=True, highlight=False)
    OUT.print(f"Assumed: {escape(assumed)}.", soft_wrap=True, highlight=False)
    _show(shown, by)
    _say_where(plot, output)


def _tell_home(
    year: "YearAhead", home: str, assumed: str, plot: Path | None, output: Path | None, *, json: bool
) -> None:
    from case_heating.model.forecast import home_months, home_years
    from case_heating.people.cost_plots import home_year_plot
    from case_heating.people.cost_words import usd, usd_span

    months, total = home_months(year, home), home_years(year).loc[home]
    said = f"Home {home}: {usd(total['cost_usd'])} in the twelve months from {year.months[0]:%B %Y}"
    if plot is not None:
        _draw(home_year_plot(months, f"{said}: {assumed}"), plot)
    if output is not None:
        _write(months, output)
    if json:
        figures = {name: round(float(total[name]), 2) for name in total.index if name != "standing"}
        told = {"home_id": home, "assumed": assumed, "standing": total["standing"], "from": year.months[0]}
        print_json(told | {"total": figures, "rows": _records(months)})
        return
    span = usd_span(total["cost_low_usd"], total["cost_high_usd"])
    OUT.print(f"[bold]{escape(said)}[/]; with 90 % certainty {span}.", soft_wrap=True, highlight=False)
    OUT.print(f"Assumed: {escape(assumed)}. Bills known: {total['standing']}.", soft_wrap=True, highlight=False)
    wide = months.pivot_table(index="month", columns="fuel", values="cost_usd", sort=False)
    both = months[months["fuel"] == "both"].set_index("month")
    shown = wide.reindex(columns=["electricity", "gas", "both"]).assign(
        low=both["cost_low_usd"], high=both["cost_high_usd"]
    )
    table = FittedTable("month", "electricity", "gas", "both", "90 % from", "to", title="USD a month")
    for month, row in shown.iterrows():
        table.add_row(f"{month:%b %Y}", *(f"{amount:,.0f}" for amount in row))
    OUT.print(table)
    _say_where(plot, output)


def _check(outcome: "Outcome", tell: Any) -> Any:
    from case_heating.model.forecast_check import measure_rolling_origins

    return measure_rolling_origins(outcome.trusted.value.tables, progress=tell)


def _show_check(figures: Any, *, json: bool) -> None:
    summary = figures.summary
    if json:
        known = {name: None if value != value else value for name, value in summary.items()}  # no normal year: no share
        print_json({"summary": known, "portfolio": _records(figures.portfolio)})
        return
    OUT.print(
        f"Forecast on {summary['n_origins']:.0f} days of the past, with only what was known then.\n"
        f"With the true weather the portfolio's twelve months were off by "
        f"{100 * summary['portfolio_mean_error_true_weather']:.1f} % on average and by "
        f"{100 * summary['portfolio_largest_error_true_weather']:.1f} % at most.\n"
        f"The 90 % interval held what came on {100 * summary['portfolio_coverage']:.0f} of 100 days, and in single "
        f"places {100 * summary['places_coverage']:.0f} of 100 times.",
        soft_wrap=True,
    )
    headings = ("day", "billed, USD", "with true weather, USD", "off by, %", "in its interval")
    table = FittedTable(*headings, title="Portfolio, by day of the forecast")
    for _, row in figures.portfolio.iterrows():
        table.add_row(
            str(row["origin"]),
            f"{row['billed_usd']:,.0f}",
            f"{row['true_weather_usd']:,.0f}",
            f"{100 * row['error_true_weather']:+.2f}".replace("-", "−"),
            "yes" if row["covered"] else "no",
        )
    OUT.print(table)


def _show(shown: "pd.DataFrame", by: list[str]) -> None:
    headings = [_HEADINGS.get(name, name.replace("_", " ")) for name in shown]
    table = FittedTable(*headings, words=headings[: len(by)])
    for _, row in shown.iterrows():
        table.add_row(*(_cell(row[name], key=name in by) for name in shown))
    OUT.print(table)


def _cell(value: Any, *, key: bool) -> str:
    if isinstance(value, date):
        return f"{value:%b %Y}"
    return str(value) if key else f"{value:,.0f}"


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    plain = frame.round(4).astype(object)
    return [{str(k): v for k, v in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")]


def _draw(plot: "Plot", file: Path) -> None:
    from case_heating.people.plots import save_as
    from case_heating.workspace import plain_words

    with plain_words(file, "--plot"):
        save_as(plot, file)


def _write(table: "pd.DataFrame", file: Path) -> None:
    from case_heating.workspace import plain_words, write_text

    with plain_words(file, "--output"):
        write_text(file, table.to_csv(index=False, float_format="%.2f"))


def _say_where(plot: Path | None, output: Path | None) -> None:
    for name, file in (("plot", plot), ("table", output)):
        if file is not None:
            OUT.print(f"{name:<6} [bold]{escape(str(file))}[/]", soft_wrap=True, highlight=False)
