"""The naive rival, worked by hand: shares of cells pulled towards wider areas by five homes each."""

import numpy as np
import pandas as pd
import pytest

from case_heating.model.naive import naive_held_out, neighbourhood_share

HOMES = pd.DataFrame(
    {
        "district": ["d1", "d1", "d1", "d2", "d2", "d1", "d2", "d9", None],
        "dwelling_type": ["house", "house", "flat", "house", "flat", "house", "house", "flat", "tent"],
    }
)
IS_GAS = np.array([True, True, False, True, False, False, False, False, False])
TRAIN, TEST = np.arange(5), np.arange(5, 9)
# Of the five training homes three heat with gas: 0.6. Three houses, all gas; two flats, none.
HOUSE = (3 + 5 * 0.6) / (3 + 5)  # 0.75
FLAT = (0 + 5 * 0.6) / (2 + 5)


def test_a_cells_share_is_pulled_towards_its_dwelling_type_and_that_towards_all():
    share = neighbourhood_share(HOMES, IS_GAS, (TRAIN, TEST))
    assert share[0] == pytest.approx((2 + 5 * HOUSE) / (2 + 5))  # two gas houses in d1
    assert share[1] == pytest.approx((1 + 5 * HOUSE) / (1 + 5))  # one gas house in d2


def test_a_cell_without_training_homes_falls_back_to_the_dwelling_type_and_then_to_all():
    share = neighbourhood_share(HOMES, IS_GAS, (TRAIN, TEST))
    assert share[2] == pytest.approx(FLAT)  # no flat known in d9
    assert share[3] == pytest.approx(0.6)  # no tent known at all


def test_without_districts_the_dwelling_type_speaks_and_without_both_all_homes():
    test_rows = (TRAIN, TEST)
    by_type = neighbourhood_share(HOMES[["dwelling_type"]], IS_GAS, test_rows)
    assert by_type == pytest.approx([HOUSE, HOUSE, FLAT, 0.6])
    by_district = neighbourhood_share(HOMES[["district"]], IS_GAS, test_rows)
    d1, d2 = (2 + 5 * 0.6) / (3 + 5), (1 + 5 * 0.6) / (2 + 5)
    assert by_district == pytest.approx([d1, d2, 0.6, 0.6])
    assert neighbourhood_share(HOMES[[]], IS_GAS, test_rows) == pytest.approx([0.6] * 4)


def test_homes_whose_cell_is_not_known_are_a_cell_of_their_own():
    homes = pd.DataFrame({"dwelling_type": [None, None, "house", None]})
    share = neighbourhood_share(homes, np.array([True, True, False, False]), (np.arange(3), np.array([3])))
    assert share == pytest.approx([(2 + 5 * 2 / 3) / (2 + 5)])


def test_the_answers_of_the_tested_homes_change_nothing():
    flipped = IS_GAS.copy()
    flipped[TEST] = ~flipped[TEST]
    expected = neighbourhood_share(HOMES, IS_GAS, (TRAIN, TEST))
    assert neighbourhood_share(HOMES, flipped, (TRAIN, TEST)).tolist() == expected.tolist()


def test_every_home_is_answered_when_it_is_held_out_and_the_others_never():
    splits = [(TRAIN, TEST[:2]), (TEST, TRAIN)]
    share = naive_held_out(HOMES, IS_GAS, splits)
    assert share[5:7] == pytest.approx(neighbourhood_share(HOMES, IS_GAS, splits[0]))
    assert share[:5] == pytest.approx(0.0)  # no home of the second training part heats with gas
    assert np.isnan(share[7:]).all()
