# ---
# number: "03"
# title: "More data: the ladder, and what the next source is worth"
# level: 0
# minutes: 75
# teaches:
#   - case_heating.model.ladder
#   - case_heating.model.held_out
#   - case_heating.features.stages
#   - case_heating.features.signature
#   - case_heating.features.change_point
# ---
# %% [markdown]
# # 03 · More data: the ladder, and what the next source is worth
#
# **You will be able to**
#
# - read the ladder: how right the answer gets with each source of data;
# - say whether a step is real or luck, from the homes that changed;
# - choose between a cleverer model, more labels and a better fact, before paying for any;
# - say what a source is worth in dollars, and why that depends on what you already have.
#
# **The story.** The model with part of the data is right for about three homes in four. Four people now stand at the
# data scientist's desk. A consultant offers to *tune the model*. The call centre offers to *ask more homes*. The county
# sells its *property record*: year built, size, rooms. And IT can export *all twelve bills* of a year in place of their
# sum, a month's work. Finance will pay for one of them, perhaps two.
# %%
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from case_heating.features.stages import FEATURE, FEATURES, STAGES
from case_heating.model.fuel import FuelParams
from case_heating.model.held_out import score_held_out, tune_params
from case_heating.model.split import by_home
from case_heating.people.plots import ladder_plot
from case_heating.people.review_costs import ReviewCosts
from case_heating.people.routing_findings import measure_routing
from course.desk import open_utility, real, show

# %%
utility = open_utility()
evidence, ladder = utility.evidence, utility.ladder.value
is_gas = evidence.is_gas
for stage, about in STAGES.items():
    print(f"{stage:12} {sum(fact.stage == stage for fact in FEATURES):2} facts: {about}")
# %% [markdown]
# These are the stages in the order in which a utility usually gets its data; a home at one of them is known by its
# facts and by all above. `monthly` is what lesson 01 did by hand for one home: a line through its bills against degree
# days, for every home at once (the *bill signature*).
# %% [predict]
# From `location` to `gas_bills` there are six steps. Which one adds most?
#
# A: billing, the first fact of the home's own. · B: property. · C: monthly. · D: gas_service, the meter.
# %%
show(ladder_plot(ladder, "Share of homes answered right, by what is known about them"))
# %% [markdown]
# All dots are of homes that their model had not seen. The long step is *monthly*. Nothing new was measured for it: the
# same kWh as in *billing*, not added up.
#
# **Exercise 1.** Work out the steps: what each stage adds in accuracy to the stage before it, a Series by stage. The
# first stage has none (missing).
# %%
table = ladder.table()[["accuracy", "auc", "naive_accuracy"]]
table.round(3)
# %% [exercise] steps
steps = table["accuracy"] - table["naive_accuracy"]
# %% [solution] steps
steps = table["accuracy"].diff()
# %% [check] steps
rungs = ladder.table()
exercise(
    right=rungs["accuracy"].diff(),
    within=0.0005,
    wrong={
        "That is the gain over the naive answer; the question is the gain over the stage before.": (
            rungs["accuracy"] - rungs["naive_accuracy"]
        ),
        "That is the gain over the first stage. Take each row less the row above it.": (
            rungs["accuracy"] - rungs["accuracy"].iloc[0]
        ),
        "That is the gain in AUC. Take `accuracy`.": rungs["auc"].diff(),
    },
    otherwise="Which two numbers of the table give the step of *weather*? Now do so for all rows at once.",
)
# %% [markdown]
# ## Is a step real?
#
# *Weather* added about a point. Would other homes say so too? Both models answered the **same** homes, and most homes
# got the same answer twice. What we know about the step lies in the homes that changed.
# %%
right_before = (ladder["billing"].probability >= 0.5) == is_gas
right_after = (ladder["weather"].probability >= 0.5) == is_gas
n_mended, n_spoilt = int((right_after & ~right_before).sum()), int((right_before & ~right_after).sum())
print(f"of {len(is_gas):,} homes {n_mended} were mended and {n_spoilt} spoilt")


# %% [predict]
# So many mended, so many spoilt. Is the step from `billing` to `weather` sure to be there on other homes of this
# utility?
#
# A: yes. · B: no. · C: it cannot be told.
# %% [markdown]
# Per home the change is −1 (spoilt), 0 or +1 (mended); the step is its mean. The standard error of a mean is the
# standard deviation divided by √n; a step of less than two standard errors may be luck.
#
# **Exercise 2.** What is the standard error of this step?
# %% [exercise] step_se
def se_of(right):
    return right.std() / np.sqrt(len(right))


step_se = np.sqrt(se_of(right_before) ** 2 + se_of(right_after) ** 2)  # errors of both, added up
# %% [solution] step_se
change = right_after.astype(float) - right_before.astype(float)
step_se = change.std() / np.sqrt(len(change))
# %% [check] step_se
home_change = right_after.astype(float) - right_before.astype(float)
n_homes = len(home_change)
exercise(
    right=float(home_change.std() / np.sqrt(n_homes)),
    within=0.0001,
    wrong={
        "They are the same homes, and most got the same answer twice: take each home's change first.": float(
            np.sqrt((right_before.var() + right_after.var()) / n_homes)
        ),
        "That is the spread of a single home. Divide by the square root of the number of homes.": float(
            home_change.std()
        ),
        "That counts mended and spoilt alike, and they pull in opposite directions: keep the sign.": float(
            np.abs(home_change).std() / np.sqrt(n_homes)
        ),
    },
    otherwise="One number for each home: mended, spoilt or as before. The step is their mean; its standard error comes of their spread.",
    then="Comparing on the same homes makes small steps visible; this one still is not two standard errors.",
)
# %% [markdown]
# The package does this with resampled homes (a *paired bootstrap*), for every step:
# %%
gains = {rung.stage: rung.step for rung in ladder.rungs if rung.step}
middle = np.array([gain.value for gain in gains.values()])
reach = [[gain.value - gain.low for gain in gains.values()], [gain.high - gain.value for gain in gains.values()]]
fig, ax = plt.subplots(figsize=(8, 2.4))
ax.errorbar(100 * middle, list(gains), xerr=100 * np.array(reach), fmt="o", color="tab:green")
ax.axvline(0, color="black", lw=1)
ax.set(xlabel="gain over the stage before, points of accuracy, with 95 % interval")
ax.invert_yaxis()
show(fig)
# %% [markdown]
# With as many homes as these, a step of a point cannot be told from nothing: C was the answer to give. That does not
# make weather useless: *monthly* cannot be worked out without it.
#
# ## The consultant, the call centre, IT
#
# **Tuning** first: four sets of parameters, the usual one among them, at stage *property*, the best by its own held-out
# homes.
# %%
usual, splits = FuelParams(), by_home(is_gas, folds=3, seed=0)


def known(*stages):  # the facts of these stages; those per square foot need the record
    names = [name for name in evidence.features if FEATURE[name].stage in stages]
    return evidence.features[[name for name in names if "property" in stages or "sqft" not in name]]


# %%
def chances(features, splits=splits, params=usual):
    return score_held_out(features, is_gas, splits, params, seed=0, threads=1).calibrated(is_gas)


def accuracy(probability):
    return float(((probability >= 0.5) == is_gas).mean())


# %%
record = known("location", "billing", "weather", "property")
tuned = tune_params(record, is_gas, by_home(is_gas, folds=3, seed=1), trials=4, seed=0, threads=1)
print(f"usual {accuracy(chances(record)):.3f}, tuned {accuracy(chances(record, params=tuned)):.3f}")
# %% [markdown]
# Nothing that could not be luck. Now **more labels** against **a better fact**: two models learn from 60, 120, 240 …
# labelled homes, one with the property record, the other with twelve bills in place of their sum.
# %% [predict]
# The bill signature learned from only 60 labelled homes; the property record learned from fifteen times as many. Which
# is right more often?
#
# A: the property record, by far. · B: about equal. · C: the signature.
# %%
sizes = [60, 120, 240, 480, len(splits[0][0])]
shuffled = [(np.random.default_rng(0).permutation(train), test) for train, test in splits]
curves = {
    "property record": record,
    "bill signature": known("location", "billing", "weather", "monthly"),
}
learned = {
    name: [accuracy(chances(features, [(train[:n], test) for train, test in shuffled])) for n in sizes]
    for name, features in curves.items()
}
# %%
ax = pd.DataFrame(learned, index=sizes).plot(marker="o", figsize=(7, 2.6), logx=True, ylim=(0.5, 1))
ax.set(xlabel="labelled homes learned from", ylabel="share answered right", xticks=sizes, xticklabels=sizes)
ax.minorticks_off()
show(ax)
# %% [markdown]
# One good fact is worth more than fifteen times the labels. On real homes it is the same: in the survey of 2015 a model
# that knows whether there is a gas meter is right for {recs2015_meter_100} with 100 labelled homes; one that knows
# everything short of it is right for {recs2015_property_all} with {recs2015_homes}. Four trials of tuning moved it by
# {recs2015_tuned}.
# %% [figures]
survey = real("recs2015").evidence
folds = by_home(survey.is_gas, folds=3, seed=0)


def survey_right(stages, splits, params=usual):
    facts = survey.features[[name for name in survey.features if FEATURE[name].stage in stages]]
    found = score_held_out(facts, survey.is_gas, splits, params, seed=0, threads=1).calibrated(survey.is_gas)
    return 100 * float(((found >= 0.5) == survey.is_gas).mean())


ladder_to = list(STAGES)[:4]
few = [(np.random.default_rng(0).permutation(train)[:100], test) for train, test in folds]
whole = survey_right(ladder_to, folds)
facts = survey.features[[name for name in survey.features if FEATURE[name].stage in ladder_to]]
best = tune_params(facts, survey.is_gas, by_home(survey.is_gas, folds=3, seed=1), trials=4, seed=0, threads=1)
figure("recs2015_homes", value=len(folds[0][0]), unit="labelled homes", within=1)
figure("recs2015_property_all", value=whole, unit="of 100")
figure("recs2015_meter_100", value=survey_right([*ladder_to, "gas_service"], few), unit="of 100", within=2)
figure("recs2015_tuned", value=abs(survey_right(ladder_to, folds, best) - whole), unit="points", digits=1, within=0.5)


# %% [markdown]
# ## What is it worth to us?
#
# Accuracy is not what finance pays with. Lesson 01 gave the prices: 120 and 80 USD for the two mistakes, 8 USD for a
# clerk who looks where the machine is not sure enough. Here is what all that costs per home, with what we have
# (location, billing, weather) and each bundle of further sources:
# %%
sources = ("property", "monthly", "gas_service")
bundles = [bundle for size in range(4) for bundle in combinations(sources, size)]


def usd_per_home(bundle):
    found = measure_routing(chances(known("location", "billing", "weather", *bundle)), is_gas, ReviewCosts())
    return found.total_usd / found.n_homes


usd = pd.Series({" + ".join(bundle) or "nothing more": usd_per_home(bundle) for bundle in bundles})
print("\n".join(usd.index), f"\n\nwith nothing more: {usd['nothing more']:.2f} USD a home")
# %% [predict]
# The property record adds about three points of accuracy to what we have. What is that worth, per home?
#
# A: about 3 USD. · B: about 1 USD. · C: less than 0.30 USD.
# %% [markdown]
# **Exercise 3.** What is the property record worth to the utility, in USD per home, beside what it has? `usd` holds
# what a home costs, by the bundle's name.
# %% [exercise] record_usd
record_usd = 0.03 * 100  # three more homes right of 100, at some 100 USD a mistake
# %% [solution] record_usd
record_usd = usd["nothing more"] - usd["property"]
# %% [check] record_usd
exercise(
    right=float(usd["nothing more"] - usd["property"]),
    within=0.01,
    wrong={
        "That holds if every answer is accepted. Doubtful homes go to a clerk, with the record too: see `usd`.": 3.0,
        "That is what a home costs with the record. What does it save?": float(usd["property"]),
        "The sign: worth is the cost without the record less the cost with it.": float(
            usd["property"] - usd["nothing more"]
        ),
    },
    otherwise="`usd` holds what a home costs with each bundle. Which two bundles differ by the record alone?",
)
# %% [markdown]
# Three points of accuracy, a few cents. The record makes a doubtful 70 into a doubtful 75: the clerk still looks. What
# saves money is to be **sure**, and that is what the signature does.
#
# ## In which order?
#
# Three sources are on offer, at a price per home:
# %%
price_usd = {"property": 0.40, "monthly": 0.80, "gas_service": 1.80}
pd.DataFrame({"worth alone": usd["nothing more"] - usd[list(price_usd)], "price": price_usd}).round(2)
# %% [predict]
# Two sources are worth more than they cost. Would you buy
#
# A: both. · B: only monthly. · C: only the gas meters.
# %%
data_usd = [sum(price_usd[source] for source in bundle) for bundle in bundles]
spent = pd.DataFrame({"mistakes and reviews": usd, "data": data_usd})
ax = spent.plot.barh(stacked=True, figsize=(8, 3), xlabel="USD a home", color=["tab:red", "tab:gray"])
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
show(ax)
# %% [markdown]
# **Exercise 4.** Which bundle should be bought so that mistakes, reviews and data together cost least? Give its name,
# as `spent` has it.
# %% [exercise] buy
buy = "monthly + gas_service"  # each is worth more than its price
# %% [solution] buy
buy = spent.sum(axis="columns").idxmin()
# %% [check] buy
exercise(
    right=str(spent.sum(axis="columns").idxmin()),
    wrong={
        "Each is worth its price alone, but both settle the same doubts: beside the other it is worth less.": (
            "monthly + gas_service"
        ),
        "Everything costs more than it saves: look at the longest bars.": "property + monthly + gas_service",
        "That saves the price of data and pays for it in reviews.": "nothing more",
        "The meter map alone saves less than the bills and costs more.": "gas_service",
    },
    otherwise="What does each bundle cost in all, mistakes, reviews and data together? `spent` has the parts.",
    then="A source has no worth of its own: it has a worth beside what is known already.",
)
# %% [quiz]
quiz(
    "A stage adds 0.4 points with a 95 % interval from −0.5 to 0.9. What do you write in the report?",
    {
        "The step cannot be told from nothing on these homes": "Right. Say as well how large it might be: 0.9 points.",
        "The stage is useless, and should not be bought": "No: the interval allows nearly a point, and another source may need it.",
        "It adds 0.4 points, most probably": "That hides that 0 is as good a guess.",
    },
    right="The step cannot be told from nothing on these homes",
)
# %% [quiz]
quiz(
    "Why did three points of accuracy save only cents?",
    {
        "Most homes stayed too doubtful to be accepted": "Right: a clerk looks, and is paid, before and after.",
        "Mistakes cost little beside a clerk's look": "No: 80 and 120 USD against 8 for a look.",
        "The model was not tuned to the new facts": "Tuning changed nothing that could be measured.",
    },
    right="Most homes stayed too doubtful to be accepted",
)
# %% [quiz]
quiz(
    "The gas-meter map was worth its price alone, and not after the bills. Why?",
    {
        "Both settle the same doubts": "Right: once the bills show heating, the meter seldom changes the answer.",
        "The map is wrong for some homes": "So it was when it was worth its price alone.",
        "The model can only use so many features": "No: trees leave out what does not help.",
    },
    right="Both settle the same doubts",
)
# %% [markdown]
# ## Recap
#
# - The data limit the answer, not the learner: look for the fact before the model, and for the fact before more labels.
# - Not adding up (twelve bills in place of a sum) was the largest step of all, and nothing new was measured for it.
# - Compare two models on the same homes; the homes that changed tell how sure the step is.
# - Worth is counted in money, beside what you have, in bundles; accuracy steps neither add up nor convert.
#
# **In the package:** every feature and its stage once, [`features/stages.py`](../../../case_heating/features/stages.py)
# · the bill signature, [`features/signature.py`](../../../case_heating/features/signature.py) · held-out scores and
# tuning, [`model/held_out.py`](../../../case_heating/model/held_out.py) · the ladder,
# [`model/ladder.py`](../../../case_heating/model/ladder.py), the first picture of every report.
#
# **Further reading:** A. Halevy, P. Norvig, F. Pereira, *The unreasonable effectiveness of data*, IEEE Intelligent
# Systems (2009) · B. Efron, R. Tibshirani, *An Introduction to the Bootstrap* (1993), on paired comparisons · R. A.
# Howard, *Information value theory*, IEEE Transactions on Systems Science and Cybernetics (1966), on what a fact is
# worth before you buy it.
