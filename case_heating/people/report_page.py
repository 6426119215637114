"""What the report's template is filled with, the charts aside, and how it is filled."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from case_heating import __version__
from case_heating.data.validate import Trusted
from case_heating.features.build import reached_stages
from case_heating.features.stages import STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.ladder import Ladder
from case_heating.people import label_sources, section_words, sentences, words
from case_heating.people.advice import Advice
from case_heating.people.cost_section import cost_shown
from case_heating.people.counts import MIN_CELL_HOMES, Counts
from case_heating.people.examples import choose_examples
from case_heating.people.findings import Findings
from case_heating.people.gate_section import gate_shown
from case_heating.people.minute import in_a_minute
from case_heating.schema import TABLES


def page_context(findings: Findings, counts: Counts, advice: tuple[Advice, ...]) -> dict[str, Any]:
    """Gather everything the page's template shows, the charts aside."""
    evidence, ladder, trusted = findings.evidence, findings.ladder, findings.trusted
    last = ladder.rungs[-1]
    asked = sentences.homes_asked(findings.answers)
    examples = choose_examples(evidence, last)
    sources = label_sources.shares_by_source(evidence, last.probability)
    return {
        "source": findings.source,
        "as_of": trusted.as_of,
        "version": __version__,
        "evidence": evidence,
        "ladder": ladder,
        "last": last,
        "counts": counts,
        "min_cell_homes": MIN_CELL_HOMES,
        "n_asked": len(asked),
        "gas_share": float((asked["heating_fuel"] == "gas").mean()),
        "accuracies": label_sources.accuracies(last, findings.gate),
        "accuracies_said": label_sources.accuracies_in_words(last),
        "sources": sources,
        "sources_said": label_sources.sources_in_words(sources, evidence, last),
        "minute": in_a_minute(findings, counts, advice),
        "answer": sentences.question_and_answer(findings.answers, last, counts),
        "leads": {
            "data": sentences.data_and_refused(trusted),
            "ladder": sentences.ladder(ladder),
            "weighted": sentences.survey_weighted(last, evidence),
            "calibration": sentences.calibration(counts),
            "mistaken": sentences.mistaken(counts),
            "mistaken_of_targeted": sentences.mistaken_of_targeted(evidence, last.probability),
            "answered": sentences.answered(counts, last.by_home),
            "region": sentences.held_out_region(last),
            "region_worse": sentences.worse_in_new_region(ladder),
            "labelled_too": sentences.answers_of_labelled_homes(findings.answers),
            "regions": sentences.regions_shown(counts, evidence),
            "later": sentences.later_labels(last),
        },
        "rows": _rows_by_table(trusted),
        "faults": sorted(trusted.faults, key=lambda fault: -fault.n_rows),
        "notes": (*findings.notes, *trusted.notes),
        "labelled": _labelled(evidence),
        "stages": _stages(evidence, ladder),
        "steps": [words.step_in_words(rung.stage, rung.step) for rung in ladder.rungs if rung.step is not None],
        "examples": {kind: tuple(homes) for kind, homes in groupby(examples, key=attrgetter("kind"))},
        "n_examples": len(examples),
        "advice": advice,
        "numbers": _section_numbers(findings),
        "cost": findings.cost and cost_shown(findings.cost),
        "why": findings.why and section_words.why_shown(findings.why),
        "routing": findings.routing and section_words.routing_shown(findings.routing, findings.fairness, findings.gate),
        "gate": findings.gate and gate_shown(findings.gate),
    }


def _section_numbers(findings: Findings) -> dict[str, int]:
    """Give each section there is its number, in the order in which they stand."""
    optional = {"later": findings.ladder.rungs[-1].by_time, "examples": True} | {
        name: getattr(findings, name) is not None for name in ("cost", "why", "fairness", "routing", "gate")
    }
    there = [name for name, shown in optional.items() if shown]
    return {name: number for number, name in enumerate([*there, "next"], start=7)}


def _rows_by_table(trusted: Trusted) -> list[dict[str, Any]]:
    return [
        {"table": name, "about": TABLES[name].about.split(";")[0].rstrip("."), **row}
        for name, row in trusted.counts.to_dict(orient="index").items()
    ]


def _labelled(evidence: Evidence) -> list[tuple[str, str, int, float]]:
    """Fuel, its words, homes, and their share of all homes; at the end those nobody has looked at."""
    unseen = evidence.n_homes - sum(evidence.fuel_counts.values())
    counted = [*evidence.fuel_counts.items(), ("unseen", unseen)]
    names = words.FUEL_WORDS | {"unseen": "nobody has looked"}
    return [(fuel, names[fuel], n, n / evidence.n_homes) for fuel, n in counted]


def _stages(evidence: Evidence, ladder: Ladder) -> list[dict[str, str]]:
    """Each stage, whether it was reached, and what it needs where it was not."""
    there = reached_stages(evidence.features)
    used = {rung.stage for rung in ladder.rungs}
    rows = []
    for stage, about in STAGES.items():
        state = "used" if stage in used else "there, but not used in this run" if stage in there else "not reached"
        needs = f"needs {words.STAGE_NEEDS[stage]}" if state == "not reached" else ""
        rows.append({"name": words.stage_name(stage), "about": about, "state": state, "needs": needs})
    return rows


def page_environment() -> Environment:
    """Give what fills the templates, with the filters they use; all words are escaped."""
    environment = Environment(
        loader=PackageLoader("case_heating.people"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": words.count,
        "percent": words.percent,
        "interval": words.interval,
        "plain": words.plain,
        "points": words.points,
        "span": words.span_in_points,
        "day": words.day,
        "name": words.name_of,
        "stage": words.STAGE_NAMES.__getitem__,
        "fuel": words.FUEL_WORDS.__getitem__,
    }
    return environment
