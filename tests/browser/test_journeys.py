"""The five journeys that the app is for, as people walk them: in a browser, with its keys, over a real server."""

import io
import zipfile

import pandas as pd
import pytest

from case_heating.people.acts import read_acts
from case_heating.people.records import read_trail
from case_heating.people.review_store import open_store, sqlite_url


@pytest.fixture
def on_record(served):
    """The database of the queue and the acts, beside the running server."""
    engine = open_store(sqlite_url(served.workspace))
    yield engine
    engine.dispose()


def test_look_up_a_home(visitor, served):
    """Somebody with a customer on the telephone types the id, hears the answer and why, and sends a link."""
    home_id = "h0000042"
    page = visitor.open()
    page.get_by_label("Find a home").fill(home_id)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.url}/?home={home_id}")
    visitor.settle()
    visitor.sees("Why we say so")
    visitor.sees("Its bills against the weather")
    page.locator("[data-testid=stVegaLiteChart]:visible").first.wait_for()
    answer = page.get_by_role("heading", level=2).first.inner_text()
    assert any(word in answer for word in ("gas", "electric"))
    visitor.screenshot("journey_home")
    visitor.open(f"?home={home_id}")
    assert page.get_by_role("heading", level=2).first.inner_text() == answer
    page.get_by_text("Español").click()
    visitor.sees("Por qué lo decimos")


def test_run_a_scenario_and_take_it_away(visitor):
    """Finance asks for a severe winter at dearer gas; the files hold the very scenario, and so does the link."""
    page = visitor.open("portfolio")
    page.get_by_text("severe").first.click()
    visitor.settle()
    price = page.get_by_role("slider", name="Gas price, change in %")
    price.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "winter=severe" in url and "gas" in url)
    visitor.settle()
    visitor.sees("Against the usual year")
    visitor.screenshot("journey_portfolio")
    with page.expect_download() as begun:
        visitor.button("Download CSV").click()
    text = begun.value.path().read_text(encoding="utf-8")
    assert "severe" in text
    with page.expect_download() as begun:
        visitor.button("Download Excel").click()
    sheets = pd.read_excel(begun.value.path(), sheet_name=None, header=None)
    told = " ".join(str(cell) for sheet in sheets.values() for cell in sheet.to_numpy().ravel())
    assert "severe" in told
    link = page.url
    visitor.open(link.removeprefix(visitor.served.url + "/"))
    assert page.url == link


def test_bring_a_file(visitor, tmp_path):
    """An analyst hands in files, one packed, answers what was not understood, has them checked, and gets answers."""
    from playwright.sync_api import expect

    from case_heating.data.example_files import BILLS, WEATHER, example_files

    files = example_files()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(BILLS, files[BILLS])
    (tmp_path / "bills.zip").write_bytes(packed.getvalue())
    (tmp_path / WEATHER).write_bytes(files[WEATHER])
    page = visitor.open("your-data")
    page.locator("input[type=file]").first.set_input_files([tmp_path / "bills.zip", tmp_path / WEATHER])
    visitor.button("Take it").first.wait_for()
    visitor.settle()
    visitor.choose("APT5+ means", "apartment_5_plus")
    visitor.choose("APT2-4 means", "apartment_2_4")
    visitor.choose("Oil or propane means", "other")
    for left in (2, 1, 0):
        visitor.press("Take it")
        expect(visitor.button("Take it")).to_have_count(left, timeout=120_000)
    visitor.press("Check the files")
    visitor.sees("Rows refused")
    visitor.screenshot("journey_your_data")
    visitor.press("Answer for my homes")
    visitor.sees("homes are answered")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download answers.csv").click()
    answers = pd.read_csv(begun.value.path())
    assert answers["probability_of_gas"].between(0, 1).all()
    assert len(answers) == 500


def test_two_browsers_review_at_once(new_visitor, served, on_record):
    """Two windows claim at the same time and get different homes; one decides by keys alone and undoes it."""
    ana, ben = new_visitor(served), new_visitor(served)
    for window in (ana, ben):
        window.open("review")
    for window in (ana, ben):  # both keys before either answer
        window.page.keyboard.press("n")
    for window in (ana, ben):
        window.page.wait_for_url("**/review?home=*")
        window.settle()
    first, second = (window.page.url.partition("home=")[2] for window in (ana, ben))
    assert first != second
    ana.screenshot("journey_review")

    keys = ana.page.keyboard
    ana.page.get_by_role("radio", name="electricity").focus()
    keys.press("Space")
    keys.press("Tab")
    keys.type("heat pump behind the house")
    keys.press("Enter")
    ana.sees(f"Home {first} is on record: electricity. Undo within")
    third = ana.page.url.partition("home=")[2]
    assert third not in (first, second)
    trail = read_trail(on_record)
    decided = trail[(trail["home_id"] == first) & (trail["action"] == "decided")].iloc[0]
    assert (decided["heating_fuel"], decided["reason"]) == ("electricity", "heat pump behind the house")

    ana.press("Undo")
    ana.page.wait_for_url(f"**/review?home={first}")
    assert read_trail(on_record)["action"].iloc[-1] == "undone"
    ana.settle()
    ana.page.get_by_label("What did you see?").blur()
    keys.press("s")  # skip: the key on the button, since no text is being written
    ana.page.wait_for_url(lambda url: first not in url)
    assert read_trail(on_record).query("home_id == @first")["action"].iloc[-1] == "skipped"


def test_retrain_and_roll_back(visitor, on_record):
    """An admin retrains, reads what the gate said, and lets the champion before serve again; all of it on record."""
    page = visitor.open("health")
    visitor.press("Retrain now")
    page.get_by_role("textbox", name="Reason").fill("new labels of the spring")
    visitor.screenshot("journey_health")
    visitor.press("Yes, retrain now")
    _wait_for_acts(page, on_record, ["retrain"])
    visitor.settle()
    visitor.press("Roll back")
    page.get_by_role("textbox", name="Reason").fill("the call centre doubts it")
    visitor.press("Yes, roll back")
    _wait_for_acts(page, on_record, ["roll back", "retrain"])
    told = {act.what: act for act in read_acts(on_record)}
    assert {name: (act.by, act.state) for name, act in told.items()} == {
        "retrain": ("ana", "done"),
        "roll back": ("ana", "done"),
    }
    assert told["roll back"].reason == "the call centre doubts it"
    visitor.sees("serves")


def _wait_for_acts(page, engine, names):
    """Wait until these acts have ended; a page that never says so fails the test and not the clock."""
    for _ in range(240):
        ended = [act.what for act in read_acts(engine) if act.state != "begun"]
        if sorted(ended) == sorted(names):
            return
        page.wait_for_timeout(500)
    raise AssertionError(read_acts(engine))
