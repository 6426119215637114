"""Which modules of the package a lesson teaches, and which are left out, with the reason."""

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from course.lesson import Lesson

NOT_TAUGHT = Path(__file__).parent / "not_taught.toml"
HOUSE = Path(__file__).parent.parent / "case_heating"


def modules_of(house: Path = HOUSE) -> set[str]:
    """Name every public module of the package."""
    paths = [path.relative_to(house.parent).with_suffix("") for path in house.rglob("*.py")]
    return {".".join(path.parts) for path in paths if not path.name.startswith("_")}


def left_out(path: Path = NOT_TAUGHT) -> dict[str, str]:
    """Read the names, which may hold stars, of modules that no lesson teaches, each with the reason."""
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return {f"case_heating.{module}": group["reason"] for group in groups for module in group["modules"]}


def teaching_faults(lessons: Iterable[Lesson], reasons: dict[str, str], modules: set[str]) -> list[str]:
    """Say which modules nobody answers for, and which are named and not there or named twice."""
    taught = {module: lesson.number for lesson in lessons for module in lesson.teaches}
    faults = [f"lesson {taught[one]} teaches {one}, which is not there" for one in set(taught) - modules]
    for one in modules - set(taught):
        if not any(fnmatch(one, name) for name in reasons):
            faults.append(f"no lesson teaches {one}, and not_taught.toml gives no reason")
    for name in reasons:
        if name in taught:
            faults.append(f"not_taught.toml lists {name}, which lesson {taught[name]} teaches")
        elif not any(fnmatch(one, name) for one in modules):
            faults.append(f"not_taught.toml lists {name}, which is not there")
    return sorted(faults)
