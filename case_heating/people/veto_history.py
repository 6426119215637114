"""What fairness said at the gate, version by version: when it refused a model, and when nothing else did."""

from dataclasses import dataclass
from datetime import date

from case_heating.errors import counted
from case_heating.people.fairness_tables import spoken
from case_heating.people.words import day
from case_heating.release.service import ModelsOnRecord

CHECK = "fairness"
"""Name of the gate's check."""


@dataclass(frozen=True)
class FairnessAtGate:
    """What the gate's check on fairness said of one version.

    Attributes
    ----------
    version : str
        The model.
    as_of : date
        When it was trained.
    answer : str
        ``passed``, ``refused``, ``told`` (a gap, or what cannot be judged, that refuses nothing) or ``not asked``.
    words : str
        Why.
    promoted : bool
        Whether the gate let the model pass in the end.
    alone : bool
        Whether fairness refused it and no other check did: without this veto it would serve.
    """

    version: str
    as_of: date
    answer: str
    words: str
    promoted: bool
    alone: bool


def veto_history(models: ModelsOnRecord) -> tuple[FairnessAtGate, ...]:
    """Look up what fairness said of every model on record, the oldest first; those without a decision are left out."""
    found = []
    for model in models.models:
        decision = models.decisions.get(model.version)
        if decision is None:
            continue
        asked = {check.name: check for check in decision.checks}
        refusing = [check.name for check in decision.checks if check.passed is False]
        check = asked.get(CHECK)
        if check is None:
            answer, words = "not asked", f"the gate had refused it before: {'; '.join(refusing)}"
        else:
            answer = check.answer
            words = spoken(check.words)
        alone = refusing == [CHECK]
        found.append(FairnessAtGate(model.version, model.as_of, answer, words, decision.promote, alone))
    return tuple(found)


def vetoes_in_words(found: tuple[FairnessAtGate, ...]) -> str:
    """Say how often fairness refused a model, and when last.

    >>> vetoes_in_words(())
    'No model was put to the gate yet, so fairness has refused none.'
    """
    if not found:
        return "No model was put to the gate yet, so fairness has refused none."
    refused = [one for one in found if one.answer == "refused"]
    told = f"Of {counted(len(found), 'model', 'models')} put to the gate, fairness refused {len(refused)}"
    if not refused:
        return f"{told}."
    alone = sum(one.alone for one in refused)
    last = refused[-1]
    only = f"{alone} of them for this alone" if alone else "none of them for this alone"
    return f"{told}, {only}; the last was version {last.version}, trained as of {day(last.as_of)}."


def veto_in_words(one: FairnessAtGate) -> str:
    """Say of one model what fairness said of it, what became of it, and why.

    >>> veto_in_words(FairnessAtGate("2", date(2025, 2, 1), "refused", "renters are worse off", False, True))
    'Version 2, trained as of 1 February 2025: fairness refused it and the gate did too. Renters are worse off.'
    """
    said = {
        "passed": "fairness passed it",
        "refused": "fairness refused it",
        "not judged": "fairness could not judge it, which refused nothing",
        "let pass": "fairness let it pass, though gaps exceed limits",
        "not asked": "fairness was not asked",
    }[one.answer]
    gate = "the gate promoted it" if one.promoted else "the gate refused it"
    if one.answer == "refused" and not one.promoted:
        gate = "the gate did too"
    why = f"{one.words[:1].upper()}{one.words[1:]}"
    return f"Version {one.version}, trained as of {day(one.as_of)}: {said} and {gate}. {why}."
