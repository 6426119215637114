"""Few bills lean on similar homes, many speak for themselves; populations give back what made them."""

import numpy as np
import pytest

from case_heating.model.forecast_bills import BillSums
from case_heating.model.forecast_similar import learn_similar, level, weigh

ALL = np.array([True] * 4)
HDD = np.array([30.0, 25, 20, 10, 5, 0, 0, 0, 5, 10, 20, 28])
CDD = np.array([0.0, 0, 0, 0, 2, 8, 12, 10, 4, 0, 0, 0])
SEASON = np.cos(2 * np.pi * np.arange(12) / 12)
X = np.column_stack([np.ones(12), SEASON, HDD, CDD])


def sums_of(usage: np.ndarray) -> BillSums:
    """Sums of homes with the same twelve bills each; ``usage`` has shape (n_homes, 12)."""
    n = len(usage)
    xx = np.repeat((X.T @ X)[None], n, axis=0)
    return BillSums(xx, usage @ X, (usage**2).sum(axis=1), np.full(n, 12.0), np.full(n, 12.0), np.ones(n, bool))


def no_bills(n: int) -> BillSums:
    zero = np.zeros(n)
    return BillSums(np.zeros((n, 4, 4)), np.zeros((n, 4)), zero, zero, zero, np.zeros(n, bool))


def test_without_bills_the_similar_homes_answer():
    mean = np.array([[20.0, 1.0, 0.5, 1.0]])
    found = weigh(mean, np.eye(4), no_bills(1), np.array([1.0]))
    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.covariance[0], np.eye(4))
    assert found.log_evidence[0] == pytest.approx(0.0)


def test_exact_bills_give_back_what_made_them():
    true = np.array([15.0, 2.0, 1.2, 0.7])
    found = weigh(np.zeros((1, 4)), np.eye(4) * 100, sums_of((X @ true)[None]), np.array([1e-6]))
    np.testing.assert_allclose(found.mean[0], true, rtol=1e-4)


def test_evidence_is_that_of_the_normal_distribution():
    """The formula over sums equals the density of the bills themselves, up to what all kinds share."""
    rng = np.random.default_rng(0)
    usage, spread, noise = rng.normal(20, 5, 12), np.diag([4.0, 1.0, 0.2, 0.2]), 2.0
    gap = []
    for mean in (np.zeros(4), np.array([20.0, 0, 0, 0])):
        covariance = X @ spread @ X.T + noise * np.eye(12)
        away = usage - X @ mean
        density = -0.5 * (np.linalg.slogdet(covariance)[1] + away @ np.linalg.solve(covariance, away))
        found = weigh(mean[None], spread, sums_of(usage[None]), np.array([noise]))
        gap.append(density - found.log_evidence[0])
    assert gap[0] == pytest.approx(gap[1])


def test_a_population_gives_back_mean_spread_and_noise():
    rng = np.random.default_rng(1)
    n = 3000
    true = rng.normal([20.0, 1.5, 0.8, 1.0], [5.0, 0.5, 0.2, 0.3], (n, 4))
    usage = true @ X.T
    usage += rng.normal(0, 0.05, usage.shape) * np.sqrt((usage**2).mean(axis=1, keepdims=True))
    found = learn_similar(sums_of(usage), np.zeros(n, int), np.zeros(1, int), np.ones(n, bool), ALL)
    np.testing.assert_allclose(found.mean[0], true.mean(axis=0), rtol=0.05)
    np.testing.assert_allclose(np.sqrt(np.diag(found.spread))[[0, 2, 3]], [5.0, 0.2, 0.3], rtol=0.15)
    assert found.noise == pytest.approx(0.05, rel=0.2)


def test_gas_never_cools():
    usage = np.tile(2 + 0.1 * HDD, (50, 1))
    used = np.array([True, True, True, False])
    found = learn_similar(sums_of(usage), np.zeros(50, int), np.zeros(1, int), np.ones(50, bool), used)
    assert found.mean[0, 3] == 0
    assert weigh(found.mean, found.spread, no_bills(1), np.array([1.0])).mean[0, 3] == 0


def test_a_cell_of_few_homes_is_drawn_towards_its_dwelling_type():
    usage = np.vstack([np.tile(10.0 * X[:, 0], (200, 1)), np.tile(40.0 * X[:, 0], (2, 1))])
    cell = np.repeat([0, 1], [200, 2])
    found = learn_similar(sums_of(usage), cell, np.zeros(2, int), np.ones(202, bool), ALL)
    assert found.mean[0, 0] == pytest.approx(10, abs=0.5)
    assert 10 < found.mean[1, 0] < 25  # two homes against ten of the type


def test_nobody_to_learn_from():
    found = learn_similar(no_bills(3), np.zeros(3, int), np.zeros(1, int), np.zeros(3, bool), ALL)
    assert found.mean.tolist() == [[0, 0, 0, 0]]
    assert level(no_bills(3)).tolist() == [0, 0, 0]
