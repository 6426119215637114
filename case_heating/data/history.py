"""What happens to homes over the four years, and what the utility learns of it: late, and not of everybody.

The rates are assumptions, chosen to be plausible and large enough to be seen; none is calibrated.
"""

import numpy as np
import pandas as pd

from case_heating.data.climate import FIRST_DAY, LAST_DAY, Climate
from case_heating.data.metering import DAYS, NEVER, day_number, normal_year_kwh, sun_kwh_per_kw_day
from case_heating.data.territory import SUBURB, territory_districts

MOVE_OUT_RATE = 0.12  # of homes stand empty once in four years, renters three times as often as owners
EMPTY_DAYS = (25, 120)
SEASONAL_RATE = 0.025  # of homes
COLD_HDD_NORMAL = 4500.0  # °F·day: above, seasonal homes are cabins without winter; below, winter nests
SOLAR_RATE = {"AZ": 0.12, "OR": 0.05, "TX": 0.05, "MN": 0.03, "OH": 0.03, "TN": 0.02}  # of owned houses
SOLAR_SHARE_OF_USE = (0.5, 1.1)  # what the panels were sized for
SUBURB_MOVE_IN_DAYS = 400  # from the first to the last new home

REBATE_FROM, REBATE_UNTIL = pd.Timestamp("2024-03-01"), pd.Timestamp("2025-11-15")
REBATE_RATE = 0.06  # of owned gas-heated houses took it
REBATE_PAPERS_DAYS = (14, 90)  # from the installation to the paid rebate

# Who answers, is visited or is called on: log odds of ever being observed.
OBSERVED_BASE = -1.3
OBSERVED_OWNER, OBSERVED_HOUSE = 0.8, 0.5
SECOND_LOOK_RATE = 0.08  # of observed homes are seen again
SOURCES = ("survey", "service_call", "inspection")
SOURCE_SHARES = (0.6, 0.25, 0.15)
SURVEY_MONTH = 5  # a campaign every May
KNOWN_AFTER_DAYS = {"survey": (40, 200), "service_call": (14, 60), "inspection": (60, 365)}
HEARD_ON_FIRST_DAY = 0.25  # of observations were made in the first weeks of the record, to begin with something

NO_RECORD_BASE = -3.0  # log odds that the assessor's record of a home is missing
NO_RECORD = {"mobile_home": 1.6, "apartment": 0.9, "renter": 0.5, "rural": 0.8, "before_1950": 0.4}
NO_CELL_RATE = 0.02  # of single cells in records that exist
GAS_SERVICE_UNKNOWN_RATE = 0.04


def live(physics: pd.DataFrame, traits: pd.DataFrame, climate: Climate, rng: np.random.Generator) -> pd.DataFrame:
    """Script each home's four years: moves, seasons away, panels, the suburb's move-in days, and the rebate.

    Returns
    -------
    DataFrame, shape (n_homes, n_parameters)
        The parameters of the meters, with ``first_day``, ``empty_from``, ``empty_to``, ``away``, ``solar_kw`` and
        ``switch_day`` set.
    """
    n = len(physics)
    owner, house = _owner_and_house(traits)
    leaves = rng.random(n) < MOVE_OUT_RATE * np.where(owner, 0.6, 1.8)
    empty_from = np.where(leaves, rng.integers(0, DAYS, n), NEVER)
    empty_to = np.where(leaves, empty_from + rng.integers(*EMPTY_DAYS, n), NEVER)
    cold = (traits["hdd_normal"] > COLD_HDD_NORMAL).to_numpy()
    away = np.where(rng.random(n) < SEASONAL_RATE, np.where(cold, 1, 2), 0).astype(np.int8)
    opens = traits["district"].astype("str").map(territory_districts().set_index("district")["opens"])
    moves_in = day_number(opens) + np.where(traits["district"] == SUBURB, rng.integers(0, SUBURB_MOVE_IN_DAYS, n), 0)
    panels = rng.random(n) < np.where(owner & house, traits["state"].map(SOLAR_RATE).astype(float), 0.0)
    sun = sun_kwh_per_kw_day(climate, physics["place"].to_numpy()) * 365
    size = rng.uniform(*SOLAR_SHARE_OF_USE, n) * normal_year_kwh(physics, climate) / sun
    burner = traits["equipment"].isin(["furnace", "boiler"]) & (traits["heating_fuel"] == "gas")
    takes = owner & house & burner.to_numpy() & (rng.random(n) < REBATE_RATE)
    installed = rng.integers(day_number(REBATE_FROM.date()), day_number(REBATE_UNTIL.date()), n)
    return physics.assign(
        empty_from=empty_from,
        empty_to=empty_to,
        away=away,
        first_day=moves_in,
        solar_kw=np.where(panels, size.round(1), 0.0),
        switch_day=np.where(takes, installed, NEVER),
    )


def draw_labels(
    home_id: pd.Series, traits: pd.DataFrame, physics: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Observe the heating fuel of some homes: more often of owners of houses, and known weeks to a year later.

    Returns
    -------
    DataFrame
        Rows of the ``labels`` table that are known by the end of the record.
    """
    owner, _ = _owner_and_house(traits)
    odds = OBSERVED_BASE + OBSERVED_OWNER * owner + OBSERVED_HOUSE * (traits["dwelling_type"] == "single_detached")
    observed = np.flatnonzero(rng.random(len(traits)) < 1 / (1 + np.exp(-odds)))
    again = observed[rng.random(len(observed)) < SECOND_LOOK_RATE]
    seen = np.concatenate([observed, again])
    source = rng.choice(len(SOURCES), size=len(seen), p=SOURCE_SHARES)
    seen_day = _observation_days(source, rng)
    seen_day = np.maximum(seen_day, physics["first_day"].to_numpy()[seen])
    low, high = (np.array([KNOWN_AFTER_DAYS[name][side] for name in SOURCES])[source] for side in (0, 1))
    known_day = seen_day + rng.integers(low, high)
    switch = physics["switch_day"].to_numpy()
    rebates = np.flatnonzero(switch < NEVER)
    papers = switch[rebates] + rng.integers(*REBATE_PAPERS_DAYS, len(rebates))
    fuel = np.where(seen_day >= switch[seen], "electricity", traits["heating_fuel"].astype(object).to_numpy()[seen])
    start = pd.Timestamp(FIRST_DAY)
    labels = pd.DataFrame(
        {
            "home_id": home_id.take(np.concatenate([seen, rebates])).to_numpy(),
            "heating_fuel": np.concatenate([fuel, np.full(len(rebates), "electricity")]),
            "event_time": start + pd.to_timedelta(np.concatenate([seen_day, switch[rebates]]), unit="D"),
            "known_at": start + pd.to_timedelta(np.concatenate([known_day, papers]), unit="D"),
            "source": np.concatenate([np.array(SOURCES, dtype=object)[source], np.full(len(rebates), "rebate")]),
        }
    )
    known = labels[labels["known_at"] <= pd.Timestamp(LAST_DAY)]
    keys = ["home_id", "event_time", "known_at", "source"]
    return known.drop_duplicates(keys).sort_values(["known_at", "home_id"], kind="stable", ignore_index=True)


def _observation_days(source: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Surveys go out in May, calls come all year; a share of all was made as the record began."""
    n = len(source)
    campaigns = day_number(
        pd.Series(pd.to_datetime([f"{year}-{SURVEY_MONTH:02d}-01" for year in (2022, 2023, 2024, 2025)]))
    )
    survey_day = np.asarray(campaigns)[rng.integers(0, 4, n)] + rng.integers(0, 31, n)
    any_day = rng.integers(0, DAYS, n)
    first_weeks = rng.integers(0, 60, n)
    day = np.where(source == SOURCES.index("survey"), survey_day, any_day)
    return np.where(rng.random(n) < HEARD_ON_FIRST_DAY, first_weeks, day)


def lose_records(record: pd.DataFrame, traits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Blank assessor's records, not at random: mobile homes, rented flats and the countryside are worst known."""
    odds = np.full(len(record), NO_RECORD_BASE)
    apartment = traits["dwelling_type"].isin(["apartment_2_4", "apartment_5_plus"])
    odds += NO_RECORD["mobile_home"] * (traits["dwelling_type"] == "mobile_home").to_numpy()
    odds += NO_RECORD["apartment"] * apartment.to_numpy()
    odds += NO_RECORD["renter"] * (traits["tenure"] == "renter").to_numpy()
    odds += NO_RECORD["rural"] * (traits["area_type"] == "rural").to_numpy()
    odds += NO_RECORD["before_1950"] * (traits["year_band"] == "before_1950").to_numpy()
    absent = rng.random(len(record)) < 1 / (1 + np.exp(-odds))
    return pd.DataFrame(
        {name: record[name].mask(absent | (rng.random(len(record)) < NO_CELL_RATE)) for name in record},
        index=record.index,
    )


def truth_table(home_id: pd.Series, traits: pd.DataFrame, physics: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Say what is really true of each home, one row per spell with one heating fuel.

    Parameters
    ----------
    after : DataFrame, shape (n_homes, 2)
        ``heat_kwh_per_hdd`` and ``gas_heat_therm_per_hdd`` after the switch, where there was one.
    """
    start = pd.Timestamp(FIRST_DAY)
    first = pd.DataFrame(
        {
            "home_id": home_id,
            "heating_fuel": traits["heating_fuel"].astype("str"),
            "equipment": traits["equipment"].astype("str"),
            "from_date": start + pd.to_timedelta(physics["first_day"].to_numpy(), unit="D"),
            "base_load_kwh_per_day": physics["base_kwh_per_day"] + physics["water_kwh_per_day"],
            "heating_slope_kwh_per_hdd": physics["heat_kwh_per_hdd"],
            "heating_slope_therm_per_hdd": physics["gas_heat_therm_per_hdd"],
            "cooling_slope_kwh_per_cdd": physics["cool_kwh_per_cdd"],
            "balance_point_f": physics["balance_point_f"],
            "space_heater": (traits["space_heater"] == "yes").to_numpy(),
            "seasonal": physics["away"] > 0,
            "moved_out": physics["empty_from"] < NEVER,
        }
    )
    switched = (physics["switch_day"] < NEVER).to_numpy()
    second = first[switched].assign(
        heating_fuel="electricity",
        equipment="heat_pump",
        from_date=start + pd.to_timedelta(physics["switch_day"].to_numpy()[switched], unit="D"),
        **{
            f"heating_slope_{name}": after[column][switched]
            for name, column in (("kwh_per_hdd", "heat_kwh_per_hdd"), ("therm_per_hdd", "gas_heat_therm_per_hdd"))
        },
    )
    return pd.concat([first, second]).sort_values(["home_id", "from_date"], kind="stable", ignore_index=True)


def _owner_and_house(traits: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    owner = (traits["tenure"] == "owner").to_numpy()
    return owner, traits["dwelling_type"].isin(["single_detached", "single_attached"]).to_numpy()
