"""Small files to try one's hand with: some homes of the embedded utility, as another utility might export them.

They hold what real exports hold: one row per bill with the home's facts repeated in each, codes that need a word of
explanation, a survey that reached some homes, and a few rows that are wrong.
"""

import pandas as pd

from case_heating.data.simulate import simulate

BILLS, WEATHER = "example_bills.csv", "example_weather.csv"
HOMES = 500
SEED = 2  # other homes than those of the embedded utility, whose seed is 0: no model of it has learned from these

_MONTHS = 14  # a whole year and the bills that reach into it from either side
_FUEL_WORDS = {"gas": "Natural gas", "electricity": "Electric", "other": "Oil or propane"}
_KIND_WORDS = {
    "mobile_home": "MH",
    "single_detached": "SFD",
    "single_attached": "SFA",
    "apartment_2_4": "APT2-4",
    "apartment_5_plus": "APT5+",
}
_N_OF_A_FAULT = 2


def example_files() -> dict[str, bytes]:
    """Make the files; always the same bytes.

    Returns
    -------
    dict of bytes
        By name, CSV: the electricity bills of 500 homes with what is known of each home, and the weather where they
        stand.
    """
    tables = simulate(homes=HOMES, seed=SEED).tables
    homes, weather = tables["homes"].set_index("home_id"), tables["weather"]
    bills = tables["bills"]
    bills = bills[bills["fuel"] == "electricity"].sort_values(["home_id", "start", "known_at"], kind="stable")
    bills = bills.drop_duplicates(["home_id", "start"], keep="last").groupby("home_id").tail(_MONTHS)
    labels = (
        tables["labels"].sort_values(["event_time", "known_at"], kind="stable").drop_duplicates("home_id", keep="last")
    )
    seen = labels.set_index("home_id").reindex(bills["home_id"])
    of_home = homes.loc[bills["home_id"]]
    told = pd.DataFrame(
        {
            "premise": bills["home_id"].str.removeprefix("h").to_numpy(),
            "town": of_home["place_id"].to_numpy(),
            "neighborhood": of_home["district"].to_numpy(),
            "state": of_home["state"].to_numpy(),
            "building_type": of_home["dwelling_type"].map(_KIND_WORDS).to_numpy(),
            "yr_built": _whole(of_home["year_built"]),
            "area_sqft": _whole(of_home["floor_area_sqft"]),
            "rooms": _whole(of_home["rooms"]),
            "from_date": bills["start"].dt.strftime("%Y-%m-%d").to_numpy(),
            "to_date": bills["end"].dt.strftime("%Y-%m-%d").to_numpy(),
            "elec_kwh": bills["usage"].round(1).astype("str").to_numpy(),
            "elec_cost_usd": bills["cost_usd"].round(2).to_numpy(),
            "bill_date": bills["known_at"].dt.strftime("%Y-%m-%d").to_numpy(),
            "heating": seen["heating_fuel"].map(_FUEL_WORDS).to_numpy(),
            "survey_date": seen["event_time"].dt.strftime("%Y-%m-%d").to_numpy(),
            "meter_reader": "route " + of_home["district"].str[1:].to_numpy(),
        }
    )
    here = weather[weather["place_id"].isin(homes["place_id"]) & (weather["date"] >= bills["start"].min())]
    degrees = pd.DataFrame(
        {
            "town": here["place_id"],
            "date": here["date"].dt.strftime("%Y-%m-%d"),
            "avg_temp_f": here["mean_temp_f"].round(1),
        }
    )
    return {name: frame.to_csv(index=False).encode() for name, frame in ((BILLS, _spoil(told)), (WEATHER, degrees))}


def _whole(numbers: pd.Series) -> list[str]:
    return ["" if pd.isna(number) else f"{number:.0f}" for number in numbers]


def _spoil(rows: pd.DataFrame) -> pd.DataFrame:
    """Plant faults as people make them: a use that is no number, a period that ends before it starts, a row twice."""
    spoilt = rows.copy()
    places = [position * len(rows) // (3 * _N_OF_A_FAULT) for position in range(3 * _N_OF_A_FAULT)]
    spoilt.loc[places[:_N_OF_A_FAULT], "elec_kwh"] = "about 400"
    turned = places[_N_OF_A_FAULT : 2 * _N_OF_A_FAULT]
    spoilt.loc[turned, ["from_date", "to_date"]] = rows.loc[turned, ["to_date", "from_date"]].to_numpy()
    return pd.concat([spoilt, spoilt.loc[places[2 * _N_OF_A_FAULT :]]], ignore_index=True)
