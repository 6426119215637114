"""What the last run left is opened as it is, and nothing is made."""

from datetime import date

import pandas as pd
import pytest

from case_heating import journey
from case_heating.errors import NothingMadeError, WorkspaceError
from case_heating.kept import Opened, made_sources, open_last, run_of_answers, take_explainer
from case_heating.settings import Settings


@pytest.fixture(scope="module")
def ran(write_town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(
        today=date(2024, 6, 1),
        source=str(write_town(folder / "files")),
        workspace=folder / "workspace",
        folds=2,
        bootstrap_rounds=20,
    )
    return settings, journey.run(settings)


def test_what_a_run_made_is_opened_and_not_made_again(ran):
    settings, outcome = ran
    files = {path: path.stat().st_mtime_ns for path in settings.workspace.rglob("*") if path.is_file()}
    assert made_sources(settings.workspace) == ["own_town"]
    opened = open_last(settings, "own_town")
    pd.testing.assert_frame_equal(opened.answers.value, outcome.answers.value)
    pd.testing.assert_frame_equal(opened.features.value, outcome.features.value)
    assert opened.trusted.value.as_of == outcome.trusted.value.as_of
    assert opened.evidence.is_gas.sum() > 30
    assert opened.evidence.as_of == outcome.trusted.value.as_of
    assert set(opened.known.tables) == {"homes", "labels", "bills"}  # they are at hand by now
    assert opened.stamp == Opened.of(outcome, settings).stamp
    assert files == {path: path.stat().st_mtime_ns for path in settings.workspace.rglob("*") if path.is_file()}


def test_homes_and_labels_are_read_without_the_bills(ran):
    settings, outcome = ran
    opened = open_last(settings, "own_town")
    assert set(opened.known.tables) == {"homes", "labels"}
    assert opened.evidence.is_gas.tolist() == Opened.of(outcome, settings).evidence.is_gas.tolist()
    assert not opened.trusted.is_read
    pd.testing.assert_frame_equal(opened.known.tables["homes"], outcome.trusted.value.tables["homes"])


def test_the_reference_values_of_reasons_are_learned_once(ran):
    settings, _ = ran
    opened = open_last(settings, "own_town")
    first = take_explainer(opened)
    kept = settings.workspace / "7_reasons" / "own_town" / opened.ladder.value.rungs[-1].stage / "typical.json"
    made = kept.stat().st_mtime_ns
    home = opened.features.value.iloc[[0]]
    assert next(iter(take_explainer(opened).explain(home))) == next(iter(first.explain(home)))
    assert kept.stat().st_mtime_ns == made


def test_all_of_one_home_is_read_alone(ran, tmp_path):
    import shutil

    settings, outcome = ran
    tables, found = outcome.trusted.value.tables, open_last(settings, "own_town").of_home("a007")
    assert set(found) == {"homes", "labels", "bills"}
    for name, frame in found.items():
        expected = tables[name][tables[name]["home_id"] == "a007"].reset_index(drop=True)
        pd.testing.assert_frame_equal(frame, expected)
    copy = Settings(today=settings.today, workspace=tmp_path / "copy")
    shutil.copytree(settings.workspace, copy.workspace)
    (copy.workspace / "2_trusted" / "own_town" / "tables" / "bills.parquet").write_bytes(b"PAR1")
    with pytest.raises(WorkspaceError, match="changed or damaged"):
        open_last(copy, "own_town").of_home("a007")


def test_the_run_behind_the_answers_is_named_as_records_name_it(ran):
    settings, outcome = ran
    run, rung = run_of_answers(open_last(settings, "own_town")), outcome.ladder.value.rungs[-1]
    digest = (outcome.ladder.folder / "models" / rung.stage / "digest.txt").read_text().strip()
    assert (run.source, run.as_of, run.stage) == ("own_town", outcome.trusted.value.as_of, rung.stage)
    assert len(run.model_digest) > 20
    assert run.model_digest == digest


@pytest.mark.parametrize("name", ["embedded", "../own_town", "", ".", "Own_town"])
def test_a_source_that_no_run_finished(ran, name):
    settings, _ = ran
    with pytest.raises(NothingMadeError, match="there are answers for own_town"):
        open_last(settings, name or "nothing")


def test_an_empty_workspace(tmp_path):
    settings = Settings(today=date(2024, 6, 1), workspace=tmp_path / "none")
    assert made_sources(settings.workspace) == []
    with pytest.raises(NothingMadeError, match="'heating run --source embedded' makes them"):
        open_last(settings)
    assert not settings.workspace.exists()


def test_a_step_that_is_not_whole_or_was_damaged(ran, tmp_path):
    import shutil

    settings, _ = ran
    copy = Settings(today=settings.today, workspace=tmp_path / "copy")
    shutil.copytree(settings.workspace, copy.workspace)
    (copy.workspace / "5_answers" / "own_town" / "answers.parquet").write_bytes(b"PAR1")
    with pytest.raises(WorkspaceError, match="changed or damaged"):
        _ = open_last(copy, "own_town").answers.value
    (copy.workspace / "3_features" / "own_town" / "step.json").unlink()
    with pytest.raises(NothingMadeError, match="is not whole"):
        open_last(copy, "own_town")
