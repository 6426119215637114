"""One self-contained page a manager can read, and the same figures for machines."""

import json
from pathlib import Path

from markupsafe import Markup

from case_heating.errors import ModelError
from case_heating.model.ladder import Ladder
from case_heating.people import plots, section_words, sentences
from case_heating.people.advice import advise
from case_heating.people.cost_section import cost_plots
from case_heating.people.counts import Counts, count_answers
from case_heating.people.fairness_section import FairnessSection, fairness_section
from case_heating.people.findings import Findings
from case_heating.people.gate_plots import answer_plots
from case_heating.people.plots import NARROW_IN, WIDE_IN, Plot
from case_heating.people.report_page import page_context, page_environment
from case_heating.people.report_summary import summarise
from case_heating.people.routing_findings import cost_plot

NO_BREAK_SPACE = "\u00a0"  # keeps a number and its unit on one line


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
    advice = advise(
        findings.trusted,
        findings.evidence,
        findings.ladder,
        findings.answers,
        counts,
        routing=findings.routing,
        fairness=findings.fairness,
    )
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
    context = page_context(findings, counts, advice) | {"fairness": fairness}
    context["plots"] = {name: _both_widths(plot) for name, plot in drawn.items()}
    html = page_environment().get_template("report.html.j2").render(context)
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


def _both_widths(plot: Plot) -> dict[str, Markup]:
    """Draw a chart for wide and for narrow screens; matplotlib has escaped its words."""
    return {name: Markup(plot.inline(width)) for name, width in (("wide", WIDE_IN), ("narrow", NARROW_IN))}  # noqa: S704
