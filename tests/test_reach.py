"""How far data reach, in homes and in words."""

import pandas as pd

from case_heating.people.reach import StageReach, look_how_far, reach_in_words


def test_homes_with_a_fact_of_each_stage_are_counted():
    features = pd.DataFrame(
        {
            "dwelling_type": ["a"] * 40,
            "kwh_year": [1.0] * 2 + [None] * 38,
            "hdd_year": [1.0] + [None] * 39,
            "cdd_year": [None, 1.0] + [None] * 38,
            "rooms": [None] * 40,
        }
    )
    found = {one.stage: (one.n_homes, one.reached) for one in look_how_far(features)}
    assert found == {
        "location": (40, True),
        "billing": (2, True),  # one home in twenty is enough
        "weather": (2, True),
        "property": (0, False),
        "monthly": (0, False),
        "gas_service": (0, False),
        "gas_bills": (0, False),
    }


def reach(*reached):
    return tuple(StageReach(stage, 5, 10, stage in reached) for stage in ("location", "billing", "weather", "property"))


def test_a_gap_before_the_last_stage_is_said():
    assert "One before it that is missing, “Weather”" in reach_in_words(reach("location", "billing", "property"))
    assert "The next, “Property record”, needs" in reach_in_words(reach("location", "billing", "weather"))
    assert reach_in_words(reach()).startswith("The data reach no stage yet. The next, “Location and dwelling”")
    assert "no further one" in reach_in_words(reach("location", "billing", "weather", "property"))
