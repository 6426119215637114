"""A utility's history, month by month: nothing known later is in it, and the truth beside it is that of the day."""

from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from case_heating.data.simulate import simulate
from case_heating.data.validate import check_tables
from case_heating.errors import NotEnoughDataError
from case_heating.features.build import build_features
from case_heating.features.stages import STAGES
from case_heating.watch.history import month_ends, true_fuel_of, walk_history

SPELLS = pd.DataFrame(
    {
        "home_id": ["h1", "h1", "h2", "h4"],
        "heating_fuel": ["gas", "electricity", "other", "electricity"],
        "from_date": pd.to_datetime(["2022-01-01", "2024-06-15", "2022-01-01", "2024-03-01"]),
    }
)


@pytest.fixture(scope="module")
def utility():
    simulated = simulate(homes=300, seed=3)
    return check_tables(simulated.tables, as_of=None, today=date(2026, 1, 31)).tables, simulated.truth


def test_months_end_on_their_last_day_over_the_turn_of_a_year():
    days = month_ends(date(2023, 11, 5), date(2024, 2, 29))
    assert days == [date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29)]
    assert month_ends(date(2024, 3, 1), date(2024, 2, 29)) == []


def test_each_month_has_the_use_and_the_labels_known_by_then(tiny_tables):
    early, late = walk_history(tiny_tables, [date(2024, 10, 31), date(2025, 1, 31)], stage="billing")
    assert early.fuel.to_dict() == {"h1": "gas", "h2": "electricity"}
    assert late.fuel.to_dict() == {"h1": "gas", "h2": "electricity", "h3": "electricity"}
    # Ten months of 500 kWh known by October less the one that became known in November, two of them in winter; 274 days
    assert early.features.loc["h1", "kwh_year"] == pytest.approx((7 * 500 + 2 * 750) * 365 / 274)
    # All of 2024, a leap year, three winter months in it
    assert late.features.loc["h1", "kwh_year"] == pytest.approx((9 * 500 + 3 * 750) * 365 / 366)


def test_a_home_without_a_bill_is_not_served_yet(tiny_tables):
    bills = tiny_tables["bills"]
    moved_in = {**tiny_tables, "bills": bills[(bills["home_id"] != "h4") | (bills["start"] >= "2024-06-01")]}
    before, after = walk_history(moved_in, [date(2024, 6, 30), date(2024, 7, 31)], stage="location")
    assert list(before.features.index) == ["h1", "h2", "h3"]
    assert list(after.features.index) == ["h1", "h2", "h3", "h4"]


def test_the_truth_is_that_of_the_day():
    homes = pd.Index(["h1", "h2", "h4"])
    assert true_fuel_of(SPELLS, homes, date(2024, 2, 29)).fillna("nobody there").tolist() == [
        "gas",
        "other",
        "nobody there",
    ]
    assert true_fuel_of(SPELLS, homes, date(2024, 6, 15)).tolist() == ["electricity", "other", "electricity"]
    assert true_fuel_of(None, homes, date(2024, 6, 15)).empty


def test_facts_known_later_change_nothing_before(utility):
    tables, truth = utility
    moment = pd.Timestamp("2024-05-31")
    changed = dict(tables)
    later = tables["bills"]["known_at"] > moment
    changed["bills"] = tables["bills"].assign(usage=tables["bills"]["usage"].where(~later, 777.0))
    later = tables["labels"]["known_at"] > moment
    changed["labels"] = tables["labels"].assign(heating_fuel=tables["labels"]["heating_fuel"].where(~later, "gas"))
    spells = truth.assign(heating_fuel=truth["heating_fuel"].where(truth["from_date"] <= moment, "gas"))
    moments = [date(2024, 4, 30), date(2024, 5, 31), date(2024, 12, 31)]
    ours = list(walk_history(tables, moments, stage="gas_bills", truth=truth))
    theirs = list(walk_history(changed, moments, stage="gas_bills", truth=spells))
    for month, other in zip(ours[:2], theirs[:2], strict=True):
        assert_frame_equal(month.features, other.features)
        assert_frame_equal(month.labels, other.labels)
        assert_series_equal(month.true_fuel, other.true_fuel)
    assert not ours[2].features["kwh_year"].equals(theirs[2].features["kwh_year"])


@pytest.mark.parametrize("stage", STAGES)
def test_features_are_those_that_all_tables_would_give(utility, stage):
    tables, _ = utility
    moment = date(2024, 3, 31)
    (month,) = walk_history(tables, [moment], stage=stage)
    everything = build_features(tables, as_of=moment, stage=stage)
    assert_frame_equal(month.features, everything.loc[month.features.index])
    assert 0 < len(month.features) < len(everything)  # the suburb has not moved in


def test_a_table_that_is_absent_is_named(tiny_tables):
    without = {name: frame for name, frame in tiny_tables.items() if name != "labels"}
    with pytest.raises(NotEnoughDataError, match="a history needs labels"):
        next(walk_history(without, [date(2024, 6, 30)], stage="billing"))
