"""For whom is it wrong: the figures of each group, and how far they lie from those of other homes.

Positive means gas: the selection rate is the share of homes called gas. Figures by group are those of fairlearn's
``MetricFrame``; their intervals come from bootstrap draws of homes. A group is compared with all other homes
whose trait is known.

The gaps are corrected for the number of groups looked at by Benjamini and Hochberg's method, which bounds the share
of false alarms among the alarms. Holm's bounds the chance of a single one, so that with it every further pair of
traits looked at would make a known harm harder to see: one could pass by looking at more. False alarms are kept rare
by the limits as well, since a gap must exceed its limit to count.

References
----------
.. [1] Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
.. [2] S. Bird et al., "Fairlearn", MSR-TR-2020-32; https://fairlearn.org
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control

from case_heating.errors import NotEnoughDataError
from case_heating.model.group_figures import Answers, measure_groups, spread_of_groups
from case_heating.schema import SENSITIVE, Tables

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SENSITIVE_TRAITS = tuple(name for name in SENSITIVE.column_names if name != "home_id")
PAIR_SIGN = " × "
TRAITS = (*SENSITIVE_TRAITS, "area_type")


@dataclass(frozen=True)
class FairnessLimits:
    """How far a group may lie from all other homes before a model is refused.

    The limits on gaps are choices of the utility and its regulator, not laws of statistics: they say how much worse one
    group may be served. The selection rate has none, because homes of different regions do heat with different
    fuels: a model that called gas equally often in all groups would be wrong on purpose. Accuracy has none of its own,
    because both kinds of error have one.

    Attributes
    ----------
    min_homes_shown : int
        Fewest homes behind a figure that is shown [homes]: fewer say little and may point at a person.
    min_homes_judged : int
        Fewest homes of a group that is judged [homes]: with 200 an error rate of 0.15 is known to ± 0.05.
    max_error_gap : float
        Either kind of error, above that of other homes [share]: 5 more of 100 homes written to about the wrong fuel.
    max_calibration_gap : float
        Distance of said minus came true from that of other homes [share]; as the errors, since money follows it.
    max_review_gap : float
        Share sent to people, above that of other homes [share]; wider, as a review delays an answer and harms nobody.
    max_cost_gap : float
        Cost error as a share of the cost, above that of other homes [share]: 5 more of each 100 USD billed. The error
        in USD has no limit: a group with larger bills is told them with larger errors.
    max_accuracy_price : float
        Accuracy that a remedy may cost [share]: as much as leaving out a whole source of facts, such as the place.
    false_discovery_rate : float
        Largest expected share of false alarms among the gaps called real.
    needed_traits : tuple of str
        Without any one of these judged there is no passing.
    """

    min_homes_shown: int = 30
    min_homes_judged: int = 200
    max_error_gap: float = 0.05
    max_calibration_gap: float = 0.05
    max_review_gap: float = 0.10
    max_cost_gap: float = 0.05
    max_accuracy_price: float = 0.02
    false_discovery_rate: float = 0.05
    needed_traits: tuple[str, ...] = SENSITIVE_TRAITS

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "needed_traits" and not value > 0:
                raise ValueError(f"FairnessLimits.{field.name} is {value}; it must be above 0")

    @property
    def of_measure(self) -> dict[str, float]:
        """Largest gap allowed for each measure that has a limit."""
        return {
            "gas_called_electric": self.max_error_gap,
            "electric_called_gas": self.max_error_gap,
            "calibration_gap": self.max_calibration_gap,
            "sent_to_people": self.max_review_gap,
            "cost_error_share": self.max_cost_gap,
        }


@dataclass(frozen=True)
class Traits:
    """Groups of each home, and the traits that cannot be looked at with the reason.

    Attributes
    ----------
    groups : DataFrame of str, shape (n_homes, n_traits)
        Indexed by ``home_id``; only traits with at least two groups.
    absent : dict of str
        Why each other trait cannot be looked at.
    """

    groups: pd.DataFrame
    absent: dict[str, str]


@dataclass(frozen=True)
class Fairness:
    """What was found, group by group.

    Attributes
    ----------
    figures : DataFrame, one row per group and measure
        ``trait`` (two joined by ``×`` for pairs), ``group``, ``n_homes`` in it, ``measure``, ``n`` (homes behind the
        figure), ``value``, ``low``, ``high``; ``gap`` to all other homes with ``gap_low`` and ``gap_high``; ``p_value``
        and, corrected for all gaps ``judged``, ``p_adjusted``.
    differences : DataFrame, one row per trait
        Among groups large enough to judge: ``demographic_parity``, the largest selection rate less the smallest (0: gas
        is said equally often in all), and ``equal_opportunity``, the same of the share of gas homes called gas (0: a
        gas home is recognised equally often in all). Each with ``_low``, ``_high`` and ``_by_chance``.
    too_small : dict of tuple of str
        By trait, the groups that are not shown because they hold too few homes.
    untold : dict of int
        By trait, the homes whose group is not known.
    absent : dict of str
        Traits that cannot be looked at, and why.
    """

    figures: pd.DataFrame
    differences: pd.DataFrame
    too_small: dict[str, tuple[str, ...]]
    untold: dict[str, int]
    absent: dict[str, str]
    n_homes: int
    n_comparisons: int


def traits_of(tables: Tables, home_ids: pd.Index) -> Traits:
    """Look up the groups of homes; the only place where the ``sensitive`` table is read.

    Parameters
    ----------
    tables : Tables
        Trusted tables with ``homes``; ``sensitive`` may be absent.
    home_ids : Index, shape (n_homes,)
        The homes, in the order wanted.
    """
    sensitive = tables.get("sensitive")
    own = pd.DataFrame(index=home_ids) if sensitive is None else sensitive.set_index("home_id").reindex(home_ids)
    homes = tables["homes"].set_index("home_id").reindex(home_ids)
    groups: dict[str, pd.Series] = {}
    absent: dict[str, str] = {}
    for trait in TRAITS:
        source, table = (homes, "homes") if trait == "area_type" else (own, "sensitive")
        if table == "sensitive" and sensitive is None:
            absent[trait] = "there is no table of sensitive traits"
        elif trait not in source:
            absent[trait] = f"the table {table} has no column {trait}"
        elif (known := source[trait].dropna()).empty:
            absent[trait] = f"it is missing for all {len(home_ids):,} homes"
        elif len(known.unique()) == 1:
            absent[trait] = f"all {len(known):,} homes where it is known are {known.iloc[0]}: nobody to compare with"
        else:
            groups[trait] = source[trait].astype("str")
    return Traits(pd.DataFrame(groups, index=home_ids), absent)


def measure_fairness(
    is_gas: Bools,
    probability: Floats,
    traits: Traits,
    *,
    limits: FairnessLimits,
    review_below: tuple[float, float] | None = None,
    costs: pd.DataFrame | None = None,
    threshold: float = 0.5,
    rounds: int = 500,
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
) -> Fairness:
    """Measure each group and each pair of traits on answers given while homes were held out.

    Parameters
    ----------
    is_gas : ndarray of bool, shape (n_homes,)
        The answers.
    probability : ndarray, shape (n_homes,)
        Held-out probability of gas; homes where it is missing are left out.
    traits : Traits
        Groups of the same homes.
    limits : FairnessLimits
        Fewest homes to show and to judge.
    review_below : tuple of float, optional
        Homes called gas with less than the first, or electric with less than the second probability, go to people;
        without it that share is not measured.
    costs : DataFrame, optional
        ``error_usd`` and ``cost_usd`` of homes by ``home_id`` [USD a year]; of an error its size counts, not its sign.
        Homes without are left out.
    threshold : float
        Homes are called gas from this probability on.
    rounds, seed : int
        Bootstrap draws and their seed.
    progress : callable, optional
        Told what is being measured and the share done.

    Raises
    ------
    NotEnoughDataError
        If no home has a held-out probability, or answers and traits are of different homes.
    """
    if not len(is_gas) == len(probability) == len(traits.groups):
        raise NotEnoughDataError(
            f"{len(is_gas):,} answers, {len(probability):,} probabilities and the traits of {len(traits.groups):,} "
            "homes do not belong together; hand in the same homes in the same order"
        )
    seen = ~np.isnan(probability)
    if not seen.any():
        raise NotEnoughDataError("no home has an answer from a model that had not seen it; hold homes out first")
    groups, said = traits.groups[seen], probability[seen]
    told = None if costs is None else costs.reindex(groups.index).astype(float)
    answers = Answers(
        is_gas=is_gas[seen],
        said_gas=said >= threshold,
        probability=said,
        sent=None if review_below is None else np.maximum(said, 1 - said) < np.where(said >= threshold, *review_below),
        cost_error_usd=None if told is None else told["error_usd"].to_numpy(),
        cost_usd=None if told is None else told["cost_usd"].to_numpy(),
    )
    sets = [groups[name] for name in groups] + _pairs(groups)
    sizes = {joined.name: joined.value_counts() for joined in sets}
    if progress:
        progress("measuring groups", 0.0)
    found = measure_groups(answers, sets, min_homes=limits.min_homes_shown, rounds=rounds, seed=seed)
    figures, n_comparisons = _correct(found, limits)
    return Fairness(
        figures=figures,
        differences=_differences(answers, groups, limits, rounds, seed),
        too_small={
            str(name): tuple(sorted(size.index[size < limits.min_homes_shown]))
            for name, size in sizes.items()
            if (size < limits.min_homes_shown).any()
        },
        untold={name: int(groups[name].isna().sum()) for name in groups if groups[name].isna().any()},
        absent=traits.absent,
        n_homes=len(groups),
        n_comparisons=n_comparisons,
    )


def _correct(figures: pd.DataFrame, limits: FairnessLimits) -> tuple[pd.DataFrame, int]:
    """Mark what is judged and correct its gaps for their number."""
    judged = (
        (figures["n_homes"] >= limits.min_homes_judged)
        & figures["measure"].isin(list(limits.of_measure))
        & figures["p_value"].notna()
    ).to_numpy(dtype=bool)
    adjusted = np.full(len(figures), np.nan)
    if judged.any():
        adjusted[judged] = false_discovery_control(figures.loc[judged, "p_value"].to_numpy(dtype=float), method="bh")
    return figures.assign(p_adjusted=adjusted, judged=judged), int(judged.sum())


def _differences(
    answers: Answers, groups: pd.DataFrame, limits: FairnessLimits, rounds: int, seed: int
) -> pd.DataFrame:
    """Per trait, the demographic parity and the equal opportunity difference among its groups large enough to judge."""
    rows = []
    for trait in groups:
        sizes = groups[trait].value_counts()
        large = sizes.index[sizes >= limits.min_homes_judged]
        inside = groups[trait].isin(large).to_numpy()
        if len(large) > 1:
            found = spread_of_groups(answers, groups[trait].where(inside), rounds=rounds, seed=seed)
            rows.append({"trait": trait, "n_groups": len(large)} | found)
    return pd.DataFrame(rows).set_index("trait") if rows else pd.DataFrame()


def _pairs(groups: pd.DataFrame) -> list[pd.Series]:
    """Pair the traits; not where one of them is the same for all homes of which both are known, as that is no pair."""
    pairs = []
    for first, second in combinations(groups, 2):
        both = groups[[first, second]].dropna()
        if min(len(both[name].unique()) for name in both) > 1:
            pair = groups[first] + PAIR_SIGN + groups[second]
            pairs.append(pair.rename(f"{first}{PAIR_SIGN}{second}"))
    return pairs
