"""How much energy each home uses: base load, its season, heating and cooling slopes, for both fuels at once.

A home's own bills are weighed against similar homes: many bills speak for themselves, few lean on others, none leave
the others' mean. What kind of heating a home has is part of the question. Bills answer it where they show heating; a
home with few bills is a mixture of kinds, each as probable as its bills make it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.features.degree_day_records import Floats, Whole
from case_heating.features.degree_days import DegreeDays, day_numbers
from case_heating.features.signature import fit_signatures
from case_heating.model.forecast_bills import (
    FUELS,
    LEFT_AFTER_DAYS,
    BillSums,
    UsableBills,
    last_billed_day,
    sum_bills,
)
from case_heating.model.forecast_similar import Posterior, Similar, learn_similar, own_noise, weigh

KINDS = ("gas", "electricity", "other")
GAS_HEAT_SHARE, ELECTRIC_HEAT_SHARE = 0.25, 0.10
"""Share of a fuel's use that follows the cold, from which bills show that the home heats with it; water heated by gas
follows the seasons too, and a furnace's fan takes a few hundredths of the electricity."""

MIN_KNOWN_HOMES = 10
"""Homes with enough bills, fewer than which say nothing about others."""

SHARE_HOMES = 10.0  # how many homes of its own a cell's shares of kinds need to count as much as all cells'

_USED = {"electricity": np.array([True] * 4), "gas": np.array([True, True, True, False])}
_TYPICAL_BASES_F = {"heating": 60.0, "cooling": 70.0}  # where no home shows its balance point


@dataclass(frozen=True)
class FuelUse:
    """Use of one fuel by each home.

    Attributes
    ----------
    mean : ndarray, shape (n_homes, 4)
        Base load [kWh or therm a day], its winter's extra, heating and cooling slope [per °F·day].
    covariance : ndarray, shape (n_homes, 4, 4)
        How well they are known.
    noise : ndarray, shape (n_homes,)
        Standard deviation of a month's use per day around them.
    customer : ndarray, shape (n_homes,)
        Probability of being supplied, 0 or 1 once there are bills.
    heat_base, cool_base : ndarray of int, shape (n_homes,)
        Balance points as positions in ``BASES_F``.
    """

    mean: Floats
    covariance: Floats
    noise: Floats
    customer: Floats
    heat_base: Whole
    cool_base: Whole


@dataclass(frozen=True)
class Use:
    """Use of both fuels, and what is known of each home.

    ``standing`` is ``billed`` (enough bills), ``few bills``, ``new`` (none) or ``left``; ``kind_share`` the
    probability of each of :data:`KINDS`, shape (n_homes, 3).
    """

    fuels: tuple[FuelUse, ...]
    standing: np.ndarray
    kind_share: Floats


def learn_use(
    bills: UsableBills,
    homes: pd.DataFrame,
    places: pd.Index,
    degree_days: DegreeDays,
    *,
    as_of: date,
    gas_probability: pd.Series | None = None,
    threads: int = 2,
) -> Use:
    """Learn what each home uses from the bills known at a moment.

    Parameters
    ----------
    bills : UsableBills
        Of both fuels, ``home`` being the row of ``homes``.
    homes : DataFrame
        ``home_id``, ``place_id``, ``dwelling_type`` and, if known, ``gas_service``.
    places : Index
        Places of the weather.
    degree_days : DegreeDays
        From weather known at the moment.
    gas_probability : Series, optional
        By ``home_id``: probability of heating with gas, for homes without bills.

    Raises
    ------
    NotEnoughDataError
        If fewer than ten homes have enough bills.
    """
    place = places.get_indexer(homes["place_id"])
    kind, bases = _what_bills_show(bills, place, places, degree_days, threads)
    sums = [sum_bills(bills.of_fuel(f), place, places, degree_days, bases[f]) for f in range(len(FUELS))]
    last = last_billed_day(bills, len(homes))
    moment = int(day_numbers([pd.Timestamp(as_of)])[0])
    supplied = last >= moment - LEFT_AFTER_DAYS
    kind = np.where(sums[0].enough | sums[1].enough, kind, -1)
    if (kind >= 0).sum() < MIN_KNOWN_HOMES:
        raise NotEnoughDataError(
            f"{(kind >= 0).sum():,} of {len(homes):,} homes have bills of nine months or more known on {as_of}; at "
            f"least {MIN_KNOWN_HOMES} are needed to forecast by. Bring more bills, or speak for a later day"
        )

    dwelling = pd.factorize(homes["dwelling_type"])[0]
    n_types = int(dwelling.max()) + 1
    cell, wider = dwelling + n_types * place, np.tile(np.arange(n_types), len(places))
    similar = [
        [
            learn_similar(sums[f], cell, wider, (kind == k) & sums[f].enough & supplied[:, f], _USED[FUELS[f]])
            for k in range(len(KINDS))
        ]
        for f in range(len(FUELS))
    ]
    new = last.max(axis=1) < 0
    share = _shares_of_kinds(kind, cell, len(wider), new, supplied[:, 1], gas_probability, homes)
    customer = _customers(kind, cell, len(wider), new, supplied, homes)
    sold = np.bincount(place, supplied[:, 1], len(places)) > 0
    customer[new & ~sold[place], 1] = 0.0  # where nobody is supplied with gas, somebody else sells it, or nobody
    return _mix(sums, similar, cell, bases, share, customer, new, supplied)


def _what_bills_show(
    bills: UsableBills, place: Whole, places: pd.Index, degree_days: DegreeDays, threads: int
) -> tuple[Whole, list[tuple[Whole, Whole]]]:
    """Kind of heating that each home's bills show, and its balance points by fuel."""
    place_of_home = pd.Series(places.to_numpy()[place])
    frame = pd.DataFrame(
        {
            "home_id": bills.home,
            "fuel": np.array(FUELS, dtype=object)[bills.fuel],
            "start": bills.start_day.astype("datetime64[D]").astype("datetime64[us]"),
            "end": bills.end_day.astype("datetime64[D]").astype("datetime64[us]"),
            "usage": bills.usage,
        }
    )
    bases, heats = [], []
    for fuel, share in ((FUELS[0], ELECTRIC_HEAT_SHARE), (FUELS[1], GAS_HEAT_SHARE)):
        own = frame[frame["fuel"] == fuel]
        shown = fit_signatures(own, place_of_home, degree_days, fuel=fuel, threads=threads)  # type: ignore[arg-type]
        heats.append((shown["heating_share"] >= share).to_numpy())
        points = []
        for use, typical in _TYPICAL_BASES_F.items():
            found = shown[f"{use}_balance_f"]
            usual = found.median() if found.notna().any() else typical
            points.append(
                np.abs(found.fillna(usual).to_numpy()[:, None] - np.array(degree_days.bases_f)).argmin(axis=1)
            )
        bases.append((points[0], points[1]))
    return np.where(heats[1], 0, np.where(heats[0], 1, 2)), bases


def _shares_of_kinds(
    kind: Whole,
    cell: Whole,
    n_cells: int,
    new: np.ndarray,
    has_gas: np.ndarray,
    gas_probability: pd.Series | None,
    homes: pd.DataFrame,
) -> Floats:
    """Probability of each kind before any bill is looked at; certain where enough bills show it."""
    known = kind >= 0
    overall = np.bincount(kind[known], minlength=len(KINDS)) + 1.0
    counts = np.zeros((n_cells, len(KINDS)))
    np.add.at(counts, (cell[known], kind[known]), 1.0)
    share = (counts + SHARE_HOMES * overall / overall.sum())[cell]
    share[(~new & ~has_gas) | _says(homes, has=False) & new, 0] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    if gas_probability is not None:
        gas = gas_probability.reindex(homes["home_id"]).to_numpy(float)
        told = new & np.isfinite(gas)
        rest = share[told, 1:] / share[told, 1:].sum(axis=1, keepdims=True)
        share[told] = np.column_stack([gas[told], (1 - gas[told, None]) * rest])
    return np.where(known[:, None], np.eye(len(KINDS))[kind], share)


def _customers(
    kind: Whole, cell: Whole, n_cells: int, new: np.ndarray, supplied: np.ndarray, homes: pd.DataFrame
) -> Floats:
    """Probability of being supplied, by kind: shape (n_homes, n_fuels, n_kinds); new homes take electricity."""
    customer = np.repeat(supplied.astype(float)[:, :, None], len(KINDS), axis=2)
    customer[new, 0] = 1.0
    for k in range(len(KINDS)):
        own = kind == k
        overall = (supplied[own, 1].sum() + 1.0) / (own.sum() + 2.0)
        with_gas, n = (np.bincount(cell[own], values, n_cells) for values in (supplied[own, 1], np.ones(own.sum())))
        customer[new, 1, k] = ((with_gas + SHARE_HOMES * overall) / (n + SHARE_HOMES))[cell[new]]
    customer[new & _says(homes, has=True), 1] = 1.0
    customer[new & _says(homes, has=False), 1] = 0.0
    return customer


def _says(homes: pd.DataFrame, *, has: bool) -> np.ndarray:
    """Homes of which somebody knows that they have, or have not, a gas meter."""
    if "gas_service" not in homes:
        return np.zeros(len(homes), dtype=bool)
    return homes["gas_service"].eq(has).fillna(value=False).to_numpy(bool)


def _mix(
    sums: list[BillSums],
    similar: list[list[Similar]],
    cell: Whole,
    bases: list[tuple[Whole, Whole]],
    share: Floats,
    customer: Floats,
    new: np.ndarray,
    supplied: np.ndarray,
) -> Use:
    """Weigh bills against each kind's similar homes, and mix the kinds by their probability."""
    found: list[list[Posterior]] = []
    noise: list[Floats] = []
    for f in range(len(FUELS)):
        expected = [np.abs(kind.mean[cell, 0]) for kind in similar[f]]
        fits = []
        variances = []
        for kind, level_of in zip(similar[f], expected, strict=True):
            usual = np.maximum((kind.noise * np.maximum(level_of, 1e-3)) ** 2, 1e-8)
            first = weigh(kind.mean[cell], kind.spread, sums[f], usual)
            variance = np.maximum(own_noise(sums[f], first, kind, level_of), 1e-8)
            fits.append(weigh(kind.mean[cell], kind.spread, sums[f], variance))
            variances.append(variance)
        found.append(fits)
        noise.append(np.stack(variances, axis=1))
    log_evidence = sum(
        np.stack([p.log_evidence for p in found[f]], axis=1) - 0.5 * sums[f].weight[:, None] * np.log(noise[f])
        for f in range(len(FUELS))
    )
    with np.errstate(divide="ignore"):
        score = np.log(share) + log_evidence
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    fuels = tuple(
        _collapsed(
            found[f], noise[f], weight * customer[:, f], (weight * customer[:, f]).sum(axis=1), sums[f], bases[f]
        )
        for f in range(len(FUELS))
    )
    enough = (sums[0].enough | ~supplied[:, 0]) & (sums[1].enough | ~supplied[:, 1])
    left = ~new & ~supplied.any(axis=1)
    standing = np.select([new, left, enough], ["new", "left", "billed"], "few bills")
    return Use(fuels, standing, weight)


def _collapsed(
    found: list[Posterior], noise: Floats, weight: Floats, customer: Floats, sums: BillSums, bases: tuple[Whole, Whole]
) -> FuelUse:
    """Mean and covariance of the mixture of kinds, one of which may be not being supplied at all."""
    mean, square = np.zeros_like(found[0].mean), np.zeros_like(found[0].covariance)
    for k, post in enumerate(found):
        mean += weight[:, [k]] * post.mean
        square += weight[:, k, None, None] * (post.covariance + post.mean[:, :, None] * post.mean[:, None, :])
    covariance = square - mean[:, :, None] * mean[:, None, :]
    average = np.divide(sums.xx[:, 0], sums.weight[:, None], out=np.zeros_like(mean), where=sums.weight[:, None] > 0)
    for slope in (2, 3):  # no home is heated by warmth: what such a slope would take away, its base load gives
        wrong = np.minimum(mean[:, slope], 0.0)
        mean[:, 0] += wrong * average[:, slope]
        mean[:, slope] -= wrong
    return FuelUse(mean, covariance, np.sqrt((weight * noise).sum(axis=1)), customer, *bases)
