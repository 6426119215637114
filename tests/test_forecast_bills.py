"""Bills as a forecast reads them: by days, as known on the day, without slips; and what a unit costs in a month."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_days import DegreeDays
from case_heating.model.forecast_bills import billed_months, last_billed_day, sum_bills, usable_bills
from case_heating.model.forecast_prices import check_priced, known_tariffs, month_prices

HOMES = pd.Index(["a", "b"])
AS_OF = date(2024, 6, 1)


def bills(**changes) -> pd.DataFrame:
    """Twelve bills of 30 days of home a, 300 kWh and 30 USD each."""
    start = pd.date_range("2023-05-01", periods=12, freq="30D")
    rows = {
        "home_id": "a",
        "fuel": "electricity",
        "start": start,
        "end": start + pd.Timedelta(days=30),
        "usage": 300.0,
        "cost_usd": 30.0,
        "read": "read",
        "known_at": start + pd.Timedelta(days=33),
    }
    return pd.DataFrame(rows | changes)


def test_a_bill_is_spread_over_its_months_by_days():
    one = bills(start=pd.Timestamp("2024-01-16"), end=pd.Timestamp("2024-02-15")).iloc[:1]
    found = billed_months(one, HOMES, (date(2024, 1, 1), date(2024, 2, 1)), as_of=AS_OF)
    assert found.days[0, 0].tolist() == [16, 14]
    assert found.usage[0, 0].tolist() == pytest.approx([160, 140])
    assert found.cost_usd[0, 0].tolist() == pytest.approx([16, 14])
    assert found.usage[1].sum() == found.usage[:, 1].sum() == 0


def test_months_together_have_the_whole_bills():
    months = tuple(day.date() for day in pd.date_range("2023-05-01", periods=13, freq="MS"))
    found = billed_months(bills(), HOMES, months, as_of=date(2025, 1, 1))
    assert found.cost_usd.sum() == pytest.approx(12 * 30)


def test_what_was_not_known_on_the_day_does_not_count():
    correction = bills(usage=999.0, known_at=pd.Timestamp("2024-07-01"))
    both = pd.concat([bills(), correction])
    assert usable_bills(both, HOMES, as_of=AS_OF).usage.tolist() == [300.0] * 12
    assert set(usable_bills(both, HOMES, as_of=date(2024, 7, 1)).usage) == {999.0}


def test_an_estimate_weighs_half_and_a_slip_nothing():
    usage = np.full(12, 300.0)
    usage[3] = 300_000.0  # Wh taken for kWh
    names = pd.Index(["a", *(f"b{number}" for number in range(20))])
    found = usable_bills(
        pd.concat([bills(usage=usage), *(bills(home_id=name) for name in names[1:])]), names, as_of=AS_OF
    )
    assert (found.home == 0).sum() == 11
    assert usable_bills(bills(read="estimated"), HOMES, as_of=AS_OF).weight.tolist() == [0.5] * 12


def test_yearly_bills_are_told_where_to_go():
    yearly = bills(end=pd.Timestamp("2024-04-30"), start=pd.Timestamp("2023-05-01")).iloc[:1]
    with pytest.raises(NotEnoughDataError, match=r"1 of 1 bills span more than 100 days .* `heating cost`"):
        usable_bills(yearly, HOMES, as_of=AS_OF)
    with pytest.raises(NotEnoughDataError, match="no home has a bill with its usage known on 2022-01-01"):
        usable_bills(bills(), HOMES, as_of=date(2022, 1, 1))


def test_sums_by_hand():
    """Every day has 55 °F: ten heating degree days a day at base 65, none of cooling."""
    days = pd.date_range("2023-05-01", "2024-05-01")
    degree_days = DegreeDays.from_weather(pd.DataFrame({"place_id": "p", "date": days, "mean_temp_f": 55.0}))
    base = np.full(2, degree_days.bases_f.index(65.0))
    found = sum_bills(
        usable_bills(bills(), HOMES, as_of=AS_OF),
        np.zeros(2, dtype=np.int64),
        pd.Index(["p"]),
        degree_days,
        (base, base),
    )
    assert found.n_bills.tolist() == [12, 0]
    assert found.enough.tolist() == [True, False]
    assert found.xx[0, 0, 0] == pytest.approx(12)
    assert found.xx[0, 0, 2] == pytest.approx(12 * 10)
    assert found.xx[0, 2, 2] == pytest.approx(12 * 100)
    assert found.xx[0, 3].tolist() == [0, 0, 0, 0]
    assert found.xy[0, [0, 2]].tolist() == pytest.approx([12 * 10, 12 * 10 * 10])  # 10 kWh a day
    assert found.yy[0] == pytest.approx(12 * 100)


def test_last_day_billed():
    last = last_billed_day(usable_bills(bills(), HOMES, as_of=AS_OF), 2)
    assert pd.Timestamp(last[0, 0], unit="D") == pd.Timestamp("2024-04-25")
    assert last[0, 1] == last[1, 0] == -1


TARIFFS = pd.DataFrame(
    {
        "fuel": ["electricity", "electricity", "gas"],
        "place_id": "p",
        "from_date": pd.to_datetime(["2023-01-01", "2024-01-01", "2023-01-01"]),
        "fixed_charge_usd": [10.0, 10.0, 14.0],
        "unit_price_usd": [0.10, 0.20, 1.0],
    }
)


def test_a_tariff_prices_the_bills_that_end_in_it():
    prices = month_prices(TARIFFS, pd.Index(["p"]), (date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1)))
    unit = prices.unit_usd[0, 0]
    assert unit[0] == pytest.approx(0.10)
    assert unit[2] == pytest.approx(0.20)
    assert 0.145 < unit[1] < 0.155  # of December's days half are billed in January
    assert prices.fixed_usd[1, 0].tolist() == pytest.approx([14 * 30 / 30.4375, 14 * 31 / 30.4375, 14 * 31 / 30.4375])


def test_an_announced_tariff_is_not_known_yet():
    assert known_tariffs(TARIFFS, as_of=date(2023, 12, 31))["unit_price_usd"].tolist() == [0.10, 1.0]


def test_a_fuel_without_tariff_is_named():
    prices = month_prices(TARIFFS, pd.Index(["p", "q"]), (date(2024, 1, 1),))
    supplied = np.array([[True, False], [True, True]])
    with pytest.raises(NotEnoughDataError, match=r"1 of 3 pairs .* \(first: gas at q\)"):
        check_priced(prices, pd.Index(["p", "q"]), supplied, AS_OF)
