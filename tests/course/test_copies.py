"""A learner's copy is taken once, marked as it stands, and never thrown away."""

import json

import pytest

from case_heating.errors import NothingMadeError, WorkspaceError
from course import copies, notebooks
from course.copies import copy_path, mark_copy, put_back, take_copy
from course.progress import read_answers


@pytest.fixture
def lesson(write_lesson, tmp_path, monkeypatch):
    """The small lesson, with its notebook in a folder that the copies are taken from."""
    made = write_lesson()
    path = tmp_path / "made" / "level_0" / "05_adding_up.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(notebooks.learners_notebook(made, {}), encoding="utf-8")
    monkeypatch.setattr(copies, "notebook_path", lambda _lesson: path)
    return made


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_untouched_copy_is_not_begun_a_mistake_gets_its_hint_and_a_solved_one_is_right(lesson, tmp_path):
    folder = tmp_path / "course"
    copy = take_copy(lesson, folder)
    marked = mark_copy(lesson, folder)
    assert [verdict.words for verdict in marked.verdicts.values()] == ["Not begun: its cell is as you were given it."]
    assert read_answers(folder) == {}
    change(copy, "total = parts[0]", "total = parts[0] * 1")
    marked = mark_copy(lesson, folder)
    assert [verdict.words for verdict in marked.verdicts.values()] == ["You take the first alone."]
    assert not marked.all_right
    change(copy, "total = parts[0] * 1", "total = parts[0] + parts[1]")
    marked = mark_copy(lesson, folder)
    assert marked.verdicts["total"].words == "Right: 5. That is all of them."
    assert marked.all_right
    assert marked.stopped == []
    assert read_answers(folder) == {"05": {"total": {"right": 1, "tries": 2}}}


def test_a_cell_that_stops_is_told_and_the_rest_goes_on(lesson, tmp_path):
    copy = take_copy(lesson, tmp_path)
    change(copy, "total = parts[0]", "%time\\ntotal = parts[0] / 0")
    marked = mark_copy(lesson, tmp_path)
    assert marked.stopped == [
        "code cell 3 stops with ZeroDivisionError: division by zero",
        "code cell 5 stops with NameError: name 'total' is not defined",
    ]
    assert marked.verdicts["total"].words.startswith("There is no `total` yet")


def test_a_check_whose_cells_are_gone_still_says_so(lesson, tmp_path):
    copy = take_copy(lesson, tmp_path)
    notebook = json.loads(copy.read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    copy.write_text(json.dumps(notebook))
    assert mark_copy(lesson, tmp_path).verdicts["total"].words.startswith("It cannot be marked: name 'parts'")


def test_work_is_kept_when_a_lesson_is_taken_again_or_put_back(lesson, tmp_path):
    copy = take_copy(lesson, tmp_path)
    change(copy, "two parts", "my parts")
    assert "my parts" in take_copy(lesson, tmp_path).read_text(encoding="utf-8")
    mark_copy(lesson, tmp_path)
    former = put_back(lesson, tmp_path)
    assert former is not None
    assert "my parts" in former.read_text(encoding="utf-8")
    assert "two parts" in copy.read_text(encoding="utf-8")
    assert read_answers(tmp_path) == {}
    again = put_back(lesson, tmp_path)
    assert again is not None
    assert again.name != former.name


@pytest.mark.parametrize("may_link", [True, False])
def test_links_of_a_copy_lead_to_the_projects_files(lesson, tmp_path, monkeypatch, may_link):
    if not may_link:

        def refuse(*_, **__):
            raise OSError("a privilege is not held")

        monkeypatch.setattr(copies.Path, "symlink_to", refuse)
    copy = take_copy(lesson, tmp_path)
    link = copy.read_text(encoding="utf-8").split("](")[1].split(")")[0]
    assert (copy.parent / link).is_file()
    assert link.startswith("project/") is may_link


def test_what_cannot_be_marked_is_told_in_words(lesson, tmp_path):
    with pytest.raises(NothingMadeError, match="'heating course open 05' makes it"):
        mark_copy(lesson, tmp_path)
    take_copy(lesson, tmp_path).write_text("{}")
    with pytest.raises(WorkspaceError, match="is no notebook"):
        mark_copy(lesson, tmp_path)
    assert copy_path(lesson, tmp_path).exists()
