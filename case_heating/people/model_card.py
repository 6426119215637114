"""The model card: one self-contained page on what a model is for, for whom it is wrong, and what was decided.

References
----------
.. [1] M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
"""

from dataclasses import dataclass, fields
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from case_heating import __version__
from case_heating.features.stages import STAGES
from case_heating.model.evidence import Evidence
from case_heating.model.fairness import FairnessLimits
from case_heating.model.fairness_study import FairnessStudy
from case_heating.model.quality import Quality
from case_heating.model.remedies import AS_IT_IS, Decision
from case_heating.people.fairness_section import FairnessSection
from case_heating.people.plots import NARROW_IN, WIDE_IN
from case_heating.people.words import count, day, homes, interval, of_100, plain

INTENDED_USE = (
    "To plan with: how many homes of an area heat with gas, what load and cost a winter brings, whom to ask first.",
    "To write to a home only where the answer is sure, or after a person has looked.",
)
NOT_FOR = (
    "To refuse a home a service, a price or a rebate: for that ask the home.",
    "To say anything about the people who live in a home.",
    "For homes heated with oil, propane or wood: it tells gas from electricity and nothing else.",
)
LIMIT_WORDS = {
    "min_homes_shown": "Fewest homes behind a figure that is shown",
    "min_homes_judged": "Fewest homes of a group that is judged",
    "max_error_gap": "Either error, above that of other homes",
    "max_calibration_gap": "Said minus came true, away from other homes",
    "max_review_gap": "Share sent to people, above that of other homes",
    "max_cost_gap": "Cost error as a share of the cost, above that of other homes",
    "max_accuracy_price": "Accuracy a remedy may cost",
    "false_discovery_rate": "Largest expected share of false alarms",
}


@dataclass(frozen=True)
class CardFacts:
    """What a card says of a model beside its fairness.

    Attributes
    ----------
    source : str
        What the homes are.
    as_of : date
        The moment the model speaks for.
    quality : Quality
        Figures of the model on homes held out.
    """

    source: str
    as_of: date
    quality: Quality


@dataclass(frozen=True)
class ModelCard:
    """What stands on a card, whatever it is written on.

    Attributes
    ----------
    facts : CardFacts
        What the model is.
    stage, about_stage : str
        Stage of data it uses.
    trained_on, quality : str
        In words.
    section : FairnessSection
        For whom it is wrong: tables, sentences and charts.
    decision : Decision or None
        Which remedy is taken.
    deep : bool
        Whether causes and remedies were looked for.
    limits : list of (str, str)
        What is allowed.
    """

    facts: CardFacts
    stage: str
    about_stage: str
    trained_on: str
    quality: str
    section: FairnessSection
    decision: Decision | None
    deep: bool
    limits: list[tuple[str, str]]

    @property
    def decided(self) -> str:
        """The decision in a sentence."""
        if not self.deep:
            return "Decision: none yet. Causes and remedies were not looked for."
        if self.decision is None:
            return "Decision: none. No group could be judged, so no remedy was tried."
        if self.decision.remedy == AS_IT_IS:
            return "Decision: the model is not changed."
        return f"Decision: take this remedy before the model is used: {self.decision.remedy}."


def make_card(study: FairnessStudy, section: FairnessSection, evidence: Evidence, facts: CardFacts) -> ModelCard:
    """Put together what stands on the card.

    Parameters
    ----------
    study : FairnessStudy
        What was found.
    section : FairnessSection
        The same, ready to show.
    evidence : Evidence
        The labelled homes.
    facts : CardFacts
        What the model is.
    """
    accuracy, auc = facts.quality["accuracy"], facts.quality["auc"]
    return ModelCard(
        facts=facts,
        stage=study.stage,
        about_stage=STAGES[study.stage],
        trained_on=(
            f"{homes(len(evidence.is_gas))} whose fuel is known: {count(evidence.is_gas.sum())} with gas, "
            f"{count((~evidence.is_gas).sum())} with electricity."
        ),
        quality=(
            f"Right for {of_100(accuracy.value)} homes hidden from it (95 % interval {interval(accuracy)}); "
            f"AUC {plain(auc.value)}."
        ),
        section=section,
        decision=study.decision,
        deep=study.deep,
        limits=limits_in_words(study.limits),
    )


def card_html(card: ModelCard) -> str:
    """Write the card as HTML that asks nothing of any other file or host; the same card gives the same characters."""
    environment = Environment(
        loader=PackageLoader("case_heating.people"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": day, "count": count}
    return environment.get_template("model_card.html.j2").render(
        version=__version__,
        card=card,
        facts=card.facts,
        section=card.section,
        intended_use=INTENDED_USE,
        not_for=NOT_FOR,
        plots={
            # matplotlib has escaped the words of its charts
            plot.name: {"wide": Markup(plot.inline(WIDE_IN)), "narrow": Markup(plot.inline(NARROW_IN))}  # noqa: S704
            for plot in card.section.plots
        },
    )


def limits_in_words(limits: FairnessLimits) -> list[tuple[str, str]]:
    """Say each limit with its unit.

    >>> limits_in_words(FairnessLimits())[2]
    ('Either error, above that of other homes', '5 of 100')
    """
    said = []
    for field in fields(limits):
        if field.name in LIMIT_WORDS:
            value = getattr(limits, field.name)
            words = f"{value:,} homes" if field.name.startswith("min_") else f"{100 * value:g} of 100"
            said.append((LIMIT_WORDS[field.name], words))
    return said
