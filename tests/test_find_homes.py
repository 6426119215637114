"""A home is found by what people remember of it, whatever they type."""

import pandas as pd
import pytest

from case_heating.people.find_homes import Found, find_homes, homes_to_begin_with, learn_finder


@pytest.fixture
def finder():
    return learn_finder(
        pd.DataFrame(
            {
                "home_id": ["h0000142", "h0000042", "h0004201", "X-42", "h0000007"],
                "district": ["d1", "d14", "d14", "Cañada Real", None],
                "state": ["TN", "OH", "TN", "NM", "OH"],
                "dwelling_type": ["mobile_home", "single_detached", "apartment_5_plus", "single_detached", None],
            }
        )
    )


def ids(found: Found) -> list[str]:
    return found.homes["home_id"].tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("h0000042", ["h0000042"]),
        ("H0000042 ", ["h0000042"]),
        ("42", ["h0000042", "X-42", "h0000142", "h0004201"]),  # the number itself, then those that hold it
        ("h00001", ["h0000142"]),
        ("d14", ["h0000042", "h0004201"]),
        ("d14, tn", ["h0004201"]),
        ("detached", ["h0000042", "X-42"]),
        ("canada real", ["X-42"]),
        ("CAÑADA", ["X-42"]),
        ("x-42", ["X-42"]),
        ("7", ["h0000007"]),
        ("nowhere", []),
        ("", []),
        ("  ,, ", []),
    ],
)
def test_what_people_type_finds_what_they_mean(finder, query, expected):
    found = find_homes(finder, query)
    assert ids(found) == expected
    assert found.n_homes == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        ".*",
        "((",
        "[",
        "\\",
        "%",
        "'; DROP TABLE homes; --",
        "../../etc/passwd",
        "<script>",
        "\x00",
        "٤٢",
        "𝟜𝟚",
        "9" * 10_000,
    ],
)
def test_hostile_input_is_text_and_finds_nothing_it_should_not(finder, query):
    found = find_homes(finder, query)
    assert set(ids(found)) <= set(finder.home_ids)
    assert found.n_homes in (0, 4)  # four homes for digits that Unicode says are 42
    assert found.n_homes == 0 or query == "𝟜𝟚"


def test_only_the_first_are_given_and_all_are_counted(finder):
    found = find_homes(finder, "h0", limit=2)
    assert (found.n_homes, ids(found)) == (4, ["h0000142", "h0000042"])


def test_where_a_home_stands_is_said_in_words(finder):
    said = dict(zip(finder.home_ids, finder.where, strict=True))
    assert said["h0000042"] == "Detached house, district d14, OH"
    assert said["h0000007"] == "OH"


def test_a_source_without_any_place_is_searched_by_id():
    finder = learn_finder(pd.DataFrame({"home_id": ["10001", "10002"]}))
    assert ids(find_homes(finder, "10002")) == ["10002"]


def test_two_facts_of_a_home_are_not_run_together(finder):
    assert ids(find_homes(finder, "d14tn")) == []


def test_a_part_of_the_address_finds_the_home():
    homes = pd.DataFrame(
        {
            "home_id": ["h1", "h2", "h3"],
            "address": ["462 Cedar Avenue", "462 Cañón Road, Apt 3", None],
            "district": ["d1", "d2", "d1"],
        }
    )
    finder = learn_finder(homes)
    assert ids(find_homes(finder, "462 cedar")) == ["h1"]
    assert ids(find_homes(finder, "canon road, apt 3")) == ["h2"]
    assert ids(find_homes(finder, "462")) == ["h1", "h2"]
    assert finder.where.tolist() == [
        "462 Cedar Avenue, district d1",
        "462 Cañón Road, Apt 3, district d2",
        "district d1",
    ]


def test_homes_to_begin_with_are_sure_or_the_least_sure_and_unseen():
    answers = pd.DataFrame(
        {"probability_of_gas": [0.99, 0.98, 0.02, 0.6, 0.45], "seen": ["gas", None, None, None, None]},
        index=["a", "b", "c", "d", "e"],
    )
    assert homes_to_begin_with(answers) == {"gas": "b", "electricity": "c", "unsure": "e"}
    assert homes_to_begin_with(answers.assign(seen="gas"))["gas"] == "a"
    assert homes_to_begin_with(answers.loc[["d"]]) == {"unsure": "d"}
    assert homes_to_begin_with(answers.iloc[:0]) == {}
