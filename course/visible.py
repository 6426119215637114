"""Whether the learner sees what is meant to be seen: every picture, cells that run, and nothing of the solution."""

import ast
import builtins
import re
from collections.abc import Iterator

from course.lesson import Lesson

_TELLING = 18
"""Characters of code that are more than a name."""

_GIVEN = frozenset({*dir(builtins), "display", "check", "quiz", "__name__"})


def leaning_cells(lesson: Lesson) -> Iterator[str]:
    """Say which cells use a name that the learner's notebook does not make before them.

    What an exercise asks for counts as made, for its starter makes it. A name that is made anywhere in a cell counts as
    made in all of it. A check may lean on less: what else a starter makes, a learner may do without.
    """
    made, lasting = set(_GIVEN), {*_GIVEN, "exercise"}
    for cell in lesson.cells:
        if cell.kind not in ("code", "exercise", "check"):
            continue
        try:
            tree = ast.parse(cell.text)
        except SyntaxError:
            continue  # the run tells of it, with its line
        own = set(_made_by(tree))
        if cell.kind != "check":
            made |= own
            lasting |= own if cell.kind == "code" else {cell.name}
        for node in ast.walk(tree):
            known = lasting | own if cell.kind == "check" else made
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known:
                line = cell.line + node.lineno - 1
                yield (
                    f"{lesson.path.name}:{line}: '{node.id}' is made by no cell that the learner sees and keeps; make "
                    "or import it in a cell of code, for the learner's solution may do without it"
                )
                made.add(node.id)
                lasting.add(node.id)


def lost_pictures(lesson: Lesson) -> Iterator[str]:
    """Say which pictures nobody sees: a notebook shows the value of a cell's last line and of no other."""
    for cell in lesson.cells:
        if cell.kind not in ("code", "exercise", "solution"):
            continue
        try:
            tree = ast.parse(cell.text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) or node is tree.body[-1]:
                continue
            if isinstance(node.value.func, ast.Name) and node.value.func.id == "show":
                line = cell.line + node.lineno - 1
                yield f"{lesson.path.name}:{line}: nobody sees this picture; `show` must be the cell's last line"


def telling_hints(lesson: Lesson) -> Iterator[str]:
    """Say which checks hold a hint with code of the solution that the learner has not seen."""
    seen = ""
    for cell in lesson.cells:
        if cell.kind == "check":
            solution = _without_blanks(lesson.cell("solution", cell.name).text)
            for quoted in map(_without_blanks, re.findall("`([^`\n]+)`", cell.text)):
                if len(quoted) >= _TELLING and quoted in solution and quoted not in seen:
                    yield f"{lesson.path.name}:{cell.line}: a hint holds the solution's own `{quoted}`"
        elif cell.kind not in ("solution", "quiz", "figures"):
            seen += _without_blanks(cell.text)


def _without_blanks(code: str) -> str:
    return re.sub(r"\s+", "", code).replace("'", '"')


def _made_by(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
