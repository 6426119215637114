"""The embedded utility: repeatable, messy at the stated rates, true to physics and to its script."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating import schema
from case_heating.data import history, mess, metering, territory
from case_heating.data.calibrate import site_table
from case_heating.data.climate import BASES_F, draw_climate, heat_pump_cop
from case_heating.data.nation import fuel_shares
from case_heating.data.population import calibration_table
from case_heating.data.reality import aggregate_facts, facts
from case_heating.data.simulate import SimulatedUtility, simulate
from case_heating.data.survey_2009 import survey_2009
from case_heating.errors import HeatingError

HOMES = 6_000


@pytest.fixture(scope="module")
def utility() -> SimulatedUtility:
    return simulate(homes=HOMES, seed=3)


@pytest.fixture(scope="module")
def nation() -> SimulatedUtility:
    return simulate(homes=8_000, seed=3, population="nation")


@pytest.fixture(scope="module")
def people(utility):
    """Homes with what is true of them at first, and who lives there."""
    first = utility.truth.drop_duplicates("home_id").set_index("home_id")
    homes = utility.tables["homes"].set_index("home_id")
    return homes.join(first).join(utility.tables["sensitive"].set_index("home_id"))


def fingerprint(utility: SimulatedUtility) -> dict[str, int]:
    frames = utility.tables | {"truth": utility.truth}
    return {name: int(pd.util.hash_pandas_object(frame, index=False).sum()) for name, frame in frames.items()}


def usage_rows(utility: SimulatedUtility, fuel: str) -> pd.DataFrame:
    """Bills of a fuel without what the mess repeats or blows up."""
    bills = utility.tables["bills"]
    own = bills[bills["fuel"] == fuel].sort_values("known_at").drop_duplicates(["home_id", "start"], keep="last")
    own = own.assign(days=(own["end"] - own["start"]).dt.days)
    return own[own["usage"].abs() < 20_000]


@pytest.mark.parametrize("population", ["territory", "nation"])
def test_same_seed_same_bytes_and_another_seed_another_utility(population, tmp_path):
    once, again, other = (simulate(homes=300, seed=seed, population=population) for seed in (5, 5, 6))
    assert fingerprint(once) == fingerprint(again)
    assert fingerprint(once)["bills"] != fingerprint(other)["bills"]
    for name in once.tables:
        for number, made in enumerate((once, again)):
            made.tables[name].to_parquet(tmp_path / f"{name}{number}.parquet")
        assert (tmp_path / f"{name}0.parquet").read_bytes() == (tmp_path / f"{name}1.parquet").read_bytes()


@pytest.mark.parametrize("kind", ["utility", "nation"])
def test_tables_are_canonical(kind, request):
    for name, frame in request.getfixturevalue(kind).tables.items():
        table = schema.TABLES[name]
        assert len(frame) > 0
        pd.testing.assert_frame_equal(frame, schema.conform(frame, table))
        assert frame[list(table.needed_names)].notna().all(axis=None)
        for column in table.columns:
            if column.allowed and column.name in frame:
                assert set(frame[column.name].dropna()) <= set(column.allowed), f"{name}.{column.name}"


@pytest.mark.parametrize("homes", [0, 1_000_001])
def test_an_impossible_number_of_homes_is_refused(homes):
    with pytest.raises(HeatingError, match="1 to 1,000,000"):
        simulate(homes=homes)


def test_a_single_home_is_a_utility():
    assert len(simulate(homes=1).tables["homes"]) == 1


def test_progress_is_told():
    told = []
    simulate(homes=50, progress=lambda what, share: told.append((what, share)))
    assert [what for what, _ in told] == ["weather", "homes", "history", "bills", "bills"]
    assert told[-1] == ("bills", 1.0)


# The territory and its weather


def test_the_territory_has_many_districts_climates_and_streets_without_gas(utility):
    homes = utility.tables["homes"]
    assert homes["district"].nunique() >= 20
    assert homes["climate"].nunique() >= 4
    districts = territory.territory_districts().set_index("district")
    without = set(districts.index[districts["mains_share"] == 0])
    gas_homes = set(utility.truth.loc[utility.truth["heating_fuel"] == "gas", "home_id"])
    gas_districts = set(homes.loc[homes["home_id"].isin(gas_homes), "district"])
    assert len(without) >= 4
    assert not gas_districts & without
    assert len(gas_districts) == len(districts) - len(without)
    assert set(utility.tables["weather"]["place_id"]) >= set(homes["place_id"])


def test_every_home_has_an_address_of_its_own_which_tells_nothing_but_its_district(utility):
    homes = utility.tables["homes"]
    assert homes["address"].is_unique
    assert homes["address"].notna().all()
    flat = homes["dwelling_type"].isin(["apartment_2_4", "apartment_5_plus"])
    assert (homes["address"].str.contains(", Apt ") == flat).all()
    street = homes["address"].str.extract(r"^\d+ ([A-Z]\w+ [A-Z]\w+)", expand=False)
    assert street.groupby(homes["district"]).nunique().max() <= territory.STREETS_OF_A_DISTRICT
    gas_by_street = homes["gas_service"].astype(float).groupby([homes["district"], street]).mean()
    gas_by_district = homes["gas_service"].astype(float).groupby(homes["district"]).mean()
    spread = (gas_by_street - gas_by_district.reindex(gas_by_street.index.get_level_values(0)).to_numpy()).abs()
    assert spread.median() < 0.15  # what chance alone does among the few homes of a street


def test_winters_differ_a_severe_one_and_a_warm_one(utility):
    weather = utility.tables["weather"]
    cold_months = weather["date"].dt.month.isin([1, 2, 3])
    winters = weather[cold_months].groupby([weather["date"].dt.year, "place_id"])["mean_temp_f"].mean().unstack()
    difference = winters.loc[2024] - winters.loc[2023]
    assert difference.mean() > 6  # scripted: -5 °F, then +5 °F
    assert (difference > 0).all()
    days = weather.groupby("place_id")["date"]
    assert (days.nunique() == 4 * 365 + 1).all()


# Physics


def test_readings_make_months_that_are_not_calendar_months():
    days = metering.reading_days(np.arange(metering.READING_CYCLES))
    length = np.diff(days, axis=1)
    assert days.shape == (21, 48)
    assert length.min() >= 27
    assert length.max() <= 35
    assert (length == 28).any()
    assert len(np.unique(days[:, 10])) == 21


def test_colder_is_never_cheaper_for_the_same_electric_home():
    rng = np.random.default_rng(0)
    climate = draw_climate(territory.territory_places().head(1), rng)
    warm = climate.mean_temp_f
    cold = warm - 4.0

    def sums(temp_f, pump):
        below = (BASES_F[None, :, None] - temp_f[:, None, :]).clip(min=0)
        below = below / (heat_pump_cop(temp_f)[:, None, :] if pump else 1.0)
        return np.pad(below.cumsum(axis=2), ((0, 0), (0, 0), (1, 0)))

    parameters = {
        "place": 0,
        "balance_point_f": 62.0,
        "heat_base": int(np.searchsorted(BASES_F, 62.0)),
        "cool_base": int(np.searchsorted(BASES_F, 70.0)),
        "base_kwh_per_day": 15.0,
        "base_season": 0.05,
        "water_kwh_per_day": 5.0,
        "heat_kwh_per_hdd": 1.2,
        "cool_kwh_per_cdd": 0.0,
        "gas_heat_therm_per_hdd": 0.0,
        "gas_other_therm_per_day": 0.0,
        "switch_day": metering.NEVER,
        "first_day": 0,
        "empty_from": metering.NEVER,
        "empty_to": metering.NEVER,
        "away": 0,
        "solar_kw": 0.0,
    }
    physics = pd.DataFrame([parameters | {"heat_pump": False}, parameters | {"heat_pump": True}])
    days = metering.reading_days(np.array([4, 4]))

    def used_in(temp_f):
        sums_of = replace(climate, hdd=sums(temp_f, False), heat_pump_hdd=sums(temp_f, True))
        return metering.metered(physics, sums_of, days, np.random.default_rng(1))[0]

    used = [used_in(warm), used_in(cold)]
    assert (used[1] >= used[0] - 1e-9).all()
    assert (used[1].sum(axis=1) > 1.05 * used[0].sum(axis=1)).all()
    assert used[0][1].sum() < used[0][0].sum()  # a heat pump takes less than resistance


def test_usage_follows_the_true_slope(utility, people):
    """A simple two-season contrast: electric homes take more in the cold, gas homes take gas."""
    winter = usage_rows(utility, "electricity")
    per_day = winter["usage"] / winter["days"]
    season = winter["start"].dt.month.map({12: "cold", 1: "cold", 4: "mild", 10: "mild"})
    mean = per_day.groupby([winter["home_id"], season]).mean().unstack()
    ratio = (mean["cold"] / mean["mild"]).reindex(people.index)
    steady = ~people["seasonal"] & ~people["solar"].astype(bool) & (people["climate"] == "cold")
    resistance = ratio[steady & (people["equipment"] == "resistance")].median()
    furnace = ratio[steady & (people["equipment"] == "furnace") & ~people["space_heater"]].median()
    heater = ratio[steady & (people["equipment"] == "furnace") & people["space_heater"]].median()
    assert resistance > heater > furnace > 0.9
    assert resistance > 1.5


# Mess


def test_estimated_reads_are_smooth_and_then_caught_up(utility):
    usage = np.array([[100.0, 400.0, 100.0, 100.0]])
    days = np.full((1, 4), 30.0)
    one = np.array([[False, True, False, False]])
    # mean 175; the estimate is half of 100 and half of 175, the next bill makes good the missing 262.5
    assert mess.estimate_reads(usage, days, one, np.array([False])).tolist() == [[100.0, 137.5, 362.5, 100.0]]
    falling = np.array([[400.0, 0.0, 0.0, 400.0]])  # estimate 300 of nothing; credited until it is gone
    assert mess.estimate_reads(falling, days, one, np.array([False])).tolist() == [[400.0, 300.0, 0.0, 100.0]]
    assert mess.estimate_reads(falling, days, one, np.array([True])).tolist() == [[400.0, 300.0, -300.0, 400.0]]
    bills = utility.tables["bills"]
    rural = bills["home_id"].map(utility.tables["homes"].set_index("home_id")["area_type"]) == "rural"
    estimated = bills["read"] == "estimated"
    assert estimated[rural].mean() == pytest.approx(mess.RURAL_ESTIMATED_READ_RATE, abs=0.01)
    assert estimated[~rural].mean() == pytest.approx(mess.ESTIMATED_READ_RATE, abs=0.005)


def test_exact_duplicates_and_unit_slips_come_at_their_rates(utility):
    bills = utility.tables["bills"]
    assert bills.duplicated().mean() == pytest.approx(mess.DUPLICATE_RATE, rel=0.2)
    usual = bills.groupby(["home_id", "fuel"])["usage"].transform("median")
    district = bills["home_id"].map(utility.tables["homes"].set_index("home_id")["district"])
    blown_up = (bills["usage"] > 200 * usual) & (usual > 1) & (district != territory.WH_DISTRICT)
    assert blown_up.mean() == pytest.approx(mess.UNIT_SLIP_RATE, rel=0.4)


def test_meter_swaps_split_periods(utility):
    bills = usage_rows(utility, "electricity")
    per_month = bills.groupby(["home_id", bills["end"].dt.to_period("M")]).size()
    homes_with_swap = (bills["days"] < 20).groupby(bills["home_id"]).any()
    old = utility.truth.loc[utility.truth["from_date"] == "2022-01-01", "home_id"]
    assert homes_with_swap.reindex(old.unique()).mean() == pytest.approx(mess.METER_SWAP_RATE, rel=0.4)
    ordered = bills.sort_values(["home_id", "start"])
    following = ordered["home_id"].eq(ordered["home_id"].shift(-1))
    gap = ordered["start"].shift(-1)[following] - ordered["end"][following]
    assert (gap == pd.Timedelta(0)).mean() > 0.99  # nothing is billed twice, next to nothing is lost
    assert per_month.max() <= 3


def test_solar_homes_alone_run_backwards(utility, people):
    bills = usage_rows(utility, "electricity")
    negative = set(bills.loc[bills["usage"] < -1, "home_id"])
    solar = set(people.index[people["solar"].astype(bool)])
    assert negative
    assert negative <= solar
    assert len(negative) > 0.4 * len(solar)
    assert usage_rows(utility, "gas")["usage"].min() >= 0


def test_empty_homes_use_little(utility, people):
    bills = usage_rows(utility, "electricity")
    bills = bills.assign(per_day=bills["usage"] / bills["days"])
    usual = bills.groupby("home_id")["per_day"].transform("median")
    low = (bills["per_day"] < 0.35 * usual).groupby(bills["home_id"]).any()
    plain = ~people["seasonal"] & ~people["solar"].astype(bool)
    assert (
        low[people.index[plain & people["moved_out"]]].mean()
        > 2 * low[people.index[plain & ~people["moved_out"]]].mean()
    )
    assert people["seasonal"].mean() == pytest.approx(history.SEASONAL_RATE, abs=0.01)
    assert people["moved_out"].mean() == pytest.approx(history.MOVE_OUT_RATE, abs=0.03)
    cabins = people.index[people["seasonal"] & (people["hdd_normal"] > history.COLD_HDD_NORMAL)]
    month = bills["start"].dt.month
    own = bills[bills["home_id"].isin(cabins)].groupby(month)["per_day"].median()
    assert own[1] < 0.7 * own[7]


def test_some_gas_homes_have_space_heaters(people):
    heated = people[people["heating_fuel"] == "gas"]
    assert heated["space_heater"].mean() == pytest.approx(0.26, abs=0.06)  # RECS 2009: 1,510 of 5,819
    assert (heated.loc[heated["space_heater"], "heating_slope_kwh_per_hdd"] > 0).all()
    assert not people.loc[people["heating_fuel"] == "electricity", "space_heater"].any()


def test_records_are_missing_but_not_at_random(people):
    absent = people["year_built"].isna()
    single = people["dwelling_type"] == "single_detached"
    flats = people["dwelling_type"].isin(["apartment_2_4", "apartment_5_plus"])
    assert absent[people["dwelling_type"] == "mobile_home"].mean() > 2 * absent[single].mean()
    assert absent[flats & (people["tenure"] == "renter")].mean() > 2 * absent[single].mean()
    assert (
        absent[single & (people["area_type"] == "rural")].mean()
        > 1.1 * absent[single & (people["area_type"] == "urban")].mean()
    )
    assert 0.08 < absent.mean() < 0.25
    assert people["gas_service"].isna().mean() == pytest.approx(history.GAS_SERVICE_UNKNOWN_RATE, abs=0.01)


# Labels


def test_labels_are_few_late_and_biased(utility, people):
    labels = utility.tables["labels"]
    labelled = people.index.isin(labels["home_id"])
    assert 0.35 <= labelled.mean() <= 0.45
    delay = (labels["known_at"] - labels["event_time"]).dt.days
    assert delay.min() >= 14
    assert delay.max() <= 365
    assert delay.median() > 45
    likely = (people["tenure"] == "owner") & (people["dwelling_type"] == "single_detached")
    assert labelled[likely].mean() > 1.3 * labelled[~likely].mean()
    arrivals = labels["known_at"].dt.year.value_counts(normalize=True)
    assert (arrivals.reindex([2022, 2023, 2024, 2025]) > 0.1).all()


def test_labels_say_what_was_true_that_day(utility):
    spells = utility.truth.sort_values("from_date")
    labels = utility.tables["labels"].sort_values("event_time")
    told = pd.merge_asof(
        labels, spells, left_on="event_time", right_on="from_date", by="home_id", suffixes=("", "_true")
    )
    assert told["heating_fuel_true"].notna().all()
    assert (told["heating_fuel"] == told["heating_fuel_true"]).all()


# Script


def test_the_rebate_moves_homes_from_gas_to_heat_pumps(utility):
    truth = utility.truth
    moved = truth[truth.duplicated("home_id")]
    gas_owners = history.REBATE_RATE  # of owned gas-heated houses; some two thirds of gas homes
    share = len(moved) / (truth.drop_duplicates("home_id")["heating_fuel"] == "gas").sum()
    assert 0.5 * gas_owners < share < gas_owners
    assert (moved["equipment"] == "heat_pump").all()
    assert moved["from_date"].between(history.REBATE_FROM, history.REBATE_UNTIL).all()
    rebates = utility.tables["labels"].query("source == 'rebate'")
    assert set(rebates["home_id"]) <= set(moved["home_id"])
    assert (rebates["heating_fuel"] == "electricity").all()
    early = moved[moved["from_date"] < "2024-12-01"]["home_id"]
    gas = usage_rows(utility, "gas")
    per_day = gas["usage"] / gas["days"]
    januaries = gas["start"].dt.month.eq(1) & gas["home_id"].isin(early)
    by_year = per_day[januaries].groupby([gas["home_id"], gas["start"].dt.year]).mean().unstack()
    assert (by_year[2025] < 0.7 * by_year[2023]).mean() > 0.9
    electricity = usage_rows(utility, "electricity")
    per_day = electricity["usage"] / electricity["days"]
    januaries = electricity["start"].dt.month.eq(1) & electricity["home_id"].isin(early)
    by_year = per_day[januaries].groupby([electricity["home_id"], electricity["start"].dt.year]).mean().unstack()
    assert (by_year[2025] > 1.3 * by_year[2023]).mean() > 0.7


def test_the_suburb_is_all_electric_and_new(utility, people):
    suburb = people[people["district"] == territory.SUBURB]
    assert len(suburb) > 30
    assert (suburb["heating_fuel"] == "electricity").all()
    assert (suburb["year_built"].dropna() == territory.SUBURB_YEAR).all()
    bills = utility.tables["bills"]
    own = bills[bills["home_id"].isin(suburb.index)]
    assert own["start"].min() >= pd.Timestamp("2024-03-01")
    assert set(own["fuel"]) == {"electricity"}
    first = own.groupby("home_id")["start"].min()
    assert first.nunique() > 20  # moved in one after the other
    assert (first >= suburb["from_date"].reindex(first.index)).all()
    elsewhere = bills[~bills["home_id"].isin(suburb.index)].groupby("home_id")["start"].min()
    assert elsewhere.max() < pd.Timestamp("2022-02-04")


def test_one_district_month_was_told_in_wh_and_corrected_later(utility):
    bills, homes = utility.tables["bills"], utility.tables["homes"]
    district = homes.loc[homes["district"] == territory.WH_DISTRICT, "home_id"]
    own = bills[bills["home_id"].isin(district) & (bills["fuel"] == "electricity")].drop_duplicates()
    in_month = own["end"].dt.strftime("%Y-%m") == territory.WH_MONTH
    told = own[in_month].sort_values("known_at").groupby(["home_id", "start"])
    assert (told.size() == 2).all()
    assert told.ngroups >= len(district) * 0.97
    first, second = (told.nth(n).set_index(["home_id", "start"]).sort_index() for n in (0, 1))
    assert (first["usage"] / second["usage"]).median() == pytest.approx(mess.WH_PER_KWH, rel=0.01)
    assert (first["cost_usd"] == second["cost_usd"]).all()
    wait = (second["known_at"] - first["known_at"]).dt.days
    assert wait.between(38, 42).all()
    assert (own[~in_month].groupby(["home_id", "start"]).size() == 1).all()


def test_prices_jump_in_2025_and_bills_follow_the_tariff(utility):
    tariffs = utility.tables["tariffs"]
    price = tariffs.pivot_table("unit_price_usd", ["fuel", "place_id"], "from_date")
    jump = price[pd.Timestamp("2025-01-01")] / price[pd.Timestamp("2024-01-01")]
    assert np.allclose(jump["electricity"], 1.25, atol=0.01)
    assert np.allclose(jump["gas"], 1.40, atol=0.01)
    bills = usage_rows(utility, "gas").query("days >= 28 and usage > 20").head(2_000)
    place = bills["home_id"].map(utility.tables["homes"].set_index("home_id")["place_id"])
    year = pd.to_datetime(bills["end"].dt.year.astype(str) + "-01-01").where(
        bills["end"] < "2026-01-01", pd.Timestamp("2025-01-01")
    )
    own = tariffs[tariffs["fuel"] == "gas"].set_index(["place_id", "from_date"])["unit_price_usd"]
    unit = own.reindex(pd.MultiIndex.from_arrays([place, year])).to_numpy()
    expected = 14.0 * bills["days"] * 12 / 365.25 + unit * bills["usage"]
    assert np.allclose(bills["cost_usd"], expected, atol=0.03)


def test_nothing_is_known_after_the_last_day(utility):
    for name in ("bills", "labels"):
        assert utility.tables[name]["known_at"].max() <= pd.Timestamp("2026-01-01")
    assert (utility.tables["bills"]["known_at"] > utility.tables["bills"]["end"]).all()


# The nation, and how real it is


def test_the_nation_has_the_published_mix(nation):
    homes = nation.tables["homes"]
    sites = calibration_table("sites").groupby("division")["share"].sum()
    own = homes["division"].value_counts(normalize=True)
    assert (own - sites).abs().max() < 0.02
    beside = facts(nation.tables, nation.truth)
    fuel = beside[beside["fact"].str.startswith("share heated") & beside["source"].str.startswith("ACS")]
    assert len(fuel) == 20
    error = np.sqrt(fuel["published"] * (1 - fuel["published"]) / fuel["homes"])
    assert ((fuel["difference"].abs()) < 4 * error).all()
    survey = beside[(beside["source"] == "RECS 2009") & beside["group"].eq("all")]
    assert (survey["difference"].abs() < 0.06).all()
    kwh = beside[beside["fact"].str.startswith("median electricity [")].set_index("group")
    assert (kwh["simulated"] / kwh["published"]).between(0.85, 1.15).all()


def test_a_nation_home_has_one_year_of_bills(nation):
    bills, degree_days = nation.tables["bills"], nation.tables["degree_days"]
    assert not bills.duplicated(["home_id", "fuel"]).any()
    assert (bills["start"] == "2015-01-01").all()
    assert (bills["end"] == "2016-01-01").all()
    assert set(degree_days["place_id"]) == set(nation.tables["homes"]["home_id"])
    assert (degree_days["base_f"] == 65).all()
    gas = set(bills.loc[bills["fuel"] == "gas", "home_id"])
    homes = nation.tables["homes"].set_index("home_id")
    assert gas == set(homes.index[homes["gas_service"]])
    assert "year_built" in homes
    assert homes["year_built"].max() <= 2015


def test_the_territory_heats_as_its_states_do(utility):
    beside = facts(utility.tables, utility.truth)
    assert set(beside["group"]) == {"AZ", "MN", "OH", "OR", "TN", "TX"}
    assert beside["difference"].abs().max() < 0.08
    heated = utility.truth.drop_duplicates("home_id")["heating_fuel"].value_counts(normalize=True)
    assert 0.55 < heated["gas"] / (heated["gas"] + heated["electricity"]) < 0.62


def test_fuel_shares_lie_between_the_two_published_years():
    table = calibration_table("place_heating_shares").set_index(["place", "vintage"])
    first, last = table.loc[("OH", 2010), "gas"], table.loc[("OH", 2024), "gas"]
    assert fuel_shares(2010).loc["OH", "gas"] == pytest.approx(first)
    assert fuel_shares(2017).loc["OH", "gas"] == pytest.approx((first + last) / 2)
    assert fuel_shares(2030).loc["OH", "gas"] == pytest.approx(last)


def test_facts_of_few_homes_are_not_told():
    homes = pd.DataFrame(
        {
            "heating_fuel": ["gas"] * 29 + ["electricity"] * 31,
            "equipment": ["furnace"] * 29 + ["heat_pump"] * 31,
            "cooling": "none",
            "division": ["pacific"] * 29 + ["mountain_north"] * 31,
            "climate": "cold",
            "dwelling_type": "mobile_home",
            "kwh": range(60),
            "kwh_price": 0.1,
            "weight": 1.0,
        }
    )
    told = aggregate_facts(homes).set_index(["fact", "group"])["value"]
    assert ("share heated with gas", "pacific") not in told.index
    assert told["share heated with gas", "all"] == pytest.approx(29 / 60)
    assert told["median electricity [kWh a year]", "electricity"] == 44  # the 16th of 29 … 59


def test_fairness_has_something_to_find(nation):
    """As in the survey, renters and Black householders live in electric homes more often than owners and White ones."""
    first = nation.truth.set_index("home_id")["heating_fuel"]
    sensitive = nation.tables["sensitive"].set_index("home_id").assign(fuel=first)
    two = sensitive[sensitive["fuel"].isin(["gas", "electricity"])]
    electric = two["fuel"] == "electricity"
    assert electric[two["tenure"] == "renter"].mean() > electric[two["tenure"] == "owner"].mean() + 0.05
    assert electric[two["race"] == "black"].mean() > electric[two["race"] == "white"].mean() + 0.03


def test_no_aggregate_stands_for_fewer_than_thirty_homes():
    for name in ("sites", "survey_facts"):
        assert calibration_table(name)["homes"].min() >= 30


@pytest.mark.real_data
def test_calibration_tables_come_from_the_survey(data_dir):
    homes = survey_2009(data_dir)
    assert len(homes) > 11_000
    again = site_table(homes)
    kept = calibration_table("sites")
    pd.testing.assert_frame_equal(again, kept, check_dtype=False, check_categorical=False, rtol=1e-3)
    assert homes["heating_fuel"].value_counts()["gas"] == 5819
