"""A utility's history again, month by month as if it were live: what would each way of retraining have brought?

Three policies begin with the same first champion and meet the same months: never train again, train every month, and
train when the watch or enough new labels ask for it. Candidates, gate, watch and decision are those of everyday
service, and none of them sees a fact before it was known. A simulated utility tells afterwards what each answer was
worth.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import date
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError
from case_heating.release.candidate import HOLDOUT_MONTHS, TrainedModel
from case_heating.release.gate import PromotionDecision
from case_heating.schema import Tables
from case_heating.settings import Settings
from case_heating.watch.deliveries import Delivery
from case_heating.watch.history import TWO_FUELS, Month, walk_history
from case_heating.watch.releases import Candidate, judge_at, train_at
from case_heating.watch.replay_policy import ALWAYS, NEVER, POLICIES, POLICY, Lane, Rules, new_lane, wish_of

__all__ = ["ALWAYS", "NEVER", "POLICIES", "POLICY", "ErrorPrices", "Event", "Replay", "Rules", "replay"]

_MONTHS_LOOKED_BACK = HOLDOUT_MONTHS + 2  # no training looks at the features of an earlier month


@dataclass(frozen=True)
class ErrorPrices:
    """What a wrong answer costs. [USD]"""

    gas_called_electric_usd: float
    electric_called_gas_usd: float


@dataclass(frozen=True)
class Event:
    """What happened under a policy: ``promoted``, ``refused``, ``alarm``, ``labels``, ``repair`` or ``asked``."""

    as_of: date
    policy: str
    kind: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """What came of each policy.

    Attributes
    ----------
    stage : str
        Last data stage the models used.
    n_homes : int
        Homes of the utility.
    months : DataFrame, one row per policy and month
        ``policy``, ``as_of``, ``n_homes`` (gas and electric homes answered), ``accuracy``, ``accuracy_unseen`` (of
        homes whose fuel nobody had seen by then), ``new_labels`` and ``new_right`` (labels of the month, and how many
        of them the champion then in service had right), ``cost_usd_per_1000`` (of one answer to each home), ``event``
        and ``champion_of`` (the day the champion in service was trained).
    events : tuple of Event
        Everything that happened, oldest first.
    """

    stage: str
    n_homes: int
    months: pd.DataFrame
    events: tuple[Event, ...]

    def table(self) -> pd.DataFrame:
        """Sum each policy up.

        Returns
        -------
        DataFrame, one row per policy
            ``accuracy``, ``accuracy_last_year`` and ``accuracy_unseen`` (means over months), ``accuracy_new_labels``
            (pooled) and ``new_labels``, ``cost_usd_per_1000`` (mean over months), and how often each thing happened:
            ``trainings``, ``promotions``, ``refusals``, ``alarms`` and ``repairs``. The first champion, common to all,
            is not counted; months before it are not either.
        """
        served = self.months[self.months["as_of"] > self.months["as_of"].min()]
        by_policy = served.groupby("policy", sort=False)
        last_year = served[served["as_of"] > served["as_of"].max() - pd.DateOffset(years=1)]
        sums = by_policy[["new_labels", "new_right"]].sum()
        counts = pd.Series([(e.policy, e.kind) for e in self.events[len(POLICIES) :]], dtype=object).value_counts()

        def happened(*kinds: str) -> list[int]:
            return [int(sum(counts.get((policy, kind), 0) for kind in kinds)) for policy in sums.index]

        return pd.DataFrame(
            {
                "accuracy": by_policy["accuracy"].mean(),
                "accuracy_last_year": last_year.groupby("policy", sort=False)["accuracy"].mean(),
                "accuracy_unseen": by_policy["accuracy_unseen"].mean(),
                "accuracy_new_labels": sums["new_right"] / sums["new_labels"],
                "new_labels": sums["new_labels"],
                "cost_usd_per_1000": by_policy["cost_usd_per_1000"].mean(),
                "trainings": happened("promoted", "refused"),
                "promotions": happened("promoted"),
                "refusals": happened("refused"),
                "alarms": happened("alarm"),
                "repairs": happened("repair"),
            }
        )


def replay(
    tables: Tables,
    truth: pd.DataFrame,
    deliveries: Iterable[Delivery],
    *,
    moments: Sequence[date],
    first: date,
    stage: str,
    settings: Settings,
    prices: ErrorPrices,
    rules: Rules,
    code: str,
    progress: Callable[[str, float], None],
) -> Replay:
    """Live through the months.

    Parameters
    ----------
    tables : Tables
        Trusted tables of the whole record.
    truth : DataFrame
        Spells with one heating fuel, of the simulator.
    deliveries : iterable of Delivery
        One for each moment.
    moments : sequence of date
        The months' last days, rising, beginning with the months that the first training looks back to.
    first : date
        The moment at which the first champion is trained.
    stage : str
        Last data stage to use.
    settings : Settings
        Seed, folds, bootstrap rounds.
    prices : ErrorPrices
        What errors cost.
    rules : Rules
        How the policy watches and decides, and the gate's limits.
    code : str
        Name of the code, for the lineage of the models.
    progress : callable
        Told what is being done.

    Raises
    ------
    NotEnoughDataError
        If the first champion cannot be trained, or the gate refuses it.
    """
    world = _World(tables, settings, prices, rules)
    past: list[Month] = []
    lanes: dict[str, Lane] = {}
    rows: list[dict[str, object]] = []
    events: list[Event] = []
    history = walk_history(tables, moments, stage=stage, truth=truth)
    for number, (month, delivery) in enumerate(zip(history, deliveries, strict=True)):
        progress(f"replaying {month.as_of:%Y-%m}", number / len(moments))
        past = [*past[-_MONTHS_LOOKED_BACK:], month]
        if month.as_of < first:
            continue
        # Policies that train in the same month train the same candidate: it is made once.
        train = cache(partial(train_at, past, tables, stage=stage, settings=settings, code=code))
        if not lanes:
            champion = _first_champion(train(), month, delivery, world)
            lanes = {name: new_lane(name, champion, past) for name in POLICIES}
            events += [Event(month.as_of, name, "promoted", ("it is the first one",)) for name in POLICIES]
            rows += [_measure(lane, lane, month, None, prices, "promoted") for lane in lanes.values()]
            continue
        for name, before in lanes.items():
            lane, happened = _live(before, past, delivery, train, world)
            lanes[name] = lane
            events += happened
            rows.append(_measure(before, lane, month, past[-2], prices, happened[-1].kind if happened else ""))
    if not lanes:
        raise NotEnoughDataError(f"no month of the history reaches {first}, when the first champion is to be trained")
    progress("replayed", 1.0)
    return Replay(stage, len(tables["homes"]), pd.DataFrame(rows), tuple(events))


@dataclass(frozen=True)
class _World:
    """What stays the same through the months."""

    tables: Tables
    settings: Settings
    prices: ErrorPrices
    rules: Rules


def _live(
    before: Lane, past: Sequence[Month], delivery: Delivery, train: Callable[[], Candidate], world: _World
) -> tuple[Lane, list[Event]]:
    """Live through one month under one policy: watch, decide, train, judge."""
    month = past[-1]
    lane, wish = wish_of(before, month, world.tables, delivery, world.rules)
    happened = [Event(month.as_of, lane.name, kind, reasons) for kind, reasons in wish.told]
    if wish.retrain:
        lane = changed(lane, trained_on=month.as_of)
        decision = _judged(train(), lane.champion, month, delivery, world)
        outcome = "promoted" if decision.promote else "refused"
        happened.append(Event(month.as_of, lane.name, outcome, decision.reasons))
        if decision.promote:
            lane = new_lane(lane.name, train().trained, past)
    return lane, happened


def _judged(
    candidate: Candidate, champion: TrainedModel | None, month: Month, delivery: Delivery, world: _World
) -> PromotionDecision:
    return judge_at(
        candidate, champion, month, world.tables, delivery, limits=world.rules.gate, settings=world.settings
    )


def _first_champion(candidate: Candidate, month: Month, delivery: Delivery, world: _World) -> TrainedModel:
    decision = _judged(candidate, None, month, delivery, world)
    if not decision.promote:
        raise NotEnoughDataError(
            f"the first candidate, of {month.as_of}, was refused by the gate ({'; '.join(decision.reasons)}); begin "
            "later, or with more homes"
        )
    return candidate.trained


def _measure(
    before: Lane, after: Lane, month: Month, last: Month | None, prices: ErrorPrices, event: str
) -> dict[str, object]:
    """Weigh the answers of a month by what was true; new labels are met by the champion that served when they came."""
    answered = month.true_fuel.isin(TWO_FUELS).to_numpy()
    is_gas = (month.true_fuel[answered] == "gas").to_numpy()
    says_gas = _says_gas(after.champion, month.features[answered])
    right = says_gas == is_gas
    unseen = ~month.features.index[answered].isin(month.labels["home_id"])
    usd = (
        prices.gas_called_electric_usd * (is_gas & ~says_gas).sum()
        + prices.electric_called_gas_usd * (~is_gas & says_gas).sum()
    )
    new = month.fuel if last is None else month.fuel[month.fuel.index.isin(_heard_since(month, last))]
    new_right = _says_gas(before.champion, month.features.loc[new.index]) == (new == "gas").to_numpy()
    return {
        "policy": after.name,
        "as_of": pd.Timestamp(month.as_of),
        "n_homes": int(answered.sum()),
        "accuracy": float(right.mean()),
        "accuracy_unseen": float(right[unseen].mean()),
        "new_labels": len(new),
        "new_right": int(new_right.sum()),
        "cost_usd_per_1000": float(1000 * usd / answered.sum()),
        "event": event,
        "champion_of": pd.Timestamp(after.champion.lineage.as_of),
    }


def _heard_since(month: Month, last: Month) -> pd.Series:
    return month.labels.loc[month.labels["known_at"] > pd.Timestamp(last.as_of), "home_id"]


def _says_gas(champion: TrainedModel, features: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return champion.model.probability_of_gas(features) >= champion.thresholds.gas_from
