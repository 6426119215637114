"""The whole study of fairness of a source's model, kept in the workspace: minutes once, then looked at in no time."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from case_heating.data.keep import read_trusted
from case_heating.data.sources import about_source
from case_heating.errors import NotEnoughDataError
from case_heating.journey import silent
from case_heating.kept import Opened
from case_heating.model.fairness import FairnessLimits
from case_heating.model.fairness_keep import read_study, write_study
from case_heating.model.fairness_study import FairnessStudy, study_fairness
from case_heating.people.cost_findings import judge_homes
from case_heating.people.fairness_groups import find_groups, take_groups, thresholds_of
from case_heating.people.fairness_section import FairnessSection, fairness_section
from case_heating.people.model_card import CardFacts, ModelCard, card_html, make_card
from case_heating.people.model_card_pdf import card_pdf
from case_heating.workspace import Step, fingerprint, open_workspace, take_step, write_text

CARD_HTML, CARD_PDF = "model_card.html", "model_card.pdf"
_NO_COST = "no_cost.txt"


@dataclass(frozen=True)
class KeptStudy:
    """A study and what was made of it.

    Attributes
    ----------
    folder : Path
        With ``model_card.html``, ``model_card.pdf`` and ``plots/``.
    study : FairnessStudy
        What was found.
    no_cost : str
        Why the cost error of groups was not measured; empty where it was.
    reused : bool
        Whether it had been made before.
    """

    folder: Path
    study: FairnessStudy
    no_cost: str
    reused: bool


def take_study(
    opened: Opened,
    *,
    review_below: tuple[float, float] | None = None,
    progress: Callable[[str, float], None] = silent,
) -> KeptStudy:
    """Judge each group, look for causes and proxies, try remedies, and write the model card; once for each model.

    Parameters
    ----------
    opened : Opened
        The source.
    review_below : tuple of float, optional
        Homes of which the machine is less sure than this of gas, or of electricity, go to people; by the workspace's
        prices if not given.
    progress : callable, optional
        Told what is being done.
    """
    below = review_below or thresholds_of(opened.settings)

    def make() -> tuple[FairnessStudy, str]:
        rung = opened.ladder.value.rungs[-1]
        costs, no_cost = None, ""
        try:
            steps = opened.features, opened.trusted
            costs = judge_homes(opened.source, *steps, opened.settings, stage=rung.stage, progress=progress).costs
        except NotEnoughDataError as error:
            no_cost = str(error).rstrip(".")
        study = study_fairness(
            opened.trusted.value.tables,
            opened.evidence,
            rung.probability,
            stage=rung.stage,
            n_trees=rung.model.booster.num_trees(),
            settings=opened.settings,
            review_below=below,
            costs=costs,
            progress=progress,
        )
        return study, no_cost

    def write(made: tuple[FairnessStudy, str], folder: Path) -> None:
        study, no_cost = made
        section = fairness_section(study)
        write_study(study, folder)
        write_text(folder / _NO_COST, no_cost)
        card = card_of(opened, study, section)
        write_text(folder / CARD_HTML, card_html(card))
        (folder / CARD_PDF).write_bytes(card_pdf(card))
        (folder / "plots").mkdir()
        for plot in section.plots:
            plot.save(folder / "plots")

    workspace = open_workspace(opened.settings.workspace)
    step = take_step(workspace, _step(opened), _key(opened, below), make=make, write=write, read=_read)
    study, no_cost = step.value
    return KeptStudy(step.folder, study, no_cost, step.reused)


def study_stamp(opened: Opened) -> str:
    """Give what changes when the study of this model is made, or another one is asked for."""
    step = open_workspace(opened.settings.workspace).path(_step(opened)) / "step.json"
    made_at = step.stat().st_mtime_ns if step.exists() else 0
    return fingerprint(_key(opened, thresholds_of(opened.settings)), made_at)


def find_study(opened: Opened) -> KeptStudy | None:
    """Find the study of this very model, at the workspace's prices; nothing where there is none."""
    key = _key(opened, thresholds_of(opened.settings))
    folder = open_workspace(opened.settings.workspace).reuse(_step(opened), key)
    if folder is None:
        return None
    study, no_cost = Step(folder, key, True, _read).value
    return KeptStudy(folder, study, no_cost, True)


def find_or_judge_groups(opened: Opened) -> FairnessStudy:
    """Give the groups as the last run judged them; judged now, without costs, where it did not."""
    found = find_groups(opened.source, opened.ladder, opened.settings)
    if found is not None:
        return found.value
    read = partial(read_trusted, only=("homes", "labels", "sensitive"))  # bills say nothing of whom a home belongs to
    people = Step(opened.trusted.folder, opened.trusted.key, True, read).value
    return take_groups(opened.source, opened.ladder, people, opened.evidence, opened.settings).value


def card_of(opened: Opened, study: FairnessStudy, section: FairnessSection) -> ModelCard:
    """Put together the model card of a source's model."""
    rung = opened.ladder.value.rungs[-1]
    facts = CardFacts(about_source(opened.source), opened.known.as_of, rung.by_home.model)
    return make_card(study, section, opened.evidence, facts)


def _step(opened: Opened) -> str:
    return f"7_fairness/{opened.source}/study"


def _key(opened: Opened, review_below: tuple[float, float]) -> str:
    return fingerprint(opened.ladder.key, review_below, asdict(FairnessLimits()))


def _read(folder: Path) -> tuple[FairnessStudy, str]:
    return read_study(folder), (folder / _NO_COST).read_text(encoding="utf-8")
