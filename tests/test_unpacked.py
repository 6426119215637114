"""Bombs are refused without being held; what is whole and small is let through."""

import gzip
import io
import tracemalloc
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from case_heating.data import unpacked
from case_heating.errors import SourceError

MB = 1_000_000


def gz(path, n_bytes):
    with gzip.open(path, "wb") as file:
        file.write(b"0" * n_bytes)
    return path


def packed(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, n_bytes in members.items():
            archive.writestr(f"{name}.csv", b"0" * n_bytes)
    return path


def test_a_gzip_is_counted_and_not_held(tmp_path):
    bomb = gz(tmp_path / "1.csv.gz", 60 * MB)
    assert bomb.stat().st_size < MB
    tracemalloc.start()
    with pytest.raises(SourceError, match=r"bills\.csv\.gz \([\d,]+ bytes\) unpacks to more than 50 MB"):
        unpacked.stop_at_bombs(bomb, shown="bills.csv.gz", most_bytes=50 * MB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * MB
    unpacked.stop_at_bombs(bomb, most_bytes=60 * MB)


def test_members_of_a_zip_count_together(tmp_path):
    path = packed(tmp_path / "1.zip", a=6 * MB, b=6 * MB)
    unpacked.stop_at_bombs(path, most_bytes=12 * MB)
    with pytest.raises(SourceError, match="unpacks to more than 11 MB"):
        unpacked.stop_at_bombs(path, most_bytes=11 * MB)


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_it_says(tmp_path):
    path = packed(tmp_path / "1.zip", a=6 * MB)
    told, lie = (6 * MB).to_bytes(4, "little"), (10).to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(told) == 2  # once in the member's own head, once in the list at the end
    path.write_bytes(content.replace(told, lie))
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size == 10
        with pytest.raises(zipfile.BadZipFile):
            archive.read("a.csv")  # what the reader does: it stops at ten bytes, and the checksum is wrong
    unpacked.stop_at_bombs(path, most_bytes=MB)


def test_a_workbook_has_a_limit_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "MOST_WORKBOOK_BYTES", 5 * MB)
    path = packed(tmp_path / "1.xlsx", sheet=6 * MB)
    with pytest.raises(SourceError, match="unpacks to more than 5 MB"):
        unpacked.stop_at_bombs(path)


def test_parquet_is_counted_in_cells(tmp_path, monkeypatch):
    path = tmp_path / "1.parquet"
    parquet.write_table(pa.table({"a": ["same"] * 200_000, "b": ["same"] * 200_000}), path)
    assert path.stat().st_size < 10_000
    unpacked.stop_at_bombs(path)
    monkeypatch.setattr(unpacked, "MOST_CELLS", 399_999)
    with pytest.raises(SourceError, match=r"200,000 rows of 2 columns; at most 399,999 cells"):
        unpacked.stop_at_bombs(path)


@pytest.mark.parametrize("ending", [".csv.gz", ".zip", ".xlsx", ".parquet"])
def test_what_is_damaged_is_left_for_its_reader(tmp_path, ending):
    path = tmp_path / f"1{ending}"
    path.write_bytes(b"PK\x03\x04 and no more")
    unpacked.stop_at_bombs(path)
    whole = io.BytesIO()
    with gzip.open(whole, "wb") as file:
        file.write(b"a,b\n" * 1000)
    path.write_bytes(whole.getvalue()[:-9])
    unpacked.stop_at_bombs(path)


def test_an_honest_workbook_passes(tmp_path):
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "1.xlsx", index=False)
    unpacked.stop_at_bombs(tmp_path / "1.xlsx")
