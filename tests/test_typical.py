"""Reference values worked out by hand: medians, commonest values, shares, and the cells of peers."""

import json

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError
from case_heating.model.typical import (
    MIN_PEERS,
    Median,
    Share,
    learn_typical,
    load_typical,
    peer_cells,
    plain_values,
    value_class,
)


def made(n=40):
    """Homes 0 … n-1 heat with gas and use 1, 2, … kWh; n … 2n-1 with electricity and use 101, 102, … kWh."""
    kwh = np.concatenate([np.arange(n) + 1.0, np.arange(n) + 101.0])
    is_gas = np.arange(2 * n) < n
    return pd.DataFrame(
        {
            "dwelling_type": pd.array(["single_detached"] * n + ["mobile_home"] * n, dtype="str"),
            "gas_service": np.where(is_gas, 1.0, np.nan),
            "kwh_year": kwh,
            "therms_year": np.where(is_gas, 500.0, np.nan),
        },
        index=[f"h{i}" for i in range(2 * n)],
    ), is_gas


FEATURES, IS_GAS = made()
TYPICAL = learn_typical(FEATURES, IS_GAS)


def test_usual_values_of_each_fuel():
    assert TYPICAL.by_fuel["gas"] == {
        "dwelling_type": "single_detached",
        "gas_service": 1.0,
        "kwh_year": 20.5,
        "therms_year": 500.0,
    }
    assert TYPICAL.by_fuel["electricity"] == {
        "dwelling_type": "mobile_home",
        "gas_service": None,
        "kwh_year": 120.5,
        "therms_year": None,
    }


def test_spread_values_are_the_middles_of_thirds():
    # Of 40 sorted values those at 40 / 6, 120 / 6 and 200 / 6: the 7th, 21st and 34th.
    assert TYPICAL.spread["gas"]["kwh_year"] == [7.0, 21.0, 34.0]
    assert TYPICAL.spread["electricity"]["kwh_year"] == [107.0, 121.0, 134.0]
    assert TYPICAL.spread["electricity"]["therms_year"] == [None, None, None]
    assert TYPICAL.spread["gas"]["dwelling_type"] == ["single_detached"] * 3


def test_medians_fall_back_to_the_first_cell_with_both_fuels():
    cells = peer_cells("single_detached", None, None)
    # Only gas homes are detached here, so that the cell of all homes is the first that knows both fuels.
    assert TYPICAL.medians_of("kwh_year", cells) == {
        "electricity": Median(120.5, 40, 3),
        "gas": Median(20.5, 40, 3),
    }
    assert TYPICAL.medians_of("therms_year", cells)["electricity"].value is None
    assert TYPICAL.medians_of("rooms", cells) == {}


def test_shares_of_homes_alike():
    assert TYPICAL.share("dwelling_type", "mobile_home") == Share(0.0, 40, 0.5)
    assert TYPICAL.share("therms_year", None) == Share(0.0, 40, 0.5)
    assert TYPICAL.share("gas_service", 1.0) == Share(1.0, 40, 0.5)
    assert TYPICAL.share("dwelling_type", "apartment_2_4") is None


def test_fewer_homes_than_the_least_are_never_told():
    features, is_gas = made(MIN_PEERS - 1)
    typical = learn_typical(features, is_gas)
    assert typical.shares["dwelling_type"] == {}
    assert typical.medians["kwh_year"] == {}


def test_peers_of_the_same_size_and_climate_come_first():
    features, is_gas = made()
    features["climate"] = "cold"
    features["floor_area_sqft"] = 1500.0
    features["dwelling_type"] = "single_detached"
    typical = learn_typical(features, is_gas)
    found = typical.medians_of("kwh_year", peer_cells("single_detached", 1500.0, "cold"))
    assert (found["gas"].level, found["gas"].value) == (0, 20.5)
    found = typical.medians_of("kwh_year", peer_cells("single_detached", 1500.0, "marine"))
    assert found["gas"].level == 1


def test_eras_and_flags():
    assert value_class("year_built", 1949.0) == "before"
    assert value_class("year_built", 1979.0) == "1970"
    assert value_class("year_built", 2024.0) == "2000"
    assert (value_class("solar", 1.0), value_class("solar", 0.0), value_class("solar", None)) == (
        "yes",
        "no",
        "missing",
    )


def test_plain_values_have_no_nan():
    assert plain_values(FEATURES["gas_service"])[39:41] == [1.0, None]
    assert plain_values(pd.Series(["cold", None], name="climate", dtype="str")) == ["cold", None]


def test_saved_as_json_without_a_row_and_read_back(tmp_path):
    path = tmp_path / "typical.json"
    TYPICAL.save(path)
    assert load_typical(path) == TYPICAL
    told = json.loads(path.read_text())
    assert not any(home in path.read_text() for home in ("h0", "h79"))
    counts = [n for values in told["shares"].values() for _, n in values.values()]
    assert counts
    assert min(counts) >= MIN_PEERS


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_file_is_told(tmp_path, text):
    path = tmp_path / "typical.json"
    path.write_text(text)
    with pytest.raises(ModelError, match="holds no reference values"):
        load_typical(path)


def test_an_absent_file_is_told(tmp_path):
    with pytest.raises(ModelError, match="heating run"):
        load_typical(tmp_path / "typical.json")
