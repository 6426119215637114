"""Reasons of planted homes are faithful, and reasons that are not are found out."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from case_heating.data.recs import read_recs
from case_heating.data.validate import check_tables
from case_heating.edges.bench_explain import made_up_explainer, made_up_homes
from case_heating.features.build import build_features, select_stage
from case_heating.model.evidence import gather_evidence
from case_heating.model.explain import Explainer
from case_heating.model.faithfulness import MEANINGS, _random_others, check_reasons, measure_faithfulness

FEATURES, IS_GAS = made_up_homes(800)
KNOWN, HELD_OUT = FEATURES.iloc[:600], FEATURES.iloc[600:]
EXPLAINER = made_up_explainer(KNOWN, IS_GAS[:600])
FOUND = check_reasons(EXPLAINER, HELD_OUT, KNOWN, seed=0)


def test_planted_reasons_are_faithful():
    assert FOUND.n_homes == 200
    assert set(FOUND.first_moves) == set(FOUND.top_beats_others) == set(MEANINGS)
    assert FOUND.first_moves["typical"] >= 0.95
    assert FOUND.first_moves["drawn"] >= 0.95
    assert FOUND.first_beats_another["drawn"] >= 0.9
    assert FOUND.top_beats_others["typical"] >= 0.9
    assert FOUND.same_without_unused == 1.0
    assert sum(FOUND.n_reasons.values()) == 200


def test_reasons_turned_round_are_found_out(monkeypatch):
    real = Explainer.explain

    def turned(self, features):
        for one in real(self, features):
            weakest_first = sorted(self.groups, key=lambda group: abs(one.contributions[group.name]))
            named = tuple(replace(one.reasons[0], group=group.name) for group in weakest_first[: len(one.reasons)])
            yield replace(one, reasons=named, fuel="gas" if one.fuel == "electricity" else "electricity")

    monkeypatch.setattr(Explainer, "explain", turned)
    found = check_reasons(EXPLAINER, HELD_OUT, KNOWN, seed=0)
    assert found.first_moves["typical"] < 0.7
    assert found.top_beats_others["typical"] < 0.1


def test_the_weakest_named_first_is_found_out(monkeypatch):
    real = Explainer.explain

    def weakest_first(self, features):
        for one in real(self, features):
            weakest = min(one.contributions, key=lambda group: abs(one.contributions[group]))
            yield replace(one, reasons=(replace(one.reasons[0], group=weakest), *one.reasons[1:]))

    monkeypatch.setattr(Explainer, "explain", weakest_first)
    found = check_reasons(EXPLAINER, HELD_OUT, KNOWN, seed=0)
    assert found.first_beats_another["drawn"] < FOUND.first_beats_another["drawn"] - 0.3


def test_words_that_follow_facts_not_used_are_found_out(monkeypatch):
    real = Explainer.explain

    def gossiping(self, features):
        for one, pool in zip(real(self, features), features["pool"], strict=True):
            yield replace(one, settled_by=f"{pool}")

    monkeypatch.setattr(Explainer, "explain", gossiping)
    pools = np.random.default_rng(0).integers(0, 2, 200).astype(float)
    found = check_reasons(EXPLAINER, HELD_OUT.assign(pool=pools), KNOWN, seed=0)
    assert 0.3 < found.same_without_unused < 0.7


def test_of_fewer_than_six_groups_three_against_three_is_not_asked():
    few = FEATURES[["therms_year", "kwh_year", "dwelling_type", "floor_area_sqft"]]
    found = check_reasons(made_up_explainer(few.iloc[:600], IS_GAS[:600]), few.iloc[600:], few.iloc[:600], seed=0)
    assert found.n_groups < 6
    assert found.top_beats_others is None
    assert found.first_beats_another["drawn"] > 0.5
    assert FOUND.n_groups >= 6


def test_random_others_are_never_among_the_named():
    named = np.array([[True, True, False, False, False, False], [True, False, True, True, True, False]])
    others = _random_others(named, np.random.default_rng(0), 3)
    assert not (others & named).any()
    assert others.sum(axis=1).tolist() == [3, 2]


def test_the_same_seed_gives_the_same_figures():
    once, again = (
        measure_faithfulness(FEATURES, IS_GAS, stage="gas_bills", n_trees=20, seed=3, most_homes=60) for _ in range(2)
    )
    assert once == again
    assert once.n_homes == 60


@pytest.mark.real_data
@pytest.mark.parametrize(("stage", "n_trees"), [("property", 190), ("gas_bills", 120)])
def test_recs_2015(data_dir, stage, n_trees):
    raw = read_recs(data_dir / "recs2015_public.csv.gz", 2015)
    trusted = check_tables(raw, as_of=None, today=date(2026, 11, 23))
    features = build_features(trusted.tables, as_of=trusted.as_of, stage=stage)
    evidence = gather_evidence(trusted.tables, features, as_of=trusted.as_of, min_homes=100)
    found = measure_faithfulness(
        select_stage(evidence.features, stage), evidence.is_gas, stage=stage, n_trees=n_trees, seed=0
    )
    for meaning in ("typical", "drawn"):
        assert found.first_moves[meaning] >= 0.95
        assert found.top_beats_others[meaning] >= 0.9
    assert found.same_without_unused == 1.0
