"""What a person orders about the models: done by the same functions as ever; who, why and how it ended is kept."""

from datetime import UTC, date, datetime

import pytest

from case_heating import orders
from case_heating.continuous import paused, read_overrides
from case_heating.errors import NotEnoughDataError, RegistryError
from case_heating.people.acts import read_acts
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.release.gate_limits import GateLimits
from case_heating.release.registry import CHAMPION
from case_heating.training import registry_of
from case_heating.watch.overrides import Override

LAST = date(2025, 6, 30)  # the last ingest of the workspace


def clock():
    return datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def settings(busy_workspace, own_copy, settings_of):
    return settings_of(own_copy(busy_workspace))


@pytest.fixture
def engine(settings):
    engine = open_store(sqlite_url(settings.workspace))
    yield engine
    engine.dispose()


def told(engine):
    return [(act.what, act.by, act.reason, act.state, act.outcome) for act in read_acts(engine)]


def test_a_training_asked_for_is_done_although_retraining_is_paused(settings, engine, lenient):
    pause = Override("pause", "ann", "a new billing system", made_on=LAST, until=date(2025, 12, 31))
    orders.choose(settings, engine, pause, clock=clock)
    assert paused(settings, LAST) == pause
    training = orders.retrain(settings, engine, by="kim", reason="more labels", clock=clock, limits=lenient)
    assert (training.promoted, training.as_of) == (True, LAST)
    assert registry_of(settings).find(CHAMPION).because == "more labels (asked for by kim)"
    assert told(engine) == [
        (
            "retrain",
            "kim",
            "more labels",
            "done",
            f"version 3, trained on {training.n_homes} homes, passed the gate and serves now",
        ),
        (
            "pause",
            "ann",
            "a new billing system",
            "done",
            "2025-06-30: ann paused retraining until 2025-12-31: a new billing system",
        ),
    ]


def test_a_refusal_is_an_outcome_and_says_what_refused(settings, engine):
    training = orders.retrain(settings, engine, by="kim", reason="once more", clock=clock, limits=GateLimits())
    assert not training.promoted
    ((_, _, _, state, outcome),) = told(engine)
    assert state == "done"
    assert outcome.startswith("version 3 was refused, the champion serves on: enough evidence: ")
    assert registry_of(settings).find(CHAMPION).version == "2"


def test_a_roll_back_and_one_too_many(settings, engine):
    model = orders.roll_back(settings, engine, by="kim", reason="complaints", clock=clock)
    assert (model.version, registry_of(settings).find(CHAMPION).version) == ("1", "1")
    with pytest.raises(RegistryError, match="no previous champion"):
        orders.roll_back(settings, engine, by="kim", reason="and again", clock=clock)
    second, first = told(engine)
    assert first == ("roll back", "kim", "complaints", "done", "version 1 of 2025-03-31 serves again")
    assert second[:4] == ("roll back", "kim", "and again", "failed")
    assert "no previous champion" in second[4]
    assert registry_of(settings).events()[-1].as_of == LAST


def test_before_anything_came_in_nothing_is_trained_and_that_is_told(tmp_path, settings_of):
    settings = settings_of(tmp_path / "empty")
    engine = open_store(sqlite_url(tmp_path))
    with pytest.raises(NotEnoughDataError, match="nothing was ingested yet"):
        orders.retrain(settings, engine, by="kim", reason="a first model", clock=clock)
    assert [act.state for act in read_acts(engine)] == ["failed"]
    assert read_overrides(settings) == []
    engine.dispose()
