"""A model as a folder that any machine can read: LightGBM's own text, JSON beside it, and a digest. No pickle."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import lightgbm

from case_heating.errors import ModelError
from case_heating.model.fuel import Calibration, Encoding, FuelModel

FORMAT = 1
_TREES, _CONTRACT, _DIGEST = "trees.txt", "contract.json", "digest.txt"


def save_model(model: FuelModel, folder: Path) -> str:
    """Write the model into a folder and give its digest; the same model gives the same digest."""
    contract = {
        "stage": model.stage,
        **encoding_in_json(model.encoding),
        "calibration": asdict(model.calibration),
        "n_training_homes": model.n_training_homes,
    }
    return write_artifact(folder, {_TREES: model.booster.model_to_string()}, contract)


def load_model(folder: Path) -> FuelModel:
    """Read a model back after checking its digest.

    Raises
    ------
    ModelError
        If a file is missing, was changed since it was saved, or was written by another version.
    """
    contract = read_contract(folder, _TREES)
    return FuelModel(
        stage=contract["stage"],
        encoding=read_encoding(contract),
        booster=read_trees(folder / _TREES),
        calibration=Calibration(**contract["calibration"]),
        n_training_homes=contract["n_training_homes"],
    )


def write_artifact(folder: Path, trees: dict[str, str], contract: dict[str, Any]) -> str:
    """Write trees as text files ``trees*.txt``, the contract as JSON, and a digest over all of it, which is given.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    trees : dict of str
        LightGBM's text of each booster by its file's name, ``trees…txt``.
    contract : dict
        All else, as JSON has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps({"format": FORMAT} | contract, indent=1) + "\n"
    for name, text in (*trees.items(), (_CONTRACT, told)):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    digest = _digest(folder)
    (folder / _DIGEST).write_text(digest + "\n", encoding="utf-8")
    return digest


def read_contract(folder: Path, *trees: str) -> dict[str, Any]:
    """Read the contract back after checking the digest of all files.

    Parameters
    ----------
    folder : Path
        From :func:`write_artifact`.
    *trees : str
        Files of trees that must be there.

    Raises
    ------
    ModelError
        If a file is missing, was changed since it was saved, or was written by another version.
    """
    if absent := [name for name in (*trees, _CONTRACT, _DIGEST) if not (folder / name).exists()]:
        raise ModelError(f"{folder} is no model: {', '.join(absent)} is missing; train again with 'heating run'")
    if (folder / _DIGEST).read_bytes().strip() != _digest(folder).encode():
        raise ModelError(f"the files in {folder} are not those that were saved; train again with 'heating run'")
    contract: dict[str, Any] = json.loads((folder / _CONTRACT).read_text(encoding="utf-8"))
    if contract["format"] != FORMAT:
        raise ModelError(
            f"{folder} has model format {contract['format']}, this version reads {FORMAT}; "
            "train again with 'heating run'"
        )
    return contract


def read_trees(file: Path) -> lightgbm.Booster:
    """Read trees from LightGBM's own text."""
    return lightgbm.Booster(model_str=file.read_text(encoding="utf-8"))


def encoding_in_json(encoding: Encoding) -> dict[str, Any]:
    """Give the part of a contract that says which features come in, and their categories."""
    return {
        "features": list(encoding.names),
        "categories": {name: list(values) for name, values in encoding.categories.items()},
    }


def read_encoding(contract: dict[str, Any]) -> Encoding:
    """Read back what :func:`encoding_in_json` gave."""
    categories = {name: tuple(values) for name, values in contract["categories"].items()}
    return Encoding(tuple(contract["features"]), categories)


def _digest(folder: Path) -> str:
    files = (*sorted(folder.glob("trees*.txt")), folder / _CONTRACT)
    return sha256(b"\x00".join(file.read_bytes() for file in files)).hexdigest()
