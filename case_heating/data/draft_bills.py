"""What only bills need to be asked: which fuel a column is of, and whether a period's last day still belongs to it."""

from dataclasses import replace

import pandas as pd

from case_heating.data import bring_cells as cells
from case_heating.data.draft_columns import FUEL_OF_UNIT, Proposal

MOSTLY = 0.8  # share of consecutive bills that settles a question; the others are gaps, corrections, move-outs


def bills_by_fuel(proposals: list[Proposal]) -> list[list[Proposal]]:
    """Part usage and cost columns of electricity and gas into blocks of their own, and say which fuel each is of."""
    if any(proposal.target == "fuel" for proposal in proposals):
        return [[_with_units_of_both(proposal) for proposal in proposals]]
    proposals = [replace(proposal, fuel=proposal.fuel or _fuel_by_unit(proposal)) for proposal in proposals]
    measures = [proposal for proposal in proposals if _is_measure(proposal)]
    fuels = sorted({proposal.fuel for proposal in measures if proposal.fuel is not None})
    if not fuels:
        asked = Proposal("fuel", "", {"value": "electricity"}, "unsure", "no column says it", ({"value": "gas"},))
        return [[asked, *proposals]]
    blocks = []
    for fuel in fuels:
        told = next(proposal for proposal in measures if proposal.fuel == fuel)
        # a column of kWh alone may hold gas too, where gas is sold by energy
        certain = fuel == "gas" or len(fuels) > 1 or _fuel_by_unit(told) is None
        reason = f"{told.source!r} says so" if certain else f"{told.source!r}: is all of it electricity?"
        constant = Proposal("fuel", "", {"value": fuel}, "likely" if certain else "unsure", reason)
        own = [proposal for proposal in proposals if proposal.fuel in (None, fuel)]
        blocks.append([constant, *(_of_which_fuel(proposal) if len(fuels) > 1 else proposal for proposal in own)])
    return blocks


def ask_about_ends(proposals: list[Proposal], frame: pd.DataFrame) -> list[Proposal]:
    """Say, or ask, whether the day given as a bill's end still belongs to the bill.

    Where both dates are there the next bill of the same home tells: it starts on the end, or on the day after it.
    """
    by_target = {proposal.target: proposal for proposal in reversed(proposals)}
    end = by_target.get("end")
    if end is None or end.answers:
        return proposals
    inclusive = end.entry | {"inclusive": True}
    days_until_next = _days_until_next(by_target, frame)
    if (days_until_next == 0).mean() >= MOSTLY:
        told = replace(end, reason=f"{end.reason}; the next bill starts on this day")
    elif (days_until_next == 1).mean() >= MOSTLY:
        told = replace(end, entry=inclusive, reason=f"{end.reason}; the next bill starts a day later")
    else:
        asked = f"{end.reason}; does this day itself still belong to the bill (inclusive)?"
        told = replace(end, confidence="unsure", reason=asked, answers=(inclusive,))
    return [told if proposal is end else proposal for proposal in proposals]


def _days_until_next(by_target: dict[str, Proposal], frame: pd.DataFrame) -> "pd.Series[float]":
    """Count the days from each bill's end to the start of the same home's, and fuel's, next bill."""
    if not {"home_id", "start", "end"} <= set(by_target):
        return pd.Series(dtype="float64")
    owner = [cells.read_texts(frame[by_target[name].source]) for name in ("home_id", "fuel") if name in by_target]
    start, end = (
        cells.read_dates(cells.read_texts(frame[by_target[name].source]), pattern=by_target[name].entry.get("format"))
        for name in ("start", "end")
    )
    bills = pd.DataFrame({"start": start.meaning, "end": end.meaning}).sort_values("start")
    following = bills["start"].groupby([texts.reindex(bills.index) for texts in owner]).shift(-1)
    return (following - bills["end"]).dt.days.dropna()


def _is_measure(proposal: Proposal) -> bool:
    return proposal.target in ("usage", "cost_usd")


def _of_which_fuel(proposal: Proposal) -> Proposal:
    """Ask which fuel a cost or usage is of, where the file has both and the name does not tell."""
    if proposal.fuel is not None or not _is_measure(proposal):
        return proposal
    return replace(proposal, confidence="unsure", reason=f"{proposal.reason}; of which fuel, or of both?")


def _fuel_by_unit(proposal: Proposal) -> str | None:
    """Tell the fuel from a unit that the column's name states; a unit that is only asked about tells nothing."""
    return None if proposal.answers else FUEL_OF_UNIT.get(proposal.entry.get("unit", ""))


def _with_units_of_both(proposal: Proposal) -> Proposal:
    """Ask for a unit for each fuel where one column holds the usage of both."""
    if proposal.target != "usage" or not proposal.answers:
        return proposal
    first, *others = (
        proposal.entry | {"unit": {"electricity": "kWh", "gas": unit}} for unit in ("therm", "CCF", "MCF", "m³")
    )
    return replace(proposal, entry=first, answers=tuple(others))
