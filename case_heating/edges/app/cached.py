"""What the pages share between visits: the opened source and what is learned from it, until a run makes it anew."""

import os
from typing import TYPE_CHECKING

import streamlit as st

from case_heating.kept import EMBEDDED, made_sources, open_last
from case_heating.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine

    from case_heating.kept import Opened
    from case_heating.model.explain import Explainer
    from case_heating.model.forecast import YearAhead
    from case_heating.model.forecast_learn import LearnedForecast
    from case_heating.people.find_homes import HomeFinder
    from case_heating.people.typed_facts import Field

SOURCE = "source"
"""Name of the query parameter and of the session's key that say which source is looked at."""


def settings() -> Settings:
    """Read the settings as the command line does; the source is the one chosen in the side bar."""
    return Settings.from_env()


def chosen_source() -> str:
    """Name the source that is looked at: chosen in the side bar, else the link's, else the settings' or the first."""
    made = made_sources(settings().workspace)
    for name in (st.session_state.get(SOURCE), st.query_params.get(SOURCE), settings().source):
        if name in made:
            return str(name)
    return made[0] if made else EMBEDDED


def opened(source: str | None = None) -> "Opened":
    """Open a source, the chosen one if none is named; its tables are read once for all visitors.

    Raises
    ------
    NothingMadeError
        If no run of it has finished.
    """
    name = source or chosen_source()
    found = open_last(settings(), name)
    return _keep_opened(str(found.settings.workspace.resolve()), name, found.stamp, found)


def explainer(source: str | None = None, stage: str | None = None) -> "Explainer":
    """Explain with the model of a stage, the last one if none is named."""
    found = opened(source)
    return _keep_explainer(str(found.settings.workspace.resolve()), found.source, found.stamp, stage, found)


def forecast(source: str | None = None) -> "LearnedForecast":
    """Give what the year ahead is drawn from.

    Raises
    ------
    NotEnoughDataError
        If the source has no months to forecast, as a survey has none.
    """
    found = opened(source)
    return _keep_forecast(str(found.settings.workspace.resolve()), found.source, found.stamp, found)


def sureness_kept(source: str | None = None) -> "pd.DataFrame":
    """Tell how often answers of homes held out were right, by the words that say how sure the last stage is."""
    found = opened(source)
    return _keep_sureness(str(found.settings.workspace.resolve()), found.source, found.stamp, found)


def finder(source: str | None = None) -> "HomeFinder":
    """Make the homes of a source ready to be searched."""
    found = opened(source)
    return _keep_finder(str(found.settings.workspace.resolve()), found.source, found.stamp, found)


def typed_fields(source: str | None = None) -> "tuple[Field, ...]":
    """List the facts of a home that may be typed, of those the source's labelled homes have."""
    found = opened(source)
    return _keep_fields(str(found.settings.workspace.resolve()), found.source, found.stamp, found)


def year_ahead(source: str | None = None) -> "tuple[YearAhead, pd.DataFrame]":
    """Draw the year ahead with a normal winter at the prices in force, and every home's total beside it.

    Raises
    ------
    NotEnoughDataError
        As :func:`forecast`.
    """
    found = opened(source)
    return _keep_year(str(found.settings.workspace.resolve()), found.source, found.stamp, forecast(source))


def review_engine(*, make: bool = False) -> "Engine | None":
    """Open the database of the review queue once for all visitors; nothing where nobody has made one yet.

    Raises
    ------
    DatabaseError
        If it cannot be opened.
    """
    from case_heating.people.review_store import REVIEW_FILE, open_store, sqlite_url
    from case_heating.workspace import open_workspace

    if named := os.environ.get("HEATING_DATABASE_URL"):
        return _keep_engine(named, 0)
    file = settings().workspace.resolve() / REVIEW_FILE
    if not file.exists():
        if not make:
            return None
        open_store(sqlite_url(open_workspace(file.parent).root)).dispose()
    return _keep_engine(sqlite_url(file.parent), file.stat().st_ino)


@st.cache_resource(max_entries=4, show_spinner="Opening what the last run left …")
def _keep_opened(workspace: str, source: str, stamp: str, _found: "Opened") -> "Opened":  # noqa: ARG001 - keys
    return _found


@st.cache_resource(max_entries=8, show_spinner="Learning what homes typically are like …")
def _keep_explainer(
    workspace: str,  # noqa: ARG001 - a key of the cache, as the two below
    source: str,  # noqa: ARG001
    stamp: str,  # noqa: ARG001
    stage: str | None,
    _found: "Opened",
) -> "Explainer":
    from case_heating.kept import take_explainer

    return take_explainer(_found, stage)


@st.cache_resource(max_entries=3, show_spinner="Learning what each home uses; it is kept for the next time …")
def _keep_forecast(
    workspace: str,  # noqa: ARG001 - a key of the cache, as the two below
    source: str,  # noqa: ARG001
    stamp: str,  # noqa: ARG001
    _found: "Opened",
) -> "LearnedForecast":
    from case_heating.kept import take_forecast

    return take_forecast(_found)


@st.cache_resource(max_entries=4, show_spinner="Making the homes ready to be searched …")
def _keep_finder(workspace: str, source: str, stamp: str, _found: "Opened") -> "HomeFinder":  # noqa: ARG001 - keys
    from case_heating.people.find_homes import learn_finder

    return learn_finder(_found.homes)


@st.cache_resource(max_entries=2, show_spinner="Drawing the year ahead …")
def _keep_year(
    workspace: str,  # noqa: ARG001 - a key of the cache, as the two below
    source: str,  # noqa: ARG001
    stamp: str,  # noqa: ARG001
    _learned: "LearnedForecast",
) -> "tuple[YearAhead, pd.DataFrame]":
    from case_heating.model.forecast import forecast, home_years

    year = forecast(_learned)
    return year, home_years(year)


@st.cache_resource(max_entries=4, show_spinner=False)
def _keep_sureness(workspace: str, source: str, stamp: str, _found: "Opened") -> "pd.DataFrame":  # noqa: ARG001 - keys
    from case_heating.people.home_answer import sureness_kept as count

    return count(_found.evidence.is_gas, _found.ladder.value.rungs[-1].probability)


@st.cache_resource(max_entries=4, show_spinner=False)
def _keep_engine(url: str, inode: int) -> "Engine":  # noqa: ARG001 - a file that was made anew is another one
    from case_heating.people.review_store import open_store

    return open_store(url)


@st.cache_resource(max_entries=4, show_spinner=False)
def _keep_fields(workspace: str, source: str, stamp: str, _found: "Opened") -> "tuple[Field, ...]":  # noqa: ARG001 - keys
    from case_heating.people.typed_facts import typed_fields as list_fields

    return list_fields(_found.known.tables["homes"], _found.evidence.features)
