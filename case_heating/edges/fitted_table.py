"""A table for a terminal of any width that never cuts a figure: words fold, and what is too wide is shown in parts.

Where the columns do not fit beside one another, cells that have a short form take it; where they still do not fit,
the table is parted into several under one another, each with the first column again and only the rows it has something
of.
"""

import re
from collections.abc import Collection, Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

GAP = 2
"""Blanks between two columns."""

LONGEST_WORD = 28
"""Letters from which a word, such as a path, may be folded to save room."""

SHORT = 10
"""Letters up to which words stay on one line, as ``Jan 2026`` does."""

_DIGIT = re.compile(r"\d")

Cell = str | Text | tuple[str, str]
"""What stands in a cell, as it is and never as markup; a pair is the full form and the short one."""


class FittedTable:
    """Rows under headings.

    Parameters
    ----------
    *headings : str
        One for each column.
    title : str
        Stands above.
    words : collection of str
        Headings of the columns that hold words, the first one if not given: these stand on the left and may be folded.
        All others hold figures: these stand on the right and are never cut or folded (a cell without a digit may be).
    short_note : str
        Said below where the short forms were taken.
    """

    def __init__(
        self, *headings: str, title: str = "", words: Collection[str] | None = None, short_note: str = ""
    ) -> None:
        self.headings, self.title, self.short_note = headings, title, short_note
        self.is_words = [heading in (headings[:1] if words is None else words) for heading in headings]
        self.rows: list[tuple[Cell, ...] | Text] = []

    def add_row(self, *cells: Cell) -> None:
        """Add a row; there must be a cell for each heading.

        Raises
        ------
        ValueError
            If there are more or fewer.
        """
        if len(cells) != len(self.headings):
            raise ValueError(f"{len(cells)} cells for {len(self.headings)} headings")
        self.rows.append(cells)

    def add_line(self, words: str, *, style: str = "") -> None:
        """Add a line of its own across all columns, as a heading of the rows that follow."""
        self.rows.append(Text(words, style=style))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Lay the table out in the width there is."""
        if self.title:
            yield Text(self.title, style="italic")
        every = list(range(len(self.headings)))
        room, short = options.max_width, False
        if self._least(every, short=False) > room and self._has_short:
            short = True
        for number, part in enumerate(self._parts(room, short=short)):
            if number:
                yield Text()
            yield from self._drawn(part, room, number, short=short)
        if short and self.short_note:
            yield Text(self.short_note, style="dim")

    @property
    def _has_short(self) -> bool:
        return any(isinstance(cell, tuple) for row in self.rows if not isinstance(row, Text) for cell in row)

    def _cells(self, column: int, *, short: bool) -> list[Text]:
        return [_text(row[column], short=short) for row in self.rows if not isinstance(row, Text)]

    def _natural(self, column: int, *, short: bool) -> int:
        """Width in which nothing need be folded."""
        lines = [line for cell in self._cells(column, short=short) for line in cell.split(allow_blank=True)]
        return max([Text(self.headings[column]).cell_len, *(line.cell_len for line in lines)])

    def _tight(self, column: int, *, short: bool) -> int:
        """Least width: of figures a whole cell, of words the longest word; headings fold between words."""
        heading = max((Text(word).cell_len for word in self.headings[column].split()), default=0)
        cells = self._cells(column, short=short)
        if self.is_words[column]:
            whole = [cell for cell in cells if cell.cell_len <= SHORT]
        else:
            whole = [cell for cell in cells if _DIGIT.search(cell.plain)]
        longest = max((Text(word).cell_len for cell in cells for word in cell.plain.split()), default=0)
        return max([heading, *(cell.cell_len for cell in whole), min(longest, LONGEST_WORD)])

    def _least(self, columns: list[int], *, short: bool) -> int:
        return sum(self._tight(column, short=short) for column in columns) + GAP * (len(columns) - 1)

    def _parts(self, room: int, *, short: bool) -> list[list[int]]:
        """Part the columns so that each part fits; the first column leads every part."""
        parts = [[0]]
        for column in range(1, len(self.headings)):
            if len(parts[-1]) > 1 and self._least([*parts[-1], column], short=short) > room:
                parts.append([0])
            parts[-1].append(column)
        return parts

    def _widths(self, columns: list[int], room: int, *, short: bool) -> list[int]:
        """Give each column its least width and share out what is left, words first."""
        widths = {column: self._tight(column, short=short) for column in columns}
        spare = room - GAP * (len(columns) - 1) - sum(widths.values())
        for are_words in (True, False):
            wants = {
                column: self._natural(column, short=short) - widths[column]
                for column in columns
                if self.is_words[column] is are_words
            }
            for number, column in enumerate(sorted(wants, key=wants.__getitem__)):  # who wants little gets all of it
                more = max(0, min(wants[column], spare // (len(wants) - number)))
                widths[column] += more
                spare -= more
        return list(widths.values())

    def _drawn(self, columns: list[int], room: int, part: int, *, short: bool) -> Iterator[RenderableType]:
        widths = self._widths(columns, room, short=short)
        line = Text("─" * min(sum(widths) + GAP * (len(columns) - 1), room), style="dim")
        if any(self.headings[column] for column in columns):
            head = self._grid(columns, widths, vertical="bottom")
            head.add_row(*(Text(self.headings[column], style="bold") for column in columns))
            yield head
        yield line
        body = self._grid(columns, widths)
        for row in self.rows:
            if isinstance(row, Text):
                yield body
                yield row
                body = self._grid(columns, widths)
            elif part == 0 or any(_text(row[column], short=short) for column in columns[1:]):
                body.add_row(*(_text(row[column], short=short) for column in columns))
        yield body

    def _grid(self, columns: list[int], widths: list[int], *, vertical: str = "top") -> Table:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        for column, width in zip(columns, widths, strict=True):
            justify = "left" if self.is_words[column] else "right"
            grid.add_column(width=width, justify=justify, overflow="fold", vertical=vertical)  # type: ignore[arg-type]
        return grid


def _text(cell: Cell, *, short: bool) -> Text:
    if isinstance(cell, tuple):
        cell = cell[short]
    return cell if isinstance(cell, Text) else Text(cell)
