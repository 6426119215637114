"""Names of the package that prose quotes in backticks: whether they are there."""

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from case_heating import schema
from course.lesson import Lesson

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "case_heating"

_QUOTED = re.compile(r"`([^`\n]+)`")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(\))?")
_FILE = re.compile(r"[\w./*-]+\.(?:py|toml|json|csv|md|parquet|ipynb|txt|sqlite|html|yaml|xlsx)")


def missing_names(lesson: Lesson, names: Mapping[str, Any]) -> Iterator[str]:
    """Say which dotted names, modules of the package and files of its code the prose quotes and that are not there.

    A name may be one of the lesson's own variables with an attribute, a table's column, something of the package,
    or begin with a folder of it.
    """
    for cell in lesson.cells:
        if cell.kind not in ("markdown", "predict"):
            continue
        for number, text in enumerate(cell.text.splitlines(), start=cell.line):
            for quoted in _QUOTED.findall(text):
                if not _is_there(quoted, names):
                    yield f"{lesson.path.name}:{number}: the prose quotes `{quoted}`, and there is no such thing"


def _is_there(quoted: str, names: Mapping[str, Any]) -> bool:
    if _FILE.fullmatch(quoted):
        is_code = quoted.endswith(".py") and "/" in quoted
        return not is_code or (HOUSE / quoted).exists() or (ROOT / quoted).exists()
    if not _DOTTED.fullmatch(quoted):
        return True
    first, *rest = quoted.removesuffix("()").split(".")
    return (
        _reaches(names.get(first), rest)
        or (first in schema.TABLES and rest[0] in {column.name for column in schema.TABLES[first].columns})
        or any(_imported(prefix + quoted.removesuffix("()")) for prefix in ("", "case_heating."))
    )


def _reaches(value: Any, rest: list[str]) -> bool:
    if value is None:
        return False
    for name in rest:
        if not hasattr(value, name):
            # a field of a dataclass without a default is no attribute of the class
            return name in getattr(value, "__dataclass_fields__", {}) or name in getattr(value, "columns", ())
        value = getattr(value, name)
    return True


def _imported(dotted: str) -> bool:
    """Whether a dotted name can be imported, the last parts of it perhaps being attributes."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        return cut == len(parts) or _reaches(module, parts[cut:])
    return False
