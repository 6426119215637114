"""Every page in a real browser: at a desk and on a telephone, light and dark, and readable for those who cannot see.

A page is opened twice, light at a desk and dark on a telephone; the side bar, the same on all pages, in the dark once.
"""

from importlib.util import find_spec

import pytest

from case_heating.edges.app.main import PAGES

DESK, TELEPHONE = (1280, 900), (390, 844)
PATHS = {
    path: "" if path == "home" else path  # the first page lies at the root
    for path, (_, _, module) in PAGES.items()
    if find_spec(f"case_heating.edges.app.{module}")
}


def serious_faults(page):
    """What axe-core holds against a page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return {
        one["id"]: [node["html"][:200] for node in one["nodes"]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (TELEPHONE, True)], ids=["desk", "telephone"])
@pytest.mark.parametrize("page", PATHS)
def test_it_fits_the_screen_says_what_it_is_and_axe_finds_no_serious_fault(new_visitor, served, page, size, dark):
    visitor = new_visitor(served, size=size, dark=dark)
    visitor.open(PATHS[page])
    widths = visitor.page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(part => [part.scrollWidth, part.clientWidth])"
    )
    assert all(needed <= there for needed, there in widths), widths
    assert visitor.page.get_by_role("heading", level=1).count() == 1
    assert serious_faults(visitor.page) == {}
    visitor.screenshot(f"{page}_{'dark' if dark else 'light'}_{size[0]}")


def test_axe_finds_no_serious_fault_in_the_side_bar_in_the_dark(new_visitor, served):
    visitor = new_visitor(served, dark=True)
    visitor.open("health")
    visitor.page.get_by_test_id("stSidebarNavLink").first.wait_for()
    assert serious_faults(visitor.page) == {}
