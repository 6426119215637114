"""Homes are counted by fuel and certainty, and a scenario's year stands beside the usual one to the cent."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.model.forecast import forecast, learn_forecast
from case_heating.model.scenarios import SEVERE_WINTER, Scenario, TariffChange
from case_heating.people.portfolio_figures import (
    FEW_TOGETHER,
    KEYS,
    SEEN,
    beside_usual,
    certainty_in_words,
    draw_figures,
    fan,
    few_together,
    homes_by_certainty,
    homes_by_group,
    year_in_words,
)
from case_heating.people.what_if import WhatIf

AS_OF = date(2025, 1, 1)
DEAR = WhatIf("severe", gas_percent=20, from_month=date(2025, 4, 1))


@pytest.fixture(scope="module")
def learned():
    return learn_forecast(simulate(homes=300, seed=2).tables, as_of=AS_OF, threads=1)


@pytest.fixture(scope="module")
def usual(learned):
    return draw_figures(learned, WhatIf(), min_homes=10)


@pytest.fixture(scope="module")
def dear(learned):
    return draw_figures(learned, DEAR, min_homes=10)


def answers(*rows):
    table = pd.DataFrame(rows, columns=["heating_fuel", "confidence", "sureness", "seen"])
    return table.set_index(pd.Index([f"h{n}" for n in range(len(rows))], name="home_id"))


ANSWERS = answers(
    ("gas", 0.97, "almost certain", None),
    ("gas", 0.97, "almost certain", None),
    ("gas", 0.60, "hardly more than a guess", None),
    ("gas", 0.97, "almost certain", "electricity"),  # what was seen counts over the answer
    ("electricity", 0.80, "about 8 in 10", None),
    ("electricity", 0.99, "almost certain", "none"),
    ("electricity", 0.55, "hardly more than a guess", "gas"),  # seen: not unsure any more
)


def test_homes_by_fuel_and_certainty():
    counts = homes_by_certainty(ANSWERS)
    assert counts.to_numpy().tolist() == [
        ["gas", SEEN, 1],
        ["gas", "almost certain", 2],
        ["gas", "hardly more than a guess", 1],
        ["electricity", SEEN, 1],
        ["electricity", "about 8 in 10", 1],
        ["other", SEEN, 1],
    ]
    assert certainty_in_words(counts) == (
        "57.1 % of 7 homes heat with gas, 28.6 % with electricity, 14.3 % with something else. Of 3 somebody has seen "
        "it, of 2 the machine is sure (about 9 in 10 or more), of 2 it is not."
    )


def test_where_all_was_seen_nothing_is_said_of_the_machine():
    seen = homes_by_certainty(ANSWERS.dropna())
    assert certainty_in_words(seen).endswith("something else. Somebody has seen it in all of them.")


def test_homes_by_group():
    homes = pd.DataFrame({"home_id": ANSWERS.index, "district": ["a", "a", "a", "a", "b", "b", None]})
    table = homes_by_group(homes, ANSWERS, "district", min_homes=1).set_index("district")
    assert table.loc["a", ["n_homes", "n_gas", "n_electricity", "n_other", "n_unsure"]].tolist() == [4, 3, 1, 0, 1]
    assert table.loc["b", ["n_homes", "n_gas", "n_electricity", "n_other", "n_unsure"]].tolist() == [2, 0, 1, 1, 1]
    assert table.loc["unknown", ["n_homes", "n_unsure"]].tolist() == [1, 0]
    assert table.loc["a", ["gas_percent", "unsure_percent"]].tolist() == [75, 25]


def test_homes_by_group_where_nobody_knows_groups():
    table = homes_by_group(pd.DataFrame({"home_id": ANSWERS.index}), ANSWERS, "dwelling_type", min_homes=30)
    assert table[["dwelling_type", "n_homes"]].to_numpy().tolist() == [["unknown", 7]]


def test_few_homes_are_told_together_and_never_alone():
    sizes = {"big": 9, "middle": 5, "small": 2}
    group = pd.Series([name for name, n in sizes.items() for _ in range(n)])
    assert few_together(group, 2).tolist() == group.tolist()
    # "small" alone would be two homes still: the next smallest joins it
    assert few_together(group, 3).value_counts().to_dict() == {"big": 9, FEW_TOGETHER: 7}
    assert few_together(group, 6).value_counts().to_dict() == {"big": 9, FEW_TOGETHER: 7}
    assert few_together(group, 100).value_counts().to_dict() == {FEW_TOGETHER: 16}
    rows = pd.Series(["big", "middle", "big", "small"])  # each of which stands for some homes
    assert few_together(rows, 3, np.array([4, 5, 5, 2])).tolist() == ["big", FEW_TOGETHER, "big", FEW_TOGETHER]


def test_every_key_adds_up_to_the_cent(usual, dear):
    for figures in (usual, dear):
        assert set(figures.by) == set(KEYS)
        for key in KEYS:
            assert figures.by[key]["cost_cents"].sum() == figures.total["cost_cents"]
    assert usual.by["district"]["n_homes"].min() >= 10
    assert FEW_TOGETHER in set(usual.by["district"]["district"])  # 28 districts of 300 homes


def test_a_scenario_is_what_the_forecast_draws(learned, dear):
    drawn = forecast(learned, Scenario(SEVERE_WINTER, (TariffChange("gas", date(2025, 4, 1), unit_factor=1.2),), ()))
    assert dear.total["cost_cents"] == drawn.cents.sum()
    assert dear.assumed == "severe winter, gas +20 % from 2025-04-01"


def test_a_scenario_beside_the_usual_year(usual, dear):
    fuels = beside_usual(usual, dear, "fuel").set_index("fuel")
    assert (fuels["cost_usd"] - fuels["usual_usd"]).tolist() == pytest.approx(fuels["difference_usd"].tolist())
    assert fuels["difference_usd"].sum() == pytest.approx(dear.total["cost_usd"] - usual.total["cost_usd"])
    months = beside_usual(usual, dear, "month").set_index("month")["difference_percent"]
    assert months[date(2025, 7, 1)] > 0  # dearer gas; the winter is over
    assert months[date(2025, 12, 1)] > months[date(2025, 1, 1)] > 0  # both, and the cold alone


def test_a_group_without_cost_has_no_percentage(usual):
    none = usual.by["fuel"].assign(cost_usd=[0.0, 5.0])
    table = beside_usual(replace(usual, by={"fuel": none}), replace(usual, by={"fuel": none}), "fuel")
    assert table["difference_percent"].isna().tolist() == [True, False]


def test_the_fan_has_a_band_for_half_and_one_for_nine_tenths(usual, dear):
    months = fan(usual, dear)
    assert months["usual_usd"].tolist() == usual.by["month"]["cost_usd"].tolist()
    wide, narrow = (months[f"{band}_high_usd"] - months["cost_usd"] for band in ("cost", "half"))
    assert (narrow / wide).tolist() == pytest.approx([0.67449 / 1.64485] * 12, rel=1e-4)  # of a normal distribution
    assert (months["half_high_usd"] + months["half_low_usd"]).tolist() == pytest.approx(
        (2 * months["cost_usd"]).tolist()
    )


def with_costs(figures, total_usd, electricity_usd, gas_usd, what_if):
    total = figures.total.copy()
    total[["n_homes", "cost_usd", "cost_low_usd", "cost_high_usd"]] = [300, total_usd, 900_000.0, 1_100_000.0]
    fuels = figures.by["fuel"].assign(cost_usd=[electricity_usd, gas_usd])
    return replace(figures, what_if=what_if, total=total, by=figures.by | {"fuel": fuels})


def test_the_year_in_words(usual):
    normal = with_costs(usual, 1_000_000.0, 700_000.0, 300_000.0, WhatIf())
    assert year_in_words(normal, normal) == (
        "A normal winter at the prices in force: electricity and gas of 300 homes cost 1.00 million USD from January "
        "2025 to December 2025; with 90 % certainty 900 thousand USD to 1.10 million USD."
    )
    dearer = with_costs(usual, 1_050_000.0, 690_000.0, 360_000.0, DEAR)
    assert year_in_words(normal, dearer) == (
        "With a severe winter and gas 20 % dearer from April 2025 on, the year costs 1.05 million USD (90 %: 900 "
        "thousand USD to 1.10 million USD): 50 thousand USD more than the usual year (+5.0 %); electricity −10 "
        "thousand USD, gas +60 thousand USD."
    )
    cheaper = with_costs(usual, 990_000.0, 690_000.0, 300_000.0, WhatIf(electricity_percent=-1))
    assert "10 thousand USD less than the usual year (−1.0 %); electricity −10 thousand USD." in year_in_words(
        normal, cheaper
    )
