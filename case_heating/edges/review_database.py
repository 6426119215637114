"""The review queue's database as the command line finds it, and the clock it hands in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from case_heating.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        envvar="HEATING_DATABASE_URL", help="postgresql:// or sqlite:/// URL; review.sqlite in the workspace."
    ),
]


@contextmanager
def review_store(settings: Settings, database: str | None) -> Iterator["Engine"]:
    """Open the database at the URL, or the workspace's own, and close it at the end."""
    from case_heating.people.review_store import open_store, sqlite_url
    from case_heating.workspace import open_workspace

    root = open_workspace(settings.workspace).root
    engine = open_store(database or sqlite_url(root))
    try:
        yield engine
    finally:
        engine.dispose()


def now_here() -> datetime:
    """Give this moment, with its time zone."""
    return datetime.now().astimezone()
