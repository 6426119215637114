"""A mapping in the making: what is taken, what is asked, and what a person's words change."""

from io import StringIO

import pandas as pd
import pytest

from case_heating.data.draft_mapping import draft_mapping
from case_heating.data.map_sample import convert_sample
from case_heating.data.map_text import take_text, written
from case_heating.data.map_work import (
    FileLook,
    MapWork,
    add_table,
    answer,
    begin_work,
    drop_table,
    name_source,
    set_column,
)
from case_heating.data.read_mapping import parse_mapping
from case_heating.errors import MappingError

ACCOUNTS = "premise,town,yr_built,area,colour,htg_cd\n17,Salem,1962,1500,red,1\n18,Salem,1990,2100,blue,4\n"
BILLS = "premise,start,end,used\n17,2024-01-01,2024-02-01,812\n17,2024-02-01,2024-03-01,700\n"


@pytest.fixture
def work(tmp_path) -> MapWork:
    paths = {tmp_path / "1.csv": "accounts.csv", tmp_path / "2.csv": "bills.csv"}
    for path, text in zip(paths, (ACCOUNTS, BILLS), strict=True):
        path.write_text(text)
    looks = [
        FileLook("accounts.csv", dict.fromkeys("premise town yr_built area colour htg_cd".split(), "told"), {}, {}),
        FileLook("bills.csv", dict.fromkeys("premise start end used".split(), "told"), {}, {}),
    ]
    return begin_work(draft_mapping(paths), paths, looks, source="ours")


def names(work):
    return [(table["name"], table["file"], list(table["columns"])) for table in work.tables]


def number_of(work, target):
    return next(number for number, question in enumerate(work.questions) if question.target == target)


def test_only_what_nobody_doubts_is_taken(work):
    assert names(work) == [
        ("homes", "accounts.csv", ["home_id", "place_id", "year_built"]),
        ("labels", "accounts.csv", ["home_id"]),
        ("bills", "bills.csv", ["home_id", "start", "end"]),
    ]
    assert {question.target for question in work.questions} == {"floor_area_sqft", "fuel", "usage", "heating_fuel"}
    assert work.reasons["0.year_built"].startswith("likely: 'yr_built' is a usual name")
    assert work.lacks(0) == ()
    assert work.lacks(2) == ("fuel",)
    assert work.unfinished == ("heating_fuel, event_time of labels", "fuel of bills")
    assert work.unused(work.files[0]) == {"colour": "told"}
    assert work.unused(work.files[1]) == {}


def test_answers_go_into_the_document_and_the_question_goes(work):
    area = work.questions[number_of(work, "floor_area_sqft")]
    metres = next(entry for entry in area.answers if entry["unit"] == "m²")
    said = answer(work, number_of(work, "floor_area_sqft"), metres)
    assert said.tables[0]["columns"]["floor_area_sqft"] == {"column": "area", "unit": "m²"}
    assert "floor_area_sqft" not in {question.target for question in said.questions}
    assert "floor_area_sqft" not in work.tables[0]["columns"]  # what was is as it was
    left_out = answer(said, number_of(said, "fuel"), None)
    assert left_out.lacks(2) == ("fuel",)
    assert len(left_out.questions) == 2


def test_a_column_is_set_and_taken_away(work):
    said = set_column(work, 0, "year_built", {"column": "area", "unit": "", "codes": {}, "value": None})
    assert said.tables[0]["columns"]["year_built"] == {"column": "area"}
    assert said.reasons["0.year_built"] == "you wrote it"
    assert "yr_built" in said.unused(said.files[0])
    constant = set_column(said, 0, "pool", {"column": None, "value": False})
    assert constant.tables[0]["columns"]["pool"] == {"value": False}
    gone = set_column(constant, 0, "year_built", None)
    assert "year_built" not in gone.tables[0]["columns"]
    assert "0.year_built" not in gone.reasons


def test_tables_are_added_and_left_out_with_their_questions(work):
    more = add_table(work, "sensitive", "accounts.csv")
    assert more.lacks(3) == ("home_id",)
    less = drop_table(more, 1)
    assert [name for name, _, _ in names(less)] == ["homes", "bills", "sensitive"]
    assert [(question.table, question.target) for question in less.questions] == [
        (0, "floor_area_sqft"),
        (1, "fuel"),
        (1, "usage"),
    ]
    assert "1.start" in less.reasons
    assert {key for key in less.reasons if key.startswith("2.")} == set()


def test_it_is_kept_and_read_back(work):
    assert MapWork.from_json(work.to_json()) == work


def test_what_is_written_is_a_mapping_and_asks_in_comments(work):
    text = written(work)
    assert "# ? usage = " in text
    assert 'year_built = "yr_built"   # likely: ' in text
    done = answer(answer(work, number_of(work, "fuel"), {"value": "electricity"}), 0, None)
    done = drop_table(done, 1)
    mapping = parse_mapping(
        written(
            set_column(done, 1, "usage", {"column": "used", "unit": "kWh"}),
            stored={"accounts.csv": "1.csv", "bills.csv": "2.csv"},
            source="upload_1",
        ),
        "m",
    )
    assert [(str(file.path), file.title) for file in mapping.files] == [
        ("1.csv", "accounts.csv"),
        ("2.csv", "bills.csv"),
    ]
    assert mapping.source.name == "upload_1"


TEXT = """
[source]
name = "ours"
confirmed = true
[[file]]
path = "accounts.csv"
[[file]]
path = "bills.csv"
name = "the bills"
[[table]]
name = "homes"
file = "accounts.csv"
where = { column = "colour", not_in = ["blue"] }
[table.columns]
home_id = "premise"
place_id = "town"
[[table]]
name = "bills"
file = "the bills"
[table.columns]
home_id = "premise"
fuel = { value = "electricity" }
start = "start"
end = "end"
usage = { column = "used", unit = "kWh" }
"""


def test_a_text_of_ones_own_is_taken_whole(work):
    taken = take_text(work, TEXT)
    assert names(taken)[1] == ("bills", "the bills", ["home_id", "fuel", "start", "end", "usage"])
    assert taken.file_of(1).name == "bills.csv"
    assert taken.unused(taken.files[0]) == {
        "yr_built": "told",
        "htg_cd": "told",
    }  # area is asked about, colour is what where looks at
    # a question about a table that is still there and does not have the column stays open
    assert [(question.table, question.target) for question in taken.questions] == [(0, "floor_area_sqft")]
    assert take_text(taken, written(taken)).tables == taken.tables


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('path = "accounts.csv"', 'path = "/etc/passwd"', "'/etc/passwd' is none of the files you handed in"),
        ('path = "accounts.csv"', 'path = "../b/1.csv"', "'../b/1.csv' is none of the files you handed in"),
        ('"town"', '"twon"', "place_id asks for column 'twon', which accounts.csv does not have; did you mean town?"),
        ('column = "colour"', 'column = "color"', "where asks for column 'color'"),
        ('unit = "kWh"', 'unit = "furlong"', "furlong"),
        ("[source]", "[source", "the mapping is not TOML"),
        ("confirmed = true", "confirmed = false", "a draft that nobody has confirmed"),
    ],
)
def test_a_faulty_text_is_refused_in_words(work, was, becomes, told):
    assert was in TEXT
    with pytest.raises(MappingError) as refused:
        take_text(work, TEXT.replace(was, becomes).replace('file = "accounts.csv"', f'file = "{_file(becomes)}"'))
    assert told in str(refused.value)


def _file(becomes):
    return becomes.split('"')[1] if becomes.startswith("path") else "accounts.csv"


def test_a_source_gets_another_name(work):
    assert written(name_source(work, 'a "quoted" name')).splitlines()[1] == 'name = "a \\"quoted\\" name"'


def test_a_sample_leaves_out_what_cannot_be_converted_yet():
    frame = pd.read_csv(StringIO(BILLS), dtype="str")
    columns = {"home_id": "premise", "start": "start", "usage": {"column": "used", "unit": "kWh"}, "end": "gone"}
    assert list(convert_sample(frame, {"name": "bills", "columns": columns})) == ["home_id", "start"]
    columns["fuel"] = {"value": "electricity"}
    assert convert_sample(frame, {"name": "bills", "columns": columns})["usage"].tolist() == [812.0, 700.0]
    assert convert_sample(frame, {"name": "bills", "columns": {}}).empty


def test_a_sample_of_different_rows_looks_beyond_the_first_home():
    frame = pd.DataFrame({"premise": ["1"] * 5 + ["2"] * 5, "town": "a"}, dtype="str")
    columns = {"home_id": "premise", "place_id": "town"}
    assert convert_sample(frame, {"name": "homes", "columns": columns})["home_id"].tolist() == ["1", "1", "1"]
    once = convert_sample(frame, {"name": "homes", "columns": columns, "distinct": True})
    assert once["home_id"].tolist() == ["1", "2"]
