"""What is learned of a portfolio on a day: each home's use, the weather of its place, the tariffs in force."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Whole
from case_heating.features.degree_days import DegreeDays
from case_heating.model.forecast_bills import usable_bills
from case_heating.model.forecast_interval import USUAL_SPREAD, Spread
from case_heating.model.forecast_prices import known_tariffs
from case_heating.model.forecast_usage import Use, learn_use
from case_heating.model.forecast_weather import Climatology, learn_climatology
from case_heating.schema import Tables


@dataclass(frozen=True)
class LearnedForecast:
    """What was learned of a portfolio on a day; :func:`forecast` draws any scenario from it.

    ``homes`` has the columns ``home_id``, ``place_id``, ``district``, ``dwelling_type`` and ``standing``; arrays by
    home follow its rows.
    """

    as_of: date
    homes: pd.DataFrame
    place: Whole
    use: Use
    climatology: Climatology
    tariffs: pd.DataFrame
    spread: Spread


def learn_portfolio(
    tables: Tables, as_of: date, gas_probability: pd.Series | None = None, *, new_homes: bool = True, threads: int = 2
) -> LearnedForecast:
    """Learn a portfolio with the usual spread: no look-back. Parameters and errors as in ``learn_forecast``."""
    for name, remedy in (
        ("bills", "bring monthly bills"),
        ("weather", "bring daily weather of the homes' places"),
        ("tariffs", "bring the tariffs in force"),
    ):
        if name not in tables:
            raise NotEnoughDataError(
                f"there is no table {name}, without which no month can be forecast: {remedy}. `heating cost` says what "
                "a year costs where there is one bill a year or none"
            )
    homes = _homes(tables["homes"])
    bills = usable_bills(tables["bills"], pd.Index(homes["home_id"]), as_of=as_of)
    if not new_homes:
        billed = np.zeros(len(homes), dtype=bool)
        billed[bills.home] = True
        homes = homes[billed].reset_index(drop=True)
        bills = replace(bills, home=(np.cumsum(billed) - 1)[bills.home])
    climatology = learn_climatology(tables["weather"], homes, as_of=as_of)
    seen = tables["weather"][tables["weather"]["date"] < pd.Timestamp(as_of)]
    use = learn_use(
        bills,
        homes,
        climatology.places,
        DegreeDays.from_weather(seen),
        as_of=as_of,
        gas_probability=gas_probability,
        threads=threads,
    )
    kept = homes[["home_id", "place_id", "district", "dwelling_type"]].assign(standing=use.standing)
    place = climatology.places.get_indexer(homes["place_id"])
    tariffs = known_tariffs(tables["tariffs"], as_of=as_of)
    return LearnedForecast(as_of, kept, place, use, climatology, tariffs, USUAL_SPREAD)


def gas_heated(learned: LearnedForecast) -> np.ndarray:
    """Homes that heat with gas, as far as is known: likelier than not, and with a slope to show for it."""
    return (learned.use.kind_share[:, 0] > 0.5) & (learned.use.fuels[1].mean[:, 2] > 0)


def _homes(homes: pd.DataFrame) -> pd.DataFrame:
    """Homes with a name for what nobody knows of them: they are similar to each other."""
    unknown = dict.fromkeys(("district", "dwelling_type"), "unknown")
    homes = homes.assign(**{name: unknown[name] for name in unknown if name not in homes})
    return homes.fillna(unknown).reset_index(drop=True)
