"""Where the course keeps what it makes and what a learner has done."""

from pathlib import Path

from case_heating.settings import Settings
from case_heating.workspace import open_workspace


def course_folder() -> Path:
    """Give the course's folder in the workspace, making it if it is not there.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be written.
    """
    folder = open_workspace(Settings.from_env().workspace).path("course").resolve()
    folder.mkdir(exist_ok=True)
    return folder
