"""The course on the command line: the list, a copy to work in, its marks, a new beginning."""

import json
import sys

import pytest
from typer.testing import CliRunner

from case_heating.edges import cli_course
from case_heating.edges.cli import app
from course.lesson import find_lesson, lesson_paths

FIRST = lesson_paths()[0].name[:2]


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path / "work"))
    return lambda *words: CliRunner().invoke(app, ["course", *words])


def test_the_list_tells_level_minutes_and_progress(course):
    told = course()
    assert told.exit_code == 0
    assert find_lesson(FIRST).title.split(":")[0] in told.stdout
    entries = json.loads(course("--json").stdout)
    assert entries[0]["number"] == FIRST
    assert entries[0]["state"] == "not begun"
    assert entries[-1]["state"] == "planned"
    assert {"title", "level", "minutes", "objectives"} <= set(entries[0])


def test_a_lesson_without_a_copy_cannot_be_checked_and_the_words_tell_how(course):
    told = course("check", FIRST)
    assert told.exit_code == 2
    assert "heating course open" in " ".join(told.stderr.split())


def test_a_copy_is_made_and_begun_anew_without_losing_the_former(course, tmp_path):
    told = course("open", FIRST, "--copy-only")
    copy = told.stdout.strip()
    assert told.exit_code == 0
    assert str((tmp_path / "work" / "course").resolve()) in copy
    again = json.loads(course("reset", FIRST, "--json").stdout)
    assert again["former"].endswith(".former_1.ipynb")


def test_marks_are_told_and_the_exit_code_says_whether_all_is_right(course, monkeypatch):
    from course import copies
    from course.checks import Verdict

    marks = {"a": Verdict(True, "Right."), "b": Verdict(False, "Look [again].")}
    monkeypatch.setattr(copies, "mark_copy", lambda *_: copies.Marked(marks, ["code cell 3 stops"]))
    told = course("check", FIRST)
    assert told.exit_code == 1
    assert "Look [again]." in told.stdout
    assert "code cell 3 stops" in told.stdout
    assert json.loads(course("check", FIRST, "--json").stdout)["exercises"]["a"] == {"right": True, "words": "Right."}
    del marks["b"]
    assert course("check", FIRST).exit_code == 0


def test_jupyterlab_listens_on_this_computer_alone_and_asks_nobody_for_news(tmp_path):
    command = cli_course.jupyterlab_command(tmp_path / "02.ipynb", no_browser=True)
    assert {"--ServerApp.ip=127.0.0.1", "--LabApp.news_url=None", "--no-browser"} <= set(command)


def test_where_jupyterlab_is_missing_the_words_tell_how_to_get_it(course, monkeypatch):
    monkeypatch.setattr(cli_course.importlib.util, "find_spec", lambda _name: None)
    told = course("open", FIRST)
    assert told.exit_code == 2
    assert ".[course]" in " ".join(told.stderr.split())


def test_a_jupyterlab_that_does_not_start_is_told(course, monkeypatch):
    monkeypatch.setattr(cli_course.importlib.util, "find_spec", lambda _name: True)
    monkeypatch.setattr(
        cli_course, "jupyterlab_command", lambda *_, **__: [sys.executable, "-c", "raise SystemExit(3)"]
    )
    told = course("open", FIRST)
    assert told.exit_code == 2
    assert "JupyterLab ended with 3" in " ".join(told.stderr.split())


def test_no_lesson_of_that_number(course):
    assert course("check", "77").exit_code == 2


def test_an_organisation_is_assessed_from_a_file_or_by_asking(course, tmp_path):
    blank = tmp_path / "replies.toml"
    assert course("assess", "--blank", str(blank)).exit_code == 0
    assert course("assess", "--blank", str(blank)).exit_code == 2  # it may hold answers by now
    blank.write_text(blank.read_text(encoding="utf-8").replace('"no"', '"yes"'), encoding="utf-8")
    told = json.loads(course("assess", "--replies", str(blank), "--json").stdout)
    assert (told["reached"], told["next_steps"]) == (2, [])
    asked = CliRunner().invoke(app, ["course", "assess"], input="no\n" * 40)
    assert asked.exit_code == 0
    assert "No level stands yet." in asked.stdout


def test_where_nobody_can_answer_the_words_name_the_file_to_fill_in(course):
    told = CliRunner().invoke(app, ["course", "assess"], input="no\n")
    assert told.exit_code == 2
    assert "--replies" in " ".join(told.stderr.split())
