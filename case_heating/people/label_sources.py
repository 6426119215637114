"""Why a report has several accuracies: how the homes were hidden, and who told what they heat with.

They are all of the same kind of answer; they differ because the homes do. A rebate hears only of homes that went
electric, and of each of them, so that such homes are more among the labels than among homes nobody has looked at.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.evidence import Evidence
from case_heating.model.ladder import Rung, Untargeted
from case_heating.model.quality import Comparison, Figure
from case_heating.people.counts import MIN_CELL_HOMES, share_of
from case_heating.people.gate_section import GateFindings
from case_heating.people.words import count, homes, interval, of_100, percent

POOLED = "other sources"
_CELLS = ("right", "interval", "homes", "naive")
HIDDEN = {
    "by_home": ("Held out at random", "other homes of their neighbourhood were known"),
    "by_region": ("Held out by region", "no home of their region was known"),
    "by_time": ("Labelled later", "by a model that knew only what was known a year before"),
}


@dataclass(frozen=True)
class SourceShare:
    """Held-out answers to the homes that one source of labels told of.

    Attributes
    ----------
    source : str
        In words; sources of few homes are pooled.
    n_homes : int
    gas : float
        Share of them that heat with gas.
    right : Figure
        Share of them answered right.
    """

    source: str
    n_homes: int
    gas: float
    right: Figure


def shares_by_source(evidence: Evidence, probability: npt.NDArray[np.float64]) -> tuple[SourceShare, ...]:
    """Give the share answered right by who told the fuel, most homes first; nothing where no two sources can be told.

    A source of fewer than :data:`~case_heating.people.counts.MIN_CELL_HOMES` homes is pooled with the others like it,
    and all of them are left out where they are too few together.

    Parameters
    ----------
    evidence : Evidence
        Labelled homes.
    probability : ndarray, shape (n_homes,)
        Held-out probability of gas of each.
    """
    if evidence.seen_by is None:
        return ()
    seen_by = evidence.seen_by.astype("str").str.strip()
    sizes = seen_by.value_counts()
    large = sizes.index[sizes >= MIN_CELL_HOMES]
    name = seen_by.where(seen_by.isin(large), POOLED)
    table = pd.DataFrame(
        {"source": name.to_numpy(), "right": (probability >= 0.5) == evidence.is_gas, "gas": evidence.is_gas}
    )
    found = [
        SourceShare(
            str(source).replace("_", " "),
            len(own),
            float(own["gas"].mean()),
            share_of(int(own["right"].sum()), len(own)),
        )
        for source, own in table.groupby("source")
        if len(own) >= MIN_CELL_HOMES
    ]
    found.sort(key=lambda share: (share.source == POOLED, -share.n_homes, share.source))
    return tuple(found) if len(found) > 1 else ()


def sources_in_words(shares: tuple[SourceShare, ...], evidence: Evidence, rung: Rung) -> tuple[str, ...]:
    """Say which source's homes are answered right least often, and what is left out."""
    if not shares:
        return ()
    all_right = rung.by_home.model["accuracy"].value
    low = min(shares, key=lambda share: share.right.value)
    surely = "" if low.right.high < all_right else ", which chance may explain"
    said = [
        f"Right least often: homes told by “{low.source}”, {of_100(low.right.value)} of {homes(low.n_homes)} against "
        f"{of_100(all_right)} of all{surely}."
    ]
    n_targeted = int(evidence.is_targeted.sum())
    if n_targeted:
        said.append(
            f"A rebate hears only of homes that went electric, and of each of them: {homes(n_targeted)} here. Bills of "
            "their last twelve months still tell of the old heating. Among homes nobody has looked at there are fewer "
            "of them, so the gate and the section on fairness leave them out."
        )
    hidden = len(evidence.is_gas) - sum(share.n_homes for share in shares)
    if hidden:
        said.append(f"Sources with fewer than {MIN_CELL_HOMES} homes together are left out: {homes(hidden)}.")
    return tuple(said)


def accuracies(rung: Rung, gate: GateFindings | None = None) -> list[dict[str, str]]:
    """Give a row for each way in which homes were hidden: on all of them, and without those known from a rebate.

    Parameters
    ----------
    rung : Rung
        The report's last rung.
    gate : GateFindings, optional
        The model that serves was judged on homes of its own, rebates left out.

    Returns
    -------
    list of dict of str
        ``name``, ``about``, ``right``, ``interval``, ``homes``, ``naive``, and the same four of homes without those
        known from a rebate, each with ``untargeted_`` before its name and empty where there are none such.
    """
    rows = []
    for kind, (name, about) in HIDDEN.items():
        comparison: Comparison | None = getattr(rung, kind)
        if comparison is not None:
            rows.append({"name": name, "about": about} | _cells(comparison) | _without(rung.untargeted, kind))
    served = _served(gate)
    if served:
        empty = dict.fromkeys(_CELLS, "")
        own = served if rung.untargeted is None else {f"untargeted_{name}": cell for name, cell in served.items()}
        rows.append(
            {"name": "The model that serves, at the gate", "about": "labels that became known after its training"}
            | empty
            | {f"untargeted_{name}": "" for name in _CELLS}
            | own
        )
    return rows if len(rows) > 1 or rung.untargeted is not None else []


def accuracies_in_words(rung: Rung) -> str:
    """Say why the figures differ, and which of them to take for what."""
    said = "They differ because the homes do. Take the first for homes like those that were asked"
    if rung.by_region is not None:
        said += ", the second for a region where nobody was asked"
    if rung.by_time is not None:
        said += f"{', the third' if rung.by_region is not None else ', the second'} for homes that will be asked"
    return f"{said}."


def sources_figures(shares: tuple[SourceShare, ...]) -> list[dict[str, Any]]:
    """Give the same for machines."""
    return [
        {
            "source": share.source,
            "n_homes": share.n_homes,
            "heats_with_gas": share.gas,
            "share": share.right.value,
            "low": share.right.low,
            "high": share.right.high,
        }
        for share in shares
    ]


def targeted_right(evidence: Evidence, probability: npt.NDArray[np.float64]) -> Figure | None:
    """Give the share answered right of homes known from a rebate; nothing where there are too few."""
    rows = evidence.is_targeted
    n = int(rows.sum())
    if n < MIN_CELL_HOMES:
        return None
    return share_of(int((((probability >= 0.5) == evidence.is_gas) & rows).sum()), n)


def _without(untargeted: Untargeted | None, kind: str) -> dict[str, str]:
    comparison = None if untargeted is None else getattr(untargeted, kind)
    cells = dict.fromkeys(_CELLS, "") if comparison is None else _cells(comparison)
    return {f"untargeted_{name}": cell for name, cell in cells.items()}


def _cells(comparison: Comparison) -> dict[str, str]:
    right = comparison.model["accuracy"]
    return {
        "right": percent(right.value),
        "interval": interval(right),
        "homes": count(comparison.model.n_homes),
        "naive": percent(comparison.rival["accuracy"].value),
    }


def _served(gate: GateFindings | None) -> dict[str, str]:
    decision = None if gate is None or gate.champion is None else gate.champion.decision
    if decision is None or decision.right is None:
        return {}
    right = share_of(round(decision.right * decision.n_homes), decision.n_homes)
    naive = "" if decision.naive_right is None else percent(decision.naive_right)
    return {
        "right": percent(right.value),
        "interval": interval(right),
        "homes": count(decision.n_homes),
        "naive": naive,
    }
