"""The questionnaire scores itself: what is missing below is not made good by what shines above."""

import pytest

from case_heating.errors import SourceError
from course.assessment import ROLES, Statement, assess, blank_replies, read_replies, read_statements
from course.syllabus import read_syllabus

STATEMENTS = tuple(
    Statement(f"{level}{letter}", level, who, must, f"text {level}{letter}", "a page", f"step {level}{letter}", "01")
    for level in (0, 1)
    for letter, who, must in (
        ("a", "domain expert", True),
        ("b", "data engineer", False),
        ("c", "data engineer", False),
        ("d", "ML engineer", False),
        ("e", "data scientist", False),
    )
)
ALL = {one.id: "yes" for one in STATEMENTS}


@pytest.mark.parametrize(
    ("change", "reached", "scores", "first_step"),
    [
        ({}, 1, (1.0, 1.0), None),
        ({"0b": "no"}, 1, (0.8, 1.0), "0b"),  # four fifths will do; what is left is named all the same
        ({"0b": "no", "0c": "partly"}, None, (0.7, 1.0), "0b"),  # level 1 shines, and does not count
        ({"0a": "no"}, None, (0.8, 1.0), "0a"),  # it cannot do without
        ({"0a": "partly"}, 1, (0.9, 1.0), "0a"),
        ({"1a": "no", "1b": "no"}, 0, (1.0, 0.6), "1a"),
        ({"1b": "partly", "1a": "partly", "1c": "no"}, 0, (1.0, 0.6), "1c"),  # a no comes before a partly
    ],
)
def test_levels_stand_from_below(change, reached, scores, first_step):
    found = assess(ALL | change, STATEMENTS)
    assert found.reached == reached
    assert tuple(round(one.score, 2) for one in found.levels) == scores
    assert next((one.id for one in found.next_steps), None) == first_step


def test_what_is_not_answered_counts_as_no_and_is_told_by_role():
    found = assess({"0b": "yes", "0c": "partly"}, STATEMENTS)
    assert found.reached is None
    assert found.by_role == {"domain expert": 0, "data scientist": 0, "data engineer": 1.5 / 4, "ML engineer": 0}
    assert found.levels[0].missing == ("0a",)
    words = found.in_words()
    assert "No level stands yet." in words
    assert "it cannot do without: 0a" in words
    assert "The next step, for the domain expert: step 0a" in words
    assert found.in_numbers()["next_steps"][0]["step"] == "step 0a"


def test_a_level_over_a_gap_is_not_said_to_stand():
    words = assess(ALL | {"0a": "no"}, STATEMENTS).in_words()
    assert "level 0: 80% holds, it does not stand; it cannot do without: 0a" in words
    assert "level 1: 100% holds, it would stand, were the ones below mended" in words


def test_at_the_top_nothing_is_left():
    assert "Nothing is missing." in assess(ALL, STATEMENTS).in_words()


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ({"0z": "yes"}, "there is no statement '0z'"),
        ({"0a": "perhaps"}, "0a is answered 'perhaps'; answer yes, partly"),
    ],
)
def test_an_answer_that_cannot_be_is_told(replies, words):
    with pytest.raises(SourceError, match=words):
        assess(replies, STATEMENTS)


def test_the_questionnaire_is_whole(tmp_path):
    statements = read_statements()
    assert len({one.id for one in statements}) == len(statements) >= 20
    assert {one.who for one in statements} == set(ROLES)
    assert {one.lesson for one in statements} <= {entry.number for entry in read_syllabus(tmp_path)} | {
        f"{number:02}" for number in range(18)
    }
    for level in range(3):
        assert sum(one.level == level for one in statements) >= 6
        assert any(one.must for one in statements if one.level == level)


def test_a_blank_file_holds_every_statement_answered_no(tmp_path):
    path = tmp_path / "replies.toml"
    path.write_text(blank_replies(read_statements()), encoding="utf-8")
    replies = read_replies(path)
    assert set(replies.values()) == {"no"}
    assert set(replies) == {one.id for one in read_statements()}
    path.write_text("question = ", encoding="utf-8")
    with pytest.raises(SourceError, match="cannot be read"):
        read_replies(path)
