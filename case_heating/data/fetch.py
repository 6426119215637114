"""Find the official survey files where they lie, or download them: resumed, checked, and named plainly when offline."""

import errno
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

import httpx

from case_heating.data.files import some_names
from case_heating.data.places import STATE_OF_FIPS
from case_heating.errors import SourceError

SurveyName = Literal["recs2009", "recs2015", "recs2020", "pums"]
Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and, where the server tells, the bytes there will be."""

PUMS_YEAR = 2021
RETRY_WAITS_S = (1.0, 2.0, 4.0)  # before the second, third and fourth try
TIMEOUT = httpx.Timeout(60.0, connect=15.0)

_EIA = "https://www.eia.gov/consumption/residential/data"
_CENSUS = f"https://www2.census.gov/programs-surveys/acs/data/pums/{PUMS_YEAR}/1-Year"
_ENDINGS = (".csv", ".csv.gz", ".zip")
_PARTIAL_CONTENT = 206
_RANGE_REFUSED = 416
_PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Official:
    """An official file: where it is published and under which names it may already lie in a folder.

    ``stems`` are patterns of names without their ending, in small letters; an earlier one is preferred.
    """

    address: str
    stems: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """Its name at the publisher."""
        return self.address.rsplit("/", 1)[1]


def official_file(name: SurveyName, state: str | None = None) -> Official:
    """Say where a survey's file is published and how it may be called.

    Raises
    ------
    SourceError
        If there is no such survey or state.

    Examples
    --------
    >>> official_file("pums", "or").stems
    ('psam_h41', 'csv_hor')
    """
    if name not in get_args(SurveyName):
        raise SourceError(f"there is no survey {name!r}; there are {', '.join(get_args(SurveyName))}")
    if name != "pums":
        year = name.removeprefix("recs")
        version = {"2009": "", "2015": "_v4", "2020": "_v7"}[year]
        address = f"{_EIA}/{year}/csv/{name}_public{version}.csv"
        return Official(address, (f"{name}_public{version}", f"{name}_public_v[0-9]", f"{name}_public"))
    fips_of_state = {postal: fips for fips, postal in STATE_OF_FIPS.items()}
    postal = (state or "").upper()
    if postal not in fips_of_state:
        said = "pums comes by state" if state is None else f"there is no state {state!r}"
        raise SourceError(f"{said}; name one by its postal code, for example --state OR")
    stem = f"csv_h{postal.lower()}"
    return Official(f"{_CENSUS}/{stem}.zip", (f"psam_h{fips_of_state[postal]}", stem))


def find_or_fetch(
    name: SurveyName,
    *,
    data_dir: Path | None,
    cache: Path,
    state: str | None = None,
    progress: Progress | None = None,
    client: httpx.Client | None = None,
    offline: bool = False,
) -> Path:
    """Give the path of an official file: from ``data_dir``, else from ``cache``, else downloaded into ``cache``.

    A download goes to ``NAME.part``, is taken up where it broke off, and gets its name only when it is whole. Its
    size and SHA-256 are kept beside it in ``NAME.sha256`` (as ``sha256sum -c`` reads it) and checked on every later
    use. The publishers give no checksums: the first download is trusted, a later change of it is not.

    Parameters
    ----------
    name : {"recs2009", "recs2015", "recs2020", "pums"}
    data_dir : Path or None
        Folder of files somebody put there; they are used as they are, checked only where a ``.sha256`` lies beside.
    cache : Path
        Folder of downloads; made if it is not there.
    state : str or None
        Postal code, for ``pums``. ``None`` takes the one household file that ``data_dir`` or ``cache`` holds.
    progress : callable or None
        Gets the bytes so far and the bytes expected.
    client : httpx.Client or None
        ``None`` opens one for this download.
    offline : bool
        Do not try to download.

    Raises
    ------
    SourceError
        If the file is not there and cannot be downloaded, was changed since, or the answer is not the file.
    """
    folders = [folder for folder in dict.fromkeys((data_dir, cache)) if folder is not None and folder.is_dir()]
    if name == "pums" and state is None:
        return _verified(_only_household_file(folders))
    official = official_file(name, state)
    for folder in folders:
        if found := _matching(folder, official.stems):
            return _verified(found[0])
    by_hand = f"download {official.address} by hand and put it into {data_dir or cache}"
    if offline:
        command = f"heating data fetch {name}" + (f" --state {state.upper()}" if state else "")
        raise SourceError(f"{name} is not here; fetch it with '{command}', or {by_hand}")
    target = cache / official.file_name
    with _disk_faults(cache):
        cache.mkdir(parents=True, exist_ok=True)
        if client is not None:
            _download(client, official.address, target, progress, by_hand)
        else:
            with httpx.Client(timeout=TIMEOUT) as own:
                _download(own, official.address, target, progress, by_hand)
    return target


def _matching(folder: Path, stems: tuple[str, ...]) -> list[Path]:
    """List the folder's files in the order of the stems; of several versions the newest comes first."""
    files = sorted((entry for entry in folder.iterdir() if entry.is_file()), key=lambda file: file.name.lower())
    patterns = [[stem + ending for ending in _ENDINGS] for stem in stems]
    return [
        file
        for of_stem in patterns
        for file in reversed(files)
        if any(fnmatch(file.name.lower(), pattern) for pattern in of_stem)
    ]


def _only_household_file(folders: list[Path]) -> Path:
    found = [file for folder in folders for file in _matching(folder, ("psam_h[0-9][0-9]", "csv_h[a-z][a-z]"))]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} are here ({some_names(file.name for file in found)})" if found else "none is here"
    raise SourceError(
        f"pums comes by state and {what}; name one by its postal code, for example --state OR, or pums:OR as a source"
    )


def _digest(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _record_beside(file: Path) -> Path:
    return file.with_name(file.name + ".sha256")


def _record(part: Path, target: Path, address: str) -> None:
    remark = f"# {part.stat().st_size} bytes from {address}; the publisher gives no checksum: trusted as first fetched"
    _record_beside(target).write_text(f"{remark}\n{_digest(part)}  {target.name}\n", encoding="utf-8")


def _verified(file: Path) -> Path:
    record = _record_beside(file)
    if record.exists():
        known = re.search(r"^([0-9a-f]{64}) [ *]", record.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if known is None or known[1] != _digest(file):
            raise SourceError(
                f"{file} is not the file that was fetched (its SHA-256 differs from {record.name}); "
                f"delete both to fetch it again, or only {record.name} if you changed the file on purpose"
            )
    return file


def _download(client: httpx.Client, address: str, target: Path, progress: Progress | None, by_hand: str) -> None:
    part = target.with_name(target.name + ".part")
    failures: list[str] = []
    for wait_s in (0.0, *RETRY_WAITS_S):
        time.sleep(wait_s)
        try:
            if not _receive(client, address, part, progress, by_hand):
                failures.append("the server's answer ended early or it was busy")
                continue
        except httpx.RequestError as error:
            failures.append(str(error) or type(error).__name__)
            continue
        _check_kind(part, target, address, by_hand)
        _record(part, target, address)
        part.replace(target)
        _validator_beside(part).unlink(missing_ok=True)
        return
    kept = f"{part.stat().st_size:,} bytes are kept and the next try goes on from there" if part.exists() else ""
    raise SourceError(
        f"{address} could not be fetched in {len(failures)} tries ({failures[-1]}); "
        f"{kept + '; ' if kept else ''}try again later, or {by_hand}"
    )


def _receive(client: httpx.Client, address: str, part: Path, progress: Progress | None, by_hand: str) -> bool:
    """Receive what is still missing; say whether the file is whole now."""
    have = part.stat().st_size if part.exists() else 0
    validator = _validator_beside(part)
    headers = {"Accept-Encoding": "identity"}  # lengths and ranges must count the file's own bytes
    if have and validator.exists():
        headers |= {"Range": f"bytes={have}-", "If-Range": validator.read_text(encoding="utf-8")}
    with client.stream("GET", address, headers=headers, follow_redirects=True) as answer:
        if answer.status_code == _RANGE_REFUSED:
            part.unlink()
            return False
        if answer.status_code in _PASSING_STATUS:
            return False
        if answer.is_error or answer.is_redirect:
            raise SourceError(f"{address} answered {answer.status_code} {answer.reason_phrase}; {by_hand}")
        resumed = answer.status_code == _PARTIAL_CONTENT and _range_start(answer) == have
        if answer.status_code == _PARTIAL_CONTENT and not resumed:
            part.unlink()
            return False
        have = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length is not None else None
        if not resumed:
            _keep_validator(validator, answer)
        with part.open("ab" if resumed else "wb") as file:
            for block in answer.iter_raw():
                file.write(block)
                have += len(block)
                if progress is not None:
                    progress(have, total)
    return total is None or have == total


def _validator_beside(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def _keep_validator(validator: Path, answer: httpx.Response) -> None:
    """Remember the version being received, so that another one is never glued to its beginning."""
    tag = answer.headers.get("ETag", "")
    version = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    if version:
        validator.write_text(version, encoding="utf-8")
    else:
        validator.unlink(missing_ok=True)


def _range_start(answer: httpx.Response) -> int | None:
    said = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(said[1]) if said else None


def _check_kind(part: Path, target: Path, address: str, by_hand: str) -> None:
    with part.open("rb") as file:
        head = file.read(512).lstrip()
    is_zip = head.startswith(b"PK")
    if not head or head.startswith((b"<", b"\x1f\x8b")) or is_zip != (target.suffix == ".zip"):
        part.unlink()
        raise SourceError(f"{address} sent something else than {target.name} (perhaps a web page); {by_hand}")


@contextmanager
def _disk_faults(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SourceError(f"the disk that holds {cache} is full; free some space and run again") from error
        raise SourceError(
            f"{error.filename or cache} cannot be written ({error.strerror}); choose another folder"
        ) from error
