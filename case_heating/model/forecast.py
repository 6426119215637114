"""The year ahead, month by month: learn once what each home uses, then draw the year under any scenario.

Everything comes from what was known on the day: bills, daily weather, tariffs in force. :func:`learn_forecast` takes
seconds, :func:`forecast` a fraction of one for a portfolio; :func:`home_months` and :func:`home_years` lay out what
they say of homes, ``model/portfolio.py`` what they say of many.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import SourceError
from case_heating.features.degree_day_records import Floats
from case_heating.model.forecast_draw import YearAhead, forecast
from case_heating.model.forecast_interval import Z, home_weather_variance
from case_heating.model.forecast_learn import LearnedForecast, learn_portfolio
from case_heating.model.forecast_look_back import look_back
from case_heating.model.forecast_weather import month_spread_f
from case_heating.schema import Tables

__all__ = ["LearnedForecast", "YearAhead", "forecast", "home_months", "home_years", "learn_forecast"]


def learn_forecast(
    tables: Tables,
    *,
    as_of: date,
    gas_probability: pd.Series | None = None,
    new_homes: bool = True,
    threads: int = 2,
) -> LearnedForecast:
    """Learn what each home uses, how weather comes, and how far off such forecasts are, from what was known on a day.

    Parameters
    ----------
    tables : Tables
        Trusted ``homes``, ``bills``, ``weather`` and ``tariffs``.
    as_of : date
        The moment: bills known later, later days of weather and tariffs that begin later do not exist.
    gas_probability : Series, optional
        Probability of heating with gas by ``home_id``, for homes without bills; shares of similar homes if not given.
    new_homes : bool
        Whether homes that were never billed are forecast, as if somebody lived there from now on.
    threads : int
        Homes fitted at the same time.

    Raises
    ------
    NotEnoughDataError
        If there is no daily weather, no tariff or no monthly bill: a survey's one bill a year has no months.
    """
    learned = learn_portfolio(tables, as_of, gas_probability, new_homes=new_homes, threads=threads)
    return replace(learned, spread=look_back(tables, as_of, threads=threads))


def home_months(year: YearAhead, home_id: str) -> pd.DataFrame:
    """One home's year, month by month.

    Returns
    -------
    DataFrame, a row per month and fuel
        ``month``, ``fuel`` (also ``both``), ``usage`` [kWh or therm; missing for both], ``cost_usd``, each with
        ``_low`` and ``_high``: ``usage_low``, ``cost_low_usd`` … of its 90 % interval.

    Raises
    ------
    SourceError
        If the home is not in the forecast.
    """
    rows = np.flatnonzero(year.homes["home_id"] == home_id)
    if not len(rows):
        raise SourceError(
            f"home {home_id!r} is not among the {len(year.homes):,} homes of this forecast (first: "
            f"{year.homes['home_id'].iloc[0]}); look its name up in the table homes"
        )
    one = rows[:1]
    usage_sd, cost_sd, both_sd = (sd[0] for sd in _month_sds(year, one))
    usage, cost, least = year.usage[one[0]], year.cents[one[0]] / 100, _least(year)[one[0]]
    frames = [
        pd.DataFrame(
            {
                "month": list(year.months),
                "fuel": fuel,
                **_band("usage", usage[f], usage_sd[f], least[f], unit=""),
                **_band("cost", cost[f], cost_sd[f], least[f]),
            }
        )
        for f, fuel in enumerate(year.fuels)
    ]
    nothing = np.full(len(year.months), np.nan)
    frames.append(
        pd.DataFrame(
            {
                "month": list(year.months),
                "fuel": "both",
                **_band("usage", nothing, nothing, nothing, unit=""),
                **_band("cost", cost.sum(axis=0), both_sd, least.sum()),
            }
        )
    )
    return pd.concat(frames, ignore_index=True)


def home_years(year: YearAhead) -> pd.DataFrame:
    """Every home's twelve months together.

    Returns
    -------
    DataFrame, shape (n_homes, 13), indexed by ``home_id``
        ``standing``, ``electricity_kwh``, ``gas_therm``; ``cost_usd``, ``electricity_cost_usd`` and ``gas_cost_usd``,
        each with ``_low`` and ``_high`` of its 90 % interval, as in ``cost_low_usd``.
    """
    usd, total_sd, least = year.cents.sum(axis=2) / 100, year_sds(year, [0, 1]), _least(year)
    columns: dict[str, Floats | pd.Series] = {
        "standing": year.homes["standing"].to_numpy(),
        "electricity_kwh": year.usage[:, 0].sum(axis=1),
        "gas_therm": year.usage[:, 1].sum(axis=1),
        **_band("cost", usd.sum(axis=1), total_sd, least.sum(axis=1)),
    }
    for f, fuel in enumerate(year.fuels):
        columns |= _band(f"{fuel}_cost", usd[:, f], year_sds(year, [f]), least[:, f])
    return pd.DataFrame(columns, index=pd.Index(year.homes["home_id"], name="home_id"))


def year_sds(year: YearAhead, fuels: list[int]) -> Floats:
    """Give the standard deviation of each home's cost of the year for some fuels together, shape (n_homes,). [USD]."""
    learned = year.learned
    spread_f = month_spread_f(learned.climatology, year.months)
    per_degree = (year.per_degree * year.unit_usd)[:, fuels].sum(axis=1)
    _, weather = home_weather_variance(per_degree, learned.place, spread_f, learned.climatology)
    model = learned.spread.model_sd * (year.unit_usd * year.usage).sum(axis=2)
    return np.sqrt(weather + year.own_year_usd2[:, fuels].sum(axis=1) + model[:, fuels].sum(axis=1) ** 2)


def _month_sds(year: YearAhead, rows: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """Give standard deviations of use, of cost, and of both fuels' cost in each month of some homes."""
    learned = year.learned
    spread_f, place = month_spread_f(learned.climatology, year.months), learned.place[rows]
    unit, usage, own = year.unit_usd[rows], year.usage[rows], year.own_month[rows]
    model_sd = learned.spread.model_sd[:, None]

    def weather(per_degree: Floats) -> Floats:
        return home_weather_variance(per_degree, place, spread_f, learned.climatology)[0]

    of_fuel = np.stack([weather(year.per_degree[rows, f]) for f in range(len(year.fuels))], axis=1)
    usage_sd = np.sqrt(of_fuel + own + (model_sd * usage) ** 2)
    together = weather((year.per_degree[rows] * unit).sum(axis=1))
    both = together + (own * unit**2).sum(axis=1) + (model_sd * usage * unit).sum(axis=1) ** 2
    return usage_sd, usage_sd * unit, np.sqrt(both)


def _least(year: YearAhead) -> Floats:
    """Below what use and cost cannot lie, shape (n_homes, n_fuels): 0, unless the home gives back in some month."""
    return np.where((year.usage >= 0).all(axis=2), 0.0, -np.inf)


def _band(name: str, value: Floats, sd: Floats, least: Floats | float, *, unit: str = "_usd") -> dict[str, Floats]:
    """Lay out a figure with its 90 % interval as columns."""
    low = np.maximum(value - Z * sd, least)
    return {f"{name}{unit}": value, f"{name}_low{unit}": low, f"{name}_high{unit}": value + Z * sd}
