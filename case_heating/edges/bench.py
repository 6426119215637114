"""Benchmarks: each measures this package and a named rival in the same run and gives their ratio.

Times depend on the machine; the ratio travels better.
"""

import resource
import sys
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from case_heating.features.change_point import MIN_SPREAD_F, MIN_TOLERANCE
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.features.degree_days import DegreeDays
from case_heating.features.signature import DegreeDayRates, fit_signature_arrays

RIVAL_HOMES = 100
"""Homes the rival fits: it takes milliseconds a home, so that a hundred give its pace."""

_PLACES = 10
_CYCLES = 20  # billing cycles of a place, one a working day of the month
_BILL_DAYS = 30


def bench_signature(n_homes: int = 100_000, n_bills: int = 36, seed: int = 0, threads: int = 2) -> dict[str, Any]:
    """Fit bill signatures of made-up homes, and some of them again by the rival: a loop over homes and candidates.

    The rival solves the same models with ``numpy.linalg.lstsq``, one home and one pair of balance points after the
    other, and keeps the best by the same criterion.

    Parameters
    ----------
    n_homes, n_bills : int
        Homes, and bills of each.
    seed : int
        Seed of weather and usage.
    threads : int
        Chunks of homes fitted at the same time.

    Returns
    -------
    dict
        ``seconds``, ``homes_per_second`` and ``peak_memory_gib`` (of the whole process, made-up homes included),
        the rival's name and ``rival_homes_per_second``, ``ratio`` of the two paces, and ``largest_difference``
        between their heating slopes. [kWh/(°F·day)]
    """
    rng = np.random.default_rng(seed)
    rates = _made_up_rates(n_bills, rng)
    usage_per_day, period = _made_up_homes(n_homes, n_bills, rates, rng)
    days = np.full(usage_per_day.shape, float(_BILL_DAYS))

    begun = perf_counter()
    signatures = fit_signature_arrays(usage_per_day, days, period, rates, threads=threads)
    seconds = perf_counter() - begun

    sample = range(min(RIVAL_HOMES, n_homes))
    begun = perf_counter()
    rival_slopes = [_fit_one_by_one(usage_per_day[home], period[home], rates) for home in sample]
    rival_pace = len(sample) / (perf_counter() - begun)
    return {
        "homes": n_homes,
        "bills_per_home": n_bills,
        "threads": threads,
        "seconds": seconds,
        "homes_per_second": n_homes / seconds,
        "peak_memory_gib": _peak_memory_gib(),
        "rival": "numpy.linalg.lstsq in a loop over homes and balance points",
        "rival_homes": len(sample),
        "rival_homes_per_second": rival_pace,
        "ratio": n_homes / seconds / rival_pace,
        "largest_difference": float(np.abs(signatures["heating_slope"].to_numpy()[sample] - rival_slopes).max()),
    }


def _made_up_rates(n_bills: int, rng: np.random.Generator) -> DegreeDayRates:
    """Degree days per day of every place, billing cycle and month, as one column each."""
    day = np.arange(_CYCLES + _BILL_DAYS * n_bills)
    first_day = np.datetime64("2020-01-01")
    normal_f = rng.uniform(45, 72, _PLACES)
    mean_temp_f = normal_f[:, None] - 20 * np.cos(2 * np.pi * day / 365.25) + rng.normal(0, 6, (_PLACES, len(day)))
    names = np.array([f"place {place}" for place in range(_PLACES)])
    degree_days = DegreeDays.from_weather(
        pd.DataFrame(
            {
                "place_id": names.repeat(len(day)),
                "date": np.tile(first_day + day, _PLACES),
                "mean_temp_f": mean_temp_f.ravel(),
            }
        )
    )
    start = np.tile(np.add.outer(np.arange(_CYCLES), _BILL_DAYS * np.arange(n_bills)).ravel(), _PLACES) + first_day
    hdd, cdd = degree_days.of(names.repeat(_CYCLES * n_bills), start, start + _BILL_DAYS)
    bases_f = np.array(degree_days.bases_f)
    heating, cooling = bases_f <= 70, bases_f >= 65
    return DegreeDayRates(bases_f[heating], bases_f[cooling], hdd[heating] / _BILL_DAYS, cdd[cooling] / _BILL_DAYS)


def _made_up_homes(n_homes: int, n_bills: int, rates: DegreeDayRates, rng: np.random.Generator) -> tuple[Floats, Whole]:
    """Usage per day and period of every bill; half of the homes heat with electricity, most cool."""
    cycle = rng.integers(0, _PLACES * _CYCLES, n_homes)
    period = cycle[:, None] * n_bills + np.arange(n_bills)
    heating_base = rng.integers(0, len(rates.heating_balance_f), (n_homes, 1))
    cooling_base = rng.integers(0, len(rates.cooling_balance_f), (n_homes, 1))
    usage_per_day = rng.normal(20.0, 2.0, period.shape)
    usage_per_day += rng.choice([0.0, 1.5], (n_homes, 1)) * rates.hdd_per_day[heating_base, period]
    usage_per_day += rng.choice([0.0, 2.0, 2.0], (n_homes, 1)) * rates.cdd_per_day[cooling_base, period]
    return usage_per_day, period


def _fit_one_by_one(usage_per_day: Floats, period: Whole, rates: DegreeDayRates) -> float:
    """Heating slope of one home as one would write it first: every candidate by least squares, the best one kept."""
    n_bills = len(period)
    ones = np.ones(n_bills)
    least, slope = float(np.square(usage_per_day - usage_per_day.mean()).sum()) / (n_bills - 1), 0.0
    heating = [None, *range(len(rates.heating_balance_f))]
    cooling = [None, *range(len(rates.cooling_balance_f))]
    for h in heating:
        for c in cooling:
            crossed = h is not None and c is not None and rates.heating_balance_f[h] > rates.cooling_balance_f[c]
            if crossed or (h is None and c is None):
                continue
            columns = [ones]
            columns += [] if h is None else [rates.hdd_per_day[h, period]]
            columns += [] if c is None else [rates.cdd_per_day[c, period]]
            design = np.column_stack(columns)
            coefficients = np.linalg.lstsq(design, usage_per_day, rcond=None)[0]
            residual = float(np.square(usage_per_day - design @ coefficients).sum())
            per_freedom = residual / (n_bills - 1 - 2 * (len(columns) - 1))
            if per_freedom < least and (coefficients[1:] > 0).all() and _told_apart(design):
                least, slope = per_freedom, 0.0 if h is None else float(coefficients[1])
    return slope


def _told_apart(design: Floats) -> bool:
    """Whether each column but the ones varies enough, and two of them not together."""
    columns = design[:, 1:]
    if (columns.std(axis=0) < MIN_SPREAD_F).any():
        return False
    return columns.shape[1] == 1 or 1 - np.corrcoef(columns[:, 0], columns[:, 1])[0, 1] ** 2 >= MIN_TOLERANCE


def _peak_memory_gib() -> float:
    """Largest resident set of this process so far; macOS counts it in bytes, Linux in KiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
