"""Scenarios refuse nonsense, join, and say exactly which tariffs and homes change from when."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import SourceError
from case_heating.model.scenarios import (
    NORMAL_WINTER,
    SEVERE_WINTER,
    WARM_WINTER,
    HeatPumps,
    Scenario,
    TariffChange,
    Winter,
    changed_tariffs,
    converted_homes,
    winter_departure_f,
)

MONTHS = tuple(day.date() for day in pd.date_range("2024-01-01", periods=12, freq="MS"))
JULY = date(2024, 7, 1)
TARIFFS = pd.DataFrame(
    {
        "fuel": ["electricity", "electricity", "gas"],
        "place_id": ["p", "q", "p"],
        "from_date": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-01"]),
        "fixed_charge_usd": [12.0, 12.0, 14.0],
        "unit_price_usd": [0.10, 0.20, 1.0],
    }
)
HOMES = pd.DataFrame({"home_id": [f"h{n}" for n in range(10)], "district": ["d1"] * 8 + ["d2"] * 2})
GAS = np.array([True] * 8 + [False] * 2)


def prices(tariffs: pd.DataFrame, fuel: str, place: str) -> dict[str, float]:
    own = tariffs[(tariffs["fuel"] == fuel) & (tariffs["place_id"] == place)].sort_values("from_date")
    return dict(zip(own["from_date"].dt.strftime("%Y-%m-%d"), own["unit_price_usd"].round(6), strict=True))


def test_a_winter_departs_from_november_to_march():
    assert winter_departure_f(SEVERE_WINTER, MONTHS).tolist() == [-4, -4, -4, 0, 0, 0, 0, 0, 0, 0, -4, -4]
    with pytest.raises(SourceError, match="stay within 20 °F"):
        Winter("ice age", -40.0)


def test_a_factor_begins_on_its_day():
    changed = changed_tariffs(TARIFFS, [TariffChange("electricity", JULY, unit_factor=1.5)])
    assert prices(changed, "electricity", "p") == {"2024-01-01": 0.10, "2024-07-01": 0.15}
    assert prices(changed, "electricity", "q") == {"2024-01-01": 0.20, "2024-07-01": 0.30}
    assert prices(changed, "gas", "p") == {"2024-01-01": 1.0}


def test_changes_follow_each_other():
    march = TariffChange("electricity", date(2024, 3, 1), unit_price_usd=0.2, place_id="p")
    changed = changed_tariffs(TARIFFS, [TariffChange("electricity", JULY, unit_factor=2.0), march])
    assert prices(changed, "electricity", "p") == {"2024-01-01": 0.1, "2024-03-01": 0.2, "2024-07-01": 0.2}
    assert prices(changed, "electricity", "q") == {"2024-01-01": 0.2, "2024-07-01": 0.4}


def test_a_fixed_charge_leaves_the_unit_price():
    changed = changed_tariffs(TARIFFS, [TariffChange("gas", JULY, fixed_charge_usd=20.0)])
    assert prices(changed, "gas", "p") == {"2024-01-01": 1.0, "2024-07-01": 1.0}
    assert changed[changed["fuel"] == "gas"]["fixed_charge_usd"].tolist() == [14.0, 20.0]


def test_the_tariffs_given_stay_as_they_are():
    before = TARIFFS.copy()
    changed_tariffs(TARIFFS, [TariffChange("electricity", JULY, unit_factor=1.5)])
    pd.testing.assert_frame_equal(TARIFFS, before)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"fuel": "oil", "unit_factor": 1.0}, "no tariff of 'oil'"),
        ({"fuel": "gas"}, "a unit_factor or a unit_price_usd"),
        ({"fuel": "gas", "unit_factor": 1.0, "unit_price_usd": 1.0}, "a unit_factor or a unit_price_usd"),
        ({"fuel": "gas", "unit_factor": -1.0}, "unit_factor is -1; it must lie between 0 and 20"),
        ({"fuel": "gas", "fixed_charge_usd": float("nan")}, "fixed_charge_usd is nan"),
    ],
)
def test_a_tariff_change_that_is_none(wrong: dict, says: str):
    with pytest.raises(SourceError, match=says):
        TariffChange(from_date=JULY, **wrong)


def test_a_change_of_a_tariff_that_is_not_there():
    with pytest.raises(SourceError, match="no tariff of gas at 'q'"):
        changed_tariffs(TARIFFS, [TariffChange("gas", JULY, unit_factor=1.0, place_id="q")])


def test_named_homes_are_converted_from_the_day_on():
    found = converted_homes([HeatPumps(date(2024, 6, 16), home_ids=("h3",))], HOMES, GAS, MONTHS)
    assert found.share[3].tolist() == [0, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1]  # 15 of June's 30 days
    assert found.share[[0, 1, 2, 4]].sum() == 0


def test_a_larger_share_takes_the_same_homes_and_more():
    some, more = (
        set(np.flatnonzero(converted_homes([HeatPumps(JULY, district="d1", share=s)], HOMES, GAS, MONTHS).share[:, -1]))
        for s in (0.25, 0.75)
    )
    assert len(some) == 2
    assert len(more) == 6
    assert some < more


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (HeatPumps(JULY, home_ids=("h1", "h99")), r"1 of 2 homes .* not in the portfolio \(first: h99\)"),
        (HeatPumps(JULY, home_ids=("h9",)), r"1 of 1 homes .* do not heat with gas .*\(first: h9\)"),
        (HeatPumps(JULY, district="d2"), "district 'd2' has 2 homes and none that heats with gas"),
        (HeatPumps(JULY, district="d9"), "district 'd9' has 0 homes"),
    ],
)
def test_homes_that_cannot_be_converted(wrong: HeatPumps, says: str):
    with pytest.raises(SourceError, match=says):
        converted_homes([wrong], HOMES, GAS, MONTHS)


def test_a_conversion_of_nobody_or_of_two_kinds():
    with pytest.raises(SourceError, match="name the homes"):
        HeatPumps(JULY)
    with pytest.raises(SourceError, match="name the homes"):
        HeatPumps(JULY, home_ids=("h1",), district="d1")
    with pytest.raises(SourceError, match=r"share is 1\.2"):
        HeatPumps(JULY, district="d1", share=1.2)


def test_scenarios_join():
    dearer = Scenario(tariffs=(TariffChange("gas", JULY, unit_factor=1.4),))
    both = Scenario(winter=SEVERE_WINTER).and_(dearer)
    assert both.winter == SEVERE_WINTER
    assert both.tariffs == dearer.tariffs
    assert Scenario().and_(Scenario()).winter == NORMAL_WINTER
    with pytest.raises(SourceError, match="not both severe and warm"):
        both.and_(Scenario(winter=WARM_WINTER))
