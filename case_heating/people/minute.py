"""The report in one minute: answer, how right, how far to trust it, what serves, and what to do next."""

from dataclasses import dataclass

from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.ladder import Rung
from case_heating.people.advice import Advice
from case_heating.people.counts import Counts
from case_heating.people.findings import Findings
from case_heating.people.gate_section import GateFindings, verdict_in_short
from case_heating.people.sentences import homes_asked
from case_heating.people.words import homes, interval, of_100, percent

MOST_STEPS = 3


@dataclass(frozen=True)
class Line:
    """A short statement and the section that shows more of it."""

    words: str
    section: str
    link: str


@dataclass(frozen=True)
class Minute:
    """What the first screen says; every line leads to its section.

    Attributes
    ----------
    answer : tuple of Line
        What the homes heat with, and how right that is beside the naive answer.
    trust : tuple of Line
        Where the answers are less right, how sure they are, and for whom they are wrong.
    serves : Line or None
        Which model serves and what the gate said of it; nothing where no registry was asked.
    steps : tuple of Advice
        What to do next, three things at most.
    """

    answer: tuple[Line, ...]
    trust: tuple[Line, ...]
    serves: Line | None
    steps: tuple[Advice, ...]


def in_a_minute(findings: Findings, counts: Counts, advice: tuple[Advice, ...]) -> Minute:
    """Choose what a reader needs first.

    Parameters
    ----------
    findings : Findings
        All there is to tell.
    counts : Counts
        Held-out answers, counted.
    advice : tuple of Advice
        The most pressing first.
    """
    last = findings.ladder.rungs[-1]
    asked = homes_asked(findings.answers)
    gas = float((asked["heating_fuel"] == "gas").mean())
    answered = f"Of {homes(len(asked))}, {percent(gas)} are answered gas and {percent(1 - gas)} electricity."
    trust = [*_elsewhere(last), *_sureness(counts)]
    if findings.fairness is not None:
        trust.append(_fairness(findings.fairness))
    return Minute(
        answer=(Line(answered, "answer", "the answer in full"), _right(last)),
        trust=tuple(trust),
        serves=_serves(findings.gate),
        steps=advice[:MOST_STEPS],
    )


def _right(rung: Rung) -> Line:
    model, naive, gain = (
        figures["accuracy"] for figures in (rung.by_home.model, rung.by_home.rival, rung.by_home.gain)
    )
    beside = "" if gain.is_above_zero else " Chance alone could explain the difference."
    return Line(
        f"{of_100(model.value)} answers are right (95 % interval {interval(model)}), counted on "
        f"{homes(rung.by_home.model.n_homes)} held out. The naive answer, what most neighbours have, is right for "
        f"{of_100(naive.value)} ({interval(naive)}).{beside}",
        "ladder",
        "what each kind of data adds",
    )


def _elsewhere(rung: Rung) -> list[Line]:
    lines = []
    if rung.by_region is not None:
        there = rung.by_region.model["accuracy"]
        told = f"In a region it has never seen {of_100(there.value)} are right ({interval(there)})."
        lines.append(Line(told, "regions", "new regions"))
    if rung.by_time is not None:
        later = rung.by_time.model["accuracy"]
        told = f"Of homes labelled after it was trained {of_100(later.value)} are right ({interval(later)})"
        without = rung.untargeted and rung.untargeted.by_time
        if without:
            told += f"; {of_100(without.model['accuracy'].value)} without those known from a rebate"
        lines.append(Line(f"{told}.", "accuracies", "why these differ"))
    return lines


def _sureness(counts: Counts) -> list[Line]:
    if counts.by_sureness.empty:
        return []
    words, sure = counts.by_sureness.index[0], counts.by_sureness.iloc[0]
    share = sure["n_homes"] / (counts.n_gas + counts.n_electric)
    told = f"For {of_100(share)} homes it is {words}; of those answers {of_100(sure['share'])} are right."
    return [Line(told, "calibration", "its sureness")]


def _fairness(study: FairnessStudy) -> Line:
    told = {
        True: "No group of people that can be judged is answered worse than allowed.",
        False: "One group of people or more is answered worse than allowed.",
        None: "Whether some group of people is answered worse could not be judged.",
    }[study.verdict.passed]
    return Line(told, "fairness", "for whom it is wrong")


def _serves(gate: GateFindings | None) -> Line | None:
    return None if gate is None else Line(verdict_in_short(gate), "gate", "check by check")
