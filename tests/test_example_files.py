"""The files to try one's hand with: they ask three questions, and lead to answers in the end."""

import io

import pandas as pd
import pytest

from case_heating.data.bring import apply_mapping
from case_heating.data.draft_upload import draft_upload, keep_work
from case_heating.data.example_files import BILLS, HOMES, WEATHER, example_files
from case_heating.data.map_work import answer
from case_heating.data.simulate import simulate
from case_heating.data.uploads import add_file, begin_upload
from case_heating.features.build import build_features, reached_stages
from case_heating.schema import TABLES, conform

MEANINGS = {"APT5+": "apartment_5_plus", "APT2-4": "apartment_2_4", "Oil or propane": "other"}


@pytest.fixture(scope="module")
def files():
    return example_files()


def test_they_are_always_the_same_and_small(files):
    assert files == example_files()
    assert list(files) == [BILLS, WEATHER]
    assert sum(map(len, files.values())) < 1_000_000


def test_the_homes_are_none_of_the_embedded_utilitys(files):
    area = simulate(homes=HOMES, seed=0).tables["homes"]["floor_area_sqft"]
    own = pd.read_csv(io.BytesIO(files[BILLS]), dtype={"premise": str}).drop_duplicates("premise")["area_sqft"]
    assert len(own) == HOMES
    assert (area.to_numpy() == own.to_numpy()).mean() < 0.05


def test_faults_are_planted_as_people_make_them(files):
    rows = pd.read_csv(io.BytesIO(files[BILLS]), dtype="str")
    assert (rows["elec_kwh"] == "about 400").sum() == 2
    assert (rows["to_date"] < rows["from_date"]).sum() == 2
    assert rows.duplicated().sum() == 2


def test_three_words_make_a_mapping_that_reaches_the_bill_signature(files, tmp_path):
    upload = begin_upload(tmp_path / "ws", by="ann", at=1.0)
    for name, content in files.items():
        upload = add_file(upload, name, io.BytesIO(content))
    work = draft_upload(upload, lambda *_: None)
    assert [question.target for question in work.questions] == ["dwelling_type", "fuel", "heating_fuel"]
    assert work.unused(work.files[0]).keys() == {"meter_reader"}
    while work.questions:
        entry = work.questions[0].answers[0]
        codes = {code: MEANINGS.get(code, meaning) for code, meaning in entry.get("codes", {}).items()}
        work = answer(work, 0, entry | ({"codes": codes} if codes else {}))
    keep_work(upload, work)
    tables = apply_mapping(upload.folder / "mapping.toml").tables
    assert len(tables["homes"]) == HOMES
    assert 150 < len(tables["labels"]) == tables["labels"]["home_id"].nunique()
    sound = pd.to_numeric(tables["bills"]["usage"], errors="coerce").notna()
    tables["bills"] = conform(tables["bills"][sound], TABLES["bills"])
    moment = tables["bills"]["known_at"].max().date()
    reached = reached_stages(build_features(tables, as_of=moment))
    assert reached == ["location", "billing", "weather", "property", "monthly"]
