"""What sound rows may still lack for a run: enough labels of both fuels, and weather where the homes stand."""

from datetime import date

from case_heating.features.known import known_labels
from case_heating.schema import Tables


def what_a_run_lacks(tables: Tables, *, as_of: date, min_labels: int) -> list[str]:
    """Say what would stop a run, or leave facts of homes out of it, though every row is valid.

    Parameters
    ----------
    tables : dict of DataFrame
        Valid canonical tables, ``homes`` among them.
    as_of : date
        The day they speak for.
    min_labels : int
        Labelled homes that are needed to train and judge a model.

    Returns
    -------
    list of str
        One line each; none where nothing is lacking.
    """
    return [*_labels_lacking(tables, as_of, min_labels), *_weather_lacking(tables)]


def _labels_lacking(tables: Tables, as_of: date, min_labels: int) -> list[str]:
    needed = f"a run needs at least {min_labels:,} homes known to heat with gas or electricity, some of each"
    if "labels" not in tables:
        return [f"labels: there are none; {needed}"]
    fuel = known_labels(tables["labels"], as_of=as_of)
    fuel = fuel[fuel.index.isin(tables["homes"]["home_id"])]
    n_gas, n_electric = int((fuel == "gas").sum()), int((fuel == "electricity").sum())
    if n_gas + n_electric >= min_labels and min(n_gas, n_electric) > 0:
        return []
    return [f"labels: {n_gas:,} gas and {n_electric:,} electricity are known on {as_of}; {needed}"]


def _weather_lacking(tables: Tables) -> list[str]:
    """Name the homes whose place has no weather: features take daily weather where there is any, else degree days."""
    record = next((name for name in ("weather", "degree_days") if name in tables), None)
    if record is None:
        return []
    homes = tables["homes"]
    without = homes[~homes["place_id"].isin(tables[record]["place_id"])]
    if without.empty:
        return []
    first = without.iloc[0]
    stand = "stands" if len(without) == 1 else "stand"
    place = f"place {first['place_id']}" if first["place_id"] == first["place_id"] else "no place"
    return [
        f"{record}: {len(without):,} of {len(homes):,} homes {stand} at a place without any "
        f"(first: home {first['home_id']}, {place}); what follows the weather stays unknown of "
        "them. Write the places of both files alike"
    ]
