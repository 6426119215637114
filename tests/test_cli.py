"""The command line: help that teaches, results and progress on their own streams, JSON, exit codes, a fast start."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import case_heating
from case_heating import journey
from case_heating.edges import console, show
from case_heating.edges.cli import app
from case_heating.edges.console import OUT, STATUS, progress_bar
from case_heating.features.stages import STAGES
from case_heating.model.ladder import Ladder
from case_heating.model.quality import Figure
from case_heating.people.words import STAGE_NAMES
from case_heating.workspace import open_workspace

ROOT = Path(__file__).parent.parent
ANSWER_IS_NO, BAD_INPUT, FAULT_OF_OURS, INTERRUPTED = 1, 2, 70, 130
SLOW_TO_IMPORT = ("lightgbm", "great_expectations", "matplotlib", "mlflow", "prefect", "streamlit", "sklearn")


def commands(group=None, words=("heating",)):
    """Every command with the words it is called by."""
    group = typer.main.get_command(app) if group is None else group
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield (*words, name), command
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


COMMANDS = {" ".join(words): command for words, command in commands()}


def heating(*words):
    return CliRunner(env={"HEATING_WORKSPACE": None, "COLUMNS": "80"}).invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module", autouse=True)
def eighty_columns():
    """The width of a terminal nobody has widened, whatever the tests are run in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OUT, "width", 80)
        patch.setattr(STATUS, "width", 80)
        yield


@pytest.fixture(scope="module")
def ran(write_town, tmp_path_factory):
    """A town's files and what the first and the second run said of them."""
    folder = tmp_path_factory.mktemp("cli")
    words = ("run", "--source", write_town(folder / "town"), "--workspace", folder / "workspace", "--folds", 2)
    return folder, heating(*words), heating(*words, "--json"), heating(*words)


def test_there_are_the_commands_we_know():
    assert sorted(COMMANDS) == [
        "heating app",
        "heating bench",
        "heating bench app",
        "heating bench explain",
        "heating bench signature",
        "heating bench store",
        "heating cost",
        "heating course",
        "heating course assess",
        "heating course check",
        "heating course open",
        "heating course reset",
        "heating data",
        "heating data check",
        "heating data fetch",
        "heating data map",
        "heating data simulate",
        "heating doctor",
        "heating drill",
        "heating explain",
        "heating fairness",
        "heating features",
        "heating features history",
        "heating features list",
        "heating features materialise",
        "heating flows",
        "heating flows list",
        "heating flows run",
        "heating flows up",
        "heating forecast",
        "heating registry",
        "heating registry list",
        "heating registry rollback",
        "heating registry show",
        "heating replay",
        "heating review",
        "heating review costs",
        "heating review decide",
        "heating review export",
        "heating review list",
        "heating review next",
        "heating review report",
        "heating review route",
        "heating review sample",
        "heating review second",
        "heating review skip",
        "heating review undo",
        "heating run",
        "heating train",
        "heating watch",
        "heating watch choose",
        "heating watch show",
        "heating why",
    ]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_is_explained(words):
    command = COMMANDS[words]
    assert len(command.help.split()) >= 4
    for parameter in command.params:
        assert len((parameter.help or "").split()) >= 1, f"{words} {parameter.name}"
    shown = heating(*words.split()[1:], "--help")
    assert shown.exit_code == 0
    for parameter in command.params:
        assert max(parameter.opts, key=len) in shown.stdout or parameter.param_type_name == "argument"


@pytest.mark.parametrize("words", [words for words, command in COMMANDS.items() if not hasattr(command, "commands")])
def test_every_command_is_told_in_the_readme_or_the_guides(words):
    guides = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert words in " ".join(guide.read_text(encoding="utf-8") for guide in guides)


def test_commands_that_the_guides_tell_of_are_there():
    """A command that was renamed is renamed in the guides, too, and so are its options."""
    for guide in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        rooms = "data |bench |features |flows |registry |review |watch "
        for told in re.findall(rf"heating ((?:{rooms})?[a-z]+)((?: --?[a-z-]+| [^-`#\s]\S*)*)", guide.read_text()):
            words, rest = f"heating {told[0].strip()}", told[1]
            if words not in COMMANDS:
                continue
            options = {name for parameter in COMMANDS[words].params for name in parameter.opts}
            assert set(re.findall(r" (--[a-z-]+)", rest)) <= options | {"--help"}, f"{guide.name}: {words}{rest}"


def test_environment_variables_stand_in_the_help():
    told = " ".join(heating("run", "--help").stdout.replace("│", " ").split())
    assert "[env: HEATING_WORKSPACE; default: .heating]" in told
    assert "HEATING_DATA_DIR]" in told
    assert "HEATING_SEED]" in told


def test_completion_can_be_installed_and_knows_the_stages():
    shown = heating("--help").stdout
    assert "--install-completion" in shown
    assert "--show-completion" in shown
    for words in ("heating run", "heating train"):
        stage = next(parameter for parameter in COMMANDS[words].params if parameter.name == "stage")
        offered = stage.shell_complete(typer.Context(COMMANDS[words]), "")
        assert [item.value for item in offered] == list(STAGES)


def test_version():
    result = heating("--version")
    assert (result.exit_code, result.stdout) == (0, f"case-heating {case_heating.__version__}\n")


def test_help_starts_fast():
    """What takes seconds to import is imported by the command that needs it."""
    code = (
        "import sys\n"
        "from case_heating.edges.cli import app\n"
        "try:\n    app(['--help'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "print('|', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    help_text, loaded = done.stdout.rsplit("|", 1)
    assert "Do the main job" in help_text
    assert set(loaded.split()) & set(SLOW_TO_IMPORT) == set()
    assert "pandas" in loaded.split()  # so that the test would see one


def test_a_run_tells_what_came_in_what_came_out_and_where_it_lies(ran):
    folder, first, _, again = ran
    assert first.exit_code == 0
    unwrapped = "".join(first.stdout.split())
    assert "840rowsin3tables;nonehadtoberefused" in unwrapped
    assert f"report      {folder}/workspace/6_report/own_town/report.html\n" in first.stdout
    assert "quarantine" not in first.stdout
    assert "Reused" not in first.stdout
    assert "gather,check,describe,learn,answer,tell." in "".join(again.stdout.split())


def test_progress_and_results_have_streams_of_their_own(ran):
    first = ran[1]
    assert "learning: electricity bill" in first.stderr
    assert "writing the report" in first.stderr
    assert "learning:" not in first.stdout
    assert "Gas or electric?" in first.stdout
    assert "Gas or electric?" not in first.stderr


def test_run_in_json_is_the_report_in_numbers(ran):
    folder, _, result, _ = ran
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["reused"] == dict.fromkeys(("gather", "check", "describe", "learn", "answer", "tell"), True)
    assert [stage["stage"] for stage in told["stages"]] == ["location", "billing"]
    assert told["stages_not_reached"] == ["weather", "property", "monthly", "gas_service", "gas_bills"]
    assert Path(told["report"]) == folder / "workspace" / "6_report" / "own_town" / "report.html"
    assert result.stderr == ""


def test_words_and_numbers_tell_of_the_same_homes(ran):
    told = json.loads(ran[2].stdout)["homes_answered"]
    words = re.search(r"Of (\d+) homes (\d+) are answered gas and (\d+) electricity", " ".join(ran[1].stdout.split()))
    assert [int(number) for number in words.groups()] == [sum(told.values()), told["gas"], told["electricity"]]


def test_every_json_is_one_document_and_nothing_else(ran, tmp_path):
    town = ran[0] / "town"
    (tmp_path / "recs2015_public_v4.csv").write_text("DOEID\n1\n")
    mapping, workspace = town / "mapping.toml", tmp_path / "workspace"
    for words, code in (
        (("train", "--source", mapping, "--test", mapping, "--stage", "billing"), 0),
        (("doctor", "--workspace", workspace, "--data-dir", tmp_path), 0),
        (("doctor", "--workspace", workspace, "--data-dir", tmp_path / "nowhere"), ANSWER_IS_NO),
        (("data", "fetch", "recs2015", "--workspace", workspace, "--data-dir", tmp_path), 0),
        (("data", "map", town / "bills.csv", town / "homes.csv", "--output", tmp_path / "draft.toml"), 0),
        (("data", "check", mapping), 0),
        (("data", "simulate", "--homes", 200, "--output", tmp_path / "simulated"), 0),
        (("bench", "signature", "--homes", 1000, "--bills", 12), 0),
    ):
        result = heating(*words, "--json")
        assert result.exit_code == code, (words, result.output)
        assert json.loads(result.stdout), words
        assert result.stderr == "", words
    drafted = json.loads(heating("data", "map", town / "bills.csv", "--output", tmp_path / "2.toml", "--json").stdout)
    assert drafted["tables"][0]["understood"]["usage"]["column"] == "kwh"


def test_check_tells_of_labels_that_are_too_few_for_a_run(ran, tmp_path):
    town = shutil.copytree(ran[0] / "town", tmp_path / "town")
    pd.read_csv(town / "survey.csv").head(20).to_csv(town / "survey.csv", index=False)
    result = heating("data", "check", town / "mapping.toml")
    assert result.exit_code == 0
    assert re.search(r"labels: \d+ gas and \d+ electricity are known on .* at least 100 homes", result.stdout)


def test_train_tells_each_stage_in_words(ran):
    mapping = ran[0] / "town" / "mapping.toml"
    result = heating("train", "--source", mapping, "--test", mapping, "--stage", "location")
    assert result.exit_code == 0
    assert re.search(r"Location and dwelling +\d+ +\d\d\.\d ±\d\.\d +\d\d\.\d +0\.\d{3} +0\.\d{3}\n", result.stdout)


def test_what_is_drafted_is_told_upright_and_whole(ran, tmp_path):
    bills = ran[0] / "town" / "bills.csv"
    pd.read_csv(bills).assign(remark="[red]none[/]").to_csv(tmp_path / "bills.csv", index=False)
    result = heating("data", "map", tmp_path / "bills.csv", "--output", tmp_path / "mapping.toml")
    assert result.exit_code == 0
    assert re.search(r"start +2023-01-01 +2023-01-01 +2023-01-01", result.stdout)
    assert re.search(r"Not understood in \S+bills.csv: remark; the draft tells what stands in them", result.stdout)
    assert "No column that tells what a home heats with was found" in result.stdout
    assert result.stdout.splitlines()[-1] == f"heating data check {tmp_path}/mapping.toml"
    assert (tmp_path / "mapping.toml").exists()
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("canonical column"))
    assert max(map(len, lines[first : lines.index("", first)])) <= 80


def test_a_fetched_file_is_told_with_what_to_do_with_it(tmp_path):
    (tmp_path / "psam_h41.csv").write_text("SERIALNO\n1\n")
    result = heating("data", "fetch", "pums", "--state", "OR", "--data-dir", tmp_path, "--workspace", tmp_path / "w")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/psam_h41.csv: run it with heating run --source pums:OR\n"
    assert result.stderr == ""


def test_words_of_others_are_no_markup():
    result = heating("run", "--source", "[red]my[/red].toml")
    assert result.exit_code == BAD_INPUT
    assert "[red]my[/red].toml is not there" in result.stderr


def test_ctrl_c_ends_with_130_and_a_sentence(monkeypatch, tmp_path):
    def interrupted(_settings, progress, **_options):
        progress("learning: location", 0.5)
        raise KeyboardInterrupt

    monkeypatch.setattr(journey, "run", interrupted)
    result = heating("run", "--workspace", tmp_path)
    assert result.exit_code == INTERRUPTED
    assert "Stopped. Nothing is left half written; 'heating run' goes on from its finished steps" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="signals to a child work otherwise there")
def test_ctrl_c_from_the_keyboard_leaves_a_workspace_to_go_on_from(write_town, tmp_path):
    """A real signal to a real process, in the middle of a step, which is held open until the signal arrives."""
    mapping = write_town(tmp_path / "town")
    code = (
        "import sys, time\n"
        "from case_heating import journey\n"
        "from case_heating.edges.cli import app\n"
        "def check(raw, settings, progress):\n    print('here', flush=True)\n    time.sleep(60)\n"
        "journey.check = check\n"
        "app(sys.argv[1:])"
    )
    words = ["run", "--source", mapping, "--workspace", tmp_path / "workspace", "--json"]
    child = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "here\n"
    child.send_signal(signal.SIGINT)
    out, told = child.communicate(timeout=30)
    assert (child.returncode, out) == (INTERRUPTED, "")
    assert "Stopped. Nothing is left half written" in told
    assert sorted(path.name for path in (tmp_path / "workspace").iterdir()) == ["1_raw", "workspace.json"]
    assert [path.name for path in (tmp_path / "workspace" / "1_raw").iterdir()] == ["own_town"]


def test_a_fault_of_ours_is_not_dressed_up_as_bad_input(monkeypatch, tmp_path):
    def broken(_settings, _progress, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(journey, "run", broken)
    open_workspace(tmp_path / ".heating")
    monkeypatch.chdir(tmp_path)
    result = heating("run")
    assert result.exit_code == FAULT_OF_OURS
    assert "This is a fault of the program, not of your input: ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.output
    (kept,) = (tmp_path / ".heating" / "faults").iterdir()
    assert kept.name in result.stderr
    assert "raise ZeroDivisionError" in kept.read_text()


def test_a_fault_without_a_workspace_is_kept_in_a_temporary_file_and_shown_when_asked(monkeypatch, tmp_path):
    def broken(_settings, _progress, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(journey, "run", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    result = heating("run", "--workspace", tmp_path / "none")
    assert result.exit_code == FAULT_OF_OURS
    assert [path.name[:6] for path in tmp_path.glob("*.txt")] == ["fault-"]
    monkeypatch.setenv("HEATING_DEBUG", "1")
    assert isinstance(heating("run", "--workspace", tmp_path / "none").exception, ZeroDivisionError)


@pytest.mark.parametrize("words", ["", "data", "bench"])
def test_no_command_is_answered_with_help(words):
    result = heating(*words.split())
    assert result.exit_code == BAD_INPUT
    assert "Usage:" in result.output


def test_where_nobody_watches_each_step_is_a_plain_line_when_it_begins(capsys):
    with progress_bar() as tell:
        for doing, share in (("reading", 0.0), ("reading", 0.5), ("learning [all]", 0.1)):
            tell(doing, share)
            told = capsys.readouterr()  # at once, not at the end
            assert told.out == ""
            assert told.err == ("" if share == 0.5 else f"   0 s  {doing}\n")
    with progress_bar(quiet=True) as tell:
        tell("reading", 0.0)
    assert capsys.readouterr().err == ""


def test_a_bar_begins_anew_when_the_share_falls_back_and_ends_full(capsys, monkeypatch):
    monkeypatch.setattr(console, "STATUS", Console(stderr=True, force_terminal=True, width=80, no_color=True))
    with progress_bar() as tell:
        tell("reading", 0.0)
        tell("read", 0.5)
        tell("learning", 0.0)
    told = capsys.readouterr()
    assert told.out == ""
    last = told.err[told.err.rindex("read") :]  # a bar is drawn over its former self
    assert [line.split()[0] for line in last.splitlines() if line.strip("\x1b[?25h \r")] == ["read", "learning"]
    assert "-:--:--" not in last  # both are at their end


def test_a_bar_without_anything_to_tell_leaves_nothing(capsys):
    with progress_bar():
        time.sleep(0)
    assert capsys.readouterr().err == ""


def test_the_widest_ladder_fits_eighty_columns(ran):
    settings = replace(journey.Settings(today=journey.date(2024, 6, 1)), workspace=ran[0] / "workspace", folds=2)
    settings = replace(settings, today=journey.date.today(), source=str(ran[0] / "town" / "mapping.toml"))
    ladder = journey.run(settings).ladder.value
    worst = replace(ladder["billing"], by_time=ladder["billing"].by_home, step=Figure(-0.123, -0.3, 0.1))
    rungs = tuple(replace(worst, stage=stage) for stage in STAGES)
    console = Console(width=80)
    with console.capture() as shown:
        console.print(show.ladder_in_words(Ladder(rungs, ())))
    assert "…" not in shown.get()
    assert STAGE_NAMES["gas_service"] in shown.get()
    assert "-12.3 ?" in shown.get()
    assert max(map(len, shown.get().splitlines())) <= 80


def test_the_real_homes_are_looked_for_before_any_are_simulated(monkeypatch, tmp_path):
    from case_heating.data import simulate

    def too_early(**_choices):
        raise AssertionError("simulated before recs2015 was looked for")

    monkeypatch.setattr(simulate, "simulate", too_early)
    monkeypatch.setenv("HEATING_WORKSPACE", str(tmp_path / "w"))
    monkeypatch.chdir(tmp_path)
    result = heating("data", "simulate", "--check", "--data-dir", tmp_path)
    assert result.exit_code == BAD_INPUT
    assert "recs2015 is not here" in result.stderr


def test_simulated_facts_beside_published_ones_fit_eighty_columns(capsys):
    rows = [
        ("share heated with electricity", "west_north_central", 0.2171, 0.244, -0.0269, "ACS B25040, 2015", 48),
        ("median electricity [kWh a year]", "gas", 8131.988, 7991.0, 140.988, "RECS 2009", 1978),
    ]
    names = ["fact", "group", "simulated", "published", "difference", "source", "homes"]
    OUT.print(show.facts_in_words(pd.DataFrame(rows, columns=names)))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 80
    words = [" ".join(line.split()) for line in lines]
    assert "west north central 0.217 0.244 -0.027 48" in words
    assert "gas 8,132 7,991 141 1,978" in words
    assert "median electricity [kWh a year]" in words


def test_help_fills_the_width_there_is_and_groups_the_commands():
    told = heating("explain", "--help").stdout
    said = [line.strip() for line in told.splitlines()]
    whole = "Where somebody has seen what the home heats with, that comes first, and beside"
    assert whole in said  # the docstring's own lines are longer than eighty
    assert said[said.index(whole) + 1] == "it what the machine would have said."
    every = heating("--help").stdout
    places = [every.index(f"─ {heading} ─") for heading in console.HEADINGS]
    assert places == sorted(places)


def test_a_reader_that_has_seen_enough_is_no_fault(monkeypatch, tmp_path):
    def gone(_settings, progress, **_options):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(journey, "run", gone)
    result = heating("run", "--workspace", tmp_path / "none")
    assert result.exit_code == 1  # as Python's own documentation has it
    assert "fault of the program" not in result.stderr
