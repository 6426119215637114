"""Which model served when: the spells that promotions and roll backs make, and what the gate said of each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from case_heating.errors import HeatingError
from case_heating.release.gate import PromotionDecision
from case_heating.release.registry import CHAMPION, PREVIOUS, Registry
from case_heating.release.run_record import RegisteredModel, ReleaseEvent

SPELLS = ("version", "since", "until", "how", "because")


@dataclass(frozen=True)
class ModelsOnRecord:
    """All that a registry tells.

    Attributes
    ----------
    place : str
        Where it is.
    models : tuple of RegisteredModel
        The oldest first.
    events : tuple of ReleaseEvent
        Promotions and roll backs, the oldest first.
    decisions : mapping
        What the gate said, by version.
    unreadable : mapping of str
        Why a version's decision cannot be read, by version.
    trouble : str or None
        Why the registry cannot be read, in words; then nothing else is known.
    """

    place: str
    models: tuple[RegisteredModel, ...] = ()
    events: tuple[ReleaseEvent, ...] = ()
    decisions: Mapping[str, PromotionDecision] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    trouble: str | None = None

    @property
    def champion(self) -> RegisteredModel | None:
        """The model that serves."""
        return self._called(CHAMPION)

    @property
    def previous(self) -> RegisteredModel | None:
        """The one that a roll back leads to."""
        return self._called(PREVIOUS)

    def _called(self, alias: str) -> RegisteredModel | None:
        return next((model for model in self.models if alias in model.aliases), None)


def models_on_record(registry: Registry) -> ModelsOnRecord:
    """Read every version, event and decision; a registry that cannot be read is told of and raises nothing."""
    place = registry.tracking.place
    try:
        models, events = registry.history(), registry.events()
    except HeatingError as error:
        return ModelsOnRecord(place, trouble=str(error))
    decisions, unreadable = {}, {}
    for model in models:
        try:
            decisions[model.version] = registry.decision(model)
        except HeatingError as error:
            unreadable[model.version] = str(error)
    return ModelsOnRecord(place, models, events, decisions, unreadable)


def spells_of_service(events: Sequence[ReleaseEvent], *, until: date) -> pd.DataFrame:
    """Tell from when to when each version served.

    Parameters
    ----------
    events : sequence of ReleaseEvent
        The oldest first; those that were cut short did not take place.
    until : date
        The day up to which the one that serves now is shown.

    Returns
    -------
    DataFrame, one row per spell
        ``version``, ``since`` and ``until``, ``how`` it came to serve and ``because`` of what.
    """
    whole = [event for event in events if event.finished]
    ends = [event.as_of for event in whole[1:]] + [until]
    rows = [
        {
            "version": event.version,
            "since": pd.Timestamp(event.as_of),
            "until": pd.Timestamp(max(end, event.as_of)),
            "how": event.what,
            "because": event.because,
        }
        for event, end in zip(whole, ends, strict=False)
    ]
    return pd.DataFrame(rows, columns=list(SPELLS))
