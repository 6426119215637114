"""Progress: once right stays right, only exercises that are there count, a damaged file is told."""

import pytest

from case_heating.errors import WorkspaceError
from course.progress import Standing, forget, note_answer, read_answers, standing
from course.syllabus import planned_lessons, read_syllabus


def test_once_right_stays_right_and_tries_are_counted(tmp_path, write_lesson):
    lesson = write_lesson()
    assert standing(read_answers(tmp_path), lesson) == Standing(0, 1, 0)
    assert Standing(0, 1, 0).words == "not begun"
    note_answer(tmp_path, "05", "total", right=False)
    assert standing(read_answers(tmp_path), lesson).words == "0 of 1 right"
    note_answer(tmp_path, "05", "total", right=True)
    note_answer(tmp_path, "05", "total", right=False)
    note_answer(tmp_path, "05", "an exercise of a former edition", right=True)
    assert standing(read_answers(tmp_path), lesson) == Standing(1, 1, 3)
    assert standing(read_answers(tmp_path), lesson).words == "done"
    forget(tmp_path, "05")
    assert read_answers(tmp_path) == {}


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "progress.json").write_text("[]")
    with pytest.raises(WorkspaceError, match="delete it to begin the course anew"):
        read_answers(tmp_path)


def test_the_syllabus_lists_each_number_once_in_order_with_objectives_of_what_is_planned(tmp_path):
    entries = read_syllabus(tmp_path)
    numbers = [entry.number for entry in entries]
    assert numbers == sorted(set(numbers))
    assert all(45 <= entry.minutes <= 90 for entry in entries)
    assert {entry.number for entry in planned_lessons()} == {"18", "19", "20", "21", "22", "23"}
    assert all(len(entry.objectives) >= 3 for entry in entries if entry.is_planned)
