"""One frozen object with everything that can be set; units stand in the names.

Only edges (command line, app, flows) read the environment or the clock, through :meth:`Settings.from_env`;
the core gets a ``Settings`` handed in.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from case_heating.errors import SourceError

DEFAULT_WORKSPACE = Path(".heating")
LARGEST_SEED = 2**31 - 1  # what every library that draws at random takes


@dataclass(frozen=True)
class Settings:
    """What a run may depend on.

    Attributes
    ----------
    today
        The day of the run. Facts dated later are refused as lying in the future.
    as_of
        The moment the run speaks for: facts known later do not exist for it. ``None``: the last day on which
        the source learned something.
    data_dir
        Folder in which official survey files are looked for before anything is downloaded.
    simulated_homes
        Homes of the embedded utility.
    usual_year_days
        Length of the trailing window a year's bills are summed over.
    min_cell_homes
        No figure about fewer homes than this is shown by group.
    """

    today: date
    as_of: date | None = None
    source: str = "embedded"
    stage: str | None = None
    workspace: Path = DEFAULT_WORKSPACE
    data_dir: Path | None = None
    seed: int = 0
    simulated_homes: int = 20_000
    folds: int = 5
    threads: int = 2
    usual_year_days: int = 365
    min_cell_homes: int = 30
    min_labelled_homes: int = 100
    bootstrap_rounds: int = 500
    tune_trials: int = 0

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Self:
        """Read ``HEATING_WORKSPACE``, ``HEATING_DATA_DIR``, ``HEATING_SEED`` and ``HEATING_THREADS``.

        Overrides win over the environment; an override of ``None`` counts as not given.

        Raises
        ------
        SourceError
            If a variable that should hold a whole number does not, the seed is out of range, the moment
            lies in the future, or a name is unknown.
        """
        env = os.environ if environment is None else environment
        known = {field.name for field in fields(cls)}
        settings = cls(today=date.today())
        found: dict[str, Any] = {}
        if env.get("HEATING_WORKSPACE"):
            found["workspace"] = Path(env["HEATING_WORKSPACE"])
        if env.get("HEATING_DATA_DIR"):
            found["data_dir"] = Path(env["HEATING_DATA_DIR"])
        for name, least in (("seed", 0), ("threads", 1)):
            text = env.get(f"HEATING_{name.upper()}", "")
            if text:
                if not text.isdecimal() or int(text) < least:
                    raise SourceError(f"HEATING_{name.upper()} is {text!r}; it must be a whole number, {least} or more")
                found[name] = int(text)
        given = {name: value for name, value in overrides.items() if value is not None}
        if unknown := sorted(set(given) - known):
            raise SourceError(f"unknown settings {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        settings = replace(settings, **(found | given))
        if not 0 <= settings.seed <= LARGEST_SEED:
            raise SourceError(f"the seed is {settings.seed}; it must lie between 0 and {LARGEST_SEED}")
        if settings.as_of is not None and settings.as_of > settings.today:
            raise SourceError(f"as_of is {settings.as_of} and today is {settings.today}; speak for a day that has been")
        return settings
