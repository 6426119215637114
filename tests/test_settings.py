"""Settings: the environment, overrides, and what is refused."""

from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

from case_heating.errors import SourceError
from case_heating.settings import DEFAULT_WORKSPACE, Settings


def test_an_empty_environment_gives_the_defaults():
    assert Settings.from_env({}, today=date(2024, 1, 2)) == Settings(today=date(2024, 1, 2))
    settings = Settings.from_env({"HEATING_SEED": "", "HEATING_WORKSPACE": "", "HEATING_DATA_DIR": ""})
    assert (settings.seed, settings.workspace, settings.data_dir) == (0, DEFAULT_WORKSPACE, None)


def test_the_environment_is_read():
    environment = {
        "HEATING_WORKSPACE": "somewhere/else",
        "HEATING_DATA_DIR": "surveys",
        "HEATING_SEED": "42",
        "HEATING_THREADS": "3",
        "HEATING_SOURCE": "own/mapping.toml",
        "HEATING_HOMES": "500",
        "HEATING_ONLINE_URL": "redis://store:6379/0",
        "HEATING_REGISTRY_URI": "https://mlflow",
        "HEATING_WEBHOOK_URL": "https://chat/hook",
        "HEATING_NOTIFY_BLOCK": "sendgrid-email/operations",
        "HEATING_FOLDS": "9",  # not one of them
    }
    settings = Settings.from_env(environment)
    assert settings.workspace == Path("somewhere/else")
    assert settings.data_dir == Path("surveys")
    assert (settings.seed, settings.threads, settings.folds) == (42, 3, 5)
    assert (settings.source, settings.simulated_homes) == ("own/mapping.toml", 500)
    assert (settings.online_url, settings.registry_uri) == ("redis://store:6379/0", "https://mlflow")
    assert (settings.webhook_url, settings.notify_block) == ("https://chat/hook", "sendgrid-email/operations")


def test_the_months_left_to_the_gate_are_those_it_was_measured_with():
    from case_heating.release.candidate import HOLDOUT_MONTHS
    from case_heating.watch.retrain import USUAL_POLICY

    settings = Settings(today=date(2026, 1, 1))
    assert settings.holdout_months == HOLDOUT_MONTHS
    assert (settings.alarms_needed, settings.windows_looked_at) == (USUAL_POLICY.k, USUAL_POLICY.n)


def test_the_processes_own_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("HEATING_SEED", "17")
    assert Settings.from_env().seed == 17


def test_today_is_the_day_of_the_run_unless_given(monkeypatch):
    class Calendar(date):
        @classmethod
        def today(cls):
            return date(2031, 5, 4)

    monkeypatch.setattr("case_heating.settings.date", Calendar)
    assert Settings.from_env({}).today == date(2031, 5, 4)
    assert Settings.from_env({}, today=date(2020, 1, 1)).today == date(2020, 1, 1)


def test_overrides_win_over_the_environment_and_none_counts_as_not_given():
    environment = {"HEATING_SEED": "42", "HEATING_WORKSPACE": "w"}
    settings = Settings.from_env(environment, seed=0, workspace=None, stage="billing", source=None)
    assert settings.seed == 0
    assert settings.workspace == Path("w")
    assert (settings.stage, settings.source) == ("billing", "embedded")


@pytest.mark.parametrize("text", ["many", "-1", "1.5", " 3", "1e3", "²"])
@pytest.mark.parametrize("name", ["SEED", "THREADS"])
def test_a_number_that_is_none_is_refused(name, text):
    with pytest.raises(SourceError, match=f"HEATING_{name} is '.*'; it must be a whole number"):
        Settings.from_env({f"HEATING_{name}": text})


def test_a_seed_may_be_nought_and_the_threads_may_not():
    assert Settings.from_env({"HEATING_SEED": "0"}).seed == 0
    with pytest.raises(SourceError, match="HEATING_THREADS is '0'; it must be a whole number, 1 or more"):
        Settings.from_env({"HEATING_THREADS": "0"})


@pytest.mark.parametrize("seed", [-1, 2**31, 10**20])
def test_a_seed_no_library_takes_is_refused(seed):
    with pytest.raises(SourceError, match=f"the seed is {seed}; it must lie between 0 and 2147483647"):
        Settings.from_env({}, seed=seed)
    assert Settings.from_env({"HEATING_SEED": str(2**31 - 1)}).seed == 2**31 - 1


def test_an_unknown_override_is_refused_with_those_there_are():
    with pytest.raises(SourceError, match=r"unknown settings colour, sead; there are .*as_of, .*seed, .*workspace"):
        Settings.from_env({}, sead=1, colour="red")


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Settings(today=date(2024, 1, 1)).seed = 2


def test_what_is_said_now_wins_over_the_environment_and_that_over_what_was_said_before():
    remembered = {"simulated_homes": 2000, "seed": 7, "folds": 3}
    settings = Settings.from_env({"HEATING_SEED": "8"}, remembered=remembered, folds=4, stage=None)
    assert (settings.simulated_homes, settings.seed, settings.folds) == (2000, 8, 4)
