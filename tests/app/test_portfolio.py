"""The portfolio's page: figures are the core's, a link is a scenario and back, a survey has no months."""

import shutil
from datetime import date

import pandas as pd
import pytest

from case_heating.edges.app import portfolio_scenario
from case_heating.errors import NotEnoughDataError
from case_heating.kept import open_last, take_forecast
from case_heating.people.portfolio_figures import draw_figures, year_in_words
from case_heating.people.what_if import WhatIf
from case_heating.settings import Settings

TODAY = date(2026, 11, 2)
SEVERE = WhatIf("severe", gas_percent=20, from_month=date(2026, 4, 1))


@pytest.fixture(scope="module")
def core(small_workspace):
    """The usual year and the severe one, drawn without a page."""
    learned = take_forecast(open_last(Settings(today=TODAY, workspace=small_workspace)))
    return tuple(draw_figures(learned, what_if, min_homes=30) for what_if in (WhatIf(), SEVERE))


def test_the_usual_year_stands_first_and_is_the_cores(visit, small_workspace, core, words_of):
    at = visit("portfolio", small_workspace)
    usual, _ = core
    assert year_in_words(usual, usual) in words_of(at)
    assert "Against the usual year, USD: 0" in words_of(at)
    assert "600 homes heat with gas" in words_of(at)
    assert not at.query_params


def test_a_link_reproduces_a_scenario(visit, small_workspace, core, words_of):
    at = visit("portfolio", small_workspace, winter="severe", gas="20", **{"from": "2026-04"})
    usual, severe = core
    assert year_in_words(usual, severe) in words_of(at)
    assert at.slider(key="scenario_gas_percent").value == 20
    assert at.selectbox(key="scenario_from_month").value == date(2026, 4, 1)
    assert at.session_state["scenario_winter"] == "severe"
    assert not at.warning


def test_what_is_set_goes_into_the_link_and_is_undone(visit, small_workspace, words_of):
    at = visit("portfolio", small_workspace, source="embedded")
    at.slider(key="scenario_electricity_percent").set_value(-10).run()
    assert at.query_params["electricity"] == "-10"
    assert "With electricity 10 % cheaper" in words_of(at)
    at.slider(key="scenario_heat_pumps_percent").set_value(30).run()
    assert at.query_params["heatpumps"] == "30"
    next(button for button in at.button if button.label == "Back to the usual year").click().run()
    assert not at.exception
    assert dict(at.query_params) == {"source": "embedded"}
    assert "A normal winter at the prices in force" in words_of(at)


def test_what_a_link_cannot_mean_is_said(visit, small_workspace, words_of):
    at = visit("portfolio", small_workspace, winter="icy", gas="1000", **{"from": "1999-01"})
    assert "There is no winter icy; there are warm, normal, severe; it is taken as usual." in words_of(at)
    assert "Gas is 1000 %; it must lie between −50 and 100; it is taken as usual." in words_of(at)
    assert len(at.warning) == 3
    assert "A normal winter at the prices in force" in words_of(at)


def test_another_source_may_have_other_months(visit, small_workspace, own_copy, words_of):
    workspace = own_copy(small_workspace)
    for step in ("2_trusted", "3_features", "4_models", "5_answers"):
        shutil.copytree(workspace / step / "embedded", workspace / step / "earlier")
    checked = workspace / "2_trusted" / "earlier" / "checked.json"
    checked.write_text(checked.read_text().replace('"as_of": "2026-01-01"', '"as_of": "2025-07-01"'))
    at = visit("portfolio", workspace, gas="20", **{"from": "2026-11"})
    assert "from November 2026 on" in words_of(at)
    at.session_state["source"] = "earlier"
    at.run()
    assert not at.exception
    assert "2026-11 is no month of the year ahead, which runs from 2025-07 to 2026-06" in words_of(at)
    assert "With gas 20 % dearer, the year costs" in words_of(at)


def test_what_the_core_refuses_is_said_and_the_rest_is_drawn(visit, small_workspace, own_copy, monkeypatch, words_of):
    def refuse(*_args, **_more):
        raise NotEnoughDataError("tariffs: 1 of 2 pairs of fuel and place have no tariff; bring it")

    monkeypatch.setattr(portfolio_scenario, "draw_figures", refuse)
    at = visit("portfolio", own_copy(small_workspace))
    assert "Tariffs: 1 of 2 pairs of fuel and place have no tariff; bring it." in words_of(at)
    assert "600 homes heat with gas" in words_of(at)


def test_a_scenario_once_drawn_is_not_drawn_again(visit, small_workspace, own_copy, monkeypatch):
    drawn = []

    def draw(learned, what_if, *, min_homes):
        drawn.append(what_if.query())
        return draw_figures(learned, what_if, min_homes=min_homes)

    monkeypatch.setattr(portfolio_scenario, "draw_figures", draw)
    at = visit("portfolio", own_copy(small_workspace))
    for percent in (5, 6, 5):
        at.slider(key="scenario_gas_percent").set_value(percent).run()
    assert drawn == [{}, {"gas": "5"}, {"gas": "6"}]


def test_both_files_are_named_after_the_scenario(visit, small_workspace):
    at = visit("portfolio", small_workspace, gas="20")
    names = [one.proto.label for one in at.get("download_button")]
    assert names == ["Download CSV", "Download Excel"]


@pytest.mark.parametrize(
    ("told_by", "said"),
    [("district", "A schematic map: a tile is a district"), ("dwelling_type", "most in Detached house")],
)
def test_districts_and_dwelling_types(visit, small_workspace, words_of, told_by, said):
    at = visit("portfolio", small_workspace)
    at.session_state["told_by"] = told_by
    at.run()
    assert not at.exception
    assert said in words_of(at)
    table = at.dataframe[0].value
    assert table["n_homes"].sum() == 600
    assert table["n_homes"].min() >= 30


def test_every_measure_of_the_map_can_be_shown(visit, small_workspace, words_of):
    at = visit("portfolio", small_workspace, winter="severe")
    for measure, said in (
        ("difference_percent", "Change from the usual year: most in"),
        ("usd_per_home", "Cost per home in the year ahead: most in"),
        ("gas_percent", "Homes that heat with gas: most in"),
        ("unsure_percent", "not sure: most in"),
    ):
        at.selectbox(key="colour_shows").set_value(measure).run()
        assert not at.exception
        assert said in words_of(at)


def test_the_measure_stays_as_chosen_while_the_scenario_changes(visit, small_workspace, words_of):
    at = visit("portfolio", small_workspace)
    assert "Cost per home in the year ahead: most in" in words_of(at)
    at.selectbox(key="colour_shows").set_value("gas_percent").run()
    at.slider(key="scenario_gas_percent").set_value(5).run()
    assert "Homes that heat with gas: most in" in words_of(at)
    at.selectbox(key="colour_shows").set_value("difference_percent").run()
    at.slider(key="scenario_gas_percent").set_value(0).run()
    assert "Cost per home in the year ahead: most in" in words_of(at)  # the usual year differs from itself by nothing


def test_a_source_without_months_is_told_and_its_homes_are_shown(visit, yearly_workspace, words_of):
    at = visit("portfolio", yearly_workspace, winter="severe")
    assert "This source has no months to forecast. There is no table weather" in words_of(at).replace("**", "")
    assert not at.slider
    assert not at.get("download_button")
    assert "Homes that heat with gas: most in" in words_of(at)
    assert "300 homes heat with gas" in words_of(at)
    assert at.dataframe[0].value["n_homes"].sum() == 300


def test_a_survey_says_that_its_weights_are_not_used(visit, yearly_workspace, own_copy, words_of):
    assert "each home of the sample counts once" not in words_of(visit("portfolio", yearly_workspace))
    workspace = own_copy(yearly_workspace)
    file = workspace / "2_trusted" / "own_town" / "tables" / "homes.parquet"
    pd.read_parquet(file).assign(survey_weight=12.0).to_parquet(file, index=False)
    assert "each home of the sample counts once" in words_of(visit("portfolio", workspace))


def test_nothing_made_yet(visit, tmp_path, words_of):
    at = visit("portfolio", tmp_path / "none")
    assert "Nothing has been made yet." in words_of(at)
    assert at.code[0].value == "heating run"


def test_a_damaged_forecast_is_told_in_words(visit, small_workspace, own_copy, words_of):
    workspace = own_copy(small_workspace)
    (workspace / "7_forecast" / "embedded" / "forecast.json").write_text("{")
    at = visit("portfolio", workspace)
    assert "was changed or damaged since it was made" in words_of(at)
    assert "delete it and run again" in words_of(at)
