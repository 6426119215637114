"""Somebody's own homes, answered by a model of another source."""

import openpyxl
import pandas as pd
import pytest

from case_heating import own_answers
from case_heating.data.draft_upload import draft_upload, keep_work
from case_heating.data.map_text import take_text
from case_heating.data.uploads import add_file, begin_upload
from case_heating.errors import NothingMadeError
from case_heating.kept import open_last
from case_heating.model.quality import Figure
from case_heating.own_answers import (
    OwnAnswers,
    OwnLabels,
    answer_files,
    answer_upload,
    answers_in_words,
    answers_key,
    hold_against,
    read_answer_table,
    read_answers,
    rung_for,
    sureness_table,
)
from case_heating.own_check import check_upload
from case_heating.people.reach import StageReach


def silent(_doing, _share):
    pass


@pytest.fixture
def checked_town(write_town, own_copy, small_workspace, settings_of, tmp_path):
    """The town's files, checked, in a workspace with the embedded utility's models."""
    workspace = own_copy(small_workspace)
    mapping = write_town(tmp_path / "town")
    upload = begin_upload(workspace, by="ann", at=1.0)
    for name in ("homes.csv", "bills.csv", "survey.csv"):
        with (mapping.parent / name).open("rb") as content:
            upload = add_file(upload, name, content)
    work = take_text(draft_upload(upload, silent), mapping.read_text())
    keep_work(upload, work)
    settings = settings_of(workspace)
    return upload, check_upload(upload, work, settings, silent), open_last(settings, "embedded")


def test_every_home_is_answered_by_the_model_its_data_reach(checked_town, monkeypatch):
    upload, checked, opened = checked_town
    monkeypatch.setattr(own_answers, "PART_HOMES", 128)
    assert read_answers(upload) is None
    found = answer_upload(upload, checked, opened, silent)
    assert (found.source, found.stage, found.n_homes) == ("embedded", "billing", 300)
    assert sum(n for own in found.sureness.values() for n in own.values()) == 300
    table = read_answer_table(upload)
    assert table.index.is_unique
    assert table["answer"].str.len().min() > 10
    assert read_answers(upload) == found
    assert found.key == answers_key(opened, checked)
    # the answers are those of the model itself
    features = pd.read_parquet(upload.folder / "checked/features.parquet")
    said = rung_for(opened, checked).model.probability_of_gas(features)
    assert (table["probability_of_gas"] - said).abs().max() < 1e-4


def test_own_labels_are_held_against_the_answers(checked_town):
    upload, checked, opened = checked_town
    found = answer_upload(upload, checked, opened, silent)
    table = read_answer_table(upload)
    known = table[table["known_fuel"].isin(["gas", "electricity"])]
    assert found.labels.n_homes == len(known) == checked.n_gas + checked.n_electricity
    assert found.labels.right.value == pytest.approx((known["heating_fuel"] == known["known_fuel"]).mean())


def test_files_for_a_spreadsheet_lie_beside(checked_town, monkeypatch):
    upload, checked, opened = checked_town
    answer_upload(upload, checked, opened, silent)
    assert [path.name for path in answer_files(upload)] == ["answers.csv", "answers.xlsx"]
    book = openpyxl.load_workbook(answer_files(upload)[1])
    assert book.sheetnames == ["answers", "about"]
    assert book["answers"].max_row == 301
    assert "answered by the model of embedded" in book["about"]["A2"].value
    monkeypatch.setattr(own_answers, "MOST_WORKBOOK_ROWS", 299)
    answer_upload(upload, checked, opened, silent)
    assert [path.name for path in answer_files(upload)] == ["answers.csv"]


def test_where_no_stage_fits_it_says_what_to_map(checked_town):
    _, checked, opened = checked_town
    none = type(checked)(**vars(checked) | {"reach": (StageReach("location", 0, 300, False),)})
    with pytest.raises(NothingMadeError, match="your data reach no stage, its models begin with location"):
        rung_for(opened, none)


def test_other_fuels_and_strangers_do_not_count():
    said = pd.Series(["gas", "gas", "electricity", "gas"], index=list("abcd"))
    known = pd.Series(["gas", "electricity", "electricity", "other", "gas"], index=["a", "b", "c", "d", "z"])
    found = hold_against(said, known)
    assert (found.n_homes, found.right.value, found.naive) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert hold_against(said, known[["d", "z"]]) is None


def test_the_surest_come_first():
    sureness = {"electricity": {"about 8 in 10": 3}, "gas": {"hardly more than a guess": 1, "almost certain": 2}}
    table = sureness_table(OwnAnswers("k", "embedded", "billing", Figure(0.8, 0.7, 0.9), 6, sureness, None))
    assert table.to_dict(orient="list") == {
        "sureness": ["almost certain", "about 8 in 10", "hardly more than a guess"],
        "fuel": ["gas", "electricity", "gas"],
        "homes": [2, 3, 1],
    }


def test_words_stand_beside_the_naive_answer():
    figure = Figure(0.81, 0.79, 0.83)
    labels = OwnLabels(100, Figure(0.7, 0.6, 0.78), 0.55)
    told = " ".join(answers_in_words(OwnAnswers("k", "embedded", "billing", figure, 300, {}, labels)))
    assert "Of 100 homes you know the fuel: 70.0 of 100 are answered right" in told
    assert "the commoner fuel of all would be right for 55.0 of 100" in told
    without = answers_in_words(OwnAnswers("k", "embedded", "billing", figure, 300, {}, None))
    assert without[-1].startswith("You know the fuel of none of them")
