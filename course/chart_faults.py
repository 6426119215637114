"""What a Vega-Lite chart lacks to show its marks: data, and the fields that it draws.

Vega draws such a chart without a word, as an empty frame; so whoever shows one is warned, and in a lesson's run a
warning is a fault.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PARTS = ("layer", "hconcat", "vconcat", "concat")
_AS_A_NAME = re.compile(r"\\([.\[\]])")
_AS_A_PATH = re.compile(r"(?<!\\)[.\[]")


class ChartWarning(UserWarning):
    """A chart shows no marks, or not those it was meant to show."""


def chart_faults(spec: Mapping[str, Any]) -> list[str]:
    """Say which fields of a chart nothing can be drawn from.

    Parameters
    ----------
    spec : mapping
        The chart as Vega-Lite, its data in it.

    Returns
    -------
    list of str
        One sentence each: a part has fields and no rows, a field is no column of its rows, or it is missing in all.
    """
    return list(dict.fromkeys(_faults(spec, spec.get("datasets", {}), None, frozenset())))


def _faults(
    part: Mapping[str, Any], datasets: Mapping[str, Any], rows: list[Any] | None, made: frozenset[str]
) -> Iterator[str]:
    """Go through a chart and its parts, which take data and made fields from the whole unless they have their own."""
    if "data" in part:
        rows, made = _rows_of(part["data"], datasets), frozenset()
    made |= set(_fields_made_by(part.get("transform", [])))
    for name in sorted(_fields_of(part.get("encoding", {}))):
        if not rows:
            yield f"the chart draws {name!r} and has no rows"
        elif path := _AS_A_PATH.split(name)[1:]:
            root = _AS_A_PATH.split(name)[0]
            if not any(isinstance(row.get(root), (dict, list)) for row in rows):
                yield f"the chart looks for {path[0]!r} inside {root!r}; write '\\' before a dot or bracket of a name"
        elif (column := _AS_A_NAME.sub(r"\1", name)) in made:
            continue
        elif not any(column in row for row in rows):
            yield f"the chart draws {column!r}, which is no column of its data ({', '.join(map(str, rows[0]))})"
        elif all(row.get(column) is None for row in rows):
            yield f"the chart draws {column!r}, which is missing in all {len(rows):,} rows"
    for kind in _PARTS:
        for inner in part.get(kind, []):
            yield from _faults(inner, datasets, rows, made)
    if "spec" in part:  # of a facet or a repetition
        yield from _faults(part["spec"], datasets, rows, made)


def _rows_of(data: Mapping[str, Any], datasets: Mapping[str, Any]) -> list[Any]:
    found = data["values"] if "values" in data else datasets.get(data.get("name", ""), [])
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _fields_of(encoding: Mapping[str, Any]) -> set[str]:
    """List the columns that channels draw; a count, a fixed value and a repeated field have none of their own."""
    channels = [one for given in encoding.values() for one in (given if isinstance(given, list) else [given])]
    return {one["field"] for one in channels if isinstance(one, dict) and isinstance(one.get("field"), str)}


def _fields_made_by(transforms: list[Any]) -> Iterator[str]:
    """List the columns that a chart's own reckoning makes."""
    for one in transforms:
        steps = [one, *one.get("aggregate", []), *one.get("joinaggregate", []), *one.get("window", [])]
        for step in (step for step in steps if isinstance(step, dict)):
            names = step.get("as", [])
            yield from [names] if isinstance(names, str) else names
        if "fold" in one and "as" not in one:
            yield from ("key", "value")
