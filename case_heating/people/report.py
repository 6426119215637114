"""One self-contained page a manager can read, and the same figures for machines."""

import json
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from case_heating import __version__
from case_heating.data.sources import Source
from case_heating.data.validate import Trusted
from case_heating.errors import ModelError
from case_heating.features.build import reached_stages
from case_heating.features.stages import STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.ladder import Ladder
from case_heating.model.quality import Comparison
from case_heating.people import plots, section_words, sentences, words
from case_heating.people.advice import Advice, advise
from case_heating.people.cost_findings import CostFindings
from case_heating.people.cost_section import cost_figures, cost_plots, cost_shown
from case_heating.people.counts import MIN_CELL_HOMES, Counts, count_answers
from case_heating.people.examples import choose_examples
from case_heating.people.fairness_section import FairnessSection, fairness_section
from case_heating.people.gate_plots import answer_plots
from case_heating.people.gate_section import GateFindings, gate_figures, gate_shown
from case_heating.people.plots import NARROW_IN, WIDE_IN, Plot
from case_heating.people.routing_findings import RoutingFindings, cost_plot
from case_heating.people.why_section import WhySection
from case_heating.schema import TABLES

NO_BREAK_SPACE = "\u00a0"  # keeps a number and its unit on one line
_COMPARISONS = ("by_home", "weighted", "by_region", "by_time")


@dataclass(frozen=True)
class Findings:
    """All that a report tells of.

    Attributes
    ----------
    source : Source
        Where the tables came from.
    notes : tuple of str
        How the files were read.
    trusted : Trusted
        What passed the checks and what was refused.
    evidence : Evidence
        Labelled gas and electric homes, row for row with the held-out probabilities of the ladder.
    ladder : Ladder
        The model and its figures at each stage.
    answers : DataFrame, shape (n_homes, 5)
        Indexed by ``home_id``: ``probability_of_gas``, ``heating_fuel``, ``confidence``, ``sureness``, ``seen``.
    cost : CostFindings or None
        What a year costs, and the year ahead; like the next three, a section that is left out where it is ``None``.
    why : WhySection or None
        Reasons and how true they are.
    fairness : FairnessStudy or None
        For whom the answers are wrong.
    routing : RoutingFindings or None
        What goes to people, and what that costs.
    gate : GateFindings or None
        Which model serves, and what the gate decided.
    """

    source: Source
    notes: tuple[str, ...]
    trusted: Trusted
    evidence: Evidence
    ladder: Ladder
    answers: pd.DataFrame
    cost: CostFindings | None = None
    why: WhySection | None = None
    fairness: FairnessStudy | None = None
    routing: RoutingFindings | None = None
    gate: GateFindings | None = None


def write_report(findings: Findings, folder: Path) -> Path:
    """Write ``report.html``, ``plots/*.png``, ``plots/*.svg`` and ``summary.json`` into a folder.

    The page holds all it shows and asks nothing of any other file or host; the same findings give the same bytes.

    Parameters
    ----------
    findings : Findings
        What to tell.
    folder : Path
        An existing folder.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ModelError
        If the ladder was climbed on other homes than the evidence.
    """
    last, n_homes = findings.ladder.rungs[-1], len(findings.evidence.is_gas)
    if len(last.probability) != n_homes:
        raise ModelError(
            f"the ladder has held-out answers for {len(last.probability):,} homes and the evidence has {n_homes:,}; "
            "they come from different runs: run 'heating run' again"
        )
    counts = count_answers(findings.evidence, last.probability)
    advice = advise(findings.trusted, findings.evidence, findings.ladder, findings.answers, counts)
    fairness = fairness_section(findings.fairness) if findings.fairness else None
    drawn = {
        plot.name: plot for plot in (*draw_plots(findings.ladder, counts), *_plots_of_sections(findings, fairness))
    }
    (folder / "plots").mkdir(exist_ok=True)
    for plot in drawn.values():
        plot.save(folder / "plots")
    summary = json.dumps(summarise(findings, counts, advice), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "summary.json").write_text(summary + "\n", encoding="utf-8")
    page = folder / "report.html"
    context = _context(findings, counts, advice) | {"fairness": fairness}
    context["plots"] = {name: _both_widths(plot) for name, plot in drawn.items()}
    html = _environment().get_template("report.html.j2").render(context)
    page.write_text(html.replace(" %", f"{NO_BREAK_SPACE}%"), encoding="utf-8")
    return page


def draw_plots(ladder: Ladder, counts: Counts) -> list[Plot]:
    """Every chart for which there are enough homes."""
    last = ladder.rungs[-1]
    drawn = [
        plots.ladder_plot(ladder, sentences.ladder_title(ladder)),
        *answer_plots(counts, last.by_home.rival["accuracy"]),
    ]
    if any(len(table) for table in counts.mistaken.values()):
        drawn.append(plots.mistaken_plot(counts.mistaken, sentences.mistaken_title(counts)))
    if len(counts.by_region) > 1:
        overall = last.by_home.model["accuracy"]
        drawn.append(plots.regions_plot(counts.by_region, overall, sentences.regions_title(counts)))
    return drawn


def _plots_of_sections(findings: Findings, fairness: FairnessSection | None) -> list[Plot]:
    drawn = [] if findings.cost is None else cost_plots(findings.cost)
    if findings.why is not None:
        drawn.append(findings.why.waterfall)
    if fairness is not None:
        drawn += fairness.plots
    if findings.routing is not None:
        drawn.append(cost_plot(findings.routing, section_words.routing_title(findings.routing)))
    return drawn


def summarise(findings: Findings, counts: Counts, advice: tuple[Advice, ...]) -> dict[str, Any]:
    """Give the main figures for machines; shares lie between 0 and 1."""
    trusted, evidence, ladder = findings.trusted, findings.evidence, findings.ladder
    asked = sentences.homes_asked(findings.answers)
    return {
        "source": findings.source.name,
        "about": findings.source.about,
        "as_of": trusted.as_of.isoformat(),
        "version": __version__,
        "homes": evidence.n_homes,
        "homes_answered": {fuel: int((asked["heating_fuel"] == fuel).sum()) for fuel in ("gas", "electricity")},
        "labelled_homes": evidence.fuel_counts,
        "rows": {str(name): row.astype(int).to_dict() for name, row in trusted.counts.iterrows()},
        "faults": [asdict(fault) for fault in trusted.faults],
        "stages": [
            {"stage": rung.stage, "n_features": rung.n_features, "step": rung.step and asdict(rung.step)}
            | {name: _comparison(getattr(rung, name)) for name in _COMPARISONS}
            for rung in ladder.rungs
        ],
        "stages_not_reached": list(ladder.not_reached),
        "worse_than_naive_in_new_region": [rung.stage for rung in sentences.worse_rungs(ladder)],
        "mistaken": {
            "gas_homes": counts.n_gas,
            "gas_called_electric": counts.gas_called_electric,
            "electric_homes": counts.n_electric,
            "electric_called_gas": counts.electric_called_gas,
            "by_dwelling_type": {fuel: table.to_dict(orient="index") for fuel, table in counts.mistaken.items()},
        },
        "calibration_gap": counts.calibration_gap,
        "calibration": counts.calibration.to_dict(orient="records"),
        "by_sureness": counts.by_sureness.to_dict(orient="index"),
        "answered": counts.answered.reset_index().to_dict(orient="records"),
        "by_region": counts.by_region.to_dict(orient="index"),
        "cost": findings.cost and cost_figures(findings.cost),
        "why": findings.why and section_words.why_figures(findings.why),
        "fairness": findings.fairness and section_words.fairness_figures(findings.fairness),
        "routing": findings.routing and section_words.routing_figures(findings.routing),
        "gate": findings.gate and gate_figures(findings.gate),
        "advice": [asdict(piece) for piece in advice],
    }


def _context(findings: Findings, counts: Counts, advice: tuple[Advice, ...]) -> dict[str, Any]:
    """Everything the page's template shows, the charts aside."""
    evidence, ladder, trusted = findings.evidence, findings.ladder, findings.trusted
    last = ladder.rungs[-1]
    asked = sentences.homes_asked(findings.answers)
    examples = choose_examples(evidence, last)
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
        "answer": sentences.question_and_answer(findings.answers, last, counts),
        "leads": {
            "data": sentences.data_and_refused(trusted),
            "ladder": sentences.ladder(ladder),
            "weighted": sentences.survey_weighted(last, evidence),
            "calibration": sentences.calibration(counts),
            "mistaken": sentences.mistaken(counts),
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
        "routing": findings.routing and section_words.routing_shown(findings.routing),
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


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    model, naive = (
        {name: asdict(figure) for name, figure in q.figures.items()} for q in (comparison.model, comparison.rival)
    )
    gain = {name: asdict(figure) for name, figure in comparison.gain.items()}
    return {"n_homes": comparison.model.n_homes, "model": model, "naive": naive, "gain": gain}


def _both_widths(plot: Plot) -> dict[str, Markup]:
    """Draw a chart for wide and for narrow screens; matplotlib has escaped its words."""
    return {name: Markup(plot.inline(width)) for name, width in (("wide", WIDE_IN), ("narrow", NARROW_IN))}  # noqa: S704


def _environment() -> Environment:
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
