"""A mapping in plain words."""

import pandas as pd

from case_heating.data.map_work import FileLook, MapWork, Question
from case_heating.people.map_words import about_column, entry_in_words, lines_of, table_in_words

WORK = MapWork(
    {
        "source": {"name": "ours"},
        "file": [{"path": "a.csv"}],
        "table": [
            {
                "name": "bills",
                "file": "a.csv",
                "distinct": True,
                "where": [{"column": "kind", "not_in": ["", "X"]}],
                "columns": {
                    "home_id": {"column": "premise"},
                    "start": {"column": "from"},
                    "end": {"column": "to"},
                    "usage": {"column": "used", "unit": "kWh"},
                },
            },
            {
                "name": "homes",
                "file": "a.csv",
                "adds": "columns",
                "where": [{"column": "k", "in": ["1"]}],
                "columns": {},
            },
        ],
    },
    (Question(0, "fuel", "no column says it", ({"value": "electricity"},)),),
    {"0.home_id": "likely: a usual name"},
    (FileLook("a.csv", {}, {}, {}),),
)


def test_lines_stand_beside_rows_as_they_become():
    sample = pd.DataFrame(
        {"home_id": ["17", "18"], "start": pd.to_datetime(["2024-01-01", None]), "usage": [812.5, float("nan")]}
    )
    lines = lines_of(WORK, 0, sample).set_index("becomes")
    assert lines.loc["usage", ["comes from", "row 1", "row 2"]].tolist() == ["column used, in kWh", "812.5", ""]
    assert lines.loc["start", ["row 1", "row 2"]].tolist() == ["2024-01-01", ""]
    assert lines.loc["end", "row 1"] == ""  # not converted yet
    assert lines.loc["home_id", "why"] == "likely: a usual name"
    assert lines.loc["usage", "about"].endswith("[kWh (electricity) or therm (gas)]")
    assert list(lines_of(WORK, 0, sample.head(0))) == ["becomes", "comes from", "why", "about"]


def test_what_is_open_is_said():
    assert table_in_words(WORK, 0) == (
        "4 columns from a.csv; each different row once; only rows where kind is not nothing or X; "
        "1 question waits for you; still needed: fuel"
    )
    assert table_in_words(WORK, 1) == (
        "0 columns from a.csv; added to the homes of another file; only rows where k is 1; still needed: home_id"
    )


def test_entries_of_every_kind():
    assert entry_in_words({"column": "u", "unit": {"electricity": "kWh", "gas": "CCF"}}) == (
        "column u, in kWh (electricity), CCF (gas)"
    )
    assert entry_in_words({"column": "h", "codes": {"1": "gas", "9": ""}, "missing": ["NA"]}) == (
        "column h, 1 means gas, 9 means no value, NA means no value"
    )
    assert entry_in_words({"column": "d", "format": "…"}) == "column d"
    assert about_column("bills", "days") == "Length of the period in days"
