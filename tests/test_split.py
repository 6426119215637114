"""Splits: every home is tested once, a region is never on both sides, time runs one way."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.split import MAX_REGION_FOLDS, by_home, by_region, by_time, region_of


def named(**counts):
    return pd.Series(np.repeat(list(counts), list(counts.values())), dtype="str")


def test_every_home_is_tested_once_and_never_trained_on_in_its_own_fold():
    is_gas = np.arange(103) % 3 == 0
    splits = by_home(is_gas, folds=5, seed=0)
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(103))
    for train, test in splits:
        assert sorted([*train, *test]) == list(range(103))


def test_the_share_of_gas_is_the_same_in_every_fold():
    is_gas = np.arange(100) < 30
    assert [int(is_gas[test].sum()) for _, test in by_home(is_gas, folds=5, seed=3)] == [6] * 5


def test_the_seed_decides_the_folds():
    is_gas = np.arange(100) < 50
    same, again, other = (by_home(is_gas, folds=4, seed=seed)[0][1].tolist() for seed in (1, 1, 2))
    assert same == again
    assert same != other


def test_a_fuel_with_fewer_homes_than_folds_is_refused():
    with pytest.raises(NotEnoughDataError, match=r"96 labelled homes heat with gas and 4 with electricity; .* 5 of"):
        by_home(np.arange(100) < 96, folds=5, seed=0)
    assert len(by_home(np.arange(100) < 95, folds=5, seed=0)) == 5


def test_regions_stay_whole_and_each_is_held_out_once():
    region = named(north=30, south=25, west=20)
    splits = by_region(region)
    assert sorted(region[test].unique().tolist() for _, test in splits) == [["north"], ["south"], ["west"]]
    for train, test in splits:
        assert not set(region[train]) & set(region[test])
        assert len(train) + len(test) == 75


def test_regions_of_fewer_than_twenty_homes_are_held_out_together():
    region = named(north=30, south=20, islet=19, farm=1)
    held_out = sorted(sorted(region[test].unique()) for _, test in by_region(region))
    assert held_out == [["farm", "islet"], ["north"], ["south"]]


def test_homes_without_a_region_are_trained_on_and_never_tested():
    region = named(north=30, south=25).where(lambda names: names.index != 7)
    splits = by_region(region)
    assert all(7 in train for train, _ in splits)
    assert sorted(np.concatenate([test for _, test in splits])) == [row for row in range(55) if row != 7]


def test_many_regions_are_gathered_into_ten_groups():
    region = named(**{f"r{number}": 20 for number in range(25)})
    splits = by_region(region)
    assert len(splits) == MAX_REGION_FOLDS == 10
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(500))
    for train, test in splits:
        assert not set(region[train]) & set(region[test])


@pytest.mark.parametrize("region", [named(north=50), named(a=10, b=5, c=19), pd.Series([None] * 30, dtype="str")])
def test_fewer_than_two_regions_cannot_be_held_out(region):
    assert by_region(region) == []


def test_the_region_is_the_division_where_there_are_several_else_the_district():
    homes = pd.DataFrame({"division": ["pacific", "pacific"], "district": ["d1", "d2"]})
    assert region_of(homes).tolist() == ["d1", "d2"]
    assert region_of(homes.assign(division=["pacific", "new_england"])).tolist() == ["pacific", "new_england"]
    assert region_of(homes.assign(division=["pacific", None])).tolist() == ["d1", "d2"]
    assert region_of(homes[["division"]]).isna().all()
    assert region_of(homes[["division"]]).index.equals(homes.index)


def test_labels_known_on_the_day_of_the_cut_are_trained_on():
    known_at = pd.Series(pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-03", "2024-01-02"]))
    ((train, test),) = by_time(known_at, cut=date(2024, 1, 2))
    assert train.tolist() == [0, 1, 3]
    assert test.tolist() == [2]


@pytest.mark.parametrize("cut", [date(2023, 12, 31), date(2024, 1, 1)])
def test_a_cut_with_nothing_on_one_side_gives_no_split(cut):
    known_at = pd.Series(pd.to_datetime(["2024-01-01"] * 3))
    assert list(by_time(known_at, cut=cut)) == []
