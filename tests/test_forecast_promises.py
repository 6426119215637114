"""The promised numbers of the forecast, measured on a smaller embedded utility, from what was known on the day alone.

`heating`'s utility of 20,000 homes is measured by the same function; its figures stand in `docs/decisions.md`.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.data.simulate import simulate
from case_heating.errors import NotEnoughDataError
from case_heating.model.forecast import forecast, learn_forecast
from case_heating.model.forecast_bills import billed_months
from case_heating.model.forecast_check import (
    OriginFigures,
    at_known_prices,
    billed_part,
    measure_rolling_origins,
    monthly_origins,
)
from case_heating.schema import Tables

ORIGINS = monthly_origins(date(2023, 1, 1), date(2025, 1, 1))[::4]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate(homes=2_000, seed=0).tables


@pytest.fixture(scope="module")
def figures(tables: Tables) -> OriginFigures:
    return measure_rolling_origins(tables, ORIGINS)


def test_with_the_true_weather_the_portfolio_is_within_3_per_cent(figures: OriginFigures):
    assert len(figures.portfolio) == len(ORIGINS) == 7
    assert figures.portfolio["error_true_weather"].abs().max() <= 0.03


def test_the_interval_covers_the_truth_in_85_of_100_origins(figures: OriginFigures):
    assert figures.summary["portfolio_coverage"] >= 0.85
    assert figures.summary["places_coverage_normal_weather"] >= 0.85


def test_the_interval_is_not_wide_for_nothing(figures: OriginFigures):
    half = (figures.portfolio["high_usd"] - figures.portfolio["forecast_usd"]) / figures.portfolio["forecast_usd"]
    assert half.between(0.02, 0.08).all()


def test_homes_intervals_hold_nine_in_ten(figures: OriginFigures):
    for fuel in ("electricity", "gas", "both"):
        assert 0.85 <= figures.summary[f"homes_{fuel}_coverage"] <= 0.95


def test_true_weather_makes_homes_forecasts_better(figures: OriginFigures):
    assert figures.summary["homes_both_mae_true_weather_usd"] < figures.summary["homes_both_mae_usd"]
    assert figures.summary["homes_both_mae_usd"] < 0.08 * figures.summary["homes_both_mean_usd"]


def test_places_add_up_to_the_portfolio(figures: OriginFigures):
    by_origin = figures.places.groupby("origin")[["billed_usd", "at_known_prices_usd", "forecast_usd"]].sum()
    rows = figures.portfolio.set_index("origin")
    pd.testing.assert_frame_equal(by_origin, rows[list(by_origin)], check_names=False)


def test_the_price_shock_is_told_apart(figures: OriginFigures):
    """Prices rose by a quarter and by two fifths in January 2025: no interval holds that, and none claims to."""
    change = figures.portfolio.set_index("origin")["price_change"]
    assert change[date(2025, 1, 1)] == pytest.approx(0, abs=0.01)  # in force on the day
    assert change[date(2024, 9, 1)] > 0.15


def test_only_billed_days_are_judged(tables: Tables):
    learned = learn_forecast(tables, as_of=date(2024, 1, 1), new_homes=False)
    year = forecast(learned)
    share = np.ones_like(year.usage)
    np.testing.assert_array_equal(billed_part(year, share).cents, year.cents)
    half = billed_part(year, share / 2)
    assert half.cents.sum() == pytest.approx(year.cents.sum() / 2, rel=1e-3)
    home_id = pd.Index(learned.homes["home_id"])
    billed = billed_months(tables["bills"], home_id, year.months, as_of=date(2026, 1, 1))
    # what came, had it been what was told, would have cost what was told
    as_told = at_known_prices(year, type(billed)(year.usage, billed.cost_usd, billed.days))
    np.testing.assert_allclose(as_told, year.cents / 100, atol=1e-6)


def test_an_origin_without_a_year_after_it_is_refused(tables: Tables):
    with pytest.raises(NotEnoughDataError, match=r"1 of 2 origins have no twelve months .*first: 2025-06-01"):
        measure_rolling_origins(tables, [date(2024, 1, 1), date(2025, 6, 1)])
    short = {"bills": tables["bills"][tables["bills"]["known_at"] < "2023-06-01"]}
    with pytest.raises(NotEnoughDataError, match="0 of 0 origins"):
        measure_rolling_origins(tables | short)
    with pytest.raises(NotEnoughDataError, match="0 of 0 origins"):
        measure_rolling_origins(tables, [])
