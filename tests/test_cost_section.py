"""The section on cost: its amounts worked by hand, its charts drawn, and in words what could not be told."""

from datetime import date
from xml.etree import ElementTree

import pandas as pd
import pytest

from case_heating.model.cost_held_out import judge_cost
from case_heating.people import cost_words
from case_heating.people.cost_findings import CostFindings
from case_heating.people.cost_section import cost_figures, cost_plots, cost_shown
from case_heating.people.forecast_figures import ForecastFigures
from case_heating.people.plots import NARROW_IN, WIDE_IN, save_as
from case_heating.people.report_page import page_environment

MONTHS = [date(2026, month, 1) for month in range(1, 13)]
COST = [900.0, 800, 700, 500, 400, 400, 500, 500, 300, 500, 600, 900]  # January first of two equal ones; 7,000 in all


def made_judgement():
    held_out = pd.DataFrame(
        {
            "true_usd": [1000.0, 2000.0, 3000.0, 4000.0],
            "total_usd": [1100.0, 1900.0, 3300.0, 3000.0],
            "low_usd": [900.0, 1500.0, 3100.0, 2500.0],
            "high_usd": [1300.0, 2100.0, 3500.0, 4500.0],
            "gas_probability": 0.5,
            "fold": [0, 1, 0, 1],
        },
        index=["a", "b", "c", "d"],
    )
    for bill in ("electricity", "gas"):
        for name in ("true_", "", "low_", "high_"):
            held_out[f"{bill}_{name}usd"] = held_out["total_usd" if name == "" else f"{name}usd"] / 2
    homes = pd.DataFrame({"division": ["pacific"] * 4, "dwelling_type": ["mobile_home"] * 4}, index=list("abcd"))
    traits = pd.DataFrame({"income_band": ["under_20", "under_20", "100_and_over", "20_to_40"]}, index=list("abcd"))
    return judge_cost(held_out, homes, traits, min_group_homes=1)


def made_forecast() -> ForecastFigures:
    months = pd.DataFrame({"month": MONTHS, "cost_usd": COST})
    months = months.assign(cost_low_usd=0.9 * months["cost_usd"], cost_high_usd=1.1 * months["cost_usd"])
    home = pd.concat(months.assign(fuel=fuel) for fuel in ("electricity", "gas", "both"))
    steps = {"last year": 6500.0, "weather": -300.0, "prices": 700.0, "habits and the rest": 100.0, "next year": 7000.0}
    scenarios = pd.DataFrame({"name": ["Normal", "Severe"], "cost_usd": [7000.0, 7350.0]}).assign(
        cost_low_usd=6000.0, cost_high_usd=8000.0, difference_usd=[0.0, 350.0]
    )
    total = pd.Series({"n_homes": 2.0, "cost_usd": 7000.0, "cost_low_usd": 6300.0, "cost_high_usd": 7700.0})
    bridge = pd.DataFrame({"step": list(steps), "cost_usd": list(steps.values()), "about": "why"})
    return ForecastFigures(date(2026, 1, 1), months, total, bridge, "h$1$ <b>", home, scenarios, n_billed=1)


@pytest.fixture(scope="module")
def found() -> CostFindings:
    return CostFindings("property", made_judgement(), made_forecast())


def test_every_chart_says_its_finding(found):
    titles = {plot.name: plot.title for plot in cost_plots(found)}
    assert titles["forecast_fan"] == "The year ahead costs 7,000 USD, give or take 10.0 %"
    # 7,000 less 6,500 is 500, of 6,500
    assert titles["forecast_bridge"] == ("500 USD more than last year (7.7 %); what moves it most: prices (+700 USD)")
    assert (
        titles["forecast_home"]
        == "Home h$1$ <b>: 7,000 USD in the year ahead; the dearest month is January with 900 USD"
    )
    assert "100,000 USD and over, 0.0 of 100" in titles["cost_coverage"]  # only c lies outside its interval


def test_charts_are_drawn_at_both_widths_with_their_units(found):
    for plot in cost_plots(found):
        for width in (WIDE_IN, NARROW_IN):
            svg = plot.inline(width)
            ElementTree.fromstring(svg.replace("xlink:href", "href"))
            assert "USD" in svg or "%" in svg
            assert "<b>" not in svg
    bridge = next(plot for plot in cost_plots(found) if plot.name == "forecast_bridge").inline()
    assert "−300.00" in bridge
    assert "+700.00" in bridge
    assert "USD a year (the axis does not begin at zero)" in bridge


def test_the_same_figures_draw_the_same_bytes(found, tmp_path):
    first, second = (plots[1].svg() for plots in (cost_plots(found), cost_plots(found)))
    assert first == second
    save_as(cost_plots(found)[1], tmp_path / "fan.PNG")
    assert (tmp_path / "fan.PNG").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["fan.PNG"]


def test_what_the_page_shows(found):
    shown = cost_shown(found)
    said = " ".join(shown["said"])
    # errors of 100, 100, 300 and 1,000; quartiles of 1,000 to 4,000 are 1,750, 2,500 and 3,250
    assert "off by 375 USD on average" in said
    assert "Half of 4 homes pay 1,750 to 3,250 USD a year" in said
    assert [row[0] for row in shown["groups"]] == [
        "Household income: under 20,000 USD",
        "Household income: 20,000 to 40,000 USD",
        "Household income: 100,000 USD and over",
    ]
    assert shown["scenarios"][1] == ("Severe", "7,350 USD", "6,000 to 8,000 USD", "+350 USD", "+5.0 %")
    assert "January costs 3.0 times as much as September" in shown["see"]["fan"]
    assert "normal alone moves the total by −300 USD, prices by +700 USD" in shown["see"]["bridge"]


def test_figures_for_machines(found):
    told = cost_figures(found)
    assert told["held_out"]["mae_usd"] == 375
    assert told["held_out"]["coverage"] == 0.75
    assert [row["cost_usd"] for row in told["forecast"]["months"]] == COST
    assert told["not_told"] is None


def test_what_cannot_be_told_is_said_in_its_place():
    nothing = CostFindings("property", None, None, "no bill has a cost", "there is no table weather")
    assert cost_plots(nothing) == []
    assert cost_figures(nothing)["not_told"] == "no bill has a cost"
    assert cost_shown(nothing)["no_forecast"] == "there is no table weather"
    assert nothing.costs is None


def home_cost(fuel: dict[str, float], seen: str | None = None) -> cost_words.HomeCost:
    told = pd.Series({f"{bill}_{end}usd": 1000.0 for bill in cost_words.BILLS for end in ("", "low_", "high_")})
    return cost_words.HomeCost("h1", "property", False, fuel, seen, told, None)


def test_the_fuel_is_said_to_be_as_unsure_as_it_is():
    both = " ".join(cost_words.home_cost_in_words(home_cost({"gas": 0.62, "electricity": 0.38, "other": 0.0})))
    assert "gas 62.0 of 100 and electricity 38.0 of 100" in both
    assert "a mixture of both" in both
    seen = " ".join(cost_words.home_cost_in_words(home_cost({"gas": 0.0, "other": 1.0}, seen="other")))
    assert "Somebody has seen what it heats with: another fuel." in seen
    assert "mixture" not in seen


@pytest.mark.parametrize("there", [True, False])
def test_the_template_shows_what_there_is_and_names_what_there_is_not(found, there):
    shown = (
        found if there else CostFindings("property", None, None, "no bill has a <cost>", "there is no table weather")
    )
    template = page_environment().get_template("cost.html.j2")
    html = template.render(cost=cost_shown(shown), numbers={"cost": 8}, chart=lambda name: f"[{name}]")
    assert "8. What it costs" in html
    drawn = {
        name for name in ("cost_coverage", "forecast_fan", "forecast_bridge", "forecast_home") if f"[{name}]" in html
    }
    assert len(drawn) == (4 if there else 0)
    assert ("cannot be told here: no bill has a &lt;cost&gt;." in html) is not there
    assert ("No month can be forecast here: there is no table weather." in html) is not there
