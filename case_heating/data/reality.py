"""How real the simulation is: aggregate facts of simulated homes beside the published ones."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from case_heating.data.nation import SURVEY_YEAR, fuel_shares
from case_heating.data.population import calibration_table
from case_heating.data.territory import FUEL_YEAR
from case_heating.schema import Tables

MIN_HOMES = 30  # no fact is told about fewer
ACS = "ACS B25040"
RECS = "RECS 2009"
GROUPS = ("division", "climate", "dwelling_type")


def aggregate_facts(homes: pd.DataFrame) -> pd.DataFrame:
    """Aggregate homes to facts that can be set side by side; cells of fewer than thirty homes are left out.

    Parameters
    ----------
    homes : DataFrame, shape (n_homes, n_columns)
        ``heating_fuel``, ``equipment``, ``cooling``, the columns of ``GROUPS``, ``kwh`` and ``kwh_price`` of a year,
        and ``weight``.

    Returns
    -------
    DataFrame with columns ``fact``, ``group``, ``value``, ``homes``
    """
    fuel = homes["heating_fuel"]
    facts = [
        _fact(homes, f"share heated with {name}", by, fuel == name, _mean)
        for name in ("gas", "electricity")
        for by in (None, *GROUPS)
    ]
    electric = homes[fuel == "electricity"]
    facts.append(
        _fact(electric, "heat pumps among electric homes", "climate", electric["equipment"] == "heat_pump", _mean)
    )
    facts.append(
        _fact(homes, "share with central cooling", "climate", homes["cooling"].isin(["central", "both"]), _mean)
    )
    heated = homes[fuel.isin(["gas", "electricity"])]
    facts.append(_fact(heated, "median electricity [kWh a year]", "heating_fuel", heated["kwh"], _median))
    facts.append(_fact(heated, "median electricity price [USD/kWh]", "heating_fuel", heated["kwh_price"], _median))
    return pd.concat(facts, ignore_index=True)


def _fact(
    homes: pd.DataFrame, name: str, by: str | None, values: pd.Series, summary: Callable[[pd.Series, pd.Series], float]
) -> pd.DataFrame:
    key = pd.Series("all", index=homes.index) if by is None else homes[by].astype("str")
    known = pd.DataFrame({"key": key, "value": values.astype(float), "weight": homes["weight"]}).dropna()
    rows = [
        (name, str(group), summary(cell["value"], cell["weight"]), len(cell))
        for group, cell in known.groupby("key")
        if len(cell) >= MIN_HOMES
    ]
    return pd.DataFrame(rows, columns=["fact", "group", "value", "homes"])


def _mean(values: pd.Series, weights: pd.Series) -> float:
    return float(np.average(values, weights=weights))


def _median(values: pd.Series, weights: pd.Series) -> float:
    order = values.to_numpy().argsort()
    reached = weights.to_numpy()[order].cumsum()
    return float(values.to_numpy()[order][np.searchsorted(reached, reached[-1] / 2)])


def facts(tables: Tables, truth: pd.DataFrame) -> pd.DataFrame:
    """Set aggregate facts of simulated homes beside the published ones.

    The nation's are set beside RECS 2009, which they are drawn from, and the ACS of the year they stand for; the
    territory's beside the ACS of its states.

    Parameters
    ----------
    tables : Tables
        Raw tables of :func:`case_heating.data.simulate.simulate`.
    truth : DataFrame
        Its truth; the first spell of each home counts.

    Returns
    -------
    DataFrame with columns ``fact``, ``group``, ``simulated``, ``published``, ``difference``, ``source``, ``homes``
        A fact that nobody publishes of such a group is left out.
    """
    first = truth.drop_duplicates("home_id").set_index("home_id")
    homes = tables["homes"].set_index("home_id")
    homes = homes.assign(heating_fuel=first["heating_fuel"], equipment=first["equipment"], weight=1.0)
    survey = "survey_weight" in homes
    place, year = ("division", SURVEY_YEAR) if survey else ("state", FUEL_YEAR)
    shares = fuel_shares(year)
    parts = []
    for fuel in ("gas", "electricity"):
        own = _fact(homes, f"share heated with {fuel}", place, homes["heating_fuel"] == fuel, _mean)
        parts.append(own.assign(published=own["group"].map(shares[fuel]), source=f"{ACS}, {year}"))
    if survey:
        own = aggregate_facts(homes.join(_yearly_electricity(tables["bills"])))
        published = calibration_table("survey_facts").set_index(["fact", "group"])["value"]
        known = published.reindex(pd.MultiIndex.from_frame(own[["fact", "group"]])).to_numpy()
        parts.append(own.assign(published=known, source=RECS))
    beside = pd.concat(parts, ignore_index=True).rename(columns={"value": "simulated"}).dropna(subset="published")
    beside["difference"] = beside["simulated"] - beside["published"]
    names = ["fact", "group", "simulated", "published", "difference", "source", "homes"]
    return beside[names].reset_index(drop=True)


def _yearly_electricity(bills: pd.DataFrame) -> pd.DataFrame:
    own = bills[bills["fuel"] == "electricity"].set_index("home_id")
    return pd.DataFrame({"kwh": own["usage"], "kwh_price": own["cost_usd"] / own["usage"]})
