"""Draft a ``mapping.toml`` by looking at files: what is understood, what is only suspected, and what is missing.

A draft never guesses silently. A suspicion is a comment that starts with ``# ?`` and gives its reason; what a table
needs and no column was found for starts with ``# needed``; and ``confirmed = false`` keeps the draft from being used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from case_heating import schema
from case_heating.data.bring_cells import read_texts
from case_heating.data.draft_bills import ask_about_ends, bills_by_fuel
from case_heating.data.draft_columns import Confidence, Proposal, describe, propose, suspect
from case_heating.data.draft_names import knowledge
from case_heating.data.draft_text import Block, draft_text
from case_heating.data.files import likely_encoding, read_frame
from case_heating.data.map_sample import convert_sample
from case_heating.data.mapping import PERIOD_LENGTHS
from case_heating.errors import counted

LOOKED_AT_ROWS = 20_000


@dataclass(frozen=True)
class Draft:
    """What was understood of some files.

    Attributes
    ----------
    blocks : tuple of Block
        The tables the files can fill, with a proposal for each canonical column.
    not_understood : dict of dict of str
        For each file its columns nothing is proposed for, with what stands in them.
    samples : dict of DataFrame
        For each block, three rows converted as proposed; a column that is only suspected has a ``?`` after its name.
    encodings : dict of str
        The likely encoding of each file that is not in UTF-8.
    """

    blocks: tuple[Block, ...]
    not_understood: dict[Path, dict[str, str]]
    samples: dict[str, pd.DataFrame]
    encodings: dict[Path, str]

    def to_toml(self, folder: Path | None = None) -> str:
        """Write the draft as a ``mapping.toml`` that will lie in ``folder``; paths are then relative to it."""
        return draft_text(self.blocks, self.not_understood, self.encodings, folder)


def draft_mapping(files: Iterable[Path], *, opened: Mapping[Path, Mapping[str, Any]] | None = None) -> Draft:
    r"""Look at files and say what each of their columns may be.

    Parameters
    ----------
    files : iterable of Path
        CSV, Parquet or Excel files.
    opened : mapping, optional
        How files are opened where not as usual: ``encoding``, ``delimiter``, ``sheet``. The encoding of a file not
        named here is looked for.

    Returns
    -------
    Draft
        Proposals with reasons, what was not understood, and three converted rows of each table.

    Raises
    ------
    SourceError
        If a file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "accounts.csv")
    ...     _ = file.write_text("premise,town,yr_built,colour\n17,Salem,1962,red\n18,Salem,1990,blue\n")
    ...     draft = draft_mapping([file])
    >>> {proposal.source: proposal.target for proposal in draft.blocks[0].proposals}
    {'premise': 'home_id', 'town': 'place_id', 'yr_built': 'year_built'}
    >>> list(draft.not_understood[file])
    ['colour']
    """
    blocks: list[Block] = []
    not_understood: dict[Path, dict[str, str]] = {}
    samples: dict[str, pd.DataFrame] = {}
    homes: dict[Path, pd.Series] = {}
    encodings: dict[Path, str] = {}
    for file in files:
        how = (opened or {}).get(file)
        if how is None:
            how = {"encoding": likely_encoding(file)}
            if how["encoding"] != "utf-8":
                encodings[file] = how["encoding"]
        frame = read_frame(file, n_rows=LOOKED_AT_ROWS, **how).rename(columns=str)
        found = _official_blocks(file, frame) or _blocks(file, frame)
        if (named := _homes_named(frame, found)) is not None:
            homes[file] = named
        found = [_beside(block, blocks, homes) for block in found]
        used = {proposal.source for block in found for proposal in block.proposals}
        not_understood[file] = {name: describe(frame[name]) for name in frame.columns if name not in used}
        for block in found:
            samples[f"{len(samples) + 1}. {block.table} from {file.name}"] = _sample(frame, block)
        blocks += found
    return Draft(tuple(blocks), not_understood, samples, encodings)


def _official_blocks(file: Path, frame: pd.DataFrame) -> list[Block]:
    """Lay a known survey's own mapping over the file, without the columns this file does not have."""
    here = {name.casefold(): name for name in frame.columns}
    for official in knowledge()["official"]:
        if not all(name.casefold() in here for name in official["signature"]):
            continue
        blocks = []
        for layout in official["table"]:
            proposals = [
                *_official_proposals(layout["columns"], here, "sure", f"as in {official['title']}"),
                *_official_proposals(
                    layout.get("unsure", {}), here, "unsure", "depends on the year or state: check it"
                ),
            ]
            condition = layout.get("where")
            if condition and condition["column"].casefold() not in here:
                continue
            if any(proposal.source not in ("", here[official["signature"][0].casefold()]) for proposal in proposals):
                where = condition | {"column": here[condition["column"].casefold()]} if condition else None
                blocks.append(Block(layout["name"], file, _one_for_each(proposals), where))
        return blocks
    return []


def _official_proposals(
    columns: dict[str, Any], here: dict[str, str], confidence: Confidence, reason: str
) -> list[Proposal]:
    proposals = []
    for target, written in columns.items():
        entry = {"column": written} if isinstance(written, str) else dict(written)
        name = entry.get("column", "")
        if name and name.casefold() not in here:
            continue
        why = entry.pop("why", reason)
        if name:
            entry["column"] = here[name.casefold()]
        proposals.append(Proposal(target, entry.get("column", ""), entry, confidence, why))
    return proposals


def _blocks(file: Path, frame: pd.DataFrame) -> list[Block]:
    """Group what the columns may be into the tables they can fill."""
    met = [proposal for name in frame.columns if (proposal := propose(name, frame[name])) is not None]
    met = _with_one_way_of_dates(met + _candidates(frame, met))
    targets = {proposal.target for proposal in met}
    blocks: list[Block] = []
    for name in _tables_for(targets):
        known = {
            *schema.TABLES[name].column_names,
            *(PERIOD_LENGTHS if "end" in schema.TABLES[name].column_names else ()),
        }
        own = [proposal for proposal in met if proposal.target in known]
        if name == "labels":
            # in a file of bills the day a bill went out says nothing of when somebody told what the home heats with
            own = [proposal for proposal in own if proposal.target != "known_at" or "usage" not in targets]
            blocks.append(Block(name, file, _one_for_each(own), where=_where_told(own, frame)))
        elif name == "bills":
            blocks += [
                Block(name, file, _one_for_each(proposals)) for proposals in bills_by_fuel(ask_about_ends(own, frame))
            ]
        else:
            blocks.append(Block(name, file, _one_for_each(own)))
    return blocks


def _with_one_way_of_dates(met: list[Proposal]) -> list[Proposal]:
    """Settle dates that fit two formats by a column of the same file that fits one of them only."""
    certain = {one.entry.get("format"): one.source for one in met if "format" in one.entry and not one.answers}
    settled = []
    for proposal in met:
        ways = [entry for entry in (proposal.entry, *proposal.answers) if entry.get("format") in certain]
        if proposal.answers and len(ways) == 1:
            reason = f"{proposal.reason}, and {certain[ways[0]['format']]!r} has days that fit this one only"
            proposal = replace(proposal, entry=ways[0], confidence="likely", reason=reason, answers=())
        settled.append(proposal)
    return settled


def _where_told(proposals: list[Proposal], frame: pd.DataFrame) -> dict[str, Any] | None:
    """Keep the rows in which the fuel is told, where it is blank in others: a blank is no observation."""
    column = next((proposal.source for proposal in proposals if proposal.target == "heating_fuel"), None)
    if column is None or not (texts := read_texts(frame[column])).isna().any() or texts.isna().all():
        return None
    return {"column": column, "not_in": [""]}


def _candidates(frame: pd.DataFrame, met: list[Proposal]) -> list[Proposal]:
    """Ask about columns that may be what matters most, where no column with a usual name is it."""
    targets, used = {proposal.target for proposal in met}, {proposal.source for proposal in met}
    if "home_id" not in targets:
        return []
    is_bills = bool(targets & {"usage", "start", "end", "days"})
    wanted = [
        name for name in (("cost_usd",) if is_bills else ("heating_fuel", "dwelling_type")) if name not in targets
    ]
    asked = (suspect(name, frame[name], wanted) for name in frame.columns if name not in used)
    return [proposal for proposal in asked if proposal is not None]


def _tables_for(targets: set[str]) -> list[str]:
    """Name the tables whose own columns, not only shared ones such as ``home_id``, were met."""
    shared = {"home_id", "place_id", "fuel", "start", "end", "known_at", "source", "date", "read"}
    found = [name for name in schema.TABLES if (targets - shared) & set(schema.TABLES[name].column_names)]
    if "homes" not in found and targets & {"home_id"} and "place_id" in targets:
        found.insert(0, "homes")
    return [name for name in found if name != "homes" or "home_id" in targets]


def _beside(block: Block, earlier: list[Block], homes: dict[Path, pd.Series]) -> Block:
    """Say where a file repeats its homes, and let one about known homes add columns if it cannot give rows."""
    own = homes.get(block.file)
    if own is None or block.table not in ("homes", "sensitive", "labels"):
        return block
    different = own.nunique()
    if different < len(own):
        block = replace(block, distinct_because=f"{counted(different, 'home', 'homes')} in {len(own):,} rows")
    first = next((other for other in earlier if other.table == block.table and not other.needed), None)
    if block.table == "labels" or not block.needed or first is None or first.file == block.file:
        return block
    known = own.drop_duplicates().isin(homes[first.file]).sum()
    if known == 0:
        return block
    given = {proposal.target for proposal in first.proposals} - {"home_id"}
    proposals = [
        replace(proposal, confidence="unsure", reason=f"{first.file.name} gives it too: which one?")
        if proposal.target in given
        else proposal
        for proposal in block.proposals
    ]
    reason = f"{known:,} of its {different:,} homes are in {first.file.name}"
    return replace(block, proposals=tuple(proposals), adds_columns_because=reason)


def _homes_named(frame: pd.DataFrame, blocks: list[Block]) -> pd.Series | None:
    """Give the homes a file names, row by row."""
    sources = [p.source for block in blocks for p in block.proposals if p.target == "home_id"]
    return read_texts(frame[sources[0]]).dropna() if sources else None


def _one_for_each(proposals: list[Proposal]) -> tuple[Proposal, ...]:
    """Keep the best proposal for each canonical column; the others become questions behind it."""
    rank = {"sure": 0, "likely": 1, "unsure": 2}
    ordered = sorted(proposals, key=lambda proposal: rank[proposal.confidence])
    kept: dict[str, Proposal] = {}
    for proposal in ordered:
        first = kept.setdefault(proposal.target, proposal)
        if (rank[proposal.confidence], proposal.place) < (rank[first.confidence], first.place):
            kept[proposal.target] = proposal
    questions = []
    for proposal in ordered:
        if proposal is not (best := kept[proposal.target]):
            reason = f"instead of {best.source!r}? {proposal.reason}"
            questions.append(replace(proposal, confidence="unsure", reason=reason))
    return (*kept.values(), *questions)


def _sample(frame: pd.DataFrame, block: Block) -> pd.DataFrame:
    """Convert the first rows as proposed; what is only suspected has a question mark."""
    chosen: dict[str, Proposal] = {}
    for proposal in block.proposals:
        chosen.setdefault(proposal.target, proposal)
    columns = {target: proposal.entry for target, proposal in chosen.items()}
    rows = convert_sample(frame, {"name": block.table, "columns": columns, "where": block.where or []})
    asked = {target: f"{target}?" for target, proposal in chosen.items() if proposal.confidence == "unsure"}
    return rows.rename(columns=asked)
