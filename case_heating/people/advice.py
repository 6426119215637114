"""What to do next, worked out from the findings: each piece of advice with the figures that speak for it."""

from collections.abc import Iterator

import pandas as pd

from case_heating.data.validate import Trusted
from case_heating.features.build import reached_stages
from case_heating.features.stages import FEATURE, STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import Figure
from case_heating.people.advice_use import LATER, NOW, Advice, use_answers
from case_heating.people.counts import MIN_CELL_HOMES, Counts, count_answers
from case_heating.people.routing_findings import RoutingFindings
from case_heating.people.sentences import weak_regions
from case_heating.people.words import (
    STAGE_NEEDS,
    STAGE_SUBJECTS,
    count,
    homes,
    interval,
    listing,
    name_of,
    percent,
    points,
    span_in_points,
)

UNSURE_BELOW = 0.65  # where predict.py says "hardly more than a guess"
FILLED_ENOUGH = 0.9  # of the homes having a stage's facts; fewer is a gap worth filling
UNLIKE = 0.05  # share of homes by which labelled and other homes may differ in a dwelling type before it is said
MOST_NAMED = 5


def advise(
    trusted: Trusted,
    evidence: Evidence,
    ladder: Ladder,
    answers: pd.DataFrame,
    counts: Counts,
    *,
    routing: RoutingFindings | None = None,
    fairness: FairnessStudy | None = None,
) -> tuple[Advice, ...]:
    """Say what to do next, the most pressing first: warnings, how to use the answers, data and labels, repairs.

    The worth of data that are not there is never guessed: what a stage adds is told only where it was measured here.
    """
    last = ladder.rungs[-1]
    given = (
        *_warn(last),
        *use_answers(answers, evidence, counts, last, routing=routing, fairness=fairness),
        *_bring_next_stage(evidence, ladder),
        *_label_unlike_homes(trusted, answers),
        *_label_weak_regions(_counted_as_asked(evidence, last), last),
        *_label_more(evidence, answers, last),
        *_fill_gaps(evidence, ladder),
        *_mend_faults(trusted),
        *_question_idle_stages(ladder),
    )
    return tuple(sorted(given, key=lambda piece: piece.how_soon))


def _warn(last: Rung) -> Iterator[Advice]:
    gain = last.by_home.gain["accuracy"]
    if not gain.is_above_zero:
        yield Advice(
            "Do not use these answers yet.",
            f"Beside the naive answer they gain {points(gain.value)} points ({span_in_points(gain)}), "
            "which chance alone could explain.",
            "answer",
            NOW,
        )
    if last.by_region and not last.by_region.gain["accuracy"].is_above_zero:
        there, naive = last.by_region.model["accuracy"], last.by_region.rival["accuracy"]
        yield Advice(
            "Do not answer for a region in which no home is labelled.",
            f"There {percent(there.value)} ({interval(there)}) of answers are right, of the naive ones "
            f"{percent(naive.value)}.",
            "regions",
            NOW,
        )
    elif last.by_region and last.by_region.model["accuracy"].high < last.by_home.model["accuracy"].low:
        there, here = last.by_region.model["accuracy"], last.by_home.model["accuracy"]
        yield Advice(
            "Label some homes of a new region before answering for it.",
            f"In a region never seen {percent(there.value)} ({interval(there)}) of answers are right, where other "
            f"homes of the region are known {percent(here.value)} ({interval(here)}).",
            "regions",
        )
    by_home, by_time = last.by_home, last.by_time
    if last.untargeted and last.untargeted.by_home and last.untargeted.by_time:  # homes as they will be asked
        by_home, by_time = last.untargeted.by_home, last.untargeted.by_time
    if by_time and by_time.model["accuracy"].high < by_home.model["accuracy"].low:
        later = by_time.model["accuracy"]
        yield Advice(
            f"Expect {percent(later.value)} right on homes labelled from now on, and train again as labels come in.",
            f"That is what a model trained earlier reached on homes labelled since ({interval(later)}); homes held out "
            f"at random flatter it with {percent(by_home.model['accuracy'].value)}."
            + (" Homes known from a rebate are left out of both." if by_time is not last.by_time else ""),
            "later",
        )


def _bring_next_stage(evidence: Evidence, ladder: Ladder) -> Iterator[Advice]:
    there = reached_stages(evidence.features)
    missing = [stage for stage in ladder.not_reached if stage not in there]
    if not missing:
        return
    steps = {rung.stage: rung.step for rung in ladder.rungs if rung.step is not None and rung.step.is_above_zero}
    best = max(steps, key=lambda stage: steps[stage].value, default=None)
    known = f" The largest step measured here: {STAGE_SUBJECTS[best].lower()}, " if best else ""
    known += f"{points(steps[best].value)} points ({span_in_points(steps[best])})." if best else ""
    yield Advice(
        f"Bring {listing([STAGE_NEEDS[stage] for stage in missing[:1]])}.",
        f"The stage “{STAGES[missing[0]]}” is not reached; what it is worth cannot be measured without it.{known}",
        "data",
    )


def _fill_gaps(evidence: Evidence, ladder: Ladder) -> Iterator[Advice]:
    """Name the stage that the fewest homes have a fact of; gas bills are rightly absent in electric homes."""
    filled = {}
    for rung in ladder.rungs:
        own = [name for name in evidence.features if FEATURE[name].stage == rung.stage]
        if own and rung.stage != "gas_bills":
            filled[rung.stage] = float(evidence.features[own].notna().any(axis="columns").mean())
    stage = min(filled, key=lambda name: filled[name], default=None)
    if stage is not None and filled[stage] < FILLED_ENOUGH:
        yield Advice(
            f"Fill the gaps in {STAGE_NEEDS[stage]}.",
            f"Only {percent(filled[stage])} of the labelled homes have any fact of the stage “{STAGES[stage]}”.",
            "data",
            LATER,
        )


def _mend_faults(trusted: Trusted) -> Iterator[Advice]:
    if not trusted.faults:
        return
    worst = max(trusted.faults, key=lambda fault: fault.n_rows)
    refused = int(trusted.counts.loc[worst.table, "quarantined"])
    yield Advice(
        f"Mend {worst.table}.{worst.column} at its source.",
        f"{count(worst.n_rows)} rows are {worst.reason}: the most common fault among {count(refused)} refused rows of "
        f"{worst.table} (first: {worst.first_example}).",
        "data",
        LATER,
    )


def _as_asked(last: Rung) -> Figure:
    untargeted = last.untargeted and last.untargeted.by_home
    return (untargeted or last.by_home).model["accuracy"]


def _without_rebates(last: Rung) -> str:
    return "" if last.untargeted is None else "; homes known from a rebate are left out"


def _counted_as_asked(evidence: Evidence, last: Rung) -> Counts:
    """Count without homes known from a rebate, which would make the regions where it is paid look weak."""
    asked = ~evidence.is_targeted
    return count_answers(evidence.at(asked), last.probability[asked])


def _label_weak_regions(counts: Counts, last: Rung) -> Iterator[Advice]:
    weak = weak_regions(counts)
    if weak.empty:
        return
    named = weak.head(MOST_NAMED)
    told = [
        f"{name_of(str(region))} {percent(row['share'])} ({100 * row['low']:.1f}–{100 * row['high']:.1f})"
        for region, row in named.iterrows()
    ]
    yield Advice(
        f"Collect labels in {listing([name_of(str(region)) for region in named.index])} first.",
        f"Answers are right there for fewer homes than the {percent(_as_asked(last).value)} of the "
        f"whole: {listing(told)}{_without_rebates(last)}.",
        "regions",
    )


def _label_unlike_homes(trusted: Trusted, answers: pd.DataFrame) -> Iterator[Advice]:
    """Name the dwelling type that the labels leave out most: the figures speak for homes like the labelled ones."""
    homes_table, unseen = trusted.tables["homes"], answers.index[answers["seen"].isna()]
    if "dwelling_type" not in homes_table or len(unseen) < MIN_CELL_HOMES:
        return
    dwelling = homes_table.set_index("home_id")["dwelling_type"].reindex(answers.index)
    is_unseen = answers["seen"].isna()
    of_unseen, of_seen = (dwelling[rows].value_counts(normalize=True) for rows in (is_unseen, ~is_unseen))
    gap = of_unseen.sub(of_seen, fill_value=0.0)
    kind = gap.idxmax()
    if gap[kind] >= UNLIKE and (dwelling[is_unseen] == kind).sum() >= MIN_CELL_HOMES:
        yield Advice(
            f"Label more homes of the kind “{name_of(str(kind))}”.",
            f"They are {percent(of_unseen[kind])} of the homes nobody has looked at and "
            f"{percent(of_seen.get(kind, 0.0))} of those somebody has: every figure here speaks for homes like the "
            "labelled ones.",
            "data",
        )


def _label_more(evidence: Evidence, answers: pd.DataFrame, last: Rung) -> Iterator[Advice]:
    n_labelled, accuracy = len(evidence.is_gas), last.by_home.model["accuracy"]
    half = 50 * (accuracy.high - accuracy.low)
    unseen = answers[answers["seen"].isna()]
    unsure = int((unseen["confidence"] < UNSURE_BELOW).sum())
    precise = (
        f"{homes(n_labelled)} with a known fuel give the accuracy to within ±{half:.1f} points; to halve that takes "
        f"about four times as many, {count(4 * n_labelled)}."
    )
    if unsure:
        yield Advice(
            f"Find out what {homes(unsure)} heat with, those the machine hardly does more than guess.",
            f"Of {homes(len(unseen))} nobody has looked at, its answer helps least with these. {precise}",
            "calibration",
        )
    elif len(unseen):
        yield Advice("Label more homes, drawn at random.", precise, "answer", LATER)


def _question_idle_stages(ladder: Ladder) -> Iterator[Advice]:
    idle = [rung for rung in ladder.rungs if rung.step is not None and not rung.step.is_above_zero]
    if idle:
        told = [
            f"{STAGE_SUBJECTS[r.stage].lower()} {points(r.step.value)} ({span_in_points(r.step)})"
            for r in idle
            if r.step
        ]
        yield Advice(
            "Do not pay for data on the strength of the steps that chance could explain.",
            f"Points of accuracy measured here: {listing(told)}.",
            "ladder",
            LATER,
        )
