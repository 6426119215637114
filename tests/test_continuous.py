"""Level 1 as plain functions: fed, trained, judged, scored, watched, decided; twice, killed, damaged and too late."""

import errno
import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from case_heating import arrivals, continuous, predictions
from case_heating.continuous import (
    choose,
    decide,
    latest_day,
    paused,
    read_overrides,
    roll_back,
    score_all,
    train_and_promote,
    watch,
)
from case_heating.data.simulate import simulate
from case_heating.data.validate import check_tables
from case_heating.errors import (
    BusyError,
    HeatingError,
    ModelError,
    NoChampionError,
    NotEnoughDataError,
    RegistryError,
    StoreError,
    TableError,
    WorkspaceError,
)
from case_heating.features.build import build_features
from case_heating.lock import one_at_a_time
from case_heating.model.predict import predict
from case_heating.predictions import read_predictions
from case_heating.release.candidate import label_requests, labelled_rows, train_candidate
from case_heating.release.gate_limits import GateLimits
from case_heating.release.lineage import trace_lineage
from case_heating.release.registry import CHAMPION, PREVIOUS
from case_heating.settings import Settings
from case_heating.training import registry_of
from case_heating.watch.overrides import Override

HOMES = 700
FIRST, NEXT = date(2025, 1, 31), date(2025, 3, 31)
CUTOFF = date(2024, 7, 31)
LENIENT = GateLimits(
    min_homes_of_a_fuel=3,
    max_accuracy_loss=0.5,
    max_log_loss_loss=3.0,
    max_slice_loss=0.9,
    max_mean_gap=0.9,
    slope=(0.01, 100.0),
    max_single_auc=1.0,
    max_above_held_out=0.9,
    min_first_moves=0.1,
    min_top_beats_others=0.1,
)
"""So that some hundred homes, whose training takes seconds, pass; what the gate refuses is tested in test_gate."""


def settings_for(workspace):
    return Settings(
        today=date(2026, 1, 15),
        workspace=workspace,
        simulated_homes=HOMES,
        folds=2,
        threads=1,
        bootstrap_rounds=40,
        min_labelled_homes=60,
    )


@pytest.fixture(scope="module")
def fed(tmp_path_factory):
    """A workspace fed until the end of January 2025."""
    settings = settings_for(tmp_path_factory.mktemp("level1") / "fed")
    report = arrivals.ingest(settings, FIRST)
    return settings, report


@pytest.fixture(scope="module")
def served(fed, tmp_path_factory):
    """The same with a champion, and fed until the end of March 2025."""
    settings = settings_for(tmp_path_factory.mktemp("level1") / "served")
    shutil.copytree(fed[0].workspace, settings.workspace)
    training = train_and_promote(settings, FIRST, because="the first one", limits=LENIENT)
    assert training.promoted, training.decision.reasons
    arrivals.ingest(settings, NEXT)
    return settings, training


@pytest.fixture
def fresh(served, tmp_path):
    """A copy of it that a test may ruin."""
    settings = settings_for(tmp_path / "workspace")
    shutil.copytree(served[0].workspace, settings.workspace)
    return settings


def champion_of(settings):
    found = registry_of(settings).find(CHAMPION)
    return None if found is None else found.version


def test_the_same_rows_at_level_0_and_at_level_1_give_the_same_predictions(served, fresh):
    settings, training = fresh, served[1]
    trusted = check_tables(simulate(homes=HOMES, seed=0).tables, as_of=NEXT, today=settings.today)
    features = build_features(trusted.tables, as_of=CUTOFF)
    requests = label_requests(trusted.tables["labels"], known_after=None, known_by=CUTOFF)
    known = features.loc[features.index.intersection(requests["home_id"])]
    rows = labelled_rows(requests, known, trusted.tables["homes"], as_of=FIRST)
    lineage = trace_lineage(settings, as_of=FIRST, cutoff=CUTOFF, data_digests={})
    by_hand = train_candidate(rows, stage=training.stage, settings=settings, lineage=lineage)
    now = build_features(trusted.tables, as_of=NEXT)

    scored = score_all(settings, NEXT)
    answers = read_predictions(scored.folder)

    expected = predict(by_hand.model, now).loc[answers.index]
    assert len(answers) == scored.n_homes > 0.9 * HOMES
    assert answers["probability_of_gas"].tolist() == expected["probability_of_gas"].tolist()
    assert answers["heating_fuel"].tolist() == expected["heating_fuel"].tolist()


def test_the_training_leaves_the_last_half_year_to_the_gate(served):
    settings, training = served
    model = registry_of(settings).get(CHAMPION)
    assert model.lineage.cutoff == CUTOFF
    assert model.trained_until <= CUTOFF
    assert training.decision.n_homes >= 30
    drawn = settings.workspace.glob("registry/artifacts/*/artifacts/plots/*.svg")
    assert "answered.svg" in {path.name for path in drawn}


def test_a_second_training_of_the_same_changes_nothing_and_says_so(fresh):
    before = registry_of(fresh).history()
    again = train_and_promote(fresh, FIRST, because="once more", limits=LENIENT)
    assert (again.repeated, again.promoted, again.version) == (True, False, "1")
    assert registry_of(fresh).history() == before


def test_a_refused_candidate_is_on_record_and_the_champion_serves_on(fresh):
    strict = replace(LENIENT, min_homes_of_a_fuel=10_000)
    training = train_and_promote(fresh, NEXT, because="a test", limits=strict)
    assert (training.version, training.promoted) == ("2", False)
    assert "10000 of each are needed" in training.decision.reasons[0].replace(",", "")
    assert champion_of(fresh) == "1"
    again = train_and_promote(fresh, NEXT, because="a test", limits=strict)
    assert again.version == "2"
    assert len(registry_of(fresh).history()) == 2


def test_a_window_trains_on_fewer_labels(fresh):
    whole = train_and_promote(fresh, NEXT, because="all labels", limits=LENIENT)
    part = train_and_promote(fresh, NEXT, because="recent ones", limits=LENIENT, window_months=18)
    assert part.version != whole.version
    assert part.n_homes < whole.n_homes


def test_a_candidate_rolled_back_is_not_promoted_again_by_a_second_run(fresh):
    assert train_and_promote(fresh, NEXT, because="more labels", limits=LENIENT).promoted
    roll_back(fresh, NEXT, because="customers complained")
    again = train_and_promote(fresh, NEXT, because="more labels", limits=LENIENT)
    assert (again.repeated, again.promoted) == (True, False)
    assert champion_of(fresh) == "1"


def test_the_watch_is_kept_and_decided_on(fresh):
    report = watch(fresh, NEXT)
    assert report.champion == "version 1"
    assert (fresh.workspace / "watch" / f"{NEXT}.json").exists()
    decision = decide(fresh, NEXT)
    assert decision.as_of == NEXT
    assert watch(fresh, NEXT) == report


def test_enough_new_labels_are_25_per_1000_homes_or_what_the_settings_say(fresh):
    n_homes = len(arrivals.offline_store(fresh).latest_features(NEXT))
    assert 600 < n_homes <= HOMES
    assert continuous.labels_enough(fresh, NEXT) == round(n_homes / 40)
    assert continuous.labels_enough(replace(fresh, enough_new_labels=7), NEXT) == 7


def test_a_person_may_have_the_champion_retrained(fresh):
    watch(fresh, NEXT)
    chosen = {"choice": "retrain", "by": "ann", "why": "a new district", "made_on": str(NEXT), "champion": "version 1"}
    (fresh.workspace / continuous.OVERRIDES_FILE).write_text(json.dumps([chosen]))
    decision = decide(fresh, NEXT)
    assert decision.retrain
    assert "ann chose to retrain: a new district" in decision.reasons
    (fresh.workspace / continuous.OVERRIDES_FILE).write_text('[{"choice": "hope"}]')
    with pytest.raises(WorkspaceError, match=r"overrides\.json does not hold a list of overrides"):
        decide(fresh, NEXT)


def test_choices_are_kept_in_order_and_a_pause_is_found_again(fresh):
    watch(fresh, NEXT)
    pause = Override("pause", "ann", "a new billing system", made_on=NEXT, until=date(2025, 6, 30))
    limit = Override("change_limit", "ben", "noisy", made_on=NEXT, limit="psi", value=0.3)
    choose(fresh, pause)
    choose(fresh, limit)
    assert read_overrides(fresh) == [pause, limit]
    assert (paused(fresh, NEXT), paused(fresh, date(2025, 7, 1))) == (pause, None)
    assert decide(fresh, NEXT).reasons[-1] == "ann has paused retraining until 2025-06-30: a new billing system"


def test_the_latest_day_is_that_of_the_last_watch_else_of_the_last_ingest(fresh, tmp_path):
    assert latest_day(fresh) == NEXT
    watch(fresh, date(2025, 4, 30))
    assert latest_day(fresh) == date(2025, 4, 30)
    with pytest.raises(NotEnoughDataError, match="nothing was ingested yet"):
        latest_day(settings_for(tmp_path / "empty"))


def test_before_anything_came_in_each_step_says_what_to_do_first(tmp_path):
    settings = settings_for(tmp_path / "empty")
    with pytest.raises(NotEnoughDataError, match="heating flows run ingest"):
        train_and_promote(settings, FIRST, because="too early")
    for step in (score_all, watch):
        with pytest.raises(NoChampionError):
            step(settings, FIRST)
    with pytest.raises(HeatingError, match="no watch report"):
        decide(settings, FIRST)


# --- predictions -----------------------------------------------------------------------------------------------------


def test_answers_come_with_reasons_and_a_manifest(fresh):
    scored = score_all(fresh, NEXT)
    answers = read_predictions(scored.folder)
    assert {"heating_fuel", "probability_of_gas", "answer", "reason_1", "features_of"} <= set(answers)
    assert (answers["reason_1"] != "").all()
    assert (answers["features_of"] <= pd.Timestamp(NEXT)).all()
    manifest = json.loads((scored.folder / "manifest.json").read_text())
    assert (manifest["n_homes"], manifest["version"]) == (len(answers), "1")
    assert scored.folder == fresh.workspace / "predictions" / str(NEXT) / "v1"


def test_a_killed_scoring_goes_on_where_it_was_cut(fresh, monkeypatch):
    monkeypatch.setattr(predictions, "PART_HOMES", 200)
    whole = read_predictions(score_all(fresh, NEXT).folder)
    shutil.rmtree(fresh.workspace / "predictions")

    class Killed(BaseException):
        pass

    def kill_at_half(_doing, share):
        if share >= 0.5:
            raise Killed

    with pytest.raises(Killed):
        score_all(fresh, NEXT, progress=kill_at_half)
    folder = fresh.workspace / "predictions" / str(NEXT) / "v1"
    with pytest.raises(NotEnoughDataError, match="is not finished"):
        read_predictions(folder)
    again = score_all(fresh, NEXT)
    assert 0 < again.n_parts_kept < again.n_parts
    pd.testing.assert_frame_equal(read_predictions(folder), whole)


def test_parts_of_another_model_are_not_gone_on_with(fresh):
    first = score_all(fresh, NEXT)
    plan = first.folder / "plan.json"
    plan.write_text(plan.read_text().replace('"model": "', '"model": "other'))
    assert score_all(fresh, NEXT).n_parts_kept == 0


# --- it survives -----------------------------------------------------------------------------------------------------

KILLER = """
    import json, os, shutil, signal, sys
    from dataclasses import replace
    from pathlib import Path
    from case_heating import arrivals, continuous
    import great_expectations, mlflow  # once, not in every child
    sys.path.insert(0, {tests!r})
    from test_continuous import LENIENT, NEXT, settings_for

    def run(settings, progress):
        if {what!r} == "ingest":
            return arrivals.ingest(settings, NEXT, progress=progress)
        return continuous.train_and_promote(settings, NEXT, because="killed", limits=LENIENT, progress=progress)

    def in_child(workspace, step):
        seen = []
        def kill(doing, _share):
            if doing not in seen and not doing.startswith(("checking", "looking for slipped", "parting")):
                seen.append(doing)
                print(doing, flush=True)
                if len(seen) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                run(settings_for(workspace), kill)
                code = 0
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1]

    for step in range(1, 40):
        workspace = Path({scratch!r}) / str(step)
        shutil.copytree({source!r}, workspace)
        ended = in_child(workspace, step)
        if not os.WIFSIGNALED(ended):
            assert os.waitstatus_to_exitcode(ended) == 0
            break
        print(step, "killed", flush=True)
"""


def kill_at_each_step(what, source, scratch):
    """Run in children of a child, each killed one step later than the one before; gives the workspaces they left."""
    script = textwrap.dedent(KILLER).format(
        tests=str(Path(__file__).parent), what=what, scratch=str(scratch), source=str(source)
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    killed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" killed")]
    return [settings_for(scratch / number) for number in killed], settings_for(scratch / str(len(killed) + 1))


def test_killed_at_every_step_of_a_training_the_champion_serves_and_the_next_run_completes(served, tmp_path):
    left, unharmed = kill_at_each_step("train", served[0].workspace, tmp_path)
    assert len(left) >= 6
    digests = {one.version: one.digest for one in registry_of(unharmed).history()}
    assert len(digests) == 2
    for settings in left:
        assert registry_of(settings).get(CHAMPION).lineage.as_of in (FIRST, NEXT)
        training = train_and_promote(settings, NEXT, because="again", limits=LENIENT)
        assert (training.version, champion_of(settings)) == ("2", "2")
        assert {one.version: one.digest for one in registry_of(settings).history()} == digests
        assert registry_of(settings).find(PREVIOUS).version == "1"


def test_killed_at_every_step_of_an_ingest_nothing_is_half_or_double(fed, tmp_path):
    left, unharmed = kill_at_each_step("ingest", fed[0].workspace, tmp_path)
    assert len(left) >= 6
    whole = arrivals.offline_store(unharmed)
    expected = whole.latest_rows(NEXT).drop(columns="version")
    for settings in left:
        arrivals.ingest(settings, NEXT)
        store = arrivals.offline_store(settings)
        store.verify()
        pd.testing.assert_frame_equal(store.latest_rows(NEXT).drop(columns="version"), expected)
        pd.testing.assert_frame_equal(store.read_labels(NEXT), whole.read_labels(NEXT))
        assert store.writes()[-1].last_version == whole.writes()[-1].last_version  # no row was written twice
        assert not arrivals.ingest(settings, NEXT).found_news


def test_two_trainings_at_once_the_second_says_who_is_at_it(fresh):
    with (
        one_at_a_time(fresh.workspace / "registry" / "training.lock", "training because of the first"),
        pytest.raises(BusyError, match=rf"process {os.getpid()} on .* is training because of the first right now"),
    ):
        train_and_promote(fresh, NEXT, because="the second", limits=LENIENT)
    assert train_and_promote(fresh, NEXT, because="the second", limits=LENIENT).promoted


def test_a_clock_set_back_is_refused_and_changes_nothing(fresh):
    digest, versions = arrivals.offline_store(fresh).digest(), registry_of(fresh).history()
    with pytest.raises(StoreError, match="was the clock set back"):
        arrivals.ingest(fresh, FIRST)
    with pytest.raises(RegistryError, match="was the clock set back"):
        train_and_promote(fresh, date(2024, 12, 31), because="a wrong clock")
    with pytest.raises(ModelError, match="must end later"):
        watch(fresh, date(2024, 6, 30))
    assert (arrivals.offline_store(fresh).digest(), registry_of(fresh).history()) == (digest, versions)


def test_a_full_disk_says_so_and_the_next_run_completes(fresh, monkeypatch):
    from case_heating import workspace

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    def full_amid(_frame, path):
        Path(path).write_bytes(b"half")
        full()

    with monkeypatch.context() as patched:
        patched.setattr(pd.DataFrame, "to_parquet", full_amid)
        with pytest.raises(WorkspaceError, match="is full"):
            score_all(fresh, NEXT)
    assert not list((fresh.workspace / "predictions").rglob("*.draft"))
    with monkeypatch.context() as patched:
        patched.setattr(workspace, "write_text", full)
        patched.setattr(continuous, "write_text", full)
        with pytest.raises(WorkspaceError, match="is full"):
            watch(fresh, NEXT)
    assert not list((fresh.workspace / "watch").glob("*.json"))
    assert score_all(fresh, NEXT).n_homes
    assert watch(fresh, NEXT)


def test_a_redis_that_is_away_is_named_and_the_offline_store_is_fed_all_the_same(fresh):
    from datetime import UTC, datetime

    away = replace(fresh, online_url="redis://127.0.0.1:9/0")
    with pytest.raises(StoreError, match=r"redis://127\.0\.0\.1:9"):
        arrivals.serve_online(away, datetime.now(UTC))
    assert arrivals.serve_online(fresh, datetime.now(UTC)).rows_written > 0.9 * HOMES
    assert arrivals.serve_online(fresh, datetime.now(UTC)).rows_written == 0


def test_an_mlflow_that_is_away_is_named_and_nothing_is_trained(fresh, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = replace(fresh, registry_uri="http://127.0.0.1:9")
    with pytest.raises(RegistryError, match=r"http://127\.0\.0\.1:9"):
        train_and_promote(away, NEXT, because="a test", limits=LENIENT)
    assert champion_of(fresh) == "1"


def test_a_corrupt_file_of_the_store_is_named(fresh):
    files = sorted((fresh.workspace / "store" / "features").rglob("*.parquet"))
    files[-1].write_bytes(b"PAR1 but nothing else PAR1")
    with pytest.raises(StoreError, match=files[-1].name):
        train_and_promote(fresh, NEXT, because="a test", limits=LENIENT)
    assert champion_of(fresh) == "1"


def test_a_model_deleted_from_the_registry_is_told_and_another_can_be_trained(fresh):
    registry = registry_of(fresh)
    registry.tracking.client.delete_model_version(registry.tracking.model_name, "1")
    with pytest.raises(NoChampionError, match="its version was deleted"):
        score_all(fresh, NEXT)
    training = train_and_promote(fresh, NEXT, because="the champion was deleted", limits=LENIENT)
    assert training.promoted
    assert score_all(fresh, NEXT).version == training.version


def test_a_damaged_champion_is_not_answered_with(fresh):
    trees = [path for path in (fresh.workspace / "registry").rglob("*.txt") if "leaf_value=" in path.read_text()]
    assert len(trees) == 1
    trees[0].write_text(trees[0].read_text().replace("leaf_value=", "leaf_value=9", 1))
    with pytest.raises(ModelError):
        score_all(fresh, NEXT)
    assert not (fresh.workspace / "predictions").exists()


def test_a_delivery_in_the_wrong_unit_is_refused_asks_for_repair_and_stops_promotions(fresh, monkeypatch):
    from case_heating import journey

    def slipped(*_, **__):
        raise TableError("bills: district north, 2025-04: about 1,000 times what the same homes use otherwise")

    store = arrivals.offline_store(fresh).digest()
    later = date(2025, 4, 30)
    with monkeypatch.context() as patched:
        patched.setattr(journey, "check_tables", slipped)
        with pytest.raises(TableError):
            arrivals.ingest(fresh, later)
    assert arrivals.offline_store(fresh).digest() == store
    watch(fresh, later)
    decision = decide(fresh, later)
    assert (decision.action, decision.retrain) == ("repair", False)
    assert any("about 1,000 times" in reason for reason in decision.reasons)
    training = train_and_promote(fresh, later, because="a test", limits=LENIENT)
    assert not training.promoted
    assert "did not pass validation" in training.decision.reasons[0]
    mended = arrivals.ingest(fresh, later)
    assert mended.moments == (later,)
    assert not mended.stopped
