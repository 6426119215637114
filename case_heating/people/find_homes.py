"""Find a home by its id, a part of it, or words of its address and place; quick on hundreds of thousands of homes."""

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from case_heating.errors import SourceError
from case_heating.people.words import name_of

PLACE_COLUMNS = ("district", "place_id", "state", "division")
"""Columns of ``homes`` that say where a home stands, besides its address, the narrowest first; any may be lacking."""

LONGEST_QUERY = 100  # letters that are read of what somebody types; an address is shorter
MOST_WORDS = 8  # of a query; each is looked for in every home

SURE = 0.97  # probability from which an example is a sure one


@dataclass(frozen=True)
class HomeFinder:
    """The homes of a source, ready to be searched; make one with :func:`learn_finder`.

    Attributes
    ----------
    home_ids : Index of str, shape (n_homes,)
        The ids.
    where : ndarray of str, shape (n_homes,)
        Address, kind of dwelling and place of each home, in words.
    """

    home_ids: pd.Index
    where: np.ndarray
    _ids: pd.Series
    _texts: pd.Series


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    n_homes : int
        All homes that fit.
    homes : DataFrame
        The first of them, best first: ``home_id`` and ``where``.
    """

    n_homes: int
    homes: pd.DataFrame


def learn_finder(homes: pd.DataFrame) -> HomeFinder:
    """Make the homes of a source ready to be searched.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        The trusted ``homes``.
    """
    names = [name for name in ("dwelling_type", *PLACE_COLUMNS) if name in homes]
    facts = homes[names].astype("str").fillna("")
    # Many homes share a place: each is put into words once.
    code = facts.groupby(names, sort=False).ngroup().to_numpy() if names else np.zeros(len(homes), dtype=int)
    rows = facts.iloc[np.unique(code, return_index=True)[1]].to_dict("records")
    said = [_where(row) for row in rows]
    folded = [fold(" ".join([where, *row.values()])) for where, row in zip(said, rows, strict=True)]
    where, texts = (np.array(words, dtype=object)[code] for words in (said, folded))
    if "address" in homes:
        address = homes["address"].astype("str").fillna("").to_numpy(dtype=object)
        small = [text.lower() if text.isascii() else fold(text) for text in address]
        where = np.array(
            [f"{at}, {rest}" if at and rest else at or rest for at, rest in zip(address, where, strict=True)]
        )
        texts = np.array([f"{at} {rest}" for at, rest in zip(small, texts, strict=True)], dtype=object)
    ids = homes["home_id"].astype("str").str.lower().reset_index(drop=True)
    return HomeFinder(pd.Index(homes["home_id"]), where, ids, ids + " " + pd.Series(texts, dtype="str"))


def find_homes(finder: HomeFinder, query: str, *, limit: int = 10) -> Found:
    """Find the homes in which every word of a query occurs: in the id, the place or the kind of dwelling.

    Parameters
    ----------
    finder : HomeFinder
        From :func:`learn_finder`.
    query : str
        What somebody typed; anything at all. Large and small letters and accents make no difference; it is read as
        plain text, up to 100 letters and 8 words of it.
    limit : int
        Homes to give.

    Returns
    -------
    Found
        First the home with this very id, then one whose id has this number (``42`` is ``h0000042``), then ids that
        begin with the first word, ids that hold it, and the rest; among equals in the order of ``homes``.

    Examples
    --------
    >>> homes = pd.DataFrame({"home_id": ["h041", "h042", "h142"], "district": ["d1", "d1", "d2"]})
    >>> finder = learn_finder(homes)
    >>> find_homes(finder, "42").homes["home_id"].tolist(), find_homes(finder, " D1 ").n_homes
    (['h042', 'h142'], 2)
    """
    words = fold(query[:LONGEST_QUERY]).replace(",", " ").split()[:MOST_WORDS]
    if not words:
        return Found(0, pd.DataFrame({"home_id": [], "where": []}, dtype="str"))
    fits = np.ones(len(finder.home_ids), dtype=bool)
    for word in words:
        fits &= finder._texts.str.contains(word, regex=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(fits)
    ids = finder._ids.iloc[rows]
    rank = np.full(len(rows), 4)
    rank[ids.str.contains(words[0], regex=False).to_numpy(dtype=bool)] = 3
    rank[ids.str.startswith(words[0]).to_numpy(dtype=bool)] = 2
    if words[0].isdecimal() and words[0].isascii():
        number = ids.str.replace(r"\D", "", regex=True).str.lstrip("0")
        rank[(number == words[0].lstrip("0")).to_numpy(dtype=bool)] = 1
    rank[(ids == words[0]).to_numpy(dtype=bool)] = 0
    first = rows[np.argsort(rank, kind="stable")[:limit]]
    homes = pd.DataFrame({"home_id": finder.home_ids[first].astype("str"), "where": finder.where[first]})
    return Found(len(rows), homes)


def unknown_home(source: str, finder: HomeFinder, home_id: str) -> SourceError:
    """Give the error that names ids like one that is not there."""
    shown = home_id if len(home_id) <= 40 else f"{home_id[:40]}…"
    near = find_homes(finder, home_id, limit=3).homes["home_id"].tolist()
    begins = f"ids like it are {', '.join(near)}" if near else f"the first id is {finder.home_ids[0]}"
    return SourceError(f"{source} has no home {shown!r} among its {len(finder.home_ids):,}; {begins}")


def homes_to_begin_with(answers: pd.DataFrame) -> dict[str, str]:
    """Choose homes to look at first: a sure gas one, a sure electric one, and the least sure.

    Parameters
    ----------
    answers : DataFrame
        By ``home_id``, with ``probability_of_gas`` and ``seen``; homes nobody has looked at are preferred.

    Returns
    -------
    dict of str
        Home by ``gas``, ``electricity`` and ``unsure``; a kind without any home is left out.
    """
    unseen = answers[answers["seen"].isna()]
    gas = (unseen if len(unseen) else answers)["probability_of_gas"].dropna()
    found = {
        "gas": gas.index[gas >= SURE],
        "electricity": gas.index[gas <= 1 - SURE],
        "unsure": (gas - 0.5).abs().sort_values(kind="stable").index[:1],
    }
    return {kind: str(homes[0]) for kind, homes in found.items() if len(homes)}


def fold(text: str) -> str:
    """Bring text to the letters that are compared: small, without accents, without what cannot be seen.

    >>> fold("Cañada Road 12")
    'canada road 12'
    """
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if unicodedata.category(letter)[0] not in "CM")


def _where(row: dict[str, str]) -> str:
    """Say what kind of home it is and where it stands."""
    said = [name_of(row["dwelling_type"])] if row.get("dwelling_type") else []
    said += [f"district {row['district']}"] if row.get("district") else []
    said += [row["state"]] if row.get("state") else [name_of(row["division"])] if row.get("division") else []
    return ", ".join(said)
