"""All that is said of one home's answer: what was seen or what the machine thinks, how sure, and what would settle it.

The words for customers come from ``templates/reasons.toml`` in either language; how surely such words come true, and
how the answer grew with each source of data, are figures for whoever looks closer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.features.build import select_stage
from case_heating.features.known import known_sightings
from case_heating.features.stages import STAGES, features_of
from case_heating.model.evidence import Evidence
from case_heating.model.explain import Explanation
from case_heating.model.ladder import Ladder
from case_heating.model.predict import sureness
from case_heating.people.counts import shares_by
from case_heating.people.reasons import CustomerWords, customer_words, sentences
from case_heating.people.words import STAGE_SUBJECTS, stage_name

Floats = npt.NDArray[np.float64]

LAST_STAGE_MEANS_NONE = "gas_bills"  # where others have gas bills, a home without any buys no gas: nothing is missing


@dataclass(frozen=True)
class Sighting:
    """What somebody has seen of a home's heating, and when it was true."""

    heating_fuel: str
    source: str
    since: date


@dataclass(frozen=True)
class HomeWords:
    """A home's answer in one language.

    Attributes
    ----------
    answer : str
        The one sentence to begin with: what was seen, else what the machine thinks and how sure it is.
    sure : tuple of str
        How that came out before: the machine's word beside what was seen, and how often it is right when this sure.
    customer : CustomerWords
        The reasons, and what would settle or change the machine's answer.
    heading : dict of str
        The headings ``why``, ``settled_by`` and ``other_answer``.
    """

    answer: str
    sure: tuple[str, ...]
    customer: CustomerWords
    heading: dict[str, str]


def last_sighting(labels: pd.DataFrame | None, home_id: str, *, as_of: date) -> Sighting | None:
    """Give what was last seen of a home, as ``known_labels`` chooses it; nothing where nobody has looked.

    Parameters
    ----------
    labels : DataFrame or None
        The canonical ``labels``.
    home_id : str
        The home.
    as_of : date
        The moment; what became known later does not count.
    """
    if labels is None:
        return None
    own = known_sightings(labels[labels["home_id"] == home_id], as_of=as_of)
    if own.empty:
        return None
    last = own.iloc[-1]
    return Sighting(str(last["heating_fuel"]), str(last["source"]), last["event_time"].date())


def sureness_kept(is_gas: npt.NDArray[np.bool_], probability: Floats) -> pd.DataFrame:
    """Tell how often the answer was right, by the words that said how sure it was, on homes held out.

    Parameters
    ----------
    is_gas : ndarray of bool, shape (n_homes,)
        What labelled homes heat with.
    probability : ndarray, shape (n_homes,)
        Calibrated probability of gas of each while it was held out; missing where it never was.

    Returns
    -------
    DataFrame, indexed by the words of ``predict``
        ``n_homes``, ``share`` that was right, ``low`` and ``high`` of its 95 % interval; words with fewer than thirty
        homes are left out.

    Examples
    --------
    >>> kept = sureness_kept(np.array([True] * 30 + [False] * 10), np.array([0.8] * 40))
    >>> kept.loc["about 8 in 10", ["n_homes", "share"]].tolist()
    [40.0, 0.75]
    """
    judged = ~np.isnan(probability)
    said = probability[judged]
    words = pd.Series(sureness(np.maximum(said, 1 - said)))
    return shares_by((said >= 0.5) == is_gas[judged], words)


def held_out_answer(evidence: Evidence, probability: Floats, home_id: str) -> float | None:
    """Give what the machine said of a labelled home before it learned from its label.

    Parameters
    ----------
    evidence : Evidence
        The labelled homes.
    probability : ndarray, shape (n_homes,)
        Calibrated probability of gas of each while it was held out.
    home_id : str
        The home.

    Returns
    -------
    float or None
        Probability of gas; nothing where the home is not among them or was never held out.
    """
    if home_id not in evidence.features.index:
        return None
    said = float(probability[evidence.features.index.get_loc(home_id)])
    return None if np.isnan(said) else said


def home_in_words(
    explanation: Explanation,
    seen: Sighting | None,
    kept: pd.DataFrame,
    *,
    held_out: float | None = None,
    language: str = "en",
) -> HomeWords:
    """Say a home's answer in one language.

    Parameters
    ----------
    explanation : Explanation
        From ``Explainer.explain``.
    seen : Sighting, optional
        From :func:`last_sighting`.
    kept : DataFrame
        From :func:`sureness_kept`, of the model that answered.
    held_out : float, optional
        From :func:`held_out_answer`: a model that has learned from what was seen of this very home is no judge of it.
    language : {"en", "es"}
        English or Spanish.

    Raises
    ------
    SourceError
        If there are no sentences in the language.
    """
    say, customer = sentences(language), customer_words(explanation, language)
    fuel, sure = explanation.fuel, explanation.sureness
    heading = {name: str(words) for name, words in say["heading"].items()}
    if seen is None:
        return HomeWords(customer.answer, tuple(_kept(kept, sure, say)), customer, heading)
    heading["why"] = heading["why_seen"].format(fuel=say["fuel"][fuel])
    if held_out is not None:
        fuel = "gas" if held_out >= 0.5 else "electricity"
        sure = str(sureness(np.array([max(held_out, 1 - held_out)]))[0])
    if seen.heating_fuel not in ("gas", "electricity"):
        beside = "not_asked"
    else:
        beside = "agrees" if seen.heating_fuel == fuel else "differs"
    would_have_said = say["sureness"][sure].format(fuel=say["fuel"][fuel])
    answer = say["seen"][seen.heating_fuel].format(
        by=say["seen_by"].get(seen.source, say["seen_by"]["unknown"]),
        day=say["day"].format(day=seen.since.day, month=say["month"][str(seen.since.month)], year=seen.since.year),
    )
    told = [say[beside].format(answer=would_have_said)]
    if beside != "not_asked":  # of homes with other fuels nothing was counted
        told += _kept(kept, sure, say)
    return HomeWords(answer, tuple(told), customer, heading)


def _kept(kept: pd.DataFrame, sure: str, say: Mapping[str, Any]) -> list[str]:
    """Say how often the answer came true when it was this sure, where enough homes can tell."""
    if sure not in kept.index:
        return []
    row = kept.loc[sure]
    return [say["kept"].format(n=f"{row['n_homes']:,.0f}", right=_of_100(row["share"], say))]


def answer_by_stage(ladder: Ladder, home: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Answer for one home with the model of each stage: how the answer grew with each source of data.

    Parameters
    ----------
    ladder : Ladder
        The models.
    home : DataFrame, shape (1, n_features)
        What is known of the home, from ``build_features``.
    evidence : Evidence
        The labelled homes the models learned from; one of these is answered as it was while it was held out.

    Returns
    -------
    DataFrame, one row per stage
        ``stage``, ``probability_of_gas``, ``known``: whether the home has a fact of that stage's own.
    """
    rows = []
    for rung in ladder.rungs:
        own = [feature.name for feature in features_of(rung.stage) if feature.stage == rung.stage]
        known = home[[name for name in own if name in home]].notna().to_numpy().any()
        said = held_out_answer(evidence, rung.probability, str(home.index[0]))
        if said is None:
            said = float(rung.model.probability_of_gas(select_stage(home, rung.stage))[0])
        rows.append({"stage": rung.stage, "probability_of_gas": said, "known": bool(known)})
    return pd.DataFrame(rows)


def growth_in_words(steps: pd.DataFrame, *, held_out: bool) -> str:
    """Say from where to where the chance of gas went, and with which source of data it changed most.

    Parameters
    ----------
    steps : DataFrame
        From :func:`answer_by_stage`.
    held_out : bool
        Whether the home is labelled, and was answered as while it was held out.

    Examples
    --------
    >>> steps = pd.DataFrame({"stage": ["location", "gas_service"], "probability_of_gas": [0.41, 0.93]})
    >>> growth_in_words(steps, held_out=False).partition(" What")[0]
    'By place and kind alone the chance of gas is 41 of 100, by all that is known 93.'
    """
    chance = 100 * steps["probability_of_gas"]
    first = "By place and kind alone" if steps["stage"].iloc[0] == "location" else "At first"
    said = f"{first} the chance of gas is {chance.iloc[0]:.0f} of 100, by all that is known {chance.iloc[-1]:.0f}."
    change = chance.diff().abs()
    if change.max() >= 1:
        said += f" What changed it most: {stage_name(steps['stage'].loc[change.idxmax()]).lower()}."
    return f"{said} The machine is asked as if nobody had looked." if held_out else said


def what_is_missing(ladder: Ladder, steps: pd.DataFrame) -> tuple[str, ...]:
    """Say which sources of data a home lacks that others have, and what they were worth over all homes.

    Parameters
    ----------
    ladder : Ladder
        The measured gains.
    steps : DataFrame
        From :func:`answer_by_stage`.

    Returns
    -------
    tuple of str
        A sentence for each, the most telling first.
    """
    lacking = [stage for stage in steps.loc[~steps["known"], "stage"] if stage != LAST_STAGE_MEANS_NONE]
    gains = {stage: rung.step.value for stage in lacking if (rung := ladder[stage]).step is not None}
    order = sorted(lacking, key=lambda stage: -gains.get(stage, 0.0))
    return tuple(_missing_in_words(stage, gains.get(stage)) for stage in order)


def _missing_in_words(stage: str, gain: float | None) -> str:
    said = f"Not known of this home: {STAGES[stage]}."
    if gain is None or gain <= 0:
        return said
    return f"{said} {STAGE_SUBJECTS[stage]} made {100 * gain:.1f} more of 100 answers right, over all homes."


def _of_100(share: float, say: Mapping[str, Any]) -> str:
    """Say a share as so many of 100; only all are 100."""
    said = round(100 * share)
    return str(say["over_99"]) if said == 100 and share < 1 else str(said)
