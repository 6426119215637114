"""What the page Health has done in a process of its own: retrain, roll back, replay the history, drill the watch."""

import os
import time
from dataclasses import replace
from typing import Any

from case_heating import orders, rehearsals
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


def replay(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Live through the history again under three policies and keep what it showed."""
    from case_heating.people.replay_words import finding

    begun = time.monotonic()
    homes = int(arguments["homes"])
    with rehearsals.keeping(settings, "replay") as folder:
        lived = rehearsals.replay_history(replace(settings, simulated_homes=homes), progress=progress)
        rehearsals.write_replay(lived, folder)
        said = (f"{finding(lived)}.",)
        seconds = time.monotonic() - begun
        made = rehearsals.Made("replay", arguments["by"], now_here(), seconds, homes, 1, None, said)
        rehearsals.write_made(made, folder)
    return {"words": said[0]}


def drill(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Plant trouble of every kind into copies of a utility and keep what the watch and the policy made of it."""
    begun = time.monotonic()
    homes, seeds = int(arguments["homes"]), int(arguments["seeds"])
    with rehearsals.keeping(settings, "drill") as folder:
        drills, runs = rehearsals.drill_watch(settings, homes=homes, seeds=seeds, progress=progress)
        rehearsals.write_drills(drills, runs, folder)
        seconds = time.monotonic() - begun
        made = rehearsals.Made(
            "drill", arguments["by"], now_here(), seconds, homes, seeds, drills.passed, drills.reasons
        )
        rehearsals.write_made(made, folder)
    return {"words": "all limits are met" if drills.passed else "a limit is missed"}


def _database() -> str | None:
    return os.environ.get("HEATING_DATABASE_URL")
