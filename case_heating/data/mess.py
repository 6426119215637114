"""What happens between the meter and the table: estimates, swaps, duplicates, slips and late mail.

Each kind of mess has its rate, an assumption, as a named constant.
"""

import numpy as np
import pandas as pd

from case_heating.data.climate import FIRST_DAY
from case_heating.data.territory import WH_DISTRICT, WH_MONTH

ESTIMATED_READ_RATE = 0.03  # of readings; the reader did not get in
RURAL_ESTIMATED_READ_RATE = 0.08
ESTIMATE_MEMORY = 0.5  # weight of the last bill in an estimate; the rest is the home's mean
DUPLICATE_RATE = 0.002  # of rows, sent twice
UNIT_SLIP_RATE = 0.0003  # of rows, in Wh instead of kWh (or a thousandth of a therm)
WH_PER_KWH = 1000.0
METER_SWAP_RATE = 0.04  # of homes in four years; the period is billed in two parts
LATE_MAIL_RATE = 0.015  # of rows
PROMPT_DAYS = (2, 6)  # from reading to knowing
LATE_DAYS = (20, 70)
CORRECTION_DAYS = (38, 43)  # until the Wh month was corrected


def estimate_reads(usage: np.ndarray, length: np.ndarray, estimated: np.ndarray, runs_back: np.ndarray) -> np.ndarray:
    """Replace usage by smooth estimates and let the next readings catch up.

    Parameters
    ----------
    usage, length, estimated : ndarray, shape (n_homes, n_periods)
        True usage, days, and whether the period ends with an estimate.
    runs_back : ndarray of bool, shape (n_homes,)
        Meters that may run backwards; on others an estimate that was too high is credited until nothing is left to pay.

    Returns
    -------
    ndarray, shape (n_homes, n_periods)
        Billed usage; once caught up its sum is the true one.

    Examples
    --------
    >>> usage, days = np.array([[300.0, 900.0, 300.0]]), np.full((1, 3), 30.0)
    >>> estimate_reads(usage, days, np.array([[False, True, False]]), np.array([False])).tolist()
    [[300.0, 400.0, 800.0]]
    """
    mean = usage.sum(axis=1) / length.sum(axis=1).clip(min=1)
    least = np.where(runs_back, -np.inf, 0.0)
    billed = np.empty_like(usage)
    owed = np.zeros(len(usage))
    last = mean
    for period in range(usage.shape[1]):
        guess = (ESTIMATE_MEMORY * last + (1 - ESTIMATE_MEMORY) * mean) * length[:, period]
        due = usage[:, period] + owed
        billed[:, period] = np.where(estimated[:, period], guess, np.maximum(due, least))
        owed = due - billed[:, period]
        last = np.where(length[:, period] > 0, usage[:, period] / length[:, period].clip(min=1), last)
    return billed


def swap_meters(rows: pd.DataFrame, swaps: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Bill in two parts the periods in which a meter was changed; ``swaps`` (bool) says in which rows."""
    whole = rows[swaps]
    length = (whole["end_day"] - whole["start_day"]).to_numpy()
    share = rng.uniform(0.2, 0.8, len(whole))
    change = whole["start_day"].to_numpy() + np.maximum((share * length).astype(np.int64), 1)
    share = (change - whole["start_day"].to_numpy()) / length
    first = whole.assign(end_day=change, usage=whole["usage"] * share)
    second = whole.assign(start_day=change, usage=whole["usage"] * (1 - share))
    return pd.concat([rows[~swaps], first, second]).sort_values(["home", "start_day"], kind="stable", ignore_index=True)


def mail_days(n: int, rng: np.random.Generator) -> np.ndarray:
    """Days from the end of a period until the utility knows the bill."""
    late = rng.random(n) < LATE_MAIL_RATE
    return np.where(late, rng.integers(*LATE_DAYS, n), rng.integers(*PROMPT_DAYS, n))


def spoil(rows: pd.DataFrame, district: np.ndarray, fuel: str, rng: np.random.Generator) -> pd.DataFrame:
    """Add the Wh month with its corrections, slips of single rows and exact duplicates.

    Parameters
    ----------
    rows : DataFrame
        Bills of one fuel, with ``end_day``, ``usage`` and ``known_day``.
    district : ndarray of str, shape (n_rows,)
    """
    slipped = rng.random(len(rows)) < UNIT_SLIP_RATE
    parts = [rows]
    if fuel == "electricity":
        month = (np.datetime64(FIRST_DAY, "D") + rows["end_day"].to_numpy()).astype("datetime64[M]")
        in_wh = (district == WH_DISTRICT) & (month == np.datetime64(WH_MONTH, "M"))
        corrected = rows[in_wh]
        delay = rng.integers(*CORRECTION_DAYS, len(corrected))
        parts.append(corrected.assign(known_day=corrected["known_day"] + delay))
        slipped = slipped | in_wh
    parts[0] = rows.assign(usage=np.where(slipped, WH_PER_KWH, 1.0) * rows["usage"])
    parts.append(parts[0][rng.random(len(rows)) < DUPLICATE_RATE])
    return pd.concat(parts, ignore_index=True)
