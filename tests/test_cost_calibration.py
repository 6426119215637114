import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.cost_calibration import fit_group_calibration


def test_ends_leave_five_of_a_hundred_on_each_side() -> None:
    # floor(0.05 × 101) = 5 of 0.01 … 1.00: the fifth from below and the fifth from above, 0.96
    position = np.arange(1, 101) / 100
    found = fit_group_calibration(pd.Series(["house"] * 100), np.arange(100.0), position)
    assert found.levels == {"all": pytest.approx((0.05, 0.96))}


def test_each_group_gets_its_own_ends_and_a_small_one_those_of_all() -> None:
    rng = np.random.default_rng(0)
    kind = pd.Series(["house"] * 400 + ["flat"] * 20)
    size = np.r_[np.arange(400.0), np.arange(20.0)]
    smaller = np.r_[np.arange(400) < 200, np.zeros(20, bool)]
    position = np.where(smaller, 0.4 + 0.2 * rng.random(420), rng.random(420))
    found = fit_group_calibration(kind, size, position)
    assert set(found.levels) == {"all", "house, smaller", "house, larger"}
    assert 0.4 <= found.levels["house, smaller"][0] <= found.levels["house, smaller"][1] <= 0.6
    low, high = found.of(pd.Series(["house", "house", "flat", None]), np.array([10.0, 390.0, 5.0, 5.0]))
    assert (low[0], high[0]) == found.levels["house, smaller"]
    assert (low[1], high[1]) == found.levels["house, larger"]
    assert (low[2], high[2]) == (low[3], high[3]) == found.levels["all"]


def test_too_few_homes_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughDataError, match=r"99 homes.*at least 100"):
        fit_group_calibration(pd.Series(["house"] * 99), np.zeros(99), np.zeros(99))
