"""Files as strangers bring them: whole, packed, cut short, and not what their names say."""

import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from case_heating.data.files import read_frame
from case_heating.errors import SourceError

CSV = "home,usage,note\n0017,12.5,\nh2,,café\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def assert_is_the_table(frame: pd.DataFrame) -> None:
    assert frame.columns.tolist() == ["home", "usage", "note"]
    assert [str(dtype) for dtype in frame.dtypes] == ["str"] * 3
    assert frame.home.tolist() == ["0017", "h2"]
    assert frame.usage.isna().tolist() == [False, True]
    assert frame.note.fillna("(none)").tolist() == ["(none)", "café"]


def test_every_packing_gives_the_same_text(tmp_path):
    assert_is_the_table(read_frame(write(tmp_path / "a.csv", CSV)))
    assert_is_the_table(read_frame(write(tmp_path / "a.CSV.GZ", gzip.compress(CSV.encode(), mtime=0))))
    with_others = {"a.csv": CSV, "readme.pdf": "%PDF", "__MACOSX/._a.csv": "left by a Macintosh"}
    assert_is_the_table(read_frame(zipped(tmp_path / "a.zip", with_others)))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiter_is_seen_in_the_header(tmp_path, delimiter):
    assert_is_the_table(read_frame(write(tmp_path / "a.csv", CSV.replace(",", delimiter))))


def test_a_stated_delimiter_wins(tmp_path):
    frame = read_frame(write(tmp_path / "a.csv", "a,b,c;d\n1,2,3;4\n"), delimiter=";")
    assert frame.columns.tolist() == ["a,b,c", "d"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_other_encodings(tmp_path, encoding):
    assert_is_the_table(read_frame(write(tmp_path / "a.csv", CSV.encode(encoding)), encoding=encoding))


def test_byte_order_marks_need_no_word(tmp_path):
    assert_is_the_table(read_frame(write(tmp_path / "a.csv", CSV.encode("utf-16"))))
    assert_is_the_table(read_frame(write(tmp_path / "b.csv", CSV.encode("utf-8-sig"))))


def test_quotes_line_breaks_and_windows_endings(tmp_path):
    frame = read_frame(write(tmp_path / "a.csv", 'a,b\r\n"1,5","two\r\nlines"\r\nNA,"say ""x"""\r\n'))
    assert frame.to_dict("list") == {"a": ["1,5", "NA"], "b": ["two\r\nlines", 'say "x"']}


def test_names_are_stripped_and_a_nameless_column_gets_one(tmp_path):
    assert read_frame(write(tmp_path / "a.csv", ", KWH \n0,5\n")).columns.tolist() == ["unnamed_1", "KWH"]


def test_parquet_and_excel_keep_their_dtypes(tmp_path):
    frame = pd.DataFrame({"home": ["h1", "h2"], "usage": [1.5, 2.0]})
    frame.to_parquet(tmp_path / "a.parquet")
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        frame.head(1).to_excel(book, sheet_name="first", index=False)
        frame.to_excel(book, sheet_name="bills", index=False)
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.parquet"), frame)
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.xlsx", sheet="bills"), frame)
    assert len(read_frame(tmp_path / "a.xlsx")) == 1
    with pytest.raises(SourceError, match="no sheet 'bill'; it has first, bills"):
        read_frame(tmp_path / "a.xlsx", sheet="bill")


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a.xlsx"])
def test_n_rows_reads_only_the_first(tmp_path, name):
    frame = pd.DataFrame({"home": [f"h{n}" for n in range(5)]})
    path = tmp_path / name
    if name == "a.parquet":
        frame.to_parquet(path)
    elif name == "a.xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False)
    assert read_frame(path, n_rows=3).home.tolist() == ["h0", "h1", "h2"]
    assert len(read_frame(path, n_rows=50)) == 5


def whole_parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"a": range(100)}).to_parquet(buffer)
    return buffer.getvalue()


def whole_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV * 50)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n \n", "is empty"),
        ("a.csv", b",,\n1,2,3\n", "no header"),
        ("a.csv", b"a,b\n", "2 columns but no rows"),
        ("a.csv.gz", gzip.compress(CSV.encode() * 99, mtime=0)[:-30], "cut short"),
        ("a.csv.gz", CSV.encode(), "not gzip"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("a.zip", CSV.encode(), "not a zip"),
        ("a.zip", whole_zip()[:-40], "not a zip, or cut short"),
        ("a.csv", whole_zip(), r"not a CSV; it looks like a zip"),
        ("a.csv", gzip.compress(CSV.encode(), mtime=0), "rename it to end in .csv.gz"),
        ("a.csv", b"\n<!DOCTYPE html><html>", "web page"),
        ("a.csv", b'{"a": 1}', "JSON"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\r", "NUL"),
        ("a.csv", b"a,b\n1,2\n\x00\x00\x00\n", r"byte 8 \(line 3\) is NUL"),
        ("a.csv", "a,b\n1,2\nx,café\n".encode("cp1252"), 'byte 0xe9 on line 3.*encoding = "cp1252"'),
        ("a.csv", b"a,b\n1,\x81\n", 'encoding = "latin-1"'),
        ("a.csv", b"a,b\n1,2\n1\n1,2,3\n", r"2 of 3 rows do not have the header's 2 cells \(first: line 3 has 1\)"),
        ("a.csv", b'a,b\n1,"2\n3,4\n5,6\n', "a quote is opened in row 1 and never closed"),
        ("a.csv", b"a,b\n1," + b"x" * 3_000_000 + b"\n", "cannot be read as CSV"),
        ("a.csv", b"a,b,a\n1,2,3\n", "more than once: a"),
        ("a.parquet", b"not parquet at all", "not whole Parquet"),
        ("a.parquet", whole_parquet()[:-20], "not whole Parquet"),
        ("a.xlsx", b"home,usage\n", "not a whole .xlsx"),
        ("a.xls", b"x", r"\.xls is not readable; save it as \.csv"),
        ("data", b"x", "a name without an ending"),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, name, content, words):
    with pytest.raises(SourceError, match=words) as refusal:
        read_frame(write(tmp_path / name, content))
    assert str(tmp_path / name) in str(refusal.value)


def test_a_cp1252_file_read_as_it_is_told(tmp_path):
    with pytest.raises(SourceError, match="no encoding is called 'klingon'"):
        read_frame(write(tmp_path / "a.csv", CSV), encoding="klingon")
    with pytest.raises(SourceError, match="not in ascii"):
        read_frame(write(tmp_path / "a.csv", CSV), encoding="ascii")


def test_zip_with_two_tables_is_not_guessed(tmp_path):
    with pytest.raises(SourceError, match=r"must hold one CSV and holds 2 \(it has a.csv, b.csv\)"):
        read_frame(zipped(tmp_path / "a.zip", {"a.csv": CSV, "b.csv": CSV}))


def test_missing_file_and_folder(tmp_path):
    write(tmp_path / "bills.csv", CSV)
    with pytest.raises(SourceError, match=r"there is no file .*bill.csv; .* holds bills.csv"):
        read_frame(tmp_path / "bill.csv")
    with pytest.raises(SourceError, match="is a folder"):
        read_frame(tmp_path)
