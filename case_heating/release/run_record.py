"""What is put on record of a model, as flat names and values, and how versions and events are told from it again."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from case_heating.release.candidate import TrainedModel
from case_heating.release.gate import PromotionDecision
from case_heating.release.gate_checks import Check
from case_heating.release.tracking import Version

ROLLED_BACK = "heating.rolled_back"
_FAIRNESS, _REASONS = "fairness", "reasons are real"


@dataclass(frozen=True)
class RegisteredModel:
    """One version in the registry.

    Attributes
    ----------
    version : str
        Its number.
    digest : str
        That of its folder.
    run_id : str
        MLflow's id of its run.
    stage : str
        Stage of data.
    as_of : date
        The moment it was trained.
    because : str
        Why it was trained.
    passed : bool
        Whether the gate would promote it.
    aliases : tuple of str
        What it is called now.
    rolled_back : str or None
        Why it was replaced by the one before it.
    """

    version: str
    digest: str
    run_id: str
    stage: str
    as_of: date
    because: str
    passed: bool
    aliases: tuple[str, ...]
    rolled_back: str | None


@dataclass(frozen=True)
class ReleaseEvent:
    """A promotion or a roll back; ``finished`` is false where the process was killed amid it."""

    number: int
    what: str
    version: str
    instead_of: str | None
    as_of: date
    because: str
    finished: bool


def params_of(trained: TrainedModel) -> dict[str, str]:
    """Give the choices behind a model, by name."""
    lineage, model = trained.lineage, trained.model
    told: dict[str, object] = {
        "stage": model.stage,
        "as_of": lineage.as_of,
        "cutoff": lineage.cutoff,
        "source": lineage.source,
        "code_revision": lineage.code_revision,
        "n_training_homes": model.n_training_homes,
        "n_trees": model.booster.num_trees(),
        "n_features": len(model.encoding.names),
        "features": " ".join(model.encoding.names),
    }
    told |= {f"setting.{name}": value for name, value in lineage.choices.items()}
    told |= {f"package.{name}": value for name, value in lineage.packages.items()}
    told |= {f"threshold.{name}": value for name, value in asdict(trained.thresholds).items()}
    told |= {f"data.{name}": digest for name, digest in lineage.data_digests.items()}
    return {name: str(value) for name, value in told.items()}


def figures_of(trained: TrainedModel, decision: PromotionDecision, more: Mapping[str, float]) -> dict[str, float]:
    """Give every figure by name: held out, with its interval; of each check of the gate; and whatever more is told.

    What is not a number is left out.
    """
    found: dict[str, float] = {}
    for who, quality in (("held_out", trained.held_out.model), ("naive", trained.held_out.rival)):
        for metric, figure in quality.figures.items():
            found |= {f"{who}.{metric}.{part}": value for part, value in asdict(figure).items()}
    for check in decision.checks:
        found |= _of_check(check)
    found |= dict(more)
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def tags_of(
    trained: TrainedModel, decision: PromotionDecision, *, digest: str, because: str, as_of: date
) -> dict[str, str]:
    """Give what a registered version is found and told by."""
    words = {check.name: check.words for check in decision.checks}
    return {
        "heating.digest": digest,
        "heating.stage": trained.model.stage,
        "heating.as_of": as_of.isoformat(),
        "heating.because": because,
        "heating.outcome": "promote" if decision.promote else "refuse",
        "heating.fairness": words.get(_FAIRNESS, "not measured"),
        "heating.explanations": words.get(_REASONS, "not measured"),
    }


def model_from(version: Version) -> RegisteredModel:
    """Tell a version from its tags."""
    tags = version.tags
    return RegisteredModel(
        version=version.number,
        digest=tags["heating.digest"],
        run_id=version.run_id,
        stage=tags["heating.stage"],
        as_of=date.fromisoformat(tags["heating.as_of"]),
        because=tags["heating.because"],
        passed=tags["heating.outcome"] == "promote",
        aliases=version.aliases,
        rolled_back=tags.get(ROLLED_BACK),
    )


def event_from(tags: Mapping[str, str], finished: bool) -> ReleaseEvent:
    """Tell an event from its tags."""
    return ReleaseEvent(
        number=int(tags["heating.number"]),
        what=tags["heating.event"],
        version=tags["heating.version"],
        instead_of=tags.get("heating.instead_of"),
        as_of=date.fromisoformat(tags["heating.as_of"]),
        because=tags["heating.because"],
        finished=finished,
    )


def _of_check(check: Check) -> dict[str, float]:
    name = f"gate.{check.name}"
    told = {} if check.passed is None else {f"{name}.passed": float(check.passed)}
    if check.figure is not None:
        told[name] = check.figure
    if check.limit is not None:
        told[f"{name}.limit"] = check.limit
    return told
