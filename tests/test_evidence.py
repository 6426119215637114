"""The homes whose answer is known: other fuels are counted and left out, too few are refused in words."""

from datetime import date

import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.evidence import gather_evidence

AS_OF = date(2024, 1, 1)
FUELS = {"d": "gas", "b": "electricity", "a": "other", "c": "gas", "e": "none", "stranger": "gas"}


def tables_of(fuels, **homes):
    names = ["a", "b", "c", "d", "e", "f"]
    labels = pd.DataFrame({"home_id": list(fuels), "heating_fuel": list(fuels.values())})
    labels = labels.assign(event_time=pd.Timestamp("2023-01-01"), known_at=pd.Timestamp("2023-06-01"))
    return {"homes": pd.DataFrame({"home_id": names, "place_id": "p"} | homes), "labels": labels}


def features_of(tables):
    home_id = tables["homes"]["home_id"]
    return pd.DataFrame({"kwh_year": range(100, 100 + len(home_id))}, index=pd.Index(home_id), dtype="float64")


def gather(tables, min_homes=3, as_of=AS_OF):
    return gather_evidence(tables, features_of(tables), as_of=as_of, min_homes=min_homes)


def refusal(tables, **options):
    with pytest.raises(NotEnoughDataError) as error:
        gather(tables, **options)
    return str(error.value)


def test_gas_and_electric_homes_stand_row_for_row_beside_their_features():
    evidence = gather(tables_of(FUELS, district=list("uvwxyz")))
    assert evidence.features.index.tolist() == ["b", "c", "d"]
    assert evidence.features["kwh_year"].tolist() == [101, 102, 103]
    assert evidence.is_gas.tolist() == [False, True, True]
    assert evidence.homes["district"].tolist() == ["v", "w", "x"]
    assert evidence.region.tolist() == ["v", "w", "x"]
    assert evidence.as_of == AS_OF


def test_who_told_the_fuel_is_the_last_word_of_each_home():
    tables = tables_of(FUELS)
    assert gather(tables).seen_by is None
    assert not gather(tables).is_targeted.any()
    labels = tables["labels"].assign(source="survey")
    later = labels[labels["home_id"] == "b"].assign(event_time=pd.Timestamp("2023-05-01"), source="rebate")
    told = gather(tables | {"labels": pd.concat([later, labels], ignore_index=True)})
    assert told.seen_by.to_dict() == {"b": "rebate", "c": "survey", "d": "survey"}
    assert told.is_targeted.tolist() == [True, False, False]
    rest = told.at(~told.is_targeted)
    assert (rest.features.index.tolist(), rest.is_gas.tolist()) == (["c", "d"], [True, True])
    assert (rest.homes.index.tolist(), rest.seen_by.tolist(), rest.n_homes) == (["c", "d"], ["survey"] * 2, 6)


def test_other_fuels_are_counted_and_homes_nobody_listed_are_not():
    evidence = gather(tables_of(FUELS))
    assert evidence.fuel_counts == {"gas": 2, "electricity": 1, "other": 1, "none": 1}
    assert evidence.n_homes == 6


def test_survey_weights_are_taken_where_there_are_some():
    assert gather(tables_of(FUELS)).weight is None
    assert gather(tables_of(FUELS, survey_weight=[10, 20, 30, 40, 50, 60])).weight.tolist() == [20, 30, 40]


def test_a_home_without_a_survey_weight_stands_for_none():
    assert gather(tables_of(FUELS, survey_weight=[10, 20, None, 40, 50, 60])).weight.tolist() == [20, 0, 40]
    assert gather(tables_of(FUELS, survey_weight=[None] * 6)).weight is None


def test_without_a_table_of_labels_the_message_says_what_to_map():
    tables = tables_of(FUELS)
    del tables["labels"]
    assert "there is no labels table" in refusal(tables)
    assert "labels.heating_fuel" in refusal(tables)


def test_too_few_labels_are_counted_by_fuel():
    told = refusal(tables_of(FUELS), min_homes=4)
    assert told.startswith("3 homes are known on 2024-01-01 to heat with gas or electricity")
    assert "(2 gas, 1 electricity, 1 other, 1 none); at least 4" in told


def test_a_label_known_later_is_no_evidence():
    assert refusal(tables_of(FUELS), as_of=date(2023, 5, 31)).startswith("0 homes are known on 2023-05-31")
    assert len(gather(tables_of(FUELS), as_of=date(2023, 6, 1)).is_gas) == 3


@pytest.mark.parametrize("fuel", ["gas", "electricity"])
def test_one_fuel_alone_is_refused(fuel):
    told = refusal(tables_of(dict.fromkeys("abc", fuel)))
    assert told.startswith(f"all 3 labelled homes heat with {fuel} (")
