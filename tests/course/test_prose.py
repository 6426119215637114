"""Misspelt words, dead links, names that are not there, and modules nobody teaches are found."""

import socket
from pathlib import Path

import pandas as pd
import pytest

from course.offline import NetworkUsedError, offline
from course.prose import dead_links, prose_faults, unknown_words
from course.quoted import missing_names
from course.taught import left_out, modules_of, teaching_faults
from course.visible import leaning_cells


def test_misspelt_words_are_found_with_their_line_and_code_is_left_alone():
    text = "The furnace brns gas.\n`brns` and $brns$ and {brns} and [it](brns.md) brns_2\n```\nbrns\n```\nisnt BRNS"
    assert list(unknown_words(10, text)) == [(10, "brns"), (15, "isnt")]


def test_what_hints_and_questions_say_is_read_as_well(write_lesson):
    lesson = write_lesson(
        ("Add them all.", "Ad themm all."), ("One and four.", "One andd four."), ("case_heating/schema.py", "gone.py")
    )
    assert prose_faults(lesson) == [
        "05_adding_up.py:9: the link ../../../gone.py leads nowhere",
        "05_adding_up.py:25: 'themm' is no word we know; mend it or add it to words.txt",
        "05_adding_up.py:31: 'andd' is no word we know; mend it or add it to words.txt",
    ]


def test_dead_links_are_found(tmp_path):
    (tmp_path / "there.md").write_text("")
    text = "[a](there.md) [b](there.md#part) [c](gone.md) [d](https://example.org/gone) [e](#part)"
    assert list(dead_links(text, tmp_path)) == ["gone.md"]


@pytest.mark.parametrize(
    "quoted",
    [
        "case_heating.model.fuel.FuelModel",
        "case_heating.journey.run",
        "model.fuel.train_fuel_model()",
        "frame.sort_values()",
        "frame.rooms",
        "bills.known_at",
        "settings.Settings.from_env",
        "model.evidence.Evidence.is_gas",
        "model/naive.py",
        "step.json",
        "heating run",
        "x = 1.5",
    ],
)
def test_names_that_are_there(write_lesson, quoted):
    lesson = write_lesson(("# See", f"# `{quoted}`. See"))
    assert list(missing_names(lesson, {"frame": pd.DataFrame({"rooms": [1]})})) == []


@pytest.mark.parametrize(
    "quoted",
    [
        "case_heating.model.fuel.FuelModell",
        "case_heating.gone",
        "frame.sort_valuess()",
        "bills.known_by",
        "model/gone.py",
        "nobody.knows",
    ],
)
def test_names_that_are_not_there(write_lesson, quoted):
    lesson = write_lesson(("# See", f"# `{quoted}`. See"))
    assert list(missing_names(lesson, {"frame": pd.DataFrame({"rooms": [1]})})) == [
        f"05_adding_up.py:10: the prose quotes `{quoted}`, and there is no such thing"
    ]


def test_a_module_nobody_answers_for_is_found(write_lesson, tmp_path):
    house = tmp_path / "case_heating"
    (house / "model").mkdir(parents=True)
    for name in ("__init__.py", "schema.py", "model/fuel.py", "model/_own.py"):
        (house / name).write_text("")
    modules = modules_of(house)
    assert modules == {"case_heating.schema", "case_heating.model.fuel"}
    lesson = write_lesson()  # teaches case_heating.schema
    assert teaching_faults([lesson], {"case_heating.model.fuel": "why"}, modules) == []
    assert teaching_faults([lesson], {"case_heating.gone": "why", "case_heating.schema": "why"}, modules) == [
        "no lesson teaches case_heating.model.fuel, and not_taught.toml gives no reason",
        "not_taught.toml lists case_heating.gone, which is not there",
        "not_taught.toml lists case_heating.schema, which lesson 05 teaches",
    ]
    assert teaching_faults([lesson], {"case_heating.*.fuel": "why"}, modules) == []
    assert teaching_faults([lesson], {"case_heating.*": "why"}, {"case_heating.model.fuel"}) == [
        "lesson 05 teaches case_heating.schema, which is not there"
    ]


def test_reasons_are_told():
    assert all(len(reason.split()) >= 4 for reason in left_out().values())


def test_a_cell_may_lean_on_what_an_exercise_asks_for_but_on_nothing_else_of_the_solution(write_lesson):
    assert list(leaning_cells(write_lesson())) == []
    found = list(
        leaning_cells(write_lesson(("total = sum(parts)", "half = total = sum(parts)"), ("total + 1", "half")))
    )
    assert len(found) == 1
    assert found[0].startswith("05_adding_up.py:29: 'half' is made by no cell")


def test_a_lesson_reaches_no_network():
    with offline():
        with pytest.raises(NetworkUsedError, match="runs without a network"), socket.socket() as reached:
            reached.connect(("127.0.0.1", 80))
        with pytest.raises(NetworkUsedError):
            socket.create_connection(("example.org", 80))
        one, other = socket.socketpair()
        one.close()
        other.close()
    with socket.socket() as reached:
        reached.settimeout(0.1)
        assert reached.connect_ex(("127.0.0.1", 1)) != 0


def test_links_of_this_project_are_checked_from_where_a_lesson_lies():
    lessons = Path(__file__).parent.parent.parent / "course" / "lessons" / "level_0"
    assert list(dead_links("[x](../../../case_heating/schema.py) [y](../../case_heating/schema.py)", lessons)) == [
        "../../case_heating/schema.py"
    ]
