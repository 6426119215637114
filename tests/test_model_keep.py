"""The ladder written down and read back is the same ladder."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError
from case_heating.model.evidence import Evidence
from case_heating.model.keep import read_ladder, write_ladder
from case_heating.model.ladder import Ladder, climb
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=2, bootstrap_rounds=5, threads=1)


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    rng = np.random.default_rng(0)
    is_gas = np.arange(120) % 2 == 0
    home_id = pd.Index([f"h{number}" for number in range(120)], name="home_id")
    features = pd.DataFrame(
        {"dwelling_type": rng.choice(["a", "b"], 120), "kwh_year": 5.0 * ~is_gas + rng.normal(0, 3, 120)}, index=home_id
    )
    homes = pd.DataFrame({"district": rng.choice(["d1", "d2"], 120)}, index=home_id)
    weight = rng.uniform(1, 9, 120)
    seen_by = pd.Series(np.where(~is_gas & (np.arange(120) % 5 == 0), "rebate", "survey"), index=home_id, dtype="str")
    evidence = Evidence(features, is_gas, homes, weight, {}, 120, SETTINGS.today, seen_by)
    then = np.arange(120) < 80
    earlier = Evidence(features[then], is_gas[then], homes[then], weight[then], {}, 80, date(2023, 6, 1))
    return climb(evidence, SETTINGS, earlier=earlier)


@pytest.fixture
def folder(ladder, tmp_path):
    write_ladder(ladder, tmp_path)
    return tmp_path


def without_models(ladder):
    return [replace(rung, model=None, probability=rung.probability.tolist()) for rung in ladder.rungs]


def test_a_ladder_read_back_is_the_same_to_the_last_digit(ladder, folder):
    read = read_ladder(folder)
    assert read.not_reached == ladder.not_reached == ("weather", "property", "monthly", "gas_service", "gas_bills")
    assert without_models(read) == without_models(ladder)
    assert read.rungs[0].step is None
    assert None not in (read.rungs[1].step, read.rungs[1].weighted, read.rungs[1].by_region, read.rungs[1].by_time)
    assert read.rungs[1].untargeted.by_home.model.n_homes == 108
    pd.testing.assert_frame_equal(read.table(), ladder.table(), check_exact=True)


def test_its_models_answer_as_before(ladder, folder):
    asked = pd.DataFrame({"dwelling_type": ["a", "b", "c"], "kwh_year": [-3.0, 5.0, np.nan]})
    for before, after in zip(ladder.rungs, read_ladder(folder).rungs, strict=True):
        assert after.model.probability_of_gas(asked).tolist() == before.model.probability_of_gas(asked).tolist()
        assert after.model.stage == after.stage


def test_figures_that_are_absent_stay_absent(ladder, tmp_path):
    bare = Ladder(tuple(replace(rung, weighted=None, by_region=None, by_time=None) for rung in ladder.rungs), ())
    write_ladder(bare, tmp_path)
    assert without_models(read_ladder(tmp_path)) == without_models(bare)


def test_people_find_json_and_a_table(ladder, folder):
    told = json.loads((folder / "ladder.json").read_text(encoding="utf-8"))
    assert [rung["stage"] for rung in told["rungs"]] == ["location", "billing"]
    by_home = ladder.rungs[1].by_home
    assert told["rungs"][1]["by_home"]["model"]["figures"]["auc"]["low"] == by_home.model["auc"].low
    table = pd.read_csv(folder / "ladder.csv", index_col="stage")
    pd.testing.assert_frame_equal(table, ladder.table(), check_index_type=False)


def test_a_model_changed_since_is_refused(folder):
    trees = folder / "models" / "billing" / "trees.txt"
    trees.write_text(trees.read_text() + " ")
    with pytest.raises(ModelError, match="are not those that were saved"):
        read_ladder(folder)
