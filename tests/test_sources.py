"""Finding a source: by name, near misses, surveys where they lie, and a utility's own mapping."""

from datetime import date
from pathlib import Path

import pytest

from case_heating.data import sources
from case_heating.data.sources import SOURCES, find_source
from case_heating.errors import MappingError, SourceError
from case_heating.settings import Settings

MAPPING = """
[source]
name = "Town & Country"
[[file]]
path = "files/bills.csv"
[[table]]
name = "bills"
[table.columns]
home_id = "id"
fuel = { value = "electricity" }
start = "from"
end = "to"
usage = { column = "kwh", unit = "kWh" }
"""


def silent(doing, share):
    pass


def find(source, tmp_path, **options):
    return find_source(Settings(today=date(2024, 1, 1), source=source, workspace=tmp_path / "w", **options))


def refusal(source, tmp_path, **options):
    with pytest.raises(SourceError) as error:
        find(source, tmp_path, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("wrong", "near"), [("recs2105", "recs2015"), ("embeded", "embedded"), ("PUMS2:OR", "pums"), ("Nations", "nation")]
)
def test_an_unknown_source_is_refused_with_the_nearest_and_all_there_are(tmp_path, wrong, near):
    told = refusal(wrong, tmp_path)
    assert told.startswith(f"there is no source {wrong!r}; did you mean {near}?; there are embedded, nation, recs2009")
    assert "mapping.toml" in told


def test_a_state_is_refused_where_a_survey_does_not_come_by_state(tmp_path):
    assert refusal("recs2015:OR", tmp_path) == "'recs2015:OR': only pums comes by state; write 'recs2015'"


def test_a_source_like_no_other_suggests_nothing(tmp_path):
    assert "did you mean" not in refusal("zzzzzz", tmp_path)


# Simulated


@pytest.mark.parametrize(("source", "population"), [("embedded", "territory"), ("nation", "nation")])
def test_a_simulated_source_hangs_on_its_homes_and_seed_alone(tmp_path, monkeypatch, source, population):
    asked = []

    def stand_in(*, progress, **options):
        asked.append(options)
        progress("bills", 0.5)
        return type("Utility", (), {"tables": {"homes": "made"}})

    monkeypatch.setattr(sources, "simulate", stand_in)
    found = find(source, tmp_path, simulated_homes=70, seed=9)
    assert (found.name, found.about, found.files) == (source, SOURCES[source], ())
    assert found.choices == {"homes": 70, "seed": 9, "population": population}
    assert asked == []  # nothing is made before it is read
    told = []
    gathered = found.read(lambda *doing: told.append(doing))
    assert (gathered.tables, gathered.notes) == ({"homes": "made"}, ())
    assert asked == [found.choices]
    assert told == [("simulating bills", 0.5)]


def test_the_embedded_utility_can_be_read(tmp_path):
    tables = find("embedded", tmp_path, simulated_homes=40).read(silent).tables
    assert len(tables["homes"]) == 40
    assert {"bills", "labels", "weather"} <= set(tables)


# Surveys


@pytest.fixture
def readers(monkeypatch):
    monkeypatch.setattr(sources, "read_recs", lambda path, year: {"read": (path, year)})
    monkeypatch.setattr(sources, "read_pums", lambda path: {"read": (path,)})


@pytest.mark.parametrize(
    ("source", "file", "year"),
    [
        ("recs2009", "recs2009_public.csv", 2009),
        ("recs2015", "recs2015_public_v4.csv", 2015),
        ("recs2020", "recs2020_public_v7.csv", 2020),
    ],
)
def test_a_survey_is_found_in_the_data_folder_and_read_as_its_year(tmp_path, readers, source, file, year):
    path = tmp_path / file
    path.write_text("")
    found = find(source, tmp_path, data_dir=tmp_path)
    assert (found.name, found.about, found.files, found.choices) == (source, SOURCES[source], (path,), {})
    assert found.read(silent).tables == {"read": (path, year)}


def test_a_survey_is_found_among_the_downloads_of_the_workspace(tmp_path, readers):
    path = tmp_path / "w" / "0_downloads" / "recs2009_public.csv"
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert find("recs2009", tmp_path).files == (path,)


@pytest.mark.parametrize(("source", "name"), [("pums:AK", "pums_AK"), ("pums:ak", "pums_AK"), ("pums", "pums")])
def test_a_state_of_the_community_survey_is_found(tmp_path, readers, source, name):
    path = tmp_path / "psam_h02.csv"
    path.write_text("")
    found = find(source, tmp_path, data_dir=tmp_path)
    assert (found.name, found.files) == (name, (path,))
    assert found.read(silent).tables == {"read": (path,)}


def test_a_survey_that_is_not_here_is_not_downloaded_unasked(tmp_path):
    told = refusal("recs2015", tmp_path, data_dir=tmp_path)
    assert told.startswith("recs2015 is not here; fetch it with 'heating data fetch recs2015', or download https://")
    assert "there is no state 'ZZ'" in refusal("pums:ZZ", tmp_path, data_dir=tmp_path)


@pytest.mark.real_data
def test_the_official_file_of_2015_is_found_and_read(data_dir, tmp_path):
    found = find("recs2015", tmp_path, data_dir=data_dir)
    assert len(found.read(silent).tables["homes"]) == 5686


# A utility's own files


@pytest.fixture
def mapping(tmp_path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "bills.csv").write_text("id,from,to,kwh,note\n1,2024-01-01,2024-02-01,100,x\n")
    (tmp_path / "town.toml").write_text(MAPPING)
    return tmp_path / "town.toml"


def test_own_files_are_found_by_their_mapping(mapping, tmp_path):
    found = find(str(mapping), tmp_path)
    assert found.name == "own_Town___Country"
    assert found.about == "your own files, as town.toml reads them"
    assert found.files == (mapping, tmp_path / "files" / "bills.csv")  # a change of either is a change of the source


def test_own_files_are_read_and_what_is_not_used_is_told(mapping, tmp_path):
    gathered = find(str(mapping), tmp_path).read(silent)
    assert gathered.tables["bills"]["usage"].tolist() == [100]
    assert any("does not use 1 of its columns (note" in note for note in gathered.notes)


def test_a_file_the_mapping_names_and_nobody_has_is_told_when_it_is_read(mapping, tmp_path):
    (tmp_path / "files" / "bills.csv").unlink()
    found = find(str(mapping), tmp_path)
    assert found.files == (mapping,)
    with pytest.raises((SourceError, MappingError), match=r"bills\.csv"):
        found.read(silent)


def test_a_mapping_that_is_not_there_is_refused_with_how_to_draft_one(tmp_path):
    told = refusal(str(tmp_path / "none.toml"), tmp_path)
    assert "none.toml is not there; draft a mapping with 'heating data map FILES --output" in told


def test_a_faulty_mapping_is_refused_before_anything_is_read(mapping, tmp_path):
    mapping.write_text("[source]\n")
    with pytest.raises(MappingError):
        find(str(mapping), tmp_path)
