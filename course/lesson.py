"""One lesson's source: a Python file in percent cells, its solutions in it, parsed and checked for its marks.

A cell begins with a line ``# %%`` and what it is: nothing for code that all see, ``[markdown]`` for prose,
``[predict]`` for a guess to make before a result is seen, ``[exercise] NAME``, ``[solution] NAME`` and ``[check] NAME``
in this order, ``[quiz]``, and ``[figures]`` for what only the real homes can tell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from case_heating.errors import HeatingError

LESSONS = Path(__file__).parent / "lessons"

PROSE = ("markdown", "predict")
NAMED = ("exercise", "solution", "check")
KINDS = ("code", *PROSE, *NAMED, "quiz", "figures")

_MARK = re.compile(r"# %%(?: \[(?P<kind>\w+)\](?: (?P<name>\S.*?))?)?\s*")
_HEADER = {"number": str, "title": str, "level": int, "minutes": int, "teaches": list}


class LessonError(HeatingError):
    """A lesson's source is not as the builder needs it; each line of the message names the file and the line."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    name : str
        What is asked for, of the cells of an exercise; else empty.
    text : str
        Code, or prose without its comment signs.
    line : int
        Line of the source on which the text begins, from 1.
    """

    kind: str
    name: str
    text: str
    line: int


@dataclass(frozen=True)
class Lesson:
    """A lesson, its header and its cells in order."""

    path: Path
    number: str
    title: str
    level: int
    minutes: int
    teaches: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def place(self) -> str:
        """Folder and name without ending: ``level_0/02_partial_data``."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def exercises(self) -> tuple[str, ...]:
        """What is asked for, in order."""
        return tuple(cell.name for cell in self.cells if cell.kind == "exercise")

    @property
    def objectives(self) -> tuple[str, ...]:
        """What a learner will be able to do: the first list of the lesson's prose."""
        prose = next((cell.text for cell in self.cells if cell.kind == "markdown"), "")
        found: list[str] = []
        for line in prose.splitlines():
            if line.startswith("- "):
                found.append(line.removeprefix("- ").strip())
            elif found and line.startswith("  "):  # the line before goes on
                found[-1] += f" {line.strip()}"
            elif found and line.strip():
                break
        return tuple(one.rstrip(".;") for one in found)

    def cell(self, kind: str, name: str) -> Cell:
        """Find one cell of an exercise.

        Raises
        ------
        LessonError
            If the lesson asks for nothing of that name.
        """
        for cell in self.cells:
            if (cell.kind, cell.name) == (kind, name):
                return cell
        raise LessonError(f"lesson {self.number} has no exercise {name!r}; it has {', '.join(self.exercises)}")


def read_lesson(path: Path) -> Lesson:
    """Read a lesson's source.

    Raises
    ------
    LessonError
        If the header lacks something, a mark is unknown, or an exercise, its solution and its check do not stand
        together; every fault is told with its line.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    header, start, faults = _read_header(path, lines)
    cells = tuple(_parts(lines, start, faults))
    _pair(cells, faults)
    if faults:
        raise LessonError("\n".join(f"{path.name}:{line}: {words}" for line, words in faults))
    return Lesson(
        path,
        header["number"],
        header["title"],
        header["level"],
        header["minutes"],
        tuple(header["teaches"]),
        cells,
    )


def task_and_starter(exercise: Cell) -> tuple[str, str]:
    """Part an exercise into what is asked, its first lines of comment, as prose, and the code that is to be changed."""
    lines = exercise.text.splitlines()
    n_asked = next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    asked = "\n".join(line.removeprefix("#").strip() for line in lines[:n_asked])
    return asked, "\n".join(lines[n_asked:]).strip("\n")


def lesson_paths(folder: Path = LESSONS) -> list[Path]:
    """Find the sources of all lessons, in the order of their numbers."""
    return sorted(folder.glob("level_*/[0-9][0-9]_*.py"), key=lambda path: path.name)


def find_lesson(number: str, folder: Path = LESSONS) -> Lesson:
    """Read the lesson of a number such as ``02``; ``2`` will do.

    Raises
    ------
    LessonError
        If there is none, or its source is faulty.
    """
    paths = {path.name[:2]: path for path in lesson_paths(folder)}
    if number.zfill(2) not in paths:
        raise LessonError(f"there is no lesson {number!r}; there are {', '.join(paths)}")
    return read_lesson(paths[number.zfill(2)])


def _read_header(path: Path, lines: list[str]) -> tuple[dict[str, Any], int, list[tuple[int, str]]]:
    """Give the header, the line after it (from 0), and what is wrong with it."""
    if not lines or lines[0] != "# ---" or "# ---" not in lines[1:]:
        raise LessonError(f"{path.name}:1: the header is missing; it stands between two lines '# ---'")
    end = lines.index("# ---", 1)
    try:
        header = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1:end]))
    except yaml.YAMLError as error:
        raise LessonError(f"{path.name}:1: the header is not YAML ({error})") from error
    found = header if isinstance(header, dict) else {}
    faults = [
        (1, f"the header's {name} must be a {kind.__name__}, and is {found.get(name)!r}")
        for name, kind in _HEADER.items()
        if not isinstance(found.get(name), kind)
    ]
    if unknown := sorted(set(found) - set(_HEADER)):
        faults.append((1, f"the header has {', '.join(unknown)}; it may have {', '.join(_HEADER)}"))
    if not faults and path.name[:2] != found["number"]:
        faults.append((1, f"the header's number is {found['number']!r} and the file's name begins otherwise"))
    if not faults and path.parent.name != f"level_{found['level']}":
        faults.append((1, f"the header's level is {found['level']} and the folder is {path.parent.name}"))
    return found, end + 1, faults


def _parts(lines: list[str], start: int, faults: list[tuple[int, str]]) -> Iterator[Cell]:
    marks = [number for number in range(start, len(lines)) if lines[number].startswith("# %%")]
    for number in range(start, marks[0] if marks else len(lines)):
        if lines[number].strip():
            faults.append((number + 1, "this stands before the first cell; begin it with a line '# %%'"))
    for begin, end in zip(marks, [*marks[1:], len(lines)], strict=True):
        mark = _MARK.fullmatch(lines[begin])
        kind = (mark["kind"] or "code") if mark else ""
        name = (mark["name"] or "") if mark else ""
        if kind not in KINDS or (kind == "code" and mark and mark["kind"]):
            faults.append((begin + 1, f"{lines[begin]!r} begins no cell; there are {', '.join(KINDS)}"))
            continue
        if kind in NAMED and not name.isidentifier():
            faults.append((begin + 1, f"[{kind}] needs the name of the variable or function that is asked for"))
        if kind not in NAMED and name:
            faults.append((begin + 1, f"[{kind}] takes no name"))
        body = lines[begin + 1 : end]
        if kind in PROSE:
            body = list(_uncommented(body, begin + 2, faults))
        skipped = next((i for i, line in enumerate(body) if line.strip()), 0)
        text = "\n".join(body[skipped:]).rstrip()
        if not text:
            faults.append((begin + 1, "the cell is empty"))
        yield Cell(kind, name, text, begin + 2 + skipped)


def _uncommented(lines: list[str], first: int, faults: list[tuple[int, str]]) -> Iterator[str]:
    for number, line in enumerate(lines, start=first):
        if line.strip() and line != "#" and not line.startswith("# "):
            faults.append((number, "a line of prose begins with '# '"))
        yield line.removeprefix("#").removeprefix(" ")


def _pair(cells: tuple[Cell, ...], faults: list[tuple[int, str]]) -> None:
    """Note cells of exercises that do not stand in threes, and names that are asked for twice."""
    named = [(place, cell) for place, cell in enumerate(cells) if cell.kind in NAMED]
    asked: set[str] = set()
    for place, cell in named:
        before = cells[place - 1] if place else None
        wanted = {"exercise": None, "solution": "exercise", "check": "solution"}[cell.kind]
        if wanted and (before is None or (before.kind, before.name) != (wanted, cell.name)):
            faults.append((cell.line - 1, f"[{cell.kind}] {cell.name} must follow [{wanted}] {cell.name} at once"))
        if cell.kind == "exercise":
            after = cells[place + 1 : place + 3]
            if [(one.kind, one.name) for one in after] != [("solution", cell.name), ("check", cell.name)]:
                faults.append((cell.line - 1, f"[exercise] {cell.name} must be followed by its solution and its check"))
            if cell.name in asked:
                faults.append((cell.line - 1, f"{cell.name} is asked for twice; each exercise has a name of its own"))
            asked.add(cell.name)
