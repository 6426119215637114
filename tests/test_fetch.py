"""Finding and fetching the official files, against a server on loopback; nothing here leaves the machine."""

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from case_heating.data import fetch
from case_heating.data.fetch import find_or_fetch, official_file
from case_heating.errors import SourceError

CONTENT = b"DOEID,KWH\n" + b"".join(b"%d,%d\n" % (number, number * 7) for number in range(40_000))
NAME = "recs2009_public.csv"


@dataclass
class Site:
    """What the server has and how it misbehaves."""

    content: bytes = CONTENT
    tag: str = '"v1"'
    statuses: list[int] = field(default_factory=list)  # answered first, one a request
    cut_after: list[int] = field(default_factory=list)  # bytes after which an answer breaks off, one a request
    ranges: list[str | None] = field(default_factory=list)  # the Range of every request that was answered
    address: str = ""


@pytest.fixture
def site(monkeypatch) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if site.statuses:
                self.send_error(site.statuses.pop(0))
                return
            asked = self.headers["Range"]
            site.ranges.append(asked)
            start = 0
            if asked and self.headers["If-Range"] == site.tag:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            body = site.content[start:]
            if asked and start >= len(site.content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", site.tag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
            self.end_headers()
            self.wfile.write(body[: site.cut_after.pop(0)] if site.cut_after else body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(fetch, "_EIA", site.address)
    monkeypatch.setattr(fetch, "_CENSUS", site.address)
    monkeypatch.setattr(fetch, "RETRY_WAITS_S", (0.0, 0.0, 0.0))
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_download_is_whole_recorded_and_then_reused(tmp_path, site, client):
    seen: list[tuple[int, int | None]] = []
    path = find_or_fetch(
        "recs2009", data_dir=None, cache=tmp_path / "c", client=client, progress=lambda *so_far: seen.append(so_far)
    )
    assert path == tmp_path / "c" / NAME
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == [NAME, NAME + ".sha256"]
    remark, line = path.with_name(NAME + ".sha256").read_text().splitlines()
    assert remark.startswith(f"# {len(CONTENT)} bytes from {site.address}/2009/csv/{NAME}; the publisher gives no")
    assert line == f"{hashlib.sha256(CONTENT).hexdigest()}  {NAME}"
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert find_or_fetch("recs2009", data_dir=None, cache=path.parent, offline=True) == path
    assert len(site.ranges) == 1


def test_a_broken_off_answer_is_taken_up_where_it_ended(tmp_path, site, client):
    site.cut_after = [100_000, 50_000]
    path = find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    assert path.read_bytes() == CONTENT
    assert site.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_a_later_run_goes_on(tmp_path, site, client):
    site.cut_after = [1000, 10, 10, 10]
    with pytest.raises(SourceError, match=r"could not be fetched in 4 tries .* 1,030 bytes are kept .* by hand"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    assert names(tmp_path) == [NAME + ".part", NAME + ".part.version"]
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == CONTENT
    assert site.ranges[-1] == "bytes=1030-"


def test_a_file_that_changed_meanwhile_is_not_glued_together(tmp_path, site, client):
    site.cut_after = [1000, 0, 0, 0]
    with pytest.raises(SourceError):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    site.content, site.tag = CONTENT.replace(b"KWH", b"BTU"), '"v2"'
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == site.content


def test_a_part_without_a_known_version_is_started_again(tmp_path, site, client):
    (tmp_path / (NAME + ".part")).write_bytes(b"something old")
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == CONTENT
    assert site.ranges == [None]


def test_a_part_that_is_whole_already(tmp_path, site, client):
    (tmp_path / (NAME + ".part")).write_bytes(CONTENT)
    (tmp_path / (NAME + ".part.version")).write_text(site.tag)
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(tmp_path, site, client):
    site.statuses = [503, 429, 500]
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == CONTENT


def test_404_is_final_and_names_address_and_folder(tmp_path, site, client):
    site.statuses = [404]
    with pytest.raises(
        SourceError, match=r"answered 404 Not Found; download http://\S+ by hand and put it into "
    ) as no:
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    assert str(no.value).endswith(str(tmp_path))
    assert site.ranges == []


def test_a_web_page_is_not_taken_for_the_file(tmp_path, site, client):
    site.content = b"<!DOCTYPE html><title>Please log in</title>"
    with pytest.raises(SourceError, match="perhaps a web page"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    site.content = CONTENT
    with pytest.raises(SourceError, match=r"something else than csv_hor\.zip"):
        find_or_fetch("pums", state="OR", data_dir=None, cache=tmp_path, client=client)
    assert [name for name in names(tmp_path) if not name.endswith(".version")] == []


def test_fewer_bytes_than_announced_are_no_whole_file(tmp_path):
    def short(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Length": "100"}, stream=httpx.ByteStream(b"DOEID,KWH\n"))

    with httpx.Client(transport=httpx.MockTransport(short)) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetch, "RETRY_WAITS_S", ())
        with pytest.raises(SourceError, match=r"in 1 tries \(the server's answer ended early"):
            find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    assert not (tmp_path / NAME).exists()


def test_nobody_answers(tmp_path, monkeypatch, client):
    monkeypatch.setattr(fetch, "RETRY_WAITS_S", (0.0,))
    monkeypatch.setattr(fetch, "_EIA", "http://127.0.0.1:9")  # the discard port: nothing listens
    with pytest.raises(SourceError, match=r"could not be fetched in 2 tries \(.*\); try again later, or download"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)


def test_offline_names_the_official_address_and_the_folder(tmp_path):
    folder = tmp_path / "data"
    told = r"fetch it with 'heating data fetch recs2020', or .* https://www\.eia\.gov/.*/recs2020_public_v7\.csv by"
    with pytest.raises(SourceError, match=told):
        find_or_fetch("recs2020", data_dir=folder, cache=tmp_path, offline=True)
    with pytest.raises(SourceError, match=f"2021/1-Year/csv_hor.zip by hand and put it into {folder}$"):
        find_or_fetch("pums", state="or", data_dir=folder, cache=tmp_path, offline=True)


def test_a_changed_file_is_noticed(tmp_path, site, client):
    path = find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(SourceError, match=r"not the file that was fetched .*delete both to fetch it again"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)
    path.unlink()
    path.with_name(NAME + ".sha256").unlink()
    assert find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "state", "there", "chosen"),
    [
        ("recs2009", None, ["recs2009_public.csv.gz", "recs2009_public_repweights.csv"], "recs2009_public.csv.gz"),
        ("recs2015", None, ["recs2015_public.csv.gz", "recs2015_public_v4.csv"], "recs2015_public_v4.csv"),
        ("recs2015", None, ["recs2015_public_v3.csv", "recs2015_public.csv"], "recs2015_public_v3.csv"),
        ("recs2020", None, ["recs2020_public_v5.csv", "RECS2020_public_v6.csv.gz"], "RECS2020_public_v6.csv.gz"),
        ("recs2020", None, ["recs2020_public_v7.csv.part", "recs2020_public_v7.zip"], "recs2020_public_v7.zip"),
        ("pums", "AK", ["psam_h01.csv", "psam_h02.csv.gz"], "psam_h02.csv.gz"),
        ("pums", "ak", ["csv_hak.zip", "csv_hal.zip"], "csv_hak.zip"),
        ("pums", None, ["psam_h02.csv.gz", "psam_p02.csv"], "psam_h02.csv.gz"),
    ],
)
def test_files_already_there_are_found_by_their_names(tmp_path, name, state, there, chosen):
    for file_name in there:
        (tmp_path / file_name).write_bytes(b"x")
    found = find_or_fetch(name, data_dir=tmp_path, cache=tmp_path / "cache", state=state, offline=True)
    assert found.name == chosen
    assert not (tmp_path / "cache").exists()


def test_the_data_folder_comes_before_the_cache(tmp_path):
    for folder in ("data", "cache"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / NAME).write_bytes(b"x")
    found = find_or_fetch("recs2009", data_dir=tmp_path / "data", cache=tmp_path / "cache", offline=True)
    assert found.parent.name == "data"


def test_pums_without_a_state(tmp_path):
    with pytest.raises(SourceError, match=r"by state and none is here; .* --state OR"):
        find_or_fetch("pums", data_dir=tmp_path, cache=tmp_path / "cache", offline=True)
    for file_name in ("psam_h02.csv", "psam_h41.csv"):
        (tmp_path / file_name).write_bytes(b"x")
    with pytest.raises(SourceError, match=r"2 are here \(psam_h41.csv, psam_h02.csv\)"):
        find_or_fetch("pums", data_dir=tmp_path, cache=tmp_path / "cache", offline=True)


def test_names_that_do_not_exist():
    with pytest.raises(SourceError, match="there is no state 'ZZ'"):
        official_file("pums", "ZZ")
    with pytest.raises(SourceError, match="pums comes by state"):
        official_file("pums")
    with pytest.raises(SourceError, match="no survey 'recs2005'; there are recs2009, recs2015, recs2020, pums"):
        official_file("recs2005")


def test_official_addresses():
    eia = "https://www.eia.gov/consumption/residential/data"
    assert official_file("recs2009").address == f"{eia}/2009/csv/recs2009_public.csv"
    assert official_file("recs2015").address == f"{eia}/2015/csv/recs2015_public_v4.csv"
    assert official_file("recs2020").address == f"{eia}/2020/csv/recs2020_public_v7.csv"


def test_a_cache_that_may_not_be_written(tmp_path, site, client):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match="cannot be written"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path / "file" / "cache", client=client)


def test_a_full_disk(tmp_path, site, client, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(fetch, "_keep_validator", full)
    with pytest.raises(SourceError, match="is full; free some space"):
        find_or_fetch("recs2009", data_dir=None, cache=tmp_path, client=client)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("recs2009", "recs2009_public.csv.gz"),
        ("recs2015", "recs2015_public.csv.gz"),
        ("pums", "psam_h02.csv.gz"),
    ],
)
def test_real_files_are_found(data_dir, tmp_path, name, file_name):
    assert find_or_fetch(name, data_dir=data_dir, cache=tmp_path, offline=True) == data_dir / file_name
