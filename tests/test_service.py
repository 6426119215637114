"""Who served when, and all that a registry tells, whole or not."""

from datetime import date

import pandas as pd
import pytest

from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.registry import open_registry
from case_heating.release.run_record import ReleaseEvent
from case_heating.release.service import models_on_record, spells_of_service

JAN, FEB, MAR, APR = (date(2025, month, 28) for month in (1, 2, 3, 4))
DECISION = PromotionDecision(True, ("right as often",), (Check("right as often", True, "+3"),), "x", 700)


def event(number, what, version, day, finished=True):
    return ReleaseEvent(number, what, version, None, day, f"reason {number}", finished)


def test_each_spell_ends_where_the_next_begins_and_the_last_goes_on():
    events = [
        event(1, "promotion", "1", JAN),
        event(2, "promotion", "3", FEB, finished=False),  # the process was killed: it never served
        event(3, "promotion", "2", FEB),
        event(4, "roll back", "1", MAR),
    ]
    told = spells_of_service(events, until=APR)
    assert told["version"].tolist() == ["1", "2", "1"]
    assert told["since"].tolist() == [pd.Timestamp(day) for day in (JAN, FEB, MAR)]
    assert told["until"].tolist() == [pd.Timestamp(day) for day in (FEB, MAR, APR)]
    assert told["how"].tolist() == ["promotion", "promotion", "roll back"]
    assert told["because"].iloc[-1] == "reason 4"


def test_a_day_before_the_beginning_makes_no_spell_that_ends_before_it_began():
    told = spells_of_service([event(1, "promotion", "1", APR), event(2, "promotion", "2", JAN)], until=JAN)
    assert (told["until"] >= told["since"]).all()
    assert spells_of_service([], until=JAN).empty


@pytest.fixture
def registry(tmp_path, plant_rows, train_planted):
    registry = open_registry(tmp_path / "registry")
    rows = plant_rows(200, seed=1, day="2024-06-30")
    for seed in (1, 2):
        made = registry.record(train_planted(rows, seed=seed), DECISION, because=f"reason {seed}", as_of=JAN)
        registry.promote(made.version, because="it passed", as_of=JAN)
    return registry


def test_all_that_is_on_record_and_one_decision_that_is_damaged(registry, tmp_path):
    told = models_on_record(registry)
    assert (told.champion.version, told.previous.version) == ("2", "1")
    assert told.decisions == {"1": DECISION, "2": DECISION}
    assert [one.version for one in told.events] == ["1", "2"]
    run = told.models[0].run_id
    (damaged,) = (path for path in (tmp_path / "registry").rglob("decision.json") if run in path.parts)
    damaged.write_text("{")
    told = models_on_record(registry)
    assert set(told.decisions) == {"2"}
    assert "what was decided on version 1" in told.unreadable["1"]


def test_a_registry_that_is_not_there_yet_or_cannot_be_read_raises_nothing(tmp_path):
    empty = models_on_record(open_registry(tmp_path / "registry"))
    assert (empty.models, empty.champion, empty.trouble) == ((), None, None)
    assert not (tmp_path / "registry").exists()
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "mlflow.sqlite").write_bytes(b"this is no database" * 100)
    damaged = models_on_record(open_registry(tmp_path / "registry"))
    assert damaged.trouble is not None
    assert "mlflow.sqlite" in damaged.trouble
