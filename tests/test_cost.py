from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError, NotEnoughDataError
from case_heating.features.stages import FEATURE
from case_heating.model.cost import CostParams, cost_features, fuel_shares, grow_cost_trees, year_costs


def test_year_costs_are_the_years_bills_and_no_gas_bill_means_no_gas_cost(tiny_tables: dict[str, pd.DataFrame]) -> None:
    # h1 pays 75 USD for each of twelve months: 900 over the 366 days of 2024
    found = year_costs(tiny_tables, as_of=date(2025, 2, 1))
    assert found.loc["h1", "electricity"] == pytest.approx(900 * 365 / 366)
    assert found.loc["h1", "gas"] == 0
    assert found.loc["h1", "total"] == found.loc["h1", "electricity"]


def test_costs_known_later_do_not_exist(tiny_tables: dict[str, pd.DataFrame]) -> None:
    assert year_costs(tiny_tables, as_of=date(2024, 3, 1))["total"].isna().all()


def test_no_bills_are_refused_in_words(tiny_tables: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(NotEnoughDataError, match=r"bills\.cost_usd"):
        year_costs({"homes": tiny_tables["homes"]}, as_of=date(2025, 2, 1))


def test_shares_add_up_and_what_was_seen_wins() -> None:
    found = fuel_shares(pd.Series([0.9, 0.9], index=["a", "b"]), pd.Series({"b": "electricity"}))
    assert sum(found.values()).tolist() == [1.0, 1.0]
    assert found["electricity"] == pytest.approx([0.1, 1.0])


def test_without_bills_no_feature_is_made_from_one() -> None:
    everything = pd.DataFrame(columns=list(FEATURE))
    kept = cost_features(everything, "gas_bills", bills=False)
    assert not any(source.startswith("bills.") for name in kept for source in FEATURE[name].sources)
    assert "floor_area_sqft" in kept
    assert "kwh_year" not in kept
    assert "kwh_year" in cost_features(everything, "billing")


def test_larger_homes_cost_more_and_the_fuel_is_heard() -> None:
    rng = np.random.default_rng(0)
    area, gas = rng.uniform(500, 3000, 800), rng.random(800) < 0.5
    features = pd.DataFrame({"floor_area_sqft": area})
    fuel = pd.Series(np.where(gas, "gas", "electricity"))
    costs = pd.DataFrame({"total": np.where(gas, 0.5, 1.0) * area})
    trees = grow_cost_trees(
        features, fuel, costs, stage="property", seed=0, targets=("total",), params=CostParams(feature_fraction=1.0)
    )
    found = trees.quantiles(pd.DataFrame({"floor_area_sqft": [1000.0, 2000.0]}), "total", ("gas", "electricity"))
    assert np.expm1(found["gas"][:, 2]) == pytest.approx([500, 1000], rel=0.1)
    assert np.expm1(found["electricity"][:, 2]) == pytest.approx([1000, 2000], rel=0.1)
    assert (np.diff(found["gas"], axis=1) >= 0).all()


def test_a_training_home_without_its_cost_is_named() -> None:
    features = pd.DataFrame({"floor_area_sqft": [900.0, 800.0]}, index=["a", "b"])
    costs = pd.DataFrame({"electricity": [1.0, None], "gas": [0.0, 0.0], "total": [1.0, None]})
    with pytest.raises(ModelError, match=r"1 of 2 training homes.*first: b"):
        grow_cost_trees(features, pd.Series(["gas", "gas"]), costs, stage="property", seed=0)
