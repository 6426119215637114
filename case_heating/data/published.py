"""Published facts of a place: what share of its homes heats with what, and what energy costs there.

Aggregates of counties and states, never of single homes. They let a model speak about a region from which
it has seen no home. The two small tables lie in ``data/calibration`` and are made again, from the published files, by

    python -m case_heating.data.published FOLDER_WITH_THE_FILES

Sources: heating fuel by county, American Community Survey table B25040, 2006-2010 and 2020-2024, U.S. Census
Bureau (Alaska and Hawaii, which it leaves out here: Residential Energy Consumption Survey 2020 by state,
U.S. Energy Information Administration); residential prices by state, State Energy Data System, same agency.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from case_heating.data.places import STATE_OF_FIPS, STATES_OF_DIVISION, STATES_OF_DOMAIN
from case_heating.errors import SourceError

_FOLDER = Path(__file__).parent / "calibration"
_COUNTY_FILE = "acs_b25040_county_heating_fuel.csv"
_STATE_FILE = "recs2020_state_heating_fuel.csv"
_PRICE_FILE = "eia_residential_prices_by_state.csv"

KWH_PER_MMBTU = 293.071
THERM_PER_MMBTU = 10.0
SECOND_VINTAGE = 2020  # first year for which the 2020-2024 shares stand; earlier years use 2006-2010


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(_FOLDER / name, comment="#")


def published_facts(homes: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Look up what is published about the place of each home, the smallest place first.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        With any of ``district`` (where it is a survey domain), ``state`` and ``division``.
    year : int
        The year to speak of; the latest published year at or before it is taken, or else the first.

    Returns
    -------
    DataFrame, shape (n_homes, 5)
        ``published_gas_share``, ``published_electric_share``, ``published_other_share`` [share of homes],
        ``published_gas_price`` [USD/therm], ``published_price_ratio`` [electric heat over gas heat]; missing
        where no place is known.
    """
    place = pd.Series(pd.NA, index=homes.index, dtype="str")
    shares = _table("place_heating_shares.csv")
    known = published_places()
    for column in ("district", "state", "division"):
        if column in homes:
            place = place.fillna(homes[column].where(homes[column].isin(known)))
    vintage = 2024 if year >= SECOND_VINTAGE else 2010
    shares = shares[shares["vintage"] == vintage].set_index("place")
    prices = _table("place_prices.csv")
    years = np.sort(prices["year"].unique())
    price_year = years[years <= year].max() if (years <= year).any() else years.min()
    prices = prices[prices["year"] == price_year].set_index("place")
    gas_price = place.map(prices["gas_usd_per_therm"])
    electric_price = place.map(prices["electricity_usd_per_kwh"])
    return pd.DataFrame(
        {
            "published_gas_share": place.map(shares["gas"]),
            "published_electric_share": place.map(shares["electricity"]),
            "published_other_share": place.map(shares["other"]),
            "published_gas_price": gas_price,
            "published_price_ratio": heat_price_ratio(electric_price, gas_price),
        },
        index=homes.index,
    ).astype("float64")


@cache
def published_places() -> frozenset[str]:
    """Names of the places that something is published about: states, divisions, survey domains."""
    return frozenset(_table("place_heating_shares.csv")["place"])


def heat_price_ratio(electricity_usd_per_kwh: pd.Series, gas_usd_per_therm: pd.Series) -> pd.Series:
    """Price of a unit of energy bought as electricity over the same bought as gas.

    Examples
    --------
    >>> heat_price_ratio(pd.Series([0.1]), pd.Series([1.0])).round(3).tolist()  # 29.3 kWh make a therm
    [2.931]
    """
    return electricity_usd_per_kwh * (KWH_PER_MMBTU / THERM_PER_MMBTU) / gas_usd_per_therm


def make_tables(source: Path) -> dict[str, pd.DataFrame]:
    """Aggregate the published files to states, divisions and survey domains, homes as weights.

    Raises
    ------
    SourceError
        If one of the three files is not in the folder.
    """
    for name in (_COUNTY_FILE, _STATE_FILE, _PRICE_FILE):
        if not (source / name).exists():
            raise SourceError(f"{source / name} is missing; the published tables are made from it")
    counties = pd.read_csv(source / _COUNTY_FILE)
    counties["state"] = (counties["fips"] // 1000).astype(str).str.zfill(2).map(STATE_OF_FIPS)
    states = sorted(STATE_OF_FIPS.values())
    members = {state: [state] for state in states}
    members |= {place: text.split() for place, text in (STATES_OF_DIVISION | STATES_OF_DOMAIN).items()}
    homes_2010 = counties.groupby("state")["n10"].sum()
    shares = [
        {"place": place, "vintage": 2000 + vintage, **_shares(counties[counties["state"].isin(inside)], vintage)}
        for place, inside in members.items()
        if counties["state"].isin(inside).any()
        for vintage in (10, 24)
    ]
    shares += _states_without_counties(source / _STATE_FILE)
    wide = pd.read_csv(source / _PRICE_FILE).pivot_table("usd_per_mmbtu", ["year", "State"], "MSN")
    prices = [
        {
            "place": place,
            "year": year,
            "gas_usd_per_therm": _weighted(of_year["NGRCD"], homes_2010, inside) / THERM_PER_MMBTU,
            "electricity_usd_per_kwh": _weighted(of_year["ESRCD"], homes_2010, inside) / KWH_PER_MMBTU,
        }
        for year, of_year in ((year, wide.loc[year]) for year in wide.index.unique("year"))
        for place, inside in members.items()
    ]
    return {"place_heating_shares": pd.DataFrame(shares), "place_prices": pd.DataFrame(prices)}


def _shares(counties: pd.DataFrame, vintage: int) -> dict[str, float]:
    weights = counties[f"n{vintage}"]
    gas, electricity = (
        float(np.average(counties[f"{letter}{vintage}"].fillna(0), weights=weights)) for letter in ("g", "e")
    )
    return {"gas": gas, "electricity": electricity, "other": 1 - gas - electricity}


def _states_without_counties(path: Path) -> list[dict[str, Any]]:
    by_state = pd.read_csv(path).pivot_table("PERCENTAGE", "STATE", "HEATER_FUEL_TYPE").fillna(0) / 100
    return [
        {"place": place, "vintage": vintage, "gas": gas, "electricity": electricity, "other": 1 - gas - electricity}
        for place, name in {"AK": "ALASKA", "HI": "HAWAII"}.items()
        for gas, electricity in [(by_state.loc[name, "NATURAL GAS"], by_state.loc[name, "ELECTRICITY"])]
        for vintage in (2010, 2024)
    ]


def _weighted(values: pd.Series, weights: pd.Series, members: list[str]) -> float:
    known = values.reindex(members).dropna()
    # Alaska and Hawaii have no county figures: next to nothing in a group of states, everything on their own.
    return float(np.average(known, weights=weights.reindex(known.index).fillna(1.0)))


def _main(source: Path) -> None:
    for name, table in make_tables(source).items():
        text = table.round(5).to_csv(index=False, lineterminator="\n")
        about = "# Made by case_heating/data/published.py, which names the sources\n"
        _FOLDER.mkdir(exist_ok=True)
        (_FOLDER / f"{name}.csv").write_text(about + text)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
