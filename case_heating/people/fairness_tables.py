"""The tables of the fairness section, as people see them."""

import re
from dataclasses import dataclass

import pandas as pd

from case_heating.model.fairness import PAIR_SIGN
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.group_figures import MEASURES
from case_heating.model.proxies import KINDS
from case_heating.people.words import percent, points
from case_heating.schema import HOMES, SENSITIVE

TRAIT_WORDS = {
    "income_band": "Household income",
    "tenure": "Owner or renter",
    "race": "Race of the householder",
    "ethnicity": "Ethnicity",
    "area_type": "Kind of area",
}
GROUP_WORDS = {
    "under_20": "under 20,000 USD",
    "20_to_40": "20,000 to 40,000 USD",
    "40_to_60": "40,000 to 60,000 USD",
    "60_to_100": "60,000 to 100,000 USD",
    "100_and_over": "100,000 USD and over",
    "native_american": "Native American",
    "pacific_islander": "Pacific Islander",
    "not_hispanic": "not Hispanic",
}
MEASURE_HEADINGS = {
    "selection_rate": "Called gas",
    "accuracy": "Right",
    "gas_called_electric": "Gas called electric",
    "electric_called_gas": "Electric called gas",
    "calibration_gap": "Said minus came true, points",
    "sent_to_people": "Sent to people",
    "cost_error_usd": "Cost error, USD a year",
    "cost_error_share": "Cost error, share of the cost",
}
MAX_PAIRS_SHOWN = 10
_GROUPS_IN_ORDER = tuple(
    group for column in (*SENSITIVE.columns, HOMES.column("area_type")) for group in column.allowed
)
_TITLE_CASE = ("white", "black", "asian", "hispanic")


@dataclass(frozen=True)
class ShownTable:
    """A table as people see it; the first column names the row."""

    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def fairness_tables(study: FairnessStudy) -> dict[str, ShownTable]:
    """Lay out what was found; a table for which nothing was found is left out.

    Returns
    -------
    dict of ShownTable
        ``groups``, ``differences``, ``pairs``, ``causes``, ``proxies``, ``without``, ``remedies``.
    """
    single, pairs = parted(study.fairness.figures)
    tables = {
        "groups": _groups_table(single),
        "differences": _differences_table(study.fairness.differences),
        "pairs": _pairs_table(pairs),
        "causes": _causes_table(study.gaps),
        "proxies": _proxies_table(study.told),
        "without": _without_table(study.without),
        "remedies": _remedies_table(study.remedies),
    }
    return {name: table for name, table in tables.items() if table.rows}


def group_name(group: str) -> str:
    """Say a group, or a pair of groups.

    >>> group_name("under_20 × black"), group_name("renter")
    ('under 20,000 USD × Black', 'renter')
    """
    return PAIR_SIGN.join(
        GROUP_WORDS.get(part, part.title() if part in _TITLE_CASE else part.replace("_", " "))
        for part in group.split(PAIR_SIGN)
    )


def trait_name(trait: str) -> str:
    """Say a trait, or a pair of traits."""
    return PAIR_SIGN.join(TRAIT_WORDS.get(part, part) for part in trait.split(PAIR_SIGN))


def spoken(reason: str) -> str:
    """Say a verdict's reason with the names people use in place of the schema's codes.

    >>> spoken("income_band 100_and_over (1,290 homes): the share is over its limit")
    'income 100,000 USD and over (1,290 homes): the share is over its limit'
    """
    names = {"income_band": "income", "area_type": "area"} | {code: group_name(code) for code in _GROUPS_IN_ORDER}
    return re.sub(r"\b(" + "|".join(sorted(names, key=len, reverse=True)) + r")\b", lambda met: names[met[1]], reason)


def parted(figures: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the figures of single traits, their groups in the order of the schema, from those of pairs."""
    is_pair = figures["trait"].astype("str").str.contains(PAIR_SIGN, regex=False).to_numpy(dtype=bool)
    single = figures[~is_pair]
    order = {group: number for number, group in enumerate(_GROUPS_IN_ORDER)}
    place = single["group"].map(order).fillna(len(order))
    traits = single["trait"].map({trait: number for number, trait in enumerate(TRAIT_WORDS)})
    return single.assign(trait_place=traits, place=place).sort_values(
        ["trait_place", "place", "group"], kind="stable"
    ).drop(columns=["trait_place", "place"]), figures[is_pair]


def _cell(measure: str, row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return "too few homes"
    if measure == "cost_error_usd":
        return f"{row['value']:,.0f} ({row['low']:,.0f}–{row['high']:,.0f})"
    if measure == "calibration_gap":
        return f"{points(row['value'])} ({points(row['low'])} to {points(row['high'])})"
    return f"{percent(row['value'])} ({100 * row['low']:.1f}–{100 * row['high']:.1f})"


def _groups_table(single: pd.DataFrame) -> ShownTable:
    measures = [name for name in MEASURES if (single["measure"] == name).any()]
    rows = []
    for (trait, group), own in single.groupby(["trait", "group"], sort=False):
        by_measure = own.set_index("measure")
        cells = [_cell(name, by_measure.loc[name]) for name in measures]
        rows.append((f"{trait_name(trait)}: {group_name(group)}", f"{own['n_homes'].iloc[0]:,}", *cells))
    return ShownTable(
        "By group",
        "Figures on homes hidden from the model, with 95 % intervals.",
        ("Group", "Homes", *(MEASURE_HEADINGS[name] for name in measures)),
        tuple(rows),
    )


def _differences_table(differences: pd.DataFrame) -> ShownTable:
    rows = []
    for trait, row in differences.iterrows():
        cells = [
            f"{100 * row[name]:.1f} ({100 * row[f'{name}_low']:.1f}–{100 * row[f'{name}_high']:.1f}); "
            f"by chance up to {100 * row[f'{name}_by_chance']:.1f}"
            for name in ("demographic_parity", "equal_opportunity")
        ]
        rows.append((trait_name(str(trait)), f"{row['n_groups']:.0f}", *cells))
    return ShownTable(
        "The two differences of the field, in points",
        "Demographic parity difference: 0 means that gas is said equally often in all groups, which is right only "
        "where "
        "all groups heat with gas equally often. Equal opportunity difference: 0 means that a gas home is recognised "
        "equally "
        "often in all groups. Both are a largest less a smallest value and never below 0; chance alone gives some.",
        ("Trait", "Groups", "Demographic parity difference", "Equal opportunity difference"),
        tuple(rows),
    )


def _pairs_table(pairs: pd.DataFrame) -> ShownTable:
    judged = pairs[pairs["judged"].astype(bool) & pairs["measure"].isin(["gas_called_electric", "electric_called_gas"])]
    worst = judged.iloc[(-judged["gap"].astype(float)).argsort(kind="stable")][:MAX_PAIRS_SHOWN]
    rows = [
        (
            group_name(row["group"]),
            f"{row['n_homes']:,}",
            MEASURE_HEADINGS[row["measure"]],
            _cell(row["measure"], row),
            f"{points(row['gap'])} ({points(row['gap_low'])} to {points(row['gap_high'])})",
        )
        for _, row in worst.iterrows()
    ]
    return ShownTable(
        "Pairs of traits that fare worst",
        "The largest gaps to all other homes, in points.",
        ("Groups", "Homes", "Error", "Share", "Above other homes"),
        tuple(rows),
    )


def _causes_table(gaps: pd.DataFrame) -> ShownTable:
    rows = [
        (
            f"{group_name(row['group'])}, against {group_name(row['reference'])}",
            row["alike_in"],
            f"{points(row['gap'])} ({points(row['low'])} to {points(row['high'])})",
            percent(row["compared"]),
            points(row["expected"]),
        )
        for _, row in gaps.iterrows()
    ]
    return ShownTable(
        "What the gaps go with: gas homes called electric, in points",
        "Between homes that are alike in more and more facts, weighted as the group's own homes; the place is the "
        "census "
        "division, or the district where a source has one division.",
        ("Group", "Alike in", "Gap", "Homes with an alike one", "Expected from the probabilities"),
        tuple(rows),
    )


def _proxies_table(told: pd.DataFrame) -> ShownTable:
    kinds = [kind for kind in KINDS if kind in told]
    rows = [
        (
            f"{trait_name(row['trait'])}: {group_name(row['group'])}",
            f"{row['n_homes']:,}",
            f"{row['auc']:.3f} ({row['low']:.3f}–{row['high']:.3f})",
            *(f"{row[kind]:.3f}" for kind in kinds),
        )
        for _, row in told.iterrows()
    ]
    return ShownTable(
        "Can the features tell the trait?",
        "AUC on homes held out: 0.5 is not at all, 1 is always. Then the AUC lost when the facts of one kind are dealt "
        "out anew among the homes.",
        ("Group", "Homes", "AUC", *(f"lost without {kind}" for kind in kinds)),
        tuple(rows),
    )


def _without_table(without: pd.DataFrame) -> ShownTable:
    traits = [name for name in without if name in TRAIT_WORDS]
    rows = [
        (
            str(left_out),
            percent(row["accuracy"]),
            f"{points(row['price'])} ({points(row['price_low'])} to {points(row['price_high'])})",
            *("" if pd.isna(row[name]) else f"{100 * row[name]:.1f}" for name in traits),
        )
        for left_out, row in without.iterrows()
    ]
    return ShownTable(
        "The model without one kind of fact",
        "Accuracy, its price, and the equal opportunity difference of each trait, in points.",
        ("Left out", "Right", "Price, points", *(trait_name(name) for name in traits)),
        tuple(rows),
    )


def _remedies_table(remedies: pd.DataFrame) -> ShownTable:
    rows = [
        (
            str(name),
            percent(row["accuracy"]),
            f"{points(row['price'])} ({points(row['price_low'])} to {points(row['price_high'])})",
            f"{points(row['gap'])} ({points(row['gap_low'])} to {points(row['gap_high'])})",
            points(row["other_gap"]),
            row["needs_trait"] + (", answers by lot" if row["by_lot"] else ""),
        )
        for name, row in remedies.iterrows()
    ]
    return ShownTable(
        "Remedies and their price",
        "The gaps are those of the group that fares worst, above other homes, in points. The constrained learner is "
        "built "
        "on the small one, whose price stands before it. A threshold per group needs the trait of each home for every "
        "answer, which a utility seldom knows and may not be allowed to use.",
        ("Remedy", "Right", "Price, points", "Gas called electric", "Electric called gas", "Needs the trait"),
        tuple(rows),
    )
