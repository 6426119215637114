"""Drills, with few homes: trouble is seen, faults are mended and not learned, and all hangs on the seed alone."""

from datetime import date

import pandas as pd
import pytest

from case_heating.errors import HeatingError
from case_heating.watch import drills
from case_heating.watch.drill_models import train_at
from case_heating.watch.drills import INJECTED_ON, TRAINED_ON, live_quietly, run_drill, run_drills, run_seed
from case_heating.watch.retrain import RetrainPolicy
from case_heating.watch.signals import Limits

FEW_MONTHS = (
    TRAINED_ON,
    date(2024, 10, 1),
    INJECTED_ON,
    date(2024, 12, 1),
    date(2025, 1, 1),
    date(2025, 2, 1),
    date(2025, 3, 1),
)


@pytest.fixture(scope="module", autouse=True)
def few_months():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drills, "MONTHS", FEW_MONTHS)
        yield


@pytest.fixture(scope="module")
def quiet(few_months):
    return live_quietly(homes=900, seed=2, stage="monthly", policy=RetrainPolicy(), limits=Limits())


@pytest.fixture(scope="module")
def wh_month(quiet):
    return run_drill(quiet, "unit_fault", stage="monthly")


@pytest.fixture(scope="module")
def neighbourhood(quiet):
    return run_drill(quiet, "new_neighbourhood", stage="monthly")


def test_quiet_months_stay_quiet(quiet):
    assert [report.as_of for report in quiet.reports] == list(FEW_MONTHS[1:])
    assert [decision.action for decision in quiet.decisions] == ["none"] * 6
    assert quiet.at_injection.reference.as_of == TRAINED_ON


def test_a_wh_month_is_seen_at_once_mended_and_not_learned(wh_month):
    assert wh_month.delay_windows == 1
    assert wh_month.months["action"].tolist() == ["repair", "none", "none", "none"]
    assert wh_month.trainings["on_wrong_data"] == 0
    months = wh_month.months
    assert (months["policy"] == months["mended"])[1:].all()
    assert (months["frozen"] < months["mended"] - 0.02).all()
    assert (months["policy"] == months["frozen"]).iloc[0]  # the first window is served before anybody knows


def test_a_new_neighbourhood_is_retrained_for_with_labels_that_were_asked_for(neighbourhood):
    actions = neighbourhood.months["action"].tolist()
    assert neighbourhood.delay_windows == 1
    assert actions[:2] == ["ask", "retrain"]
    months = neighbourhood.months
    assert months["policy"].iloc[2:].mean() > months["frozen"].iloc[2:].mean() + 0.03
    assert neighbourhood.trainings["always"] == 4


def test_the_same_seed_gives_the_same_drill(quiet, wh_month):
    again = run_drill(quiet, "unit_fault", stage="monthly")
    pd.testing.assert_frame_equal(again.months, wh_month.months)


def test_a_drill_nobody_knows_is_refused(quiet):
    with pytest.raises(HeatingError, match="no drill 'flood'"):
        run_drill(quiet, "flood", stage="monthly")
    with pytest.raises(HeatingError, match="it is 2"):
        run_drill(quiet, "unit_fault", stage="monthly", size=2.0)


def test_labels_of_their_own_time_or_todays_features_whichever_the_newest_labels_prefer(quiet):
    """Homes whose fuel is told by a feature that was flipped since: only then do old labels go with old features."""
    moments = [date(2024, 1, 1), date(2025, 1, 1)]
    n = 400
    homes = pd.Index([f"h{number:03}" for number in range(n)])
    was_gas = pd.Series([number % 2 == 0 for number in range(n)], index=homes)

    def matrix(kwh_of_gas, kwh_of_electric):
        return pd.DataFrame({"kwh_year": was_gas.map({True: kwh_of_gas, False: kwh_of_electric}).astype(float)})

    def labels(fuel_now):
        old = pd.DataFrame({"home_id": homes[:300], "is_gas": was_gas[:300], "event_time": pd.Timestamp("2023-06-01")})
        new = pd.DataFrame({"home_id": homes[300:], "is_gas": fuel_now[300:], "event_time": pd.Timestamp("2024-12-01")})
        both = pd.concat([old, new], ignore_index=True)
        fuel = both["is_gas"].astype(bool).map({True: "gas", False: "electricity"})
        return both.assign(heating_fuel=fuel, known_at=both["event_time"], source="survey")

    settings = drills.Settings(today=moments[-1])

    def right(matrices, fuel_now):
        model = train_at(labels(fuel_now), matrices, moment=moments[-1], stage="billing", settings=settings)
        return ((model.probability_of_gas(matrices[moments[-1]]) >= 0.5) == fuel_now.to_numpy()).mean()

    # Everybody's use changed places, nobody's fuel did: old labels go with today's features.
    shifted = {moments[0]: matrix(6000, 14000), moments[1]: matrix(14000, 6000)}
    assert right(shifted, was_gas) > 0.99
    # Everybody's fuel and use changed places: old labels go with the features of their own time.
    assert right(shifted, ~was_gas) > 0.99


def test_all_seeds_are_run_and_given_back_in_their_order():
    told = []
    quiet, runs = run_drills([], [5, 4], homes=500, stage="location", progress=lambda *words: told.append(words))
    assert [one.seed for one in quiet] == [5, 4]
    assert quiet[0].reports != quiet[1].reports
    assert (quiet[1], runs) == (run_seed(4, [], homes=500, stage="location")[0], [])
    assert told == [("drilling", 0.0), ("drilling", 0.5), ("drilling", 1.0)]
