"""Why a home that is seen to heat with electricity pays for gas: a change during the year, hot water, or a doubt."""

from datetime import date

import pandas as pd

from case_heating.features.build import WINDOW_SLACK_DAYS, YEAR_DAYS
from case_heating.features.known import known_bills, known_sightings
from case_heating.schema import Tables

MONTH_DAYS = 30.0
COLD, WARM = (11, 12, 1, 2, 3), (5, 6, 7, 8, 9)
HEATS = 2.0
"""So many times the gas of a warm month a cold one takes where the gas heats; for hot water it is at most half more."""


def electric_since(labels: pd.DataFrame | None, home_id: str, *, as_of: date) -> date | None:
    """Give the first day of the last spell in which a home was seen to heat with electricity.

    Parameters
    ----------
    labels : DataFrame or None
        The canonical ``labels``.
    home_id : str
        The home.
    as_of : date
        The moment; what became known later does not count.

    Returns
    -------
    date or None
        Nothing where nobody has looked, or something else was seen last.
    """
    if labels is None:
        return None
    own = known_sightings(labels[labels["home_id"] == home_id], as_of=as_of)
    spell = None
    for row in own.iloc[::-1].itertuples():
        if row.heating_fuel != "electricity":
            break
        spell = row.event_time.date()
    return spell


def gas_beside_in_words(tables: Tables, home_id: str, *, as_of: date) -> str | None:
    """Say why a home seen to heat with electricity pays for gas; nothing where it is not, or does not.

    Parameters
    ----------
    tables : Tables
        Of one home: ``labels`` and ``bills``.
    home_id : str
        The home.
    as_of : date
        The moment.
    """
    since = electric_since(tables.get("labels"), home_id, as_of=as_of)
    if since is None or "bills" not in tables:
        return None
    bills = known_bills(tables["bills"], as_of=as_of)
    gas = bills[(bills["fuel"] == "gas") & (bills["home_id"] == home_id)]
    gas = gas[gas["start"] >= gas["end"].max() - pd.Timedelta(days=YEAR_DAYS + WINDOW_SLACK_DAYS)]
    if gas.empty:
        return None
    told = [f"It pays for gas although it is known to heat with electricity from {since} on."]
    is_before = gas["start"] < pd.Timestamp(since)
    if is_before.any():
        cost = gas.loc[is_before, "cost_usd"].sum() if "cost_usd" in gas else 0.0
        paid = f" ({cost:,.0f} USD)" if cost else ""
        told.append(f"{is_before.sum()} of its {len(gas)} gas bills of the last twelve months begin before{paid}.")
    after = gas[~is_before].dropna(subset=["usage"])
    days = (after["end"] - after["start"]).dt.days
    if len(after) and days.sum() > 0:
        told.append(_since_then(after, days, changed=bool(is_before.any())))
    return " ".join(told)


def _since_then(after: pd.DataFrame, days: "pd.Series[int]", *, changed: bool) -> str:
    """Say what the gas since the change is for, by whether cold months take more of it."""
    middle = after["start"] + pd.to_timedelta(days / 2, unit="D")
    per_month = {}
    for name, months in (("cold", COLD), ("warm", WARM)):
        part = middle.dt.month.isin(months)
        if days[part].sum() > 0:
            per_month[name] = MONTH_DAYS * after.loc[part, "usage"].sum() / days[part].sum()
    use = MONTH_DAYS * after["usage"].sum() / days.sum()
    when = "Since then it uses" if changed else "It uses"
    if len(per_month) == 2 and per_month["cold"] > HEATS * max(per_month["warm"], 0.0):
        return (
            f"{when} {per_month['cold']:.0f} therms a month in the cold season and {per_month['warm']:.0f} in the warm "
            "one: it may heat with gas as well, or what was seen may be wrong."
        )
    return f"{when} about {use:.0f} therms a month all the year round, as for hot water or cooking."
