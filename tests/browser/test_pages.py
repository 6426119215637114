"""Every page in a real browser: at a desk and on a telephone, light and dark, and readable for those who cannot see."""

from importlib.util import find_spec

import pytest

from case_heating.edges.app.main import PAGES

TELEPHONE = (390, 844)
PATHS = {
    path: "" if path == "home" else path  # the first page lies at the root
    for path, (_, _, module) in PAGES.items()
    if find_spec(f"case_heating.edges.app.{module}")
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", PATHS)
def test_axe_finds_no_serious_fault(new_visitor, served, page, dark):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    visitor = new_visitor(served, dark=dark)
    visitor.open(PATHS[page])
    found = axe.run(visitor.page).response["violations"]
    serious = {
        one["id"]: [node["html"][:200] for node in one["nodes"]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }
    assert serious == {}


@pytest.mark.parametrize("size", [(1280, 900), TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("page", PATHS)
def test_it_fits_the_screen_and_says_what_it_is(new_visitor, served, page, size):
    visitor = new_visitor(served, size=size, dark=size == TELEPHONE)
    visitor.open(PATHS[page])
    widths = visitor.page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(part => [part.scrollWidth, part.clientWidth])"
    )
    assert all(needed <= there for needed, there in widths), widths
    assert visitor.page.get_by_role("heading", level=1).count() == 1
    visitor.screenshot(f"{page}_{'dark' if size == TELEPHONE else 'light'}_{size[0]}")
