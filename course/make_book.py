"""The course as a book: solved notebooks, the code they link to, the syllabus and pictures, as pages with search.

Nothing in it is fetched when it is read: charts are drawn, formulas are MathML, links lead to pages of the book.
"""

import io
import json
import os
import re
import shutil
import warnings
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from latex2mathml.converter import convert

from case_heating.errors import HeatingError
from course.syllabus import Entry

ROOT = Path(__file__).parent.parent
DESIGN = Path(__file__).parent / "book"
GUIDE = Path("course/README.md")

LEVELS = {
    0: "Level 0: by hand",
    1: "Level 1: it trains itself",
    2: "Level 2: a push ships",
}

_LINK = re.compile(r"(?P<image>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_FORMULA = re.compile(r"`[^`]*`|\$(?P<formula>[^$\n]+)\$")
_PLOT = re.compile(r'<svg role="img" aria-label="(?P<says>[^"]*)"[^>]*>.*?id="(?P<name>[a-z_]+)-7_4-', re.DOTALL)
_LANGUAGES = {".py": "python", ".toml": "toml", ".yaml": "yaml", ".json": "json"}


class BookError(HeatingError):
    """The book cannot be made; Sphinx's words say why."""


def lay_pages(notebooks: Path, syllabus: Iterable[Entry], report: Path, pages: Path) -> None:
    """Lay out everything that Sphinx turns into the book.

    Parameters
    ----------
    notebooks : Path
        Folder of the solved notebooks, by level.
    syllabus : iterable of Entry
        All lessons, planned ones among them.
    report : Path
        Folder of the report whose pictures are shown.
    pages : Path
        Where the pages go; what is there is replaced.
    """
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(DESIGN, pages, ignore=shutil.ignore_patterns("__pycache__"))
    entries = list(syllabus)
    linked = {GUIDE}
    for path in sorted(notebooks.glob("level_*/*.ipynb")):
        place = pages / path.parent.name / path.name
        place.parent.mkdir(exist_ok=True)
        place.write_text(_for_the_book(path, linked), encoding="utf-8")
    for file in sorted(linked):
        page = pages / page_of(file)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_source_page(file, pages), encoding="utf-8")
    for level in sorted({entry.level for entry in entries}):
        (pages / f"level_{level}.md").write_text(_level_page(level, entries, pages), encoding="utf-8")
    (pages / "pictures.md").write_text(_pictures_page(report, pages), encoding="utf-8")
    sources = "\n".join(page_of(file).removesuffix(".md") for file in sorted(linked))
    (pages / "sources.md").write_text(
        f"# The code the lessons use\n\n```{{toctree}}\n:maxdepth: 1\n\n{sources}\n```\n", encoding="utf-8"
    )
    (pages / "index.md").write_text(_index_page(entries, report, pages), encoding="utf-8")


def bind(pages: Path, book: Path) -> None:
    """Have Sphinx turn pages into HTML with search; any warning of it is an error.

    Raises
    ------
    BookError
        If Sphinx warns or stops.
    """
    shutil.rmtree(book, ignore_errors=True)
    warned = io.StringIO()
    with warnings.catch_warnings():
        # what the libraries of the book will have to settle among themselves
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        from sphinx.application import Sphinx

        doctrees = pages.parent / f"{pages.name}_doctrees"
        app = Sphinx(pages, pages, book, doctrees, "html", status=None, warning=warned, freshenv=True)
        app.build()
    if app.statuscode or warned.getvalue():
        raise BookError(f"the book is not sound:\n{warned.getvalue()}")


def page_of(file: Path) -> str:
    """Name the page that shows a file of the project."""
    return f"sources/{file.as_posix().replace('/', '__').replace('.', '_')}.md"


def _for_the_book(path: Path, linked: set[Path]) -> str:
    """Give a notebook whose prose links to pages of the book and whose formulas need nothing to be shown."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = _with_links("".join(cell["source"]), Path("course/lessons") / path.parent.name, "../", linked)
            cell["source"] = _FORMULA.sub(_as_mathml, text)
    return json.dumps(notebook, ensure_ascii=False)


def _with_links(text: str, folder: Path, up: str, linked: set[Path]) -> str:
    """Point links to the project's files at their pages; a link to a folder becomes its words."""

    def pointed(found: re.Match[str]) -> str:
        if re.match(r"[a-z]+:|#", found["target"]):
            return found[0]
        file = Path(os.path.normpath(folder / found["target"].partition("#")[0]))
        if not (ROOT / file).is_file():
            return found["words"]
        linked.add(file)
        return f"[{found['words']}]({up}{page_of(file)})"

    return _LINK.sub(pointed, text)


def _as_mathml(found: re.Match[str]) -> str:
    return str(convert(found["formula"])) if found["formula"] else found[0]


def _source_page(file: Path, pages: Path) -> str:
    """Give the page of a file: code as code, a guide as its text, whose own links stay words."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.suffix != ".md":
        return f"# `{file.as_posix()}`\n\n````{{code-block}} {_LANGUAGES.get(file.suffix, 'text')}\n{text}````\n"

    def settled(found: re.Match[str]) -> str:
        target = ROOT / file.parent / found["target"]
        if not found["image"] or not target.is_file():
            return found[0] if re.match(r"https?:", found["target"]) else found["words"]
        shutil.copy(target, pages / "sources" / target.name)
        return f"![{found['words']}]({target.name})"

    return _LINK.sub(settled, text)


def _level_page(level: int, entries: list[Entry], pages: Path) -> str:
    """Give the page of a level: its lessons, there or planned, with their minutes and what one can do afterwards."""
    own = [entry for entry in entries if entry.level == level]
    stems = {path.name[:2]: path.stem for path in (pages / f"level_{level}").glob("*.ipynb")}
    told = [f"# {LEVELS.get(level, f'Level {level}')}", ""]
    there = [entry for entry in own if entry.number in stems]
    if there:
        minutes = sum(entry.minutes for entry in there)
        told += [f"{len(there)} lessons, some {minutes / 60:.0f} hours.", "", "```{toctree}", ":hidden:", ""]
        told += [f"level_{level}/{stems[entry.number]}" for entry in there] + ["```", ""]
    for entry in own:
        if entry in there:
            page = f"level_{level}/{stems[entry.number]}.ipynb"
            told += [
                f"## [{entry.number} · {escape(entry.title)}]({page})",
                "",
                f"{entry.minutes} minutes. After it you can",
                "",
            ]
        elif entry.is_planned:
            told += [f"## {entry.number} · {escape(entry.title)}", "", "*Planned.* After it you can", ""]
        else:
            continue
        told += [f"- {objective};" for objective in entry.objectives[:-1]]
        told += [f"- {objective}." for objective in entry.objectives[-1:]] + [""]
    return "\n".join(told)


def _pictures_page(report: Path, pages: Path) -> str:
    """Give the page with the report's pictures, each with what it says, and those of the app where there are any."""
    folder = pages / "pictures"
    folder.mkdir()
    told = [
        "# What people see",
        "",
        "The pictures of the report on the course's own utility, of 4,000 homes, as `heating run` writes it.",
        "",
    ]
    for name, says in _plots_of(report):
        shutil.copy(report / "plots" / f"{name}.svg", folder)
        told += [f"```{{image}} pictures/{name}.svg", f":alt: {says}", ":class: picture", "```", ""]
    shots = sorted((ROOT / "docs" / "images").glob("app_*.png"))
    if shots:
        told += ["## The app", ""]
    for shot in shots:
        shutil.copy(shot, folder)
        words = f"the app: {shot.stem.removeprefix('app_').replace('_', ' ')}"
        told += [f"```{{image}} pictures/{shot.name}", f":alt: {words}", ":class: picture", "```", ""]
    return "\n".join(told)


def _plots_of(report: Path) -> Iterator[tuple[str, str]]:
    """Name the plots that the report shows, in its order, with what each says."""
    if not (report / "report.html").exists():
        return
    seen: set[str] = set()
    for found in _PLOT.finditer((report / "report.html").read_text(encoding="utf-8")):
        if found["name"] not in seen and (report / "plots" / f"{found['name']}.svg").exists():
            seen.add(found["name"])
            yield found["name"], found["says"]


def _first_picture(report: Path, pages: Path) -> str:
    """Show the first of the report's pictures: how good the answer gets with each source of data."""
    for name, says in _plots_of(report):
        shutil.copy(report / "plots" / f"{name}.svg", pages / "first.svg")
        return f"```{{image}} first.svg\n:alt: {says}\n:class: picture\n```\n"
    return ""


def _index_page(entries: list[Entry], report: Path, pages: Path) -> str:
    there = [entry for entry in entries if not entry.is_planned]
    stems = {path.name[:2]: f"{path.parent.name}/{path.stem}.ipynb" for path in pages.glob("level_*/*.ipynb")}
    rows = []
    for entry in there:
        title = f"[{escape(entry.title)}]({stems[entry.number]})" if entry.number in stems else escape(entry.title)
        rows.append(f"| {entry.number} | {title} | {entry.level} | {entry.minutes} |")
    levels = "\n".join(f"level_{level}" for level in sorted({entry.level for entry in entries}))
    return f"""# From a first notebook to continuous training

Which homes heat with gas, which with electricity, and what will it cost? This book takes one question of an energy
utility from a table and "80 %" to a system that trains, checks and watches itself. Every lesson runs on the code of the
package; what you read here was run, each exercise unsolved, with its typical mistakes, and solved.

{_first_picture(report, pages)}
To do the lessons rather than read them: `heating course open 00`. In which order, in how many hours, and how to teach
them, tells [the course's guide]({page_of(GUIDE)}).

| | lesson | level | minutes |
|---|---|---|---|
{chr(10).join(rows)}

{len(there)} lessons, {sum(entry.minutes for entry in there) / 60:.0f} hours or so.

```{{toctree}}
:hidden:
:maxdepth: 2

{levels}
pictures
sources
```
"""
