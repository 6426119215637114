"""Read what a person types of another tariff and of heat pumps."""

import re
from datetime import date

from case_heating.errors import SourceError
from case_heating.model.scenarios import TariffChange

_PERCENT = re.compile(r"([+-]\d+(?:\.\d+)?)\s*%")
_PRICE = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def read_tariff(text: str) -> TariffChange:
    """Read ``FUEL:DAY:CHANGE``, where the change is in percent with its sign, or a new price of a kWh or therm in USD.

    Raises
    ------
    SourceError
        If it is written otherwise.

    Examples
    --------
    >>> read_tariff("gas:2026-04-01:+20%").unit_factor
    1.2
    >>> read_tariff("electricity:2026-04-01:0.21").unit_price_usd
    0.21
    """
    remedy = "write FUEL:DAY:CHANGE, as gas:2026-04-01:+20% or electricity:2026-04-01:0.21 (USD a kWh or therm)"
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3:
        raise SourceError(f"--tariff {text!r} has {len(parts)} parts between colons, not 3; {remedy}")
    fuel, day, change = parts
    try:
        from_date = date.fromisoformat(day)
    except ValueError as error:
        raise SourceError(f"--tariff {text!r}: {day!r} is no day; {remedy}") from error
    if percent := _PERCENT.fullmatch(change):
        return TariffChange(fuel, from_date, unit_factor=1 + float(percent[1]) / 100)
    if _PRICE.fullmatch(change):
        return TariffChange(fuel, from_date, unit_price_usd=float(change))
    raise SourceError(f"--tariff {text!r}: {change!r} is neither a change with its sign nor a price; {remedy}")


def read_heat_pumps(text: str) -> tuple[str | None, float]:
    """Read ``10%`` or ``DISTRICT:10%`` as a district, or none, and a share.

    Raises
    ------
    SourceError
        If it is written otherwise, or the share is not above 0 and up to 100 %.

    Examples
    --------
    >>> read_heat_pumps("10%"), read_heat_pumps("d05:30%")
    ((None, 0.1), ('d05', 0.3))
    """
    district, colon, said = text.rpartition(":")
    share = _SHARE.fullmatch(said.strip())
    if share is None or not 0 < float(share[1]) <= 100 or (colon and not district.strip()):
        raise SourceError(
            f"--heat-pumps {text!r}: write a share of gas-heated homes above 0 and up to 100, as 10% or DISTRICT:30%"
        )
    return district.strip() or None, float(share[1]) / 100
