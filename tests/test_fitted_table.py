"""No figure is ever cut, however narrow the terminal."""

from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from case_heating.edges import fitted_table
from case_heating.edges.fitted_table import FittedTable


def shown(table, width):
    console = Console(width=width, color_system=None)
    with console.capture() as told:
        console.print(table)
    return [line.rstrip() for line in told.get().splitlines()]


def costs():
    table = FittedTable("month", "90 % from, USD", "to, USD", title="What it costs")
    table.add_row("Jan 2026", "5,680,340", "17,453,630")
    table.add_row("Feb 2026", "948,447", "−6,494")
    return table


def test_where_there_is_room_nothing_is_folded():
    assert shown(costs(), 80) == [
        "What it costs",
        "month     90 % from, USD     to, USD",
        "────────────────────────────────────",
        "Jan 2026       5,680,340  17,453,630",
        "Feb 2026         948,447      −6,494",
    ]


def test_headings_fold_before_figures_do():
    # month 8 ("Jan 2026") and 9 and 10 letters of figures and two gaps: 31
    assert shown(costs(), 31)[1:] == [
        "               90 %",
        "month     from, USD     to, USD",
        "───────────────────────────────",
        "Jan 2026  5,680,340  17,453,630",
        "Feb 2026    948,447      −6,494",
    ]


def test_what_is_too_wide_is_shown_in_parts_with_the_first_column_again():
    lines = shown(costs(), 20)
    assert "5,680,340" in " ".join(lines)
    assert "17,453,630" in " ".join(lines)
    assert sum("Jan" in line for line in lines) == 2
    assert max(map(len, lines)) <= 20


@pytest.mark.parametrize("width", range(23, 100, 3))
def test_no_width_cuts_a_figure_or_a_word(width):
    table = FittedTable("home", "chance of gas", "risk, USD", "held by", words=["home", "held by"])
    table.add_row("h0000984", "0.50", "1,234,567.89", "somebody with [a] long name")
    text = " ".join(shown(table, width))
    for told in ("h0000984", "0.50", "1,234,567.89", "[a]", "name", "somebody"):
        assert told in text
    assert "…" not in text


def test_short_forms_are_taken_where_the_full_ones_do_not_fit_and_said():
    table = FittedTable("group", "right", "wrong", short_note="Intervals: in a wider terminal")
    table.add_row("owner", ("97.0 % (96.1 to 97.8)", "97.0 %"), ("3.0 % (2.2 to 3.9)", "3.0 %"))
    assert "97.0 % (96.1 to 97.8)" in shown(table, 80)[-1]
    assert shown(table, 30)[-2:] == ["owner  97.0 %  3.0 %", "Intervals: in a wider terminal"]


def test_lines_across_and_styled_cells():
    table = FittedTable("fact", "homes")
    table.add_line("of all homes, as published in a long source")
    table.add_row(Text("attic", style="red"), "12")
    assert shown(table, 60)[2:] == ["of all homes, as published in a long source", "attic     12"]


def test_a_later_part_leaves_out_the_rows_of_which_it_has_nothing():
    table = FittedTable("what", "state", "what to do", words=("what", "state", "what to do"))
    table.add_row("disk", "found", "")
    table.add_row("server", "not here", "'heating flows up' starts one")
    lines = shown(table, 22)
    assert sum("disk" in line for line in lines) == 1
    assert sum("server" in line for line in lines) == 2


def test_a_column_that_needs_little_gets_it_before_one_that_needs_much():
    table = FittedTable("owner", "features", words=("owner", "features"))
    table.add_row("customer records", ", ".join(f"feature_{number}" for number in range(20)))
    assert "customer records  feature_0" in shown(table, 60)[2]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="1 cells for 2 headings"):
        FittedTable("a", "b").add_row("1")


def test_no_other_table_is_drawn_in_a_terminal():
    edges = Path(fitted_table.__file__).parent
    drawing = [path.name for path in edges.rglob("*.py") if "rich.table" in path.read_text(encoding="utf-8")]
    assert drawing == ["fitted_table.py"]
