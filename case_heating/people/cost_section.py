"""The report's section on cost: what a year costs, how far off that is told, for whom, and the year ahead."""

from typing import Any

import pandas as pd

from case_heating.model.cost_held_out import CostJudgement
from case_heating.people.cost_findings import CostFindings
from case_heating.people.cost_plots import bridge_plot, coverage_plot, fan_plot, home_year_plot
from case_heating.people.cost_words import million_usd, million_usd_span, usd, usd_span
from case_heating.people.counts import share_of
from case_heating.people.fairness_tables import group_name, trait_name
from case_heating.people.forecast_figures import ForecastFigures
from case_heating.people.plots import Plot
from case_heating.people.words import count, homes, of_100, percent
from case_heating.schema import SENSITIVE

COVERAGE_SEE = (
    "What to see: a dot left of the dashed line is a group whose costs lie outside their interval more often than "
    "promised; where the bar crosses the line, chance may explain it."
)


def cost_plots(found: CostFindings) -> list[Plot]:
    """Every chart for which there are figures."""
    drawn = []
    if found.judgement is not None and len(found.judgement.by_group):
        groups = _groups(found.judgement)
        drawn.append(coverage_plot(groups, list(groups["short_name"]), coverage_title(groups)))
    if found.forecast is not None:
        ahead = found.forecast
        drawn += [
            fan_plot(ahead.months, fan_title(ahead)),
            bridge_plot(ahead.bridge, bridge_title(ahead)),
            home_year_plot(ahead.home, home_title(ahead)),
        ]
    return drawn


def coverage_title(groups: pd.DataFrame) -> str:
    """Say the finding above the chart of coverage."""
    worst = groups.loc[groups["coverage"].idxmin()]
    return f"Least covered: {worst['name']}, {of_100(worst['coverage'])} true costs lie in their interval"


def fan_title(ahead: ForecastFigures) -> str:
    """Say the finding above the fan."""
    total = ahead.total
    margin = (total["cost_high_usd"] - total["cost_low_usd"]) / 2 / total["cost_usd"]
    return f"The year ahead costs {million_usd(total['cost_usd'])}, give or take {percent(margin)}"


def bridge_title(ahead: ForecastFigures) -> str:
    """Say the finding above the bridge: how much, and what moves it most."""
    usd_of = ahead.bridge.set_index("step")["cost_usd"]
    change = usd_of.iloc[-1] - usd_of.iloc[0]
    steps = usd_of.iloc[1:-1]
    most = steps.abs().idxmax()
    way = "more" if change >= 0 else "less"
    return (
        f"{million_usd(abs(change))} {way} than last year ({percent(abs(change) / usd_of.iloc[0])}); "
        f"what moves it most: {most} ({_signed_usd(steps[most])})"
    )


def home_title(ahead: ForecastFigures) -> str:
    """Say the finding above one home's year."""
    both = ahead.home[ahead.home["fuel"] == "both"].reset_index(drop=True)
    dearest = both.loc[both["cost_usd"].idxmax()]
    return (
        f"Home {ahead.home_id}: {usd(both['cost_usd'].sum())} in the year ahead; the dearest month is "
        f"{dearest['month']:%B} with {usd(dearest['cost_usd'])}"
    )


def cost_shown(found: CostFindings) -> dict[str, Any]:
    """Give the template what it shows."""
    judged, ahead = found.judgement, found.forecast
    return {
        "no_cost": found.no_cost,
        "no_forecast": found.no_forecast,
        "said": () if judged is None else _said(judged),
        "bills": () if judged is None else _bills(judged),
        "groups": () if judged is None else _group_rows(judged),
        "ahead": ahead is not None,
        "ahead_said": () if ahead is None else _ahead_said(ahead),
        "coverage_see": COVERAGE_SEE,
        "see": {} if ahead is None else _what_to_see(ahead),
        "bridge": () if ahead is None else _bridge_rows(ahead),
        "scenarios": () if ahead is None else _scenario_rows(ahead),
    }


def cost_figures(found: CostFindings) -> dict[str, Any]:
    """Give the main figures for machines; amounts in USD a year, shares between 0 and 1."""
    judged, ahead = found.judgement, found.forecast
    return {
        "stage": found.stage,
        "not_told": found.no_cost or None,
        "no_forecast": found.no_forecast or None,
        "held_out": None
        if judged is None
        else {
            "n_homes": len(judged.held_out),
            "mae_usd": judged.mae_usd,
            "naive_mae_usd": judged.naive_mae_usd,
            "coverage": judged.coverage,
            "mean_width_usd": judged.mean_width_usd,
            "by_bill": _records(judged.by_bill),
            "by_group": _records(judged.by_group),
        },
        "forecast": None
        if ahead is None
        else {
            "as_of": ahead.as_of.isoformat(),
            "n_homes": int(ahead.total["n_homes"]),
            "months": _records(ahead.months.assign(month=ahead.months["month"].map(str))),
            "bridge": _records(ahead.bridge[["step", "cost_usd"]]),
            "scenarios": _records(ahead.scenarios),
        },
    }


def _said(judged: CostJudgement) -> tuple[str, ...]:
    true = judged.held_out["true_usd"]
    low, middle, high = true.quantile([0.25, 0.5, 0.75])
    return (
        f"Half of {homes(len(true))} pay {usd_span(low, high)} a year for electricity and gas together; the one in the "
        f"middle pays {usd(middle)}.",
        f"Told of a home without any of its bills, a year's cost is off by {usd(judged.mae_usd)} on average; the "
        "naive answer, the mean of homes of the same kind in the same region, is off by "
        f"{usd(judged.naive_mae_usd)}. The 90 % interval holds the true cost of {of_100(judged.coverage)} homes and is "
        f"{usd(judged.mean_width_usd)} wide on average.",
        "Known of each home was all that this source has except its bills. Its heating fuel was not told, so that "
        "every amount is a mixture of what it would cost with gas and with electricity. To save time each home was "
        "judged by a model of one half of the homes; 'heating cost' learns from four fifths of them.",
    )


def _bills(judged: CostJudgement) -> list[tuple[str, ...]]:
    return [
        (
            row["bill"][:1].upper() + row["bill"][1:],
            usd(row["mae_usd"]),
            percent(row["coverage"]) if row["n_homes"] else "–",
            usd(row["mean_width_usd"]),
            count(row["n_homes"]),
        )
        for _, row in judged.by_bill[judged.by_bill["n_homes"] > 0].iterrows()
    ]


def _groups(judged: CostJudgement) -> pd.DataFrame:
    """Give groups with their names and the 95 % interval of their coverage."""
    order = {group: number for column in SENSITIVE.columns for number, group in enumerate(column.allowed)}
    groups = judged.by_group.assign(place=judged.by_group["group"].map(order))
    groups = groups.groupby("trait", sort=False, group_keys=False)[list(groups)].apply(
        lambda own: own.sort_values("place")
    )
    inside = (groups["coverage"] * groups["n_homes"]).round().astype(int)
    spans = [share_of(int(n_inside), int(n)) for n_inside, n in zip(inside, groups["n_homes"], strict=True)]
    names = [f"{trait_name(t)}: {group_name(g)}" for t, g in zip(groups["trait"], groups["group"], strict=True)]
    short = [name.partition(": ")[2] for name in names]
    short_names = [name[:1].upper() + name[1:] for name in short]
    return groups.assign(
        name=names, short_name=short_names, low=[span.low for span in spans], high=[span.high for span in spans]
    )


def _group_rows(judged: CostJudgement) -> list[tuple[str, ...]]:
    return [
        (
            row["name"],
            percent(row["coverage"]),
            f"{100 * row['low']:.1f}–{100 * row['high']:.1f} %",
            usd(row["mae_usd"]),
            count(row["n_homes"]),
        )
        for _, row in _groups(judged).iterrows()
    ]


def _ahead_said(ahead: ForecastFigures) -> tuple[str, ...]:
    total, months = ahead.total, ahead.months["month"]
    return (
        f"From {months.iloc[0]:%B %Y} to {months.iloc[-1]:%B %Y} the electricity and gas of "
        f"{homes(total['n_homes'])} cost {million_usd(total['cost_usd'])} if the weather is normal and the prices in "
        f"force stay. With 90 % certainty it is {million_usd_span(total['cost_low_usd'], total['cost_high_usd'])}.",
        "The interval knows that a cold winter comes to all homes of a place at once, which the sum of single homes' "
        "intervals would not. It does not speak of prices that nobody has announced. "
        f"{homes(ahead.n_billed)} have bills of nine months or more; the others are taken to be like homes near them.",
    )


def _what_to_see(ahead: ForecastFigures) -> dict[str, str]:
    """One sentence under each chart."""
    months, steps = ahead.months, ahead.bridge.set_index("step")["cost_usd"]
    high, low = (months.loc[pick(months["cost_usd"])] for pick in (pd.Series.idxmax, pd.Series.idxmin))
    width = months["cost_high_usd"] - months["cost_low_usd"]
    widest = months.loc[width.idxmax(), "month"]
    return {
        "fan": f"What to see: {high['month']:%B} costs {high['cost_usd'] / low['cost_usd']:.1f} times as much as "
        f"{low['month']:%B}, and the band is widest in {widest:%B}, when the weather decides most.",
        "bridge": f"What to see: each bar begins where the one above ends. The weather of last year was not normal; "
        f"going back to normal alone moves the total by {_signed_usd(steps['weather'])}, prices by "
        f"{_signed_usd(steps['prices'])}.",
        "home": "What to see: a single home's band is wide, because its habits change as well as the weather; "
        "of many homes together these changes cancel out.",
    }


def _bridge_rows(ahead: ForecastFigures) -> list[tuple[str, str, str]]:
    rows = ahead.bridge
    last = len(rows) - 1
    return [
        (
            row["step"][:1].upper() + row["step"][1:],
            row["about"],
            million_usd(row["cost_usd"]) if number in (0, last) else _signed_usd(row["cost_usd"]),
        )
        for number, (_, row) in enumerate(rows.iterrows())
    ]


def _scenario_rows(ahead: ForecastFigures) -> list[tuple[str, ...]]:
    base = ahead.scenarios["cost_usd"].iloc[0]
    return [
        (
            row["name"],
            million_usd(row["cost_usd"]),
            million_usd_span(row["cost_low_usd"], row["cost_high_usd"]),
            "–" if number == 0 else _signed_usd(row["difference_usd"]),
            "–" if number == 0 else f"{100 * row['difference_usd'] / base:+.1f} %".replace("-", "−"),
        )
        for number, (_, row) in enumerate(ahead.scenarios.iterrows())
    ]


def _signed_usd(amount: float) -> str:
    return f"{'+' if round(amount) > 0 else ''}{million_usd(amount)}"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return [{str(k): v for k, v in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")]
