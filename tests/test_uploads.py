"""Uploads: names that attack, owners, sizes, and what is left behind."""

import io
import json

import pytest

from case_heating.data import uploads
from case_heating.data.uploads import (
    add_file,
    begin_upload,
    delete_upload,
    drop_file,
    find_upload,
    open_differently,
    shown_name,
    uploads_of,
)
from case_heating.errors import SourceError


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "ws"


def begin(workspace, by="ann", at=1.0):
    return begin_upload(workspace, by=by, at=at)


HOSTILE = [
    "../../x.csv",
    "/etc/passwd.csv",
    "..\\..\\x.csv",
    "nul\x00.csv",
    "a" * 5000 + ".csv",
    "‮vsc.exe.csv",
    "-rf.csv",
    "$(reboot).csv",
    "con.csv",
    "\n\n.csv",
    "ünïcödé 表.csv",
    ".csv",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_path(workspace, tmp_path, name):
    upload = add_file(begin(workspace), name, io.BytesIO(b"a,b\n1,2\n"))
    assert [file.stored for file in upload.files] == ["1.csv"]
    assert sorted(path.name for path in upload.folder.iterdir()) == ["1.csv", "upload.json"]
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {
        workspace / "workspace.json",
        upload.folder / "1.csv",
        upload.folder / "upload.json",
    }
    shown = upload.files[0].name
    assert len(shown) <= 80
    assert shown.endswith(".csv")
    assert not set(shown) & set("/\\\x00\n‮")


def test_the_ending_alone_decides_and_unknown_ones_are_refused(workspace):
    upload = begin(workspace)
    for name, stored in (("a.CSV", "1.csv"), ("b.csv.gz", "2.csv.gz"), ("c.gz", "3.csv.gz"), ("d.xlsx", "4.xlsx")):
        upload = add_file(upload, name, io.BytesIO(b"x"))
        assert upload.files[-1].stored == stored
    with pytest.raises(SourceError, match=r"run\.py: its name must end in one of \.csv"):
        add_file(upload, "run.py", io.BytesIO(b"x"))


def test_the_same_name_again_replaces_the_file(workspace):
    upload = add_file(begin(workspace), "a.csv", io.BytesIO(b"old"))
    upload = add_file(upload, "a.csv", io.BytesIO(b"newer"))
    assert [(file.name, file.stored, file.n_bytes) for file in upload.files] == [("a.csv", "2.csv", 5)]
    assert sorted(path.name for path in upload.folder.iterdir()) == ["2.csv", "upload.json"]
    assert upload.path(upload.files[0]).read_bytes() == b"newer"


def test_an_upload_is_found_again_by_its_owner_alone(workspace):
    upload = add_file(begin(workspace), "a.csv", io.BytesIO(b"a\n1\n"))
    upload = open_differently(upload, "a.csv", encoding="cp1252")
    assert find_upload(workspace, upload.id, by="ann") == upload
    with pytest.raises(SourceError) as foreign:
        find_upload(workspace, upload.id, by="bob")
    with pytest.raises(SourceError) as absent:
        find_upload(workspace, "0" * 16, by="bob")
    assert str(foreign.value) == str(absent.value)
    for name in ("../" + upload.id, "..", "", upload.id + "/", upload.id.upper() + "\n", "%2e%2e"):
        with pytest.raises(SourceError, match="no such upload"):
            find_upload(workspace, name, by="ann")
    assert uploads_of(workspace, "bob") == ()


def test_the_newest_comes_first_and_damaged_ones_are_nobodys(workspace):
    old, new, broken = begin(workspace, at=1.0), begin(workspace, at=2.0), begin(workspace, at=3.0)
    (broken.folder / "upload.json").write_text('{"by": "ann"')
    assert uploads_of(workspace, "ann") == (new, old)
    with pytest.raises(SourceError, match="no such upload"):
        find_upload(workspace, broken.id, by="ann")


def test_a_person_may_hold_so_much_and_no_more(workspace, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_A_PERSON", 10)
    first = add_file(begin(workspace), "a.csv", io.BytesIO(b"123456"))
    second = begin(workspace, at=2.0)
    with pytest.raises(SourceError, match=r"b\.csv does not fit"):
        add_file(second, "b.csv", io.BytesIO(b"12345"))
    assert [path.name for path in second.folder.iterdir()] == ["upload.json"]  # no half of it is left
    assert json.loads((second.folder / "upload.json").read_text())["files"] == []
    add_file(begin(workspace, by="bob"), "b.csv", io.BytesIO(b"12345"))
    delete_upload(first)
    assert add_file(second, "b.csv", io.BytesIO(b"12345")).n_bytes == 5


def test_an_upload_holds_so_many_files(workspace, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    upload = add_file(add_file(begin(workspace), "a.csv", io.BytesIO(b"1")), "b.csv", io.BytesIO(b"1"))
    with pytest.raises(SourceError, match="at most 2 files"):
        add_file(upload, "c.csv", io.BytesIO(b"1"))
    assert len(add_file(upload, "b.csv", io.BytesIO(b"2")).files) == 2
    upload = drop_file(find_upload(workspace, upload.id, by="ann"), "a.csv")
    assert [file.name for file in upload.files] == ["b.csv"]
    assert not (upload.folder / "1.csv").exists()


def test_deleting_takes_what_was_made_of_it_along_and_nothing_else(workspace):
    upload = add_file(begin(workspace), "a.csv", io.BytesIO(b"1"))
    other = begin(workspace, at=2.0)
    for step in ("1_raw/own_a", "5_answers/own_a", "5_answers/embedded"):
        (workspace / step).mkdir(parents=True)
    delete_upload(upload, made_of_it="own_a")
    assert uploads_of(workspace, "ann") == (other,)
    assert not upload.folder.exists()
    assert [path.name for path in (workspace / "5_answers").iterdir()] == ["embedded"]
    assert not (workspace / "1_raw/own_a").exists()


def test_a_name_is_shortened_from_its_middle():
    assert shown_name("b" * 100 + ".csv.gz") == "b" * 40 + ".csv.gz"
