"""Many homes together: roll-ups that add up to the cent, with intervals that know what homes share.

Each home's own noise averages out; weather comes to all homes of a place, and a wrong model is wrong for all. An
interval of a sum is therefore much wider than the homes' noise alone would have it, and narrower than theirs summed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from case_heating.errors import SourceError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.model.forecast_draw import YearAhead
from case_heating.model.forecast_interval import Z, weather_variance
from case_heating.model.forecast_weather import month_spread_f

HOME_KEYS = ("district", "dwelling_type", "place_id")
KEYS = ("month", *HOME_KEYS, "fuel")


@dataclass(frozen=True)
class Cells:
    """A year with the homes put together that no roll-up tells apart: adding up many ways then costs next to nothing.

    Attributes
    ----------
    year : YearAhead
        Whose homes.
    keys : DataFrame, shape (n_cells, 3)
        ``district``, ``dwelling_type`` and ``place_id`` of each cell.
    place : ndarray of int, shape (n_cells,)
        Position of its place in the climatology.
    n_homes : ndarray of int, shape (n_cells,)
    usage, cents, model_usd, per_degree_usd, own_month_usd2 : ndarray, shape (n_cells, n_fuels, n_months)
        Sums over its homes: use [kWh, therm], cost in cents, cost of the use alone [USD], change of the cost with each
        degree a month is warmer [USD/°F], variance of a month's cost that is homes' own [USD²].
    own_year_usd2 : ndarray, shape (n_cells, n_fuels)
        The same variance of the year's cost. [USD²]
    """

    year: YearAhead
    keys: pd.DataFrame
    place: Whole
    n_homes: Whole
    usage: Floats
    cents: Whole
    model_usd: Floats
    per_degree_usd: Floats
    own_month_usd2: Floats
    own_year_usd2: Floats


def put_together(year: YearAhead) -> Cells:
    """Add up the homes of each district, dwelling type and place; :func:`roll_up` takes it in place of the year."""
    homes = year.homes
    grouped = homes.groupby(list(HOME_KEYS), sort=True)
    keys = grouped.size().index.to_frame(index=False)
    cell = grouped.ngroup().to_numpy()
    rows = np.arange(len(homes))
    one = csr_array((np.ones(len(homes), dtype=np.int64), (cell, rows)), shape=(len(keys), len(homes)))

    def total(values: np.ndarray) -> np.ndarray:
        """Sum over the homes of each cell; whole numbers stay whole."""
        return (one @ values.reshape(len(homes), -1)).reshape(len(keys), *values.shape[1:])

    return Cells(
        year=year,
        keys=keys,
        place=year.learned.climatology.places.get_indexer(keys["place_id"]),
        n_homes=np.bincount(cell, minlength=len(keys)),
        usage=total(year.usage),
        cents=total(year.cents),
        model_usd=total(year.usage * year.unit_usd),
        per_degree_usd=total(year.per_degree * year.unit_usd),
        own_month_usd2=total(year.own_month * year.unit_usd**2),
        own_year_usd2=total(year.own_year_usd2),
    )


def roll_up(year: YearAhead | Cells, by: Sequence[str] = ("month",)) -> pd.DataFrame:
    """Add homes up.

    Parameters
    ----------
    year : YearAhead or Cells
        Whoever adds up in several ways puts the homes together first.
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
    cells = year if isinstance(year, Cells) else put_together(year)
    year = cells.year
    group, names = _groups(cells.keys, [key for key in by if key in HOME_KEYS])
    fuels = [[f] for f in range(len(year.fuels))] if "fuel" in by else [list(range(len(year.fuels)))]
    frames = []
    for chosen in fuels:
        sums = _sums(cells, group, len(names), chosen, by_month="month" in by)
        frame = names.loc[np.repeat(names.index, len(sums) // len(names))].reset_index(drop=True)
        if "month" in by:
            frame["month"] = list(year.months) * len(names)
        if "fuel" in by:
            frame["fuel"] = year.fuels[chosen[0]]
        frames.append(pd.concat([frame, sums], axis=1))
    together = pd.concat(frames, ignore_index=True)
    return together[[*by, *(name for name in together if name not in by)]]


def _groups(cells: pd.DataFrame, keys: list[str]) -> tuple[Whole, pd.DataFrame]:
    """Group of each cell, and the groups' names row for row."""
    if not keys:
        return np.zeros(len(cells), dtype=np.int64), pd.DataFrame(index=[0])
    grouped = cells.groupby(keys, sort=True)
    return grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)


def _sums(cells: Cells, group: Whole, n_groups: int, fuels: list[int], *, by_month: bool) -> pd.DataFrame:
    """Totals of groups of cells for some fuels together, a row per group, or per group and month."""
    learned, n_months = cells.year.learned, len(cells.year.months)
    n_places = len(learned.climatology.places)

    def total(values: np.ndarray, to: Whole = group, n: int = n_groups) -> np.ndarray:
        sums = np.zeros((n, *values.shape[1:]), dtype=values.dtype)
        np.add.at(sums, to, values)
        return sums

    cents = total(cells.cents[:, fuels].sum(axis=1))
    usage = [
        total(cells.usage[:, f]) if f in fuels else np.zeros((n_groups, n_months)) for f in range(len(cells.year.fuels))
    ]
    per_degree = total(cells.per_degree_usd[:, fuels].sum(axis=1), group * n_places + cells.place, n_groups * n_places)
    weather_month, weather_year = weather_variance(
        per_degree.reshape(n_groups, n_places, n_months),
        month_spread_f(learned.climatology, cells.year.months),
        learned.climatology,
    )
    model = sum(learned.spread.model_sd[f] * total(cells.model_usd[:, f]) for f in fuels)
    if by_month:
        own = total(cells.own_month_usd2[:, fuels].sum(axis=1)).ravel()
        weather, shared = weather_month.ravel(), np.abs(model).ravel()
        cost, kwh, therm = cents.ravel(), usage[0].ravel(), usage[1].ravel()
    else:
        own = total(cells.own_year_usd2[:, fuels].sum(axis=1))
        weather, shared = weather_year, np.abs(model.sum(axis=1))
        cost, kwh, therm = (values.sum(axis=1) for values in (cents, *usage))
    sd = np.sqrt(weather + shared**2 + own)
    n_homes = total(cells.n_homes)
    return pd.DataFrame(
        {
            "n_homes": n_homes.repeat(n_months if by_month else 1),
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
