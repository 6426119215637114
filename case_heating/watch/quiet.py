"""A utility to which nothing happens but weather, prices and everyday mess: what drills are held in.

Cut from the embedded utility: the homes of its scripted heat-pump rebate and of its new suburb are left out, and the
month reported in Wh is known only as it was corrected. Severe and warm winters stay, as does the jump in prices: a
watch that cries at them is no use.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from case_heating.data.simulate import simulate
from case_heating.data.territory import SUBURB
from case_heating.data.unit_slips import superseded
from case_heating.data.validate import check_tables
from case_heating.schema import Tables

RESERVE_SHARE = 0.5  # of the electric homes: they are no customers yet, and join in some drills
CHECK_DAY = date(2026, 11, 1)  # after the end of the record: nothing in it lies in the future
PROMPT_DAYS = 5  # a correction is as prompt as a bill where nothing went wrong


@dataclass(frozen=True)
class Customers:
    """Trusted tables of some homes, and their true heating fuels."""

    tables: Tables
    truth: pd.DataFrame


@dataclass(frozen=True)
class World:
    """A utility whose truth is known.

    Attributes
    ----------
    tables : Tables
        Trusted tables.
    truth : DataFrame
        ``home_id``, ``heating_fuel``, ``from_date``: one row per spell with one fuel.
    reserve : Customers
        Electric homes that are no customers yet.
    """

    tables: Tables
    truth: pd.DataFrame
    reserve: Customers

    def fuel_at(self, moment: date, homes: pd.Index) -> pd.Series:
        """Say what each home really heats with at a moment; missing before its first spell."""
        past = self.truth[self.truth["from_date"] <= pd.Timestamp(moment)]
        latest = past.sort_values("from_date", kind="stable").drop_duplicates("home_id", keep="last")
        return latest.set_index("home_id")["heating_fuel"].reindex(homes)


def quiet_world(*, homes: int, seed: int) -> World:
    """Simulate a utility and take everything scripted out of it; the same arguments give the same world."""
    utility = simulate(homes=homes, seed=seed)
    spells = utility.truth[["home_id", "heating_fuel", "from_date"]]
    raw = utility.tables
    moved = spells.loc[spells["home_id"].duplicated(), "home_id"]
    quiet = raw["homes"].loc[~(raw["homes"]["district"] == SUBURB) & ~raw["homes"]["home_id"].isin(moved), "home_id"]
    kept = homes_of(raw, pd.Index(quiet))
    kept["bills"] = _as_corrected(kept["bills"])
    tables = check_tables(kept, as_of=None, today=CHECK_DAY).tables
    truth = spells[spells["home_id"].isin(quiet)]
    electric = np.sort(truth.loc[truth["heating_fuel"] == "electricity", "home_id"].to_numpy())
    held = pd.Index(np.random.default_rng(seed).permutation(electric)[: round(RESERVE_SHARE * len(electric))])
    base = pd.Index(quiet[~quiet.isin(held)])
    return World(
        homes_of(tables, base),
        truth[truth["home_id"].isin(base)].reset_index(drop=True),
        Customers(homes_of(tables, held), truth[truth["home_id"].isin(held)].reset_index(drop=True)),
    )


def homes_of(tables: Tables, homes: pd.Index) -> Tables:
    """Keep the rows of some homes; tables that know no homes stay whole."""
    return {
        name: frame[frame["home_id"].isin(homes)].reset_index(drop=True) if "home_id" in frame else frame
        for name, frame in tables.items()
    }


def _as_corrected(bills: pd.DataFrame) -> pd.DataFrame:
    """Know each bill once, in its last version, a few days after its end if it had been corrected."""
    was_wrong = superseded(bills)
    key = ["home_id", "fuel", "start"]
    wrong = pd.MultiIndex.from_frame(bills.loc[was_wrong, key].drop_duplicates())
    last = bills[~was_wrong].drop_duplicates(key)
    corrected = pd.MultiIndex.from_frame(last[key]).isin(wrong)
    prompt = last["end"] + pd.Timedelta(days=PROMPT_DAYS)
    return last.assign(known_at=last["known_at"].mask(corrected, prompt)).reset_index(drop=True)
