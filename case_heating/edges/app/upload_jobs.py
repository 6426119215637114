"""What is done with handed-in files, each in a process of its own with its memory and time limited."""

from typing import Any

from case_heating.data.draft_upload import MAPPING, draft_upload, own_name, read_work
from case_heating.data.map_work import MapWork
from case_heating.data.uploads import Upload, find_upload
from case_heating.edges.app.job_limits import limits
from case_heating.errors import NothingMadeError
from case_heating.journey import Progress
from case_heating.settings import Settings


def draft(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Look at the files and draft a mapping."""
    with limits():
        work = draft_upload(_upload(settings, arguments), progress)
    return {"questions": len(work.questions)}


def check(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the files through the mapping and check them."""
    from case_heating.own_check import check_upload

    with limits():
        upload = _upload(settings, arguments)
        found = check_upload(upload, _work(upload), settings, progress)
    return {"homes": found.n_homes, "refused": found.n_refused}


def answer(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Answer for the homes with the model of the source that the arguments name."""
    from case_heating.kept import open_last
    from case_heating.own_answers import answer_upload
    from case_heating.own_check import read_checked

    with limits():
        upload = _upload(settings, arguments)
        if (checked := read_checked(upload)) is None:
            raise NothingMadeError("these files were not checked yet; check them first")
        found = answer_upload(upload, checked, open_last(settings, arguments["source"]), progress)
    return {"homes": found.n_homes}


def run(settings: Settings, arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Do a main job of their own: models, answers and a report, a source of the workspace from then on."""
    from dataclasses import replace

    from case_heating.edges.main_job import run_main_job

    with limits():
        upload = _upload(settings, arguments)
        _work(upload)
        own = replace(settings, source=str(upload.folder / MAPPING))
        outcome = run_main_job(own, progress)
    return {"source": outcome.source.name, "homes": len(outcome.answers.value)}


def source_of(upload: Upload, work: MapWork) -> str:
    """Name the source that a main job makes of an upload."""
    return f"own_{own_name(upload, work)}"


def _upload(settings: Settings, arguments: dict[str, Any]) -> Upload:
    return find_upload(settings.workspace, arguments["upload"], by=arguments["by"])


def _work(upload: Upload) -> MapWork:
    if (work := read_work(upload)) is None:
        raise NothingMadeError("the files changed since they were looked at; look at them again first")
    return work
