"""The report's main figures for machines: what ``summary.json`` holds."""

from dataclasses import asdict
from typing import Any

from case_heating import __version__
from case_heating.model.ladder import Untargeted
from case_heating.model.quality import Comparison
from case_heating.people import section_words, sentences
from case_heating.people.advice import Advice
from case_heating.people.cost_section import cost_figures
from case_heating.people.counts import Counts
from case_heating.people.findings import Findings
from case_heating.people.gate_section import gate_figures
from case_heating.people.label_sources import shares_by_source, sources_figures

_COMPARISONS = ("by_home", "weighted", "by_region", "by_time")


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
            | {"untargeted": rung.untargeted and _untargeted(rung.untargeted)}
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
        "by_label_source": sources_figures(shares_by_source(evidence, ladder.rungs[-1].probability)),
        "cost": findings.cost and cost_figures(findings.cost),
        "why": findings.why and section_words.why_figures(findings.why),
        "fairness": findings.fairness and section_words.fairness_figures(findings.fairness),
        "routing": findings.routing and section_words.routing_figures(findings.routing),
        "gate": findings.gate and gate_figures(findings.gate),
        "advice": [asdict(piece) for piece in advice],
    }


def _untargeted(figures: Untargeted) -> dict[str, Any]:
    return {name: _comparison(getattr(figures, name)) for name in ("by_home", "by_region", "by_time")}


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    model, naive = (
        {name: asdict(figure) for name, figure in q.figures.items()} for q in (comparison.model, comparison.rival)
    )
    gain = {name: asdict(figure) for name, figure in comparison.gain.items()}
    return {"n_homes": comparison.model.n_homes, "model": model, "naive": naive, "gain": gain}
