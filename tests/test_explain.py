"""Explanations of planted homes: exact sums, reasons that hold when facts change, and nothing from facts not used."""

from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pytest

from case_heating.edges.bench_explain import made_up_explainer, made_up_homes
from case_heating.errors import LeakageError, ModelError
from case_heating.model import explain as module
from case_heating.model.explain import A_VISIT, Explainer
from case_heating.model.explain_weights import LEAST_WEIGHT, MOST_REASONS, Scales
from case_heating.model.fuel import Encoding, encode
from case_heating.model.predict import predict

FEATURES, IS_GAS = made_up_homes(800)
EXPLAINER = made_up_explainer(FEATURES, IS_GAS)
TOLD = list(EXPLAINER.explain(FEATURES))
EARLIER = FEATURES.drop(columns=["gas_service", "therms_year"])
AT_PROPERTY = made_up_explainer(EARLIER, IS_GAS, stage="property")


def test_contributions_sum_to_the_score():
    score = EXPLAINER.model.score(encode(FEATURES, EXPLAINER.model.encoding))
    for one, right in zip(TOLD, score, strict=True):
        assert abs(one.bias + sum(one.contributions.values()) - right) < 1e-9
        assert abs(one.score - right) < 1e-9


def test_groups_add_their_features_by_hand():
    row = FEATURES.iloc[[3]]
    exact = EXPLAINER.model.booster.predict(encode(row, EXPLAINER.model.encoding), pred_contrib=True)[0]
    names = EXPLAINER.model.encoding.names
    size = exact[names.index("floor_area_sqft")] + exact[names.index("windows")]
    assert TOLD[3].contributions["size"] == pytest.approx(size, abs=1e-12)
    assert TOLD[3].contributions["gas_use"] == pytest.approx(exact[names.index("therms_year")], abs=1e-12)


def test_the_answer_is_that_of_predict():
    answers = predict(EXPLAINER.model, FEATURES)
    assert [one.home_id for one in TOLD] == list(answers.index)
    assert [one.fuel for one in TOLD] == answers["heating_fuel"].tolist()
    assert [one.sureness for one in TOLD] == answers["sureness"].tolist()
    np.testing.assert_array_equal([one.probability_of_gas for one in TOLD], answers["probability_of_gas"])


def test_two_to_four_reasons_for_the_answer_strongest_first():
    for one in TOLD:
        sign = 1 if one.fuel == "gas" else -1
        supporting = sum(contribution * sign > 0 for contribution in one.contributions.values())
        assert min(2, supporting) <= len(one.reasons) <= MOST_REASONS
        assert len({reason.group for reason in one.reasons}) == len(one.reasons)
        assert all(reason.contribution * sign > 0 and reason.speaks_for == one.fuel for reason in one.reasons)
        weights = [min(reason.contribution * sign, reason.effect * sign) for reason in one.reasons]
        assert weights[0] == max(weights)
        if one.against is not None:
            assert one.against.contribution * sign < 0
            assert -one.against.contribution * sign > LEAST_WEIGHT * weights[0]
            assert one.against.speaks_for != one.fuel


def test_what_was_planted_is_named_first():
    first = pd.Series([one.reasons[0].group for one in TOLD]).value_counts(normalize=True)
    assert first.get("gas_use", 0) + first.get("electricity_use", 0) + first.get("gas_meter", 0) > 0.95


def test_effect_is_the_mean_fall_of_the_score_with_the_spread_values_of_both_fuels():
    one = TOLD[0]
    reason = one.reasons[0]
    assert reason.group in ("gas_use", "electricity_use")
    feature = {"gas_use": "therms_year", "electricity_use": "kwh_year"}[reason.group]
    scores = []
    for fuel in ("gas", "electricity"):
        for usual in EXPLAINER.typical.spread[fuel][feature]:
            changed = FEATURES.iloc[[0]].assign(**{feature: np.nan if usual is None else usual})
            scores.append(EXPLAINER.model.score(encode(changed, EXPLAINER.model.encoding))[0])
    assert len(scores) == 6
    assert reason.effect == pytest.approx(one.score - np.mean(scores), abs=1e-9)


def test_the_commonest_category_of_both_fuels_can_be_a_reason():
    # Both fuels' commonest cooling is "none", as in a home that has none: one typical value per fuel could not move it.
    cooling = np.where(IS_GAS, np.where(np.arange(len(IS_GAS)) % 4, "none", "room"), "none")
    cooling[~IS_GAS] = np.where(np.arange((~IS_GAS).sum()) % 5 < 3, "none", "central")
    features = pd.DataFrame({"cooling": pd.array(cooling, dtype="str")}, index=FEATURES.index)
    explainer = made_up_explainer(features, IS_GAS)
    assert [explainer.typical.by_fuel[fuel]["cooling"] for fuel in ("gas", "electricity")] == ["none", "none"]
    one = next(iter(explainer.explain(features[features["cooling"] == "none"])))
    assert one.fuel == "gas"
    assert one.reasons[0].effect > 0


def test_the_other_answer_turns_it_and_none_means_none():
    seen = set()
    for row, one in enumerate(TOLD[:60] + list(AT_PROPERTY.explain(EARLIER.iloc[:60]))):
        explainer, features = (EXPLAINER, FEATURES) if row < 60 else (AT_PROPERTY, EARLIER)
        home = features.loc[[one.home_id]]
        rival = "electricity" if one.fuel == "gas" else "gas"
        turned = {}
        for group in explainer.groups:
            usual = {name: explainer.typical.by_fuel[rival][name] for name in group.features if name in features}
            changed = home.copy()
            for name, value in usual.items():
                missing = None if name in explainer.model.encoding.categories else np.nan
                changed[name] = pd.array([missing if value is None else value], dtype=home[name].dtype)
            answer = predict(explainer.model, changed)["heating_fuel"].iloc[0]
            if answer == rival:
                turned[group.name] = abs(
                    explainer.model.score(encode(changed, explainer.model.encoding))[0] - one.score
                )
        seen.add(bool(turned))
        if turned:
            assert one.other_answer.group == min(turned, key=turned.get)
            assert one.other_answer.fuel == rival
        else:
            assert one.other_answer is None
    assert seen == {True, False}


def test_what_would_settle_it():
    by_home = {one.home_id: one.settled_by for one in TOLD}
    # This model never saw month by month electricity, which then is what tells most.
    assert set(by_home.values()) == {"winter_use"}
    assert {one.settled_by for one in AT_PROPERTY.explain(EARLIER)} == {"gas_use"}


def test_all_known_leaves_a_visit_and_an_unknown_meter_is_asked_for():
    features = FEATURES.assign(heating_slope_kwh=np.where(IS_GAS, 0.1, 1.5))
    explainer = made_up_explainer(features, IS_GAS)
    told = [one.settled_by for one in explainer.explain(features)]
    assert told == np.where(FEATURES["gas_service"].isna(), "gas_meter", A_VISIT).tolist()


def test_facts_not_used_change_nothing():
    swapped = EARLIER.assign(
        therms_year=np.linspace(0, 900, len(EARLIER)), pool=1.0, wall_material="brick", survey_weight=3.0
    )
    assert list(AT_PROPERTY.explain(swapped)) == list(AT_PROPERTY.explain(EARLIER))


def test_a_feature_without_a_split_is_neither_told_nor_used_to_find_peers():
    features = FEATURES.assign(floor_area_sqft=np.nan)
    features.iloc[0, features.columns.get_loc("floor_area_sqft")] = 5000.0  # one value: in the encoding, never split on
    explainer = made_up_explainer(features, IS_GAS)
    assert "floor_area_sqft" in explainer.model.encoding.names
    assert "floor_area_sqft" not in explainer.used
    other = features.assign(floor_area_sqft=700.0)
    assert list(explainer.explain(features)) == list(explainer.explain(other))


def test_one_by_one_is_as_in_bulk(monkeypatch):
    monkeypatch.setattr(module, "CHUNK_HOMES", 7)
    assert list(EXPLAINER.explain(FEATURES.iloc[:20])) == TOLD[:20]
    assert next(iter(EXPLAINER.explain(FEATURES.iloc[[5]]))) == TOLD[5]


def test_what_is_left_unchecked_would_not_be_named(monkeypatch):
    # a quarter of the answers is turned, so that many groups of about the same weight speak
    turned = IS_GAS ^ (np.random.default_rng(1).random(len(IS_GAS)) < 0.25)
    explainer = made_up_explainer(FEATURES, turned)
    sparing = list(explainer.explain(FEATURES))
    check = Scales._check

    def check_all(self, *args):
        return check(self, *args[:-1], lambda weight, _strength: np.full(len(weight), True))

    monkeypatch.setattr(Scales, "_check", check_all)
    assert list(explainer.explain(FEATURES)) == sparing


def test_no_home_at_all():
    assert list(EXPLAINER.explain(FEATURES.iloc[:0])) == []


def test_a_district_never_seen_is_missing_as_it_is_to_the_model():
    home = FEATURES.iloc[[0]]
    assert list(EXPLAINER.explain(home.assign(district="d9"))) == list(EXPLAINER.explain(home.assign(district=None)))


def test_a_sensitive_trait_in_a_model_is_refused():
    model = EXPLAINER.model
    bent = replace(model, encoding=Encoding(("tenure", *model.encoding.names[1:]), {}))
    with pytest.raises(LeakageError, match="sensitive tenure"):
        Explainer(bent, EXPLAINER.typical)


def test_contributions_that_do_not_add_up_are_refused(monkeypatch):
    model = EXPLAINER.model
    real = lightgbm.Booster.predict

    def bent(self, data, **options):
        return real(self, data, **options) + (1e-6 if options.get("raw_score") else 0)

    monkeypatch.setattr(lightgbm.Booster, "predict", bent)
    with pytest.raises(ModelError, match="contributions miss the score"):
        list(Explainer(model, EXPLAINER.typical).explain(FEATURES))
