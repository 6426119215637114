"""Why are gas homes of one group called electric more often? What the data say of it, and no more than that.

Each group is compared with the largest group of its trait, on gas homes. Standardised to place, dwelling type and
tenure the gap compares homes that are alike in these: what goes away with them goes with them; what stays goes with
something else, or with chance. The gap to be expected is the one that the probabilities themselves imply: if they are
right in each group, gas homes where gas is rare are taken for electric more often, without any group's facts being
read differently.

References
----------
.. [1] J. Kleinberg et al., "Inherent trade-offs in the fair determination of risk scores", ITCS 2017.
.. [2] K. J. Rothman et al., "Modern Epidemiology", chapter on standardisation.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.model.evidence import Evidence
from case_heating.model.fairness import FairnessLimits, Traits
from case_heating.model.group_figures import INTERVAL, draw_sums, ratio

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def standardised_gaps(
    evidence: Evidence,
    probability: Floats,
    traits: Traits,
    *,
    limits: FairnessLimits,
    rounds: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare the share of gas homes called electric, crude and between homes that are alike.

    Parameters
    ----------
    evidence : Evidence
        Labelled homes; its regions are the places.
    probability : ndarray, shape (n_homes,)
        Held-out probability of gas.
    traits : Traits
        Of the same homes.
    limits : FairnessLimits
        Groups need as many homes as are judged, and as many gas homes as are shown.
    rounds, seed : int
        Bootstrap draws.

    Returns
    -------
    DataFrame, one row per group and step
        ``trait``, ``group``, ``reference`` (largest group of the trait), ``alike_in`` (nothing, then one more fact at
        each step), ``gap`` with ``low`` and ``high``, ``compared`` (share of the group's gas homes with an alike one
        in the reference), ``expected`` (gap that the probabilities imply), ``heats_with_gas`` and
        ``reference_heats_with_gas`` (shares of all labelled homes of both).
    """
    is_gas, called_electric = evidence.is_gas, probability < 0.5
    facts = {"place": evidence.region.astype("str")}
    if "dwelling_type" in evidence.homes:
        facts["dwelling type"] = evidence.homes["dwelling_type"].astype("str")
    if "tenure" in traits.groups:
        facts["tenure"] = traits.groups["tenure"]
    rows = []
    for trait in traits.groups:
        group_of = traits.groups[trait].to_numpy(dtype=object, na_value="")
        sizes = traits.groups[trait].value_counts()
        gas_homes = {group: np.flatnonzero((group_of == group) & is_gas) for group in sizes.index}
        reference = sizes.index[0]
        judged = [
            group
            for group in sizes.index[1:]
            if sizes[group] >= limits.min_homes_judged and len(gas_homes[group]) >= limits.min_homes_shown
        ]
        steps = [name for name in facts if name != trait]
        for group in judged if len(gas_homes[reference]) >= limits.min_homes_shown else ():
            both = (gas_homes[group], gas_homes[reference])
            base = {
                "trait": trait,
                "group": group,
                "reference": reference,
                "expected": _expected(probability, group_of == group) - _expected(probability, group_of == reference),
                "heats_with_gas": float(is_gas[group_of == group].mean()),
                "reference_heats_with_gas": float(is_gas[group_of == reference].mean()),
            }
            for n_facts in range(len(steps) + 1):
                cell = _cells([facts[name] for name in steps[:n_facts]], len(is_gas))
                found = _standardise(called_electric, both, cell, rounds=rounds, seed=seed)
                rows.append(base | {"alike_in": ", ".join(steps[:n_facts]) or "nothing"} | found)
    return pd.DataFrame(rows)


def _expected(probability: Floats, inside: Bools) -> float:
    """Share of gas homes called electric if the probabilities of these homes are right."""
    own = probability[inside]
    return float(own[own < 0.5].sum() / own.sum())


def _cells(facts: Sequence[pd.Series], n_homes: int) -> npt.NDArray[np.intp]:
    """Give a number to each of the combinations of facts; a missing fact is a value like any other."""
    if not facts:
        return np.zeros(n_homes, dtype=np.intp)
    table = pd.DataFrame({number: fact.fillna("(not known)").to_numpy() for number, fact in enumerate(facts)})
    return table.groupby(list(table)).ngroup().to_numpy()


def _standardise(
    called_electric: Bools,
    both: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    cell: npt.NDArray[np.intp],
    *,
    rounds: int,
    seed: int,
) -> dict[str, float]:
    """Gap of two sets of gas homes, cell by cell, weighted by the first one's homes."""
    cells = np.intersect1d(cell[both[0]], cell[both[1]])
    if not len(cells):
        return {"gap": np.nan, "low": np.nan, "high": np.nan, "compared": 0.0}
    rows = np.concatenate(both)
    first = np.arange(len(rows)) < len(both[0])
    members = [np.flatnonzero((cell[rows] == number) & side) for side in (first, ~first) for number in cells]
    parts = np.column_stack([called_electric[rows], np.ones(len(rows))]).astype(float)
    whole = np.stack([parts[own].sum(axis=0) for own in members])
    drawn = draw_sums(parts, members, rounds=rounds, seed=seed)
    sums = np.concatenate([whole[None], drawn])
    n_first = sums[:, : len(cells), 1]
    share_first, share_second = (ratio(half[..., 0], half[..., 1]) for half in np.split(sums, 2, axis=1))
    weight = np.where(np.isnan(share_first - share_second), 0.0, n_first)
    gaps = (np.nan_to_num(share_first - share_second) * weight).sum(axis=1) / weight.sum(axis=1)
    low, high = np.percentile(gaps[1:], INTERVAL)
    return {
        "gap": float(gaps[0]),
        "low": float(low),
        "high": float(high),
        "compared": float(whole[: len(cells), 1].sum() / len(both[0])),
    }
