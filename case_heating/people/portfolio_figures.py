"""What finance sees of a portfolio: what homes heat with, how sure that is, and a year under one scenario or another.

Figures of one year are small tables, so that many scenarios can be kept. Districts and dwelling types of few homes are
told together: what they add up to stays whole, and no figure speaks of a handful of homes.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from case_heating.model.forecast import forecast
from case_heating.model.forecast_learn import LearnedForecast
from case_heating.model.portfolio import put_together, roll_up
from case_heating.model.predict import sureness
from case_heating.people.cost_plots import HALF_OVER_NINETY
from case_heating.people.cost_words import million_usd, million_usd_span
from case_heating.people.what_if import WhatIf, scenario_in_words
from case_heating.people.words import percent

SEEN = "somebody has seen it"
CERTAINTIES = (SEEN, *sureness(np.array([1.0, 0.9, 0.8, 0.7, 0.5])).tolist())
"""How sure it is what a home heats with, surest first."""

FEW_TOGETHER = "the smallest together"
"""What groups of few homes are called once they are put together."""

GROUPS = ("district", "dwelling_type")
KEYS = ("month", "fuel", *GROUPS)
"""What a year's figures are told by."""

SURE_ENOUGH = 0.85  # confidence below which an answer nobody has checked counts as unsure: wrong one time in seven


@dataclass(frozen=True)
class YearFigures:
    """A portfolio's year ahead under one scenario.

    Attributes
    ----------
    what_if : WhatIf
        The scenario.
    assumed : str
        All that it assumes, in words.
    months : tuple of date
        First days.
    total : Series
        From ``roll_up`` of everything.
    by : dict of DataFrame
        From ``roll_up`` by each of :data:`KEYS`.
    """

    what_if: WhatIf
    assumed: str
    months: tuple[date, ...]
    total: pd.Series
    by: dict[str, pd.DataFrame]


def draw_figures(learned: LearnedForecast, what_if: WhatIf, *, min_homes: int) -> YearFigures:
    """Forecast the year under a scenario and add it up.

    Parameters
    ----------
    learned : LearnedForecast
    what_if : WhatIf
    min_homes : int
        Groups of fewer homes are told together.

    Raises
    ------
    SourceError
        If the scenario changes a tariff that is not there.
    NotEnoughDataError
        If a fuel that homes take has no tariff.
    """
    year = forecast(learned, what_if.scenario(learned))
    cells = put_together(year)
    told = {key: few_together(cells.keys[key], min_homes, cells.n_homes) for key in GROUPS}
    cells = replace(cells, keys=cells.keys.assign(**told))
    by = {key: roll_up(cells, [key]) for key in KEYS}
    return YearFigures(what_if, scenario_in_words(year.scenario), year.months, roll_up(cells, []).iloc[0], by)


def few_together(group: pd.Series, min_homes: int, n_homes: np.ndarray | None = None) -> pd.Series:
    """Put groups of few homes together, and with them as many of the next smallest as it takes.

    Parameters
    ----------
    group : Series of text, shape (n_rows,)
        Group of each row; missing is a group of its own, ``unknown``.
    min_homes : int
        Fewest homes of a group that is told by itself.
    n_homes : ndarray of int, shape (n_rows,), optional
        Homes each row stands for; one if not given.

    Returns
    -------
    Series of text, shape (n_rows,)

    Examples
    --------
    >>> few_together(pd.Series(["a", "a", "a", "b", "c", "c"]), 2).tolist()
    ['a', 'a', 'a', 'the smallest together', 'the smallest together', 'the smallest together']
    """
    named = group.astype("str").fillna("unknown")
    counts = pd.Series(1 if n_homes is None else n_homes, index=named.index)
    sizes = counts.groupby(named).sum().sort_values(kind="stable")
    n_few = int((sizes < min_homes).sum())
    while 0 < n_few < len(sizes) and sizes.iloc[:n_few].sum() < min_homes:
        n_few += 1
    if n_few == 0 or len(sizes) == 1:
        return named
    return named.where(~named.isin(sizes.index[:n_few]), FEW_TOGETHER)


def homes_by_certainty(answers: pd.DataFrame) -> pd.DataFrame:
    """Count homes by what they heat with and how sure that is.

    Parameters
    ----------
    answers : DataFrame
        ``heating_fuel``, ``sureness`` and ``seen`` by ``home_id``; what somebody has seen counts over any answer.

    Returns
    -------
    DataFrame, a row per fuel and certainty that has homes
        ``fuel`` (``gas``, ``electricity``, ``other``; homes without heating are ``other``), ``certainty`` (one of
        :data:`CERTAINTIES`) and ``n_homes``, in this order.
    """
    fuel, is_seen = _fuel(answers), answers["seen"].notna()
    certainty = answers["sureness"].where(~is_seen, SEEN)
    counts = pd.DataFrame({"fuel": fuel, "certainty": certainty}).value_counts().rename("n_homes").reset_index()
    order = {"fuel": ["gas", "electricity", "other"], "certainty": list(CERTAINTIES)}
    place = [counts[key].map({name: number for number, name in enumerate(names)}) for key, names in order.items()]
    return counts.iloc[np.lexsort(place[::-1])].reset_index(drop=True)


def homes_by_group(homes: pd.DataFrame, answers: pd.DataFrame, key: str, *, min_homes: int) -> pd.DataFrame:
    """Count the homes of each district, or of each dwelling type, by what they heat with.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        The table ``homes``; where it lacks ``key``, all homes are of one group, ``unknown``.
    answers : DataFrame
        As in :func:`homes_by_certainty`.
    key : {"district", "dwelling_type"}
    min_homes : int
        Groups of fewer homes are told together.

    Returns
    -------
    DataFrame, a row per group
        ``key``, ``n_homes``, ``n_gas``, ``n_electricity``, ``n_other``, ``n_unsure`` (nobody has seen it and the
        answer is less sure than :data:`SURE_ENOUGH`), ``gas_percent`` and ``unsure_percent``.
    """
    by_home = homes.set_index("home_id")
    group = by_home[key] if key in by_home else pd.Series(pd.NA, index=by_home.index, dtype="str")
    fuel, unsure = _fuel(answers), answers["seen"].isna() & (answers["confidence"] < SURE_ENOUGH)
    told = pd.DataFrame(
        {
            key: few_together(group.reindex(answers.index), min_homes),
            "n_homes": 1,
            **{f"n_{name}": fuel == name for name in ("gas", "electricity", "other")},
            "n_unsure": unsure,
        }
    )
    table = told.groupby(key, sort=True).sum().astype(int).reset_index()
    return table.assign(
        gas_percent=100 * table["n_gas"] / table["n_homes"], unsure_percent=100 * table["n_unsure"] / table["n_homes"]
    )


def beside_usual(usual: YearFigures, other: YearFigures, key: str) -> pd.DataFrame:
    """Lay a scenario's year beside the usual one, group by group.

    Returns
    -------
    DataFrame, a row per group
        ``key``, ``n_homes``, ``usage_kwh``, ``usage_therm``, ``cost_usd``, ``cost_low_usd``, ``cost_high_usd``,
        ``usual_usd``, ``difference_usd``, ``difference_percent`` (missing where the usual cost is nothing) and
        ``usd_per_home``.
    """
    columns = [key, "n_homes", "usage_kwh", "usage_therm", "cost_usd", "cost_low_usd", "cost_high_usd"]
    table = other.by[key][columns].copy()
    table["usual_usd"] = usual.by[key]["cost_usd"]
    table["difference_usd"] = table["cost_usd"] - table["usual_usd"]
    table["difference_percent"] = 100 * table["difference_usd"] / table["usual_usd"].where(table["usual_usd"] != 0)
    return table.assign(usd_per_home=table["cost_usd"] / table["n_homes"])


def fan(usual: YearFigures, other: YearFigures) -> pd.DataFrame:
    """Lay out the months of a scenario with the bands that hold half and nine tenths of what may come.

    Returns
    -------
    DataFrame, a row per month
        ``month``, ``cost_usd``, ``cost_low_usd``, ``cost_high_usd`` (90 %), ``half_low_usd``, ``half_high_usd`` (50 %)
        and ``usual_usd``.
    """
    months = beside_usual(usual, other, "month")
    middle = months["cost_usd"]
    for end in ("low", "high"):
        months[f"half_{end}_usd"] = middle + HALF_OVER_NINETY * (months[f"cost_{end}_usd"] - middle)
    bands = [f"{band}_{end}_usd" for band in ("cost", "half") for end in ("low", "high")]
    return months[["month", "cost_usd", *bands, "usual_usd"]]


def year_in_words(usual: YearFigures, other: YearFigures) -> str:
    """Say in a sentence or two what a scenario's year costs, and what it changes in USD."""
    total, span = other.total, million_usd_span(other.total["cost_low_usd"], other.total["cost_high_usd"])
    first, last = f"{other.months[0]:%B %Y}", f"{other.months[-1]:%B %Y}"
    if other.what_if.is_usual:
        return (
            f"A normal winter at the prices in force: electricity and gas of {total['n_homes']:,.0f} homes cost "
            f"{million_usd(total['cost_usd'])} from {first} to {last}; with 90 % certainty {span}."
        )
    change = total["cost_usd"] - usual.total["cost_usd"]
    before = usual.total["cost_usd"]
    share = f" ({percent_change(change / before)})" if before else ""
    direction = "more" if change >= 0 else "less"
    fuels = beside_usual(usual, other, "fuel").set_index("fuel")["difference_usd"]
    parts = ", ".join(f"{fuel} {signed_usd(amount)}" for fuel, amount in fuels.items() if round(amount))
    return (
        f"With {other.what_if.in_words()}, the year costs {million_usd(total['cost_usd'])} (90 %: {span}): "
        f"{million_usd(abs(change))} {direction} than the usual year{share}{f'; {parts}' if parts else ''}."
    )


def certainty_in_words(counts: pd.DataFrame) -> str:
    """Say what homes heat with and how sure that is, from :func:`homes_by_certainty`."""
    n_homes = counts["n_homes"].sum()
    by_fuel = counts.groupby("fuel")["n_homes"].sum().reindex(["gas", "electricity", "other"], fill_value=0)
    n_seen = counts.loc[counts["certainty"] == SEEN, "n_homes"].sum()
    n_sure = counts.loc[counts["certainty"].isin(CERTAINTIES[1:3]), "n_homes"].sum()
    said = [f"{percent(by_fuel['gas'] / n_homes)} of {n_homes:,} homes heat with gas"]
    said.append(f"{percent(by_fuel['electricity'] / n_homes)} with electricity")
    if by_fuel["other"]:
        said.append(f"{percent(by_fuel['other'] / n_homes)} with something else")
    n_unsure = n_homes - n_seen - n_sure
    if n_seen == n_homes:
        return f"{', '.join(said)}. Somebody has seen it in all of them."
    return (
        f"{', '.join(said)}. Of {n_seen:,} somebody has seen it, of {n_sure:,} the machine is sure (about 9 in 10 or "
        f"more), of {n_unsure:,} it is not."
    )


def signed_usd(amount: float) -> str:
    """Say a change of a large amount with its sign.

    >>> signed_usd(4_210_000), signed_usd(-20_400)
    ('+4.21 million USD', '−20 thousand USD')
    """
    return f"+{million_usd(amount)}" if amount > 0 else million_usd(amount)


def percent_change(share: float) -> str:
    """Say a relative change with its sign.

    >>> percent_change(0.0691), percent_change(-0.02)
    ('+6.9 %', '−2.0 %')
    """
    return f"{100 * share:+.1f} %".replace("-", "−")


def _fuel(answers: pd.DataFrame) -> pd.Series:
    fuel = answers["seen"].fillna(answers["heating_fuel"]).astype("str")
    return fuel.where(fuel.isin(["gas", "electricity"]), "other")
