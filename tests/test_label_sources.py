"""Accuracies told apart, worked by hand: who told the fuel, how homes were hidden, what the gate judged by."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.model.evidence import Evidence
from case_heating.model.ladder import Rung, Untargeted
from case_heating.model.quality import compare
from case_heating.people.gate_section import GateFindings, Judged
from case_heating.people.label_sources import (
    accuracies,
    accuracies_in_words,
    shares_by_source,
    sources_figures,
    sources_in_words,
    targeted_right,
)
from case_heating.release.gate import PromotionDecision
from case_heating.release.run_record import RegisteredModel

# 100 homes told by a survey (60 gas, all right), 40 by a rebate (electric, 30 called gas), 20 and 10 by two small
# sources (electric, all right).
IS_GAS = np.repeat([True, False], [60, 110])
SOURCE = np.repeat(["survey", "rebate", "service_call", "audit"], [100, 40, 20, 10])
PROBABILITY = np.where(IS_GAS, 0.9, 0.1)
PROBABILITY[100:130] = 0.9


def evidence_of(source: np.ndarray | None = SOURCE) -> Evidence:
    homes = pd.DataFrame(index=pd.Index([f"h{number:03d}" for number in range(170)], name="home_id"))
    seen_by = None if source is None else pd.Series(source, index=homes.index, dtype="str")
    return Evidence(homes, IS_GAS, homes, None, {}, 500, date(2026, 1, 1), seen_by)


def compared(rows: np.ndarray | slice = slice(None)):
    return compare(IS_GAS[rows], PROBABILITY[rows], np.full(170, 0.4)[rows], rounds=20)


RUNG = Rung("location", 1, compared(), None, None, compared(), None, PROBABILITY, model=None)  # type: ignore[arg-type]  # asked for figures alone
ASKED = SOURCE != "rebate"
WITHOUT = replace(RUNG, untargeted=Untargeted(compared(ASKED), None, compared(ASKED)))
DECISION = PromotionDecision(True, (), (), "the neighbours' majority", 200, 0.95, 0.7)


def gate_of(decision: PromotionDecision) -> GateFindings:
    model = RegisteredModel("1", "d", "r", "location", date(2026, 1, 1), "first", True, ("champion",), None)
    return GateFindings(champion=Judged(model, decision))


def test_each_source_has_its_share_and_small_ones_are_pooled_at_the_end():
    survey, rebate, pooled = shares_by_source(evidence_of(), PROBABILITY)
    assert (survey.source, survey.n_homes, survey.gas, survey.right.value) == ("survey", 100, 0.6, 1.0)
    assert (rebate.source, rebate.n_homes, rebate.gas, rebate.right.value) == ("rebate", 40, 0.0, 0.25)
    # Wilson's interval of 10 in 40
    assert (rebate.right.low, rebate.right.high) == pytest.approx((0.1419, 0.4019), abs=5e-4)
    assert (pooled.source, pooled.n_homes, pooled.right.value) == ("other sources", 30, 1.0)
    assert sources_figures((rebate,))[0]["share"] == 0.25


def test_pooled_sources_of_fewer_than_thirty_homes_are_left_out_and_said_to_be():
    source = np.where(SOURCE == "audit", "survey", SOURCE)
    evidence = evidence_of(source)
    shares = shares_by_source(evidence, PROBABILITY)
    assert [share.source for share in shares] == ["survey", "rebate"]
    said = sources_in_words(shares, evidence, RUNG)
    # 140 of 170 are right
    assert said[0] == "Right least often: homes told by “rebate”, 25.0 of 100 of 40 homes against 82.4 of 100 of all."
    assert said[1].startswith("A rebate hears only of homes that went electric, and of each of them: 40 homes here.")
    assert said[2] == "Sources with fewer than 30 homes together are left out: 20 homes."


def test_one_source_or_none_is_no_table():
    assert shares_by_source(evidence_of(None), PROBABILITY) == ()
    assert shares_by_source(evidence_of(np.full(170, "survey")), PROBABILITY) == ()
    assert sources_in_words((), evidence_of(None), RUNG) == ()


def test_how_homes_were_hidden_and_without_rebates():
    at_random, later = accuracies(WITHOUT)
    assert (at_random["name"], later["name"]) == ("Held out at random", "Labelled later")
    # all: 140 of 170; without the 40 of the rebate all 130 are right. The naive answer says electricity of each.
    assert (at_random["right"], at_random["homes"], at_random["naive"]) == ("82.4 %", "170", "64.7 %")
    assert [at_random[f"untargeted_{name}"] for name in ("right", "homes", "naive")] == ["100.0 %", "130", "53.8 %"]
    assert accuracies_in_words(RUNG).endswith("like those that were asked, the second for homes that will be asked.")


def test_where_no_rebate_told_anything_there_is_one_set_of_figures_and_one_alone_is_no_table():
    assert [row["untargeted_right"] for row in accuracies(RUNG)] == ["", ""]
    assert accuracies(replace(RUNG, by_time=None)) == []


def test_the_homes_of_the_gate_stand_in_the_column_without_rebates():
    served = accuracies(WITHOUT, gate_of(DECISION))[-1]
    assert served["name"] == "The model that serves, at the gate"
    assert (served["right"], served["untargeted_right"], served["untargeted_homes"]) == ("", "95.0 %", "200")
    assert served["untargeted_naive"] == "70.0 %"
    assert accuracies(RUNG, gate_of(DECISION))[-1]["right"] == "95.0 %"
    assert len(accuracies(WITHOUT, gate_of(replace(DECISION, right=None)))) == 2  # a decision of an earlier version


def test_the_rebates_own_share():
    assert targeted_right(evidence_of(), PROBABILITY).value == 0.25
    assert targeted_right(evidence_of(None), PROBABILITY) is None
