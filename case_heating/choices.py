"""What the last run of a source was asked for, so that whoever looks at it later need not say it again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from case_heating.errors import WorkspaceError
from case_heating.settings import Settings
from case_heating.workspace import open_workspace, plain_words, write_text

CHOICES = ("simulated_homes", "seed", "stage", "as_of", "folds", "tune_trials")
"""Settings of a run that decide what its answers are; others say where things lie or how fast they are made."""


def remember_choices(settings: Settings, source: str) -> None:
    """Put on record what a run of a source was asked for.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be written.
    """
    told = {name: getattr(settings, name) for name in CHOICES}
    path = open_workspace(settings.workspace).path(f"choices/{source}.json")
    with plain_words(settings.workspace):
        path.parent.mkdir(exist_ok=True)
        write_text(path, json.dumps(told, indent=1, default=date.isoformat) + "\n")


def recall_choices(workspace: Path, source: str) -> dict[str, Any]:
    """Give what the last run of a source was asked for, as settings; nothing where there was none.

    Raises
    ------
    WorkspaceError
        If the record is damaged.
    """
    path = workspace / "choices" / f"{source}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        found = {name: told[name] for name in CHOICES}
        return found | {"as_of": found["as_of"] and date.fromisoformat(found["as_of"])}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{path} is damaged ({error!r}); 'heating run' writes it anew") from error
