"""Words for customers and numbers for analysts, from explanations made by hand and from planted homes."""

import re
import tomllib
from dataclasses import replace
from importlib import resources
from itertools import product
from math import nan

import numpy as np
import pytest
import textstat

from case_heating.edges.bench_explain import made_up_explainer, made_up_homes
from case_heating.errors import SourceError
from case_heating.features.stages import FEATURE
from case_heating.model.explain import A_VISIT, Explanation, OtherAnswer, Reason
from case_heating.model.explain_groups import GROUPS
from case_heating.model.predict import sureness
from case_heating.model.told_facts import Fact
from case_heating.model.typical import ERA_STARTS, SHARED_FACTS, Median, Share
from case_heating.people.reasons import (
    BANNED_WORDS,
    LANGUAGES,
    contributions_table,
    customer_words,
    in_numbers,
    reasons_table,
    sentences,
)
from case_heating.schema import HOMES

MOST_GRADE = 8
# Nothing that names a trait of the household, or that people have used to hint at one.
SENSITIVE_HINTS = {
    "en": (
        "black white asian hispanic latino latina native pacific race racial ethnic ethnicity color colored immigrant "
        "owner owners owned renter renters rent rented tenant tenants landlord income poor poverty rich wealthy "
        "affluent low-income welfare family families people residents neighborhood neighbourhood inner ghetto slum "
        "decent good bad church religion age old elderly young gender man woman"
    ).split(),
    "es": (
        "negro negra blanco blanca asiático hispano latino latina nativo raza racial étnico etnia inmigrante dueño "
        "propietario inquilino alquiler renta ingreso ingresos pobre pobreza rico rica familia familias gente vecinos "
        "residentes barrio iglesia religión anciano joven género hombre mujer"
    ).split(),
}
ALLOWED_HINTS = {"en": {"age"}, "es": set()}  # "its age" is the building's

SLOPE = Fact("heating_slope_kwh", 0.3, "", {"gas": Median(0.2, 90, 1), "electricity": Median(1.6, 44, 1)}, None, "gas")
BUILT = Fact("year_built", 1985.0, "1980", {}, Share(0.44, 310, 0.59), "electricity")
AREA = Fact("district", "Rich Acres", "Rich Acres", {}, Share(0.82, 200, 0.59), "gas")
ONE = Explanation(
    home_id="h1",
    fuel="gas",
    probability_of_gas=0.9,
    confidence=0.9,
    sureness="about 9 in 10",
    score=2.0,
    bias=0.5,
    contributions={"winter_use": 1.5, "age": -0.6, "area": 0.4, "size": 0.2},
    reasons=(Reason("winter_use", "gas", 1.5, 1.8, SLOPE), Reason("area", "gas", 0.4, 0.3, AREA)),
    against=Reason("age", "electricity", -0.6, -0.5, BUILT),
    settled_by="gas_meter",
    other_answer=OtherAnswer("winter_use", "electricity", ("heating_slope_kwh", 1.61), -0.4),
)


def templates():
    source = resources.files("case_heating.people") / "templates" / "reasons.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    else:
        yield path, value


def words_of(text):
    return set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.casefold()))


def with_reason(fact, group="winter_use", speaks_for="gas"):
    return replace(ONE, reasons=(Reason(group, speaks_for, 1.0, 1.0, fact),))


def test_the_whole_text_by_hand():
    words = customer_words(ONE)
    assert words.answer == "We think this home heats with gas. We are right about 9 in 10 times when we are this sure."
    assert words.reasons == (
        "Its power use hardly rises in cold months: 0.3 kWh for each degree-day. "
        "With electric heat, 1.6 is usual in homes of its kind and size.",
        "We know how other homes in its area heat. Of 100 such homes, 82 heat with gas. "
        "Of 100 homes of all kinds it is 59.",
    )
    assert words.against == (
        "What speaks against it: it was built between 1980 and 1999. Of 100 such homes, 56 heat with electricity. "
        "Of 100 homes of all kinds it is 41."
    )
    assert words.settled_by == "A look for a gas meter would help most."
    assert words.other_answer == (
        "We would say electricity if this were so: in cold months its power use changes by 1.6 kWh for each degree-day."
    )


def test_the_same_in_spanish():
    words = customer_words(ONE, "es")
    assert words.answer.startswith("Creemos que este hogar se calienta con gas.")
    assert words.reasons[0] == (
        "Su consumo de luz apenas sube en los meses fríos: 0.3 kWh por cada grado-día. "
        "Con calefacción eléctrica, lo habitual en hogares de su tipo y tamaño es 1.6."
    )
    assert "De cada 100 hogares así, 56 se calientan con electricidad." in words.against


def test_an_area_is_never_named():
    for language in LANGUAGES:
        assert "Rich" not in customer_words(ONE, language).text
    changed = replace(ONE, other_answer=OtherAnswer("area", "electricity", ("district", "Rich Acres"), -1.0))
    assert customer_words(changed).other_answer == (
        "We would say electricity if its area were as in most homes with electric heat."
    )


def test_nothing_against_and_no_other_answer():
    words = customer_words(replace(ONE, against=None, other_answer=None))
    assert words.against == "Nothing that we know speaks strongly against it."
    assert words.other_answer == "No single fact, changed by itself, would change our answer."


def test_a_home_whose_facts_all_point_the_other_way():
    assert customer_words(replace(ONE, reasons=())).reasons == ("Nothing that we know of this home stands out.",)


def test_a_comparison_that_does_not_show_it_by_itself_is_hedged():
    fact = replace(SLOPE, value=1.5, speaks_for="electricity")
    assert customer_words(with_reason(fact)).reasons == (
        "In cold months its power use changes by 1.5 kWh for each degree-day. "
        "Taken with the rest, this speaks for gas.",
    )


def test_numbers_that_look_the_same_are_not_set_against_each_other():
    medians = {"gas": Median(6.6, 90, 2), "electricity": Median(6.4, 44, 2)}
    said = customer_words(with_reason(Fact("rooms", 6.49, "", medians, None, "gas"), "size")).reasons[0]
    assert said == "It has 6 rooms. Taken with the rest, this speaks for gas."


def test_gas_that_most_others_do_not_use():
    medians = {"gas": Median(550.0, 90, 3), "electricity": Median(None, 44, 3)}
    said = customer_words(with_reason(Fact("therms_year", 1234.4, "", medians, None, "gas"), "gas_use")).reasons[0]
    assert said == "It uses 1,234 therms of gas a year. Most homes of all kinds with electric heat use no gas."


def test_a_missing_fact_and_one_that_cannot_be_told():
    fact = Fact("therms_year", None, "missing", {}, Share(0.04, 100, 0.59), "electricity")
    assert customer_words(with_reason(fact, "gas_use", "electricity")).reasons == (
        "We know of no full year of gas bills for it. Of 100 such homes, 96 heat with electricity. "
        "Of 100 homes of all kinds it is 41.",
    )
    untold = Fact("", None, "", {}, None, None)
    assert customer_words(with_reason(untold, "electricity_use")).reasons == (
        "What we know of its power use speaks for gas.",
    )


def test_both_languages_have_the_same_sentences_and_blanks():
    told = templates()
    english, spanish = (dict(leaves(told[language])) for language in ("en", "es"))
    assert set(english) == set(spanish)
    for path, sentence in english.items():
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", spanish[path])), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_can_be_told_has_a_sentence(language):
    say = sentences(language)
    for feature in [feature for group in GROUPS for feature in group.told]:
        assert feature in say["missing"], feature
        if feature not in SHARED_FACTS:
            assert feature in say["number"]
            assert feature in say["format"]
        elif feature not in say["any"]:
            expected = {"yes", "no"} if feature in ("gas_service", "solar", "pool") else None
            if feature == "year_built":
                expected = {"before", *map(str, ERA_STARTS)}
            assert set(say["value"][feature]) == (expected or set(HOMES.column(feature).allowed)), feature
    assert set(say["group"]) == {group.name for group in GROUPS}
    assert set(say["settled_by"]) == {A_VISIT, *(group.name for group in GROUPS if group.settles)}
    assert set(say["sureness"]) == set(sureness(np.linspace(0.5, 1, 51)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_a_banned_word_or_hints_at_a_sensitive_trait(language):
    banned = set(BANNED_WORDS[language]) | (set(SENSITIVE_HINTS[language]) - ALLOWED_HINTS[language])
    for path, sentence in leaves(templates()[language]):
        assert not words_of(re.sub(r"{\w+}", "", sentence)) & banned, (path, sentence)
        assert "%" not in sentence


def test_the_lists_would_catch_a_fault():
    assert words_of("The model's probability is 9") & set(BANNED_WORDS["en"]) == {"model", "probability"}
    assert words_of("Low-income families rent here") & set(SENSITIVE_HINTS["en"]) == {"low-income", "families", "rent"}


def test_customers_can_read_it():
    features, is_gas = made_up_homes(600)
    told = list(made_up_explainer(features, is_gas).explain(features))
    early = features[["district", "climate", "area_type", "dwelling_type"]]
    told += made_up_explainer(early, is_gas, stage="location").explain(early)
    for one in told:
        words = customer_words(one)
        assert textstat.flesch_kincaid_grade(words.text) <= MOST_GRADE, words.text
        assert not words_of(words.text) & set(BANNED_WORDS["en"])
        assert "nan" not in words.text
        assert not words_of(customer_words(one, "es").text) & set(BANNED_WORDS["es"])


def test_a_table_of_all_homes():
    table = reasons_table([ONE, replace(ONE, home_id="h2", against=None)])
    assert table.index.tolist() == ["h1", "h2"]
    assert table.loc["h1", "reason_2"] == customer_words(ONE).reasons[1]
    assert table.loc["h1", "reason_3"] == ""
    assert table.loc["h2", "against"].startswith("Nothing")
    assert list(table) == [
        *("heating_fuel", "probability_of_gas", "sureness", "answer", "reason_1", "reason_2", "reason_3", "reason_4"),
        *("against", "settled_by", "other_answer"),
    ]


def test_the_analyst_sees_every_contribution_and_their_sum():
    table = contributions_table(ONE)
    assert table.index.tolist() == ["winter_use", "age", "area", "size"]
    assert ONE.bias + table["contribution"].sum() == pytest.approx(ONE.score, abs=1e-9)
    assert table["named"].tolist() == ["reason 1", "against", "reason 2", ""]
    assert table.loc["winter_use", "effect"] == 1.8
    assert table.loc["winter_use", "value"] == "0.3"


def test_for_machines_nothing_is_nan():
    bent = replace(ONE, reasons=(replace(ONE.reasons[0], effect=nan),))
    found = in_numbers(bent)
    assert found["reasons"][0]["effect"] is None
    assert found["reasons"][0]["fact"]["medians"]["electricity"] == {"value": 1.6, "n_homes": 44, "level": 1}
    assert found["contributions"] == ONE.contributions


def test_a_language_without_sentences_is_told():
    with pytest.raises(SourceError, match="no sentences in 'fr'; there are en, es"):
        customer_words(ONE, "fr")


def test_no_sensitive_column_can_be_told():
    told = {feature for group, feature in product(GROUPS, FEATURE) if feature in group.told}
    assert not told & {"income_band", "tenure", "race", "ethnicity"}


@pytest.mark.parametrize(
    ("gas", "said"),
    [
        (1.0, "Nearly all such homes heat with gas."),
        (0.985, "Of 100 such homes, 98 heat with gas."),
        (0.02, "Of 100 such homes, 2 heat with gas."),
        (0.01, "Hardly any such homes heat with gas."),
    ],
)
def test_nearly_all_and_hardly_any_are_words(gas, said):
    fact = Fact("gas_service", 1.0, "yes", {}, Share(gas, 200, 0.0), "gas")
    assert said in customer_words(with_reason(fact, "gas_meter")).reasons[0]


def test_none_and_one_are_words():
    def said(feature, value, language="en"):
        told = OtherAnswer("size", "electricity", (feature, value), -1.0)
        return customer_words(replace(ONE, other_answer=told), language).other_answer

    assert said("bedrooms", 1.0) == "We would say electricity if this were so: it has one bedroom."
    assert said("bedrooms", 1.0, "es") == "Diríamos electricidad si esto fuera así: tiene un solo dormitorio."
    assert said("rooms", 1.0) == "We would say electricity if this were so: it has one room."
    assert said("rooms", 2.0) == "We would say electricity if this were so: it has 2 rooms."
    assert "does not rise in cold months: 0 kWh" in said("heating_slope_kwh", 0.04)
    assert "does not rise in cold months: 0 kWh" in said("heating_slope_kwh", -0.3)
    assert said("therms_year", None) == "We would say electricity if it had no gas bills."
    assert said("therms_year", None, "es") == "Diríamos electricidad si no tuviera facturas de gas."
