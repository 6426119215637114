"""What the page on fairness draws: groups beside a limit, what gaps go with, what tells a trait, what remedies cost."""

import pandas as pd

from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.group_figures import MEASURES
from case_heating.model.proxies import KINDS
from case_heating.model.remedies import AS_IT_IS
from case_heating.people.fairness_tables import group_name, parted, trait_name
from case_heating.people.words import homes, points

OVER, BY_CHANCE, WITHIN, TOO_FEW, NO_LIMIT = (
    "over the limit",
    "over it, perhaps by chance",
    "within the limit",
    "too few homes to judge",
    "has no limit",
)
STANDS = (OVER, BY_CHANCE, WITHIN, TOO_FEW, NO_LIMIT)
"""How a group's figure may stand to the limit, the worst first."""

ASKED = {
    "gas_called_electric": "Gas homes called electric",
    "electric_called_gas": "Electric homes called gas",
    "sent_to_people": "Sent to people",
    "calibration_gap": "Said more gas than came true",
    "cost_error_share": "Cost error, share of the cost",
    "cost_error_usd": "Cost error",
    "accuracy": "Right",
    "selection_rate": "Called gas",
}
"""The measures in the order in which people ask for them, as a heading says them."""

_UNITS = {"calibration_gap": "points", "cost_error_usd": "USD a year"}


def unit_of(measure: str) -> str:
    """Give the unit a measure is shown in."""
    return _UNITS.get(measure, "%")


def measures_of(study: FairnessStudy) -> list[str]:
    """Name the measures that were taken, in the order in which people ask for them."""
    taken = set(study.fairness.figures["measure"]) if len(study.fairness.figures) else set()
    return [measure for measure in ASKED if measure in taken]


def worst_measure(study: FairnessStudy) -> str | None:
    """Name the measure in which most groups are over the limit, the first asked for where none is."""
    taken = measures_of(study)
    n_over = {measure: int((group_rows(study, measure)["stands"] == OVER).sum()) for measure in taken}
    return max(taken, key=lambda measure: n_over[measure], default=None)


def group_rows(study: FairnessStudy, measure: str) -> pd.DataFrame:
    """Lay out one measure by group of each single trait.

    Parameters
    ----------
    study : FairnessStudy
        With figures.
    measure : str
        One of :func:`measures_of`.

    Returns
    -------
    DataFrame, one row per group that is shown
        ``trait``, ``group`` and ``label`` (both, for the axis) in words; ``n_homes``; ``value``, ``low``, ``high`` and
        the gap to all other homes, ``gap``, ``gap_low``, ``gap_high``, in the unit of :func:`unit_of`; ``stands``, one
        of :data:`STANDS`.
    """
    single, _ = parted(study.fairness.figures)
    own = single[(single["measure"] == measure) & single["value"].notna()]
    scale = 1.0 if measure == "cost_error_usd" else 100.0
    figures = {name: scale * own[name].astype(float) for name in ("value", "low", "high", "gap", "gap_low", "gap_high")}
    words = {
        "trait": own["trait"].map(trait_name),
        "group": own["group"].map(group_name),
        "n_homes": own["n_homes"],
        "stands": [_stands(study, measure, row) for _, row in own.iterrows()],
    }
    rows = pd.DataFrame(words | figures).reset_index(drop=True)
    return rows.assign(label=rows["trait"] + ": " + rows["group"])


def groups_in_words(study: FairnessStudy, measure: str) -> str:
    """Say which group stands worst in a measure, beside what is allowed."""
    rows = group_rows(study, measure)
    about = MEASURES[measure].split(";")[0]
    if rows.empty:
        return f"{about[:1].upper()}{about[1:]}: no group has enough homes to be shown."
    limit = study.limits.of_measure.get(measure)
    judged = rows[~rows["stands"].isin([TOO_FEW, NO_LIMIT])]
    if limit is None or judged.empty:
        high, low = rows.loc[rows["value"].idxmax()], rows.loc[rows["value"].idxmin()]
        least, most = (f"{_figure(measure, row['value'])} ({row['group']})" for row in (low, high))
        why = "it has no limit" if limit is None else "no group has enough homes to be judged"
        return f"{about[:1].upper()}{about[1:]}: from {least} to {most}; {why}."
    gap = judged["gap"].abs() if measure == "calibration_gap" else judged["gap"]
    worst = judged.loc[gap.idxmax()]
    n_over = int((judged["stands"] == OVER).sum())
    said = "no group is over the limit" if not n_over else f"{n_over} of {len(judged)} groups judged are over the limit"
    return (
        f"{about[:1].upper()}{about[1:]}: {said}. The widest gap has {worst['group']} "
        f"({worst['trait'].lower()}; {homes(worst['n_homes'])}) with "
        f"{_figure(measure, worst['value'])}, {points(worst['gap'] / 100)} points from all other homes; "
        f"{100 * limit:.0f} are allowed."
    )


def gap_steps(study: FairnessStudy) -> pd.DataFrame:
    """Lay out the gap of the group that fares worst, between ever more alike homes.

    Returns
    -------
    DataFrame
        ``step`` in words, ``gap``, ``low``, ``high`` [points] and ``compared`` [%]; the last row, ``expected``, is the
        gap that right probabilities imply. Empty where no group was looked at.
    """
    columns = ["step", "gap", "low", "high", "compared"]
    if study.focus is None or study.gaps.empty:
        return pd.DataFrame(columns=columns)
    gaps = study.gaps
    own = gaps[(gaps["trait"] == study.focus.trait) & (gaps["group"] == study.focus.group)].dropna(subset="gap")
    if own.empty:
        return pd.DataFrame(columns=columns)
    rows = pd.DataFrame(
        {
            "step": ["all homes" if alike == "nothing" else f"alike in {alike}" for alike in own["alike_in"]],
            **{name: (100 * own[name].astype(float)).to_numpy() for name in ("gap", "low", "high", "compared")},
        }
    )
    expected = {"step": "expected from the probabilities", "gap": 100 * float(own["expected"].iloc[0])}
    return pd.concat([rows, pd.DataFrame([expected])], ignore_index=True)[columns]


def proxy_rows(study: FairnessStudy) -> pd.DataFrame:
    """Lay out how well the features tell each group.

    Returns
    -------
    DataFrame, one row per group
        ``label``, ``auc``, ``low``, ``high`` and ``carrier``, the kind of fact without which most of it is lost.
    """
    told = study.told
    if told.empty:
        return pd.DataFrame(columns=["label", "auc", "low", "high", "carrier"])
    kinds = [kind for kind in KINDS if kind in told]
    return pd.DataFrame(
        {
            "label": [f"{trait_name(row['trait'])}: {group_name(row['group'])}" for _, row in told.iterrows()],
            **{name: told[name].to_numpy() for name in ("auc", "low", "high")},
            "carrier": [max(kinds, key=lambda kind: row[kind]) for _, row in told.iterrows()],
        }
    ).sort_values("auc", ascending=False, ignore_index=True)


def remedy_rows(study: FairnessStudy) -> pd.DataFrame:
    """Lay out each remedy: what gap it leaves and what it costs.

    Returns
    -------
    DataFrame, one row per remedy
        ``remedy``, ``gap``, ``gap_low``, ``gap_high``, ``price``, ``price_low``, ``price_high`` [points], ``accuracy``
        [%], ``needs`` (the trait: never, to train, for every answer) and ``taken``.
    """
    remedies = study.remedies
    if remedies.empty:
        return pd.DataFrame(columns=["remedy", "gap", "price", "accuracy", "needs", "taken"])
    names = ("gap", "gap_low", "gap_high", "price", "price_low", "price_high", "accuracy")
    taken = AS_IT_IS if study.decision is None else study.decision.remedy
    return pd.DataFrame(
        {
            "remedy": remedies.index,
            **{name: (100 * remedies[name].astype(float)).to_numpy() for name in names},
            "needs": [
                row["needs_trait"] + (", answers by lot" if row["by_lot"] else "") for _, row in remedies.iterrows()
            ],
            "taken": remedies.index == taken,
        }
    )


def _stands(study: FairnessStudy, measure: str, row: pd.Series) -> str:
    limit = study.limits.of_measure.get(measure)
    if limit is None:
        return NO_LIMIT
    if not row["judged"]:
        return TOO_FEW
    gap = abs(row["gap"]) if measure == "calibration_gap" else row["gap"]
    if gap <= limit:
        return WITHIN
    return OVER if row["p_adjusted"] <= study.limits.false_discovery_rate else BY_CHANCE


def _figure(measure: str, value: float) -> str:
    if measure == "cost_error_usd":
        return f"{value:,.0f} USD a year"
    return f"{points(value / 100)} points" if measure == "calibration_gap" else f"{value:.1f} %"
