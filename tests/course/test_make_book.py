"""The book: solutions hidden until asked for, links to its own pages, search, and nothing fetched from elsewhere."""

import json
import re

import pytest

from course.make_book import BookError, bind, lay_pages, page_of
from course.progress import Standing
from course.run import run_lesson
from course.solved import is_solved, keep_solved, solved_key
from course.syllabus import Entry, planned_lessons

REPORT = (
    '<figure><svg role="img" aria-label="Three of four are right" width="1"><g id="ladder-7_4-a"></g></svg></figure>'
)


@pytest.fixture
def folders(tmp_path):
    """Folders of solved notebooks, of a report, of pages and of the book."""
    report = tmp_path / "report"
    (report / "plots").mkdir(parents=True)
    (report / "report.html").write_text(REPORT)
    (report / "plots" / "ladder.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    return tmp_path / "solved", report, tmp_path / "pages", tmp_path / "book"


def test_a_lesson_becomes_a_page_with_its_code_and_its_search(write_lesson, folders):
    solved, report, pages, book = folders
    lesson = write_lesson(
        ("# See", "# The larger of $p$ and `$q$`, says nobody. See [the rooms](../../../case_heating/data) and")
    )
    keep_solved(run_lesson(lesson, with_figures=False), {}, solved)
    entry = Entry("05", "Adding up", 0, 45, standing=Standing(0, 1, 0), objectives=("add", "check a sum"))
    lay_pages(solved, [entry, *planned_lessons()], report, pages)
    bind(pages, book)
    html = (book / "level_0" / "05_adding_up.html").read_text(encoding="utf-8")
    assert "<math" in html
    assert "$q$" in html  # code is left alone
    assert "the rooms and" in re.sub(r"<[^>]+>", "", html)  # a folder has no page
    assert 'href="../sources/case_heating__schema_py.html"' in html
    assert html.index("Show the solution") < html.index(">sum<") < html.index("If you got something else")
    assert "You take the first alone." in html
    assert "<summary>yes</summary>" in html
    assert "HOMES" in (book / "sources" / "case_heating__schema_py.html").read_text(encoding="utf-8")
    level = (book / "level_0.html").read_text(encoding="utf-8")
    assert 'href="level_0/05_adding_up.html">05 · Adding up</a>' in level
    assert "<p>check a sum.</p>" in level
    start = (book / "index.html").read_text(encoding="utf-8")
    assert 'alt="Three of four are right"' in start
    assert 'href="sources/course__README_md.html"' in start
    assert "To teach it" in (book / "sources" / "course__README_md.html").read_text(encoding="utf-8")
    told = (book / "level_2.html").read_text(encoding="utf-8")
    assert "18 · Serving" in told
    assert "latency" in told
    assert "Three of four are right" in (book / "pictures.html").read_text(encoding="utf-8")
    assert "nobodi" in (book / "searchindex.js").read_text(encoding="utf-8")  # words are kept by their stem
    fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', html + told)
    assert fetched == []


def test_a_page_that_leads_nowhere_stops_the_book(write_lesson, folders):
    solved, report, pages, book = folders
    keep_solved(run_lesson(write_lesson(), with_figures=False), {}, solved)
    lay_pages(solved, planned_lessons(), report, pages)
    (pages / "pictures.md").write_text("# Pictures\n\n[gone](gone.md)\n")
    with pytest.raises(BookError, match="gone"):
        bind(pages, book)


def test_a_solved_notebook_is_due_when_lesson_or_figures_changed(write_lesson, folders):
    from course.figures import Figure

    solved = folders[0]
    lesson = write_lesson()
    assert not is_solved(lesson, {}, solved)
    keep_solved(run_lesson(lesson, with_figures=False), {}, solved)
    assert is_solved(lesson, {}, solved)
    assert not is_solved(lesson, {"a": Figure(1)}, solved)
    assert not is_solved(write_lesson(("two parts", "2 parts")), {}, solved)
    key = solved / "level_0" / "05_adding_up.key.json"
    key.write_text("{}")
    assert not is_solved(lesson, {}, solved)
    assert json.loads(json.dumps(solved_key(lesson, {}))) == solved_key(lesson, {})


def test_a_file_has_one_page():
    from pathlib import Path

    assert page_of(Path("case_heating/model/fuel.py")) == "sources/case_heating__model__fuel_py.md"
