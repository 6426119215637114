"""What the next year costs one home, as the forecast has it, in words a customer can use."""

from datetime import date

import pandas as pd
import pytest

from case_heating.errors import SourceError
from case_heating.kept import open_last, take_forecast
from case_heating.model.forecast import forecast, home_years
from case_heating.people.cost_words import HomeCost
from case_heating.people.home_year import year_by_month, year_without_months
from case_heating.settings import Settings


@pytest.fixture(scope="module")
def drawn(small_workspace):
    year = forecast(take_forecast(open_last(Settings.from_env(workspace=small_workspace), "embedded")))
    return year, home_years(year)


def test_the_months_add_up_to_the_year_and_the_words_say_so(drawn):
    year, totals = drawn
    home_id = totals.index[(totals["standing"] == "billed") & (totals["gas_cost_usd"] > 100)][0]
    told = year_by_month(year, totals, home_id)
    both = told.months[told.months["fuel"] == "both"]
    assert len(both) == 12
    assert both["cost_usd"].sum() == pytest.approx(told.cost_usd, abs=0.01)
    assert told.low_usd < told.cost_usd < told.high_usd
    dearest = both.loc[both["cost_usd"].idxmax(), "month"]
    assert told.says[0].startswith(f"About {told.cost_usd:,.0f} USD in the twelve months from January 2026, with 90 %")
    assert f"{dearest:%B} is the dearest month" in told.says[0]
    assert "USD for gas." in told.says[0]
    assert told.says[1] == "Told from its own bills; for a normal winter, at the prices in force."


def test_every_standing_of_a_home_is_said(drawn):
    year, totals = drawn
    for standing, home_id in totals.reset_index().drop_duplicates("standing")[["standing", "home_id"]].to_numpy():
        assert year_by_month(year, totals, home_id).says[1].endswith("at the prices in force."), standing


def test_a_home_without_gas_has_no_word_of_it(drawn):
    year, totals = drawn
    told = year_by_month(year, totals, totals.index[totals["gas_cost_usd"] == 0][0])
    assert "gas" not in told.says[0]


def test_a_home_that_is_not_there(drawn):
    with pytest.raises(SourceError, match="home 'nobody' is not among the 600 homes"):
        year_by_month(*drawn, "nobody")


def test_where_no_month_is_known_the_year_is_told_as_one():
    amounts = {f"{bill}{end}_usd": 100.0 * size for bill in ("electricity", "gas", "total") for size, end in
               ((1, "_low"), (2, ""), (3, "_high"))}  # fmt: skip
    cost = HomeCost("h1", "property", False, {"gas": 0.8, "electricity": 0.2}, None, pd.Series(amounts), None)
    told = year_without_months(cost)
    assert (told.months, told.cost_usd, told.low_usd, told.high_usd) == (None, 200, 100, 300)
    assert told.says[0] == "Electricity and gas cost home h1 about 200 USD a year; with 90 % certainty 100 to 300 USD."


def test_the_first_month_is_the_one_after_the_last_known(drawn):
    assert drawn[0].months[0] == date(2026, 1, 1)
