"""What if, as people set it: a winter, prices and heat pumps in whole percent, kept in a link and said in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from case_heating.model.forecast_learn import LearnedForecast, gas_heated
from case_heating.model.forecast_weather import next_months
from case_heating.model.scenarios import (
    NORMAL_WINTER,
    SEVERE_WINTER,
    WARM_WINTER,
    HeatPumps,
    Scenario,
    TariffChange,
)
from case_heating.people.words import listing
from case_heating.schema import BILLED_FUELS

WINTERS = {winter.name: winter for winter in (WARM_WINTER, NORMAL_WINTER, SEVERE_WINTER)}
"""Winters by the name a link and the command line have for them."""

LEAST_PRICE_PERCENT, MOST_PRICE_PERCENT = -50, 100
"""By how much a price may be set off today's; what is far outside of what was ever billed is not forecast. [%]"""


@dataclass(frozen=True)
class Levers:
    """What can be set for a portfolio.

    Attributes
    ----------
    months : tuple of date
        First days of the twelve months ahead.
    fuels : tuple of str
        Fuels that have a tariff.
    n_gas_heated : int
        Homes that could change to a heat pump.
    """

    months: tuple[date, ...]
    fuels: tuple[str, ...]
    n_gas_heated: int


def levers_of(learned: LearnedForecast) -> Levers:
    """Find what can be set for a portfolio."""
    sold = set(learned.tariffs["fuel"])
    fuels = tuple(fuel for fuel in BILLED_FUELS if fuel in sold)
    return Levers(next_months(learned.as_of), fuels, int(gas_heated(learned).sum()))


@dataclass(frozen=True)
class WhatIf:
    """A scenario in whole percent; by itself the usual year: a normal winter, prices in force, no conversions.

    Attributes
    ----------
    winter : str
        One of :data:`WINTERS`.
    electricity_percent, gas_percent : int
        Change of the unit price from ``from_month`` on. [%]
    heat_pumps_percent : int
        Share of each district's gas-heated homes that have a heat pump from ``from_month`` on. [%]
    from_month : date, optional
        First day of the month from which prices and heat pumps count; the first of the year ahead if not given.
    """

    winter: str = NORMAL_WINTER.name
    electricity_percent: int = 0
    gas_percent: int = 0
    heat_pumps_percent: int = 0
    from_month: date | None = None

    @property
    def is_usual(self) -> bool:
        """Whether nothing is changed; a month from which nothing changes is no change."""
        percents = self.electricity_percent, self.gas_percent, self.heat_pumps_percent
        return self.winter == NORMAL_WINTER.name and not any(percents)

    def scenario(self, learned: LearnedForecast) -> Scenario:
        """Say it for the forecast."""
        first = self.from_month or next_months(learned.as_of)[0]
        changes = {"electricity": self.electricity_percent, "gas": self.gas_percent}
        tariffs = tuple(
            TariffChange(fuel, first, unit_factor=1 + percent / 100) for fuel, percent in changes.items() if percent
        )
        share = self.heat_pumps_percent / 100
        return Scenario(
            WINTERS[self.winter], tariffs, heat_pumps_everywhere(learned, share, first) if share > 0 else ()
        )

    def query(self) -> dict[str, str]:
        """Give the parameters of a link that brings this scenario back; nothing for the usual year.

        Examples
        --------
        >>> WhatIf(winter="severe", gas_percent=20, from_month=date(2026, 4, 1)).query()
        {'winter': 'severe', 'gas': '20', 'from': '2026-04'}
        """
        if self.is_usual:
            return {}
        told = {"winter": self.winter} if self.winter != NORMAL_WINTER.name else {}
        percents = {name: getattr(self, f"{field}_percent") for name, (field, _, _) in _PERCENTS.items()}
        told |= {name: str(percent) for name, percent in percents.items() if percent}
        return told | ({"from": f"{self.from_month:%Y-%m}"} if self.from_month and any(percents.values()) else {})

    def in_words(self) -> str:
        """Say what is changed, as the subject of a sentence.

        Examples
        --------
        >>> WhatIf(winter="severe", gas_percent=20, from_month=date(2026, 4, 1)).in_words()
        'a severe winter and gas 20 % dearer from April 2026 on'
        """
        said = [] if self.winter == NORMAL_WINTER.name else [f"a {self.winter} winter"]
        changes = []
        for fuel, percent in (("electricity", self.electricity_percent), ("gas", self.gas_percent)):
            if percent:
                changes.append(f"{fuel} {abs(percent)} % {'dearer' if percent > 0 else 'cheaper'}")
        if self.heat_pumps_percent:
            changes.append(f"heat pumps in {self.heat_pumps_percent} % of gas-heated homes")
        if changes and self.from_month:
            changes[-1] += f" from {self.from_month:%B %Y} on"
        return listing([*said, *changes]) or "a normal winter at the prices in force"


_PERCENTS = {
    "electricity": ("electricity", LEAST_PRICE_PERCENT, MOST_PRICE_PERCENT),
    "gas": ("gas", LEAST_PRICE_PERCENT, MOST_PRICE_PERCENT),
    "heatpumps": ("heat_pumps", 0, 100),
}
"""Parameter of a link: the field it fills, and what it may be. [%]"""

LINK_NAMES = ("winter", *_PERCENTS, "from")
"""All parameters of a link that a scenario may set."""


def read_what_if(query: Mapping[str, str], levers: Levers) -> tuple[WhatIf, tuple[str, ...]]:
    """Read a scenario from a link.

    Parameters
    ----------
    query : mapping
        ``winter``, ``electricity``, ``gas``, ``heatpumps`` and ``from``; others are not looked at.
    levers : Levers
        What can be set.

    Returns
    -------
    what_if : WhatIf
    complaints : tuple of str
        What could not be taken over and is as usual, in words.

    Examples
    --------
    >>> levers = Levers((date(2026, 1, 1), date(2026, 2, 1)), ("electricity",), 0)
    >>> read_what_if({"electricity": "5", "winter": "icy"}, levers)[1]
    ('there is no winter icy; there are warm, normal, severe',)
    """
    complaints: list[str] = []
    winter = query.get("winter", NORMAL_WINTER.name)
    if winter not in WINTERS:
        complaints.append(f"there is no winter {winter[:20]}; there are {', '.join(WINTERS)}")
        winter = NORMAL_WINTER.name
    percents = {
        f"{field}_percent": _percent(name, query, levers, complaints) for name, (field, *_) in _PERCENTS.items()
    }
    months = {f"{month:%Y-%m}": month for month in levers.months}
    told = query.get("from")
    if told is not None and told not in months:
        complaints.append(f"{told[:20]} is no month of the year ahead, which runs from {min(months)} to {max(months)}")
    month = months.get(told or "")
    return WhatIf(winter, from_month=None if month == levers.months[0] else month, **percents), tuple(complaints)


def _percent(name: str, query: Mapping[str, str], levers: Levers, complaints: list[str]) -> int:
    _, least, most = _PERCENTS[name]
    told = query.get(name, "0")
    try:
        percent = int(told)
    except ValueError:
        complaints.append(f"{name} is {told[:20]!r}, which is no whole number of percent")
        return 0
    if not least <= percent <= most:
        complaints.append(f"{name} is {percent} %; it must lie between {least} and {most}".replace("-", "−"))
        return 0
    if percent and name in BILLED_FUELS and name not in levers.fuels:
        complaints.append(f"there is no tariff of {name} to change")
        return 0
    if percent and name not in BILLED_FUELS and levers.n_gas_heated == 0:
        complaints.append("no home heats with gas, so that none can change to a heat pump")
        return 0
    return percent


def scenario_in_words(scenario: Scenario) -> str:
    """Say all that a scenario assumes, the usual included.

    Examples
    --------
    >>> first = date(2026, 1, 1)
    >>> scenario_in_words(Scenario())
    'normal winter, prices in force'
    >>> scenario_in_words(Scenario(SEVERE_WINTER, (TariffChange("gas", first, unit_factor=1.2),)))
    'severe winter, gas +20 % from 2026-01-01'
    >>> scenario_in_words(Scenario(conversions=(HeatPumps(first, district="d01", share=0.1),)))
    'normal winter, prices in force, heat pumps in 10 % of gas-heated homes of 1 district from 2026-01-01'
    """
    said = [f"{scenario.winter.name} winter"]
    for change in scenario.tariffs:
        if change.unit_factor is not None:
            percent = f"{100 * (change.unit_factor - 1):+.4g}".replace("-", "−")
            said.append(f"{change.fuel} {percent} % from {change.from_date}")
        else:
            said.append(f"{change.fuel} at {change.unit_price_usd:g} USD a unit from {change.from_date}")
    if not scenario.tariffs:
        said.append("prices in force")
    for share, from_date in sorted({(each.share, each.from_date) for each in scenario.conversions}):
        alike = [each for each in scenario.conversions if (each.share, each.from_date) == (share, from_date)]
        named = sum(len(each.home_ids) for each in alike)
        if named:
            said.append(f"heat pumps in {named:,} named {'home' if named == 1 else 'homes'} from {from_date}")
        if drawn := sum(each.district is not None for each in alike):
            districts = f"{drawn} {'district' if drawn == 1 else 'districts'}"
            said.append(f"heat pumps in {100 * share:g} % of gas-heated homes of {districts} from {from_date}")
    return ", ".join(said)


def heat_pumps_everywhere(learned: LearnedForecast, share: float, from_date: date) -> tuple[HeatPumps, ...]:
    """Convert a share of the gas-heated homes of each district that has any."""
    homes = learned.homes.loc[gas_heated(learned)]
    return tuple(
        HeatPumps(from_date, district=str(district), share=share) for district in sorted(homes["district"].unique())
    )
