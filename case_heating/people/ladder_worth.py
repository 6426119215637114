"""What each source of data is worth: homes answered right, and USD a year that wrong answers and reviews cost.

The money is reckoned on homes whose fuel is known and that were held out. Each is routed as the review queue routes:
where the machine is sure its answer is taken, and costs what a wrong answer costs if it is wrong; the others cost a
review. The mean over these homes, times the homes that are answered in a year, is the cost of a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from case_heating.errors import NotEnoughDataError, WorkspaceError
from case_heating.features.stages import FEATURE
from case_heating.model.ladder import Ladder, Rung
from case_heating.model.quality import Figure
from case_heating.people.cost_words import usd, usd_span
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.routing import home_costs, route
from case_heating.people.words import STAGE_NAMES, STAGE_NEEDS, STAGE_SUBJECTS, of_100, span_in_points, stage_name

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LANES = ("homes held out", "new region", "labelled later")
"""How answers are judged: on homes held out, on whole regions held out, on later labels."""

_Z = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


@dataclass(frozen=True)
class StageWorth:
    """One stage of data, in homes and in USD.

    Attributes
    ----------
    stage : str
    right, naive : Figure
        Share of held-out homes answered right, by the machine and by the naive answer.
    region, later : Figure or None
        The same with whole regions held out, and of homes labelled after the model was trained.
    step : Figure or None
        What it adds to the stage before in shares of homes; none on the first stage.
    usd_a_year : Figure
        Wrong answers and reviews of all homes answered in a year. [USD/year]
    wrong_usd, reviews_usd : float
        Its two parts. [USD/year]
    reviewed : float
        Share of homes that people look at.
    saves_usd : Figure or None
        Less cost than at the stage before, on the same homes; none on the first stage. [USD/year]
    region_naive, later_naive : Figure or None
        Share right of the naive answer on regions held out and on later labels: it knows other neighbours there.
    """

    stage: str
    right: Figure
    naive: Figure
    region: Figure | None
    later: Figure | None
    step: Figure | None
    usd_a_year: Figure
    wrong_usd: float
    reviews_usd: float
    reviewed: float
    saves_usd: Figure | None
    region_naive: Figure | None = None
    later_naive: Figure | None = None


@dataclass(frozen=True)
class LadderWorth:
    """What the stages a source reaches are worth.

    Attributes
    ----------
    stages : tuple of StageWorth
        In their order.
    not_reached : tuple of str
        Stages of which the source knows too little.
    costs : ReviewCosts
        The prices of a wrong answer and of a review.
    n_known : int
        Homes the means are taken over.
    n_homes : int
        Homes answered in a year.
    naive_usd, review_all_usd : float
        Cost if the naive answer is taken for every home, and if people look at every home. [USD/year]
    """

    stages: tuple[StageWorth, ...]
    not_reached: tuple[str, ...]
    costs: ReviewCosts
    n_known: int
    n_homes: int
    naive_usd: float
    review_all_usd: float

    def next_after(self, stage: str) -> StageWorth | None:
        """Give the stage that comes next; nothing after the last one.

        Raises
        ------
        KeyError
            If the source does not reach the stage.
        """
        names = [each.stage for each in self.stages]
        if stage not in names:
            raise KeyError(stage)
        return self.stages[names.index(stage) + 1] if stage != names[-1] else None

    def __getitem__(self, stage: str) -> StageWorth:
        for each in self.stages:
            if each.stage == stage:
                return each
        raise KeyError(stage)

    def lanes(self) -> pd.DataFrame:
        """Lay out how many of 100 homes are answered right, for a chart.

        Returns
        -------
        DataFrame, a row per stage and lane
            ``stage``, ``name``, ``lane`` (one of :data:`LANES`), ``right``, ``low``, ``high`` and ``naive`` (right by
            the naive answer, of the same homes), of 100 homes.
        """
        rows = []
        for each in self.stages:
            figures = (each.right, each.naive), (each.region, each.region_naive), (each.later, each.later_naive)
            for lane, (figure, naive) in zip(LANES, figures, strict=True):
                if figure is not None:
                    right, low, high = (100 * value for value in (figure.value, figure.low, figure.high))
                    rival = np.nan if naive is None else 100 * naive.value
                    rows.append((each.stage, STAGE_NAMES[each.stage], lane, right, low, high, rival))
        return pd.DataFrame(rows, columns=["stage", "name", "lane", "right", "low", "high", "naive"])

    def table(self) -> pd.DataFrame:
        """One row per stage, for people to read: shares in homes of 100, money in USD a year."""
        rows = [
            {
                "we know": stage_name(each.stage),
                "right, of 100 homes": 100 * each.right.value,
                "95 % from": 100 * each.right.low,
                "95 % to": 100 * each.right.high,
                "naive answer, of 100": 100 * each.naive.value,
                "new region, of 100": _of_100_or_none(each.region),
                "naive there, of 100": _of_100_or_none(each.region_naive),
                "labelled later, of 100": _of_100_or_none(each.later),
                "naive then, of 100": _of_100_or_none(each.later_naive),
                "for people, of 100": 100 * each.reviewed,
                "wrong answers, USD a year": each.wrong_usd,
                "reviews, USD a year": each.reviews_usd,
                "together, USD a year": each.usd_a_year.value,
                "saves, USD a year": np.nan if each.saves_usd is None else each.saves_usd.value,
            }
            for each in self.stages
        ]
        return pd.DataFrame(rows)


def weigh_ladder(ladder: Ladder, is_gas: Bools, costs: ReviewCosts, *, n_homes: int) -> LadderWorth:
    """Say what each stage is worth.

    Parameters
    ----------
    ladder : Ladder
        With the held-out probabilities of each rung.
    is_gas : ndarray of bool, shape (n_labelled_homes,)
        The known answers, row for row.
    costs : ReviewCosts
        Prices of a wrong answer and of a review.
    n_homes : int
        Homes answered in a year.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than two homes with a known answer.
    WorkspaceError
        If the ladder was climbed with other homes.
    """
    n_judged = len(ladder.rungs[0].probability)
    if n_judged != len(is_gas):
        raise WorkspaceError(
            f"the models were judged on {n_judged:,} homes and {len(is_gas):,} have a known fuel by now: a run was "
            "stopped before it came to the models. 'heating run' goes on from there"
        )
    if len(is_gas) < 2:
        raise NotEnoughDataError(f"{len(is_gas)} home has a known answer; what answers cost needs many: bring labels")
    stages: list[StageWorth] = []
    before: Floats | None = None
    for rung in ladder.rungs:
        routed = route(pd.Series(rung.probability), costs)
        usd_by_home = home_costs(routed, is_gas, costs)
        accepted = routed["accepted"].to_numpy(dtype=bool)
        stages.append(
            StageWorth(
                stage=rung.stage,
                right=rung.by_home.model["accuracy"],
                naive=rung.by_home.rival["accuracy"],
                region=None if rung.by_region is None else rung.by_region.model["accuracy"],
                later=None if rung.by_time is None else rung.by_time.model["accuracy"],
                step=rung.step,
                usd_a_year=_a_year(usd_by_home, n_homes),
                wrong_usd=n_homes * float(usd_by_home[accepted].sum()) / len(is_gas),
                reviews_usd=n_homes * float(usd_by_home[~accepted].sum()) / len(is_gas),
                reviewed=float((~accepted).mean()),
                saves_usd=None if before is None else _a_year(before - usd_by_home, n_homes),
                region_naive=None if rung.by_region is None else rung.by_region.rival["accuracy"],
                later_naive=None if rung.by_time is None else rung.by_time.rival["accuracy"],
            )
        )
        before = usd_by_home
    naive_usd = n_homes * _naive_usd_per_home(ladder.rungs[0], is_gas, costs)
    return LadderWorth(
        tuple(stages), ladder.not_reached, costs, len(is_gas), n_homes, naive_usd, n_homes * costs.review_usd
    )


def today_in_words(worth: LadderWorth, stage: str) -> str:
    """Say how good the answer is with what is known today, and what it costs."""
    now = worth[stage]
    return (
        f"With what is known up to “{stage_name(stage)}”, {of_100(now.right.value)} homes are answered right; the "
        f"naive answer is right for {of_100(now.naive.value)}. Wrong answers and reviews of {worth.n_homes:,} homes "
        f"cost {usd(now.usd_a_year.value)} a year."
    )


def next_in_words(worth: LadderWorth, stage: str) -> str:
    """Say what the next source of data buys, in homes and in USD, and whether chance alone could explain it."""
    following = worth.next_after(stage)
    if following is None or following.step is None or following.saves_usd is None:
        none = f"{STAGE_SUBJECTS[stage]} is the last source this utility has: there is none to buy."
        return f"{none} {_worth_of(worth[stage], it='It')}".rstrip()
    return f"{_worth_of(following, it=STAGE_SUBJECTS[following.stage])} It takes {STAGE_NEEDS[following.stage]}."


def _worth_of(each: StageWorth, *, it: str) -> str:
    """Say what a source makes right and saves beside the stage before; nothing of the first."""
    if each.step is None or each.saves_usd is None:
        return ""
    step, saves = each.step, each.saves_usd
    number = f"{abs(100 * step.value):.1f}"
    if step.is_above_zero:
        homes = f"makes {number} more of 100 answers right (95 % interval {span_in_points(step)})"
    elif step.high < 0:
        homes = f"makes {number} fewer of 100 answers right (95 % interval {span_in_points(step)})"
    else:
        homes = f"makes no more answers right than chance could ({span_in_points(step)} of 100)"
    if saves.is_above_zero:
        money = f"saves {usd(saves.value)} a year ({usd_span(saves.low, saves.high)}): worth its price up to that"
    elif saves.high < 0:
        money = f"costs {usd(-saves.value)} a year more ({usd_span(-saves.high, -saves.low)})"
    else:
        money = f"saves no more than chance could ({usd_span(saves.low, saves.high)} a year)"
    return f"{it} {homes} and {money}."


def reckoning_in_words(worth: LadderWorth) -> str:
    """Say how the money is reckoned, with the prices it is reckoned with."""
    costs = worth.costs
    gas, electric = usd(costs.gas_called_electric_usd), usd(costs.electric_called_gas_usd)
    return (
        f"Each of {worth.n_known:,} homes whose fuel is known was answered by a model that had not seen it. Where the "
        f"machine is sure enough, its answer is taken: a gas home called electric costs {gas}, an electric home called "
        f"gas {electric}, a right answer nothing. The others are looked at by people for {usd(costs.review_usd)} each. "
        f"The mean of these homes, times {worth.n_homes:,} homes answered once a year, is the cost of a year. What "
        "data cost to buy and to keep is not in it. It is taken for granted that homes nobody has looked at are like "
        "those somebody has."
    )


def known_for_most(features: pd.DataFrame, stages: Sequence[str]) -> str:
    """Give the last stage of which most homes have a fact: what is known today.

    The gas bills are asked of homes that may have a gas meter, since the others rightly have none.

    Parameters
    ----------
    features : DataFrame, shape (n_homes, n_features)
        What is known of all homes.
    stages : sequence of str
        The stages that models were made for, in their order.
    """
    for stage in reversed(stages):
        own = [name for name in features if FEATURE[name].stage == stage]
        asked = features
        if stage == "gas_bills" and "gas_service" in features:
            asked = features[features["gas_service"] != 0]
        if own and len(asked) and asked[own].notna().any(axis="columns").mean() > 0.5:
            return stage
    return stages[0]


def _of_100_or_none(figure: Figure | None) -> float:
    return np.nan if figure is None else 100 * figure.value


def _a_year(usd_by_home: Floats, n_homes: int) -> Figure:
    """Mean over homes, times the homes of a year, with its 95 % interval."""
    mean = float(usd_by_home.mean())
    half = _Z * float(usd_by_home.std(ddof=1)) / np.sqrt(len(usd_by_home))
    return Figure(n_homes * mean, n_homes * (mean - half), n_homes * (mean + half))


def _naive_usd_per_home(rung: Rung, is_gas: Bools, costs: ReviewCosts) -> float:
    """Cost of taking the naive answer for every home, from how many homes of each fuel it misses."""
    missed_gas, missed_electric = (1 - rung.by_home.rival[f"recall_{fuel}"].value for fuel in ("gas", "electricity"))
    gas = float(is_gas.mean())
    return (
        gas * missed_gas * costs.gas_called_electric_usd + (1 - gas) * missed_electric * costs.electric_called_gas_usd
    )
