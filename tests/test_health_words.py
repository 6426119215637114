"""How the models stand in each state, and what each act will do, said before it is done."""

from dataclasses import replace
from datetime import date

import pytest

from case_heating.people.health_words import ACT_NAMES, how_models_stand, not_watched_yet, pause_notice, what_it_does
from case_heating.release.gate import PromotionDecision
from case_heating.release.run_record import RegisteredModel, ReleaseEvent
from case_heating.release.service import ModelsOnRecord
from case_heating.watch.monitor import WatchReport
from case_heating.watch.overrides import Override

DAY, LATER = date(2025, 3, 31), date(2025, 6, 30)
FIRST = RegisteredModel("1", "d1", "r1", "monthly", DAY, "the first one", True, ("previous",), None)
SECOND = RegisteredModel("2", "d2", "r2", "monthly", LATER, "more labels", True, ("champion",), None)
REFUSED = PromotionDecision(False, ("enough evidence: 9 gas homes; 50 are needed",), (), "the neighbours' majority", 16)
SERVING = ModelsOnRecord("here", (FIRST, SECOND))
EMPTY = ModelsOnRecord("here")
UNREACHABLE = ModelsOnRecord("there", trouble="the MLflow at there does not answer")
ALL_REFUSED = ModelsOnRecord(
    "here", tuple(replace(one, aliases=(), passed=False) for one in (FIRST, SECOND)), decisions={"2": REFUSED}
)
PROMOTED = ReleaseEvent(1, "promotion", "1", None, DAY, "it passed", True)


@pytest.mark.parametrize(
    ("models", "ingested", "state", "said", "command"),
    [
        (UNREACHABLE, LATER, "unreachable", "Which model serves is not known: the MLflow at there", "heating doctor"),
        (EMPTY, None, "empty", "Nothing was taken in yet", "heating flows run ingest"),
        (EMPTY, LATER, "untrained", "taken in up to 30 June 2025, and no model", "heating flows run train_and_promote"),
        (
            ALL_REFUSED,
            LATER,
            "refused",
            "the gate refused all 2 candidates. The last one, version 2: enough evidence: 9 gas homes; 50 are needed.",
            "heating registry show 2",
        ),
        (
            replace(ALL_REFUSED, events=(PROMOTED,)),
            LATER,
            "withdrawn",
            "its version was deleted",
            "heating flows run train_and_promote",
        ),
        (SERVING, LATER, "serving", "Version 2 serves, trained as of 30 June 2025: more labels.", None),
    ],
)
def test_each_state_says_what_is_and_what_to_do(models, ingested, state, said, command):
    stand = how_models_stand(models, ingested)
    assert stand.state == state
    assert said in stand.words
    assert (stand.commands[0] if stand.commands else None) == command
    assert bool(stand.remedy) is (state != "serving")


def test_the_only_candidate_and_one_whose_decision_is_lost():
    alone = ModelsOnRecord("here", ALL_REFUSED.models[:1])
    assert how_models_stand(alone, LATER).words == "No model serves yet: the gate refused the only candidate."


@pytest.mark.parametrize(
    ("act", "models", "said"),
    [
        (
            "retrain",
            SERVING,
            "known 6 months ago and judged, by the homes labelled since then and known by 30 June 2025, ",
        ),
        (
            "retrain",
            SERVING,
            "against version 2. Only if it passes every check of the gate does it serve; else version 2",
        ),
        ("retrain", EMPTY, "against the neighbours' majority. Only if it passes"),
        ("roll_back", SERVING, "Version 1, trained as of 31 March 2025, serves again at once instead of version 2."),
        ("roll_back", replace(SERVING, models=(SECOND,)), "There is no champion before this one"),
        ("pause", SERVING, "no schedule and no event trains a candidate. The watch goes on"),
        ("pause", SERVING, "version 2 serves on"),
        ("resume", SERVING, "train candidates again from now on"),
    ],
)
def test_an_act_is_told_before_it_is_done(act, models, said):
    assert said in what_it_does(act, models, LATER, holdout_months=6)


def test_every_act_has_its_words_and_others_have_none():
    for act in ACT_NAMES:
        assert what_it_does(act, SERVING, LATER, holdout_months=6).endswith(".")
    with pytest.raises(KeyError):
        what_it_does("delete everything", SERVING, LATER, holdout_months=6)


def test_a_champion_that_was_not_watched_yet_is_told():
    def watched(champion):
        return WatchReport(LATER, champion, (DAY, DAY), (DAY, LATER), 1000, (), 0.95, None, 80)

    assert not_watched_yet(SERVING, []) is None
    assert not_watched_yet(EMPTY, [watched("version 1")]) is None
    assert not_watched_yet(SERVING, [watched("version 1"), watched("version 2")]) is None
    assert not_watched_yet(SERVING, [watched("version 2"), watched("version 1")]) == (
        "Version 2 serves and was not watched yet; the last watched month was of version 1."
    )


def test_a_pause_is_told_with_who_and_until_when():
    pause = Override("pause", "kim", "a new billing system", made_on=DAY, until=LATER)
    assert pause_notice(pause) == (
        "kim has paused retraining until 2025-06-30: a new billing system. The watch goes on; nothing is trained by "
        "itself."
    )
