"""Charts of a judged candidate: drawn of the gate's homes, the same bytes each time, none of too few homes."""

from datetime import date

import numpy as np
import pandas as pd

from case_heating.model.evidence import Evidence
from case_heating.people.gate_plots import gate_plots


def judged(n_homes: int) -> tuple[Evidence, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    is_gas = rng.random(n_homes) < 0.6
    probability = np.clip(0.6 * is_gas + 0.2 + rng.normal(0, 0.15, n_homes), 0.01, 0.99)
    homes = pd.DataFrame({"division": "pacific"}, index=[f"h{number}" for number in range(n_homes)])
    counts = {"gas": int(is_gas.sum()), "electricity": int((~is_gas).sum())}
    evidence = Evidence(homes, is_gas, homes, None, counts, n_homes, date(2025, 1, 31))
    return evidence, probability, np.full(n_homes, 0.6)


def test_two_charts_of_the_gates_homes():
    drawn = gate_plots(*judged(400))
    assert sorted(drawn) == ["answered.svg", "calibration.svg"]
    evidence, _, _ = judged(400)
    share = 100 * evidence.is_gas.mean()  # the naive answer is gas for all
    assert f"naive answer for all homes: {share:.1f} %".encode() in drawn["answered.svg"]
    assert gate_plots(*judged(400)) == drawn


def test_no_chart_of_ten_homes():
    assert gate_plots(*judged(10)) == {}
