"""The registry: versions, aliases and the way back; whatever step is cut or damaged, a whole champion serves."""

import json
import os
import shutil
from dataclasses import replace
from datetime import date
from functools import partialmethod

import numpy as np
import pytest

from case_heating.errors import ModelError, NoChampionError, RegistryError
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.registry import Registry, open_registry
from case_heating.release.tracking import Tracking

DAY = date(2024, 12, 31)
DECISION = PromotionDecision(
    True,
    ("right as often: by 3 of 100",),
    (Check("right as often", True, "by 3 of 100", 0.01, -0.03), Check("fairness", None, "tenure cannot be judged")),
    "the champion",
    700,
)


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


@pytest.fixture(scope="module")
def models(plant_rows, train_planted):
    """Three models, told apart by their seed."""
    rows = plant_rows(200, seed=1, day="2024-06-30")
    return [train_planted(rows, seed=seed) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def whole(models, tmp_path_factory):
    """A registry in which all three were promoted, one after the other."""
    folder = tmp_path_factory.mktemp("registry") / "registry"
    registry = open_registry(folder)
    for number, model in enumerate(models, start=1):
        made = record(registry, model)
        registry.promote(made.version, because=f"it passed, {number}", as_of=DAY)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    """A copy of it at another place, as when a workspace was moved."""
    return shutil.copytree(whole, tmp_path / "registry")


@pytest.fixture
def registry(folder):
    return open_registry(folder)


def record(registry, model, decision=DECISION, **more):
    return registry.record(model, decision, because="a new month", as_of=DAY, **more)


def aliases(registry):
    return {alias: model.version for model in registry.history() for alias in model.aliases}


def artifacts_of(folder, model):
    return folder / "artifacts" / model.run_id / "artifacts"


def kill_at(monkeypatch, step):
    """Let the process die instead of its ``step``-th writing call to MLflow, the first being 0."""
    left = [step]

    def dies(self, real, *args, **kwargs):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return real(self, *args, **kwargs)

    for name in ("record_run", "add_version", "set_alias", "drop_alias", "start_event", "finish_event", "set_tags"):
        monkeypatch.setattr(Tracking, name, partialmethod(dies, getattr(Tracking, name)))
    return left


def test_aliases_say_who_is_who(registry, models):
    assert aliases(registry) == {"champion": "3", "previous": "2"}
    champion = registry.get("champion")
    assert champion.lineage == models[2].lineage
    assert champion.model.booster.model_to_string() == models[2].model.booster.model_to_string()
    assert [model.version for model in registry.history()] == ["1", "2", "3"]
    assert [model.passed for model in registry.history()] == [True] * 3
    assert [(event.number, event.what, event.version, event.instead_of) for event in registry.events()] == [
        (1, "promotion", "1", None),
        (2, "promotion", "2", "1"),
        (3, "promotion", "3", "2"),
    ]
    assert all(event.finished and event.as_of == DAY for event in registry.events())


def test_a_run_holds_all_that_a_model_came_from(registry, folder, plant_rows, train_planted):
    model = train_planted(plant_rows(200, seed=1, day="2024-06-30"), seed=4)
    made = record(registry, model, plots={"curve.svg": b"<svg/>"}, figures={"faithful": 0.97, "unknown": np.nan})
    run = registry.tracking.client.get_run(made.run_id)
    told = run.data.params
    assert told["stage"] == "property"
    assert told["features"] == "district dwelling_type kwh_year kwh_per_hdd rooms"
    assert told["data.homes"] == "d0"
    assert told["code_revision"] == "c0"
    assert told["package.lightgbm"] == "4"
    assert told["setting.seed"] == "4"
    accuracy = model.held_out.model["accuracy"]
    figures = run.data.metrics
    assert figures["held_out.accuracy.value"] == accuracy.value
    assert figures["held_out.accuracy.low"] == accuracy.low
    assert figures["naive.accuracy.high"] == model.held_out.rival["accuracy"].high
    assert (figures["gate.right as often"], figures["gate.right as often.limit"]) == (0.01, -0.03)
    assert figures["faithful"] == 0.97
    assert "unknown" not in figures
    assert run.data.tags["heating.fairness"] == "tenure cannot be judged"
    assert (artifacts_of(folder, made) / "plots" / "curve.svg").read_bytes() == b"<svg/>"
    assert registry.decision(made) == DECISION
    assert made.aliases == ("challenger",)
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_the_same_model_is_recorded_once_with_the_latest_decision(registry, models):
    refusal = replace(DECISION, promote=False, reasons=("fairness: worse",))
    again = record(registry, models[0], refusal)
    assert again.version == "1"
    assert not again.passed
    assert registry.decision(again) == refusal
    assert len(registry.history()) == 3


def test_asking_makes_no_file(tmp_path):
    registry = open_registry(tmp_path / "registry")
    assert registry.history() == ()
    assert registry.events() == ()
    assert registry.find("champion") is None
    with pytest.raises(NoChampionError, match=r"is the champion: none was promoted yet.*train and promote one first"):
        registry.get("champion")
    assert list(tmp_path.iterdir()) == []


def test_back_and_back_again_to_the_first(registry):
    back = registry.roll_back(because="bills of June", as_of=DAY)
    assert (back.version, aliases(registry)) == ("2", {"champion": "2", "previous": "1"})
    assert registry.history()[2].rolled_back == "bills of June"
    registry.roll_back(because="still wrong", as_of=DAY)
    assert aliases(registry) == {"champion": "1"}
    with pytest.raises(RegistryError, match=r"no previous champion.*version 1 serves"):
        registry.roll_back(because="once more", as_of=DAY)
    assert [event.what for event in registry.events()] == ["promotion"] * 3 + ["roll back"] * 2


def test_promoting_the_champion_changes_nothing(registry):
    registry.promote("3", because="again", as_of=DAY)
    assert aliases(registry) == {"champion": "3", "previous": "2"}
    assert len(registry.events()) == 3


@pytest.mark.parametrize("step", range(8))
def test_killed_at_any_step_a_whole_champion_serves_and_the_next_run_completes(
    step, registry, folder, monkeypatch, plant_rows, train_planted
):
    """Eight writing calls record and promote a model; each is cut once."""
    model = train_planted(plant_rows(200, seed=1, day="2024-06-30"), seed=9)
    with monkeypatch.context() as patch:
        left = kill_at(patch, step)
        try:
            registry.promote(record(registry, model).version, because="it passed", as_of=DAY)
        except Killed:
            pass
        else:
            assert step == 7, f"only {step - left[0]} calls were made"
    after = open_registry(folder)
    served = after.get("champion")
    assert served.lineage in (model.lineage, after.read(after.history()[2]).lineage)
    made = record(after, model)
    after.promote(made.version, because="it passed", as_of=DAY)
    assert aliases(after) == {"champion": "4", "previous": "3"}
    assert len(after.history()) == 4
    digests = [one.digest for one in after.history()]
    assert len(set(digests)) == 4
    runs = after.tracking.client.search_runs([after.tracking._experiment("trainings")])
    assert sum(run.data.tags["heating.digest"] == made.digest for run in runs) == 1


@pytest.mark.parametrize("step", range(5))
def test_killed_amid_a_roll_back_a_whole_champion_serves(step, registry, folder, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(patch, step)
        with pytest.raises(Killed):
            registry.roll_back(because="wrong", as_of=DAY)
    after = open_registry(folder)
    assert after.find("champion").version == ("3" if step < 2 else "2")
    assert after.get("champion").model.n_training_homes == 200


def test_a_damaged_champion_is_noticed_and_the_one_before_it_is_there(registry, folder):
    trees = artifacts_of(folder, registry.find("champion")) / "model_folder" / "model" / "trees.txt"
    trees.write_bytes(trees.read_bytes().replace(b"leaf_value=", b"leaf_value=9", 1))
    with pytest.raises(ModelError, match=r"not those that were saved.*heating registry rollback"):
        registry.get("champion")
    assert registry.roll_back(because="damaged", as_of=DAY).version == "2"
    assert registry.get("champion").model.n_training_homes == 200


def test_deleted_artifacts_are_noticed_and_never_promoted(registry, folder):
    for number in (0, 1):
        shutil.rmtree(artifacts_of(folder, registry.history()[number]))
    with pytest.raises(ModelError, match="holds no whole model"):
        registry.roll_back(because="wrong", as_of=DAY)
    with pytest.raises(ModelError, match="holds no whole model"):
        registry.promote("1", because="wrong", as_of=DAY)
    assert aliases(registry) == {"champion": "3", "previous": "2"}
    assert len(registry.events()) == 3


def test_a_model_whose_artifacts_are_gone_is_recorded_anew(registry, folder, models):
    shutil.rmtree(artifacts_of(folder, registry.history()[0]))
    made = record(registry, models[0])
    assert made.version == "4"
    assert registry.read(made).lineage == models[0].lineage


def test_a_deleted_version_is_told_with_the_way_back(registry):
    registry.tracking.client.delete_model_version("heating-fuel", "3")
    with pytest.raises(NoChampionError, match=r"its version was deleted; version 2 is the previous.*registry rollback"):
        registry.get("champion")
    assert registry.roll_back(because="deleted", as_of=DAY).version == "2"
    assert aliases(registry) == {"champion": "2", "previous": "1"}


def test_a_version_that_is_not_there_is_told(registry):
    with pytest.raises(RegistryError, match=r"no version 77 in .*mlflow.sqlite; 'heating registry list'"):
        registry.promote("77", because="x", as_of=DAY)


def test_a_moved_registry_writes_where_it_lies_now(registry, folder, whole, plant_rows, train_planted):
    before = sorted(path for path in whole.rglob("*"))
    model = train_planted(plant_rows(200, seed=4, day="2024-06-30"))
    made = record(registry, model)
    registry.promote(made.version, because="it passed", as_of=DAY)
    assert registry.get("champion").lineage == model.lineage
    assert sorted(path for path in whole.rglob("*")) == before
    assert [event.number for event in registry.events()] == [1, 2, 3, 4]


def test_a_damaged_database_is_told(folder):
    (folder / "mlflow.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(RegistryError, match=r"mlflow.sqlite cannot be used: .*stays as it is"):
        open_registry(folder).history()


def test_a_server_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(RegistryError, match=r"the registry http://127.0.0.1:9 cannot be used: .*can be given again"):
        open_registry(tmp_path, "http://127.0.0.1:9").get("champion")


def test_another_database_is_taken_by_its_uri(tmp_path, models):
    registry: Registry = open_registry(tmp_path / "registry", f"sqlite:///{tmp_path}/elsewhere.db")
    registry.promote(record(registry, models[0]).version, because="first", as_of=DAY)
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "registry" / "mlflow.sqlite").exists()
    assert registry.get("champion").lineage == models[0].lineage


def test_nothing_in_the_registry_is_a_pickle(folder):
    names = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert names == {".sqlite", ".json", ".txt", ".csv", ".md"}
    for path in folder.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
