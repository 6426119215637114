"""An explanation in words: plain sentences for a customer, all numbers for an analyst, from the same object.

Every sentence stands in ``templates/reasons.toml``, in English and Spanish; no other file holds words for customers.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from case_heating.errors import SourceError
from case_heating.model.explain import Explanation, OtherAnswer, Reason
from case_heating.model.explain_groups import GROUP
from case_heating.model.told_facts import Fact
from case_heating.model.typical import SHARED_FACTS, Value, value_class

LANGUAGES = {"en": "English", "es": "Spanish"}
BANNED_WORDS = {
    "en": (
        "accuracy algorithm average bias calibrated calibration classifier coefficient computed confidence "
        "contribution correlation data dataset feature features interval likelihood log machine mean median "
        "metric model models odds percent percentage percentile predict predicted prediction probability "
        "regression score shap statistic statistical statistics threshold training tree trees variable "
        "variance weight"
    ).split(),
    "es": (
        "algoritmo algoritmos calibración calibrado coeficiente confianza contribución correlación datos desviación "
        "estadística estadístico intervalo logaritmo media mediana métrica modelo modelos ponderación porcentaje "
        "predicción probabilidad promedio puntuación regresión sesgo umbral variable varianza"
    ).split(),
}
"""Words of statistics: no customer is asked to know one, and a test keeps them out of every sentence."""

_NEARLY_ALL = 99  # of 100 homes: "of 100 such homes, 100" reads oddly, and promises what a sample cannot
_OTHER_FUEL = {"gas": "electricity", "electricity": "gas"}


@dataclass(frozen=True)
class CustomerWords:
    """What a customer is told: the answer and how sure, the reasons, and what would settle or change it."""

    answer: str
    reasons: tuple[str, ...]
    against: str
    settled_by: str
    other_answer: str

    @property
    def text(self) -> str:
        """All of it, as one paragraph."""
        return " ".join([self.answer, *self.reasons, self.against, self.settled_by, self.other_answer])


def customer_words(explanation: Explanation, language: str = "en") -> CustomerWords:
    """Tell a customer why, without a single figure of statistics.

    Parameters
    ----------
    explanation : Explanation
        From :class:`case_heating.model.explain.Explainer`.
    language : {"en", "es"}
        English or Spanish.

    Raises
    ------
    SourceError
        If there are no sentences in the language.
    """
    say = sentences(language)
    against = say["nothing_against"]
    if explanation.against is not None:
        against = say["against"].format(reason=_inner(_reason(explanation.against, say)))
    return CustomerWords(
        answer=say["sureness"][explanation.sureness].format(fuel=say["fuel"][explanation.fuel]),
        reasons=tuple(_reason(reason, say) for reason in explanation.reasons) or (say["no_reason"],),
        against=against,
        settled_by=say["settled_by"][explanation.settled_by],
        other_answer=_other_answer(explanation.other_answer, say),
    )


def reasons_table(explanations: Iterable[Explanation], language: str = "en") -> pd.DataFrame:
    """Explain many homes in a table a spreadsheet opens.

    Returns
    -------
    DataFrame, one row per home
        Indexed by ``home_id``: ``heating_fuel``, ``probability_of_gas``, ``sureness``, then the customer's sentences
        ``answer``, ``reason_1`` to ``reason_4``, ``against``, ``settled_by`` and ``other_answer``.
    """
    rows = []
    for one in explanations:
        words = customer_words(one, language)
        reasons = [*words.reasons, "", "", "", ""][:4]
        head = (one.home_id, one.fuel, one.probability_of_gas, one.sureness, words.answer)
        rows.append((*head, *reasons, words.against, words.settled_by, words.other_answer))
    names = ["home_id", "heating_fuel", "probability_of_gas", "sureness", "answer"]
    names += [f"reason_{number}" for number in range(1, 5)] + ["against", "settled_by", "other_answer"]
    return pd.DataFrame(rows, columns=names).set_index("home_id")


def contributions_table(explanation: Explanation) -> pd.DataFrame:
    """Tell an analyst the numbers: every group's contribution, the named ones with effect and fact.

    Returns
    -------
    DataFrame, one row per group
        Indexed by group, the largest contribution first: ``about``, ``contribution`` [log odds of gas], ``effect``
        [log odds of gas], ``named`` (``reason 1`` …, ``against`` or empty), ``fact`` and ``value``. The contributions
        and ``explanation.bias`` add up to ``explanation.score`` to 1e-9.
    """
    named = {reason.group: (f"reason {number}", reason) for number, reason in enumerate(explanation.reasons, start=1)}
    if explanation.against is not None:
        named[explanation.against.group] = ("against", explanation.against)
    rows = {}
    for group, contribution in sorted(explanation.contributions.items(), key=lambda item: -abs(item[1])):
        name, reason = named.get(group, ("", None))
        rows[group] = {
            "about": GROUP[group].about,
            "contribution": contribution,
            "effect": float("nan") if reason is None else reason.effect,
            "named": name,
            "fact": "" if reason is None else reason.fact.feature,
            "value": "" if reason is None or reason.fact.value is None else str(reason.fact.value),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def in_numbers(explanation: Explanation) -> dict[str, Any]:
    """Give the whole explanation for machines; what JSON has no form for becomes null."""
    found: dict[str, Any] = json.loads(json.dumps(_without_nan(asdict(explanation))))
    return found


@cache
def sentences(language: str) -> Mapping[str, Any]:
    """Read the sentences of a language.

    Raises
    ------
    SourceError
        If there are none.
    """
    if language not in LANGUAGES:
        raise SourceError(f"there are no sentences in {language!r}; there are {', '.join(LANGUAGES)}")
    source = resources.files("case_heating.people") / "templates" / "reasons.toml"
    told = tomllib.loads(source.read_text(encoding="utf-8"))
    return told[language] | {"format": told["format"]}


def _reason(reason: Reason, say: Mapping[str, Any]) -> str:
    fact, rival = reason.fact, _OTHER_FUEL[reason.speaks_for]
    if not fact.feature:
        return str(say["hedge_group"].format(group=say["group"][reason.group], fuel=say["fuel"][reason.speaks_for]))
    if fact.speaks_for != reason.speaks_for or _looks_the_same(fact, rival, say):
        # The comparison by itself does not show it: the trees take it together with other facts.
        return f"{_own(fact.feature, fact.value, say)} {say['hedge'].format(fuel=say['fuel'][reason.speaks_for])}"
    if fact.share is not None:
        return f"{_own(fact.feature, fact.value, say)} {_share(fact, reason, say)}"
    usual = fact.medians[rival].value
    words = {"rival_heat": say["heat"][rival], "peers": say["peers"][str(fact.medians[rival].level)]}
    if usual is None:
        lacks = say["lacks"].get(fact.feature, say["lacking"])
        return f"{_own(fact.feature, fact.value, say)} {lacks.format(**words)}"
    direction = "less" if float(str(fact.value)) < usual else "more"
    own = _own(fact.feature, fact.value, say, direction)
    return f"{own} {say['usual'].format(rival_value=_number(fact.feature, usual, say), **words)}"


def _share(fact: Fact, reason: Reason, say: Mapping[str, Any]) -> str:
    """Say how homes heat that share a fact, beside all homes, for the fuel the reason speaks for."""
    if fact.share is None:
        return ""
    alike, of_all = fact.share.gas, fact.share.gas_of_all
    if reason.speaks_for == "electricity":
        alike, of_all = 1 - alike, 1 - of_all
    of_100 = round(100 * alike)
    template = "share_all" if of_100 >= _NEARLY_ALL else "share_few" if of_100 <= 1 else "share"
    return str(say[template].format(share=of_100, all=f"{100 * of_all:.0f}", fuel=say["fuel"][reason.speaks_for]))


def _looks_the_same(fact: Fact, rival: str, say: Mapping[str, Any]) -> bool:
    """Tell whether a number and what is usual with the other fuel are said with the same digits."""
    usual = fact.medians[rival].value if fact.medians else None
    if usual is None or fact.value is None:
        return False
    return _number(fact.feature, usual, say) == _number(fact.feature, float(fact.value), say)


def _inner(sentence: str) -> str:
    """Begin a sentence small, to stand after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _other_answer(other: OtherAnswer | None, say: Mapping[str, Any]) -> str:
    if other is None:
        return str(say["no_other_answer"])
    fuel, heat = say["fuel"][other.fuel], say["heat"][other.fuel]
    if other.told is None or other.told[0] in say["any"]:
        return str(say["other_answer_group"].format(fuel=fuel, fuel_heat=heat, group=say["group"][other.group]))
    if other.told[1] is None and other.told[0] in say["changed"]:
        return str(say["other_answer_changed"].format(fuel=fuel, fact=say["changed"][other.told[0]]))
    fact = _own(*other.told, say)
    return str(say["other_answer"].format(fuel=fuel, fact=_inner(fact)))


def _own(feature: str, value: Value, say: Mapping[str, Any], direction: str = "number") -> str:
    """Say a home's own fact in a sentence."""
    if value is None:
        return str(say["missing"][feature])
    if feature in say["any"]:
        return str(say["any"][feature])
    if feature in SHARED_FACTS:
        return str(say["value"][feature][value_class(feature, value)])
    shown = round(float(value) * say["format"][feature]["factor"], say["format"][feature]["decimals"])
    special = "zero" if shown <= 0 else "one" if shown == 1 else direction
    template = say.get(special, {}).get(feature) or say.get(direction, {}).get(feature, say["number"][feature])
    return str(template.format(value=_number(feature, float(value), say)))


def _number(feature: str, value: float, say: Mapping[str, Any]) -> str:
    how = say["format"][feature]
    return f"{how['factor'] * value:,.{how['decimals']}f}".replace("-", "−")


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and value != value else value
