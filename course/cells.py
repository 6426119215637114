"""Run a cell of code as a notebook would, in this process and without a kernel, and keep what it shows."""

import ast
import contextlib
import io
import linecache
from pprint import pformat
from typing import Any

import pandas as pd

from course.answers import in_figures, is_number
from course.pictures import bundle_of

Output = dict[str, Any]
"""One output of a cell, as the notebook format has it."""

_SHOWN = "_shown_last"
_WIDTH_OF_LINES, _LONGEST_ANSWER = 80, 400
_OPEN: list[list[Output]] = []  # what the cells at work have shown, the innermost last


def execute(code: str, names: dict[str, Any], *, file: str, line: int = 1) -> list[Output]:
    """Run code over names; give its printed lines and the value of its last line, as a notebook would show them.

    Parameters
    ----------
    code : str
        The cell.
    names : dict
        Names it finds and leaves; ``display`` among them shows values in between.
    file, line
        Where the cell stands, for tracebacks.
    """
    linecache.checkcache(file)
    names.setdefault("display", display)
    printed = io.StringIO()
    tree = ast.parse("\n" * (line - 1) + code, file)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not code.endswith(";"):
        tree.body[-1] = ast.copy_location(ast.Assign([ast.Name(_SHOWN, ast.Store())], last.value), last)
    _OPEN.append([])
    try:
        names.pop(_SHOWN, None)
        with contextlib.redirect_stdout(printed):
            exec(compile(ast.fix_missing_locations(tree), file, "exec"), names)  # noqa: S102 - a cell is there to be run
        if (value := names.pop(_SHOWN, None)) is not None:
            _OPEN[-1].append(_shown(value) | {"output_type": "execute_result", "execution_count": None})
    finally:
        shown = _OPEN.pop()
    text = printed.getvalue()
    return [{"output_type": "stream", "name": "stdout", "text": text}, *shown] if text else shown


def answer_shown(name: str, value: Any) -> list[Output]:
    """Give an answer as the book shows it: tables as tables, what is short with its name, nothing of functions."""
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return [_shown(value)]
    if isinstance(value, (set, frozenset)) and value:
        told = f"{{{', '.join(sorted(map(repr, value)))}}}"  # in the same order each time
    else:
        told = in_figures(value) if is_number(value) else pformat(value, width=_WIDTH_OF_LINES)
    if value is None or callable(value) or len(told) > _LONGEST_ANSWER:
        return []
    return [{"output_type": "stream", "name": "stdout", "text": f"{name} = {told}\n"}]


def display(*values: Any) -> None:
    """Show values in the middle of a cell, as a notebook's ``display`` does."""
    _OPEN[-1].extend(_shown(value) for value in values)


def _shown(value: Any) -> Output:
    return {"output_type": "display_data", "data": bundle_of(value), "metadata": {}}
