"""Which fact of a group is told, and for which fuel its comparison speaks."""

from case_heating.model.explain_groups import GROUP
from case_heating.model.told_facts import Fact, Told, choose_fact, state_fact
from case_heating.model.typical import Median, Share, Typical

ALL = "*|*|*"
TYPICAL = Typical(
    n_homes=100,
    share_of_gas=0.6,
    by_fuel={"gas": {}, "electricity": {}},
    spread={"gas": {}, "electricity": {}},
    medians={
        "kwh_year": {ALL: {"gas": (6000.0, 60), "electricity": (12_000.0, 40)}},
        "base_load_kwh": {ALL: {"gas": (15.0, 60), "electricity": (20.0, 40)}},
        "therms_year": {ALL: {"gas": (600.0, 60), "electricity": (None, 40)}},
        "floor_area_sqft": {
            "single_detached|medium|*": {"gas": (1500.0, 30), "electricity": (1500.0, 30)},
            "single_detached|*|*": {"gas": (1800.0, 30), "electricity": (1300.0, 30)},
        },
    },
    shares={"year_built": {"1980": (0.4, 50)}, "gas_service": {"missing": (0.6, 50)}},
)


def told(**values):
    return Told(TYPICAL, {name: [value] for name, value in values.items()})


def test_the_first_fact_that_speaks_for_the_fuel_is_told():
    # 11,000 kWh a year is nearer to the electric homes' 12,000; 15 kWh a day is what gas homes have.
    both = told(kwh_year=11_000.0, base_load_kwh=15.0)
    assert choose_fact(GROUP["electricity_use"], both, 0, "electricity").feature == "kwh_year"
    assert choose_fact(GROUP["electricity_use"], both, 0, "gas").feature == "base_load_kwh"


def test_where_none_speaks_for_it_the_plainest_known_one_is_told():
    electric = told(kwh_year=12_000.0, base_load_kwh=20.0)
    assert choose_fact(GROUP["electricity_use"], electric, 0, "gas").feature == "kwh_year"
    assert choose_fact(GROUP["electricity_use"], told(kwh_year=None, base_load_kwh=20.0), 0, "gas").value == 20.0


def test_a_group_whose_told_facts_the_model_does_not_use():
    assert choose_fact(GROUP["electricity_use"], told(), 0, "gas") == Fact("", None, "", {}, None, None)


def test_halfway_speaks_for_neither():
    assert state_fact(GROUP["electricity_use"], told(kwh_year=9000.0), 0, "kwh_year").speaks_for is None


def test_what_most_others_lack_counts_as_none():
    assert state_fact(GROUP["gas_use"], told(therms_year=301.0), 0, "therms_year").speaks_for == "gas"
    assert state_fact(GROUP["gas_use"], told(therms_year=299.0), 0, "therms_year").speaks_for == "electricity"


def test_shared_facts_are_compared_with_all_homes():
    fact = state_fact(GROUP["age"], told(year_built=1999.0), 0, "year_built")
    assert (fact.value_class, fact.share, fact.speaks_for) == ("1980", Share(0.4, 50, 0.6), "electricity")
    # Homes whose meter nobody has looked for heat as all homes do; of older ones too few are known.
    assert state_fact(GROUP["gas_meter"], told(gas_service=None), 0, "gas_service").speaks_for is None
    assert state_fact(GROUP["age"], told(year_built=1900.0), 0, "year_built").share is None


def test_size_is_compared_with_homes_of_all_sizes():
    home = told(dwelling_type="single_detached", floor_area_sqft=1500.0)
    fact = state_fact(GROUP["size"], home, 0, "floor_area_sqft")
    assert fact.medians == {"gas": Median(1800.0, 30, 2), "electricity": Median(1300.0, 30, 2)}
    assert fact.speaks_for == "electricity"


def test_values_not_in_use_are_unknown():
    assert told(kwh_year=1.0).value("floor_area_sqft", 0) is None
    assert told().cells(0) == (ALL, ALL, ALL, ALL)
