"""The registry: every model that was trained, which of them serves, and the way back.

A version is a model's folder and its run. Aliases say who is who: ``challenger`` was trained last, ``champion``
serves, ``previous`` served before. An alias moves only onto a model whose every byte was checked, and ``champion``
after ``previous``: a process killed between any two steps leaves a whole champion serving and the step repeatable.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from case_heating.errors import ModelError, NoChampionError, RegistryError
from case_heating.release.candidate import TrainedModel
from case_heating.release.gate import PromotionDecision, decision_in_words
from case_heating.release.model_folder import read_model_folder, write_model_folder
from case_heating.release.run_record import (
    ROLLED_BACK,
    RegisteredModel,
    ReleaseEvent,
    event_from,
    figures_of,
    model_from,
    params_of,
    tags_of,
)
from case_heating.release.tracking import Tracking, registry_words
from case_heating.workspace import write_text

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
MODEL_NAME = "heating-fuel"

_TRAININGS, _RELEASES = "trainings", "releases"
_FOLDER, _DECISION, _WORDS = "model_folder", "decision.json", "decision.md"


def open_registry(folder: Path, uri: str | None = None) -> "Registry":
    """Open the registry of a workspace, or that at a URI; nothing is made until something is recorded.

    Parameters
    ----------
    folder : Path
        The workspace's folder ``registry``.
    uri : str, optional
        An MLflow tracking server (``https://…``) or database (``postgresql://…``); SQLite in the folder if not given.
    """
    return Registry(Tracking(folder.resolve(), uri, MODEL_NAME))


@dataclass(frozen=True)
class Registry:
    """The models of one workspace or server.

    Every method raises :class:`RegistryError` where MLflow cannot be reached or refuses, and :class:`ModelError` where
    a model's folder is damaged or gone; nothing has changed then.
    """

    tracking: Tracking

    def record(
        self,
        trained: TrainedModel,
        decision: PromotionDecision,
        *,
        because: str,
        as_of: date,
        plots: Mapping[str, bytes] | None = None,
        figures: Mapping[str, float] | None = None,
    ) -> RegisteredModel:
        """Put a judged model on record and make it the challenger; the same model is recorded once.

        Parameters
        ----------
        trained : TrainedModel
            The model.
        decision : PromotionDecision
            What the gate said of it.
        because : str
            Why it was trained.
        as_of : date
            The moment of the training.
        plots : mapping of bytes, optional
            Images by file name.
        figures : mapping of float, optional
            More figures by name.
        """
        with registry_words(self.tracking), TemporaryDirectory() as scratch:
            draft = Path(scratch)
            digest = write_model_folder(trained, draft / _FOLDER)
            tags = tags_of(trained, decision, digest=digest, because=because, as_of=as_of)
            known = [
                model for model in self.history() if model.digest == digest and self._is_whole(model.run_id, digest)
            ]
            left = [
                run
                for run in self.tracking.find_runs(_TRAININGS, "heating.digest", digest)
                if self._is_whole(run, digest)
            ]
            if known:
                version = known[-1].version
                self.tracking.set_tags(version, tags)
                self.tracking.add_artifact(known[-1].run_id, _DECISION, decision.to_json())
                self.tracking.add_artifact(known[-1].run_id, _WORDS, decision_in_words(decision))
            elif left:  # the process was killed after the run was written, before it got its version
                version = self.tracking.add_version(left[0], _FOLDER, tags)
            else:
                write_text(draft / _DECISION, decision.to_json())
                write_text(draft / _WORDS, decision_in_words(decision))
                for name, image in (plots or {}).items():
                    (draft / "plots").mkdir(exist_ok=True)
                    (draft / "plots" / name).write_bytes(image)
                run_id = self.tracking.record_run(
                    _TRAININGS,
                    tags=tags,
                    params=params_of(trained),
                    figures=figures_of(trained, decision, figures or {}),
                    moment_ms=int(datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC).timestamp() * 1000),
                    artifacts=draft,
                )
                version = self.tracking.add_version(run_id, _FOLDER, tags)
            if CHAMPION not in self._told(version).aliases:
                self.tracking.set_alias(CHALLENGER, version)
            return self._told(version)

    def promote(self, version: str, *, because: str, as_of: date) -> RegisteredModel:
        """Make a version the champion, and the champion before it the previous one."""
        with registry_words(self.tracking):
            self.read(self._told(version))
            former = self._number_of(CHAMPION)
            if former != version:
                with self._event("promotion", version, former, because, as_of):
                    if former is not None:
                        self.tracking.set_alias(PREVIOUS, former)
                    self.tracking.set_alias(CHAMPION, version)
            if self._number_of(CHALLENGER) == version:
                self.tracking.drop_alias(CHALLENGER)
            return self._told(version)

    def roll_back(self, *, because: str, as_of: date) -> RegisteredModel:
        """Make the previous champion the champion again; the one before that becomes the previous one.

        Raises
        ------
        RegistryError
            If there is no previous champion.
        """
        with registry_words(self.tracking):
            former, version = self._number_of(CHAMPION), self._number_of(PREVIOUS)
            if version is None or version == former:
                serving = "nothing serves" if former is None else f"version {former} serves"
                raise RegistryError(
                    f"there is no previous champion in {self.tracking.place} to go back to ({serving}); "
                    "promote another model of 'heating registry list'"
                )
            self.read(self._told(version))
            before = _before(self.events(), version)
            with self._event("roll back", version, former, because, as_of):
                self.tracking.set_alias(CHAMPION, version)
                if former is not None:
                    self.tracking.set_tags(former, {ROLLED_BACK: because})
                if before in {model.version for model in self.history()} and before is not None:
                    self.tracking.set_alias(PREVIOUS, before)
                else:
                    self.tracking.drop_alias(PREVIOUS)
            return self._told(version)

    def get(self, alias: str) -> TrainedModel:
        """Read the model with an alias, every byte checked.

        Raises
        ------
        NoChampionError
            If no model has the alias.
        """
        found = self.find(alias)
        if found is None:
            others = [f"version {other.version} is the {other.aliases[0]}" for other in self.history() if other.aliases]
            remedy = f"{'; '.join(others)}: 'heating registry rollback' or a promotion makes one the champion"
            raise NoChampionError(
                f"no model in {self.tracking.place} is the {alias}: none was promoted yet, or its version was deleted; "
                + (remedy if others else "train and promote one first")
            )
        return self.read(found)

    def find(self, alias: str) -> RegisteredModel | None:
        """Look up the version with an alias; nothing where there is none."""
        return next((model for model in self.history() if alias in model.aliases), None)

    def read(self, model: RegisteredModel) -> TrainedModel:
        """Read a version's model, every byte checked."""
        with registry_words(self.tracking), self.tracking.fetched(model.run_id, _FOLDER) as folder:
            return read_model_folder(folder, digest=model.digest)

    def decision(self, model: RegisteredModel) -> PromotionDecision:
        """Read what the gate said of a version."""
        with registry_words(self.tracking), self.tracking.fetched(model.run_id, _DECISION) as path:
            try:
                return PromotionDecision.from_json(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise RegistryError(
                    f"what was decided on version {model.version} in {self.tracking.place} cannot be read ({error}); "
                    "train again: the same model is judged again and recorded once"
                ) from error

    def history(self) -> tuple[RegisteredModel, ...]:
        """List all versions, the oldest first."""
        with registry_words(self.tracking):
            return tuple(model_from(version) for version in self.tracking.versions())

    def events(self) -> tuple[ReleaseEvent, ...]:
        """List all promotions and roll backs, the oldest first."""
        with registry_words(self.tracking):
            found = [event_from(tags, finished) for tags, finished in self.tracking.events(_RELEASES)]
            return tuple(sorted(found, key=lambda event: event.number))

    def _told(self, version: str) -> RegisteredModel:
        for model in self.history():
            if model.version == version:
                return model
        raise RegistryError(
            f"there is no version {version} in {self.tracking.place}; 'heating registry list' lists those there are"
        )

    def _number_of(self, alias: str) -> str | None:
        found = self.find(alias)
        return None if found is None else found.version

    def _is_whole(self, run_id: str, digest: str) -> bool:
        try:
            with self.tracking.fetched(run_id, _FOLDER) as folder:
                read_model_folder(folder, digest=digest)
        except ModelError:
            return False
        return True

    @contextmanager
    def _event(self, what: str, version: str, instead_of: str | None, because: str, as_of: date) -> Iterator[None]:
        """Put an event on record before its first step, and mark it as finished after its last."""
        number = max((event.number for event in self.events()), default=0) + 1  # clocks may be set back
        tags = {
            "number": str(number),
            "event": what,
            "version": version,
            "as_of": as_of.isoformat(),
            "because": because,
        }
        if instead_of is not None:
            tags["instead_of"] = instead_of
        run_id = self.tracking.start_event(_RELEASES, {f"heating.{name}": value for name, value in tags.items()})
        yield
        self.tracking.finish_event(run_id)


def _before(events: Sequence[ReleaseEvent], version: str) -> str | None:
    """Who served before a version was promoted, as far as the events tell."""
    promotions = [event for event in events if event.what == "promotion" and event.version == version]
    return promotions[-1].instead_of if promotions else None
