"""Where a model comes from: data, code, packages and choices, so that it can be made again and doubted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import pandas as pd

from case_heating.settings import Settings
from case_heating.workspace import fingerprint

LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")
"""Packages of which another version may give other trees."""

CHOICES = ("seed", "folds", "bootstrap_rounds", "min_labelled_homes", "usual_year_days")
"""Settings that decide what is learned; places, threads and the day of the run do not."""

_HOUSE = Path(__file__).parent.parent
_ROOMS = ("data", "features", "model", "release")


@dataclass(frozen=True)
class Lineage:
    """All that a model was made from; the same lineage and rows give the same bytes.

    Attributes
    ----------
    as_of : date
        The moment at which it was trained.
    cutoff : date
        The last day whose labels it was trained on.
    source : str
        Name of the source of its data.
    data_digests : dict of str
        By name of a table, a file or a partition, the digest of what was read.
    code_revision : str
        Digest of the package's modules, or a revision that the caller names.
    packages : dict of str
        Versions by package.
    choices : dict
        The settings that decide what is learned.
    """

    as_of: date
    cutoff: date
    source: str
    data_digests: dict[str, str]
    code_revision: str
    packages: dict[str, str]
    choices: dict[str, Any]

    def to_plain(self) -> dict[str, Any]:
        """Give it in values that JSON knows."""
        return asdict(self) | {"as_of": self.as_of.isoformat(), "cutoff": self.cutoff.isoformat()}

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_plain` gave."""
        days = {name: date.fromisoformat(told[name]) for name in ("as_of", "cutoff")}
        return cls(**(dict(told) | days))


def trace_lineage(
    settings: Settings,
    *,
    as_of: date,
    cutoff: date,
    data_digests: Mapping[str, str],
    code_revision: str | None = None,
) -> Lineage:
    """Write down what a training at a moment depends on.

    Parameters
    ----------
    settings : Settings
        Those of the training.
    as_of, cutoff : date
        The moment, and the last day whose labels are trained on.
    data_digests : mapping of str
        Digest by table, file or partition; see :func:`digest_of`.
    code_revision : str, optional
        A name for the code, such as a commit; the digest of the modules if not given.
    """
    return Lineage(
        as_of=as_of,
        cutoff=cutoff,
        source=settings.source,
        data_digests=dict(sorted(data_digests.items())),
        code_revision=code_revision or code_digest(),
        packages={name: version(name) for name in LIBRARIES},
        choices={name: getattr(settings, name) for name in CHOICES},
    )


def code_digest() -> str:
    """Digest of the modules that decide what a model becomes; the same on every machine with the same code."""
    paths = [path for room in _ROOMS for path in (_HOUSE / room).rglob("*.py")]
    named = sorted((path.relative_to(_HOUSE).as_posix(), path) for path in paths)
    return fingerprint(*(part for name, path in named for part in (name, path)))


def digest_of(frame: pd.DataFrame) -> str:
    """Digest of a frame's rows, columns and index; the order of rows counts.

    >>> digest_of(pd.DataFrame({"a": [1, 2]})) == digest_of(pd.DataFrame({"a": [2, 1]}))
    False
    """
    hashes = pd.util.hash_pandas_object(frame, index=True).to_numpy()
    return fingerprint(list(map(str, frame.columns)), hashes.tobytes().hex())
