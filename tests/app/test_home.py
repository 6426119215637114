"""The Home page in each of its states: nobody asked yet, a home of any kind, a wrong id, a report, and no workspace."""

import json
from datetime import UTC, datetime

import pytest

from case_heating.kept import open_last, run_of_answers
from case_heating.people.records import read_trail
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.review_report import report_wrong
from case_heating.people.review_store import open_store, sqlite_url
from case_heating.settings import Settings


def charts(at) -> list[dict]:
    """The drawn charts, as Vega-Lite."""
    return [json.loads(one.proto.spec) for one in at.get("vega_lite_chart")]


@pytest.fixture(scope="module")
def answers(small_workspace):
    return open_last(Settings.from_env(workspace=small_workspace), "embedded").answers.value


def test_who_comes_first_is_given_three_homes_to_look_at(visit, small_workspace, words_of):
    at = visit("home", small_workspace)
    said = words_of(at)
    assert "600 homes are known" in said
    for kind in ("Surely gas", "Surely electric", "Could be either"):
        assert kind in said
    at.button(key="begin_gas").click().run()
    assert not at.exception
    assert "We are almost certain that this home heats with gas." in at.header[0].value
    assert at.query_params["home"] == at.text_input[0].value


def test_a_link_to_a_home_shows_the_answer_the_reasons_and_the_charts(visit, small_workspace, answers, words_of):
    home = answers.index[(answers["sureness"] == "almost certain") & answers["seen"].isna()][0]
    at = visit("home", small_workspace, home=home)
    assert f"We are almost certain that this home heats with {answers.loc[home, 'heating_fuel']}." in at.header[0].value
    said = words_of(at)
    for heading in ("Why we say so", "What would settle it", "What would change our answer", "Next year's cost"):
        assert heading in said
    assert f"**{home}**" in said
    assert "on a day of" in said  # the sentence over the bills
    assert "with 90 % certainty" in said
    names = [chart["usermeta"]["embedOptions"]["downloadFileName"] for chart in charts(at)]
    assert names == [f"growth_{home}", f"bills_{home}", f"year_{home}"]
    for chart in charts(at):
        titles = json.dumps(chart, ensure_ascii=False)
        assert "of 100" in titles or "°F" in titles or "USD" in titles


def test_what_was_seen_comes_before_what_the_machine_says(visit, small_workspace, answers, words_of):
    home = answers.index[answers["seen"] == "electricity"][0]
    said = words_of(visit("home", small_workspace, home=home))
    assert "This home heats with electricity. It is known from" in said
    assert "Had nobody looked, we would have said" in said
    assert "What would settle it" not in said


def test_in_spanish_by_the_link_and_by_the_switch(visit, small_workspace, answers, words_of):
    home = answers.index[answers["seen"].isna()][0]
    at = visit("home", small_workspace, home=home, lang="es")
    assert "hogar" in at.header[0].value
    assert "Por qué lo decimos" in words_of(at)
    at.button_group(key="lang").set_value("English").run()
    assert "home" in at.header[0].value
    assert at.query_params["lang"] == "en"
    assert "home" in visit("home", small_workspace, home=home, lang="klingon").header[0].value


def test_a_part_of_a_name_lists_the_homes_that_fit(visit, small_workspace, words_of):
    at = visit("home", small_workspace, find="h000001")
    assert "10 homes fit “h000001”; open one of the first 8, or narrow them with another word." in words_of(at)
    listed = [button.label for button in at.button if button.key.startswith("open_")]
    assert len(listed) == 8
    assert listed[0].startswith("**h0000010**")
    at.button(key="open_h0000013").click().run()
    assert at.query_params["home"] == "h0000013"
    assert "find" not in at.query_params


def test_a_home_is_found_by_a_part_of_its_address(visit, small_workspace):
    homes = open_last(Settings.from_env(workspace=small_workspace), "embedded").known.tables["homes"]
    address = homes["address"].iloc[7].split(",")[0].lower()
    at = visit("home", small_workspace, find=address)
    assert at.query_params["home"] == homes["home_id"].iloc[7]


@pytest.mark.parametrize("typed", ["zzz", "<script>alert(1)</script>", "[x](https://evil.example)", "' OR 1=1 --"])
def test_what_nobody_is_called_is_said_and_shown_as_text(visit, small_workspace, words_of, typed):
    at = visit("home", small_workspace, home=typed)
    assert "embedded has no home" in at.warning[0].value
    assert typed in words_of(at)
    assert "](https" not in at.warning[0].value.replace("\\]", "")
    assert "Surely gas" in words_of(at)
    assert at.query_params["find"] == typed


def test_typing_another_home_goes_there(visit, small_workspace):
    at = visit("home", small_workspace, home="h0000003")
    at.text_input(key="home_find").set_value("h0000005").run()
    assert at.query_params["home"] == "h0000005"
    assert not at.exception


def test_a_source_without_months_has_words_in_place_of_charts(visit, yearly_workspace, words_of):
    at = visit("home", yearly_workspace, home="a007")
    said = words_of(at)
    assert "Its bills are not monthly, so they show nothing of the cold months. In its last billed year it used" in said
    assert "Electricity and gas cost home a007 about" in said
    assert [chart["usermeta"]["embedOptions"]["downloadFileName"] for chart in charts(at)] == ["growth_a007"]


def test_nothing_made_yet_says_what_to_run(visit, tmp_path, words_of):
    at = visit("home", tmp_path / "none")
    assert "Nothing has been made yet." in words_of(at)
    assert at.code[0].value == "heating run"


def test_a_damaged_file_is_told_in_words(visit, small_workspace, own_copy):
    workspace = own_copy(small_workspace)
    (workspace / "2_trusted" / "embedded" / "tables" / "bills.parquet").write_bytes(b"PAR1")
    at = visit("home", workspace, home="h0000003")
    assert "was changed or damaged since it was made" in at.error[0].value
    assert "run again" in at.error[0].value


def report(at, reason: str, home: str = "h0000003"):
    at.selectbox[0].set_value("electricity")
    at.text_area[0].set_value(reason)
    return at.button(key=f"FormSubmitter:wrong_{home}-Send it to review").click().run()


@pytest.mark.parametrize("role", ["viewer", "reviewer", "admin"])
def test_whoever_may_look_may_say_that_an_answer_is_wrong(visit, small_workspace, own_copy, words_of, role):
    workspace = own_copy(small_workspace)
    at = report(visit("home", workspace, home="h0000003", role=role, who="maria"), "No meter, a heat pump.")
    assert not at.exception
    assert "Home h0000003 now waits for a reviewer, first in line." in at.success[0].value
    assert "maria said that the answer is wrong (electricity) on" in words_of(at)
    assert "“No meter, a heat pump”" in words_of(at)
    engine = open_store(sqlite_url(workspace))
    trail = read_trail(engine)
    engine.dispose()
    assert trail[["home_id", "action", "reviewer"]].to_numpy().tolist() == [["h0000003", "reported", "maria"]]
    again = report(visit("home", workspace, home="h0000003", role=role, who="maria"), "Still none.")
    assert "it waits for a reviewer" in again.error[0].value


def test_a_report_without_a_reason_is_refused_in_words(visit, small_workspace, own_copy):
    at = report(visit("home", own_copy(small_workspace), home="h0000003"), "  ")
    assert "The reason is empty" in at.error[0].value
    assert not at.success


def test_looking_leaves_the_workspace_as_it_was(visit, small_workspace, own_copy):
    workspace = own_copy(small_workspace)
    visit("home", workspace, home="h0000003")
    assert not (workspace / "review.sqlite").exists()


def test_facts_are_typed_and_answered(visit, small_workspace, words_of):
    at = visit("home", small_workspace, by="facts")
    assert "One fact is enough for a first answer." in words_of(at)
    at.number_input(key="typed_kwh_year").set_value(21_000.0)
    at.selectbox(key="typed_gas_service").set_value("no")
    at.button(key="FormSubmitter:typed-What does it heat with?").click().run()
    assert not at.exception
    assert "heats with electricity" in at.header[0].value
    said = words_of(at)
    assert "homes of which no more was used, the answer was right for" in said
    assert "Nothing that was not typed is assumed." in said
    assert (at.query_params["f_kwh_year"], at.query_params["f_gas_service"]) == ("21000", "no")
    assert "f_rooms" not in at.query_params


def test_a_link_holds_typed_facts_and_what_is_none_of_them_is_left_out(visit, small_workspace):
    at = visit(
        "home",
        small_workspace,
        by="facts",
        f_gas_service="no",
        f_kwh_year="1e99",
        f_area="<b>",
        f_pool="maybe",
        lang="es",
    )
    assert "hogar" in at.header[0].value
    assert at.selectbox(key="typed_gas_service").value == "no"
    assert at.number_input(key="typed_kwh_year").value is None
    assert {name for name in at.query_params if name.startswith("f_")} == {"f_gas_service"}


def test_the_cost_of_typed_facts_is_worked_out_when_asked(visit, small_workspace, words_of):
    at = visit("home", small_workspace, by="facts", f_dwelling_type="single_detached", f_kwh_year="9000")
    assert "Electricity and gas cost it" not in words_of(at)
    next(button for button in at.button if button.label == "Work it out").click().run()
    assert not at.exception
    assert "Electricity and gas cost it about" in words_of(at)


def test_facts_of_a_source_with_yearly_bills(visit, yearly_workspace):
    at = visit("home", yearly_workspace, by="facts", f_area="north", f_kwh_year="14000")
    assert "electricity" in at.header[0].value


def test_one_way_to_the_other(visit, small_workspace, words_of):
    at = visit("home", small_workspace)
    at.button_group(key="home_way").set_value("facts").run()
    assert at.query_params["by"] == "facts"
    at.button_group(key="home_way").set_value("name").run()
    assert "by" not in at.query_params
    assert "Surely gas" in words_of(at)


def test_what_was_said_of_another_sources_home_of_the_same_name_is_not_shown(
    visit, small_workspace, yearly_workspace, own_copy, words_of
):
    import shutil

    both = own_copy(small_workspace)
    for step in ("2_trusted", "3_features", "4_models", "5_answers", "7_cost"):
        shutil.copytree(yearly_workspace / step / "own_town", both / step / "own_town")
    engine = open_store(sqlite_url(both))
    embedded = open_last(Settings.from_env(workspace=both), "embedded")
    report_wrong(
        engine,
        embedded.features.value.iloc[[0]].set_axis(["a007"]).rename_axis("home_id"),
        0.9,
        reporter="maria",
        reason="no meter",
        run=run_of_answers(embedded),
        costs=ReviewCosts(),
        reasons=(),
        now=datetime(2026, 11, 2, 9, tzinfo=UTC),
    )
    engine.dispose()
    at = visit("home", both, home="a007", source="own_town")
    assert at.header
    assert "maria" not in words_of(at)
    refused = report(at, "no meter here either", home="a007")
    assert "holds homes of embedded" in refused.error[0].value
