"""The model card as a PDF, for those who file it: the same words, tables and charts as the page.

Its letters are those of DejaVu, which matplotlib carries along; nothing is fetched, and the same card gives the same
bytes. Screen readers are better served by the page.
"""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from case_heating import __version__
from case_heating.people.fairness_tables import ShownTable
from case_heating.people.model_card import INTENDED_USE, NOT_FOR, ModelCard
from case_heating.people.plots import Plot
from case_heating.people.words import day

if TYPE_CHECKING:
    from fpdf import FPDF

_INK, _SOFT, _RULE, _SHADE = (27, 31, 36), (91, 100, 112), (216, 221, 227), (243, 245, 247)
_TITLE, _HEAD, _SUBHEAD, _TEXT, _CELL = 18, 14, 11, 9.5, 7  # points
_WIDE_TABLE = 6  # columns; a table with more gets a page laid across
_MARGIN_MM = 15
_ROOM_MM = 45  # a heading with less below it begins on the next page
_CHART_DPI = 160
_CHART_SHARE = 0.85  # of the page's width
_SECTIONS = (
    ("For whom it is wrong", "groups", "fairness_errors", ("groups", "differences", "pairs"), ("review",)),
    ("What the gaps go with", "causes", "fairness_gaps", ("causes",), ("proxies",)),
    ("What tells the traits", "", "", ("proxies", "without"), ()),
    ("What could be done, and its price", "remedies", "fairness_remedies", ("remedies",), ()),
)
"""Heading, sentences before, chart, tables, sentences after."""


def card_pdf(card: ModelCard) -> bytes:
    """Write the card as a PDF of letter-sized pages."""
    pdf = _begin(card)
    facts, section = card.facts, card.section
    _say(pdf, "Model card: does a home heat with gas or with electricity?", size=_TITLE, bold=True)
    about = f"{facts.source[:1].upper()}{facts.source[1:]} · as known on {day(facts.as_of)} · stage {card.stage} "
    _say(pdf, f"{about}({card.about_stage}) · version {__version__}", colour=_SOFT)
    _head(pdf, "Verdict and decision")
    _say(pdf, section.headline, bold=True)
    _list(pdf, (f"{reason[:1].upper()}{reason[1:]}." for reason in section.reasons))
    _say(pdf, card.decided, bold=True)
    _head(pdf, "What it is for")
    _list(pdf, INTENDED_USE)
    _say(pdf, "What it is not for", size=_SUBHEAD, bold=True)
    _list(pdf, NOT_FOR)
    _say(pdf, "What it was trained and judged on", size=_SUBHEAD, bold=True)
    _say(pdf, f"{card.trained_on} {card.quality}")
    plots = {plot.name: plot for plot in section.plots}
    for heading, before, chart, tables, after in _SECTIONS:
        sentences = section.sentences.get(before, ())
        shown = [section.tables[name] for name in tables if name in section.tables]
        if not (sentences or shown or chart in plots):
            continue
        _head(pdf, heading)
        for sentence in sentences:
            _say(pdf, f"{sentence[:1].upper()}{sentence[1:]}")
        if chart in plots:
            _draw(pdf, plots[chart])
        for table in shown:
            _tabulate(pdf, table)
        for name in after:
            for sentence in section.sentences.get(name, ()):
                _say(pdf, sentence)
    _upright(pdf)
    _head(pdf, "Limits")
    _tabulate(pdf, ShownTable("What is allowed", "", ("Limit", "Allowed"), tuple(card.limits)))
    _say(pdf, "What was not looked at", size=_SUBHEAD, bold=True)
    _list(pdf, section.sentences["left_out"] or ("Every trait of every home is known.",))
    return bytes(pdf.output())


def _begin(card: ModelCard) -> "FPDF":
    import matplotlib as mpl
    from fpdf import FPDF

    pdf = FPDF(format="letter")
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    pdf.add_font("DejaVu", "", fonts / "DejaVuSans.ttf")
    pdf.add_font("DejaVu", "B", fonts / "DejaVuSans-Bold.ttf")
    as_of = card.facts.as_of
    pdf.set_creation_date(datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC))
    pdf.set_title(f"Model card: gas or electricity, {day(as_of)}")
    pdf.set_lang("en")
    pdf.set_margin(_MARGIN_MM)
    pdf.set_auto_page_break(True, _MARGIN_MM)
    pdf.add_page()
    return pdf


def _say(
    pdf: "FPDF", text: str, *, size: float = _TEXT, bold: bool = False, colour: tuple[int, int, int] = _INK
) -> None:
    pdf.set_font("DejaVu", "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(size * 0.18)


def _head(pdf: "FPDF", text: str) -> None:
    _upright(pdf)
    if pdf.will_page_break(_ROOM_MM):
        pdf.add_page()
    pdf.ln(3)
    _say(pdf, text, size=_HEAD, bold=True)


def _list(pdf: "FPDF", items: Iterable[str]) -> None:
    for item in items:
        _say(pdf, f"•  {item}")


def _upright(pdf: "FPDF") -> None:
    """Go back to a page that stands, after a table that lies."""
    if pdf.w > pdf.h:
        pdf.add_page(orientation="P")


def _draw(pdf: "FPDF", plot: Plot) -> None:
    image = io.BytesIO()
    canvas = plot.canvas()
    canvas.savefig(image, format="png", dpi=_CHART_DPI, metadata={"Software": None}, facecolor="white")
    image.seek(0)
    width, height = canvas.get_size_inches()
    wide_mm = _CHART_SHARE * pdf.epw
    if pdf.will_page_break(wide_mm * height / width):
        pdf.add_page()
    pdf.image(image, w=wide_mm, alt_text=plot.title)
    pdf.ln(2)


def _tabulate(pdf: "FPDF", shown: ShownTable) -> None:
    if len(shown.headings) > _WIDE_TABLE and pdf.w < pdf.h:
        pdf.add_page(orientation="L")
    elif pdf.will_page_break(_ROOM_MM):
        pdf.add_page(same=True)
    _say(pdf, shown.title, size=_SUBHEAD, bold=True)
    if shown.about:
        _say(pdf, shown.about, colour=_SOFT)
    from fpdf.fonts import FontFace

    pdf.set_font("DejaVu", "", _CELL)
    pdf.set_text_color(*_INK)
    pdf.set_draw_color(*_RULE)
    n_columns = len(shown.headings)
    with pdf.table(
        col_widths=(2, *(1,) * (n_columns - 1)),
        text_align=("LEFT", *("RIGHT",) * (n_columns - 1)),
        headings_style=FontFace(emphasis="BOLD", fill_color=_SHADE),
        line_height=_CELL * 0.5,
        borders_layout="HORIZONTAL_LINES",
        padding=0.8,
    ) as table:
        for row in (shown.headings, *shown.rows):
            table.row(row)
    pdf.ln(3)
