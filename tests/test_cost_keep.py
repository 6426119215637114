"""A cost model in a folder: read back it says the same of every home, and no changed byte goes unnoticed."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError
from case_heating.model.cost import fuel_shares
from case_heating.model.cost_held_out import learn_cost
from case_heating.model.cost_keep import (
    LearnedCost,
    load_cost_model,
    read_cost,
    save_cost_model,
    take_cost_step,
    write_cost,
)
from case_heating.settings import Settings
from case_heating.workspace import Step


def homes(n: int = 400, seed: int = 0) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    index = pd.Index([f"h{number}" for number in range(n)], name="home_id")
    gas, area = rng.random(n) < 0.5, rng.uniform(500, 3000, n)
    features = pd.DataFrame(
        {"floor_area_sqft": area, "dwelling_type": rng.choice(["mobile_home", "apartment_5_plus"], n)}, index=index
    )
    fuel = pd.Series(np.where(gas, "gas", "electricity"), index=index)
    paid = pd.DataFrame({"electricity": np.where(gas, 0.2, 1.5) * area, "gas": np.where(gas, 0.4, 0.0) * area}, index)
    return features, fuel, paid.assign(total=paid.sum(axis="columns"))


@pytest.fixture(scope="module")
def learned() -> LearnedCost:
    return LearnedCost(*learn_cost(*homes(), stage="property", folds=2, seed=0, threads=2), bills=False)


def test_read_back_it_says_the_same_of_every_home(learned, tmp_path):
    write_cost(learned, tmp_path)
    again = read_cost(tmp_path)
    others, _, _ = homes(100, seed=5)
    shares = fuel_shares(pd.Series(np.linspace(0, 1, 100), index=others.index))
    pd.testing.assert_frame_equal(again.model.predict(others, shares), learned.model.predict(others, shares))
    pd.testing.assert_frame_equal(again.held_out, learned.held_out)
    assert (again.bills, again.model.stage, again.model.n_training_homes) == (False, "property", 400)


def test_the_same_model_gives_the_same_digest_and_another_one_another(learned, tmp_path):
    first, second = (save_cost_model(learned.model, tmp_path / name) for name in ("a", "b"))
    other, _ = learn_cost(*homes(seed=1), stage="property", folds=2, seed=0, threads=1)
    assert first == second != save_cost_model(other, tmp_path / "c")


@pytest.mark.parametrize("file", ["trees_gas_2.txt", "contract.json"])
def test_a_changed_or_missing_file_is_noticed(learned, tmp_path, file):
    save_cost_model(learned.model, tmp_path)
    (tmp_path / file).write_text((tmp_path / file).read_text() + " ")
    with pytest.raises(ModelError, match="not those that were saved"):
        load_cost_model(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(ModelError):
        load_cost_model(tmp_path)


def test_the_number_of_threads_changes_nothing(learned):
    _, held_out = learn_cost(*homes(), stage="property", folds=2, seed=0, threads=1)
    pd.testing.assert_frame_equal(held_out, learned.held_out)


def test_a_second_call_reads_no_table(tmp_path, tiny_tables):
    features, fuel, paid = homes()
    tables = tiny_tables | {
        "homes": pd.DataFrame({"home_id": features.index, "place_id": "p1"}),
        "labels": pd.DataFrame({"home_id": fuel.index, "heating_fuel": fuel, "source": "survey"}).assign(
            event_time=pd.Timestamp("2024-01-01"), known_at=pd.Timestamp("2024-01-01")
        ),
        "bills": pd.concat(
            pd.DataFrame(
                {"home_id": paid.index, "fuel": name, "usage": paid[name], "cost_usd": paid[name], "read": "read"}
            )
            for name in ("electricity", "gas")
        ).assign(start=pd.Timestamp("2024-01-01"), end=pd.Timestamp("2025-01-01"), known_at=pd.Timestamp("2025-01-01")),
    }
    settings = Settings(today=date(2025, 6, 1), workspace=tmp_path / "ws", threads=1)
    known = Step(tmp_path, "a key", True, lambda _folder: features)

    def forbidden(_folder):
        raise AssertionError("a kept model needs no table")

    trusted = SimpleNamespace(tables=tables, as_of=date(2025, 6, 1))
    first, second = (
        take_cost_step("town", known, Step(tmp_path, "", True, read), settings, stage="property", bills=False)
        for read in (lambda _folder: trusted, forbidden)
    )
    assert (first.reused, second.reused) == (False, True)
    assert second.folder == tmp_path / "ws/7_cost/town/without_bills"
    pd.testing.assert_frame_equal(second.value.held_out, first.value.held_out)
    steps = "town", known, Step(tmp_path, "", True, lambda _folder: trusted), settings
    thorough = take_cost_step(*steps, stage="property", bills=False, folds=3)
    assert thorough.folder == tmp_path / "ws/7_cost/town/without_bills_property_in_3_parts"
    assert not thorough.value.held_out.equals(first.value.held_out)
    assert take_cost_step(*steps, stage="property", bills=False).reused  # the quick one is still there
    assert take_cost_step(*steps, stage="property", bills=False, folds=3).reused
