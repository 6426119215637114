"""The stages: every feature stands in one, stages nest, and nothing that must not be known gets past the guard."""

import pytest

from case_heating import schema
from case_heating.errors import LeakageError
from case_heating.features.stages import FEATURES, SENSITIVE_COLUMNS, STAGES, features_of, guard_against_leakage


def names_of(stage):
    return [feature.name for feature in features_of(stage)]


def refusal(column, stage="gas_bills"):
    with pytest.raises(LeakageError) as error:
        guard_against_leakage(["kwh_year", column], stage)
    return str(error.value)


def test_stages_come_in_the_order_a_utility_gets_its_data():
    assert list(STAGES) == ["location", "billing", "weather", "property", "monthly", "gas_service", "gas_bills"]


def test_every_stage_has_features_of_its_own_and_all_those_before():
    before = []
    for stage in STAGES:
        names = names_of(stage)
        assert names[: len(before)] == before
        assert len(names) > len(before)
        before = names
    assert before == [feature.name for feature in FEATURES]


def test_no_feature_is_listed_twice():
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)


def test_every_source_is_a_column_of_the_schema_and_none_is_a_label_or_a_sensitive_trait():
    for feature in FEATURES:
        for source in feature.sources:
            table, column = source.split(".")
            assert column in schema.TABLES[table].column_names
            assert table not in ("labels", "sensitive")


def test_a_feature_made_from_gas_is_known_at_the_last_stages_only():
    early = names_of("monthly")
    assert not [name for name in early if "therm" in name or name in ("gas_service", "gas_cost_year")]


def test_columns_of_homes_keep_their_kind_and_unit():
    by_name = {feature.name: feature for feature in FEATURES}
    assert (by_name["floor_area_sqft"].kind, by_name["floor_area_sqft"].unit) == ("number", "sqft")
    assert by_name["district"].kind == "category"  # text in the schema
    assert by_name["gas_service"].kind == "number"  # a flag


def test_an_unknown_stage_is_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"no stage 'meter'; there are location, billing, .*gas_bills"):
        features_of("meter")


def test_the_guard_lets_every_feature_of_a_stage_in():
    for stage in STAGES:
        guard_against_leakage(names_of(stage), stage)


@pytest.mark.parametrize("column", ["income_band", "tenure", "race", "ethnicity"])
def test_the_guard_refuses_sensitive_traits(column):
    assert f"column {column!r}" in refusal(column)
    assert "sensitive trait" in refusal(column)


def test_every_column_of_the_sensitive_table_is_guarded():
    assert {"income_band", "tenure", "race", "ethnicity"} == SENSITIVE_COLUMNS


@pytest.mark.parametrize("column", ["heating_fuel", "FUELHEAT", "kwhsph", "KWHSPH", "DOLNGWTH", "HFL", "EQUIPM"])
def test_the_guard_refuses_what_gives_the_fuel_away(column):
    assert "gives the heating fuel away" in refusal(column)


def test_the_guard_refuses_a_feature_of_a_later_stage():
    assert "belongs to the later stage 'gas_bills'" in refusal("therms_year", "gas_service")
    assert "belongs to the later stage 'monthly'" in refusal("heating_slope_kwh", "property")


def test_the_guard_refuses_what_is_not_listed():
    assert "not listed in case_heating/features/stages.py" in refusal("shoe_size")
    assert "not listed" in refusal("home_id")


def test_an_address_is_for_people_to_find_a_home_by_and_never_a_feature():
    assert "address" in schema.HOMES.column_names
    assert "not listed" in refusal("address")
