"""MLflow, as far as the registry needs it: runs with artifacts, versions with tags, aliases. Only here it is imported.

MLflow takes seconds to import, which is done when something is written or a server asked. In the workspace it keeps a
SQLite file, which :mod:`.tracking_file` reads for who only looks, and the artifacts beside it; with a URI it is any
tracking server or database. A workspace that was moved or copied stays whole: its artifacts are looked for beside the
file, not where they once lay.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from case_heating.errors import RegistryError
from case_heating.release.tracking_file import runs_in, versions_in
from case_heating.workspace import fingerprint, plain_words, write_text

SQLITE_FILE = "mlflow.sqlite"
_MOST = 10_000  # versions or events asked for at once
_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",  # seconds: a server that does not answer by then is said to be away
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_ABSENT = (
    "RESOURCE_DOES_NOT_EXIST",
    "INVALID_PARAMETER_VALUE",
)  # how MLflow says that an alias or a model is not there


@dataclass(frozen=True)
class Version:
    """A registered version as MLflow knows it."""

    number: str
    run_id: str
    tags: dict[str, str]
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Tracking:
    """One MLflow: that of a folder, or that at a URI. Nothing is made before something is written."""

    folder: Path
    uri: str | None
    model_name: str

    @property
    def place(self) -> str:
        """Where it is kept, as told to people."""
        return self.uri or str(self.folder / SQLITE_FILE)

    @property
    def is_empty(self) -> bool:
        """Whether there is no local file yet; asking must not make one."""
        return self.uri is None and not (self.folder / SQLITE_FILE).exists()

    @property
    def keeps_artifacts(self) -> bool:
        """Whether artifacts lie in the folder; a tracking server keeps them itself."""
        return self.uri is None or not self.uri.startswith(("http://", "https://"))

    def versions(self) -> tuple[Version, ...]:
        """List the registered versions, the oldest first."""
        if self.is_empty:
            return ()
        if self.uri is None and (told := versions_in(self.folder / SQLITE_FILE, self.model_name)) is not None:
            return tuple(Version(*one) for one in told)
        registered = self.client.get_registered_model(self.model_name)
        aliases: dict[str, list[str]] = {}
        for alias, number in registered.aliases.items():
            aliases.setdefault(str(number), []).append(alias)
        found = self.client.search_model_versions(f"name='{self.model_name}'", max_results=_MOST)
        numbered = sorted(found, key=lambda one: int(one.version))
        return tuple(
            Version(str(one.version), one.run_id, dict(one.tags), tuple(sorted(aliases.get(str(one.version), ()))))
            for one in numbered
        )

    def set_alias(self, alias: str, number: str) -> None:
        """Point an alias at a version."""
        self.client.set_registered_model_alias(self.model_name, alias, number)

    def drop_alias(self, alias: str) -> None:
        """Take an alias away; it need not be there."""
        self.client.delete_registered_model_alias(self.model_name, alias)

    def set_tags(self, number: str, tags: Mapping[str, str]) -> None:
        """Write tags of a version."""
        for name, value in tags.items():
            self.client.set_model_version_tag(self.model_name, number, name, value)

    def add_version(self, run_id: str, artifact: str, tags: Mapping[str, str]) -> str:
        """Register a run's artifact as the next version and give its number."""
        source = f"{self.client.get_run(run_id).info.artifact_uri}/{artifact}"
        made = self.client.create_model_version(self.model_name, source=source, run_id=run_id, tags=dict(tags))
        return str(made.version)

    def record_run(
        self,
        experiment: str,
        *,
        tags: Mapping[str, str],
        params: Mapping[str, str],
        figures: Mapping[str, float],
        moment_ms: int,
        artifacts: Path,
    ) -> str:
        """Write a whole run and give its id; one that is cut short stays without an end and is of no account."""
        from mlflow.entities import Metric, Param

        run_id: str = self.client.create_run(self._experiment(experiment), tags=dict(tags)).info.run_id
        self.client.log_batch(
            run_id,
            metrics=[Metric(name, value, moment_ms, 0) for name, value in figures.items()],
            params=[Param(name, value) for name, value in params.items()],
        )
        self.client.log_artifacts(run_id, str(artifacts))
        self.client.set_terminated(run_id)
        return run_id

    def find_runs(self, experiment: str, tag: str, value: str) -> list[str]:
        """Look up finished runs by a tag; those that were cut short are marked as killed."""
        places = [one.experiment_id for one in self._experiments(experiment)]
        runs = self.client.search_runs(places, f"tags.`{tag}` = '{value}'") if places else []
        for run in runs:
            if run.info.status == "RUNNING":
                self.client.set_terminated(run.info.run_id, "KILLED")
        return [run.info.run_id for run in runs if run.info.status == "FINISHED"]

    def add_artifact(self, run_id: str, name: str, text: str) -> None:
        """Write a text beside a run's artifacts; one of that name is replaced."""
        if self.keeps_artifacts:
            write_text(self._artifacts_of(run_id) / name, text)
        else:
            self.client.log_text(run_id, text, name)

    def start_event(self, experiment: str, tags: Mapping[str, str]) -> str:
        """Begin a run that stands for an event and has nothing but tags."""
        run_id: str = self.client.create_run(self._experiment(experiment), tags=dict(tags)).info.run_id
        return run_id

    def finish_event(self, run_id: str) -> None:
        """Mark an event as finished."""
        self.client.set_terminated(run_id)

    def events(self, experiment: str) -> list[tuple[dict[str, str], bool]]:
        """Give the tags of each event and whether it was finished, in no order."""
        if self.is_empty:
            return []
        named = f"{self.model_name} {experiment}"
        if self.uri is None and (told := runs_in(self.folder / SQLITE_FILE, named)) is not None:
            return told
        runs = self.client.search_runs([one.experiment_id for one in self._experiments(experiment)], max_results=_MOST)
        return [(dict(run.data.tags), run.info.status == "FINISHED") for run in runs]

    @contextmanager
    def fetched(self, run_id: str, artifact: str) -> Iterator[Path]:
        """Hand out a run's artifact as a path, which may not be there."""
        if self.keeps_artifacts:
            yield self._artifacts_of(run_id) / artifact
        else:
            with TemporaryDirectory() as scratch:
                yield Path(self.client.download_artifacts(run_id, artifact, scratch))

    @cached_property
    def client(self) -> Any:
        """MLflow's own client; the registered model is there when it is handed out."""
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        for name in ("mlflow", "alembic"):  # which would tell of every table they make
            logging.getLogger(name).setLevel(logging.WARNING)
        uri = self.uri
        if uri is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{(self.folder / SQLITE_FILE).as_posix()}"
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        try:
            client.get_registered_model(self.model_name)
        except MlflowException as error:
            if error.error_code not in _ABSENT:
                raise
            client.create_registered_model(self.model_name)
        return client

    def _artifacts_of(self, run_id: str) -> Path:
        """Where a run's artifacts lie now; MLflow remembers where they lay when they were written."""
        return self.folder / "artifacts" / run_id / "artifacts"

    def _experiments(self, name: str) -> list[Any]:
        """All experiments of a name: one, and one more for each place a folder with it was moved to."""
        return list(self.client.search_experiments(filter_string=f"name LIKE '{self.model_name} {name}%'"))

    def _experiment(self, name: str) -> str:
        """Look up or make the experiment that keeps its artifacts where this folder lies now."""
        location = (self.folder / "artifacts").as_uri() if self.keeps_artifacts else None
        known = self._experiments(name)
        for experiment in known:
            if location is None or experiment.artifact_location == location:
                return str(experiment.experiment_id)
        moved = f" at {fingerprint(location)}" if known else ""
        return str(self.client.create_experiment(f"{self.model_name} {name}{moved}", artifact_location=location))


@contextmanager
def registry_words(tracking: Tracking) -> Iterator[None]:
    """Say in words what is wrong with MLflow or its place.

    Raises
    ------
    RegistryError
        If it cannot be reached, read or written.
    """
    try:
        with plain_words(tracking.folder):
            yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("mlflow", "sqlalchemy", "sqlite3", "requests", "alembic"):
            raise
        first = str(error).strip().splitlines()[0][:300]
        raise RegistryError(
            f"the registry {tracking.place} cannot be used: {first}. Check that it is reachable and whole; what is "
            "being served stays as it is, and the same command can be given again"
        ) from error
