"""An upload is looked at: what is kept, what is refused, and how it is said to its owner."""

import gzip
import io
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from case_heating.data import draft_upload as drafting
from case_heating.data.bring import apply_mapping
from case_heating.data.draft_upload import (
    draft_upload,
    in_owners_words,
    keep_work,
    own_name,
    read_head,
    read_work,
    upload_key,
)
from case_heating.data.map_work import answer, set_column
from case_heating.data.uploads import add_file, begin_upload, open_differently
from case_heating.errors import HeatingError, SourceError

ACCOUNTS = "premise,town,yr_built,area_m2,colour\n17,Salem,1962,150,red\n18,Salem,1990,210,blue\n"


def silent(_doing, _share):
    pass


@pytest.fixture
def begin(tmp_path):
    def begin(**files):
        upload = begin_upload(tmp_path / "ws", by="ann", at=1.0)
        for name, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            upload = add_file(upload, name.replace("__", "."), io.BytesIO(content))
        return upload

    return begin


def refused(upload):
    with pytest.raises(HeatingError) as error:
        draft_upload(upload, silent)
    assert str(upload.folder) not in str(error.value)
    assert read_work(upload) is None
    return str(error.value)


def test_what_is_seen_is_kept(begin):
    upload = begin(accounts__csv=ACCOUNTS)
    work = draft_upload(upload, silent)
    assert list(work.tables[0]["columns"]) == ["home_id", "place_id", "year_built", "floor_area_sqft"]
    assert read_work(upload) == work
    assert work.files[0].few_values["colour"] == ["red", "blue"]
    assert work.unused(work.files[0]) == {"colour": "2 different values, such as 'red', 'blue'"}
    assert read_head(upload, "accounts.csv")["town"].tolist() == ["Salem", "Salem"]


def test_the_copy_that_is_run_reads_our_names_and_says_the_owners(begin):
    upload = begin(**{"../../accounts__csv": ACCOUNTS})
    draft_upload(upload, silent)
    brought = apply_mapping(upload.folder / "mapping.toml")
    assert brought.tables["homes"]["floor_area_sqft"].round().tolist() == [1615.0, 2260.0]
    assert brought.unused == {"accounts.csv": ["colour"]}


def test_a_changed_file_is_looked_at_again(begin):
    upload = begin(accounts__csv=ACCOUNTS)
    work = draft_upload(upload, silent)
    again = add_file(upload, "accounts.csv", io.BytesIO(b"premise\n1\n"))
    assert read_work(again) is None
    other = open_differently(upload, "accounts.csv", delimiter=";")
    assert read_work(other) is None
    assert upload_key(again, work) != upload_key(upload, work)
    assert upload_key(upload, set_column(work, 0, "year_built", None)) != upload_key(upload, work)


def test_it_is_opened_as_its_owner_says(begin):
    text = "premise;town;yr_built\n17;Chèvremont;1962\n".encode("cp1252")
    upload = begin(accounts__csv=text)
    assert 'accounts.csv is not UTF-8: byte 0xe8 on line 2. It is likely cp1252: give encoding = "cp1252"' in refused(
        upload
    )
    upload = open_differently(upload, "accounts.csv", encoding="cp1252")
    work = draft_upload(upload, silent)
    assert work.document["file"] == [{"path": "accounts.csv", "encoding": "cp1252"}]
    assert read_head(upload, "accounts.csv")["town"].tolist() == ["Chèvremont"]
    assert apply_mapping(upload.folder / "mapping.toml").tables["homes"]["place_id"].tolist() == ["Chèvremont"]


def test_a_source_is_called_by_its_owners_word_and_is_nobody_elses(begin):
    upload = begin(accounts__csv=ACCOUNTS)
    work = draft_upload(upload, silent)
    assert own_name(upload, work) == f"my_utility_{upload.id[:6]}"
    hostile = work.document | {"source": {"name": '../../"x"\n'}}
    assert own_name(upload, type(work)(hostile, (), {}, work.files)) == f"x_{upload.id[:6]}"


def broken_zip():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    return made.getvalue()


def twice():
    made = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["premise", "premise"]), made)
    return made.getvalue()


BROKEN = {
    "empty__csv": (b"", "empty.csv is empty (0 bytes)"),
    "nul__csv": (b"premise,town\n17,Sa\x00lem\n", "nul.csv is not a CSV, or damaged: byte"),
    "page__csv": (b"<html><body>404</body></html>", "page.csv is not a CSV; it looks like a web page"),
    "ragged__csv": (b"premise,town\n17\n18,Salem\n", "ragged.csv: 1 of 2 rows do not have the header's 2 cells"),
    "cut__csv__gz": (gzip.compress(ACCOUNTS.encode() * 99)[:-20], "cut.csv.gz is cut short"),
    "two__zip": (broken_zip(), "two.zip must hold one CSV and holds 2"),
    "not__xlsx": (b"PK\x03\x04 nothing more", "not.xlsx is not a whole .xlsx workbook"),
    "not__parquet": (b"PAR1 nothing more", "not.parquet is not whole Parquet"),
    "twice__parquet": (twice(), "twice.parquet names columns more than once: premise"),
    "pdf__csv": (b"%PDF-1.4\n", "pdf.csv is not a CSV; it looks like a PDF"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_words(begin, name):
    content, told = BROKEN[name]
    assert told in refused(begin(**{name: content}))


def test_bombs_and_endless_headers_are_refused(begin, monkeypatch):
    monkeypatch.setattr("case_heating.data.unpacked.MOST_CSV_BYTES", 1_000_000)
    assert "bomb.csv.gz" in refused(begin(bomb__csv__gz=gzip.compress(b"0" * 2_000_000)))
    monkeypatch.setattr(drafting, "MOST_COLUMNS", 50)
    header = ",".join(f"c{number}" for number in range(60))
    assert "wide.csv has 60 columns; at most 50 are looked at" in refused(begin(wide__csv=f"{header}\n{header}\n"))


def test_nothing_in_it_is_said_too(begin):
    with pytest.raises(SourceError, match="no file in this upload yet"):
        draft_upload(begin(), silent)


def test_workbooks_and_nested_parquet_are_read_as_text(begin):
    book = io.BytesIO()
    cells = {
        "premise": ["=1+1", "@x"],
        "yr_built": [1962, None],
        "town": ["a", 3],
        "day": pd.to_datetime(["2024-01-02"] * 2),
    }
    pd.DataFrame(cells).to_excel(book, index=False)
    nested = io.BytesIO()
    pd.DataFrame({"premise": [17, 18], "town": ["a", "b"], "odd": [[1, 2], None]}).to_parquet(nested)
    upload = begin(book__xlsx=book.getvalue(), nested__parquet=nested.getvalue())
    work = draft_upload(upload, silent)
    assert read_head(upload, "nested.parquet")["premise"].tolist() == ["17", "18"]
    assert read_head(upload, "book.xlsx")["day"].tolist() == ["2024-01-02"] * 2
    assert [file.name for file in work.files] == ["book.xlsx", "nested.parquet"]


def test_errors_call_things_what_their_owner_calls_them(begin):
    upload = begin(accounts__csv=ACCOUNTS)
    said = f"{upload.folder / 'mapping.toml'} asks for {upload.folder / '1.csv'} in {upload.folder}"
    assert in_owners_words(upload, said) == "the mapping asks for accounts.csv in your upload"


def test_answers_reach_the_copy_that_is_run(begin):
    upload = begin(accounts__csv=ACCOUNTS.replace("area_m2", "area"))
    work = draft_upload(upload, silent)
    keep_work(upload, answer(work, 0, {"column": "area", "unit": "m²"}))
    assert apply_mapping(upload.folder / "mapping.toml").tables["homes"]["floor_area_sqft"].round().tolist() == [
        1615.0,
        2260.0,
    ]
