"""One home is gathered from what a run left, as the run itself has it."""

import pandas as pd
import pytest

from case_heating.errors import SourceError
from case_heating.kept import open_last, take_explainer
from case_heating.one_home import (
    known_facts,
    learn_typed_cost,
    look_up_home,
    say_of_home,
    typed_cost,
    typed_row,
)
from case_heating.people.find_homes import learn_finder
from case_heating.people.home_answer import home_in_words, sureness_kept
from case_heating.people.home_year import typed_year_in_words
from case_heating.settings import Settings


@pytest.fixture(scope="module")
def looked_at(small_workspace):
    opened = open_last(Settings.from_env(workspace=small_workspace), "embedded")
    return opened, take_explainer(opened), learn_finder(opened.known.tables["homes"])


def test_it_says_what_the_answers_say(looked_at):
    opened, explainer, finder = looked_at
    answers = opened.answers.value
    for home_id in answers.index[:5]:
        home = look_up_home(opened, explainer, finder, home_id)
        assert home.explanation.probability_of_gas == answers.loc[home_id, "probability_of_gas"]
        assert home.explanation.sureness == answers.loc[home_id, "sureness"]
        assert (home.seen and home.seen.heating_fuel) == (answers["seen"].fillna("").get(home_id) or None)
        assert (home.held_out is None) == (answers.loc[home_id, "seen"] not in ("gas", "electricity"))
        assert home.steps["stage"].tolist() == [rung.stage for rung in opened.ladder.value.rungs]
        assert home.bills.home_id == home_id
        assert finder.where[finder.home_ids.get_loc(home_id)] == home.where


def test_its_answer_in_words_is_the_pages_and_reads_no_bills(looked_at, small_workspace):
    opened, explainer, finder = looked_at
    fresh = open_last(Settings.from_env(workspace=small_workspace), "embedded")
    seen = opened.answers.value["seen"]
    for home_id in (seen.index[seen.eq("gas")][0], seen.index[seen.isna()][0]):
        page = look_up_home(opened, explainer, finder, home_id)
        rung = fresh.ladder.value.rungs[-1]
        said = say_of_home(fresh, explainer, rung, home_id, language="es")
        kept = sureness_kept(opened.evidence.is_gas, rung.probability)
        assert said.seen == page.seen
        assert said.words == home_in_words(page.explanation, page.seen, kept, held_out=page.held_out, language="es")
    assert not fresh.trusted.is_read
    assert set(fresh.known.tables) == {"homes", "labels"}


def test_a_home_with_yearly_bills_only(yearly_workspace):
    opened = open_last(Settings.from_env(workspace=yearly_workspace), "own_town")
    finder = learn_finder(opened.known.tables["homes"])
    home = look_up_home(opened, take_explainer(opened), finder, "a000")
    assert home.bills.fuels == ()
    assert "not monthly" in home.bills.says


def test_an_id_that_is_not_there_is_told_with_those_like_it(looked_at):
    with pytest.raises(
        SourceError, match=r"no home 'h000001' among its 600; ids like it are h0000010, h0000011, h0000012"
    ):
        look_up_home(*looked_at, "h000001")
    with pytest.raises(SourceError, match=r"no home 'x{40}…' among its 600; the first id is h0000000"):
        look_up_home(*looked_at, "x" * 5000)


def test_facts_are_said_once_with_their_source():
    home = pd.DataFrame(
        {
            "dwelling_type": ["mobile_home"],
            "kwh_year": [12_000.4],
            "electricity_cost_year": [900.0],  # says again what the use has said
            "hdd_year": [None],
            "gas_service": [0.0],
        },
        index=["h1"],
    )
    assert known_facts(home).to_numpy().tolist() == [
        ["Mobile home", "Location and dwelling"],
        ["Used 12,000 kWh of electricity in a year", "Electricity bill"],
        ["No gas meter", "Gas meter known"],
    ]


def test_typed_facts_are_answered_as_of_the_last_run(looked_at):
    opened, _, _ = looked_at
    district = opened.known.tables["homes"]["district"].iloc[0]
    row = typed_row(opened, {"area": district, "kwh_year": 9000.0})
    assert list(row.index) == ["typed"]
    assert row["district"].iloc[0] == district
    assert row["hdd_year"].notna().iloc[0]
    with pytest.raises(SourceError, match="no home stands in 'nowhere'"):
        typed_row(opened, {"area": "nowhere"})


def test_a_typed_home_that_uses_more_costs_more(looked_at):
    opened, _, _ = looked_at
    district, names = opened.known.tables["homes"]["district"].iloc[0], ("district", "dwelling_type", "kwh_year")
    learned = learn_typed_cost(opened, names, "billing")
    facts = {"area": district, "dwelling_type": "single_detached"}
    low, high = (
        typed_cost(learned, typed_row(opened, facts | {"kwh_year": kwh}), 0.5).told["electricity_usd"]
        for kwh in (4000.0, 16_000.0)
    )
    assert low < high
    words = typed_year_in_words(typed_cost(learned, typed_row(opened, facts | {"kwh_year": 9000.0}), 0.5))
    assert words.startswith("Electricity and gas cost it about ")
    assert "with 90 % certainty" in words
