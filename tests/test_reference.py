"""References of drift: shares and quantiles worked out by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from case_heating.release.reference import Reference, describe_reference


@pytest.fixture(scope="module")
def reference():
    features = pd.DataFrame(
        {
            "kwh_year": [*range(1, 101), *[np.nan] * 25],
            "rooms": [4.0] * 125,
            "district": ["a"] * 75 + ["b"] * 25 + [None] * 25,
            "pool": [np.nan] * 125,
        }
    )
    return describe_reference(features, np.linspace(0, 1, 125))


def test_ten_bins_hold_a_tenth_each(reference):
    kwh = reference.numbers["kwh_year"]
    assert kwh.edges == tuple(float(edge) for edge in range(10, 100, 10))
    assert kwh.shares == (0.1,) * 10
    assert kwh.missing_share == 0.2
    assert (kwh.quantiles[0], kwh.quantiles[50], kwh.quantiles[100]) == (1.0, 50.5, 100.0)


def test_one_value_makes_one_bin_and_none_makes_none(reference):
    assert (reference.numbers["rooms"].edges, reference.numbers["rooms"].shares) == ((), (1.0,))
    assert (reference.numbers["pool"].shares, reference.numbers["pool"].missing_share) == ((), 1.0)


def test_categories_are_shares_of_those_known(reference):
    assert reference.categories["district"].shares == {"a": 0.75, "b": 0.25}
    assert reference.categories["district"].missing_share == 0.2
    assert reference.n_homes == 125


def test_it_goes_through_json(reference):
    assert Reference.from_plain(json.loads(json.dumps(reference.to_plain()))) == reference
