# ---
# number: "07"
# title: "What will it cost: intervals that keep their word"
# level: 0
# minutes: 75
# teaches:
#   - case_heating.model.cost
#   - case_heating.model.cost_held_out
#   - case_heating.model.cost_calibration
#   - case_heating.model.cost_mixture
# ---
# %% [markdown]
# # 07 · What will it cost: intervals that keep their word
#
# **After this lesson you can**
#
# - say how far off a forecast of a year's cost is, beside the naive forecast;
# - measure whether a 90 % interval holds nine homes of ten, and for *whom* it does not;
# - repair an interval with homes that were held out (conformal calibration);
# - forecast the cost of a home whose heating fuel nobody knows.
#
# A family moves into a house and calls: *what shall we set aside for energy this year?* There is no bill of theirs yet, and
# nobody knows whether the house heats with gas. The clerk in the call centre reads "2,800 dollars" from the screen. A
# year later the family has paid 4,100 and is angry, and rightly so: the screen knew very well that it might be so. Today it learns to say it.
# %%
import altair as alt
import numpy as np
import pandas as pd

from case_heating.features.known import known_labels
from case_heating.model.cost import cost_features, year_costs
from case_heating.model.cost_held_out import learn_cost, naive_cost
from case_heating.model.cost_mixture import mixture_quantile
from course.desk import open_utility, real, show

utility = open_utility()
trusted = utility.trusted.value
homes = trusted.tables["homes"].set_index("home_id")
# %% [markdown]
# ## What homes pay
#
# `year_costs` adds up what each home was billed in its last twelve months. `cost_features` gives what is known of a home
# *before* it has any bill of its own: where it is, what kind of dwelling, how old and how large.
# %% [predict]
# Line up all homes by what they pay. How many times as much as the one in the middle does the home at 95 of 100 pay?
# A: one and a half times  B: two times or more  C: ten times
# %%
paid = year_costs(trusted.tables, as_of=trusted.as_of)
known_before_any_bill = cost_features(utility.features.value, "property", bills=False)

middle, dear = paid["total"].quantile([0.5, 0.95])
print(f"The middle home pays {middle:,.0f} USD a year, the one at 95 of 100 pays {dear:,.0f} USD.")
show(
    alt.Chart(paid.round(-2).value_counts("total").reset_index())
    .mark_bar()
    .encode(
        alt.X("total", title="electricity and gas together [USD a year]", scale=alt.Scale(nice=False)),
        alt.Y("count", title="homes in each 100 USD"),
    )
    .properties(width=600, height=200)
)
# %% [markdown]
# A long tail to the right: hardly anybody pays nothing, and some pay several times the middle. Remember the shape. An interval that
# reaches equally far to both sides will not fit it.
#
# ## How far off is one number?
#
# `learn_cost` holds every home out once: what it says of a home comes from a model that has not seen it, and it is not told the
# home's fuel either. It takes a few seconds.
# %%
fuel = known_labels(trusted.tables["labels"], as_of=trusted.as_of)
model, held_out = learn_cost(known_before_any_bill, fuel, paid, stage="property", folds=3, seed=0, threads=1)
held_out[["true_usd", "total_usd", "gas_probability", "fold"]].head()
# %% [markdown]
# `true_usd` is what was paid, `total_usd` what the model says. The naive rival needs no model: the mean of homes of the
# same kind in the same region. `naive_cost` gives it, computed from the homes of the other folds.
# %% [predict]
# How much smaller is the model's mean error than the naive one? A: about 50 of 100  B: about 30 of 100  C: less than 20 of 100
# %% [exercise] mean_errors
# How far off is each of them, on average, in USD a year? Mind the sign: 500 too much and 500 too little do not cancel.
said_naively = naive_cost(held_out, homes.loc[held_out.index])
model_error_usd = (held_out["total_usd"] - held_out["true_usd"]).mean()
naive_error_usd = (said_naively - held_out["true_usd"]).mean()
mean_errors = (model_error_usd, naive_error_usd)
# %% [solution] mean_errors
said_naively = naive_cost(held_out, homes.loc[held_out.index])
model_error_usd = (held_out["total_usd"] - held_out["true_usd"]).abs().mean()
naive_error_usd = (said_naively - held_out["true_usd"]).abs().mean()
mean_errors = (model_error_usd, naive_error_usd)
# %% [check] mean_errors
said = naive_cost(held_out, homes.loc[held_out.index])
gap, naive_gap = held_out["total_usd"] - held_out["true_usd"], said - held_out["true_usd"]
exercise(
    right=(gap.abs().mean(), naive_gap.abs().mean()),
    within=0.5,
    wrong={
        "Too much and too little have cancelled each other: take the size of each error before the mean.": (
            gap.mean(),
            naive_gap.mean(),
        ),
        "These are root mean squares, in which a few dear homes count most. Ask for the mean size.": (
            (gap**2).mean() ** 0.5,
            (naive_gap**2).mean() ** 0.5,
        ),
        "The right two, the other way round: the model first, then the naive one.": (
            naive_gap.abs().mean(),
            gap.abs().mean(),
        ),
    },
    otherwise="500 too much for one home and 500 too little for the next: how far off is that, on average?",
)
# %%
model_error_usd, naive_error_usd = mean_errors
print(
    f"model {model_error_usd:,.0f} USD, naive {naive_error_usd:,.0f} USD: {100 * (1 - model_error_usd / naive_error_usd):.0f} of 100 less"
)
# %% [markdown]
# Sobering. What makes one home dearer than its neighbour is mostly not in the assessor's record: how warm they like it, how many
# they are, what they plug in. On real homes it is the same: on those of the survey of 2015 the model is off by {cost_mae_usd} USD a year where the naive
# mean is off by {cost_naive_mae_usd}. A better learner will not mend that. **If the number cannot be made much better, say how
# good it is.**
#
# ## A first interval, and for whom it lies
#
# The textbook's interval: the forecast, plus and minus 1.645 standard deviations of the error. If errors were spread as the bell curve says, nine of ten
# homes would lie within. (Look at its width, and where the cheapest homes' intervals begin.)
# %%
reach = 1.645 * (held_out["total_usd"] - held_out["true_usd"]).std()
first_try = pd.DataFrame({"low": held_out["total_usd"] - reach, "high": held_out["total_usd"] + reach})
print(f"plus and minus {reach:,.0f} USD; {(first_try['low'] < 0).mean():.0%} of the intervals begin below nothing")


# %% [exercise] coverage
# Write the measure of an interval's honesty: the share of true costs that lie in it, ends included.
def coverage(true, low, high):
    return (true <= high).mean()


# %% [solution] coverage
def coverage(true, low, high):
    return ((true >= low) & (true <= high)).mean()


# %% [check] coverage
true, low, high = (np.array(row, dtype=float) for row in ([1, 2, 3, 6], [1, 3, 2, 4], [2, 4, 4, 5]))
exercise(
    right=lambda true, low, high: ((true >= low) & (true <= high)).mean(),
    on=[(true, low, high), (true, low, true), (true, true, high), (true, true + 1, high + 1)],
    wrong={
        "You ask only whether the true cost is below the upper end; it may lie below the lower one as well.": lambda true, low, high: (
            (true <= high).mean()
        ),
        "You ask only whether the true cost is above the lower end; it may lie above the upper one as well.": lambda true, low, high: (
            (true >= low).mean()
        ),
        "A cost that lies just on an end counts as inside.": lambda true, low, high: (
            (true > low) & (true < high)
        ).mean(),
        "That is the share outside.": lambda true, low, high: 1 - ((true >= low) & (true <= high)).mean(),
        "That is how many lie inside; their share is asked for.": lambda true, low, high: (
            (true >= low) & (true <= high)
        ).sum(),
    },
    otherwise="An interval has two ends, and a true cost must pass both.",
)
# %% [predict]
# Overall the first interval holds close to 90 of 100. Now part the homes by how much they are forecast to pay. In the dearest
# quarter it holds: A: about 90 as well  B: fewer  C: more
# %%
quarter = pd.qcut(held_out["total_usd"], 4, labels=["cheapest quarter", "second", "third", "dearest quarter"])


def coverage_by_quarter(low, high):
    cells = pd.DataFrame({"quarter": quarter, "true": held_out["true_usd"], "low": low, "high": high}).groupby(
        "quarter", observed=True
    )
    return cells.apply(lambda own: 100 * coverage(own["true"], own["low"], own["high"]))


first = coverage_by_quarter(first_try["low"], first_try["high"])
print(f"all homes: {100 * coverage(held_out['true_usd'], first_try['low'], first_try['high']):.1f} of 100 inside")
first.round(1)
# %% [markdown]
# **An average can keep its word while nobody's own interval does.** The cheap homes get an interval far too wide, which even promises them that they
# may pay less than nothing; the dear ones, who call when it goes wrong, get one too narrow. Two repairs:
#
# 1. let the model say the *ends* itself: LightGBM fits the 5th, 25th, 50th, 75th and 95th of 100 (`case_heating.model.cost`), on the
#    logarithm, since errors grow with the bill;
# 2. do not believe the model about its own ends. Look where true costs of **held-out** homes fell, and move the ends until nine of
#    ten are inside. This is *conformal calibration*.
#
# ## Calibrate it yourself
#
# Give each held-out home a *position*: the probability its forecast gave to "no more than what was really paid". Were all forecasts
# perfect, positions would be spread evenly between 0 and 1. Here are positions of a forecaster who is too sure of himself: too many homes surprise
# him, so that positions crowd at both ends.
# %%
too_sure = np.random.default_rng(7).beta(0.6, 0.6, size=999)
show(
    alt.Chart(pd.DataFrame({"position": too_sure}))
    .mark_bar()
    .encode(
        alt.X(
            "position",
            bin=alt.Bin(maxbins=20),
            title="position of the true cost in its forecast",
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1]),
        ),
        alt.Y("count()", title="homes"),
    )
    .properties(width=600, height=160)
)


# %% [exercise] ends
# Which two positions leave 5 of 100 of these homes below and 5 of 100 above? Sort, and count in from either side:
# with n homes, step `floor(0.05 * (n + 1))` places in. (The `+ 1` is for the home to come: it is one more of the same kind.)
def ends(position):
    return 0.05, 0.95


# %% [solution] ends
def ends(position):
    ranked = np.sort(position)
    outside = int(np.floor(0.05 * (len(ranked) + 1)))
    return ranked[outside - 1], ranked[len(ranked) - outside]


# %% [check] ends
def right_ends(position, tail=0.05):
    ranked = np.sort(position)
    outside = int(np.floor(tail * (len(ranked) + 1)))
    return ranked[outside - 1], ranked[len(ranked) - outside]


def unsorted_ends(position):
    outside = int(np.floor(0.05 * (len(position) + 1)))
    return position[outside - 1], position[len(position) - outside]


def one_too_far_in(position):
    ranked = np.sort(position)
    outside = int(np.floor(0.05 * (len(ranked) + 1)))
    return ranked[outside], ranked[len(ranked) - outside - 1]


exercise(
    right=right_ends,
    on=[(too_sure,), (np.random.default_rng(3).random(199),)],
    within=1e-9,
    wrong={
        "Those are the ends of a forecaster who can be believed. Ask the held-out homes instead.": lambda position: (
            0.05,
            0.95,
        ),
        "You leave 10 of 100 outside on each side, so only 80 inside.": lambda position: right_ends(
            position, tail=0.10
        ),
        "Sort the positions before you count in from the sides.": unsorted_ends,
        "One place too far in: Python counts from 0, so that the first from the left has place 0 and the first from the right place n - 1.": one_too_far_in,
        "`np.quantile` reckons between two homes and leaves out the home to come. Near, but here the ends shall be positions of homes: sort, and count in.": lambda position: (
            np.quantile(position, 0.05),
            np.quantile(position, 0.95),
        ),
    },
    otherwise="Put the positions in order. Which one has as many below it as the question says? Python counts from 0.",
)
# %%
print("levels to use instead of 5 and 95 of 100:", [f"{100 * level:.1f}" for level in ends(too_sure)])
# %% [markdown]
# The too sure forecaster must be asked for much lower and much higher costs than he would have named. The package does just this for each kind of
# dwelling, smaller and larger homes apart (`fit_group_calibration`), and for each home with the homes of *other* folds.
# %% [predict]
# In the dearest quarter the calibrated interval holds: A: still fewer than 88  B: close to 90
# %%
calibrated = coverage_by_quarter(held_out["low_usd"], held_out["high_usd"])
both = pd.DataFrame({"same width for all": first, "calibrated by group": calibrated}).rename_axis("homes").reset_index()
bars = (
    alt.Chart(both.melt("homes", var_name="interval", value_name="inside"))
    .mark_point(filled=True, size=120)
    .encode(
        alt.X("inside", title="true costs inside [of 100]", scale=alt.Scale(domain=[80, 100])),
        alt.Y("homes", sort=None, title=None),
        alt.Color("interval"),
        alt.Shape("interval"),
    )
)
show((bars + alt.Chart().mark_rule(strokeDash=[4, 4]).encode(x=alt.datum(90))).properties(width=500, height=160))
# %% [markdown]
# With homes of a few hundred a quarter, a point or two either way is chance. On the survey of 2015, {cost_covered} of 100 true costs lie in their interval.
#
# ## The fuel nobody knows
#
# One more trap. A house is gas with probability 0.6. Its likelier self pays about 1,700 USD, its other self about 3,200 (resistance heat is dear). Many would
# answer for the likelier self. Below are five quantiles for either self (at 5, 25, 50, 75 and 95 of 100), as logarithms: that is how the model gives them.
# %%
as_gas = {"gas": np.log1p([[1450.0, 1600, 1700, 1800, 1980]])}
as_electric = {"electricity": np.log1p([[2800.0, 3050, 3200, 3350, 3620]])}
shares = {"gas": np.array([0.6]), "electricity": np.array([0.4])}
# %% [exercise] honest_ends
# What interval holds 90 of 100 of the costs that this home may have? Use `mixture_quantile(quantiles, shares, level)`,
# which takes the quantiles of both fuels in one dictionary (join two with `|`); its answer is an array of one home.
sure = {"gas": np.array([1.0])}
honest_ends = [float(mixture_quantile(as_gas, sure, level)[0]) for level in (0.05, 0.95)]
# %% [solution] honest_ends
honest_ends = [float(mixture_quantile(as_gas | as_electric, shares, level)[0]) for level in (0.05, 0.95)]
# %% [check] honest_ends
sure, electric = {"gas": np.array([1.0])}, {"electricity": np.array([1.0])}
exercise(
    right=[float(mixture_quantile(as_gas | as_electric, shares, level)[0]) for level in (0.05, 0.95)],
    within=1.0,
    wrong={
        "That answers for the likelier self alone: in four of ten such homes the family pays far more.": [
            float(mixture_quantile(as_gas, sure, level)[0]) for level in (0.05, 0.95)
        ],
        "That is the interval of the electric home alone.": [
            float(mixture_quantile(as_electric, electric, level)[0]) for level in (0.05, 0.95)
        ],
        "You have mixed the ends, as if the home were 0.6 of a gas home all year. It is one or the other: mix the probabilities.": [
            0.6 * float(mixture_quantile(as_gas, sure, level)[0])
            + 0.4 * float(mixture_quantile(as_electric, electric, level)[0])
            for level in (0.05, 0.95)
        ],
    },
    otherwise="The home has two possible selves, and nobody knows which it is. Tell `mixture_quantile` of both.",
)
# %%
print(
    f"Set aside between {honest_ends[0]:,.0f} and {honest_ends[1]:,.0f} USD. Whoever looks at the meter makes the interval far narrower."
)
# %% [markdown]
# Wide, and worth more than the narrow lie: it tells the clerk *what to ask next*. "Is there a gas meter?" costs a minute and makes the interval less than half as wide, whatever the answer is.
# %% [quiz]
quiz(
    "A colleague shows that 90.3 % of all costs lie in the 90 % intervals. Which question do you ask?",
    {
        "Held out? And so for cheap and dear homes alike?": "Yes. An average over everybody can hide a group that is let down, and homes that were trained on flatter.",
        "Can we get it to 99 %, to be on the safe side?": "Easily, by making intervals so wide that nobody can use them. Ask for what was promised.",
        "Is 90.3 significantly more than 90?": "It hardly matters: with some thousand homes 0.3 is chance, and nobody is hurt by it.",
    },
    right=0,
)
# %% [quiz]
quiz(
    "Why is the interval calibrated on homes the trees have not seen?",
    {
        "Because it is faster than growing the trees again.": "It is slower: the trees must be grown once more for each fold.",
        "Because its errors on homes it learned from are too small.": "Yes. A model is nearer to them than to others, and intervals made of such errors are too narrow.",
        "Because a home's own bill would leak into its interval.": "Its cost would, through the trees that were fitted to it; but the reason is that its error is then not that of a new home.",
    },
    right=1,
)
# %% [quiz]
quiz(
    "The forecast's middle is the median. Finance adds up the medians of all homes to a portfolio. What happens?",
    {
        "The sum is too low: costs have a long tail.": "Yes. The median lies below the mean; sums need means. The package forecasts portfolios by another road (`case_heating.model.forecast`).",
        "Nothing much: over many homes errors cancel.": "Errors to both sides would cancel. Here all medians lie on the same side of their means.",
        "The sum is too high: dear homes count twice.": "They count once, and by their median for less than their mean.",
    },
    right=0,
)
# %% [figures]
from case_heating.kept import take_cost

survey = real("recs2015")
judged = take_cost(survey).held_out  # at the same stage, on two halves; the main job has learned it already
said = naive_cost(judged, survey.trusted.value.tables["homes"].set_index("home_id").loc[judged.index])
figure("cost_mae_usd", value=(judged["total_usd"] - judged["true_usd"]).abs().mean(), digits=0)
figure("cost_naive_mae_usd", value=(said - judged["true_usd"]).abs().mean(), digits=0)
figure(
    "cost_covered",
    value=100 * coverage(judged["true_usd"], judged["low_usd"] - 0.005, judged["high_usd"] + 0.005),
    digits=1,
)
# %% [markdown]
# ## Recap
#
# - Beside every error stands the naive one. What a year costs is told only a little better than by the mean of the neighbours: say so.
# - An interval is judged by its coverage on held-out homes, **overall and by group**, and by its width.
# - Do not believe a model about its own sureness. Ask homes it has not seen, and move the ends (conformal calibration).
# - An unknown fuel is two possible futures. Mix probabilities, never the ends.
#
# ## Further reading
#
# A. Angelopoulos and S. Bates, *A Gentle Introduction to Conformal Prediction and Distribution-Free Uncertainty
# Quantification* (2021). Y. Romano, E. Patterson and E. Candès, *Conformalized Quantile Regression* (2019). V. Vovk, A. Gammerman and G. Shafer, *Algorithmic Learning in a
# Random World* (2005), chapter 4.
#
# ## In the package
#
# [`cost.py`](../../../case_heating/model/cost.py) fits the quantiles, [`cost_mixture.py`](../../../case_heating/model/cost_mixture.py) mixes fuels,
# [`cost_calibration.py`](../../../case_heating/model/cost_calibration.py) moves the ends and [`cost_held_out.py`](../../../case_heating/model/cost_held_out.py) judges. Try
# `heating cost h0000007`, and `heating cost` for the verdict on all homes.
