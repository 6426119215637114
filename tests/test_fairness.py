"""Groups by hand and against fairlearn; absent, single, tiny and missing groups; the verdict and its reasons."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.features.build import build_features
from case_heating.model.fairness import (
    SENSITIVE_TRAITS,
    FairnessLimits,
    Traits,
    measure_fairness,
    traits_of,
)
from case_heating.model.fairness_verdict import judge_fairness

LIMITS = FairnessLimits(needed_traits=("tenure",))


def planted(owners=400, renters=400, missed_owners=0.1, missed_renters=0.4, seed=0):
    """Half the homes of each group heat with gas; a share of those gas homes is called electric, exactly."""
    is_gas, probability, tenure = [], [], []
    for name, n, missed in (("owner", owners, missed_owners), ("renter", renters, missed_renters)):
        n_gas = n // 2
        n_missed = round(missed * n_gas)
        is_gas += [True] * n_gas + [False] * (n - n_gas)
        probability += [0.4] * n_missed + [0.8] * (n_gas - n_missed) + [0.2] * (n - n_gas)
        tenure += [name] * n
    order = np.random.default_rng(seed).permutation(len(tenure))
    index = pd.Index([f"h{number}" for number in range(len(tenure))], name="home_id")
    groups = pd.DataFrame({"tenure": pd.Series(np.array(tenure)[order], index=index, dtype="str")})
    return np.array(is_gas)[order], np.array(probability)[order], Traits(groups, {})


def measured(is_gas, probability, traits, limits=LIMITS, **others):
    return measure_fairness(is_gas, probability, traits, limits=limits, rounds=200, **others)


def figure(fairness, group, measure, trait="tenure"):
    own = fairness.figures.set_index(["trait", "group", "measure"])
    return own.loc[(trait, group, measure)]


def test_figures_of_two_groups_by_hand():
    fairness = measured(*planted(), review_below=(0.7, 0.7))
    # renters: 200 gas homes of which 80 are called electric, 200 electric homes all called electric
    missed = figure(fairness, "renter", "gas_called_electric")
    assert (missed["n_homes"], missed["n"]) == (400, 200)
    assert missed["value"] == pytest.approx(0.4)
    assert missed["gap"] == pytest.approx(0.3)
    assert missed["low"] < 0.4 < missed["high"]
    assert 0.2 < missed["gap_low"] < 0.3 < missed["gap_high"] < 0.4
    assert figure(fairness, "renter", "electric_called_gas")["value"] == 0
    assert figure(fairness, "renter", "selection_rate")["value"] == pytest.approx(120 / 400)
    assert figure(fairness, "renter", "accuracy")["value"] == pytest.approx(320 / 400)
    # said: (80 × 0.4 + 120 × 0.8 + 200 × 0.2) / 400 = 0.42; came true: 0.5
    assert figure(fairness, "renter", "calibration_gap")["value"] == pytest.approx(-0.08)
    # 0.6 sure of electricity is below 0.7; the others are 0.8 sure
    assert figure(fairness, "renter", "sent_to_people")["value"] == pytest.approx(80 / 400)


def test_differences_are_zero_when_groups_are_served_alike_and_say_how_unlike_otherwise():
    unlike = measured(*planted()).differences.loc["tenure"]
    assert unlike["demographic_parity"] == pytest.approx(180 / 400 - 120 / 400)
    assert unlike["equal_opportunity"] == pytest.approx(0.9 - 0.6)
    assert unlike["equal_opportunity_low"] > unlike["equal_opportunity_by_chance"]
    alike = measured(*planted(missed_renters=0.1)).differences.loc["tenure"]
    assert alike["demographic_parity"] == alike["equal_opportunity"] == 0
    assert alike["equal_opportunity_by_chance"] > 0  # chance alone gives some difference


def test_verdict_refuses_the_worse_group_alone_and_names_it():
    is_gas, probability, traits = planted()
    verdict = judge_fairness(measured(is_gas, probability, traits), LIMITS)
    assert verdict.passed is False
    assert len([reason for reason in verdict.reasons if "electric is" in reason]) == 1
    assert (
        "tenure renter (400 homes): share of gas homes called electric is 40.0 of 100, 30.0 of 100 more than in other "
        "homes; 5.0 of 100 are allowed"
    ) in verdict.reasons


def test_verdict_passes_groups_served_alike():
    verdict = judge_fairness(measured(*planted(missed_renters=0.1)), LIMITS)
    assert verdict.passed is True
    assert verdict.reasons == ("no group of 200 homes or more, of 2 looked at, exceeds a limit",)


def test_one_judged_group_is_no_judgement_of_the_trait():
    # the few renters fare far worse, and owners, who are judged, fare better than others: that is no pass
    loose = replace(LIMITS, max_calibration_gap=1.0)
    verdict = judge_fairness(measured(*planted(owners=600, renters=150), loose), loose)
    assert verdict.passed is None
    assert verdict.reasons == ("tenure cannot be judged: fewer than two groups of it have 200 homes or more",)


def test_a_pass_names_the_groups_it_says_nothing_about():
    is_gas, probability, traits = planted(missed_renters=0.1)
    groups = traits.groups.copy()
    groups.iloc[:50, 0] = "rent_free"
    groups.iloc[50:53, 0] = "squatter"
    loose = replace(LIMITS, max_error_gap=0.2, max_calibration_gap=0.2)
    verdict = judge_fairness(measured(is_gas, probability, Traits(groups, {}), loose), loose)
    assert verdict.passed is True
    assert verdict.reasons[1] == "too few homes to judge, so nothing is said of: tenure rent_free, tenure squatter"


def test_a_gap_that_chance_may_explain_neither_passes_nor_fails():
    is_gas, probability, traits = planted(owners=220, renters=220, missed_owners=0.30, missed_renters=0.37)
    loose = replace(LIMITS, max_calibration_gap=1.0)
    verdict = judge_fairness(measured(is_gas, probability, traits, loose), loose)
    assert verdict.passed is None
    assert "chance may explain this" in verdict.reasons[0]


def test_more_people_are_sent_to_review_in_one_group():
    is_gas, probability, traits = planted()
    loose = replace(LIMITS, max_error_gap=1.0, max_calibration_gap=1.0)
    verdict = judge_fairness(measured(is_gas, probability, traits, loose, review_below=(0.7, 0.7)), loose)
    assert verdict.passed is False
    # 80 of 400 renters and 20 of 400 owners
    assert "too unsure for the machine alone is 20.0 of 100, 15.0 of 100 more" in verdict.reasons[0]


def test_cost_error_counts_by_its_size_and_leaves_missing_homes_out():
    is_gas, probability, traits = planted(missed_renters=0.1)
    error = pd.Series(np.where(traits.groups["tenure"] == "renter", -300.0, 100.0), index=traits.groups.index)
    error[is_gas] = np.nan
    costs = pd.DataFrame({"error_usd": error, "cost_usd": 1000.0})
    fairness = measured(is_gas, probability, traits, costs=costs)
    cost = figure(fairness, "renter", "cost_error_usd")
    assert (cost["value"], cost["gap"], cost["n"]) == (300, 200, 200)
    verdict = judge_fairness(fairness, LIMITS)
    assert verdict.passed is False
    assert "is 30.0 of 100, 20.0 of 100 more than in other homes; 5.0 of 100 are allowed" in verdict.reasons[0]


def test_a_larger_error_of_a_larger_bill_is_shown_and_refuses_nothing():
    is_gas, probability, traits = planted()
    renter = traits.groups["tenure"] == "renter"
    costs = pd.DataFrame({"error_usd": np.where(renter, 300.0, 100.0), "cost_usd": np.where(renter, 3000.0, 1000.0)})
    fairness = measured(is_gas, probability, traits, costs=costs.set_axis(traits.groups.index))
    assert figure(fairness, "renter", "cost_error_usd")["gap"] == 200
    assert figure(fairness, "renter", "cost_error_share")["gap"] == 0
    assert not [reason for reason in judge_fairness(fairness, LIMITS).reasons if "cost" in reason]


def test_three_homes_are_not_shown_and_that_is_said():
    is_gas, probability, traits = planted()
    groups = traits.groups.copy()
    groups.iloc[:3, 0] = "rent_free"
    fairness = measured(is_gas, probability, Traits(groups, {}))
    assert "rent_free" not in set(fairness.figures["group"])
    assert fairness.too_small == {"tenure": ("rent_free",)}


def test_a_group_of_fifty_is_shown_and_not_judged():
    fairness = measured(*planted(owners=400, renters=50))
    own = fairness.figures[fairness.figures["group"] == "renter"]
    assert own.loc[own["measure"] == "accuracy", "value"].notna().all()
    # 25 gas homes among the 50: too few for the error on gas homes
    assert np.isnan(figure(fairness, "renter", "gas_called_electric")["value"])
    assert not own["judged"].any()


def test_without_sensitive_table_nothing_can_be_judged(tiny_tables):
    del tiny_tables["sensitive"]
    traits = traits_of(tiny_tables, pd.Index(["h1", "h2", "h3", "h4"]))
    assert set(SENSITIVE_TRAITS) <= set(traits.absent)
    is_gas = np.array([True, False, True, False])
    fairness = measure_fairness(is_gas, np.full(4, 0.6), traits, limits=FairnessLimits(), rounds=20)
    assert fairness.figures.empty
    verdict = judge_fairness(fairness, FairnessLimits())
    assert verdict.passed is None
    assert verdict.reasons[0] == "income_band cannot be judged: there is no table of sensitive traits"


def test_one_group_absent_column_and_a_trait_that_is_all_missing_say_why(tiny_tables):
    homes = pd.Index(["h1", "h2", "h3", "h4"])
    tiny_tables["sensitive"] = pd.DataFrame(
        {
            "home_id": pd.Series(["h1", "h2"], dtype="str"),
            "tenure": pd.Series(["owner", "owner"], dtype="str"),
            "race": pd.Series([pd.NA, pd.NA], dtype="str"),
        }
    )
    traits = traits_of(tiny_tables, homes)
    assert traits.groups.empty
    assert traits.absent["tenure"] == "all 2 homes where it is known are owner: nobody to compare with"
    assert traits.absent["race"] == "it is missing for all 4 homes"
    assert traits.absent["ethnicity"] == "the table sensitive has no column ethnicity"
    assert traits.absent["area_type"] == "the table homes has no column area_type"


def test_traits_follow_the_order_of_the_homes_asked_for(tiny_tables):
    traits = traits_of(tiny_tables, pd.Index(["h4", "h2", "h1"]))
    assert traits.groups["tenure"].tolist()[1:] == ["renter", "owner"]
    assert traits.groups["tenure"].isna().tolist() == [True, False, False]


def test_untold_homes_are_counted_and_are_in_no_group():
    is_gas, probability, traits = planted()
    groups = traits.groups.copy()
    groups.iloc[:100, 0] = pd.NA
    fairness = measured(is_gas, probability, Traits(groups, {}))
    assert fairness.untold == {"tenure": 100}
    assert fairness.figures.drop_duplicates("group")["n_homes"].sum() == 700


def test_pairs_are_measured_where_both_traits_differ():
    is_gas, probability, traits = planted()
    groups = traits.groups.assign(
        race=pd.Series(np.where(np.arange(800) % 2 == 0, "white", "black"), index=traits.groups.index, dtype="str"),
    )
    groups["ethnicity"] = pd.Series("not_hispanic", index=groups.index, dtype="str").where(groups["race"] == "white")
    groups.iloc[1, 2] = "hispanic"
    fairness = measured(is_gas, probability, Traits(groups, {}))
    names = set(fairness.figures["trait"])
    assert "tenure × race" in names
    pair = fairness.figures[fairness.figures["trait"] == "tenure × race"]
    assert set(pair["group"]) == {f"{a} × {b}" for a in ("owner", "renter") for b in ("black", "white")}
    both = (groups["tenure"] == "renter") & (groups["race"] == "black")
    missed = figure(fairness, "renter × black", "gas_called_electric", "tenure × race")["value"]
    assert missed == pytest.approx((probability < 0.5)[both & is_gas].mean())


def test_a_pair_in_which_one_trait_is_the_same_for_all_is_no_pair():
    is_gas, probability, traits = planted()
    groups = traits.groups.assign(race=traits.groups["tenure"].map({"owner": "white"}).astype("str"))
    fairness = measured(is_gas, probability, Traits(groups, {}))
    assert not fairness.figures["trait"].str.contains("×").any()


def test_gaps_are_corrected_for_their_number():
    figures = measured(*planted(missed_renters=0.17)).figures
    judged = figures[figures["judged"]].astype({"p_value": float, "p_adjusted": float})
    n = len(judged)
    # Benjamini–Hochberg by hand: p × n / rank, made monotone from the largest down
    ranked = judged.sort_values("p_value")
    by_hand = np.minimum.accumulate((ranked["p_value"] * n / np.arange(1, n + 1)).to_numpy()[::-1])[::-1]
    assert ranked["p_adjusted"].to_numpy() == pytest.approx(np.minimum(by_hand, 1))
    assert not figures.loc[figures["measure"].isin(["selection_rate", "accuracy"]), "judged"].any()


def test_same_seed_same_figures_and_the_order_of_homes_changes_no_value():
    is_gas, probability, traits = planted()
    first, again = (measured(is_gas, probability, traits).figures for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    turned = measured(is_gas[::-1], probability[::-1], Traits(traits.groups[::-1], {})).figures
    pd.testing.assert_series_equal(first["value"], turned["value"])


def test_answers_of_other_homes_and_no_answers_are_refused():
    is_gas, probability, traits = planted()
    with pytest.raises(NotEnoughDataError, match="800 answers, 799 probabilities"):
        measured(is_gas, probability[1:], traits)
    with pytest.raises(NotEnoughDataError, match="hold homes out first"):
        measured(is_gas, np.full(800, np.nan), traits)


def test_limits_must_be_above_zero():
    with pytest.raises(ValueError, match="max_error_gap is 0"):
        FairnessLimits(max_error_gap=0)


@pytest.mark.filterwarnings("error")
def test_traits_never_reach_the_features(tiny_tables):
    from datetime import date

    features = build_features(tiny_tables, as_of=date(2025, 6, 1))
    assert not set(SENSITIVE_TRAITS) & set(features)
