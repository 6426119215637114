"""A model in its folder: text and tables that any machine can read, under one digest. No pickle.

``model/`` holds the trees and their contract as ``model/artifact.py`` writes them; beside it lie what reasons are told
against, the reference of drift, thresholds, training rows, figures, lineage and a card.
"""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating.errors import ModelError
from case_heating.model.artifact import load_model, save_model
from case_heating.model.keep import comparison_from
from case_heating.model.typical import load_typical
from case_heating.release.candidate import Thresholds, TrainedModel
from case_heating.release.card import write_card
from case_heating.release.lineage import Lineage
from case_heating.release.reference import Reference
from case_heating.workspace import whole_folder

FORMAT = 1
_MODEL, _TYPICAL, _ROWS, _CARD, _DIGEST = "model", "typical.json", "training_rows.csv", "card.md", "digest.txt"
_REFERENCE, _ABOUT = "reference.json", "about.json"
_DAYS = ["moment", "known_at"]


def write_model_folder(trained: TrainedModel, folder: Path) -> str:
    """Write a model into a folder, which appears whole or not at all, and give its digest.

    The same model gives the same digest on any day and at any place.
    """
    with whole_folder(folder) as draft:
        save_model(trained.model, draft / _MODEL)
        trained.typical.save(draft / _TYPICAL)
        _write_json(trained.reference.to_plain(), draft / _REFERENCE)
        about = {
            "format": FORMAT,
            "thresholds": asdict(trained.thresholds),
            "held_out": asdict(trained.held_out),
            "lineage": trained.lineage.to_plain(),
        }
        _write_json(about, draft / _ABOUT)
        days = trained.training_rows[_DAYS].apply(lambda column: column.dt.strftime("%Y-%m-%d"))
        days.to_csv(draft / _ROWS, lineterminator="\n", index_label="home_id")
        (draft / _CARD).write_text(write_card(trained), encoding="utf-8", newline="\n")
        digest = folder_digest(draft)
        (draft / _DIGEST).write_text(digest + "\n", encoding="utf-8", newline="\n")
    return digest


def read_model_folder(folder: Path, *, digest: str | None = None) -> TrainedModel:
    """Read a model back after checking every byte of it.

    Parameters
    ----------
    folder : Path
        Where it lies.
    digest : str, optional
        The digest it must have; without it the one in the folder is trusted.

    Raises
    ------
    ModelError
        If the folder or a file of it is missing, was changed, is another model's, or was written by another version.
    """
    if not (folder / _DIGEST).is_file():
        raise ModelError(f"{folder} holds no whole model ({_DIGEST} is missing); {_REMEDY}")
    found, written = folder_digest(folder), (folder / _DIGEST).read_bytes().decode(errors="replace").strip()
    if found != written:
        raise ModelError(
            f"the files in {folder} are not those that were saved (their digest is {found[:12]}, {written[:12]} was "
            f"written down); {_REMEDY}"
        )
    if digest is not None and digest != found:
        raise ModelError(
            f"{folder} holds another model (digest {found[:12]}) than the one asked for ({digest[:12]}); {_REMEDY}"
        )
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    if about["format"] != FORMAT:
        raise ModelError(f"{folder} has format {about['format']}, this version reads {FORMAT}; {_REMEDY}")
    return TrainedModel(
        model=load_model(folder / _MODEL),
        typical=load_typical(folder / _TYPICAL),
        thresholds=Thresholds(**about["thresholds"]),
        reference=Reference.from_plain(json.loads((folder / _REFERENCE).read_text(encoding="utf-8"))),
        training_rows=_read_rows(folder / _ROWS),
        held_out=comparison_from(about["held_out"]),
        lineage=Lineage.from_plain(about["lineage"]),
    )


def folder_digest(folder: Path) -> str:
    """Digest of the names and bytes of all files but the one that holds the digest."""
    digest = sha256()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name in sorted(files.keys() - {_DIGEST}):
        content = files[name].read_bytes()
        digest.update(f"{name}\x00{len(content)}\x00".encode())
        digest.update(content)
    return digest.hexdigest()


_REMEDY = "serve the model before it with 'heating registry rollback', or train a new one"


def _write_json(told: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")


def _read_rows(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype={"home_id": "str"}, index_col="home_id", keep_default_na=False)
    return rows.astype(dict.fromkeys(_DAYS, "datetime64[us]"))
