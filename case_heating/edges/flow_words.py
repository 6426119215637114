"""What flows say: the artifacts people read in Prefect, and what the command line prints."""

from typing import Any

from case_heating.arrivals import IngestReport
from case_heating.continuous import Training
from case_heating.release.gate import decision_in_words
from case_heating.watch.overrides import Override, pause_words


def ingest_in_words(report: IngestReport) -> str:
    """Tell an ingest as Markdown."""
    if not report.found_news:
        return f"# Ingest as of {report.as_of}\n\nNothing new: the stores hold all that is known.\n"
    span = f"{report.moments[0]} to {report.moments[-1]}" if report.moments else "no month was due"
    refused = sum(fault.n_rows for fault in report.faults)
    return "\n".join(
        [
            f"# Ingest as of {report.as_of}",
            "",
            f"- {report.features_added:,} rows of features of {len(report.moments)} days ({span})",
            f"- {report.labels_added:,} labels",
            f"- {report.rows_in:,} new bills, {report.refused:,} of them refused",
            f"- {refused:,} rows of all tables are in quarantine" if refused else "- no row is in quarantine",
            "",
        ]
    )


def quarantine_rows(report: IngestReport) -> list[dict[str, Any]]:
    """One row per kind of fault, for a table; one that says so where there is none."""
    if not report.faults:
        return [{"table": "", "column": "", "reason": "no row was refused", "rows": 0, "first": ""}]
    return [
        {
            "table": fault.table,
            "column": fault.column,
            "reason": fault.reason,
            "rows": fault.n_rows,
            "of": fault.n_checked,
            "first": fault.first_example,
        }
        for fault in report.faults
    ]


def training_in_words(training: Training) -> str:
    """Tell a training and the gate's decision as Markdown."""
    if training.repeated:
        now = "promoted now" if training.promoted else "nothing was left to do"
        head = f"Version {training.version} was trained from the same before and passed: {now}."
    else:
        head = f"Version {training.version}, stage {training.stage}, trained on {training.n_homes:,} homes."
    return "\n".join(
        [
            f"# Training as of {training.as_of}",
            "",
            f"Because: {training.because}",
            "",
            head,
            "",
            decision_in_words(training.decision),
        ]
    )


def paused_in_words(pause: Override) -> str:
    """Say why nothing was trained, and what to do where it should be."""
    return (
        f"# Nothing was trained\n\n{pause_words(pause)}.\n\n'heating watch choose resume' ends the pause; "
        "'heating flows run train_and_promote --despite-pause' trains all the same.\n"
    )
