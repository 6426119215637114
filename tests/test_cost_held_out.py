from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from case_heating.model.cost import fuel_shares
from case_heating.model.cost_held_out import judge_cost, learn_cost, naive_cost


def _held_out() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "true_usd": [100.0, 200.0, 300.0, 400.0],
            "total_usd": [110.0, 190.0, 330.0, 300.0],
            "low_usd": [90.0, 150.0, 310.0, 250.0],
            "high_usd": [130.0, 210.0, 350.0, 450.0],
            "electricity_true_usd": [100.0, 200.0, 200.0, 100.0],
            "electricity_usd": [90.0, 200.0, 220.0, 100.0],
            "electricity_low_usd": [80.0, 200.004, 150.0, 50.0],  # b: above the truth by less than half a cent
            "electricity_high_usd": [99.0, 250.0, 250.0, 150.0],  # a: just below the truth
            "gas_true_usd": [0.0, 0.0, 100.0, 300.0],
            "gas_usd": [0.0, 0.0, 110.0, 200.0],
            "gas_low_usd": [0.0, 0.0, 90.0, 150.0],
            "gas_high_usd": [10.0, 10.0, 120.0, 250.0],  # d: below the truth
            "gas_probability": [0.5] * 4,
            "fold": [0, 1, 0, 1],
        },
        index=["a", "b", "c", "d"],
    )


def _homes() -> pd.DataFrame:
    kind = ["mobile_home", "mobile_home", "single_detached", "single_detached"]
    return pd.DataFrame({"division": ["pacific"] * 4, "dwelling_type": kind}, index=["a", "b", "c", "d"])


def test_the_naive_answer_is_the_mean_of_the_other_parts_cell() -> None:
    assert naive_cost(_held_out(), _homes()).tolist() == [200.0, 100.0, 400.0, 300.0]


def test_figures_by_hand() -> None:
    traits = pd.DataFrame({"tenure": ["owner", "owner", "renter", "owner"]}, index=["a", "b", "c", "d"])
    found = judge_cost(_held_out(), _homes(), traits, min_group_homes=2)
    assert found.mae_usd == pytest.approx((10 + 10 + 30 + 100) / 4)
    assert found.naive_mae_usd == 100
    assert found.coverage == 0.75  # c costs less than its lower end
    assert found.mean_width_usd == pytest.approx((40 + 60 + 40 + 200) / 4)
    assert found.costs["error_usd"].tolist() == [10.0, -10.0, 30.0, -100.0]
    by_hand = [
        ["electricity", 4, 0.75, 30 / 4, (19 + 49.996 + 100 + 100) / 4],
        ["gas", 4, 0.75, 110 / 4, (10 + 10 + 30 + 100) / 4],
        ["gas, homes that pay for gas", 2, 0.5, 55.0, 65.0],
        ["total", 4, 0.75, 150 / 4, 340 / 4],
    ]
    pd.testing.assert_frame_equal(found.by_bill, pd.DataFrame(by_hand, columns=list(found.by_bill)))
    assert found.by_group.to_numpy().tolist() == [["tenure", "owner", 3, 1.0, 40.0]]


@pytest.mark.real_data
def test_the_surveys_costs_are_told_as_promised(data_dir: Path) -> None:
    from case_heating.data.recs import read_recs
    from case_heating.data.validate import check_tables
    from case_heating.features.build import build_features
    from case_heating.features.known import known_labels
    from case_heating.model.cost import cost_features, year_costs
    from case_heating.model.cost_held_out import learn_cost

    trusted = check_tables(read_recs(data_dir / "recs2015_public.csv.gz", 2015), as_of=None, today=date(2026, 11, 23))
    tables, as_of = trusted.tables, trusted.as_of
    features = cost_features(build_features(tables, as_of=as_of), "property", bills=False)
    _, held_out = learn_cost(
        features,
        known_labels(tables["labels"], as_of=as_of),
        year_costs(tables, as_of=as_of),
        stage="property",
        folds=5,
        seed=0,
        threads=2,
    )
    homes, sensitive = (tables[name].set_index("home_id") for name in ("homes", "sensitive"))
    found = judge_cost(held_out, homes, sensitive, min_group_homes=200)
    assert found.mae_usd <= 490
    assert found.naive_mae_usd == pytest.approx(552, abs=2)
    assert 0.88 <= found.coverage <= 0.92
    assert found.by_group["coverage"].min() >= 0.85


def test_a_fitted_model_gives_a_home_that_may_be_either_the_wider_interval() -> None:
    rng = np.random.default_rng(0)
    area, gas = rng.uniform(500, 3000, 600), rng.random(600) < 0.5
    names = [f"h{number}" for number in range(600)]
    features = pd.DataFrame({"floor_area_sqft": area}, index=names)
    electricity, gas_cost = np.where(gas, 0.2, 1.5) * area, np.where(gas, 0.3, 0.0) * area
    costs = pd.DataFrame({"electricity": electricity, "gas": gas_cost}, index=names) * rng.uniform(0.9, 1.1, (600, 2))
    costs["total"] = costs["electricity"] + costs["gas"]
    fuel = pd.Series(np.where(gas, "gas", "electricity"), index=names)
    model, _ = learn_cost(features, fuel, costs, stage="property", folds=2, seed=0, threads=1)
    homes = pd.DataFrame({"floor_area_sqft": [1500.0] * 3}, index=["gas", "electric", "either"])
    told = model.predict(homes, fuel_shares(pd.Series([1.0, 0.0, 0.5], index=homes.index)))
    assert told.loc["gas", "total_usd"] == pytest.approx(750, rel=0.1)  # 0.2 + 0.3 USD for each sqft
    assert told.loc["electric", "total_usd"] == pytest.approx(2250, rel=0.1)
    assert told.loc["electric", "gas_usd"] == pytest.approx(0, abs=5)
    width = told["total_high_usd"] - told["total_low_usd"]
    assert width["either"] > 2 * max(width["gas"], width["electric"])
    assert told.loc["either", "total_low_usd"] < 1000 < 2000 < told.loc["either", "total_high_usd"]
