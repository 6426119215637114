"""A draft as the text of a ``mapping.toml``: what is suspected is a question, what is missing is asked for."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from case_heating import schema
from case_heating.data.draft_columns import Proposal

if TYPE_CHECKING:
    from case_heating.data.draft_mapping import Block

_HEAD = """\
# Drafted by looking at the files. Read every line; the format is told in docs/bring_your_own.md.
#   `# ?`       is only suspected: take the `# ?` away from the right line and delete the others
#   `# needed`  was not found: write it
# When all is right, set confirmed = true.

[source]
name = "my_utility"
confirmed = false
"""


def draft_text(blocks: Iterable["Block"], not_understood: Mapping[Path, Mapping[str, str]], folder: Path | None) -> str:
    """Write drafted blocks as a commented ``mapping.toml``."""
    parts = [_HEAD]
    for file, rest in not_understood.items():
        parts.append(f"[[file]]\npath = {toml(_seen_from(file, folder))}\n" + _not_used(rest))
    for block in blocks:
        parts.append(_block_text(block, _seen_from(block.file, folder)))
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


def _block_text(block: "Block", file: str) -> str:
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


def _proposal_lines(proposal: Proposal) -> list[str]:
    short = set(proposal.entry) == {"column"}
    first = toml(proposal.entry["column"] if short else proposal.entry)
    if proposal.confidence != "unsure":
        return [f"{proposal.target} = {first}   # {proposal.confidence}: {proposal.reason}"]
    lines = [f"# ? {proposal.target} = {first}   # {proposal.reason}"]
    return [*lines, *(f"# ? {proposal.target} = {toml(answer)}" for answer in proposal.answers)]
