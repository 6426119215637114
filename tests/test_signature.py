"""The bill signature: exact bills give back what made them, and what should change nothing changes nothing."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case_heating.errors import TableError
from case_heating.features.change_point import MIN_SPREAD_F
from case_heating.features.degree_days import BASES_F, DegreeDays
from case_heating.features.signature import (
    ESTIMATED_WEIGHT,
    SIGNATURE_COLUMNS,
    DegreeDayRates,
    fit_signature_arrays,
    fit_signatures,
)

STARTS = pd.date_range("2022-01-05", periods=25, freq="30D")
DAYS = pd.date_range("2022-01-01", "2024-02-01")
MEASURES = [column for column in SIGNATURE_COLUMNS if column not in ("n_bills", "enough_bills")]


def daily_weather() -> pd.DataFrame:
    season = np.cos(2 * np.pi * np.arange(len(DAYS)) / 365.25)
    noise = np.random.default_rng(0).normal(0, 5, len(DAYS))
    mean_temp_f = {"cool": 50 - 22 * season + noise, "hot": 68 - 18 * season + noise}
    return pd.concat(
        [pd.DataFrame({"place_id": name, "date": DAYS, "mean_temp_f": temp}) for name, temp in mean_temp_f.items()]
    )


WEATHER = daily_weather()
# A base off the grid can be used to make bills, not to fit them.
ANY_BASE = DegreeDays.from_weather(WEATHER, bases_f=tuple(sorted({*BASES_F, 61.0, 63.9, 66.3})))
ON_GRID = DegreeDays.from_weather(WEATHER)


def make_bills(
    home_id: str, place_id: str, base, heat=0.0, heat_at=60.0, cool=0.0, cool_at=70.0, n=24, fuel="electricity"
):
    start, end = STARTS[:n], STARTS[1 : n + 1]
    hdd, _ = ANY_BASE.of([place_id] * n, start, end, heat_at)
    _, cdd = ANY_BASE.of([place_id] * n, start, end, cool_at)
    usage = base * 30.0 + heat * hdd + cool * cdd
    return pd.DataFrame({"home_id": home_id, "fuel": fuel, "start": start, "end": end, "usage": usage, "read": "read"})


def fit(bills: pd.DataFrame, place_id: str = "cool", fuel="electricity", **options) -> pd.DataFrame:
    homes = bills["home_id"].drop_duplicates()
    return fit_signatures(bills, pd.Series(place_id, index=homes.to_list()), ON_GRID, fuel=fuel, **options)


def noisy_bills(n_homes: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frames = [
        make_bills(
            f"h{home:02}",
            "cool",
            rng.uniform(5, 20),
            heat=rng.choice([0.0, 0.8, 2.0]),
            heat_at=rng.choice([55.0, 60.0, 65.0]),
            cool=rng.choice([0.0, 1.5]),
            n=int(rng.integers(12, 25)),
        )
        for home in range(n_homes)
    ]
    bills = pd.concat(frames, ignore_index=True)
    bills["usage"] += rng.normal(0, 30, len(bills))
    bills.loc[rng.random(len(bills)) < 0.1, "usage"] = np.nan
    bills.loc[rng.random(len(bills)) < 0.1, "read"] = "estimated"
    return bills


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=1e-8, atol=1e-8)


PAIRS = [pair for pair in itertools.product(BASES_F, BASES_F) if pair[0] <= min(70, pair[1]) and pair[1] >= 65]


@pytest.mark.parametrize("place_id", ["cool", "hot"])
@pytest.mark.parametrize(("heat_at", "cool_at"), PAIRS)
def test_exact_bills_give_back_what_made_them(place_id, heat_at, cool_at):
    bills = make_bills("a", place_id, 12.0, heat=2.0, heat_at=heat_at, cool=1.5, cool_at=cool_at)
    home = fit(bills, place_id).loc["a"]
    assert home["heating_slope"] == pytest.approx(2.0, abs=1e-6)
    assert home["cooling_slope"] == pytest.approx(1.5, abs=1e-6)
    assert home["base_load_per_day"] == pytest.approx(12.0, abs=1e-6)
    assert home["heating_balance_f"] == heat_at
    assert home["cooling_balance_f"] == cool_at
    assert home["r2"] == pytest.approx(1.0, abs=1e-9)
    assert home["heating_slope_se"] == pytest.approx(0.0, abs=1e-5)
    assert home["n_bills"] == 24
    assert home["enough_bills"]


def test_shares_by_hand():
    bills = make_bills("a", "cool", 12.0, heat=2.0, heat_at=60.0, cool=1.5, cool_at=70.0)
    hdd, _ = ON_GRID.of(["cool"], [STARTS[0]], [STARTS[24]], 60.0)
    _, cdd = ON_GRID.of(["cool"], [STARTS[0]], [STARTS[24]], 70.0)
    home = fit(bills).loc["a"]
    assert home["heating_share"] == pytest.approx(2.0 * hdd[0] / bills["usage"].sum())
    assert home["cooling_share"] == pytest.approx(1.5 * cdd[0] / bills["usage"].sum())


def test_a_balance_point_off_the_grid_is_found_within_a_step():
    heated = fit(make_bills("a", "cool", 12.0, heat=2.0, heat_at=61.0)).loc["a"]
    assert abs(heated["heating_balance_f"] - 61.0) <= 2.5
    assert heated["heating_slope"] == pytest.approx(2.0, rel=0.05)
    both = fit(make_bills("a", "hot", 12.0, heat=2.0, heat_at=63.9, cool=3.0, cool_at=66.3), "hot").loc["a"]
    assert abs(both["heating_balance_f"] - 63.9) <= 2.5
    assert abs(both["cooling_balance_f"] - 66.3) <= 2.5


@pytest.mark.parametrize(("heat", "cool"), [(0.0, 0.0), (1.2, 0.0), (0.0, 2.5)])
def test_a_home_without_heating_or_cooling_has_slope_zero_and_no_balance_point(heat, cool):
    home = fit(make_bills("a", "cool", 9.0, heat=heat, heat_at=57.5, cool=cool, cool_at=67.5)).loc["a"]
    assert home["heating_slope"] == pytest.approx(heat, abs=1e-6)
    assert home["cooling_slope"] == pytest.approx(cool, abs=1e-6)
    assert np.isnan(home["heating_balance_f"]) == np.isnan(home["heating_slope_se"]) == (heat == 0)
    assert np.isnan(home["cooling_balance_f"]) == (cool == 0)
    assert home["r2"] == pytest.approx(0.0 if heat == cool == 0 else 1.0, abs=1e-9)
    assert home["base_load_per_day"] == pytest.approx(9.0, abs=1e-6)


def test_slopes_are_never_negative():
    # a home that uses less the colder it is, and less the hotter
    home = fit(make_bills("a", "cool", 90.0, heat=-1.0, heat_at=60.0, cool=-0.5, cool_at=70.0)).loc["a"]
    assert home["heating_slope"] >= 0
    assert home["cooling_slope"] >= 0
    noisy = fit(noisy_bills())
    assert (noisy[["heating_slope", "cooling_slope", "heating_share", "cooling_share"]].min() >= 0).all()


def test_gas_does_not_cool():
    bills = make_bills("a", "hot", 1.0, heat=0.1, heat_at=60.0, cool=0.3, cool_at=70.0, fuel="gas")
    home = fit(bills, "hot", fuel="gas").loc["a"]
    assert home["cooling_slope"] == home["cooling_share"] == 0
    assert np.isnan(home["cooling_balance_f"])
    assert fit(bills, "hot", fuel="electricity").loc["a", "n_bills"] == 0


def test_standard_error_agrees_with_the_textbook():
    bills = make_bills("a", "cool", 12.0, heat=2.0, heat_at=60.0)
    bills["usage"] += np.random.default_rng(3).normal(0, 20, 24)
    home = fit(bills).loc["a"]
    hdd, _ = ON_GRID.of(["cool"] * 24, bills["start"], bills["end"], home["heating_balance_f"])
    design = np.column_stack([np.ones(24), hdd / 30])
    coefficients, (residual,), *_ = np.linalg.lstsq(design, bills["usage"].to_numpy() / 30, rcond=None)
    assert np.isnan(home["cooling_balance_f"])
    assert [home["base_load_per_day"], home["heating_slope"]] == pytest.approx(coefficients.tolist())
    variance = residual / (24 - 3)  # base load, slope and balance point
    assert home["heating_slope_se"] == pytest.approx(np.sqrt(variance * np.linalg.inv(design.T @ design)[1, 1]))


def test_the_model_of_highest_adjusted_r2_is_chosen_as_a_loop_would():
    bills = noisy_bills(6).dropna(subset=["usage"])
    signatures = fit(bills)
    for home_id, own in bills.groupby("home_id"):
        hdd, cdd = ON_GRID.of(["cool"] * len(own), own["start"], own["end"])
        weight = np.where(own["read"] == "estimated", ESTIMATED_WEIGHT * 30, 30.0)
        best = (np.inf, 0.0, 0.0)
        heating = [None, *(i for i, base in enumerate(BASES_F) if base <= 70)]
        cooling = [None, *(i for i, base in enumerate(BASES_F) if base >= 65)]
        for h, c in itertools.product(heating, cooling):
            if h is not None and c is not None and h > c:
                continue
            columns = [np.ones(len(own))] + [hdd[h] / 30] * (h is not None) + [cdd[c] / 30] * (c is not None)
            root = np.sqrt(weight)
            design, usage = np.column_stack(columns) * root[:, None], own["usage"].to_numpy() / 30 * root
            slopes = np.linalg.lstsq(design, usage, rcond=None)[0]
            if (slopes[1:] < 0).any() or any(column.std() < MIN_SPREAD_F for column in columns[1:]):
                continue
            k = 1 + 2 * (len(columns) - 1)
            residual_variance = ((usage - design @ slopes) ** 2).sum() / (len(own) - k)
            found = (slopes[1] if h is not None else 0.0, slopes[-1] if c is not None else 0.0)
            best = min(best, (residual_variance, *found))
        chosen = signatures.loc[home_id, ["heating_slope", "cooling_slope"]]
        assert chosen.tolist() == pytest.approx(best[1:], abs=1e-9), home_id


def test_an_estimated_bill_counts_half():
    bills = noisy_bills(1).dropna(subset=["usage"]).assign(read="read")
    estimated = bills.assign(read=np.where(bills.index < 3, "estimated", "read"))
    # half the weight for three is twice the weight for all others: repeat those
    doubled = pd.concat([bills, bills[bills.index >= 3]])
    half, twice = fit(estimated).loc["h00"], fit(doubled).loc["h00"]
    same = ["base_load_per_day", "heating_slope", "cooling_slope", "heating_share", "r2"]
    assert half[same].tolist() == pytest.approx(twice[same].tolist())
    assert half["heating_slope"] != pytest.approx(fit(bills).loc["h00", "heating_slope"])


def test_too_few_bills_or_days_are_a_fact():
    few = make_bills("few", "cool", 12.0, heat=2.0, n=8)
    nine = make_bills("nine", "cool", 12.0, heat=2.0, n=9)
    short = make_bills("short", "cool", 12.0, heat=2.0, n=9)
    short["end"] = short["start"] + pd.Timedelta(days=29)  # 261 days
    signatures = fit(pd.concat([few, nine, short]))
    assert signatures["enough_bills"].tolist() == [False, True, False]
    assert signatures["n_bills"].tolist() == [8, 9, 9]
    assert signatures.loc[["few", "short"], MEASURES].isna().all(axis=None)
    assert signatures["enough_bills"].dtype == bool


def test_weather_that_never_changes_is_not_enough():
    steady = DegreeDays.from_weather(WEATHER.assign(mean_temp_f=60.0))
    bills = make_bills("a", "cool", 12.0, heat=2.0)
    home = fit_signatures(bills, pd.Series("cool", index=["a"]), steady, fuel="electricity").loc["a"]
    assert not home["enough_bills"]
    assert home[MEASURES].isna().all()
    assert home["n_bills"] == 24


def test_bills_that_do_not_count():
    bills = make_bills("a", "cool", 12.0, heat=2.0)
    clean = fit(bills[4:])
    bills.loc[0, "usage"] = np.nan
    bills.loc[1, "usage"] = np.inf
    bills.loc[2, "end"] = bills.loc[2, "start"]  # no days
    bills.loc[3, ["start", "end"]] = [pd.Timestamp("1999-01-01"), pd.Timestamp("1999-01-31")]  # no weather
    assert_same(fit(bills), clean)


def test_homes_without_bills_or_place_and_bills_without_home():
    bills = pd.concat([make_bills("a", "cool", 12.0, heat=2.0), make_bills("stranger", "cool", 5.0)])
    bills = pd.concat([bills, make_bills("lost", "cool", 5.0), make_bills("nowhere", "cool", 5.0)])
    places = pd.Series({"silent": "cool", "a": "cool", "lost": None, "nowhere": "atlantis"})
    signatures = fit_signatures(bills, places, ON_GRID, fuel="electricity")
    assert signatures.index.tolist() == ["silent", "a", "lost", "nowhere"]
    assert signatures["n_bills"].tolist() == [0, 24, 0, 0]
    assert signatures["enough_bills"].tolist() == [False, True, False, False]
    none_at_all = fit_signatures(bills[:0], places, ON_GRID, fuel="electricity")
    assert none_at_all["n_bills"].tolist() == [0, 0, 0, 0]
    assert fit_signatures(bills, places[:0], ON_GRID, fuel="electricity").shape == (0, 11)


def test_a_home_listed_twice_is_refused():
    with pytest.raises(TableError, match=r"1 of 2 rows repeat a home \(first: a\)"):
        fit_signatures(noisy_bills(1), pd.Series("cool", index=["a", "a"]), ON_GRID, fuel="electricity")


def test_negative_usage_of_a_solar_home():
    home = fit(make_bills("a", "cool", -8.0, heat=2.0, heat_at=60.0)).loc["a"]
    assert home["base_load_per_day"] == pytest.approx(-8.0, abs=1e-6)
    assert home["heating_slope"] == pytest.approx(2.0, abs=1e-6)
    assert home["heating_share"] == pytest.approx(1.0)


def test_a_home_that_used_nothing_has_no_shares():
    home = fit(make_bills("a", "cool", 0.0)).loc["a"]
    assert home["enough_bills"]
    assert home[["base_load_per_day", "heating_slope", "r2"]].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(home["heating_share"])


def test_where_balance_points_cannot_be_told_apart_the_lowest_is_taken():
    # every day is below 60 °F, so that 60, 65 and 70 °F differ by a constant
    cold = DegreeDays.from_weather(WEATHER.assign(mean_temp_f=WEATHER["mean_temp_f"].clip(upper=60.0)))
    start, end = STARTS[:24], STARTS[1:]
    hdd, _ = cold.of(["cool"] * 24, start, end, 70.0)
    rng = np.random.default_rng(2)
    bills = pd.concat(
        [
            make_bills(f"h{home}", "cool", 0.0).assign(usage=300.0 + slope * hdd + rng.normal(0, 20, 24))
            for home, slope in enumerate(rng.uniform(1, 3, 30))
        ]
    )
    places = pd.Series("cool", index=[f"h{home}" for home in range(30)])
    signatures = fit_signatures(bills, places, cold, fuel="electricity")
    assert (signatures["heating_balance_f"] <= 60.0).all()
    assert (signatures["heating_balance_f"] == 60.0).any()


def test_heating_and_cooling_that_always_go_together_are_not_told_apart():
    cdd = np.arange(12.0)[None, :]
    hdd = 11.0 - cdd + 0.1 * np.array([1, -1] * 6)  # what one says the other says, but for a tenth of a degree
    rates = DegreeDayRates(np.array([65.0]), np.array([65.0]), hdd, cdd)
    usage = 5 + 10 * hdd + 11 * cdd  # 115 + cdd ± 1
    home = fit_signature_arrays(usage, np.full((1, 12), 30.0), np.arange(12)[None, :], rates).iloc[0]
    assert home["heating_slope"] == 0
    assert home["cooling_slope"] == pytest.approx(1.0, abs=0.1)


def test_usage_that_varies_by_rounding_only_is_a_base_load():
    hdd, cdd = (totals / 30 for totals in ON_GRID.of(["cool"] * 24, STARTS[:24], STARTS[1:], 65.0))
    rates = DegreeDayRates(np.array([65.0]), np.array([65.0]), hdd[None, :], cdd[None, :])
    usage_per_day = np.where(hdd > np.median(hdd), np.nextafter(0.1, 1.0), 0.1)[None, :]
    home = fit_signature_arrays(usage_per_day, np.full((1, 24), 30.0), np.arange(24)[None, :], rates).iloc[0]
    assert home[["heating_slope", "r2"]].tolist() == [0.0, 0.0]
    assert home["base_load_per_day"] == pytest.approx(0.1)


def test_one_published_base_is_enough():
    bills = make_bills("a", "cool", 12.0, heat=2.0, heat_at=65.0)
    hdd, cdd = ON_GRID.of(["cool"] * 24, bills["start"], bills["end"], 65.0)
    published = bills[["start", "end"]].assign(place_id="cool", base_f=65.0, hdd=hdd, cdd=cdd)
    home = fit_signatures(
        bills, pd.Series("cool", index=["a"]), DegreeDays.from_periods(published), fuel="electricity"
    ).loc["a"]
    assert home["heating_slope"] == pytest.approx(2.0, abs=1e-6)
    assert home["heating_balance_f"] == 65.0


def test_a_survey_year_is_not_enough():
    year = pd.DataFrame(
        {"place_id": ["cool"], "start": [STARTS[0]], "end": [STARTS[12]], "base_f": 65.0, "hdd": 5000.0, "cdd": 500.0}
    )
    bill = year[["start", "end"]].assign(home_id="a", fuel="electricity", usage=9000.0)
    home = fit_signatures(bill, pd.Series("cool", index=["a"]), DegreeDays.from_periods(year), fuel="electricity").loc[
        "a"
    ]
    assert home["n_bills"] == 1
    assert not home["enough_bills"]


@pytest.mark.parametrize("factor", [1000.0, 0.034])
def test_scaling_usage_scales_slopes_and_nothing_else(factor):
    bills = noisy_bills()
    scaled = fit(bills.assign(usage=bills["usage"] * factor))
    expected = fit(bills)
    expected[["base_load_per_day", "heating_slope", "cooling_slope", "heating_slope_se"]] *= factor
    assert_same(scaled, expected)


def test_a_constant_raises_only_the_base_load():
    bills = noisy_bills()
    raised = fit(bills.assign(usage=bills["usage"] + 30 * 1e5))
    expected = fit(bills)
    expected["base_load_per_day"] += 1e5
    shares = ["heating_share", "cooling_share"]
    assert_same(raised.drop(columns=shares), expected.drop(columns=shares))


def test_order_and_names_change_nothing():
    bills = noisy_bills()
    expected = fit(bills)
    shuffled = bills.sample(frac=1, random_state=0)
    places = pd.Series("cool", index=expected.index)
    assert_same(fit_signatures(shuffled, places, ON_GRID, fuel="electricity"), expected)
    assert_same(fit_signatures(shuffled, places[::-1], ON_GRID, fuel="electricity"), expected[::-1])
    name = {home: f"home of {home[::-1]}" for home in expected.index}
    renamed = fit(bills.assign(home_id=bills["home_id"].map(name)))
    assert_same(renamed.set_axis(expected.index), expected)
    categories = bills.assign(home_id=bills["home_id"].astype("category"), fuel=bills["fuel"].astype("category"))
    assert_same(fit_signatures(categories, places, ON_GRID, fuel="electricity"), expected)


def test_the_same_bills_under_two_names_give_the_same_signature():
    bills = noisy_bills()
    twins = pd.concat([bills, bills.assign(home_id=bills["home_id"] + "b")])
    signatures = fit(twins)
    one, other = signatures[:12], signatures[12:]
    assert_same(other.set_axis(one.index), one)


@pytest.mark.parametrize(("threads", "chunk_bills"), [(1, 1), (2, 60), (3, 100_000)])
def test_chunks_and_threads_change_nothing(threads, chunk_bills):
    bills = noisy_bills()
    assert_same(fit(bills, threads=threads, chunk_bills=chunk_bills), fit(bills))


def test_input_is_left_as_it_was():
    bills = noisy_bills()
    before = bills.copy()
    fit(bills)
    pd.testing.assert_frame_equal(bills, before)


def test_arrays_and_frame_agree():
    bills = noisy_bills().assign(read="read")
    table = bills.pivot_table(index="home_id", columns="start", values="usage", dropna=False)
    hdd, cdd = (totals / 30 for totals in ON_GRID.of(["cool"] * 24, STARTS[:24], STARTS[1:]))
    bases = np.array(BASES_F)
    rates = DegreeDayRates(bases[bases <= 70], bases[bases >= 65], hdd[bases <= 70], cdd[bases >= 65])
    usage = table.to_numpy() / 30
    arrays = fit_signature_arrays(usage, np.full(usage.shape, 30.0), np.arange(24) + np.zeros_like(usage, int), rates)
    assert_same(arrays.set_axis(table.index), fit(bills).rename_axis("home_id"))


@settings(max_examples=60, deadline=None)
@given(
    usage=st.lists(
        st.one_of(st.floats(-1e5, 4e5), st.sampled_from([0.0, float("nan"), float("inf"), float("-inf")])),
        min_size=24,
        max_size=24,
    )
)
def test_any_usage_gives_sound_answers(usage):
    bills = make_bills("a", "cool", 0.0).assign(usage=usage)
    home = fit(bills).loc["a"]
    assert home["n_bills"] == np.isfinite(usage).sum()
    assert home["enough_bills"] == (home["n_bills"] >= 9)
    if not home["enough_bills"]:
        assert home[MEASURES].isna().all()
        return
    assert np.isfinite([home["base_load_per_day"], home["heating_slope"], home["cooling_slope"], home["r2"]]).all()
    assert home["heating_slope"] >= 0
    assert home["cooling_slope"] >= 0
    assert 0 <= home["r2"] <= 1
    if np.isfinite(home["heating_share"]):
        assert 0 <= home["heating_share"] + home["cooling_share"] <= 1 + 1e-12
    assert np.isfinite(home["heating_balance_f"]) == (home["heating_slope"] > 0)
    assert np.isfinite(home["cooling_balance_f"]) == (home["cooling_slope"] > 0)
