"""A model meets homes of another source: only facts both have, and the training source's naive answer beside it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.data.places import STATES_OF_DOMAIN
from case_heating.data.published import published_facts
from case_heating.errors import NotEnoughDataError
from case_heating.model.evidence import Evidence
from case_heating.model.transfer import as_known_in_both, meet_elsewhere, shared_features
from case_heating.settings import Settings

SETTINGS = Settings(today=date(2024, 6, 1), folds=2, bootstrap_rounds=20, threads=1)


def survey(n, seed, *, shift=0.0, **columns):
    """Electric homes use 6,000 kWh more; flats and houses are told apart by nothing."""
    rng = np.random.default_rng(seed)
    is_gas = rng.random(n) < 0.5
    home_id = pd.Index([f"h{number}" for number in range(n)], name="home_id")  # both sources count from h0
    dwelling = rng.choice(["single_detached", "apartment_5_plus"], n)
    homes = pd.DataFrame({"dwelling_type": dwelling, "district": "town"}, index=home_id)
    kwh_year = np.where(is_gas, 6000, 12_000) + rng.normal(shift, 2000, n)
    features = pd.DataFrame({"dwelling_type": dwelling, "kwh_year": kwh_year} | columns, index=home_id)
    return Evidence(features, is_gas, homes, None, {}, n, SETTINGS.today)


OLD = survey(200, 0, hdd_year=4000.0, hdd_normal=4100.0, rooms=5.0)
NEW = survey(150, 1, hdd_year=3000.0, hdd_normal=np.nan, rooms=np.nan)


def test_features_are_shared_when_both_sources_fill_them():
    old = pd.DataFrame({"kwh_year": [1.0, 2.0], "rooms": [3.0, 4.0], "windows": [np.nan, np.nan]})
    new = pd.DataFrame({"kwh_year": [np.nan, 9.0], "rooms": [np.nan, np.nan], "windows": [1.0, 2.0]})
    assert shared_features(old, new) == ["kwh_year"]


def test_a_category_is_shared_when_half_of_the_tested_homes_have_a_known_one():
    old = pd.DataFrame({"district": ["a", "b", None, "a"]})
    assert shared_features(old, pd.DataFrame({"district": ["a", "z", None, None]})) == ["district"]
    assert shared_features(old, pd.DataFrame({"district": ["a", "z", "y", None]})) == []


def test_a_number_need_not_have_been_seen_before():
    assert shared_features(pd.DataFrame({"rooms": [1.0]}), pd.DataFrame({"rooms": [99.0]})) == ["rooms"]


def test_the_model_is_judged_on_the_other_sources_homes_at_each_shared_stage():
    told = []
    met = meet_elsewhere(OLD, NEW, SETTINGS, progress=lambda doing, share: told.append((doing, share)))
    assert [result.stage for result in met] == ["location", "billing", "weather"]  # rooms, of property, are not shared
    assert [result.n_features for result in met] == [1, 2, 3]  # without the normal year, which the new one lacks
    assert all(result.elsewhere.model.n_homes == 150 for result in met)
    assert 0.35 < met[0].elsewhere.model["accuracy"].value < 0.65  # the dwelling type tells nothing
    assert met[1].elsewhere.model["accuracy"].value > 0.88  # three standard deviations apart: 93 % at best
    assert met[1].elsewhere.gain["accuracy"].is_above_zero
    assert told[0] == ("meeting the other source: location", 0.0)
    assert told[-1] == ("meeting the other source", 1.0)


def test_the_naive_answer_is_that_of_the_training_source():
    """In the old survey houses heat with gas; in the new one flats do: the old neighbours' answer is always wrong."""
    old, new = (
        replace(source, is_gas=(source.homes["dwelling_type"] == gas_dwelling).to_numpy())
        for source, gas_dwelling in ((OLD, "single_detached"), (NEW, "apartment_5_plus"))
    )
    met = meet_elsewhere(old, new, replace(SETTINGS, stage="location"))
    assert met[0].elsewhere.rival["accuracy"].value == 0.0
    assert met[0].elsewhere.model["accuracy"].value == 0.0


def test_the_tested_sources_answers_are_not_learned_from():
    met = meet_elsewhere(OLD, replace(NEW, is_gas=~NEW.is_gas), replace(SETTINGS, stage="billing"))
    assert met[1].elsewhere.model["accuracy"].value < 0.12


def test_it_stops_at_the_stage_asked_for():
    met = meet_elsewhere(OLD, NEW, replace(SETTINGS, stage="location", bootstrap_rounds=1))
    assert [result.stage for result in met] == ["location"]


def test_a_stage_that_one_source_does_not_reach_is_refused_with_those_both_reach():
    with pytest.raises(NotEnoughDataError, match=r"do not both reach stage 'property'; both reach location, billing"):
        meet_elsewhere(OLD, NEW, replace(SETTINGS, stage="property"))


def test_sources_with_nothing_in_common_are_refused():
    old, new = (
        replace(source, features=source.features[[name]]) for source, name in ((OLD, "kwh_year"), (NEW, "hdd_year"))
    )
    new = replace(new, features=new.features.rename(columns={"hdd_year": "hdd_normal"}))
    both = [replace(s, features=s.features.reindex(columns=["kwh_year", "hdd_normal"])) for s in (old, new)]
    with pytest.raises(NotEnoughDataError, match="no feature in common"):
        meet_elsewhere(*both, SETTINGS)
    with pytest.raises(NotEnoughDataError, match="both reach none"):
        meet_elsewhere(*both, replace(SETTINGS, stage="billing"))


def test_what_is_published_is_of_places_both_sources_name():
    """One names survey domains, the other divisions alone: both then get the division's facts, and not before."""
    domain = next(name for name, states in STATES_OF_DOMAIN.items() if states == "CA")
    place = pd.DataFrame({"district": [domain] * 5, "division": ["pacific"] * 5}, index=OLD.homes.index[:5])
    old = replace(OLD, homes=place, features=pd.DataFrame({"published_gas_price": 0.0}, index=place.index))
    alike, _ = as_known_in_both(old, old)
    unlike, met = as_known_in_both(old, replace(old, homes=place.assign(district="pacific")))
    facts = [published_facts(homes, year=2023)["published_gas_price"] for homes in (place, place[["division"]])]
    assert facts[0].iloc[0] != facts[1].iloc[0]
    assert alike.features["published_gas_price"].tolist() == facts[0].tolist()
    for one in (unlike, met):
        assert one.features["published_gas_price"].tolist() == facts[1].tolist()
