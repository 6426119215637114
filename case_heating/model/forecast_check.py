"""How good the forecast is: made on many days with only what was known then, and held against what was billed after.

Judged are the homes that had a bill on the day and had not left, over the days that were billed in the end, as known on
the last day of the record. Homes that joined later are no error of the forecast; no more are days that nobody billed.

Two questions are kept apart. *Is the model right?* Put the true weather and the true tariffs of the year in: what is
left is the model's. *Is the interval honest?* Forecast with normal weather and the tariffs in force; the truth is then
the use that came, at those tariffs, because no interval of weather and noise speaks of a price nobody has announced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.features.degree_days import BASES_F
from case_heating.features.known import last_learned
from case_heating.model.forecast import forecast, home_years, learn_forecast
from case_heating.model.forecast_bills import BilledMonths, billed_months
from case_heating.model.forecast_draw import YearAhead
from case_heating.model.forecast_weather import MonthWeather, actual_weather, month_edges, next_months, normal_weather
from case_heating.model.portfolio import roll_up
from case_heating.schema import BASE_TEMPERATURE_F, Tables

NORMAL_WITHIN = 0.05
"""Twelve months had normal weather whose heating and cooling degree days miss the normal ones by less, as a share."""

MIN_HOME_DAYS = 330  # of a home's year that must be billed for its yearly cost to be judged


@dataclass(frozen=True)
class OriginFigures:
    """What rolling origins found.

    Attributes
    ----------
    portfolio, places : DataFrame
        A row per origin, and per origin and place: ``billed_usd`` and ``true_weather_usd`` (forecast with true weather
        and tariffs), ``error_true_weather`` (the latter over the former, less 1); ``at_known_prices_usd`` (the use that
        came, at the tariffs in force on the day), ``forecast_usd``, ``low_usd``, ``high_usd``, ``covered``,
        ``error_forecast``; ``price_change`` (billed over known prices, less 1); ``hdd_departure`` and ``departure``,
        how far heating degree days, and how far heating and cooling degree days together, were from normal.
    homes : DataFrame
        A row per origin and fuel (``both`` as well): ``n_homes``, ``mean_usd``, ``mae_usd`` and ``coverage`` of the
        forecast, ``mae_true_weather_usd``.
    """

    portfolio: pd.DataFrame
    places: pd.DataFrame
    homes: pd.DataFrame

    @property
    def summary(self) -> dict[str, float]:
        """The figures in a few numbers: shares, not per cents."""
        told: dict[str, float] = {"n_origins": len(self.portfolio)}
        for name, rows in (("portfolio", self.portfolio), ("places", self.places)):
            error = rows["error_true_weather"].abs()
            normal = rows["departure"] <= NORMAL_WITHIN
            told[f"{name}_largest_error_true_weather"] = float(error.max())
            told[f"{name}_mean_error_true_weather"] = float(error.mean())
            told[f"{name}_mean_error_forecast"] = float(rows["error_forecast"].abs().mean())
            told[f"{name}_coverage"] = float(rows["covered"].mean())
            told[f"{name}_n_normal_weather"] = int(normal.sum())
            told[f"{name}_coverage_normal_weather"] = float(rows.loc[normal, "covered"].mean())
        for fuel, rows in self.homes.groupby("fuel"):
            for name in ("coverage", "mae_usd", "mae_true_weather_usd", "mean_usd"):
                told[f"homes_{fuel}_{name}"] = float(np.average(rows[name], weights=rows["n_homes"]))
        return told


def monthly_origins(first: date, last: date) -> tuple[date, ...]:
    """First days of all months between two days.

    >>> monthly_origins(date(2024, 11, 1), date(2025, 1, 1))
    (datetime.date(2024, 11, 1), datetime.date(2024, 12, 1), datetime.date(2025, 1, 1))
    """
    return tuple(day.date() for day in pd.date_range(first, last, freq="MS"))


def measure_rolling_origins(
    tables: Tables,
    origins: Sequence[date] | None = None,
    *,
    gas_probability: pd.Series | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> OriginFigures:
    """Forecast on many days and hold each forecast against what was billed.

    Parameters
    ----------
    tables : Tables
        As for :func:`~case_heating.model.forecast.learn_forecast`, reaching a year beyond the last origin.
    origins : sequence of date, optional
        The days; if not given the first of every month with a year of bills before it and one after it.
    gas_probability : Series, optional
        As for ``learn_forecast``.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    NotEnoughDataError
        If there is no origin, or the record ends before an origin's year has ended.
    """
    end = last_learned({"bills": tables["bills"]}) if "bills" in tables else None
    if origins is None:
        origins = _all_origins(tables["bills"], end) if end is not None else ()
    late = [origin for origin in origins if end is None or month_edges(next_months(origin))[-1] > _day(end)]
    if late or not origins:
        raise NotEnoughDataError(
            f"{len(late):,} of {len(origins):,} origins have no twelve months of bills after them (first: "
            f"{late[0] if late else 'none given'}); the record of bills ends on {end}"
        )
    found = []
    for number, origin in enumerate(origins):
        if progress is not None:
            progress(f"forecasting from {origin}", number / len(origins))
        found.append(_judge(tables, origin, end, gas_probability))
    portfolio, places, homes = (pd.concat(part, ignore_index=True) for part in zip(*found, strict=True))
    return OriginFigures(portfolio, places, homes)


def _all_origins(bills: pd.DataFrame, end: date) -> tuple[date, ...]:
    first, last = bills["start"].min().to_period("M") + 12, pd.Timestamp(end).to_period("M") - 12
    return monthly_origins(first.start_time.date(), last.start_time.date())


def _judge(
    tables: Tables, origin: date, end: date | None, gas_probability: pd.Series | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Judge one origin: rows for the portfolio, its places, and its homes."""
    learned = learn_forecast(tables, as_of=origin, gas_probability=gas_probability, new_homes=False)
    months = next_months(origin)
    billed = billed_months(tables["bills"], pd.Index(learned.homes["home_id"]), months, as_of=end or origin)
    share = billed.days / np.diff(month_edges(months))
    share *= (learned.use.standing != "left")[:, None, None]
    weather = actual_weather(tables["weather"], learned.climatology, months)
    told = billed_part(forecast(learned), share)
    true = billed_part(forecast(learned, weather=weather, tariffs=tables["tariffs"]), share)
    truth = at_known_prices(told, billed)
    departures = _departures(told, weather)
    rows = []
    for by in ([], ["place_id"]):
        group = np.zeros(len(share), dtype=np.int64) if not by else learned.place
        groups = roll_up(told, by).assign(origin=origin)
        n = len(groups)
        sums = [_by_group(values, group, n) for values in (billed.cost_usd, truth, true.cents / 100)]
        for name, of_place in departures.items():
            groups[name] = of_place if by else np.average(of_place, weights=np.bincount(learned.place))
        rows.append(_figures(groups, *sums))
    return rows[0], rows[1], _home_figures(told, true, truth, billed, origin)


def billed_part(year: YearAhead, share: Floats) -> YearAhead:
    """Keep of a forecast what belongs to the days that were billed; ``share`` has the shape of the usage."""
    cents = np.rint(year.cents * share).astype(np.int64)
    whole = np.divide(share.sum(axis=2), share.shape[2])
    return replace(
        year,
        usage=year.usage * share,
        cents=cents,
        per_degree=year.per_degree * share,
        own_month=year.own_month * share**2,
        own_year_usd2=year.own_year_usd2 * whole**2,
    )


def at_known_prices(told: YearAhead, billed: BilledMonths) -> Floats:
    """Price the use that came at the forecast's prices, shape of the usage. [USD]."""
    fixed = told.cents / 100 - told.usage * told.unit_usd
    return fixed + billed.usage * told.unit_usd


def _figures(groups: pd.DataFrame, billed: Floats, truth: Floats, true_weather: Floats) -> pd.DataFrame:
    columns = {
        name: groups[name] for name in ("origin", "place_id", "n_homes", "hdd_departure", "departure") if name in groups
    }
    low, high = groups["cost_low_usd"], groups["cost_high_usd"]
    return pd.DataFrame(
        {
            **columns,
            "billed_usd": billed,
            "true_weather_usd": true_weather,
            "error_true_weather": true_weather / billed - 1,
            "at_known_prices_usd": truth,
            "forecast_usd": groups["cost_usd"],
            "low_usd": low,
            "high_usd": high,
            "covered": (low <= truth) & (truth <= high),
            "error_forecast": groups["cost_usd"] / truth - 1,
            "price_change": billed / truth - 1,
        }
    )


def _home_figures(told: YearAhead, true: YearAhead, truth: Floats, billed: BilledMonths, origin: date) -> pd.DataFrame:
    """MAE and coverage of the yearly cost of homes billed nearly all year."""
    years = home_years(told)
    rows = []
    for fuel, fuels in (("electricity", [0]), ("gas", [1]), ("both", [0, 1])):
        judged = (billed.days.sum(axis=2)[:, fuels] >= MIN_HOME_DAYS).any(axis=1)
        judged &= (told.homes["standing"] != "left").to_numpy()
        came = truth[judged][:, fuels].sum(axis=(1, 2))
        name = "cost" if fuel == "both" else f"{fuel}_cost"
        of = {part: years[f"{name}{part}_usd"].to_numpy()[judged] for part in ("", "_low", "_high")}
        paid = billed.cost_usd[judged][:, fuels].sum(axis=(1, 2))
        with_weather = true.cents[judged][:, fuels].sum(axis=(1, 2)) / 100
        rows.append(
            {
                "origin": origin,
                "fuel": fuel,
                "n_homes": int(judged.sum()),
                "mean_usd": came.mean(),
                "mae_usd": np.abs(of[""] - came).mean(),
                "coverage": ((of["_low"] <= came) & (came <= of["_high"])).mean(),
                "mae_true_weather_usd": np.abs(with_weather - paid).mean(),
            }
        )
    return pd.DataFrame(rows)


def _departures(told: YearAhead, weather: MonthWeather) -> dict[str, Floats]:
    """How far each place's degree days were from normal, as shares, each of shape (n_places,)."""
    base = BASES_F.index(BASE_TEMPERATURE_F)
    normal = normal_weather(told.learned.climatology, told.months)
    hdd, cdd = (each[:, base].sum(axis=1) for each in (normal.hdd, normal.cdd))
    more_hdd, more_cdd = weather.hdd[:, base].sum(axis=1) - hdd, weather.cdd[:, base].sum(axis=1) - cdd
    return {"hdd_departure": more_hdd / hdd, "departure": (np.abs(more_hdd) + np.abs(more_cdd)) / (hdd + cdd)}


def _by_group(values: Floats, group: Whole, n: int) -> Floats:
    return np.bincount(group, values.sum(axis=(1, 2)), n).astype(float)


def _day(moment: date) -> int:
    return int(np.datetime64(moment, "D").astype(np.int64))
