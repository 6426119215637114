"""What is told of the gate: who serves, who was judged last, of this source alone; a registry that cannot be read."""

from dataclasses import replace
from datetime import date

import pytest

from case_heating.people.gate_section import (
    NOTHING_JUDGED,
    GateFindings,
    check_rows,
    find_judged,
    gate_figures,
    gate_shown,
)
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.registry import open_registry
from case_heating.settings import Settings

DAY, LATER = date(2024, 12, 31), date(2025, 3, 31)
PASSED = PromotionDecision(
    True,
    ("right as often: by 3 of 100",),
    (
        Check("right as often", True, "by 3 of 100", 0.0312, -0.03),
        Check("fairness", None, "tenure cannot be judged"),
    ),
    "the champion",
    700,
)
REFUSED = PromotionDecision(
    False,
    ("every slice: d3 loses 12 of 100",),
    (Check("right as often", True, "by 1 of 100", 0.01, -0.03), Check("every slice", False, "d3 loses", 12044.0, 0.1)),
    "the champion",
    1700,
)


def settings_for(workspace, source="planted"):
    return Settings(today=date(2026, 1, 15), workspace=workspace, source=source)


@pytest.fixture(scope="module")
def trained(plant_rows, train_planted):
    return train_planted(plant_rows(200, seed=1, day="2024-06-30"))


@pytest.fixture
def registry(tmp_path):
    return open_registry(tmp_path / "registry")


def shown(found):
    return " ".join(gate_shown(found)["said"])


def test_before_anything_was_judged_one_sentence_says_how_to_begin_and_no_file_is_made(tmp_path):
    found = find_judged(settings_for(tmp_path))
    assert gate_shown(found) == {"said": (NOTHING_JUDGED,), "judged": []}
    assert list(tmp_path.iterdir()) == []


def test_champion_and_the_candidate_refused_after_it(registry, trained, tmp_path, plant_rows, train_planted):
    first = registry.record(trained, PASSED, because="first model", as_of=DAY)
    registry.promote(first.version, because="first model", as_of=DAY)
    found = find_judged(settings_for(tmp_path))
    assert (found.champion.model.version, found.last) == ("1", None)
    assert (
        "Version 1 serves. It was trained as of 31 December 2024 (first model). The gate promoted it: judged by "
        in (shown(found))
    )
    assert "700 homes against the champion, it passed 1 of 1 checks." in shown(found)
    later = train_planted(plant_rows(200, seed=1, day="2024-06-30"), seed=2)
    registry.record(later, REFUSED, because="new labels", as_of=LATER)
    found = find_judged(settings_for(tmp_path))
    assert [one.model.version for one in found.judged] == ["1", "2"]
    assert "The candidate judged last is version 2. It was trained as of 31 March 2025 (new labels)" in shown(found)
    assert "What refused it: every slice: d3 loses 12 of 100." in shown(found)
    figures = gate_figures(found)
    assert figures["last_candidate"]["model"]["as_of"] == "2025-03-31"
    assert figures["champion"]["decision"]["checks"][0]["figure"] == 0.0312


def test_a_champion_that_was_rolled_back_is_told_with_its_reason(
    registry, trained, tmp_path, plant_rows, train_planted
):
    for model in (trained, train_planted(plant_rows(200, seed=1, day="2024-06-30"), seed=2)):
        made = registry.record(model, PASSED, because="a month", as_of=DAY)
        registry.promote(made.version, because="a month", as_of=DAY)
    registry.roll_back(because="people complained", as_of=LATER)
    found = find_judged(settings_for(tmp_path))
    assert [one.model.version for one in found.judged] == ["1", "2"]
    assert "It was rolled back since: people complained." in shown(found)


def test_what_refused_stands_first():
    assert check_rows(REFUSED) == [
        {"name": "every slice", "answer": "refused", "figure": "12,044", "limit": "0.1", "words": "d3 loses"},
        {"name": "right as often", "answer": "passed", "figure": "0.01", "limit": "-0.03", "words": "by 1 of 100"},
    ]


def test_models_of_another_source_are_not_told(registry, trained, tmp_path):
    registry.record(trained, PASSED, because="first model", as_of=DAY)
    assert find_judged(settings_for(tmp_path, source="recs2015")) == GateFindings()
    there = tmp_path / "files" / "mapping.toml"
    own = replace(
        trained, lineage=replace(trained.lineage, source=str(tmp_path / "files" / ".." / "files" / there.name))
    )
    registry.record(own, PASSED, because="first model", as_of=DAY)
    assert find_judged(settings_for(tmp_path, source=str(there))).last.model.version == "2"


def test_a_registry_that_cannot_be_read_is_said_and_stops_nobody(registry, trained, tmp_path):
    registry.record(trained, PASSED, because="first model", as_of=DAY)
    decision = next((tmp_path / "registry" / "artifacts").rglob("decision.json"))
    decision.write_text("{half")
    found = find_judged(settings_for(tmp_path))
    assert shown(found).startswith("What serves is not known: what was decided on version 1 in ")
    assert gate_figures(found)["trouble"] == found.trouble
