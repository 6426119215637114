"""Who lives where: homes, households, fuels and equipment drawn jointly, as regressions on RECS 2009 say.

Each trait is drawn given those drawn before it; heating-fuel shares are then set to the published ones of the
state or group of states.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from case_heating.data.regressions import (
    Step,
    choose,
    climate_terms,
    draw_category,
    draw_number,
    probabilities,
    steps_from_table,
)

CALIBRATION_DIR = Path(__file__).parent / "calibration"
BAND_YEARS = {
    "before_1950": (1900, 1949),
    "1950s": (1950, 1959),
    "1960s": (1960, 1969),
    "1970s": (1970, 1979),
    "1980s": (1980, 1989),
    "1990s": (1990, 1999),
    "2000_2004": (2000, 2004),
    "2005_on": (2005, 2009),
}
NEW_HOMES_PER_YEAR = 0.008  # assumed share of the stock built in each year after 2009
# Log odds of a gas main in the street. Assumed, not calibrated: few were laid in the gas shortage of the 1970s, nor to
# mobile homes. Their size was chosen so that the assessor's record tells as much here as it does in the survey.
MAINS_BY_BAND = {
    "before_1950": 1.4,
    "1950s": 1.4,
    "1960s": 0.8,
    "1970s": -2.0,
    "1980s": -2.0,
    "1990s": 0.8,
    "2000_2004": 0.3,
    "2005_on": -0.6,
}
MAINS_BY_DWELLING = {
    "mobile_home": -1.5,
    "single_detached": 0.3,
    "single_attached": 0.3,
    "apartment_2_4": 0.0,
    "apartment_5_plus": -0.8,
}
WINDOW_MIDDLES = np.array([1.5, 4.0, 7.5, 12.5, 17.5, 24.5, 32.0])  # the survey asks for a range; so does an assessor
FUEL_ROUNDS = 60  # of matching shares; converged unless mains are too few for the published share of gas
# Homes of a household run high or low in all their electric uses together; so do all its uses of gas.
ELECTRIC_USES = ("base", "water", "cool", "electric_heat", "second_heat")
GAS_USES = ("gas_heat", "gas_other")
USE_STEPS = {
    "base": "log_base_kwh",
    "water": "log_water_kwh",
    "cool": "log_cool_kwh_per_cdd",
    "electric_heat": "log_electric_heat_kwh_per_hdd",
    "second_heat": "log_second_heat_kwh_per_hdd",
    "gas_heat": "log_gas_heat_therm_per_hdd",
    "gas_other": "log_gas_other_therm",
}


def calibration_table(name: str) -> pd.DataFrame:
    """Read one table of aggregates or coefficients; lines that start with ``#`` tell its source."""
    return pd.read_csv(CALIBRATION_DIR / f"{name}.csv", comment="#", keep_default_na=False, na_values=["nan"])


@cache
def load_steps() -> dict[str, Step]:
    """Regressions of the joint draw, by outcome."""
    return steps_from_table(calibration_table("coefficients"))


def nation_sites(homes: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw where each of the nation's homes stands.

    Returns
    -------
    DataFrame, shape (homes, 7)
        ``division``, ``climate``, ``urban_rural``, ``metro``, ``domain`` (a group of states), ``hdd_normal`` and
        ``cdd_normal`` [°F·day].
    """
    cells = calibration_table("sites")
    chosen = rng.choice(len(cells), size=homes, p=cells["share"] / cells["share"].sum())
    cell = cells.iloc[chosen].reset_index(drop=True)
    away = cell["hdd_sd"] * rng.standard_normal(homes).clip(-2.5, 2.5)
    hdd = cell["hdd_mean"] + away
    cdd = cell["cdd_mean"] + cell["cdd_per_hdd"] * away + cell["cdd_sd"] * rng.standard_normal(homes).clip(-2.5, 2.5)
    kinds = cell[["division", "climate", "urban_rural", "metro", "domain"]].astype("category")
    return kinds.assign(hdd_normal=hdd.clip(lower=0.0).round(), cdd_normal=cdd.clip(lower=0.0).round())


def draw_homes(
    sites: pd.DataFrame,
    steps: dict[str, Step],
    rng: np.random.Generator,
    *,
    until_year: int,
    fuel_targets: pd.DataFrame,
) -> pd.DataFrame:
    """Draw dwelling, household, cooling, heating fuel and equipment of every home, jointly.

    Parameters
    ----------
    sites : DataFrame, shape (n_homes, n_columns)
        Columns of :func:`nation_sites`; ``fuel_area`` (the area of ``fuel_targets`` it counts in); may hold
        ``mains_share`` (of homes on a street with a gas main, default 1) and ``all_electric`` (bool, default false).
    until_year
        Last year of construction.
    fuel_targets : DataFrame, indexed by area, columns ``gas`` and ``electricity``
        Published shares of homes by heating fuel.

    Returns
    -------
    DataFrame, shape (n_homes, n_traits)
        The site's columns and every trait of ``STEP_ORDER`` that is not an energy use.
    """
    homes = sites.assign(**climate_terms(sites))
    newer = rng.random(len(homes)) < NEW_HOMES_PER_YEAR * (until_year - 2009)
    newer |= homes.get("all_electric", pd.Series(False, index=homes.index)).to_numpy()
    homes["dwelling_type"] = draw_category(homes, steps["dwelling_type"], rng)
    band = draw_category(homes, steps["year_band"], rng)
    order = list(steps["year_band"].levels)
    codes = np.where(newer, order.index("2005_on"), band.codes)
    homes["year_band"] = pd.Categorical.from_codes(codes, categories=order)
    homes["year_built"] = _years(homes["year_band"], newer, until_year, rng)
    for outcome in ("race", "ethnicity", "income_band", "tenure"):
        homes[outcome] = draw_category(homes, steps[outcome], rng)
    for outcome in ("log_members", "log_area", "log_rooms", "bedrooms", "log_windows"):
        homes[outcome] = draw_number(homes, steps[outcome], rng)
        if outcome == "log_members":
            homes[outcome] = np.log(np.exp(homes[outcome]).round().clip(1, 10))
    homes["log_area2"] = homes["log_area"] ** 2
    for outcome in ("foundation", "stories_band", "garage", "wall_material", "roof_material", "pool", "cooling"):
        homes[outcome] = draw_category(homes, steps[outcome], rng)
    homes["gas_mains"] = _on_a_main(homes, rng)
    homes["heating_fuel"] = _heating_fuel(homes, steps["heating_fuel"], fuel_targets, rng)
    return draw_equipment(homes, steps, rng)


def draw_equipment(homes: pd.DataFrame, steps: dict[str, Step], rng: np.random.Generator) -> pd.DataFrame:
    """Draw what follows from the heating fuel: equipment, hot water, cooking, space heaters, a gas meter."""
    homes = homes.copy()
    homes["equipment"] = _fitting_equipment(homes, steps["equipment"], rng)
    homes["water_fuel"] = draw_category(homes, steps["water_fuel"], rng)
    homes["cooks_with_gas"] = draw_category(homes, steps["cooks_with_gas"], rng)
    homes["space_heater"] = draw_category(homes, steps["space_heater"], rng)
    never = (homes["heating_fuel"] == "electricity").to_numpy()
    homes.loc[never, "space_heater"] = "no"
    no_gas = ~homes["gas_mains"].to_numpy()
    homes.loc[no_gas & (homes["water_fuel"] == "gas").to_numpy(), "water_fuel"] = "electricity"
    homes.loc[no_gas, "cooks_with_gas"] = "no"
    burns_gas = (homes["heating_fuel"] == "gas") | (homes["water_fuel"] == "gas") | (homes["cooks_with_gas"] == "yes")
    homes["gas_meter"] = burns_gas.to_numpy()
    return homes


def _years(band: pd.Series, newer: np.ndarray, until_year: int, rng: np.random.Generator) -> np.ndarray:
    first, last = (
        band.map({name: years[side] for name, years in BAND_YEARS.items()}).astype(float).to_numpy() for side in (0, 1)
    )
    first, last = np.where(newer, 2010, first), np.where(newer, until_year, last)
    within = rng.random(len(band))
    # Of the homes before 1950 most stand from its last decades.
    within = np.where(band == "before_1950", np.sqrt(within), within)
    return first + np.floor(within * (last - first + 1))


def _on_a_main(homes: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Draw whether the street has a gas main: mains follow what was built, and when."""
    if "mains_share" not in homes:
        return np.ones(len(homes), dtype=bool)
    share = homes["mains_share"].to_numpy(dtype=float)
    tilt = (
        homes["year_band"].astype("str").map(MAINS_BY_BAND)
        + homes["dwelling_type"].astype("str").map(MAINS_BY_DWELLING)
    ).to_numpy()
    with np.errstate(divide="ignore"):
        odds = np.log(share) - np.log1p(-share) + tilt
    return rng.random(len(homes)) < 1 / (1 + np.exp(-odds))


def _fitting_equipment(homes: pd.DataFrame, step: Step, rng: np.random.Generator) -> pd.Categorical:
    """Draw equipment among those that burn the home's fuel."""
    allowed = {
        "gas": {"furnace", "boiler", "room_heater"},
        "other": {"furnace", "boiler", "room_heater"},
        "electricity": {"resistance", "heat_pump"},
        "none": {"none"},
    }
    probability = probabilities(homes, step)
    fits = np.array(
        [[level in allowed[str(fuel)] for level in step.levels] for fuel in homes["heating_fuel"].cat.categories]
    )
    return choose(probability * fits[homes["heating_fuel"].cat.codes], step.levels, rng)


def _heating_fuel(homes: pd.DataFrame, step: Step, targets: pd.DataFrame, rng: np.random.Generator) -> pd.Categorical:
    """Draw the heating fuel after moving each area's shares of gas and electricity to the published ones."""
    probability = probabilities(homes, step)
    gas, electricity = step.levels.index("gas"), step.levels.index("electricity")
    probability[~homes["gas_mains"].to_numpy(), gas] = 0.0
    if "all_electric" in homes:
        probability[homes["all_electric"].to_numpy()] = np.eye(len(step.levels))[electricity]
    area = pd.Categorical(homes["fuel_area"], categories=targets.index)
    target = np.column_stack([targets["gas"], targets["electricity"], 1 - targets["gas"] - targets["electricity"]])
    rest = [i for i in range(len(step.levels)) if i not in (gas, electricity)]
    count = np.bincount(area.codes, minlength=len(targets)).clip(min=1)
    for _ in range(FUEL_ROUNDS):
        probability /= probability.sum(axis=1, keepdims=True)
        three = np.column_stack([probability[:, gas], probability[:, electricity], probability[:, rest].sum(axis=1)])
        share = np.column_stack([np.bincount(area.codes, three[:, i], len(targets)) for i in range(3)]) / count[:, None]
        factor = (target / share.clip(min=1e-9))[area.codes]
        probability[:, gas] *= factor[:, 0]
        probability[:, electricity] *= factor[:, 1]
        probability[:, rest] *= factor[:, [2]]
    return choose(probability, step.levels, rng)


def draw_uses(homes: pd.DataFrame, steps: dict[str, Step], rng: np.random.Generator) -> pd.DataFrame:
    """Draw how much energy each use takes.

    Returns
    -------
    DataFrame, shape (n_homes, 7)
        ``base_kwh`` and ``water_kwh`` a year, ``cool_kwh_per_cdd``, ``electric_heat_kwh_per_hdd``,
        ``gas_heat_therm_per_hdd`` (base 65 °F) and ``gas_other_therm`` a year; zero where there is no such use.
    """
    loading = calibration_table("common_factor").set_index("step")["loading"]
    common = {name: rng.standard_normal(len(homes)) for name in ("electric", "gas")}
    drawn = {}
    for use, step in USE_STEPS.items():
        weight = float(loading[step])
        own = rng.standard_normal(len(homes))
        noise = weight * common["gas" if use in GAS_USES else "electric"] + np.sqrt(1 - weight**2) * own
        drawn[use] = np.exp(draw_number(homes, steps[step], rng, shared=noise))
    fuel = homes["heating_fuel"].to_numpy()
    heater = (homes["space_heater"] == "yes").to_numpy()
    return pd.DataFrame(
        {
            "base_kwh": drawn["base"],
            "water_kwh": np.where(homes["water_fuel"] == "electricity", drawn["water"], 0.0),
            "cool_kwh_per_cdd": np.where(homes["cooling"] == "none", 0.0, drawn["cool"]),
            "electric_heat_kwh_per_hdd": np.where(
                fuel == "electricity", drawn["electric_heat"], np.where(heater, drawn["second_heat"], 0.0)
            ),
            "gas_heat_therm_per_hdd": np.where(fuel == "gas", drawn["gas_heat"], 0.0),
            "gas_other_therm": np.where(homes["gas_meter"], drawn["gas_other"], 0.0),
        }
    )


def assessor_columns(homes: pd.DataFrame) -> pd.DataFrame:
    """Say the drawn traits in the columns of the ``homes`` table; what a flat has no answer to stays missing."""
    house = homes["dwelling_type"].isin(["single_detached", "single_attached"]).to_numpy()
    windows = np.exp(homes["log_windows"].to_numpy())
    nearest = np.abs(windows[:, None] - WINDOW_MIDDLES).argmin(axis=1)
    stories = homes["stories_band"].map({"1": 1.0, "2": 2.0, "3": 3.0, "no_house": np.nan}).astype(float)
    return pd.DataFrame(
        {
            "year_built": homes["year_built"],
            "floor_area_sqft": (1500 * np.exp(homes["log_area"])).clip(150, 12_000).round(),
            "rooms": (6 * np.exp(homes["log_rooms"])).round().clip(1, 20),
            "bedrooms": homes["bedrooms"].round().clip(0, 9),
            "stories": stories.where(house),
            "foundation": homes["foundation"].astype("str").where((homes["foundation"] != "none") & house),
            "garage_cars": homes["garage"].astype("str").astype(float).where(house),
            "wall_material": homes["wall_material"],
            "roof_material": homes["roof_material"].astype("str").where(house),
            "windows": WINDOW_MIDDLES[nearest],
            "cooling": homes["cooling"],
            "pool": homes["pool"] == "yes",
        }
    )
