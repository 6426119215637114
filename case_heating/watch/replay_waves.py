"""The survey waves as a replay on real homes: the champion of one survey meets the next, is measured, and retrained.

The homes of the later survey are parted at random: some only measure, the labels of the others come in by steps, as a
survey's answers do. At each step a candidate learns from the earlier survey and from the labels that came in before,
and the gate judges it by those that came in last. The dates of the steps are made up; homes, bills and answers are not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import reached_stages, select_stage
from case_heating.model.evidence import Evidence
from case_heating.model.fairness import traits_of
from case_heating.model.quality import Figure, compare, judge
from case_heating.model.transfer import as_known_in_both
from case_heating.release.candidate import LabelledRows, TrainedModel, naive_rival, train_candidate
from case_heating.release.gate import judge_candidate
from case_heating.release.gate_checks import DataHealth
from case_heating.release.lineage import digest_of, trace_lineage
from case_heating.schema import Tables
from case_heating.settings import Settings

MEASURING_SHARE = 0.4
"""Of the later survey's homes: they are never trained on and never seen by the gate."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Step:
    """What was so after some of the later survey's labels had come in.

    Attributes
    ----------
    number : int
        0: the champion of the earlier survey meets the later one.
    n_labels : int
        Labels of the later survey that the candidate was trained on.
    frozen, served : Figure
        Accuracy on the homes that only measure: of the first champion, and of the one in service after this step.
    candidate : Figure or None
        Of the step's candidate, whatever the gate said.
    promoted : bool or None
        What the gate said; ``None`` where there was no candidate.
    reasons : tuple of str
        Why.
    """

    number: int
    n_labels: int
    frozen: Figure
    served: Figure
    candidate: Figure | None = None
    promoted: bool | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaveReplay:
    """The steps, the naive answer on the same homes, and what the last champion gained on the first one."""

    earlier: str
    then: str
    stage: str
    n_features: int
    n_trained: int
    n_measuring: int
    promised: Figure
    naive: Figure
    gain: Figure
    steps: tuple[Step, ...]


def replay_waves(
    earlier: Evidence,
    later: Evidence,
    later_tables: Tables,
    *,
    names: tuple[str, str],
    stage: str,
    steps: int,
    settings: Settings,
    code: str,
    progress: Callable[[str, float], None],
) -> WaveReplay:
    """Let the champion of one survey meet the next, and retrain it by steps.

    Parameters
    ----------
    earlier, later : Evidence
        Labelled homes of both surveys.
    later_tables : Tables
        The later survey's tables, for the traits that fairness is measured on.
    names : tuple of str
        What the two are called.
    stage : str
        Last data stage to use; both must reach it.
    steps : int
        In how many parts the later survey's labels come in.
    settings : Settings
        Seed, folds and bootstrap rounds.
    code : str
        Name of the code, for the lineage.
    progress : callable
        Told what is being done.

    Raises
    ------
    NotEnoughDataError
        If the two do not both reach the stage.
    """
    earlier, later = as_known_in_both(earlier, later)
    both = [s for s in reached_stages(earlier.features) if s in reached_stages(later.features)]
    if stage not in both:
        raise NotEnoughDataError(f"{names[0]} and {names[1]} do not both reach stage {stage!r}; both reach {both}")
    earlier, later = (replace(one, features=select_stage(one.features, stage), weight=None) for one in (earlier, later))
    earlier = _renamed(earlier, names[0])
    order = np.random.default_rng(settings.seed).permutation(len(later.is_gas))
    n_measuring = round(MEASURING_SHARE * len(order))
    measuring, parts = _taken(later, order[:n_measuring]), np.array_split(order[n_measuring:], steps + 1)
    arrivals = [later.as_of + pd.DateOffset(months=number) for number in range(steps + 1)]
    arrived = [_rows(_taken(later, part), day) for part, day in zip(parts, arrivals, strict=True)]

    def train(rows: LabelledRows, day: date) -> TrainedModel:
        lineage = trace_lineage(
            replace(settings, source=" then ".join(names)),
            as_of=day,
            cutoff=day,
            data_digests={"features": digest_of(rows.evidence.features)},
            code_revision=code,
        )
        return train_candidate(rows, stage=stage, settings=settings, lineage=lineage)

    def measured(model: TrainedModel) -> npt.NDArray[np.float64]:
        return model.model.probability_of_gas(measuring.features)

    def accuracy(said: npt.NDArray[np.float64]) -> Figure:
        return judge(measuring.is_gas, said, rounds=settings.bootstrap_rounds, seed=settings.seed)["accuracy"]

    progress(f"training on {names[0]}", 0.0)
    known = _rows(earlier, pd.Timestamp(earlier.as_of))
    frozen = champion = train(known, earlier.as_of)
    said_first = measured(frozen)
    told = [Step(0, 0, accuracy(said_first), accuracy(said_first))]
    n_labels = 0
    for number in range(1, steps + 1):
        progress(f"labels of {names[1]}: part {number}", number / (steps + 1))
        known, n_labels = _joined(known, arrived[number - 1]), n_labels + len(parts[number - 1])
        candidate, judges = train(known, arrivals[number - 1].date()), arrived[number]
        decision = judge_candidate(
            candidate,
            champion,
            judges,
            naive=naive_rival(known, judges),
            traits=traits_of(later_tables, judges.evidence.features.index),
            health=DataHealth(len(later.is_gas), 0),
            rounds=settings.bootstrap_rounds,
            seed=settings.seed,
        )
        champion = candidate if decision.promote else champion
        told.append(
            Step(
                number,
                n_labels,
                told[0].frozen,
                accuracy(measured(champion)),
                accuracy(measured(candidate)),
                decision.promote,
                decision.reasons,
            )
        )
    naive = naive_rival(_rows(earlier, pd.Timestamp(earlier.as_of)), _rows(measuring, arrivals[-1]))
    progress("replayed", 1.0)
    return WaveReplay(
        *names,
        stage,
        len(earlier.features.columns),
        len(earlier.is_gas),
        n_measuring,
        frozen.held_out.model["accuracy"],
        accuracy(naive),
        compare(
            measuring.is_gas, measured(champion), said_first, rounds=settings.bootstrap_rounds, seed=settings.seed
        ).gain["accuracy"],
        tuple(told),
    )


def _renamed(evidence: Evidence, source: str) -> Evidence:
    """Put the survey before its homes' names: both number theirs from one, and home 12 is another home in each."""
    names = source + ":" + evidence.features.index.astype("str")
    return replace(evidence, features=evidence.features.set_axis(names), homes=evidence.homes.set_axis(names))


def _taken(evidence: Evidence, rows: Rows) -> Evidence:
    rows = np.sort(rows)
    return replace(
        evidence,
        features=evidence.features.iloc[rows],
        is_gas=evidence.is_gas[rows],
        homes=evidence.homes.iloc[rows],
    )


def _rows(evidence: Evidence, arrived: pd.Timestamp) -> LabelledRows:
    """Label homes as known on a day, with the features of that day."""
    when = pd.DataFrame({"moment": arrived, "known_at": arrived, "source": "survey"}, index=evidence.features.index)
    return LabelledRows(evidence, when)


def _joined(known: LabelledRows, new: LabelledRows) -> LabelledRows:
    one, other = known.evidence, new.evidence
    evidence = replace(
        one,
        features=pd.concat([one.features, other.features]),
        is_gas=np.concatenate([one.is_gas, other.is_gas]),
        homes=pd.concat([one.homes, other.homes]),
        n_homes=one.n_homes + len(other.is_gas),
    )
    return LabelledRows(evidence, pd.concat([known.when, new.when]))
