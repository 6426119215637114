"""``heating forecast`` and ``heating cost HOME`` over a small utility: words, JSON, files, and errors in words."""

import json
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from case_heating import journey
from case_heating.data.simulate import simulate
from case_heating.edges import cli_cost, cli_forecast
from case_heating.edges.console import PlainSpokenGroup
from case_heating.edges.forecast_scenario import read_heat_pumps, read_tariff
from case_heating.errors import SourceError
from case_heating.features.build import build_features
from case_heating.workspace import Step, write_tables

AS_OF = date(2025, 1, 1)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    tables = simulate(homes=900, seed=2).tables
    features = build_features(tables, as_of=AS_OF)
    answers = pd.DataFrame({"probability_of_gas": 0.6, "seen": pd.Series(None, features.index, dtype="str")})
    made = tmp_path_factory.mktemp("made")
    write_tables(tables, made / "tables")  # one home's are read from there

    def step(value):
        return Step(made, "k", True, lambda _folder: value, value)

    return SimpleNamespace(
        source=SimpleNamespace(name="small", about="900 homes"),
        trusted=step(SimpleNamespace(tables=tables, as_of=AS_OF)),
        features=step(features),
        answers=step(answers),
        ladder=step(SimpleNamespace(rungs=(SimpleNamespace(stage="gas_bills"),))),
    )


@pytest.fixture
def heating(outcome, monkeypatch, tmp_path):
    monkeypatch.setattr(journey, "run", lambda _settings, _progress, **_options: outcome)
    app = typer.Typer(cls=PlainSpokenGroup)
    app.command()(cli_forecast.forecast)
    app.command()(cli_cost.cost)

    def run(*words):
        told = [*map(str, words), "--workspace", str(tmp_path / "ws")]
        return CliRunner(env={"COLUMNS": "120"}).invoke(app, told)

    return run


def test_the_portfolio_by_district_adds_up_and_is_written(heating, tmp_path):
    result = heating("forecast", "--by", "district", "--json", "--output", tmp_path / "out.csv")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert sum(row["cost_usd"] for row in told["rows"]) == pytest.approx(told["total"]["cost_usd"], abs=0.01)
    assert pd.read_csv(tmp_path / "out.csv")["n_homes"].sum() == told["total"]["n_homes"] == 900
    assert told["assumed"] == "normal winter, prices in force"


def test_a_severe_winter_dear_gas_and_heat_pumps_are_all_assumed(heating, tmp_path):
    normal = json.loads(heating("forecast", "--json").stdout)["total"]["cost_usd"]
    words = ("--winter", "severe", "--tariff", "gas:2025-01-01:+20%", "--plot", tmp_path / "fan.png")
    severe = heating("forecast", *words, "--json")
    assert severe.exit_code == 0, severe.output
    assert json.loads(severe.stdout)["total"]["cost_usd"] > 1.02 * normal
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")
    pumps = json.loads(heating("forecast", "--heat-pumps", "50%", "--json").stdout)
    plain = json.loads(heating("forecast", "--by", "fuel", "--json").stdout)["rows"]
    assert "prices in force, heat pumps in 50 % of gas-heated homes of" in pumps["assumed"]
    assert sum(row["usage_therm"] for row in pumps["rows"]) < sum(row["usage_therm"] for row in plain)


def test_one_home_by_month_in_words_and_numbers(heating, outcome):
    home = outcome.features.value.index[0]
    words = heating("forecast", home)
    assert words.exit_code == 0, words.output
    assert f"Home {home}:" in words.output
    assert "Jan 2025" in words.output
    told = json.loads(heating("forecast", home, "--json").stdout)
    assert len(told["rows"]) == 36
    both = sum(row["cost_usd"] for row in told["rows"] if row["fuel"] == "both")
    assert both == pytest.approx(told["total"]["cost_usd"], abs=0.02)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("h0000",), "the nearest ids are h0000"),
        (("--tariff", "gas:+20%"), "has 2 parts between colons"),
        (("--heat-pumps", "d999:10%"), "district 'd999' has 0 homes"),
        (("--heat-pump",), "--heat-pump is for one home"),
        (("--by", "street"), "--by street: homes are added up by month"),
        (("--plot", "fan.pdf"), "ends in .png or .svg"),
        (("--check", "--winter", "warm"), "a rolling check judges the forecast itself"),
    ],
)
def test_what_was_typed_wrong_is_told_in_words(heating, words, said):
    result = heating("forecast", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_a_survey_has_no_months(heating, outcome, monkeypatch):
    tables = {name: table for name, table in outcome.trusted.value.tables.items() if name != "weather"}
    survey = SimpleNamespace(**vars(outcome))
    survey.trusted = Step(outcome.trusted.folder, "survey", True, None, SimpleNamespace(tables=tables, as_of=AS_OF))
    monkeypatch.setattr(journey, "run", lambda _settings, _progress, **_options: survey)
    result = heating("forecast")
    assert result.exit_code == 2
    assert "`heating cost` says what a year costs" in " ".join(result.output.split())


def test_a_home_s_year_is_a_mixture_and_the_second_call_learns_nothing(heating, outcome, monkeypatch):
    home = outcome.features.value.index[0]
    first = heating("cost", home, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["heating_fuel_probability"]["gas"] == 0.6
    for bill in ("electricity", "gas", "total"):
        amounts = told["cost_usd_a_year"][bill]
        assert amounts["low"] <= amounts["middle"] <= amounts["high"]
    assert told["billed_usd_last_twelve_months"]["total"] > 0
    monkeypatch.setattr("case_heating.model.cost_keep.learn_cost", None)
    words = heating("cost", home)
    assert words.exit_code == 0, words.output
    assert "gas 60.0 of 100 and electricity 40.0 of 100" in " ".join(words.output.split())


def test_a_second_forecast_learns_nothing_and_says_the_same(heating, outcome, monkeypatch):
    first = heating("forecast", "--by", "district", "--json")
    assert first.exit_code == 0, first.output
    monkeypatch.setattr("case_heating.model.forecast_keep.learn_forecast", None)
    assert heating("forecast", "--by", "district", "--json").stdout == first.stdout
    home = outcome.features.value.index[0]
    assert heating("forecast", home).exit_code == 0


def test_an_unknown_home_is_told_the_nearest(heating, outcome):
    near = outcome.features.value.index[7]
    result = heating("cost", near + "x")
    assert result.exit_code == 2
    assert near in result.output


def test_tariffs_and_shares_as_typed():
    assert read_tariff("electricity:2026-01-01:-5.5%").unit_factor == pytest.approx(0.945)
    for wrong in ("gas:2026-01-01:20%", "gas:soon:+20%", "oil:2026-01-01:+20%", "gas:2026-01-01:-2"):
        with pytest.raises(SourceError):
            read_tariff(wrong)
    for wrong in ("0%", "101%", "10", ":10%", "d1:"):
        with pytest.raises(SourceError, match="above 0 and up to 100"):
            read_heat_pumps(wrong)
