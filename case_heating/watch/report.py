"""A watch report in words: what stands in the artifact of a flow, in an e-mail and in the terminal."""

from case_heating.watch.monitor import WatchReport
from case_heating.watch.retrain import RetrainDecision
from case_heating.watch.signals import Signal, percent

ACTION_WORDS = {
    "none": "Nothing is to be done.",
    "retrain": "Train a candidate; the gate will judge it.",
    "repair": "Repair the data; nothing is retrained on them.",
    "ask": "Have people look at a sample of homes.",
    "roll_back": "Roll back to the model before.",
}
"""What each action asks for, in a sentence."""

KIND_WORDS = {
    "data": "data",
    "feature": "features",
    "prediction": "answers",
    "label": "labels",
    "concept": "accuracy",
    "fairness": "fairness",
    "quarantine": "refused rows",
    "freshness": "freshness",
}


def report_in_words(report: WatchReport, decision: RetrainDecision | None = None) -> str:
    """Tell a report, and what follows from it, as Markdown."""
    then, now = report.reference_window, report.current_window
    lines = [
        f"# Watch of {report.champion}, {report.as_of}",
        "",
        f"{_verdict(report)} {report.n_homes:,} homes were watched: what came in after {now[0]} and by {now[1]}, "
        f"against what the champion was made for, {then[0]} to {then[1]}.",
        "",
        f"Right, by its own confidence: **{percent(report.estimated_accuracy)}**. {_measured_words(report)}",
    ]
    if decision:
        lines += ["", f"**{ACTION_WORDS[decision.action]}**", "", *(f"- {reason}" for reason in decision.reasons)]
    lines += ["", "| what | figure | limit | | finding |", "|---|---:|---:|---|---|"]
    lines += [_row(signal) for signal in sorted(report.signals, key=lambda s: (not s.raised, s.role != "alarm"))]
    return "\n".join(lines) + "\n"


def _verdict(report: WatchReport) -> str:
    if report.faults:
        return "The data are wrong."
    return f"{len(report.alarms)} of {len(report.signals)} signals are raised." if report.alarms else "All is quiet."


def _measured_words(report: WatchReport) -> str:
    if report.measured is None:
        return "No home was labelled since it was trained, so nothing is measured."
    found = report.measured
    return (
        f"Measured on {found.n_homes:,} newly labelled homes: **{percent(found.value)}** (95 % interval "
        f"{percent(found.low)} to {percent(found.high)}; {percent(found.promised)} promised)."
    )


def _row(signal: Signal) -> str:
    state = "fault" if signal.fault else "**alarm**" if signal.raised and signal.role == "alarm" else "moved"
    words = signal.words.replace("|", "\\|")
    cells = (
        f"{KIND_WORDS[signal.kind]}: {signal.name}",
        f"{signal.value:.3g}",
        f"{signal.limit:.3g}",
        state if signal.raised else "",
        words,
    )
    return "| " + " | ".join(cells) + " |"
