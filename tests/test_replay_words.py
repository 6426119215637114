"""What is told of a replay: findings, sentences, pages, charts and the command that writes them."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from case_heating.edges import cli_replay
from case_heating.edges.cli import app
from case_heating.model.quality import Figure
from case_heating.people.plots import NARROW_IN, WIDE_IN
from case_heating.people.replay_plots import LOOKS, SCRIPT, policies_plot, waves_plot
from case_heating.people.replay_words import (
    COLUMNS,
    finding,
    page,
    sentence_of,
    table_in_words,
    waves_finding,
    waves_in_words,
    waves_page,
)
from case_heating.watch.replay import ALWAYS, NEVER, POLICIES, POLICY, Event, Replay
from case_heating.watch.replay_waves import Step, WaveReplay

MARCH = date(2024, 3, 31)


def lived(never: float, always: float, policy: float) -> Replay:
    days = pd.to_datetime(["2024-01-31", "2024-02-29", "2024-03-31"])
    rights = {NEVER: never, ALWAYS: always, POLICY: policy}
    months = pd.DataFrame(
        [{"policy": name, "as_of": day, "accuracy": rights[name]} for day in days for name in POLICIES]
    ).assign(n_homes=1000, new_labels=10, new_right=9, cost_usd_per_1000=5000.0, event="", champion_of=days[0])
    months["accuracy_unseen"] = months["accuracy"] - 0.01
    events = [Event(days[0].date(), name, "promoted", ("it is the first one",)) for name in POLICIES]
    events += [
        Event(date(2024, 2, 29), ALWAYS, "refused", ("worse in the north",)),
        Event(date(2024, 2, 29), POLICY, "alarm", ("new homes",)),
        Event(MARCH, ALWAYS, "promoted", ("better",)),
        Event(MARCH, POLICY, "alarm", ("new homes",)),
        Event(MARCH, POLICY, "promoted", ("better", "in every slice", "fair")),
    ]
    return Replay("property", 1000, months, tuple(events))


def test_the_finding_tells_both_gains_and_how_often_was_trained():
    assert finding(lived(0.80, 0.83, 0.825)) == (
        "Trained once instead of 2, the policy has 2.5 of 100 more homes right than a model never trained again; "
        "monthly training has 3.0 of 100 more"
    )


def test_the_finding_says_so_where_drift_is_too_weak_or_the_policy_loses():
    assert "drift is too weak at this stage" in finding(lived(0.80, 0.801, 0.8))
    assert "the policy has 1.0 of 100 fewer homes right" in finding(lived(0.80, 0.83, 0.79))


def test_an_event_is_one_sentence_with_its_first_reasons():
    assert sentence_of(Event(MARCH, POLICY, "promoted", ("better", "in every slice", "fair", "small"))) == (
        "2024-03: a candidate was trained and promoted: better; in every slice (and 2 more reasons)."
    )
    assert sentence_of(Event(MARCH, POLICY, "repair", ("Wh",))) == (
        "2024-03: the delivery is faulty; repair asked, nothing trained: Wh."
    )


def test_the_table_has_every_figure_of_every_policy():
    table = table_in_words(lived(0.80, 0.83, 0.825))
    assert list(table.columns) == list(POLICIES.values())
    assert list(table.index) == list(COLUMNS.values())
    assert table.loc["right, mean of months"].tolist() == ["80.0 %", "83.0 %", "82.5 %"]
    assert table.loc["errors, USD per 1,000 homes"].tolist() == ["5,000"] * 3


def test_the_page_tells_each_event_once_and_an_alarm_only_where_nothing_followed():
    told = page(lived(0.80, 0.83, 0.825), "replay.png")
    assert "![Accuracy over months](replay.png)" in told
    assert told.count("- 2024-02: the watch raised an alarm: new homes.") == 1
    assert "- 2024-03: the watch raised an alarm" not in told
    assert "- 2024-03: a candidate was trained and promoted: better; in every slice (and 1 more reason)." in told
    assert "- 2024-02: a candidate was trained and the gate refused it: worse in the north." in told


def figure(value: float) -> Figure:
    return Figure(value, value - 0.02, value + 0.02)


WAVES = WaveReplay(
    "recs2009",
    "recs2015",
    "property",
    n_features=23,
    n_trained=9806,
    n_measuring=1905,
    promised=figure(0.833),
    naive=figure(0.647),
    gain=Figure(0.025, 0.014, 0.035),
    steps=(
        Step(0, 0, figure(0.806), figure(0.806)),
        Step(1, 477, figure(0.806), figure(0.815), figure(0.815), True, ("better",)),
        Step(2, 953, figure(0.806), figure(0.815), figure(0.81), False, ("worse",)),
    ),
)


def test_the_waves_are_told_step_by_step():
    assert waves_finding(WAVES) == (
        "The champion of recs2009 is right for 80.6 of 100 homes of recs2015 (its own held-out homes: 83.3); "
        "retrained on labels of recs2015 81.5"
    )
    table = waves_in_words(WAVES)
    assert table["the gate"].tolist() == ["", "promoted", "refused"]
    assert table["in service"].tolist() == ["80.6 %", "81.5 %", "81.5 %"]
    told = waves_page(WAVES, "waves.png")
    assert "- Step 2, refused: worse." in told
    assert "has 64.7 of 100 right" in told


def test_a_gain_that_chance_may_explain_is_called_so():
    unsure = replace(WAVES, gain=Figure(0.009, -0.002, 0.02))
    assert waves_finding(unsure).endswith("a gain that chance may explain")


@pytest.mark.parametrize("kind", ["promoted", "refused", "alarm", "labels", "repair", "asked"])
def test_every_kind_of_event_has_its_words(kind):
    assert sentence_of(Event(MARCH, POLICY, kind, ("why",))).startswith("2024-03: ")


REPLAY = lived(0.80, 0.83, 0.825)
PLOTS = [policies_plot(REPLAY, "Never, always, or when the watch asks?"), waves_plot(WAVES, "2009 meets 2015")]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
@pytest.mark.parametrize("width_in", [WIDE_IN, NARROW_IN])
def test_every_word_stays_inside_and_the_same_plot_gives_the_same_bytes(plot, width_in):
    canvas = plot.canvas(width_in)
    canvas.draw_without_rendering()
    edge = canvas.bbox
    for text in canvas.findobj(lambda artist: hasattr(artist, "get_text") and artist.get_text()):
        box = text.get_window_extent()
        if text.get_visible() and box.width:
            assert box.x0 >= edge.x0 - 2, text.get_text()
            assert box.x1 <= edge.x1 + 2, text.get_text()
    assert plot.svg(width_in) == plot.svg(width_in)


def test_there_is_a_line_per_policy_with_its_months():
    axes = PLOTS[0].canvas().axes[0]
    lines = {line.get_color(): line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 3}
    assert len(LOOKS) == len(POLICIES)
    assert list(lines[LOOKS[POLICY][0]]) == pytest.approx([82.5] * 3)


def test_events_and_script_are_marked_where_they_were():
    months = REPLAY.months.assign(event="")
    months.loc[(months["policy"] == POLICY) & (months["as_of"] == "2024-03-31"), "event"] = "repair"
    axes = policies_plot(type(REPLAY)("property", 1000, months, REPLAY.events), "title").canvas().axes[0]
    marked = [line for line in axes.lines if line.get_marker() == "D"]
    assert [len(line.get_xdata()) for line in marked] == [1]
    assert SCRIPT[0][1] in [text.get_text() for text in axes.texts]
    assert not [text for text in axes.texts if "prices" in text.get_text()]  # they jump after the last month shown


BAD_INPUT = 2


def heating(*words):
    return CliRunner(env={"HEATING_WORKSPACE": None, "HEATING_DATA_DIR": None, "COLUMNS": "80"}).invoke(
        app, [str(word) for word in words]
    )


@pytest.fixture
def replayed(monkeypatch):
    """What a replay found, without the minutes it takes; how it is asked for is kept."""
    asked = []
    monkeypatch.setattr(cli_replay, "_replay_embedded", lambda *how: asked.append(how) or lived(0.80, 0.83, 0.825))
    monkeypatch.setattr(cli_replay, "_replay_surveys", lambda *how: asked.append(how) or WAVES)
    return asked


@pytest.mark.parametrize("span", [("2022-01", "2025-12"), ("2024-05", "2024-05"), ("2024-05", "2026-06")])
def test_a_span_the_history_does_not_have_is_refused(span, tmp_path):
    result = heating("replay", "--from", span[0], "--until", span[1], "--workspace", tmp_path)
    assert result.exit_code == BAD_INPUT
    assert "the history goes from 2022-08" in " ".join(result.stderr.split())


def test_survey_files_that_are_not_there_are_named_with_a_remedy(tmp_path):
    result = heating("replay", "--waves", "--workspace", tmp_path, "--data-dir", tmp_path)
    assert result.exit_code == BAD_INPUT
    assert "recs2009" in result.stderr
    assert "heating data fetch" in " ".join(result.stderr.split())


def test_an_unknown_stage_is_refused():
    assert heating("replay", "--stage", "gas").exit_code == BAD_INPUT


def test_the_table_is_told_and_the_folder_holds_tables_chart_and_page(replayed, tmp_path):
    result = heating("replay", "--output", tmp_path / "out", "--from", "2024-01", "--seed", 3)
    assert result.exit_code == 0, result.output
    settings, stage, begin, until, new_labels, _ = replayed[0]
    assert (settings.seed, stage, str(begin), str(until)) == (3, "property", "2024-01-01", "2025-12-01")
    assert new_labels is None
    assert "Trained once instead of 2" in result.stdout
    assert "82.5 %" in result.stdout
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["months.csv", "replay.csv", "replay.md", "replay.png", "replay.svg"]
    assert (tmp_path / "out" / "replay.csv").read_text().count("\n") == 4


def test_json_is_one_document(replayed):
    told = json.loads(heating("replay", "--json").stdout)
    assert told["policies"]["policy"]["accuracy"] == pytest.approx(0.825)
    assert len(told["months"]) == 9
    assert told["events"][-1]["kind"] == "promoted"


def test_waves_are_told_and_written(replayed, tmp_path):
    result = heating("replay", "--waves", "--output", tmp_path)
    assert result.exit_code == 0, result.output
    assert "The champion of recs2009 is right for 80.6 of 100 homes of recs2015" in " ".join(result.stdout.split())
    assert {"waves.csv", "waves.md", "waves.png"} <= {path.name for path in tmp_path.iterdir()}
    told = json.loads(heating("replay", "--waves", "--json").stdout)
    assert [step["promoted"] for step in told["steps"]] == [None, True, False]


def test_a_folder_that_cannot_be_written_is_told_in_words(replayed, tmp_path):
    (tmp_path / "file").write_text("")
    result = heating("replay", "--output", tmp_path / "file" / "out")
    assert result.exit_code == BAD_INPUT
    assert "Traceback" not in result.output
