"""What a run would still lack is told with how many there are, and nothing is told where all is there."""

from datetime import date

import pandas as pd
import pytest

from case_heating.features.readiness import what_a_run_lacks

AS_OF = date(2024, 6, 1)
HOMES = pd.DataFrame({"home_id": ["a", "b", "c", "d"], "place_id": ["Salem", "Salem", "Bend", "Bend"]})


def labels_of(*fuels: str, known: str = "2024-01-06") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "home_id": ["a", "b", "c", "d"][: len(fuels)],
            "heating_fuel": fuels,
            "event_time": pd.Timestamp("2024-01-01"),
            "known_at": pd.Timestamp(known),
        }
    )


def lacking(**tables: pd.DataFrame) -> list[str]:
    return what_a_run_lacks({"homes": HOMES, **tables}, as_of=AS_OF, min_labels=3)


def test_nothing_is_lacking():
    assert lacking(labels=labels_of("gas", "gas", "electricity", "other")) == []


@pytest.mark.parametrize(
    ("labels", "there"),
    [
        (labels_of("gas", "electricity", "other"), "1 gas and 1 electricity are known on 2024-06-01"),
        (labels_of("gas", "gas", "gas", "gas"), "4 gas and 0 electricity are known on 2024-06-01"),
        (labels_of("gas", "gas", "electricity", known="2024-06-02"), "0 gas and 0 electricity are known on"),
        (labels_of("gas", "gas", "electricity").assign(home_id=["a", "b", "x"]), "2 gas and 0 electricity"),
    ],
)
def test_too_few_labels_or_of_one_fuel(labels, there):
    (told,) = lacking(labels=labels)
    assert told.startswith(f"labels: {there}")
    assert told.endswith("a run needs at least 3 homes known to heat with gas or electricity, some of each")


def test_no_labels():
    assert lacking()[0].startswith("labels: there are none; a run needs at least 3 homes")


@pytest.mark.parametrize("record", ["weather", "degree_days"])
def test_places_without_weather(record):
    there = pd.DataFrame({"place_id": ["Salem", "BEND"]})
    (told,) = lacking(labels=labels_of("gas", "gas", "electricity"), **{record: there})
    assert told.startswith(f"{record}: 2 of 4 homes stand at a place without any (first: home c, place Bend)")


def test_one_home_alone_without_weather():
    homes = HOMES.assign(place_id=["Salem", "Salem", "Salem", None])
    tables = {"homes": homes, "labels": labels_of("gas", "gas", "electricity"), "weather": HOMES[["place_id"]]}
    (told,) = what_a_run_lacks(tables, as_of=AS_OF, min_labels=3)
    assert told.startswith("weather: 1 of 4 homes stands at a place without any (first: home d, no place)")
