"""The embedded utility: a gas-and-electric utility that never was, calibrated to homes that are.

Four years of monthly bills, daily weather, assessor's records with holes, labels that are few, late and biased,
and a scripted history (:mod:`~case_heating.data.history`). Homes are drawn jointly from regressions on a
national survey (:mod:`~case_heating.data.population`); bills follow physics (:mod:`~case_heating.data.metering`)
and then meet what happens to bills (:mod:`~case_heating.data.mess`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from case_heating import schema
from case_heating.data.billing import bill_homes, tariff_table
from case_heating.data.climate import draw_climate, weather_table
from case_heating.data.history import GAS_SERVICE_UNKNOWN_RATE, draw_labels, live, lose_records, truth_table
from case_heating.data.metering import FURNACE_EFFICIENCY, KWH_PER_THERM, draw_physics
from case_heating.data.nation import draw_nation, fuel_shares, sensitive_table
from case_heating.data.population import assessor_columns, draw_homes, draw_uses, load_steps
from case_heating.data.territory import (
    FUEL_YEAR,
    SUBURB,
    SUBURB_YEAR,
    street_addresses,
    territory_places,
    territory_sites,
)
from case_heating.errors import HeatingError
from case_heating.schema import Tables

Population = Literal["territory", "nation"]
MAX_HOMES = 1_000_000


@dataclass(frozen=True)
class SimulatedUtility:
    """A utility's raw tables, and what is really true of its homes.

    Attributes
    ----------
    tables
        Raw canonical tables, the mess in them: ``homes``, ``bills``, ``labels``, ``sensitive``, and ``weather`` and
        ``tariffs`` (territory) or ``degree_days`` (nation).
    truth : DataFrame
        One row per home and spell with one heating fuel: ``home_id``, ``heating_fuel``, ``equipment``,
        ``from_date``, ``base_load_kwh_per_day``, ``heating_slope_kwh_per_hdd`` (a heat pump's: per °F·day of heat
        delivered, before its efficiency), ``heating_slope_therm_per_hdd``, ``cooling_slope_kwh_per_cdd``,
        ``balance_point_f``; for the territory also ``space_heater``, ``seasonal`` and ``moved_out``.
        For tests and drills, never for a model.
    """

    tables: Tables
    truth: pd.DataFrame


def simulate(
    *,
    homes: int = 20_000,
    seed: int = 0,
    population: Population = "territory",
    progress: Callable[[str, float], None] | None = None,
) -> SimulatedUtility:
    """Make the embedded utility; the same arguments give the same bytes.

    Parameters
    ----------
    homes
        How many, up to a million (72 million bills, 11 GB at the peak).
    population
        ``"territory"``: the utility's own homes with four years of bills. ``"nation"``: the nation's mix of homes as
        the survey of 2015 meets it, one year's bills each.
    progress
        Called with what is being made and the share of it that is done.

    Raises
    ------
    HeatingError
        If ``homes`` is not between 1 and a million.

    Examples
    --------
    >>> utility = simulate(homes=50, seed=1)
    >>> sorted(utility.tables)
    ['bills', 'homes', 'labels', 'sensitive', 'tariffs', 'weather']
    """
    if not 1 <= homes <= MAX_HOMES:
        raise HeatingError(f"homes is {homes:,}; the embedded utility can have 1 to {MAX_HOMES:,}")
    tell = progress or _tell_nobody
    if population == "nation":
        tell("homes", 0.0)
        tables, truth = draw_nation(homes, seed)
        tell("homes", 1.0)
        return SimulatedUtility(tables, truth)
    return _territory(homes, seed, tell)


def _tell_nobody(what: str, share: float) -> None:  # noqa: ARG001 - a progress callback that ignores both
    return None


def _territory(homes: int, seed: int, tell: Callable[[str, float], None]) -> SimulatedUtility:
    # Every part has its own stream of random numbers, so that a change in one leaves the others alone.
    of_weather, of_people, of_history, of_bills, of_streets = np.random.SeedSequence(seed).spawn(5)
    tell("weather", 0.0)
    climate = draw_climate(territory_places(), np.random.default_rng(of_weather))
    tell("homes", 0.0)
    rng = np.random.default_rng(of_people)
    sites = territory_sites(homes, climate, rng)
    steps = load_steps()
    traits = draw_homes(sites, steps, rng, until_year=FUEL_YEAR, fuel_targets=fuel_shares(FUEL_YEAR))
    new = (traits["district"] == SUBURB).to_numpy()
    traits["year_built"] = traits["year_built"].mask(new, SUBURB_YEAR)
    uses = draw_uses(traits, steps, rng)
    home_id = pd.Series([f"h{number:07d}" for number in range(homes)], dtype="str")
    tell("history", 0.0)
    rng = np.random.default_rng(of_history)
    physics = live(draw_physics(traits, uses, climate, rng), traits, climate, rng)
    labels = draw_labels(home_id, traits, physics, rng)
    tables = {
        "homes": _homes_table(home_id, traits, physics, rng).assign(
            address=street_addresses(traits["district"], traits["dwelling_type"], np.random.default_rng(of_streets))
        ),
        "weather": weather_table(climate),
        "labels": labels,
        "sensitive": sensitive_table(home_id, traits),
        "tariffs": tariff_table(climate.places),
    }
    tables = {name: schema.conform(frame, schema.TABLES[name]) for name, frame in tables.items()}
    tell("bills", 0.0)
    tables["bills"] = bill_homes(
        home_id, physics, traits, climate, tables["tariffs"], of_bills, lambda share: tell("bills", share)
    )
    after = pd.DataFrame(
        {
            "heat_kwh_per_hdd": physics["heat_kwh_per_hdd"]
            + physics["gas_heat_therm_per_hdd"] * FURNACE_EFFICIENCY * KWH_PER_THERM,
            "gas_heat_therm_per_hdd": 0.0,
        }
    )
    return SimulatedUtility(tables, truth_table(home_id, traits, physics, after))


def _homes_table(
    home_id: pd.Series, traits: pd.DataFrame, physics: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    place = traits[
        "place_id division state district climate iecc_zone area_type metro hdd_normal cdd_normal dwelling_type".split()
    ]
    record = lose_records(assessor_columns(traits), traits, rng)
    seen = rng.random(len(traits)) >= GAS_SERVICE_UNKNOWN_RATE
    gas_service = traits["gas_meter"].astype("boolean").where(seen)
    known = {"solar": physics["solar_kw"] > 0, "gas_service": gas_service}
    return pd.concat([home_id.rename("home_id"), place, record], axis=1).assign(**known)
