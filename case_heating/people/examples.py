"""Twenty homes to look at: the surest right answers of each fuel, the surest wrong ones, and the open ones."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import LeakageError
from case_heating.features.stages import SENSITIVE_COLUMNS
from case_heating.model.evidence import Evidence
from case_heating.model.fuel import encode
from case_heating.model.ladder import Rung
from case_heating.model.predict import sureness
from case_heating.people.words import SAID_BY, TOLD_FACTS, fact_in_words

HOMES_OF_A_KIND = 5
MOST_FACTS = 6
_ALWAYS_TOLD = "dwelling_type"  # people picture a home by it


@dataclass(frozen=True)
class ExampleHome:
    """One labelled home: what the machine said while the home was held out, and what somebody saw."""

    home_id: str
    kind: str
    answer: str
    probability_of_gas: float
    sureness: str
    seen: str
    facts: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether the answer is what was seen."""
        return self.answer == self.seen

    @property
    def confidence(self) -> float:
        """Probability of the fuel answered."""
        return max(self.probability_of_gas, 1 - self.probability_of_gas)


def choose_examples(evidence: Evidence, rung: Rung) -> tuple[ExampleHome, ...]:
    """Choose up to five homes of each kind; ties go to the first ``home_id``, so the choice is always the same.

    The facts told of a home are those that weigh most in the rung's model, by its exact contributions (TreeSHAP).

    Raises
    ------
    LeakageError
        If a sensitive trait stands among the features.
    """
    if sensitive := sorted(SENSITIVE_COLUMNS.intersection(evidence.features.columns)):
        raise LeakageError(f"features hold the sensitive {', '.join(sensitive)}; the report shows no home with them")
    chosen = _choose(evidence, rung.probability)
    rows = np.array([row for row, _ in chosen])
    facts = _telling_facts(evidence, rung, rows)
    probability = rung.probability[rows]
    words = sureness(np.maximum(probability, 1 - probability))
    fuel = np.array(["electricity", "gas"])
    return tuple(
        ExampleHome(
            home_id=str(evidence.features.index[row]),
            kind=kind,
            answer=str(fuel[int(probability[number] >= 0.5)]),
            probability_of_gas=float(probability[number]),
            sureness=str(words[number]),
            seen=str(fuel[int(evidence.is_gas[row])]),
            facts=facts[number],
        )
        for number, (row, kind) in enumerate(chosen)
    )


def _choose(evidence: Evidence, probability: npt.NDArray[np.float64]) -> list[tuple[int, str]]:
    confidence = np.maximum(probability, 1 - probability)
    surest_first = np.lexsort((evidence.features.index.to_numpy(dtype=str), -confidence))
    said_gas = (probability >= 0.5)[surest_first]
    is_gas = evidence.is_gas[surest_first]
    kinds = {
        "surely and rightly gas": surest_first[said_gas & is_gas],
        "surely and rightly electric": surest_first[~said_gas & ~is_gas],
        "sure, but wrong": surest_first[said_gas != is_gas],
        "could be either": surest_first[::-1],
    }
    chosen: list[tuple[int, str]] = []
    for kind, rows in kinds.items():
        taken = {row for row, _ in chosen}
        chosen += [(int(row), kind) for row in rows if row not in taken][:HOMES_OF_A_KIND]
    return chosen


def _telling_facts(evidence: Evidence, rung: Rung, rows: npt.NDArray[np.intp]) -> list[tuple[str, ...]]:
    """Say the facts that weigh most for each home, the dwelling type first."""
    features, encoding = evidence.features.iloc[rows], rung.model.encoding
    contributions = rung.model.booster.predict(encode(features, encoding), pred_contrib=True, num_threads=1)
    weights = pd.DataFrame(np.abs(np.asarray(contributions))[:, :-1], columns=list(encoding.names))
    told = [name for name in encoding.names if name in TOLD_FACTS]
    weights = weights[told].assign(**{name: np.inf for name in told if name == _ALWAYS_TOLD})
    order = weights.columns.to_numpy()[np.argsort(-weights.to_numpy(), axis=1, kind="stable")]
    return [_say(home, list(names)) for home, names in zip(features.to_dict(orient="records"), order, strict=True)]


def _say(home: dict[Hashable, object], names: list[str]) -> tuple[str, ...]:
    """Say a home's facts in the given order, none of them twice in other words."""
    known = {name: fact for name in names if (fact := fact_in_words(name, home[name]))}
    fresh = [fact for name, fact in known.items() if SAID_BY.get(name) not in known]
    return tuple(fresh[:MOST_FACTS])
