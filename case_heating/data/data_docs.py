"""Data Docs: what Great Expectations found, as pages that people open without a server or a network.

Great Expectations renders what it found; the page around it is this project's, because Great Expectations' own
fetches styles, scripts and a picture from eight outside hosts.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from html import escape
from pathlib import Path
from typing import Any

from case_heating.data.expectations import AS_WRITTEN, FACTS
from case_heating.data.validate import Trusted

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>
{body}
</main></body></html>
"""
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; margin: 0 }
main { max-width: 72rem; margin: 0 auto; padding: 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #ddd }
.number { text-align: right; font-variant-numeric: tabular-nums }
h2, h5 { font-size: 1.2rem; margin: 1.5rem 0 0 } h6, .h6 { font-size: 1rem; font-weight: 600; margin: .5rem 0 0 }
.badge { border-radius: .25rem; padding: 0 .3rem; background: #eee }
.text-danger, .alert-danger { color: #b3261e } .text-success { color: #1b6e33 }
.fas { font-style: normal } .fa-times::before { content: "\\2717" } .fa-check-circle::before { content: "\\2713" }
.fa-exclamation-triangle::before { content: "!" }
"""
_DEAD_LINK = re.compile(r'<a href="\.\./[^"]*"[^>]*>(.*?)</a>', re.DOTALL)  # to pages of a Great Expectations project


def write_data_docs(trusted: Trusted, folder: Path) -> Path:
    """Write one page per table that was checked, and one that lists them beside the counts and faults.

    Parameters
    ----------
    trusted : Trusted
        From :func:`~case_heating.data.validate.check_tables`.
    folder : Path
        Made if it is not there. The pages ask for nothing outside of it.

    Returns
    -------
    Path
        ``index.html`` in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, result in trusted.results.items():
        body = f'<p><a href="index.html">All tables</a></p>\n{_found(result)}\n{_facts(result)}'
        _write_page(folder / f"{name}.html", f"Data Docs: {name}", body)
    index = folder / "index.html"
    _write_page(index, "Data Docs", _summary(trusted))
    return index


def _write_page(path: Path, title: str, body: str) -> None:
    path.write_text(_PAGE.format(title=escape(title), style=_STYLE, body=body), encoding="utf-8")


def _found(result: Any) -> str:
    """Render every section as Great Expectations does, without the markers of its run."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaSectionView

    sections = ValidationResultsPageRenderer().render(_plain(result)).to_json_dict()["sections"]
    view = DefaultJinjaSectionView()
    rendered = []
    for number, section in enumerate(sections, start=1):
        told = [block for block in section["content_blocks"] if block["content_block_type"] != "collapse"]
        place = {"index": number}  # keeps ids apart, as the loop of Great Expectations' own page does
        rendered.append(
            view.render({"section": section | {"content_blocks": told}, "section_loop": place, "loop": place})
        )
    html = "\n".join(line for line in "".join(rendered).splitlines() if line.strip())
    return _DEAD_LINK.sub(r"\1", html)


def _plain(result: Any) -> Any:
    """Copy the result with markup in the values it shows made harmless; Great Expectations shows them as they are."""
    plain = deepcopy(result)
    for outcome in plain.results:
        for shown in ("partial_unexpected_list", "partial_unexpected_counts"):
            if shown in outcome.result:
                outcome.result[shown] = _without_markup(outcome.result[shown])
    return plain


def _without_markup(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {name: _without_markup(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_without_markup(each) for each in value)
    return value


def _facts(result: Any) -> str:
    """Explain the columns that are not of the table but worked out to check it."""
    arguments = [value for outcome in result.results for value in outcome.expectation_config.kwargs.values()]
    asked = {value for value in arguments if isinstance(value, str)}
    told = [f"{name}: {about}" for name, about in FACTS.items() if name in asked]
    unread = sorted(name for name in asked if name.endswith(AS_WRITTEN))
    told += [f"{name}: what is written where {name.removesuffix(AS_WRITTEN)} could not be read" for name in unread]
    return f"<h2>Worked out for the check</h2>{_list(told)}" if told else ""


def _summary(trusted: Trusted) -> str:
    columns = list(trusted.counts.columns)
    head = "".join(f'<th class="number">{escape(column.replace("_", " "))}</th>' for column in columns)
    rows = "".join(_count_row(str(name), row, name in trusted.results) for name, row in trusted.counts.iterrows())
    parts = [f"<p>What was known as of {trusted.as_of}.</p>", f"<table><tr><th>table</th>{head}</tr>{rows}</table>"]
    if trusted.faults:
        parts.append(f"<h2>In quarantine</h2>{_list(fault.in_words() for fault in trusted.faults)}")
    if trusted.notes:
        parts.append(f"<h2>Notes</h2>{_list(trusted.notes)}")
    return "\n".join(parts)


def _count_row(name: str, counts: Iterable[int], has_page: bool) -> str:
    title = f'<a href="{name}.html">{name}</a>' if has_page else name
    cells = "".join(f'<td class="number">{count:,}</td>' for count in counts)
    return f"<tr><td>{title}</td>{cells}</tr>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
