"""What the drills showed: one table, and whether the limits are met."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from case_heating.watch.drills import DrillRun, QuietWindows
from case_heating.watch.faults import KINDS


@dataclass(frozen=True)
class DrillLimits:
    """What a watch and its policy must reach.

    Attributes
    ----------
    max_delay_windows : int
        By which window after it began a sudden drift is seen, with every seed.
    max_quiet_alarms : float
        Share of quiet windows with an alarm.
    least_regained : float
        Share of the accuracy that retraining every month, or mending the data at once, regains over the frozen model.
    least_loss : float
        Accuracy by which the frozen model lies below the best other: smaller and the drill was none.
    """

    max_delay_windows: int = 2
    max_quiet_alarms: float = 0.05
    least_regained: float = 0.80
    least_loss: float = 0.005


USUAL_DRILL_LIMITS = DrillLimits()


@dataclass(frozen=True)
class Drills:
    """All runs, summed up.

    Attributes
    ----------
    table : DataFrame, indexed by kind
        ``seeds``, ``sudden``, ``fault``; ``delay`` (windows until seen, the worst seed; missing where a seed never saw
        it); mean accuracy over the months after the day of the trouble of ``frozen``, ``policy``, ``always`` and
        ``possible`` (the better of always retraining and mending at once); ``loss`` (possible less frozen) and
        ``regained`` (share of it that the policy got back); ``trainings`` of the policy and ``trainings_always``, means
        over seeds; ``on_wrong_data``, the policy's trainings while a fault was not yet mended.
    quiet_windows, quiet_alarms, naive_alarms : int
        Windows without trouble; those with an alarm; those in which some feature drifted, weather and prices included.
    passed : bool
        Whether every limit is met.
    reasons : tuple of str
        Every limit, and what was reached.
    """

    table: pd.DataFrame
    quiet_windows: int
    quiet_alarms: int
    naive_alarms: int
    passed: bool
    reasons: tuple[str, ...]


def sum_up(quiet: Sequence[QuietWindows], runs: Sequence[DrillRun], limits: DrillLimits = USUAL_DRILL_LIMITS) -> Drills:
    """Lay all runs of each kind together and hold them against the limits."""
    table = pd.DataFrame({kind: _row(kind, [run for run in runs if run.kind == kind]) for kind in _kinds(runs)}).T
    windows = [report for one in quiet for report in one.reports]
    n_alarms = sum(bool(report.alarms) for report in windows)
    n_naive = sum(any(figures["drifted"] for figures in report.features.values()) for report in windows)
    checks = [_quiet_check(n_alarms, len(windows), limits)]
    for kind, row in table.iterrows():
        checks += _checks(str(kind), row, limits)
    reasons = tuple(f"{'met' if met else 'MISSED'}: {words}" for met, words in checks)
    return Drills(table, len(windows), n_alarms, n_naive, all(met for met, _ in checks), reasons)


def _kinds(runs: Sequence[DrillRun]) -> list[str]:
    return [kind for kind in KINDS if any(run.kind == kind for run in runs)]


def _row(kind: str, runs: list[DrillRun]) -> dict[str, object]:
    delays = [run.delay_windows for run in runs]
    months = pd.concat([run.months for run in runs])
    mean = months[["frozen", "policy", "always"]].mean()
    possible = max(mean["always"], months["mended"].mean()) if "mended" in months else mean["always"]
    loss = possible - mean["frozen"]
    return {
        "seeds": len(runs),
        "sudden": not KINDS[kind].slow,
        "fault": KINDS[kind].is_fault,
        "delay": np.nan if None in delays else max(delay for delay in delays if delay is not None),
        **mean,
        "possible": possible,
        "loss": loss,
        "regained": (mean["policy"] - mean["frozen"]) / loss if loss > 0 else np.nan,
        "trainings": float(np.mean([run.trainings["policy"] for run in runs])),
        "on_wrong_data": sum(run.trainings["on_wrong_data"] for run in runs),
        "trainings_always": float(np.mean([run.trainings["always"] for run in runs])),
    }


def _quiet_check(n_alarms: int, n_windows: int, limits: DrillLimits) -> tuple[bool, str]:
    share = n_alarms / n_windows if n_windows else 0.0
    words = f"{n_alarms} of {n_windows} quiet windows raised an alarm; at most {limits.max_quiet_alarms:.0%} may"
    return share <= limits.max_quiet_alarms, words


def _checks(kind: str, row: pd.Series, limits: DrillLimits) -> list[tuple[bool, str]]:
    checks = []
    if row["sudden"]:
        seen = "never with some seed" if np.isnan(row["delay"]) else f"by window {row['delay']:.0f}"
        words = f"{kind}: seen {seen}; window {limits.max_delay_windows} is the last allowed"
        checks.append((bool(row["delay"] <= limits.max_delay_windows), words))
    words = f"{kind}: the frozen model loses {100 * row['loss']:.1f} points; {100 * limits.least_loss:.1f} make a drill"
    checks.append((bool(row["loss"] >= limits.least_loss), words))
    regained = "nothing to regain" if np.isnan(row["regained"]) else f"{row['regained']:.0%} regained"
    words = f"{kind}: {regained}; at least {limits.least_regained:.0%} must be"
    checks.append((bool(row["regained"] >= limits.least_regained), words))
    if row["fault"]:
        words = f"{kind}: {row['on_wrong_data']} retrainings on wrong data; there must be none"
        checks.append((bool(row["on_wrong_data"] == 0), words))
    return checks
