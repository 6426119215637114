"""Readings become bills: tariffs, periods, known-at days, and the mess on the way."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from case_heating.data import mess
from case_heating.data.climate import FIRST_DAY, Climate
from case_heating.data.metering import DAYS, metered, reading_days
from case_heating.data.population import calibration_table

CHUNK_HOMES = 25_000  # bills are made for so many homes at a time, which bounds the memory of the work
TARIFF_YEARS = (2022, 2023, 2024, 2025)
PUBLISHED_YEAR = {2022: 2021, 2023: 2022, 2024: 2023, 2025: 2023}  # tariffs follow the state's price of the year before
PRICE_SHOCK_2025 = {"electricity": 1.25, "gas": 1.40}  # scripted
FIXED_CHARGE_USD = {"electricity": 12.0, "gas": 14.0}  # a month
UNIT_SHARE_OF_PRICE = 0.9  # the published price holds fixed charges too
DAYS_PER_MONTH = 365.25 / 12
PRICE_COLUMN = {"electricity": "electricity_usd_per_kwh", "gas": "gas_usd_per_therm"}
FUELS = ("electricity", "gas")


def tariff_table(places: pd.DataFrame) -> pd.DataFrame:
    """Tariffs of every place from each January; 2025 brings the price shock."""
    prices = calibration_table("place_prices").set_index(["place", "year"])
    rows = [
        (
            fuel,
            place_id,
            pd.Timestamp(year, 1, 1),
            FIXED_CHARGE_USD[fuel],
            round(_unit_price(prices, fuel, state, year), 4),
        )
        for fuel in FUELS
        for place_id, state in zip(places["place_id"], places["state"], strict=True)
        for year in TARIFF_YEARS
    ]
    return pd.DataFrame(rows, columns=["fuel", "place_id", "from_date", "fixed_charge_usd", "unit_price_usd"])


def _unit_price(prices: pd.DataFrame, fuel: str, state: str, year: int) -> float:
    shock = PRICE_SHOCK_2025[fuel] if year == TARIFF_YEARS[-1] else 1.0
    return UNIT_SHARE_OF_PRICE * shock * float(prices.loc[(state, PUBLISHED_YEAR[year]), PRICE_COLUMN[fuel]])


def bill_homes(
    home_id: pd.Series,
    physics: pd.DataFrame,
    traits: pd.DataFrame,
    climate: Climate,
    tariffs: pd.DataFrame,
    seeds: np.random.SeedSequence,
    progress: Callable[[float], None],
) -> pd.DataFrame:
    """Meter and bill every home, ``CHUNK_HOMES`` at a time.

    Returns
    -------
    DataFrame
        The ``bills`` table with its mess in it. A million homes make 72 million rows, 6 GB.
    """
    starts = range(0, len(physics), CHUNK_HOMES)
    columns: dict[str, list[pd.Series]] = {}
    for number, (start, seed) in enumerate(zip(starts, seeds.spawn(len(starts)), strict=True), start=1):
        part = slice(start, start + CHUNK_HOMES)
        rng = np.random.default_rng(seed)
        for bills in _bill_chunk(home_id.iloc[part], physics.iloc[part], traits.iloc[part], climate, tariffs, rng):
            for name in bills:
                columns.setdefault(name, []).append(bills[name])
        progress(number / len(starts))
    # One column at a time, its parts given back as it is joined: the peak is the table and one column.
    joined = {name: pd.concat(columns.pop(name), ignore_index=True) for name in list(columns)}
    return pd.DataFrame(joined, copy=False)


def _bill_chunk(
    home_id: pd.Series,
    physics: pd.DataFrame,
    traits: pd.DataFrame,
    climate: Climate,
    tariffs: pd.DataFrame,
    rng: np.random.Generator,
) -> Iterator[pd.DataFrame]:
    days = reading_days(physics["cycle"].to_numpy())
    # Nobody is billed before moving in.
    days = np.maximum(days, physics["first_day"].to_numpy()[:, None])
    length = np.diff(days, axis=1)
    rural = (traits["area_type"] == "rural").to_numpy()[:, None]
    rate = np.where(rural, mess.RURAL_ESTIMATED_READ_RATE, mess.ESTIMATED_READ_RATE)
    district = traits["district"].astype(object).to_numpy()
    runs_back = (physics["solar_kw"] > 0).to_numpy()
    for fuel, usage in zip(FUELS, metered(physics, climate, days, rng), strict=True):
        estimated = (rng.random(usage.shape) < rate) & (length > 0)
        billed = mess.estimate_reads(usage, length.astype(float), estimated, runs_back & (fuel == "electricity"))
        customer = np.ones(len(physics), dtype=bool) if fuel == "electricity" else traits["gas_meter"].to_numpy()
        home, period = np.nonzero((length > 0) & customer[:, None])
        rows = pd.DataFrame(
            {
                "home": home,
                "start_day": days[home, period],
                "end_day": days[home, period + 1],
                "usage": billed[home, period],
                "estimated": estimated[home, period],
            }
        )
        periods = usage.shape[1]
        swapped = (rng.random(len(rows)) < mess.METER_SWAP_RATE / periods) & (rows["end_day"] - rows["start_day"] > 1)
        rows = mess.swap_meters(rows, swapped.to_numpy(), rng)
        rows["cost_usd"] = _cost(rows, physics["place"].to_numpy(), climate, tariffs, fuel)
        rows["known_day"] = rows["end_day"] + mess.mail_days(len(rows), rng)
        rows = mess.spoil(rows, district[rows["home"].to_numpy()], fuel, rng)
        rows = rows[rows["known_day"] <= DAYS]  # the tables are those of the record's last day
        yield _canonical(rows, home_id, fuel)


def _cost(rows: pd.DataFrame, place: np.ndarray, climate: Climate, tariffs: pd.DataFrame, fuel: str) -> np.ndarray:
    """Amount billed at the tariff of the reading's day; net generation is credited at the same price."""
    own = tariffs[tariffs["fuel"] == fuel].pivot_table("unit_price_usd", "place_id", "from_date")
    price = own.loc[climate.places["place_id"]].to_numpy()
    read = np.datetime64(FIRST_DAY, "D") + rows["end_day"].to_numpy()
    year = read.astype("datetime64[Y]").astype(int) + 1970 - TARIFF_YEARS[0]
    months = (rows["end_day"] - rows["start_day"]).to_numpy() / DAYS_PER_MONTH
    unit = price[place[rows["home"].to_numpy()], year]
    return (FIXED_CHARGE_USD[fuel] * months + unit * rows["usage"].to_numpy()).round(2)


def _canonical(rows: pd.DataFrame, home_id: pd.Series, fuel: str) -> pd.DataFrame:
    """Rows in the columns and dtypes of the ``bills`` table."""

    def day(column: str) -> np.ndarray:
        return (np.datetime64(FIRST_DAY, "D") + rows[column].to_numpy()).astype("datetime64[us]")

    reads = pd.Series(["read", "estimated"], dtype="str")
    decimals = 1 if fuel == "electricity" else 2
    return pd.DataFrame(
        {
            "home_id": home_id.take(rows["home"].to_numpy()).reset_index(drop=True),
            "fuel": pd.Series([fuel], dtype="str").take(np.zeros(len(rows), dtype=np.int64)).reset_index(drop=True),
            "start": day("start_day"),
            "end": day("end_day"),
            "usage": rows["usage"].round(decimals).to_numpy(),
            "cost_usd": rows["cost_usd"].to_numpy(),
            "read": reads.take(rows["estimated"].astype(int).to_numpy()).reset_index(drop=True),
            "known_at": day("known_day"),
        }
    )
