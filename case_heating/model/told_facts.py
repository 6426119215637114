"""The fact by which a group of features is told to a person, and the similar homes it is compared with."""

from dataclasses import dataclass

from case_heating.model.explain_groups import Group
from case_heating.model.typical import SHARED_FACTS, Median, Share, Typical, Value, peer_cells, value_class

_KIND_ONLY = 2  # first cell that does not sort peers by size, for facts that tell the size


@dataclass(frozen=True)
class Fact:
    """One fact of one home beside similar homes.

    Attributes
    ----------
    feature : str
        The feature; empty where the model uses none of the group's that a person can be told.
    value : float, str or None
        Its value; ``None`` where it is not known.
    value_class : str
        What the value counts as where homes are compared by sharing it.
    medians : dict
        Fuel → what similar homes with that fuel have; empty for shared facts.
    share : Share or None
        How homes that share the fact heat; ``None`` for measured ones and for too few homes.
    speaks_for : str or None
        The fuel this comparison speaks for by itself; ``None`` where it speaks for neither.
    """

    feature: str
    value: Value
    value_class: str
    medians: dict[str, Median]
    share: Share | None
    speaks_for: str | None


@dataclass(frozen=True)
class Told:
    """The values of homes that facts are told from; only features in use are looked at.

    ``values`` holds one list per feature, in the order of the homes.
    """

    typical: Typical
    values: dict[str, list[Value]]

    def value(self, feature: str, row: int) -> Value:
        """One home's value; ``None`` where it is missing or the model makes no use of the feature."""
        return self.values[feature][row] if feature in self.values else None

    def cells(self, row: int) -> tuple[str, ...]:
        """Name the cells of peers of one home."""
        return peer_cells(
            self.value("dwelling_type", row), self.value("floor_area_sqft", row), self.value("climate", row)
        )


def choose_fact(group: Group, told: Told, row: int, fuel: str) -> Fact:
    """Choose the plainest fact of a group whose comparison speaks for the fuel, else the plainest that is known."""
    names = [name for name in group.told if name in told.values]
    if not names:
        return Fact("", None, "", {}, None, None)
    facts = []
    for name in names:
        fact = state_fact(group, told, row, name)
        if fact.speaks_for == fuel:
            return fact
        facts.append(fact)
    return next((fact for fact in facts if fact.value is not None), facts[0])


def state_fact(group: Group, told: Told, row: int, feature: str) -> Fact:
    """Lay one fact of a home beside similar homes."""
    value, typical = told.value(feature, row), told.typical
    if value is None or feature in SHARED_FACTS:
        share = typical.share(feature, value)
        return Fact(feature, value, value_class(feature, value), {}, share, _commoner(share, typical.share_of_gas))
    medians = typical.medians_of(feature, told.cells(row), from_level=_KIND_ONLY if group.name == "size" else 0)
    return Fact(feature, value, "", medians, None, _nearer(float(value), medians))


def _commoner(share: Share | None, share_of_gas: float) -> str | None:
    """Which fuel is commoner among homes that share a fact than among all homes."""
    if share is None or share.gas == share_of_gas:
        return None
    return "gas" if share.gas > share_of_gas else "electricity"


def _nearer(value: float, medians: dict[str, Median]) -> str | None:
    """To which fuel's homes a value is nearer; where most of these lack the figure, theirs counts as none at all."""
    usual = {fuel: median.value for fuel, median in medians.items()}
    if not usual or all(median is None for median in usual.values()):
        return None
    gap = {fuel: abs(value - (median or 0.0)) for fuel, median in usual.items()}
    if gap["gas"] == gap["electricity"]:
        return None
    return "gas" if gap["gas"] < gap["electricity"] else "electricity"
