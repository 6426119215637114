"""How the models stand, and what an act about them will do: said before anybody presses a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from case_heating.people.words import count, day
from case_heating.release.service import ModelsOnRecord
from case_heating.watch.monitor import WatchReport
from case_heating.watch.overrides import Override, pause_words

Standing = Literal["unreachable", "empty", "untrained", "refused", "withdrawn", "serving"]

ACT_NAMES = {
    "retrain": "Retrain now",
    "roll_back": "Roll back",
    "pause": "Pause retraining",
    "resume": "Resume retraining",
}
"""Acts of an engineer, as their buttons call them."""


@dataclass(frozen=True)
class Stand:
    """How things stand.

    Attributes
    ----------
    state : str
        ``unreachable`` registry, ``empty`` (nothing ingested), ``untrained``, ``refused`` (no candidate passed),
        ``withdrawn`` (one served, none does), or ``serving``.
    words : str
        The same in a sentence or two.
    remedy : str
        What to do about it; empty where nothing is to be done.
    commands : tuple of str
        The commands that do it.
    """

    state: Standing
    words: str
    remedy: str = ""
    commands: tuple[str, ...] = ()


def how_models_stand(models: ModelsOnRecord, ingested: date | None) -> Stand:
    """Say which model serves, or why none does and what to do.

    Parameters
    ----------
    models : ModelsOnRecord
        What the registry tells.
    ingested : date or None
        The day of the last ingest.
    """
    if models.trouble:
        return Stand(
            "unreachable",
            f"Which model serves is not known: {models.trouble}.",
            "Whatever answers homes goes on with the model it has; nothing can be trained or rolled back until the "
            "registry answers again.",
            ("heating doctor",),
        )
    if champion := models.champion:
        return Stand(
            "serving", f"Version {champion.version} serves, trained as of {day(champion.as_of)}: {champion.because}."
        )
    train = "heating flows run train_and_promote"
    if not models.models:
        if ingested is None:
            return Stand(
                "empty",
                "Nothing was taken in yet, so there is nothing to train on and nothing to watch.",
                "Take data in, then train a first model; 'heating flows up' does both by schedule.",
                ("heating flows run ingest", train),
            )
        return Stand(
            "untrained",
            f"Data were taken in up to {day(ingested)}, and no model was trained yet.",
            "Train a first model: it is judged against the neighbours' majority.",
            (train,),
        )
    if any(event.what == "promotion" and event.finished for event in models.events):
        return Stand(
            "withdrawn",
            "No model serves, though one did: its version was deleted from the registry.",
            "Train a candidate; if it passes the gate it serves.",
            (train,),
        )
    last = models.models[-1]
    n = len(models.models)
    refused = f"the gate refused all {n} candidates" if n > 1 else "the gate refused the only candidate"
    decision = models.decisions.get(last.version)
    why = f" The last one, version {last.version}: {'; '.join(decision.reasons)}." if decision else ""
    return Stand(
        "refused",
        f"No model serves yet: {refused}.{why}",
        "Every check is told with the model it was asked of; more labels, repaired data or another stage may help, "
        "then train again.",
        (f"heating registry show {last.version}", train),
    )


def what_it_does(act: str, models: ModelsOnRecord, ingested: date | None, *, holdout_months: int) -> str:
    """Say what an act of :data:`ACT_NAMES` will do, before it is done.

    Raises
    ------
    KeyError
        If there is no such act.
    """
    serving = models.champion
    serves_on = f"version {serving.version} serves on" if serving else "no model serves, as now"
    if act == "retrain":
        known = f"by {day(ingested)}" if ingested else "by the last ingest"
        rival = f"version {serving.version}" if serving else "the neighbours' majority"
        return (
            f"A candidate is trained on what was known {holdout_months} months ago and judged, by the homes labelled "
            f"since then and known {known}, against {rival}. Only if it passes every check of the gate does it serve; "
            f"else {serves_on}. It takes some minutes at most, and nothing stands still meanwhile."
        )
    if act == "roll_back":
        back = models.previous
        if back is None or serving is None:
            return f"There is no champion before this one to go back to; {serves_on}."
        return (
            f"Version {back.version}, trained as of {day(back.as_of)}, serves again at once instead of version "
            f"{serving.version}. Version {serving.version} stays on record as rolled back, with your reason, and is "
            "not promoted again by itself. No data are lost."
        )
    if act == "pause":
        return (
            "Up to and including the day you name, no schedule and no event trains a candidate. The watch goes on and "
            f"tells what it sees, {serves_on}, and a person may still retrain by hand. After that day retraining goes "
            "on by itself; you may end the pause earlier."
        )
    return {"resume": "Schedules and events train candidates again from now on; the gate judges each as ever."}[act]


def not_watched_yet(models: ModelsOnRecord, reports: Sequence[WatchReport]) -> str | None:
    """Say that the model that serves was not watched yet though one before it was; nothing where that is not so."""
    serving = models.champion
    if serving is None or not reports or reports[-1].champion == f"version {serving.version}":
        return None
    before = reports[-1].champion
    return f"Version {serving.version} serves and was not watched yet; the last watched month was of {before}."


def pause_notice(pause: Override) -> str:
    """Say that retraining is paused, by whom, until when and why."""
    return f"{pause_words(pause)}. The watch goes on; nothing is trained by itself."


def delivery_in_words(rows_in: int, refused: int) -> str:
    """Say how many rows of a delivery were refused.

    >>> delivery_in_words(34221, 76)
    '76 of 34,221 new bills were refused (0.2 %) and lie in quarantine with their reasons.'
    >>> delivery_in_words(0, 0), delivery_in_words(5, 0)
    ('No new bill came in.', 'None of 5 new bills was refused.')
    """
    if not rows_in:
        return "No new bill came in."
    if not refused:
        return f"None of {count(rows_in)} new bills was refused."
    of = f"{count(refused)} of {count(rows_in)} new bills"
    return f"{of} were refused ({100 * refused / rows_in:.1f} %) and lie in quarantine with their reasons."
