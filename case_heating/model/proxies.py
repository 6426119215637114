"""Can the features tell the trait, which of them carry it, and what becomes of the answers without them?

A trait that is never a feature may still be told by the features that are: a home's place, kind and size say something
of who lives there. The area under the curve (AUC) says how well: 0.5 is not at all, 1 is always.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from case_heating.features.stages import FEATURE
from case_heating.model.fairness import FairnessLimits, Traits
from case_heating.model.fuel import FuelParams, encode, grow_trees, learn_encoding
from case_heating.model.held_out import score_held_out
from case_heating.model.quality import compare, judge
from case_heating.model.split import by_home
from case_heating.settings import Settings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]

KINDS = ("place", "dwelling", "electricity use", "weather", "bill signature", "gas")
N_TREES = 100  # half of what the fuel model may grow: an AUC is asked for, not the best model of a trait

_KIND_OF_STAGE = {
    "location": "place",
    "billing": "electricity use",
    "weather": "weather",
    "property": "dwelling",
    "monthly": "bill signature",
    "gas_service": "gas",
    "gas_bills": "gas",
}


def kind_of(feature: str) -> str:
    """Say which kind of fact a feature is.

    >>> [kind_of(name) for name in ("climate", "dwelling_type", "kwh_per_sqft", "hdd_year", "year_built")]
    ['place', 'dwelling', 'electricity use', 'weather', 'dwelling']
    """
    if feature == "dwelling_type":
        return "dwelling"
    return "electricity use" if feature.startswith("kwh_") else _KIND_OF_STAGE[FEATURE[feature].stage]


def tell_traits(
    features: pd.DataFrame,
    traits: Traits,
    *,
    limits: FairnessLimits,
    settings: Settings,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Predict each group of each sensitive trait from the features, on homes held out.

    The kind of area is a feature itself and is left out.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        What the fuel model is given.
    traits : Traits
        Of the same homes.
    limits : FairnessLimits
        Groups, and their other homes, need as many homes as are judged.
    settings : Settings
        Folds, seed, threads and bootstrap rounds.
    progress : callable, optional
        Told what is being done and the share done.

    Returns
    -------
    DataFrame, one row per group; of two groups the smaller
        ``trait``, ``group``, ``n_homes``, ``auc``, ``low``, ``high``, and for each kind of fact the AUC that is lost
        when the facts of that kind are dealt out anew among the homes held out.
    """
    targets = _targets(features, traits, limits)
    kinds = [kind for kind in KINDS if any(kind_of(name) == kind for name in features)]
    rows = []
    for number, (trait, group) in enumerate(targets):
        if progress:
            progress(f"telling {trait}", number / len(targets))
        known = traits.groups[trait].notna().to_numpy()
        is_group = (traits.groups[trait][known] == group).to_numpy(dtype=bool)
        score, lost = _score_and_shuffle(features[known], is_group, kinds, settings)
        auc = judge(is_group, score, rounds=settings.bootstrap_rounds, seed=settings.seed)["auc"]
        row = {"trait": trait, "group": group, "n_homes": int(is_group.sum())}
        rows.append(row | {"auc": auc.value, "low": auc.low, "high": auc.high} | lost)
    return pd.DataFrame(rows, columns=["trait", "group", "n_homes", "auc", "low", "high", *kinds])


def do_without(
    features: pd.DataFrame,
    is_gas: Bools,
    probability: Floats,
    traits: Traits,
    *,
    limits: FairnessLimits,
    settings: Settings,
    n_trees: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Train the fuel model again without each kind of fact, and see what accuracy and gaps become.

    Parameters
    ----------
    features, is_gas, probability
        Of the same homes; the probability is that of the model with all features, on homes held out.
    traits : Traits
        Of the same homes.
    limits : FairnessLimits
        Groups with as many homes as are judged are compared.
    settings : Settings
        Folds, seed, threads and bootstrap rounds.
    n_trees : int, optional
        Trees of each model; if not given each chooses its own.
    progress : callable, optional
        Told what is being done and the share done.

    Returns
    -------
    DataFrame, indexed by the kind left out, the first row ``nothing``
        ``accuracy``, ``price`` (accuracy lost) with ``price_low`` and ``price_high``, and for each trait the equal
        opportunity difference: the largest share of gas homes called gas less the smallest.
    """
    kinds = [kind for kind in KINDS if any(kind_of(name) == kind for name in features)]
    splits = by_home(is_gas, folds=settings.folds, seed=settings.seed)
    rows = {"nothing": _price(is_gas, probability, probability, traits, limits, settings)}
    for number, kind in enumerate(kinds):
        if progress:
            progress(f"doing without {kind}", number / len(kinds))
        kept = features[[name for name in features if kind_of(name) != kind]]
        if kept.notna().any(axis=None):
            found = score_held_out(
                kept, is_gas, splits, FuelParams(), seed=settings.seed, threads=settings.threads, n_trees=n_trees
            )
            rows[kind] = _price(is_gas, found.calibrated(is_gas), probability, traits, limits, settings)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("left_out")


def equal_opportunity(is_gas: Bools, said_gas: Bools, group: pd.Series, *, min_homes: int) -> float:
    """Largest less smallest share of gas homes called gas, among groups of enough homes; missing with fewer than two.

    >>> truth, said = np.array([True, True, True, True]), np.array([True, True, True, False])
    >>> equal_opportunity(truth, said, pd.Series(["a", "a", "b", "b"]), min_homes=2)
    0.5
    """
    sizes = group.value_counts()
    recalled = pd.Series(said_gas[is_gas], dtype=float).groupby(group[is_gas].to_numpy()).mean()
    large = recalled[recalled.index.isin(sizes.index[sizes >= min_homes])]
    return float(large.max() - large.min()) if len(large) > 1 else np.nan


def _targets(features: pd.DataFrame, traits: Traits, limits: FairnessLimits) -> list[tuple[str, str]]:
    """Choose groups that have, and whose other homes have, enough homes; of two groups the smaller stands for both."""
    targets = []
    for trait in traits.groups:
        if trait in features:
            continue
        sizes = traits.groups[trait].value_counts()
        large = sizes.index[(sizes >= limits.min_homes_judged) & (sizes.sum() - sizes >= limits.min_homes_judged)]
        chosen = large[-1:] if len(sizes) == 2 else sorted(large)
        targets += [(str(trait), str(group)) for group in chosen]
    return targets


def _score_and_shuffle(
    features: pd.DataFrame, is_group: Bools, kinds: list[str], settings: Settings
) -> tuple[Floats, dict[str, float]]:
    """Held-out probability of the group, and the AUC lost by dealing out each kind of fact anew."""
    encoding = learn_encoding(features)
    matrix = encode(features, encoding)
    columns = {kind: [i for i, name in enumerate(encoding.names) if kind_of(name) == kind] for kind in kinds}
    splits = list(StratifiedKFold(settings.folds, shuffle=True, random_state=settings.seed).split(matrix, is_group))

    def one(number: int) -> tuple[Floats, dict[str, float]]:
        train, test = splits[number]
        booster = grow_trees(
            matrix[train], is_group[train], encoding, FuelParams(), n_trees=N_TREES, seed=settings.seed
        )
        said = np.asarray(booster.predict(matrix[test], num_threads=1))
        rng = np.random.default_rng([settings.seed, number])
        whole, lost = roc_auc_score(is_group[test], said), {}
        for kind, own in columns.items():
            shuffled = matrix[test].copy()
            shuffled[:, own] = shuffled[rng.permutation(len(test))][:, own]
            lost[kind] = whole - roc_auc_score(is_group[test], booster.predict(shuffled, num_threads=1))
        return said, lost

    with ThreadPoolExecutor(settings.threads) as pool:
        results = list(pool.map(one, range(len(splits))))
    score = np.empty(len(is_group))
    for (_, test), (said, _) in zip(splits, results, strict=True):
        score[test] = said
    return score, {kind: float(np.mean([lost[kind] for _, lost in results])) for kind in kinds}


def _price(
    is_gas: Bools, probability: Floats, whole: Floats, traits: Traits, limits: FairnessLimits, settings: Settings
) -> dict[str, float]:
    both = compare(is_gas, probability, whole, rounds=settings.bootstrap_rounds, seed=settings.seed)
    gain = both.gain["accuracy"]
    row = {"accuracy": both.model["accuracy"].value, "price": 0.0 - gain.value}
    row |= {"price_low": 0.0 - gain.high, "price_high": 0.0 - gain.low}
    return row | {
        str(trait): equal_opportunity(
            is_gas, probability >= 0.5, traits.groups[trait], min_homes=limits.min_homes_judged
        )
        for trait in traits.groups
    }
