"""Why the machine says what it says of a home: few reasons, each tied to a fact of the home and to similar homes.

:class:`Explainer` makes one :class:`Explanation` per home. It holds numbers and codes, no words: the customer's
sentences and the analyst's figures are both made from it (``people/reasons.py``, ``people/waterfall.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from case_heating.errors import LeakageError
from case_heating.features.stages import SENSITIVE_COLUMNS
from case_heating.model.explain_groups import GROUPS, Group, groups_of, membership
from case_heating.model.explain_weights import Scales, Weights
from case_heating.model.fuel import Bools, Floats, FuelModel, encode
from case_heating.model.predict import sureness
from case_heating.model.told_facts import Fact, Told, choose_fact
from case_heating.model.typical import Typical, Value

CHUNK_HOMES = 2048  # keeps what is held in memory at once to some tens of megabytes
A_VISIT = "visit"


@dataclass(frozen=True)
class Reason:
    """One group of facts that speaks for an answer.

    Attributes
    ----------
    group : str
        One of ``explain_groups.GROUP``.
    speaks_for : str
        ``gas`` or ``electricity``.
    contribution : float
        Its part of the score; above zero towards gas. [log odds]
    effect : float
        How much the score falls when the group's facts become those of other homes, the mean over values spread over
        both fuels' homes; missing where it was not checked. [log odds]
    fact : Fact
        The fact of this home it is told by, and what it is compared with.
    """

    group: str
    speaks_for: str
    contribution: float
    effect: float
    fact: Fact


@dataclass(frozen=True)
class OtherAnswer:
    """The smallest change of one group, to what homes with the other fuel typically have, that turns the answer.

    ``told`` is the fact that changes, with its new value; ``None`` where only ratios and the like would change.
    """

    group: str
    fuel: str
    told: tuple[str, Value] | None
    score: float


@dataclass(frozen=True)
class Explanation:
    """All there is to say of one home's answer; the customer's words and the analyst's are both made from it.

    Attributes
    ----------
    home_id : str
        The home.
    fuel, probability_of_gas, confidence, sureness
        As ``predict`` gives them.
    score, bias : float
        Raw score and its part that is the same for all homes; ``bias`` plus all contributions is the score to 1e-9.
        [log odds]
    contributions : dict
        Group → its part of the score. [log odds]
    reasons : tuple of Reason
        Two to four that speak for the answer, the strongest first; fewer only where fewer groups speak for it.
    against : Reason or None
        The strongest that speaks against it, unless all are weak.
    settled_by : str
        The group not known of this home that tells the fuel best, or ``visit``: somebody looks at the heater.
    other_answer : OtherAnswer or None
        What would have to be different for the other answer; ``None``: no single group would do.
    """

    home_id: str
    fuel: str
    probability_of_gas: float
    confidence: float
    sureness: str
    score: float
    bias: float
    contributions: dict[str, float]
    reasons: tuple[Reason, ...]
    against: Reason | None
    settled_by: str
    other_answer: OtherAnswer | None


@dataclass(frozen=True)
class Explainer:
    """A model with the reference values of the homes it was trained on; it holds no home's row.

    Raises
    ------
    LeakageError
        If a sensitive trait stands among the model's features.
    """

    model: FuelModel
    typical: Typical

    def __post_init__(self) -> None:
        if sensitive := sorted(SENSITIVE_COLUMNS.intersection(self.model.encoding.names)):
            raise LeakageError(f"the model takes the sensitive {', '.join(sensitive)}; no reason may name it")

    @cached_property
    def used(self) -> tuple[str, ...]:
        """Features that some tree splits on: all that an explanation may speak of."""
        splits = self.model.booster.feature_importance("split")
        return tuple(name for name, n in zip(self.model.encoding.names, splits, strict=True) if n > 0)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Groups with at least one feature in use."""
        return groups_of(self.used)

    @cached_property
    def members(self) -> Bools:
        """Which of the model's features belongs to which group in use, shape (n_features, n_groups)."""
        every = [group.name for group in groups_of(self.model.encoding.names)]
        chosen = [every.index(group.name) for group in self.groups]
        return membership(self.model.encoding.names)[:, chosen]

    @cached_property
    def scales(self) -> Scales:
        """What weighs groups of facts: the model and the typical values as it takes them."""
        encoding = self.model.encoding
        usual = {
            fuel: np.array([_code(values.get(name), encoding.categories.get(name)) for name in encoding.names])
            for fuel, values in self.typical.by_fuel.items()
        }
        spread = [
            [_code(value, encoding.categories.get(name)) for value in values[name]]
            for values in self.typical.spread.values()
            for name in encoding.names
        ]
        rows = np.array(spread).reshape(len(self.typical.spread), len(encoding.names), -1)
        return Scales(self.model, self.members, usual, np.concatenate([fuel.T for fuel in rows]))

    def explain(self, features: pd.DataFrame) -> Iterator[Explanation]:
        """Explain the answer for every home, in order.

        Parameters
        ----------
        features : DataFrame, shape (n_homes, n_columns)
            Indexed by ``home_id``, as built by ``build_features``; columns the model does not know are ignored.

        Yields
        ------
        Explanation
            One per home.

        Raises
        ------
        ModelError
            If a feature the model was trained on is not there at all, or contributions do not add up.
        """
        for start in range(0, len(features), CHUNK_HOMES):
            yield from self._explain_chunk(features.iloc[start : start + CHUNK_HOMES])

    def _explain_chunk(self, features: pd.DataFrame) -> Iterator[Explanation]:
        matrix = encode(features, self.model.encoding)
        weights = self.scales.weigh(matrix)
        told = Told(self.typical, {name: self._values(matrix, name) for name in self._needed})
        confidence = np.maximum(weights.probability, 1 - weights.probability)
        sure = sureness(confidence)
        for row, home_id in enumerate(features.index):
            fuel, rival = ("gas", "electricity") if weights.sign[row] > 0 else ("electricity", "gas")
            against = int(weights.against[row])
            yield Explanation(
                home_id=str(home_id),
                fuel=fuel,
                probability_of_gas=float(weights.probability[row]),
                confidence=float(confidence[row]),
                sureness=str(sure[row]),
                score=float(weights.score[row]),
                bias=float(weights.bias[row]),
                contributions=dict(
                    zip((group.name for group in self.groups), weights.contribution[row].tolist(), strict=True)
                ),
                reasons=tuple(
                    self._reason(weights, row, group, fuel, told)
                    for group in weights.order[row, : weights.n_reasons[row]].tolist()
                ),
                against=None if against < 0 else self._reason(weights, row, against, rival, told),
                settled_by=self._settled_by(told, row),
                other_answer=self._other_answer(weights, row, rival, told),
            )

    @cached_property
    def _needed(self) -> list[str]:
        """Features whose values are looked at to tell facts or to find peers."""
        looked_at = {"dwelling_type", "floor_area_sqft", "climate"}.union(*(group.told for group in GROUPS))
        settling = (group.features for group in GROUPS if group.settles)
        return [name for name in self.used if name in looked_at.union(*settling)]

    def _values(self, matrix: Floats, name: str) -> list[Value]:
        """Give a feature's values as the model sees them: a category it never met is not known to it."""
        categories = self.model.encoding.categories.get(name)
        column = matrix[:, self.model.encoding.names.index(name)].tolist()
        if categories is None:
            return [None if value != value else value for value in column]
        return [None if code != code else categories[int(code)] for code in column]

    def _reason(self, weights: Weights, row: int, group: int, fuel: str, told: Told) -> Reason:
        return Reason(
            group=self.groups[group].name,
            speaks_for=fuel,
            contribution=float(weights.contribution[row, group]),
            effect=float(weights.effect[row, group]),
            fact=choose_fact(self.groups[group], told, row, fuel),
        )

    def _settled_by(self, told: Told, row: int) -> str:
        in_use = {group.name for group in self.groups}
        no_meter = told.value("gas_service", row) == 0.0
        for group in sorted(GROUPS, key=lambda group: -group.settles):
            if group.settles == 0:
                break
            if group.name == "gas_use":
                # Where a model knows gas bills, a home without any is known to buy no gas.
                unknown = group.name not in in_use and not no_meter
            else:
                unknown = all(told.value(name, row) is None for name in group.features)
            if unknown:
                return group.name
        return A_VISIT

    def _other_answer(self, weights: Weights, row: int, rival: str, told: Told) -> OtherAnswer | None:
        turning = int(weights.turning[row])
        if turning < 0:
            return None
        group = self.groups[turning]
        usual = self.typical.by_fuel[rival]
        changed = [name for name in group.told if name in self.used and usual.get(name) != told.value(name, row)]
        fact = (changed[0], usual[changed[0]]) if changed else None
        return OtherAnswer(group.name, rival, fact, float(weights.other_score[row, turning]))


def _code(value: Value, categories: tuple[str, ...] | None) -> float:
    """Encode one value as ``encode`` does."""
    if value is None:
        return np.nan
    if categories is None:
        return float(value)
    return float(categories.index(str(value))) if value in categories else np.nan
