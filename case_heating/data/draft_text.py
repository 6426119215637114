"""A draft as the text of a ``mapping.toml``: what is suspected is a question, what is missing is asked for."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from case_heating import schema
from case_heating.data.draft_columns import Proposal
from case_heating.data.read_mapping import absent_columns

_HELD_BY_FILES = {
    "homes": ("dwelling_type", "year_built", "floor_area_sqft"),
    "bills": ("usage", "cost_usd"),
    "labels": ("event_time",),
}
"""Tables that files of a utility mostly hold, with columns that are worth a line though not needed."""

_HEAD = """\
# Drafted by looking at the files. Read every line; the format is told in docs/bring_your_own.md.
#   `# ?`       is only suspected: take the `# ?` away from the right line and delete the others
#   `# needed`  was not found: write it
# When all is right, set confirmed = true.

[source]
name = "my_utility"
confirmed = false
"""


@dataclass(frozen=True)
class Block:
    """One drafted ``[[table]]``."""

    table: str
    file: Path
    proposals: tuple[Proposal, ...]
    where: dict[str, Any] | None = None
    adds_columns_because: str = ""
    distinct_because: str = ""

    @property
    def needed(self) -> tuple[str, ...]:
        """Canonical columns the table needs and nothing was found for."""
        found = {proposal.target for proposal in self.proposals}
        adds = "columns" if self.adds_columns_because else "rows"
        return absent_columns(schema.TABLES[self.table], found, adds=adds)


def draft_text(
    blocks: Sequence[Block],
    not_understood: Mapping[Path, Mapping[str, str]],
    encodings: Mapping[Path, str],
    folder: Path | None,
) -> str:
    """Write drafted blocks as a commented ``mapping.toml``; where nothing was understood, tables to fill in."""
    parts = [_HEAD]
    for file, rest in not_understood.items():
        encoding = f"encoding = {toml(encodings[file])}   # likely: it is not UTF-8\n" if file in encodings else ""
        parts.append(f"[[file]]\npath = {toml(_seen_from(file, folder))}\n" + encoding + _not_used(rest))
    for block in blocks:
        parts.append(_block_text(block, _seen_from(block.file, folder)))
    told = {block.file for block in blocks}
    parts += [_to_fill_in(_seen_from(file, folder)) for file in not_understood if file not in told]
    return "\n".join(parts)


def toml(value: Any) -> str:
    """Write a value as TOML, on one line.

    >>> print(toml({"column": "heat", "codes": {"natural gas": "gas", "E": "electricity"}}))
    { column = "heat", codes = { "natural gas" = "gas", E = "electricity" } }
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(key)} = {toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _seen_from(file: Path, folder: Path | None) -> str:
    return file.as_posix() if folder is None else Path(os.path.relpath(file, folder)).as_posix()


def _not_used(rest: Mapping[str, str]) -> str:
    if not rest:
        return ""
    lines = [f"#   {name}: {told}" for name, told in rest.items()]
    return "\n".join(["# Its columns that were not understood, or are not needed:", *lines]) + "\n"


def _block_text(block: Block, file: str) -> str:
    lines = ["[[table]]", f"name = {toml(block.table)}", f"file = {toml(file)}"]
    if block.where:
        lines.append(f"where = {toml(block.where)}")
    if block.adds_columns_because:
        lines.append(f'adds = "columns"   # likely: {block.adds_columns_because}')
    if block.distinct_because:
        lines.append(f"distinct = true   # likely: {block.distinct_because}")
    lines.append("[table.columns]")
    for proposal in block.proposals:
        lines += _proposal_lines(proposal)
    table = schema.TABLES[block.table]
    for name in block.needed:
        column = table.column(name)
        also = "; or days = … or months = { value = 1 }" if name in ("start", "end") else ""
        choices = f", one of {', '.join(column.allowed)}" if column.allowed else ""
        lines.append(f'# needed: {name} = "ITS COLUMN" or {{ value = … }}   # {column.about}{choices}{also}')
    return "\n".join(lines) + "\n"


def _to_fill_in(file: str) -> str:
    """Write tables as comments, with what each needs, for a file nothing was understood of."""
    lines = [
        f"# needed: nothing was understood of {file}. Take the `# ` away from the tables below that it holds, write",
        "# its columns where it says ITS COLUMN, and delete the other tables and the lines you do not need.",
    ]
    for name in _HELD_BY_FILES:
        table = schema.TABLES[name]
        needed = {column: table.column(column) for column in absent_columns(table, set(), adds="rows")}
        usual = {column: table.column(column) for column in _HELD_BY_FILES[name]}
        lines += ["#", "# [[table]]", f"# name = {toml(name)}", f"# file = {toml(file)}", "# [table.columns]"]
        for column in (needed | usual).values():
            lines.append(f"# {column.name} = {_example_of(column)}   # {column.about}")
    return "\n".join(lines) + "\n"


def _example_of(column: schema.Column) -> str:
    """Write a line as it may look for a column: with codes, a date's format or a unit where it needs one."""
    if column.allowed:
        return f'{{ column = "ITS COLUMN", codes = {{ "ITS CODE" = {toml(column.allowed[0])} }} }}'
    if column.dtype == "date":
        return '{ column = "ITS COLUMN", format = "%d.%m.%Y" }'
    unit = {"usage": "kWh", "cost_usd": "USD", "floor_area_sqft": "m²"}.get(column.name)
    return f'{{ column = "ITS COLUMN", unit = {toml(unit)} }}' if unit else '"ITS COLUMN"'


def _proposal_lines(proposal: Proposal) -> list[str]:
    short = set(proposal.entry) == {"column"}
    first = toml(proposal.entry["column"] if short else proposal.entry)
    if proposal.confidence != "unsure":
        return [f"{proposal.target} = {first}   # {proposal.confidence}: {proposal.reason}"]
    lines = [f"# ? {proposal.target} = {first}   # {proposal.reason}"]
    return [*lines, *(f"# ? {proposal.target} = {toml(answer)}" for answer in proposal.answers)]
