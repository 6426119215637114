"""The learner's notebook holds no solution and no output, is the same bytes each time, and a stale one is told."""

import json

import nbformat
import pytest

from course.build import main, make_notebooks, stale_notebooks
from course.checks import is_as_given
from course.figures import Figure, fill, keep_figures, read_figures, stale_figures
from course.lesson import LessonError
from course.notebooks import executed_notebook, learners_notebook
from course.run import run_lesson


def sources(notebook):
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]


def test_the_learner_gets_tasks_and_checks_and_no_solution(write_lesson):
    told = learners_notebook(write_lesson(), {})
    assert sources(told) == [
        "# 05 · Adding up\nSee [`schema.py`](../../../case_heating/schema.py).",
        "from course.desk import check, quiz  # they mark your answers",
        'parts = [1, 4]\nprint("two parts")\nparts',
        "**What do you expect?** More than four?\n\n*Your guess, before you go on:* …",
        "# Exercise 1: total\ntotal = parts[0]",
        'check("05", "total")',
        "total + 1",
        "<p><strong>Is it five?</strong></p>\n"
        "<details><summary>no</summary>\n<p>✘ Count <code>again</code>.</p></details>\n"
        "<details><summary>yes</summary>\n<p>✔ One and four.</p></details>",
        'quiz("05", 2)',  # its options are computed
    ]
    assert "sum(parts)" not in told
    cells = json.loads(told)["cells"]
    assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")


def test_what_an_exercise_asks_for_in_its_comment_is_prose_that_wraps(write_lesson):
    asked = "# Add up `parts`,\n# all of them.\ntotal = parts[0]  # the first\n# and so on"
    lesson = write_lesson(("total = parts[0]", asked))
    told = sources(learners_notebook(lesson, {}))
    assert told[4:6] == [
        "**Exercise 1.** Add up `parts`,\nall of them.",
        "# Exercise 1: total\ntotal = parts[0]  # the first\n# and so on",
    ]
    assert is_as_given(lesson, "total", [told[2], told[5]])
    assert sources(executed_notebook(run_lesson(lesson, with_figures=False), {}))[3:5] == told[4:6]


def test_each_option_of_a_guess_stands_on_its_line(write_lesson):
    lesson = write_lesson(
        (
            "# More than four?",
            "# More than\n# four? Guess:\n# A: yes,\n# A lot\n# **B**: no · **C** one  D: so\n#\n# E: more",
        )
    )
    told = sources(learners_notebook(lesson, {}))[3]
    asked = ["More than", "four? Guess:\\", "A: yes,", "A lot\\", "**B**: no\\", "**C** one\\", "D: so", "", "E: more"]
    assert told.split("\n\n*Your")[0].split("\n") == ["**What do you expect?** " + asked[0], *asked[1:]]


def test_notebooks_are_valid_and_the_same_bytes_each_time(write_lesson):
    lesson = write_lesson()
    run = run_lesson(lesson, with_figures=False)
    for made in (learners_notebook(lesson, {}), executed_notebook(run, {})):
        nbformat.validate(nbformat.reads(made, as_version=4))
    assert learners_notebook(lesson, {}) == learners_notebook(write_lesson(), {})


def test_the_solved_notebook_shows_solutions_outputs_and_hints(write_lesson):
    made = executed_notebook(run_lesson(write_lesson(), with_figures=False), {})
    told = sources(made)
    assert "total = sum(parts)" in told
    assert any("You take the first alone." in words for words in told)
    assert any("<summary>2</summary>" in words for words in told)
    shown = [cell["outputs"] for cell in json.loads(made)["cells"] if cell.get("outputs")]
    assert [one["data"]["text/plain"] for outputs in shown for one in outputs if "data" in one] == ["[1, 4]", "6"]


def test_a_stale_notebook_is_told(write_lesson, tmp_path):
    lesson, folder = write_lesson(), tmp_path / "notebooks"
    assert stale_notebooks([lesson], folder) == [
        "05_adding_up.ipynb is not what 05_adding_up.py makes; run 'python -m course.build'"
    ]
    make_notebooks([lesson], folder)
    path = folder / "level_0" / "05_adding_up.ipynb"
    assert "is not what" not in " ".join(stale_notebooks([lesson], folder))
    path.write_bytes(path.read_bytes().replace(b"two parts", b"2 parts"))
    assert "is not what" in " ".join(stale_notebooks([lesson], folder))
    assert "05_adding_up.ipynb has no lesson" in stale_notebooks([], folder)


def test_the_courses_notebooks_are_current(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_figures_are_filled_into_prose_but_not_into_code(write_lesson):
    lesson, figures = write_lesson(), {"real_total": Figure(49.96, "of 100"), "cost": Figure(1234.5, "USD", 1)}
    assert fill(lesson, "right for {real_total}, at {cost}: `{real_total}` $\\sqrt{n}$", figures, 1) == (
        "right for 50 of 100, at 1,234.5 USD: `{real_total}` $\\sqrt{n}$"
    )
    with pytest.raises(LessonError, match=":8: the prose quotes"):
        fill(lesson, "one\n{gone}", figures, 7)


@pytest.mark.parametrize(
    ("measured", "faults"),
    [
        ({"a": Figure(50.9)}, []),  # one of the last decimal
        ({"a": Figure(51.1)}, ["a is kept as 50 and measured as 51.1"]),
        ({}, ["a is kept and no longer measured"]),
        ({"a": Figure(50), "b": Figure(1)}, ["b is measured and not kept"]),
        ({"a": Figure(50, "USD")}, ["a is kept as '50' and now told as '50 USD'"]),
    ],
)
def test_figures_that_are_no_longer_true_are_told(measured, faults):
    assert stale_figures({"a": Figure(50)}, measured) == faults


def test_kept_figures_of_other_lessons_stay(tmp_path):
    path = tmp_path / "figures.json"
    keep_figures("01", {"a": Figure(1)}, path)
    keep_figures("02", {"b": Figure(2, "USD")}, path)
    keep_figures("01", {"c": Figure(3)}, path)
    assert read_figures(path) == {"01": {"c": Figure(3)}, "02": {"b": Figure(2, "USD")}}


def test_a_number_of_no_lesson_is_told(capsys):
    assert main(["--run", "99"]) == 1
    assert "there is no lesson '99'" in capsys.readouterr().err
