"""Published facts of a place: the smallest place first, the right year, and the tables made again by hand."""

import numpy as np
import pandas as pd
import pytest

from case_heating.data import published
from case_heating.data.places import STATE_OF_FIPS, STATES_OF_DIVISION, STATES_OF_DOMAIN
from case_heating.data.published import (
    heat_price_ratio,
    make_tables,
    published_facts,
    published_places,
)
from case_heating.errors import SourceError
from case_heating.schema import DIVISIONS, STATES

FACTS = [
    "published_gas_share",
    "published_electric_share",
    "published_other_share",
    "published_gas_price",
    "published_price_ratio",
]


def facts(year=2024, **homes):
    return published_facts(pd.DataFrame(homes, dtype="str"), year=year)


def test_every_state_is_in_one_division_and_one_domain():
    for groups in (STATES_OF_DIVISION, STATES_OF_DOMAIN):
        members = [state for text in groups.values() for state in text.split()]
        assert sorted(members) == sorted(STATES)
    assert set(STATES_OF_DIVISION) == set(DIVISIONS)
    assert len(STATES_OF_DOMAIN) == 27
    assert sorted(STATE_OF_FIPS.values()) == sorted(STATES)


def test_every_state_division_and_domain_is_published():
    assert published_places() == {*STATES, *STATES_OF_DIVISION, *STATES_OF_DOMAIN}
    for places in (list(STATES), list(STATES_OF_DIVISION), list(STATES_OF_DOMAIN)):
        column = "state" if places[0] in STATES else "division" if places[0] in DIVISIONS else "district"
        for year in (2009, 2015, 2024):
            found = facts(year, **{column: places})
            assert found.notna().all(axis=None)
            shares = found[FACTS[:3]]
            assert shares.sum(axis="columns").to_numpy() == pytest.approx(1.0, abs=1e-4)
            assert (shares >= 0).all(axis=None)


def test_the_facts_of_oregon():
    # place_heating_shares.csv and place_prices.csv, rows OR
    found = facts(2024, state=["OR"])
    assert list(found) == FACTS
    assert found.loc[0, FACTS[:3]].tolist() == [0.37177, 0.53529, 0.09294]
    assert facts(2015, state=["OR"]).loc[0, "published_gas_price"] == 1.186
    assert facts(2015, state=["OR"]).loc[0, "published_price_ratio"] == pytest.approx(0.10666 * 29.3071 / 1.186)


def test_the_smallest_place_that_is_published_speaks():
    found = facts(
        district=["domain_03", "harbour", "harbour", "OR", None],
        state=["OR", "OR", None, "TX", None],
        division=["pacific", "pacific", "pacific", "pacific", None],
    )["published_gas_share"]
    assert found.tolist()[:4] == [0.59144, 0.37177, 0.54089, 0.37177]
    assert np.isnan(found[4])


def test_homes_of_no_known_place_have_no_facts_and_keep_their_index():
    homes = pd.DataFrame({"rooms": [3.0]}, index=pd.Index(["h1"], name="home_id"))
    found = published_facts(homes, year=2020)
    assert found.isna().all(axis=None)
    assert found.index.equals(homes.index)
    assert (found.dtypes == "float64").all()


@pytest.mark.parametrize(("year", "share"), [(2009, 0.38159), (2019, 0.38159), (2020, 0.37177), (2050, 0.37177)])
def test_shares_are_those_of_the_right_vintage(year, share):
    assert facts(year, state=["OR"]).loc[0, "published_gas_share"] == share


@pytest.mark.parametrize(("year", "price"), [(1990, 0.787), (2000, 0.787), (2001, 0.943), (2016, 1.089)])
def test_prices_are_those_of_the_year_or_the_nearest_published_before(year, price):
    assert facts(year, state=["OR"]).loc[0, "published_gas_price"] == price


def test_a_year_after_the_last_one_published_takes_the_last():
    assert facts(2100, state=["OR"]).equals(facts(2090, state=["OR"]))
    assert facts(2100, state=["OR"]).notna().all(axis=None)


def test_electric_heat_costs_as_much_as_gas_heat_at_a_ratio_of_one():
    # a therm is 100,000 Btu, a kWh 3,412.14
    assert heat_price_ratio(pd.Series([3412.14 / 100_000]), pd.Series([1.0]))[0] == pytest.approx(1.0, rel=1e-5)


# The tables, made from three small files


def write_files(folder):
    counties = pd.DataFrame(
        {
            "fips": [1001, 1003, 28001],  # two counties of Alabama, one of Mississippi
            "n10": [100, 300, 400],
            "g10": [0.5, 0.1, 0.4],
            "e10": [0.4, 0.8, None],  # nothing known counts as none
            "n24": [200, 200, 500],
            "g24": [0.3, 0.1, 0.2],
            "e24": [0.6, 0.8, 0.7],
        }
    )
    counties.to_csv(folder / "acs_b25040_county_heating_fuel.csv", index=False)
    states = pd.DataFrame(
        [
            ("ALASKA", "NATURAL GAS", 50.0),
            ("ALASKA", "ELECTRICITY", 12.0),
            ("HAWAII", "ELECTRICITY", 30.0),
            ("OREGON", "NATURAL GAS", 40.0),
        ],
        columns=["STATE", "HEATER_FUEL_TYPE", "PERCENTAGE"],
    )
    states.to_csv(folder / "recs2020_state_heating_fuel.csv", index=False)
    prices = pd.DataFrame(
        [(state, msn, 2015, price) for state in STATES for msn, price in (("NGRCD", 10.0), ("ESRCD", 29.3071))],
        columns=["State", "MSN", "year", "usd_per_mmbtu"],
    )
    prices.loc[prices["State"] == "AL", "usd_per_mmbtu"] *= 2
    prices.to_csv(folder / "eia_residential_prices_by_state.csv", index=False)


@pytest.fixture
def made(tmp_path):
    write_files(tmp_path)
    return {name: table.set_index("place") for name, table in make_tables(tmp_path).items()}


def test_shares_are_averaged_over_counties_by_their_homes(made):
    shares = made["place_heating_shares"]
    alabama = shares.loc["AL"].set_index("vintage")
    assert alabama.loc[2010].tolist() == pytest.approx([0.2, 0.7, 0.1])  # (100 × 0.5 + 300 × 0.1) / 400
    assert alabama.loc[2024].tolist() == pytest.approx([0.2, 0.7, 0.1])  # (0.3 + 0.1) / 2
    assert shares.loc["MS"].set_index("vintage").loc[2010].tolist() == pytest.approx([0.4, 0.0, 0.6])
    # the division holds 400 homes of Alabama and 400 of Mississippi, the domain the same two states
    both = shares.loc["east_south_central"].set_index("vintage")
    assert both.loc[2010].tolist() == pytest.approx([0.3, 0.35, 0.35])
    assert both.loc[2024].tolist() == pytest.approx([0.2, 0.7, 0.1])  # (200 × 0.3 + 200 × 0.1 + 500 × 0.2) / 900


def test_alaska_and_hawaii_come_from_the_survey_by_state(made):
    shares = made["place_heating_shares"]
    for vintage in (2010, 2024):
        assert shares.loc["AK"].set_index("vintage").loc[vintage].tolist() == pytest.approx([0.5, 0.12, 0.38])
        assert shares.loc["HI"].set_index("vintage").loc[vintage].tolist() == pytest.approx([0.0, 0.3, 0.7])
    assert "OR" not in shares.index  # no county of it


def test_prices_are_turned_into_therms_and_kwh_and_averaged_by_homes(made):
    prices = made["place_prices"]
    assert prices.loc["MS"].tolist() == pytest.approx([2015, 1.0, 0.1])  # 293.071 kWh and ten therms make a MMBtu
    assert prices.loc["AL"].tolist() == pytest.approx([2015, 2.0, 0.2])
    # Alabama and Mississippi 400 homes each; Kentucky and Tennessee, without counties here, count one each
    assert prices.loc["east_south_central", "gas_usd_per_therm"] == pytest.approx((400 * 2 + 400 + 2) / 802)


@pytest.mark.parametrize(
    "name",
    [
        "acs_b25040_county_heating_fuel.csv",
        "recs2020_state_heating_fuel.csv",
        "eia_residential_prices_by_state.csv",
    ],
)
def test_a_missing_file_is_named(tmp_path, name):
    write_files(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(SourceError, match=f"{name} is missing; the published tables are made from it"):
        make_tables(tmp_path)


@pytest.mark.real_data
def test_the_tables_in_the_project_are_those_the_published_files_give(data_dir):
    for name, table in make_tables(data_dir).items():
        kept = published._table(f"{name}.csv")
        pd.testing.assert_frame_equal(table.round(5), kept, check_dtype=False, check_exact=False, atol=1e-9)
