"""A mapping in the making: what a draft took for granted, what it asks, and how a person's answers change it.

The document is a ``mapping.toml`` as it stands so far, and holds only what nobody doubts; a question waits beside it
until somebody answers. Every function gives a new state; nothing here touches a file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from case_heating import schema
from case_heating.data.draft_columns import Proposal
from case_heating.data.draft_mapping import Draft
from case_heating.data.draft_text import Block
from case_heating.data.read_mapping import absent_columns


@dataclass(frozen=True)
class Question:
    """Something only a person can say: what a canonical column of a table comes from.

    Attributes
    ----------
    table : int
        Place of its ``[[table]]`` in the document.
    target : str
        The canonical column.
    reason : str
        Why it is only suspected.
    answers : tuple of dict
        What may be meant, the likeliest first; each an entry of ``[table.columns]``.
    """

    table: int
    target: str
    reason: str
    answers: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class FileLook:
    """What a file was seen to hold.

    Attributes
    ----------
    name : str
        What its owner calls it.
    columns : dict of str
        Each of its columns, with what stands in it in words.
    few_values : dict of list of str
        The different values of columns that have few, the commonest first.
    how : dict
        ``encoding``, ``delimiter`` and ``sheet`` where it is not opened as usual.
    """

    name: str
    columns: dict[str, str]
    few_values: dict[str, list[str]]
    how: dict[str, str]


@dataclass(frozen=True)
class MapWork:
    """The mapping so far.

    Attributes
    ----------
    document : dict
        As :class:`~case_heating.data.mapping.Mapping` is written; files go by their owner's names.
    questions : tuple of Question
        What waits for an answer.
    reasons : dict of str
        Why a column was taken, by ``PLACE.TARGET``: ``0.home_id``.
    files : tuple of FileLook
        What the files were seen to hold.
    """

    document: dict[str, Any]
    questions: tuple[Question, ...]
    reasons: dict[str, str]
    files: tuple[FileLook, ...]

    @property
    def tables(self) -> list[dict[str, Any]]:
        """The ``[[table]]`` entries."""
        found: list[dict[str, Any]] = self.document["table"]
        return found

    def file_of(self, table: int) -> FileLook:
        """Give what the file of a table was seen to hold."""
        return self._look(self.tables[table]["file"])

    def lacks(self, table: int) -> tuple[str, ...]:
        """Canonical columns the table needs and does not have yet."""
        entry = self.tables[table]
        return absent_columns(schema.TABLES[entry["name"]], entry["columns"], adds=entry.get("adds", "rows"))

    @property
    def unfinished(self) -> tuple[str, ...]:
        """What tables still need, in words: ``fuel of bills``."""
        return tuple(
            f"{', '.join(lacking)} of {table['name']}"
            for place, table in enumerate(self.tables)
            if (lacking := self.lacks(place))
        )

    def unused(self, file: FileLook) -> dict[str, str]:
        """Columns of a file that nothing is taken from and nothing is asked about, with what stands in them."""
        own = [table for table in self.tables if self._look(table["file"]) is file]
        used = {entry.get("column") for table in own for entry in table["columns"].values()}
        used |= {one.answers[0].get("column") for one in self.questions if self.tables[one.table] in own}
        used |= {condition["column"] for table in own for condition in table.get("where", [])}
        return {name: told for name, told in file.columns.items() if name not in used}

    def _look(self, title: str) -> FileLook:
        path = next(file["path"] for file in self.document["file"] if title_of(file) == title)
        return next(file for file in self.files if file.name == path)

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what :meth:`to_json` wrote."""
        told = json.loads(text)
        questions = tuple(Question(**one | {"answers": tuple(one["answers"])}) for one in told["questions"])
        return cls(told["document"], questions, told["reasons"], tuple(FileLook(**one) for one in told["files"]))


def begin_work(draft: Draft, names: Mapping[Path, str], files: Sequence[FileLook], *, source: str) -> MapWork:
    """Part a draft into what is taken and what is asked.

    Parameters
    ----------
    draft : Draft
        From :func:`~case_heating.data.draft_mapping.draft_mapping`.
    names : mapping of str
        What the owner calls each file.
    files : sequence of FileLook
        What they hold.
    source : str
        What the whole is called.
    """
    tables, questions, reasons = [], [], {}
    for place, block in enumerate(draft.blocks):
        columns: dict[str, Any] = {}
        for proposal in block.proposals:
            if proposal.confidence == "unsure":
                questions.append(_question(place, proposal))
            else:
                columns[proposal.target] = proposal.entry
                reasons[f"{place}.{proposal.target}"] = f"{proposal.confidence}: {proposal.reason}"
        tables.append(_table(block, names[block.file]) | {"columns": columns})
    entries = [{"path": file.name} | file.how for file in files]
    document = {"source": {"name": source}, "file": entries, "table": tables}
    return MapWork(document, tuple(questions), reasons, tuple(files))


def answer(work: MapWork, number: int, entry: dict[str, Any] | None) -> MapWork:
    """Answer a question with the entry that is meant, or with ``None``: the column is left out."""
    asked = work.questions[number]
    left = replace(work, questions=(*work.questions[:number], *work.questions[number + 1 :]))
    return left if entry is None else set_column(left, asked.table, asked.target, entry, because="you said so")


def set_column(
    work: MapWork, table: int, target: str, entry: dict[str, Any] | None, *, because: str = "you wrote it"
) -> MapWork:
    """Say what a canonical column comes from, or with ``None`` that it comes from nothing."""
    document: dict[str, Any] = json.loads(json.dumps(work.document, default=str))
    columns, key = document["table"][table]["columns"], f"{table}.{target}"
    reasons = {name: told for name, told in work.reasons.items() if name != key}
    columns.pop(target, None)
    if entry is not None:
        told = {name: value for name, value in entry.items() if value not in (None, "", {}, [])}
        columns[target] = told if "column" in told else {"value": told["value"]}
        reasons[key] = because
    return replace(work, document=document, reasons=reasons)


def add_table(work: MapWork, name: str, file: str) -> MapWork:
    """Begin a further ``[[table]]`` that is read from a file."""
    document = work.document | {"table": [*work.tables, {"name": name, "file": file, "columns": {}}]}
    return replace(work, document=document)


def drop_table(work: MapWork, table: int) -> MapWork:
    """Leave a ``[[table]]`` out, with its questions."""
    document = work.document | {"table": [one for place, one in enumerate(work.tables) if place != table]}
    questions = tuple(
        replace(question, table=question.table - (question.table > table))
        for question in work.questions
        if question.table != table
    )
    reasons = {}
    for key, told in work.reasons.items():
        place, _, target = key.partition(".")
        if int(place) != table:
            reasons[f"{int(place) - (int(place) > table)}.{target}"] = told
    return replace(work, document=document, questions=questions, reasons=reasons)


def name_source(work: MapWork, name: str) -> MapWork:
    """Call the whole by another name."""
    return replace(work, document=work.document | {"source": work.document["source"] | {"name": name}})


def title_of(file: Mapping[str, Any]) -> str:
    """Give what a ``[[table]]`` calls a ``[[file]]``."""
    return str(file.get("name") or file["path"])


def _question(place: int, proposal: Proposal) -> Question:
    return Question(place, proposal.target, proposal.reason, (proposal.entry, *proposal.answers))


def _table(block: Block, file: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": block.table, "file": file}
    if block.where:
        told["where"] = [block.where]
    if block.adds_columns_because:
        told["adds"] = "columns"
    if block.distinct_because:
        told["distinct"] = True
    return told
