"""What a column's name says: what it may hold, in which unit and currency, and of which fuel; in six languages.

A name is read in lower case and in plain letters: ``Zählernummer``, ``Zaehlernummer`` and ``ZAHLERNUMMER`` are one
name, and so are ``Date de début`` and ``date_debut``.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from case_heating.data.mapping import QUANTITY_OF
from case_heating.data.units import units_of

NEARLY_THE_NAME = 0.84  # likeness above which a misspelt or shortened name is worth a question
FUEL_WORDS = dict.fromkeys(
    (
        *("electricity", "electric", "elec", "strom", "elektrizitaet", "elektro", "electricite", "electrique"),
        *("electricidad", "electrica", "electrico", "luz", "elettricita", "elettrica", "elektriciteit", "stroom"),
    ),
    "electricity",
) | dict.fromkeys(("gas", "ng", "erdgas", "gaz", "metano", "aardgas"), "gas")
COMPOUNDS_OF = ("strom", "erdgas", "gas", "stroom", "aardgas", "elektrizitaets")  # Stromverbrauch is Strom, Verbrauch
CURRENCIES = {
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "chf": "CHF",
    "gbp": "GBP",
    "cad": "CAD",
    "pounds": "GBP",
}
ONLY_A_UNIT = {"usage": "usage", "money": "cost_usd", "area": "floor_area_sqft"}
_SMALL_WORDS = frozenset(
    "de du des d la le les l del dell di della da do dei of the in en pro per je van der des den".split()
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "€": " eur ", "£": " gbp ", "°": " "})
_PLAIN = str.maketrans({"ß": "ss", "€": " eur ", "£": " gbp ", "°": " "})


@dataclass(frozen=True)
class Named:
    """What a name says.

    Attributes
    ----------
    target : str
        The canonical column.
    reason : str
        Why, in words.
    exact : bool
        Whether it is a usual name; else it is only like one.
    unit, fuel, currency : str or None
        What the name states besides.
    place : int
        Place among the usual names of the same thing: of two columns the one with the lower is meant.
    """

    target: str
    reason: str
    exact: bool
    unit: str | None = None
    fuel: str | None = None
    currency: str | None = None
    place: int = 0


@cache
def knowledge() -> dict[str, Any]:
    """Read ``synonyms.toml``: usual names, units in names, usual codes, official files."""
    return tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text(encoding="utf-8"))


def spellings(text: str) -> tuple[str, ...]:
    """Write a text in plain small letters, as a German would and without the marks.

    >>> spellings("Zähler"), spellings("Durée"), spellings("m²")
    (('zaehler', 'zahler'), ('duree',), ('m2',))
    """
    small = text.lower()
    both = (_bare(small.translate(_GERMAN)), _bare(small.translate(_PLAIN)))
    return tuple(dict.fromkeys(both))


def parts_of(name: str) -> tuple[str, ...]:
    """Part a name into its words, in plain letters.

    >>> parts_of("Verbrauch (kWh)"), parts_of("YearBuilt")
    (('verbrauch', 'kwh'), ('year', 'built'))
    """
    return _parts(spellings(_apart(name))[0])


def read_name(name: str) -> Named | None:
    """Say what a name says: as it is, without its unit, without its fuel, and last among names like it.

    >>> read_name("Stromverbrauch kWh").target, read_name("Stromverbrauch kWh").fuel
    ('usage', 'electricity')
    >>> read_name("xq7") is None
    True
    """
    for spelt in spellings(_apart(name)):
        if (found := _read_parts(name, _parts(spelt))) is not None and found.exact:
            return found
    return _read_parts(name, parts_of(name), nearly=True)


def code_meanings(table: str) -> dict[str, str]:
    """Give what usual codes of a column mean, each in every way it may be spelt."""
    told = knowledge()["codes"].get(table, {})
    return {spelt: meaning for meaning, words in told.items() for word in words for spelt in spellings(word)}


def code_words(value: str) -> tuple[str, ...]:
    """Write a code as :func:`code_meanings` knows codes.

    >>> code_words("Natural_Gas")
    ('natural gas',)
    """
    return spellings(re.sub(r"[\s_]+", " ", value))


@cache
def _targets() -> dict[str, tuple[str, int]]:
    """Give the canonical column and the place among its names of each usual name."""
    found: dict[str, tuple[str, int]] = {}
    for target, by_language in knowledge()["names"].items():
        names = [name for names in by_language.values() for name in names]
        for place, name in enumerate(names):
            for spelt in spellings(name):
                found.setdefault(spelt, (target, place))
    return found


def _read_parts(name: str, parts: tuple[str, ...], *, nearly: bool = False) -> Named | None:
    targets = _targets()
    usual = f"{name!r} is a usual name"
    if (found := _find(parts)) is not None:
        target, place = found
        unit = "sqft" if target == "floor_area_sqft" and "_".join(parts) in ("sq_ft", "square_feet") else None
        return Named(target, usual, True, unit, place=place)
    parts = tuple(piece for part in parts for piece in _uncompounded(part))
    units = {part: unit for part, unit in knowledge()["units"].items() if part in parts[-1:] or part in parts[:1]}
    unit = next(iter(units.values()), None)
    rest = [part for part in parts if part not in units]
    fuel = next((FUEL_WORDS[part] for part in rest if part in FUEL_WORDS), None)
    currency = next((CURRENCIES[part] for part in rest if part in CURRENCIES), None)
    rest = [part for part in rest if part not in CURRENCIES]
    bare = [part for part in rest if part not in FUEL_WORDS]
    for left in (rest, bare):
        found = _find(tuple(left))
        if found is not None and (unit is None or unit in units_of(QUANTITY_OF.get(found[0], "price"))):
            return Named(found[0], usual, True, unit, fuel, currency, found[1])
    if not bare and unit is not None:
        for quantity, target in ONLY_A_UNIT.items():
            if unit in units_of(QUANTITY_OF[target]):
                return Named(target, f"{name!r} names a unit of {quantity}", True, unit, fuel)
    if not nearly or not bare:
        return None
    near = get_close_matches("_".join(bare), targets, n=1, cutoff=NEARLY_THE_NAME)
    if not near:
        return None
    target, place = targets[near[0]]
    return Named(target, f"{name!r} reads like {near[0]!r}", False, unit, fuel, currency, place)


def _find(parts: tuple[str, ...]) -> tuple[str, int] | None:
    """Look words up as they are, then without the small ones between them."""
    targets = _targets()
    content = [part for part in parts if part not in _SMALL_WORDS]
    return targets.get("_".join(parts)) or (targets.get("_".join(content)) if content else None)


def _uncompounded(part: str) -> tuple[str, ...]:
    """Part a fuel from what is said of it: ``gasverbrauch`` is ``gas`` and ``verbrauch``."""
    for fuel in COMPOUNDS_OF:
        rest = part.removeprefix(fuel)
        if rest != part and rest in _targets():
            return ("strom" if fuel.startswith("elektr") else fuel, rest)
    return (part,)


def _apart(name: str) -> str:
    return re.sub(r"(?<=[^\W\d_A-ZÄÖÜ]{2})(?=[A-ZÄÖÜÁÉÍÓÚÑ])", "_", name)  # YearBuilt, but kWh


def _parts(spelt: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[^0-9a-z]+", spelt) if part)


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
