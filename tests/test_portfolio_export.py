"""What finance downloads is read back: the figures, and the scenario they hold for."""

import io
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from openpyxl import load_workbook

from case_heating.data.simulate import simulate
from case_heating.model.forecast import learn_forecast
from case_heating.people.portfolio_export import SCENARIO_SHEET, PortfolioExport, to_csv, to_excel
from case_heating.people.portfolio_figures import SEEN, draw_figures
from case_heating.people.what_if import Levers, WhatIf, read_what_if

AS_OF = date(2025, 1, 1)
WHAT_IF = WhatIf("severe", gas_percent=20, heat_pumps_percent=10, from_month=date(2025, 4, 1))
FORMULA = "=HYPERLINK(A1)"


@pytest.fixture(scope="module")
def export():
    tables = simulate(homes=300, seed=2).tables
    tables["homes"] = tables["homes"].assign(district=tables["homes"]["district"].replace({"d06": FORMULA}))
    learned = learn_forecast(tables, as_of=AS_OF, threads=1)
    usual, other = (draw_figures(learned, what_if, min_homes=10) for what_if in (WhatIf(), WHAT_IF))
    certainty = pd.DataFrame({"fuel": ["gas"], "certainty": [SEEN], "n_homes": [300]})
    return PortfolioExport("my utility", AS_OF, usual, other, certainty)


def test_a_csv_has_the_scenario_above_and_adds_up(export):
    text = to_csv(export).decode()
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert "# assumed: severe winter, gas +20 % from 2025-04-01, heat pumps in 10 % of" in "\n".join(head)
    table = pd.read_csv(io.StringIO(text), skiprows=len(head))
    total = export.other.total["cost_usd"]
    for _, part in table.groupby("by"):
        assert part["cost_usd"].sum() == pytest.approx(total, abs=0.01)
        assert part["difference_usd"].sum() == pytest.approx(total - export.usual.total["cost_usd"], abs=0.2)
    assert set(table["by"]) == {"month", "fuel", "district", "dwelling_type"}
    assert table.loc[table["by"] == "month", "group"].tolist()[0] == "2025-01-01"


def test_the_link_in_a_file_brings_its_scenario_back(export):
    line = next(line for line in to_csv(export).decode().splitlines() if line.startswith("# link: "))
    query = dict(part.split("=") for part in line.partition("?")[2].split("&"))
    assert query.pop("source") == "my%20utility"
    levers = Levers(export.other.months, ("electricity", "gas"), 100)
    assert read_what_if(query, levers) == (WHAT_IF, ())


def test_a_workbook_has_the_scenario_and_the_figures(export):
    sheets = pd.read_excel(io.BytesIO(to_excel(export)), sheet_name=None)
    assert list(sheets) == [SCENARIO_SHEET, "months", "fuels", "districts", "dwelling types", "homes by fuel"]
    told = sheets[SCENARIO_SHEET].set_index("what")["said"]
    assert told["winter"] == "severe"
    assert told["gas price"] == "+20 %"
    assert told["electricity price"] == "no change"
    assert told["prices and heat pumps from"] == "2025-04-01"
    assert "more than the usual year" in told["in words"]
    months = sheets["months"]
    assert months["month"].dt.date.tolist() == list(export.other.months)
    assert months["cost, USD"].sum() == pytest.approx(export.other.total["cost_usd"], abs=0.01)
    assert sheets["districts"]["cost in the usual year, USD"].sum() == pytest.approx(
        export.usual.total["cost_usd"], abs=0.5
    )
    assert sheets["homes by fuel"].to_numpy().tolist() == [["gas", SEEN, 300]]


def test_a_district_named_like_a_formula_stays_text(export):
    book = load_workbook(io.BytesIO(to_excel(export)))
    assert [cell.data_type for cell in book["districts"]["A"] if cell.value == FORMULA] == ["s"]
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert f",'{FORMULA}," in to_csv(export).decode()


def test_the_files_name_tells_source_and_scenario(export):
    assert export.name == "portfolio-my_utility-winter-severe-gas-20-heatpumps-10-from-2025-04"
    assert replace(export, other=export.usual, source="../etc").name == "portfolio-___etc-usual"


def test_a_source_named_with_a_line_break_stays_in_its_line(export):
    text = to_csv(replace(export, source="a\nb,c")).decode()
    assert text.splitlines()[0] == "# source: a b,c"
