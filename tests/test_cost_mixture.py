import numpy as np
import pytest

from case_heating.model.cost_mixture import mixture_position, mixture_quantile, position_in_quantiles

ROW = np.array([[5.0, 6.0, 7.0, 8.0, 9.0]])


def test_positions_are_the_levels_at_the_quantiles() -> None:
    found = position_in_quantiles(np.repeat(ROW, 5, axis=0), ROW[0])
    assert found == pytest.approx([0.05, 0.25, 0.5, 0.75, 0.95])


def test_position_rises_with_the_cost_beyond_both_ends() -> None:
    found = position_in_quantiles(np.repeat(ROW, 4, axis=0), np.array([3.0, 4.9, 9.1, 11.0]))
    assert (np.diff(found) > 0).all()
    assert found[0] < 0.05 < 0.95 < found[-1]


def test_a_sure_fuel_gives_its_own_quantiles() -> None:
    both = {"gas": ROW, "electricity": ROW + 1}
    sure = {"gas": np.array([1.0]), "electricity": np.array([0.0])}
    assert mixture_quantile(both, sure, 0.95) == pytest.approx(np.expm1([9.0]))


def test_an_even_mixture_position_is_the_mean_of_both() -> None:
    # at 7 the gas home stands at 0.5, the electric one, one step higher, at 0.25
    both = {"gas": ROW, "electricity": ROW + 1}
    even = {"gas": np.array([0.5]), "electricity": np.array([0.5])}
    assert mixture_position(both, even, np.array([7.0])) == pytest.approx([0.375])


def test_an_unsure_home_gets_a_wider_interval_than_either_fuel() -> None:
    both = {"gas": np.log1p([[900, 950, 1000, 1050, 1100]]), "electricity": np.log1p([[1900, 1950, 2000, 2050, 2100]])}

    def width(gas: float) -> float:
        shares = {"gas": np.array([gas]), "electricity": np.array([1 - gas])}
        return float((mixture_quantile(both, shares, 0.95) - mixture_quantile(both, shares, 0.05))[0])

    assert width(0.5) > 1000 > 250 > max(width(0.0), width(1.0))
