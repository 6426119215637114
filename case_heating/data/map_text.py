"""A mapping in the making as text: written for a person or for the run, and taken over from what a person wrote."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from case_heating.data.draft_text import toml
from case_heating.data.map_work import MapWork, title_of
from case_heating.data.read_mapping import did_you_mean, parse_mapping, problem_list
from case_heating.errors import MappingError

CALLED = "the mapping"
"""What a mapping that has no file yet is called in the words of an error."""


def take_text(work: MapWork, text: str) -> MapWork:
    """Take a whole mapping that a person wrote in place of the one so far.

    Questions about columns that it does not give stay open.

    Raises
    ------
    MappingError
        If it is no mapping, or reads a file or a column that is not there; the message lists all that is wrong.
    """
    parse_mapping(text, CALLED)
    document = tomllib.loads(text)
    for table in document["table"]:
        table.setdefault("file", title_of(document["file"][0]))
        if isinstance(table.get("where"), dict):
            table["where"] = [table["where"]]
        table["columns"] = {
            target: {"column": entry} if isinstance(entry, str) else entry for target, entry in table["columns"].items()
        }
    document.get("source", {}).pop("confirmed", None)
    if problems := [*_foreign_files(document, work), *_absent_columns(document, work)]:
        raise MappingError(problem_list(CALLED, problems))
    reasons = {
        f"{place}.{target}": "you wrote it"
        for place, table in enumerate(document["table"])
        for target in table["columns"]
    }
    places = {(table["name"], table["file"]): place for place, table in reversed(list(enumerate(document["table"])))}
    questions = []
    for question in work.questions:
        asked = work.tables[question.table]
        place = places.get((asked["name"], asked["file"]))
        if place is not None and question.target not in document["table"][place]["columns"]:
            questions.append(replace(question, table=place))
    return MapWork(document, tuple(questions), reasons, work.files)


def written(work: MapWork, *, stored: Mapping[str, str] | None = None, source: str | None = None) -> str:
    """Write the mapping as TOML; questions that are open stand in it as comments.

    Parameters
    ----------
    work : MapWork
        The mapping so far.
    stored : mapping of str, optional
        Where each file lies in place of its owner's name, for the copy that is run.
    source : str, optional
        Name of the source in place of the owner's.
    """
    about = work.document["source"] | ({} if source is None else {"name": source})
    lines = ["[source]", *(f"{name} = {toml(value)}" for name, value in about.items()), ""]
    for file in work.document["file"]:
        told = file if stored is None else file | {"path": stored[file["path"]], "name": title_of(file)}
        lines += ["[[file]]", *(f"{name} = {toml(value)}" for name, value in told.items()), ""]
    for place, table in enumerate(work.tables):
        rest = {name: value for name, value in table.items() if name != "columns"}
        lines += ["[[table]]", *(f"{name} = {toml(value)}" for name, value in rest.items()), "[table.columns]"]
        for target, entry in table["columns"].items():
            short = entry["column"] if set(entry) == {"column"} else entry
            because = work.reasons.get(f"{place}.{target}", "")
            lines.append(f"{target} = {toml(short)}" + (f"   # {_one_line(because)}" if because else ""))
        for question in work.questions:
            if question.table == place:
                lines += [
                    f"# ? {question.target} = {toml(one)}   # {_one_line(question.reason)}" for one in question.answers
                ]
        lines.append("")
    return "\n".join(lines)


def _foreign_files(document: dict[str, Any], work: MapWork) -> Iterator[str]:
    """Name the paths that are none of the files handed in: no other file of this computer is read."""
    known = [file.name for file in work.files]
    for file in document["file"]:
        if file["path"] not in known:
            hint = did_you_mean(file["path"], known)
            yield f"[[file]]: {file['path']!r} is none of the files you handed in{hint}; there are {', '.join(known)}"


def _absent_columns(document: dict[str, Any], work: MapWork) -> Iterator[str]:
    """Name the columns that a table reads and its file does not have."""
    files = {title_of(file): file for file in document["file"]}
    looks = {file.name: file for file in work.files}
    for table in document["table"]:
        file = files[table["file"]]
        look = looks.get(file["path"])
        if look is None or file.get("sheet") != look.how.get("sheet"):
            continue  # not there, or another sheet than the one looked at: its reader will say
        there = list(look.columns)
        asked = [(target, entry.get("column")) for target, entry in table["columns"].items()]
        asked += [("where", condition["column"]) for condition in table.get("where", [])]
        for target, column in asked:
            if column is not None and column not in there:
                yield (
                    f"[[table]] {table['name']}: {target} asks for column {column!r}, which {table['file']} does not "
                    f"have{did_you_mean(column, there)}"
                )


def _one_line(text: str) -> str:
    return " ".join(text.split())
