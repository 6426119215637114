"""The embedded utility's own territory: its places, its districts, and where each home stands."""

import numpy as np
import pandas as pd

from case_heating.data.climate import Climate
from case_heating.data.population import calibration_table

SUBURB = "d28"  # all-electric, built from 2024
SUBURB_YEAR = 2024
WH_DISTRICT, WH_MONTH = "d14", "2024-08"  # its electricity read in this month was reported in Wh
# Log odds of a gas main by how much colder than its district a place is. Assumed: mains follow valleys. Its size was
# chosen so that weather tells more than the district alone, as it does in the survey.
MAINS_PER_1000_HDD = -1.2
STREET_NAMES = (
    "Alder Ash Aspen Beech Birch Cedar Cherry Chestnut Cypress Dogwood Elm Fir Hawthorn Hazel Hickory Juniper Laurel "
    "Linden Locust Magnolia Maple Mulberry Oak Olive Pecan Pine Poplar Redwood Spruce Sycamore Walnut Willow"
).split()
STREET_KINDS = ("Street", "Avenue", "Lane", "Road", "Court", "Drive")
STREETS_OF_A_DISTRICT = 12
MAX_HIGHER = 1.5  # thousand °F·day beyond which hills are hills
FUEL_YEAR = 2022  # published heating-fuel shares of the states are taken at the first year of billing


def territory_places() -> pd.DataFrame:
    """Weather places, one row each."""
    return calibration_table("territory_places")


def territory_districts() -> pd.DataFrame:
    """Districts, one row each; ``opens`` is the day the first home can be billed."""
    return calibration_table("territory_districts").assign(opens=lambda table: pd.to_datetime(table["opens"]))


def territory_sites(homes: int, climate: Climate, rng: np.random.Generator) -> pd.DataFrame:
    """Draw district, place and street of every home.

    Returns
    -------
    DataFrame, shape (homes, n_columns)
        What :func:`case_heating.data.population.draw_homes` needs, and ``place`` (position of the weather place),
        ``district``, ``area_type``, ``mains_share`` (of the district's homes).
    """
    districts = territory_districts()
    share = districts["homes_share"] / districts["homes_share"].sum()
    chosen = rng.choice(len(districts), size=homes, p=share)
    district = districts.iloc[chosen].reset_index(drop=True)
    place = _place_of(districts, chosen, climate.places, rng)
    at = climate.places.iloc[place].reset_index(drop=True)
    # Climate and building-code zone are published by county: all of a district has those of its main place.
    main = district["places"].str.split(":").str[0]
    kinds = climate.places.set_index("place_id").loc[main, ["division", "state", "climate", "iecc_zone", "domain"]]
    kinds = kinds.reset_index(drop=True).assign(place_id=at["place_id"]).astype("category")
    area = district[["district", "area_type", "metro"]].astype("category")
    return pd.concat([kinds, area], axis=1).assign(
        urban_rural=pd.Categorical(np.where(district["area_type"] == "rural", "rural", "urban")),
        hdd_normal=at["hdd_normal"],
        cdd_normal=at["cdd_normal"],
        place=place,
        fuel_area=kinds["state"],
        mains_share=_mains_share(district, at["hdd_normal"]),
        all_electric=(district["district"] == SUBURB).to_numpy(),
    )


def street_addresses(district: pd.Series, dwelling_type: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Give every home a street address of its own; it tells nothing of the home but its district.

    Parameters
    ----------
    district, dwelling_type : Series of str, shape (n_homes,)
        Where each home stands and what kind it is.
    rng : Generator
        Its own: addresses change nothing else.

    Returns
    -------
    Series of str, shape (n_homes,)
        Such as ``214 Maple Street``; a flat has its number behind it.
    """
    names = np.array([f"{tree} {kind}" for tree in STREET_NAMES for kind in STREET_KINDS])
    code, districts = pd.factorize(district)
    # A district has a few streets of its own; homes stand along them, a hundred numbers to a block.
    first = rng.permutation(len(names))[np.arange(len(districts)) % len(names)]
    street = (first[code] + rng.integers(0, STREETS_OF_A_DISTRICT, len(code))) % len(names)
    order = rng.permutation(len(code))
    nth = np.empty(len(code), dtype=int)
    nth[order] = pd.Series(street[order]).groupby(street[order]).cumcount()
    flat = dwelling_type.isin(["apartment_2_4", "apartment_5_plus"]).to_numpy()
    number = 100 + 2 * nth
    return pd.Series(
        [
            f"{at} {name}, Apt {1 + at % 20}" if inside else f"{at} {name}"
            for at, name, inside in zip(number, names[street], flat, strict=True)
        ],
        dtype="str",
    )


def _mains_share(district: pd.DataFrame, hdd_normal: pd.Series) -> pd.Series:
    """Share of homes with a gas main in the street: mains follow the valleys, the hills around go without."""
    higher = (hdd_normal - hdd_normal.groupby(district["district"]).transform("mean")) / 1000.0
    share = district["mains_share"].clip(upper=0.99)
    against = (1 - share) / share.where(share > 0) * np.exp(-MAINS_PER_1000_HDD * higher.clip(-MAX_HIGHER, MAX_HIGHER))
    return (1 / (1 + against)).fillna(0.0)


def _place_of(
    districts: pd.DataFrame, chosen: np.ndarray, places: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Draw each home's weather place with its district's weights: hills and shores cut across districts."""
    position = {place_id: number for number, place_id in enumerate(places["place_id"])}
    weights = np.zeros((len(districts), len(places)))
    for row, text in enumerate(districts["places"]):
        for part in text.split():
            place_id, weight = part.split(":")
            weights[row, position[place_id]] = float(weight)
    reached = weights.cumsum(axis=1)[chosen]
    return (rng.random(len(chosen))[:, None] * reached[:, -1:] > reached).sum(axis=1)
