"""Acts about the models that take their time, done in a process of their own: retrain, roll back."""

import os
from typing import Any

from case_heating import orders
from case_heating.edges.latency import one_answer_ms
from case_heating.edges.notify import MODEL_PROMOTED, MODEL_REFUSED, Notice, announce_where_served
from case_heating.edges.review_database import now_here, review_store
from case_heating.journey import Progress
from case_heating.settings import Settings

_MODEL = "model.fuel"


def retrain(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Train a candidate for a person, judge it, and tell whoever is told of promotions and refusals."""
    with review_store(settings, _database()) as engine:
        training = orders.retrain(
            settings,
            engine,
            by=arguments["by"],
            reason=arguments["reason"],
            clock=now_here,
            measure_latency=one_answer_ms,
            progress=progress,
        )
    words = orders.training_in_a_sentence(training)
    if training.promoted or not training.repeated:
        event = MODEL_PROMOTED if training.promoted else MODEL_REFUSED
        announce_where_served(Notice(event, _MODEL, training.as_of, words), settings)
    return {"words": words, "version": training.version, "promoted": training.promoted}


def roll_back(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Let the champion before this one serve again, for a person, and tell of it."""
    progress("rolling back", 0.0)
    with review_store(settings, _database()) as engine:
        model = orders.roll_back(settings, engine, by=arguments["by"], reason=arguments["reason"], clock=now_here)
    words = f"version {model.version}, trained as of {model.as_of}, serves again"
    announce_where_served(Notice(MODEL_PROMOTED, _MODEL, model.as_of, f"rolled back: {words}"), settings)
    progress("rolling back", 1.0)
    return {"words": words, "version": model.version}


def _database() -> str | None:
    return os.environ.get("HEATING_DATABASE_URL")
