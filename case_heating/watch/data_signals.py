"""Signals that need no label: bills against their own history, features, facts lost, new homes, late feeds."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from case_heating.features.known import known_bills
from case_heating.features.stages import FEATURE
from case_heating.schema import Tables
from case_heating.watch.signals import Limits, Signal, percent

EBBING = frozenset({"heating_balance_f", "heating_slope_se"})
"""Facts that a home without an electric heating slope has not: their absence is an answer, and no loss of data."""

_MIN_SLIPPED_BILLS = 10
_MIN_WATCHED_BILLS = 30
_NAMES_SHOWN = 5
_UNIT = {"electricity": "kWh", "gas": "therms"}


def bill_signals(surprises: pd.DataFrame, limits: Limits) -> list[Signal]:
    """Look for districts in another unit, and for more surprising bills than weather and habit make.

    Parameters
    ----------
    surprises : DataFrame
        From :func:`case_heating.watch.bills.bill_surprises`.
    """
    signals = []
    for fuel, own in surprises.groupby("fuel"):
        by_district = own.groupby("district")["surprise"].agg(["median", "size"])
        by_district = by_district[by_district["size"] >= _MIN_SLIPPED_BILLS]
        slipped = by_district[by_district["median"].abs() >= np.log(limits.slipped_factor)]
        worst = float(np.exp(by_district["median"].abs().max())) if len(by_district) else 1.0
        words = f"no district's {fuel} bills are out of proportion; the farthest lies {worst:.2g}-fold from its history"
        if len(slipped):
            factor = float(np.exp(slipped["median"].loc[slipped["median"].abs().idxmax()]))
            words = (
                f"the usual {fuel} bill of {_listed(slipped.index)} is {factor:,.3g} times what the homes' history "
                f"says: another unit than {_UNIT[str(fuel)]}, now or in that history"
            )
        signals.append(
            Signal(
                "data",
                f"{fuel} bills: unit",
                worst,
                limits.slipped_factor,
                "alarm",
                len(slipped) > 0,
                len(slipped) > 0,
                words,
            )
        )
        if len(own) < _MIN_WATCHED_BILLS:
            continue
        n_surprising = int((own["surprise"].abs() > np.log(limits.surprise)).sum())
        share = n_surprising / len(own)
        words = (
            f"{percent(share)} of {len(own):,} {fuel} bills are over {limits.surprise:g} times, or under one in "
            f"{limits.surprise:g}, of what the home's own history says of such weather"
        )
        by_chance = float(binomtest(n_surprising, len(own), limits.surprising_bills / 2, "greater").pvalue)
        raised = share >= limits.surprising_bills and by_chance <= limits.by_chance
        signals.append(
            Signal("data", f"{fuel} bills: surprise", share, limits.surprising_bills, "alarm", raised, False, words)
        )
        signals.append(_one_way_signal(str(fuel), own["surprise"], limits))
    return signals


def _one_way_signal(fuel: str, surprise: pd.Series, limits: Limits) -> Signal:
    """Look whether surprising bills lean to one side: more, or less, than the homes' history says."""
    n_over, n_under = (int((side * surprise > np.log(limits.surprise)).sum()) for side in (1, -1))
    lean = abs(n_over - n_under) / len(surprise)
    by_chance = float(binomtest(n_over, n_over + n_under).pvalue) if n_over + n_under else 1.0
    raised = lean >= limits.one_way and by_chance <= limits.by_chance
    words = (
        f"{percent(n_over / len(surprise))} of {fuel} bills are surprisingly high and "
        f"{percent(n_under / len(surprise))} surprisingly low: mess goes both ways, change goes one"
    )
    return Signal("data", f"{fuel} bills: one way", lean, limits.one_way, "alarm", raised, False, words)


def feature_signals(table: pd.DataFrame, limits: Limits) -> list[Signal]:
    """Look for features that drifted; those of weather and prices are told and not counted.

    Parameters
    ----------
    table : DataFrame
        From :func:`case_heating.watch.drift.compare_features`.
    """
    signals = []
    about = {"home": "of homes", "weather": "of the weather", "prices": "of prices and places"}
    for kind, own in table.groupby("kind"):
        drifted = own[own["drifted"]].sort_values("psi", ascending=False)
        farthest = float(own["psi"].max())
        words = f"no feature {about[str(kind)]} drifted; the farthest PSI is {farthest:.2f}, of {own['psi'].idxmax()}"
        if len(drifted):
            words = f"{len(drifted)} of {len(own)} features {about[str(kind)]} drifted: " + _listed(
                f"{name} (PSI {row.psi:.2f})" for name, row in drifted.iterrows()
            )
        role: Literal["alarm", "information"] = "alarm" if kind == "home" else "information"
        signals.append(
            Signal(
                "feature", f"features {about[str(kind)]}", farthest, limits.psi, role, len(drifted) > 0, False, words
            )
        )
    lost = table.loc[~table.index.isin(EBBING), "lost"].sort_values(ascending=False)
    gone = lost[lost >= limits.lost_facts]
    words = f"facts stay: at most {percent(lost.max() if len(lost) else 0.0)} of the homes that had one have it no more"
    if len(gone):
        words = "facts are gone from homes that had them: " + _listed(
            f"{name} ({percent(x)})" for name, x in gone.items()
        )
    worst = float(lost.max()) if len(lost) else 0.0
    signals.append(Signal("data", "facts lost", worst, limits.lost_facts, "alarm", len(gone) > 0, len(gone) > 0, words))
    return signals


def population_signals(reference: pd.DataFrame, current: pd.DataFrame, limits: Limits) -> list[Signal]:
    """Look for homes, and names of districts and the like, that the champion's reference did not know."""
    new = ~current.index.isin(reference.index)
    share = float(new.mean()) if len(current) else 0.0
    words = f"{percent(share)} of {len(current):,} homes were no customers when the champion was trained"
    signals = [Signal("data", "new homes", share, limits.new_homes, "alarm", share >= limits.new_homes, False, words)]
    unknown = {}
    for name in current:
        if name in reference and name in FEATURE and FEATURE[name].kind == "category":
            values = current[name]
            unknown[name] = float((values.notna() & ~values.isin(reference[name].dropna().unique())).mean())
    if unknown:
        name = max(unknown, key=lambda feature: unknown[feature])
        raised = unknown[name] >= limits.unknown_names
        words = f"{percent(unknown[name])} of homes have a {name} that the champion has never seen"
        signals.append(
            Signal("data", "unknown names", unknown[name], limits.unknown_names, "alarm", raised, False, words)
        )
    return signals


def freshness_signals(tables: Tables, *, as_of: date, limits: Limits) -> list[Signal]:
    """Look for feeds that fell silent: bills by fuel, weather, labels."""
    moment = pd.Timestamp(as_of)
    signals = []
    if "bills" in tables:
        known = known_bills(tables["bills"], as_of=as_of)
        last = known.groupby(["fuel", "home_id"])["end"].max()
        late = last < moment - pd.Timedelta(days=limits.stale_days)
        for fuel, share in late.groupby("fuel").mean().items():
            raised = bool(share >= limits.stale_homes)
            words = f"{percent(share)} of homes have no {fuel} bill that ended in the last {limits.stale_days} days"
            signals.append(
                Signal("freshness", f"{fuel} bills", float(share), limits.stale_homes, "alarm", raised, raised, words)
            )
    if "weather" in tables:
        seen = tables["weather"]["date"]
        days = _days_since(seen[seen <= moment], moment)
        raised = days > limits.weather_days
        words = f"the newest weather is {days:.0f} days old"
        signals.append(Signal("freshness", "weather", days, limits.weather_days, "alarm", raised, raised, words))
    if "labels" in tables:
        known_at = tables["labels"]["known_at"]
        days = _days_since(known_at[known_at <= moment], moment)
        words = f"the newest label became known {days:.0f} days ago"
        raised = days > limits.label_silence_days
        signals.append(
            Signal("freshness", "labels", days, limits.label_silence_days, "information", raised, False, words)
        )
    return signals


def quarantine_signal(rows_in: int, refused: int, limits: Limits) -> Signal:
    """Look at how much of the newest delivery was refused."""
    share = refused / rows_in if rows_in else 0.0
    raised = share >= limits.quarantine
    words = f"{refused:,} of {rows_in:,} rows delivered went to quarantine ({percent(share)})"
    return Signal("quarantine", "delivery", share, limits.quarantine, "alarm", raised, raised, words)


def _days_since(days: pd.Series, moment: pd.Timestamp) -> float:
    """Days from the newest to the moment; without any, more than any limit."""
    return float((moment - days.max()).days) if len(days) else 9999.0


def _listed(names: Iterable[object]) -> str:
    """Name the first few and count the others."""
    every = [str(name) for name in names]
    more = len(every) - _NAMES_SHOWN
    return ", ".join(every[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
