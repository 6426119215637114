"""Districts get tiles that stand by division as on a map, whatever is known of where they lie."""

import pandas as pd
import pytest

from case_heating.people.district_map import lay_out_districts


def homes(*rows):
    return pd.DataFrame(rows, columns=["district", "division", "state"])


def test_divisions_stand_as_on_a_map_and_nothing_is_left_empty():
    """Three tiles in the north-west, one each in the north-east and south-east; of divisions between them none."""
    tiles = lay_out_districts(
        homes(
            ("a", "pacific", "OR"),
            ("b", "pacific", "OR"),
            ("c", "pacific", "CA"),
            ("s", "south_atlantic", "GA"),
            ("n", "new_england", "ME"),
        )
    ).set_index("district")
    # California comes before Oregon; three tiles stand two by two
    assert tiles.loc[["c", "a", "b"], "column"].tolist() == [0, 1, 0]
    assert tiles.loc[["c", "a", "b"], "row"].tolist() == [0, 0, 1]
    # east of them (two tiles and a half), and south of them (two tiles and a name)
    assert tiles.loc["s", ["column", "row"]].tolist() == [2.5, 3.0]
    assert tiles.loc["n", ["column", "row"]].tolist() == [5.0, 0.0]  # two tiles' room for the name of one
    assert tiles["block"].to_dict() == dict(
        zip("abcns", ["Pacific"] * 3 + ["New England", "South Atlantic"], strict=True)
    )


def test_a_district_lies_where_most_of_its_homes_do():
    tiles = lay_out_districts(homes(*[("a", "pacific", "OR")] * 2, *[("a", "new_england", "ME")] * 3))
    assert tiles["block"].tolist() == ["New England"]


@pytest.mark.parametrize("columns", [["district", "division", "state"], ["district"], []])
def test_where_little_is_known_all_stand_in_one_block(columns):
    known = homes(("a", None, None), ("b", None, None), (None, None, None))[columns]
    tiles = lay_out_districts(known)
    assert tiles["district"].tolist() == (["a", "b", "unknown"] if columns else ["unknown"])
    assert set(tiles["block"]) == {""}
    assert not tiles.duplicated(["column", "row"]).any()


def test_what_is_known_stands_above_what_is_not():
    tiles = lay_out_districts(homes(("a", "new_england", "ME"), ("b", None, None))).set_index("district")
    assert tiles.loc["a", "row"] < tiles.loc["b", "row"]


def test_no_two_districts_share_a_tile_and_the_order_of_homes_does_not_matter():
    table = homes(*[(f"d{n:03d}", ("pacific", "mountain_south", "new_england")[n % 3], "AZ") for n in range(100)])
    tiles = lay_out_districts(table)
    assert len(tiles) == 100
    assert not tiles.duplicated(["column", "row"]).any()
    pd.testing.assert_frame_equal(tiles, lay_out_districts(table.sample(frac=1, random_state=0)))
