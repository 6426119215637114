"""Fixtures every test file may use: a tiny hand-made utility, a town's own files, and the official survey files.

Besides, for the app and the browser: small workspaces after a run, which are made when first asked for.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from case_heating import schema


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of official survey files; tests that need it are skipped where it is not set."""
    folder = os.environ.get("HEATING_DATA_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HEATING_DATA_DIR does not name a folder of official survey files")
    return Path(folder)


@pytest.fixture
def tiny_tables() -> dict[str, pd.DataFrame]:
    """Four homes in two districts with one year of monthly electricity bills, made by hand."""
    homes = pd.DataFrame(
        {
            "home_id": ["h1", "h2", "h3", "h4"],
            "place_id": ["p1", "p1", "p2", "p2"],
            "division": ["pacific"] * 4,
            "district": ["d1", "d1", "d2", "d2"],
            "dwelling_type": ["single_detached", "apartment_5_plus", "mobile_home", "single_detached"],
            "year_built": [1960, 1999, 1984, None],
            "floor_area_sqft": [1800.0, 700.0, 1000.0, 2400.0],
            "gas_service": [True, False, False, None],
            "solar": [False, False, False, True],
        }
    )
    starts = pd.date_range("2024-01-01", periods=12, freq="MS")
    bills = pd.DataFrame(
        [
            {
                "home_id": home_id,
                "fuel": "electricity",
                "start": start,
                "end": start + pd.offsets.MonthBegin(1),
                "usage": usage * (1.5 if start.month in (12, 1, 2) else 1.0),
                "cost_usd": usage * 0.15,
                "read": "read",
                "known_at": start + pd.offsets.MonthBegin(1) + pd.Timedelta(days=3),
            }
            for home_id, usage in [("h1", 500.0), ("h2", 300.0), ("h3", 900.0), ("h4", 650.0)]
            for start in starts
        ]
    )
    labels = pd.DataFrame(
        {
            "home_id": ["h1", "h2", "h3"],
            "heating_fuel": ["gas", "electricity", "electricity"],
            "event_time": pd.to_datetime(["2023-06-01", "2023-07-01", "2024-02-01"]),
            "known_at": pd.to_datetime(["2023-08-01", "2023-07-15", "2024-11-01"]),
            "source": ["survey", "survey", "service_call"],
        }
    )
    degree_days = pd.DataFrame(
        {
            "place_id": ["p1", "p2"],
            "start": pd.to_datetime(["2024-01-01"] * 2),
            "end": pd.to_datetime(["2025-01-01"] * 2),
            "base_f": [65.0, 65.0],
            "hdd": [4200.0, 5100.0],
            "cdd": [300.0, 150.0],
        }
    )
    sensitive = pd.DataFrame({"home_id": ["h1", "h2"], "tenure": ["owner", "renter"]})
    frames = {"homes": homes, "bills": bills, "labels": labels, "degree_days": degree_days, "sensitive": sensitive}
    return {name: schema.conform(frame, schema.TABLES[name]) for name, frame in frames.items()}


TOWN_MAPPING = """
[source]
name = "town"

[[file]]
path = "homes.csv"
[[file]]
path = "bills.csv"
[[file]]
path = "survey.csv"

[[table]]
name = "homes"
file = "homes.csv"
[table.columns]
home_id = "account"
place_id = "town"
district = "district"
dwelling_type = { column = "kind", codes = { house = "single_detached", flat = "apartment_5_plus" } }

[[table]]
name = "bills"
file = "bills.csv"
[table.columns]
home_id = "account"
fuel = { value = "electricity" }
start = "from"
end = "to"
usage = { column = "kwh", unit = "kWh" }
cost_usd = { column = "usd", unit = "USD" }

[[table]]
name = "labels"
file = "survey.csv"
[table.columns]
home_id = "account"
heating_fuel = { column = "heat", codes = { gas = "gas", electric = "electricity", oil = "other" } }
event_time = "answered"
"""


@pytest.fixture(scope="session")
def write_town() -> Callable[[Path], Path]:
    """A function that writes a town's own files and their mapping into a folder and gives the mapping's path.

    300 homes in two districts with one yearly bill each, and what 240 of them answered in a survey. The rule planted
    in them: a home that heats with electricity uses about 14,000 kWh a year, any other about 6,000.
    """
    rng = np.random.default_rng(0)
    account = [f"a{number:03}" for number in range(300)]
    heat = rng.choice(["gas", "electric", "oil"], 300, p=[0.5, 0.4, 0.1])
    kwh = (np.where(heat == "electric", 14_000, 6_000) + rng.normal(0, 2_500, 300)).clip(500).round()
    homes = pd.DataFrame(
        {
            "account": account,
            "town": "Salem",
            "district": rng.choice(["north", "south"], 300),
            "kind": rng.choice(["house", "flat"], 300),
        }
    )
    bills = pd.DataFrame({"account": account, "from": "2023-01-01", "to": "2024-01-01", "kwh": kwh, "usd": kwh * 0.15})
    survey = pd.DataFrame({"account": account, "answered": "2023-06-01", "heat": heat}).iloc[:240]

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in (("homes", homes), ("bills", bills), ("survey", survey)):
            frame.to_csv(folder / f"{name}.csv", index=False)
        mapping = folder / "mapping.toml"
        mapping.write_text(TOWN_MAPPING, encoding="utf-8")
        return mapping

    return write


@pytest.fixture(scope="session")
def plant_rows() -> Callable[..., Any]:
    """A function that plants labelled homes to train on or to judge by.

    The rule: electric homes use about twice as many kWh per degree day as gas homes, and districts differ. A model that
    has learned it is right for 8 or 9 of 10 homes.
    """
    from case_heating.model.evidence import Evidence
    from case_heating.release.candidate import LabelledRows

    def plant(n: int, *, seed: int, day: str, prefix: str = "t") -> LabelledRows:
        rng = np.random.default_rng(seed)
        index = pd.Index([f"{prefix}{number:05}" for number in range(n)], name="home_id")
        district = rng.choice(["d1", "d2", "d3", "d4"], n)
        is_gas = rng.random(n) < pd.Series(district).map({"d1": 0.7, "d2": 0.6, "d3": 0.5, "d4": 0.4}).to_numpy()
        features = pd.DataFrame(
            {
                "district": district,
                "dwelling_type": rng.choice(["single_detached", "apartment_5_plus"], n),
                "kwh_year": rng.normal(9000, 2000, n),
                "kwh_per_hdd": np.where(is_gas, 1.0, 2.0) + rng.normal(0, 0.5, n),
                "rooms": rng.integers(2, 9, n).astype(float),
            },
            index=index,
        )
        features.loc[rng.random(n) < 0.1, "rooms"] = np.nan
        homes = features[["district", "dwelling_type"]].assign(area_type=rng.choice(["urban", "rural"], n))
        counts = {"gas": int(is_gas.sum()), "electricity": int((~is_gas).sum())}
        evidence = Evidence(features, is_gas, homes, None, counts, n, pd.Timestamp(day).date())
        when = pd.DataFrame(
            {"moment": pd.Timestamp(day), "known_at": pd.Timestamp(day), "source": rng.choice(["survey", "visit"], n)},
            index=index,
        ).astype({"moment": "datetime64[us]", "known_at": "datetime64[us]"})
        return LabelledRows(evidence, when)

    return plant


@pytest.fixture(scope="session")
def train_planted() -> Callable[..., Any]:
    """A function that trains a candidate on planted homes, in a fraction of a second."""
    from case_heating.model.fuel import FuelParams
    from case_heating.release.candidate import train_candidate
    from case_heating.release.lineage import Lineage
    from case_heating.settings import Settings

    def train(rows: Any, *, seed: int = 0, stage: str = "property", **more: Any) -> Any:
        day = rows.when["known_at"].max().date()
        settings = Settings(today=day, seed=seed, folds=2, threads=1, bootstrap_rounds=20)
        lineage = Lineage(day, day, "planted", {"homes": "d0"}, "c0", {"lightgbm": "4"}, {"seed": seed})
        params = FuelParams(max_trees=40, learning_rate=0.15)
        return train_candidate(rows, stage=stage, settings=settings, lineage=lineage, params=params, **more)

    return train


SMALL_TODAY = date(2026, 11, 2)
"""The day of the small utility's run; its record ends with 2025."""


def small_settings(workspace: Path, **choices: Any) -> Any:
    """Settings with which a run of some hundred homes takes seconds; its figures mean nothing."""
    from case_heating.settings import Settings

    few = {"simulated_homes": 600, "folds": 2, "bootstrap_rounds": 20, "threads": 1, "min_labelled_homes": 60}
    return Settings(today=SMALL_TODAY, workspace=workspace, **(few | choices))


def lenient_gate() -> Any:
    """Limits that some hundred homes pass; what the gate refuses is tested in test_gate."""
    from case_heating.release.gate_limits import GateLimits

    return GateLimits(
        min_homes_of_a_fuel=3,
        max_accuracy_loss=0.5,
        max_log_loss_loss=3.0,
        max_slice_loss=0.9,
        max_mean_gap=0.9,
        slope=(0.01, 100.0),
        max_single_auc=1.0,
        max_above_held_out=0.9,
        min_first_moves=0.1,
        min_top_beats_others=0.1,
    )


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., Any]:
    """The function that gives the settings of a small workspace."""
    return small_settings


@pytest.fixture(scope="session")
def lenient() -> Any:
    """Limits of the gate that some hundred homes pass."""
    return lenient_gate()


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that gives a folder all processes of a test session share, filled by the first that asks for it."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder := root / name).exists():
                fill(half := root / f"{name}.half")
                half.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def small_workspace(make_once: Callable[..., Path]) -> Path:
    """A workspace after the main job on an embedded utility of 600 homes. Read only: copy it before you write."""
    from case_heating import journey

    return make_once("small_workspace", lambda folder: journey.run(small_settings(folder)))


@pytest.fixture(scope="session")
def queue_workspace(make_once: Callable[..., Path], small_workspace: Path) -> Path:
    """The same with the unsure homes sent to people. Read only: copy it before you write."""
    from case_heating.kept import open_last, run_of_answers, take_explainer
    from case_heating.people.review_costs import ReviewCosts
    from case_heating.people.review_store import open_store, sqlite_url
    from case_heating.people.route_answers import route_answers

    def fill(folder: Path) -> None:
        shutil.copytree(small_workspace, folder)
        opened = open_last(small_settings(folder))
        rung, explainer = opened.ladder.value.rungs[-1], take_explainer(opened)
        engine = open_store(sqlite_url(folder))
        route_answers(
            engine,
            opened.answers.value,
            opened.features.value[list(rung.model.encoding.names)],
            run_of_answers(opened),
            ReviewCosts(),
            explain=explainer.explain,
            now=datetime(2026, 11, 2, 9, tzinfo=UTC),
        )
        engine.dispose()

    return make_once("queue_workspace", fill)


@pytest.fixture(scope="session")
def yearly_workspace(make_once: Callable[..., Path], write_town: Callable[[Path], Path]) -> Path:
    """A workspace after a run of a town's own files: yearly bills, no weather, no tariffs. Read only."""
    from case_heating import journey

    def fill(folder: Path) -> None:
        mapping = write_town(folder.with_name("yearly_files"))
        journey.run(small_settings(folder, source=str(mapping)))

    return make_once("yearly_workspace", fill)


@pytest.fixture(scope="session")
def level_1_workspace(make_once: Callable[..., Path], queue_workspace: Path) -> Path:
    """The queue's workspace after half a year at level 1: fed, one champion, watched months. Read only."""
    from case_heating import arrivals, continuous

    def fill(folder: Path) -> None:
        shutil.copytree(queue_workspace, folder)
        settings = small_settings(folder)
        first, then = date(2025, 3, 31), date(2025, 4, 30)
        arrivals.ingest(settings, first)
        trained = continuous.train_and_promote(settings, first, because="the first one", limits=lenient_gate())
        assert trained.promoted, trained.decision.reasons
        arrivals.ingest(settings, then)
        continuous.watch(settings, then)

    return make_once("level_1_workspace", fill)


@pytest.fixture(scope="session")
def busy_workspace(make_once: Callable[..., Path], level_1_workspace: Path) -> Path:
    """The same two months later: version 2 serves instead of 1, version 3 was refused, the months are watched."""
    from case_heating import arrivals, continuous

    def fill(folder: Path) -> None:
        shutil.copytree(level_1_workspace, folder)
        settings = small_settings(folder)
        for day, because, limits in (
            (date(2025, 5, 31), "more labels", lenient_gate()),
            (date(2025, 6, 30), "a quarter is over", None),
        ):
            arrivals.ingest(settings, day)
            trained = continuous.train_and_promote(settings, day, because=because, limits=limits)
            assert trained.promoted is (limits is not None), trained.decision.reasons
            continuous.watch(settings, day)
        continuous.serve_online(settings, datetime(2026, 11, 2, 9, tzinfo=UTC))

    return make_once("busy_workspace", fill)


@pytest.fixture
def own_copy(tmp_path: Path) -> Callable[[Path], Path]:
    """A function that copies a workspace, for a test that writes to it."""

    def copy(workspace: Path) -> Path:
        return Path(shutil.copytree(workspace, tmp_path / "own_copy"))

    return copy


@pytest.fixture
def fairness_example() -> Any:
    """A study of fairness with figures one can work out by hand; one group of each kind stands in it."""
    from case_heating.model.fairness import Fairness, FairnessLimits
    from case_heating.model.fairness_study import FairnessStudy
    from case_heating.model.fairness_verdict import FairnessVerdict
    from case_heating.model.remedies import Decision, Focus

    none = pd.DataFrame()
    nan = float("nan")
    told = pd.DataFrame(
        [
            _group_row("tenure", "renter", 300, "gas_called_electric", 0.20, 0.12, 0.001),
            _group_row("tenure", "owner", 700, "gas_called_electric", 0.08, -0.12, 0.001),
            _group_row("race", "asian", 250, "gas_called_electric", 0.15, 0.06, 0.4),
            _group_row("race", "black", 90, "gas_called_electric", 0.30, 0.2, nan, judged=False),
            _group_row("tenure × race", "renter × asian", 210, "gas_called_electric", 0.5, 0.4, 0.001),
            _group_row("tenure", "renter", 300, "accuracy", 0.8, -0.05, nan, judged=False),
            _group_row("tenure", "renter", 300, "calibration_gap", -0.07, -0.08, 0.001),
            _group_row("tenure", "renter", 300, "cost_error_usd", 250.0, 30.0, nan, judged=False),
        ]
    )
    sizes = {(row.trait, row.group): row.n_homes for row in told.itertuples()}
    every = {(*group, measure) for group in sizes for measure in told["measure"]}
    lacking = sorted(every - set(told[["trait", "group", "measure"]].itertuples(index=False, name=None)))
    unknown = [_group_row(*group, sizes[tuple(group)], name, nan, nan, nan, judged=False) for *group, name in lacking]
    figures = pd.concat([told, pd.DataFrame(unknown)], ignore_index=True)
    return FairnessStudy(
        "property",
        FairnessLimits(),
        (0.9, 0.9),
        Fairness(figures, none, {}, {}, {}, 1000, 4),
        FairnessVerdict(False, ("because",)),
        gaps=pd.DataFrame(
            {
                "trait": ["tenure"] * 2,
                "group": ["renter"] * 2,
                "reference": ["owner"] * 2,
                "heats_with_gas": [0.4] * 2,
                "reference_heats_with_gas": [0.6] * 2,
                "alike_in": ["nothing", "place"],
                "gap": [0.12, 0.03],
                "low": [0.08, -0.01],
                "high": [0.16, 0.07],
                "compared": [1.0, 0.9],
                "expected": [0.1, 0.1],
            }
        ),
        told=pd.DataFrame(
            {
                "trait": ["tenure", "race"],
                "group": ["renter", "asian"],
                "n_homes": [300, 250],
                "auc": [0.7, 0.8],
                "low": [0.6, 0.7],
                "high": [0.8, 0.9],
                "place": [0.1, 0.02],
                "dwelling": [0.2, 0.01],
            }
        ),
        without=none,
        focus=Focus("tenure", "renter"),
        remedies=pd.DataFrame(
            {
                "remedy": ["as it is", "reweighing"],
                "accuracy": [0.9, 0.89],
                "price": [0.0, 0.01],
                "price_low": [0.0, 0.005],
                "price_high": [0.0, 0.015],
                "gap": [0.12, 0.04],
                "gap_low": [0.1, 0.02],
                "gap_high": [0.14, 0.06],
                "other_gap": [0.0, 0.0],
                "needs_trait": ["never", "to train"],
                "by_lot": [False, True],
            }
        ).set_index("remedy"),
        decision=Decision("reweighing", ("it costs little",)),
    )


def _group_row(trait, group, n, measure, value, gap, p_adjusted, judged=True):
    edges = {"low": value - 0.02, "high": value + 0.02, "gap_low": gap - 0.02, "gap_high": gap + 0.02}
    told = {"trait": trait, "group": group, "n_homes": n, "measure": measure, "n": n, "value": value, "gap": gap}
    return told | edges | {"p_value": p_adjusted, "p_adjusted": p_adjusted, "judged": judged}
