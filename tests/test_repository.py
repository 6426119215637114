"""What must hold of every tracked file; skipped where the project is no git checkout, as when it was installed."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
MAX_LINES = 320  # a module fits on a few screens; beyond it has two subjects

REGISTRIES = ("pypi", "pythonhosted", "anaconda")
FORBIDDEN = {
    "an absolute path of somebody's home": r"(?<![\w.])(/(home/\w|root/|Users/\w)|[A-Z]:\\Users)",
    "the host of a package registry": rf"\b({'|'.join(REGISTRIES)})\.org",
    "loading of pickles, which runs whatever is in them": (
        r"\b(pickle\.loads?|read_pickle|joblib\.load|allow_pickle\s*=\s*True|import (pickle|cloudpickle|dill))\b"
    ),
    "something left to do": r"\b(TODO|FIXME|XXX)\b",
}

# Modules without a test file of their own name, and where they are tested instead.
TESTED_IN = {
    "test_simulate": (
        "the rooms of one simulation, which only together make a utility to test",
        ("billing", "climate", "data/history", "mess", "metering", "nation", "population", "reality", "territory"),
    ),
    "test_bring": ("the steps of applying a mapping", ("bring_cells", "bring_rows", "mapping", "read_mapping")),
    "test_draft_mapping": ("the steps of drafting one", ("draft_bills", "draft_columns", "draft_text")),
    "test_map_work": ("its text, and rows turned by it", ("map_sample", "map_text")),
    "test_validate": (
        "the steps of checking tables",
        ("data_docs", "dtypes", "expectations", "rules", "table_faults", "unit_slips"),
    ),
    "test_recs": ("the layouts, and what surveys share", ("recs_layouts", "survey", "survey_2009")),
    "test_published": ("the scripts that made the tables tested there", ("calibrate", "regressions")),
    "test_data_keep": ("two modules are called keep", ("data/keep",)),
    "test_model_keep": ("two modules are called keep", ("model/keep",)),
    "test_signature": ("the fit itself", ("change_point",)),
    "test_degree_days": ("the records they come from", ("degree_day_records",)),
    "test_report": (
        "what the report is made of",
        (
            "advice",
            "advice_use",
            "counts",
            "examples",
            "findings",
            "minute",
            "report_page",
            "report_summary",
            "section_words",
            "sentences",
            "words",
        ),
    ),
    "test_cli": ("what the command line is made of", ("cli_data", "console", "options", "show")),
    "test_cli_review": ("its other commands, and what they print", ("cli_routing", "review_database", "show_review")),
    "test_explain": ("how contributions are weighed", ("explain_weights",)),
    "test_fairness": ("the verdict on the figures", ("fairness_verdict",)),
    "test_remedies": ("the learners compared", ("mitigation",)),
    "test_fairness_study": (
        "what people see of a study",
        ("fairness_plots", "fairness_section", "fairness_tables", "model_card", "model_card_pdf"),
    ),
    "test_fairness_steps": ("the groups it begins with", ("fairness_groups",)),
    "test_review": ("the queue's parts", ("review_checks", "review_labels", "review_moves", "review_store")),
    "test_routing": ("the cost matrix and what routing costs", ("review_costs", "routing_findings")),
    "test_records": ("what is put on record", ("put_on_record", "route_answers")),
    "test_forecast": (
        "what the forecast is made of",
        ("forecast_draw", "forecast_learn", "forecast_look_back", "forecast_usage"),
    ),
    "test_cost_section": ("what it tells", ("cost_findings", "cost_plots", "cost_words")),
    "test_cli_forecast": ("its scenarios", ("forecast_scenario",)),
    "test_forecast_bills": ("what bills cost in a month", ("forecast_prices",)),
    "test_portfolio": ("what sums share, and the way from last year", ("forecast_interval", "year_bridge")),
    "test_forecast_promises": ("the measuring itself", ("forecast_check",)),
    "test_store": ("the parts of the offline store", ("store_log", "store_reads", "store_table", "store_writes")),
    "test_online": ("where it is kept", ("online_redis", "online_sqlite")),
    "test_cli_features": ("what it lists", ("distributions",)),
    "test_bench_app": ("who looks, with a browser or without", ("app_browser", "app_server", "bench_app_blind")),
    "test_bench_store": ("its rivals", ("bench_rivals",)),
    "test_gate": ("its parts", ("gate_fairness", "gate_limits")),
    "test_gate_checks": ("the comparisons with a rival", ("gate_rivalry",)),
    "test_registry": ("what it keeps, and MLflow", ("run_record", "tracking")),
    "test_model_folder": ("what lies in it", ("card",)),
    "test_monitor": (
        "what a watched month is made of",
        ("answer_signals", "watch/bills", "data_signals", "signals", "watch/report"),
    ),
    "test_faults": ("the world they are planted in", ("quiet",)),
    "test_drills": ("how their models are trained", ("drill_models",)),
    "test_drill_results": ("their charts", ("drill_plots",)),
    "test_watch_history": ("two modules are called history", ("watch/history",)),
    "test_replay": ("what a replay is made of", ("releases", "replay_policy")),
    "test_replay_words": ("charts and command of the replay", ("replay_plots", "cli_replay")),
    "test_continuous": ("its training and its answers", ("predictions", "training")),
    "test_flows": (
        "what serves and tells them",
        ("cli_flows", "flow_schedules", "flow_server", "flow_words", "latency"),
    ),
    "test_pums": ("which state belongs where", ("places",)),
    "test_bad_input": ("every error a person can meet", ("errors",)),
    "test_cli_app": ("the script it hands to Streamlit", ("edges/app/start/app",)),
    "app/test_home": (
        "the parts of the page",
        (
            "edges/app/home_answer",
            "edges/app/home_bills",
            "edges/app/home_find",
            "edges/app/home_growth",
            "edges/app/home_language",
            "edges/app/home_one",
            "edges/app/home_typed",
            "edges/app/home_wrong",
            "edges/app/home_year",
        ),
    ),
    "app/test_health": (
        "the parts of one page",
        (
            "edges/app/health_acts",
            "edges/app/health_data",
            "edges/app/health_drift",
            "edges/app/health_flows",
            "edges/app/health_jobs",
            "edges/app/health_models",
            "edges/app/health_record",
            "edges/app/health_rehearsals",
            "edges/app/health_stand",
        ),
    ),
    "app/test_portfolio": (
        "the parts of the page",
        ("edges/app/portfolio_charts", "edges/app/portfolio_groups", "edges/app/portfolio_scenario"),
    ),
    "app/test_ladder": ("its charts", ("edges/app/ladder_charts",)),
    "app/test_review": ("the parts of the page", ("app/review_case", "app/review_steps", "app/review_undo")),
    "app/test_fairness": ("its charts and its job", ("edges/app/fairness_charts", "edges/app/fairness_jobs")),
    "app/test_your_data": (
        "the parts of one page",
        (
            "edges/app/your_data_answers",
            "edges/app/your_data_check",
            "edges/app/your_data_column",
            "edges/app/your_data_files",
            "edges/app/your_data_mapping",
            "edges/app/your_data_work",
        ),
    ),
    "app/test_jobs": (
        "the job's own process, and how a page shows it",
        ("edges/app/job_process", "edges/app/show_job"),
    ),
    "test_plots": ("the colours themselves", ("colours",)),
    "test_validate and others": ("data only: every table is read from it", ("schema",)),
}


@pytest.fixture(scope="module")
def tracked():
    """The tracked files, as paths from the root."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = [name for name in done.stdout.split("\0") if (ROOT / name).is_file()]
    if "pyproject.toml" not in names:
        pytest.skip("the checkout around is another project's")
    return names


@pytest.fixture(scope="module")
def modules(tracked):
    return [name for name in tracked if re.fullmatch(r"case_heating/.*\.py", name) and not name.endswith("__init__.py")]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(tracked, what):
    found = []
    for name in tracked:
        if ROOT / name == Path(__file__) or name.endswith((".png", ".parquet")):
            continue
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(FORBIDDEN[what], line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not found, what


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("an absolute path of somebody's home", "open('/home/ann/data.csv')"),
        ("an absolute path of somebody's home", r"C:\Users\ann"),
        ("the host of a package registry", f"--index-url https://{REGISTRIES[0]}.org"),
        ("loading of pickles, which runs whatever is in them", "model = pickle.load(file)"),
        ("something left to do", "# TODO: mend"),
    ],
)
def test_the_patterns_find_what_they_are_for(what, line):
    assert re.search(FORBIDDEN[what], line)


def test_no_tracked_file_is_a_table_of_somebodys_homes(tracked):
    """Survey rows stay out; the tables that are in hold published figures and aggregates."""
    tables = [name for name in tracked if name.endswith((".csv", ".parquet", ".gz", ".zip", ".xlsx"))]
    assert all(name.startswith("case_heating/data/calibration/") for name in tables)
    for name in tables:
        text = (ROOT / name).read_text(encoding="utf-8")
        header = next(line for line in text.splitlines() if not line.startswith("#"))
        assert not re.search(r"\b(home_id|doeid|serialno|account)\b", header.lower()), name


def test_no_module_is_longer_than_a_few_screens(modules):
    lines = {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in modules}
    assert {name: n for name, n in lines.items() if n > MAX_LINES} == {}


def test_every_module_is_tested(modules):
    """A page and its core often share a name, so that the app's tests stand in a folder of their own."""
    listed = {name for _, names in TESTED_IN.values() for name in names}
    own = {_name_of_test(path) for path in (ROOT / "tests").rglob("test_*.py")}
    short = {name.removeprefix("case_heating/").removesuffix(".py"): _own_name(name) for name in modules}
    without = sorted(name for name, stem in short.items() if stem not in own and not {name, stem} & listed)
    assert without == [], "give each a tests/test_NAME.py, or list it above with where it is tested"
    assert {test for test in TESTED_IN if " " not in test} <= {_with_test(name) for name in own}
    gone = listed - set(short) - set(short.values())
    assert gone == set(), "listed above and no longer there"
    assert {name for name in listed if name in own} == set(), "listed above and has a test file of its own by now"


def _own_name(module):
    """Name a module as its test: ``app/review`` for the page, ``review`` for the queue."""
    return f"app/{Path(module).stem}" if module.startswith("case_heating/edges/app/") else Path(module).stem


def _name_of_test(path):
    return path.relative_to(ROOT / "tests").with_name(path.stem.removeprefix("test_")).as_posix()


def _with_test(name):
    return Path(name).with_name(f"test_{Path(name).name}").as_posix()


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line)]
    assert odd == []


def test_constraints_satisfy_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    asked = [Requirement(text) for text in [*project["dependencies"], *extras["test"]]]
    absent = [str(requirement) for requirement in asked if canonicalize_name(requirement.name) not in pinned]
    assert absent == [], "installed by 'make test' and not in constraints.txt"
    optional = [Requirement(text) for name in extras if name != "test" for text in extras[name]]
    refused = [
        f"{requirement} but {pinned[canonicalize_name(requirement.name)]}"
        for requirement in [*asked, *optional]
        if canonicalize_name(requirement.name) in pinned
        and not requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])
    ]
    assert refused == []


def test_what_the_package_reads_is_packaged(tracked):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["case_heating"]
    packaged = {path for pattern in patterns for path in (ROOT / "case_heating").glob(pattern)}
    read = {ROOT / name for name in tracked if name.startswith("case_heating/") and not name.endswith(".py")}
    assert read <= packaged
