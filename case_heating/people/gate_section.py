"""Who serves, and what the gate said of it and of the candidate judged last: for the report and the app."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from case_heating.errors import HeatingError
from case_heating.people.words import day, homes, listing
from case_heating.release.gate import PromotionDecision, short_figure
from case_heating.release.registry import CHALLENGER, CHAMPION, Registry, open_registry
from case_heating.release.run_record import RegisteredModel
from case_heating.settings import Settings

NOTHING_JUDGED = (
    "No model of this source was judged yet, so none serves: 'heating flows run ingest' and then 'heating flows run "
    "train_and_promote' train a candidate and put it to the gate."
)


@dataclass(frozen=True)
class Judged:
    """A model on record, and what the gate said of it."""

    model: RegisteredModel
    decision: PromotionDecision


@dataclass(frozen=True)
class GateFindings:
    """What the registry says of a source's models.

    Attributes
    ----------
    champion : Judged or None
        The model that serves.
    last : Judged or None
        The candidate judged last, where it is not the champion.
    trouble : str or None
        Why the registry could not be read, in words; what serves is not known then.
    """

    champion: Judged | None = None
    last: Judged | None = None
    trouble: str | None = None

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Those there are, the champion first."""
        return tuple(one for one in (self.champion, self.last) if one is not None)


def find_judged(settings: Settings) -> GateFindings:
    """Look up the champion and the candidate judged last, those of the settings' source.

    A registry that cannot be read keeps nobody from the rest of the report: its words stand in the findings.
    """
    registry = open_registry(settings.workspace / "registry", settings.registry_uri)
    try:
        history = registry.history()
        champion = _with_alias(history, CHAMPION)
        last = _with_alias(history, CHALLENGER) or (history[-1] if history else None)
        own = [_of_source(registry, model, settings.source) for model in (champion, last)]
    except HeatingError as error:
        return GateFindings(trouble=str(error))
    return GateFindings(own[0], None if last == champion else own[1])


def gate_shown(found: GateFindings) -> dict[str, Any]:
    """Give the template of "Who serves" what it shows."""
    return {
        "said": tuple(_said(found)),
        "judged": [
            {
                "title": f"What the gate asked of version {one.model.version}",
                "open": not one.decision.promote,
                "rows": check_rows(one.decision),
            }
            for one in found.judged
        ],
    }


def gate_figures(found: GateFindings) -> dict[str, Any]:
    """Give the same for machines."""
    told = {"champion": found.champion, "last_candidate": found.last}
    return {"trouble": found.trouble} | {name: one and _plain(one) for name, one in told.items()}


def check_rows(decision: PromotionDecision) -> list[dict[str, str]]:
    """Give each check as ``name``, ``answer``, ``figure``, ``limit`` and ``words``; what refused stands first."""
    return [
        {
            "name": check.name,
            "answer": check.answer,
            "figure": short_figure(check.figure),
            "limit": short_figure(check.limit),
            "words": check.words,
        }
        for check in sorted(decision.checks, key=lambda check: check.passed is not False)
    ]


def judged_in_words(one: Judged) -> str:
    """Say what became of a candidate at the gate.

    Checks that were not judged or let pass are named beside the count.
    """
    decision, model = one.decision, one.model
    asked, n_passed = _asked_and_passed(decision)
    verdict = "promoted it" if decision.promote else "refused it"
    words = (
        f"It was trained as of {day(model.as_of)} ({model.because}). The gate {verdict}: judged by "
        f"{homes(decision.n_homes)} against {decision.rival}, it passed {n_passed} of {asked} checks."
        f"{_not_counted(decision)}"
    )
    return f"{words} It was rolled back since: {model.rolled_back}." if model.rolled_back else words


def verdict_in_short(found: GateFindings) -> str:
    """Say in a sentence or two what serves and what the gate said of it.

    >>> verdict_in_short(GateFindings())
    'No model serves yet: none of this source has been put to the gate.'
    """
    if found.trouble:
        return f"What serves is not known: {found.trouble}."
    if not found.judged:
        return "No model serves yet: none of this source has been put to the gate."
    last = "" if found.last is None else f"the candidate judged last, version {found.last.model.version}"
    if found.champion is None:
        verdict = "was refused" if found.last and not found.last.decision.promote else "serves no longer"
        return f"No model serves: {last}, {verdict}."
    asked, passed = _asked_and_passed(found.champion.decision)
    more = ""
    if found.last is not None:
        more = f" Of {last}, it said: {'promoted' if found.last.decision.promote else 'refused'}."
    return (
        f"Version {found.champion.model.version} serves; the gate promoted it, which passed {passed} of {asked} "
        f"checks.{_not_counted(found.champion.decision)}{more}"
    )


def _asked_and_passed(decision: PromotionDecision) -> tuple[int, int]:
    """Count the checks that were judged by their limit, and those passed."""
    asked = [check for check in decision.checks if check.passed is not None]
    return len(asked), sum(bool(check.passed) for check in asked)


def _not_counted(decision: PromotionDecision) -> str:
    """Name the checks that refused nothing and passed nothing."""
    told = []
    for answer in ("not judged", "let pass"):
        names = [check.name for check in decision.checks if check.answer == answer]
        if names:
            told.append(f"{answer}: {listing(names)}")
    return f" {'; '.join(told).capitalize()}, which refuses nothing." if told else ""


def _said(found: GateFindings) -> Iterator[str]:
    if found.trouble:
        yield f"What serves is not known: {found.trouble}."
    elif not found.judged:
        yield NOTHING_JUDGED
    if found.champion:
        yield f"Version {found.champion.model.version} serves. {judged_in_words(found.champion)}"
    elif found.last:
        yield "No model serves yet."
    if found.last:
        yield f"The candidate judged last is version {found.last.model.version}. {judged_in_words(found.last)}"
        if not found.last.decision.promote:
            yield "What refused it: " + "; ".join(found.last.decision.reasons) + "."
    if found.judged:
        yield (
            "The figures of the other sections are of models made for this report; a model that serves was judged by "
            "homes whose labels became known after its training."
        )


def _with_alias(history: tuple[RegisteredModel, ...], alias: str) -> RegisteredModel | None:
    return next((model for model in history if alias in model.aliases), None)


def _of_source(registry: Registry, model: RegisteredModel | None, source: str) -> Judged | None:
    if model is None or not _is_same(registry.read(model).lineage.source, source):
        return None
    return Judged(model, registry.decision(model))


def _is_same(one: str, other: str) -> bool:
    """Tell whether two settings name the same source: by name, or by the path of its mapping."""
    return one == other or Path(one).resolve() == Path(other).resolve()


def _plain(one: Judged) -> dict[str, Any]:
    """Give it in values that JSON knows; a figure that is no number is null."""
    told = asdict(one)
    told["model"]["as_of"] = one.model.as_of.isoformat()
    for check in told["decision"]["checks"]:
        for name in ("figure", "limit"):
            check[name] = check[name] if check[name] is not None and isfinite(check[name]) else None
    return told
