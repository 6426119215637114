"""The section shows the homes it should, and no count of fewer than thirty."""

import numpy as np

from case_heating.edges.bench_explain import made_up_explainer, made_up_homes
from case_heating.model.faithfulness import Faithfulness
from case_heating.people.why_section import tell_why

FEATURES, IS_GAS = made_up_homes(400)
EXPLAINER = made_up_explainer(FEATURES, IS_GAS)
FAITHFUL = Faithfulness(10, 6, {}, {}, {}, 1.0, {})
SECTION = tell_why(EXPLAINER, FEATURES, FAITHFUL)


def test_the_surest_of_each_fuel_and_the_most_open_one():
    probability = EXPLAINER.model.probability_of_gas(FEATURES)
    homes = {example.kind: example.explanation.home_id for example in SECTION.examples}
    assert homes == {
        "surely gas": FEATURES.index[probability.argmax()],
        "surely electric": FEATURES.index[probability.argmin()],
        "could be either": FEATURES.index[np.abs(probability - 0.5).argmin()],
    }
    assert SECTION.waterfall.title.startswith(homes["could be either"])
    assert SECTION.faithfulness is FAITHFUL


def test_counts_below_thirty_are_missing():
    counts = SECTION.named_first
    assert list(counts) == ["gas", "electricity"]
    assert "gas of a year" in counts.index
    assert counts.min().min() >= 30
    assert tell_why(EXPLAINER, FEATURES.iloc[:20], FAITHFUL).named_first.isna().all().all()


def test_homes_of_one_fuel_alone():
    section = tell_why(EXPLAINER, FEATURES[IS_GAS].iloc[:5], FAITHFUL, language="es")
    assert [example.kind for example in section.examples] == ["surely gas", "could be either"]
    assert "hogar" in section.examples[0].words.answer
