"""A model's folder: the same model gives the same bytes anywhere, and no changed byte goes unnoticed."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from case_heating.errors import ModelError
from case_heating.release.model_folder import folder_digest, read_model_folder, write_model_folder

FILES = {
    "model/trees.txt",
    "model/contract.json",
    "model/digest.txt",
    "typical.json",
    "reference.json",
    "about.json",
    "training_rows.csv",
    "card.md",
    "digest.txt",
}


@pytest.fixture(scope="module")
def rows(plant_rows):
    return plant_rows(400, seed=1, day="2024-06-30")


@pytest.fixture(scope="module")
def trained(rows, train_planted):
    return train_planted(rows)


@pytest.fixture
def folder(trained, tmp_path):
    write_model_folder(trained, tmp_path / "m")
    return tmp_path / "m"


def test_all_that_goes_with_a_model_comes_back(trained, folder, rows):
    back = read_model_folder(folder)
    features = rows.evidence.features
    np.testing.assert_array_equal(
        back.model.probability_of_gas(features), trained.model.probability_of_gas(features), strict=True
    )
    assert back.typical == trained.typical
    assert back.reference == trained.reference
    assert back.thresholds == trained.thresholds
    assert back.held_out == trained.held_out
    assert back.lineage == trained.lineage
    assert back.training_rows.equals(trained.training_rows)
    assert write_model_folder(back, folder.parent / "again") == folder_digest(folder)


def test_the_folder_holds_text_alone_and_no_home_s_facts(folder, trained):
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == FILES
    for path in folder.rglob("*.*"):
        path.read_text(encoding="utf-8")
    assert (folder / "training_rows.csv").read_text().splitlines()[:2] == [
        "home_id,moment,known_at",
        "t00000,2024-06-30,2024-06-30",
    ]
    assert "for planning" in (folder / "card.md").read_text().lower().replace("**", "")


def test_another_seed_gives_another_digest(trained, rows, train_planted, tmp_path):
    digest = write_model_folder(trained, tmp_path / "a")
    assert write_model_folder(train_planted(rows), tmp_path / "b") == digest
    assert write_model_folder(train_planted(rows, seed=1), tmp_path / "c") != digest


def test_two_processes_make_the_same_bytes(tmp_path):
    """Hashing of strings differs from process to process, so that an order taken from a set would show."""
    code = """
import sys
from datetime import date
from pathlib import Path
from case_heating.data.simulate import simulate
from case_heating.features.build import build_features
from case_heating.release.candidate import label_requests, labelled_rows, train_candidate
from case_heating.release.lineage import digest_of, trace_lineage
from case_heating.release.model_folder import write_model_folder
from case_heating.settings import Settings
day = date(2025, 12, 31)
tables = simulate(homes=400, seed=3).tables
features = build_features(tables, as_of=day, stage="property")
rows = labelled_rows(
    label_requests(tables["labels"], known_after=None, known_by=day), features, tables["homes"], as_of=day
)
settings = Settings(today=day, folds=2, bootstrap_rounds=20)
lineage = trace_lineage(settings, as_of=day, cutoff=day, data_digests={"features": digest_of(features)})
trained = train_candidate(rows, stage="property", settings=settings, lineage=lineage, served=features)
print(write_model_folder(trained, Path(sys.argv[1])))
"""
    digests = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True, check=True
        ).stdout
        for name in ("a", "b")
    ]
    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 64


@pytest.mark.parametrize("name", sorted(FILES - {"digest.txt"}))
def test_a_changed_byte_of_any_file_is_noticed(folder, name):
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(ModelError, match=r"not those that were saved.*heating registry rollback"):
        read_model_folder(folder)


@pytest.mark.parametrize("name", sorted(FILES - {"digest.txt"}))
def test_a_missing_file_is_noticed(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match="not those that were saved"):
        read_model_folder(folder)


def test_a_file_more_is_noticed(folder):
    (folder / "more.txt").write_text("x")
    with pytest.raises(ModelError, match="not those that were saved"):
        read_model_folder(folder)


def test_a_folder_that_is_not_there_is_told_with_a_remedy(folder):
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match=r"holds no whole model.*heating registry rollback"):
        read_model_folder(folder)


def test_the_wrong_model_is_noticed_though_it_is_whole(folder):
    with pytest.raises(ModelError, match="holds another model"):
        read_model_folder(folder, digest="0" * 64)


def test_another_format_is_told(folder):
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps(about | {"format": 99}))
    (folder / "digest.txt").write_text(folder_digest(folder))
    with pytest.raises(ModelError, match="has format 99, this version reads 1"):
        read_model_folder(folder)


def test_a_write_that_fails_leaves_the_former_folder(folder, trained):
    broken = replace(trained, thresholds=None)
    digest = folder_digest(folder)
    with pytest.raises(TypeError):
        write_model_folder(broken, folder)
    assert folder_digest(folder) == digest
    assert [path.name for path in folder.parent.iterdir()] == ["m"]
