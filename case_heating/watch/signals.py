"""What a watch looks for: signals, and the limits from which they are raised.

A signal is an *alarm* or *information*. Weather and prices move every year and take no model's accuracy with them by
themselves: a watch that cried at them would be switched off. They are told, and count only where accuracy moves too.
A signal that points to the data rather than to the world is a *fault*: it asks for repair, never for retraining.
"""

from dataclasses import dataclass, fields
from typing import Literal

from case_heating.errors import HeatingError

SignalKind = Literal["data", "feature", "prediction", "label", "concept", "fairness", "quarantine", "freshness"]


@dataclass(frozen=True)
class Signal:
    """One thing looked at in one window.

    Attributes
    ----------
    kind, name : str
        What kind of drift it would be, and of what.
    value, limit : float
        The figure, and the one from which it counts.
    role : {"alarm", "information"}
        Whether it counts towards a decision when raised.
    raised : bool
        Whether the limit is reached, beyond chance where chance plays a part.
    fault : bool
        Whether, raised, it says that the data are wrong and not that the world is new.
    words : str
        The same for a person.
    """

    kind: SignalKind
    name: str
    value: float
    limit: float
    role: Literal["alarm", "information"]
    raised: bool
    fault: bool
    words: str


@dataclass(frozen=True)
class Limits:
    """From where on a figure counts; shares lie between 0 and 1.

    Chosen between the most that 50 quiet months reach (2,400 homes of the embedded utility, in brackets) and what the
    planted drifts of ``heating drill`` do.

    Attributes
    ----------
    psi : float
        Population stability index of a feature of homes [0.13; weather and prices reach 5.8].
    false_discovery_rate : float
        Of the two-sample tests of all features together.
    surprise : float
        A bill is surprising when it is so many times, or one in so many, of what the home's own history says.
    surprising_bills : float
        Share of surprising bills of a fuel in a month [0.062], and half of it beyond chance.
    one_way : float
        Share of bills surprisingly high less the share surprisingly low, either way [0.025]: everyday mess goes both
        ways, a world that changes home by home goes one, and is seen sooner.
    slipped_factor : float
        A district whose median bill is so many times what is expected has another unit, not other habits.
    lost_facts : float
        Share of homes that had a fact and have it no more [0.00].
    new_homes, unknown_names : float
        Share of homes that the champion's reference did not know; share with a district or the like that it never saw.
    prediction_psi : float
        PSI of the probabilities [0.023].
    estimated_drop : float
        Fall of the accuracy estimated from confidence [0.011].
    label_days : int
        Labels that became known in so many days before the moment are judged together [day].
    min_labels : int
        From fewer labels nothing is concluded.
    label_change : float
        Change of the share of gas among labels.
    accuracy_gap : float
        Measured accuracy below what the champion's confidence promised on the same homes.
    by_chance : float
        A label or accuracy figure so unlikely by chance counts.
    fairness_gap, min_group_homes
        A group's accuracy below that of other homes, and its least number of labelled homes.
    stale_days, stale_homes
        A bill feed is late when so large a share of homes has no bill that ended within so many days.
    weather_days : int
        Days without weather after which that feed is late.
    label_silence_days : int
        Days without a new label after which that is told.
    quarantine : float
        Share of a delivery's rows that were refused.
    """

    psi: float = 0.25
    false_discovery_rate: float = 0.01
    surprise: float = 1.5
    surprising_bills: float = 0.07
    one_way: float = 0.04
    slipped_factor: float = 5.0
    lost_facts: float = 0.10
    new_homes: float = 0.05
    unknown_names: float = 0.03
    prediction_psi: float = 0.05
    estimated_drop: float = 0.02
    label_days: int = 92
    min_labels: int = 30
    label_change: float = 0.10
    accuracy_gap: float = 0.05
    by_chance: float = 0.001
    fairness_gap: float = 0.10
    min_group_homes: int = 30
    stale_days: int = 75
    stale_homes: float = 0.10
    weather_days: int = 10
    label_silence_days: int = 120
    quarantine: float = 0.02

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise HeatingError(f"the limit {field.name} is {getattr(self, field.name)}; it must be above zero")


USUAL_LIMITS = Limits()


def percent(share: float) -> str:
    """Say a share.

    Examples
    --------
    >>> percent(0.0523)
    '5.2 %'
    """
    return f"{100 * share:.1f} %"
