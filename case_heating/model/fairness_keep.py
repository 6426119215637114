"""A fairness study written into a folder and read back, so that what took minutes to find is looked at in no time."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from case_heating.model.fairness import Fairness, FairnessLimits
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.fairness_verdict import FairnessVerdict
from case_heating.model.remedies import Decision, Focus

_TOLD = "study.json"
_OF_STUDY = ("gaps", "told", "without", "remedies")
_OF_FAIRNESS = ("figures", "differences")


def write_study(study: FairnessStudy, folder: Path) -> None:
    """Write a study: its tables as Parquet, the rest as JSON."""
    for name in _OF_STUDY:
        getattr(study, name).to_parquet(folder / f"{name}.parquet")
    for name in _OF_FAIRNESS:
        getattr(study.fairness, name).to_parquet(folder / f"{name}.parquet")
    fairness = study.fairness
    told = {
        "stage": study.stage,
        "limits": asdict(study.limits),
        "review_below": study.review_below,
        "too_small": fairness.too_small,
        "untold": fairness.untold,
        "absent": fairness.absent,
        "n_homes": fairness.n_homes,
        "n_comparisons": fairness.n_comparisons,
        "verdict": asdict(study.verdict),
        "focus": None if study.focus is None else asdict(study.focus),
        "decision": None if study.decision is None else asdict(study.decision),
        "deep": study.deep,
        "n_targeted": study.n_targeted,
    }
    (folder / _TOLD).write_text(json.dumps(told, indent=1), encoding="utf-8")


def read_study(folder: Path) -> FairnessStudy:
    """Read back what :func:`write_study` wrote."""
    told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in (*_OF_STUDY, *_OF_FAIRNESS)}
    fairness = Fairness(
        figures=tables["figures"],
        differences=tables["differences"],
        too_small={trait: tuple(groups) for trait, groups in told["too_small"].items()},
        untold=told["untold"],
        absent=told["absent"],
        n_homes=told["n_homes"],
        n_comparisons=told["n_comparisons"],
    )
    limits, verdict, decision = told["limits"], told["verdict"], told["decision"]
    return FairnessStudy(
        stage=told["stage"],
        limits=FairnessLimits(**limits | {"needed_traits": tuple(limits["needed_traits"])}),
        review_below=None if told["review_below"] is None else tuple(told["review_below"]),
        fairness=fairness,
        verdict=FairnessVerdict(verdict["passed"], tuple(verdict["reasons"])),
        gaps=tables["gaps"],
        told=tables["told"],
        without=tables["without"],
        focus=None if told["focus"] is None else Focus(**told["focus"]),
        remedies=tables["remedies"],
        decision=None if decision is None else Decision(decision["remedy"], tuple(decision["reasons"])),
        deep=told["deep"],
        n_targeted=told.get("n_targeted", 0),
    )
