"""Normal weather keeps the published normals, months depart together, and no later day is looked at."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_days import BASES_F
from case_heating.model.forecast_weather import (
    Climatology,
    actual_weather,
    heat_pump_cop,
    learn_climatology,
    month_spread_f,
    months_before,
    next_months,
    normal_weather,
    season,
)

AS_OF = date(2024, 1, 1)
AT_65 = BASES_F.index(65.0)


def daily(years: int = 2, seed: int = 0) -> pd.DataFrame:
    days = pd.date_range(f"{AS_OF.year - years}-01-01", AS_OF, inclusive="left")
    wave = -np.cos(2 * np.pi * (days.day_of_year - 20) / 365.25)
    shared = np.random.default_rng(seed).normal(0, 6, len(days))
    temp = {"cold": 48 + 26 * wave + shared, "warm": 68 + 16 * wave + shared}
    return pd.concat([pd.DataFrame({"place_id": p, "date": days, "mean_temp_f": t}) for p, t in temp.items()])


def yearly(sign: int) -> dict[str, float]:
    """Degree days of thirty other years of the same places: heating with +1, cooling with -1."""
    years = daily(30, seed=1)
    return (sign * (65 - years["mean_temp_f"])).clip(lower=0).groupby(years["place_id"]).sum().div(30).to_dict()


HDD, CDD = yearly(+1), yearly(-1)
HOMES = pd.DataFrame({"place_id": ["cold", "warm", "cold"]})
HOMES = HOMES.assign(hdd_normal=HOMES["place_id"].map(HDD), cdd_normal=HOMES["place_id"].map(CDD))


@pytest.fixture(scope="module")
def learned() -> Climatology:
    return learn_climatology(daily(), HOMES, as_of=AS_OF)


def test_a_normal_year_has_the_published_degree_days(learned: Climatology):
    weather = normal_weather(learned, next_months(AS_OF))
    np.testing.assert_allclose(weather.hdd[:, AT_65].sum(axis=1), list(HDD.values()), rtol=0.01)
    np.testing.assert_allclose(weather.cdd[:, AT_65].sum(axis=1), list(CDD.values()), rtol=0.02)


def test_without_normals_the_known_days_speak():
    learned = learn_climatology(daily(), HOMES[["place_id"]], as_of=AS_OF)
    weather = normal_weather(learned, next_months(date(2023, 1, 1)))
    known = daily().query("place_id == 'cold' and date >= '2023-01-01'")["mean_temp_f"]
    assert weather.hdd[0, AT_65].sum() == pytest.approx((65 - known).clip(lower=0).sum(), rel=0.03)


def test_later_days_change_nothing(learned: Climatology):
    later = pd.DataFrame({"place_id": "cold", "date": pd.date_range("2024-01-01", periods=90), "mean_temp_f": -30.0})
    again = learn_climatology(pd.concat([daily(), later]), HOMES, as_of=AS_OF)
    np.testing.assert_array_equal(again.wave_f, learned.wave_f)
    np.testing.assert_array_equal(again.covariance, learned.covariance)


def test_colder_months_have_more_heating_and_less_cooling(learned: Climatology):
    months = next_months(AS_OF)
    usual, colder = normal_weather(learned, months), normal_weather(learned, months, -4.0)
    assert (colder.hdd >= usual.hdd).all()
    assert (colder.hdd > usual.hdd)[0, AT_65].all()
    assert (colder.cdd <= usual.cdd).all()
    harder = colder.pump_hdd[0, AT_65] / colder.hdd[0, AT_65] > usual.pump_hdd[0, AT_65] / usual.hdd[0, AT_65]
    assert harder.all()


def test_only_the_months_named_depart(learned: Climatology):
    months = next_months(AS_OF)
    away = np.where(np.arange(12) == 0, -5.0, 0.0)
    usual, colder = normal_weather(learned, months), normal_weather(learned, months, away)
    np.testing.assert_array_equal(usual.hdd[:, :, 1:], colder.hdd[:, :, 1:])
    # January is far below 65 °F in the cold place: five degrees are 5 · 31 degree days
    assert colder.hdd[0, AT_65, 0] - usual.hdd[0, AT_65, 0] == pytest.approx(155, rel=0.01)


def test_actual_weather_counts_the_days_observed_and_expects_the_others(learned: Climatology):
    months = (date(2024, 1, 1), date(2024, 2, 1))
    seen = pd.DataFrame({"place_id": "cold", "date": pd.date_range("2024-01-01", periods=31), "mean_temp_f": 35.0})
    weather = actual_weather(seen, learned, months)
    assert weather.hdd[0, AT_65, 0] == pytest.approx(31 * 30.0)
    expected = normal_weather(learned, months)
    np.testing.assert_allclose(weather.hdd[0, :, 1], expected.hdd[0, :, 1])
    np.testing.assert_allclose(weather.hdd[1], expected.hdd[1])


def test_places_that_shared_their_days_depart_together(learned: Climatology):
    correlation = learned.covariance[0, 1] / np.sqrt(learned.covariance[0, 0] * learned.covariance[1, 1])
    assert 0.6 < correlation <= 1.0  # drawn from certainty towards 0.6
    assert 0.0 <= learned.persistence < 1.0
    assert month_spread_f(learned, next_months(AS_OF)) == pytest.approx(6.0, abs=1.0)


def test_a_place_without_a_year_of_weather_is_named():
    with pytest.raises(NotEnoughDataError, match=r"1 of 2 places have fewer than 270 days .*first: warm"):
        learn_climatology(daily().query("place_id == 'cold'"), HOMES, as_of=AS_OF)


def test_months_by_name():
    assert next_months(date(2024, 2, 1), 1) == (date(2024, 2, 1),)
    assert next_months(date(2024, 2, 2), 1) == (date(2024, 3, 1),)
    assert months_before(date(2024, 2, 1), 2) == (date(2023, 12, 1), date(2024, 1, 1))


def test_seasons_and_efficiency():
    assert season(np.array([14.0, 14 + 365.25 / 2])).tolist() == [1.0, -1.0]
    # 3.0 at 47 °F and 1.75 at 5 °F: 26 °F lies halfway
    assert heat_pump_cop(np.array([26.0]))[0] == pytest.approx(2.375)
    assert (np.diff(heat_pump_cop(np.linspace(-40, 90, 50))) >= 0).all()
