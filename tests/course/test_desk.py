"""What a notebook works with: marks go into the progress, practice harms nothing, real homes may be absent."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from case_heating.errors import SourceError
from case_heating.settings import Settings
from course import desk
from course.place import course_folder
from course.progress import read_answers


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.delenv("HEATING_DATA_DIR", raising=False)


def test_an_answer_is_marked_by_the_notebooks_own_names_and_noted(write_lesson, monkeypatch, capsys):
    lesson = write_lesson()
    monkeypatch.setattr(desk, "find_lesson", lambda _number: lesson)
    notebook = {"parts": [1, 4], "total": 1}
    exec("from course.desk import check\ncheck('05', 'total')\ntotal = 5\ncheck('05', 'total')", notebook)
    assert capsys.readouterr().out == "You take the first alone.\nRight: 5. That is all of them.\n"
    assert read_answers(course_folder()) == {"05": {"total": {"right": 1, "tries": 2}}}


def test_what_was_run_as_it_was_given_is_not_begun_whatever_was_tried_before(write_lesson, monkeypatch, capsys):
    lesson = write_lesson()
    monkeypatch.setattr(desk, "find_lesson", lambda _number: lesson)
    given, tried = "# Exercise 1: total\ntotal = parts[0]\n", "# Exercise 1: total\ntotal = 1  # mine\n"
    notebook = {"parts": [1, 4], "total": 1, "In": ["", "parts = [1, 4]", given]}
    exec("from course.desk import check\ncheck('05', 'total')", notebook)
    assert capsys.readouterr().out == "Not begun: its cell is as you were given it.\n"
    assert read_answers(course_folder()) == {}
    notebook["In"] += [tried]
    exec("check('05', 'total')", notebook)
    assert capsys.readouterr().out == "You take the first alone.\n"
    exec("total = 5\ncheck('05', 'total')", notebook | {"In": ["", given, "total = 5"]})  # answered in another cell
    assert capsys.readouterr().out == "Right: 5. That is all of them.\n"


def test_a_computed_question_is_asked_with_the_notebooks_own_names(write_lesson, monkeypatch):
    lesson = write_lesson()
    monkeypatch.setattr(desk, "find_lesson", lambda _number: lesson)
    notebook = {"parts": [1, 4, 9]}
    exec("from course.desk import quiz\nasked = quiz('05', 2)", notebook)
    assert notebook["asked"].right == "3"


def test_practice_is_a_copy_that_begins_anew_each_time(tmp_path):
    place = tmp_path / "kept"
    place.mkdir()
    (place / "file").write_text("as it was")
    opened = desk.Opened("embedded", replace(Settings.from_env(), workspace=place), *([None] * 4))
    for _ in range(2):
        copy = desk.practice(opened, "13").settings.workspace
        assert (copy / "file").read_text() == "as it was"
        assert not (copy / "more").exists()
        (copy / "file").write_text("broken")
        (copy / "more").write_text("")
    assert (place / "file").read_text() == "as it was"
    assert opened.settings.workspace == place


def test_without_real_homes_a_lesson_goes_on_and_says_so(capsys):
    assert desk.real("recs2015") is None
    assert "heating data fetch recs2015" in capsys.readouterr().out
    assert desk.real_files() == {}
    with pytest.raises(SourceError, match="no real homes 'recs1978'; there are recs2009, recs2015"):
        desk.real("recs1978")


def test_real_homes_are_found_where_they_were_put_or_fetched_to(tmp_path, monkeypatch):
    fetched = tmp_path / "work" / "0_downloads"
    fetched.mkdir(parents=True)
    (fetched / "recs2009_public.csv").write_text("")
    put = tmp_path / "put"
    put.mkdir()
    (put / "recs2015_public_v4.csv").write_text("")
    monkeypatch.setenv("HEATING_DATA_DIR", str(put))
    assert desk.real_files() == {
        "recs2009": fetched / "recs2009_public.csv",
        "recs2015": put / "recs2015_public_v4.csv",
    }


def test_what_two_want_at_once_is_made_by_one_while_the_other_waits():
    doing: list[str] = []

    def make(name: str) -> None:
        with desk._waiting("shared", "what both want"):
            doing.append(f"{name} begins")
            time.sleep(0.05)
            doing.append(f"{name} ends")

    threads = [threading.Thread(target=make, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [words.split()[1] for words in doing] == ["begins", "ends", "begins", "ends"]


def test_level_1_is_made_anew_when_the_code_that_made_it_changed(tmp_path, monkeypatch):
    utility = tmp_path / "utility"
    utility.mkdir()
    opened = SimpleNamespace(stamp="a", settings=replace(Settings.from_env(), workspace=utility))
    made: list[Path] = []
    monkeypatch.setattr(desk, "open_utility", lambda: opened)
    monkeypatch.setattr(desk, "replace", lambda one, **changes: changes or one)
    monkeypatch.setattr(desk, "_settings", lambda place, _source: SimpleNamespace(workspace=place))
    monkeypatch.setattr(desk, "_live_on", lambda settings, _tell: made.append(settings.workspace))
    desk.open_continuous()
    desk.open_continuous()
    assert len(made) == 1
    opened.stamp = "b"
    monkeypatch.setenv("HEATING_COURSE", "kept")
    desk.open_continuous()
    assert len(made) == 1  # an author takes it as it was made
    monkeypatch.delenv("HEATING_COURSE")
    desk.open_continuous()
    assert len(made) == 2
