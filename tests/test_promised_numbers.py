"""The figures this project promises, measured again: on real homes, from simulated to real ones, and on the utility.

The limits are those a plain model reaches, five-fold, seed 0; what is measured stands in the README.
"""

from dataclasses import replace
from datetime import date

import pytest

from case_heating import journey
from case_heating.features.build import select_stage
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import FuelParams
from case_heating.model.held_out import score_held_out
from case_heating.model.ladder import fit_stage
from case_heating.model.quality import judge
from case_heating.model.split import by_region
from case_heating.model.transfer import meet_elsewhere
from case_heating.settings import Settings

TODAY = date(2026, 11, 23)


def evidence_of(settings: Settings) -> Evidence:
    raw = journey.gather(journey.find_source(settings), lambda _doing, _share: None)
    trusted = journey.check(raw.tables, settings, lambda _doing, _share: None)
    return journey.collect_evidence(trusted, journey.describe(trusted.tables, trusted.as_of), settings)


def held_out_figures(evidence: Evidence, stage: str, settings: Settings) -> tuple[float, float, float]:
    """Accuracy and AUC on homes held out, and accuracy with a region held out."""
    held_out, _ = fit_stage(evidence, stage, FuelParams(), settings)
    homes = judge(evidence.is_gas, held_out.calibrated(evidence.is_gas), rounds=1)
    found = score_held_out(
        select_stage(evidence.features, stage),
        evidence.is_gas,
        by_region(evidence.region),
        FuelParams(),
        seed=settings.seed,
        threads=settings.threads,
        n_trees=held_out.usual_tree_count,
    )
    regions = judge(evidence.is_gas, found.calibrated(evidence.is_gas, learned_on=held_out), rounds=1)
    return homes["accuracy"].value, homes["auc"].value, regions["accuracy"].value


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("source", "limits", "property_auc"),
    [
        ("recs2009", {"billing": 0.772, "weather": 0.805, "property": 0.830, "gas_service": 0.900}, 0.895),
        ("recs2015", {"billing": 0.757, "weather": 0.795, "property": 0.829, "gas_service": 0.928}, 0.902),
    ],
)
def test_real_homes_are_answered_as_well_as_promised(source, limits, property_auc, data_dir):
    settings = Settings(today=TODAY, source=source, data_dir=data_dir)
    evidence = evidence_of(settings)
    for stage, limit in limits.items():
        accuracy, auc, new_region = held_out_figures(evidence, stage, settings)
        assert accuracy >= limit, stage
        if stage == "property":
            assert auc >= property_auc
            assert new_region >= 0.784


@pytest.mark.real_data
def test_a_model_of_simulated_homes_knows_real_ones(data_dir):
    settings = Settings(today=TODAY, stage="property", bootstrap_rounds=1, data_dir=data_dir, simulated_homes=10_000)
    simulated, real = (evidence_of(replace(settings, source=name)) for name in ("nation", "recs2015"))
    met = meet_elsewhere(simulated, real, settings)
    assert met[-1].stage == "property"
    assert met[-1].elsewhere.model["auc"].value >= 0.86


def test_the_embedded_utility_is_as_hard_as_it_should_be():
    settings = Settings(today=TODAY, simulated_homes=10_000)
    evidence = evidence_of(settings)
    accuracy = {
        stage: held_out_figures(evidence, stage, settings)[0]
        for stage in ("location", "billing", "property", "monthly")
    }
    assert accuracy["location"] < accuracy["billing"] < accuracy["property"]
    assert 0.92 <= accuracy["monthly"] <= 0.97
    assert accuracy["monthly"] - accuracy["property"] >= 0.05
