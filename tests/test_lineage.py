"""Lineage: what a model was made from, the same on every machine."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import lightgbm
import pandas as pd

from case_heating.release.lineage import Lineage, code_digest, digest_of, trace_lineage
from case_heating.settings import Settings

DAY = date(2024, 12, 31)


def trace(settings, **more):
    return trace_lineage(settings, as_of=DAY, cutoff=date(2024, 6, 30), data_digests={"b": "2", "a": "1"}, **more)


def test_places_threads_and_the_day_of_the_run_are_no_part_of_it():
    settings = Settings(today=DAY)
    moved = replace(settings, workspace=Path("elsewhere"), threads=7, today=date(2026, 1, 1))
    assert trace(settings) == trace(moved)
    assert trace(settings) != trace(replace(settings, seed=1))


def test_versions_digests_and_code_are_told():
    lineage = trace(Settings(today=DAY), code_revision="abc")
    assert lineage.packages["lightgbm"] == lightgbm.__version__
    assert list(lineage.data_digests) == ["a", "b"]
    assert lineage.code_revision == "abc"
    assert trace(Settings(today=DAY)).code_revision == code_digest()
    assert Lineage.from_plain(json.loads(json.dumps(lineage.to_plain()))) == lineage


def test_a_digest_changes_with_a_cell_a_name_and_an_index():
    frame = pd.DataFrame({"a": [1.0, None], "b": ["x", None]}, index=["h1", "h2"])
    others = [frame.assign(a=[1.0, 2.0]), frame.rename(columns={"a": "c"}), frame.set_axis(["h1", "h3"])]
    assert digest_of(frame) == digest_of(frame.copy())
    assert len({digest_of(frame), *map(digest_of, others)}) == 4
