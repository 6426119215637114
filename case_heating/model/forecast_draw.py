"""Draw the twelve months ahead of every home under a scenario: arrays by home, fuel and month.

Use of a month is base load times days, its winter's extra, and slopes times degree days of the scenario's weather. Its
cost is what a bill would say: the fixed charge by days, and the unit price times the net use, which a home that
generates more than it takes is credited.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_bills import FUELS
from case_heating.model.forecast_interval import own_month_variance, own_year_variance
from case_heating.model.forecast_learn import LearnedForecast, gas_heated
from case_heating.model.forecast_prices import MonthPrices, check_priced, month_prices
from case_heating.model.forecast_weather import MonthWeather, month_edges, next_months, normal_weather, season
from case_heating.model.scenarios import Scenario, changed_tariffs, converted_homes, winter_departure_f

KWH_PER_THERM = 29.307


@dataclass(frozen=True)
class YearAhead:
    """Twelve months of every home under one scenario.

    Attributes
    ----------
    months : tuple of date
        First days.
    usage : ndarray, shape (n_homes, n_fuels, n_months)
        [kWh, therm]
    cents : ndarray of int, shape (n_homes, n_fuels, n_months)
        Cost in cents, so that roll-ups add up exactly.
    unit_usd : ndarray, shape (n_homes, n_fuels, n_months)
        Price of a unit. [USD/kWh, USD/therm]
    per_degree : ndarray, shape (n_homes, n_fuels, n_months)
        Change of the use with each degree that a month is warmer. [kWh/°F, therm/°F]
    own_month : ndarray, shape (n_homes, n_fuels, n_months)
        Variance of the use of a month that is the home's own. [kWh², therm²]
    own_year_usd2 : ndarray, shape (n_homes, n_fuels)
        Variance of the year's cost that is the home's own. [USD²]
    """

    learned: LearnedForecast
    scenario: Scenario
    months: tuple[date, ...]
    usage: Floats
    cents: Whole
    unit_usd: Floats
    per_degree: Floats
    own_month: Floats
    own_year_usd2: Floats

    @property
    def fuels(self) -> tuple[str, ...]:
        """Order of the fuels in the arrays."""
        return FUELS

    @property
    def homes(self) -> pd.DataFrame:
        """The homes, row for row."""
        return self.learned.homes


def forecast(
    learned: LearnedForecast,
    scenario: Scenario | None = None,
    *,
    months: tuple[date, ...] | None = None,
    weather: MonthWeather | None = None,
    tariffs: pd.DataFrame | None = None,
) -> YearAhead:
    """Draw the twelve months ahead under a scenario.

    Parameters
    ----------
    learned : LearnedForecast
    scenario : Scenario, optional
        Normal winter, tariffs in force and no conversions if not given.
    months : tuple of date, optional
        First days of consecutive months; the twelve that begin on or after ``as_of`` if not given.
    weather : MonthWeather, optional
        Weather to put in, of the same months; the scenario's winter then does not count.
    tariffs : DataFrame, optional
        Tariffs to price by, in place of those known.

    Raises
    ------
    SourceError
        If the scenario speaks of homes, districts or tariffs that are not there.
    NotEnoughDataError
        If a fuel that homes of a place take has no tariff.
    """
    scenario = scenario or Scenario()
    months = months or next_months(learned.as_of)
    climatology, place = learned.climatology, learned.place
    if weather is None:
        expected = normal_weather(climatology, months)
        away_f = winter_departure_f(scenario.winter, months)
        winter = normal_weather(climatology, months, away_f) if away_f.any() else expected
        weather = MonthWeather(winter.hdd, expected.cdd, winter.pump_hdd)
    prices = month_prices(
        changed_tariffs(learned.tariffs if tariffs is None else tariffs, scenario.tariffs), climatology.places, months
    )
    customer = np.stack([use.customer for use in learned.use.fuels], axis=1)
    _check_all_priced(prices, learned, customer)

    x = [_regressors(learned, f, months, weather) for f in range(len(FUELS))]
    usage = np.stack([np.einsum("nmk,nk->nm", x[f], learned.use.fuels[f].mean) for f in range(len(FUELS))], axis=1)
    warmer = _one_degree_warmer(learned, months)
    per_degree = _per_degree(learned, warmer)
    gas = learned.use.fuels[1]
    if scenario.conversions:
        converted = converted_homes(scenario.conversions, learned.homes, gas_heated(learned), months)
        heat_kwh = gas.mean[:, 2] * converted.furnace_efficiency * KWH_PER_THERM
        away = _moved_heat(learned, x[1], weather, heat_kwh) * converted.share[:, None]
        usage += away
        per_degree = per_degree + _moved_per_degree(learned, warmer, heat_kwh) * converted.share[:, None]
        x[1][:, :, 2] *= 1 - converted.share

    unit = np.moveaxis(prices.unit_usd[:, place], 0, 1)
    fixed = np.moveaxis(prices.fixed_usd[:, place], 0, 1)
    sold = customer[:, :, None] > 0
    unit, fixed = np.where(sold, unit, 0.0), np.where(sold, fixed, 0.0)
    days = np.diff(month_edges(months)).astype(float)
    own_month, own_year = np.empty_like(usage), np.empty(usage.shape[:2])
    for f, use in enumerate(learned.use.fuels):
        known = (use.covariance, use.noise, usage[:, f], days)
        own_month[:, f] = own_month_variance(x[f], *known) * learned.spread.month[f] ** 2
        own_year[:, f] = own_year_variance(x[f], *known, unit[:, f]) * learned.spread.year[f] ** 2
    cents = np.rint(100 * (fixed * customer[:, :, None] + unit * usage)).astype(np.int64)
    return YearAhead(learned, scenario, months, usage, cents, unit, per_degree, own_month, own_year)


def _check_all_priced(prices: MonthPrices, learned: LearnedForecast, customer: Floats) -> None:
    supplied = np.zeros(prices.unit_usd.shape[:2], dtype=bool)
    for f in range(len(FUELS)):
        supplied[f, learned.place[customer[:, f] > 0]] = True
    check_priced(prices, learned.climatology.places, supplied, learned.as_of)


def _regressors(learned: LearnedForecast, f: int, months: tuple[date, ...], weather: MonthWeather) -> Floats:
    """Lay out what each home's parameters are multiplied with, shape (n_homes, n_months, 4)."""
    use, edges = learned.use.fuels[f], month_edges(months)
    x = np.empty((len(learned.place), len(months), 4))
    x[:, :, 0] = np.diff(edges)
    x[:, :, 1] = np.add.reduceat(season(np.arange(edges[0], edges[-1])), edges[:-1] - edges[0])
    x[:, :, 2] = weather.hdd[learned.place, use.heat_base]
    x[:, :, 3] = weather.cdd[learned.place, use.cool_base]
    return x


def _moved_heat(learned: LearnedForecast, x_gas: Floats, weather: MonthWeather, heat_kwh: Floats) -> Floats:
    """Use that a heat pump adds to electricity and takes from gas, shape (n_homes, n_fuels, n_months)."""
    gas = learned.use.fuels[1]
    pump = heat_kwh[:, None] * weather.pump_hdd[learned.place, gas.heat_base]
    return np.stack([pump, -gas.mean[:, [2]] * x_gas[:, :, 2]], axis=1)


def _one_degree_warmer(learned: LearnedForecast, months: tuple[date, ...]) -> MonthWeather:
    """Change of a normal month's degree days with each degree it is warmer. [°F·day/°F]"""
    warmer, colder = (normal_weather(learned.climatology, months, off) for off in (1.0, -1.0))
    return MonthWeather(
        (warmer.hdd - colder.hdd) / 2, (warmer.cdd - colder.cdd) / 2, (warmer.pump_hdd - colder.pump_hdd) / 2
    )


def _per_degree(learned: LearnedForecast, warmer: MonthWeather) -> Floats:
    """Change of the use of a normal month with each degree it is warmer, shape (n_homes, n_fuels, n_months)."""
    return np.stack(
        [
            use.mean[:, [2]] * warmer.hdd[learned.place, use.heat_base]
            + use.mean[:, [3]] * warmer.cdd[learned.place, use.cool_base]
            for use in learned.use.fuels
        ],
        axis=1,
    )


def _moved_per_degree(learned: LearnedForecast, warmer: MonthWeather, heat_kwh: Floats) -> Floats:
    """Give the same of the heat that a heat pump moves from gas to electricity."""
    gas = learned.use.fuels[1]
    pump, hdd = (change[learned.place, gas.heat_base] for change in (warmer.pump_hdd, warmer.hdd))
    return np.stack([heat_kwh[:, None] * pump, -gas.mean[:, [2]] * hdd], axis=1)
