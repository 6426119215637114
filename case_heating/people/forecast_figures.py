"""What is shown of the year ahead: the portfolio by month, the bridge from last year, one home, and what if."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from case_heating.model.forecast import LearnedForecast, YearAhead, forecast, home_months, learn_forecast
from case_heating.model.forecast_learn import gas_heated
from case_heating.model.portfolio import roll_up
from case_heating.model.scenarios import SEVERE_WINTER, WARM_WINTER, Scenario, TariffChange
from case_heating.model.year_bridge import waterfall
from case_heating.people.what_if import heat_pumps_everywhere
from case_heating.schema import Tables

GAS_RISE = 0.20  # of the unit price, from the first day of the year ahead
HEAT_PUMP_SHARE = 0.10  # of the gas-heated homes of every district, from the first day


@dataclass(frozen=True)
class ForecastFigures:
    """The year ahead, as the report shows it.

    Attributes
    ----------
    months : DataFrame
        From ``roll_up`` by month.
    total : Series
        From ``roll_up`` of everything.
    bridge : DataFrame
        From ``waterfall``.
    home_id : str
        The home shown as an example.
    home : DataFrame
        From ``home_months``.
    scenarios : DataFrame
        ``name``, ``cost_usd``, ``cost_low_usd``, ``cost_high_usd`` and ``difference_usd`` from the first row, which is
        the normal winter at the prices in force.
    n_billed : int
        Homes billed for nine months or more, which the forecast was learned from.
    """

    as_of: date
    months: pd.DataFrame
    total: pd.Series
    bridge: pd.DataFrame
    home_id: str
    home: pd.DataFrame
    scenarios: pd.DataFrame
    n_billed: int


def look_ahead(
    tables: Tables,
    *,
    as_of: date,
    gas_probability: pd.Series | None = None,
    learned: LearnedForecast | None = None,
    threads: int = 2,
    progress: Callable[[str, float], None] | None = None,
) -> ForecastFigures:
    """Forecast the portfolio and gather what the report shows.

    Parameters
    ----------
    tables : Tables
        Trusted tables.
    as_of : date
        The moment.
    gas_probability : Series, optional
        Probability of heating with gas by ``home_id``.
    learned : LearnedForecast, optional
        What was learned of these tables on that day, where it is at hand; learned now if not given.
    threads : int
        Homes fitted at the same time.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    NotEnoughDataError
        If there are no monthly bills, no daily weather or no tariffs.
    """
    tell = progress or (lambda _doing, _share: None)
    tell("forecasting the year ahead", 0.0)
    if learned is None:
        learned = learn_forecast(tables, as_of=as_of, gas_probability=gas_probability, threads=threads)
    tell("forecasting the year ahead", 0.6)
    year = forecast(learned)
    shown = typical_home(year)
    figures = ForecastFigures(
        as_of=learned.as_of,
        months=roll_up(year, ["month"]),
        total=roll_up(year, []).iloc[0],
        bridge=waterfall(tables, year),
        home_id=shown,
        home=home_months(year, shown),
        scenarios=compare_scenarios(learned, year),
        n_billed=int((year.homes["standing"] == "billed").sum()),
    )
    tell("forecasting the year ahead", 1.0)
    return figures


def typical_home(year: YearAhead) -> str:
    """Give the billed home that takes gas and whose year costs the middle of all such; any home if there is none."""
    usd = year.cents.sum(axis=(1, 2))
    own = ((year.homes["standing"] == "billed") & gas_heated(year.learned)).to_numpy(dtype=bool)
    chosen = pd.Series(usd, index=year.homes["home_id"])[own if own.any() else slice(None)]
    return str((chosen - chosen.median()).abs().idxmin())


def compare_scenarios(learned: LearnedForecast, normal: YearAhead) -> pd.DataFrame:
    """Forecast the portfolio under other winters, a dearer gas and heat pumps, each by itself.

    Parameters
    ----------
    learned : LearnedForecast
    normal : YearAhead
        With a normal winter and the prices in force.

    Returns
    -------
    DataFrame
        As in :class:`ForecastFigures`.
    """
    first = normal.months[0]
    others = {
        f"Warm winter ({WARM_WINTER.departure_f:+.0f} °F)": Scenario(winter=WARM_WINTER),
        f"Severe winter ({SEVERE_WINTER.departure_f:+.0f} °F)".replace("-", "−"): Scenario(winter=SEVERE_WINTER),
    }
    if gas_heated(learned).any():
        others |= {
            f"Gas {100 * GAS_RISE:.0f} % dearer a therm": Scenario(
                tariffs=(TariffChange("gas", first, unit_factor=1 + GAS_RISE),)
            ),
            f"Heat pumps in {100 * HEAT_PUMP_SHARE:.0f} % of gas-heated homes": Scenario(
                conversions=heat_pumps_everywhere(learned, HEAT_PUMP_SHARE, first)
            ),
        }
    rows = [{"name": "Normal winter, prices in force"} | _total(normal)]
    rows += [{"name": name} | _total(forecast(learned, scenario)) for name, scenario in others.items()]
    table = pd.DataFrame(rows)
    return table.assign(difference_usd=table["cost_usd"] - table["cost_usd"].iloc[0])


def _total(year: YearAhead) -> dict[str, float]:
    total = roll_up(year, []).iloc[0]
    return {name: float(total[name]) for name in ("cost_usd", "cost_low_usd", "cost_high_usd")}
