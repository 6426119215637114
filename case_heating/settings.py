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
    holdout_months
        Months of labels that a candidate is judged by and not trained on.
    alarms_needed, windows_looked_at
        A drift leads to retraining when seen in so many of the last windows, the latest among them.
    enough_new_labels
        So many labels since the champion was trained are reason enough to train again; ``None``: 25 for each 1,000
        homes.
    online_url
        Where features are served from, ``redis://…``; ``None``: an SQLite file in the workspace.
    registry_uri
        An MLflow tracking server or database; ``None``: an SQLite file in the workspace.
    webhook_url
        Who is told by HTTP of promotions, refusals, drifts and failures; ``None``: nobody.
    notify_block
        A notification block saved in the Prefect server, such as ``sendgrid-email/operations``, that is told the same.
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
    holdout_months: int = 6
    alarms_needed: int = 2
    windows_looked_at: int = 3
    enough_new_labels: int | None = None
    online_url: str | None = None
    registry_uri: str | None = None
    webhook_url: str | None = None
    notify_block: str | None = None

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        remembered: Mapping[str, Any] | None = None,
        **overrides: Any,
    ) -> Self:
        """Read the variables ``HEATING_…`` of the environment.

        There are ``WORKSPACE``, ``DATA_DIR``, ``SOURCE``, ``HOMES``, ``SEED``, ``THREADS``, ``ONLINE_URL``,
        ``REGISTRY_URI``, ``WEBHOOK_URL`` and ``NOTIFY_BLOCK``.

        Overrides win over the environment, and the environment over what is remembered of an earlier run; an override
        of ``None`` counts as not given.

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
        for name in ("source", "online_url", "registry_uri", "webhook_url", "notify_block"):
            if text := env.get(f"HEATING_{name.upper()}", ""):
                found[name] = text
        for variable, name, least in (("SEED", "seed", 0), ("THREADS", "threads", 1), ("HOMES", "simulated_homes", 1)):
            if text := env.get(f"HEATING_{variable}", ""):
                if not text.isdecimal() or int(text) < least:
                    raise SourceError(f"HEATING_{variable} is {text!r}; it must be a whole number, {least} or more")
                found[name] = int(text)
        given = {name: value for name, value in overrides.items() if value is not None}
        if unknown := sorted(set(given) - known):
            raise SourceError(f"unknown settings {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        settings = replace(settings, **(dict(remembered or {}) | found | given))
        if not 0 <= settings.seed <= LARGEST_SEED:
            raise SourceError(f"the seed is {settings.seed}; it must lie between 0 and {LARGEST_SEED}")
        if settings.as_of is not None and settings.as_of > settings.today:
            raise SourceError(f"as_of is {settings.as_of} and today is {settings.today}; speak for a day that has been")
        return settings
