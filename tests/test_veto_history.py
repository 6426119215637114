"""What fairness said at the gate over versions."""

from datetime import date

from case_heating.people.veto_history import veto_history, vetoes_in_words
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.run_record import RegisteredModel
from case_heating.release.service import ModelsOnRecord


def model(version, month):
    return RegisteredModel(version, "d", "r", "property", date(2025, month, 1), "why", True, (), None)


def decision(promote, *checks):
    return PromotionDecision(promote, (), tuple(Check(*check) for check in checks), "the champion", 700)


RECORD = ModelsOnRecord(
    "here",
    models=tuple(model(str(number), number) for number in range(1, 7)),
    decisions={
        "1": decision(True, ("fairness", True, "no group exceeds a limit")),
        "2": decision(False, ("fairness", False, "income_band under_20 is worse off"), ("right as often", True, "x")),
        "3": decision(False, ("fairness", False, "worse off"), ("right as often", False, "x")),
        "4": decision(False, ("evidence", False, "too few homes")),
        "5": decision(True, ("fairness", None, "3 gaps exceed limits; no group is worse off", 0, 0)),
    },
    unreadable={"6": "gone"},
)


def test_each_version_tells_what_fairness_said_of_it():
    found = veto_history(RECORD)
    assert [(one.version, one.answer, one.promoted, one.alone) for one in found] == [
        ("1", "passed", True, False),
        ("2", "refused", False, True),
        ("3", "refused", False, False),
        ("4", "not asked", False, False),
        ("5", "let pass", True, False),
    ]
    assert found[1].words == "income under 20,000 USD is worse off"
    assert found[3].words == "the gate had refused it before: evidence"


def test_it_is_counted_in_words():
    assert vetoes_in_words(veto_history(RECORD)) == (
        "Of 5 models put to the gate, fairness refused 2, 1 of them for this alone; the last was version 3, "
        "trained as of 1 March 2025."
    )
    first = ModelsOnRecord("here", RECORD.models[:1], decisions={"1": RECORD.decisions["1"]})
    assert vetoes_in_words(veto_history(first)) == "Of 1 model put to the gate, fairness refused 0."
