"""The ladder's page: what is known today, what the next source buys, and how the money is reckoned."""

from datetime import date

import pytest

from case_heating.kept import open_last
from case_heating.people.ladder_worth import next_in_words, today_in_words, weigh_ladder
from case_heating.people.review_costs import COSTS_FILE, ReviewCosts
from case_heating.settings import Settings


@pytest.fixture(scope="module")
def worth(small_workspace):
    opened = open_last(Settings(today=date(2026, 11, 2), workspace=small_workspace, min_labelled_homes=60))
    unseen = int(opened.answers.value["seen"].isna().sum())
    return weigh_ladder(opened.ladder.value, opened.evidence.is_gas, ReviewCosts(), n_homes=unseen)


@pytest.mark.parametrize("today", [None, "location", "gas_bills"])
def test_today_and_the_next_source_are_the_cores(visit, small_workspace, worth, words_of, today):
    at = visit("ladder", small_workspace, **({} if today is None else {"today": today}))
    today = today or "gas_bills"  # most homes with a meter have gas bills
    assert today_in_words(worth, today) in words_of(at)
    assert next_in_words(worth, today) in words_of(at).replace("**", "")
    assert at.query_params["today"] == today
    assert not at.warning


def test_the_last_source_has_no_next(visit, small_workspace, words_of):
    at = visit("ladder", small_workspace, today="gas_bills")
    assert "there is none to buy" in words_of(at)
    assert [one.label for one in at.metric] == [
        "Right today, of 100 homes",
        "Right without the latest source",
        "The latest source saves, USD a year",
    ]


def test_each_setting_stands_beside_its_own_naive_answer(visit, small_workspace, worth, words_of):
    last = worth.stages[-1]
    said = words_of(visit("ladder", small_workspace))
    assert f"it is right for {100 * last.region.value:.1f} with all data, and the naive answer there" in said
    assert f"for {100 * last.region_naive.value:.1f}." in said


def test_another_today_goes_into_the_link(visit, small_workspace, worth, words_of):
    at = visit("ladder", small_workspace)
    at.selectbox(key="ladder_today").set_value("property").run()
    assert at.query_params["today"] == "property"
    assert today_in_words(worth, "property") in words_of(at)


def test_twice_the_homes_cost_twice(visit, small_workspace, worth, words_of):
    at = visit("ladder", small_workspace, homes=str(2 * worth.n_homes))
    assert f"cost {2 * worth['gas_bills'].usd_a_year.value:,.0f} USD a year" in words_of(at)
    at.number_input[0].set_value(worth.n_homes).run()
    assert "homes" not in at.query_params
    assert f"cost {worth['gas_bills'].usd_a_year.value:,.0f} USD a year" in words_of(at)


@pytest.mark.parametrize("homes", ["none", "0", "-5", "9" * 30])
def test_a_link_with_no_number_of_homes_takes_the_usual(visit, small_workspace, worth, homes):
    at = visit("ladder", small_workspace, homes=homes)
    assert at.number_input[0].value == worth.n_homes


def test_a_stage_that_is_not_reached_is_said(visit, yearly_workspace, words_of):
    at = visit("ladder", yearly_workspace, today="monthly")
    assert "This source does not reach monthly; it reaches" in words_of(at)
    assert "Not there for this source, so nobody knows what it would buy here:" in words_of(at)
    assert "weather (degree days" in words_of(at)


def test_finance_edits_the_prices(visit, small_workspace, own_copy, words_of):
    workspace = own_copy(small_workspace)
    (workspace / COSTS_FILE).write_text(ReviewCosts(review_usd=17.0).to_toml())
    assert "looked at by people for 17 USD each" in words_of(visit("ladder", workspace))


def test_prices_that_cannot_be_read_are_told(visit, small_workspace, own_copy, words_of):
    workspace = own_copy(small_workspace)
    (workspace / COSTS_FILE).write_text("review_usd = 'much'")
    at = visit("ladder", workspace)
    assert "review_costs.toml" in words_of(at)
    assert len(at.error) == 1


def test_the_table_has_a_row_for_each_stage(visit, small_workspace, worth):
    table = visit("ladder", small_workspace).dataframe[0].value
    assert len(table) == len(worth.stages)
    assert "saves, USD a year" in table


def test_nothing_made_yet(visit, tmp_path, words_of):
    assert "Nothing has been made yet." in words_of(visit("ladder", tmp_path / "none"))
