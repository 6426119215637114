"""A learned forecast in a folder: read back, every scenario comes out the same to the bit, and it is learned once."""

import shutil
from dataclasses import fields, is_dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import WorkspaceError
from case_heating.model.forecast import LearnedForecast, forecast, learn_forecast
from case_heating.model.forecast_keep import read_forecast, take_forecast_step, write_forecast
from case_heating.model.portfolio import roll_up
from case_heating.model.scenarios import SEVERE_WINTER, HeatPumps, Scenario, TariffChange
from case_heating.settings import Settings
from case_heating.workspace import Step

AS_OF = date(2025, 1, 1)


@pytest.fixture(scope="module")
def tables():
    return simulate(homes=300, seed=2).tables


@pytest.fixture(scope="module")
def learned(tables) -> LearnedForecast:
    return learn_forecast(tables, as_of=AS_OF)


def assert_same(one, other, where=""):
    """Every field of the dataclasses is the same, arrays to the bit."""
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, tuple):
        assert len(one) == len(other), where
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_same(a, b, f"{where}[{number}]")
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other)
    else:
        np.testing.assert_array_equal(one, other, err_msg=where)


def test_read_back_every_number_is_the_same(learned, tmp_path):
    write_forecast(learned, tmp_path)
    assert_same(learned, read_forecast(tmp_path))


def test_read_back_a_scenario_costs_the_same_to_the_cent(learned, tmp_path):
    write_forecast(learned, tmp_path)
    scenario = Scenario(
        SEVERE_WINTER,
        (TariffChange("gas", AS_OF, unit_factor=1.2),),
        (HeatPumps(AS_OF, district=str(learned.homes["district"].iloc[0]), share=0.5),),
    )
    one, other = (forecast(each, scenario) for each in (learned, read_forecast(tmp_path)))
    np.testing.assert_array_equal(one.cents, other.cents)
    pd.testing.assert_frame_equal(roll_up(one, ["month", "fuel"]), roll_up(other, ["month", "fuel"]))


def test_nothing_kept_can_run_code(learned, tmp_path):
    write_forecast(learned, tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".parquet", ".json"}


@pytest.fixture
def take(tables, tmp_path):
    settings = Settings(today=AS_OF, workspace=tmp_path / "ws")
    answers = pd.DataFrame({"probability_of_gas": 0.6}, index=pd.Index(tables["homes"]["home_id"]))

    def step(key, value):
        return Step(tmp_path, key, True, lambda _folder: value, value)

    def take(key="answered", known=tables):
        trusted = step("trusted", SimpleNamespace(tables=known, as_of=AS_OF))
        return take_forecast_step("town", trusted, step(key, answers), settings, progress=lambda *_: None)

    return take


def test_it_is_learned_once_and_anew_after_other_answers(take, tmp_path):
    first, again, other = take(), take(known=None), take("answered again")
    assert (first.reused, again.reused, other.reused) == (False, True, False)
    assert again.folder == tmp_path / "ws/7_forecast/town"
    assert_same(first.value, again.value)


def test_a_damaged_folder_is_told_with_a_remedy(take):
    folder = take().folder
    (folder / "forecast.json").write_text("{}")
    with pytest.raises(WorkspaceError, match="delete it and run again"):
        _ = take().value
    shutil.rmtree(folder)
    assert not take().reused
