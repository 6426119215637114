"""Each month's delivery, as it was seen when it came: rows, refused rows, and the Wh month before it was corrected."""

from datetime import date

import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.data.validate import check_tables
from case_heating.watch.deliveries import walk_deliveries

MONTHS = [date(2024, 7, 31), date(2024, 8, 31), date(2024, 9, 30), date(2024, 10, 31)]


@pytest.fixture(scope="module")
def utility():
    simulated = simulate(homes=1000, seed=1).tables
    return simulated, check_tables(simulated, as_of=None, today=date(2026, 1, 31)).quarantine["bills"]


def test_rows_are_those_that_became_known_in_the_month(tiny_tables):
    bills = tiny_tables["bills"]
    first, second = walk_deliveries(tiny_tables, bills.iloc[[0, 5]], [date(2024, 2, 29), date(2024, 3, 31)])
    # Four homes' January bills are known on 4 February; the first of them, row 0, is refused, and row 5 is June's
    assert (first.n_rows, first.n_refused, second.n_rows, second.n_refused) == (4, 1, 4, 0)


def test_the_month_in_wh_is_a_fault_of_the_month_it_came_in(utility):
    raw, refused = utility
    july, august, september, october = walk_deliveries(raw, refused, MONTHS)
    assert july.faults == september.faults == october.faults == ()
    (told,) = august.faults
    assert told.startswith("electricity of district d14 in 2024-08 is about 1,")
    assert august.n_refused > 5 * july.n_refused


def test_corrections_known_later_do_not_hide_it(utility):
    """Only what was known counts: without the corrections of September the same is said of August."""
    raw, refused = utility
    known = raw | {"bills": raw["bills"][raw["bills"]["known_at"] <= pd.Timestamp(MONTHS[1])]}
    as_it_was = list(walk_deliveries(known, refused, MONTHS[:2]))
    assert as_it_was == list(walk_deliveries(raw, refused, MONTHS[:2]))


def test_without_months_nothing_was_delivered(tiny_tables):
    assert list(walk_deliveries(tiny_tables, None, [])) == []
