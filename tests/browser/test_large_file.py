"""A large file does not take the app down: others go on looking at pages while it is handed in and looked at.

It has 60 MB; ``HEATING_LARGE_FILE_MB=200`` makes it larger. How long things took is printed, for the record.
"""

import os
import time

import pytest

LINE = "{home:07d},Salem,SFD,1962,2024-{month:02d}-01,2024-{month:02d}-28,{kwh},120.50,{heat}\n"
HEADER = "premise,town,building_type,yr_built,from_date,to_date,elec_kwh,elec_cost_usd,heating\n"


@pytest.fixture
def large_file(tmp_path):
    """A CSV of bills as large as is asked for."""
    path = tmp_path / "large.csv"
    most_bytes = int(os.environ.get("HEATING_LARGE_FILE_MB", "60")) * 1_000_000
    home = 0
    with path.open("w") as file:
        file.write(HEADER)
        while file.tell() < most_bytes:
            heat = "Electric" if home % 3 else "Natural gas"
            lines = [LINE.format(home=home, month=month, kwh=400 + 50 * month, heat=heat) for month in range(1, 13)]
            file.write("".join(lines))
            home += 1
    return path


def test_others_go_on_while_a_large_file_is_taken_in(new_visitor, serve, small_workspace, large_file, capsys):
    served = serve("large", small_workspace)
    analyst, other = new_visitor(served), new_visitor(served)
    other.open("ladder")
    page = analyst.open("your-data")
    began = time.monotonic()
    page.locator("input[type=file]").first.set_input_files(large_file)
    understood, seen, slowest = page.get_by_text("How your files are understood"), 0, 0.0
    while not understood.is_visible():
        asked = time.monotonic()
        other.open("ladder")
        assert other.page.get_by_text("Right today").first.is_visible()
        seen, slowest = seen + 1, max(slowest, time.monotonic() - asked)
        page.wait_for_timeout(200)
    assert seen > 0
    megabytes, seconds = large_file.stat().st_size / 1e6, time.monotonic() - began
    with capsys.disabled():
        told = f"{megabytes:.0f} MB looked at after {seconds:.0f} s; another visitor saw {seen} pages meanwhile"
        print(f"\n{told}, the slowest after {slowest:.1f} s")  # noqa: T201
    analyst.settle()
    name = page.url.rpartition("upload=")[2]
    assert (served.workspace / "uploads" / name / "1.csv").stat().st_size == large_file.stat().st_size
    analyst.button("Delete").first.click()
    page.get_by_role("button", name="Delete them").click()
    analyst.sees("Hand in files")
    assert not list((served.workspace / "uploads").iterdir())
