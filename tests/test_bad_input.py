"""A town's files, spoilt in one way at a time: what the command line says, how it ends, and what it leaves."""

import errno
import gzip
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from case_heating.edges.cli import app

ANSWER_IS_NO, BAD_INPUT = 1, 2


@pytest.fixture
def town(write_town, tmp_path):
    """The mapping of a town whose files may be spoilt."""
    return write_town(tmp_path / "town")


def heating(*words):
    nothing_set = {"HEATING_WORKSPACE": None, "HEATING_DATA_DIR": None, "COLUMNS": "80"}
    return CliRunner(env=nothing_set).invoke(app, [str(word) for word in words])


def run(town, *more):
    return heating("run", "--source", town, "--workspace", town.parent.parent / "workspace", *more)


def refused(result, *told):
    """See that the command ended with 2, printed no result, and told the fault in words and not in a traceback."""
    assert result.exit_code == BAD_INPUT, (result.exception, result.output)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    words = " ".join(result.stderr.split())
    for part in told:
        assert part in words


def left(folder: Path) -> list[str]:
    """Name what lies in a workspace, with everything that is hidden in it at any depth."""
    return sorted({path.name for path in folder.glob("*")} | {path.name for path in folder.rglob(".*")})


def rows(name, change):
    """Change the rows of one file; cells are text."""

    def spoil(folder: Path) -> None:
        file = folder / f"{name}.csv"
        change(pd.read_csv(file, dtype="str", keep_default_na=False)).to_csv(file, index=False)

    return spoil


def cells(name, column, *values, n=None):
    """Write values over the first cells of a column, or one value over the first ``n`` or all of them."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        written = list(values) if len(values) > 1 else list(values) * (n or len(frame))
        frame.loc[: len(written) - 1, column] = written
        return frame

    return rows(name, change)


def words(name, old, new, times=-1):
    """Replace words in a file."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, times), encoding="utf-8")

    return spoil


def content(name, written):
    """Write bytes over a file."""
    return lambda folder: (folder / name).write_bytes(written)


def without_table(name):
    """Take a ``[[table]]`` out of the mapping."""

    def spoil(folder: Path) -> None:
        first, *tables = (folder / "mapping.toml").read_text().split("[[table]]")
        kept = [table for table in tables if f'name = "{name}"' not in table]
        assert len(kept) == len(tables) - 1
        (folder / "mapping.toml").write_text("[[table]]".join([first, *kept]))

    return spoil


def half_a_gzip(folder: Path) -> None:
    whole = gzip.compress((folder / "bills.csv").read_bytes())
    (folder / "bills.csv.gz").write_bytes(whole[: len(whole) // 2])
    words("mapping.toml", "bills.csv", "bills.csv.gz")(folder)


def in_latin_1(folder: Path) -> None:
    words("homes.csv", "Salem", "Zürich", 1)(folder)
    (folder / "homes.csv").write_bytes((folder / "homes.csv").read_text().encode("latin-1"))


def north_in_wh(folder: Path) -> None:
    north = pd.read_csv(folder / "homes.csv").set_index("account")["district"] == "north"
    bills = pd.read_csv(folder / "bills.csv")
    bills["kwh"] *= bills["account"].map(north).map({True: 1000, False: 1})
    bills.to_csv(folder / "bills.csv", index=False)


def folder_instead(name):
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return spoil


def only_one_home(folder: Path) -> None:
    for name in ("homes", "bills", "survey"):
        rows(name, lambda frame: frame.head(1))(folder)


CANNOT_BE_READ = {
    "missing column": (
        rows("bills", lambda bills: bills.drop(columns="kwh")),
        ["usage asks for column 'kwh', which bills.csv does not have", "bills.csv has the columns account, from, to"],
    ),
    "a mapping that names absent columns": (
        words("mapping.toml", '"kwh"', '"khw"'),
        ["usage asks for column 'khw', which bills.csv does not have; did you mean kwh?"],
    ),
    "a mapping that names an absent file": (
        lambda folder: (folder / "bills.csv").unlink(),
        ["there is no file", "bills.csv", "holds homes.csv, mapping.toml, survey.csv"],
    ),
    "a mapping that names an absent canonical column": (
        words("mapping.toml", "district =", "distrikt ="),
        ["[[table]] homes: 'distrikt' is no column of homes; did you mean district?"],
    ),
    "unknown unit": (
        words("mapping.toml", 'unit = "kWh"', 'unit = "kWhh"'),
        ["[[table]] bills: usage: unknown unit 'kWhh'; did you mean kWh? there are Wh, kWh, MWh"],
    ),
    "no unit": (
        words("mapping.toml", '{ column = "kwh", unit = "kWh" }', '"kwh"'),
        ["usage: must state the unit of 'kwh'", 'unit = "…"'],
    ),
    "a draft nobody confirmed": (
        words("mapping.toml", 'name = "town"', 'name = "town"\nconfirmed = false'),
        ["is a draft that nobody has confirmed", "confirmed = true"],
    ),
    "a mapping that is no TOML": (content("mapping.toml", b"[source\nname="), ["mapping.toml is not TOML", "line 1"]),
    "a mapping that is no text": (content("mapping.toml", b"\xff\xfe\x00"), ["mapping.toml is not TOML"]),
    "an empty mapping": (content("mapping.toml", b""), ["has 3 problems", "source: is needed", "table: is needed"]),
    "a folder for a mapping": (folder_instead("mapping.toml"), ["mapping.toml"]),
    "a folder for a file": (folder_instead("bills.csv"), ["bills.csv is a folder; name a file in it"]),
    "empty file": (content("bills.csv", b""), ["bills.csv is empty (0 bytes); fetch or export it again"]),
    "blank file": (content("bills.csv", b"\n \n\n"), ["bills.csv is empty", "nothing but blank lines"]),
    "only a header": (
        rows("bills", lambda bills: bills.head(0)),
        ["bills.csv has 5 columns but no rows; give the file that holds the data"],
    ),
    "half a gzip": (half_a_gzip, ["bills.csv.gz is cut short", "fetch it again"]),
    "a picture": (content("bills.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), ["bills.csv is not a CSV", "byte 8"]),
    "a web page": (content("bills.csv", b"<html>Sign in</html>"), ["bills.csv is not a CSV; it looks like a web page"]),
    "JSON": (content("bills.csv", b'{"kwh": 1}'), ["bills.csv is not a CSV; it looks like JSON: save it as .csv"]),
    "wrong encoding": (in_latin_1, ["homes.csv is not UTF-8: byte 0xfc on line 2", 'give encoding = "cp1252"']),
    "ragged rows": (
        words("bills.csv", "a003,", "a003,,"),
        ["bills.csv: 1 of 300 rows do not have the header's 5 cells (first: line 5 has 6)"],
    ),
    "no rows in the survey": (rows("survey", lambda survey: survey.head(0)), ["survey.csv has 3 columns but no rows"]),
}


@pytest.mark.parametrize("case", CANNOT_BE_READ)
def test_what_cannot_be_read_is_refused_before_anything_is_written(town, case):
    spoil, told = CANNOT_BE_READ[case]
    spoil(town.parent)
    refused(run(town), *told)
    assert set(left(town.parent.parent / "workspace")) <= {"workspace.json"}
    refused(heating("data", "check", town), *told[:1])


WRONG_AS_A_WHOLE = {
    "MWh for kWh": (
        words("mapping.toml", 'unit = "kWh"', 'unit = "MWh"'),
        ["bills.usage: the upper quartile of the electricity bills is", "in another unit: state it in the mapping"],
    ),
    "Wh for kWh": (
        words("mapping.toml", 'unit = "kWh"', 'unit = "Wh"'),
        ["bills.usage: the upper quartile of the electricity bills is 0.03", "in another unit"],
    ),
    "a district in Wh": (
        north_in_wh,
        ["electricity of district north in 2023-12 is about", "as if written in Wh", "Convert those rows"],
    ),
    "all numbers are text": (
        cells("bills", "kwh", "lots"),
        ["bills.usage: wrong dtype, 300 of 300 filled cells are not a finite number: it holds text such as 'lots'"],
    ),
    "all numbers are infinite": (
        cells("bills", "kwh", "-inf"),
        ["bills.usage: wrong dtype, 300 of 300 filled cells are not a finite number: it holds numbers such as '-inf'"],
    ),
    "dates in another format": (
        cells("bills", "from", "01/31/2023"),
        ["bills.start: wrong dtype, 300 of 300", "not a date", "such as '01/31/2023'", "in the mapping"],
    ),
    "all dates in the future": (
        lambda folder: (cells("bills", "from", "2990-01-01")(folder), cells("bills", "to", "2991-01-01")(folder)),
        ["bills: 300 of 300 rows would be refused", "- bills.start: 300 of 300 rows are after the day of the run"],
    ),
    "all periods reversed": (
        cells("bills", "to", "2022-01-01"),
        [
            "bills: 300 of 300 rows would be refused",
            "bills.end: 300 of 300 rows are not later than start (first: home a000",
        ],
    ),
    "duplicate homes": (
        rows("homes", lambda homes: pd.concat([homes, homes.head(2)])),
        ["homes: duplicate key home_id: 2 of 302 rows repeat one (first: a000, row 301); leave one row each"],
    ),
    "unknown codes": (
        cells("survey", "heat", "furnace"),
        ["labels.heating_fuel: unknown codes in 240 of 240", "'furnace'", "under codes in the mapping"],
    ),
    "bills of other homes": (
        rows("homes", lambda homes: homes.head(1)),
        ["bills: 299 of 300 rows would be refused", "of a home that is not in homes (first: home a001"],
    ),
    "no bills": (without_table("bills"), ["bills: the table is missing; there are homes, labels. Map a file to it"]),
    "no homes": (without_table("homes"), ["homes: the table is missing; there are bills, labels. Map a file to it"]),
}


@pytest.mark.parametrize("case", WRONG_AS_A_WHOLE)
def test_a_table_that_cannot_be_trusted_stops_the_run_after_it_was_read(town, case):
    spoil, told = WRONG_AS_A_WHOLE[case]
    spoil(town.parent)
    result = run(town)
    refused(result, *told)
    assert "quarantine/" not in result.stderr  # there is none: nothing was parted
    assert left(town.parent.parent / "workspace") == ["1_raw", "workspace.json"]


TOO_LITTLE = {
    "all one fuel": (
        cells("survey", "heat", "gas"),
        ["all 240 labelled homes heat with gas (240 gas, 0 electricity", "Check the codes"],
    ),
    "all but one": (
        lambda folder: (cells("survey", "heat", "gas")(folder), cells("survey", "heat", "electric", n=1)(folder)),
        ["239 labelled homes heat with gas and 1 with electricity; to compare them, at least 5 of each are needed"],
    ),
    "a single home": (only_one_home, ["1 home is known", "at least 100 are needed", "Bring more labels"]),
    "few labels": (
        rows("survey", lambda survey: survey.head(20)),
        ["18 homes are known", "at least 100 are needed to train and judge a model"],
    ),
    "no labels": (
        without_table("labels"),
        ["there is no labels table: nobody has said what any home heats with", "labels.heating_fuel"],
    ),
}


@pytest.mark.parametrize("case", TOO_LITTLE)
def test_too_little_to_learn_from_keeps_the_checked_tables(town, case):
    spoil, told = TOO_LITTLE[case]
    spoil(town.parent)
    refused(run(town), *told)
    assert left(town.parent.parent / "workspace") == ["1_raw", "2_trusted", "3_features", "workspace.json"]


QUARANTINED = {
    "text in a number": (
        cells("bills", "kwh", "about 400", n=3),
        "bills.usage: 3 of 300 rows are not a finite number (first: home a000, 2023-01, about 400)",
    ),
    "NaN and infinity": (
        cells("bills", "kwh", "inf", "NaN", "-Infinity"),
        "bills.usage: 3 of 300 rows are not a finite number (first: home a000, 2023-01, inf)",
    ),
    "dates in the future": (
        lambda folder: (
            cells("bills", "from", "2990-01-01", n=3)(folder),
            cells("bills", "to", "2991-01-01", n=3)(folder),
        ),
        "bills.start: 3 of 300 rows are after the day of the run (first: home a000, 2990-01, 2990-01-01)",
    ),
    "dates reversed": (
        cells("bills", "to", "2022-01-01", n=3),
        "bills.end: 3 of 300 rows are not later than start (first: home a000, 2023-01, 2022-01-01)",
    ),
    "negative usage": (
        cells("bills", "kwh", "-50", n=3),
        "bills.usage: 3 of 300 rows are negative without solar (first: home a000, 2023-01, -50.0)",
    ),
    "bills of nobody": (
        cells("bills", "account", "", n=3),
        "bills.home_id: 3 of 300 rows are missing (first: no home, 2023-01)",
    ),
}


@pytest.mark.parametrize("case", QUARANTINED)
def test_faulty_rows_are_told_and_counted_and_kept(town, tmp_path, case):
    spoil, told = QUARANTINED[case]
    spoil(town.parent)
    result = heating("data", "check", town, "--quarantine", tmp_path / "quarantine")
    assert result.exit_code == ANSWER_IS_NO
    assert f"{told}; {tmp_path / 'quarantine' / 'bills.parquet'}" in result.stdout
    kept = pd.read_parquet(tmp_path / "quarantine" / "bills.parquet")
    assert kept["reasons"].str.startswith(told.split(":")[0].removeprefix("bills.")).to_list() == [True] * 3
    assert re.search(r"bills +300 +297 +3 +0", result.stdout)


def test_faulty_rows_are_counted_for_machines_too(town):
    cells("bills", "kwh", "about 400", n=3)(town.parent)
    result = heating("data", "check", town, "--json")
    assert result.exit_code == ANSWER_IS_NO
    found = json.loads(result.stdout)
    assert found["counts"]["bills"] == {"rows_in": 300, "valid": 297, "quarantined": 3, "not_yet_known": 0}
    assert [(fault["column"], fault["n_rows"]) for fault in found["faults"]] == [("usage", 3)]


def test_an_extra_column_is_noted_and_not_used(town):
    rows("bills", lambda bills: bills.assign(remark="none"))(town.parent)
    result = heating("data", "check", town)
    assert result.exit_code == 0
    assert "bills.csv: the mapping does not use 1 of its columns (remark)" in result.stdout


def test_a_column_that_holds_nothing_is_noted_and_left_out(town):
    cells("bills", "kwh", "")(town.parent)
    result = heating("data", "check", town)
    assert result.exit_code == 0
    assert "bills: usage holds nothing in 300 rows and was left out" in result.stdout


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            ["--as-of", "2020-01-01"],
            "bills: none is known as of 2020-01-01; the first is known on 2024-01-06. Set a later",
        ),
        (["--as-of", "2990-01-01"], "as_of is 2990-01-01 and today is"),
        (["--as-of", "yesterday"], "'yesterday' does not match"),
        (["--stage", "gas_bills"], "stage 'gas_bills' (the gas bills) is not reached"),
        (["--stage", "gasbills"], "there is no stage 'gasbills'; there are"),
        (["--source", "recs15"], "there is no source 'recs15'; did you mean recs2015?; there are embedded"),
        (["--source", "pums:ZZ"], "ZZ"),
        (["--source", "recs2020"], "recs2020 is not here"),
        (
            ["--source", "nowhere/mapping.toml"],
            "nowhere/mapping.toml is not there; draft a mapping with 'heating data map",
        ),
        (["--homes", "3"], "should be greater than or equal to 200"),
        (["--data-dir", "nowhere", "--source", "recs2015"], "nowhere"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_in_words(town, more, told):
    result = run(town, *more)
    assert result.exit_code == BAD_INPUT
    assert result.stdout == ""
    unframed = " ".join(result.stderr.replace("│", " ").split())
    assert told in unframed
    assert "6_report" not in left(town.parent.parent / "workspace")


def failing(number):
    def fail(*_arguments, **_options):
        raise OSError(number, "made up")

    return fail


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EACCES, "may not be written; choose a folder of your own with --workspace"),
        (errno.ENOSPC, "is full; free some space or choose another with --workspace. Finished steps are kept"),
        (errno.EROFS, "lies on a read-only disk; choose another with --workspace"),
    ],
    ids=["no permission", "full disk", "read-only disk"],
)
def test_what_the_disk_refuses_leaves_nothing_half_written(town, monkeypatch, number, told):
    workspace = town.parent.parent / "workspace"
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", failing(number))
        refused(run(town), told)
    assert left(workspace) == ["1_raw", "workspace.json"]
    assert list((workspace / "1_raw").iterdir()) == []
    with monkeypatch.context() as patch:
        patch.setattr("case_heating.data.keep.write_data_docs", failing(number))
        refused(run(town), told)
    assert [path.name for path in (workspace / "2_trusted").iterdir()] == []
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", failing(number))
        refused(heating("run", "--source", town, "--workspace", workspace.parent / "new"), told)
    assert not (workspace.parent / "new").exists()


@pytest.mark.parametrize("option", ["--output", "--quarantine"])
def test_a_full_disk_is_told_wherever_something_is_written(town, tmp_path, monkeypatch, option):
    cells("bills", "kwh", "-50", n=1)(town.parent)
    monkeypatch.setattr(Path, "write_text", failing(errno.ENOSPC))
    monkeypatch.setattr(pd.DataFrame, "to_parquet", failing(errno.ENOSPC))
    target = tmp_path / "target"
    if option == "--output":
        refused(heating("data", "map", town.parent / "bills.csv", option, target), "is full", f"with {option}.")
        refused(heating("data", "simulate", "--homes", 200, option, target), "is full", f"with {option}.")
        assert left(tmp_path) == ["town"]
    else:
        refused(heating("data", "check", town, option, target), "is full", f"with {option}.")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda place: place.write_text(""), "workspace is a file; name a folder with --workspace"),
        (
            lambda place: (place.mkdir(), (place / "thesis.txt").write_text("years of work")),
            "holds files but is no workspace (workspace.json is missing)",
        ),
        (
            lambda place: (place.mkdir(), (place / "workspace.json").write_text('{"layout_version": 99}')),
            "was laid out by another version of this project (layout 99",
        ),
        (
            lambda place: (place.mkdir(), (place / "workspace.json").write_text("{")),
            "workspace.json cannot be read",
        ),
    ],
    ids=["a file", "somebody's folder", "another version", "a damaged mark"],
)
def test_a_workspace_that_is_none_is_refused_and_left_alone(town, make, told):
    place = town.parent.parent / "workspace"
    make(place)
    before = {path: path.read_bytes() for path in (place, *place.rglob("*")) if path.is_file()}
    refused(run(town), told)
    assert {path: path.read_bytes() for path in (place, *place.rglob("*")) if path.is_file()} == before
    found = heating("doctor", "--workspace", place)
    assert found.exit_code == ANSWER_IS_NO


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["data", "check", "nowhere.csv", "--table", "bills"], "there is no file nowhere.csv"),
        (["data", "check", "town/bills.csv"], "bills: missing column home_id"),
        (["data", "check", "town/survey.csv"], "say which table it holds with --table; there are homes, bills"),
        (["data", "check", "town/survey.csv", "--table", "labls"], "there is no table 'labls'; did you mean labels?"),
        (["data", "map", "nowhere.csv"], "there is no file nowhere.csv"),
        (["data", "map", "town"], "town is a folder; name a file in it"),
        (["data", "map", "town/bills.csv", "--output", "town/mapping.toml"], "is already there; give another --output"),
        (["data", "map", "town/bills.csv", "--output", "nowhere/mapping.toml"], "there is no folder nowhere"),
        (["data", "map", "town/bills.csv", "--output", "town", "--replace"], "town is a folder"),
        (["data", "simulate"], "say where to write the tables with --output FOLDER, or measure them with --check"),
        (["data", "simulate", "--output", "town"], "town is not an empty folder; give a new one with --output"),
        (["data", "simulate", "--output", "town/bills.csv"], "town/bills.csv is not an empty folder"),
        (["data", "fetch", "recs2016"], "there is no survey 'recs2016'; there are recs2009, recs2015, recs2020, pums"),
        (
            ["train", "--source", "embeded", "--test", "recs2015"],
            "there is no source 'embeded'; did you mean embedded?",
        ),
        (["run", "--source", "town/bills.csv"], "there is no source 'town/bills.csv'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_other_commands_refuse_in_words_too(town, monkeypatch, command, told):
    monkeypatch.chdir(town.parent.parent)
    refused(heating(*command), told)
    assert set(left(Path.cwd())) <= {"town", ".heating"}
    assert len(left(town.parent)) == 4


def test_a_file_spoilt_after_a_good_run_leaves_the_good_report(town, monkeypatch):
    monkeypatch.setattr(
        "case_heating.journey.write_report", lambda _found, folder: (folder / "summary.json").write_text("{}")
    )
    assert run(town, "--json", "--folds", 2).exit_code == 0
    workspace = town.parent.parent / "workspace"
    shutil.copytree(workspace, workspace.with_name("before"))
    content("bills.csv", b"")(town.parent)
    refused(run(town, "--json", "--folds", 2), "bills.csv is empty")
    for path in workspace.with_name("before").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (workspace / path.relative_to(workspace.with_name("before"))).read_bytes()
