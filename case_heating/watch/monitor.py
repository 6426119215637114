"""One month under watch: the champion's reference against what came in, and all signals of it in one report."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import HeatingError, ModelError
from case_heating.schema import Tables
from case_heating.watch.answer_signals import (
    Measured,
    arrived_labels,
    confidence,
    fairness_signals,
    judged_labels,
    label_signal,
    measure,
    measured_signal,
    prediction_signals,
)
from case_heating.watch.bills import bill_surprises
from case_heating.watch.data_signals import (
    bill_signals,
    feature_signals,
    freshness_signals,
    population_signals,
    quarantine_signal,
)
from case_heating.watch.drift import DriftLimits, compare_features
from case_heating.watch.signals import USUAL_LIMITS, Limits, Signal

_YEAR_MONTHS = 12


@dataclass(frozen=True)
class Reference:
    """What the champion was made for: all homes at the moment it was trained.

    Not its training rows: labelled homes are a few and not any few, so that all homes would always seem to have drifted
    from them.

    Attributes
    ----------
    as_of : date
        The moment; labels known later can judge the champion.
    features : DataFrame, shape (n_homes, n_features)
        Features of all homes at that moment, indexed by ``home_id``.
    probability : ndarray, shape (n_homes,)
        The champion's probability of gas of the same homes.
    champion : str
        Its name or version.
    """

    as_of: date
    features: pd.DataFrame
    probability: npt.NDArray[np.float64]
    champion: str = "champion"


@dataclass(frozen=True)
class Quarantine:
    """Rows of the newest delivery, and how many of them were refused."""

    rows_in: int
    refused: int


@dataclass(frozen=True)
class WatchReport:
    """What one window showed.

    Attributes
    ----------
    as_of : date
        The moment the window ends.
    champion : str
        The model watched.
    reference_window, current_window : (date, date)
        First and last day of what is compared with and of what came in.
    n_homes : int
        Homes watched.
    signals : tuple of Signal
        Everything that was looked at, raised or not.
    estimated_accuracy : float
        From the champion's confidence, before any label.
    measured : Measured or None
        From labels that arrived since it was trained.
    n_recent_labels : int
        Labels of events within the label window that are known: what a retraining now would learn of the present.
    features : dict
        By feature: ``psi``, ``p_adjusted``, ``missing``, ``drifted``.
    """

    as_of: date
    champion: str
    reference_window: tuple[date, date]
    current_window: tuple[date, date]
    n_homes: int
    signals: tuple[Signal, ...]
    estimated_accuracy: float
    measured: Measured | None
    n_recent_labels: int
    features: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def alarms(self) -> tuple[Signal, ...]:
        """Signals that are raised and count."""
        return tuple(signal for signal in self.signals if signal.raised and signal.role == "alarm")

    @property
    def faults(self) -> tuple[Signal, ...]:
        """Alarms that say the data are wrong."""
        return tuple(signal for signal in self.alarms if signal.fault)

    def to_json(self) -> str:
        """Write it as JSON, for the workspace."""
        return json.dumps(asdict(self), indent=1, default=date.isoformat, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        HeatingError
            If the text is no such report.
        """
        try:
            told = json.loads(text)
            told["as_of"] = date.fromisoformat(told["as_of"])
            for window in ("reference_window", "current_window"):
                first, last = told[window]
                told[window] = (date.fromisoformat(first), date.fromisoformat(last))
            told["signals"] = tuple(Signal(**signal) for signal in told["signals"])
            told["measured"] = told["measured"] and Measured(**told["measured"])
            return cls(**told)
        except (ValueError, KeyError, TypeError) as error:
            raise HeatingError(
                f"this is no watch report ({error}); delete the file and watch the month again"
            ) from error


def watch_month(
    tables: Tables,
    features: pd.DataFrame,
    probability: npt.NDArray[np.float64],
    *,
    as_of: date,
    reference: Reference,
    limits: Limits = USUAL_LIMITS,
    quarantine: Quarantine | None = None,
) -> WatchReport:
    """Look at the month before a moment.

    Parameters
    ----------
    tables : Tables
        Trusted tables; facts known after ``as_of`` are not looked at.
    features : DataFrame, shape (n_homes, n_features)
        Features of all homes at the moment, indexed by ``home_id``.
    probability : ndarray, shape (n_homes,)
        The champion's probability of gas of the same homes.
    as_of : date
        The moment.
    reference : Reference
        What the champion was made for.
    limits : Limits
        From where on a figure counts.
    quarantine : Quarantine, optional
        What happened to the newest delivery.

    Raises
    ------
    ModelError
        If the moment lies before the reference, or features and probabilities do not belong together.
    """
    if as_of < reference.as_of or len(features) != len(probability):
        raise ModelError(
            f"a window ending {as_of} with {len(features):,} homes and {len(probability):,} answers cannot be watched "
            f"against the reference of {reference.as_of}: it must end later and have one answer a home"
        )
    since = _months_before(as_of, 1)
    year_before = _months_before(reference.as_of, _YEAR_MONTHS)
    said = pd.Series(probability, index=features.index)
    compared = compare_features(reference.features, features, DriftLimits(limits.psi, limits.false_discovery_rate))
    signals = [
        *bill_signals(bill_surprises(tables, since=since, as_of=as_of), limits),
        *feature_signals(compared, limits),
        *population_signals(reference.features, features, limits),
        *freshness_signals(tables, as_of=as_of, limits=limits),
        *prediction_signals(reference.probability, probability, limits),
    ]
    if quarantine:
        signals.append(quarantine_signal(quarantine.rows_in, quarantine.refused, limits))
    measured, n_recent = None, 0
    if "labels" in tables:
        labels = tables["labels"]
        since_labels = (pd.Timestamp(as_of) - pd.Timedelta(days=limits.label_days)).date()
        judged = judged_labels(labels, trained_at=reference.as_of, since=since_labels, as_of=as_of)
        of_a_year = judged_labels(
            labels, trained_at=reference.as_of, since=_months_before(as_of, _YEAR_MONTHS), as_of=as_of
        )
        measured = measure(judged, said)
        now = arrived_labels(labels, since=since_labels, as_of=as_of)
        n_recent = int((now["event_time"] > pd.Timestamp(since_labels)).sum())
        maybe = [
            measured_signal(judged, said, limits),
            label_signal(arrived_labels(labels, since=year_before, as_of=reference.as_of), now, limits),
        ]
        signals += [signal for signal in maybe if signal is not None]
        signals += fairness_signals(tables, of_a_year, said, limits)
    return WatchReport(
        as_of=as_of,
        champion=reference.champion,
        reference_window=(year_before, reference.as_of),
        current_window=(since, as_of),
        n_homes=len(features),
        signals=tuple(signals),
        estimated_accuracy=float(confidence(probability).mean()),
        measured=measured,
        n_recent_labels=n_recent,
        features=_figures(compared),
    )


def _figures(compared: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {
        str(name): {
            "psi": round(float(row["psi"]), 6),
            "p_adjusted": float(row["p_adjusted"]),
            "missing": round(float(row["missing_current"]), 6),
            "drifted": bool(row["drifted"]),
        }
        for name, row in compared.iterrows()
    }


def _months_before(moment: date, months: int) -> date:
    return (pd.Timestamp(moment) - pd.DateOffset(months=months)).date()
