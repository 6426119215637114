"""RECS 2009 as the joint draw of the embedded utility is fitted on it: household answers and end uses included.

The reader of :mod:`~case_heating.data.recs` leaves out what gives the heating fuel away or a utility would not have;
a simulation needs exactly that.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from case_heating import schema
from case_heating.data.regressions import climate_terms
from case_heating.errors import SourceError

THERM_PER_CCF = 1.025  # the ratio of BTUNG to CUFEETNG in the survey itself
CLIMATE = {1: "cold", 2: "hot_dry", 3: "hot_humid", 4: "mixed_humid", 5: "marine"}
DWELLING = dict(enumerate(schema.DWELLING_TYPES, start=1))
DIVISION = dict(enumerate(schema.DIVISIONS, start=1))
FUEL = {1: "gas", 5: "electricity", -2: "none"}
WATER = {1: "gas", 5: "electricity"}
YEAR_BAND = dict(enumerate(("before_1950", "1950s", "1960s", "1970s", "1980s", "1990s", "2000_2004", "2005_on"), 1))
RACE = {1: "white", 2: "black", 3: "native_american", 4: "asian", 5: "pacific_islander"}
COOLING = {1: "central", 2: "room", 3: "both", -2: "none"}
WALL = dict(enumerate("brick wood siding stucco shingle stone concrete".split(), start=1))
ROOF = {1: "clay_tile", 2: "wood", 3: "metal", 4: "slate", 5: "asphalt_shingle", 6: "asphalt_shingle", 7: "concrete"}
WINDOW_MIDDLE = {0: 0, 10: 1.5, 20: 4, 30: 7.5, 41: 12.5, 42: 17.5, 50: 24.5, 60: 32}
INCOME_TOP_CODE = (0, 6, 10, 14, 22, 24)  # last MONEYPY code of each band of schema.SENSITIVE


def survey_2009(data_dir: Path) -> pd.DataFrame:
    """Read RECS 2009 in the words of the joint draw, one row per home with its survey weight."""
    path = data_dir / "recs2009_public.csv.gz"
    if not path.is_file():
        raise SourceError(f"{path} is not there; download the RECS 2009 microdata into that folder")
    raw = pd.read_csv(path)
    income = pd.cut(raw["MONEYPY"], INCOME_TOP_CODE, labels=schema.SENSITIVE.column("income_band").allowed)
    house = raw["STORIES"] != -2
    stands_on = np.select(
        [raw["CELLAR"] == 1, raw["CRAWL"] == 1, raw["CONCRETE"] == 1], ["cellar", "crawl_space", "slab"], "none"
    )
    homes = pd.DataFrame(
        {
            "weight": raw["NWEIGHT"] / raw["NWEIGHT"].mean(),
            "domain": "domain_" + raw["REPORTABLE_DOMAIN"].astype(str).str.zfill(2),
            "division": raw["DIVISION"].map(DIVISION),
            "climate": raw["Climate_Region_Pub"].map(CLIMATE),
            "urban_rural": raw["UR"].map({"U": "urban", "R": "rural"}),
            "metro": raw["METROMICRO"].str.lower(),
            "hdd_normal": raw["HDD30YR"].astype(float),
            "cdd_normal": raw["CDD30YR"].astype(float),
            "dwelling_type": raw["TYPEHUQ"].map(DWELLING),
            "year_band": raw["YEARMADERANGE"].map(YEAR_BAND),
            "race": raw["Householder_Race"].map(RACE).fillna("several_or_other"),
            "ethnicity": raw["SDESCENT"].map({1: "hispanic", 0: "not_hispanic"}),
            "income_band": income.astype("str"),
            "tenure": raw["KOWNRENT"].map({1: "owner", 2: "renter"}),
            "log_members": np.log(raw["NHSLDMEM"]),
            "log_area": np.log(raw["TOTSQFT_EN"].clip(lower=200) / 1500),
            "log_rooms": np.log(raw["TOTROOMS"] / 6),
            "bedrooms": raw["BEDROOMS"].clip(lower=0).astype(float),
            "log_windows": np.log(raw["WINDOWS"].map(WINDOW_MIDDLE).clip(lower=1)),
            "foundation": stands_on,
            "stories_band": raw["STORIES"].map({10: "1", 20: "2", 40: "2", 31: "3", 32: "3"}).where(house, "no_house"),
            "garage": raw["SIZEOFGARAGE"].clip(lower=0).astype(str),
            "wall_material": raw["WALLTYPE"].map(WALL).fillna("other"),
            "roof_material": raw["ROOFTYPE"].map(ROOF).fillna("other"),
            "pool": np.where(raw["SWIMPOOL"] == 1, "yes", "no"),
            "cooling": raw["COOLTYPE"].map(COOLING),
            "heating_fuel": raw["FUELHEAT"].map(FUEL).fillna("other"),
            "water_fuel": raw["FUELH2O"].map(WATER).fillna("other"),
        }
    )
    return homes.assign(
        **_equipment(raw, homes), **_energy(raw), **climate_terms(homes), log_area2=homes["log_area"] ** 2
    )


def _equipment(raw: pd.DataFrame, homes: pd.DataFrame) -> dict[str, np.ndarray]:
    fuel, code = homes["heating_fuel"], raw["EQUIPM"]
    electric = np.where(code == 4, "heat_pump", "resistance")
    burner = np.where(code == 3, "furnace", np.where(code == 2, "boiler", "room_heater"))
    meter_without_heat = (raw["USENG"] == 1) & (fuel != "gas") & (homes["water_fuel"] != "gas")
    return {
        "equipment": np.where(fuel == "none", "none", np.where(fuel == "electricity", electric, burner)),
        "cooks_with_gas": np.where(meter_without_heat, "yes", "no"),
        "space_heater": np.where(raw["ELWARM"] & (fuel != "electricity"), "yes", "no"),
    }


def _energy(raw: pd.DataFrame) -> dict[str, pd.Series]:
    """Usage by end use as the EIA modelled it; NaN where there is none, so that a step leaves the home out."""
    hdd, cdd = raw["HDD65"].where(raw["HDD65"] >= 100), raw["CDD65"].where(raw["CDD65"] >= 100)
    therm = raw["CUFEETNG"] * THERM_PER_CCF
    heat_therm = raw["CUFEETNGSPH"] * THERM_PER_CCF
    amounts = {
        "log_base_kwh": raw["KWH"] - raw["KWHSPH"] - raw["KWHCOL"] - raw["KWHWTH"],
        "log_water_kwh": raw["KWHWTH"],
        "log_cool_kwh_per_cdd": raw["KWHCOL"] / cdd,
        "log_electric_heat_kwh_per_hdd": (raw["KWHSPH"] / hdd).where(raw["FUELHEAT"] == 5),
        "log_second_heat_kwh_per_hdd": (raw["KWHSPH"] / hdd).where(raw["FUELHEAT"] != 5),
        "log_gas_heat_therm_per_hdd": (heat_therm / hdd).where(raw["FUELHEAT"] == 1),
        "log_gas_other_therm": therm - heat_therm,
        "log_kwh": raw["KWH"] / 10_000,
        "log_therm": therm / 500,
        "log_kwh_price": (raw["DOLLAREL"] / raw["KWH"]).where(raw["KWH"] >= 500),
        "log_therm_price": (raw["DOLLARNG"] / therm).where(therm >= 20),
    }
    logs = {name: np.log(amount.where(amount > 0)) for name, amount in amounts.items()}
    return logs | {"log_kwh2": logs["log_kwh"] ** 2, "log_therm2": logs["log_therm"] ** 2}
