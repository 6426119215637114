"""What a year costs one home, in plain words and as figures for machines; the fuel stays as unsure as it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from case_heating.model.cost import fuel_shares
from case_heating.model.cost_keep import LearnedCost
from case_heating.people.words import FUEL_WORDS, listing, of_100

BILLS = ("electricity", "gas", "total")
CERTAIN = 0.995  # a probability that rounds to 100 of 100


def usd(amount: float) -> str:
    """Say an amount to the dollar, with a true minus sign.

    >>> usd(12044.4), usd(-3)
    ('12,044 USD', '−3 USD')
    """
    return f"{round(amount):,} USD".replace("-", "−")  # round() gives a whole number, so that there is no −0


def usd_span(low: float, high: float) -> str:
    """Say an interval of amounts.

    >>> usd_span(980.2, 2011)
    '980 to 2,011 USD'
    """
    return f"{low:,.0f} to {high:,.0f} USD".replace("-", "−")


def million_usd(amount: float) -> str:
    """Say a large amount in thousands or millions of dollars.

    >>> million_usd(56_177_960), million_usd(540_300), million_usd(-2_110_000), million_usd(812)
    ('56.18 million USD', '540 thousand USD', '−2.11 million USD', '812 USD')
    """
    if abs(amount) >= 1e6:
        said = f"{amount / 1e6:,.2f} million USD"
    elif abs(amount) >= 1e4:
        said = f"{amount / 1e3:,.0f} thousand USD"
    else:
        return usd(amount)
    return said.replace("-", "−")


def million_usd_span(low: float, high: float) -> str:
    """Say an interval of large amounts, the unit once where both have the same.

    >>> million_usd_span(53_640_000, 58_970_000), million_usd_span(980_000, 1_200_000)
    ('53.64 to 58.97 million USD', '980 thousand USD to 1.20 million USD')
    """
    first, last = million_usd(low), million_usd(high)
    number, _, unit = first.partition(" ")
    return f"{number if last.partition(' ')[2] == unit else first} to {last}"


@dataclass(frozen=True)
class HomeCost:
    """One home's year.

    Attributes
    ----------
    home_id : str
    stage : str
        The data stage of the model.
    bills : bool
        Whether the home's own bills were used.
    fuel : dict of float
        Probability of each heating fuel.
    seen : str or None
        The fuel, where somebody has seen it.
    told : Series
        From ``CostModel.predict``: each bill's middle and the ends of its 90 % interval. [USD/year]
    billed : Series or None
        What the home was billed in its last twelve months, where it is known. [USD/year]
    """

    home_id: str
    stage: str
    bills: bool
    fuel: dict[str, float]
    seen: str | None
    told: pd.Series
    billed: pd.Series | None


def cost_of_home(
    learned: LearnedCost, features: pd.DataFrame, answers: pd.DataFrame, home_id: str, paid: pd.DataFrame | None
) -> HomeCost:
    """Ask the cost model of one home, its fuel as sure as the answers have it.

    Parameters
    ----------
    learned : LearnedCost
    features : DataFrame
        As built by ``build_features``.
    answers : DataFrame
        With ``probability_of_gas`` and ``seen``.
    home_id : str
        One of their index.
    paid : DataFrame, optional
        From ``year_costs``.
    """
    one = answers.loc[[home_id]]
    shares = fuel_shares(one["probability_of_gas"], one["seen"])
    seen = one["seen"].iloc[0]
    billed = None if paid is None else paid.loc[home_id]
    return HomeCost(
        home_id=home_id,
        stage=learned.model.stage,
        bills=learned.bills,
        fuel={name: float(share[0]) for name, share in shares.items()},
        seen=None if pd.isna(seen) else str(seen),
        told=learned.model.predict(features.loc[[home_id]], shares).iloc[0],
        billed=None if billed is None or billed.isna().any() else billed,
    )


def home_cost_in_words(cost: HomeCost) -> tuple[str, ...]:
    """Say it, a sentence a line."""
    told = cost.told
    known = "its own bills and all else that is known of it" if cost.bills else "what is known of it without any bill"
    lines = [
        f"Electricity and gas cost home {cost.home_id} about {usd(told['total_usd'])} a year; with 90 % certainty "
        f"{usd_span(told['total_low_usd'], told['total_high_usd'])}.",
        *(
            f"  {bill}: about {usd(told[f'{bill}_usd'])} a year; "
            f"{usd_span(told[f'{bill}_low_usd'], told[f'{bill}_high_usd'])}"
            for bill in ("electricity", "gas")
        ),
        _fuel_in_words(cost),
        f"Told from {known}. Each figure is the middle of what is likely; two middles need not add up to a third.",
    ]
    if cost.billed is not None:
        lines.append(
            f"It was billed {usd(cost.billed['total'])} in its last twelve months: {usd(cost.billed['electricity'])} "
            f"for electricity and {usd(cost.billed['gas'])} for gas."
        )
    return tuple(lines)


def home_cost_in_numbers(cost: HomeCost) -> dict[str, Any]:
    """Give it for machines; amounts in USD a year, to the cent."""
    return {
        "home_id": cost.home_id,
        "stage": cost.stage,
        "own_bills_used": cost.bills,
        "heating_fuel_probability": {name: round(share, 4) for name, share in cost.fuel.items()},
        "heating_fuel_seen": cost.seen,
        "interval": 0.90,
        "cost_usd_a_year": {
            bill: {
                "middle": round(float(cost.told[f"{bill}_usd"]), 2),
                "low": round(float(cost.told[f"{bill}_low_usd"]), 2),
                "high": round(float(cost.told[f"{bill}_high_usd"]), 2),
            }
            for bill in BILLS
        },
        "billed_usd_last_twelve_months": None
        if cost.billed is None
        else {bill: round(float(cost.billed[bill]), 2) for bill in BILLS},
    }


def _fuel_in_words(cost: HomeCost) -> str:
    if cost.seen is not None:
        return f"Somebody has seen what it heats with: {FUEL_WORDS[cost.seen]}."
    likely = max(cost.fuel.values())
    shares = [f"{FUEL_WORDS[name]} {of_100(share)}" for name, share in cost.fuel.items() if np.round(share, 3) > 0]
    if likely > CERTAIN:
        return f"Nobody has seen what it heats with; the machine says {listing(shares)}."
    return (
        f"Nobody has seen what it heats with; the machine says {listing(shares)}. The amounts are a mixture of both in "
        "these shares, and the interval spans both."
    )
