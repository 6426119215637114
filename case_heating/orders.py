"""What a person orders about the models: retrain now, roll back, choose instead of the policy; each is put on record.

The same functions that schedules call do the work; here somebody stands behind it with a name and a reason.
"""

from collections.abc import Callable
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine

from case_heating import continuous
from case_heating.arrivals import last_day
from case_heating.journey import Progress, silent
from case_heating.model.fuel import FuelModel
from case_heating.people.acts import on_record
from case_heating.release.gate_limits import GateLimits
from case_heating.release.registry import RegisteredModel
from case_heating.settings import Settings
from case_heating.training import Training
from case_heating.watch.overrides import Override, override_words

Clock = Callable[[], datetime]


def retrain(
    settings: Settings,
    engine: Engine,
    *,
    by: str,
    reason: str,
    clock: Clock,
    limits: GateLimits | None = None,
    measure_latency: Callable[[FuelModel, pd.DataFrame], float] | None = None,
    progress: Progress = silent,
) -> Training:
    """Train a candidate on what came in by the last ingest and put it to the gate, whether or not retraining is paused.

    Parameters
    ----------
    settings : Settings
        The workspace.
    engine : Engine
        Where acts are on record, from ``open_store``.
    by, reason : str
        Who asks for it and why.
    clock : callable
        Gives the moment, with its time zone.
    limits, measure_latency, progress
        As of :func:`case_heating.continuous.train_and_promote`.

    Raises
    ------
    HeatingError
        As :func:`case_heating.continuous.train_and_promote`; the record tells it too.
    """
    with on_record(engine, "retrain", by=by, reason=reason, clock=clock) as outcome:
        training = continuous.train_and_promote(
            settings,
            last_day(settings),
            because=_because(reason, by),
            limits=limits,
            measure_latency=measure_latency,
            progress=progress,
        )
        outcome.words = training_in_a_sentence(training)
    return training


def roll_back(
    settings: Settings, engine: Engine, *, by: str, reason: str, clock: Clock, as_of: date | None = None
) -> RegisteredModel:
    """Let the champion before this one serve again; from the day of the last ingest if none is given.

    Raises
    ------
    HeatingError
        If there is no champion before this one, or a training runs; the record tells it too.
    """
    with on_record(engine, "roll back", by=by, reason=reason, clock=clock) as outcome:
        model = continuous.roll_back(settings, as_of or last_day(settings), because=_because(reason, by))
        outcome.words = f"version {model.version} of {model.as_of} serves again"
    return model


def choose(settings: Settings, engine: Engine, override: Override, *, clock: Clock) -> Override:
    """Put on record what a person chose instead of the policy, and let decisions honour it.

    Raises
    ------
    HeatingError
        As :func:`case_heating.continuous.choose`; the record tells it too.
    """
    what = override.choice.replace("_", " ")
    with on_record(engine, what, by=override.by, reason=override.why, clock=clock) as outcome:
        continuous.choose(settings, override)
        outcome.words = override_words(override)
    return override


def training_in_a_sentence(training: Training) -> str:
    """Say what a training came to, with what decided, without the sentence's end."""
    if training.promoted:
        return f"version {training.version}, trained on {training.n_homes:,} homes, passed the gate and serves now"
    if training.repeated:
        return f"version {training.version} was trained from the same before and passed; nothing was left to do"
    return f"version {training.version} was refused, the champion serves on: {'; '.join(training.decision.reasons)}"


def _because(reason: str, by: str) -> str:
    return f"{reason.strip()} (asked for by {by.strip()})"
