"""How long a model takes to answer for one home: the core has no clock, so this is measured at the edge."""

from time import perf_counter

import numpy as np
import pandas as pd

from case_heating.model.fuel import FuelModel, encode

REPEATS = 50


def one_answer_ms(model: FuelModel, features: pd.DataFrame) -> float:
    """Median time of one home's answer, from its encoded row to its probability. [ms]"""
    rows = encode(features.head(REPEATS), model.encoding)
    times = []
    for row in rows:
        begun = perf_counter()
        model.calibration(model.score(row[None, :]))
        times.append(perf_counter() - begun)
    return float(np.median(times) * 1000)
