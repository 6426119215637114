"""Write the ladder into the workspace and read it back."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating.model.artifact import load_model, save_model
from case_heating.model.ladder import Ladder, Rung, Untargeted
from case_heating.model.quality import Comparison, Figure, Quality

_FIGURES, _HELD_OUT = "ladder.json", "held_out.parquet"
_COMPARISONS = ("by_home", "weighted", "by_region", "by_time")


def write_ladder(ladder: Ladder, folder: Path) -> None:
    """Write figures as ``ladder.json`` and ``ladder.csv``, held-out probabilities, and one model folder per stage."""
    rungs = []
    for rung in ladder.rungs:
        save_model(rung.model, folder / "models" / rung.stage)
        figures = {name: getattr(rung, name) for name in _COMPARISONS}
        rungs.append(
            {"stage": rung.stage, "n_features": rung.n_features, "step": rung.step and asdict(rung.step)}
            | {name: comparison and asdict(comparison) for name, comparison in figures.items()}
            | {"untargeted": rung.untargeted and asdict(rung.untargeted)}
        )
    told = {"rungs": rungs, "not_reached": ladder.not_reached}
    (folder / _FIGURES).write_text(json.dumps(told, indent=1), encoding="utf-8")
    pd.DataFrame({rung.stage: rung.probability for rung in ladder.rungs}).to_parquet(folder / _HELD_OUT)
    ladder.table().to_csv(folder / "ladder.csv")


def read_ladder(folder: Path) -> Ladder:
    """Read back what :func:`write_ladder` wrote.

    Raises
    ------
    ModelError
        If a model's files were changed since.
    """
    told = json.loads((folder / _FIGURES).read_text(encoding="utf-8"))
    held_out = pd.read_parquet(folder / _HELD_OUT)
    rungs = tuple(
        Rung(
            stage=rung["stage"],
            n_features=rung["n_features"],
            by_home=comparison_from(rung["by_home"]),
            weighted=rung["weighted"] and comparison_from(rung["weighted"]),
            by_region=rung["by_region"] and comparison_from(rung["by_region"]),
            by_time=rung["by_time"] and comparison_from(rung["by_time"]),
            step=rung["step"] and Figure(**rung["step"]),
            probability=held_out[rung["stage"]].to_numpy(),
            model=load_model(folder / "models" / rung["stage"]),
            untargeted=rung.get("untargeted") and _untargeted(rung["untargeted"]),
        )
        for rung in told["rungs"]
    )
    return Ladder(rungs, tuple(told["not_reached"]))


def comparison_from(told: dict[str, Any]) -> Comparison:
    """Read back a comparison that ``asdict`` took apart."""
    return Comparison(_quality(told["model"]), _quality(told["rival"]), _figures(told["gain"]))


def _untargeted(told: dict[str, Any]) -> Untargeted:
    return Untargeted(**{name: comparison and comparison_from(comparison) for name, comparison in told.items()})


def _quality(told: dict[str, Any]) -> Quality:
    return Quality(told["n_homes"], _figures(told["figures"]))


def _figures(told: dict[str, Any]) -> dict[str, Figure]:
    return {name: Figure(**figure) for name, figure in told.items()}
