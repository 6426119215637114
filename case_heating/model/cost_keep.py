"""A cost model as a folder that any machine can read, and what it reached on held-out homes beside it.

LightGBM's own text for each quantile of each bill, JSON for the rest, and a digest over all of it. No pickle.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.features.known import known_labels
from case_heating.model.artifact import (
    encoding_in_json,
    read_contract,
    read_encoding,
    read_trees,
    write_artifact,
)
from case_heating.model.cost import CostModel, CostTrees, cost_features, year_costs
from case_heating.model.cost_calibration import GroupCalibration
from case_heating.model.cost_held_out import learn_cost
from case_heating.settings import Settings
from case_heating.workspace import Step, fingerprint, open_workspace, take_step

_HELD_OUT, _MODEL = "held_out.parquet", "model"

QUICK_FOLDS = 2
"""Parts of the main job's look at cost: each home is judged by a model of half the others, which is a little worse."""

MOST_HOMES = 10_000
"""Labelled homes the kept model learns from: with ten thousand the error is known to one per cent."""


@dataclass(frozen=True)
class LearnedCost:
    """A cost model and the homes it was judged on while they were held out.

    Attributes
    ----------
    model : CostModel
    held_out : DataFrame
        From ``learn_cost``.
    bills : bool
        Whether the model reads features made from a home's own bills.
    """

    model: CostModel
    held_out: pd.DataFrame
    bills: bool


def take_cost_step(
    source: str,
    features: Step[pd.DataFrame],
    trusted: Step[Trusted],
    settings: Settings,
    *,
    stage: str,
    bills: bool,
    folds: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Step[LearnedCost]:
    """Learn what homes pay at a stage and keep it in the workspace, or take it from there.

    A thorough look, with so many folds, takes all labelled homes and is kept beside the main job's quick one.

    Parameters
    ----------
    source : str
        Name of the source, as in the folders of the other steps.
    features : Step of DataFrame
        What is known of each home; its key stands for tables and code.
    trusted : Step of Trusted
        The tables; read only where something is to be learned.
    settings : Settings
        Seed, threads and workspace.
    stage : str
        Last data stage to use.
    bills : bool
        Whether features made from a home's own bills are used.
    folds : int, optional
        Parts the homes are split into to judge the model thoroughly; :data:`QUICK_FOLDS` of some homes if not given.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    NotEnoughDataError
        If no bill has a cost, or too few homes have a known cost and fuel.
    """
    apart = "" if folds is None else f"_{stage}_in_{folds}_parts"

    def learn() -> LearnedCost:
        tables, as_of = trusted.value.tables, trusted.value.as_of
        paid = year_costs(tables, as_of=as_of)
        fuel = known_labels(tables["labels"], as_of=as_of)
        if folds is None and len(fuel) > MOST_HOMES:
            fuel = fuel.sample(MOST_HOMES, random_state=settings.seed)
        model, held_out = learn_cost(
            cost_features(features.value, stage, bills=bills),
            fuel,
            paid,
            stage=stage,
            folds=folds or QUICK_FOLDS,
            seed=settings.seed,
            threads=settings.threads,
            progress=progress,
        )
        return LearnedCost(model, held_out, bills)

    return take_step(
        open_workspace(settings.workspace),
        f"7_cost/{source}/{'with' if bills else 'without'}_bills{apart}",
        fingerprint(features.key, stage, settings.seed, *([folds] if apart else [])),
        make=learn,
        write=write_cost,
        read=read_cost,
    )


def write_cost(cost: LearnedCost, folder: Path) -> None:
    """Write model and held-out figures into a folder."""
    save_cost_model(cost.model, folder / _MODEL)
    cost.held_out.to_parquet(folder / _HELD_OUT)
    (folder / "bills.json").write_text(json.dumps(cost.bills), encoding="utf-8")


def read_cost(folder: Path) -> LearnedCost:
    """Read back what :func:`write_cost` wrote.

    Raises
    ------
    ModelError
        If the model's files were changed since.
    """
    bills = bool(json.loads((folder / "bills.json").read_text(encoding="utf-8")))
    return LearnedCost(load_cost_model(folder / _MODEL), pd.read_parquet(folder / _HELD_OUT), bills)


def save_cost_model(model: CostModel, folder: Path) -> str:
    """Write the model into a folder and give its digest; the same model gives the same digest."""
    boosters = model.trees.boosters
    contract: dict[str, Any] = {
        "stage": model.stage,
        **encoding_in_json(model.trees.encoding),
        "trees": {bill: [f"trees_{bill}_{number}.txt" for number in range(len(boosters[bill]))] for bill in boosters},
        "calibration": {bill: asdict(calibration) for bill, calibration in model.calibration.items()},
        "n_training_homes": model.n_training_homes,
    }
    trees = {
        name: booster.model_to_string()
        for bill, names in contract["trees"].items()
        for name, booster in zip(names, boosters[bill], strict=True)
    }
    return write_artifact(folder, trees, contract)


def load_cost_model(folder: Path) -> CostModel:
    """Read a model back after checking its digest.

    Raises
    ------
    ModelError
        If a file is missing, was changed since it was saved, or was written by another version.
    """
    contract = read_contract(folder)
    return CostModel(
        stage=contract["stage"],
        trees=CostTrees(
            read_encoding(contract),
            {bill: tuple(read_trees(folder / name) for name in names) for bill, names in contract["trees"].items()},
        ),
        calibration={
            bill: GroupCalibration(
                told["middle"], {group: (low, high) for group, (low, high) in told["levels"].items()}
            )
            for bill, told in contract["calibration"].items()
        },
        n_training_homes=contract["n_training_homes"],
    )
