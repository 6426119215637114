"""Rehearsals: history lived again under three policies, trouble planted into a copy; and what they showed, kept.

They take minutes, so that what one showed lies in the workspace (``rehearsals/replay``, ``rehearsals/drill``) until the
next has ended: the chart, the tables, the words, and ``made.json`` with who had it made, when and in which size.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from case_heating.data.simulate import simulate
from case_heating.data.validate import check_tables
from case_heating.errors import SourceError, WorkspaceError
from case_heating.journey import Progress, silent
from case_heating.people.review_costs import costs_of
from case_heating.release.lineage import code_digest
from case_heating.settings import Settings
from case_heating.watch import drills as watch_drills
from case_heating.watch.deliveries import walk_deliveries
from case_heating.watch.drill_results import Drills, sum_up
from case_heating.watch.drills import DrillRun
from case_heating.watch.faults import KINDS
from case_heating.watch.history import month_ends
from case_heating.watch.replay import ErrorPrices, Replay, Rules
from case_heating.watch.replay import replay as live_through
from case_heating.watch.retrain import RetrainPolicy, enough_new_labels
from case_heating.workspace import open_workspace, plain_words, whole_folder, write_text

if TYPE_CHECKING:
    from case_heating.people.plots import Plot

Kind = Literal["replay", "drill"]

DEFAULT_STAGE = "property"
"""Bills of a year, weather and the assessor's record, but neither each bill's answer to the weather nor the gas meter.

Drift matters most here: a heat pump looks like any other larger bill, and a model that learned before the rebate
misreads it. With the gas bills the answer all but stands there, and little is lost. Both surveys reach this stage too.
"""

REPLAYED = (date(2023, 12, 1), date(2025, 12, 1))
"""Month of the first champion, and the last one."""

RECENT_LABELS_PER_HOME = 50 / 20_000
"""Labels of recent events that the policy wants before it trains, by home of the utility: 50 of the usual size."""

REPLAY_ROUNDS = 200  # bootstrap draws of each judgement; a replay makes some fifty
DRILL_STAGE = "monthly"
_HISTORY = (date(2022, 8, 1), date(2025, 12, 31))  # the first month with a half year before it, and the last one
_LEAD_MONTHS = 7  # the half year that is held out, and one month to count deliveries from


@dataclass(frozen=True)
class Made:
    """How a rehearsal was made, and its finding.

    Attributes
    ----------
    kind : str
        ``replay`` or ``drill``.
    by : str
        Who had it made.
    at : datetime
        When it ended, with its time zone.
    seconds : float
        How long it took. [s]
    homes, seeds : int
        Homes of the simulated utility, and how often everything was repeated.
    passed : bool or None
        Whether every limit is met, where it has any.
    finding : tuple of str
        What it showed, in sentences.
    """

    kind: Kind
    by: str
    at: datetime
    seconds: float
    homes: int
    seeds: int
    passed: bool | None
    finding: tuple[str, ...]


@dataclass(frozen=True)
class Rehearsed:
    """A kept rehearsal: how it was made, and its tables by name as they were written."""

    made: Made
    tables: Mapping[str, pd.DataFrame]


def replay_history(
    settings: Settings,
    *,
    stage: str = DEFAULT_STAGE,
    begin: date = REPLAYED[0],
    until: date = REPLAYED[1],
    new_labels: int | None = None,
    progress: Progress = silent,
) -> Replay:
    """Live through the embedded utility's history again under three policies of retraining.

    Parameters
    ----------
    settings : Settings
        ``simulated_homes``, ``seed``, and the workspace, whose costs of a wrong answer are taken.
    stage : str
        Last data stage to use.
    begin, until : date
        Month of the first champion, and the last month.
    new_labels : int, optional
        New labels that are reason enough to train, 0: none are; by the utility's size if not given.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    SourceError
        If the history does not hold these months.
    """
    if not (_HISTORY[0] <= begin < until <= _HISTORY[1]):
        raise SourceError(
            f"--from {begin:%Y-%m} --until {until:%Y-%m}: the history goes from {_HISTORY[0]:%Y-%m} (the first "
            f"training looks half a year back) to {_HISTORY[1]:%Y-%m}; give two months of it, the earlier one first"
        )
    settings = replace(settings, bootstrap_rounds=REPLAY_ROUNDS)
    utility = simulate(homes=settings.simulated_homes, seed=settings.seed, progress=progress)
    trusted = check_tables(utility.tables, as_of=None, today=settings.today, progress=progress)
    moments = month_ends((pd.Timestamp(begin) - pd.DateOffset(months=_LEAD_MONTHS)).date(), until)
    costs = costs_of(settings.workspace)
    enough = enough_new_labels(settings.simulated_homes) if new_labels is None else new_labels or None
    return live_through(
        trusted.tables,
        utility.truth,
        walk_deliveries(utility.tables, trusted.quarantine.get("bills"), moments),
        moments=moments,
        first=month_ends(begin, begin)[0],
        stage=stage,
        settings=settings,
        prices=ErrorPrices(costs.gas_called_electric_usd, costs.electric_called_gas_usd),
        rules=Rules(
            retrain=RetrainPolicy(min_recent_labels=round(RECENT_LABELS_PER_HOME * settings.simulated_homes)),
            enough_new_labels=enough,
        ),
        code=code_digest(),
        progress=progress,
    )


def drill_watch(
    settings: Settings,
    *,
    homes: int,
    seeds: int,
    kinds: Sequence[str] | None = None,
    stage: str = DRILL_STAGE,
    progress: Progress = silent,
) -> tuple[Drills, list[DrillRun]]:
    """Plant trouble of known kinds into copies of a utility and sum up what the watch and the policy made of it.

    Raises
    ------
    HeatingError
        If there is no such kind of trouble.
    """
    first = settings.seed
    quiet, runs = watch_drills.run_drills(
        list(kinds or KINDS),
        range(first, first + seeds),
        homes=homes,
        stage=stage,
        workers=settings.threads,
        progress=progress,
    )
    return sum_up(quiet, runs), runs


def write_replay(lived: Replay, folder: Path) -> None:
    """Write the chart, the tables and, last, the page of a replay; the folder is made where it is not there."""
    from case_heating.people.replay_plots import policies_plot
    from case_heating.people.replay_words import finding, page

    plot = policies_plot(lived, finding(lived))
    write_chart(folder, plot, page(lived, f"{plot.name}.png"), {"replay": lived.table(), "months": lived.months})


def write_chart(folder: Path, plot: "Plot", page: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write a chart, tables and a page; the page comes last, so that what it shows is there."""
    with plain_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        plot.save(folder)
        for name, table in tables.items():
            write_text(folder / f"{name}.csv", table.to_csv())
        write_text(folder / f"{plot.name}.md", page)


def write_drills(drills: Drills, runs: Sequence[DrillRun], folder: Path) -> None:
    """Write the table, every month of every drill, one chart for each, and in words which limits are met."""
    from case_heating.people.drill_plots import drill_plot

    with plain_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "drills.csv", drills.table.to_csv())
        write_text(folder / "drill_months.csv", drill_months(runs).to_csv(index=False))
        write_text(folder / "drills.md", "\n".join(f"- {reason}" for reason in drills.reasons) + "\n")
        for kind in drills.table.index:
            drill_plot(kind, [run for run in runs if run.kind == kind], drills).save(folder)


def drill_months(runs: Sequence[DrillRun]) -> pd.DataFrame:
    """Give the accuracy of each service in each month of each drill, the mean over seeds.

    Returns
    -------
    DataFrame, one row per kind, month and service
        ``kind``, ``as_of``, ``service`` (``frozen``, ``policy``, ``always`` or ``mended``) and ``accuracy`` (share).
    """
    told = pd.concat([run.months.rename_axis("as_of").reset_index().assign(kind=run.kind) for run in runs])
    services = [name for name in ("frozen", "policy", "always", "mended") if name in told]
    long = told.melt(["kind", "as_of"], services, "service", "accuracy").dropna(subset="accuracy")
    return long.astype({"accuracy": float}).groupby(["kind", "as_of", "service"], as_index=False)["accuracy"].mean()


@contextmanager
def keeping(settings: Settings, kind: Kind) -> Iterator[Path]:
    """Hand out an empty folder; when the block ends well it takes the place of what the last rehearsal left."""
    with (
        plain_words(settings.workspace),
        whole_folder(open_workspace(settings.workspace).path(f"rehearsals/{kind}")) as draft,
    ):
        yield draft


def write_made(made: Made, folder: Path) -> None:
    """Write how a rehearsal was made beside what it showed."""
    write_text(folder / "made.json", json.dumps(asdict(made), indent=1, default=datetime.isoformat))


def last_rehearsal(settings: Settings, kind: Kind) -> Rehearsed | None:
    """Read the rehearsal that is kept, or nothing.

    Raises
    ------
    WorkspaceError
        If it cannot be read.
    """
    folder = settings.workspace / "rehearsals" / kind
    if not (folder / "made.json").exists():
        return None
    try:
        told = json.loads((folder / "made.json").read_text(encoding="utf-8"))
        made = Made(**told | {"at": datetime.fromisoformat(told["at"]), "finding": tuple(told["finding"])})
        return Rehearsed(made, {path.stem: pd.read_csv(path) for path in sorted(folder.glob("*.csv"))})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{folder} cannot be read ({error}); delete it and have it made again") from error
