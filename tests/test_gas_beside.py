"""Why a home that heats with electricity pays for gas."""

from datetime import date

import pandas as pd

from case_heating.people.gas_beside import electric_since, gas_beside_in_words

AS_OF = date(2025, 12, 31)


def labels(*seen):
    rows = [("h1", fuel, pd.Timestamp(day), pd.Timestamp(day)) for fuel, day in seen]
    return pd.DataFrame(rows, columns=["home_id", "heating_fuel", "event_time", "known_at"])


def gas(by_month):
    """Twelve bills of thirty days, from 1 January 2025 on."""
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta([30 * number for number in range(12)], unit="D")
    return pd.DataFrame(
        {
            "home_id": "h1",
            "fuel": "gas",
            "start": start,
            "end": start + pd.Timedelta(days=30),
            "usage": [float(use) for use in by_month],
            "cost_usd": [2.0 * use for use in by_month],
            "known_at": start + pd.Timedelta(days=31),
        }
    )


def test_a_change_during_the_year_is_told_with_what_came_before_and_what_the_gas_is_for_since():
    tables = {
        "labels": labels(("gas", "2023-01-01"), ("electricity", "2025-03-05"), ("electricity", "2025-05-07")),
        "bills": gas([200, 180, 100, *[40] * 9]),
    }
    # bills begin on 1 January, 31 January and 2 March before the change; 480 therms for 960 USD
    assert gas_beside_in_words(tables, "h1", as_of=AS_OF) == (
        "It pays for gas although it is known to heat with electricity from 2025-03-05 on. 3 of its 12 gas bills of "
        "the last twelve months begin before (960 USD). Since then it uses about 40 therms a month all the year round, "
        "as for hot water or cooking."
    )


def test_gas_that_rises_in_the_cold_is_a_doubt():
    tables = {
        "labels": labels(("electricity", "2022-05-07")),
        "bills": gas([150, 150, 150, 60, 30, 30, 30, 30, 30, 60, 150, 150]),
    }
    said = gas_beside_in_words(tables, "h1", as_of=AS_OF)
    assert "It uses 150 therms a month in the cold season and 30 in the warm one: it may heat with gas as well" in said
    assert "begin before" not in said


def test_nothing_is_said_where_there_is_nothing_to_explain():
    bills = gas([40] * 12)
    assert gas_beside_in_words({"bills": bills, "labels": labels(("gas", "2023-01-01"))}, "h1", as_of=AS_OF) is None
    assert gas_beside_in_words({"bills": bills, "labels": labels()}, "h1", as_of=AS_OF) is None
    seen = labels(("electricity", "2022-05-07"))
    assert gas_beside_in_words({"bills": bills.assign(fuel="electricity"), "labels": seen}, "h1", as_of=AS_OF) is None


def test_the_last_spell_counts_and_only_what_was_known():
    seen = labels(("electricity", "2021-01-01"), ("gas", "2022-01-01"), ("electricity", "2024-01-01"))
    assert electric_since(seen, "h1", as_of=AS_OF) == date(2024, 1, 1)
    assert electric_since(seen, "h1", as_of=date(2023, 1, 1)) is None
    assert electric_since(None, "h1", as_of=AS_OF) is None
