"""Somebody who has never seen the app finds a home's answer, says why, and doubts it; in a real browser."""

import re

import pytest


def test_on_a_telephone_from_the_door_to_an_answer_and_its_reasons_in_one_touch(new_visitor, served):
    visitor = new_visitor(served, size=(390, 844), dark=True)
    page = visitor.open()
    page.locator(".st-key-begin_gas button").click()
    visitor.sees("We are almost certain that this home heats with gas.")
    visitor.sees("Told from its own bills")
    visitor.settle()
    assert page.locator("[data-testid=stVegaLiteChart]").count() >= 2
    assert re.search(r"[?&]home=h\d{7}", page.url)
    needed, there = page.locator("[data-testid=stMain]").evaluate("main => [main.scrollWidth, main.clientWidth]")
    assert needed <= there
    visitor.screenshot("home_telephone")
    page.get_by_text("Español").click()
    visitor.sees("Por qué lo decimos")


def test_an_answer_is_said_to_be_wrong(new_visitor, served):
    visitor = new_visitor(served)
    page = visitor.open("?home=h0000003")
    page.get_by_role("button", name="This is wrong").click()
    page.get_by_label("What did you see or hear?").fill("The customer says there is no meter.")
    page.get_by_role("button", name="Send it to review").click()
    visitor.sees("Home h0000003 now waits for a reviewer, first in line.")
    visitor.sees("ana said that the answer is wrong")


def test_typed_facts_are_answered(new_visitor, served):
    visitor = new_visitor(served)
    page = visitor.open("?by=facts")
    page.get_by_label("Electricity of a year (kWh a year)").fill("21000")
    page.get_by_role("button", name="What does it heat with?").click()
    visitor.sees("Nothing that was not typed is assumed.")
    assert "f_kwh_year=21000" in page.url
    visitor.screenshot("home_typed")


@pytest.mark.parametrize("link", ["?home=h0000003", "?by=facts&f_gas_service=no", "learn?lesson=03"])
def test_axe_finds_no_serious_fault(new_visitor, served, link):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visitor = new_visitor(served)
    visitor.open(link)
    found = axe.run(visitor.page).response["violations"]
    serious = {
        one["id"]: [node["html"][:300] for node in one["nodes"]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }
    assert serious == {}
