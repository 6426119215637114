"""What the next year costs one home, month by month where there are monthly bills, and in words."""

from dataclasses import dataclass

import pandas as pd

from case_heating.model.forecast import YearAhead, home_months
from case_heating.people.cost_words import HomeCost, home_cost_in_words, usd, usd_span

_STANDING = {
    "billed": "Told from its own bills",
    "few bills": "Told from its few bills and from homes like it",
    "new": "Told from homes like it, for no bill of it is known",
    "left": "Its last bill is long ago, so nobody seems to be supplied there",
}


@dataclass(frozen=True)
class HomeYear:
    """A home's year of energy costs.

    Attributes
    ----------
    months : DataFrame or None
        From ``home_months``; ``None`` where no month can be told apart.
    cost_usd, low_usd, high_usd : float
        The year's cost and the ends of its 90 % interval. [USD]
    says : tuple of str
        The finding first, then on what it rests.
    """

    months: pd.DataFrame | None
    cost_usd: float
    low_usd: float
    high_usd: float
    says: tuple[str, ...]


def year_by_month(year: YearAhead, totals: pd.DataFrame, home_id: str) -> HomeYear:
    """Lay out the twelve months ahead of a home.

    Parameters
    ----------
    year : YearAhead
        From ``forecast``.
    totals : DataFrame
        From ``home_years`` of it.
    home_id : str
        The home.

    Raises
    ------
    SourceError
        If the home is not in the forecast.
    """
    months, total = home_months(year, home_id), totals.loc[home_id]
    both = months[months["fuel"] == "both"].set_index("month")
    dear = both["cost_usd"].idxmax()
    span = usd_span(total["cost_low_usd"], total["cost_high_usd"])
    gas = (
        ""
        if total["gas_cost_usd"] == 0
        else (
            f" {usd(total['electricity_cost_usd'])} of it are for electricity and {usd(total['gas_cost_usd'])} for gas."
        )
    )
    return HomeYear(
        months,
        float(total["cost_usd"]),
        float(total["cost_low_usd"]),
        float(total["cost_high_usd"]),
        (
            f"About {usd(total['cost_usd'])} in the twelve months from {year.months[0]:%B %Y}, with 90 % certainty "
            f"{span}.{gas} {dear:%B} is the dearest month, with {usd(both.loc[dear, 'cost_usd'])}.",
            f"{_STANDING[str(total['standing'])]}; for a normal winter, at the prices in force.",
        ),
    )


def year_without_months(cost: HomeCost) -> HomeYear:
    """Lay out the cost of a year of which no month can be told apart.

    Parameters
    ----------
    cost : HomeCost
        From ``cost_of_home``.
    """
    told = cost.told
    return HomeYear(
        None,
        float(told["total_usd"]),
        float(told["total_low_usd"]),
        float(told["total_high_usd"]),
        home_cost_in_words(cost),
    )


def typed_year_in_words(cost: HomeCost) -> str:
    """Say what a year costs a home of which somebody typed the facts.

    Parameters
    ----------
    cost : HomeCost
        From ``cost_of_home``.
    """
    told = cost.told
    span = usd_span(told["total_low_usd"], told["total_high_usd"])
    return (
        f"Electricity and gas cost it about {usd(told['total_usd'])} a year, with 90 % certainty {span}: about "
        f"{usd(told['electricity_usd'])} for electricity and {usd(told['gas_usd'])} for gas."
    )
