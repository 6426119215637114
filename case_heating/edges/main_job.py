"""The main job as the command line runs it: what people decided in review is handed in as labels."""

import os
from typing import Any

import pandas as pd

from case_heating import journey
from case_heating.choices import recall_choices
from case_heating.data.sources import find_source
from case_heating.edges.review_database import review_store
from case_heating.errors import SourceError
from case_heating.kept import made_sources
from case_heating.model.ladder import Rung
from case_heating.people.review_labels import read_review_labels
from case_heating.people.review_store import REVIEW_FILE
from case_heating.settings import Settings


def run_main_job(settings: Settings, progress: journey.Progress, *, database: str | None = None) -> journey.Outcome:
    """Run the journey with the decisions of the review queue.

    Parameters
    ----------
    settings : Settings
        What to run on and where to keep it.
    progress : callable
        Told what is being done.
    database : str, optional
        URL of the queue; ``HEATING_DATABASE_URL`` if not given, else the workspace's own where there is one.

    Raises
    ------
    HeatingError
        As :func:`case_heating.journey.run`.
    """
    return journey.run(settings, progress, reviewed=labels_of_people(settings, database=database))


def settings_of_last_run(**given: Any) -> Settings:
    """Choose the settings of a command that looks at the last run of a source.

    What is not said now, as an option or in the environment, is as it was said then.

    Raises
    ------
    HeatingError
        As :meth:`Settings.from_env` and :func:`~case_heating.data.sources.find_source`.
    """
    asked = Settings.from_env(**given)
    told = recall_choices(asked.workspace, find_source(asked).name)
    return Settings.from_env(remembered=told, **given)


def source_name(settings: Settings) -> str:
    """Name the source that is asked for, as its folders in the workspace are called.

    What has been run is found by that name too, as ``own_town``, without the files it came from.

    Raises
    ------
    HeatingError
        As :func:`~case_heating.data.sources.find_source`.
    """
    made = made_sources(settings.workspace)
    return settings.source if settings.source in made else find_source(settings).name


def rung_of(outcome: journey.Outcome, stage: str | None) -> Rung:
    """Give the model of a stage, the last one if not given, out of those the run has made.

    Raises
    ------
    SourceError
        If there is none of that stage.
    """
    ladder = outcome.ladder.value
    reached = [rung.stage for rung in ladder.rungs]
    if stage is not None and stage not in reached:
        raise SourceError(f"there is no model of stage {stage!r}; there are models of {', '.join(reached)}")
    return ladder.rungs[-1] if stage is None else ladder[stage]


def labels_of_people(settings: Settings, *, database: str | None = None) -> pd.DataFrame | None:
    """Read what people decided of the source's homes, in the columns of ``labels``; nothing where they decided none."""
    url = database or os.environ.get("HEATING_DATABASE_URL")
    if url is None and not (settings.workspace / REVIEW_FILE).exists():
        return None
    with review_store(settings, url) as engine:
        reviewed = read_review_labels(engine, find_source(settings).name)
    return None if reviewed.empty else reviewed
