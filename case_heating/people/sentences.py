"""The sentences of the report: what each section shows, said from its figures alone."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.model.evidence import Evidence
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import Comparison, Figure, Quality
from case_heating.people.counts import Counts, share_of
from case_heating.people.words import (
    count,
    homes,
    interval,
    listing,
    name_of,
    of_100,
    percent,
    points,
    span_in_points,
    stage_name,
)

TOO_FEW_ALIKE = "How sure it is cannot be checked: of no degree of sureness are there 30 labelled homes."
FOUR_FIFTHS = 0.8  # the share of homes at which the trade of answers for certainty is told


def question_and_answer(answers: pd.DataFrame, rung: Rung, counts: Counts) -> tuple[str, ...]:
    """Say in three sentences what was answered, how right it is beside the naive answer, and how sure."""
    asked = homes_asked(answers)
    gas = float((asked["heating_fuel"] == "gas").mean())
    otherwise = len(answers) - len(asked)
    left_out = f" ({homes(otherwise)} known to heat otherwise, or not at all, are left out)" if otherwise else ""
    comparison = rung.by_home
    return (
        f"Does a home heat with gas or with electricity? Of {homes(len(asked))}{left_out}, the machine says gas for "
        f"{percent(gas)} and electricity for {percent(1 - gas)}.",
        f"On {homes(comparison.model.n_homes)} whose fuel is known but was hidden from it, {_right(comparison)}; "
        f"the naive answer, what most neighbours have, is right for {of_100(comparison.rival['accuracy'].value)}: "
        f"{_gain(comparison)}.",
        _how_sure(counts),
    )


def _how_sure(counts: Counts) -> str:
    if counts.by_sureness.empty:
        return TOO_FEW_ALIKE
    words, sure = counts.by_sureness.index[0], counts.by_sureness.iloc[0]
    return (
        f"For {of_100(sure['n_homes'] / (counts.n_gas + counts.n_electric))} homes it is {words}, and of those answers "
        f"{of_100(sure['share'])} are right (95 % interval {interval(_figure(sure))})."
    )


def homes_asked(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers for homes that are not known to heat with another fuel or not at all."""
    return answers[~answers["seen"].isin(["other", "none"])]


def data_and_refused(trusted: Trusted) -> str:
    """Say how many rows came in and how many were refused."""
    rows_in, refused = int(trusted.counts["rows_in"].sum()), int(trusted.counts["quarantined"].sum())
    if refused == 0:
        return f"All {count(rows_in)} rows that came in passed every check; none was refused."
    return (
        f"Of {count(rows_in)} rows that came in, {count(refused)} ({percent(refused / rows_in)}) were refused; "
        "they are kept aside with their reasons, and nothing is lost."
    )


def ladder(climbed: Ladder) -> str:
    """Say where the ladder starts and ends, and where the naive answer stands."""
    first, last = climbed.rungs[0], climbed.rungs[-1]
    if first is last:
        return f"With {_known(first)} alone, {_right(last.by_home)}; {_naive(last.by_home)}."
    return (
        f"With {_known(first)} alone {of_100(first.by_home.model['accuracy'].value)} answers are right, with all that "
        f"is known {of_100(last.by_home.model['accuracy'].value)}; {_naive(last.by_home)}."
    )


def survey_weighted(rung: Rung, evidence: Evidence) -> str | None:
    """Say how right the answers are for all the homes a survey stands for."""
    if rung.weighted is None or evidence.weight is None:
        return None
    return (
        f"Counted with survey weights, for the {_large(evidence.weight.sum())} homes these stand for, "
        f"{_right(rung.weighted)}; {_naive(rung.weighted)}."
    )


def calibration(counts: Counts) -> str:
    """Say whether the machine's sureness can be believed, on the band people ask about."""
    bands = counts.by_sureness
    if bands.empty:
        return TOO_FEW_ALIKE
    band = next((words for words in ("about 8 in 10", "about 9 in 10") if words in bands.index), bands.index[0])
    row = bands.loc[band]
    return (
        f"Of {homes(row['n_homes'])} of which the machine was “{band}” sure (on average {percent(row['said'])}), "
        f"{of_100(row['share'])} answers came true (95 % interval {interval(_figure(row))})."
    )


def mistaken(counts: Counts) -> str:
    """Say how many homes of each fuel are called the other."""
    gas, electric = (
        share_of(counts.gas_called_electric, counts.n_gas),
        share_of(counts.electric_called_gas, counts.n_electric),
    )
    return (
        f"Of {homes(counts.n_gas)} that heat with gas, {count(counts.gas_called_electric)} ({percent(gas.value)}; 95 % "
        f"interval {interval(gas)}) are called electric; of {homes(counts.n_electric)} that heat with electricity, "
        f"{count(counts.electric_called_gas)} ({percent(electric.value)}; {interval(electric)}) are called gas."
    )


def answered(counts: Counts, comparison: Comparison) -> str | None:
    """Say what is won if a person answers for the homes the machine is least sure of."""
    if counts.answered.empty:
        return None
    row = at_share(counts.answered, FOUR_FIFTHS)
    return (
        f"If the machine answers only the surest {percent(float(str(row.name)), decimals=0)} of homes, "
        f"{of_100(row['share'])} answers are right (95 % interval {interval(_figure(row))}) instead of "
        f"{of_100(comparison.model['accuracy'].value)}; it is then at least {percent(row['least_sure'])} sure of each. "
        "A person looks at the rest."
    )


def held_out_region(rung: Rung) -> str:
    """Say how right the answers are in a region of which no home was known."""
    if rung.by_region is None:
        return "All homes lie in one region, so what happens in a new region cannot be measured here."
    known = rung.by_home.model["accuracy"].value
    verdict = "" if rung.by_region.gain["accuracy"].is_above_zero else " There the machine is no help."
    return (
        f"In a region it has never seen, {_right(rung.by_region)}, against {of_100(known)} where other homes of the "
        f"region are known; the naive answer there is right for {of_100(rung.by_region.rival['accuracy'].value)}: "
        f"{_gain(rung.by_region)}.{verdict}"
    )


def worse_rungs(climbed: Ladder) -> tuple[Rung, ...]:
    """Stages at which the model is worse than the naive answer in a new region, by more than chance."""
    return tuple(
        rung for rung in climbed.rungs if rung.by_region is not None and rung.by_region.gain["accuracy"].high < 0
    )


def worse_in_new_region(climbed: Ladder) -> str | None:
    """Say at which stages the naive answer is the better one in a region never seen; nothing where it never is."""
    told = [
        f"with {_known(rung)} {_right_of_100(rung.by_region.model)} answers are right, "
        f"and {_right_of_100(rung.by_region.rival)} of the naive one"
        for rung in worse_rungs(climbed)
        if rung.by_region is not None
    ]
    if not told:
        return None
    return (
        "In a region it has never seen, the machine is worse than the naive answer at "
        f"{'this stage' if len(told) == 1 else 'these stages'}: {'; '.join(told)}. There take the naive answer, or "
        "bring labels of the region first."
    )


def answers_of_labelled_homes(answers: pd.DataFrame) -> str:
    """Say that answers of labelled homes come from a model that has seen these labels."""
    seen = int(answers["seen"].isin(["gas", "electricity"]).sum())
    return (
        f"The answers file holds {homes(len(answers))}. For {count(seen)} of them gas or electricity has been seen "
        "(column seen), and the model that answers has learned from these very homes: their answers look better than "
        "those of others would. All figures of quality in this report are of homes that were hidden."
    )


def later_labels(rung: Rung) -> str | None:
    """Say how right a model trained earlier is on homes labelled since."""
    if rung.by_time is None:
        return None
    return (
        f"Trained on what was known at an earlier moment and tested on {homes(rung.by_time.model.n_homes)} labelled "
        f"since, {_right(rung.by_time)}; the naive answer is right for "
        f"{of_100(rung.by_time.rival['accuracy'].value)}: {_gain(rung.by_time)}."
    )


def ladder_title(climbed: Ladder) -> str:
    """Title of the ladder's chart."""
    first, last = climbed.rungs[0], climbed.rungs[-1]
    naive = percent(last.by_home.rival["accuracy"].value)
    right = percent(last.by_home.model["accuracy"].value)
    if first is last:
        return f"{right} of answers are right; the naive answer: {naive}"
    start = percent(first.by_home.model["accuracy"].value)
    return f"From {start} right with the location alone to {right} with all data; the naive answer: {naive}"


def calibration_title(gap: float) -> str:
    """Title of the calibration chart."""
    return f"What the machine says and what comes true lie {100 * gap:.1f} points apart on average"


def answered_title(counts: Counts) -> str:
    """Title of the chart of accuracy against homes answered."""
    row = at_share(counts.answered, FOUR_FIFTHS)
    surest = percent(float(str(row.name)), decimals=0)
    return f"Answering only the surest {surest} of homes, the machine is right for {percent(row['share'])}"


def mistaken_title(counts: Counts) -> str:
    """Title of the chart of mistakes by dwelling type."""
    rows = [
        (row["share"], fuel, str(kind)) for fuel, table in counts.mistaken.items() for kind, row in table.iterrows()
    ]
    share, fuel, kind = max(rows)
    said = {"gas": "gas homes called electric", "electricity": "electric homes called gas"}[fuel]
    return f"Mistaken most easily: {said} in “{name_of(kind)}”, {percent(share)}"


def regions_title(counts: Counts) -> str:
    """Title of the chart of regions."""
    weakest, strongest = counts.by_region.iloc[0], counts.by_region.iloc[-1]
    return (
        f"Right for {percent(weakest['share'])} of homes in {name_of(str(weakest.name))}, "
        f"for {percent(strongest['share'])} in {name_of(str(strongest.name))}"
    )


def mistaken_of_targeted(evidence: Evidence, probability: npt.NDArray[np.float64]) -> str | None:
    """Say how many of the electric homes called gas are known from a rebate; nothing where none is."""
    called_gas = (probability >= 0.5) & ~evidence.is_gas
    n_targeted = int((called_gas & evidence.is_targeted).sum())
    if not n_targeted:
        return None
    return (
        f"Of the {count(called_gas.sum())} electric homes called gas, {count(n_targeted)} are known from a rebate: "
        "they heated with gas until lately, and the bills of their last year still say so."
    )


def regions_shown(counts: Counts, evidence: Evidence) -> str:
    """Say what the chart of regions shows and how many regions are too small for it."""
    hidden = evidence.region.nunique() - len(counts.by_region)
    small = f" {count(hidden)} regions with fewer than 30 labelled homes are not shown." if hidden else ""
    weak = [name_of(str(region)) for region in weak_regions(counts).index]
    told = f" Below the whole by more than chance: {listing(weak)}." if weak else ""
    if told and evidence.is_targeted.any():
        told += " Homes known from a rebate are among these, and a rebate is not paid everywhere alike."
    return f"Homes held out at random, while other homes of their region were known.{told}{small}"


def weak_regions(counts: Counts) -> pd.DataFrame:
    """Regions whose whole interval lies below the share answered right in all of them, weakest first."""
    table = counts.by_region
    if table.empty:  # a source that knows no region
        return table
    overall = (table["share"] * table["n_homes"]).sum() / table["n_homes"].sum()
    return table[table["high"] < overall]


def at_share(curve: pd.DataFrame, share: float) -> pd.Series:
    """Row of the answered curve nearest to a share of homes."""
    return curve.iloc[(curve.index.to_series() - share).abs().argmin()]


def _figure(row: pd.Series) -> Figure:
    return Figure(row["share"], row["low"], row["high"])


def _right(comparison: Comparison) -> str:
    figure = comparison.model["accuracy"]
    return f"{of_100(figure.value)} answers are right (95 % interval {interval(figure)})"


def _right_of_100(quality: Quality) -> str:
    return of_100(quality["accuracy"].value)


def _naive(comparison: Comparison) -> str:
    return f"the naive answer is right for {of_100(comparison.rival['accuracy'].value)}"


def _gain(comparison: Comparison) -> str:
    gain = comparison.gain["accuracy"]
    span = f"95 % interval {span_in_points(gain)}"
    if gain.is_above_zero:
        return f"a gain of {100 * gain.value:.1f} points ({span})"
    if gain.high < 0:
        return f"a loss of {-100 * gain.value:.1f} points ({span})"
    return f"{points(gain.value)} points ({span}), which chance alone could explain"


def _large(number: float) -> str:
    return f"{number / 1e6:,.1f} million" if number >= 1e6 else count(round(number, -3))


def _known(rung: Rung) -> str:
    return "the " + stage_name(rung.stage).lower()
