"""The benchmark finds its way through the app, and its rival is served; how fast either is is not tested."""

import os

from case_heating.edges import bench_app
from case_heating.edges.app.main import PAGES


def test_it_walks_through_pages_looks_homes_up_and_sets_winters(visitor, monkeypatch):
    some = {path: PAGES[path] for path in ("home", "portfolio", "your-data")}  # test_pages opens them all
    monkeypatch.setattr(bench_app, "PAGES", some)
    page = visitor.open("learn")
    walked = bench_app._walk(page, ["h0000042", "h0000003"])
    assert list(walked["pages"]) == list(some)
    assert all(times.keys() == {"first", "again"} for times in walked["pages"].values())
    assert walked["another_home"] > 0
    assert walked["scenario"] > 0
    page.wait_for_url("**winter=severe**")


def test_the_rival_is_served_and_drawn(chromium, tmp_path):
    found = bench_app._first(chromium, bench_app._one_line, os.environ, tmp_path)
    assert found["seconds"] > 0
    assert found["cpu_seconds"] > 0
    assert "Traceback" not in (tmp_path / "server.log").read_text()
