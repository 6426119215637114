"""How far off a forecast would have been a year ago: the last twelve months, from what was known before them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from case_heating.features.degree_day_records import Floats
from case_heating.model.forecast_bills import FUELS, billed_months
from case_heating.model.forecast_draw import YearAhead, forecast
from case_heating.model.forecast_interval import LEVEL, LOOK_BACK_WORTH, USUAL_MODEL_SD, USUAL_SPREAD, Spread, Z
from case_heating.model.forecast_learn import LearnedForecast, learn_portfolio
from case_heating.model.forecast_weather import actual_weather, month_edges, months_before
from case_heating.schema import Tables

MIN_LOOK_BACK_DAYS = 330
"""Bills must reach so far behind the look-back's own moment. [day]"""
MIN_TESTED_DAYS = 300  # of a home's year that must be billed for it to count
MIN_TESTED_HOMES = 100


def look_back(tables: Tables, as_of: date, *, threads: int = 2) -> Spread:
    """Forecast the last twelve months from what was known before them, with their true weather; see what was missed.

    Without enough bills from before that year, what is usual is given.
    """
    months = months_before(as_of.replace(day=1))
    then = months[0]
    bills = tables["bills"]
    if not len(bills) or bills["start"].min() > pd.Timestamp(then) - timedelta(days=MIN_LOOK_BACK_DAYS):
        return USUAL_SPREAD
    past = learn_portfolio(tables, then, new_homes=False, threads=threads)
    seen = tables["weather"][tables["weather"]["date"] < pd.Timestamp(as_of)]
    told = forecast(past, months=months, weather=actual_weather(seen, past.climatology, months))
    billed = billed_months(bills, pd.Index(past.homes["home_id"]), months, as_of=as_of)
    days = np.diff(month_edges(months))
    share = billed.days / days
    missed = billed.usage - told.usage * share
    found = [_missed(missed[:, f], billed.days[:, f], days, told, past, f) for f in range(len(FUELS))]
    year, month, model = (np.array(values) for values in zip(*found, strict=True))
    return Spread(year, month, model, looked_back=True)


def _missed(
    missed: Floats, billed_days: Floats, days: Floats, told: YearAhead, past: LearnedForecast, f: int
) -> tuple[float, float, float]:
    """How far one fuel's homes, months and places were off, in standard deviations and as a share."""
    usual = (float(USUAL_SPREAD.year[f]), float(USUAL_SPREAD.month[f]), USUAL_MODEL_SD)
    share = billed_days / days
    tested = (billed_days.sum(axis=1) >= MIN_TESTED_DAYS) & (past.use.standing == "billed")
    tested &= past.use.fuels[f].customer > 0
    if tested.sum() < MIN_TESTED_HOMES:
        return usual
    unit = told.unit_usd[tested, f]
    sd_year = np.sqrt(told.own_year_usd2[tested, f]) / past.spread.year[f]
    sd_month = np.sqrt(told.own_month[tested, f]) / past.spread.month[f]
    whole = share[tested] > 0.99
    year = np.quantile(np.abs((missed[tested] * unit).sum(axis=1)) / sd_year, LEVEL) / Z
    month = np.quantile((np.abs(missed[tested]) / sd_month)[whole], LEVEL) / Z
    n_places = len(past.climatology.places)
    off = np.bincount(past.place[tested], missed[tested].sum(axis=1), n_places)
    total = np.bincount(past.place[tested], (told.usage[:, f] * share)[tested].sum(axis=1), n_places)
    there = total > 0
    own = np.bincount(past.place[tested], (sd_year / unit.mean(axis=1)) ** 2, n_places)
    squares = ((off[there] ** 2 - own[there]) / total[there] ** 2).clip(
        min=0.0
    )  # small places are off by their homes' own
    weight = total[there] / total[there].sum() * there.sum()
    model = np.sqrt(((weight * squares).sum() + LOOK_BACK_WORTH * USUAL_MODEL_SD**2) / (there.sum() + LOOK_BACK_WORTH))
    return float(year), float(month), float(model)
