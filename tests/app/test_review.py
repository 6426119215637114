"""The Review page: claim, evidence, decision, undo, roles, and two browsers that never get the same home."""

from datetime import UTC, datetime, timedelta

import pytest

from case_heating.edges.app import review, review_case, review_steps, review_undo
from case_heating.people.records import read_trail
from case_heating.people.review import ReviewQueue
from case_heating.people.review_store import open_store, sqlite_url

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The time on the page; ``clock.now`` can be moved on."""

    class Clock:
        now = NOW

    for module in (review, review_case, review_steps, review_undo):
        if hasattr(module, "now_where_they_sit"):
            monkeypatch.setattr(module, "now_where_they_sit", lambda: Clock.now)
    return Clock


@pytest.fixture
def desk(queue_workspace, own_copy, visit, clock):
    """A workspace with a queue, whose page can be opened, and the queue itself."""

    class Desk:
        workspace = own_copy(queue_workspace)
        engine = open_store(sqlite_url(workspace))
        queue = ReviewQueue(engine)
        riskiest = queue.tasks()["home_id"].tolist()

        def open(self, **who_and_query):
            return visit("review", self.workspace, **({"role": "reviewer"} | who_and_query))

        def state_of(self, home_id):
            row = self.queue.tasks().set_index("home_id").loc[home_id]
            return row["state"], row["reviewer"]

        def actions_of(self, home_id):
            trail = read_trail(self.engine)
            return trail.loc[trail["home_id"] == home_id, "action"].tolist()

    yield (made := Desk())
    made.engine.dispose()


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception, at.exception[0]
    return at


def fill_in(at, home_id, fuel=None, reason=None):
    if fuel is not None:
        at.radio(key=f"fuel_{home_id}").set_value(fuel)
    if reason is not None:
        at.text_input(key=f"reason_{home_id}").set_value(reason)
    return at


def test_a_workspace_without_a_queue_says_what_fills_it(small_workspace, visit):
    at = visit("review", small_workspace, role="reviewer")
    assert "No home was ever sent to people." in at.info[0].value
    assert at.code[0].value == "heating review route"
    assert not (small_workspace / "review.sqlite").exists()


def test_the_riskiest_home_is_claimed_and_its_evidence_shown(desk, words_of):
    at = desk.open()
    assert f"{len(desk.riskiest)} homes wait" in words_of(at)
    press(at, "Claim the riskiest home")
    home_id = desk.riskiest[0]
    assert at.query_params["home"] == home_id
    assert desk.state_of(home_id) == ("held", "ana")
    said = words_of(at)
    assert f"Home {home_id}" in said
    assert "yours until 09:15, for 15 minutes" in said
    assert "Used " in said  # a fact with its unit
    assert "kWh of electricity in a year" in said
    assert "The machine says " in said
    assert "Its bills against the weather" in said


def test_a_decision_is_a_label_with_a_reason_and_the_next_home_comes(desk):
    at = press(desk.open(), "Claim the riskiest home")
    first, second = desk.riskiest[:2]
    press(fill_in(at, first, "gas", "meter seen"), "Decide")
    assert desk.state_of(first)[0] == "decided"
    trail = read_trail(desk.engine).query("action == 'decided'").iloc[0]
    assert (trail["reviewer"], trail["heating_fuel"], trail["reason"], str(trail["day"])) == (
        "ana",
        "gas",
        "meter seen",
        "2026-11-03",
    )
    assert at.query_params["home"] == second
    assert at.toast[0].value.replace("\\", "") == f"Home {first} is on record: gas."
    assert (
        at.radio(key=f"fuel_{second}").value is None
    )  # nothing is chosen beforehand, least of all what the machine says


def test_whoever_does_not_want_the_next_home_gets_none(desk):
    at = press(desk.open(), "Claim the riskiest home")
    first, second = desk.riskiest[:2]
    at.checkbox(key="review_go_on").uncheck()
    press(fill_in(at, first, "other", "oil tank"), "Decide")
    assert "home" not in at.query_params
    assert desk.state_of(second)[0] == "waiting"


@pytest.mark.parametrize(
    ("fuel", "reason", "button", "said"),
    [
        (None, "meter seen", "Decide", "Say what it heats with before you decide"),
        ("gas", "", "Decide", "The reason is empty"),
        (None, "", "Ask for a second opinion", "The reason is empty"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(desk, fuel, reason, button, said):
    at = press(desk.open(), "Claim the riskiest home")
    home_id = desk.riskiest[0]
    press(fill_in(at, home_id, fuel, reason), button)
    assert said in at.error[0].value
    assert desk.state_of(home_id) == ("held", "ana")
    assert at.text_input(key=f"reason_{home_id}").value == reason


def test_a_decision_is_undone_within_a_minute(desk, clock, words_of):
    at = press(desk.open(), "Claim the riskiest home")
    home_id = desk.riskiest[0]
    press(fill_in(at, home_id, "gas", "meter seen"), "Decide")
    clock.now += timedelta(seconds=17)
    at.run()
    assert f"Home {home_id} is on record: gas. Undo within 43 s." in words_of(at)
    press(at, "Undo")
    assert at.query_params["home"] == home_id
    assert desk.state_of(home_id) == ("held", "ana")
    assert desk.actions_of(home_id)[-3:] == ["claimed", "decided", "undone"]
    press(fill_in(at, home_id, "electricity", "heat pump after all"), "Decide")
    clock.now += timedelta(seconds=61)
    at.run()
    assert "Undo" not in [button.label for button in at.button]
    assert desk.state_of(home_id)[0] == "decided"


def test_a_second_opinion_goes_to_somebody_else_who_sees_the_first(desk, words_of):
    at = press(desk.open(), "Claim the riskiest home")
    home_id = desk.riskiest[0]
    press(fill_in(at, home_id, "gas", "two meters"), "Ask for a second opinion")
    assert desk.state_of(home_id)[0] == "waiting"
    again = desk.open(home=home_id)
    assert "somebody else decides it" in words_of(again)
    assert "Claim this home" not in [button.label for button in again.button]
    ben = press(desk.open(who="ben"), "Claim the riskiest home")
    assert ben.query_params["home"] == home_id
    assert "ana asks for another pair of eyes: “two meters”. It heats with gas, they think." in words_of(ben)


def test_a_skipped_home_goes_back_to_the_others(desk):
    at = press(desk.open(), "Claim the riskiest home")
    press(at, "Skip")
    assert desk.state_of(desk.riskiest[0])[0] == "waiting"
    assert at.query_params["home"] == desk.riskiest[1]


@pytest.mark.parametrize("second_person", ["ben", "ana"])
def test_two_browsers_never_get_the_same_home(desk, second_person, words_of):
    """Not two people, and not two windows of one, who is told of the other window's home."""
    first = press(desk.open(), "Claim the riskiest home")
    second = press(desk.open(who=second_person), "Claim the riskiest home")
    assert (first.query_params["home"], second.query_params["home"]) == tuple(desk.riskiest[:2])
    told = f"Go on with {desk.riskiest[0]}, yours until 09:15" in words_of(second)
    assert told == (second_person == "ana")


def test_a_home_that_somebody_else_holds_can_only_be_looked_at(desk, words_of):
    home_id = desk.riskiest[3]
    desk.queue.claim(home_id, "ben", now=NOW)
    at = desk.open(home=home_id)
    assert "ben holds this home until 2026-11-03 09:15:00 UTC." in words_of(at)
    assert "Decide" not in [button.label for button in at.button]


def test_a_link_leads_to_a_home_that_can_be_claimed(desk):
    home_id = desk.riskiest[4]
    press(desk.open(home=home_id), "Claim this home")
    assert desk.state_of(home_id) == ("held", "ana")


@pytest.mark.parametrize("taken_by_another", [False, True])
def test_a_lease_that_ran_out_while_somebody_wrote_is_told_and_their_words_are_kept(
    desk, clock, taken_by_another, words_of
):
    at = press(desk.open(), "Claim the riskiest home")
    home_id = desk.riskiest[0]
    fill_in(at, home_id, "gas", "meter seen")
    clock.now += timedelta(minutes=16)
    if taken_by_another:
        desk.queue.claim(home_id, "ben", now=clock.now)
    press(at, "Decide")
    assert "nothing of this was recorded: “meter seen”" in words_of(at)
    assert "decided" not in desk.actions_of(home_id)
    if not taken_by_another:
        press(at, "Claim this home")
        assert at.text_input(key=f"reason_{home_id}").value == "meter seen"


def test_a_link_to_a_home_nobody_sent(desk, words_of):
    at = desk.open(home="no such <b>home</b>")
    assert "The queue knows no home 'no such <b>home</b>'" in words_of(at)
    assert "Claim another home" in [button.label for button in at.button]


def test_a_viewer_sees_the_queue_and_the_evidence_and_decides_nothing(desk, words_of):
    at = desk.open(role="viewer", home=desk.riskiest[0])
    assert "Only reviewer or admin may do this." in words_of(at)
    assert "The machine says " in words_of(at)
    assert {button.label for button in at.button} <= {"Look at it"}
    assert desk.queue.tasks()["state"].eq("waiting").all()


def test_an_empty_queue_is_told(desk, words_of):
    desk.queue.withdraw(desk.riskiest, "sure now", now=NOW)
    at = press(desk.open(), "Claim the riskiest home")
    assert "No home waits for ana" in at.toast[0].value
    assert "Nothing waits." in words_of(at)


def test_homes_of_a_source_that_is_not_here_are_decided_all_the_same(desk, words_of):
    import shutil

    shutil.rmtree(desk.workspace / "5_answers" / "embedded")
    at = desk.open(home=desk.riskiest[0])
    assert "Its bills cannot be shown: no run of embedded has finished" in words_of(at)
    assert "Claim this home" in [button.label for button in at.button]


def test_a_damaged_queue_is_told_in_words_here_and_leaves_the_rest_of_other_pages(visit, desk, words_of):
    desk.engine.dispose()
    for path in desk.workspace.glob("review.sqlite*"):
        path.unlink()
    (desk.workspace / "review.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    assert "cannot be read: file is not a database. Put a copy of it back" in words_of(desk.open())
    home = words_of(visit("home", desk.workspace, home="h0000042"))
    assert "file is not a database" in home
    assert "Its bills against the weather" in home
