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
    folder.mkdir(parents=True, exist_ok=True)
    contract = {
        "format": FORMAT,
        "stage": model.stage,
        "features": list(model.encoding.names),
        "categories": {name: list(values) for name, values in model.encoding.categories.items()},
        "calibration": asdict(model.calibration),
        "n_training_homes": model.n_training_homes,
    }
    (folder / _TREES).write_text(model.booster.model_to_string(), encoding="utf-8", newline="\n")
    (folder / _CONTRACT).write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8", newline="\n")
    digest = _digest(folder)
    (folder / _DIGEST).write_text(digest + "\n", encoding="utf-8")
    return digest


def load_model(folder: Path) -> FuelModel:
    """Read a model back after checking its digest.

    Raises
    ------
    ModelError
        If a file is missing, was changed since it was saved, or was written by another version.
    """
    if absent := [name for name in (_TREES, _CONTRACT, _DIGEST) if not (folder / name).exists()]:
        raise ModelError(f"{folder} is no model: {', '.join(absent)} is missing; train again with 'heating run'")
    if (folder / _DIGEST).read_bytes().strip() != _digest(folder).encode():
        raise ModelError(f"the files in {folder} are not those that were saved; train again with 'heating run'")
    contract: dict[str, Any] = json.loads((folder / _CONTRACT).read_text(encoding="utf-8"))
    if contract["format"] != FORMAT:
        raise ModelError(
            f"{folder} has model format {contract['format']}, this version reads {FORMAT}; "
            "train again with 'heating run'"
        )
    return FuelModel(
        stage=contract["stage"],
        encoding=Encoding(
            tuple(contract["features"]), {name: tuple(values) for name, values in contract["categories"].items()}
        ),
        booster=lightgbm.Booster(model_str=(folder / _TREES).read_text(encoding="utf-8")),
        calibration=Calibration(**contract["calibration"]),
        n_training_homes=contract["n_training_homes"],
    )


def _digest(folder: Path) -> str:
    both = b"\x00".join((folder / name).read_bytes() for name in (_TREES, _CONTRACT))
    return sha256(both).hexdigest()
