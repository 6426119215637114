"""The nation's mix of homes as a survey would meet it: one year's bills and degree days per home."""

import numpy as np
import pandas as pd

from case_heating import schema
from case_heating.data.population import (
    assessor_columns,
    calibration_table,
    draw_homes,
    draw_uses,
    load_steps,
    nation_sites,
)
from case_heating.data.regressions import Step, draw_number
from case_heating.schema import BASE_TEMPERATURE_F, Tables

SURVEY_YEAR = 2015
CALIBRATION_YEAR = 2009
# A year's degree days around their normals; in RECS 2009 HDD65 / HDD30YR spreads by 0.045 to 0.07 in most divisions.
HDD_YEAR_SD = 0.05
CDD_YEAR_SD = 0.10
# Assumed split of urban areas in cities and towns ("urban clusters"): the survey of 2009 does not publish it.
TOWN_SHARE_OF_URBAN = {"metro": 0.05, "micro": 0.85, "none": 1.0}
MIN_KWH_PER_YEAR = 60.0  # assumed: next to no home is billed less


def draw_nation(homes: int, seed: int) -> tuple[Tables, pd.DataFrame]:
    """Draw a survey of the nation's homes.

    Returns
    -------
    Tables
        ``homes``, ``bills``, ``degree_days``, ``labels`` and ``sensitive`` with the columns the 2015 survey has.
    DataFrame, shape (homes, 9)
        The truth: see :class:`case_heating.data.simulate.SimulatedUtility`.
    """
    rng = np.random.default_rng(seed)
    steps = load_steps()
    sites = nation_sites(homes, rng)
    sites["fuel_area"] = sites["domain"]
    traits = draw_homes(sites, steps, rng, until_year=SURVEY_YEAR, fuel_targets=fuel_shares(SURVEY_YEAR))
    uses = draw_uses(traits, steps, rng)
    home_id = pd.Series([f"n{number:07d}" for number in range(homes)], dtype="str")
    hdd = traits["hdd_normal"] * rng.normal(1.0, HDD_YEAR_SD, homes)
    cdd = traits["cdd_normal"] * rng.normal(1.0, CDD_YEAR_SD, homes)
    tables = {
        "homes": _homes_table(home_id, traits, rng),
        "bills": _yearly_bills(home_id, traits, uses, hdd, cdd, steps, rng),
        "degree_days": _year_of(home_id.rename("place_id")).assign(base_f=BASE_TEMPERATURE_F, hdd=hdd, cdd=cdd),
        "labels": pd.DataFrame(
            {
                "home_id": home_id,
                "heating_fuel": traits["heating_fuel"],
                "event_time": pd.Timestamp(SURVEY_YEAR, 1, 1),
                "known_at": pd.Timestamp(SURVEY_YEAR + 1, 1, 1),
                "source": "survey",
            }
        ),
        "sensitive": sensitive_table(home_id, traits),
    }
    truth = pd.DataFrame(
        {
            "home_id": home_id,
            "heating_fuel": traits["heating_fuel"].astype("str"),
            "equipment": traits["equipment"].astype("str"),
            "from_date": pd.Timestamp(SURVEY_YEAR, 1, 1),
            "base_load_kwh_per_day": (uses["base_kwh"] + uses["water_kwh"]) / 365,
            "heating_slope_kwh_per_hdd": uses["electric_heat_kwh_per_hdd"],
            "heating_slope_therm_per_hdd": uses["gas_heat_therm_per_hdd"],
            "cooling_slope_kwh_per_cdd": uses["cool_kwh_per_cdd"],
            "balance_point_f": BASE_TEMPERATURE_F,
        }
    )
    return {name: schema.conform(frame, schema.TABLES[name]) for name, frame in tables.items()}, truth


def fuel_shares(year: int) -> pd.DataFrame:
    """Look up the shares of homes heated with gas and electricity, by state and group of states, between two surveys.

    Returns
    -------
    DataFrame, indexed by place, columns ``gas`` and ``electricity``
    """
    shares = calibration_table("place_heating_shares").pivot_table(["gas", "electricity"], "place", "vintage")
    part = min(max((year - 2010) / (2024 - 2010), 0.0), 1.0)
    return pd.DataFrame(
        {fuel: shares[fuel][2010] * (1 - part) + shares[fuel][2024] * part for fuel in ("gas", "electricity")}
    )


def price_change(place: pd.Series, column: str, *, since: int, to: int) -> pd.Series:
    """Divide the published price of year ``to`` by that of ``since``, for each place."""
    prices = calibration_table("place_prices").pivot_table(column, "place", "year")
    return place.astype("str").map(prices[to] / prices[since]).astype(float)


def sensitive_table(home_id: pd.Series, traits: pd.DataFrame) -> pd.DataFrame:
    """Put what fairness is measured on into its own table."""
    names = ["income_band", "tenure", "race", "ethnicity"]
    return pd.concat([home_id.rename("home_id"), traits[names].astype("str")], axis=1)


def area_type(urban_rural: pd.Series, metro: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Split urban areas into cities and towns."""
    town = rng.random(len(metro)) < metro.map(TOWN_SHARE_OF_URBAN).astype(float).to_numpy()
    return np.where(urban_rural == "rural", "rural", np.where(town, "town", "urban"))


def _homes_table(home_id: pd.Series, traits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    place = traits[["division", "climate", "metro", "hdd_normal", "cdd_normal", "dwelling_type"]].copy()
    place["area_type"] = area_type(traits["urban_rural"], traits["metro"], rng)
    # The survey of 2015 publishes no smaller area than this.
    district = place["division"].astype("str") + "." + place["metro"].astype("str") + "." + place["area_type"]
    known = pd.DataFrame({"home_id": home_id, "place_id": home_id, "district": district})
    record = assessor_columns(traits)
    return pd.concat([known, place, record], axis=1).assign(gas_service=traits["gas_meter"], survey_weight=1.0)


def _yearly_bills(
    home_id: pd.Series,
    traits: pd.DataFrame,
    uses: pd.DataFrame,
    hdd: pd.Series,
    cdd: pd.Series,
    steps: dict[str, Step],
    rng: np.random.Generator,
) -> pd.DataFrame:
    heat, cool = uses["electric_heat_kwh_per_hdd"] * hdd, uses["cool_kwh_per_cdd"] * cdd
    kwh = (uses["base_kwh"] + uses["water_kwh"] + heat + cool).clip(lower=MIN_KWH_PER_YEAR)
    therm = uses["gas_heat_therm_per_hdd"] * hdd + uses["gas_other_therm"]
    log_kwh, log_therm = np.log(kwh / 10_000), np.log(therm.clip(lower=10.0) / 500)
    sized = traits.assign(log_kwh=log_kwh, log_kwh2=log_kwh**2, log_therm=log_therm, log_therm2=log_therm**2)
    parts = []
    for fuel, usage, step, column in (
        ("electricity", kwh, "log_kwh_price", "electricity_usd_per_kwh"),
        ("gas", therm, "log_therm_price", "gas_usd_per_therm"),
    ):
        price = np.exp(draw_number(sized, steps[step], rng))
        price *= price_change(traits["domain"], column, since=CALIBRATION_YEAR, to=SURVEY_YEAR)
        bills = _year_of(home_id).assign(fuel=fuel, usage=usage, cost_usd=usage * price, read="read")
        parts.append(bills if fuel == "electricity" else bills[traits["gas_meter"].to_numpy()])
    bills = pd.concat(parts, ignore_index=True)
    return bills.assign(known_at=bills["end"])


def _year_of(key: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            key.name or "home_id": key,
            "start": pd.Timestamp(SURVEY_YEAR, 1, 1),
            "end": pd.Timestamp(SURVEY_YEAR + 1, 1, 1),
        }
    )
