"""Planted troubles: each changes what it should, as much as it should, from its day on, in a copy."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import HeatingError
from case_heating.watch.faults import KINDS, LOST_FROM_RECORD, NEW_DISTRICT, Drift, inject
from case_heating.watch.quiet import RESERVE_SHARE, quiet_world

ON = pd.Timestamp("2024-11-01")
KEY = ["home_id", "fuel", "start"]


@pytest.fixture(scope="module")
def world():
    return quiet_world(homes=500, seed=3)


def planted(world, kind, *, size=None, slow=None):
    known = KINDS[kind]
    return inject(world, Drift(kind, ON.date(), size or known.size, known.slow if slow is None else slow), seed=1)


def usage_before_and_after(world, changed):
    both = world.tables["bills"].merge(changed.tables["bills"], on=[*KEY, "end", "known_at"], suffixes=("", "_now"))
    return both.assign(ratio=both["usage_now"] / both["usage"], moved=both["usage_now"] != both["usage"])


def test_the_quiet_world_has_one_fuel_a_home_and_no_suburb(world):
    assert world.truth["home_id"].is_unique
    assert set(world.truth["home_id"]) == set(world.tables["homes"]["home_id"])
    assert "d28" not in set(world.tables["homes"]["district"])
    assert "rebate" not in set(world.tables["labels"]["source"])


def test_the_reserve_is_electric_and_not_among_the_customers(world):
    reserve = world.reserve.truth
    assert set(reserve["heating_fuel"]) == {"electricity"}
    assert not set(reserve["home_id"]) & set(world.tables["homes"]["home_id"])
    electric = (world.truth["heating_fuel"] == "electricity").sum()
    assert len(reserve) == round(RESERVE_SHARE * (len(reserve) + electric))


def test_no_month_of_the_quiet_world_is_in_wh(world):
    bills = world.tables["bills"]
    assert not bills.duplicated(KEY).any()
    assert bills["usage"].max() < 15_000
    assert (bills["known_at"] > bills["end"] - pd.Timedelta(days=1)).all()


def test_every_kind_leaves_the_world_it_was_given_alone(world):
    before = {name: frame.copy() for name, frame in world.tables.items()}
    for kind in KINDS:
        planted(world, kind)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(world.tables[name], frame)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_plants_the_same_and_nothing_before_its_day(world, kind):
    first, again = planted(world, kind), planted(world, kind)
    for name in first.tables:
        pd.testing.assert_frame_equal(first.tables[name], again.tables[name])
    both = usage_before_and_after(world, first)
    assert not both.loc[(both["end"] <= ON) & (both["known_at"] <= ON), "moved"].any()


def test_a_month_in_wh_is_a_thousandfold_and_one_month_long(world):
    both = usage_before_and_after(world, planted(world, "unit_fault"))
    hit = both[both["moved"]]
    assert np.allclose(hit["ratio"], 1000)
    assert set(hit["fuel"]) == {"electricity"}
    assert hit["known_at"].between(ON + pd.Timedelta(days=1), ON + pd.DateOffset(months=1)).all()
    assert 0.1 < hit["home_id"].nunique() / len(world.tables["homes"]) <= 0.3  # whole districts, up to the size
    district = world.tables["homes"].set_index("home_id")["district"]
    assert district[hit["home_id"]].nunique() < district.nunique() / 2


def test_electric_cars_add_the_more_the_colder(world):
    both = usage_before_and_after(world, planted(world, "feature_shift", size=1.0))
    late = both[(both["start"] >= ON) & (both["fuel"] == "electricity")]
    more = (late["usage_now"] - late["usage"]) / (late["end"] - late["start"]).dt.days
    by_month = more.groupby(late["start"].dt.month).mean()
    assert by_month[7] == pytest.approx(13, abs=0.5)
    assert by_month[1] > 18
    assert not both.loc[both["fuel"] == "gas", "moved"].any()
    cut = both[(both["start"] < ON) & (both["end"] > ON) & both["moved"]]
    assert 0 < (cut["usage_now"] - cut["usage"]).mean() < 13 * 30  # the period that the day falls into counts in part


def test_heat_pumps_move_heat_from_gas_to_electricity(world):
    changed = planted(world, "concept_change")
    both = usage_before_and_after(world, changed)
    switched = changed.truth.loc[changed.truth["home_id"].duplicated(), "home_id"]
    assert len(switched) > 20
    winter = both[both["home_id"].isin(switched) & both["start"].between("2024-12-01", "2025-01-31")]
    gas, electricity = (winter[winter["fuel"] == fuel] for fuel in ("gas", "electricity"))
    saved, added = (gas["usage"] - gas["usage_now"]).sum(), (electricity["usage_now"] - electricity["usage"]).sum()
    efficiency = 0.80 * 29.307 * saved / added  # of the heat pumps, from what furnaces delivered
    assert 1.8 < efficiency < 3.4
    assert (gas["usage_now"] > 0).mean() > 0.7  # water and stoves stay on gas
    assert not both.loc[~both["home_id"].isin(switched), "moved"].any()
    assert (changed.fuel_at(ON.date(), pd.Index(switched)) == "electricity").all()
    assert (changed.fuel_at(date(2024, 10, 31), pd.Index(switched)) == "gas").all()
    labels = changed.tables["labels"]
    own = labels[labels["home_id"].isin(switched)]
    assert set(own.loc[own["event_time"] >= ON, "heating_fuel"]) <= {"electricity"}
    assert set(own.loc[own["event_time"] < ON, "heating_fuel"]) == {"gas"}


def test_slow_heat_pumps_come_over_a_year(world):
    truth = planted(world, "concept_change_slow").truth
    came = truth.loc[truth["from_date"] >= ON, "from_date"]
    assert came.min() < ON + pd.Timedelta(days=60)
    assert came.max() > ON + pd.Timedelta(days=300)


def test_a_merger_brings_homes_with_their_past(world):
    changed = planted(world, "label_shift")
    came = set(changed.tables["homes"]["home_id"]) - set(world.tables["homes"]["home_id"])
    assert came == set(world.reserve.truth["home_id"])
    bills = changed.tables["bills"]
    own = bills[bills["home_id"].isin(came)]
    assert own["start"].min() < pd.Timestamp("2022-03-01")
    assert own["known_at"].min() == ON
    assert changed.fuel_at(date(2024, 10, 1), pd.Index(sorted(came))).isna().all()


def test_new_homes_have_no_past_and_a_name_nobody_knows(world):
    changed = planted(world, "new_neighbourhood")
    homes = changed.tables["homes"]
    new = homes.loc[homes["district"] == NEW_DISTRICT]
    assert len(new) == round(0.5 * len(world.reserve.truth))
    bills, labels = (changed.tables[name] for name in ("bills", "labels"))
    assert (bills.loc[bills["home_id"].isin(new["home_id"]), "start"] >= ON).all()
    assert (labels.loc[labels["home_id"].isin(new["home_id"]), "event_time"] >= ON).all()
    assert (changed.fuel_at(ON.date(), pd.Index(new["home_id"])) == "electricity").all()


def test_feeds_stop(world):
    changed = planted(world, "missing_feed")
    assert changed.tables["weather"]["date"].max() == ON - pd.Timedelta(days=1)
    assert changed.tables["homes"][list(LOST_FROM_RECORD)].isna().all(axis=None)


@pytest.mark.parametrize(
    ("kind", "size", "told"), [("flood", 0.5, "no drill 'flood'"), ("unit_fault", 1.5, "it is 1.5")]
)
def test_a_drill_that_makes_no_sense_is_refused(world, kind, size, told):
    with pytest.raises(HeatingError, match=told):
        inject(world, Drift(kind, ON.date(), size), seed=1)
