"""The course's words: what of them a spelling list does not know, and which links lead nowhere."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from course.lesson import Lesson, task_and_starter

WORDS = Path(__file__).parent / "words.txt"

_NO_WORDS = re.compile(
    r"```.*?```|`[^`]*`|\$[^$\n]+\$|<[^>]+>|\]\([^)\s]*\)|https?://\S+|\{[a-z_0-9]+\}"  # code, formulas, links
    r"|\b\w*[\d_]\w*\b|\b[A-Z]{2,}\w*\b|\b\w*[a-z][A-Z]\w*\b",  # names with digits, abbreviations, LightGBM and kWh
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_ENDINGS = ("'s", "’s")


def prose_faults(lesson: Lesson) -> list[str]:
    """Say which words of a lesson are unknown and which of its links are dead, with file and line."""
    faults = []
    for line, text in texts_of(lesson):
        for place, word in unknown_words(line, text):
            faults.append(f"{lesson.path.name}:{place}: '{word}' is no word we know; mend it or add it to words.txt")
        for link in dead_links(text, lesson.path.parent):
            faults.append(f"{lesson.path.name}:{line}: the link {link} leads nowhere")
    return faults


def texts_of(lesson: Lesson) -> Iterator[tuple[int, str]]:
    """Give all that a learner reads: prose, quiz questions, hints; each with its line."""
    yield 1, lesson.title
    for cell in lesson.cells:
        if cell.kind in ("markdown", "predict"):
            yield cell.line, cell.text
        elif cell.kind == "exercise":
            yield cell.line, task_and_starter(cell)[0]
        elif cell.kind in ("check", "quiz"):
            for node in ast.walk(ast.parse(cell.text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                    yield cell.line + node.lineno - 1, node.value


def unknown_words(line: int, text: str) -> Iterator[tuple[int, str]]:
    """Give the words of a text, with their lines, that neither English nor the course's own list knows."""
    known, own = _english(), own_words()
    bare = _NO_WORDS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)  # lines stay where they are
    for found in _WORD.finditer(bare):
        word = found[0].casefold()
        for ending in _ENDINGS:
            word = word.removesuffix(ending)
        if len(word) > 1 and word not in own and not known(word):
            yield line + bare[: found.start()].count("\n"), found[0]


def own_words(path: Path = WORDS) -> frozenset[str]:
    """Read the course's own list: terms of the field and names, small letters, one a line."""
    return frozenset(path.read_text(encoding="utf-8").split()) if path.exists() else frozenset()


def dead_links(text: str, folder: Path) -> Iterator[str]:
    """Give the relative links of a text that lead nowhere from a folder."""
    for found in _LINK.finditer(text):
        target = found["target"].partition("#")[0]
        if target and not re.match(r"[a-z]+:", target) and not (folder / target).exists():
            yield found["target"]


@cache
def _english():  # type: ignore[no-untyped-def]  # the checker has no types
    from spellchecker import SpellChecker

    checker = SpellChecker(language="en", distance=1)
    return lambda word: bool(checker.known([word.replace("’", "'")]))
