"""The newest bills against what the same homes' own history says of such weather.

A trailing year of bills moves little from month to month, so a watch on features alone hears of a change half a year
late. The newest month is compared with the bill signature of each home's earlier bills instead: a warm winter is then
no surprise, an electric car or a new heat pump is one.
"""

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from case_heating.features.build import SIGNATURE_DAYS, weather_of
from case_heating.features.degree_days import DegreeDays
from case_heating.features.known import known_bills
from case_heating.features.signature import fit_signatures
from case_heating.schema import Tables

_FUELS: tuple[Literal["electricity", "gas"], ...] = ("electricity", "gas")

FLOOR_PER_DAY = {"electricity": 3.0, "gas": 1.0}
"""Added to what was used and what was expected [kWh, therm a day]: a summer's pilot light is no surprise."""


def bill_surprises(tables: Tables, *, since: date, as_of: date) -> pd.DataFrame:
    """Compare each bill that became known in a window with what the home's earlier bills lead to expect.

    Parameters
    ----------
    tables : Tables
        Trusted tables with ``homes``, ``bills`` and weather.
    since, as_of : date
        The window: bills known after the first day and by the last; earlier bills are the history.

    Returns
    -------
    DataFrame, one row per bill of a home with enough history
        ``home_id``, ``fuel``, ``district``, ``per_day`` (kWh or therm a day), ``expected_per_day`` and ``surprise``:
        the natural logarithm of their ratio, 0 where all is as usual. Empty without weather or usage.
    """
    columns = ["home_id", "fuel", "district", "per_day", "expected_per_day", "surprise"]
    weather = weather_of(tables)
    if weather is None or "bills" not in tables or "usage" not in tables["bills"]:
        return pd.DataFrame(columns=columns)
    homes = tables["homes"].set_index("home_id")
    known = known_bills(tables["bills"], as_of=as_of)
    is_new = known["known_at"] > pd.Timestamp(since)
    new = known[is_new & (known["end"] > known["start"])]
    past = known[~is_new & (known["start"] >= pd.Timestamp(since) - pd.Timedelta(days=SIGNATURE_DAYS))]
    parts = [_of_fuel(new, past, homes, weather, fuel) for fuel in _FUELS]
    return pd.concat(parts, ignore_index=True)[columns]


def _of_fuel(
    new: pd.DataFrame, past: pd.DataFrame, homes: pd.DataFrame, weather: DegreeDays, fuel: Literal["electricity", "gas"]
) -> pd.DataFrame:
    own = new[new["fuel"] == fuel]
    habits = fit_signatures(past, homes["place_id"], weather, fuel=fuel).reindex(own["home_id"])
    place = homes["place_id"].reindex(own["home_id"])
    days = (own["end"] - own["start"]).dt.days.to_numpy(dtype=float)
    hdd, cdd = weather.of(place.to_numpy(), own["start"], own["end"])
    heating = _at(hdd, habits["heating_balance_f"], weather) / days
    cooling = _at(cdd, habits["cooling_balance_f"], weather) / days
    expected = habits["base_load_per_day"].to_numpy() + (
        habits["heating_slope"].fillna(0).to_numpy() * heating + habits["cooling_slope"].fillna(0).to_numpy() * cooling
    )
    per_day = own["usage"].to_numpy() / days
    floor = FLOOR_PER_DAY[fuel]
    surprise = np.log((per_day.clip(min=0) + floor) / (expected.clip(min=0) + floor))
    rows = pd.DataFrame(
        {
            "home_id": own["home_id"].to_numpy(),
            "fuel": fuel,
            "district": homes["district"].reindex(own["home_id"]).to_numpy()
            if "district" in homes
            else place.to_numpy(),
            "per_day": per_day,
            "expected_per_day": expected,
            "surprise": surprise,
        }
    )
    return rows.dropna(subset="surprise")


def _at(degree_days: np.ndarray, balance_f: pd.Series, weather: DegreeDays) -> np.ndarray:
    """Degree days at each home's own balance point; 0 where it has none."""
    row = np.searchsorted(np.array(weather.bases_f), balance_f.fillna(0).to_numpy()).clip(0, len(degree_days) - 1)
    own = degree_days[row, np.arange(len(row))]
    return np.where(balance_f.isna().to_numpy(), 0.0, own)
