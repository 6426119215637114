"""Every lesson, tested like code: it runs, its exercises mark as they should, its words and links are sound.

The ordinary run reads every lesson and runs one; ``HEATING_COURSE=full``, as CI sets it, runs them all, measures their
figures on real homes where these are at hand, and keeps the solved notebooks, of which the book is made.
"""

import ast
import os
import re
from pathlib import Path

import pytest

from course.build import stale_notebooks
from course.desk import real_files
from course.figures import read_figures, stale_figures
from course.lesson import lesson_paths, read_lesson
from course.prose import WORDS, dead_links, own_words, prose_faults, texts_of
from course.quizzes import plain_quiz, quiz_cells
from course.run import run_lesson
from course.solved import keep_solved
from course.taught import left_out, modules_of, teaching_faults

ROOT = Path(__file__).parent.parent.parent
LESSONS = {path.name[:2]: path for path in lesson_paths()}
IS_FULL = os.environ.get("HEATING_COURSE") == "full"
RUN_AT_ALL_TIMES = ("02",)
MOST_LINES_SEEN, MOST_CODE_LINES = 280, 26
EXERCISES = range(3, 6)
QUESTIONS = range(3, 5)


@pytest.fixture(scope="module", autouse=True)
def workspace(tmp_path_factory):
    """One workspace for the lessons of a test run, whichever process runs them: what is made once is made once."""
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("HEATING_WORKSPACE"):
            base = tmp_path_factory.getbasetemp()
            shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
            patch.setenv("HEATING_WORKSPACE", str(shared / "course_workspace"))
        yield


@pytest.fixture(params=LESSONS)
def lesson(request):
    return read_lesson(LESSONS[request.param])


def code_lines(text):
    """Lines of a cell, its imports aside."""
    return sum(
        node.end_lineno - node.lineno + 1
        for node in ast.parse(text).body
        if not isinstance(node, (ast.Import, ast.ImportFrom))
    )


def test_a_lesson_runs_solved_fails_unsolved_and_hints_at_each_foreseen_mistake(lesson):
    if not IS_FULL and lesson.number not in RUN_AT_ALL_TIMES:
        pytest.skip("HEATING_COURSE=full runs every lesson")
    with_figures = IS_FULL and bool(real_files())
    run = run_lesson(lesson, with_figures=with_figures)
    assert "\n".join(run.faults) == ""
    assert run.planted >= 2 * len(lesson.exercises)
    figures = read_figures().get(lesson.number, {})
    if with_figures:
        assert stale_figures(figures, run.figures) == []
    if IS_FULL:
        keep_solved(run, figures)


def test_its_notebook_is_current(lesson):
    assert [words for words in stale_notebooks([lesson]) if lesson.path.name in words] == []


def test_its_words_are_known_and_its_links_lead_somewhere(lesson):
    assert "\n".join(prose_faults(lesson)) == ""


def test_it_is_as_long_and_as_full_as_a_lesson_should_be(lesson):
    kinds = [cell.kind for cell in lesson.cells]
    seen = [cell.text.count("\n") + 2 for cell in lesson.cells if cell.kind not in ("solution", "check", "figures")]
    assert sum(seen) <= MOST_LINES_SEEN
    assert kinds[0] == "markdown"
    assert lesson.cells[0].text.startswith(f"# {lesson.number} · ")
    assert kinds.count("exercise") in EXERCISES
    assert kinds.count("quiz") in QUESTIONS
    assert "predict" in kinds
    assert 45 <= lesson.minutes <= 90
    told = "\n".join(cell.text for cell in lesson.cells if cell.kind == "markdown")
    assert [part for part in ("recap", "in the package", "further reading") if part not in told.casefold()] == []
    long = {cell.line: code_lines(cell.text) for cell in lesson.cells if cell.kind in ("code", "exercise")}
    assert {line: lines for line, lines in long.items() if lines > MOST_CODE_LINES} == {}


def test_no_right_answer_is_told_by_its_length(lesson):
    for number in range(1, len(quiz_cells(lesson)) + 1):
        if (quiz := plain_quiz(lesson, number)) is None:
            continue
        longest = max(len(option) for option in quiz.options if option != quiz.right)
        assert len(quiz.right) <= 1.25 * longest, quiz.question
        assert len(quiz.options) >= 3, quiz.question


def test_it_imports_the_package_and_downloads_nothing(lesson):
    code = "\n".join(cell.text for cell in lesson.cells if cell.kind not in ("markdown", "predict"))
    assert "case_heating" in code or "course.desk" in code
    assert re.findall(r"\b(?:import requests|urllib|httpx|pip install|!wget|urlopen)\b", code) == []


def test_every_module_is_taught_or_left_out_for_a_reason():
    lessons = [read_lesson(path) for path in LESSONS.values()]
    assert "\n".join(teaching_faults(lessons, left_out(), modules_of())) == ""


def test_the_courses_own_words_are_in_use_and_in_order():
    words = WORDS.read_text(encoding="utf-8").split()
    assert words == sorted(set(words))
    used = {
        word.casefold().removesuffix("'s").removesuffix("’s")
        for path in LESSONS.values()
        for _, text in texts_of(read_lesson(path))
        for word in re.findall(r"[A-Za-zÀ-ÿ'’]+", text)
    }
    assert sorted(own_words() - used) == []


def test_the_readme_lists_every_lesson_with_its_time_and_leans_on_none_that_comes_later():
    readme = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) \| (.+) \| (\d+) \| .+ \| ([\d, ]*) ?\|$", readme, re.MULTILINE)
    lessons = [read_lesson(path) for path in LESSONS.values()]
    assert [row[:3] for row in rows] == [(one.number, one.title, str(one.minutes)) for one in lessons]
    assert [number for number, _, _, before in rows if any(one >= number for one in before.split(", ") if one)] == []


def test_links_of_the_courses_readme_lead_somewhere():
    readme = ROOT / "course" / "README.md"
    assert list(dead_links(readme.read_text(encoding="utf-8"), readme.parent)) == []
