"""Your data on the page: from files to answers, each state, and what must not be possible."""

import io

import pandas as pd
import pytest

from case_heating.data import uploads
from case_heating.data.draft_upload import draft_upload, keep_work, read_work
from case_heating.data.map_text import take_text
from case_heating.data.uploads import add_file, begin_upload, uploads_of
from case_heating.edges.app import jobs, upload_jobs
from case_heating.errors import BusyError
from case_heating.own_answers import read_answers
from case_heating.own_check import check_upload, read_checked

ACCOUNTS = b"premise,town,yr_built,area,htg_cd,colour\n17,Salem,1962,1500,1,red\n18,Salem,1990,2100,4,blue\n"


pytestmark = pytest.mark.usefixtures("work_at_once")


@pytest.fixture
def workspace(own_copy, small_workspace):
    return own_copy(small_workspace)


@pytest.fixture(scope="module")
def town_files(write_town, tmp_path_factory):
    mapping = write_town(tmp_path_factory.mktemp("town"))
    files = {f"{name}.csv": (mapping.parent / f"{name}.csv").read_bytes() for name in ("homes", "bills", "survey")}
    return files, mapping.read_text()


def hand_in(workspace, files, *, by="ana", mapping=None):
    upload = begin_upload(workspace, by=by, at=1.0)
    for name, content in files.items():
        upload = add_file(upload, name, io.BytesIO(content))
    work = draft_upload(upload, lambda *_: None)
    if mapping is not None:
        keep_work(upload, take_text(work, mapping))
    return upload


def button(at, label):
    return next(one for one in at.button if one.label == label)


def press(at, label):
    at = button(at, label).click().run()
    assert not at.exception, at.exception[0]
    return at


def test_the_beginning_offers_files_and_an_example(visit, small_workspace, words_of):
    at = visit("your_data", small_workspace)
    said = words_of(at)
    assert "Hand in files" in said
    assert "nothing in them is ever run" in said
    assert len(at.get("download_button")) == 2
    assert "Handed in before" not in said


def test_files_that_are_handed_in_are_looked_at_and_found_again(visit, workspace, words_of):
    at = visit("your_data", workspace)
    at.file_uploader[0].set_value([("../../accounts.csv", ACCOUNTS, "text/csv")]).run()
    assert not at.exception, at.exception[0]
    (upload,) = uploads_of(workspace, "ana")
    assert [file.name for file in upload.files] == ["accounts.csv"]
    assert at.query_params["upload"] == upload.id
    assert "2 questions wait for your word" in words_of(at)
    again = visit("your_data", workspace, upload=upload.id)
    assert "2 questions wait for your word" in words_of(again)
    assert list(again.dataframe[0].value["becomes"]) == ["home_id", "place_id", "year_built"]
    assert list(again.dataframe[0].value["row 2"]) == ["18", "Salem", "1990"]


def test_questions_are_answered(visit, workspace, words_of):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    at = visit("your_data", workspace, upload=upload.id)
    taken = [one for one in at.button if one.label == "Take it"]
    assert [one.disabled for one in taken] == [True, True]  # which unit, and which fuels, nobody has said
    at = at.radio[0].set_value(1).run()
    at = next(one for one in at.button if one.label == "Take it").click().run()
    assert read_work(upload).tables[0]["columns"]["floor_area_sqft"] == {"column": "area", "unit": "m²"}
    at.selectbox(key="q_1_heating_fuel_htg_cd_code_1").set_value("gas").run()
    assert button(at, "Take it").disabled
    at.selectbox(key="q_1_heating_fuel_htg_cd_code_4").set_value("no value").run()
    at = press(at, "Take it")
    assert read_work(upload).tables[1]["columns"]["heating_fuel"] == {
        "column": "htg_cd",
        "codes": {"1": "gas", "4": ""},
    }
    assert "for your word" not in words_of(at)


def test_a_question_may_be_left_out(visit, workspace):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    press(visit("your_data", workspace, upload=upload.id), "Leave it out")
    work = read_work(upload)
    assert [question.target for question in work.questions] == ["heating_fuel"]
    assert "floor_area_sqft" not in work.tables[0]["columns"]


def test_a_column_is_corrected(visit, workspace):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    at = visit("your_data", workspace, upload=upload.id)
    key = f"fix_{upload.id}_0"
    at.selectbox(key=f"{key}_target").set_value("district").run()
    at.selectbox(key=f"{key}_district_column").set_value("colour").run()
    at = at.button(key=f"{key}_district_apply").click().run()
    assert read_work(upload).tables[0]["columns"]["district"] == {"column": "colour"}
    at.selectbox(key=f"{key}_target").set_value("year_built").run()
    at.radio(key=f"{key}_year_built_from").set_value("nothing: leave it out").run()
    at.button(key=f"{key}_year_built_apply").click().run()
    assert "year_built" not in read_work(upload).tables[0]["columns"]
    at.selectbox(key=f"{key}_target").set_value("solar").run()
    at.radio(key=f"{key}_solar_from").set_value("the same for all rows").run()
    at.selectbox(key=f"{key}_solar_value").set_value("false").run()
    at.button(key=f"{key}_solar_apply").click().run()
    assert read_work(upload).tables[0]["columns"]["solar"] == {"value": False}


@pytest.mark.parametrize(
    ("target", "boxes", "entry"),
    [
        ("floor_area_sqft", {"column": "area", "unit": "m²"}, {"column": "area", "unit": "m²"}),
        (
            "dwelling_type",
            {"column": "colour", "colour_code_red": "mobile_home", "colour_code_blue": "no value"},
            {"column": "colour", "codes": {"red": "mobile_home", "blue": ""}},
        ),
    ],
)
def test_units_and_codes_of_a_column_are_said(visit, workspace, target, boxes, entry):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    at = visit("your_data", workspace, upload=upload.id)
    key = f"fix_{upload.id}_0"
    at.selectbox(key=f"{key}_target").set_value(target).run()
    for name, value in boxes.items():
        at.selectbox(key=f"{key}_{target}_{name}").set_value(value).run()
    at.button(key=f"{key}_{target}_apply").click().run()
    assert read_work(upload).tables[0]["columns"][target] == entry


def test_bills_are_corrected_with_their_days_and_a_unit_of_each_fuel(visit, workspace):
    bills = b"premise,service,read_date,used\n17,E,01/31/2024,812\n17,G,01/31/2024,95\n"
    upload = hand_in(workspace, {"bills.csv": bills})
    at = visit("your_data", workspace, upload=upload.id)
    key = f"fix_{upload.id}_0"

    def say(target, **boxes):
        at.selectbox(key=f"{key}_target").set_value(target).run()
        for name, value in boxes.items():
            at.selectbox(key=f"{key}_{target}_{name}").set_value(value).run()

    say("fuel", column="service", service_code_E="electricity", service_code_G="gas")
    at.button(key=f"{key}_fuel_apply").click().run()
    say("usage", column="used", unit_gas="CCF")
    at.button(key=f"{key}_usage_apply").click().run()
    say("end", column="read_date", format="%m/%d/%Y")
    at.checkbox(key=f"{key}_end_inclusive").check().run()
    at.button(key=f"{key}_end_apply").click().run()
    say("days")
    at.radio(key=f"{key}_days_from").set_value("the same for all rows").run()
    at.number_input(key=f"{key}_days_value").set_value(31).run()
    at.button(key=f"{key}_days_apply").click().run()
    columns = read_work(upload).tables[0]["columns"]
    assert columns["usage"] == {"column": "used", "unit": {"electricity": "kWh", "gas": "CCF"}}
    assert columns["end"] == {"column": "read_date", "format": "%m/%d/%Y", "inclusive": True}
    assert columns["days"] == {"value": 31}


def test_the_text_is_taken_or_refused_in_words(visit, workspace, town_files, words_of):
    files, mapping = town_files
    upload = hand_in(workspace, files)
    at = visit("your_data", workspace, upload=upload.id)
    at.text_area[0].set_value(mapping.replace('"bills.csv"', '"/etc/passwd"'))
    at = press(at, "Take this text")
    assert "'/etc/passwd' is none of the files you handed in" in words_of(at)
    at.text_area[0].set_value(mapping)
    press(at, "Take this text")
    assert [table["name"] for table in read_work(upload).tables] == ["homes", "bills", "labels"]


def test_tables_are_begun_and_left_out(visit, workspace):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    at = visit("your_data", workspace, upload=upload.id)
    at = at.button(key="without_1").click().run()
    assert [table["name"] for table in read_work(upload).tables] == ["homes"]
    press(at, "Begin it")
    assert [table["name"] for table in read_work(upload).tables] == ["homes", "homes"]


def test_from_check_to_answers(visit, workspace, town_files, words_of):
    files, mapping = town_files
    broken = pd.read_csv(io.BytesIO(files["bills.csv"]), dtype="str")
    broken.loc[0, "kwh"] = "about 400"
    upload = hand_in(workspace, files | {"bills.csv": broken.to_csv(index=False).encode()}, mapping=mapping)
    at = press(visit("your_data", workspace, upload=upload.id), "Check the files")
    checked = read_checked(upload)
    metrics = {one.label: one.value for one in at.metric}
    assert metrics["Homes"] == "300"
    assert metrics["Rows refused"] == "1"
    assert metrics["Homes whose fuel you know"] == f"{checked.n_gas + checked.n_electricity}"
    faults = next(one.value for one in at.dataframe if "why" in one.value and "the first" in one.value)
    assert faults["the first"].tolist() == ["home a000, 2023-01, about 400"]
    assert "The data reach the stage “Electricity bill”. The next, “Weather”, needs" in words_of(at)
    at = press(at, "Answer for my homes")
    assert "300 homes were answered by the model of embedded, stage “Electricity bill”." in words_of(at)
    assert read_answers(upload).n_homes == 300
    offered = {one.label for one in at.get("download_button")}
    assert {"Download answers.csv", "Download answers.xlsx", "Download refused_bills.csv"} <= offered
    again = visit("your_data", workspace, upload=upload.id)
    assert "300 homes were answered" in words_of(again)


def test_a_changed_mapping_asks_for_a_new_check(visit, workspace, town_files, words_of, settings_of):
    files, mapping = town_files
    upload = hand_in(workspace, files, mapping=mapping)
    check_upload(upload, read_work(upload), settings_of(workspace), lambda *_: None)
    keep_work(upload, take_text(read_work(upload), mapping.replace('district = "district"\n', "")))
    said = words_of(visit("your_data", workspace, upload=upload.id))
    assert "have changed since the last check" in said
    assert "3 · Answers" not in said


def test_a_mapping_that_is_not_finished_says_what_it_needs(visit, workspace, words_of):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    said = words_of(visit("your_data", workspace, upload=upload.id))
    assert "Before they can be checked, say what heating_fuel, event_time of labels come from." in said
    assert "Check the files" not in said


def test_a_model_of_ones_own_becomes_a_source(visit, workspace, town_files, words_of, settings_of):
    files, mapping = town_files
    upload = hand_in(workspace, files, mapping=mapping)
    check_upload(upload, read_work(upload), settings_of(workspace), lambda *_: None)
    for role in ("viewer", "reviewer"):
        at = visit("your_data", workspace, role=role, upload=upload.id)
        assert "Only admin may do this" in words_of(at)
        assert "Make a model of my own" not in words_of(at)
    source = upload_jobs.source_of(upload, read_work(upload))
    (workspace / "5_answers" / source).mkdir()
    (workspace / "5_answers" / source / "step.json").write_text("{}")
    at = visit("your_data", workspace, upload=upload.id)
    assert f"It is there as the source {source}." in words_of(at)
    assert button(at, "Do it again")
    at.button(key=f"delete_{upload.id}").click().run()
    assert not (workspace / "5_answers" / source).exists()
    assert uploads_of(workspace, "ana") == ()


def test_too_few_labels_are_told(visit, workspace, town_files, words_of, settings_of):
    files, mapping = town_files
    few = b"\n".join(files["survey.csv"].splitlines()[:20]) + b"\n"
    upload = hand_in(workspace, files | {"survey.csv": few}, mapping=mapping)
    check_upload(upload, read_work(upload), settings_of(workspace), lambda *_: None)
    said = words_of(visit("your_data", workspace, upload=upload.id))
    assert "a run needs at least 60 homes known to heat with gas or electricity" in said
    assert "Make a model of my own" not in said


def test_a_broken_file_is_said_and_may_be_opened_otherwise(visit, workspace, words_of):
    at = visit("your_data", workspace)
    text = "premise;town;yr_built\n17;Chèvremont;1962\n".encode("cp1252")
    at = at.file_uploader[0].set_value([("accounts.csv", text, "text/csv")]).run()
    assert "Looking at your files failed: accounts.csv is not UTF-8" in words_of(at)
    next(one for one in at.selectbox if one.label == "Letters are written in").set_value("cp1252")
    at = press(at, "Open it so")
    assert "1 · How your files are understood" in words_of(at)
    assert "Chèvremont" in at.dataframe[0].value["row 1"].tolist()


def test_what_cannot_be_kept_is_said(visit, workspace, words_of, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_A_PERSON", 10)
    at = visit("your_data", workspace)
    at = at.file_uploader[0].set_value([("accounts.csv", ACCOUNTS, "text/csv")]).run()
    assert "Accounts.csv does not fit" in words_of(at)
    assert uploads_of(workspace, "ana") == ()


def test_nobody_sees_the_files_of_others(visit, workspace, words_of):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS}, by="bob")
    for name in (upload.id, "../../etc", "0" * 16):
        at = visit("your_data", workspace, upload=name)
        said = words_of(at)
        assert "There is no such upload of yours" in said
        assert "accounts.csv" not in said
        assert "upload" not in at.query_params


def test_earlier_ones_are_listed_opened_and_deleted(visit, workspace, words_of):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    other = hand_in(workspace, {"[click](http://x).csv": ACCOUNTS})
    at = visit("your_data", workspace)
    assert "Handed in before" in words_of(at)
    at.button(key=f"delete_{other.id}").click().run()
    assert uploads_of(workspace, "ana") == (upload,)
    at = at.button(key=f"open_{upload.id}").click().run()
    assert at.query_params["upload"] == upload.id
    at = press(at, "Take out")
    assert "1 · How your files" not in words_of(at)
    at = press(at, "Other files")
    assert "Handed in before" in words_of(at)


def test_work_that_cannot_start_now_is_said(visit, workspace, words_of, monkeypatch):
    upload = hand_in(workspace, {"accounts.csv": ACCOUNTS})
    (upload.folder / "work.json").unlink()

    def busy(*_args, **_options):
        raise BusyError("2 other files are being worked on; try again in a minute")

    monkeypatch.setattr(jobs, "start", busy)
    at = press(visit("your_data", workspace, upload=upload.id), "Look at the files")
    assert "2 other files are being worked on; try again in a minute." in words_of(at)


def test_without_any_model_only_answers_are_lacking(visit, tmp_path, town_files, words_of, settings_of):
    files, mapping = town_files
    upload = hand_in(tmp_path / "new", files, mapping=mapping)
    check_upload(upload, read_work(upload), settings_of(tmp_path / "new"), lambda *_: None)
    said = words_of(visit("your_data", tmp_path / "new", upload=upload.id))
    assert "No model was made yet" in said
    assert "Make a model of my own" in said


def test_files_that_say_nothing_offer_a_beginning(visit, workspace, words_of):
    upload = hand_in(workspace, {"odd.csv": b"x1,x2\n1,2\n3,4\n"})
    said = words_of(visit("your_data", workspace, upload=upload.id))
    assert "Nothing in these files reads like a list of homes" in said
    assert "Begin it" in said
