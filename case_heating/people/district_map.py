"""Where districts lie, as a map of tiles: no table knows coordinates, but most know the census division and the state.

Each district is one tile. Tiles of a census division stand together, and the divisions stand to each other roughly as
on a map of the country; inside a division they follow states and names. It is a map to find a district again, not one
to measure distances on.
"""

import math

import pandas as pd

from case_heating.people.words import name_of

BLOCKS = {
    "pacific": (0, 0),
    "mountain_north": (1, 0),
    "mountain_south": (1, 1),
    "west_north_central": (2, 0),
    "west_south_central": (2, 1),
    "east_north_central": (3, 0),
    "east_south_central": (3, 1),
    "middle_atlantic": (4, 0),
    "south_atlantic": (4, 1),
    "new_england": (5, 0),
}
"""Column and row of each census division on the map."""

_UNKNOWN = "unknown"
_LEAST_COLUMNS = 2  # what the name of a division needs
_BETWEEN_COLUMNS, _BETWEEN_ROWS = 0.5, 1.0  # tiles left free between divisions; a name stands above each


def lay_out_districts(homes: pd.DataFrame) -> pd.DataFrame:
    """Give each district its tile.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        The table ``homes``; ``district``, ``division`` and ``state`` may be missing.

    Returns
    -------
    DataFrame, a row per district
        ``district``, ``block`` (name of the census division that most of its homes lie in, empty if none is known),
        ``column`` and ``row`` of its tile, counted from the upper left.
    """
    districts = _commonest_place(homes)
    districts["order"] = districts["division"].map({name: number for number, name in enumerate(BLOCKS)})
    districts = districts.sort_values(["order", "state", "district"]).reset_index(drop=True)
    sizes = districts.groupby("division").size()
    width = {name: math.ceil(math.sqrt(n)) for name, n in sizes.items()}
    height = {name: math.ceil(n / width[name]) for name, n in sizes.items()}
    last_row = max((row for name, (_, row) in BLOCKS.items() if name in width), default=-1)
    at = {name: BLOCKS.get(str(name), (0, last_row + 1)) for name in width}
    room = {name: max(n, _LEAST_COLUMNS) for name, n in width.items()}
    left = _starts({name: at[name][0] for name in at}, room, _BETWEEN_COLUMNS)
    top = _starts({name: at[name][1] for name in at}, height, _BETWEEN_ROWS)
    number = districts.groupby("division").cumcount()
    wide = districts["division"].map(width)
    return pd.DataFrame(
        {
            "district": districts["district"],
            "block": ["" if name == _UNKNOWN else name_of(name) for name in districts["division"]],
            "column": districts["division"].map(left) + number % wide,
            "row": districts["division"].map(top) + number // wide,
        }
    )


def _commonest_place(homes: pd.DataFrame) -> pd.DataFrame:
    """Give each district the division and the state that most of its homes lie in."""
    named = homes.reindex(columns=["district", "division", "state"]).astype("str").fillna(_UNKNOWN)
    counts = named.value_counts().reset_index()  # the commonest first, ties by name
    counts = counts.sort_values(["count", "division", "state"], ascending=[False, True, True], kind="stable")
    return counts.drop_duplicates("district")[["district", "division", "state"]].reset_index(drop=True)


def _starts(line: dict[object, int], extent: dict[object, int], between: float) -> dict[object, float]:
    """Give the first column, or row, of each block; lines of blocks follow each other, and empty ones are left out."""
    at, starts = 0.0, {}
    for number in sorted(set(line.values())):
        alike = [name for name, own in line.items() if own == number]
        starts.update(dict.fromkeys(alike, at))
        at += max(extent[name] for name in alike) + between
    return starts
