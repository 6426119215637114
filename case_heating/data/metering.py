"""Physics of the meters: what each home really uses between two readings.

How much a year takes comes from the survey; the shares, seasons and noises named here are assumptions.

Base load with its seasons, hot water, heating and cooling by degree days below and above the home's own balance
points, furnace fans, heat pumps whose efficiency falls in the cold, empty weeks and solar generation.
"""

from datetime import date

import numpy as np
import pandas as pd

from case_heating.data.climate import BASES_F, FIRST_DAY, LAST_DAY, Climate
from case_heating.schema import BASE_TEMPERATURE_F

READING_CYCLES = 21  # one for each working day of a month
DAYS = (LAST_DAY - FIRST_DAY).days
DAYS_PER_YEAR = 365.25
BALANCE_POINT_F = (61.0, 3.5)  # mean and standard deviation of heating balance points
COOLING_POINT_F = (70.0, 3.0)
HEATING_RANGE_F, COOLING_RANGE_F = (50.0, 70.0), (64.0, 80.0)
FAN_KWH_PER_THERM = 0.6  # blower and controls of a gas furnace
BASE_SEASON = (0.07, 0.08)  # winter's extra base load (light, cooking): mean and spread between homes
WATER_SEASON = 0.12  # colder mains in winter
BASE_NOISE_SD, HEAT_NOISE_SD, COOL_NOISE_SD = 0.11, 0.10, 0.15  # of a month around the home's habit, log scale
HABIT_SD = 0.06  # of a year around the home's habit, log scale
# What an empty home still uses of each: refrigerators and pilots run, thermostats are set back.
EMPTY_BASE, EMPTY_HEAT, EMPTY_COOL = 0.2, 0.45, 0.1
SUN_KWH_PER_KW_DAY = {"cold": 3.6, "mixed_humid": 3.9, "hot_humid": 4.2, "hot_dry": 5.0, "marine": 3.2}
SUN_SEASON = 0.35  # summer's extra generation
FURNACE_EFFICIENCY = 0.80
KWH_PER_THERM = 29.307
NEVER = 2 * DAYS  # a day that does not come


def reading_days(cycle: np.ndarray) -> np.ndarray:
    """Days on which each home's meter is read: the n-th working day of every month.

    Parameters
    ----------
    cycle : ndarray of int, shape (n_homes,)
        0 … 20.

    Returns
    -------
    ndarray of int, shape (n_homes, 48)
        Days since the first day of the record; periods between them last 28 to 35 days or, rarely, one day less.
    """
    months = np.arange("2022-01", "2026-01", dtype="datetime64[M]").astype("datetime64[D]")
    by_cycle = np.stack([np.busday_offset(months, number, roll="forward") for number in range(READING_CYCLES)])
    days = (by_cycle - np.datetime64(FIRST_DAY, "D")).astype(np.int64)
    return days.clip(0, DAYS)[cycle]


def day_number(days: pd.Series | date) -> np.ndarray | int:
    """Days since the first day of the record; a missing day never comes."""
    if isinstance(days, date):
        return (days - FIRST_DAY).days
    passed = (days - pd.Timestamp(FIRST_DAY)).dt.days
    return passed.fillna(NEVER).to_numpy(dtype=np.int64)


def draw_physics(traits: pd.DataFrame, uses: pd.DataFrame, climate: Climate, rng: np.random.Generator) -> pd.DataFrame:
    """Turn yearly uses into the parameters of a home's meters.

    Slopes are set so that in a normal year a home uses what its slope at base 65 °F says, whatever its balance point.

    Parameters
    ----------
    traits : DataFrame, shape (n_homes, n_traits)
        From :func:`case_heating.data.population.draw_homes`, with ``place``.
    uses : DataFrame, shape (n_homes, 7)
        From :func:`case_heating.data.population.draw_uses`.

    Returns
    -------
    DataFrame, shape (n_homes, n_parameters)
    """
    n = len(traits)
    place = traits["place"].to_numpy()
    balance = rng.normal(*BALANCE_POINT_F, n).round().clip(*HEATING_RANGE_F)
    cooling = rng.normal(*COOLING_POINT_F, n).round().clip(*COOLING_RANGE_F)
    heat_base, cool_base = (np.searchsorted(BASES_F, each) for each in (balance, cooling))
    at_65 = int(np.searchsorted(BASES_F, BASE_TEMPERATURE_F))
    pump = (traits["equipment"] == "heat_pump").to_numpy()
    hdd, cdd = climate.normal_hdd[place, at_65], climate.normal_cdd[place, at_65]
    at_balance = climate.normal_hdd[place, heat_base]
    delivered = np.where(pump, climate.normal_heat_pump_hdd[place, heat_base], at_balance)
    gas_slope = uses["gas_heat_therm_per_hdd"].to_numpy() * hdd / at_balance
    fan_kwh_per_day = FAN_KWH_PER_THERM * gas_slope * at_balance / DAYS_PER_YEAR
    base = uses["base_kwh"].to_numpy() / DAYS_PER_YEAR
    return pd.DataFrame(
        {
            "place": place,
            "cycle": rng.integers(0, READING_CYCLES, n),
            "balance_point_f": balance,
            "heat_base": heat_base,
            "cool_base": cool_base,
            # The survey counts a furnace's fan in the base load.
            "base_kwh_per_day": np.maximum(base - fan_kwh_per_day, 0.5 * base),
            "base_season": rng.normal(*BASE_SEASON, n).clip(-0.1, 0.3),
            "water_kwh_per_day": uses["water_kwh"].to_numpy() / DAYS_PER_YEAR,
            "heat_kwh_per_hdd": uses["electric_heat_kwh_per_hdd"].to_numpy() * hdd / delivered,
            "heat_pump": pump,
            "cool_kwh_per_cdd": uses["cool_kwh_per_cdd"].to_numpy()
            * cdd
            / climate.normal_cdd[place, cool_base].clip(min=1),
            "gas_heat_therm_per_hdd": gas_slope,
            "gas_other_therm_per_day": uses["gas_other_therm"].to_numpy() / DAYS_PER_YEAR,
            "switch_day": np.full(n, NEVER),
            "first_day": np.zeros(n, dtype=np.int64),
            "empty_from": np.full(n, NEVER),
            "empty_to": np.full(n, NEVER),
            "away": np.zeros(n, dtype=np.int8),
            "solar_kw": np.zeros(n),
        }
    )


# Months in which a seasonal home stands empty: 0 never, 1 a cabin without winter, 2 a winter nest without summer.
AWAY_MONTHS = np.zeros((3, 13), dtype=bool)
AWAY_MONTHS[1, [1, 2, 3, 11, 12]] = True
AWAY_MONTHS[2, [5, 6, 7, 8, 9, 10]] = True


def metered(
    physics: pd.DataFrame, climate: Climate, days: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Energy through the meters between consecutive reading days.

    Parameters
    ----------
    physics : DataFrame, shape (n_homes, n_parameters)
        From :func:`draw_physics`.
    days : ndarray of int, shape (n_homes, n_reads)

    Returns
    -------
    kwh, therm : ndarray, shape (n_homes, n_reads - 1)
        Net electricity (negative where the sun gives more than the home takes) and gas.
    """
    p = {name: physics[name].to_numpy()[:, None] for name in physics}
    length = np.diff(days, axis=1).astype(float)
    middle = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(((days[:, :-1] + days[:, 1:]) // 2).ravel(), unit="D")
    yearly = np.cos(2 * np.pi * (middle.day_of_year.to_numpy() - 15) / DAYS_PER_YEAR).reshape(length.shape)
    month = middle.month.to_numpy().reshape(length.shape)
    year = (middle.year.to_numpy() - FIRST_DAY.year).reshape(length.shape)

    def between(total: np.ndarray, base: np.ndarray, until: np.ndarray) -> np.ndarray:
        return np.diff(total[p["place"], base, until], axis=1)

    before = np.minimum(days, p["switch_day"])  # after the switch no degree day counts for the old equipment
    old_hdd = between(climate.hdd, p["heat_base"], before)
    pump_hdd = between(climate.heat_pump_hdd, p["heat_base"], days)
    old_pump_hdd = between(climate.heat_pump_hdd, p["heat_base"], before)
    cdd = between(climate.cdd, p["cool_base"], days)
    pump_slope = p["gas_heat_therm_per_hdd"] * FURNACE_EFFICIENCY * KWH_PER_THERM

    occupied = 1.0 - _empty_share(p, days, length, month)
    heat_noise = _noise(HEAT_NOISE_SD, length.shape, rng) * _lived_in(EMPTY_HEAT, occupied)
    habit = np.take_along_axis(_noise(HABIT_SD, (len(physics), 4), rng), year.clip(max=3), axis=1)
    base_noise = _noise(BASE_NOISE_SD, length.shape, rng) * habit

    base = p["base_kwh_per_day"] * (1 + p["base_season"] * yearly) * length * _lived_in(EMPTY_BASE, occupied)
    water = p["water_kwh_per_day"] * (1 + WATER_SEASON * yearly) * length * occupied
    gas_heat = p["gas_heat_therm_per_hdd"] * old_hdd * heat_noise
    heat = p["heat_kwh_per_hdd"] * np.where(p["heat_pump"], old_pump_hdd, old_hdd)
    heat += pump_slope * (pump_hdd - old_pump_hdd)
    cool = p["cool_kwh_per_cdd"] * cdd * _noise(COOL_NOISE_SD, length.shape, rng) * _lived_in(EMPTY_COOL, occupied)
    kwh = (base + water) * base_noise + heat * heat_noise + cool + FAN_KWH_PER_THERM * gas_heat
    kwh -= p["solar_kw"] * _sun(climate)[physics["place"].to_numpy()][:, None] * (1 - SUN_SEASON * yearly) * length
    other_gas = p["gas_other_therm_per_day"] * (1 + WATER_SEASON * yearly) * length * _lived_in(EMPTY_BASE, occupied)
    return kwh, gas_heat + other_gas * base_noise


def normal_year_kwh(physics: pd.DataFrame, climate: Climate) -> np.ndarray:
    """Electricity of a normal year, lived in and without sun. [kWh], shape (n_homes,)."""
    place, base = physics["place"].to_numpy(), physics["heat_base"].to_numpy()
    hdd = np.where(physics["heat_pump"], climate.normal_heat_pump_hdd[place, base], climate.normal_hdd[place, base])
    fixed = (physics["base_kwh_per_day"] + physics["water_kwh_per_day"]).to_numpy() * DAYS_PER_YEAR
    heat = physics["heat_kwh_per_hdd"].to_numpy() * hdd
    cool = physics["cool_kwh_per_cdd"].to_numpy() * climate.normal_cdd[place, physics["cool_base"].to_numpy()]
    return fixed + heat + cool


def sun_kwh_per_kw_day(climate: Climate, place: np.ndarray) -> np.ndarray:
    """Mean generation of a kilowatt of panels at each home's place. [kWh a day]."""
    return _sun(climate)[place]


def _sun(climate: Climate) -> np.ndarray:
    return climate.places["climate"].map(SUN_KWH_PER_KW_DAY).to_numpy(dtype=float)


def _noise(sd: float, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    return np.exp(sd * rng.standard_normal(shape, dtype=np.float32))


def _lived_in(empty_use: float, occupied: np.ndarray) -> np.ndarray:
    return empty_use + (1.0 - empty_use) * occupied


def _empty_share(p: dict[str, np.ndarray], days: np.ndarray, length: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Share of each period in which nobody lives there."""
    overlap = np.minimum(days[:, 1:], p["empty_to"]) - np.maximum(days[:, :-1], p["empty_from"])
    return np.maximum(overlap.clip(min=0) / length.clip(min=1), AWAY_MONTHS[p["away"], month])
