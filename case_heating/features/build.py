"""The one place where trusted tables become what a model may know of a home at a moment.

Training, batch, online answers, reports and lessons all call :func:`build_features`; a feature whose facts are
missing is missing for that home, and the model takes missing values.
"""

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from case_heating.data.published import published_facts, published_places
from case_heating.errors import TableError
from case_heating.features.degree_days import DegreeDays
from case_heating.features.known import known_bills
from case_heating.features.signature import fit_signatures
from case_heating.features.stages import FEATURE, STAGES, features_of, guard_against_leakage
from case_heating.schema import BASE_TEMPERATURE_F, Tables

YEAR_DAYS = 365
WINDOW_SLACK_DAYS = 10  # reading cycles drift: twelve bills may span a few days more than a year
MIN_YEAR_COVERAGE = 0.75  # less than nine months say too little about a year with a winter in it
SIGNATURE_DAYS = 730  # two winters: one alone leaves the slope of a small flat in the noise

# Added below a ratio so that a home in a frost-free place does not get an endless use per degree day.
HDD_FLOOR = 500.0
CDD_FLOOR = 300.0

REACHED_SHARE = 0.05  # a stage is reached when at least one home in twenty has a fact of it


def build_features(tables: Tables, *, as_of: date, stage: str = "gas_bills") -> pd.DataFrame:
    """Build the feature matrix of all homes from what was known at a moment.

    Parameters
    ----------
    tables : Tables
        Trusted tables; ``homes`` is needed, all others may be absent.
    as_of : date
        The moment; facts known later do not exist.
    stage : str
        The last data stage to use.

    Returns
    -------
    DataFrame, shape (n_homes, n_features of the stage)
        Indexed by ``home_id``, in the order of ``homes``; numbers as float64, categories as text.

    Raises
    ------
    LeakageError
        If a column that must not be known would enter.
    TableError
        If ``homes`` lists a home twice.

    """
    homes = tables["homes"].set_index("home_id")
    if not homes.index.is_unique:
        again = homes.index[homes.index.duplicated()]
        raise TableError(
            f"homes: {len(again):,} of {len(homes):,} rows repeat a home_id (first: {again[0]}); keep one row of each"
        )
    columns: dict[str, pd.Series] = {}
    facts = facts_of_places(homes, as_of)
    columns.update({name: facts[name] for name in facts})
    wanted = features_of(stage)
    for feature in wanted:
        if feature.sources == (f"homes.{feature.name}",):
            columns[feature.name] = homes[feature.name] if feature.name in homes else _missing(homes, feature.kind)
    # What a name of a published place says, the published facts say as well, and they hold in a region never seen.
    columns["district"] = columns["district"].mask(columns["district"].isin(published_places()))
    if _includes(stage, "billing"):
        columns.update(_bill_features(tables, homes, columns, as_of, stage))
    matrix = pd.DataFrame({feature.name: columns[feature.name] for feature in wanted}, index=homes.index)
    matrix = matrix.astype({f.name: "float64" for f in wanted if f.kind == "number"})
    guard_against_leakage(matrix.columns, stage)
    return matrix


def facts_of_places(homes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Look up what is published of each home's place for the year before a moment, as ``published_facts`` gives it."""
    return published_facts(homes, year=as_of.year - 1)


def select_stage(matrix: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Keep what was known at an earlier stage of an already built matrix."""
    chosen = matrix[[feature.name for feature in features_of(stage) if feature.name in matrix]]
    guard_against_leakage(chosen.columns, stage)
    return chosen


def reached_stages(matrix: pd.DataFrame) -> list[str]:
    """Which stages these homes reach: those with a fact of their own for at least one home in twenty."""
    own = {stage: [name for name in matrix if FEATURE[name].stage == stage] for stage in STAGES}
    return [
        stage
        for stage, names in own.items()
        if names and matrix[names].notna().any(axis="columns").mean() >= REACHED_SHARE
    ]


def last_year(
    bills: pd.DataFrame,
    place_of_home: pd.Series,
    degree_days: DegreeDays | None,
    *,
    fuel: Literal["electricity", "gas"],
) -> pd.DataFrame:
    """Sum the last twelve months of each home's bills of one fuel, brought to 365 days.

    The window ends with the home's own last bill, so that a utility whose districts are read in different
    weeks compares like with like.

    Parameters
    ----------
    bills : DataFrame, shape (n_rows, n_columns)
        Known bills, one version each, of any fuels.
    place_of_home : Series of str, shape (n_homes,)
        Place of each home, indexed by ``home_id``.
    degree_days : DegreeDays or None
        Weather of the places; without it ``hdd`` and ``cdd`` are missing.
    fuel : {"electricity", "gas"}
        The fuel to sum.

    Returns
    -------
    DataFrame, shape (n_homes, 4)
        ``usage`` [kWh or therm a year], ``cost_usd`` [USD a year], ``hdd`` and ``cdd`` [°F·day a year]; missing
        where the bills cover less than three quarters of a year.
    """
    own = trailing_bills(bills, fuel, YEAR_DAYS)
    home = place_of_home.index.get_indexer(own["home_id"])
    own, home = own[home >= 0], home[home >= 0]
    rows = pd.DataFrame(
        {
            "days": (own["end"] - own["start"]).dt.days.to_numpy(dtype="float64"),
            "usage": own["usage"].to_numpy() if "usage" in own else np.nan,
            "cost_usd": own["cost_usd"].to_numpy() if "cost_usd" in own else np.nan,
        }
    )
    if degree_days is None:
        rows[["hdd", "cdd"]] = np.nan
    else:
        rows["hdd"], rows["cdd"] = degree_days.of(
            place_of_home.to_numpy()[home], own["start"], own["end"], BASE_TEMPERATURE_F
        )
    sums = rows.groupby(home).sum(min_count=1)
    # One unknown amount makes the year's sum unknown: a partial sum would pass for a small home.
    incomplete = rows.isna().groupby(home).any()
    sums = sums.mask(incomplete)
    covered = sums["days"].where(sums["days"] >= MIN_YEAR_COVERAGE * YEAR_DAYS)
    year = sums.drop(columns="days").mul(YEAR_DAYS / covered, axis="index")
    year.index = place_of_home.index[year.index]
    return year.reindex(place_of_home.index)


def trailing_bills(bills: pd.DataFrame, fuel: str, days: int) -> pd.DataFrame:
    """Bills of one fuel in the days before the end of each home's own last one: no home's window hangs on another's."""
    own = bills[bills["fuel"] == fuel]
    last_end = own["end"].groupby(pd.factorize(own["home_id"])[0]).transform("max")
    return own[own["start"] >= last_end - pd.Timedelta(days=days + WINDOW_SLACK_DAYS)]


def weather_of(tables: Tables) -> DegreeDays | None:
    """Degree days from daily weather where there is some, else from the delivered periods, else none."""
    if "weather" in tables:
        return DegreeDays.from_weather(tables["weather"])
    if "degree_days" in tables:
        return DegreeDays.from_periods(tables["degree_days"])
    return None


def _bill_features(
    tables: Tables, homes: pd.DataFrame, columns: dict[str, pd.Series], as_of: date, stage: str
) -> dict[str, pd.Series]:
    """All features that need bills, by name; missing throughout where the source has none."""
    found = {f.name: _missing(homes, f.kind) for f in features_of(stage) if f.name not in columns}
    if "bills" not in tables:
        return found
    bills = known_bills(tables["bills"], as_of=as_of)
    weather = weather_of(tables) if _includes(stage, "weather") else None
    electricity = last_year(bills, homes["place_id"], weather, fuel="electricity")
    found |= {
        "kwh_year": electricity["usage"],
        "electricity_cost_year": _cost_where_use_is_unknown(electricity),
    }
    if _includes(stage, "weather"):
        found |= {
            "hdd_year": electricity["hdd"],
            "cdd_year": electricity["cdd"],
            "kwh_per_hdd": electricity["usage"] / (electricity["hdd"] + HDD_FLOOR),
            "kwh_per_cdd": electricity["usage"] / (electricity["cdd"] + CDD_FLOOR),
        }
    if _includes(stage, "property"):
        per_sqft = electricity["usage"] / columns["floor_area_sqft"]
        found |= {
            "kwh_per_sqft": per_sqft,
            "kwh_per_sqft_hdd": 1000 * per_sqft / (electricity["hdd"] + HDD_FLOOR),
        }
    if _includes(stage, "monthly") and weather is not None and "usage" in bills:
        found |= _signature_features(bills, homes, columns, weather)
    if _includes(stage, "gas_bills"):
        gas = last_year(bills, homes["place_id"], weather, fuel="gas")
        per_hdd = gas["usage"] / (gas["hdd"] + HDD_FLOOR)
        found |= {
            "therms_year": gas["usage"],
            "gas_cost_year": _cost_where_use_is_unknown(gas),
            "therms_per_hdd": per_hdd,
            "therms_per_sqft_hdd": 1e6 * per_hdd / columns["floor_area_sqft"],
        }
    return found


def _cost_where_use_is_unknown(year: pd.DataFrame) -> pd.Series:
    """Let cost stand in for use only where it must: prices jump, and a model that leans on them falls with them."""
    return year["cost_usd"].where(year["usage"].isna())


def _signature_features(
    bills: pd.DataFrame, homes: pd.DataFrame, columns: dict[str, pd.Series], weather: DegreeDays
) -> dict[str, pd.Series]:
    recent = trailing_bills(bills, "electricity", SIGNATURE_DAYS)
    fitted = fit_signatures(recent, homes["place_id"], weather, fuel="electricity").reindex(homes.index)
    return {
        "base_load_kwh": fitted["base_load_per_day"],
        "heating_slope_kwh": fitted["heating_slope"],
        "cooling_slope_kwh": fitted["cooling_slope"],
        "heating_balance_f": fitted["heating_balance_f"],
        "heating_share": fitted["heating_share"],
        "cooling_share": fitted["cooling_share"],
        "heating_slope_se": fitted["heating_slope_se"],
        "signature_r2": fitted["r2"],
        "heating_slope_per_1000_sqft": 1000 * fitted["heating_slope"] / columns["floor_area_sqft"],
    }


def _includes(stage: str, earlier: str) -> bool:
    order = list(STAGES)
    return order.index(earlier) <= order.index(stage)


def _missing(homes: pd.DataFrame, kind: Literal["number", "category"]) -> pd.Series:
    if kind == "category":
        return pd.Series(pd.NA, index=homes.index, dtype="str")
    return pd.Series(np.nan, index=homes.index)
