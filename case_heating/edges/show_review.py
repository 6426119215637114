"""Turn claims, records and routing figures into what a terminal shows."""

from dataclasses import asdict
from pathlib import Path

from rich.markup import escape

from case_heating.edges.console import OUT
from case_heating.edges.fitted_table import FittedTable
from case_heating.people.records import AuditEntry, Record, Why
from case_heating.people.routing_findings import RoutingFindings
from case_heating.people.words import TOLD_FACTS, fact_in_words

_CURVE_STEP = 10  # of the thresholds that are measured, every tenth is printed


def print_why(told: Why) -> None:
    """Tell how a home stood on a day: the answer, who gave it, the record and the trail."""
    who = {"machine": "accepted by the machine", "people": "decided by people", "nobody": "not decided by anybody yet"}
    fuel = "" if told.heating_fuel is None else f"{told.heating_fuel}, "
    OUT.print(f"[bold]{escape(told.home_id)}[/] on {told.on}: {fuel}{who[told.decided_by]}.")
    if told.record is None and not told.trail:
        OUT.print(f"The first that is written down about it is of {told.first_day}.")
    if told.record is not None:
        print_record(told.record)
    print_trail(told.trail)


def print_record(record: Record) -> None:
    """Tell how the machine answered, what followed, on what grounds, and what it knew."""
    chance = "unknown" if record.probability_of_gas is None else f"{record.probability_of_gas:.3f}"
    verdict = "accepted" if record.accepted else "sent to people"
    OUT.print(
        f"On {record.day} the machine said {record.heating_fuel} (chance of gas {chance}); accepted from "
        f"{record.threshold:.3f} on, so it was {verdict}. Expected loss {record.risk_usd:.2f} USD, a review "
        f"{record.costs.review_usd:.2f} USD.",
        soft_wrap=True,
    )
    OUT.print(
        f"Model {record.run.model_digest[:12]}, stage {record.run.stage}, {escape(record.run.source)} as of "
        f"{record.run.as_of}.",
        soft_wrap=True,
    )
    for reason in record.reasons:
        OUT.print(f"  · {escape(reason)}", soft_wrap=True, highlight=False)
    facts = [fact_in_words(name, record.facts[name]) for name in TOLD_FACTS if name in record.facts]
    known = escape("; ".join(fact for fact in facts if fact))
    OUT.print(f"Known of it then: {known} ({len(record.facts)} facts; --json lists all).", soft_wrap=True)


def print_trail(trail: tuple[AuditEntry, ...]) -> None:
    """Tell what people did, line by line."""
    for entry in trail:
        told = [entry.action.replace("_", " "), entry.heating_fuel, entry.reviewer and f"by {entry.reviewer}"]
        words = " ".join(word for word in told if word) + (f": {entry.reason}" if entry.reason else "")
        OUT.print(f"  {entry.at:%Y-%m-%d %H:%M} UTC  {escape(words)}", soft_wrap=True, highlight=False)


def print_findings(found: RoutingFindings, file: Path) -> None:
    """Lay out costs, thresholds, totals and the curve."""
    OUT.print(f"Costs from [bold]{escape(str(file))}[/]; edit them there.", soft_wrap=True)
    for name, usd in asdict(found.costs).items():
        OUT.print(f"  {name:<26}{usd:>10,.2f}")
    OUT.print(
        f"Accept gas from {found.thresholds.gas:.3f} on and electricity from {found.thresholds.electricity:.3f} on; "
        f"measured best {found.measured_best.gas:.3f} and {found.measured_best.electricity:.3f}.\n"
        f"On {found.n_homes:,} homes held out {found.n_sent:,} go to people and {found.n_wrong_accepted:,} wrong "
        "answers are accepted.",
        soft_wrap=True,
    )
    totals = FittedTable("policy", "total, USD", title="What it costs on these homes")
    totals.add_row("as routed", f"{found.total_usd:,.0f}")
    totals.add_row("best in hindsight", f"{found.measured_best_usd:,.0f}")
    totals.add_row("accept every answer", f"{found.accept_all_usd:,.0f}")
    totals.add_row("review every home", f"{found.review_all_usd:,.0f}")
    OUT.print(totals)
    headings = ("answered", "threshold", "reviewed", "errors, USD", "reviews, USD", "total, USD")
    curve = FittedTable(*headings, title="\nWhat other thresholds would cost")
    for _, part in found.curve.groupby("heating_fuel"):
        for row in part.iloc[:-1:_CURVE_STEP].itertuples():
            money = (f"{usd:,.0f}" for usd in (row.errors_usd, row.reviews_usd, row.total_usd))
            curve.add_row(row.heating_fuel, f"{row.threshold:.2f}", f"{row.reviewed:,}", *money)
    OUT.print(curve)
