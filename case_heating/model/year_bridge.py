"""From last year's total to next year's, step by step: who left and joined, weather, prices, heat pumps, and the rest.

Steps are taken one after the other and add up to the cent. Weather, prices and heat pumps are what the model says they
do to the homes that stay; the rest is what the model does not explain of last year, habits first of all.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_bills import billed_months, last_billed_day, usable_bills
from case_heating.model.forecast_draw import YearAhead, forecast
from case_heating.model.forecast_weather import actual_weather, month_edges, months_before
from case_heating.schema import Tables

MIN_YEAR_DAYS = 270
"""A home billed on fewer days of last year has joined in it. [day]"""

STEPS = {
    "last year": "billed in the last twelve months; days not yet billed as the model has them",
    "homes that left": "no longer billed",
    "homes that joined": "billed for less than nine months of last year: what a whole year adds",
    "weather": "from the weather that was to the scenario's",
    "prices": "from the tariffs of last year to the scenario's",
    "heat pumps": "conversions of the scenario",
    "habits and the rest": "what of last year the model does not explain",
    "next year": "the forecast",
}


def waterfall(tables: Tables, year: YearAhead) -> pd.DataFrame:
    """Lead from last year's total cost to the forecast's.

    Parameters
    ----------
    tables : Tables
        Those the forecast was learned from; what was known later than its day is not looked at.
    year : YearAhead
        A forecast of the twelve months ahead.

    Returns
    -------
    DataFrame, a row per step of :data:`STEPS`, in order
        ``step``, ``cost_cents``, ``cost_usd``, ``about``. All rows but the last add up to the last, to the cent.

    Raises
    ------
    NotEnoughDataError
        If no bill has its cost.
    """
    learned = year.learned
    if "cost_usd" not in tables["bills"] or tables["bills"]["cost_usd"].isna().all():
        raise NotEnoughDataError(
            "bills: no bill has its cost, so that nobody can say what last year cost; map the amount billed to "
            "bills.cost_usd"
        )
    months = months_before(year.months[0], len(year.months))
    seen = tables["weather"][tables["weather"]["date"] < pd.Timestamp(learned.as_of)]
    then = forecast(learned, months=months, weather=actual_weather(seen, learned.climatology, months))
    last, billed_days = _last_year(tables, then)
    unit, fixed = then.unit_usd, then.cents / 100 - then.usage * then.unit_usd
    unconverted = replace(year.scenario, conversions=())
    ahead = forecast(learned, unconverted, months=year.months)
    at_old_prices = np.rint(100 * (fixed + unit * ahead.usage)).astype(np.int64)

    drawn = (last, then.cents, at_old_prices, ahead.cents, year.cents)
    was, modelled, weather, priced, will_be = (cents.sum(axis=(1, 2)) for cents in drawn)
    left = (learned.use.standing == "left") & (billed_days > 0)
    joined = ~left & (billed_days < MIN_YEAR_DAYS)
    stays = ~left & ~joined
    steps = [
        was.sum(),
        (priced - was)[left].sum(),
        (priced - was)[joined].sum(),
        (weather - modelled)[stays].sum(),
        (priced - weather)[stays].sum(),
        (will_be - priced).sum(),
        (modelled - was)[stays].sum(),
        will_be.sum(),
    ]
    return pd.DataFrame(
        {
            "step": list(STEPS),
            "cost_cents": np.array(steps, dtype=np.int64),
            "cost_usd": np.array(steps) / 100,
            "about": list(STEPS.values()),
        }
    )


def _last_year(tables: Tables, then: YearAhead) -> tuple[Whole, Floats]:
    """Cents billed in each month, days after a home's last bill filled by the model, and days of each home with any."""
    learned = then.learned
    home_id = pd.Index(learned.homes["home_id"])
    billed = billed_months(tables["bills"], home_id, then.months, as_of=learned.as_of)
    edges = month_edges(then.months)
    last = last_billed_day(usable_bills(tables["bills"], home_id, as_of=learned.as_of), len(home_id))
    begin = np.maximum(last[:, :, None], edges[:-1])
    unbilled = np.where(last[:, :, None] >= 0, (edges[1:] - begin).clip(min=0), 0)
    filled = then.cents * (unbilled / np.diff(edges))
    cents = np.rint(100 * billed.cost_usd + filled).astype(np.int64)
    days: Floats = (billed.days + unbilled).max(axis=1).sum(axis=1)
    return cents, days
