"""Units a utility may write its numbers in, and the one unit each quantity has here.

A unit is a name, and for an amount that runs with time also ``/day``, ``/month`` or ``/year``: ``kWh``,
``USD/month``, ``CCF``. Upper and lower case, spaces, and the signs ``°`` ``·`` ``-`` ``_`` make no difference.

References
----------
.. [1] U.S. Energy Information Administration, FAQ 45, "What are Ccf, Mcf, Btu, and therms?": a therm is 100,000 Btu;
   natural gas delivered to consumers held 1,028 Btu per cubic foot in 2014 and 1,038 in 2023.
.. [2] NIST Special Publication 811, appendix B: Btu (International Table), cubic foot, degree Fahrenheit.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import pandas as pd

from case_heating.errors import UnitError

Quantity = Literal["usage", "money", "money_per_month", "price", "area", "temperature", "degree_days"]
Per = Literal["", "day", "month", "year"]

BTU_PER_KWH = 3412.141633  # International Table Btu [2]
KWH_PER_THERM = 100_000 / BTU_PER_KWH
CCF_PER_CUBIC_METRE = (
    0.3048**-3 / 100
)  # by volume alone; the pressure and temperature it is metered at are the utility's
THERMS_PER_CCF = 1.037  # heat content in the United States, within 1 % of every year from 2014 to 2023 [1]
DAYS_PER_MONTH = 365.25 / 12

_ENERGY_KWH = {
    "Wh": 1e-3,
    "kWh": 1.0,
    "MWh": 1e3,
    "therm": KWH_PER_THERM,
    "dekatherm": 10 * KWH_PER_THERM,
    "Btu": 1 / BTU_PER_KWH,
    "kBtu": 1e3 / BTU_PER_KWH,
    "MMBtu": 1e6 / BTU_PER_KWH,
    "MJ": 1 / 3.6,
    "GJ": 1e3 / 3.6,
}
_GAS_VOLUME_CCF = {"CF": 0.01, "CCF": 1.0, "MCF": 10.0, "m³": CCF_PER_CUBIC_METRE}
_MONEY_USD = {"USD": 1.0, "cent": 0.01}
_AREA_SQFT = {"sqft": 1.0, "m²": 0.3048**-2}
_TEMPERATURE_F = {"°F": (1.0, 0.0), "°C": (1.8, 32.0)}
_DEGREE_DAYS_F = {"°F·day": 1.0, "°C·day": 1.8}
_OTHER_SPELLINGS = {
    "kilowatthour": "kWh",
    "kilowatthours": "kWh",
    "therms": "therm",
    "thm": "therm",
    "dth": "dekatherm",
    "dekatherms": "dekatherm",
    "cuft": "CF",
    "ft3": "CF",
    "hcf": "CCF",
    "cubicmetre": "m³",
    "cubicmeter": "m³",
    "$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "cents": "cent",
    "ft2": "sqft",
    "squarefeet": "sqft",
    "sqm": "m²",
    "fahrenheit": "°F",
    "celsius": "°C",
    "degf": "°F",
    "degc": "°C",
    "degfday": "°F·day",
    "degcday": "°C·day",
    "fdays": "°F·day",
    "cdays": "°C·day",
}
_AMBIGUOUS = {
    "mbtu": "MBtu means a thousand Btu to some and a million to others; write kBtu or MMBtu",
    "mcm": "mcm means a thousand or a million cubic metres; convert the column first",
}


@dataclass(frozen=True)
class Conversion:
    """How numbers in one unit become numbers in the canonical one: ``value * factor + offset``.

    Where ``per`` is set the value is a rate, and is multiplied by the days, months or years of its period.
    """

    unit: str
    factor: float
    offset: float = 0.0
    per: Per = ""

    def apply(self, values: pd.Series, periods: pd.Series | float = 1.0) -> pd.Series:
        """Convert; ``periods`` is how many of ``per`` each value stands for, see :func:`count_periods`.

        Parameters
        ----------
        values : Series of float, shape (n_rows,)
            Numbers in ``unit``; missing stays missing.
        periods : Series of float, shape (n_rows,), or float
            Days, months or years of each row's period. Left alone where the unit is not a rate.

        Returns
        -------
        Series of float, shape (n_rows,)
            Numbers in the canonical unit.
        """
        converted = values * self.factor + self.offset
        return converted * periods if self.per else converted


def conversion(
    unit: str, quantity: Quantity, *, fuel: str | None = None, therms_per_ccf: float = THERMS_PER_CCF
) -> Conversion:
    """Look up how a unit becomes the canonical unit of a quantity.

    Parameters
    ----------
    unit : str
        As written by a person: ``MWh``, ``USD/month``, ``°C-day``, ``cent/kWh``.
    quantity : str
        ``usage`` (to kWh for electricity, therms for gas), ``money`` (USD), ``money_per_month`` (USD/month), ``price``
        (USD per kWh or therm), ``area`` (sqft), ``temperature`` (°F) or ``degree_days`` (°F·day).
    fuel : {"electricity", "gas"}, optional
        Needed for ``usage`` and ``price``.
    therms_per_ccf : float
        Heat content of the gas. [therm/CCF]

    Raises
    ------
    UnitError
        If the unit is unknown, ambiguous, of another quantity, or a volume of gas said to be electricity.

    Examples
    --------
    >>> conversion("MWh", "usage", fuel="electricity").apply(pd.Series([1.5])).tolist()
    [1500.0]
    >>> conversion("CCF", "usage", fuel="gas").apply(pd.Series([100.0])).round(6).tolist()
    [103.7]
    >>> conversion("USD/month", "money").apply(pd.Series([80.0]), periods=12.0).tolist()
    [960.0]
    """
    if quantity == "price":
        money, slash, energy = unit.partition("/")
        if not slash:
            raise UnitError(f"{unit!r} is not a price; write money per energy, such as USD/kWh, cent/kWh or USD/therm")
        return Conversion(
            unit, _MONEY_USD[_name(money, list(_MONEY_USD))] / _usage_factor(energy, fuel, therms_per_ccf)
        )
    amount, _, per = unit.partition("/")
    period = _period(per, unit)
    if period and quantity not in ("usage", "money", "money_per_month"):
        raise UnitError(f"{unit!r}: {quantity} does not run with time, leave out /{per}")
    if quantity == "usage":
        return Conversion(unit, _usage_factor(amount, fuel, therms_per_ccf), per=period)
    if quantity == "money":
        return Conversion(unit, _MONEY_USD[_name(amount, list(_MONEY_USD))], per=period)
    if quantity == "money_per_month":
        per_month = {"day": DAYS_PER_MONTH, "month": 1.0, "year": 1 / 12}
        if not period:
            raise UnitError(f"{unit!r} does not say how often it is paid; write {unit}/day, /month or /year")
        return Conversion(unit, _MONEY_USD[_name(amount, list(_MONEY_USD))] * per_month[period])
    if quantity == "area":
        return Conversion(unit, _AREA_SQFT[_name(amount, list(_AREA_SQFT))])
    if quantity == "degree_days":
        return Conversion(unit, _DEGREE_DAYS_F[_name(amount, list(_DEGREE_DAYS_F))])
    factor, offset = _TEMPERATURE_F[_name(amount, list(_TEMPERATURE_F))]
    return Conversion(unit, factor, offset)


def units_of(quantity: Quantity) -> tuple[str, ...]:
    """Every unit a quantity may be written in, without its ``/day``, ``/month`` or ``/year``.

    >>> units_of("money")
    ('USD', 'cent')
    """
    if quantity == "price":
        return ("USD/kWh", "cent/kWh", "USD/therm", "USD/CCF", "USD/MMBtu")
    names: dict[Quantity, list[str]] = {
        "usage": [*_ENERGY_KWH, *_GAS_VOLUME_CCF],
        "money": list(_MONEY_USD),
        "money_per_month": [f"{money}/{per}" for money in _MONEY_USD for per in ("day", "month", "year")],
        "area": list(_AREA_SQFT),
        "temperature": list(_TEMPERATURE_F),
        "degree_days": list(_DEGREE_DAYS_F),
    }
    return tuple(names[quantity])


def count_periods(start: pd.Series, end: pd.Series, per: Per) -> pd.Series:
    """Count the days, months or years of each half-open period [start, end).

    Whole calendar months count as exactly one whatever their length, so that a bill of 80 USD/month over a calendar
    year is 960 USD; days left over count as a share of a mean month.

    Parameters
    ----------
    start, end : Series of datetime64, shape (n_rows,)
        First day, and the day after the last one.
    per : {"", "day", "month", "year"}
        What to count; empty counts one for every row.

    Returns
    -------
    Series of float, shape (n_rows,)
        Missing where a date is missing.

    Examples
    --------
    >>> start, end = pd.Series(pd.to_datetime(["2024-01-15"])), pd.Series(pd.to_datetime(["2024-03-15"]))
    >>> [count_periods(start, end, per).item() for per in ("day", "month")]
    [60.0, 2.0]
    """
    if not per:
        return pd.Series(1.0, index=start.index)
    if per == "day":
        return (end - start).dt.days.astype("float64")
    first, last = start.dt, end.dt
    whole: pd.Series = 12.0 * (last.year - first.year) + (last.month - first.month)
    months = whole + (last.day - first.day) / DAYS_PER_MONTH
    return months / 12 if per == "year" else months


def _usage_factor(unit: str, fuel: str | None, therms_per_ccf: float) -> float:
    name = _name(unit, [*_ENERGY_KWH, *_GAS_VOLUME_CCF])
    if fuel not in ("electricity", "gas"):
        raise UnitError(f"{unit!r} can only be converted for electricity or gas, not for {fuel!r}")
    if name in _GAS_VOLUME_CCF:
        if fuel == "electricity":
            raise UnitError(f"{unit!r} is a volume of gas, but the fuel is electricity; is it Wh, kWh or MWh?")
        return _GAS_VOLUME_CCF[name] * therms_per_ccf
    return _ENERGY_KWH[name] / (KWH_PER_THERM if fuel == "gas" else 1.0)


def _period(per: str, unit: str) -> Per:
    spellings: dict[str, Per] = {"": "", "day": "day", "d": "day", "month": "month", "mo": "month", "year": "year"}
    plain = _plain(per)
    if plain not in spellings and plain not in ("yr", "a"):
        raise UnitError(f"{unit!r} ends in /{per}; there are /day, /month and /year")
    return spellings.get(plain, "year")


def _name(written: str, known: list[str]) -> str:
    plain = _plain(written)
    if plain in _AMBIGUOUS:
        raise UnitError(_AMBIGUOUS[plain])
    by_plain = {_plain(name): name for name in known}
    name = by_plain.get(plain) or by_plain.get(_plain(_OTHER_SPELLINGS.get(plain, "")))
    if name:
        return name
    near = get_close_matches(plain, by_plain, n=1)
    hint = f"did you mean {by_plain[near[0]]}? " if near else ""
    raise UnitError(f"unknown unit {written!r}; {hint}there are {', '.join(known)}")


def _plain(unit: str) -> str:
    return re.sub(r"[\s°·*_-]", "", unit).replace("³", "3").replace("²", "2").casefold()
