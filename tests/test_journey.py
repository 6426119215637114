"""The main job from end to end on a town of 300 homes: what it leaves, what it reuses, and how it takes a blow."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from case_heating import journey
from case_heating.data.sources import find_source
from case_heating.errors import NotEnoughDataError, WorkspaceError
from case_heating.release.gate import PromotionDecision
from case_heating.release.registry import open_registry
from case_heating.settings import Settings
from case_heating.workspace import read_tables

AS_OF = date(2024, 3, 1)
STEPS = ("gather", "check", "describe", "learn", "answer", "tell")


def silent(_doing: str, _share: float) -> None:
    """Tell nobody."""


def small(mapping: Path, workspace: Path) -> Settings:
    return Settings(
        today=date(2024, 6, 1),
        as_of=AS_OF,
        source=str(mapping),
        workspace=workspace,
        folds=2,
        threads=1,
        min_labelled_homes=50,
        bootstrap_rounds=20,
    )


def reused(outcome: journey.Outcome) -> list[str]:
    return [name for name, step in outcome.steps.items() if step.reused]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


@pytest.fixture(scope="module")
def write_messy_town(write_town):
    """The town with three faulty bills and two answers that the utility learned of after AS_OF."""

    def write(folder: Path) -> Path:
        mapping = write_town(folder)
        bills = pd.read_csv(folder / "bills.csv", dtype="str")
        bills.loc[[3, 4], "kwh"] = ["about 400", "1e9"]
        bills.loc[5, "to"] = "2022-12-01"
        bills.to_csv(folder / "bills.csv", index=False)
        survey = pd.read_csv(folder / "survey.csv", dtype="str")
        survey.loc[[6, 7], "answered"] = "2024-04-01"
        survey.to_csv(folder / "survey.csv", index=False)
        return mapping

    return write


@pytest.fixture(scope="module")
def finished(write_messy_town, tmp_path_factory):
    """A finished run: its settings, what it gave and what it told on the way. Tests leave its files alone."""
    folder = tmp_path_factory.mktemp("finished")
    settings = small(write_messy_town(folder / "files"), folder / "workspace")
    told: list[tuple[str, float]] = []
    outcome = journey.run(settings, lambda doing, share: told.append((doing, share)))
    return settings, outcome, told


@pytest.fixture
def again(finished, tmp_path):
    """Settings for a copy of the finished run's workspace and files, to be changed at will."""
    settings = finished[0]
    shutil.copytree(settings.workspace, tmp_path / "workspace")
    shutil.copytree(Path(settings.source).parent, tmp_path / "files")
    return small(tmp_path / "files" / "mapping.toml", tmp_path / "workspace")


@pytest.fixture
def plain_report(monkeypatch):
    """A report without charts, where only the steps matter; charts take most of a small run's time."""
    monkeypatch.setattr(journey, "write_report", lambda _found, folder: (folder / "report.html").write_text("new"))


def test_a_run_leaves_all_it_promises(finished):
    settings, outcome, told = finished
    assert reused(outcome) == []
    left = set(contents(settings.workspace))
    assert {
        "workspace.json",
        "1_raw/own_town/homes.parquet",
        "2_trusted/own_town/tables/bills.parquet",
        "2_trusted/own_town/quarantine/bills.parquet",
        "2_trusted/own_town/data_docs/index.html",
        "3_features/own_town/features.parquet",
        "4_models/own_town/ladder.csv",
        "4_models/own_town/models/location/trees.txt",
        "4_models/own_town/models/billing/contract.json",
        "5_answers/own_town/answers.csv",
        "6_report/own_town/report.html",
        "6_report/own_town/summary.json",
        "6_report/own_town/plots/ladder.png",
        "6_report/own_town/plots/ladder.svg",
    } <= left
    assert hidden(settings.workspace) == []
    doing = list(dict.fromkeys(words for words, _ in told))
    assert [words for words in doing if not words.startswith(("checking", "looking", "parting", "reading"))] == [
        "checked",
        "describing the homes",
        "learning: location and dwelling",
        "learning: electricity bill",
        "answering",
        "learning what homes pay",
        "learning what each home uses",
        "writing the report",
    ]
    assert all(0 <= share <= 1 for _, share in told)


def test_the_planted_rule_is_learned_and_the_naive_answer_is_not(finished):
    ladder = finished[1].ladder.value
    assert [rung.stage for rung in ladder.rungs] == ["location", "billing"]
    billing = ladder["billing"].by_home
    assert billing.model["accuracy"].value > 0.85
    assert billing.rival["accuracy"].value < 0.65
    assert billing.gain["accuracy"].is_above_zero


def test_no_row_is_lost(finished):
    trusted = finished[1].trusted
    counts = trusted.value.counts
    assert counts.loc["bills"].to_list() == [300, 297, 3, 0]
    assert counts.loc["labels"].to_list() == [240, 238, 0, 2]
    assert counts.loc["homes"].to_list() == [300, 300, 0, 0]
    assert (counts["rows_in"] == counts[["valid", "quarantined", "not_yet_known"]].sum(axis=1)).all()
    on_disk = read_tables(trusted.folder / "quarantine")["bills"]
    assert on_disk["home_id"].to_list() == ["a003", "a004", "a005"]
    assert "about 400" in on_disk["usage"].to_list()
    assert on_disk["reasons"].str.startswith(("usage: ", "end: ")).all()
    told = json.loads((finished[1].report.folder / "summary.json").read_text())
    assert told["rows"]["bills"] == {"rows_in": 300, "valid": 297, "quarantined": 3, "not_yet_known": 0}


def test_every_home_is_answered_also_those_without_a_bill_or_a_label(finished):
    answers = pd.read_csv(finished[1].answers.folder / "answers.csv", dtype={"home_id": "str"})
    assert answers["home_id"].to_list() == [f"a{number:03}" for number in range(300)]
    assert answers["probability_of_gas"].between(0, 1).all()
    assert answers["seen"].notna().sum() == 238


def test_by_hand_the_same_rows_give_the_same_answers(finished):
    settings, outcome, _ = finished
    gathered = journey.gather(find_source(settings), silent)
    trusted = journey.check(gathered.tables, settings, silent)
    features = journey.describe(trusted.tables, trusted.as_of)
    ladder = journey.learn(trusted, features, settings, silent)
    answers = journey.answer(ladder, features, trusted)
    pd.testing.assert_frame_equal(answers, outcome.answers.value, check_exact=True)
    on_disk = pd.read_parquet(outcome.answers.folder / "answers.parquet")
    pd.testing.assert_frame_equal(answers, on_disk, check_exact=True)


def test_a_second_run_reuses_all_and_reads_no_table(finished, monkeypatch):
    def forbidden(*_args, **_options):
        raise AssertionError("nothing had changed")

    for name in ("gather", "check", "describe", "learn", "answer", "write_report"):
        monkeypatch.setattr(journey, name, forbidden)
    monkeypatch.setattr(pd, "read_parquet", forbidden)
    settings, first, _ = finished
    before = contents(settings.workspace)
    second = journey.run(settings)
    assert reused(second) == list(STEPS)
    assert contents(settings.workspace) == before
    assert second.report.folder == first.report.folder


def test_a_changed_file_is_read_again(again, plain_report):
    bills = Path(again.source).parent / "bills.csv"
    bills.write_text(bills.read_text().replace("about 400", "4000"))
    outcome = journey.run(again)
    assert reused(outcome) == []
    assert outcome.trusted.value.counts.loc["bills", "quarantined"] == 2


def test_where_the_rows_come_out_the_same_nothing_is_learned_again(again, plain_report):
    mapping = Path(again.source)
    mapping.write_text("# a remark\n" + mapping.read_text())
    assert reused(journey.run(again)) == ["describe", "learn", "answer"]
    tomorrow = replace(again, today=date(2024, 6, 2))
    assert reused(journey.run(tomorrow)) == ["gather", "describe", "learn", "answer"]


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ({"seed": 1}, ["gather", "check", "describe"]),
        ({"stage": "location"}, ["gather", "check", "describe"]),
        ({"as_of": date(2024, 4, 30)}, ["gather"]),
    ],
    ids=["seed", "stage", "as_of"],
)
def test_a_choice_makes_again_what_hangs_on_it(again, plain_report, choice, kept):
    assert reused(journey.run(replace(again, **choice))) == kept


def test_other_code_makes_again(again, plain_report, monkeypatch, tmp_path):
    (tmp_path / "model.py").write_text("# mended")
    monkeypatch.setattr(journey, "_CODE", [*journey._CODE, tmp_path / "model.py"])
    assert reused(journey.run(again)) == []


def test_what_the_gate_decides_makes_the_report_again_and_nothing_else(
    again, plain_report, monkeypatch, plant_rows, train_planted
):
    journey.run(again)
    told = []
    monkeypatch.setattr(
        journey,
        "write_report",
        lambda found, folder: (told.append(found.gate), (folder / "report.html").write_text("new")),
    )
    registry = open_registry(again.workspace / "registry")
    trained = train_planted(plant_rows(200, seed=1, day="2023-06-30"))
    trained = replace(trained, lineage=replace(trained.lineage, source=again.source))
    decision = PromotionDecision(True, ("good",), (), "the champion", 100)
    made = registry.record(trained, decision, because="a test", as_of=date(2024, 1, 31))
    early = [name for name in STEPS if name != "tell"]
    assert reused(journey.run(again)) == early
    registry.promote(made.version, because="a test", as_of=date(2024, 1, 31))
    assert reused(journey.run(again)) == early
    assert [(one.champion is None, one.last is None) for one in told] == [(True, False), (False, True)]
    assert reused(journey.run(again)) == list(STEPS)


def test_ctrl_c_while_learning_leaves_what_the_next_run_goes_on_from(write_town, tmp_path, plain_report):
    settings = small(write_town(tmp_path / "files"), tmp_path / "workspace")

    def stop(doing: str, _share: float) -> None:
        if doing == "learning: electricity bill":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journey.run(settings, stop)
    assert sorted(path.name for path in settings.workspace.iterdir()) == [
        "1_raw",
        "2_trusted",
        "3_features",
        "workspace.json",
    ]
    assert hidden(settings.workspace) == []
    outcome = journey.run(settings)
    assert reused(outcome) == ["gather", "check", "describe"]
    uninterrupted = journey.run(replace(settings, workspace=tmp_path / "another"))
    pd.testing.assert_frame_equal(outcome.answers.value, uninterrupted.answers.value, check_exact=True)


@pytest.mark.parametrize("blow", [RuntimeError, KeyboardInterrupt])
def test_a_blow_while_the_report_is_written_leaves_the_former_one(again, monkeypatch, blow):
    def half(_found, folder: Path) -> None:
        (folder / "report.html").write_text("half of")
        raise blow("made up")

    before = contents(again.workspace / "6_report")
    with monkeypatch.context() as patch:
        patch.setattr(journey, "write_report", half)
        with pytest.raises(blow, match="made up"):
            journey.run(replace(again, seed=1))
    assert contents(again.workspace / "6_report") == before
    assert hidden(again.workspace) == []
    monkeypatch.setattr(journey, "write_report", lambda _found, folder: (folder / "report.html").write_text("whole"))
    outcome = journey.run(replace(again, seed=1))
    assert reused(outcome) == ["gather", "check", "describe", "learn", "answer"]
    assert (outcome.report.folder / "report.html").read_text() == "whole"


def test_two_sources_live_in_one_workspace(again, plain_report, write_town, tmp_path):
    mapping = write_town(tmp_path / "village")
    mapping.write_text(mapping.read_text().replace('name = "town"', 'name = "village"'))
    village = replace(again, source=str(mapping))
    assert reused(journey.run(village)) == []
    assert sorted(path.name for path in (again.workspace / "6_report").iterdir()) == ["own_town", "own_village"]
    assert reused(journey.run(again)) == list(STEPS)
    assert reused(journey.run(village)) == list(STEPS)


def test_same_seed_same_bytes(finished, write_messy_town, tmp_path):
    first = finished[1]
    second = journey.run(small(write_messy_town(tmp_path / "files"), tmp_path / "workspace"))
    for one, other in ((first.answers, second.answers), (first.report, second.report), (first.ladder, second.ladder)):
        assert contents(one.folder) == contents(other.folder)


def test_a_step_that_was_tampered_with_is_named(again):
    (again.workspace / "3_features" / "own_town" / "features.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(WorkspaceError, match=r"3_features/own_town was changed or damaged .*delete it and run again"):
        journey.run(replace(again, seed=1))
    trees = again.workspace / "4_models" / "own_town" / "models" / "billing" / "trees.txt"
    trees.write_text(trees.read_text() + "\n")
    with pytest.raises(WorkspaceError, match=r"4_models/own_town was changed .*not those that were saved.*delete it"):
        _ = journey.run(again).ladder.value
    shutil.rmtree(again.workspace / "4_models" / "own_town")
    shutil.rmtree(again.workspace / "3_features" / "own_town")
    assert journey.run(again).ladder.value["billing"]


def test_looking_back_a_year_sees_what_was_known_then(finished):
    trusted, settings = finished[1].trusted.value, finished[0]
    assert journey.look_back(trusted, settings) is None  # on 2023-03-02 nobody had answered yet
    later = replace(trusted, as_of=date(2024, 12, 1))
    then = journey.look_back(later, settings)
    assert then.as_of == date(2023, 12, 2)
    assert len(then.is_gas) == (trusted.tables["labels"]["heating_fuel"] != "other").sum()
    assert then.features["kwh_year"].isna().all()  # the year's bill became known in January 2024


def test_a_model_meets_another_source(finished, write_town, tmp_path):
    mapping = write_town(tmp_path)
    met = journey.transfer(finished[0], replace(finished[0], source=str(mapping), as_of=None))
    assert [one.stage for one in met] == ["location", "billing"]
    assert met[-1].elsewhere.model["accuracy"].value > 0.85


def test_a_stage_that_is_not_reached_keeps_the_steps_before_it(again):
    with pytest.raises(NotEnoughDataError, match=r"'gas_bills' .*is not reached.* reach location, billing"):
        journey.run(replace(again, stage="gas_bills"))
    assert (again.workspace / "6_report" / "own_town" / "report.html").exists()
    assert hidden(again.workspace) == []


def test_the_report_of_a_run_tells_why_for_whom_and_who_decides(finished):
    """The small town tells no trait of its people, so of fairness nothing can be judged."""
    folder = finished[1].report.folder
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert [name for name in ("why", "fairness", "routing") if f'<section id="{name}">' not in page] == []
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert told["fairness"]["passed"] is None
    faithful = told["why"]["faithfulness"]
    assert sum(faithful["n_reasons"].values()) == faithful["n_homes"] > 0
    assert told["routing"]["n_homes"] == told["labelled_homes"]["gas"] + told["labelled_homes"]["electricity"]


def test_only_the_report_is_made_again_when_finance_edits_the_costs(again, plain_report):
    (again.workspace / "review_costs.toml").write_text(
        "gas_called_electric_usd = 50\nelectric_called_gas_usd = 50\nreview_usd = 1\n", encoding="utf-8"
    )
    outcome = journey.run(again)
    assert reused(outcome) == [*STEPS[:-1]]
    assert outcome.report.value.routing.costs.review_usd == 1


def test_nothing_is_looked_back_on_where_only_one_fuel_was_known(write_messy_town, tmp_path):
    settings = small(write_messy_town(tmp_path), tmp_path / "work")
    trusted = journey.check(journey.gather(find_source(settings), silent).tables, settings, silent)
    labels = trusted.tables["labels"].assign(known_at=pd.Timestamp("2020-01-01"), event_time=pd.Timestamp("2020-01-01"))
    both = replace(trusted, tables=trusted.tables | {"labels": labels})
    gas_alone = replace(trusted, tables=trusted.tables | {"labels": labels[labels["heating_fuel"] == "gas"]})
    assert journey.look_back(both, settings) is not None
    assert journey.look_back(gas_alone, replace(settings, min_labelled_homes=1)) is None
