"""Every feature belongs to exactly one group, and every group can be told."""

from collections import Counter

import numpy as np
import pytest

from case_heating.features.stages import FEATURE, SENSITIVE_COLUMNS
from case_heating.model.explain_groups import GROUP, GROUP_OF, GROUPS, SETTLING, groups_of, membership


def test_every_feature_belongs_to_exactly_one_group():
    counted = Counter(feature for group in GROUPS for feature in group.features)
    assert set(counted) == set(FEATURE)
    assert set(counted.values()) == {1}


def test_groups_tell_only_features_of_their_own_and_at_least_one():
    for group in GROUPS:
        assert group.told, group.name
        assert set(group.told) <= set(group.features), group.name
        assert group.settles in SETTLING
    assert len(GROUP) == len(GROUPS)


def test_no_group_holds_a_sensitive_trait():
    assert not SENSITIVE_COLUMNS.intersection(GROUP_OF)


def test_membership_by_hand():
    names = ("dwelling_type", "kwh_year", "kwh_per_hdd")
    assert [group.name for group in groups_of(names)] == ["dwelling", "electricity_use"]
    np.testing.assert_array_equal(membership(names), [[True, False], [False, True], [False, True]])


def test_an_unknown_feature_is_named():
    with pytest.raises(KeyError, match=r"'shoe_size'.*belongs to no group"):
        groups_of(["shoe_size"])
