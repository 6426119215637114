"""The page Health: every state it can be in, its levers and who may pull them, and what it leaves on record."""

import json
import shutil
import time
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from case_heating import rehearsals
from case_heating.continuous import paused, read_overrides, train_and_promote
from case_heating.edges.app import health_data, jobs
from case_heating.people.acts import read_acts
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.rehearsals import Made
from case_heating.release.registry import CHAMPION
from case_heating.training import registry_of
from case_heating.watch.drill_results import sum_up
from case_heating.watch.drills import INJECTED_ON, DrillRun
from case_heating.watch.faults import Drift
from case_heating.watch.replay import POLICIES, POLICY, Event, Replay
from case_heating.workspace import open_workspace

LIMIT_S = 240
PARTS = ("now", "models", "drift", "data", "rehearsals", "record")


@pytest.fixture(autouse=True)
def no_prefect(monkeypatch):
    """No Prefect server answers, and what one page was told is not told to the next."""
    monkeypatch.setattr("case_heating.edges.flow_server._answers", lambda *_: False)
    health_data.flows.clear()


@pytest.fixture
def busy(busy_workspace, own_copy):
    return own_copy(busy_workspace)


def labels(at):
    return {one.key: one for one in at.button}


def acts_of(workspace):
    engine = open_store(sqlite_url(workspace))
    try:
        return [(act.what, act.by, act.reason, act.state) for act in read_acts(engine)]
    finally:
        engine.dispose()


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_now_says_what_serves_what_follows_and_how_the_data_are(visit, busy_workspace, words_of):
    words = words_of(visit("health", busy_workspace))
    assert "Version 2 serves, trained as of 31 May 2025: more labels." in words
    assert "What follows from the last watched month" in words
    assert "30 June 2025" in words
    assert "Homes served online: " in words
    assert "up to date" in words


def test_models_tell_who_served_when_and_each_check_of_the_one_chosen(visit, busy_workspace, words_of):
    at = visit("health", busy_workspace, part="models", version="3")
    words = words_of(at)
    assert "3 models were trained, the gate passed 2; version 2 serves now." in words
    assert "enough evidence: " in words  # what refused version 3
    assert ":material/close: refused **enough evidence**" in words
    at.selectbox(key="version").select("2").run()
    assert ":material/close:" not in words_of(at)
    assert at.query_params["version"] == "2"


def test_drift_shows_the_map_the_accuracy_and_the_month_in_words(visit, busy_workspace, words_of):
    at = visit("health", busy_workspace, part="drift")
    words = words_of(at)
    assert "In the month before 2025-06-30" in words
    assert "By its own confidence the champion is right for" in words
    assert len(at.get("vega_lite_chart")) == 2
    options = at.selectbox(key="watched_month").options
    assert options == ["30 June 2025", "31 May 2025", "30 April 2025"]
    at.selectbox(key="watched_month").select_index(2).run()
    assert not at.exception


def test_data_and_flows_tell_the_delivery_both_stores_and_that_no_server_answers(visit, busy_workspace, words_of):
    words = words_of(visit("health", busy_workspace, part="data"))
    assert "Taken in on 30 June 2025." in words
    assert "In quarantine from all that was ever delivered" in words
    assert "Offline store knows all until: " in words
    assert "No Prefect server answers" in words
    assert "runs every day at 05:00; when new files were laid down" in words


def test_the_part_stands_in_the_link_and_an_unknown_one_is_no_error(visit, busy_workspace, words_of):
    at = visit("health", busy_workspace, part="record")
    assert "Nobody has retrained, rolled back or paused anything yet." in words_of(at)
    at.segmented_control(key="part").select("data").run()
    assert at.query_params["part"] == "data"
    assert "Version 2 serves" in words_of(visit("health", busy_workspace, part="nonsense"))


def kept_replay():
    """A replay of three months, without the minutes it takes."""
    days = pd.to_datetime(["2024-01-31", "2024-02-29", "2024-03-31"])
    months = pd.DataFrame([{"policy": name, "as_of": day, "accuracy": 0.8} for day in days for name in POLICIES])
    months = months.assign(
        n_homes=1000, new_labels=10, new_right=9, cost_usd_per_1000=5000.0, accuracy_unseen=0.79, champion_of=days[0]
    )
    months["event"] = ["promoted" if name == POLICY else "" for name in months["policy"]]
    return Replay("property", 1000, months, tuple(Event(days[0].date(), name, "promoted", ("x",)) for name in POLICIES))


def kept_drills():
    """Drills of two kinds: one seen at once, one never."""
    months = pd.DataFrame({"frozen": 0.8, "policy": 0.89, "always": 0.9}, index=[date(2024, 12, 1), date(2025, 1, 1)])
    runs = [
        DrillRun(
            kind, 0, Drift(kind, INJECTED_ON, 0.5), months, delay, {"policy": 1, "always": 2, "on_wrong_data": 0}, 9
        )
        for kind, delay in (("unit_fault", 1), ("concept_change", None))
    ]
    return sum_up([], runs), runs


def test_rehearsals_are_shown_as_last_made_with_what_was_missed(visit, busy, words_of, settings_of):
    settings, at = settings_of(busy), datetime(2026, 11, 2, 9, tzinfo=UTC)
    with rehearsals.keeping(settings, "replay") as folder:
        rehearsals.write_replay(kept_replay(), folder)
        rehearsals.write_made(Made("replay", "kim", at, 61.0, 4000, 1, None, ("Drift is too weak.",)), folder)
    drills, runs = kept_drills()
    with rehearsals.keeping(settings, "drill") as folder:
        rehearsals.write_drills(drills, runs, folder)
        rehearsals.write_made(Made("drill", "kim", at, 62.0, 1000, 2, drills.passed, drills.reasons), folder)
    at = visit("health", busy, part="rehearsals")
    words = words_of(at)
    assert "Drift is too weak." in words
    assert "it took 61 s with 4,000 homes." in words
    assert "it took 62 s with 1,000 homes and 2 seeds." in words
    assert "heat pumps in half of the districts: seen never with some seed; window 2 is the last allowed" in words
    assert (
        "A month of some districts in Wh: it was seen by window 1, and the policy regained 90% of what could be."
        in words
    )
    at.selectbox(key="drill_shown").select("concept_change").run()
    assert "it was not seen with every seed" in words_of(at)
    assert len(at.get("vega_lite_chart")) == 3


def test_a_rehearsal_is_started_by_an_admin_alone_in_the_size_asked_for(visit, busy, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda *how, **who: started.append((how[1:], who)))
    at = visit("health", busy, part="rehearsals", role="viewer")
    assert "Make the replay" not in [one.label for one in at.button]
    at = visit("health", busy, part="rehearsals", who="kim")
    at.number_input(key="homes_drill").set_value(3000)
    at.number_input(key="seeds_drill").set_value(2)
    next(one for one in at.button if one.label == "Make the drills").click().run()
    assert started == [(("drill", {"homes": 3000, "seeds": 2, "by": "kim"}), {"by": "kim"})]


# --- nothing there yet, or out of reach ------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_an_empty_workspace_is_told_in_words_in_every_part(visit, tmp_path, part, words_of):
    at = visit("health", tmp_path / "none", part=part)
    assert not at.error
    assert "heating " in words_of(at) or "not made here yet" in words_of(at)


def test_before_a_first_model_it_can_be_trained_and_nothing_rolled_back(visit, busy, words_of):
    shutil.rmtree(busy / "registry")
    shutil.rmtree(busy / "watch")
    at = visit("health", busy)
    assert "Data were taken in up to 30 June 2025, and no model was trained yet." in words_of(at)
    assert not labels(at)["health_retrain"].disabled
    assert labels(at)["health_roll_back"].disabled
    assert "No month was watched yet." in words_of(visit("health", busy, part="drift"))


def test_where_the_gate_refused_every_candidate_that_is_told_with_the_reason(visit, busy, words_of, settings_of):
    shutil.rmtree(busy / "registry")
    train_and_promote(settings_of(busy), date(2025, 6, 30), because="a test")
    words = words_of(visit("health", busy))
    assert (
        "No model serves yet: the gate refused the only candidate. The last one, version 1: enough evidence: " in words
    )
    assert "heating flows run train_and_promote" in words


def test_a_champion_whose_version_was_deleted_is_told(visit, busy, words_of):
    registry = registry_of(_settings(busy))
    for version in ("1", "2"):
        registry.tracking.client.delete_model_version("heating-fuel", version)
    assert "No model serves, though one did: its version was deleted" in words_of(visit("health", busy))


def test_a_registry_that_cannot_be_read_leaves_the_rest_of_the_page(visit, busy, words_of):
    (busy / "registry" / "mlflow.sqlite").write_bytes(b"no database" * 1000)
    at = visit("health", busy)
    words = words_of(at)
    assert "Which model serves is not known" in words
    assert "What follows from the last watched month" in words
    assert labels(at)["health_retrain"].disabled
    assert "Which model serves is not known" in words_of(visit("health", busy, part="models"))


def test_a_redis_that_is_away_is_told_and_the_rest_goes_on(visit, busy_workspace, monkeypatch, words_of):
    monkeypatch.setenv("HEATING_ONLINE_URL", "redis://ann:secret@127.0.0.1:1/0")
    assert "the online store cannot be reached" in words_of(visit("health", busy_workspace))
    words = words_of(visit("health", busy_workspace, part="data"))
    assert "The online store cannot be used: the Redis at redis://127.0.0.1:1/0 cannot be used" in words
    assert "secret" not in words
    assert "Offline store knows all until: " in words


def test_a_damaged_watch_report_is_told_and_the_model_still_shown(visit, busy, words_of):
    (busy / "watch" / "2025-06-30.json").write_text("{")
    at = visit("health", busy)
    assert "Version 2 serves" in words_of(at)
    assert any("watch report" in one.value for one in at.error)


def test_a_delivery_refused_as_a_whole_is_told(visit, busy, words_of):
    path = busy / "store" / "ingests" / "2025-06-30.json"
    told = json.loads(path.read_text()) | {"stopped": ["bills.usage: district d14 is in Wh"]}
    path.write_text(json.dumps(told))
    words = words_of(visit("health", busy, part="data"))
    assert "was refused as a whole, and nothing of it stored: bills.usage: district d14 is in Wh" in words


# --- the levers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_who_is_no_admin_sees_everything_and_pulls_nothing(visit, busy_workspace, words_of, role):
    at = visit("health", busy_workspace, role=role)
    assert "Only admin may do this." in words_of(at)
    assert not [key for key in labels(at) if str(key).startswith("health_")]


def test_a_lever_says_first_what_it_will_do_and_nothing_happens_before(visit, busy, words_of):
    at = visit("health", busy)
    at.button(key="health_roll_back").click().run()
    words = words_of(at)
    assert "Version 1, trained as of 31 March 2025, serves again at once instead of version 2." in words
    at.button(key="health_confirm").click().run()  # without a reason
    assert "Say why in a few words: the reason goes on record." in words_of(at)
    at.button(key="health_cancel").click().run()
    assert "health_confirm" not in labels(at)
    assert acts_of(busy) == []
    assert registry_of(_settings(busy)).find(CHAMPION).version == "2"


def test_pause_and_resume_are_done_at_once_and_stand_on_record(visit, busy, words_of):
    at = visit("health", busy, who="kim")
    at.button(key="health_pause").click().run()
    assert at.date_input(key="health_until").value == date(2025, 7, 30)
    at.text_area(key="health_reason").input("a new [billing] system")
    at.button(key="health_confirm").click().run()
    assert "Retraining is paused, on record." in words_of(at)
    held = paused(_settings(busy), date(2025, 7, 30))
    assert (held.by, held.why) == ("kim", "a new [billing] system")
    assert "kim has paused retraining until 2025-07-30: a new [billing] system." in words_of(at)
    at.button(key="health_resume").click().run()
    at.text_area(key="health_reason").input("it runs")
    at.button(key="health_confirm").click().run()
    assert paused(_settings(busy), date(2025, 7, 30)) is None
    assert [one.choice for one in read_overrides(_settings(busy))] == ["pause", "resume"]
    assert acts_of(busy) == [("resume", "kim", "it runs", "done"), ("pause", "kim", "a new [billing] system", "done")]
    words = words_of(visit("health", busy, part="record"))
    assert "**Resume** by **kim**" in words
    assert "2025-06-30: kim paused retraining until 2025-07-30: a new [billing] system" in words


def test_rolling_back_is_done_in_a_process_of_its_own_and_told(visit, busy, words_of):
    at = visit("health", busy, who="kim")
    at.button(key="health_roll_back").click().run()
    at.text_area(key="health_reason").input("complaints")
    at.button(key="health_confirm").click().run()
    assert not at.exception
    until = time.monotonic() + LIMIT_S
    while jobs.find(busy, "roll_back").state == "running":
        assert time.monotonic() < until
        time.sleep(0.2)
    at.run()
    assert "Rolling back: version 1, trained as of 2025-03-31, serves again." in words_of(at)
    assert "Version 1 serves" in words_of(at)
    assert labels(at)["health_roll_back"].disabled
    assert acts_of(busy) == [("roll back", "kim", "complaints", "done")]


def test_a_late_cancel_of_one_lever_leaves_the_other_asked(visit, busy):
    at = visit("health", busy)
    at.button(key="health_roll_back").click().run()
    at.button(key="health_cancel").click()
    at.button(key="health_pause").click()
    at.run()  # both clicks came while the page was drawn
    assert at.button(key="health_confirm").label == "Yes, pause retraining"


def test_what_cannot_be_put_on_record_is_not_done_and_the_reason_stays(visit, busy, monkeypatch, words_of):
    monkeypatch.setenv("HEATING_DATABASE_URL", "oracle://somewhere")
    at = visit("health", busy)
    at.button(key="health_pause").click().run()
    at.text_area(key="health_reason").input("a reason")
    at.button(key="health_confirm").click().run()
    assert any("oracle is not a database reviews can be kept in" in one.value for one in at.error)
    assert at.text_area(key="health_reason").value == "a reason"
    assert read_overrides(_settings(busy)) == []


def test_a_role_that_was_taken_meanwhile_is_asked_anew(visit, busy, monkeypatch, words_of):
    at = visit("health", busy)
    at.button(key="health_pause").click().run()
    at.text_area(key="health_reason").input("a reason")
    from case_heating.edges.app import signed_in

    monkeypatch.setattr(signed_in, "who", lambda: signed_in.Person("kim", "viewer", "kim", signed_in=True))
    at.button(key="health_confirm").click().run()
    assert read_overrides(_settings(busy)) == []
    assert acts_of(busy) == []


def _settings(workspace):
    from case_heating.settings import Settings

    return Settings(today=date(2026, 11, 2), workspace=open_workspace(workspace).root)
