"""One home's bills against the weather, with the line that its bill signature draws through them, and what it shows.

The Home page and the Review page draw the same picture from it; its line is the very fit that the model's features
come from.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import SourceError, counted
from case_heating.features.build import (
    SIGNATURE_DAYS,
    WINDOW_SLACK_DAYS,
    YEAR_DAYS,
    last_year,
    trailing_bills,
    weather_of,
)
from case_heating.features.change_point import MIN_BILLS
from case_heating.features.degree_day_records import Floats
from case_heating.features.degree_days import DegreeDays
from case_heating.features.known import known_bills
from case_heating.features.signature import fit_signatures
from case_heating.model.forecast_draw import KWH_PER_THERM
from case_heating.people.words import day
from case_heating.schema import BASE_TEMPERATURE_F, BILLED_FUELS, Tables

LONGEST_BILL_DAYS = 100  # a quarter; a longer bill mixes winter and summer and shows nothing of either
LAST_YEAR, YEAR_BEFORE = "last twelve months", "the year before"
_SOME_RISE, _STEEP_RISE = 1.25, 2.0  # use of the coldest bill's days over that of a mild day: fans and pumps, or heat
_SMALL = 10  # units a day: fewer are told to a tenth
_UNITS = {"electricity": "kWh", "gas": "therm"}


@dataclass(frozen=True)
class FuelBills:
    """The bills of one fuel and the line through them.

    Attributes
    ----------
    fuel : {"electricity", "gas"}
    bills : DataFrame, one row per bill
        ``start``, ``end`` (the day after the last), ``days``, ``usage`` [kWh or therm], ``usage_per_day`` [the same a
        day], ``kwh_per_day`` (a therm being 29.3 kWh), ``outdoor_f`` (mean outdoor temperature [°F]), ``estimated``,
        ``year`` (:data:`LAST_YEAR` or :data:`YEAR_BEFORE`).
    line : DataFrame
        ``outdoor_f`` [°F], ``usage_per_day`` and ``kwh_per_day``: the corners of the fitted line; empty without a fit.
    signature : Series or None
        The fit, from ``fit_signatures``; ``None`` where there are too few bills.
    """

    fuel: str
    bills: pd.DataFrame
    line: pd.DataFrame
    signature: pd.Series | None

    @property
    def unit(self) -> str:
        """What the meter counts."""
        return _UNITS[self.fuel]


@dataclass(frozen=True)
class BillPicture:
    """What a home's bills show.

    Attributes
    ----------
    home_id : str
    fuels : tuple of FuelBills
        Those with bills of at most a quarter and known weather; empty where there is nothing to draw.
    says : str
        What to see, or why there is no picture and what is known instead.
    """

    home_id: str
    fuels: tuple[FuelBills, ...]
    says: str


def picture_bills(tables: Tables, home_id: str, *, as_of: date) -> BillPicture:
    """Lay a home's bills of the last two years beside the weather and fit its bill signature.

    Parameters
    ----------
    tables : Tables
        Trusted tables; ``homes`` is needed, all others may be absent.
    home_id : str
        The home.
    as_of : date
        The moment; bills known later do not exist.

    Raises
    ------
    SourceError
        If there is no such home.
    """
    homes = tables["homes"]
    own = homes[homes["home_id"] == home_id]
    if own.empty:
        raise SourceError(f"there is no home {home_id!r} among the {len(homes):,} homes; look its id up first")
    place = own.set_index("home_id")["place_id"]
    bills = _bills_of(tables, home_id, as_of)
    if bills.empty:
        return BillPicture(
            home_id, (), "No bill of this home is known, so there is nothing to hold against the weather."
        )
    short = bills[(bills["end"] - bills["start"]).dt.days <= LONGEST_BILL_DAYS]
    weather = weather_of(_of_place(tables, place.iloc[0]))
    fuels: tuple[FuelBills, ...] = ()
    if weather is not None:
        drawn = (_draw(short, place, weather, fuel) for fuel in BILLED_FUELS)
        fuels = tuple(fuel for fuel in drawn if len(fuel.bills))
    if not fuels:
        why = (
            "Its bills are not monthly, so they show nothing of the cold months."
            if short.empty
            else "The weather of its bills is not known, so they cannot be held against it."
        )
        return BillPicture(home_id, (), " ".join([why, *_year_in_words(bills, place)]))
    said = " ".join(_in_words(fuel) for fuel in fuels)
    return BillPicture(home_id, fuels, said + _what_heats(fuels) + _no_gas(bills))


def _bills_of(tables: Tables, home_id: str, as_of: date) -> pd.DataFrame:
    if "bills" not in tables:
        return pd.DataFrame(columns=["home_id", "fuel", "start", "end", "usage", "known_at"])
    bills = tables["bills"]
    own = known_bills(bills[bills["home_id"] == home_id], as_of=as_of)
    return own.assign(usage=own.get("usage", np.nan))


def _of_place(tables: Tables, place_id: str) -> Tables:
    """Weather of one place alone: that of all takes longer than all the rest."""
    found = {name: tables[name] for name in ("weather", "degree_days") if name in tables}
    return {name: table[table["place_id"] == place_id] for name, table in found.items()}


def _draw(bills: pd.DataFrame, place: pd.Series, weather: DegreeDays, fuel: str) -> FuelBills:
    own = trailing_bills(bills, fuel, SIGNATURE_DAYS).dropna(subset=["usage"]).sort_values("start")
    base_f = BASE_TEMPERATURE_F if BASE_TEMPERATURE_F in weather.bases_f else weather.bases_f[0]
    days = (own["end"] - own["start"]).dt.days.astype(float)
    hdd, cdd = weather.of(np.full(len(own), place.iloc[0]), own["start"], own["end"], base_f)
    year_begins = own["end"].max() - pd.Timedelta(days=YEAR_DAYS + WINDOW_SLACK_DAYS)
    shown = pd.DataFrame(
        {
            "start": own["start"],
            "end": own["end"],
            "days": days,
            "usage": own["usage"],
            "usage_per_day": own["usage"] / days,
            "kwh_per_day": own["usage"] / days * _kwh(fuel),
            "outdoor_f": base_f - (hdd - cdd) / days,  # both kinds of degree days add up to it
            "estimated": (own["read"] == "estimated").to_numpy(bool) if "read" in own else False,
            "year": np.where(own["start"] >= year_begins, LAST_YEAR, YEAR_BEFORE),
        }
    ).dropna(subset=["outdoor_f"])
    fitted = fit_signatures(own, place, weather, fuel="gas" if fuel == "gas" else "electricity", threads=1).iloc[0]
    signature = fitted if fitted["enough_bills"] else None
    line = _line(signature, shown["outdoor_f"], fuel)
    return FuelBills(fuel, shown.reset_index(drop=True), line, signature)


def _line(signature: pd.Series | None, outdoor_f: pd.Series, fuel: str) -> pd.DataFrame:
    """Give the corners of the fitted line over the temperatures that were billed."""
    corners = np.array([])
    if signature is not None:
        balance = signature[["heating_balance_f", "cooling_balance_f"]].dropna().to_numpy(dtype=float)
        low, high = outdoor_f.min(), outdoor_f.max()
        corners = np.unique([low, *(f for f in balance if low < f < high), high])
    usage = np.array([]) if signature is None else fitted_usage(signature, corners)
    return pd.DataFrame({"outdoor_f": corners, "usage_per_day": usage, "kwh_per_day": usage * _kwh(fuel)})


def older_than(picture: BillPicture, seen: date) -> str:
    """Say how many of the bills end before a day on which somebody looked; nothing where that is none or all."""
    before = sum(int((fuel.bills["end"] <= pd.Timestamp(seen)).sum()) for fuel in picture.fuels)
    n_bills = sum(len(fuel.bills) for fuel in picture.fuels)
    if before in (0, n_bills):
        return ""
    return (
        f"{before} of the {n_bills} bills end before {day(seen)}, when somebody looked; it may have changed in between."
    )


def fitted_usage(signature: pd.Series, outdoor_f: Floats) -> Floats:
    """Usage a day that a bill signature expects on days of a given temperature, shape (n_days,).

    Parameters
    ----------
    signature : Series
        One row of ``fit_signatures`` that had enough bills.
    outdoor_f : ndarray, shape (n_days,)
        Mean outdoor temperature. [°F]
    """
    usage = np.full(len(outdoor_f), float(signature["base_load_per_day"]))
    if signature["heating_slope"] > 0:
        usage += signature["heating_slope"] * np.maximum(signature["heating_balance_f"] - outdoor_f, 0.0)
    if signature["cooling_slope"] > 0:
        usage += signature["cooling_slope"] * np.maximum(outdoor_f - signature["cooling_balance_f"], 0.0)
    return usage


def _in_words(fuel: FuelBills) -> str:
    name, unit = fuel.fuel.capitalize(), f"{fuel.unit}s" if fuel.fuel == "gas" else fuel.unit
    if fuel.signature is None:
        bills = counted(len(fuel.bills), "bill is", "bills are")
        return f"{name}: {bills} too few to draw a line through; {MIN_BILLS} over nine months would do."
    cold_f = _number(fuel.line["outdoor_f"].min(), 0)
    base, at_cold = float(fuel.signature["base_load_per_day"]), float(fuel.line["usage_per_day"].iloc[0])
    decimals = 1 if abs(base) < _SMALL else 0
    mild, cold = _number(base, decimals), _number(at_cold, decimals)
    rise = at_cold / base if base > 0 else np.inf
    if fuel.signature["heating_slope"] > 0 and rise >= _SOME_RISE:
        how = "steeply" if rise >= _STEEP_RISE else "somewhat"
        return (
            f"{name} rises {how} with the cold: {mild} {unit} on a day that needs neither heat nor cooling, "
            f"{cold} on a day of {cold_f} °F."
        )
    same = "the same" if mild == cold else cold
    return f"{name} hardly follows the cold: {mild} {unit} on a mild day, {same} on a day of {cold_f} °F."


def _what_heats(fuels: tuple[FuelBills, ...]) -> str:
    """Say which share of the energy that follows the cold is gas, where both fuels are billed and fitted."""
    heat = {
        fuel.fuel: float(fuel.signature["heating_share"] * fuel.bills["kwh_per_day"].mean())
        for fuel in fuels
        if fuel.signature is not None
    }
    if len(heat) < len(BILLED_FUELS) or not sum(heat.values()) > 0:
        return ""
    share = heat["gas"] / sum(heat.values())
    return f" Of 100 kWh that follow the cold, {100 * share:.0f} are gas."


def _no_gas(bills: pd.DataFrame) -> str:
    return "" if (bills["fuel"] == "gas").any() else " There are no gas bills."


def _year_in_words(bills: pd.DataFrame, place: pd.Series) -> list[str]:
    """Say what the last year's bills add up to, where they cover a year."""
    said = []
    for fuel, unit in (("electricity", "kWh of electricity"), ("gas", "therms of gas")):
        year = last_year(bills, place, None, fuel="gas" if fuel == "gas" else "electricity").iloc[0]
        if not np.isnan(year["usage"]):
            paid = "" if np.isnan(year["cost_usd"]) else f" for {year['cost_usd']:,.0f} USD"
            said.append(f"{_number(year['usage'], 0)} {unit}{paid}")
    return [f"In its last billed year it used {' and '.join(said)}."] if said else []


def _kwh(fuel: str) -> float:
    return KWH_PER_THERM if fuel == "gas" else 1.0


def _number(value: float, decimals: int) -> str:
    said = f"{value:,.{decimals}f}".replace("-", "−")
    return said.lstrip("−") if not float(said.replace("−", "-").replace(",", "")) else said
