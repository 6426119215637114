"""How fresh both feature stores are: what the offline one has learned, and whether the online one serves all of it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from case_heating.errors import HeatingError
from case_heating.features.online import open_online, writes_behind
from case_heating.features.store import OfflineStore


@dataclass(frozen=True)
class StoresNow:
    """How the stores stand.

    Attributes
    ----------
    learned_until : date or None
        Last day on which the offline store learned something of features; nothing where it holds none.
    n_writes : int
        How often something was written to it.
    online_homes : int or None
        Homes the online store serves; ``None`` where nothing was brought online yet, or it is not known.
    online_behind : int or None
        Writes the online store has not been brought yet; ``None`` where it was filled from another store, or is not
        known.
    online_at : str
        Where it is, without a password.
    offline_trouble, online_trouble : str or None
        Why a store cannot be read, in words.
    """

    learned_until: date | None
    n_writes: int
    online_homes: int | None
    online_behind: int | None
    online_at: str
    offline_trouble: str | None = None
    online_trouble: str | None = None


def look_at_stores(offline: OfflineStore, online: str | Path, *, timeout_s: float = 1.0) -> StoresNow:
    """Look at both stores; one that cannot be read is told of and raises nothing.

    Parameters
    ----------
    offline : OfflineStore
        The offline store.
    online : str or Path
        Where the online one is, as for :func:`~case_heating.features.online.open_online`; a file that is not there is
        not made.
    timeout_s : float
        How long a Redis may take to answer. [s]
    """
    learned, n_writes, trouble = None, 0, None
    try:
        learned, n_writes = offline.learned_until(), len(offline.writes())
    except HeatingError as error:
        trouble = str(error)
    at = _without_password(online)
    if isinstance(online, Path) and not online.exists():
        return StoresNow(learned, n_writes, None, None, at, trouble)
    try:
        with open_online(online, timeout_s=timeout_s) as served:
            behind = None if trouble else writes_behind(offline, served)
            return StoresNow(learned, n_writes, served.count(), behind, at, trouble)
    except HeatingError as error:
        return StoresNow(learned, n_writes, None, None, at, trouble, str(error))


def _without_password(place: str | Path) -> str:
    scheme, separator, rest = str(place).partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else str(place)
