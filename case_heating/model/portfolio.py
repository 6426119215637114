"""Many homes together: roll-ups that add up to the cent, with intervals that know what homes share.

Each home's own noise averages out; weather comes to all homes of a place, and a wrong model is wrong for all. An
interval of a sum is therefore much wider than the homes' noise alone would have it, and narrower than theirs summed.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from case_heating.errors import SourceError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_draw import YearAhead
from case_heating.model.forecast_interval import Z, weather_variance
from case_heating.model.forecast_weather import month_spread_f

HOME_KEYS = ("district", "dwelling_type", "place_id")
KEYS = ("month", *HOME_KEYS, "fuel")


def roll_up(year: YearAhead, by: Sequence[str] = ("month",)) -> pd.DataFrame:
    """Add homes up.

    Parameters
    ----------
    year : YearAhead
    by : sequence of {"month", "district", "dwelling_type", "place_id", "fuel"}
        What to tell apart; nothing for one row.

    Returns
    -------
    DataFrame, a row per group
        The keys, ``n_homes`` (those that have left or do not take the fuel are counted as well), ``usage_kwh``,
        ``usage_therm``, ``cost_cents`` (whole cents that add up exactly to those of the homes), ``cost_usd``,
        ``cost_low_usd`` and ``cost_high_usd`` (90 %), and the standard deviations it is made of: ``sd_weather_usd``,
        ``sd_model_usd`` and ``sd_own_usd``.

    Raises
    ------
    SourceError
        If a key is unknown or named twice.

    Examples
    --------
    ``roll_up(year, ["district", "month"])`` has one row per district and month; its ``cost_cents`` add up to those of
    ``roll_up(year, [])``.
    """
    if set(by) - set(KEYS) or len(set(by)) < len(by):
        raise SourceError(f"cannot add up by {', '.join(by)}; name each once of {', '.join(KEYS)}")
    group, names = _groups(year.homes, [key for key in by if key in HOME_KEYS])
    fuels = [[f] for f in range(len(year.fuels))] if "fuel" in by else [list(range(len(year.fuels)))]
    frames = []
    for chosen in fuels:
        sums = _sums(year, group, len(names), chosen, by_month="month" in by)
        frame = names.loc[np.repeat(names.index, len(sums) // len(names))].reset_index(drop=True)
        if "month" in by:
            frame["month"] = list(year.months) * len(names)
        if "fuel" in by:
            frame["fuel"] = year.fuels[chosen[0]]
        frames.append(pd.concat([frame, sums], axis=1))
    together = pd.concat(frames, ignore_index=True)
    return together[[*by, *(name for name in together if name not in by)]]


def _groups(homes: pd.DataFrame, keys: list[str]) -> tuple[Whole, pd.DataFrame]:
    """Group of each home, and the groups' names row for row."""
    if not keys:
        return np.zeros(len(homes), dtype=np.int64), pd.DataFrame(index=[0])
    grouped = homes.groupby(keys, sort=True)
    return grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)


def _sums(year: YearAhead, group: Whole, n_groups: int, fuels: list[int], *, by_month: bool) -> pd.DataFrame:
    """Totals of groups of homes for some fuels together, a row per group, or per group and month."""
    learned, n_months = year.learned, len(year.months)

    def total(values: Floats) -> Floats:
        return np.stack([np.bincount(group, column, n_groups) for column in values.T], axis=1)

    cents = np.zeros((n_groups, n_months), dtype=np.int64)
    np.add.at(cents, group, year.cents[:, fuels].sum(axis=1))
    usage = [total(year.usage[:, f]) if f in fuels else np.zeros((n_groups, n_months)) for f in range(len(year.fuels))]
    n_places = len(learned.climatology.places)
    at = group * n_places + learned.place
    effect = (year.per_degree * year.unit_usd)[:, fuels].sum(axis=1)
    per_degree: Floats = np.stack([np.bincount(at, column, n_groups * n_places) for column in effect.T], axis=1)
    weather_month, weather_year = weather_variance(
        per_degree.reshape(n_groups, n_places, n_months),
        month_spread_f(learned.climatology, year.months),
        learned.climatology,
    )
    model = sum(learned.spread.model_sd[f] * total(year.usage[:, f] * year.unit_usd[:, f]) for f in fuels)
    if by_month:
        own = total((year.own_month * year.unit_usd**2)[:, fuels].sum(axis=1)).ravel()
        weather, shared = weather_month.ravel(), np.abs(model).ravel()
        cost, kwh, therm = cents.ravel(), usage[0].ravel(), usage[1].ravel()
    else:
        own = total(year.own_year_usd2[:, fuels].sum(axis=1)[:, None])[:, 0]
        weather, shared = weather_year, np.abs(model.sum(axis=1))
        cost, kwh, therm = (values.sum(axis=1) for values in (cents, *usage))
    sd = np.sqrt(weather + shared**2 + own)
    return pd.DataFrame(
        {
            "n_homes": np.bincount(group, minlength=n_groups).repeat(n_months if by_month else 1),
            "usage_kwh": kwh,
            "usage_therm": therm,
            "cost_cents": cost,
            "cost_usd": cost / 100,
            "cost_low_usd": cost / 100 - Z * sd,
            "cost_high_usd": cost / 100 + Z * sd,
            "sd_weather_usd": np.sqrt(weather),
            "sd_model_usd": shared,
            "sd_own_usd": np.sqrt(own),
        }
    )
