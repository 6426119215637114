"""A study is written down and read back whole, deep or not."""

from dataclasses import fields, replace

import pandas as pd
import pytest

from case_heating.model.fairness import Fairness, FairnessLimits
from case_heating.model.fairness_keep import read_study, write_study
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.fairness_verdict import FairnessVerdict
from case_heating.model.remedies import Decision, Focus

FIGURES = pd.DataFrame(
    {
        "trait": ["tenure", "tenure"],
        "group": ["owner", "renter"],
        "n_homes": [400, 20],
        "measure": "accuracy",
        "value": [0.9, float("nan")],
        "judged": [True, False],
    }
)
DEEP = FairnessStudy(
    stage="property",
    limits=FairnessLimits(min_homes_judged=50, needed_traits=("tenure",)),
    review_below=(0.9, 0.93),
    fairness=Fairness(
        FIGURES,
        pd.DataFrame({"trait": ["tenure"], "n_groups": [2]}).set_index("trait"),
        {"race": ("asian",)},
        {"tenure": 3},
        {"ethnicity": "it is missing"},
        420,
        2,
    ),
    verdict=FairnessVerdict(None, ("ethnicity cannot be judged",)),
    gaps=pd.DataFrame({"trait": ["tenure"], "gap": [0.1]}),
    told=pd.DataFrame({"trait": ["tenure"], "auc": [0.7]}),
    without=pd.DataFrame({"left_out": ["nothing"], "accuracy": [0.9]}).set_index("left_out"),
    focus=Focus("tenure", "renter"),
    remedies=pd.DataFrame({"remedy": ["as it is"], "by_lot": [False]}).set_index("remedy"),
    decision=Decision("as it is", ("within the limit",)),
)
NONE = pd.DataFrame()
SHALLOW = replace(
    DEEP, gaps=NONE, told=NONE, without=NONE, remedies=NONE, decision=None, focus=None, review_below=None, deep=False
)


@pytest.mark.parametrize("study", [DEEP, SHALLOW])
def test_it_is_read_back_as_it_was(study, tmp_path):
    write_study(study, tmp_path)
    again = read_study(tmp_path)
    for whole, back in ((study, again), (study.fairness, again.fairness)):
        for field in fields(whole):
            was, now = getattr(whole, field.name), getattr(back, field.name)
            if isinstance(was, pd.DataFrame):
                pd.testing.assert_frame_equal(was, now, check_column_type=False)
            elif field.name != "fairness":
                assert was == now, field.name
