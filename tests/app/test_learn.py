"""The course's map: where a learner is, what comes next, one lesson named by a link, and no course at all."""

import pytest

from case_heating.edges.app import learn
from course.lesson import find_lesson, lesson_paths, read_lesson
from course.progress import note_answer
from course.syllabus import read_syllabus


def do(workspace, number: str, *, all_of_it: bool = True) -> None:
    exercises = find_lesson(number).exercises
    for name in exercises if all_of_it else exercises[:1]:
        note_answer(workspace / "course", number, name, right=True)


def test_who_has_not_begun_is_led_to_the_first_lesson(visit, tmp_path, words_of):
    at = visit("learn", tmp_path)
    assert "**Next: 00 · Set-up and the map**" in words_of(at)
    assert at.code[0].value == "heating course open 00"
    assert [one.value for one in at.subheader] == [title for title, _ in learn.LEVELS.values()]
    listed = [one.label.replace("\\", "")[:2] for one in at.expander][1:]
    assert listed == [entry.number for entry in read_syllabus(tmp_path / "course")]
    assert not (tmp_path / "course").exists()  # looking leaves no trace


def test_progress_is_counted_and_the_next_lesson_is_named(visit, tmp_path, words_of):
    (tmp_path / "course").mkdir()
    do(tmp_path, "00")
    do(tmp_path, "01", all_of_it=False)
    said = words_of(visit("learn", tmp_path))
    assert f"Your way: 1 of {len(lesson_paths())} lessons" in said
    assert "Go on with: 01" in said
    assert "min · done" in said
    assert f"1 of {len(find_lesson('01').exercises)} right" in said


def test_all_done(visit, tmp_path, words_of):
    (tmp_path / "course").mkdir()
    for path in lesson_paths():
        do(tmp_path, read_lesson(path).number)
    assert "All lessons that are there are done." in words_of(visit("learn", tmp_path))


def test_a_link_opens_one_lesson_with_objectives_modules_and_its_page(visit, tmp_path, words_of):
    at = visit("learn", tmp_path, lesson="3")
    lesson = find_lesson("03")
    assert at.subheader[0].value.replace("\\", "") == f"03 · {lesson.title}"
    said = words_of(at)
    assert all(one in said for one in lesson.objectives)
    assert "`case_heating/model/ladder.py`" in said
    assert "See it at work: The ladder" in said
    assert at.code[0].value == "heating course open 03"


def test_a_planned_lesson_has_objectives_and_no_command(visit, tmp_path, words_of):
    at = visit("learn", tmp_path, lesson="21")
    assert at.subheader[0].value == "21 · A push that ships"
    assert "Planned: it comes with the code it teaches." in words_of(at)
    assert "heating course open 21" not in [one.value for one in at.code]


@pytest.mark.parametrize("asked", ["99", "<b>x</b>", "x" * 3000])
def test_a_lesson_that_is_not_there_is_told(visit, tmp_path, asked):
    at = visit("learn", tmp_path, lesson=asked)
    assert "There is no lesson" in at.warning[0].value
    assert len(at.warning[0].value) < 400


def test_without_the_course_it_says_how_to_get_it(visit, tmp_path, words_of, monkeypatch):
    monkeypatch.setattr(learn, "find_spec", lambda _name: None)
    at = visit("learn", tmp_path)
    assert "The course is not installed." in words_of(at)
    assert ".[course]" in at.code[0].value
    assert not at.subheader


def test_damaged_progress_is_told_in_words(visit, tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "progress.json").write_text("no json")
    assert "delete it to begin the course anew" in visit("learn", tmp_path).error[0].value


def test_every_page_of_the_app_is_shown_by_a_lesson_that_is_in_the_syllabus():
    from case_heating.edges.app.main import PAGES

    assert set(PAGES) - {"learn"} == {page for page, _ in learn.SHOWN_ON.values()}
    assert all(PAGES[page][0] == title for page, title in learn.SHOWN_ON.values())
