"""What a job can do: each kind is a function of the settings, its arguments and a progress callback."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from case_heating.settings import Settings

if TYPE_CHECKING:  # importing it takes seconds, in which nobody would be told that the job has begun
    from case_heating.journey import Progress

    Kind = Callable[[Settings, dict[str, Any], Progress], dict[str, Any]]

KINDS = {
    "main_job": "case_heating.edges.app.job_kinds:main_job",
    "fairness_study": "case_heating.edges.app.fairness_jobs:study",
    "draft_upload": "case_heating.edges.app.upload_jobs:draft",
    "check_upload": "case_heating.edges.app.upload_jobs:check",
    "answer_upload": "case_heating.edges.app.upload_jobs:answer",
    "run_upload": "case_heating.edges.app.upload_jobs:run",
    "retrain": "case_heating.edges.app.health_jobs:retrain",
    "roll_back": "case_heating.edges.app.health_jobs:roll_back",
    "replay": "case_heating.edges.app.health_jobs:replay",
    "drill": "case_heating.edges.app.health_jobs:drill",
}
"""Where the function of each kind is found; it is imported by the job's own process alone."""


def kind_named(name: str) -> "Kind":
    """Find the function of a kind.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    module, _, function = KINDS[name].partition(":")
    found: Kind = getattr(import_module(module), function)
    return found


def main_job(settings: Settings, _arguments: dict[str, Any], progress: "Progress") -> dict[str, Any]:
    """Do the main job: answers, models and report of the source."""
    from case_heating.edges.main_job import run_main_job

    outcome = run_main_job(settings, progress)
    return {"source": outcome.source.name, "homes": len(outcome.answers.value)}
