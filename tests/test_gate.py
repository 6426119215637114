"""The gate: honest candidates pass, each planted fault is refused by the check that is there for it, in words."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.model.fairness import FairnessLimits, Traits
from case_heating.model.fuel import Calibration, Encoding
from case_heating.release.candidate import LabelledRows, naive_rival
from case_heating.release.gate import PromotionDecision, decision_in_words, judge_candidate
from case_heating.release.gate_checks import DataHealth
from case_heating.release.gate_fairness import paired_harm
from case_heating.release.gate_limits import GateLimits
from case_heating.release.gate_rivalry import Scored

TRAINED, LATER, JUDGED = "2024-06-30", "2024-12-31", "2025-06-30"
LIMITS = GateLimits(n_explained=60, fairness=FairnessLimits(needed_traits=("tenure",)))
HEALTHY = DataHealth(n_rows=10_000, n_quarantined=120)


@pytest.fixture(scope="module")
def old_rows(plant_rows):
    return plant_rows(500, seed=1, day=TRAINED)


@pytest.fixture(scope="module")
def new_rows(plant_rows):
    return plant_rows(1200, seed=1, day=LATER)


@pytest.fixture(scope="module")
def gate_rows(plant_rows):
    return plant_rows(1200, seed=2, day=JUDGED, prefix="g")


@pytest.fixture(scope="module")
def champion(old_rows, train_planted):
    return train_planted(old_rows)


@pytest.fixture(scope="module")
def candidate(new_rows, train_planted):
    return train_planted(new_rows, seed=5)


def relabelled(rows, wrong):
    """The same rows with the marked answers turned."""
    return replace(rows, evidence=replace(rows.evidence, is_gas=rows.evidence.is_gas ^ wrong))


def in_district(rows, *names):
    return rows.evidence.homes["district"].isin(names).to_numpy()


def rents(rows):
    """Whose tenure is planted: those in apartments, which a model may know, rent."""
    return (rows.evidence.homes["dwelling_type"] == "apartment_5_plus").to_numpy()


def some(rows, share, seed=9):
    return np.random.default_rng(seed).random(len(rows.evidence.is_gas)) < share


def judge(candidate, champion, rows, *, trained_on, limits=LIMITS, **more):
    tenure = pd.DataFrame({"tenure": np.where(rents(rows), "renter", "owner")}, index=rows.evidence.features.index)
    asked = {"naive": naive_rival(trained_on, rows), "traits": Traits(tenure, {}), "health": HEALTHY, "rounds": 200}
    return judge_candidate(candidate, champion, rows, limits=limits, **(asked | more))


def refused_by(decision):
    assert decision.promote is (not any(check.passed is False for check in decision.checks))
    return {check.name for check in decision.checks if check.passed is False}


def figure(decision, name):
    return next(check for check in decision.checks if check.name == name)


def test_an_honest_better_candidate_is_promoted(candidate, champion, gate_rows, new_rows):
    decision = judge(candidate, champion, gate_rows, trained_on=new_rows)
    assert refused_by(decision) == set()
    assert decision.rival == "the champion"
    assert decision.n_homes == 1200
    assert any("right as often" in reason for reason in decision.reasons)
    is_gas, said = gate_rows.evidence.is_gas, candidate.model.probability_of_gas(gate_rows.evidence.features)
    assert decision.right == ((said >= 0.5) == is_gas).mean()
    assert 0.4 < decision.naive_right < decision.right


def test_an_equal_one_is_promoted_because_it_is_newer(champion, gate_rows, plant_rows, train_planted):
    rows = plant_rows(500, seed=3, day=LATER, prefix="e")
    decision = judge(train_planted(rows, seed=8), champion, gate_rows, trained_on=rows)
    assert refused_by(decision) == set()


def test_the_champion_itself_is_nothing_new(champion, gate_rows, old_rows):
    decision = judge(champion, champion, gate_rows, trained_on=old_rows)
    assert refused_by(decision) == {"something new"}
    assert "tree for tree" in decision.reasons[0]


def test_a_first_model_must_beat_the_neighbours(candidate, gate_rows, new_rows, train_planted):
    decision = judge(candidate, None, gate_rows, trained_on=new_rows)
    assert refused_by(decision) == set()
    assert decision.rival == "the neighbours' majority"
    knows_little = replace(
        new_rows,
        evidence=replace(new_rows.evidence, features=new_rows.evidence.features[["district", "dwelling_type"]]),
    )
    decision = judge(train_planted(knows_little), None, gate_rows, trained_on=new_rows)
    assert "better than naive" in refused_by(decision)


@pytest.mark.parametrize("first", [True, False])
def test_shuffled_labels_are_refused(first, champion, gate_rows, new_rows, train_planted):
    order = np.random.default_rng(0).permutation(len(new_rows.evidence.is_gas))
    shuffled = replace(new_rows, evidence=replace(new_rows.evidence, is_gas=new_rows.evidence.is_gas[order]))
    decision = judge(train_planted(shuffled), None if first else champion, gate_rows, trained_on=new_rows)
    assert "better than naive" in refused_by(decision)
    assert first or {"right as often", "no more surprised"} <= refused_by(decision)


def test_a_leaked_column_is_refused(champion, gate_rows, new_rows, train_planted):
    def leaky(rows):
        told = rows.evidence.is_gas + np.random.default_rng(4).normal(0, 0.1, len(rows.evidence.is_gas))
        return replace(rows, evidence=replace(rows.evidence, features=rows.evidence.features.assign(rooms=told)))

    decision = judge(train_planted(leaky(new_rows)), champion, leaky(gate_rows), trained_on=new_rows)
    assert "no leak" in refused_by(decision)
    assert "rooms alone tells the fuels apart" in figure(decision, "no leak").words


def test_a_leak_that_is_there_in_training_alone_is_refused_too(champion, gate_rows, new_rows, train_planted):
    told = new_rows.evidence.features.assign(rooms=new_rows.evidence.is_gas.astype(float))
    leaky = replace(new_rows, evidence=replace(new_rows.evidence, features=told))
    decision = judge(train_planted(leaky), champion, gate_rows, trained_on=new_rows)
    assert {"right as often", "no more surprised"} <= refused_by(decision)


def test_a_column_that_may_not_be_known_is_refused(candidate, champion, gate_rows, new_rows):
    encoding = candidate.model.encoding
    names = tuple("income_band" if name == "rooms" else name for name in encoding.names)
    sensitive = replace(candidate, model=replace(candidate.model, encoding=Encoding(names, encoding.categories)))
    decision = judge(sensitive, champion, gate_rows, trained_on=new_rows)
    assert refused_by(decision) == {"features allowed"}
    assert "sensitive trait" in decision.reasons[0]


def test_a_model_good_overall_and_bad_in_one_region_is_refused(gate_rows, new_rows, old_rows, train_planted):
    weak = relabelled(old_rows, in_district(old_rows, "d1", "d2") & ~old_rows.evidence.is_gas)
    bad = relabelled(new_rows, in_district(new_rows, "d4") & new_rows.evidence.is_gas)
    decision = judge(train_planted(bad), train_planted(weak), gate_rows, trained_on=new_rows)
    assert figure(decision, "right as often").passed
    assert "every slice" in refused_by(decision)
    assert "d4" in figure(decision, "every slice").words
    assert "d1" not in figure(decision, "every slice").words


def test_a_model_unfair_to_one_group_is_refused(gate_rows, new_rows, old_rows, train_planted):
    weak = relabelled(old_rows, ~rents(old_rows) & ~old_rows.evidence.is_gas)
    unfair = relabelled(new_rows, rents(new_rows) & new_rows.evidence.is_gas & some(new_rows, 0.7))
    decision = judge(train_planted(unfair), train_planted(weak), gate_rows, trained_on=new_rows)
    assert figure(decision, "right as often").passed
    assert "fairness" in refused_by(decision)
    assert "tenure renter, share of gas homes called electric" in figure(decision, "fairness").words


def test_an_unfair_champion_is_followed_by_a_less_unfair_one_and_by_no_worse(gate_rows, new_rows, train_planted):
    def unfair(share, seed):
        wrong = rents(new_rows) & new_rows.evidence.is_gas & some(new_rows, share)
        return train_planted(relabelled(new_rows, wrong), seed=seed)

    very, less = unfair(0.9, 1), unfair(0.6, 2)
    better = figure(judge(less, very, gate_rows, trained_on=new_rows), "fairness")
    assert better.passed is None  # told, and refuses nothing
    assert "no group of them is shown to be worse off than with the champion" in better.words
    assert figure(judge(very, less, gate_rows, trained_on=new_rows), "fairness").passed is False
    strict = replace(LIMITS, unfair_rival_excuses=False)
    assert figure(judge(less, very, gate_rows, trained_on=new_rows, limits=strict), "fairness").passed is False


def test_unfairness_that_no_gap_of_a_group_explains_compares_nobody():
    """Groups may differ in how far off their chances are, and none be farther off than the others together."""
    scored = Scored(np.array([True, False]), np.array([0.9, 0.1]), np.array([0.8, 0.2]), "naive", pd.DataFrame())
    nobody = pd.DataFrame(columns=["trait", "group", "measure"])
    harm = paired_harm(scored, Traits(pd.DataFrame(), {}), nobody, review_below=0.8, rounds=5, seed=0)
    assert (len(harm), harm["p_adjusted"].dtype) == (0, float)


def test_fairness_that_cannot_be_judged_is_told_or_refuses_as_the_settings_say(
    candidate, champion, gate_rows, new_rows
):
    nobody = Traits(pd.DataFrame(index=gate_rows.evidence.features.index), {"tenure": "there is no table"})
    told = judge(candidate, champion, gate_rows, trained_on=new_rows, traits=nobody)
    assert figure(told, "fairness").passed is None
    assert figure(told, "fairness").answer == "not judged"
    assert figure(told, "fairness").words.startswith(
        "it cannot be judged, which refuses nothing and passes nothing: tenure cannot be judged"
    )
    strict = replace(LIMITS, unjudged_fairness_refuses=True)
    decision = judge(candidate, champion, gate_rows, trained_on=new_rows, traits=nobody, limits=strict)
    assert refused_by(decision) == {"fairness"}
    assert figure(decision, "fairness").words.startswith("it cannot be judged, which these limits refuse and passes")


def test_a_model_trained_on_the_test_rows_is_refused(champion, gate_rows, new_rows, train_planted):
    both = LabelledRows(
        replace(
            new_rows.evidence,
            features=pd.concat([new_rows.evidence.features, gate_rows.evidence.features]),
            homes=pd.concat([new_rows.evidence.homes, gate_rows.evidence.homes]),
            is_gas=np.concatenate([new_rows.evidence.is_gas, gate_rows.evidence.is_gas]),
        ),
        pd.concat([new_rows.when, gate_rows.when]),
    )
    decision = judge(train_planted(both), champion, gate_rows, trained_on=new_rows)
    assert refused_by(decision) == {"unseen homes"}
    assert "1,200 of 1,200 homes to judge by are among those the candidate was trained on" in decision.reasons[0]
    assert "right as often" not in {check.name for check in decision.checks}  # figures of seen homes are not shown


def test_labels_known_before_the_training_ended_are_refused(candidate, champion, plant_rows, new_rows):
    early = plant_rows(400, seed=2, day=LATER, prefix="g")
    decision = judge(candidate, champion, early, trained_on=new_rows)
    assert refused_by(decision) == {"unseen homes"}
    assert "were known by 2024-12-31, the last day the candidate learned from" in decision.reasons[0]


@pytest.mark.parametrize("n", [0, 10])
def test_ten_rows_of_evidence_are_too_few(n, candidate, champion, gate_rows, new_rows):
    evidence = gate_rows.evidence
    few = LabelledRows(
        replace(evidence, features=evidence.features[:n], is_gas=evidence.is_gas[:n], homes=evidence.homes[:n]),
        gate_rows.when[:n],
    )
    decision = judge(candidate, champion, few, trained_on=new_rows)
    assert refused_by(decision) == {"enough evidence"}
    assert "50 of each are needed" in decision.reasons[0]


def test_probabilities_that_do_not_come_true_are_refused(candidate, champion, gate_rows, new_rows):
    line = candidate.model.calibration
    sure = replace(candidate, model=replace(candidate.model, calibration=Calibration(4 * line.slope, line.intercept)))
    assert "probabilities come true" in refused_by(judge(sure, champion, gate_rows, trained_on=new_rows))
    # Where the champion's are as far off, refusing would keep the same fault.
    told = judge(candidate, sure, gate_rows, trained_on=new_rows)
    assert figure(told, "probabilities come true").passed
    as_bad = figure(judge(sure, replace(sure), gate_rows, trained_on=new_rows), "something new")
    assert as_bad.passed is False


def test_data_that_did_not_pass_validation_refuse(candidate, champion, gate_rows, new_rows):
    many = judge(candidate, champion, gate_rows, trained_on=new_rows, health=DataHealth(1000, 51))
    assert refused_by(many) == {"data validation"}
    assert "51 of 1,000 rows (5.1 of 100) are in quarantine" in many.reasons[0]
    stopped = DataHealth(1000, 0, ("bills: a district's unit slipped",))
    assert refused_by(judge(candidate, champion, gate_rows, trained_on=new_rows, health=stopped)) == {"data validation"}
    assert refused_by(judge(candidate, champion, gate_rows, trained_on=new_rows, health=DataHealth(0, 0))) == {
        "data validation"
    }


def test_a_model_too_large_or_too_slow_is_refused(candidate, champion, gate_rows, new_rows):
    small = replace(LIMITS, max_bytes=10_000)
    assert refused_by(judge(candidate, champion, gate_rows, trained_on=new_rows, limits=small)) == {"size and speed"}
    short = replace(LIMITS, max_node_visits=100.0)
    assert refused_by(judge(candidate, champion, gate_rows, trained_on=new_rows, limits=short)) == {"size and speed"}
    slow = judge(candidate, champion, gate_rows, trained_on=new_rows, latency_ms=50.1)
    assert refused_by(slow) == {"size and speed"}
    assert "50.10 ms for one home (50 allowed)" in slow.reasons[0]


def test_the_order_of_homes_and_who_asks_do_not_matter(candidate, champion, gate_rows, new_rows):
    decision = judge(candidate, champion, gate_rows, trained_on=new_rows)
    assert decision == judge(candidate, champion, gate_rows, trained_on=new_rows)


def test_homes_that_do_not_belong_together_are_an_error(candidate, champion, gate_rows, new_rows):
    with pytest.raises(NotEnoughDataError, match="1,200 homes to judge by, 3 naive answers"):
        judge(candidate, champion, gate_rows, trained_on=new_rows, naive=np.zeros(3))


def test_a_decision_is_written_and_read_back(candidate, champion, gate_rows, new_rows):
    decision = judge(candidate, champion, gate_rows, trained_on=new_rows)
    assert PromotionDecision.from_json(decision.to_json()) == decision
    old = {name: value for name, value in json.loads(decision.to_json()).items() if "right" not in name}
    assert PromotionDecision.from_json(json.dumps(old)) == replace(decision, right=None, naive_right=None)
    words = decision_in_words(decision)
    assert words.startswith("## Promoted: judged by 1,200 homes against the champion\n")
    assert words.count("\n| ") == len(decision.checks) + 1
    refusal = judge(candidate, champion, gate_rows, trained_on=new_rows, latency_ms=99.0)
    assert decision_in_words(refusal).startswith("## Refused: judged by 1,200 homes against the champion\n\n- size and")
    assert "| size and speed | **refused** |" in decision_in_words(refusal)
