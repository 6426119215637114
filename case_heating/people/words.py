"""Figures in plain words: how a number, an interval, a fuel, a stage and a fact about a home are said to a person."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from case_heating.model.quality import Figure
from case_heating.schema import DIVISIONS

FUEL_WORDS = {"gas": "gas", "electricity": "electricity", "other": "another fuel", "none": "no heating"}

STAGE_NAMES = {
    "location": "Location and dwelling",
    "billing": "+ electricity bill",
    "weather": "+ weather",
    "property": "+ property record",
    "monthly": "+ bill signature",
    "gas_service": "+ gas meter known",
    "gas_bills": "+ gas bills",
}
"""The names of the stages for people, in the report, in the terminal and in the README; ``--stage`` takes the keys."""

STAGE_SUBJECTS = {
    "location": "The location",
    "billing": "A year's electricity bill",
    "weather": "The year's weather",
    "property": "The assessor's record",
    "monthly": "How each bill follows the weather",
    "gas_service": "Knowing the gas meter",
    "gas_bills": "A year of gas bills",
}
STAGE_NEEDS = {
    "location": "the place and kind of each dwelling (homes)",
    "billing": "nine months or more of electricity bills for each home (bills)",
    "weather": "degree days of the billed periods, or daily temperatures (degree_days or weather)",
    "property": "the assessor's record: year built, floor area, rooms (homes)",
    "monthly": "electricity bills month by month, with the weather of each period (bills, weather or degree_days)",
    "gas_service": "which homes have a gas meter (homes.gas_service)",
    "gas_bills": "a year's gas bills of the homes that have them (bills)",
}

DWELLING_NAMES = {
    "mobile_home": "Mobile home",
    "single_detached": "Detached house",
    "single_attached": "Attached house",
    "apartment_2_4": "Apartment (2–4 in house)",
    "apartment_5_plus": "Apartment (5 or more)",
}

# How a fact is told: (factor, words). The factor brings the feature's unit to the one people speak of.
_NUMBER_FACTS = {
    "published_gas_share": (100, "{:.0f} of 100 homes in the area heat with gas"),
    "published_electric_share": (100, "{:.0f} of 100 homes in the area heat with electricity"),
    "published_price_ratio": (1, "electric heat costs {:.1f} times gas heat in the area"),
    "kwh_year": (1, "used {:,.0f} kWh of electricity in a year"),
    "electricity_cost_year": (1, "paid {:,.0f} USD for electricity in a year"),
    "hdd_year": (1, "{:,.0f} heating degree days (°F·day) in the year"),
    "cdd_year": (1, "{:,.0f} cooling degree days (°F·day) in the year"),
    "year_built": (1, "built in {:.0f}"),
    "floor_area_sqft": (1, "{:,.0f} sqft of floor"),
    "rooms": (1, "{:.0f} rooms"),
    "stories": (1, "{:.0f} stories"),
    "base_load_kwh": (1, "{:.1f} kWh on a day without heating or cooling"),
    "heating_slope_kwh": (1, "{:.2f} kWh more for each degree day of cold"),
    "heating_share": (100, "{:.0f} % of its electricity follows the cold"),
    "cooling_share": (100, "{:.0f} % of its electricity follows the heat"),
    "therms_year": (1, "used {:,.0f} therms of gas in a year"),
    "gas_cost_year": (1, "paid {:,.0f} USD for gas in a year"),
}
_FLAG_FACTS = {
    "gas_service": ("no gas meter", "has a gas meter"),
    "solar": ("no solar panels", "has solar panels"),
    "pool": ("no pool", "has a pool"),
}
_CATEGORY_FACTS = {
    "dwelling_type": "{}",
    "district": "district {}",
    "climate": "{} climate",
    "area_type": "{} area",
    "cooling": "air conditioning: {}",
    "wall_material": "{} walls",
}
SAID_BY = {
    "published_electric_share": "published_gas_share",
    "electricity_cost_year": "kwh_year",
    "gas_cost_year": "therms_year",
    "heating_slope_kwh": "heating_share",
}
"""Facts that say again what another one has said: told only where the other is missing."""

TOLD_FACTS = (*_CATEGORY_FACTS, *_NUMBER_FACTS, *_FLAG_FACTS)
"""Features that can be told to a person; ratios that only a model reads are not among them."""


def count(number: float) -> str:
    """Say a count.

    >>> count(12044)
    '12,044'
    """
    return f"{number:,.0f}"


def homes(number: float) -> str:
    """Say a number of homes.

    >>> homes(1), homes(2000)
    ('1 home', '2,000 homes')
    """
    return f"{count(number)} {'home' if number == 1 else 'homes'}"


def percent(share: float, *, decimals: int = 1) -> str:
    """Say a share in percent; only what is exactly all or nothing is said to be 100 or 0.

    >>> percent(0.8352), percent(0.9999), percent(1.0)
    ('83.5 %', 'over 99.9 %', '100.0 %')
    """
    said = round(100 * share, decimals)
    step = 10.0**-decimals
    if said >= 100 and share < 1:
        return f"over {100 - step:.{decimals}f} %"
    if said <= 0 and share > 0:
        return f"under {step:.{decimals}f} %"
    return f"{said:.{decimals}f} %"


def of_100(share: float) -> str:
    """Say a share as so many of 100, to a tenth.

    >>> of_100(0.8352)
    '83.5 of 100'
    """
    return f"{100 * share:.1f} of 100"


def interval(figure: Figure) -> str:
    """Say the 95 % interval of a share.

    >>> interval(Figure(0.835, 0.825, 0.846))
    '82.5–84.6 %'
    """
    return f"{100 * figure.low:.1f}–{100 * figure.high:.1f} %"


def plain(number: float, *, decimals: int = 3) -> str:
    """Say a figure without unit, such as AUC.

    >>> plain(0.9084)
    '0.908'
    """
    return f"{number:.{decimals}f}"


def points(difference: float) -> str:
    """Say a difference of two shares in percentage points, signed.

    >>> points(0.0992), points(-0.002)
    ('+9.9', '−0.2')
    """
    return f"{100 * difference:+.1f}".replace("-", "−")


def span_in_points(figure: Figure) -> str:
    """Say the 95 % interval of a difference; without signs where all of it is a gain.

    >>> span_in_points(Figure(0.007, -0.002, 0.015)), span_in_points(Figure(0.0992, 0.091, 0.106))
    ('−0.2 to +1.5', '9.1 to 10.6')
    """
    if figure.is_above_zero:
        return f"{100 * figure.low:.1f} to {100 * figure.high:.1f}"
    return f"{points(figure.low)} to {points(figure.high)}"


def stage_name(stage: str) -> str:
    """Name a stage by itself, outside a ladder.

    >>> stage_name("gas_service"), stage_name("location")
    ('Gas meter known', 'Location and dwelling')
    """
    name = STAGE_NAMES[stage].removeprefix("+ ")
    return name[0].upper() + name[1:]


def step_in_words(stage: str, step: Figure) -> str:
    """Say what a stage adds to the one before, and whether chance alone could explain it.

    >>> step_in_words("gas_service", Figure(0.0992, 0.091, 0.106))
    'Knowing the gas meter adds 9.9 points (95 % interval 9.1 to 10.6).'
    >>> step_in_words("property", Figure(0.007, -0.002, 0.015))
    "The assessor's record: +0.7 points, which chance alone could explain (95 % interval −0.2 to +1.5)."
    """
    subject, size, span = STAGE_SUBJECTS[stage], f"{abs(100 * step.value):.1f} points", span_in_points(step)
    if step.is_above_zero:
        return f"{subject} adds {size} (95 % interval {span})."
    if step.high < 0:
        return f"{subject} takes {size} away (95 % interval {span}): the model is better without it."
    return f"{subject}: {points(step.value)} points, which chance alone could explain (95 % interval {span})."


def day(moment: date) -> str:
    """Say a day.

    >>> day(date(2016, 1, 1))
    '1 January 2016'
    """
    return f"{moment.day} {moment:%B %Y}"


def listing(words: Sequence[str]) -> str:
    """Join words as in a sentence.

    >>> listing(["a", "b", "c"]), listing(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def name_of(code: str) -> str:
    """Say a code of the schema: a dwelling type or census division by its name, others with spaces.

    >>> name_of("mobile_home"), name_of("west_south_central"), name_of("hot_dry"), name_of("d07")
    ('Mobile home', 'West South Central', 'Hot dry', 'd07')
    """
    if code in DWELLING_NAMES:
        return DWELLING_NAMES[code]
    if code in DIVISIONS:
        return code.replace("_", " ").title()
    words = code.replace("_", " ")
    return words[:1].upper() + words[1:] if "_" in code or code.isalpha() else code


def fact_in_words(feature: str, value: object) -> str | None:
    """Say one fact about a home with its unit; nothing where it is missing or no fact for people.

    >>> fact_in_words("kwh_year", 12172.4), fact_in_words("gas_service", 0.0), fact_in_words("rooms", float("nan"))
    ('used 12,172 kWh of electricity in a year', 'no gas meter', None)
    """
    if pd.isna(value):
        return None
    if feature in _CATEGORY_FACTS:
        said = str(value).replace("_", " ") if feature == "district" else name_of(str(value)).lower()
        return _CATEGORY_FACTS[feature].format(said)
    number = float(str(value))
    if feature in _FLAG_FACTS:
        return _FLAG_FACTS[feature][number > 0]
    if feature in _NUMBER_FACTS:
        factor, words = _NUMBER_FACTS[feature]
        return words.format(factor * number).replace("-", "−")
    return None
