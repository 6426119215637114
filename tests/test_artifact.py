"""A model in a folder: read back it answers the same, and no changed byte goes unnoticed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import ModelError
from case_heating.model.artifact import load_model, save_model
from case_heating.model.fuel import Calibration, FuelParams, train_fuel_model
from case_heating.model.predict import predict

FILES = ("trees.txt", "contract.json", "digest.txt")


def homes(n=200, seed=0):
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        {"kwh_per_hdd": rng.uniform(0, 4, n), "district": rng.choice(["Zürich Höhe", 'say "d"', "c|d"], n)},
        index=pd.Index([f"h{number}" for number in range(n)], name="home_id"),
    )
    features.loc[rng.random(n) < 0.2, "kwh_per_hdd"] = np.nan
    features.loc[rng.random(n) < 0.2, "district"] = None
    return features


def fitted(seed=0):
    features = homes()
    is_gas = (features["kwh_per_hdd"] < 2).to_numpy() | (features["district"] == "c|d").to_numpy()
    return train_fuel_model(
        features,
        is_gas,
        stage="weather",
        n_trees=15,
        calibration=Calibration(1 / 3, -0.1),
        params=FuelParams(),
        seed=seed,
    )


@pytest.fixture(scope="module")
def model():
    return fitted()


@pytest.fixture
def folder(model, tmp_path):
    save_model(model, tmp_path / "models" / "weather")
    return tmp_path / "models" / "weather"


def test_a_model_read_back_answers_exactly_the_same(model, folder):
    others = homes(500, seed=7)
    others.loc["h3", "district"] = "never seen"
    pd.testing.assert_frame_equal(predict(load_model(folder), others), predict(model, others), check_exact=True)


def test_a_model_read_back_has_the_same_contract(model, folder):
    read = load_model(folder)
    assert (read.stage, read.encoding, read.calibration, read.n_training_homes) == (
        "weather",
        model.encoding,
        Calibration(1 / 3, -0.1),
        200,
    )


def test_the_same_model_gives_the_same_digest_and_another_does_not(model, folder, tmp_path):
    written = (folder / "digest.txt").read_text().strip()
    assert save_model(model, tmp_path / "again") == written
    assert save_model(fitted(), tmp_path / "retrained") == written
    assert save_model(load_model(folder), tmp_path / "copied") == written
    assert save_model(fitted(seed=1), tmp_path / "other") != written


def test_the_contract_alone_changes_the_digest(model, folder, tmp_path):
    other = replace(model, calibration=Calibration(1 / 3, -0.2))
    assert save_model(other, tmp_path / "other") != (folder / "digest.txt").read_text().strip()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_a_changed_byte_anywhere_is_refused(folder, name, flip):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= flip
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"are not those that were saved; train again"):
        load_model(folder)


def test_a_byte_moved_from_one_file_to_the_other_is_refused(folder):
    trees, contract = (folder / "trees.txt").read_bytes(), (folder / "contract.json").read_bytes()
    (folder / "trees.txt").write_bytes(trees + contract[:1])
    (folder / "contract.json").write_bytes(contract[1:])
    with pytest.raises(ModelError, match="not those that were saved"):
        load_model(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"is no model: {name} is missing"):
        load_model(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"trees.txt, contract.json, digest.txt"):
        load_model(tmp_path / "nowhere")


def test_a_model_of_another_format_is_refused(model, folder, monkeypatch):
    monkeypatch.setattr("case_heating.model.artifact.FORMAT", 2)
    with pytest.raises(ModelError, match="has model format 1, this version reads 2"):
        load_model(folder)


def test_the_folder_holds_text_alone(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert (folder / "trees.txt").read_text(encoding="utf-8").startswith("tree\nversion=")
    assert set(json.loads((folder / "contract.json").read_text(encoding="utf-8"))) == {
        "format",
        "stage",
        "features",
        "categories",
        "calibration",
        "n_training_homes",
    }
    for path in folder.iterdir():
        assert not path.read_bytes().startswith(b"\x80")  # as every binary pickle does
