"""Find whole district-months of bills in another unit by their distribution, before anybody learns from them.

One meter's slip is a row fault. When a district's read-out is exported in Wh instead of kWh, every home of the
district is wrong in the same month by the same factor, and no single row shows it.
"""

from typing import Any

import pandas as pd

from case_heating.data.expectations import usage_per_day
from case_heating.errors import TableError

SLIP_FACTOR = 100.0
"""Weather and habit move a month's use tenfold at most; Wh for kWh is a factor 1,000."""
SLIP_MOVES_EVERY_HOME = 0.9
"""A slip moves all homes, by at least a tenth of the factor; a district of summer cabins has homes that stay."""
MIN_HOMES = 10
MIN_BILLS_OF_A_HOME = 6
"""From fewer bills a home's own usual use cannot be told from the slip; the table's median stands in."""
USUAL_QUANTILE = 0.75
"""A home's usual use is that of its busier months: where gas only heats the median is close to nothing."""
BELIEVABLE_PER_DAY = {"electricity": (2.0, 300.0), "gas": (0.05, 16.0)}
"""Where the upper quartile of any utility's bills lies, in kWh and therms per day: about ten times below and above the
mean home of RECS 2015, which uses 29.4 kWh and, where it has gas, 1.58 therms; gas that only cooks uses a tenth."""
_CORRECTED = ["home_id", "fuel", "start"]


def superseded(bills: pd.DataFrame) -> pd.Series:
    """Tell the bills that a row of the same home, fuel and start with a later ``known_at`` corrects.

    Examples
    --------
    >>> bill = {"home_id": "h1", "fuel": "gas", "start": pd.Timestamp("2024-01-01")}
    >>> known = pd.to_datetime(["2024-02-03", "2024-03-14"])
    >>> superseded(pd.DataFrame([bill, bill]).assign(known_at=known)).tolist()
    [True, False]
    """
    told_again = bills.loc[bills.duplicated(_CORRECTED, keep=False), [*_CORRECTED, "known_at"]]
    last = told_again.groupby(_CORRECTED)["known_at"].transform("max")
    corrected = told_again.index[told_again["known_at"] < last]
    return pd.Series(bills.index.isin(corrected), index=bills.index)


def unit_slips(bills: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Find districts whose use in a month is out of all proportion to what the same homes use otherwise.

    Parameters
    ----------
    bills : DataFrame, shape (n_bills, n_columns)
        Bills that are not superseded, as read.
    homes : DataFrame, shape (n_homes, n_columns)
        Homes as read; places stand in for districts where there are none.

    Returns
    -------
    DataFrame, shape (n_slips, 5)
        ``district``, ``month`` (of the bill's last day), ``fuel``, ``factor`` (median over homes of use per day against
        the home's usual use) and ``n_homes``, the largest factor first.
    """
    area = homes.dropna(subset="home_id").set_index("home_id")["district" if "district" in homes else "place_id"]
    numbers, names = pd.factorize(bills["home_id"])  # numbers group faster than text
    use = pd.DataFrame(
        {
            "home": numbers,
            "district": area.reindex(names).array.take(numbers, allow_fill=True),
            "fuel": bills["fuel"],
            "month": (bills["end"] - pd.Timedelta(days=1)).dt.to_period("M"),
            "per_day": usage_per_day(bills),
        }
    )
    use = use[(use["per_day"] > 0) & use["district"].notna()]  # nothing is nothing in every unit
    use["ratio"] = use["per_day"] / _usual_use(use)
    groups = use.groupby(["district", "month", "fuel"])
    medians = groups.agg(factor=("ratio", "median"), n_homes=("home", "nunique")).reset_index()
    suspects = medians[_beyond(medians["factor"], SLIP_FACTOR) & (medians["n_homes"] >= MIN_HOMES)]
    slips = [slip for slip in suspects.itertuples(index=False) if _moved_whole(slip, groups, medians)]
    found = pd.DataFrame(slips, columns=["district", "month", "fuel", "factor", "n_homes"])
    return found.sort_values("factor", ascending=False, ignore_index=True)


def _beyond(ratio: Any, limit: float) -> Any:
    return (ratio > limit) | (ratio < 1 / limit)


def _moved_whole(slip: Any, groups: Any, medians: pd.DataFrame) -> bool:
    """Tell a slip from a season and from a few odd homes: nearly all homes moved, and other years or districts did not.

    Gas that only heats falls to a hundredth every summer; so it did in the same month of other years and elsewhere.
    """
    ratios = groups.get_group((slip.district, slip.month, slip.fuel))["ratio"]
    moved = ratios > SLIP_FACTOR / 10 if slip.factor > 1 else ratios < 10 / SLIP_FACTOR
    same_season = medians[(medians["fuel"] == slip.fuel) & (medians["month"].dt.month == slip.month.month)]
    elsewhere = same_season[same_season["district"] != slip.district]
    other_years = same_season[(same_season["district"] == slip.district) & (same_season["month"] != slip.month)]
    compared = other_years if len(other_years) else elsewhere
    if compared.empty and slip.fuel == "gas" and slip.factor < 1:
        return False  # nothing tells a slip from a summer
    season = compared["factor"].median() if len(compared) else 1.0
    return bool(moved.mean() >= SLIP_MOVES_EVERY_HOME and _beyond(slip.factor / season, SLIP_FACTOR))


def _usual_use(use: pd.DataFrame) -> pd.Series:
    """Use per day in the busier months of the same home, or the table's median for a home of few bills."""
    by_home = use.groupby(["home", "fuel"])["per_day"]
    number = by_home.ngroup()
    by_number = use["per_day"].groupby(number)
    usual = by_number.quantile(USUAL_QUANTILE, interpolation="lower")
    own = number.map(usual.where(by_number.size() >= MIN_BILLS_OF_A_HOME))
    return own.fillna(use.groupby("fuel")["per_day"].transform("median"))


def stop_at_unit_slips(bills: pd.DataFrame, homes: pd.DataFrame) -> None:
    """Stop if a district-month's unit slipped and nobody has corrected it yet.

    Raises
    ------
    TableError
        Naming every district, month, fuel and factor, and the remedy.
    """
    slips = unit_slips(bills, homes)
    if slips.empty:
        _stop_at_another_unit(bills)
        return
    told = [
        f"bills.usage: {slip.fuel} of district {slip.district} in {slip.month} is about {_times(slip.factor)} what "
        f"the same {slip.n_homes:,} homes use otherwise, as if written in {_likely_unit(slip.fuel, slip.factor)}"
        for slip in slips.itertuples()
    ]
    remedy = (
        "Convert those rows to kWh or therm, add the corrected bills with a later known_at, "
        "or set as_of to a day before they were known"
    )
    raise TableError("\n".join([*told, remedy]))


def _stop_at_another_unit(bills: pd.DataFrame) -> None:
    """Stop if the bills of all homes are in another unit than they are said to be in: no comparison shows that."""
    used = pd.DataFrame({"fuel": bills["fuel"], "home": bills["home_id"], "per_day": usage_per_day(bills)})
    by_fuel = used[used["per_day"] > 0].groupby("fuel")
    usual = by_fuel["per_day"].quantile(USUAL_QUANTILE)[by_fuel["home"].nunique() >= MIN_HOMES]
    told = []
    for fuel, (least, most) in BELIEVABLE_PER_DAY.items():
        unit = "kWh" if fuel == "electricity" else "therms"
        if fuel in usual and not least <= usual[fuel] <= most:
            told.append(
                f"bills.usage: the upper quartile of the {fuel} bills is {usual[fuel]:,.3g} {unit} a day; that of "
                f"homes lies between {least:g} and {most:g}. They are in another unit: state it in the mapping"
            )
    if told:
        raise TableError("\n".join(told))


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"


def _likely_unit(fuel: str, factor: float) -> str:
    if fuel == "electricity":
        return "Wh" if factor > 1 else "MWh"
    return "a far smaller unit than therms" if factor > 1 else "a far larger unit than therms"
